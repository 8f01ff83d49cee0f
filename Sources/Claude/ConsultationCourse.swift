import Core
import Decision
import Transport

/// How a consultation goes on after each reply. Pure: it says what to send and how long to wait, the consultant does it.
struct ConsultationCourse {
    private let request: ClaudeRequest
    private let settings: ClaudeSettings
    private let limit: Duration
    private let startedAt: Instant
    private var budget: RetryBudget
    private var generator: SeededGenerator
    private var attempt = 0
    private var calls = 0
    private var cost = FixedPoint.zero
    private var advice: Advice
    /// Before the next attempt; `nil` when there is none.
    private(set) var wait: Duration? = .zero

    /// With less time than this an attempt cannot bring an opinion: a model writes for longer.
    static let shortestAttempt: Duration = .seconds(1)

    init(
        request: ClaudeRequest, settings: ClaudeSettings, attempts: Int, limit: Duration, startedAt: Instant,
        seed: UInt64
    ) {
        self.request = request
        self.settings = settings
        self.limit = limit
        self.startedAt = startedAt
        budget = RetryBudget(
            attempts: attempts, base: .milliseconds(500), cap: .seconds(8), totalWait: limit)
        generator = SeededGenerator(seed: seed, stream: "claude|\(request.digest)")
        advice = .noOpinion(.deadline, "no time was left; nothing was sent")
    }

    /// At least the waits have passed, also where a clock is set back meanwhile.
    func timeLeft(now: Instant) -> Duration { limit - max(now.duration(since: startedAt), budget.waited) }

    /// The next request; `nil` at the end.
    mutating func next(now: Instant) -> PlannedRequest? {
        guard wait != nil, timeLeft(now: now) > .zero else { return nil }
        attempt += 1
        return PlannedRequest(
            attempt: attempt, at: now, model: settings.model.id, digest: request.digest, body: request.body,
            worstCase: request.worstCase)
    }

    /// Ends it for a reason of our own.
    mutating func stop(_ why: String) { stop(.noOpinion(.unavailable, why)) }

    mutating func stop(_ advice: Advice) {
        self.advice = advice
        wait = nil
    }

    /// Takes a reply and decides whether and when to ask again.
    mutating func took(_ reply: Reply, of planned: PlannedRequest, now: Instant) -> ConsultationExchange {
        let reading = Reading(reply, request, settings, now: now, timeLeft: timeLeft(now: now))
        if case .notSent = reply {} else { calls += 1 }
        // Prices and tokens are bounded, and each exchange carries its own cost to the journal: a sum that did not fit would be
        // no reason to end a decision.
        cost = (try? cost + reading.cost) ?? max(cost, reading.cost)
        advice = reading.advice
        wait = reading.isTransient ? nextWait(reading, now: now) : nil
        return ConsultationExchange(
            request: planned, duration: max(.zero, now.duration(since: planned.at)), status: reading.status,
            answer: reading.answer, requestID: reading.requestID, usage: reading.usage, cost: reading.cost,
            advice: reading.advice, isRetried: wait != nil)
    }

    private mutating func nextWait(_ reading: Reading, now: Instant) -> Duration? {
        let left = timeLeft(now: now)
        guard case .retry(let wait) = budget.failed(retryAfter: reading.patience, using: &generator),
            wait + Self.shortestAttempt <= left
        else { return nil }
        return wait
    }

    func result(now: Instant) -> Consultation {
        Consultation(
            advice: advice, calls: calls, cost: cost, requestDigest: request.digest,
            duration: max(.zero, now.duration(since: startedAt)))
    }
}

/// What one reply says.
private struct Reading {
    var advice: Advice
    var status: Int?
    var answer: [UInt8] = []
    var requestID: String?
    var usage: TokenUsage?
    var cost = FixedPoint.zero
    /// Whether asking again may help.
    var isTransient = false
    /// What the service wants to be waited.
    var patience: Duration?

    init(
        _ reply: Reply, _ request: ClaudeRequest, _ settings: ClaudeSettings, now: Instant, timeLeft: Duration
    ) {
        switch reply {
        case .notSent: advice = .noOpinion(.deadline, "the time was over before the request could be sent")
        case .failed(let error):
            advice = Self.advice(error, timeLeft: timeLeft)
            isTransient = error.isTransient
            cost = error.mayHaveArrived ? request.worstCase : .zero
        case .answered(let response):
            status = response.status
            answer = response.body
            requestID = response.header("request-id").map { DisplayText.clean($0, limit: 80) }
            advice = .noOpinion(.malformed, "the answer was not read")
            if response.status == 200 {
                take(ClaudeAnswer(response.body, to: request, settings), request, settings)
            } else {
                take(response, request, now: now)
            }
        }
    }

    private mutating func take(_ answer: ClaudeAnswer, _ request: ClaudeRequest, _ settings: ClaudeSettings) {
        advice = answer.advice
        usage = answer.usage
        cost = (try? usage?.cost(settings.model.prices)) ?? request.worstCase
    }

    private mutating func take(_ response: HTTPResponse, _ request: ClaudeRequest, now: Instant) {
        let said = ServiceErrorBody(response.body)
        let failure = ServiceFailure.of(status: response.status, said)
        advice = failure.advice(said, status: response.status, requestID: requestID)
        isTransient = failure.isRetried && !ServicePatience.forbidsRetry(response)
        patience = ServicePatience.wait(response, now: now)
        // In the service's own words nothing was answered; what something in between says proves nothing.
        cost = failure.mayBeBilled || said == nil && response.status >= 500 ? request.worstCase : .zero
    }

    private static func advice(_ error: TransportError, timeLeft: Duration) -> Advice {
        switch error {
        case .timedOut: .noOpinion(timeLeft < ConsultationCourse.shortestAttempt ? .deadline : .unavailable, "\(error)")
        case .unresolvedHost, .unreachable, .interrupted, .cancelled: .noOpinion(.unavailable, "\(error)")
        case .responseTooLarge: .noOpinion(.malformed, "\(error)")
        case .libraryMissing, .invalidRequest, .tlsRefused, .loginRefused, .mailRefused:
            .noOpinion(.configuration, "\(error)")
        }
    }
}
