import Core

/// What the votes on a symbol come to: an action, and what holds it back.
struct Wish {
    let action: Action
    /// Of the action, 0 to 1.
    let confidence: Double
    /// That the action is right and not its opposite, by the votes; `nil` for hold, and where they give neither a chance.
    let probability: Double?
    /// The strictest of all votes.
    let restraint: Restraint
    /// The position is closed or reduced because a restraint says so, not because the agents want it.
    let isRestraint: Bool

    static func action(_ signal: Double) -> Action { signal > 0 ? .buy : signal < 0 ? .sell : .hold }

    /// - Parameters:
    ///   - signal: the weighted mean of the signed confidences.
    ///   - odds: the weighted means of the probabilities of buying and of selling, in any unit.
    ///   - position: held at the broker; short is negative.
    ///   - minimum: the confidence below which what the agents want is not done.
    init(
        _ signal: Double, _ odds: (buy: Double, sell: Double), _ votes: [Vote], position: Quantity, minimum: Fraction
    ) {
        restraint = Restraint.strictest(of: votes)
        let wanted = Self.action(signal)
        let closing: Action = position.isPositive ? .sell : position.isNegative ? .buy : .hold
        // The agents' own exit closes the whole position, which is as strict as anything can be; but only where they are sure
        // enough of it. Else a restraint would be lost because they weakly agree with it.
        let isOwnExit = wanted == closing && abs(signal) >= minimum.doubleValue
        guard restraint.closes, closing != .hold, !isOwnExit else {
            (action, confidence, isRestraint) = (wanted, abs(signal), false)
            let both = odds.buy + odds.sell
            let own = wanted == .buy ? odds.buy : odds.sell
            probability = wanted == .hold || both <= 0 ? nil : own / both
            return
        }
        action = closing
        probability = nil
        confidence = votes.filter { $0.restraint.closes }.map { min(max($0.confidence, 0), 1) }.max() ?? 0
        isRestraint = true
    }
}
