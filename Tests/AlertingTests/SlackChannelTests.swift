import Core
import Testing
import Transport
import TransportServers

@testable import Alerting

@Suite("Slack payload")
struct SlackPayloadTests {
    @Test("An alert becomes header, text, fields and context")
    func shape() {
        let payload = SlackPayload.json(.fixture(suppressedCount: 2), origin: .fixture)
        let blocks = payload["blocks"]?.arrayValue ?? []
        #expect(blocks.map { $0["type"]?.stringValue } == ["header", "section", "section", "context"])
        #expect(blocks[0]["text"]?["text"]?.stringValue == "🚨 Order NVDA-entry-abc is in doubt")
        #expect(
            blocks[2]["fields"]?.arrayValue?.map { $0["text"]?.stringValue } == ["*Symbol*\nNVDA", "*Quantity*\n10"])
        let context = blocks[3]["elements"]?.arrayValue?.compactMap { $0["text"]?.stringValue }
        #expect(
            context == [
                "2026-11-25T18:02:49Z", "box-1 (paper)", "profile us-5m", "cycle us-5m/2026-11-20T15:35:00Z",
                "order-in-doubt #42", "2 more of this kind were held back",
            ])
        #expect(payload["text"]?.stringValue == "[critical] Order NVDA-entry-abc is in doubt")
    }

    @Test("Control characters become entities, so no text turns into a mention")
    func escaping() {
        let payload = SlackPayload.json(.fixture(body: "<!channel> & <@U1>"), origin: .fixture)
        #expect(payload.text.contains("&lt;!channel&gt; &amp; &lt;@U1&gt;"))
        #expect(!payload.text.contains("<"))
    }

    @Test("Text is cut between characters and never inside an entity")
    func cutting() {
        #expect(SlackPayload.escaped("abcd", limit: 4) == "abcd")
        #expect(SlackPayload.escaped("abcde", limit: 4) == "abc…")
        #expect(SlackPayload.escaped("a&", limit: 6) == "a&amp;")
        #expect(SlackPayload.escaped("a&b", limit: 6) == "a…")
        #expect(SlackPayload.clipped("😀😀", 4) == "😀😀")
        #expect(SlackPayload.clipped("😀😀😀", 4) == "😀…")
        #expect(SlackPayload.clipped("", 4) == "")
    }
}

@Suite("Slack channel against a real server", .timeLimit(.minutes(1)))
struct SlackChannelTests {
    static let record = Result { try TemporaryFolder() }
    static let shared = Result {
        // The scripts of this room lie beside this file.
        let here = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        return try TestServer(
            python: TestServers.systemPython, script: "/\(here)/Fixtures/slack_server.py",
            arguments: [try record.get().file("requests")])
    }

    let server: TestServer

    init() throws { server = try Self.shared.get() }

    func channel(_ behaviour: String, deadline: Duration = .seconds(10)) throws -> SlackChannel {
        let url = "http://127.0.0.1:\(server.port)/\(behaviour)/T0SECRETTEAM/B0SECRETHOOK/sEcReTtOkEn"
        return SlackChannel(
            webhook: try #require(RedactedURL(url)), origin: .fixture, deadline: deadline,
            clock: FixedClock(AlertMessage.time))
    }

    func requests() throws -> [JSONValue] {
        try Self.record.get().lines("requests").map { try JSONValue(parsing: $0) }
    }

    @Test("An alert is accepted by a server that checks Block Kit's rules")
    func delivered() async throws {
        #expect(await (try channel("ok")).deliver(.fixture(title: "only this one")) == .delivered)
        let request = try #require(try requests().first { $0["body"]?.stringValue?.contains("only this one") == true })
        #expect(request["error"] == .null)
        #expect(request["type"]?.stringValue == "application/json; charset=utf-8")
    }

    @Test("Every test alert is accepted")
    func testAlerts() async throws {
        let channel = try channel("ok")
        for alert in AlertMessage.tests(firstID: 1, now: AlertMessage.time, origin: .fixture) {
            #expect(await channel.deliver(alert) == .delivered)
        }
    }

    @Test("Alerts of any size and content keep within Block Kit's limits", arguments: 0..<12)
    func limits(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("a &<>*_`\n삼😀")
        func draw(_ most: Int) -> String {
            let count = Int(generator.next() % UInt64(most + 1))
            return String((0..<count).map { _ in alphabet[Int(generator.next() % UInt64(alphabet.count))] })
        }
        let fields = (0..<Int(generator.next() % 700)).map { _ in AlertMessage.Field(draw(30), draw(60)) }
        let long = [AlertMessage.Field(draw(5000), draw(9000)), AlertMessage.Field("", "")]
        let message = AlertMessage.fixture(title: draw(600), body: draw(12_000), fields: long + fields)
        let outcome = await (try channel("ok")).deliver(message)
        #expect(outcome == .delivered, "seed \(seed): \(outcome)")
    }

    @Test(
        "429 asks for patience, 408 and 5xx may pass",
        arguments: [
            ("429", 7), ("408", nil), ("500", nil), ("503", nil),
        ] as [(String, Int?)])
    func transient(behaviour: String, seconds: Int?) async throws {
        guard case .retry(let after, let detail) = await (try channel(behaviour)).deliver(.fixture()) else {
            Issue.record("not retried")
            return
        }
        #expect(after == seconds.map { .seconds($0) })
        #expect(detail.contains("HTTP \(behaviour)"))
        #expect(!detail.contains("SECRET") && !detail.contains("sEcReT"))
    }

    @Test(
        "Other 4xx are refused with what to do",
        arguments: [
            ("400", "SLACK_WEBHOOK_URL"), ("404", "make a new webhook"), ("410", "choose another channel"),
            ("echo", "HTTP 403"), ("302", "HTTP 302"),
        ])
    func refused(behaviour: String, advice: String) async throws {
        guard case .refused(let detail) = await (try channel(behaviour)).deliver(.fixture()) else {
            Issue.record("not refused")
            return
        }
        #expect(detail.contains(advice))
        #expect(!detail.contains("SECRET") && !detail.contains("sEcReT"))
    }

    @Test("A server that hangs or is not there is tried again later")
    func unreachable() async throws {
        let port = TestPort(.refusing)
        let url = try #require(RedactedURL("http://127.0.0.1:\(port.number)/services/T0SECRETTEAM"))
        let away = SlackChannel(webhook: url, origin: .fixture, clock: FixedClock(AlertMessage.time))
        for channel in [try channel("slow", deadline: .milliseconds(300)), away] {
            guard case .retry(nil, let detail) = await channel.deliver(.fixture()) else {
                Issue.record("not retried")
                return
            }
            #expect(!detail.contains("SECRET") && !detail.contains("sEcReT"))
        }
    }
}
