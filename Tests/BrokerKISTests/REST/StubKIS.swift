import Core
import Foundation
import Settings
import TestSupport
import Transport
import TransportServers

@testable import BrokerKIS

/// A world of its own on the stand-in of KIS, and the folder of tokens that goes with it.
struct StubKIS: Sendable {
    struct Seen: Sendable {
        let path: String
        let method: String
        let headers: JSONValue
        let body: String
        let at: Double
    }

    /// What must not show up anywhere.
    enum Planted {
        static let appKey = "PSplantedAppKey000000000000000000001"
        static let appSecret = "planted/App+Secret=" + String(repeating: "s3cr3t", count: 20)
        static let quoteKey = "PSplantedQuoteKey0000000000000000002"
        static let quoteSecret = "planted/Quote+Secret=" + String(repeating: "qu0te", count: 20)
        static let account = "50123456"
        static let htsID = "planted-hts-id"
        /// How the tokens of the stand-in begin.
        static let token = "eyJhbGciOi.STUB.TOKEN"

        static let all = [appKey, appSecret, quoteKey, quoteSecret, account, htsID, token]
    }

    private static let shared = Result {
        try TestServer(
            python: TestServers.systemPython,
            script: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("Servers/kis_stub.py").path,
            arguments: [TestServers.fixture("")])
    }

    let baseURL: String
    let folder: TestSupport.TemporaryFolder
    private let origin: String
    private let name = UUID().uuidString

    /// - Parameter script: As kis_stub.py says.
    init(_ script: JSONValue) async throws {
        origin = "http://127.0.0.1:\(try Self.shared.get().port)"
        baseURL = "\(origin)/\(name)"
        folder = try TestSupport.TemporaryFolder("takt-kis")
        _ = try await HTTPClient().send(HTTPRequest(method: .post, url: try url("script"), body: script.utf8))
    }

    /// Replies to calls under `/uapi`.
    init(replies: [JSONValue]) async throws { try await self.init(["replies": .array(replies)]) }

    static func reply(_ body: String, status: Int = 200, _ more: [JSONValue.Member] = []) -> JSONValue {
        .object([.init("status", .int(Int64(status))), .init("body", .string(body))] + more)
    }

    static let success = reply(#"{"rt_cd":"0","msg_cd":"MCA00000","msg1":"정상처리 되었습니다.   ","output":{"a":"1"}}"#)

    func seen() async throws -> [Seen] {
        let answer = try JSONValue(parsing: try await HTTPClient().send(HTTPRequest(url: try url("seen"))).body)
        return (answer.arrayValue ?? []).map {
            Seen(
                path: $0["path"]?.stringValue ?? "", method: $0["method"]?.stringValue ?? "",
                headers: $0["headers"] ?? .null, body: $0["body"]?.stringValue ?? "",
                at: $0["at"]?.doubleValue ?? 0)
        }
    }

    func tokenIssues() async throws -> Int { try await seen().count { $0.path == "/oauth2/tokenP" } }
    func calls() async throws -> [Seen] { try await seen().filter { $0.path.hasPrefix("/uapi") } }

    private func url(_ word: String) throws -> RedactedURL {
        guard let url = RedactedURL("\(origin)/\(word)/\(name)") else { throw NoAddress() }
        return url
    }

    private struct NoAddress: Error {}

    var tokens: String { folder.path("tokens") }

    /// Fast: a thousand calls a second, short deadlines.
    func configuration(_ environment: KISEnvironment = .virtual, quotes: Bool = false) throws -> KISConfiguration {
        try Self.configuration(baseURL: baseURL, tokens: tokens, environment, quotes: quotes)
    }

    static let fast = CallRate(interval: .milliseconds(1), firstPause: .milliseconds(40), longestPause: .seconds(1))

    static func configuration(
        baseURL: String, tokens: String, _ environment: KISEnvironment = .virtual, quotes: Bool = false
    ) throws -> KISConfiguration {
        var configuration = KISConfiguration(
            trading: KISAccess(
                environment: environment, appKey: Secret(Planted.appKey), appSecret: Secret(Planted.appSecret),
                baseURL: baseURL, rate: fast),
            account: try KISAccount("\(Planted.account)-01"), htsID: Secret(Planted.htsID), folder: tokens,
            requestDeadline: .seconds(20), callDeadline: .seconds(90))
        if quotes {
            configuration.quotes = KISAccess(
                environment: .real, appKey: Secret(Planted.quoteKey), appSecret: Secret(Planted.quoteSecret),
                baseURL: baseURL, rate: fast)
        }
        return configuration
    }
}

/// The system's time, for tests over real sockets and files.
struct RealClock: WallClock {
    func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}

/// A clock that shows what it is told, and is moved by what is slept.
final class HandClock: WallClock, @unchecked Sendable {
    // Every access is under the lock.
    private let lock = NSLock()
    private var instant: Instant

    init(_ instant: Instant) { self.instant = instant }
    func now() -> Instant { lock.withLock { instant } }
    func set(_ other: Instant) { lock.withLock { instant = other } }
    func sleep(for duration: Duration) async throws { lock.withLock { instant = instant.advanced(by: duration) } }
}

extension KISEndpoint {
    static let testOrder = KISEndpoint(
        "order-cash", .post, "/uapi/domestic-stock/v1/trading/order-cash", .order, real: "TTTC0012U",
        virtual: "VTTC0012U")
    static let testBalance = KISEndpoint(
        "inquire-balance", .get, "/uapi/domestic-stock/v1/trading/inquire-balance", .inquiry, real: "TTTC8434R",
        virtual: "VTTC8434R")
    static let testPrice = KISEndpoint(
        "inquire-price", .get, "/uapi/domestic-stock/v1/quotations/inquire-price", .marketData, real: "FHKST01010100",
        virtual: "FHKST01010100")
    static let testHoliday = KISEndpoint(
        "chk-holiday", .get, "/uapi/domestic-stock/v1/quotations/chk-holiday", .marketData, real: "CTCA0903R",
        virtual: nil)
    static let testOpen = KISEndpoint(
        "inquire-psbl-rvsecncl", .get, "/uapi/domestic-stock/v1/trading/inquire-psbl-rvsecncl", .inquiry,
        real: "TTTC0084R", virtual: nil)
}
