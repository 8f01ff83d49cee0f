public import Core

/// How far cash may differ from a broker's that tells the costs of no single execution: fee and tax of each may have been
/// rounded another way than ours.
///
/// Each execution allows for two minor units of the currency, ``mostExecutions`` of them at most, so that a wrong rate shows.
/// And since the two sides last agreed only the executions of since then do: a fee, an interest payment or a transfer that
/// comes of a sudden shows at once, however many executions there were before.
public struct ReckonedCosts: Hashable, Sendable {
    /// What was between the two when they last agreed.
    public struct Agreement: Hashable, Sendable {
        /// Ours less theirs.
        public let difference: FixedPoint
        /// As many executions had been booked.
        public let executions: Int

        public init(difference: FixedPoint, executions: Int) {
            self.difference = difference
            self.executions = executions
        }
    }

    public static let mostExecutions = 1000

    /// Booked in the currency, all told.
    public let executions: Int
    /// `nil` before the first agreement.
    public let agreed: Agreement?

    public init(executions: Int, agreed: Agreement? = nil) {
        self.executions = executions
        self.agreed = agreed
    }

    /// In minor units. One is always allowed for, since brokers round statements. An execution that was taken back counts like
    /// one that came: what was rounded of it is gone.
    static func units(_ executions: Int) -> Int { 1 + 2 * min(abs(executions), mostExecutions) }
}
