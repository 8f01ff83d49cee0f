public import Core
public import Decision
public import Transport

/// Asks Claude for an opinion through the Anthropic Messages API.
///
/// Every failure is an advice without an opinion. A consultation ends by its deadline, sends at most the given number of
/// requests, writes each of them to the journal before it is sent, and each answer as soon as it is there.
public struct ClaudeConsultant: RiskConsultant {
    public let settings: ClaudeSettings
    private let key: ClaudeKey?
    private let client: HTTPClient
    private let clock: any WallClock
    private let seed: UInt64

    /// - Parameters:
    ///   - key: `nil` when there is none; then every consultation is without an opinion, for `credentials`.
    ///   - seed: of the chance in the waits between attempts.
    public init(
        settings: ClaudeSettings, key: ClaudeKey?, client: HTTPClient = HTTPClient(), clock: any WallClock,
        seed: UInt64
    ) {
        self.settings = settings
        self.key = key
        self.client = client
        self.clock = clock
        self.seed = seed
    }

    /// The request that a question would lead to: for its digest and its worst case, before anybody is asked.
    public func request(_ question: MarketQuestion) throws(ClaudeError) -> ClaudeRequest {
        try ClaudeRequest(question, settings)
    }

    public var isOfThisMachine: Bool { settings.isLoopback }

    public func prepare(_ question: MarketQuestion) throws -> PreparedQuestion {
        let request = try self.request(question)
        return PreparedQuestion(digest: request.digest, worstCase: request.worstCase)
    }

    /// Asks, and asks again where that may help. Never throws: whatever fails is an advice with its reason.
    ///
    /// - Parameters:
    ///   - calls: requests that may be sent at most, as ``ConsultationSchedule/Plan/ask(calls:)`` says.
    ///   - deadline: the time left, if that is less than the configured deadline.
    public func consult(
        _ question: MarketQuestion, calls: Int, deadline: Duration? = nil, journal: any ConsultationJournal
    ) async -> Consultation {
        let limit = min(settings.deadline, deadline ?? settings.deadline)
        guard let key else {
            return .unasked(
                .noOpinion(
                    .credentials,
                    "there is no key that could be one; set ANTHROPIC_API_KEY to a key of the service; nothing was sent"
                ))
        }
        guard calls > 0 else { return .unasked(.noOpinion(.dailyLimit, "no call is left; nothing was sent")) }
        guard limit > .zero else { return .unasked(.noOpinion(.deadline, "no time is left; nothing was sent")) }
        let request: ClaudeRequest
        do {
            request = try self.request(question)
        } catch {
            return .unasked(.noOpinion(.configuration, "\(error)"))
        }
        let endpoint = Endpoint(settings: settings, key: key, client: client, clock: clock)
        var course = ConsultationCourse(
            request: request, settings: settings, attempts: min(settings.attempts, calls), limit: limit,
            startedAt: clock.now(), seed: seed)
        while let planned = course.next(now: clock.now()) {
            do {
                try await journal.willSend(planned)
            } catch let refusal as ConsultationRefusal {
                course.stop(.noOpinion(refusal.noOpinion))
                break
            } catch {
                course.stop("the request could not be recorded (\(error)), so it was not sent")
                break
            }
            let reply = await endpoint.send(planned, timeLeft: course.timeLeft(now: clock.now()))
            let exchange = course.took(reply, of: planned, now: clock.now())
            do {
                try await journal.received(exchange)
            } catch {
                course.stop("the answer could not be recorded (\(error)), so it is not used")
                break
            }
            guard let wait = course.wait, (try? await clock.sleep(for: wait)) != nil else { break }
        }
        return course.result(now: clock.now())
    }
}

extension Consultation {
    /// Nobody was asked.
    fileprivate static func unasked(_ advice: Advice) -> Consultation {
        Consultation(advice: advice, calls: 0, cost: .zero, requestDigest: nil, duration: .zero)
    }
}
