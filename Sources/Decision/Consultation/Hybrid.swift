public import Core

/// What a policy's vote and a consultant's advice came to.
public struct HybridOutcome: Hashable, Sendable {
    /// Buy and sell mean what they mean in a vote: against the position they close it, else they enter.
    public let action: Action
    /// What is left of the policy's own wish: hold where an entry was stopped, and where the consultant alone closes or reduces
    /// the position. Under the legacy semantics the action itself.
    public let countedAction: Action
    /// Of the action; 0 for hold. For what the policy wanted it is never more than the policy's own.
    public let confidence: Double
    /// How the consultant held the policy back; `nil` under the legacy semantics, which know no restraint.
    public let restraint: Restraint?
    /// What to multiply the target of an entry with.
    public let sizeFactor: Fraction
    /// What share of the position an exit leaves: zero closes it.
    public let keep: Fraction
    /// `decision_info` of the decision, in full.
    public let info: JSONValue
}

/// What the combination is made of, for one symbol at one bar.
public struct HybridInput: Hashable, Sendable {
    public let rl: Vote
    public let advice: Advice
    /// Held at the broker; short is negative.
    public let position: Quantity
    /// Whether the consultant asked earlier for a delay that is still running.
    public let isHeld: Bool
    /// What the consultant said last, where nothing was said for this bar.
    public let standing: Opinion?
    /// Whether the last attempts to ask have brought nothing.
    public let isMissing: Bool

    public init(
        rl: Vote, advice: Advice, position: Quantity, isHeld: Bool = false, standing: Opinion? = nil,
        isMissing: Bool = false
    ) {
        self.rl = rl
        self.advice = advice
        self.position = position
        self.isHeld = isHeld
        self.standing = standing
        self.isMissing = isMissing
    }

    init(_ wanted: Vote, _ view: MarketView) {
        let consulted = view.consultation ?? ConsultedAdvice(.noOpinion(.notDue, "nobody was asked for this decision"))
        self.init(
            rl: wanted, advice: consulted.advice, position: view.positionQuantity, isHeld: consulted.isHeld,
            standing: consulted.standing, isMissing: consulted.isMissing)
    }

    /// Whether the policy wants to open or enlarge a position.
    var isEntry: Bool {
        switch rl.action {
        case .hold: false
        case .buy: !position.isNegative
        case .sell: !position.isPositive
        }
    }

    /// Not-a-number and what is out of range count as the nearest sound value.
    var rlConfidence: Double { rl.confidence.isNaN ? 0 : min(max(rl.confidence, 0), 1) }
}

/// The rule that combines a policy with a consultant. A pure function.
public enum Hybrid {
    public static func combine(_ input: HybridInput, _ settings: HybridSettings) -> HybridOutcome {
        switch (settings.semantics, input.advice) {
        case (.legacy, .opinion(let opinion)):
            let analysis = LegacyAnalysis(opinion, riskThreshold: settings.riskThreshold)
            let action = Legacy.action(rl: input.rl.action, analysis, settings)
            return legacyOutcome(input, settings, analysis, action)
        case (.protective, .opinion), (_, .noOpinion):
            let judgement = Judgement.protective(input, settings)
            return outcome(input, settings, judgement)
        }
    }

    private static func outcome(
        _ input: HybridInput, _ settings: HybridSettings, _ judgement: Judgement
    ) -> HybridOutcome {
        let restraint = judgement.restraint.settled
        let isExit = input.rl.action != .hold && !input.isEntry
        let closing: Action = input.position.isPositive ? .sell : input.position.isNegative ? .buy : .hold
        var (action, confidence) = (input.rl.action, input.rlConfidence)
        var (sizeFactor, keep) = (Fraction.one, Fraction.zero)
        // The policy's own exit stands, whatever is said: it closes the whole position.
        if !isExit {
            switch restraint {
            case .none: break
            case .shrink(let factor): if input.isEntry { sizeFactor = factor }
            case .noEntry: action = .hold
            case .reduce(let share):
                action = closing
                keep = share
            case .exit: action = closing
            }
            if action != input.rl.action { confidence = input.advice.opinion?.confidence ?? 0 }
        }
        if action == .hold { confidence = 0 }
        return HybridOutcome(
            action: action, countedAction: action == input.rl.action ? action : .hold, confidence: confidence,
            restraint: restraint, sizeFactor: sizeFactor, keep: keep,
            info: DecisionInfo.json(
                input, settings, action, claudeAction: input.advice.opinion.map { Legacy.action($0.action.rawValue) },
                reasoning: judgement.reasoning,
                restraint: [
                    "restraint": .string(restraint.name), "size_factor": JSONValue(sizeFactor),
                    "keep": JSONValue(keep),
                ]))
    }

    private static func legacyOutcome(
        _ input: HybridInput, _ settings: HybridSettings, _ analysis: LegacyAnalysis, _ action: Action
    ) -> HybridOutcome {
        let claude = Legacy.action(analysis.suggestedAction)
        let ofClaude = action == claude && action != input.rl.action
        let confidence = action == .hold ? 0 : ofClaude ? analysis.confidence : input.rlConfidence
        let reasoning =
            "legacy \(settings.mode.rawValue): policy \(input.rl.action.rawValue), consultant \(claude.rawValue) with "
            + "confidence \(analysis.confidence) at risk level \(analysis.riskLevel)"
        return HybridOutcome(
            action: action, countedAction: action, confidence: confidence, restraint: nil, sizeFactor: .one,
            keep: .zero,
            info: DecisionInfo.json(
                input, settings, action, claudeAction: claude, reasoning: reasoning, restraint: [:]))
    }
}

/// `decision_info`: the members of the existing system, and what is new behind them.
enum DecisionInfo {
    static func json(
        _ input: HybridInput, _ settings: HybridSettings, _ action: Action, claudeAction: Action?, reasoning: String,
        restraint: JSONValue
    ) -> JSONValue {
        var info: JSONValue = [
            "rl_action": .string(input.rl.action.rawValue), "claude_consulted": .bool(isConsulted(input.advice)),
            "final_action": .string(action.rawValue), "decision_mode": .string(settings.mode.rawValue),
            "reasoning": .string(reasoning),
        ]
        switch input.advice {
        case .opinion(let opinion):
            info = info.setting("claude_analysis", opinion.json)
            info = info.setting("claude_action", JSONValue(claudeAction.map(\.rawValue)))
        case .noOpinion(let none) where none.reason != .notDue:
            info = info.setting(
                "claude_error", ["reason": .string(none.reason.rawValue), "message": .string(none.message)])
        case .noOpinion: break
        }
        if input.advice.opinion == nil, let standing = input.standing {
            info = info.setting("claude_standing", standing.json)
        }
        info = info.setting("rl_confidence", .double(input.rlConfidence))
        info = info.setting("position", JSONValue(input.position))
        info = info.setting("settings", settings.json)
        guard case .object(let members) = restraint else { return info }
        return members.reduce(info) { $0.setting($1.key, $1.value) }
    }

    private static func isConsulted(_ advice: Advice) -> Bool {
        switch advice {
        case .opinion: true
        case .noOpinion(let none): none.reason.wasAsked
        }
    }
}
