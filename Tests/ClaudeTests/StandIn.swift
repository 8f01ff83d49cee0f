import Claude
import Core
import Decision
import Foundation
import Synchronization
import TestSupport
import Testing
import Transport
import TransportServers

/// A reply of the stand-in.
struct Reply {
    var status = 200
    var headers: [String: String] = [:]
    var body: [UInt8] = []
    /// Seconds before it.
    var delay = 0.0
    /// Hangs up instead.
    var close = false

    var json: JSONValue {
        [
            "status": .int(Int64(status)),
            "headers": .object(headers.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) }),
            "base64": .string(Data(body).base64EncodedString()), "delay": .double(delay), "close": .bool(close),
        ]
    }

    static let opinion: JSONValue = [
        "action": "hold", "confidence": .double(0.6), "risk_score": .double(0.3), "size_factor": .double(0.8),
        "delay_bars": 0, "veto": false,
        "observations": ["quiet"], "risks": [],
    ]

    static let usage: JSONValue = [
        "input_tokens": 900, "output_tokens": 90, "cache_creation_input_tokens": 2000, "cache_read_input_tokens": 0,
    ]

    /// A message as the service writes it. `content` is JSON text, so that it may be broken.
    static func message(
        content: String, stopReason: String = "tool_use", model: String = ClaudeModel.standardID,
        usage: JSONValue? = Self.usage
    ) -> Reply {
        let tail = usage.map { #","usage":\#($0.text)"# } ?? ""
        let text =
            #"{"id":"msg_01","type":"message","role":"assistant","model":"\#(model)","content":\#(content),"#
            + #""stop_reason":"\#(stopReason)","stop_sequence":null\#(tail)}"#
        return Reply(headers: ["request-id": "req_stand_in"], body: Array(text.utf8))
    }

    static func call(_ input: String, name: String = "give_opinion") -> String {
        #"{"type":"tool_use","id":"toolu_01","name":"\#(name)","input":\#(input)}"#
    }

    static func opinion(_ opinion: JSONValue = Self.opinion, usage: JSONValue? = Self.usage) -> Reply {
        message(content: "[\(call(opinion.text))]", usage: usage)
    }

    static func error(
        _ status: Int, _ type: String, _ message: String = "no", code: String? = nil, headers: [String: String] = [:]
    ) -> Reply {
        var error: JSONValue = ["type": .string(type), "message": .string(message)]
        if let code { error = error.setting("details", ["error_code": .string(code)]) }
        let body: JSONValue = ["type": "error", "error": error, "request_id": "req_stand_in"]
        return Reply(status: status, headers: headers, body: body.utf8)
    }
}

/// One scripted conversation with the stand-in.
struct StandIn {
    private static let shared = Result {
        try TestServer(
            python: TestServers.systemPython, script: StandIn.fixture("claude_server.py"),
            arguments: [TestServers.fixture("")])
    }

    static func fixture(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)").path
    }

    let baseURL: String
    private let origin: String
    private let name = UUID().uuidString

    init(_ replies: [Reply]) async throws {
        origin = "http://127.0.0.1:\(try Self.shared.get().port)"
        baseURL = "\(origin)/\(name)"
        let url = try #require(RedactedURL("\(origin)/script/\(name)"))
        let script = JSONValue.array(replies.map(\.json))
        _ = try await HTTPClient().send(HTTPRequest(method: .post, url: url, body: script.utf8))
    }

    struct Seen {
        let path: String
        let headers: JSONValue
        let body: String
    }

    func seen() async throws -> [Seen] {
        let url = try #require(RedactedURL("\(origin)/seen/\(name)"))
        let answer = try JSONValue(parsing: try await HTTPClient().send(HTTPRequest(url: url)).body)
        return try #require(answer.arrayValue).map {
            Seen(
                path: $0["path"]?.stringValue ?? "", headers: $0["headers"] ?? .null,
                body: $0["body"]?.stringValue ?? "")
        }
    }
}

