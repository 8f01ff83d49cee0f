internal import Core
internal import Glibc
internal import Locks
internal import Settings
internal import Transport

/// The access token of one key on one host, for all processes of this machine, and the stream's approval keys.
///
/// A token lies in a file; whoever finds none that is good takes the file's lock, looks again, and asks KIS. Ten who start at
/// once so ask once.
struct KISSession: Sendable {
    /// Why there is no token. Nothing but the request for one was sent.
    enum Failure: Error, Hashable, Sendable {
        /// May pass.
        case unavailable(String)
        case refused(code: String, detail: String)
        case configuration(code: String, detail: String, cure: String)
    }

    private static let fileLimit = 16 * 1024

    let door: KISDoor
    let folder: String
    let http: HTTPClient
    let clock: any WallClock
    let requestDeadline: Duration
    let veil: KISVeil

    private var name: String { "token-\(door.tokenName)" }

    /// A token that is good as far as anybody knows.
    ///
    /// - Parameter failed: One that KIS has just turned away. Another process may have put a newer one in its place already;
    ///   then that one is the answer, and none is issued.
    func token(
        failed: Secret? = nil, waiting budget: inout WaitBudget
    ) async throws(Failure) -> KISToken {
        let files = try prepared()
        if case .use(let token) = record(files).step(now: clock.now(), failed: failed) { return token }
        while true {
            let pause: Duration
            do {
                let lock = try await lock(files, &budget)
                defer { lock.release() }
                let step = record(files).step(now: clock.now(), failed: failed)
                switch step {
                case .use(let token): return token
                case .issue:
                    if let token = try await issue(files, failed: failed, budget) { return token }
                    pause = TokenRecord.spacing
                case .refused(let refusal, let again):
                    throw Failure.refused(
                        code: refusal.code,
                        detail: "\(refusal.detail); KIS is asked again in \(again.wholeSeconds) s at the earliest")
                case .wait(let rest):
                    try settle(files)
                    pause = rest
                }
            }
            try await wait(pause, files, failed: failed, &budget)
        }
    }

    /// Waits in short steps and looks whether somebody else has put a token there; whether it is so, the caller sees.
    private func wait(
        _ pause: Duration, _ files: PrivateFolder, failed: Secret?, _ budget: inout WaitBudget
    ) async throws(Failure) {
        guard pause <= budget.left(at: clock.now()) else {
            throw .unavailable(
                "KIS issues one access token a minute, and one was asked for a moment ago (EGW00133), here or by another "
                    + "program with this key, which then wants a key of its own; the next can be had in "
                    + "\(pause.wholeSeconds) s")
        }
        var rest = pause
        while rest > .zero {
            let nap = min(rest, .seconds(1))
            guard await budget.sleep(for: nap, clock: clock) else {
                throw .unavailable("the wait for an access token was cut off")
            }
            rest -= nap
            if case .use = record(files).step(now: clock.now(), failed: failed) { return }
        }
    }

    private func prepared() throws(Failure) -> PrivateFolder {
        do {
            return try PrivateFolder(preparing: folder)
        } catch {
            throw .configuration(
                code: "TOKEN-FOLDER", detail: "\(error)", cure: "the folder of tokens has to be this user's alone")
        }
    }

    /// A file that is missing, damaged, or open to others is a record of nothing.
    private func record(_ files: PrivateFolder) -> TokenRecord {
        files.read("\(name).json", limit: Self.fileLimit).flatMap(TokenRecord.init(file:)) ?? TokenRecord()
    }

    private func settle(_ files: PrivateFolder) throws(Failure) {
        if let settled = record(files).settled(now: clock.now()) { try write(settled, files) }
    }

    private func write(_ record: TokenRecord, _ files: PrivateFolder) throws(Failure) {
        do {
            try files.replace("\(name).json", with: record.file, isDurable: true)
        } catch {
            throw .configuration(
                code: "TOKEN-FILE", detail: "\(error)", cure: "this user has to be able to write there")
        }
    }

    private func lock(_ files: PrivateFolder, _ budget: inout WaitBudget) async throws(Failure) -> FileLock {
        let outcome: FileLock.Outcome
        do {
            outcome = try await FileLock.acquire(
                path: files.file("\(name).lock"), holder: "process \(getpid())", waiting: &budget, clock: clock)
        } catch {
            throw .configuration(
                code: "TOKEN-LOCK", detail: "\(error)", cure: "this user has to be able to write there")
        }
        switch outcome {
        case .acquired(let lock): return lock
        case .busy(let holder): throw .unavailable("\(holder) asks for an access token and has not finished")
        }
    }

