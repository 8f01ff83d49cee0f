public import Core

/// A request as it stands right before it is sent. Without the key, which is in a header only.
public struct PlannedRequest: Hashable, Sendable {
    /// 1 for the first of a consultation.
    public let attempt: Int
    public let at: Instant
    public let model: String
    /// Of ``body``.
    public let digest: Digest
    /// The bytes of the body, compact JSON.
    public let body: [UInt8]
    /// What the request can cost at most, US dollars. A budget has to hold it until ``ConsultationJournal/received(_:)``
    /// says what it did cost, and for good if that is never said.
    public let worstCase: FixedPoint

    public init(attempt: Int, at: Instant, model: String, digest: Digest, body: [UInt8], worstCase: FixedPoint) {
        self.attempt = attempt
        self.at = at
        self.model = model
        self.digest = digest
        self.body = body
        self.worstCase = worstCase
    }
}

/// A request that was sent and what came of it. Without the key, also where the service repeats it.
public struct ConsultationExchange: Hashable, Sendable {
    public let request: PlannedRequest
    public let duration: Duration
    /// The HTTP status; `nil` when no whole answer came.
    public let status: Int?
    /// The bytes of the answer's body; empty when none came.
    public let answer: [UInt8]
    /// `request-id` of the service, for its support.
    public let requestID: String?
    /// What was counted; `nil` when the answer does not say or cannot be believed.
    public let usage: TokenUsage?
    /// US dollars, rounded up; the worst case where ``usage`` is `nil` and a model may have worked.
    public let cost: FixedPoint
    /// What the answer comes to by itself. Not the end of the consultation if ``isRetried``.
    public let advice: Advice
    /// Whether another attempt follows.
    public let isRetried: Bool

    public init(
        request: PlannedRequest, duration: Duration, status: Int?, answer: [UInt8], requestID: String?,
        usage: TokenUsage?, cost: FixedPoint, advice: Advice, isRetried: Bool
    ) {
        self.request = request
        self.duration = duration
        self.status = status
        self.answer = answer
        self.requestID = requestID
        self.usage = usage
        self.cost = cost
        self.advice = advice
        self.isRetried = isRetried
    }
}

/// Where requests and answers are made durable. The budget's owner implements it.
///
/// A process may die between the two calls. Then the request stands in the journal without an answer and counts with its
/// worst case: it may have been billed.
public protocol ConsultationJournal: Sendable {
    /// Makes a request durable before its first byte leaves. If it throws, nothing is sent and there is no opinion.
    ///
    /// The place to look at the budget once more, in the same transaction: another process may have used it meanwhile.
    /// Then throw a ``ConsultationRefusal``.
    func willSend(_ request: PlannedRequest) async throws
    /// Makes the answer durable. If it throws, the answer is not used: what is not on file has not been said.
    func received(_ exchange: ConsultationExchange) async throws
}

/// A journal's way to say why a request must not be sent; any other error counts as `unavailable`.
public struct ConsultationRefusal: Error, Hashable, Sendable {
    public let noOpinion: NoOpinion
    public init(_ noOpinion: NoOpinion) { self.noOpinion = noOpinion }
}

/// What a consultation came to.
public struct Consultation: Hashable, Sendable {
    public let advice: Advice
    /// Requests that were sent.
    public let calls: Int
    /// US dollars, all requests together.
    public let cost: FixedPoint
    /// Of the request's bytes; `nil` if no request could be made.
    public let requestDigest: Digest?
    public let duration: Duration

    public init(advice: Advice, calls: Int, cost: FixedPoint, requestDigest: Digest?, duration: Duration) {
        self.advice = advice
        self.calls = calls
        self.cost = cost
        self.requestDigest = requestDigest
        self.duration = duration
    }
}
