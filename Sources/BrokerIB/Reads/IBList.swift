internal import Core

/// A list of the gateway's, with what decides whether absence from it means anything.
struct IBList<Item: Sendable>: Sendable {
    var items: [Item]
    /// Why it may lack something; empty for a list that is whole.
    var problems: [String]
    /// On our clock, when it was asked for: what happened later may be in it or not.
    let takenAt: Instant
    /// When its end had come.
    let endedAt: Instant

    var isComplete: Bool { problems.isEmpty }

    /// A list that was cut off keeps what had come, and is never taken for an empty one.
    init(_ answer: IBAnswer, _ asked: ClosedRange<Instant>, item: (IBMessage) -> Item?) {
        self.init(answer.messages.compactMap(item), answer, asked)
    }

    init(_ items: [Item], _ answer: IBAnswer, _ asked: ClosedRange<Instant>) {
        self.items = items
        problems = answer.problems + (answer.failure.map { ["\($0)"] } ?? [])
        takenAt = asked.lowerBound
        endedAt = asked.upperBound
    }
}

/// An open order with what it is doing.
struct IBListedOrder: Sendable {
    let order: IBOpenOrder
    /// The last one of the list; `nil` if none came with it.
    var status: IBOrderStatus?
}

/// An execution with its costs.
struct IBCostedExecution: Hashable, Sendable {
    let execution: IBExecution
    /// `nil` while it has not come: an execution without its costs is one all the same.
    let commission: IBCommission?
}
