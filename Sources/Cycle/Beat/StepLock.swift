internal import Core
internal import Glibc
internal import Locks
internal import Settings

/// An exclusive lock of the operating system on (profile, step): held by at most one process of the machine, and given up by
/// the kernel at the very instant its holder dies, so a killed step is taken over at once and never after a timeout.
public final class StepLock {
    private let lock: FileLock

    private init(_ lock: FileLock) { self.lock = lock }

    /// Gives the lock up; called where the work ends, so that it is held until then.
    public func release() { lock.release() }

    public enum Outcome {
        case acquired(StepLock)
        /// The holder as the lock file describes it.
        case busy(holder: String)
    }

    /// - Parameters:
    ///   - path: Of the lock file; its folder must exist.
    ///   - holder: How this process describes itself.
    public static func acquire(path: String, holder: String) throws(StepFailure) -> Outcome {
        do {
            switch try FileLock.acquire(path: path, holder: holder) {
            case .acquired(let lock): return .acquired(StepLock(lock))
            case .busy(let holder): return .busy(holder: holder)
            }
        } catch {
            throw StepFailure(
                code: "lock-failed",
                message: "The lock \(error.path) cannot be taken: \(String(cString: strerror(error.code))).",
                hint: "Nothing was done. Check that the state folder exists and that this user may write to it.",
                isRetryable: true,
                exitCode: error.code == EACCES || error.code == EROFS ? .configuration : .internalError)
        }
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
}
