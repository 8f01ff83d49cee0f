public import Core

/// How the votes of a policy and the advice of a consultant become one decision.
public struct HybridSettings: Hashable, Sendable {
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// The policy decides, the consultant looks it over.
        case sequential
        /// Both are weighed: the more the consultant is for something else, the smaller the entry. The configuration may
        /// also call it `parallel`.
        case weighted
        /// Only what both want is entered.
        case ensemble
        /// Like sequential, and a suggestion against the position closes it.
        case claudeOverride = "claude_override"

        /// Reads the names of the configuration, `parallel` among them.
        public init?(configured name: String) {
            self.init(rawValue: name == "parallel" ? "weighted" : name)
        }
    }

    public enum Semantics: String, Hashable, Sendable, CaseIterable {
        /// The consultant can only take risk away.
        case protective
        /// As the existing system combined them, its faults included: the consultant can open and reverse positions.
        case legacy
    }

    /// What is done when the consultant was asked and has no opinion.
    public enum Missing: String, Hashable, Sendable, CaseIterable {
        /// The policy decides alone.
        case rl
        /// Nothing is entered. Exits go on: they need nobody's leave.
        case hold
    }

    public let mode: Mode
    public let semantics: Semantics
    /// Shares in the weighted mode, zero or more; only the proportion matters there. The legacy rule reads only the
    /// consultant's, as the original does.
    public let rlWeight: Fraction
    public let claudeWeight: Fraction
    /// Whether a suggested action above the threshold counts by itself: to stop an entry in the sequential mode and in
    /// `claude_override`, to reduce or close a position in all of them. Without it a veto, a delay, the risk score and
    /// the size factor still count.
    public let allowsOverride: Bool
    /// From this risk score on nothing is entered.
    public let riskThreshold: Fraction
    /// Above this confidence the suggested action counts.
    public let overrideThreshold: Fraction
    public let missing: Missing

    /// The defaults are those of the original's template.
    public init(
        mode: Mode = .sequential, semantics: Semantics = .protective, rlWeight: Fraction = Self.standardRLWeight,
        claudeWeight: Fraction = Self.standardClaudeWeight, allowsOverride: Bool = true,
        riskThreshold: Fraction = Self.standardThreshold, overrideThreshold: Fraction = Self.standardThreshold,
        missing: Missing = .rl
    ) throws(DecisionError) {
        try Self.share("rl_weight", rlWeight)
        try Self.share("claude_weight", claudeWeight)
        try Self.share("risk_threshold", riskThreshold)
        try Self.share("override_threshold", overrideThreshold)
        guard rlWeight.isPositive || claudeWeight.isPositive else {
            throw .parameter(name: "hybrid_agent.rl_weight", value: "0", allowed: "above 0 if claude_weight is 0")
        }
        guard semantics == .protective || mode != .claudeOverride else {
            throw .parameter(
                name: "hybrid_agent.semantics", value: "legacy",
                allowed: "protective with decision_mode claude_override, which the existing system never had")
        }
        self.mode = mode
        self.semantics = semantics
        self.rlWeight = rlWeight
        self.claudeWeight = claudeWeight
        self.allowsOverride = allowsOverride
        self.riskThreshold = riskThreshold
        self.overrideThreshold = overrideThreshold
        self.missing = missing
    }

    public static let standardRLWeight = Fraction(FixedPoint(int64Units: 70_000_000))
    public static let standardClaudeWeight = Fraction(FixedPoint(int64Units: 30_000_000))
    /// Of risk and of confidence alike.
    public static let standardThreshold = Fraction(FixedPoint(int64Units: 70_000_000))

    private static func share(_ name: String, _ value: Fraction) throws(DecisionError) {
        guard !value.isNegative, value <= .one else {
            throw .parameter(name: "hybrid_agent.\(name)", value: "\(value)", allowed: "0 to 1")
        }
    }

    public var json: JSONValue {
        [
            "decision_mode": .string(mode.rawValue), "semantics": .string(semantics.rawValue),
            "rl_weight": JSONValue(rlWeight), "claude_weight": JSONValue(claudeWeight),
            "enable_claude_override": .bool(allowsOverride), "risk_threshold": JSONValue(riskThreshold),
            "override_threshold": JSONValue(overrideThreshold), "missing_advice": .string(missing.rawValue),
        ]
    }

    /// Reads what ``json`` wrote.
    public init(json: JSONValue) throws(DecisionError) {
        let reader = try EvidenceReader(json, path: "hybrid")
        try self.init(
            mode: try reader.read("decision_mode") { Mode(configured: $0) },
            semantics: try reader.read("semantics") { Semantics(rawValue: $0) },
            rlWeight: Fraction(try reader.decimal("rl_weight")),
            claudeWeight: Fraction(try reader.decimal("claude_weight")),
            allowsOverride: try reader.bool("enable_claude_override"),
            riskThreshold: Fraction(try reader.decimal("risk_threshold")),
            overrideThreshold: Fraction(try reader.decimal("override_threshold")),
            missing: try reader.read("missing_advice") { Missing(rawValue: $0) })
    }
}
