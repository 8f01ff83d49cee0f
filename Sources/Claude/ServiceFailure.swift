import Core
import Decision
import Transport

/// What an answer other than 200 means. One table; what is not in it goes by the class of its status.
///
/// Source: platform.claude.com/docs/en/api/errors and /docs/en/api/rate-limits, read 2026-11-27.
struct ServiceFailure: Hashable, Sendable {
    let status: Int
    /// `error.type` of the body.
    let type: String
    /// What else has to be so, where a status and a type mean two things.
    let sign: Sign?
    let reason: NoOpinion.Reason
    /// Whether the same request may succeed within the deadline.
    let isRetried: Bool
    /// Whether a model may have worked, and be billed, though no answer came.
    let mayBeBilled: Bool
    /// What to do about it.
    let cure: String

    enum Sign: Hashable, Sendable {
        /// `error.details.error_code`
        case code(String)
        /// How `error.message` begins.
        case message(String)
    }

    private init(
        _ status: Int, _ type: String, when sign: Sign? = nil, _ reason: NoOpinion.Reason, retried: Bool = false,
        billed: Bool = false, _ cure: String
    ) {
        self.status = status
        self.type = type
        self.sign = sign
        self.reason = reason
        isRetried = retried
        mayBeBilled = billed
        self.cure = cure
    }

    static let table: [ServiceFailure] = [
        ServiceFailure(
            400, "invalid_request_error", when: .message("You have reached your specified"), .rateLimited,
            "the spending limit set in the Claude Console is reached; raise it there, or wait for the date"),
        ServiceFailure(
            400, "invalid_request_error", when: .message("Your credit balance is too low"), .credentials,
            "buy credits in the Claude Console"),
        ServiceFailure(
            400, "invalid_request_error", .configuration,
            "the service does not take the request; check claude.model, max_tokens and temperature"),
        ServiceFailure(401, "authentication_error", .credentials, "check ANTHROPIC_API_KEY"),
        ServiceFailure(402, "billing_error", .credentials, "check the payment details in the Claude Console"),
        ServiceFailure(
            403, "permission_error", .credentials, "the key may not use this; check its workspace and model"),
        ServiceFailure(404, "not_found_error", .configuration, "check claude.model and the base URL"),
        ServiceFailure(408, "request_timeout_error", .unavailable, retried: true, "the request came in too slowly"),
        ServiceFailure(409, "conflict_error", .unavailable, retried: true, "the request met another one"),
        ServiceFailure(413, "request_too_large", .configuration, "shorten the prompts"),
        ServiceFailure(
            429, "rate_limit_error", when: .code("enforced_spend_limit_reached"), .rateLimited,
            "the monthly spending cap of the account's tier is reached; it ends with the UTC month"),
        ServiceFailure(
            429, "rate_limit_error", .rateLimited, retried: true, "consult less often, or ask for higher limits"),
        ServiceFailure(500, "api_error", .unavailable, retried: true, "see status.claude.com if it goes on"),
        ServiceFailure(
            504, "timeout_error", .unavailable, retried: true, billed: true, "see status.claude.com if it goes on"),
        ServiceFailure(529, "overloaded_error", .unavailable, retried: true, "see status.claude.com if it goes on"),
    ]

    /// By status, type and sign; else by status alone, since a gateway in between may answer in words of its own; else by
    /// type alone; else by the class of the status.
    static func of(status: Int, _ said: ServiceErrorBody?) -> ServiceFailure {
        if let said {
            let exact = table.first { $0.status == status && $0.type == said.type && $0.isSigned(by: said) }
            if let exact { return exact }
        }
        if let row = table.first(where: { $0.status == status && $0.sign == nil }) { return row }
        if let said, status >= 400, let row = table.first(where: { $0.type == said.type && $0.isSigned(by: said) }) {
            return row
        }
        return ofClass(status)
    }

    private static func ofClass(_ status: Int) -> ServiceFailure {
        switch status {
        case 500...:
            ServiceFailure(
                status, "", .unavailable, retried: true, billed: true, "see status.claude.com if it goes on")
        case 400..<500: ServiceFailure(status, "", .configuration, "check the base URL and the claude settings")
        case 300..<400: ServiceFailure(status, "", .configuration, "the base URL leads elsewhere; state the right one")
        default: ServiceFailure(status, "", .malformed, billed: true, "check the base URL")
        }
    }

    private func isSigned(by said: ServiceErrorBody) -> Bool {
        switch sign {
        case nil: true
        case .code(let code): said.code == code
        case .message(let start): said.message.hasPrefix(start)
        }
    }

    /// `HTTP 529 overloaded_error: Overloaded; see status.claude.com if it goes on (request req_…)`
    func advice(_ said: ServiceErrorBody?, status: Int, requestID: String?) -> Advice {
        let words = said.map { " \($0.type): \(DisplayText.clean($0.message, limit: 300))" } ?? ""
        return .noOpinion(reason, "HTTP \(status)\(words); \(cure)" + (requestID.map { " (request \($0))" } ?? ""))
    }
}

/// `{"type": "error", "error": {"type", "message", "details"}, "request_id"}`
struct ServiceErrorBody: Hashable, Sendable {
    let type: String
    let message: String
    let code: String?

    /// `nil` for a body of another form.
    init?(_ body: [UInt8]) {
        guard let json = try? JSONValue(parsing: body), json["type"]?.stringValue == "error",
            let type = json["error"]?["type"]?.stringValue, let message = json["error"]?["message"]?.stringValue
        else { return nil }
        self.type = DisplayText.clean(type, limit: 60)
        self.message = message
        code = json["error"]?["details"]?["error_code"]?.stringValue
    }
}

/// How long the service wants to be left alone.
enum ServicePatience {
    private static let kinds = ["requests", "tokens", "input-tokens", "output-tokens"]

    /// `retry-after`, else the latest reset of those limits of which nothing is left; `nil` if neither is said.
    static func wait(_ response: HTTPResponse, now: Instant) -> Duration? {
        if let text = response.header("retry-after") { return RetryAfter.parse(text, now: now) }
        return kinds.compactMap { kind -> Duration? in
            let prefix = "anthropic-ratelimit-\(kind)"
            guard response.header("\(prefix)-remaining") == "0", let text = response.header("\(prefix)-reset"),
                let reset = Instant(rfc3339: text)
            else { return nil }
            return max(.zero, reset.duration(since: now))
        }.max()
    }

    /// `x-should-retry: false`, which the service's own clients heed: asking again is useless.
    static func forbidsRetry(_ response: HTTPResponse) -> Bool {
        response.header("x-should-retry") == "false"
    }
}
