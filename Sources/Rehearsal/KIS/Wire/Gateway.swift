internal import Core
internal import Sessions

/// The app key of one environment and whose it is.
struct SimulatedCredential: Hashable, Sendable {
    let environment: KISEnvironment
    let appKey: String
    let appSecret: String
    let htsID: String

    /// Keys of the right lengths (36 and 180), the same for the same seed. They open nothing but this simulator.
    init(_ environment: KISEnvironment, seed: UInt64, htsID: String) {
        self.environment = environment
        self.htsID = htsID
        let text = (0..<4).map { Digest(of: "\(seed)|\(environment.rawValue)|\($0)").hex }.joined()
        appKey = (environment == .real ? "PSRH" : "PSVH") + text.prefix(32)
        appSecret = String(text.suffix(180))
    }
}

/// KIS's gateway: keys, tokens, approval keys and the number of calls a second.
struct Gateway: Sendable {
    /// A token lives a day; asked for again within six hours it is the same; one request a minute is answered.
    static let tokenLifeSeconds: Int64 = 86_400
    static let sameTokenSeconds: Int64 = 6 * 3600
    static let issueIntervalSeconds: Int64 = 60

    struct Token: Hashable, Sendable {
        let text: String
        let environment: KISEnvironment
        let issuedAt: Instant
        var expiresAt: Instant
    }

    let seed: UInt64
    let credentials: [SimulatedCredential]
    let callsPerSecond: [KISEnvironment: Int]
    private(set) var tokens: [Token] = []
    private var lastIssue: [KISEnvironment: Instant] = [:]
    private(set) var approvals: [String: KISEnvironment] = [:]
    /// When calls came in over the last second, in nanoseconds of the server's own watch.
    private var calls: [KISEnvironment: [Int64]] = [:]
    private(set) var issued = 0

    init(seed: UInt64, credentials: [SimulatedCredential], callsPerSecond: [KISEnvironment: Int]) {
        self.seed = seed
        self.credentials = credentials
        self.callsPerSecond = callsPerSecond
    }

    func credential(_ environment: KISEnvironment) -> SimulatedCredential? {
        credentials.first { $0.environment == environment }
    }

    /// Ends every token of the environment at once.
    mutating func expireTokens(_ environment: KISEnvironment, now: Instant) {
        for index in tokens.indices where tokens[index].environment == environment {
            tokens[index].expiresAt = min(tokens[index].expiresAt, now)
        }
        // The owner may have a new one at once: the minute counts from issues he asked for.
        lastIssue[environment] = nil
    }

    // MARK: /oauth2

    mutating func answer(_ request: KISRequest, _ environment: KISEnvironment, now: Instant) -> KISReply? {
        guard request.path.hasPrefix("/oauth2/") else { return nil }
        guard request.method == "POST", let body = try? JSONValue(parsing: request.body) else {
            return .authorisation("EGW00101", "잘못된 요청입니다.")
        }
        let isApproval = request.path == "/oauth2/Approval"
        // Both hosts give approval keys for the keys of either environment: python-kis asks so, and trades.
        let owner =
            isApproval ? credentials.first { $0.appKey == body["appkey"]?.stringValue }?.environment : environment
        let secret = body[isApproval ? "secretkey" : "appsecret"]?.stringValue
        if let reply = refusal(body["appkey"]?.stringValue, secret, owner ?? environment) {
            return .authorisation(reply.0, reply.1)
        }
        switch request.path {
        case "/oauth2/tokenP":
            guard body["grant_type"] == "client_credentials" else {
                return .authorisation("EGW00115", "유효하지 않은 grant_type 입니다.")
            }
            return issue(environment, now: now)
        case "/oauth2/revokeP":
            guard let text = body["token"]?.stringValue, tokens.contains(where: { $0.text == text }) else {
                return .authorisation("EGW00121", "유효하지 않은 token 입니다.")
            }
            tokens.removeAll { $0.text == text }
            return KISReply(["code": 200, "message": "접근토큰 폐기에 성공하였습니다"])
        case "/oauth2/Approval":
            let hex = Digest(of: "\(seed)|approval|\(approvals.count)").hex
            let key = [hex.prefix(8), hex.dropFirst(8).prefix(4), hex.dropFirst(12).prefix(4), hex.suffix(12)]
                .joined(separator: "-")
            approvals[key] = owner ?? environment
            return KISReply(["approval_key": .string(key)])
        default: return KISReply(status: 404, ["error_code": "EGW00101", "error_description": "잘못된 요청입니다."])
        }
    }

