public import Core
public import Transport

/// Slack by an incoming webhook. The webhook's URL is a password; it is never shown.
public struct SlackChannel: AlertChannel {
    public let name: String
    public let levels: Set<Severity>
    private let webhook: RedactedURL
    private let origin: AlertOrigin
    private let client: HTTPClient
    private let deadline: Duration
    private let clock: any WallClock

    /// Slack's own outages show as hanging requests; ten seconds are enough for all that ever succeeds.
    public static let standardDeadline: Duration = .seconds(10)

    public init(
        name: String = "slack", levels: Set<Severity> = Severity.from(.warning), webhook: RedactedURL,
        origin: AlertOrigin, client: HTTPClient = HTTPClient(), deadline: Duration = Self.standardDeadline,
        clock: any WallClock
    ) {
        self.name = name
        self.levels = levels
        self.webhook = webhook
        self.origin = origin
        self.client = client
        self.deadline = deadline
        self.clock = clock
    }

    public func deliver(_ message: AlertMessage) async -> DeliveryOutcome {
        let request = HTTPRequest(
            method: .post, url: webhook, headers: [HTTPHeader("Content-Type", "application/json; charset=utf-8")],
            body: SlackPayload.json(message, origin: origin).utf8, deadline: deadline, bodyLimit: 64 * 1024)
        do {
            return judge(try await client.send(request))
        } catch {
            return DeliveryOutcome(error)
        }
    }

    /// 2xx is delivered; 408, 429 and 5xx may pass; everything else stays wrong until somebody acts.
    private func judge(_ response: HTTPResponse) -> DeliveryOutcome {
        guard !response.isSuccess else { return .delivered }
        let said = webhook.scrub(String(response.text.prefix(200)))
        let answer = "\(webhook): HTTP \(response.status)" + (said.isEmpty ? "" : " \(said.debugDescription)")
        if response.isTransientFailure {
            let wished = response.header("Retry-After").flatMap { RetryAfter.parse($0, now: clock.now()) }
            return .retry(after: wished, detail: answer)
        }
        return .refused(detail: answer + Self.advice(said))
    }

    /// Slack's documented webhook errors and their cure.
    private static func advice(_ said: String) -> String {
        switch said {
        case _ where said.hasPrefix("invalid_payload"): "; the message was malformed: please report this"
        case "no_service", "no_active_hooks", "invalid_token", "no_team":
            "; make a new webhook and set SLACK_WEBHOOK_URL"
        case "channel_not_found", "channel_is_archived": "; choose another channel for the webhook"
        case "action_prohibited", "posting_to_general_channel_denied": "; a workspace administrator must allow it"
        default: "; check SLACK_WEBHOOK_URL"
        }
    }
}
