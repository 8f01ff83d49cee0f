import Core
import Foundation
import Locks
import Settings
import TestSupport
import Testing
import Transport
import TransportServers

@testable import BrokerKIS

@Suite("The access token")
struct KISSessionTests {
    private func session(_ stub: StubKIS, clock: any WallClock = RealClock()) throws -> KISSession {
        try Self.session(baseURL: stub.baseURL, tokens: stub.tokens, clock: clock)
    }

    private static func session(baseURL: String, tokens: String, clock: any WallClock) throws -> KISSession {
        let configuration = try StubKIS.configuration(baseURL: baseURL, tokens: tokens)
        return KISSession(
            door: try KISDoor(configuration.trading, isForQuotes: false), folder: tokens, http: HTTPClient(),
            clock: clock,
            requestDeadline: .seconds(20), veil: KISVeil([StubKIS.Planted.appKey, StubKIS.Planted.appSecret]))
    }

    private func token(
        _ session: KISSession, failed: Secret? = nil, within limit: Duration = .seconds(50)
    ) async throws -> String {
        var budget = WaitBudget(limit, from: session.clock.now())
        return try await session.token(failed: failed, waiting: &budget).text.reveal()
    }

    private func name(_ session: KISSession) -> String { "token-\(session.door.tokenName).json" }
    private func file(_ session: KISSession) -> String { "\(session.folder)/\(name(session))" }

