public import Core
internal import GRDB

/// A request to a consultant, and what came of it.
public struct StoredConsultation: Hashable, Sendable {
    /// Which of the requests about one question: the address of the question, and a number from 1 that goes on over
    /// processes.
    public struct Key: Hashable, Sendable, CustomStringConvertible {
        public let question: Digest
        public let attempt: Int

        public init(question: Digest, attempt: Int) {
            self.question = question
            self.attempt = attempt
        }

        public var description: String { "\(question)|\(attempt)" }
    }

    /// What is known once an answer, or its absence, is there.
    public struct Answer: Hashable, Sendable {
        public let finishedAt: Instant
        /// Of HTTP; `nil` when no whole answer came.
        public let status: Int?
        /// `opinion`, or why there is none.
        public let outcome: String
        /// The advice as a document.
        public let advice: JSONValue
        /// The bytes that came, among the evidence; `nil` when none did.
        public let answer: Digest?
        /// What the service calls the request, for its support.
        public let serviceID: String?
        /// Tokens as the service counts them.
        public let usage: JSONValue?

        public init(
            finishedAt: Instant, status: Int?, outcome: String, advice: JSONValue, answer: Digest?, serviceID: String?,
            usage: JSONValue?
        ) {
            self.finishedAt = finishedAt
            self.status = status
            self.outcome = outcome
            self.advice = advice
            self.answer = answer
            self.serviceID = serviceID
            self.usage = usage
        }
    }

    public let key: Key
    /// Profile and bar of the decision that it was for.
    public let cycle: CycleID
    public let symbol: Symbol
    public let model: String
    /// The bytes that were sent, among the evidence.
    public let request: Digest
    public let sentAt: Instant
    /// US dollars: at most, as long as there is no answer.
    public let cost: FixedPoint
    /// `nil` for a request whose process ended before the answer, or that is under way.
    public let answer: Answer?

    public init(
        key: Key, cycle: CycleID, symbol: Symbol, model: String, request: Digest, sentAt: Instant, cost: FixedPoint,
        answer: Answer? = nil
    ) {
        self.key = key
        self.cycle = cycle
        self.symbol = symbol
        self.model = model
        self.request = request
        self.sentAt = sentAt
        self.cost = cost
        self.answer = answer
    }
}

extension StoreReader {
    /// The requests about a question, in the order in which they were sent.
    public func consultations(question: Digest) throws -> [StoredConsultation] {
        let sql = "SELECT * FROM consultations WHERE question = ? ORDER BY attempt"
        return try rows(sql, [question.hex], table: "consultations", consultation)
    }

    /// Whether anything was asked about a symbol at a bar, for whatever profile.
    public func hasConsultations(of symbol: Symbol, barClose: Instant) throws -> Bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM consultations WHERE symbol = ? AND bar_close_at = ?)"
        return try scalar(sql, [symbol.text, barClose.microseconds]) ?? false
    }

    /// The requests for the decisions of a cycle.
    public func consultations(cycle: CycleID) throws -> [StoredConsultation] {
        let sql = "SELECT * FROM consultations WHERE profile = ? AND bar_close_at = ? ORDER BY symbol, sent_at, attempt"
        return try rows(
            sql, [cycle.profile.text, cycle.barClose.microseconds], table: "consultations", consultation)
    }

    /// Requests by the time of their sending. `states` of the filter are outcomes.
    public func consultations(_ filter: ListFilter = .all) throws -> [StoredConsultation] {
        let conditions = Conditions(filter, time: "sent_at", symbol: "symbol", state: "outcome", profile: "profile")
        return try list(
            "SELECT * FROM consultations", conditions, order: ["sent_at", "question", "attempt"],
            table: "consultations", consultation)
    }

    /// Time and cost, US dollars, of every request since then, whoever sent it.
    public func consultationCosts(since: Instant) throws -> [(at: Instant, cost: FixedPoint)] {
        let sql = "SELECT sent_at, cost_usd FROM consultations WHERE sent_at >= ? ORDER BY sent_at"
        return try rows(sql, [since.microseconds], table: "consultations") {
            (try $0.instant("sent_at"), try $0.amount("cost_usd"))
        }
    }

    /// What is remembered between the decisions about a symbol; `nil` before the first.
    public func consultationState(_ profile: ProfileName, _ symbol: Symbol) throws -> JSONValue? {
        let sql = "SELECT state FROM consultation_states WHERE profile = ? AND symbol = ?"
        return try firstRow(sql, [profile.text, symbol.text], table: "consultation_states") { try $0.json("state") }
    }

    private func consultation(_ fields: Fields) throws -> StoredConsultation {
        StoredConsultation(
            key: StoredConsultation.Key(question: try fields.digest("question"), attempt: try fields.int("attempt")),
            cycle: CycleID(profile: try fields.id("profile"), barClose: try fields.instant("bar_close_at")),
            symbol: try fields.id("symbol"), model: try fields.text("model"),
            request: try fields.digest("request_digest"), sentAt: try fields.instant("sent_at"),
            cost: try fields.amount("cost_usd"), answer: try answer(fields))
    }

    private func answer(_ fields: Fields) throws -> StoredConsultation.Answer? {
        guard let finishedAt = fields.optionalInstant("finished_at") else { return nil }
        return StoredConsultation.Answer(
            finishedAt: finishedAt, status: fields.optionalInt("status"), outcome: try fields.text("outcome"),
            advice: try fields.json("advice"), answer: try fields.optionalDigest("answer_digest"),
            serviceID: fields.optionalText("service_id"), usage: try fields.optionalJSON("usage"))
    }
}

extension StoreWriter {
    /// Records a request that is about to be sent, with what it can cost at most.
    ///
    /// - Throws: if the question has a request of that number already.
    public func insertConsultation(_ consultation: StoredConsultation) throws {
        try run(
            """
            INSERT INTO consultations
                (question, attempt, profile, symbol, bar_close_at, model, request_digest, sent_at, cost_usd)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                consultation.key.question.hex, consultation.key.attempt, consultation.cycle.profile.text,
                consultation.symbol.text, consultation.cycle.barClose.microseconds, consultation.model,
                consultation.request.hex, consultation.sentAt.microseconds, consultation.cost.description,
            ])
    }

    /// Records what came of a request, and what it did cost.
    ///
    /// - Throws: ``StoreError/notFound(what:)`` if there is no such request, or it has an answer.
    public func answerConsultation(
        _ key: StoredConsultation.Key, _ answer: StoredConsultation.Answer, cost: FixedPoint
    ) throws {
        let changed = try run(
            """
            UPDATE consultations
            SET finished_at = ?, status = ?, outcome = ?, advice = ?, answer_digest = ?, service_id = ?, usage = ?,
                cost_usd = ?
            WHERE question = ? AND attempt = ? AND finished_at IS NULL
            """,
            [
                answer.finishedAt.microseconds, answer.status, answer.outcome, answer.advice.text, answer.answer?.hex,
                answer.serviceID, answer.usage?.text, cost.description, key.question.hex, key.attempt,
            ])
        guard changed == 1 else { throw StoreError.notFound(what: "the open consultation \(key)") }
    }

    public func putConsultationState(_ profile: ProfileName, _ symbol: Symbol, _ state: JSONValue) throws {
        try run(
            """
            INSERT INTO consultation_states (profile, symbol, state)
            VALUES (?, ?, ?)
            ON CONFLICT (profile, symbol) DO UPDATE SET state = excluded.state
            """, [profile.text, symbol.text, state.text])
    }
}
