internal import CCurl
internal import Synchronization

/// Runs blocking work on a thread of its own, so that a slow peer never holds one of the few threads of Swift's
/// cooperative pool: with two cores, two hanging requests would stop everything else.
enum BlockingThread {
    /// The work's result; `nil` if the system gives no more threads, in which case the work has not begun.
    static func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value? {
        await withCheckedContinuation { continuation in
            let job = Job { continuation.resume(returning: work()) }
            if !start(job) { continuation.resume(returning: nil) }
        }
    }

    private static func start(_ job: Job) -> Bool {
        // The thread owns the job from here on and releases it; when there is no thread, nobody else would.
        let retained = Unmanaged.passRetained(job)
        let code = ccurl_start_thread(
            { context in
                guard let context else { return }
                Unmanaged<Job>.fromOpaque(context).takeRetainedValue().body()
            }, retained.toOpaque())
        if code != 0 { retained.release() }
        return code == 0
    }

    private final class Job: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

/// Tells a running transfer to stop. libcurl asks for it at least once a second.
final class CancellationFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isRaised: Bool { flag.load(ordering: .acquiring) }
    func raise() { flag.store(true, ordering: .releasing) }
}