    /// Asks KIS for a token; the lock is held. `nil` when KIS wants a minute's patience.
    private func issue(
        _ files: PrivateFolder, failed: Secret?, _ budget: WaitBudget
    ) async throws(Failure) -> KISToken? {
        let before = record(files)
        let attempt = before.attempting(now: clock.now(), failed: failed)
        try write(attempt, files)
        let response: HTTPResponse
        do {
            response = try await send(
                "/oauth2/tokenP", secretField: "appsecret", deadline: min(requestDeadline, budget.left(at: clock.now()))
            )
        } catch {
            // What never left does not count against the minute.
            if !error.mayHaveArrived { try write(before.dropping(failed), files) }
            return try fallback(attempt, .unavailable("the request for an access token failed: \(error)"))
        }
        let body = KISBody(response.body)
        if case .object(let answer, let json) = body, let token = KISToken(answer: answer, json: json, now: clock.now())
        {
            try write(TokenRecord(token: token, attemptedAt: attempt.attemptedAt), files)
            return token
        }
        return try await refused(KISReaction.to(status: response.status, body: body, of: .inquiry), attempt, files)
    }

    private func refused(
        _ reaction: KISReaction, _ attempt: TokenRecord, _ files: PrivateFolder
    ) async throws(Failure) -> KISToken? {
        if KISCodeMeaning.of(reaction.code)?.kind == .tokenTooSoon {
            // Somebody elsewhere has issued one: the minute begins now at the latest.
            let later = TokenRecord(token: attempt.token, attemptedAt: clock.now())
            try write(later, files)
            if case .use(let token) = later.step(now: clock.now(), failed: nil) { return token }
            return nil
        }
        switch reaction.kind {
        case .credentials, .configuration, .refused, .renew:
            let code = veil.clean(reaction.code, limit: 20)
            let words = veil.clean(reaction.words)
            let detail = "KIS issues no access token: \(words)" + (reaction.cure.isEmpty ? "" : "; \(reaction.cure)")
            let refusal = TokenRecord.Refusal(code: code, detail: detail)
            try write(TokenRecord(token: attempt.token, attemptedAt: attempt.attemptedAt, refusal: refusal), files)
            return try fallback(attempt, .refused(code: code, detail: detail))
        case .success, .retry, .malformed, .slowDown, .unavailable, .outcomeUnknown:
            return try fallback(attempt, .unavailable("KIS issued no access token: \(veil.clean(reaction.text))"))
        }
    }

    /// A token that was to be renewed while it still lives serves on when there is no new one.
    private func fallback(_ attempt: TokenRecord, _ failure: Failure) throws(Failure) -> KISToken {
        guard let token = attempt.token, token.expiresAt > clock.now() else { throw failure }
        return token
    }

    /// A fresh key for one connection of the stream; not the access token.
    func approvalKey(deadline: Duration) async throws(Failure) -> Secret {
        let response: HTTPResponse
        do {
            response = try await send("/oauth2/Approval", secretField: "secretkey", deadline: deadline)
        } catch {
            throw .unavailable("the request for an approval key failed: \(error)")
        }
        let body = KISBody(response.body)
        if case .object(let answer, _) = body, let key = answer.text("approval_key"), KISToken.isSound(key) {
            return Secret(key)
        }
        let reaction = KISReaction.to(status: response.status, body: body, of: .inquiry)
        let code = veil.clean(reaction.code, limit: 20)
        let detail = "KIS gives no approval key: \(veil.clean(reaction.words))"
        switch reaction.kind {
        case .credentials, .renew, .refused: throw .refused(code: code, detail: detail)
        case .configuration: throw .configuration(code: code, detail: detail, cure: reaction.cure)
        case .success, .retry, .malformed, .slowDown, .unavailable, .outcomeUnknown:
            throw .unavailable("KIS gives no approval key: \(veil.clean(reaction.text))")
        }
    }

    private func send(
        _ path: String, secretField: String, deadline: Duration
    ) async throws(TransportError) -> HTTPResponse {
        guard let url = RedactedURL(door.base.exposed + path) else {
            throw .invalidRequest(detail: "the REST address cannot be used")
        }
        let body: JSONValue = [
            "grant_type": "client_credentials", "appkey": .string(door.appKey.reveal()),
            secretField: .string(door.appSecret.reveal()),
        ]
        return try await http.send(
            HTTPRequest(
                method: .post, url: url, headers: [HTTPHeader("content-type", "application/json; charset=utf-8")],
                body: body.utf8, deadline: deadline, bodyLimit: 64 * 1024))
    }
}

extension TokenRecord {
    fileprivate func dropping(_ failed: Secret?) -> TokenRecord {
        TokenRecord(token: token.flatMap { $0.text == failed ? nil : $0 }, attemptedAt: attemptedAt, refusal: refusal)
    }
}

extension Duration {
    /// Rounded up.
    var wholeSeconds: Int64 { components.seconds + (components.attoseconds > 0 ? 1 : 0) }
}
