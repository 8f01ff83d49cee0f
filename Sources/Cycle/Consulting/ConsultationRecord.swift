internal import Core
internal import Decision
internal import Settings
internal import Store
internal import Synchronization

/// Where the requests about one question are made durable, each before it is sent; and what all of them come to.
final class ConsultationRecord: ConsultationJournal {
    private let beat: Beat
    private let symbol: Symbol
    private let question: PreparedQuestion
    /// Under which the requests are on file, by their number in this consultation.
    private let keys = Mutex<[Int: StoredConsultation.Key]>([:])

    init(_ beat: Beat, _ symbol: Symbol, _ question: PreparedQuestion) {
        self.beat = beat
        self.symbol = symbol
        self.question = question
    }

    /// There is no such request.
    private struct NotRecorded: Error {}

    func willSend(_ request: PlannedRequest) async throws {
        try Task.checkCancellation()
        let key = try beat.context.store.write(durable: true) { writer in
            // Another process may have spent meanwhile what the plan counted on.
            if case .denied(let reason) = try Self.budget(beat).verdict(
                Self.usage(writer, at: request.at), worstCase: request.worstCase)
            {
                throw ConsultationRefusal(reason)
            }
            // Of other processes too, that ask the same.
            let earlier = try writer.consultations(question: question.digest).map(\.key.attempt).max() ?? 0
            let key = StoredConsultation.Key(question: question.digest, attempt: earlier + 1)
            let body = try writer.putEvidence("consultation-request", Self.document(request.body))
            try writer.insertConsultation(
                StoredConsultation(
                    key: key, cycle: beat.cycle, symbol: symbol, model: request.model, request: body,
                    sentAt: request.at, cost: request.worstCase))
            return key
        }
        keys.withLock { $0[request.attempt] = key }
        beat.context.failpoints.hit(.consultationAfterWriteAhead)
    }

    func received(_ exchange: ConsultationExchange) async throws {
        guard let key = keys.withLock({ $0[exchange.request.attempt] }) else { throw NotRecorded() }
        let finishedAt = exchange.request.at.advanced(by: exchange.duration)
        try beat.context.store.write(durable: false) { writer in
            let answer =
                exchange.answer.isEmpty
                ? nil : try writer.putEvidence("consultation-answer", Self.document(exchange.answer))
            try writer.answerConsultation(
                key,
                StoredConsultation.Answer(
                    finishedAt: finishedAt, status: exchange.status, outcome: exchange.advice.outcome,
                    advice: exchange.advice.json, answer: answer, serviceID: exchange.requestID,
                    usage: exchange.usage?.json), cost: exchange.cost)
            try writer.appendAudit(
                at: finishedAt, actor: "decide", kind: "consultation", subject: key.description,
                payload: [
                    "cycle": JSONValue(beat.cycle), "symbol": JSONValue(symbol),
                    "outcome": .string(exchange.advice.outcome), "answer": JSONValue(answer?.hex),
                    "cost_usd": JSONValue(exchange.cost),
                ])
        }
        beat.context.failpoints.hit(.consultationAfterRecord)
    }

    /// Bytes as evidence: as the document that they are, or as text.
    private static func document(_ bytes: [UInt8]) -> JSONValue {
        (try? JSONValue(parsing: bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))
    }

    static func budget(_ beat: Beat) throws -> ConsultationBudget {
        let settings = beat.context.settings
        return try ConsultationBudget(
            dailyCalls: settings.risk.maxDailyClaudeCalls, monthlyCost: settings.agents.claude.monthlyBudget)
    }

    /// What has been spent, over all profiles and processes.
    static func usage(_ reader: StoreReader, at now: Instant) throws -> ConsultationUsage {
        let today = now.utcDate
        guard let month = CivilDate(year: today.year, month: today.month, day: 1) else {
            return ConsultationUsage(callsToday: 0, costThisMonth: .zero)
        }
        return try ConsultationUsage(
            try reader.consultationCosts(since: month.startUTC).map {
                ConsultationSpending(at: $0.at, calls: 1, cost: $0.cost)
            }, now: now)
    }

    /// The opinion on file; `nil` where nobody has answered the question. A template may leave out what tells two bars or two
    /// symbols apart, so the same bytes are not yet the same question.
    static func opinion(_ digest: Digest, on question: MarketQuestion, _ reader: StoreReader) throws -> Advice? {
        try reader.consultations(question: digest)
            .filter { $0.symbol == question.instrument.symbol && $0.cycle.barClose == question.barClose }
            .compactMap(\.answer).last { $0.outcome == Advice.opinionOutcome }
            // One that cannot be read is none.
            .flatMap { try? Advice(json: $0.advice) }
    }
}

extension Advice {
    static let opinionOutcome = "opinion"

    /// `opinion`, or why there is none.
    fileprivate var outcome: String {
        switch self {
        case .opinion: Self.opinionOutcome
        case .noOpinion(let none): none.reason.rawValue
        }
    }
}
