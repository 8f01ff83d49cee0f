/// What a request waits for.
enum IBQuestion: Hashable, Sendable {
    case contractDetails(Int64)
    case historicalData(Int64)
    case executions(Int64)
    case accountSummary(Int64)
    // Without an id: one of each at a time.
    case openOrders, completedOrders, positions, nextOrderID

    /// As IB calls the request.
    var request: String {
        switch self {
        case .contractDetails: "reqContractDetails"
        case .historicalData: "reqHistoricalData"
        case .executions: "reqExecutions"
        case .accountSummary: "reqAccountSummary"
        case .openOrders: "reqAllOpenOrders"
        case .completedOrders: "reqCompletedOrders"
        case .positions: "reqPositions"
        case .nextOrderID: "reqIds"
        }
    }

    var id: Int64? {
        switch self {
        case .contractDetails(let id), .historicalData(let id), .executions(let id), .accountSummary(let id): id
        case .openOrders, .completedOrders, .positions, .nextOrderID: nil
        }
    }

    var urgency: OutgoingQueue.Urgency {
        switch self {
        case .historicalData: .data
        case .contractDetails, .executions, .accountSummary, .openOrders, .completedOrders, .positions, .nextOrderID:
            .inquiry
        }
    }

    /// Whether absence from the answer means something: only while the gateway has IB's servers.
    var isOfAccount: Bool {
        switch self {
        case .executions, .accountSummary, .openOrders, .completedOrders, .positions: true
        case .contractDetails, .historicalData, .nextOrderID: false
        }
    }

    /// The numbers of the messages that the answer is made of, but its end.
    var parts: Set<Int64> {
        let numbers: [AnswerNumber] =
            switch self {
            case .contractDetails: [.contractDetails]
            case .historicalData: [.historicalData]
            case .executions: [.execution, .commission]
            case .accountSummary: [.accountSummary]
            case .openOrders: [.openOrder, .orderStatus]
            case .completedOrders: [.completedOrder]
            case .positions: [.position]
            case .nextOrderID: [.nextValidID]
            }
        return Set(numbers.map(\.rawValue))
    }
}

/// What came back for a question.
struct IBAnswer: Sendable {
    var messages: [IBMessage] = []
    /// Why the messages may not be all there are.
    var problems: [String] = []
    /// Why it did not come to its end; `nil` for one that did.
    var failure: IBFailure?

    /// Whether absence from the messages means something.
    var isComplete: Bool { failure == nil && problems.isEmpty }

    /// For answers of which a part is worth nothing.
    func whole() throws(IBFailure) -> [IBMessage] {
        if let failure { throw failure }
        return messages
    }
}

/// Puts the gateway's messages to the requests that wait for them. No socket and no clock; every answer has a bound and a
/// deadline.
///
/// Lists without an id of their own have one trap: an end may be that of a list which was given up, or that the gateway sent
/// unasked, and must not be taken for the end of the one that is asked for. Such ends are owed. The first end that comes while
/// one is owed ends nothing, and the list is asked for once more: whichever of the two it was, the next end comes after a whole
/// list. So a list whose end was lost blocks none, and a late end ends none too early.
struct IBCorrelator {
    private struct Waiting {
        var answer = IBAnswer()
        let limit: Int
        let asked: Duration
        let deadline: Duration
        var wasSent = false
        /// Ends that have come and were owed; as often it was asked for again.
        var passed = 0
    }

    /// An end that is so late does not come any more.
    private static let owedTime = Duration.seconds(120)
    /// Of one kind; more are lost than late.
    private static let owedLimit = 4

    typealias Finished = (question: IBQuestion, answer: IBAnswer)

    private var waiting: [IBQuestion: Waiting] = [:]
    /// Since when ends are owed, the oldest first.
    private var owedEnds: [IBQuestion: [Duration]] = [:]
    private var repeats: [IBQuestion] = []

    func isWaiting(_ question: IBQuestion) -> Bool { waiting[question] != nil }

    mutating func ask(
        _ question: IBQuestion, limit: Int, at now: Duration, within time: Duration, hasLink: Bool
    ) {
        owedEnds[question]?.removeAll { now - $0 >= Self.owedTime }
        waiting[question] = Waiting(limit: limit, asked: now, deadline: now + time)
        if !hasLink { distrust(question) }
    }

