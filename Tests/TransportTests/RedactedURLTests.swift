import Testing

@testable import Transport

@Suite("Redacted URLs")
struct RedactedURLTests {
    static let webhook = "https://hooks.slack.com/services/T0123456789/B0123456789/abcdefghijklmnopqrstuvwx"

    @Test("A URL prints its scheme, host and port, and nothing else of itself")
    func printing() throws {
        let url = try #require(RedactedURL(Self.webhook))
        #expect("\(url)" == "https://hooks.slack.com/•••")
        #expect(String(reflecting: url) == "https://hooks.slack.com/•••")
        var dumped = ""
        dump(url, to: &dumped)
        #expect(!dumped.contains("T0123456789") && !dumped.contains("abcdefghij"))
        #expect(url.exposed == Self.webhook)
    }

    @Test("User and password are taken apart, decoded and never shown")
    func login() throws {
        let url = try #require(RedactedURL("smtp://me%40example.com:p%40ss%3Aword@mail.example.com:587"))
        #expect(url.user == "me@example.com")
        #expect(url.password == "p@ss:word")
        #expect(url.host == "mail.example.com")
        #expect(url.port == 587)
        #expect("\(url)" == "smtp://mail.example.com:587")
        #expect(url.origin == "smtp://mail.example.com:587")
    }

    @Test("An IPv6 host keeps its brackets and its port")
    func literal() throws {
        let url = try #require(RedactedURL("http://[::1]:8080/x"))
        #expect(url.host == "[::1]" && url.port == 8080)
        #expect(RedactedURL("http://[::1]/x")?.port == nil)
    }

    @Test(
        "What is no absolute URL is refused",
        arguments: [
            "", "hooks.slack.com", "https://", "://x", "https://a b/", "https://a/\n", "https://h:0/",
            "https://h:99999/",
            "https://u:%zz@h/", "https://h\\evil/", "https://예시.kr/",
        ])
    func refused(text: String) { #expect(RedactedURL(text) == nil) }

    @Test("Scrubbing removes path, long components, user and password from other people's words")
    func scrub() throws {
        let url = try #require(RedactedURL(Self.webhook))
        let said = url.scrub("no route for /services/T0123456789/B0123456789/abcdefghijklmnopqrstuvwx (T0123456789)")
        #expect(said == "no route for ••• (•••)")
        let mail = try #require(RedactedURL("smtp://user17:topsecret@h"))
        #expect(mail.scrub("535 user17 / topsecret rejected") == "535 ••• / ••• rejected")
    }

    @Test("A request and a mail server print nothing secret, whichever way they are printed")
    func carriers() throws {
        let url = try #require(RedactedURL(Self.webhook))
        let request = HTTPRequest(method: .post, url: url, headers: [HTTPHeader("Authorization", "Bearer hush")])
        let smtp = try #require(RedactedURL("smtps://user17:topsecret@mail.example.com"))
        let server = try #require(SMTPServer(url: smtp))
        var dumped = ""
        dump(request, to: &dumped)
        dump(server, to: &dumped)
        for text in ["\(request)", String(reflecting: request), "\(server)", String(reflecting: server), dumped] {
            #expect(!text.contains("hush") && !text.contains("T0123456789") && !text.contains("topsecret"))
            #expect(!text.contains("user17"))
        }
        #expect("\(request)" == "POST https://hooks.slack.com/•••")
    }

    @Test("A password never travels in the clear to another machine")
    func clearText() throws {
        let remote = try #require(RedactedURL("smtp://u:p@mail.example.com"))
        #expect(SMTPServer(url: remote, requireTLS: false) == nil)
        #expect(SMTPServer(url: remote) != nil)
        let relay = try #require(RedactedURL("smtp://127.0.0.1:25"))
        #expect(SMTPServer(url: relay, requireTLS: false) != nil)
        let web = try #require(RedactedURL("https://example.com"))
        #expect(SMTPServer(url: web) == nil)
    }
}
