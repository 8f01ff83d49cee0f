import Core
import Foundation
import Settings
import TestSupport
import Testing
import Transport
import TransportServers

@testable import BrokerKIS

@Suite("Calls of KIS over HTTP")
struct KISClientTests {
    static func client(
        _ stub: StubKIS, _ environment: KISEnvironment = .virtual, quotes: Bool = false,
        clock: any WallClock = RealClock(), _ change: (inout KISConfiguration) -> Void = { _ in }
    ) throws -> KISClient {
        var configuration = try stub.configuration(environment, quotes: quotes)
        change(&configuration)
        return try KISClient(configuration, clock: clock, seed: 7)
    }

    private let fields = [
        KISField("CANO", StubKIS.Planted.account), KISField("pdno", "005930"), KISField("ORD_QTY", "10"),
        KISField("NOTE", "a \"b\" ^&=+가"),
    ]

    @Test("A POST carries the headers of the sheet and upper-case string members")
    func post() async throws {
        let stub = try await StubKIS(replies: [StubKIS.success])
        let answer = try await Self.client(stub).call(.testOrder, fields, isContinuation: false)
        #expect(answer.code == "MCA00000")
        #expect(answer.message == "정상처리 되었습니다.")
        #expect(answer.body.record("OUTPUT")?.text("A") == "1")
        #expect(!answer.hasMore)
        let call = try #require(try await stub.calls().first)
        #expect(call.method == "POST")
        #expect(call.path == "/uapi/domestic-stock/v1/trading/order-cash")
        let expected = [
            "content-type": "application/json; charset=utf-8", "authorization": "Bearer eyJhbGciOi.STUB.TOKEN-0001",
            "appkey": StubKIS.Planted.appKey, "appsecret": StubKIS.Planted.appSecret, "tr_id": "VTTC0012U",
            "custtype": "P",
            "tr_cont": "",
        ]
        for (name, value) in expected { #expect(call.headers[name]?.stringValue == value, "\(name)") }
        #expect(call.headers["hashkey"] == nil)
        #expect(
            try JSONValue(parsing: call.body) == [
                "CANO": "50123456", "PDNO": "005930", "ORD_QTY": "10", "NOTE": "a \"b\" ^&=+가",
            ])
    }