    /// A new connection: the gateway may show this client's orders, and an end to them, before anybody has asked.
    mutating func opened(at now: Duration) { owedEnds = [.openOrders: [now]] }

    /// The questions that are to be sent once more, each as often as it is named.
    mutating func takeRepeats() -> [IBQuestion] {
        defer { repeats = [] }
        return repeats
    }

    /// The request is being written: from here on nobody can say that it did not arrive.
    mutating func sent(_ question: IBQuestion) { waiting[question]?.wasSent = true }

    // MARK: Messages

    /// - Returns: The questions that are answered by it, and whether the message was an answer and nothing else.
    mutating func received(_ message: IBMessage) -> (finished: [Finished], isTaken: Bool) {
        switch message {
        case .contractDetails(let details): return add(message, to: .contractDetails(details.requestID))
        case .contractDetailsEnd(let end): return (self.end(.contractDetails(end.requestID)), true)
        case .historicalData(let data):
            let added = add(message, to: .historicalData(data.requestID))
            return (added.finished + end(.historicalData(data.requestID)), added.isTaken)
        case .execution(let execution):
            guard let id = execution.requestID else { return ([], false) }
            return add(message, to: .executions(id))
        case .executionsEnd(let end): return (self.end(.executions(end.requestID)), true)
        case .accountSummary(let row): return add(message, to: .accountSummary(row.requestID))
        case .accountSummaryEnd(let end): return (self.end(.accountSummary(end.requestID)), true)
        // A list and the news of an order look alike, so these are news too.
        case .openOrder, .orderStatus: return (add(message, to: .openOrders).finished, false)
        case .openOrderEnd: return (end(.openOrders), true)
        case .completedOrder: return add(message, to: .completedOrders)
        case .completedOrdersEnd: return (end(.completedOrders), true)
        case .position: return add(message, to: .positions)
        case .positionEnd: return (end(.positions), true)
        case .nextValidID:
            let added = add(message, to: .nextOrderID)
            return (added.finished + end(.nextOrderID), added.isTaken)
        case .error(let notice): return refused(notice)
        case .tickPrice, .tickSize, .tickGeneric, .tickString, .tickOption, .tickParameters, .tickSnapshotEnd,
            .marketDataType, .realTimeBar, .historicalDataUpdate, .managedAccounts, .currentTime, .accountValue,
            .portfolioValue, .accountUpdateTime, .accountDownloadEnd, .profitAndLoss, .singleProfitAndLoss,
            .commission,
            .orderBound, .unknown:
            return ([], false)
        }
    }

    private mutating func add(
        _ message: IBMessage, to question: IBQuestion
    ) -> (finished: [Finished], isTaken: Bool) {
        guard let waiter = waiting[question] else { return ([], false) }
        guard waiter.answer.messages.count < waiter.limit else {
            return (giveUp(question, .tooMuch(request: question.request, limit: waiter.limit)), true)
        }
        waiting[question]?.answer.messages.append(message)
        return ([], true)
    }

    private mutating func end(_ question: IBQuestion) -> [Finished] {
        if owedEnds[question]?.isEmpty == false {
            owedEnds[question]?.removeFirst()
            guard let waiter = waiting[question] else { return [] }
            // What was collected so far may be of the list before.
            waiting[question]?.answer.messages = []
            // Before the request was written the end cannot have been its own.
            guard waiter.wasSent else { return [] }
            waiting[question]?.passed += 1
            repeats.append(question)
            return []
        }
        guard let waiter = waiting.removeValue(forKey: question) else { return [] }
        owe(question, waiter.passed, since: waiter.asked)
        return [(question, waiter.answer)]
    }

    private mutating func owe(_ question: IBQuestion, _ count: Int, since now: Duration) {
        guard count > 0 else { return }
        owedEnds[question, default: []] += Array(repeating: now, count: count)
        owedEnds[question] = owedEnds[question]?.suffix(Self.owedLimit)
    }

