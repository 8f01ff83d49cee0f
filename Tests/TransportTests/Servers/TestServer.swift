internal import Foundation

/// A server of `Fixtures` in a process of its own, on a loopback port the system chose.
///
/// Suites share one for all their tests, as a static constant, since starting an interpreter costs more than most tests:
/// the script ends when the test process does.
///
/// `@unchecked`: after the initialiser nothing touches the process and its pipe but the deinitialiser.
public final class TestServer: @unchecked Sendable {
    public let port: Int
    private let process: Process
    private let input: Pipe

    /// What keeps a server from starting.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Starts the script and waits until it names its port.
    public init(python: String, script: String, arguments: [String] = []) throws {
        process = Process()
        input = Pipe()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, "-B", script] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != 0x0A { line.append(byte) }
        guard let port = Int(String(decoding: line, as: UTF8.self)) else {
            process.terminate()
            throw Failure(description: "\(script) did not name its port")
        }
        self.port = port
    }

    /// The script ends when its standard input closes, so it ends with a crashed test process as well.
    deinit {
        try? input.fileHandleForWriting.close()
        process.terminate()
        process.waitUntilExit()
    }
}

/// Where the test servers' scripts, interpreter and certificates are.
public enum TestServers {
    /// `Tests/TransportTests/Fixtures`.
    public static func fixture(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/\(name)").path
    }

    /// The system's Python: enough for servers that need the standard library only.
    public static let systemPython = "python3"

    /// The interpreter with aiosmtpd, cryptography and anthropic, which `scripts/test` prepares; `nil` when tests are run
    /// without it.
    public static let preparedPython = ProcessInfo.processInfo.environment["TAKT_TEST_PYTHON"]

    public static var hasPreparedPython: Bool { preparedPython != nil }

    /// Runs a script to its end.
    public static func run(python: String, script: String, arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, "-B", script] + arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw TestServer.Failure(description: "\(script) ended with \(process.terminationStatus)")
        }
    }
}

/// A folder that is gone with the value; one held by a static constant, with the server that was given a file in it.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("takt-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The lines of a file; none if it does not exist.
    public func lines(_ name: String) -> [String] {
        guard let data = FileManager.default.contents(atPath: file(name)) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

}

/// One set of fresh certificates for all tests of a run.
public enum TestCertificates {
    private static let folder = Result {
        guard let python = TestServers.preparedPython else {
            throw TestServer.Failure(description: "TAKT_TEST_PYTHON is not set")
        }
        let folder = try TemporaryFolder()
        try TestServers.run(
            python: python, script: TestServers.fixture("make_certificates.py"), arguments: [folder.path])
        return folder
    }

    /// `ca.pem` signs `server.pem` (with `server.key`, for localhost) and `stranger.pem` (for another name);
    /// `other-ca.pem` signs neither.
    public static func file(_ name: String) throws -> String { try folder.get().file(name) }
}

/// Mail servers for all tests of a run, one for each way of encryption.
public struct TestMailServer: Sendable {
    public enum Mode: String, Sendable, CaseIterable {
        case plain, starttls, smtps
    }

    public let port: Int
    private let server: TestServer
    private let folder: TemporaryFolder

    private static let plain = Result { try TestMailServer(.plain) }
    private static let starttls = Result { try TestMailServer(.starttls) }
    private static let smtps = Result { try TestMailServer(.smtps) }

    public static func running(_ mode: Mode) throws -> TestMailServer {
        switch mode {
        case .plain: try plain.get()
        case .starttls: try starttls.get()
        case .smtps: try smtps.get()
        }
    }

    private init(_ mode: Mode) throws {
        guard let python = TestServers.preparedPython else {
            throw TestServer.Failure(description: "TAKT_TEST_PYTHON is not set")
        }
        folder = try TemporaryFolder()
        let certificate = try ["server.pem", "server.key"].map(TestCertificates.file)
        server = try TestServer(
            python: python, script: TestServers.fixture("smtp_server.py"),
            arguments: [folder.file("mail"), mode.rawValue] + (mode == .plain ? [] : certificate))
        port = server.port
    }

    /// What arrived with that message id, as the server's JSON lines.
    public func received(messageID: String) -> [String] {
        folder.lines("mail").filter { $0.contains("<\(messageID)>") }
    }
}
