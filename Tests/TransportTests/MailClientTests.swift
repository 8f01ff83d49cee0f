import Core
import Testing
import TransportServers

@testable import Transport

@Suite(
    "Mail client against a real server",
    .enabled(if: TestServers.hasPreparedPython, "TAKT_TEST_PYTHON is not set; scripts/test sets it"),
    .timeLimit(.minutes(1)))
struct MailClientTests {
    func address(
        _ mode: TestMailServer.Mode, login: String = "takt:s3cret-word@", tls: Bool = true, ca: String = "ca.pem"
    ) throws -> SMTPServer {
        let scheme = mode == .smtps ? "smtps" : "smtp"
        let port = try TestMailServer.running(mode).port
        let url = try #require(RedactedURL("\(scheme)://\(login)localhost:\(port)"))
        let file = try TestCertificates.file(ca)
        return try #require(SMTPServer(url: url, requireTLS: tls, caFile: file))
    }

    func send(_ mail: Mail, _ server: SMTPServer) async throws {
        try await MailClient().send(mail, server: server, deadline: .seconds(30))
    }

    /// What the server of that mode has taken with that message id.
    func received(_ mode: TestMailServer.Mode, _ mail: Mail) throws -> [JSONValue] {
        try TestMailServer.running(mode).received(messageID: mail.messageID).map { try JSONValue(parsing: $0) }
    }

    @Test(
        "STARTTLS with login and TLS from the first byte both deliver, encrypted",
        arguments: [TestMailServer.Mode.starttls, .smtps])
    func encrypted(mode: TestMailServer.Mode) async throws {
        let sent = try MailTests.mail(messageID: "\(mode.rawValue)@example.com")
        try await send(sent, address(mode))
        let mail = try #require(try received(mode, sent).first)
        #expect(mail["is_encrypted"]?.boolValue == true)
        #expect(mail["user"]?.stringValue == "takt")
        #expect(mail["envelope_from"]?.stringValue == "alerts@example.com")
        #expect(mail["envelope_to"]?.arrayValue == ["me@example.com", "you@example.com"])
    }

    @Test(
        "Python's email package reads back what was written",
        arguments: [
            "[takt critical] plain and short",
            "[takt critical] 삼성전자 주문 상태를 알 수 없습니다: 005930 매수 10주, 지금 바로 확인하십시오 (주문 번호 20261125-000123)",
            "=?UTF-8?B?bm90IG91cnM=?= looks like an encoded word",
            String(repeating: "word ", count: 60) + "end",
            String(repeating: "x", count: 300),
        ])
    func roundTrip(subject: String) async throws {
        let text =
            "First\n.dot at the start\n..two\n.\nFrom here\ntrailing blank \n\n삼성전자 = 71,000원 "
            + String(repeating: "long ", count: 300) + "\nlast"
        let html = "<p>안녕하세요 &lt;b&gt;</p>\n." + String(repeating: "<b>x</b>", count: 300)
        let target = try address(.plain, login: "", tls: false)
        let id = "round-trip-\(Digest(of: subject).base32(bits: 60))@example.com"
        let sent = try MailTests.mail(subject: subject, text: text, html: html, messageID: id)
        try await send(sent, target)
        let mail = try #require(try received(.plain, sent).first)
        #expect(mail["defects"]?.arrayValue == [])
        #expect(mail["headers"]?["subject"]?.stringValue == subject)
        #expect(mail["headers"]?["message-id"]?.stringValue == "<\(id)>")
        #expect(mail["date"]?.stringValue == "2026-11-25T17:42:49+00:00")
        #expect(mail["from_name"]?.stringValue == "takt")
        #expect(mail["to"]?.arrayValue == ["me@example.com", "you@example.com"])
        #expect(mail["content_type"]?.stringValue == "multipart/alternative")
        #expect(mail["is_ascii"]?.boolValue == true)
        #expect(mail["has_bare_line_ends"]?.boolValue == false)
        #expect((mail["longest_line"]?.intValue ?? 999) <= 78)
        let parts = try #require(mail["parts"]?.arrayValue)
        #expect(parts.map { $0["type"]?.stringValue } == ["text/plain", "text/html"])
        #expect(parts.map { $0["charset"]?.stringValue } == ["utf-8", "utf-8"])
        let texts = parts.map { ($0["text"]?.stringValue ?? "").replacing("\r\n", with: "\n") }
        #expect(texts.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 } == [text, html])
    }

