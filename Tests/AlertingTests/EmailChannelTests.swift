import Core
import Testing
import Transport
import TransportServers

@testable import Alerting

@Suite("E-mail channel")
struct EmailChannelTests {
    func channel(
        _ url: String, caFile: String? = nil, tls: Bool = true, to: String = "me@example.com"
    ) throws -> EmailChannel {
        let address = try #require(RedactedURL(url))
        let server = try #require(SMTPServer(url: address, requireTLS: tls, caFile: caFile))
        return EmailChannel(
            server: server, from: try #require(MailAddress("takt <alerts@example.com>")),
            to: try #require(MailAddress.list(to)), origin: .fixture, deadline: .seconds(10))
    }

    @Test("The same alert has the same message id on every attempt; other alerts and hosts have others")
    func messageID() throws {
        let channel = try channel("smtp://localhost")
        #expect(channel.mail(.fixture()) == channel.mail(.fixture()))
        #expect(channel.mail(.fixture()).messageID.hasPrefix("alert-42-"))
        #expect(channel.mail(.fixture()).messageID.hasSuffix("@example.com"))
        #expect(channel.mail(.fixture()).messageID != channel.mail(.fixture(id: 43)).messageID)
    }

    @Test("A title with line breaks cannot inject a header")
    func injection() throws {
        let mail = try channel("smtp://localhost").mail(.fixture(title: "x\r\nX-Injected: yes"))
        #expect(mail.subject == "[takt critical] x X-Injected: yes")
        _ = try mail.message()
    }

    @Test(
        "An alert arrives over STARTTLS with login and reads well in both forms",
        .enabled(if: TestServers.hasPreparedPython, "TAKT_TEST_PYTHON is not set; scripts/test sets it"),
        .timeLimit(.minutes(1)))
    func delivered() async throws {
        let server = try TestMailServer.running(.starttls)
        let url = "smtp://takt:s3cret-word@localhost:\(server.port)"
        let authority = try TestCertificates.file("ca.pem")
        let message = AlertMessage.fixture(
            title: "삼성전자 주문 확인 필요\r\nX-Injected: yes", fields: [.init("Symbol", "005930"), .init("이름", "삼성전자 <&>")])
        let channel = try channel(url, caFile: authority)
        #expect(await channel.deliver(message) == .delivered)

        let id = channel.mail(message).messageID
        let line = try #require(server.received(messageID: id).first)
        let mail = try JSONValue(parsing: line)
        #expect(mail["defects"]?.arrayValue == [])
        #expect(mail["is_encrypted"]?.boolValue == true)
        #expect(mail["has_injected_header"]?.boolValue == false)
        #expect(
            mail["headers"]?["subject"]?.stringValue == "[takt critical] 삼성전자 주문 확인 필요 X-Injected: yes")
        let parts = mail["parts"]?.arrayValue?.compactMap { $0["text"]?.stringValue } ?? []
        #expect(parts.count == 2)
        #expect(parts.first?.contains("It may be live. Run `takt reconcile`.") == true)
        #expect(parts.first?.contains("이름:     삼성전자 <&>") == true)
        #expect(parts.last?.contains("삼성전자 &lt;&amp;&gt;") == true)

        let wrong = try self.channel(url, caFile: TestCertificates.file("other-ca.pem"))
        guard case .retry(nil, let detail) = await wrong.deliver(message) else {
            Issue.record("an unknown authority must not get mail")
            return
        }
        #expect(!detail.contains("s3cret-word"))
        let unknown = try self.channel(url, caFile: authority, to: "unknown@example.com")
        guard case .refused(let refusal) = await unknown.deliver(message) else {
            Issue.record("an unknown recipient is final")
            return
        }
        #expect(refusal.contains("550"))
        #expect(server.received(messageID: id).count == 1)
    }

    @Test("A mail server that is not there is tried again later", .timeLimit(.minutes(1)))
    func unreachable() async throws {
        let port = TestPort(.refusing)
        let outcome = await (try channel("smtp://u:hidden-word@127.0.0.1:\(port.number)")).deliver(.fixture())
        guard case .retry(nil, let detail) = outcome else {
            Issue.record("not retried: \(outcome)")
            return
        }
        #expect(!detail.contains("hidden-word"))
    }
}
