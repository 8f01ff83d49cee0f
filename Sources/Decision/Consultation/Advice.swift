public import Core

/// What a consultant said of one symbol at one bar, or why there is nothing. Silence is never filled in.
public enum Advice: Hashable, Sendable {
    case opinion(Opinion)
    case noOpinion(NoOpinion)

    public var opinion: Opinion? { if case .opinion(let opinion) = self { opinion } else { nil } }

    public static func noOpinion(_ reason: NoOpinion.Reason, _ message: String) -> Advice {
        .noOpinion(NoOpinion(reason, message))
    }
}

/// Why a consultant has no opinion.
public struct NoOpinion: Hashable, Sendable {
    /// Stable words, for reports to group by.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// It was not its turn; nobody was asked.
        case notDue = "not-due"
        /// The calls of the day are used up.
        case dailyLimit = "over-daily-limit"
        /// The money of the month is used up, or would be by one more call.
        case monthlyBudget = "over-monthly-budget"
        /// Too late for this bar.
        case deadline
        /// It was its turn, and something kept us from asking.
        case notAsked = "not-asked"
        /// There was no time left in the beat to ask.
        case noTime = "no-time"
        /// No connection, or the service is down or overloaded.
        case unavailable
        /// The service wants fewer requests, or its own spending limit is reached.
        case rateLimited = "rate-limited"
        /// The key is missing or not accepted.
        case credentials
        /// The service does not take the request as it is configured.
        case configuration
        /// The answer is not of the form that was asked for.
        case malformed
        /// The answer was cut off by the limit on its length.
        case truncated
        /// The model would not answer.
        case refused

        /// Whether the consultant was asked at all.
        public var wasAsked: Bool {
            switch self {
            case .notDue, .notAsked, .dailyLimit, .monthlyBudget, .noTime: false
            case .deadline, .unavailable, .rateLimited, .credentials, .configuration, .malformed, .truncated,
                .refused:
                true
            }
        }

        /// Whether somebody has to change something before another try can succeed.
        public var needsOperator: Bool { self == .credentials || self == .configuration }
    }

    public let reason: Reason
    /// One sentence, cleaned and cut like an opinion's texts.
    public let message: String

    /// Unicode scalars.
    public static let messageLimit = 600

    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = DisplayText.clean(message, limit: Self.messageLimit)
    }
}

// MARK: - JSON

extension Advice {
    public var json: JSONValue {
        switch self {
        case .opinion(let opinion): ["opinion": opinion.json]
        case .noOpinion(let none):
            ["no_opinion": ["reason": .string(none.reason.rawValue), "message": .string(none.message)]]
        }
    }

    /// Reads what ``json`` wrote, as strictly as a consultant's answer.
    public init(json: JSONValue) throws(AdviceError) {
        let reader = try AdviceReader(json, path: "advice")
        if json["opinion"] != nil {
            try reader.allow(["opinion"])
            self = .opinion(try Opinion(json: try reader.member("opinion"), path: "advice.opinion"))
        } else {
            try reader.allow(["no_opinion"])
            let none = try reader.object("no_opinion")
            try none.allow(["reason", "message"])
            self = .noOpinion(
                try none.read("reason") { NoOpinion.Reason(rawValue: $0) }, try none.string("message"))
        }
    }
}
