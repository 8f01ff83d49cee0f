import Core
import Foundation
import Testing

@testable import BrokerIB

/// What the reference clients made, recorded by `Fixtures/reference_clients.py`.
enum Golden {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    struct Request: CustomTestStringConvertible {
        let name: String
        let client: String
        let version: ServerVersion
        /// With `|` for NUL.
        let body: String

        var testDescription: String { "\(name) of \(client) for \(version)" }
    }

    static func requests() throws -> [Request] {
        try (JSONValue(parsing: text("requests.json")).arrayValue ?? []).map { row in
            Request(
                name: try #require(row["name"]?.stringValue), client: try #require(row["client"]?.stringValue),
                version: ServerVersion(Int(try #require(row["version"]?.intValue))),
                body: try #require(row["body"]?.stringValue))
        }
    }

    struct Answer: CustomTestStringConvertible {
        let name: String
        let version: ServerVersion
        let body: [UInt8]
        var calls: [(method: String, values: [String: String])] = []

        var testDescription: String { name }
    }

    /// The frames of `answers.txt`, with what ib_async read out of them.
    static let answers: [Answer] = {
        do {
            var frames = try text("answers.txt").split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
                let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
                let version = ServerVersion(try #require(Int(parts[1])))
                return Answer(name: parts[0], version: version, body: bytes(parts[2]))
            }
            let recorded = try JSONValue(parsing: text("answers.json")).arrayValue ?? []
            for (index, row) in recorded.enumerated() where row["name"]?.stringValue == frames[index].name {
                frames[index].calls = (row["calls"]?.arrayValue ?? []).map { call in
                    var values: [String: String] = [:]
                    if case .object(let pairs)? = call["values"] {
                        for pair in pairs { values[pair.key] = pair.value.stringValue }
                    }
                    return (call["method"]?.stringValue ?? "", values)
                }
            }
            return frames
        } catch {
            return []
        }
    }()

    static func answer(_ name: String) throws -> Answer { try #require(answers.first { $0.name == name }) }

    /// `|` becomes NUL.
    static func bytes(_ text: String) -> [UInt8] { text.utf8.map { $0 == UInt8(ascii: "|") ? 0 : $0 } }
    /// NUL becomes `|`.
    static func text(_ body: some Sequence<UInt8>) -> String {
        String(decoding: body.map { $0 == 0 ? UInt8(ascii: "|") : $0 }, as: UTF8.self)
    }
}

extension IBDecoder {
    mutating func decode(bytes: [UInt8]) throws(IBMessageFault) -> IBMessage {
        try bytes.withUnsafeBufferPointer { (body) throws(IBMessageFault) -> IBMessage in try decode(body) }
    }

    /// A body with `|` for NUL.
    static func decode(_ text: String, version: Int = 178) throws(IBMessageFault) -> IBMessage {
        var decoder = IBDecoder(version: ServerVersion(version))
        return try decoder.decode(bytes: Golden.bytes(text))
    }
}
