public import Core

/// How large a position should become. The target is rounded down to the lot and never exceeds its share of equity.
public enum PositionSizing: Hashable, Sendable {
    /// So many units, whatever they cost.
    case fixed(Quantity)
    /// A share of equity: `0.1` is 10 %.
    case percentOfEquity(Fraction)
    /// The share of equity at which the position alone would move equity by `annual` a year, at most `maxPercent`:
    /// `annual / (σ·√barsPerYear)` with σ the sample deviation of the last `lookback` one-bar returns.
    case volatilityTarget(annual: Fraction, maxPercent: Fraction, barsPerYear: Int, lookback: Int)

    /// A part of Kelly's share of equity, at most `maxPercent`. A bet that wins `payoff` times what it loses with probability p
    /// is worth the share `p − (1 − p) / payoff` (Kelly 1956). p is the weighted mean of the probabilities that the votes give to
    /// the action, beside that of the opposite: `p_buy / (p_buy + p_sell)` for a purchase; holding wins and loses nothing. The
    /// whole of it is right only if p is known exactly, which it never is: hence the part and the cap.
    case kelly(part: Fraction, payoff: Fraction, maxPercent: Fraction)

    /// `fixed`, `percent-of-equity`, `volatility-target`, `kelly`.
    public var name: String {
        switch self {
        case .fixed: "fixed"
        case .percentOfEquity: "percent-of-equity"
        case .volatilityTarget: "volatility-target"
        case .kelly: "kelly"
        }
    }

    /// Bars below which nothing is sized.
    public var barsNeeded: Int {
        switch self {
        case .fixed, .percentOfEquity, .kelly: 1
        case .volatilityTarget(_, _, _, let lookback): lookback + 1
        }
    }

    func validate() throws(DecisionError) {
        switch self {
        case .fixed(let quantity):
            guard quantity.isPositive else {
                throw .parameter(name: "position_sizing.quantity", value: "\(quantity)", allowed: "above 0")
            }
        case .percentOfEquity(let percent): try Self.share("position_sizing.percent", percent, through: 10)
        case .volatilityTarget(let annual, let maxPercent, let barsPerYear, let lookback):
            try Self.share("position_sizing.annual_volatility", annual, through: 10)
            try Self.share("position_sizing.max_percent", maxPercent, through: 10)
            guard (1...1_000_000).contains(barsPerYear) else {
                throw .parameter(
                    name: "position_sizing.bars_per_year", value: "\(barsPerYear)", allowed: "1 to 1000000")
            }
            guard (2...10_000).contains(lookback) else {
                throw .parameter(name: "position_sizing.lookback", value: "\(lookback)", allowed: "2 to 10000 bars")
            }
        case .kelly(let part, let payoff, let maxPercent):
            try Self.share("position_sizing.kelly_part", part, through: 1)
            try Self.share("position_sizing.payoff", payoff, through: 100)
            try Self.share("position_sizing.max_percent", maxPercent, through: 10)
        }
    }

    private static func share(_ name: String, _ value: Fraction, through top: Int) throws(DecisionError) {
        guard value.isPositive, value <= Fraction(top) else {
            throw .parameter(name: name, value: "\(value)", allowed: "above 0 and at most \(top)")
        }
    }

    var json: JSONValue {
        switch self {
        case .fixed(let quantity): ["method": .string(name), "quantity": JSONValue(quantity)]
        case .percentOfEquity(let percent): ["method": .string(name), "percent": JSONValue(percent)]
        case .volatilityTarget(let annual, let maxPercent, let barsPerYear, let lookback):
            [
                "method": .string(name), "annual_volatility": JSONValue(annual), "max_percent": JSONValue(maxPercent),
                "bars_per_year": .int(Int64(barsPerYear)), "lookback": .int(Int64(lookback)),
            ]
        case .kelly(let part, let payoff, let maxPercent):
            [
                "method": .string(name), "part": JSONValue(part), "payoff": JSONValue(payoff),
                "max_percent": JSONValue(maxPercent),
            ]
        }
    }