/// A clock that is set by hand. Sleeping sets it forward at once.
final class HandClock: WallClock {
    private let state: Mutex<(now: Instant, slept: [Duration])>

    init(_ now: Instant = .fixture) { state = Mutex((now, [])) }

    func now() -> Instant { state.withLock { $0.now } }
    var slept: [Duration] { state.withLock { $0.slept } }
    func advance(by duration: Duration) { state.withLock { $0.now = $0.now.advanced(by: duration) } }

    func sleep(for duration: Duration) async throws {
        state.withLock {
            $0.now = $0.now.advanced(by: duration)
            $0.slept.append(duration)
        }
    }
}

/// A journal in memory, with what a test wants to happen at each entry.
final class MemoryJournal: ConsultationJournal {
    enum Entry: Hashable, Sendable {
        case willSend(PlannedRequest)
        case received(ConsultationExchange)
    }

    struct Full: Error {}

    private let state = Mutex([Entry]())
    private let before: @Sendable (Entry) async throws -> Void

    init(before: @escaping @Sendable (Entry) async throws -> Void = { _ in }) { self.before = before }

    var entries: [Entry] { state.withLock { $0 } }
    var planned: [PlannedRequest] {
        entries.compactMap { if case .willSend(let request) = $0 { request } else { nil } }
    }
    var exchanges: [ConsultationExchange] {
        entries.compactMap { if case .received(let exchange) = $0 { exchange } else { nil } }
    }

    func willSend(_ request: PlannedRequest) async throws { try await add(.willSend(request)) }
    func received(_ exchange: ConsultationExchange) async throws { try await add(.received(exchange)) }

    private func add(_ entry: Entry) async throws {
        try await before(entry)
        state.withLock { $0.append(entry) }
    }
}

extension ClaudeKey {
    static let text = "sk-ant-api03-TestKeyThatMustNeverShow"
    static func fixture() throws -> ClaudeKey { try #require(ClaudeKey(text)) }
}

extension ClaudeConsultant {
    static func fixture(
        _ standIn: StandIn, model: String = ClaudeModel.standardID, maxTokens: Int = 2048, attempts: Int = 3,
        deadline: Duration = .seconds(20), clock: any WallClock = HandClock()
    ) throws -> ClaudeConsultant {
        ClaudeConsultant(
            settings: try ClaudeSettings(
                model: try .named(model), maxTokens: maxTokens, deadline: deadline, attempts: attempts,
                baseURL: standIn.baseURL), key: try .fixture(), clock: clock, seed: 1)
    }
}

extension MarketQuestion {
    /// NVDA at its bar of 15:35, held since three bars, with a vote to buy.
    static func fixture(
        symbol: String = "NVDA", name: String = "NVIDIA", exchange: String = "XNAS", bars: Int = 5,
        features: [Figure] = [Figure("rsi_14", 62.5, unit: "0 to 100")],
        limits: [Figure] = [Figure("max_position_share", FixedPoint(int64Units: 30_000_000), unit: "share of equity")],
        texts: [OutsideText] = [OutsideText(source: "wire", text: "Chip demand is steady")]
    ) throws -> MarketQuestion {
        MarketQuestion(
            instrument: try .fixture(symbol: Symbol(symbol), name: name, exchange: ExchangeID(exchange)),
            timeframe: .fiveMinutes, barClose: .fixture,
            bars: (0..<bars).map { index in
                Bar.fixture(
                    openAt: Instant.fixture.advanced(bySeconds: Int64(index - bars) * 300),
                    close: .cents(10_000 + 7 * index))
            }, features: features,
            position: Position(
                quantity: Quantity(100), averageCost: .cents(9_950), unrealisedPnL: Money(FixedPoint(78), .usd),
                barsHeld: 3), equity: Money(FixedPoint(100_000), .usd), limits: limits,
            vote: .rule(AgentName("grpo"), .buy, 0.55, [:]), outsideTexts: texts)
    }
}
