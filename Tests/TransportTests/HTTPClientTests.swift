import Core
import Testing
import TransportServers

@testable import Transport

@Suite("HTTP client against a real server", .timeLimit(.minutes(1)))
struct HTTPClientTests {
    static let shared = Result {
        try TestServer(python: TestServers.systemPython, script: TestServers.fixture("http_server.py"))
    }

    let server: TestServer
    let client = HTTPClient()

    init() throws { server = try Self.shared.get() }

    func url(_ path: String) throws -> RedactedURL {
        try #require(RedactedURL("http://127.0.0.1:\(server.port)\(path)"))
    }

    @Test("Method, headers and body arrive as given", arguments: HTTPMethod.allCases.filter { $0 != .head })
    func methods(method: HTTPMethod) async throws {
        let body = method == .get || method == .delete ? "" : "본문 \u{0}&"
        let request = HTTPRequest(
            method: method, url: try url("/echo/a?b=c"),
            headers: [HTTPHeader("X-One", "1"), HTTPHeader("X-Empty", "")],
            body: Array(body.utf8))
        let response = try await client.send(request)
        #expect(response.status == 200)
        #expect(response.header("content-TYPE") == "application/json")
        #expect(response.header("x-twice") == "padded")
        let echo = try JSONValue(parsing: response.body)
        #expect(echo["method"]?.stringValue == method.rawValue)
        #expect(echo["path"]?.stringValue == "/echo/a?b=c")
        #expect(echo["body"]?.stringValue == body)
        #expect(echo["headers"]?["x-one"]?.stringValue == "1")
        #expect(echo["headers"]?["x-empty"]?.stringValue == "")
        #expect(echo["headers"]?["expect"] == nil)
        #expect(echo["headers"]?["user-agent"]?.stringValue == "takt")
    }

    @Test("HEAD brings headers and no body")
    func head() async throws {
        let response = try await client.send(HTTPRequest(method: .head, url: try url("/big/1000")))
        #expect(response.status == 200 && response.body.isEmpty)
        #expect(response.header("Content-Length") == "1000")
    }

    @Test("An empty POST is a POST with length 0")
    func emptyPost() async throws {
        let response = try await client.send(HTTPRequest(method: .post, url: try url("/echo")))
        let echo = try JSONValue(parsing: response.body)
        #expect(echo["method"]?.stringValue == "POST")
        #expect(echo["headers"]?["content-length"]?.stringValue == "0")
    }

    @Test("Any status is an answer, not an error", arguments: [204, 304, 400, 404, 429, 500, 503])
    func statuses(status: Int) async throws {
        #expect(try await client.send(HTTPRequest(url: try url("/status/\(status)"))).status == status)
    }

