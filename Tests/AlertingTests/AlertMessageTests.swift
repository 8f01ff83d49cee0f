import Core
import Synchronization
import Testing

@testable import Alerting

@Suite("Alert messages and routing")
struct AlertMessageTests {
    @Test("Severities are ordered, and 'from' includes the one named")
    func order() {
        #expect(Severity.allCases.sorted() == [.info, .warning, .error, .critical])
        #expect(Severity.from(.error) == [.error, .critical])
        #expect(Severity.from(.info).count == 4)
    }

    @Test("A headline is one line and never empty")
    func headline() {
        #expect(AlertMessage.fixture(title: "a\r\nb\tc\u{2028}d").headline == "a b c d")
        #expect(AlertMessage.fixture(title: " \n ").headline == "order-in-doubt")
    }

    @Test("An alert goes to the channels that take its severity, in their order")
    func routing() {
        let routing = AlertRouting(channels: [
            ScriptedChannel(name: "slack", levels: Severity.from(.warning)),
            ScriptedChannel(name: "email", levels: Severity.from(.error)),
            ScriptedChannel(name: "log"),
        ])
        #expect(routing.channels(for: .info) == ["log"])
        #expect(routing.channels(for: .warning) == ["slack", "log"])
        #expect(routing.channels(for: .critical) == ["slack", "email", "log"])
    }

    @Test("Test alerts come one for each severity, numbered, and say that nothing happened")
    func tests() {
        let alerts = AlertMessage.tests(firstID: 7, now: AlertMessage.time, origin: .fixture)
        #expect(alerts.map(\.id) == [7, 8, 9, 10])
        #expect(alerts.map(\.severity) == Severity.allCases)
        #expect(alerts.allSatisfy { $0.kind == "test" && $0.body.contains("Nothing happened") })
    }

    @Test("The log channel writes one line with everything")
    func log() async {
        let lines = Mutex<[String]>([])
        let channel = LogChannel { severity, line in lines.withLock { $0.append("\(severity.rawValue) \(line)") } }
        let outcome = await channel.deliver(.fixture(title: "A\nB", body: "C\nD", suppressedCount: 3))
        #expect(outcome == .delivered)
        let expected = """
            critical alert 42 order-in-doubt: A B | C D | Symbol=NVDA | Quantity=10 \
            | cycle=us-5m/2026-11-20T15:35:00Z | 3 more of this kind were held back
            """
        #expect(lines.withLock { $0 } == [expected])
    }

    @Test("The HTML body escapes what is foreign and shows every field")
    func html() {
        let message = AlertMessage.fixture(
            title: "<script>", body: "a < b\n& c", fields: [.init("\"x\"", "<i>")], suppressedCount: 1)
        let html = AlertText.html(message, origin: .fixture)
        #expect(!html.contains("<script>") && !html.contains("<i>"))
        #expect(html.contains("a &lt; b<br>\n&amp; c"))
        #expect(html.contains("&quot;x&quot;") && html.contains("&lt;i&gt;"))
        #expect(html.contains("box-1 (paper)") && html.contains("1 more of this kind"))
    }
}
