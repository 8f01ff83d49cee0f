import Foundation

/// A program started by the system's own call. Foundation's `Process` looks through the folder of open files before each start
/// and reads past the end of its entries; with many starts at a time that ends the tests now and then.
public enum ChildProgram {
    public struct NotStarted: Error, CustomStringConvertible {
        public let description: String
    }

    /// - Parameters:
    ///   - folder: Where it runs; `nil` for the tests' own.
    ///   - input: A file; nothing by default.
    ///   - output: A file that is made anew, like `errors`.
    ///   - environment: All that it has.
    /// - Throws: ``NotStarted``.
    public static func spawn(
        _ program: String, _ arguments: [String], in folder: String? = nil, input: String = "/dev/null", output: String,
        errors: String, environment: [String: String]
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // `env` changes the folder and becomes the program, under the same number.
        let call = folder.map { ["/usr/bin/env", "-C", $0, program] + arguments } ?? [program] + arguments
        var argv: [UnsafeMutablePointer<CChar>?] = call.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, call[0], &actions, nil, &argv, &envp)
        guard code == 0 else { throw NotStarted(description: "\(program): \(String(cString: strerror(code)))") }
        return pid
    }

    /// Waits for its end: the exit code, or the signal that ended it.
    public static func wait(_ pid: Int32) -> (exitCode: Int32?, signal: Int32?) {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? ((status >> 8) & 0xff, nil) : (nil, signal)
    }
}
