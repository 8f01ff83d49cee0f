import Core
import Foundation
import TestSupport

/// A working folder of takt for one test.
struct Home: Sendable {
    let folder: TemporaryFolder
    var path: String { folder.path("home") }

    init() throws {
        folder = try TemporaryFolder("takt-e2e")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// A copy of another home as it lies on the disk now.
    init(copying other: Home) throws {
        folder = try TemporaryFolder("takt-e2e")
        try FileManager.default.copyItem(atPath: other.path, toPath: path)
    }

    func configure(_ trading: String) throws {
        try folder.write(trading, to: "home/config/trading.yaml")
    }

    /// Runs takt in this home.
    @discardableResult
    func takt(
        _ arguments: [String], failpoint: String? = nil,
        meanwhile: @escaping @Sendable (pid_t) -> Void = { _ in }
    ) async throws -> Ending {
        try await TaktProcess.run(
            arguments + ["--home", path, "--format", "json", "--quiet"], scratch: folder.path,
            environment: failpoint.map { ["TAKT_FAILPOINT": $0] } ?? [:], meanwhile: meanwhile)
    }

    /// The `items` of a list command.
    func items(_ arguments: [String], _ key: String = "items") async throws -> [JSONValue] {
        let ending = try await takt(arguments)
        guard ending.exitCode == 0, let items = try ending.json()[key]?.arrayValue else {
            throw Unexpected("takt \(arguments.joined(separator: " ")) ended with \(ending)")
        }
        return items
    }

    /// The digest over all rows of our database.
    func digest() async throws -> String {
        let ending = try await takt(["db", "stats", "--digest"])
        guard let digest = try ending.json()["digest"]?.stringValue else {
            throw Unexpected("takt db stats ended with \(ending)")
        }
        return digest
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension JSONValue {
    /// A member's text, with an empty one for what is absent.
    func text(_ key: String) -> String { self[key]?.stringValue ?? "" }
}