    private mutating func issue(_ environment: KISEnvironment, now: Instant) -> KISReply {
        if let last = lastIssue[environment], now < last.advanced(bySeconds: Self.issueIntervalSeconds) {
            return .authorisation("EGW00133", "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)")
        }
        lastIssue[environment] = now
        let known = tokens.last {
            $0.environment == environment && now < $0.expiresAt
                && now < $0.issuedAt.advanced(bySeconds: Self.sameTokenSeconds)
        }
        if let known { return reply(known, now: now) }
        issued += 1
        let hex = (0..<4).map { Digest(of: "\(seed)|token|\(environment.rawValue)|\(issued)|\($0)").hex }.joined()
        let token = Token(
            text: "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.\(hex.prefix(170)).\(hex.suffix(86))", environment: environment,
            issuedAt: now, expiresAt: now.advanced(bySeconds: Self.tokenLifeSeconds))
        tokens.append(token)
        return reply(token, now: now)
    }

    private func reply(_ token: Token, now: Instant) -> KISReply {
        let (date, second) = SimulatedExchange.seoul.local(token.expiresAt)
        let clock = "\(digits(second / 3600, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2))"
        return KISReply([
            "access_token": .string(token.text), "access_token_token_expired": .string("\(date) \(clock)"),
            "token_type": "Bearer", "expires_in": .int(token.expiresAt.epochSeconds - now.epochSeconds),
        ])
    }

    private func refusal(
        _ key: String?, _ secret: String?, _ environment: KISEnvironment
    ) -> (String, String)? {
        guard let key, !key.isEmpty else { return ("EGW00102", "AppKey는 필수입니다.") }
        guard let credential = credential(environment), credential.appKey == key else {
            return ("EGW00103", "유효하지 않은 AppKey입니다.")
        }
        guard let secret, !secret.isEmpty else { return ("EGW00104", "AppSecret은 필수입니다.") }
        return secret == credential.appSecret ? nil : ("EGW00105", "유효하지 않은 AppSecret입니다.")
    }

    // MARK: /uapi

    /// What stands between a call and the service: keys, token, calls a second. `nil` lets it through.
    mutating func check(
        _ request: KISRequest, _ environment: KISEnvironment, now: Instant, elapsed: Int64, needsToken: Bool = true
    ) -> KISReply? {
        if let (code, text) = refusal(request.headers["appkey"], request.headers["appsecret"], environment) {
            return .gateway(code, text)
        }
        if needsToken, let reply = checkToken(request.headers["authorization"], environment, now) { return reply }
        var recent = (calls[environment] ?? []).filter { $0 > elapsed - 1_000_000_000 }
        guard recent.count < callsPerSecond[environment] ?? .max else {
            return .gateway("EGW00201", "초당 거래건수를 초과하였습니다.")
        }
        recent.append(elapsed)
        calls[environment] = recent
        return nil
    }

    private func checkToken(_ header: String?, _ environment: KISEnvironment, _ now: Instant) -> KISReply? {
        guard let header, header.hasPrefix("Bearer "), header.utf8.count > 7 else {
            return .gateway("EGW00122", "token을 찾을 수 없습니다.")
        }
        let text = header.dropFirst(7)
        guard let token = tokens.last(where: { $0.text == text }), token.environment == environment else {
            return .gateway("EGW00121", "유효하지 않은 token 입니다.")
        }
        return now < token.expiresAt ? nil : .gateway("EGW00123", "기간이 만료된 token 입니다.")
    }
}
