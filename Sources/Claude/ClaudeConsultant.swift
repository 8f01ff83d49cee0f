public import Core
import Decision
public import Transport

/// Asks Claude for an opinion through the Anthropic Messages API.
///
/// Every failure is an advice without an opinion. A consultation ends by its deadline, sends at most the given number of
/// requests, writes each of them to the journal before it is sent, and each answer as soon as it is there.
public struct ClaudeConsultant: Sendable {
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

    /// - Parameters:
    ///   - calls: requests that may be sent at most, as ``ConsultationSchedule/Plan/ask(calls:)`` says.
    ///   - deadline: the time left, if that is less than the configured deadline.
    public func consult(
        _ question: MarketQuestion, calls: Int, deadline: Duration? = nil, journal: any ConsultationJournal
    ) async -> Consultation {
        Consultation(
            advice: .noOpinion(.unavailable, "under construction"), calls: 0, cost: .zero, requestDigest: nil,
            duration: .zero)
    }
}
