internal import Core
internal import Glibc
internal import Locks
internal import Synchronization

/// The bucket of one app key, shared by all processes of this machine through a file: lets calls through one by one.
final class RateGate: Sendable {
    enum Failure: Error, Hashable, Sendable {
        /// No slot within the time there was; the next one as far as is known.
        case noSlot(within: Duration, next: Duration?)
        case cancelled
        /// The file or its lock cannot be used.
        case unusable(String)
    }

    /// Far more than a full line takes.
    private static let fileLimit = 128 * 1024

    private let folder: String
    private let name: String
    private let rate: CallRate
    private let clock: any WallClock
    private let calls = Atomic<UInt64>(0)

    /// - Parameter keyName: Of the app key: ``KISDoor/keyName``.
    init(folder: String, keyName: String, rate: CallRate, clock: any WallClock) {
        self.folder = folder
        name = "calls-\(keyName)"
        self.rate = rate
        self.clock = clock
    }

    /// Waits for a slot. The answer is the time at which it was given.
    func pass(_ kind: KISEndpoint.Kind, waiting budget: inout WaitBudget) async throws(Failure) -> Instant {
        let since = clock.now()
        let id = nextID()
        while true {
            let (verdict, askedAt): (RateBucket.Verdict, Instant)
            do {
                (verdict, askedAt) = try await update(waiting: &budget) {
                    ($0.ask(kind, id: id, since: since, now: $1, rate: rate), $1)
                }
            } catch {
                await leave(id)
                throw error
            }
            guard case .wait(let wait) = verdict else { return askedAt }
            guard wait <= budget.left(at: clock.now()), await budget.sleep(for: wait, clock: clock) else {
                await leave(id)
                throw Task.isCancelled ? .cancelled : .noSlot(within: budget.limit, next: wait)
            }
        }
    }

    /// KIS said that there were too many calls.
    ///
    /// - Parameter sentAt: When the call was let through.
    func refused(sentAt: Instant) async {
        var budget = WaitBudget(.seconds(2), from: clock.now())
        // Should the file be out of reach, the next call will say so.
        _ = try? await update(waiting: &budget) { $0.refused(sentAt: sentAt, now: $1, rate: rate) }
    }

    /// A place that is not given back is lost a moment later anyway.
    private func leave(_ id: String) async {
        var budget = WaitBudget(.milliseconds(100), from: clock.now())
        _ = try? await update(waiting: &budget) { bucket, _ in bucket.leave(id: id) }
    }

    /// Unique among the waiters of the machine: the process, the gate in it, and the call.
    private func nextID() -> String {
        let number = calls.wrappingAdd(1, ordering: .relaxed).newValue
        return "\(getpid()).\(UInt(bitPattern: ObjectIdentifier(self).hashValue)).\(number)"
    }

    private func update<Value: Sendable>(
        waiting budget: inout WaitBudget, _ change: (inout RateBucket, Instant) -> Value
    ) async throws(Failure) -> Value {
        let files: PrivateFolder
        let outcome: FileLock.Outcome
        do {
            files = try PrivateFolder(preparing: folder)
        } catch {
            throw .unusable("\(error)")
        }
        do {
            outcome = try await FileLock.acquire(
                path: files.file("\(name).lock"), holder: "process \(getpid())", waiting: &budget, clock: clock)
        } catch {
            throw .unusable("\(error)")
        }
        guard case .acquired(let lock) = outcome else {
            throw Task.isCancelled ? .cancelled : .noSlot(within: budget.limit, next: nil)
        }
        defer { lock.release() }
        let now = clock.now()
        var bucket = current(files, now: now)
        let before = bucket
        let value = change(&bucket, now)
        guard bucket != before else { return value }
        do {
            try files.replace("\(name).json", with: bucket.file, isDurable: false)
        } catch {
            throw .unusable("\(error)")
        }
        return value
    }

    /// A missing file is a fresh bucket with its one call; one that cannot be read or believed is an empty one.
    private func current(_ files: PrivateFolder, now: Instant) -> RateBucket {
        if let bytes = files.read("\(name).json", limit: Self.fileLimit), let bucket = RateBucket(file: bytes) {
            return bucket
        }
        let isMissing = access(files.file("\(name).json"), F_OK) != 0
        return RateBucket(now: isMissing ? now : now.advanced(by: rate.interval))
    }
}