    @Test("Mostly foreign text comes back from base 64")
    func korean() async throws {
        let text = String(repeating: "체결되지 않은 주문이 있습니다.\n", count: 20) + "끝"
        let sent = try MailTests.mail(text: text, messageID: "korean@example.com")
        try await send(sent, address(.plain, login: "", tls: false))
        let part = try #require(try received(.plain, sent).first?["parts"]?.arrayValue?.first)
        #expect(part["encoding"]?.stringValue == "base64")
        #expect(part["text"]?.stringValue?.replacing("\r\n", with: "\n") == text)
    }

    @Test(
        "An unknown authority is refused before the password is told",
        arguments: [TestMailServer.Mode.starttls, .smtps])
    func wrongAuthority(mode: TestMailServer.Mode) async throws {
        let mail = try MailTests.mail(messageID: "untrusted-\(mode.rawValue)@example.com")
        let target = try address(mode, ca: "other-ca.pem")
        let error = await #expect(throws: TransportError.self) { try await send(mail, target) }
        guard case .tlsRefused = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(try received(mode, mail).isEmpty)
    }

    @Test("A server without STARTTLS gets neither password nor mail")
    func noEncryption() async throws {
        let mail = try MailTests.mail(messageID: "clear@example.com")
        let target = try address(.plain)
        let error = await #expect(throws: TransportError.self) { try await send(mail, target) }
        guard case .tlsRefused = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(try received(.plain, mail).isEmpty)
    }

    @Test("A wrong password is told as such, and is not shown")
    func wrongPassword() async throws {
        let target = try address(.starttls, login: "takt:wrong-password@")
        let error = await #expect(throws: TransportError.self) { try await send(MailTests.mail(), target) }
        guard case .loginRefused = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(error.map { "\($0)".contains("wrong-password") } == false)
    }

    @Test(
        "An unknown recipient refuses for good, a greylisting server only for now",
        arguments: [
            ("unknown@example.com", 550, false), ("later@example.com", 451, true),
        ])
    func recipients(address recipient: String, code: Int, isTransient: Bool) async throws {
        let mail = try MailTests.mail(
            messageID: "to-\(recipient)", recipients: "me@example.com, \(recipient)")
        let target = try address(.plain, login: "", tls: false)
        let error = await #expect(throws: TransportError.self) { try await send(mail, target) }
        guard case .mailRefused(_, code, _) = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(error?.isTransient == isTransient)
        #expect(try received(.plain, mail).isEmpty)
    }
}

@Suite("Mail client without a server", .timeLimit(.minutes(1)))
struct MailClientOfflineTests {
    @Test("Nobody listening is told at once, a silent server at the deadline", arguments: [true, false])
    func absent(isRefusing: Bool) async throws {
        let port = TestPort(isRefusing ? .refusing : .silent)
        let url = try #require(RedactedURL("smtp://u:hidden-word@127.0.0.1:\(port.number)"))
        let server = try #require(SMTPServer(url: url))
        let error = await #expect(throws: TransportError.self) {
            try await MailClient().send(try MailTests.mail(), server: server, deadline: .milliseconds(400))
        }
        switch error {
        case .unreachable where isRefusing: break
        case .timedOut(_, .milliseconds(400), let arrived) where !isRefusing: #expect(!arrived)
        default: Issue.record("unexpected \(String(describing: error))")
        }
        #expect(error.map { "\($0)".contains("hidden-word") } == false)
    }
}
