public import Core

/// An agent as data: what the configuration says, and what is kept as evidence so that it can be made again.
public struct AgentSpec: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case smaCross(fast: Int, slow: Int)
        case momentum(lookback: Int, threshold: Fraction)
        case buyAndHold
        /// A program of somebody else's, whose vote stands in the input.
        case outside

        /// `sma-cross`, `momentum`, `buy-and-hold`, `outside`.
        public var name: String {
            switch self {
            case .smaCross: "sma-cross"
            case .momentum: "momentum"
            case .buyAndHold: "buy-and-hold"
            case .outside: "outside"
            }
        }
    }

    public let name: AgentName
    public let kind: Kind
    /// Its share in the aggregate, zero or more. Only the proportions matter.
    public let weight: Fraction

    /// The name defaults to that of the kind.
    public init(_ kind: Kind, name: AgentName? = nil, weight: Fraction = .one) throws(DecisionError) {
        self.kind = kind
        self.name = name ?? AgentName(kind.name)
        guard !weight.isNegative else {
            throw .parameter(name: "\(self.name).weight", value: "\(weight)", allowed: "0 or more")
        }
        self.weight = weight
        _ = try agent()
    }

    /// The agent itself.
    public func agent() throws(DecisionError) -> any Agent {
        switch kind {
        case .smaCross(let fast, let slow): try SMACrossAgent(name: name, fast: fast, slow: slow)
        case .momentum(let lookback, let threshold):
            try MomentumAgent(name: name, lookback: lookback, threshold: threshold)
        case .buyAndHold: BuyAndHoldAgent(name: name)
        case .outside: OutsideAgent(name: name)
        }
    }

    public var json: JSONValue {
        let head: JSONValue = ["name": JSONValue(name), "kind": .string(kind.name), "weight": JSONValue(weight)]
        switch kind {
        case .smaCross(let fast, let slow):
            return head.setting("fast", .int(Int64(fast))).setting("slow", .int(Int64(slow)))
        case .momentum(let lookback, let threshold):
            return head.setting("lookback", .int(Int64(lookback))).setting("threshold", JSONValue(threshold))
        case .buyAndHold, .outside: return head
        }
    }

    init(_ reader: EvidenceReader) throws(DecisionError) {
        let kind: Kind
        switch try reader.string("kind") {
        case "sma-cross": kind = .smaCross(fast: try reader.int("fast"), slow: try reader.int("slow"))
        case "momentum":
            kind = .momentum(lookback: try reader.int("lookback"), threshold: Fraction(try reader.decimal("threshold")))
        case "buy-and-hold": kind = .buyAndHold
        case "outside": kind = .outside
        case let other: throw .evidence(path: reader.path, problem: "names the unknown agent kind '\(other)'")
        }
        try self.init(
            kind, name: AgentName(try reader.string("name")), weight: Fraction(try reader.decimal("weight")))
    }
}
