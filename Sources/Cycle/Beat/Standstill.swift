public import Core
internal import Glibc

/// All steps of a state database kept out while its file is replaced: a step that works on between two transactions, or
/// between its write-ahead and the broker's answer, must not find another database under its feet.
public struct Standstill {
    private let locks: [StepLock]

    /// Takes the locks of every step of every profile, and those that profiles share. What other configurations have on the
    /// same database shows by its lock files, so those are taken as well. A step that starts meanwhile ends with `busy`.
    ///
    /// - Parameters:
    ///   - path: Of the database; its folder is created if need be.
    ///   - purpose: What is done meanwhile, for the message of whoever finds a lock taken.
    /// - Throws: ``StepFailure`` `busy` that names the lock and its holder, if one is held; none is kept then.
    public init(
        database path: String, profiles: [ProfileName], process: ProcessIdentity, at now: Instant, purpose: String
    ) throws {
        let folder = StepLock.folder(ofDatabase: path)
        try FileWriting.createFolder(folder)
        let steps = profiles.flatMap { profile in StepName.allCases.map { "\(profile).\($0.rawValue)" } }
        let shared = TradingCycle.steps.filter(\.isShared).map(\.name.rawValue)
        let holder = "process \(process.pid) on \(process.host) since \(now) to \(purpose)"
        var locks: [StepLock] = []
        for name in Set(steps + shared + StepLock.names(in: folder)).sorted() {
            switch try StepLock.acquire(path: "\(folder)/\(name).lock", holder: holder) {
            case .acquired(let lock): locks.append(lock)
            case .busy(let other):
                for lock in locks { lock.release() }
                throw Self.failure(name, other, purpose)
            }
        }
        self.locks = locks
    }

    /// Lets the steps in again.
    public func end() { for lock in locks { lock.release() } }

    private static func failure(_ name: String, _ holder: String, _ purpose: String) -> StepFailure {
        StepFailure(
            code: "busy",
            message: "A step is at work, so nothing can be done to \(purpose): \(name) is held by \(holder).",
            hint: "Nothing was changed. Wait for the step to end, or stop the timers; then run the same command again.",
            isRetryable: true, exitCode: .busy)
    }
}

extension StepLock {
    /// The names of the locks that a folder has files of, held or not.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".lock") { names.append(String(name.dropLast(".lock".count))) }
        }
        return names
    }
}
