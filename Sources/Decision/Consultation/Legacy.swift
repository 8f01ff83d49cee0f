import Core

/// What the existing system's analyser said, in its own words.
public struct LegacyAnalysis: Hashable, Sendable {
    /// Free text in any case: `buy`, `accumulate`, `close`, …
    public let suggestedAction: String
    /// `low`, `medium`, `high`, or whatever else it said.
    public let riskLevel: String
    public let confidence: Double

    public init(suggestedAction: String, riskLevel: String, confidence: Double) {
        self.suggestedAction = suggestedAction
        self.riskLevel = riskLevel
        self.confidence = confidence
    }

    /// An opinion in those words. The risk is high from the threshold on and medium from half of it on.
    init(_ opinion: Opinion, riskThreshold: Fraction) {
        let threshold = riskThreshold.doubleValue
        let level =
            opinion.riskScore >= threshold ? "high" : opinion.riskScore >= threshold / 2 ? "medium" : "low"
        self.init(suggestedAction: opinion.action.rawValue, riskLevel: level, confidence: opinion.confidence)
    }
}

/// The combination of the existing system, faults included (facts, section 7): `reduce` and `exit` mean *sell*, only a
/// risk level of exactly `high` counts, and a confident consultant opens and reverses positions.
public enum Legacy {
    /// Of the weighted score.
    static let weightedThreshold = 0.3

    /// What the original's table makes of a suggested action; what it does not know is a hold.
    public static func action(_ suggested: String) -> Action {
        switch suggested.lowercased() {
        case "buy", "long", "accumulate": .buy
        case "sell", "short", "reduce", "exit": .sell
        default: .hold
        }
    }

    /// The final action. `claude_override` did not exist then: ``HybridSettings`` refuses it.
    public static func action(rl: Action, _ analysis: LegacyAnalysis, _ settings: HybridSettings) -> Action {
        let claude = action(analysis.suggestedAction)
        switch settings.mode {
        case .weighted:
            let weight = settings.claudeWeight.doubleValue * analysis.confidence
            let score = (1 - weight) * value(rl) + weight * value(claude)
            return score > weightedThreshold ? .buy : score < -weightedThreshold ? .sell : .hold
        case .sequential, .claudeOverride:
            let isOpposed = rl != .hold && claude != .hold && rl != claude
            if analysis.riskLevel == "high", settings.allowsOverride, isOpposed { return .hold }
            let isConvinced = analysis.confidence > settings.overrideThreshold.doubleValue
            return isConvinced && settings.allowsOverride ? claude : rl
        case .ensemble: return rl == claude ? rl : .hold
        }
    }

    private static func value(_ action: Action) -> Double {
        switch action {
        case .hold: 0
        case .buy: 1
        case .sell: -1
        }
    }
}
