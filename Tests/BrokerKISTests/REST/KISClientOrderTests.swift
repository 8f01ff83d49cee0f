import Core
import Foundation
import Locks
import Settings
import TestSupport
import Testing
import Transport
import TransportServers

@testable import BrokerKIS

@Suite("Orders over HTTP")
struct KISClientOrderTests {
    enum Outcome: String, Sendable {
        case placed, notSent, turnedAway, unknown, refused, configuration, credentials, other
    }

    private func outcome(_ client: KISClient) async -> (Outcome, String) {
        do {
            _ = try await client.call(.testOrder, [KISField("CANO", StubKIS.Planted.account)], isContinuation: false)
            return (.placed, "")
        } catch {
            let outcome: Outcome =
                switch error {
                case .notSent: .notSent
                case .turnedAway: .turnedAway
                case .outcomeUnknown: .unknown
                case .refused: .refused
                case .configuration: .configuration
                case .credentialsRefused: .credentials
                case .unavailable, .malformedAnswer: .other
                }
            return (outcome, "\(error)")
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let reply: JSONValue
        let outcome: Outcome
        var deadline = Duration.seconds(20)
        var testDescription: String { name }
    }

    private static func envelope(_ result: String, _ code: String, status: Int = 200) -> JSONValue {
        StubKIS.reply(#"{"rt_cd":"\#(result)","msg_cd":"\#(code)","msg1":"안내"}"#, status: status)
    }

    static let cases = [
        Case(name: "accepted", reply: envelope("0", "APBK0013"), outcome: .placed),
        Case(name: "refused", reply: envelope("7", "APBK0952"), outcome: .refused),
        Case(name: "refused by an unlisted code of the desk", reply: envelope("7", "APBK4711"), outcome: .refused),
        Case(name: "too many calls", reply: envelope("1", "EGW00201", status: 500), outcome: .turnedAway),
        Case(name: "expired token", reply: envelope("1", "EGW00123", status: 500), outcome: .turnedAway),
        Case(name: "wrong key", reply: envelope("1", "EGW00103", status: 403), outcome: .credentials),
        Case(name: "wrong account", reply: envelope("2", "OPSQ2000"), outcome: .configuration),
        Case(name: "time-out behind the gateway", reply: envelope("1", "EGW00301", status: 500), outcome: .unknown),
        Case(name: "passing error", reply: envelope("1", "EGW00001", status: 500), outcome: .unknown),
        Case(name: "code nobody knows", reply: envelope("1", "EGW77777", status: 500), outcome: .unknown),
        Case(name: "HTML with 502", reply: StubKIS.reply("<html>bad gateway</html>", status: 502), outcome: .unknown),
        Case(name: "HTML with 200", reply: StubKIS.reply("<html>maintenance</html>"), outcome: .unknown),
        Case(name: "empty with 500", reply: StubKIS.reply("", status: 500), outcome: .unknown),
        Case(name: "not found", reply: StubKIS.reply("no", status: 404), outcome: .unknown),
        Case(name: "half a JSON text", reply: StubKIS.reply(#"{"rt_cd":"0","msg_"#), outcome: .unknown),
        Case(
            name: "redirect", reply: StubKIS.reply("", status: 307, [.init("headers", ["location": "/elsewhere"])]),
            outcome: .unknown),
        Case(name: "dropped after it was taken", reply: ["close": true], outcome: .unknown),
        Case(
            name: "no answer in time", reply: StubKIS.reply("{}", [.init("delay", .double(9))]), outcome: .unknown,
            deadline: .milliseconds(1200)),
        Case(
            name: "answer that does not end in time",
            reply: StubKIS.reply(#"{"rt_cd":"0","msg_cd":"APBK0013"}"#, [.init("slow", .double(30))]),
            outcome: .unknown,
            deadline: .milliseconds(1200)
        ),
    ]

    @Test("An order leaves exactly once, and its error says whether it may have arrived", arguments: cases)
    func once(_ example: Case) async throws {
        let stub = try await StubKIS(["replies": [example.reply], "token_spacing": .double(0)])
        // The token comes first, so that a short deadline is the order's alone.
        try await KISClientTests.client(stub).warmUp(.order)
        let client = try KISClientTests.client(stub) { $0.requestDeadline = example.deadline }
        let (outcome, text) = await outcome(client)
        #expect(outcome == example.outcome, "\(text)")
        let posts = try await stub.calls()
        #expect(posts.count == 1)
        #expect(posts.allSatisfy { $0.method == "POST" })
    }

    @Test("A refusal keeps KIS's words and explains them")
    func explained() async throws {
        let stub = try await StubKIS(replies: [
            StubKIS.reply(#"{"rt_cd":"7","msg_cd":"APBK0952","msg1":"주문가능금액을 초과 했습니다   "}"#)
        ])
        let client = try KISClientTests.client(stub)
        let error = await #expect(throws: KISError.self) {
            try await client.call(.testOrder, [], isContinuation: false)
        }
        #expect(
            error
                == .refused(
                    call: "order-cash", code: "APBK0952",
                    message: "주문가능금액을 초과 했습니다 (not enough cash that may be used for it)"))
    }

    @Test("A connection that was refused is an order that was not sent")
    func connectionRefused() async throws {
        let port = TestPort(.refusing)
        let stub = try await StubKIS(replies: [])
        let good = try KISClientTests.client(stub)
        try await good.warmUp(.order)
        let client = try KISClientTests.client(stub) { $0.trading.baseURL = "http://127.0.0.1:\(port.number)" }
        // The token of the other address, so that the order itself is what is refused.
        let files = try PrivateFolder(preparing: stub.tokens)
        let from = try KISDoor(good.configuration.trading, isForQuotes: false).tokenName
        let to = try KISDoor(client.configuration.trading, isForQuotes: false).tokenName
        let record = try #require(files.read("token-\(from).json", limit: 9999))
        try files.replace("token-\(to).json", with: record, isDurable: false)
        let (outcome, text) = await outcome(client)
        #expect(outcome == .notSent, "\(text)")
        #expect(text.contains("nothing was sent"))
    }

    @Test("An order that is turned away for its token is not sent again here, but the next one finds a new token")
    func renewedForTheNext() async throws {
        let stub = try await StubKIS([
            "replies": [StubKIS.success], "valid": ["eyJhbGciOi.STUB.TOKEN-0002"], "token_spacing": .double(0),
        ])
        let client = try KISClientTests.client(stub)
        try await client.warmUp(.order)
        let files = try PrivateFolder(preparing: stub.tokens)
        let name = "token-\(try KISDoor(client.configuration.trading, isForQuotes: false).tokenName).json"
        var record = try #require(files.read(name, limit: 9999).flatMap(TokenRecord.init(file:)))
        record.attemptedAt = nil
        try files.replace(name, with: record.file, isDurable: false)
        #expect(await outcome(client).0 == .turnedAway)
        #expect(try await stub.calls().count == 1)
        #expect(await outcome(client).0 == .placed)
        #expect(try await stub.calls().count == 2)
        #expect(try await stub.tokenIssues() == 2)
    }

    @Test("Without a token, or without a slot before its deadline, an order is not sent")
    func noTokenNoSlot() async throws {
        let stub = try await StubKIS(["replies": [StubKIS.success], "token": [StubKIS.reply("x", status: 500)]])
        let client = try KISClientTests.client(stub)
        let (withoutToken, text) = await outcome(client)
        #expect(withoutToken == .notSent, "\(text)")
        #expect(try await stub.calls().isEmpty)

        let other = try await StubKIS(replies: [StubKIS.success])
        let slow = try KISClientTests.client(other, clock: HandClock(RealClock().now())) {
            // A slot would come within the call's deadline, but too late for the request's own.
            $0.trading.rate = CallRate(interval: .milliseconds(3900))
            $0.requestDeadline = .seconds(2)
            $0.callDeadline = .seconds(4)
        }
        #expect(await outcome(slow).0 == .placed)
        let (withoutSlot, words) = await outcome(slow)
        #expect(withoutSlot == .notSent, "\(words)")
        #expect(words.contains("no free slot"))
        #expect(try await other.calls().count == 1)
    }

    @Test("An order whose time is over, or would be before its slot comes, is not sent")
    func notAfter() async throws {
        let stub = try await StubKIS(replies: [StubKIS.success])
        let client = try KISClientTests.client(stub) {
            $0.trading.rate = CallRate(interval: .seconds(20))
            $0.requestDeadline = .seconds(2)
            $0.callDeadline = .seconds(60)
        }
        func failure(_ end: Instant) async -> KISError? {
            do throws(KISError) {
                _ = try await client.send(.testOrder, [], notAfter: end)
                return nil
            } catch { return error }
        }
        let now = RealClock().now()
        guard case .notSent? = await failure(now.advanced(bySeconds: -1)) else {
            Issue.record("a late order was sent")
            return
        }
        #expect(try await stub.calls().isEmpty)
        #expect(await failure(now.advanced(bySeconds: 30)) == nil, "there is a slot at once")
        // The next slot comes in twenty seconds, and the call alone would wait for it.
        guard case .notSent? = await failure(RealClock().now().advanced(bySeconds: 5)) else {
            Issue.record("an order waited beyond its time")
            return
        }
        #expect(try await stub.calls().count == 1)
    }

    @Test("An order that is cancelled while it waits is not sent")
    func cancelled() async throws {
        let stub = try await StubKIS(replies: [StubKIS.success])
        let client = try KISClientTests.client(stub) {
            $0.trading.rate = CallRate(interval: .seconds(600))
            $0.callDeadline = .seconds(1000)
        }
        #expect(await outcome(client).0 == .placed)
        let task = Task { await outcome(client) }
        try await Task.sleep(for: .milliseconds(200))
        task.cancel()
        let (cut, text) = await task.value
        #expect(cut == .notSent, "\(text)")
        #expect(try await stub.calls().count == 1)
    }
}