    @Test("Redirects are followed only when asked for, and not for ever")
    func redirects() async throws {
        #expect(try await client.send(HTTPRequest(url: try url("/redirect"))).status == 302)
        let followed = try await client.send(HTTPRequest(url: try url("/redirect"), followRedirects: true))
        #expect(followed.status == 200)
        #expect(followed.header("Location") == nil)
        await #expect(throws: TransportError.self) {
            try await client.send(HTTPRequest(url: try url("/loop"), followRedirects: true))
        }
    }

    @Test("An answer over the limit is dropped, one of exactly the limit is not")
    func limit() async throws {
        #expect(try await client.send(HTTPRequest(url: try url("/big/5000"), bodyLimit: 5000)).body.count == 5000)
        await #expect(
            throws: TransportError.responseTooLarge(target: "http://127.0.0.1:\(server.port)/•••", limitBytes: 4999)
        ) {
            try await client.send(HTTPRequest(url: try url("/big/5000"), bodyLimit: 4999))
        }
    }

    /// A starved machine may need longer than a short deadline to connect, and then "nothing was sent" is the truth: so the
    /// server is asked what it saw, and the deadline grows until it saw something.
    @Test(
        "A peer that does not answer costs the deadline, and a request it has seen counts as maybe arrived",
        arguments: ["slow", "drip"])
    func deadline(path: String) async throws {
        for seconds in [2, 8, 30] {
            let request = HTTPRequest(url: try url("/\(path)/\(seconds)"), deadline: .seconds(seconds))
            let clock = ContinuousClock()
            let start = clock.now
            let error = try await #require(throws: TransportError.self) { try await client.send(request) }
            #expect(start.duration(to: clock.now) >= .milliseconds(1000 * seconds - 10))
            #expect(error.isTransient)
            let seen = try await client.send(HTTPRequest(url: try url("/seen/\(path)/\(seconds)"))).text
            guard seen != "0" else { continue }
            #expect(
                error
                    == .timedOut(target: request.url.description, after: .seconds(seconds), mayHaveArrived: true))
            return
        }
        Issue.record("no request reached the server within 30 s")
    }

    @Test("A deadline of zero is over before anything is sent")
    func noTime() async throws {
        let error = await #expect(throws: TransportError.self) {
            try await client.send(HTTPRequest(url: try url("/echo"), deadline: .zero))
        }
        #expect(error?.mayHaveArrived == false)
    }

    @Test("A connection closed without an answer is interrupted, and the request may have arrived")
    func closed() async throws {
        let error = await #expect(throws: TransportError.self) {
            try await client.send(HTTPRequest(method: .post, url: try url("/close"), body: [1, 2, 3]))
        }
        guard case .interrupted(_, _, true) = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
    }

    @Test("A refused connection says that nothing was sent, and names no path")
    func refused() async throws {
        let port = TestPort(.refusing)
        let url = try #require(RedactedURL("http://127.0.0.1:\(port.number)/services/SECRETPATH1"))
        let error = await #expect(throws: TransportError.self) { try await client.send(HTTPRequest(url: url)) }
        guard case .unreachable = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(error?.mayHaveArrived == false && error?.isTransient == true)
        #expect(error.map { "\($0)".contains("SECRETPATH1") } == false)
    }

    @Test("An unknown host is told as such")
    func unresolved() async throws {
        let url = try #require(RedactedURL("http://no-such-host.invalid/"))
        let error = await #expect(throws: TransportError.self) { try await client.send(HTTPRequest(url: url)) }
        guard case .unresolvedHost = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
    }

    @Test("Cancelling the task cuts a hanging request off within seconds")
    func cancellation() async throws {
        let request = HTTPRequest(url: try url("/slow"), deadline: .seconds(50))
        let elapsed = await ContinuousClock().measure {
            let task = Task { [client] in try await client.send(request) }
            try? await Task.sleep(for: .milliseconds(100))
            task.cancel()
            let result = await task.result
            let error = #expect(throws: TransportError.self) { try result.get() }
            guard case .cancelled = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
        }
        #expect(elapsed < .seconds(30))
    }

    @Test("Headers with line breaks and foreign schemes are refused before anything is sent")
    func invalid() async throws {
        for header in [
            HTTPHeader("X", "a\r\nY: b"), HTTPHeader("X\n", "a"), HTTPHeader("", "a"), HTTPHeader("a:b", "c"),
        ] {
            let error = await #expect(throws: TransportError.self) {
                try await client.send(HTTPRequest(url: try url("/echo"), headers: [header]))
            }
            guard case .invalidRequest = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
        }
        let file = try #require(RedactedURL("file://localhost/etc/passwd"))
        await #expect(throws: TransportError.self) { try await client.send(HTTPRequest(url: file)) }
    }

    @Test("Reads are asked again until they succeed or the budget is used up")
    func retries() async throws {
        let clock = FixedClock(Instant(epochSeconds: 0))
        let good = try await client.read(HTTPRequest(url: try url("/flaky/2/read")), clock: clock, seed: 1)
        #expect(good.status == 200 && good.text == "3")
        let bad = try await client.read(HTTPRequest(url: try url("/flaky/9/read")), clock: clock, seed: 1)
        #expect(bad.status == 503 && bad.text == "3")
    }

    @Test("A POST is sent once, whatever comes back")
    func noRetryForWrites() async throws {
        let clock = FixedClock(Instant(epochSeconds: 0))
        let request = HTTPRequest(method: .post, url: try url("/flaky/5/write"))
        let response = try await client.read(request, clock: clock, seed: 1)
        #expect(response.status == 503 && response.text == "1")
    }

    @Test("Many requests run side by side")
    func parallel() async throws {
        let request = HTTPRequest(url: try url("/big/100000"))
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 { group.addTask { [client] in try await client.send(request).body.count } }
            for try await count in group { #expect(count == 100_000) }
        }
    }

    @Test("A library that is not there is told with the package that brings it")
    func missingLibrary() {
        let reason = CurlLibrary.problem(opening: "libcurl-that-is-nowhere.so.4")
        #expect(reason?.contains("libcurl-that-is-nowhere") == true)
        #expect(TransportError.libraryMissing(detail: reason ?? "").description.contains("apt-get install libcurl4"))
        #expect(CurlLibrary.problem(opening: "libcurl.so.4") == nil)
    }
}

@Suite(
    "HTTPS", .enabled(if: TestServers.hasPreparedPython, "TAKT_TEST_PYTHON is not set; scripts/test sets it"),
    .timeLimit(.minutes(1)))
struct HTTPSTests {
    static let server = Result { try start("server") }
    static let stranger = Result { try start("stranger") }

    static func start(_ certificate: String) throws -> TestServer {
        let files = try ["\(certificate).pem", "\(certificate).key"].map(TestCertificates.file)
        return try TestServer(
            python: TestServers.systemPython, script: TestServers.fixture("http_server.py"), arguments: files)
    }

    func ask(certificate: String, caFile: String?) async throws -> Int {
        let server = try (certificate == "server" ? Self.server : Self.stranger).get()
        let url = try #require(RedactedURL("https://localhost:\(server.port)/status/200"))
        return try await HTTPClient(caFile: caFile).send(HTTPRequest(url: url)).status
    }

    @Test("A certificate of the named authority is accepted")
    func accepted() async throws {
        #expect(try await ask(certificate: "server", caFile: TestCertificates.file("ca.pem")) == 200)
    }

    @Test(
        "Another authority, the system's authorities, a missing file and another name are refused, and nothing is sent",
        arguments: [
            ("server", "other-ca.pem"), ("server", nil), ("server", "no-such-file.pem"), ("stranger", "ca.pem"),
        ] as [(String, String?)])
    func refused(certificate: String, caFile: String?) async throws {
        let error = await #expect(throws: TransportError.self) {
            try await ask(certificate: certificate, caFile: caFile.map(TestCertificates.file))
        }
        guard case .tlsRefused = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(error?.mayHaveArrived == false)
    }
}
