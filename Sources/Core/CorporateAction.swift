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

    /// The action of such an ``id``; `nil` if it is none. A dividend's tax rate is not part of it.
    public init?(id: String) {
        let parts = id.split(separator: "|").map(String.init)
        guard parts.count == 4, let exDate = CivilDate(iso: parts[1]) else { return nil }
        let ratio = parts[3].split(separator: ":").compactMap { Int($0) }
        switch parts[2] {
        case "split" where ratio.count == 2:
            self.init(symbol: Symbol(parts[0]), exDate: exDate, new: ratio[0], old: ratio[1])
        case "dividend":
            guard let perShare = try? FixedPoint(parts[3]) else { return nil }
            self.init(symbol: Symbol(parts[0]), exDate: exDate, kind: .dividend(perShare: perShare, taxRate: .zero))
        default: return nil
        }
    }

    private init(symbol: Symbol, exDate: CivilDate, new: Int, old: Int) {
        self.init(symbol: symbol, exDate: exDate, kind: .split(new: new, old: old))
    }

    /// Whether both tell of one event, perhaps with another day or ratio: no share is split twice within a few weeks, while
    /// brokers book splits days late and files are corrected. Dividends of one day are one.
    public func isSameEvent(as other: CorporateAction) -> Bool {
        guard symbol == other.symbol, isSplit == other.isSplit else { return false }
        let days = abs(exDate.daysSinceEpoch - other.exDate.daysSinceEpoch)
        return isSplit ? days <= Self.sameSplitDays : days == 0
    }

    public static let sameSplitDays = 20

    /// What takes a split back; a dividend is its own.
    public var inverse: CorporateAction {
        guard case .split(let new, let old) = kind else { return self }
        return CorporateAction(symbol: symbol, exDate: exDate, kind: .split(new: old, old: new))
    }

    /// The one split that several come to together, in lowest terms; `nil` where that is none, or out of all measure.
    public static func whole(_ actions: [CorporateAction]) -> Kind? {
        var (new, old) = (1, 1)
        for action in actions {
            guard case .split(let more, let less) = action.kind, more > 0, less > 0 else { continue }
            let (above, below) = (new.multipliedReportingOverflow(by: more), old.multipliedReportingOverflow(by: less))
            guard !above.overflow, !below.overflow else { return nil }
            (new, old) = lowestTerms(above.partialValue, below.partialValue)
        }
        return new == old ? nil : .split(new: new, old: old)
    }

    private static func lowestTerms(_ new: Int, _ old: Int) -> (Int, Int) {
        var (larger, smaller) = (new, old)
        while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
        return (new / larger, old / larger)
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
