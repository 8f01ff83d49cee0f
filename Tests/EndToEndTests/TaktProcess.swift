import Core
import Dispatch
import Foundation
import TestSupport

/// How one run of the program ended.
struct Ending: Sendable {
    /// The exit code, or `nil` when a signal ended it.
    let exitCode: Int32?
    /// The signal that ended it, or `nil`.
    let signal: Int32?
    let output: String
    let complaint: String

    var wasKilled: Bool { signal == SIGKILL }

    func json() throws -> JSONValue { try JSONValue(parsing: output) }
}

/// The built program and the ways to start it.
enum TaktProcess {
    enum Failure: Error, CustomStringConvertible {
        case noBinary(String)

        var description: String {
            switch self {
            case .noBinary(let place): "There is no takt binary beside \(place); build it, or name it in TAKT_BINARY."
            }
        }
    }

    /// `TAKT_BINARY`, else the program that the build has put beside the test bundle.
    static func binary() throws -> String {
        if let named = ProcessInfo.processInfo.environment["TAKT_BINARY"] { return named }
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        var folder = bundle.deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent("takt").path
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), !isFolder.boolValue,
                FileManager.default.isExecutableFile(atPath: candidate)
            {
                return candidate
            }
            folder.deleteLastPathComponent()
        }
        throw Failure.noBinary(bundle.path)
    }

    /// Runs the program, or another one, to its end. The wait happens outside the cooperative threads, so that other tests go on.
    static func run(
        _ arguments: [String], program: String? = nil, scratch: String, environment: [String: String] = [:],
        meanwhile: @escaping @Sendable (pid_t) -> Void = { _ in }
    ) async throws -> Ending {
        let binary = try program ?? binary()
        await ProcessGate.shared.enter()
        let ending: Result<Ending, any Error> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    returning: Result { try wait(binary, arguments, scratch, environment, meanwhile) })
            }
        }
        await ProcessGate.shared.leave()
        return try ending.get()
    }

    private static func wait(
        _ binary: String, _ arguments: [String], _ scratch: String, _ environment: [String: String],
        _ meanwhile: (pid_t) -> Void
    ) throws -> Ending {
        let name = UUID().uuidString
        let (output, complaint) = ("\(scratch)/\(name).out", "\(scratch)/\(name).err")
        defer {
            unlink(output)
            unlink(complaint)
        }
        // Nothing of the caller's environment: a TAKT_HOME or a webhook of the developer must not reach the program.
        let inherited = ProcessInfo.processInfo.environment.filter {
            ["PATH", "HOME", "LANG", "TMPDIR"].contains($0.key)
        }
        let pid = try ChildProgram.spawn(
            binary, arguments, output: output, errors: complaint,
            environment: inherited.merging(environment) { $1 })
        meanwhile(pid)
        let (exitCode, signal) = ChildProgram.wait(pid)
        return Ending(
            exitCode: exitCode, signal: signal,
            output: (try? String(contentsOfFile: output, encoding: .utf8)) ?? "",
            complaint: (try? String(contentsOfFile: complaint, encoding: .utf8)) ?? "")
    }
}

/// Lets only so many through at once.
actor ProcessGate {
    /// As many programs as there are processors.
    static let shared = ProcessGate(max(2, ProcessInfo.processInfo.activeProcessorCount))

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ places: Int) { free = places }

    func enter() async {
        if free > 0 {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
