import Core
import Testing

@testable import Transport

@Suite("Mail messages")
struct MailTests {
    static func mail(
        subject: String = "Hello", text: String = "Body", html: String? = nil,
        messageID: String = "alert-1@example.com",
        recipients: String = "me@example.com, you@example.com"
    ) throws -> Mail {
        Mail(
            from: try #require(MailAddress("takt <alerts@example.com>")),
            to: try #require(MailAddress.list(recipients)), subject: subject, bodyText: text,
            bodyHTML: html, date: try #require(Instant(rfc3339: "2026-11-25T17:42:49Z")), messageID: messageID)
    }

    static func text(_ mail: Mail) throws -> String { String(decoding: try mail.message(), as: UTF8.self) }

    @Test("A plain message is these bytes")
    func plain() throws {
        let expected = [
            "Date: Wed, 25 Nov 2026 17:42:49 +0000", "From: \"takt\" <alerts@example.com>",
            "To: me@example.com,", " you@example.com", "Subject: Hello", "Message-ID: <alert-1@example.com>",
            "MIME-Version: 1.0", "Auto-Submitted: auto-generated", "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 7bit", "", "Body", "",
        ]
        #expect(try Self.text(Self.mail()) == expected.joined(separator: "\r\n"))
    }

    @Test("The same mail gives the same bytes, another text another boundary")
    func deterministic() throws {
        let first = try Self.mail(text: "a", html: "<p>a</p>")
        #expect(try first.message() == Self.mail(text: "a", html: "<p>a</p>").message())
        #expect(try Self.text(first).contains("=_takt_"))
        #expect(try first.message() != Self.mail(text: "b", html: "<p>a</p>").message())
    }

    @Test("A line break in a header field is refused", arguments: ["a\r\nBcc: x@y.z", "a\nb", "a\rb", "a\u{0}b"])
    func injection(text: String) throws {
        #expect(throws: TransportError.self) { try Self.mail(subject: text).message() }
        #expect(throws: TransportError.self) { try Self.mail(messageID: "\(text)@example.com").message() }
        #expect(MailAddress("\(text) <me@example.com>") == nil)
        #expect(MailAddress("\(text)@example.com") == nil)
    }

    @Test(
        "What is no mailbox is refused",
        arguments: ["", "me", "@example.com", "me@", "a@b@c", "me @example.com", "<me@x>y", "나@example.com", "a,b@c"])
    func addresses(text: String) { #expect(MailAddress(text) == nil) }

    @Test("A list of addresses is taken whole or not at all")
    func lists() {
        #expect(MailAddress.list("a@b.c; d@e.f,")?.map(\.address) == ["a@b.c", "d@e.f"])
        #expect(MailAddress.list("a@b.c, nonsense") == nil)
        #expect(MailAddress.list(" , ") == nil)
    }

    @Test("No line is longer than 78 columns and all bytes are ASCII, whatever the text", arguments: 0..<40)
    func lineLengths(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("ab =?_.\n\t삼성€é😀")
        func draw(_ count: Int) -> String {
            String((0..<count).map { _ in alphabet[Int(generator.next() % UInt64(alphabet.count))] })
        }
        let subject = draw(200).filter { $0 != "\n" && $0 != "\t" }
        let mail = try Self.mail(subject: subject, text: draw(400), html: draw(400))
        for line in try Self.text(mail).split(separator: "\r\n") {
            #expect(line.utf8.count <= 78, "seed \(seed): \(line)")
            #expect(line.utf8.allSatisfy { $0 < 0x7F }, "seed \(seed)")
        }
    }

    // RFC 4648, section 10.
    @Test("Base 64 agrees with the vectors of RFC 4648")
    func base64() {
        let vectors = [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
        for (plain, coded) in vectors { #expect(Base64.text(Array(plain.utf8)) == coded) }
    }

    @Test("Quoted-printable codes '=', trailing blanks and foreign bytes, and breaks long lines softly")
    func quotedPrintable() {
        #expect(QuotedPrintable.lines(Array("a=b ".utf8)) == ["a=3Db=20"])
        #expect(QuotedPrintable.lines(Array("é".utf8)) == ["=C3=A9"])
        #expect(QuotedPrintable.lines([]) == [""])
        let long = QuotedPrintable.lines(Array(repeating: 0x61, count: 80))
        #expect(long == [String(repeating: "a", count: 75) + "=", "aaaaa"])
    }
}