    @Test("Ten processes at once issue exactly one token, and all have it")
    func tenProcesses() async throws {
        let stub = try await StubKIS(["token_delay": .double(0.4)])
        let (base, tokens) = (stub.baseURL, stub.tokens)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    await #expect(processExitsWith: .success) { [base = base as String, tokens = tokens as String] in
                        let session = try KISSessionTests.session(baseURL: base, tokens: tokens, clock: RealClock())
                        var budget = WaitBudget(.seconds(90), from: session.clock.now())
                        let token = try await session.token(waiting: &budget)
                        exit(token.text.reveal() == "eyJhbGciOi.STUB.TOKEN-0001" ? 0 : 1)
                    }
                }
            }
        }
        #expect(try await stub.tokenIssues() == 1)
    }

    @Test("Ten processes that are turned away with the same token at once renew it exactly once")
    func tenRenewals() async throws {
        let stub = try await StubKIS(["token_delay": .double(0.3), "token_spacing": .double(0)])
        let session = try session(stub)
        #expect(try await token(session) == "eyJhbGciOi.STUB.TOKEN-0001")
        let files = try PrivateFolder(preparing: stub.tokens)
        var record = try #require(files.read(name(session), limit: 9999).flatMap(TokenRecord.init(file:)))
        record.attemptedAt = nil
        try files.replace(name(session), with: record.file, isDurable: false)
        let (base, tokens) = (stub.baseURL, stub.tokens)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    await #expect(processExitsWith: .success) { [base = base as String, tokens = tokens as String] in
                        let session = try KISSessionTests.session(baseURL: base, tokens: tokens, clock: RealClock())
                        var budget = WaitBudget(.seconds(90), from: session.clock.now())
                        let failed = Secret("eyJhbGciOi.STUB.TOKEN-0001")
                        let token = try await session.token(failed: failed, waiting: &budget)
                        exit(token.text.reveal() == "eyJhbGciOi.STUB.TOKEN-0002" ? 0 : 1)
                    }
                }
            }
        }
        #expect(try await stub.tokenIssues() == 2)
    }

    @Test("Ten tasks of one process issue exactly one token")
    func tenTasks() async throws {
        let stub = try await StubKIS(["token_delay": .double(0.1)])
        let session = try session(stub)
        let all = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<10 { group.addTask { try await token(session) } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(all.count == 1)
        #expect(try await stub.tokenIssues() == 1)
        let attributes = try FileManager.default.attributesOfItem(atPath: file(session))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test(
        "A process killed while it asks frees the lock and leaves its attempt: the next one asks when the minute is over"
    )
    func killedWhileAsking() async throws {
        let stub = try await StubKIS(["token_spacing": .double(0), "token_delay": .double(2)])
        let (base, tokens) = (stub.baseURL, stub.tokens)
        let file = file(try session(stub))
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [base = base as String, tokens = tokens as String, file = file as String] in
            // The attempt is written before the request leaves; a file without it is only about to be.
            Task.detached {
                while (FileManager.default.contents(atPath: file) ?? Data()).isEmpty {
                    try await Task.sleep(for: .milliseconds(2))
                }
                kill(getpid(), SIGKILL)
            }
            let session = try KISSessionTests.session(baseURL: base, tokens: tokens, clock: RealClock())
            var budget = WaitBudget(.seconds(90), from: session.clock.now())
            _ = try await session.token(waiting: &budget)
        }
        let before = try await stub.tokenIssues()
        let clock = HandClock(RealClock().now())
        let next = try session(stub, clock: clock)
        let error = try await #require(throws: KISSession.Failure.self) { try await token(next) }
        guard case .unavailable(let detail) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(detail.contains("one access token a minute"))
        #expect(try await stub.tokenIssues() == before)
        clock.set(clock.now().advanced(bySeconds: 62))
        #expect(try await token(next).hasPrefix(StubKIS.Planted.token))
    }

    @Test("After EGW00133 nobody asks for 61 seconds; who has the time waits and gets one")
    func tooSoon() async throws {
        let refusal = #"{"error_description":"접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)","error_code":"EGW00133"}"#
        let stub = try await StubKIS(["token": [StubKIS.reply(refusal, status: 403)]])
        let clock = HandClock(RealClock().now())
        let start = clock.now()
        let session = try session(stub, clock: clock)
        await #expect(throws: KISSession.Failure.self) { try await token(session, within: .seconds(30)) }
        await #expect(throws: KISSession.Failure.self) { try await token(session, within: .seconds(30)) }
        #expect(try await stub.tokenIssues() == 1)
        #expect(try await token(session, within: .seconds(70)).hasPrefix(StubKIS.Planted.token))
        #expect(try await stub.tokenIssues() == 2)
        #expect(clock.now().duration(since: start) >= .seconds(61))
    }

    @Test("Who is turned away with a token uses a newer one that is there, and asks only if there is none")
    func newerOne() async throws {
        let stub = try await StubKIS(["token_spacing": .double(0)])
        let clock = HandClock(RealClock().now())
        let session = try session(stub, clock: clock)
        let first = try await token(session)
        clock.set(clock.now().advanced(bySeconds: 100))
        let second = try await token(session, failed: Secret(first))
        #expect(first != second)
        #expect(try await token(session, failed: Secret(first)) == second)
        #expect(try await token(session) == second)
        #expect(try await stub.tokenIssues() == 2)
        // Within the minute of that one there is no other.
        await #expect(throws: KISSession.Failure.self) { try await token(session, failed: Secret(second)) }
        #expect(try await stub.tokenIssues() == 2)
    }

    @Test("A file that is damaged, or was open to others, is replaced and never believed", arguments: [0, 1])
    func badFile(kind: Int) async throws {
        let stub = try await StubKIS(["token_spacing": .double(0)])
        let session = try session(stub)
        let first = try await token(session)
        if kind == 0 {
            try Data("{\"version\":1,\"tok".utf8).write(to: URL(fileURLWithPath: file(session)))
            chmod(file(session), 0o600)
        } else {
            chmod(file(session), 0o644)
        }
        #expect(try await token(session) != first)
        let attributes = try FileManager.default.attributesOfItem(atPath: file(session))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try await stub.tokenIssues() == 2)
    }

    @Test("A refused key is not tried again within the minute, and the refusal names the cure and no secret")
    func refusedKey() async throws {
        let body = #"{"error_code":"EGW00103","error_description":"유효하지 않은 AppKey입니다. \#(StubKIS.Planted.appKey)"}"#
        let stub = try await StubKIS(["token": [StubKIS.reply(body, status: 403)]])
        let session = try session(stub)
        for _ in 0..<3 {
            let error = try await #require(throws: KISSession.Failure.self) { try await token(session) }
            guard case .refused(let code, let detail) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(code == "EGW00103")
            #expect(detail.contains("compare both with the KIS portal"))
            #expect(!detail.contains(StubKIS.Planted.appKey))
        }
        #expect(try await stub.tokenIssues() == 1)
    }

    @Test("A request for a token that never left does not count against the minute")
    func neverLeft() async throws {
        let port = TestPort(.refusing)
        let stub = try await StubKIS([:])
        let lost = try Self.session(
            baseURL: "http://127.0.0.1:\(port.number)", tokens: stub.tokens, clock: RealClock())
        for _ in 0..<2 {
            let error = try await #require(throws: KISSession.Failure.self) { try await token(lost) }
            guard case .unavailable(let detail) = error, detail.contains("no connection") else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test("A token in its last ten minutes serves on when KIS gives no new one")
    func servesOn() async throws {
        let stub = try await StubKIS(["token": [["body": "{}"], ["status": 500, "body": "x"]]])
        let clock = HandClock(RealClock().now())
        let session = try session(stub, clock: clock)
        let living = KISToken(
            text: Secret("a-token-that-still-lives"), issuedAt: clock.now(),
            expiresAt: clock.now().advanced(bySeconds: 300))
        let files = try PrivateFolder(preparing: stub.tokens)
        try files.replace(
            "token-\(session.door.tokenName).json", with: TokenRecord(token: living).file, isDurable: false)
        #expect(try await token(session) == "a-token-that-still-lives")
        #expect(try await stub.tokenIssues() == 1)
        clock.set(clock.now().advanced(bySeconds: 301))
        await #expect(throws: KISSession.Failure.self) { try await token(session) }
        #expect(try await stub.tokenIssues() == 2)
    }

    @Test("The request is what the portal asks for, and the approval key goes by the field secretkey, fresh each time")
    func requests() async throws {
        let stub = try await StubKIS([:])
        let session = try session(stub)
        _ = try await token(session)
        let one = try await session.approvalKey(deadline: .seconds(20))
        let two = try await session.approvalKey(deadline: .seconds(20))
        #expect(one != two)
        let seen = try await stub.seen()
        let token = try JSONValue(parsing: try #require(seen.first).body)
        #expect(
            token == [
                "grant_type": "client_credentials", "appkey": .string(StubKIS.Planted.appKey),
                "appsecret": .string(StubKIS.Planted.appSecret),
            ])
        let approval = try #require(seen.first { $0.path == "/oauth2/Approval" })
        #expect(try JSONValue(parsing: approval.body)["secretkey"]?.stringValue == StubKIS.Planted.appSecret)
        #expect(seen.allSatisfy { $0.method == "POST" && $0.headers["authorization"] == nil })
    }
}
