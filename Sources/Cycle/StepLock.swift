internal import Core
internal import Glibc
internal import Settings

/// An exclusive lock of the operating system on (profile, step): held by at most one process of the machine, and given up by
/// the kernel at the very instant its holder dies, so a killed step is taken over at once and never after a timeout.
///
/// The file's text names the holder for the message of whoever comes second.
public final class StepLock {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Gives the lock up; called where the work ends, so that it is held until then.
    public func release() { _ = flock(descriptor, LOCK_UN) }

    public enum Outcome {
        case acquired(StepLock)
        /// The holder as the lock file describes it.
        case busy(holder: String)
    }

    /// - Parameters:
    ///   - path: Of the lock file; its folder must exist.
    ///   - holder: How this process describes itself.
    public static func acquire(path: String, holder: String) throws(StepFailure) -> Outcome {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path, errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            defer { close(descriptor) }
            guard reason == EWOULDBLOCK else { throw failure(path, reason) }
            return .busy(holder: text(of: descriptor))
        }
        _ = ftruncate(descriptor, 0)
        let line = Array((holder + "\n").utf8)
        _ = line.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        return .acquired(StepLock(descriptor: descriptor))
    }

    /// The same, tried so many times, 50 ms apart, while another process holds it.
    static func acquire(path: String, holder: String, tries: Int) async throws -> Outcome {
        for _ in 1..<max(1, tries) {
            let outcome = try acquire(path: path, holder: holder)
            if case .acquired = outcome { return outcome }
            // Real time, not the replay's clock: the other process runs in real time too.
            try await Task.sleep(for: .milliseconds(50))
        }
        return try acquire(path: path, holder: holder)
    }

    /// The folder in which the database's file really lies.
    static func folder(ofDatabase path: String) -> String {
        let place = FileWriting.resolved(path)
        guard let slash = place.lastIndex(of: "/") else { return "." }
        return slash == place.startIndex ? "/" : String(place[..<slash])
    }

    private static func text(of descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        let line = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        return line.split(separator: "\n").first.map(String.init) ?? "another process"
    }

    private static func failure(_ path: String, _ code: Int32) -> StepFailure {
        StepFailure(
            code: "lock-failed", message: "The lock \(path) cannot be taken: \(String(cString: strerror(code))).",
            hint: "Nothing was done. Check that the state folder exists and that this user may write to it.",
            isRetryable: true, exitCode: code == EACCES || code == EROFS ? .configuration : .internalError)
    }
}
