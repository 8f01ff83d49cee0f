import Claude
import ClaudeServers
import Core
import Foundation
import TestSupport
import Testing
import TransportServers

/// Our requests and the stand-in's answers as the `anthropic` package sees them.
@Suite(
    "The anthropic package's own types", .serialized, .timeLimit(.minutes(2)),
    .enabled(if: TestServers.hasPreparedPython, "TAKT_TEST_PYTHON is not set; scripts/test sets it"))
struct SDKTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures/check_with_sdk.py").path

    /// One answer for each case.
    func check(_ cases: [JSONValue]) throws -> [JSONValue] {
        let folder = try TransportServers::TemporaryFolder()
        let file = folder.file("cases")
        try cases.map(\.text).joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: try #require(TestServers.preparedPython))
        process.arguments = ["-B", Self.script, file]
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        try #require(process.terminationStatus == 0 && lines.count == cases.count)
        return try lines.map { try JSONValue(parsing: String($0)) }
    }

    func body(_ id: String = ClaudeModel.standardID, temperature: String? = nil) throws -> JSONValue {
        let settings = try ClaudeSettings(
            model: try .named(id), temperature: try temperature.map { try Fraction($0) })
        return try JSONValue(parsing: try ClaudeRequest(try .fixture(bars: 60), settings).body)
    }

    @Test("The request of every model is of the package's type")
    func requests() throws {
        let bodies = try ClaudeModel.known.map { try body($0.id) }
        let answers = try check(bodies.map { ["check": "request", "body": $0] })
        #expect(answers.allSatisfy { $0["accepted"] == true })
    }

    @Test("A temperature is all that the package does not know: it has dropped what only older models take")
    func temperature() throws {
        let answers = try check([["check": "request", "body": try body("claude-sonnet-4-6", temperature: "0.7")]])
        #expect(answers[0]["unknown"] == ["temperature"])
    }

    @Test("A spoiled request is refused, so the check can fail")
    func spoiledRequests() throws {
        let body = try body()
        let tool = try #require(body["tools"]?.arrayValue?.first)
        let system = try #require(body["system"]?.arrayValue?.first)
        let spoiled: [JSONValue] = [
            body.setting("temprature", 0), body.setting("max_tokens", "2048"), body.removing("max_tokens"),
            body.removing("messages"), body.setting("tool_choice", ["type": "force", "name": "give_opinion"]),
            body.setting("tool_choice", ["type": "tool"]),
            body.setting("tools", [tool.setting("schema", [:])]),
            body.setting("tools", [tool.setting("strict", "yes")]),
            body.setting("tools", [tool.removing("input_schema")]),
            body.setting("system", [system.setting("cache_control", ["type": "forever"])]),
            body.setting("system", [system.setting("cache", true)]), body.setting("system", 1),
            body.setting("messages", [["role": "operator", "content": "x"]]),
            body.setting("messages", [["role": "user", "text": "x"]]), body.setting("thinking", ["type": "off"]),
        ]
        let answers = try check(spoiled.map { ["check": "request", "body": $0] })
        #expect(answers.map { $0["accepted"] } == Array(repeating: false, count: spoiled.count))
    }

    @Test("The strict schema has nothing that the package would take out, and a range is taken out")
    func strictSchema() throws {
        let schema = try #require(try body()["tools"]?.arrayValue?.first?["input_schema"])
        let ranged = schema.setting("properties", ["x": ["type": "number", "minimum": 0]])
        let answers = try check([["check": "schema", "schema": schema], ["check": "schema", "schema": ranged]])
        #expect(answers.map { $0["accepted"] } == [true, false])
    }

    @Test("The package itself gets from the stand-in what we get, and its errors for the failures")
    func honestStandIn() async throws {
        let failures: [(Int, String, String)] = [
            (400, "invalid_request_error", "BadRequestError"), (401, "authentication_error", "AuthenticationError"),
            (403, "permission_error", "PermissionDeniedError"), (404, "not_found_error", "NotFoundError"),
            (413, "request_too_large", "RequestTooLargeError"), (429, "rate_limit_error", "RateLimitError"),
            (500, "api_error", "InternalServerError"), (529, "overloaded_error", "OverloadedError"),
        ]
        let standIn = try await StandIn([.opinion()] + failures.map { .error($0.0, $0.1) })
        let body = try body()
        let cases = Array(
            repeating: ["check": "send", "base_url": .string(standIn.baseURL), "body": body] as JSONValue,
            count: 1 + failures.count)
        let answers = try check(cases)
        #expect(answers[0]["stop_reason"] == "tool_use")
        #expect(answers[0]["inputs"] == [ScriptedReply.opinion])
        #expect(answers[0]["tokens"] == [900, 90])
        for (answer, failure) in zip(answers.dropFirst(), failures) {
            #expect(answer["status"]?.intValue == Int64(failure.0) && answer["type"]?.stringValue == failure.1)
            #expect(answer["error"]?.stringValue == failure.2)
        }
        // The package speaks as we do: the same path, the same version, the same body but for the order of its members.
        let seen = try await standIn.seen()
        #expect(seen.count == cases.count)
        #expect(seen.allSatisfy { $0.path == "/v1/messages" && $0.headers["anthropic-version"] == "2023-06-01" })
        #expect(sorted(try JSONValue(parsing: seen[0].body)) == sorted(body))
    }

    /// Objects with their members in alphabetical order, for a comparison in which the order does not count.
    private func sorted(_ json: JSONValue) -> JSONValue {
        switch json {
        case .object(let members):
            .object(members.sorted { $0.key < $1.key }.map { .init($0.key, sorted($0.value)) })
        case .array(let items): .array(items.map(sorted))
        case .null, .bool, .int, .double, .string: json
        }
    }
}
