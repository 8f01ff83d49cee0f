public import Claude
public import Core
import Foundation
import Transport
import TransportServers

/// A reply of the stand-in.
public struct ScriptedReply: Sendable {
    public var status = 200
    public var headers: [String: String] = [:]
    public var body: [UInt8] = []
    /// Seconds before it.
    public var delay = 0.0
    /// Hangs up instead.
    public var close = false

    public init(
        status: Int = 200, headers: [String: String] = [:], body: [UInt8] = [], delay: Double = 0, close: Bool = false
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.delay = delay
        self.close = close
    }

    var json: JSONValue {
        [
            "status": .int(Int64(status)),
            "headers": .object(headers.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) }),
            "base64": .string(Data(body).base64EncodedString()), "delay": .double(delay), "close": .bool(close),
        ]
    }

    public static let opinion: JSONValue = [
        "action": "hold", "confidence": .double(0.6), "risk_score": .double(0.3), "size_factor": .double(0.8),
        "delay_bars": 0, "veto": false,
        "observations": ["quiet"], "risks": [],
    ]

    public static let usage: JSONValue = [
        "input_tokens": 900, "output_tokens": 90, "cache_creation_input_tokens": 2000, "cache_read_input_tokens": 0,
    ]

    /// A message as the service writes it. `content` is JSON text, so that it may be broken.
    public static func message(
        content: String, stopReason: String = "tool_use", model: String = ClaudeModel.standardID,
        usage: JSONValue? = Self.usage
    ) -> ScriptedReply {
        let tail = usage.map { #","usage":\#($0.text)"# } ?? ""
        let text =
            #"{"id":"msg_01","type":"message","role":"assistant","model":"\#(model)","content":\#(content),"#
            + #""stop_reason":"\#(stopReason)","stop_sequence":null\#(tail)}"#
        return ScriptedReply(headers: ["request-id": "req_stand_in"], body: Array(text.utf8))
    }

    public static func call(_ input: String, name: String = "give_opinion") -> String {
        #"{"type":"tool_use","id":"toolu_01","name":"\#(name)","input":\#(input)}"#
    }

    public static func opinion(_ opinion: JSONValue = Self.opinion, usage: JSONValue? = Self.usage) -> ScriptedReply {
        message(content: "[\(call(opinion.text))]", usage: usage)
    }

    public static func error(
        _ status: Int, _ type: String, _ message: String = "no", code: String? = nil, headers: [String: String] = [:]
    ) -> ScriptedReply {
        var error: JSONValue = ["type": .string(type), "message": .string(message)]
        if let code { error = error.setting("details", ["error_code": .string(code)]) }
        let body: JSONValue = ["type": "error", "error": error, "request_id": "req_stand_in"]
        return ScriptedReply(status: status, headers: headers, body: body.utf8)
    }
}

/// One scripted conversation with the stand-in.
public struct StandIn: Sendable {
    private static let shared = Result {
        try TestServer(
            python: TestServers.systemPython, script: StandIn.script,
            arguments: [TestServers.fixture("")])
    }

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("claude_server.py").path

    public let baseURL: String
    private let origin: String
    private let name = UUID().uuidString

    public init(_ replies: [ScriptedReply]) async throws {
        origin = "http://127.0.0.1:\(try Self.shared.get().port)"
        baseURL = "\(origin)/\(name)"
        let url = try address("script")
        let script = JSONValue.array(replies.map(\.json))
        _ = try await HTTPClient().send(HTTPRequest(method: .post, url: url, body: script.utf8))
    }

    public struct Seen: Sendable {
        public let path: String
        public let headers: JSONValue
        public let body: String
    }

    public func seen() async throws -> [Seen] {
        let url = try address("seen")
        let answer = try JSONValue(parsing: try await HTTPClient().send(HTTPRequest(url: url)).body)
        return (answer.arrayValue ?? []).map {
            Seen(
                path: $0["path"]?.stringValue ?? "", headers: $0["headers"] ?? .null,
                body: $0["body"]?.stringValue ?? "")
        }
    }

    private func address(_ word: String) throws -> RedactedURL {
        guard let url = RedactedURL("\(origin)/\(word)/\(name)") else { throw NoAddress() }
        return url
    }

    private struct NoAddress: Error {}
}
