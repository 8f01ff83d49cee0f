internal import Cycle
@preconcurrency internal import Dispatch
internal import Glibc
internal import Synchronization

/// SIGINT and SIGTERM end a step at its next safe point; if none comes within four seconds the process ends anyway, which is
/// safe too: whatever a kill at any instant leaves behind, the next run carries on from it.
final class Signals: Sendable {
    private static let patience: Double = 4
    private let sources: [any DispatchSourceSignal]
    private let received: ReceivedSignal

    init() {
        let received = ReceivedSignal()
        self.received = received
        let queue = DispatchQueue(label: "takt.signals")
        sources = [SIGINT, SIGTERM].map { number in
            // Not SIG_IGN: on Linux an ignored signal never reaches the source.
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { @Sendable in
                received.note(number)
                queue.asyncAfter(deadline: .now() + Self.patience) { @Sendable in
                    _exit(number == SIGINT ? Cycle.ExitCode.interrupted.rawValue : Cycle.ExitCode.terminated.rawValue)
                }
            }
            source.resume()
            return source
        }
    }

    var stop: StopSignal { StopSignal { [received] in received.number } }
}

/// The first signal that came.
private final class ReceivedSignal: Sendable {
    private let value = Mutex<Int32?>(nil)

    var number: Int32? { value.withLock { $0 } }

    func note(_ number: Int32) { value.withLock { $0 = $0 ?? number } }
}
