import Core
import Foundation
import TestSupport
import Testing

/// The program at a stand-in for Korea Investment that runs as a process of its own.
@Suite("Korea Investment, over real sockets")
struct KoreaInvestmentTests {
    private static func script(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("scripts/\(name)").path
    }

    private static func rehearsal() throws -> String {
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

    @Test("Answers lost after the order was taken, kills between send and answer: no order twice, no execution lost")
    func smoke() async throws {
        let folder = try TemporaryFolder("takt-kis-soak")
        let ending = try await TaktProcess.run(
            ["--takt", try TaktProcess.binary(), "--rehearsal", try Self.rehearsal(), "--smoke", "--seed", "3"],
            program: Self.script("soak_kis.py"), scratch: folder.path)
        #expect(ending.exitCode == 0, "\(ending.output)\n\(ending.complaint)")
        #expect(ending.output.contains(" 0 violations"), "\(ending.output)")
    }

    @Test("The stream prints registrations, then trades, and ends by itself after its time")
    func stream() async throws {
        let folder = try TemporaryFolder("takt-kis-stream")
        let place = folder.path("address.json")
        let pid = try ChildProgram.spawn(
            try Self.rehearsal(), ["kis", "--speed", "60", "--port-file", place], output: folder.path("out"),
            errors: folder.path("err"), environment: [:])
        defer {
            kill(pid, SIGKILL)
            _ = ChildProgram.wait(pid)
        }
        var address: JSONValue?
        for _ in 0..<600 where address == nil {
            try await Task.sleep(for: .milliseconds(50))
            address = (try? String(contentsOfFile: place, encoding: .utf8)).flatMap { try? JSONValue(parsing: $0) }
        }
        let virtual = try #require(address?["virtual"], "the stand-in did not start")
        try folder.write("brokers: {kis: {enabled: true, markets: [KR]}}\n", to: "config/brokers.yaml")
        func text(_ key: String) throws -> String { try #require(virtual[key]?.stringValue) }
        let environment = [
            "TAKT_HOME": folder.path, "KIS_ENVIRONMENT": "virtual", "KIS_APP_KEY": try text("app_key"),
            "KIS_APP_SECRET": try text("app_secret"), "KIS_HTS_ID": try text("hts_id"),
            "KIS_ACCOUNT_NO": try #require(virtual["accounts"]?.arrayValue?.first?.stringValue),
            "KIS_BASE_URL": try text("rest"), "KIS_WS_URL": try text("websocket"),
        ]
        let ending = try await TaktProcess.run(
            ["stream", "--symbols", "005930", "--notices", "--for", "6s"], scratch: folder.path,
            environment: environment)
        #expect(ending.exitCode == 0, "\(ending.complaint)")
        let events = try ending.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        let names = events.compactMap { $0["event"]?.stringValue }
        #expect(names.first == "connected" && names.filter { $0 == "registered" }.count == 3, "\(names)")
        let trades = events.filter { $0["event"] == "trade" }
        #expect(!trades.isEmpty && trades.allSatisfy { $0["symbol"] == "005930" }, "\(names)")
        for secret in ["KIS_APP_KEY", "KIS_APP_SECRET", "KIS_HTS_ID"] {
            #expect(
                !ending.output.contains(environment[secret] ?? "")
                    && !ending.complaint.contains(environment[secret] ?? ""))
        }
        let foreign = try await TaktProcess.run(
            ["stream", "--symbols", "NVDA", "--for", "1s"], scratch: folder.path, environment: environment)
        #expect(foreign.exitCode == 64 && foreign.complaint.contains("foreign ones stream on the real host only"))
    }
}