    @Test(
        "A GET carries its fields in the query, encoded, and tells of a following page",
        arguments: ["F", "M", "D", "E", " "])
    func get(continuation: String) async throws {
        let reply = StubKIS.success.setting("headers", ["tr_cont": .string(continuation)])
        let stub = try await StubKIS(replies: [reply])
        let answer = try await Self.client(stub, .real).call(.testBalance, fields, isContinuation: true)
        #expect(answer.hasMore == (continuation == "F" || continuation == "M"))
        let call = try #require(try await stub.calls().first)
        #expect(call.method == "GET")
        #expect(
            call.path
                == "/uapi/domestic-stock/v1/trading/inquire-balance?CANO=50123456&PDNO=005930&ORD_QTY=10"
                + "&NOTE=a%20%22b%22%20%5E%26%3D%2B%EA%B0%80")
        #expect(call.headers["tr_id"]?.stringValue == "TTTC8434R")
        #expect(call.headers["tr_cont"]?.stringValue == "N")
        #expect(call.body.isEmpty)
    }

    @Test("Prices go out under the quote keys where there are any, orders and inquiries never")
    func quoteKeys() async throws {
        let stub = try await StubKIS(["replies": [StubKIS.success], "token_spacing": .double(0)])
        let client = try Self.client(stub, quotes: true)
        for endpoint in [KISEndpoint.testOrder, .testBalance, .testPrice, .testHoliday] {
            _ = try await client.call(endpoint, [], isContinuation: false)
        }
        let calls = try await stub.calls()
        let (trading, quotes) = (StubKIS.Planted.appKey, StubKIS.Planted.quoteKey)
        #expect(calls.map { $0.headers["appkey"]?.stringValue } == [trading, trading, quotes, quotes])
        #expect(
            calls.map { $0.headers["tr_id"]?.stringValue } == ["VTTC0012U", "VTTC8434R", "FHKST01010100", "CTCA0903R"])
        // Each key has its token.
        #expect(Set(calls.compactMap { $0.headers["authorization"]?.stringValue }).count == 2)
        _ = try await Self.client(stub).call(.testPrice, [], isContinuation: false)
        #expect(try await stub.calls().last?.headers["appkey"]?.stringValue == trading)
    }

    @Test(
        "What the virtual host does not have is an error of the configuration that names the keys to set; nothing is sent"
    )
    func notOnVirtualHost() async throws {
        let stub = try await StubKIS(replies: [StubKIS.success])
        let client = try Self.client(stub)
        let holiday = await #expect(throws: KISError.self) {
            try await client.call(.testHoliday, [], isContinuation: false)
        }
        guard case .configuration("chk-holiday", "NO-QUOTE-KEY", _, let cure)? = holiday else {
            Issue.record("\(String(describing: holiday))")
            return
        }
        #expect(cure.contains("KIS_QUOTE_APP_KEY") && cure.contains("KIS_QUOTE_APP_SECRET"))
        let open = await #expect(throws: KISError.self) {
            try await Self.client(stub, quotes: true).call(.testOpen, [], isContinuation: false)
        }
        guard case .configuration("inquire-psbl-rvsecncl", "NOT-ON-VIRTUAL-HOST", _, _)? = open else {
            Issue.record("\(String(describing: open))")
            return
        }
        #expect(try await stub.seen().isEmpty)
    }

    @Test("A read is asked again on what may pass, and the answer counts")
    func retries() async throws {
        let stub = try await StubKIS(replies: [
            StubKIS.reply("<html>", status: 502), ["close": true],
            StubKIS.reply(#"{"rt_cd":"1","msg_cd":"EGW00203","msg1":"x"}"#, status: 500), StubKIS.success,
        ])
        let client = try Self.client(stub)
        #expect(try await client.call(.testBalance, [], isContinuation: false).code == "MCA00000")
        #expect(try await stub.calls().count == 4)
    }

    @Test("The retries of a read have an end")
    func retriesEnd() async throws {
        let stub = try await StubKIS(replies: [StubKIS.reply("<html>", status: 200)])
        let client = try Self.client(stub) { $0.readRetries = 2 }
        let error = await #expect(throws: KISError.self) {
            try await client.call(.testPrice, [], isContinuation: false)
        }
        guard case .malformedAnswer? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await stub.calls().count == 3)
    }

    @Test("Refusals and errors of the configuration are not asked again")
    func noRetry() async throws {
        let cases = [
            (StubKIS.reply(#"{"rt_cd":"7","msg_cd":"APBK0952","msg1":"주문가능금액을 초과 했습니다"}"#), "refused"),
            (
                StubKIS.reply(#"{"rt_cd":"2","msg_cd":"OPSQ2000","msg1":"ERROR : INPUT INVALID_CHECK_ACNO"}"#),
                "configuration"
            ),
            (StubKIS.reply(#"{"error_code":"EGW00103","error_description":"x"}"#, status: 403), "credentialsRefused"),
            (StubKIS.reply("Not here", status: 404), "configuration"),
        ]
        for (reply, name) in cases {
            let stub = try await StubKIS(replies: [reply])
            let client = try Self.client(stub)
            let error = await #expect(throws: KISError.self) {
                try await client.call(.testBalance, [], isContinuation: false)
            }
            #expect("\(error.map { "\($0)" } ?? "")".contains(name))
            #expect(try await stub.calls().count == 1)
        }
    }

    @Test("A read that is turned away for its token goes on with a new one, once")
    func renewal() async throws {
        let stub = try await StubKIS([
            "replies": [StubKIS.success], "valid": ["eyJhbGciOi.STUB.TOKEN-0002"], "token_spacing": .double(0),
        ])
        let client = try Self.client(stub)
        try await agePast(stub, client)
        #expect(try await client.call(.testBalance, [], isContinuation: false).code == "MCA00000")
        #expect(try await stub.calls().count == 2)
        #expect(try await stub.tokenIssues() == 2)
    }

    @Test("A read whose new token is no good either ends with the credentials, and does not go round")
    func renewalInVain() async throws {
        let stub = try await StubKIS(["replies": [StubKIS.success], "valid": [], "token_spacing": .double(0)])
        let client = try Self.client(stub)
        try await agePast(stub, client)
        let error = await #expect(throws: KISError.self) {
            try await client.call(.testBalance, [], isContinuation: false)
        }
        guard case .credentialsRefused(_, "EGW00123", _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await stub.calls().count == 2)
        #expect(try await stub.tokenIssues() == 2)
    }

    /// Gets a token, and writes the file as if it had been issued long before.
    private func agePast(_ stub: StubKIS, _ client: KISClient) async throws {
        try await client.warmUp(.inquiry)
        let door = try KISDoor(client.configuration.trading, isForQuotes: false)
        let files = try PrivateFolder(preparing: stub.tokens)
        let name = "token-\(door.tokenName).json"
        var record = try #require(files.read(name, limit: 9999).flatMap(TokenRecord.init(file:)))
        record.attemptedAt = nil
        try files.replace(name, with: record.file, isDurable: false)
    }

    @Test("Too many calls: a read waits for the pause and is asked again")
    func slowDown() async throws {
        let refusal = StubKIS.reply(#"{"rt_cd":"1","msg_cd":"EGW00201","msg1":"초당 거래건수를 초과하였습니다."}"#, status: 500)
        let stub = try await StubKIS(replies: [refusal, StubKIS.success])
        let client = try Self.client(stub) { $0.trading.rate?.firstPause = .milliseconds(900) }
        #expect(try await client.call(.testBalance, [], isContinuation: false).code == "MCA00000")
        let times = try await stub.calls().map(\.at)
        #expect(times.count == 2)
        #expect((times.last ?? 0) - (times.first ?? 0) >= 0.85)
    }

    @Test("The whole call of a read has a deadline, however slow the host")
    func deadline() async throws {
        let slow = StubKIS.reply("{}", [.init("delay", .double(9))])
        let stub = try await StubKIS(replies: [slow])
        let client = try Self.client(stub) {
            $0.requestDeadline = .milliseconds(400)
            $0.callDeadline = .milliseconds(1500)
        }
        try await Self.client(stub).warmUp(.inquiry)
        let begin = RealClock().now()
        let error = await #expect(throws: KISError.self) {
            try await client.call(.testBalance, [], isContinuation: false)
        }
        guard case .unavailable? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(RealClock().now().duration(since: begin) < .seconds(8))
    }
}
