internal import NIOCore
internal import NIOPosix

/// What a wait ends with when its time is over.
struct SocketDeadline: Error {}

extension EventLoopFuture where Value: Sendable {
    /// Waits for the outcome, but not longer than that, and not beyond the task's cancellation. What the future stands for
    /// goes on all the same.
    func value(within limit: Duration) async throws -> Value {
        // A promise keeps its first outcome.
        let promise = eventLoop.makePromise(of: Value.self)
        cascade(to: promise)
        let timer = eventLoop.scheduleTask(in: TimeAmount(limit)) { promise.fail(SocketDeadline()) }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }
}

extension SocketError {
    /// What SwiftNIO says, in the words of this room.
    ///
    /// - Parameters:
    ///   - host: What was looked up.
    ///   - unfinished: What is said of a connection that ended before it was one.
    init(_ error: any Error, _ stage: SocketStage, address: String, host: String, unfinished: String) {
        switch error {
        case let known as SocketError: self = known
        case is CancellationError: self = .cancelled
        case is SocketDeadline: self = .timedOut(stage, address: address)
        case ChannelError.connectTimeout: self = .timedOut(stage, address: address)
        case let failure as NIOConnectionError:
            let isUnknown = failure.connectionErrors.isEmpty
            self = .unreachable(
                address: address, detail: isUnknown ? "the name '\(host)' is unknown" : "nobody answers there")
        default:
            self =
                stage == .connecting
                ? .unreachable(address: address, detail: unfinished) : .notConnected(address: address)
        }
    }
}
