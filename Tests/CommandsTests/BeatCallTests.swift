import ArgumentParser
import Core
import Cycle
import TestSupport
import Testing

@testable import Commands

@Suite("A timer's call is read without the parser, and means the same")
struct BeatCallTests {
    /// What a call means, whoever has read it.
    struct Meaning: Equatable {
        var step: StepName?
        var first = StepName.fetchBars
        var last = StepName.alert
        var again: Bool
        var cycle: String?
        var options: CallOptions

        init(_ call: BeatCall) {
            (step, first, last) = (call.step, call.first, call.last)
            (again, cycle, options) = (call.again, call.cycle, call.options)
        }

        init?(parsing arguments: [String]) throws {
            let type = try #require(TaktCommand.subcommand(named: arguments[0]))
            switch try type.parseAsRoot(Array(arguments.dropFirst())) {
            case let whole as CycleCommand:
                (first, last) = (whole.from, whole.until)
                (again, cycle, options) = (whole.again, whole.cycle.cycle, whole.global.values)
            case let report as ReportCommand:
                (step, again, cycle, options) = (.report, report.again, report.cycle.cycle, report.global.values)
            case let command as any StepCommand:
                step = Swift.type(of: command).step
                (again, cycle, options) = (command.again, command.cycle.cycle, command.global.values)
            default: return nil
            }
        }
    }

    @Test("What stands in a crontab is such a call", arguments: StepName.allCases.map(\.rawValue) + ["cycle"])
    func plain(command: String) throws {
        for rest in [
            [], ["--profile", "us-5m"], ["--home", "/srv/takt", "--again"], ["--format", "ndjson", "--quiet"],
        ] {
            let call = try #require(BeatCall([command] + rest))
            #expect(try Meaning(call) == Meaning(parsing: [command] + rest))
        }
    }

    @Test("Whatever it takes, the parser takes as well and reads the same", arguments: [1, 2, 3] as [UInt64])
    func agrees(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let words = [
            "--again", "--dry-run", "--quiet", "--no-color", "--no-progress", "--home", "/a b", "--config", "./c",
            "--db",
            "x.sqlite", "--profile", "us-5m", "--log-level", "debug", "--now", "2026-11-24T15:40:05Z", "--cycle",
            "us-5m/2026-11-24T15:40:00Z", "--format", "json", "xml", "--from", "--until", "submit", "reconcile",
            "decide",
            "-h", "--help", "--", "--kind", "daily", "extra", "", "--nope", "--home=/x", "alert", "test",
        ]
        let commands = StepName.allCases.map(\.rawValue) + ["cycle", "orders", "nope"]
        var read = 0
        for _ in 0..<1200 {
            let arguments =
                [commands.randomElement(using: &random) ?? "decide"]
                + (0..<Int.random(in: 0...5, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
            guard let call = BeatCall(arguments) else { continue }
            read += 1
            #expect(try Meaning(call) == Meaning(parsing: arguments), "seed \(seed): \(arguments)")
        }
        #expect(read > 100)
    }

    @Test("A question to a calendar is read the same way", arguments: [1, 2] as [UInt64])
    func calendarAgrees(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let words = [
            "XNYS", "XKRX", "2026-11-24T15:40:05Z", "--stdin", "--quiet", "--home", "/a b", "--format", "json", "xml",
            "-h",
            "--now", "2026-11-24T15:40:05Z", "sessions", "", "--",
        ]
        var read = 0
        for _ in 0..<1500 {
            let arguments =
                ["calendar", "at"]
                + (0..<Int.random(in: 0...4, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
            guard let call = CalendarCall(arguments) else { continue }
            read += 1
            let parsed = try #require(
                try CalendarCommand.parseAsRoot(Array(arguments.dropFirst())) as? CalendarCommand.At, "\(arguments)")
            #expect(
                call.exchange == parsed.exchange && call.time == parsed.time && call.options == parsed.global.values,
                "seed \(seed): \(arguments)")
        }
        #expect(read > 100)
    }

    @Test(
        "Mistakes, help and other commands are left to the parser",
        arguments: [
            "", "orders", "decide --help", "decide -h", "decide extra", "decide --home", "decide --home --again",
            "decide --from submit", "cycle --from submit --until decide", "cycle --from nope", "decide --format xml",
            "decide --home=/x", "decide --again --again", "report --kind daily", "alert test",
        ])
    func left(call: String) {
        #expect(BeatCall(call.split(separator: " ").map(String.init)) == nil)
    }
}
