public import Core

/// How orders meet the market unless something else is said.
public struct OrderDefaults: Hashable, Sendable {
    /// Offsets are shares of the reference price (the bar's close), zero or more.
    public enum Style: Hashable, Sendable {
        case market
        /// A buy that much below the close, a sale that much above, rounded to the tick on the passive side.
        case limit(offset: Fraction)
        /// A buy that much above the close, a sale that much below, rounded to the tick away from the close.
        case stop(offset: Fraction)

        /// `market`, `limit`, `stop`.
        public var name: String {
            switch self {
            case .market: "market"
            case .limit: "limit"
            case .stop: "stop"
            }
        }

        public var offset: Fraction? {
            switch self {
            case .market: nil
            case .limit(let offset), .stop(let offset): offset
            }
        }
    }

    public let entry: Style
    public let exit: Style
    public let timeInForce: TimeInForce

    /// Exits go to the market unless told otherwise: what must be closed should not wait for a price.
    public init(
        entry: Style = .market, exit: Style = .market, timeInForce: TimeInForce = .day
    ) throws(DecisionError) {
        for style in [entry, exit] {
            guard let offset = style.offset else { continue }
            guard !offset.isNegative, offset < .one else {
                throw .parameter(name: "orders.offset", value: "\(offset)", allowed: "0 to below 1")
            }
        }
        self.entry = entry
        self.exit = exit
        self.timeInForce = timeInForce
    }

    /// The order type at a reference price.
    static func type(
        _ style: Style, _ side: Side, reference: Price, ticks: TickRule
    ) throws(ArithmeticError) -> OrderType {
        switch style {
        case .market: return .market
        case .limit(let offset):
            let price = try moved(reference, by: offset, up: side == .sell)
            return .limit(try ticks.rounded(price, side == .buy ? .down : .up))
        case .stop(let offset):
            let price = try moved(reference, by: offset, up: side == .buy)
            return .stop(try ticks.rounded(price, side == .buy ? .up : .down))
        }
    }

    private static func moved(_ price: Price, by offset: Fraction, up: Bool) throws(ArithmeticError) -> Price {
        let distance = Price(try price.value.magnitude.multiplied(by: offset.value, rounding: .halfEven))
        return up ? try price + distance : try price - distance
    }

    var json: JSONValue {
        [
            "entry": Self.json(entry), "exit": Self.json(exit), "time_in_force": .string(timeInForce.rawValue),
        ]
    }

    private static func json(_ style: Style) -> JSONValue {
        ["type": .string(style.name), "offset": JSONValue(style.offset)]
    }

    init(_ reader: EvidenceReader) throws(DecisionError) {
        try self.init(
            entry: try Self.style(try reader.object("entry")), exit: try Self.style(try reader.object("exit")),
            timeInForce: try reader.read("time_in_force") { TimeInForce(rawValue: $0) })
    }

    private static func style(_ reader: EvidenceReader) throws(DecisionError) -> Style {
        switch try reader.string("type") {
        case "market": return .market
        case "limit": return .limit(offset: Fraction(try reader.decimal("offset")))
        case "stop": return .stop(offset: Fraction(try reader.decimal("offset")))
        case let other: throw .evidence(path: reader.path, problem: "names the unknown order type '\(other)'")
        }
    }
}
