import Core
import Foundation
import TestSupport
import Testing
import TransportServers

/// The simulator as a process of its own.
final class RehearsalProcess: @unchecked Sendable {
    struct NotStarted: Error, CustomStringConvertible {
        let description: String
    }

    let line: JSONValue
    let text: String
    let process = Process()
    private let input = Pipe()

    /// The program beside the test bundle.
    static let binary: String? = {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("TaktRehearsal").path
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), !isFolder.boolValue {
                return candidate
            }
        }
        return nil
    }()

    /// - Parameter standIn: Whose: `kis` or `ib`.
    init(_ arguments: [String], standIn: String = "kis") throws {
        guard let binary = Self.binary else {
            throw NotStarted(description: "there is no TaktRehearsal beside the tests; build it")
        }
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: binary)
        process.arguments = [standIn] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var bytes: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != 0x0A { bytes.append(byte) }
        text = String(decoding: bytes, as: UTF8.self)
        line = try JSONValue(parsing: text)
    }

    /// What the end of the parent does.
    func closeInput() throws { try input.fileHandleForWriting.close() }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Runs a script of the fixtures to its end and gives what it wrote into the file for its results.
    static func run(python: String, _ script: String, _ arguments: [String]) throws -> [JSONValue] {
        let folder = try TestSupport::TemporaryFolder()
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Fixtures/\(script)"
        ).path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, "-B", file] + arguments + [folder.path("results")]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(script) ended with \(process.terminationStatus)")
        return try JSONValue(parsing: try folder.text("results")).arrayValue ?? []
    }
}

/// An independent client trades against the simulator: what the two have in common is KIS's protocol.
@Suite(
    "python-kis trades against the simulator", .serialized, .timeLimit(.minutes(4)),
    .enabled(if: TestServers.hasPreparedPython, "TAKT_TEST_PYTHON is not set; scripts/test sets it"))
struct PythonKISTests {
    func check(_ script: String, _ environment: String, start: String, atLeast count: Int) throws {
        let simulator = try RehearsalProcess([
            "--seed", "7", "--environment", environment, "--start", start, "--edition", "2023",
        ])
        let python = try #require(TestServers.preparedPython)
        let results = try RehearsalProcess.run(python: python, script, [simulator.text, environment])
        for result in results {
            #expect(result["passed"] == true, "\(result["name"]?.stringValue ?? ""): \(result["seen"]?.text ?? "")")
        }
        #expect(results.count >= count)
    }

    @Test(
        "Korean shares: quotes, charts, balance, orders, partial fills, revisions, cancellations, refusals",
        arguments: [("real", 29), ("virtual", 28)])
    func domestic(_ environment: String, _ count: Int) throws {
        try check("trade_domestic.py", environment, start: "2026-11-20T01:00:00Z", atLeast: count)
    }

    @Test("US shares: quotes, charts, balance, orders, revisions", arguments: [("real", 20), ("virtual", 18)])
    func overseas(_ environment: String, _ count: Int) throws {
        try check("trade_overseas.py", environment, start: "2026-11-20T15:30:00Z", atLeast: count)
    }

    @Test("Faults: it takes them for KIS's own, and reacts as it does there")
    func faults() throws {
        try check("survive_faults.py", "real", start: "2026-11-20T01:00:00Z", atLeast: 9)
    }

    @Test("The stream: prices, and executions that it decrypts", arguments: [("real", 13), ("virtual", 10)])
    func stream(_ environment: String, _ count: Int) throws {
        try check("follow_stream.py", environment, start: "2026-11-20T01:00:00Z", atLeast: count)
    }
}

@Suite("The simulator as a process", .timeLimit(.minutes(2)))
struct RehearsalProcessTests {
    @Test("It names its addresses, in the file too, and ends with its parent")
    func life() throws {
        let folder = try TestSupport::TemporaryFolder()
        let simulator = try RehearsalProcess(["--port-file", folder.path("ports")])
        #expect(simulator.line["environment"] == "virtual" && simulator.line["real"]?["rest"] != nil)
        #expect(try folder.text("ports") == simulator.text + "\n")
        try simulator.closeInput()
        simulator.process.waitUntilExit()
        #expect(simulator.process.terminationStatus == 0)
    }

    @Test("At the socket a fault looks as it should")
    func sockets() throws {
        let simulator = try RehearsalProcess(["--seed", "5", "--calls-per-second", "1000"])
        let results =
            try RehearsalProcess.run(
                python: TestServers.systemPython, "provoke_faults.py", [simulator.text])
        for result in results {
            #expect(result["passed"] == true, "\(result["name"]?.stringValue ?? ""): \(result["seen"]?.text ?? "")")
        }
        #expect(results.count >= 9)
    }
}
