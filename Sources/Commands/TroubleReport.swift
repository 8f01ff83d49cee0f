internal import Core
internal import Cycle
internal import Glibc
internal import Settings

/// The file that an internal error leaves behind: what was called, what was said, and the last of the log.
///
/// Nothing of the configuration or the environment goes into it, and secrets never reach a log.
enum TroubleReport {
    private static let logLines = 200

    /// - Returns: Where it lies; `nil` where it could not be written, which must not hide the error itself.
    static func write(_ message: String, _ arguments: [String], at now: Instant) -> String? {
        let home = home(arguments)
        let stamp = now.description.filter { $0.isNumber || $0 == "T" }
        let path = "\(home)/logs/trouble-\(stamp)-\(getpid()).txt"
        let day = now.utcDate.description.filter(\.isNumber)
        let log =
            (try? FileWriting.read("\(home)/logs/trading_\(day).log")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let lines = log.split(separator: "\n").suffix(logLines).joined(separator: "\n")
        let text = """
            takt \(TaktVersion.text) at \(now)
            called: takt \(arguments.joined(separator: " "))
            said: \(message)

            the last of its log:
            \(lines)

            """
        do {
            try FileWriting.replace(path, with: Array(text.utf8), mode: 0o600)
            return path
        } catch {
            return nil
        }
    }

    /// The working folder, as the flag or the environment names it: the settings may be what failed.
    private static func home(_ arguments: [String]) -> String {
        if let place = arguments.firstIndex(of: "--home"), arguments.indices.contains(place + 1) {
            return arguments[place + 1]
        }
        if let joined = arguments.first(where: { $0.hasPrefix("--home=") }) { return String(joined.dropFirst(7)) }
        return getenv("TAKT_HOME").map { String(cString: $0) } ?? "."
    }
}
