import Core
import Foundation
import TestSupport
import Testing

/// A broker's stand-in, running as a process of its own until the value is gone.
final class StandIn: Sendable {
    /// What it has said of itself when it began to listen.
    let address: JSONValue
    private let pid: pid_t

    /// - Parameter broker: `kis` or `ib`.
    init(_ broker: String, _ folder: TemporaryFolder, _ options: [String] = []) async throws {
        let place = folder.path("\(UUID().uuidString).address.json")
        pid = try ChildProgram.spawn(
            try Self.binary(), [broker, "--port-file", place] + options, output: folder.path("out"),
            errors: folder.path("err"), environment: [:])
        var found: JSONValue?
        for _ in 0..<600 where found == nil {
            try await Task.sleep(for: .milliseconds(50))
            found = (try? String(contentsOfFile: place, encoding: .utf8)).flatMap { try? JSONValue(parsing: $0) }
        }
        address = try #require(found, "the stand-in did not start")
    }

    deinit {
        kill(pid, SIGKILL)
        _ = ChildProgram.wait(pid)
    }

    /// A script of the repository.
    static func script(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("scripts/\(name)").path
    }

    static func binary() throws -> String {
        let beside = URL(fileURLWithPath: try TaktProcess.binary()).deletingLastPathComponent()
        let binary = beside.appendingPathComponent("TaktRehearsal").path
        guard !FileManager.default.isExecutableFile(atPath: binary) else { return binary }
        // The program under test is a release build; its stand-in is the one that was built with the tests.
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("TaktRehearsal").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
        }
        throw TaktProcess.Failure.noBinary(binary)
    }
}
