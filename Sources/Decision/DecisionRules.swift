/// By which rules an input is decided on. A change that lets equal inputs come out otherwise gets a number of its own, so that a
/// decision of before is still made again to the byte.
public enum DecisionRules: Int, Hashable, Sendable, CaseIterable {
    /// Of documents without a number. The limits on entries know only what is decided in the same run.
    case first = 1
    /// - The limits on entries count ``Commitments``: all that is held, on its way and proposed, whoever decided it. What cannot
    ///   be compared with a holding goes together with it.
    /// - An exit, and a target that is met, take back the orders of ours that would open again what they close.
    /// - The target of a proposal is no further from zero than the sizing lets an entry go.
    /// - What an exit leaves because it is less than a lot is said.
    /// - Kelly's probability is that of the votes, not one made of the confidence; a volatility of zero sizes nothing.
    case second = 2

    public static let current = DecisionRules.second
}
