internal import Synchronization

/// What has arrived and was not taken yet, for one reader.
///
/// Nothing in it is dropped. When `limit` elements wait, whoever fills it is told to stop reading, so that the network
/// holds the sender back; once half of them are taken, `resume` is called. What one read of the socket brings at a time
/// may go beyond the limit.
final class Inbox<Element: Sendable>: Sendable {
    private struct State {
        var waiting: [Element] = []
        /// Index of the first element that was not taken yet.
        var head = 0
        var isPaused = false
        var isFinished = false
        var reader: CheckedContinuation<Element?, Never>?
        var resume: (@Sendable () -> Void)?
        var count: Int { waiting.count - head }
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = max(2, limit) }

    /// What makes the source read again.
    func whenRoom(_ resume: @escaping @Sendable () -> Void) { state.withLock { $0.resume = resume } }

    func put(_ element: Element) {
        let reader = state.withLock { state -> CheckedContinuation<Element?, Never>? in
            guard !state.isFinished else { return nil }
            if let reader = state.reader {
                state.reader = nil
                return reader
            }
            state.waiting.append(element)
            return nil
        }
        reader?.resume(returning: element)
    }

    /// Whether the source should go on reading; if not, it is resumed later.
    func wantsMore() -> Bool {
        state.withLock { state in
            state.isPaused = state.count >= limit
            return !state.isPaused
        }
    }

    /// Nothing comes any more. What waits can still be taken.
    func finish() {
        let reader = state.withLock { state -> CheckedContinuation<Element?, Never>? in
            state.isFinished = true
            state.resume = nil
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }

    /// The next element; `nil` at the end, and when the calling task is cancelled.
    func next() async -> Element? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (answer, resume) = take(continuation)
                if let answer { continuation.resume(returning: answer.element) }
                resume?()
            }
        } onCancel: {
            let reader = state.withLock { state -> CheckedContinuation<Element?, Never>? in
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume(returning: nil)
        }
    }

    private struct Answer { let element: Element? }

    private func take(_ continuation: CheckedContinuation<Element?, Never>) -> (
        Answer?, (@Sendable () -> Void)?
    ) {
        state.withLock { state in
            if state.count > 0 {
                let element = state.waiting[state.head]
                state.head += 1
                // Moving the rest down costs as much as it holds, so it is done once for that many.
                if state.head * 2 >= state.waiting.count {
                    state.waiting.removeFirst(state.head)
                    state.head = 0
                }
                guard state.isPaused, state.count <= limit / 2 else {
                    return (Answer(element: element), nil)
                }
                state.isPaused = false
                return (Answer(element: element), state.resume)
            }
            // A second reader would take the place of the first, who then would wait for ever.
            if state.isFinished || Task.isCancelled || state.reader != nil {
                return (Answer(element: nil), nil)
            }
            state.reader = continuation
            return (nil, nil)
        }
    }
}
