import Core
import Foundation
import GRDB
import TestSupport

/// The built program, as a shell would call it.
enum Takt {
    /// `TAKT_BINARY`, else the `takt` beside the test bundle.
    static let binary: String? = {
        if let named = ProcessInfo.processInfo.environment["TAKT_BINARY"] { return named }
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("takt").path
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), !isFolder.boolValue {
                return candidate
            }
        }
        return nil
    }()

    struct Missing: Error, CustomStringConvertible {
        let description = "there is no takt beside the tests; build it, or name it with TAKT_BINARY"
    }

    /// What a call left behind.
    struct Run {
        let code: Int32
        let output: String
        let errors: String

        /// The one document on stdout.
        func document() throws -> JSONValue { try JSONValue(parsing: output) }

        var lines: [String] { output.split(separator: "\n").map(String.init) }
        var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
    }

    /// - Parameters:
    ///   - folder: Where the call is made; its answers are kept elsewhere, so that the folder shows what takt wrote.
    ///   - environment: Beside `PATH`; nothing is inherited, so a developer's `TAKT_HOME` changes no test.
    static func run(
        _ arguments: [String], in folder: String, environment: [String: String] = [:], input: String = ""
    ) throws -> Run {
        guard let binary else { throw Missing() }
        return try start(binary, arguments, in: folder, environment, input: input)
    }

    private static func start(
        _ program: String, _ arguments: [String], in folder: String, _ environment: [String: String], input: String = ""
    ) throws -> Run {
        // Files instead of pipes: whatever the sizes, neither side waits for the other.
        let answers = try TemporaryFolder("takt-answers")
        let pid = try ChildProgram.spawn(
            program, arguments, in: folder, input: try answers.write(input, to: "in"), output: answers.path("out"),
            errors: answers.path("err"), environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 })
        let (exitCode, signal) = ChildProgram.wait(pid)
        return Run(
            code: exitCode ?? signal ?? -1, output: try answers.text("out"), errors: try answers.text("err"))
    }

    /// Runs a shell line in which `takt` is the program, as an operator's pipe would.
    static func shell(_ line: String, in folder: String, environment: [String: String] = [:]) throws -> Run {
        guard let binary else { throw Missing() }
        return try start(
            "/bin/bash", ["-c", "takt() { '\(binary)' \"$@\"; }\n\(line)"], in: folder, environment)
    }
}

/// A working folder of its own with one profile on generated bars; its clock stands in a New York morning.
final class Desk: Sendable {
    let folder: TemporaryFolder
    static let morning = "2026-11-24T15:40:05Z"
    static let nextBeat = "2026-11-24T15:45:05Z"
    static let cycle = "us-5m/2026-11-24T15:40:00Z"

    /// - Parameters:
    ///   - paper: Keys of the paper exchange, such as `participation: 0.0001`.
    ///   - more: Lines of trading.yaml beside the profile.
    init(paper: String = "", agents: String = "buy-and-hold", more: String = "") throws {
        folder = try TemporaryFolder("takt-desk")
        try folder.write(
            """
            trading:
              profiles:
                us-5m: {symbols: [NVDA, PLTR], timeframe: 5m, broker: paper, agents: [\(agents)], bars: generator}
            \(more)
            orders:
              position_sizing: {method: percent-of-equity, percent: 0.1}
            paper: {seed: 20261120\(paper.isEmpty ? "" : ", " + paper)}

            """, to: "config/trading.yaml")
    }

    private init(copying original: Desk) throws {
        folder = try TemporaryFolder("takt-desk")
        for name in try FileManager.default.contentsOfDirectory(atPath: original.folder.path) {
            try FileManager.default.copyItem(atPath: original.folder.path(name), toPath: folder.path(name))
        }
    }

    private static let template = Result {
        let desk = try Desk()
        _ = try desk.takt("cycle")
        return desk
    }

    /// A desk that has traded its first cycle: both shares bought, filled and reported. The cycle is run once for all tests.
    static func traded() throws -> Desk { try Desk(copying: try template.get()) }

    /// A desk on which so little of a bar's volume is filled that its two orders stay open for hours.
    static func withOpenOrders() throws -> Desk {
        let desk = try Desk(paper: "initial_cash: {USD: 10000000}, participation: 0.0001")
        _ = try desk.takt("cycle")
        return desk
    }

    func takt(_ arguments: String..., at now: String = morning, environment: [String: String] = [:]) throws -> Takt.Run
    {
        try call(arguments, at: now, environment: environment)
    }

    func call(
        _ arguments: [String], at now: String = morning, environment: [String: String] = [:], input: String = ""
    ) throws -> Takt.Run {
        try Takt.run(arguments + ["--now", now], in: folder.path, environment: environment, input: input)
    }

    /// Changes the state database as only somebody outside of takt would.
    func meddle(_ statements: String...) throws {
        let queue = try DatabaseQueue(path: folder.path("state/takt.sqlite"))
        try queue.write { db in for statement in statements { try db.execute(sql: statement) } }
        try queue.close()
    }

    /// The digest over all rows of the state database.
    func digest() throws -> String {
        try takt("db", "stats", "--digest").document()["digest"]?.stringValue ?? "none"
    }

    /// Every file below the folder with the digest of its bytes. The index of the write-ahead log is left out: SQLite makes
    /// one for readers too.
    func files() throws -> [String: String] {
        var found: [String: String] = [:]
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        for name in names where !name.hasSuffix("-shm") && !name.hasSuffix("-wal") {
            guard let bytes = FileManager.default.contents(atPath: folder.path(name)) else { continue }
            found[name] = Digest(of: [UInt8](bytes)).description
        }
        return found
    }

    /// The files that were made, changed or removed since.
    func changes(since before: [String: String]) throws -> [String] {
        let now = try files()
        return Set(now.keys).union(before.keys).filter { now[$0] != before[$0] }.sorted()
    }

    func list(_ arguments: String..., at now: String = morning) throws -> [JSONValue] {
        try call(arguments, at: now).document()["items"]?.arrayValue ?? []
    }
}

extension JSONValue {
    /// The keys of an object.
    var keys: Set<String> {
        guard case .object(let members) = self else { return [] }
        return Set(members.map(\.key))
    }
}
