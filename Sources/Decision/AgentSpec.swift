public import Core

/// An agent as data: what the configuration says, and what is kept as evidence so that it can be made again.
public struct AgentSpec: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case smaCross(fast: Int, slow: Int)
        case momentum(lookback: Int, threshold: Fraction)
        case buyAndHold
        /// A learned policy or a program of somebody else's, whose vote stands in the input.
        case outside
        /// A policy, or another agent, that a consultant looks over.
        indirect case hybrid(policy: AgentSpec, HybridSettings)
        /// A consultant that looks over what all others came to.
        case consultant(HybridSettings)
        /// Several agents that vote as one.
        indirect case ensemble(members: [AgentSpec], EnsembleRule)

        /// `sma-cross`, `momentum`, `buy-and-hold`, `outside`, `hybrid`, `consultant`, `ensemble`.
        public var name: String {
            switch self {
            case .smaCross: "sma-cross"
            case .momentum: "momentum"
            case .buyAndHold: "buy-and-hold"
            case .outside: "outside"
            case .hybrid: "hybrid"
            case .consultant: "consultant"
            case .ensemble: "ensemble"
            }
        }

        /// Whether it has a share in the aggregate.
        public var votes: Bool { if case .consultant = self { false } else { true } }

        /// Whether a consultant is listened to.
        public var isConsulted: Bool {
            switch self {
            case .hybrid, .consultant: true
            case .ensemble(let members, _): members.contains { $0.kind.isConsulted }
            case .smaCross, .momentum, .buyAndHold, .outside: false
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
        case .hybrid(let policy, let settings):
            HybridAgent(name: name, policy: try policy.agent(), settings: settings)
        case .consultant(let settings): try ConsultantAgent(name: name, settings: settings)
        case .ensemble(let members, let rule): try EnsembleAgent(name: name, members: members, rule: rule)
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
        case .hybrid(let policy, let settings):
            return head.setting("policy", policy.json).setting("hybrid", settings.json)
        case .consultant(let settings): return head.setting("hybrid", settings.json)
        case .ensemble(let members, let rule):
            return head.setting("rule", .string(rule.rawValue)).setting("members", .array(members.map(\.json)))
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
        case "hybrid":
            kind = .hybrid(
                policy: try AgentSpec(try reader.object("policy")),
                try HybridSettings(json: try reader.member("hybrid")))
        case "consultant": kind = .consultant(try HybridSettings(json: try reader.member("hybrid")))
        case "ensemble":
            var members: [AgentSpec] = []
            for member in try reader.objects("members") { members.append(try AgentSpec(member)) }
            kind = .ensemble(members: members, try reader.read("rule") { EnsembleRule(rawValue: $0) })
        case let other: throw .evidence(path: reader.path, problem: "names the unknown agent kind '\(other)'")
        }
        try self.init(
            kind, name: AgentName(try reader.string("name")), weight: Fraction(try reader.decimal("weight")))
    }
}