    /// An error frame: of a question's own id, or the refusal that a read-only gateway gives to lists of orders, which has none.
    private mutating func refused(_ notice: IBErrorNotice) -> (finished: [Finished], isTaken: Bool) {
        guard let id = notice.id else {
            guard IBReaction.isReadOnly(notice) else { return ([], false) }
            let lists = [IBQuestion.openOrders, .completedOrders].filter { waiting[$0] != nil }
            return (lists.flatMap { finish($0, Self.refusal(notice, $0)) }, false)
        }
        guard RequestIDs.contains(id), let question = waiting.keys.first(where: { $0.id == id }) else {
            return ([], false)
        }
        let reaction = IBReaction.to(notice, about: .request)
        switch reaction.outcome {
        case .nothing, .delayedData: return ([], false)
        case .empty: return (end(question), true)
        case .failed, .noLiveData, .rejected, .cancelled, .changeRefused, .lookUp, .retryChild, .orderIDTaken,
            .subscribeAnew:
            return (finish(question, Self.refusal(notice, question)), true)
        case .retryLater:
            let failure = IBFailure.tooFast(
                request: question.request, code: notice.code, sentence: reaction.sentence)
            return (finish(question, failure), true)
        }
    }

    private static func refusal(_ notice: IBErrorNotice, _ question: IBQuestion) -> IBFailure {
        .refused(
            request: question.request, code: notice.code,
            sentence: IBReaction.to(notice, about: .request).sentence)
    }

    /// A message was lost: every answer that it may have been a part of is not whole.
    mutating func faulted(_ fault: IBMessageFault) {
        for question in waiting.keys
        where fault.message.map({ question.parts.contains($0) }) ?? true {
            note("a message of the answer could not be read: \(fault)", on: question)
        }
    }

    /// The gateway has lost IB's servers: what it lists is what it knew before.
    mutating func linkLost() {
        for question in waiting.keys { distrust(question) }
    }

    private mutating func distrust(_ question: IBQuestion) {
        guard question.isOfAccount else { return }
        note("the gateway had no link to IB's servers while it made the list", on: question)
    }

    private mutating func note(_ problem: String, on question: IBQuestion) {
        guard let waiter = waiting[question], !waiter.answer.problems.contains(problem),
            waiter.answer.problems.count < 16
        else { return }
        waiting[question]?.answer.problems.append(problem)
    }

    // MARK: Ends

    /// Those whose time is over.
    mutating func expire(at now: Duration) -> [Finished] {
        waiting.filter { now >= $0.value.deadline }.flatMap { question, waiter in
            giveUp(question, .timedOut(request: question.request, after: waiter.deadline - waiter.asked))
        }
    }

    /// Nobody waits for it any more.
    mutating func cancel(_ question: IBQuestion) -> [Finished] { giveUp(question, .cancelled) }

    /// The request has waited for its turn for too long, and was never written; one that was asked again was written once.
    mutating func unsent(_ question: IBQuestion) -> [Finished] {
        if let waiter = waiting[question], waiter.wasSent {
            return giveUp(
                question, .timedOut(request: question.request, after: waiter.deadline - waiter.asked))
        }
        return finish(
            question, .notAsked(request: question.request, detail: "it waited too long for its turn to be sent"))
    }

    /// The connection is gone, and with it all that was owed.
    mutating func lost(_ detail: String) -> [Finished] {
        owedEnds = [:]
        repeats = []
        return waiting.flatMap { question, waiter in
            finish(
                question,
                waiter.wasSent
                    ? .connectionLost(request: question.request, detail: detail) : .notConnected(detail: detail))
        }
    }

    /// Ends a question whose answer may still come.
    private mutating func giveUp(_ question: IBQuestion, _ failure: IBFailure) -> [Finished] {
        if question.id == nil, let waiter = waiting[question], waiter.wasSent {
            owe(question, waiter.passed + 1, since: waiter.asked)
        }
        return finish(question, failure)
    }

    private mutating func finish(_ question: IBQuestion, _ failure: IBFailure) -> [Finished] {
        guard var answer = waiting.removeValue(forKey: question)?.answer else { return [] }
        answer.failure = failure
        return [(question, answer)]
    }
}
