internal import Core
internal import Settings

/// An access token, with its life by our clock.
struct KISToken: Hashable, Sendable {
    let text: Secret
    let issuedAt: Instant
    let expiresAt: Instant
}

/// What all processes of the machine know about the access token of one key on one host, and what follows from it. Pure.
///
/// KIS issues one token a minute and sends the customer a message for each, so the attempt is written down before it is made:
/// whoever comes after a killed or refused one waits like everybody else.
struct TokenRecord: Hashable, Sendable {
    /// KIS's last word on an attempt: to repeat it within the minute would be useless.
    struct Refusal: Hashable, Sendable {
        let code: String
        let detail: String
    }

    enum Step: Hashable, Sendable {
        case use(KISToken)
        case issue
        /// No attempt before that time has passed.
        case wait(Duration)
        case refused(Refusal, again: Duration)
    }

    /// A minute, and a second for clocks that differ.
    static let spacing = Duration.seconds(61)
    /// A token with less life than this is renewed.
    static let renewal = Duration.seconds(600)

    var token: KISToken?
    var attemptedAt: Instant?
    var refusal: Refusal?

    init(token: KISToken? = nil, attemptedAt: Instant? = nil, refusal: Refusal? = nil) {
        self.token = token
        self.attemptedAt = attemptedAt
        self.refusal = refusal
    }

    /// - Parameter failed: A token KIS has just turned away: any other one is newer, and that one is no good whatever its life.
    func step(now: Instant, failed: Secret?) -> Step {
        let candidate = token.flatMap { $0.text == failed ? nil : $0 }
        if let candidate, candidate.expiresAt.duration(since: now) > Self.renewal { return .use(candidate) }
        guard let rest = rest(now: now) else { return .issue }
        if let candidate, candidate.expiresAt > now { return .use(candidate) }
        if let refusal { return .refused(refusal, again: rest) }
        return .wait(rest)
    }

    /// What is left of the minute after the last attempt; `nil` when it is over. An attempt in the future means that the clock
    /// was set back: it counts as made now.
    private func rest(now: Instant) -> Duration? {
        guard let attemptedAt else { return nil }
        let age = now.duration(since: min(attemptedAt, now))
        return age >= Self.spacing ? nil : Self.spacing - age
    }

    /// The record with an attempt that a clock in the past would make wait for longer than a minute put right; `nil` if it is.
    func settled(now: Instant) -> TokenRecord? {
        guard let attemptedAt, attemptedAt > now else { return nil }
        return TokenRecord(token: token, attemptedAt: now, refusal: refusal)
    }

    /// Before the request leaves.
    func attempting(now: Instant, failed: Secret?) -> TokenRecord {
        TokenRecord(token: token.flatMap { $0.text == failed ? nil : $0 }, attemptedAt: now, refusal: nil)
    }
}

extension TokenRecord {
    private static let version: Int64 = 1

    /// What its file holds: the only place where a token is written.
    var file: [UInt8] {
        var document: JSONValue = ["version": .int(Self.version)]
        if let token {
            document = document.setting(
                "token",
                [
                    "text": .string(token.text.reveal()), "issued_at": JSONValue(token.issuedAt),
                    "expires_at": JSONValue(token.expiresAt),
                ])
        }
        if let attemptedAt { document = document.setting("attempted_at", JSONValue(attemptedAt)) }
        if let refusal {
            document = document.setting(
                "refusal", ["code": .string(refusal.code), "detail": .string(refusal.detail)])
        }
        return document.utf8
    }

    /// `nil` for what is no such file.
    init?(file: [UInt8]) {
        guard let document = try? JSONValue(parsing: file), document["version"] == .int(Self.version) else {
            return nil
        }
        if let json = document["token"] {
            guard let text = json["text"]?.stringValue, KISToken.isSound(text),
                let issued = json["issued_at"]?.stringValue.flatMap(Instant.init(rfc3339:)),
                let expires = json["expires_at"]?.stringValue.flatMap(Instant.init(rfc3339:))
            else { return nil }
            token = KISToken(text: Secret(text), issuedAt: issued, expiresAt: expires)
        }
        if let text = document["attempted_at"] {
            guard let instant = text.stringValue.flatMap(Instant.init(rfc3339:)) else { return nil }
            attemptedAt = instant
        }
        if let json = document["refusal"] {
            guard let code = json["code"]?.stringValue, let detail = json["detail"]?.stringValue else { return nil }
            refusal = Refusal(code: code, detail: detail)
        }
    }
}

extension KISToken {
    /// What may stand in a header.
    static func isSound(_ text: String) -> Bool {
        (16...4096).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    /// Reads KIS's answer to a request for a token; `nil` if it holds none.
    ///
    /// Its end is stated twice: as a life in seconds, and as a time of day in Seoul. Within six hours KIS gives the same token
    /// again, so the earlier of the two holds; a time of day that no fresh token can have (in the past, or more than a day
    /// ahead) says that one of the clocks is wrong, and then the life alone counts.
    init?(answer: KISRecord, json: JSONValue, now: Instant) {
        guard let text = answer.text("access_token"), Self.isSound(text) else { return nil }
        let said = json["expires_in"].flatMap { $0.intValue ?? $0.stringValue.flatMap { Int64($0) } }
        let life = said.flatMap { (60...7 * 86_400).contains($0) ? $0 : nil } ?? 86_400
        let end = now.advanced(bySeconds: life)
        let stated = answer.text("access_token_token_expired").flatMap { Instant(rfc3339: $0 + "+09:00") }
        let isLikely = stated.map { $0 > now && $0 <= end.advanced(bySeconds: 3600) } ?? false
        self.init(text: Secret(text), issuedAt: now, expiresAt: isLikely ? min(end, stated ?? end) : end)
    }
}
