public import Core
internal import Glibc

/// An exclusive lock of the operating system on a file: held by at most one holder of the machine, threads and tasks of
/// one process included, and given up by the kernel at the very instant its holder dies. A killed holder is never waited for.
///
/// The file's text names the holder, for the message of whoever comes second. The file stays when the lock goes.
public final class FileLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Gives the lock up; called where the work ends, so that it is held until then.
    public func release() { _ = flock(descriptor, LOCK_UN) }

    public enum Outcome: Sendable {
        case acquired(FileLock)
        /// The holder as the lock file describes it.
        case busy(holder: String)
    }

    /// Takes the lock, or says who has it.
    ///
    /// - Parameters:
    ///   - path: Of the lock file; its folder must exist. A symbolic link is refused.
    ///   - holder: How this process describes itself; one line.
    public static func acquire(path: String, holder: String) throws(FileLockError) -> Outcome {
        // Whoever deletes the file while it is locked makes room for a second holder on a second file. A lock on a file
        // that is no longer the one at the path is therefore none; a few tries are plenty, since nobody deletes in a loop.
        for _ in 0..<8 {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw FileLockError(path: path, code: errno) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let reason = errno
                defer { close(descriptor) }
                guard reason == EWOULDBLOCK || reason == EINTR else { throw FileLockError(path: path, code: reason) }
                return .busy(holder: text(of: descriptor))
            }
            let lock = FileLock(descriptor: descriptor)
            guard isStill(path, descriptor) else { continue }
            _ = ftruncate(descriptor, 0)
            let line = Array((holder + "\n").utf8)
            _ = line.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
            return .acquired(lock)
        }
        throw FileLockError(path: path, code: ESTALE)
    }

    /// The same, tried again until the budget of waiting is used up or the task is cancelled.
    ///
    /// The tries are 1 ms apart at first and 25 ms later. Waiters have no order among them.
    public static func acquire(
        path: String, holder: String, waiting budget: inout WaitBudget, clock: any WallClock
    ) async throws(FileLockError) -> Outcome {
        var nap = Duration.milliseconds(1)
        while true {
            let outcome = try acquire(path: path, holder: holder)
            if case .acquired = outcome { return outcome }
            guard await budget.sleep(for: nap, clock: clock) else { return outcome }
            nap = min(nap * 2, .milliseconds(25))
        }
    }

    private static func isStill(_ path: String, _ descriptor: Int32) -> Bool {
        var ours = stat()
        var there = stat()
        guard fstat(descriptor, &ours) == 0, lstat(path, &there) == 0 else { return false }
        return ours.st_dev == there.st_dev && ours.st_ino == there.st_ino
    }

    private static func text(of descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        let line = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        return line.split(separator: "\n").first.map(String.init) ?? "another process"
    }
}

/// The lock file cannot be used at all; nothing is locked.
public struct FileLockError: Error, Hashable, Sendable, CustomStringConvertible {
    public let path: String
    /// `errno`
    public let code: Int32

    public var description: String { "the lock \(path) cannot be taken: \(String(cString: strerror(code)))" }
}