    init(_ reader: EvidenceReader) throws(DecisionError) {
        switch try reader.string("method") {
        case "fixed": self = .fixed(Quantity(try reader.decimal("quantity")))
        case "percent-of-equity": self = .percentOfEquity(Fraction(try reader.decimal("percent")))
        case "volatility-target":
            self = .volatilityTarget(
                annual: Fraction(try reader.decimal("annual_volatility")),
                maxPercent: Fraction(try reader.decimal("max_percent")), barsPerYear: try reader.int("bars_per_year"),
                lookback: try reader.int("lookback"))
        case "kelly":
            self = .kelly(
                part: Fraction(try reader.decimal("part")), payoff: Fraction(try reader.decimal("payoff")),
                maxPercent: Fraction(try reader.decimal("max_percent")))
        case let other: throw .evidence(path: reader.path, problem: "names the unknown method '\(other)'")
        }
    }
}

/// What sizing works with, for one symbol.
struct SizingBasis {
    let bars: [Bar]
    let lot: Quantity
    /// The highest price at which the order may be executed, as far as is known: positive.
    let price: Price
    let multiplier: FixedPoint
    /// In base currency.
    let equity: FixedPoint?
    /// Base units for one unit of the instrument's currency.
    let rate: FixedPoint?
    /// 0 to 1.
    var confidence: Double = 1
    /// That the action is right and not its opposite, 0 to 1; `nil` where the votes give neither a chance.
    var probability: Double?
    var rules = DecisionRules.current

    /// What Kelly's share is made of. The first rules had no other number than the confidence.
    fileprivate var chance: Double? {
        rules == .first ? (1 + min(max(confidence, 0), 1)) / 2 : probability.map { min(max($0, 0), 1) }
    }
}

enum SizingOutcome: Hashable {
    case sized(Quantity, share: Fraction?)
    /// A stable word: `no-equity`, `no-rate`, `warming-up`, `price-not-positive`, `below-one-lot`, `no-edge`,
    /// `no-volatility`, `not-calculable`.
    case unsized(String)
}

extension PositionSizing {
    /// The target quantity, without sign.
    func target(_ basis: SizingBasis) -> SizingOutcome {
        do {
            guard basis.price.isPositive else { return .unsized("price-not-positive") }
            switch self {
            case .fixed(let quantity): return try rounded(quantity.value, basis.lot, share: nil)
            case .percentOfEquity(let percent): return try quantity(worth: percent, basis)
            case .volatilityTarget(let annual, let maxPercent, let barsPerYear, let lookback):
                let closes = basis.bars.suffix(lookback + 1).map(\.close)
                guard closes.count == lookback + 1, let returns = Statistics.returns(closes),
                    let deviation = Statistics.deviation(returns)
                else { return .unsized("warming-up") }
                let yearly = deviation * Double(barsPerYear).squareRoot()
                guard yearly > 0 else {
                    // Prices that do not move at all are no safe ones.
                    return basis.rules == .first
                        ? try quantity(worth: maxPercent, basis) : .unsized("no-volatility")
                }
                let wished = annual.doubleValue / yearly
                guard wished < maxPercent.doubleValue else { return try quantity(worth: maxPercent, basis) }
                return try quantity(worth: min(Fraction(FixedPoint(nearest: wished)), maxPercent), basis)
            case .kelly(let part, let payoff, let maxPercent):
                guard let probability = basis.chance else { return .unsized("no-edge") }
                let share = probability - (1 - probability) / payoff.doubleValue
                guard share > 0 else { return .unsized("no-edge") }
                let wished = Fraction(try FixedPoint(nearest: share * part.doubleValue))
                return try quantity(worth: min(wished, maxPercent), basis)
            }
        } catch {
            return .unsized("not-calculable")
        }
    }

    /// The budget is rounded down and the price of a unit up, so the target never exceeds its share, not by a digit.
    private func quantity(worth share: Fraction, _ basis: SizingBasis) throws(ArithmeticError) -> SizingOutcome {
        guard let equity = basis.equity, equity.isPositive else { return .unsized("no-equity") }
        guard let rate = basis.rate else { return .unsized("no-rate") }
        let budget = try equity.multiplied(by: share.value, rounding: .down)
        let unit = try basis.price.value.multiplied(by: basis.multiplier, rounding: .up)
            .multiplied(by: rate, rounding: .up)
        return try rounded(try budget.divided(by: unit, rounding: .down), basis.lot, share: share)
    }

    private func rounded(
        _ quantity: FixedPoint, _ lot: Quantity, share: Fraction?
    ) throws(ArithmeticError) -> SizingOutcome {
        let whole = try quantity.rounded(toMultipleOf: lot.value, .down)
        return whole.isPositive ? .sized(Quantity(whole), share: share) : .unsized("below-one-lot")
    }
}
