internal import Core
internal import Cycle
internal import Glibc
internal import Settings

/// The logs: people read stderr, machines read `logs/trading_YYYYMMDD.log` and `logs/orders_YYYYMMDD.log` (JSON lines).
///
/// A line is appended by one system call, so lines of several processes never mix. A log that cannot be written is no
/// reason to stop trading: the line still goes to stderr.
struct LogFiles: Sendable {
    /// `nil`: nothing goes to files.
    let folder: String?
    /// What goes to the files.
    let level: LogLevel
    /// What goes to stderr as well.
    let stderrLevel: LogLevel
    let clock: any WallClock

    var stepLog: StepLog { StepLog { write($0) } }

    func write(_ entry: StepLog.Entry) {
        guard rank(entry.level) >= rank(level) else { return }
        let now = clock.now()
        // Steps print their document on stdout; on stderr the story of a good run would only be noise for cron, unless
        // somebody asked for more than the usual.
        let isWanted =
            rank(entry.level) >= rank(stderrLevel) || (rank(level) < rank(LogLevel.info) && stderrLevel != .error)
        if isWanted {
            let fields = entry.fields.map { "\($0.key)=\(TextTable.plain($0.value))" }.joined(separator: " ")
            let line = "\(now) \(entry.level.rawValue) \(entry.message)\(fields.isEmpty ? "" : " " + fields)\n"
            FileWriting.writeAll(Array(line.utf8), to: STDERR_FILENO)
        }
        append(entry, at: now)
    }

    private func append(_ entry: StepLog.Entry, at now: Instant) {
        guard let folder else { return }
        let json = JSONValue.object(
            [
                .init("at", JSONValue(now)), .init("level", .string(entry.level.rawValue)),
                .init("message", .string(entry.message)),
                .init("pid", .int(Int64(getpid()))),
            ] + entry.fields)
        let path = "\(folder)/\(entry.stream.rawValue)_\(now.utcDate.compact).log"
        var descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor < 0, errno == ENOENT {
            try? FileWriting.createFolder(folder)
            descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        }
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        FileWriting.writeAll(Array((json.text + "\n").utf8), to: descriptor)
    }

    private func rank(_ level: StepLog.Level) -> Int {
        switch level {
        case .debug: rank(LogLevel.debug)
        case .info: rank(LogLevel.info)
        case .warning: rank(LogLevel.warning)
        case .error: rank(LogLevel.error)
        }
    }

    private func rank(_ level: LogLevel) -> Int { LogLevel.allCases.firstIndex(of: level) ?? 0 }
}
