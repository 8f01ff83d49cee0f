/// A split or a dividend: what changes the meaning of a share from the session of its ex-date on.
///
/// It takes effect before anything trades on that day. Amounts are in the currency the instrument trades in.
public struct CorporateAction: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// `new` shares for `old` ones, both positive: 10 and 1 divide the price by ten, 1 and 10 multiply it.
        case split(new: Int, old: Int)
        /// Cash per share as it trades from the ex-date on; `taxRate` is withheld from what is received. The tax does
        /// not touch prices: a share falls by what the company pays.
        case dividend(perShare: FixedPoint, taxRate: Fraction)
    }

    public let symbol: Symbol
    /// The first local day on which a buyer no longer has a claim to it.
    public let exDate: CivilDate
    public let kind: Kind

    public init(symbol: Symbol, exDate: CivilDate, kind: Kind) {
        self.symbol = symbol
        self.exDate = exDate
        self.kind = kind
    }

    public var isSplit: Bool {
        switch kind {
        case .split: true
        case .dividend: false
        }
    }

    /// The same action has the same id wherever it was read, so that it is applied once, however often it is configured.
    public var id: String {
        switch kind {
        case .split(let new, let old): "\(symbol)|\(exDate)|split|\(new):\(old)"
        case .dividend(let perShare, _): "\(symbol)|\(exDate)|dividend|\(perShare)"
        }
    }

    /// Why this action cannot be applied; `nil` if it can.
    public var fault: String? {
        switch kind {
        case .split(let new, let old):
            new > 0 && old > 0 ? nil : "a split of \(new) new shares for \(old) old ones"
        case .dividend(let perShare, let taxRate):
            if !perShare.isPositive {
                "a dividend of \(perShare) a share"
            } else if taxRate.isNegative || taxRate > .one {
                "a tax rate of \(taxRate)"
            } else {
                nil
            }
        }
    }

    /// For people: `NVDA 2024-06-10 split 10:1`, `SPY 2024-06-21 dividend 1.759024`.
    public var description: String {
        switch kind {
        case .split(let new, let old): "\(symbol) \(exDate) split \(new):\(old)"
        case .dividend(let perShare, _): "\(symbol) \(exDate) dividend \(perShare)"
        }
    }
}

extension CorporateAction: CustomStringConvertible {}
