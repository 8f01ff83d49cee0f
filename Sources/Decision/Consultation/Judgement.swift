import Core

/// What the protective rules make of an advice: the strictest restraint of all, and a sentence for each of them.
struct Judgement {
    private(set) var restraint = Restraint.none
    private var sentences: [String] = []

    var reasoning: String { sentences.joined(separator: "; ") }

    private mutating func add(_ restraint: Restraint, _ sentence: String) {
        self.restraint = self.restraint.stricter(restraint)
        sentences.append(sentence)
    }

    static func protective(_ input: HybridInput, _ settings: HybridSettings) -> Judgement {
        var judgement = Judgement()
        judgement.sentences.append("policy \(input.rl.action.rawValue)")
        if input.isHeld { judgement.add(.noEntry, "no entry: a delay asked for earlier is still running") }
        switch input.advice {
        case .noOpinion(let none):
            judgement.take(none, settings)
            if input.isMissing, settings.missing == .hold {
                judgement.add(.noEntry, "no entry: the last attempts to ask brought nothing")
            }
            if let standing = input.standing { judgement.takeStanding(standing, input, settings) }
        case .opinion(let opinion):
            judgement.takeCaution(opinion, settings)
            judgement.takeAction(opinion, input, settings)
        }
        return judgement
    }

    private mutating func take(_ none: NoOpinion, _ settings: HybridSettings) {
        switch (none.reason, settings.missing) {
        case (.notDue, _): sentences.append("the consultant was not due")
        case (_, .rl): sentences.append("no opinion (\(none.reason.rawValue)): the policy decides alone")
        case (_, .hold): add(.noEntry, "no entry: no opinion (\(none.reason.rawValue))")
        }
    }

    /// What was said at an earlier bar goes on holding entries back. What it closed or reduced then is closed: nothing more
    /// goes on its account.
    private mutating func takeStanding(_ opinion: Opinion, _ input: HybridInput, _ settings: HybridSettings) {
        var earlier = Judgement()
        earlier.takeCaution(opinion, settings, isStanding: true)
        earlier.takeAction(opinion, input, settings)
        let restraint: Restraint = earlier.restraint.closes ? .noEntry : earlier.restraint
        guard restraint != .none else { return }
        add(restraint, "the consultant's last word stands (\(earlier.reasoning))")
    }

    /// What counts in every mode, however sure the consultant is.
    private mutating func takeCaution(_ opinion: Opinion, _ settings: HybridSettings, isStanding: Bool = false) {
        if opinion.isVeto { add(.noEntry, "no entry: vetoed") }
        // How long a delay runs is counted from the bar at which it was asked for.
        if opinion.delayBars > 0, !isStanding { add(.noEntry, "no entry: delayed by \(opinion.delayBars) bars") }
        if opinion.riskScore >= settings.riskThreshold.doubleValue {
            add(.noEntry, "no entry: risk \(opinion.riskScore), the threshold is \(settings.riskThreshold)")
        }
        if opinion.sizeFactor < .one, opinion.action != .reduce {
            add(.shrink(opinion.sizeFactor), "entry sized by \(opinion.sizeFactor)")
        }
    }

    private mutating func takeAction(_ opinion: Opinion, _ input: HybridInput, _ settings: HybridSettings) {
        let isConvinced = settings.allowsOverride && opinion.confidence > settings.overrideThreshold.doubleValue
        let said = "consultant \(opinion.action.rawValue) with confidence \(opinion.confidence)"
        sentences.append(said)
        switch opinion.action {
        case .exit where isConvinced: add(.exit, "the position is closed")
        case .reduce where isConvinced:
            add(.reduce(keep: opinion.sizeFactor), "\(opinion.sizeFactor) of the position is kept")
        case .hold, .buy, .sell, .reduce, .exit: break
        }
        if settings.mode == .claudeOverride, isConvinced, opinion.action.opposes(input.position) {
            add(.exit, "the position is closed")
        }
        guard input.isEntry else { return }
        let agrees = opinion.action.rawValue == input.rl.action.rawValue
        switch settings.mode {
        case .sequential, .claudeOverride:
            if isConvinced, !agrees { add(.noEntry, "no entry: not what the consultant suggests") }
        case .ensemble: if !agrees { add(.noEntry, "no entry: not both want it") }
        case .weighted: takeScore(opinion, input.rl.action, settings)
        }
    }

    /// `s = (r + c·κ·d) / (r + c·κ)` with the weights r and c, the consultant's confidence κ, and d = 1 where the
    /// consultant wants the same, −1 for the opposite and 0 else. Below the original's threshold nothing is entered,
    /// above it the entry is sized by s.
    private mutating func takeScore(_ opinion: Opinion, _ action: Action, _ settings: HybridSettings) {
        let (policy, consultant) = (
            settings.rlWeight.doubleValue, settings.claudeWeight.doubleValue * opinion.confidence
        )
        let direction = Double(opinion.action.direction * (action == .buy ? 1 : -1))
        let total = policy + consultant
        let score = total > 0 ? (policy + consultant * direction) / total : 0
        guard score > Legacy.weightedThreshold, let factor = try? FixedPoint(nearest: score) else {
            return add(.noEntry, "no entry: weighted score \(score), needed is more than \(Legacy.weightedThreshold)")
        }
        if factor < .one { add(.shrink(Fraction(factor)), "entry sized by the weighted score \(Fraction(factor))") }
    }
}

extension SuggestedAction {
    /// 1 for buy, −1 for sell, 0 for the others.
    var direction: Int {
        switch self {
        case .buy: 1
        case .sell: -1
        case .hold, .reduce, .exit: 0
        }
    }

    func opposes(_ position: Quantity) -> Bool {
        switch self {
        case .buy: position.isNegative
        case .sell: position.isPositive
        case .hold, .reduce, .exit: false
        }
    }
}
