internal import Synchronization

/// What the reader of a stream has not taken yet, in the order in which it came.
///
/// Of quotes, trades and values the oldest is dropped: newer ones are worth more. Bars, states of orders and news keep their
/// place beside them; only a reader that takes nothing at all loses those, and then the new ones, so that what is there has no
/// hole. What was dropped is told before the next event. **Executions are never dropped**: when more of them wait than an
/// account has in a day, the reader is gone, and the stream ends instead.
///
/// A reader that waits is woken by what it must not miss at once, and by the rest when ``flush()`` is called, which is after each
/// piece of the network's: waking it for each tick would cost more than everything else.
final class IBStreamBuffer: Sendable {
    private struct Queue {
        private var items: [(number: UInt64, event: IBStreamEvent)] = []
        private var head = 0
        var count: Int { items.count - head }
        var first: UInt64 { head < items.count ? items[head].number : .max }

        mutating func put(_ event: IBStreamEvent, _ number: UInt64) { items.append((number, event)) }

        mutating func take() -> IBStreamEvent? {
            guard head < items.count else { return nil }
            let event = items[head].event
            head += 1
            if head == items.count {
                items.removeAll(keepingCapacity: items.capacity <= 1024)
                head = 0
            } else if head >= 256, head * 2 >= items.count {
                // What has been taken goes when it is half of all: each event is moved once at most.
                items.removeFirst(head)
                head = 0
            }
            return event
        }
    }

    private struct State {
        var newest = Queue()
        var kept = Queue()
        var never = Queue()
        var number: UInt64 = 0
        var droppedData = 0
        var droppedNotices = 0
        var isFinished = false
        var last: IBStreamEvent?
        var reader: CheckedContinuation<IBStreamEvent?, Never>?

        mutating func take() -> IBStreamEvent? {
            if droppedNotices > 0 {
                defer { droppedNotices = 0 }
                return .news(.noticesDropped(droppedNotices))
            }
            if droppedData > 0 {
                defer { droppedData = 0 }
                return .news(.dataDropped(droppedData))
            }
            let (data, others) = (newest.first, min(kept.first, never.first))
            if data < others { return newest.take() }
            if others == .max {
                defer { last = nil }
                return last
            }
            return kept.first < never.first ? kept.take() : never.take()
        }
    }

    private let state = Mutex(State())
    private let limit: Int
    private let executionLimit: Int

    /// - Parameters:
    ///   - limit: Of quotes, trades and values; and as many bars, states and news.
    ///   - executionLimit: More than an account has in a day.
    init(limit: Int, executionLimit: Int = 20_000) {
        self.limit = max(1, limit)
        self.executionLimit = max(1, executionLimit)
    }

    /// - Returns: `false` where an execution found no room: the stream has to end.
    @discardableResult
    func put(_ event: IBStreamEvent) -> Bool {
        let worth = event.worth
        let handed = state.withLock { state -> Handed in
            guard !state.isFinished else { return Handed(hadRoom: worth != .never) }
            state.number += 1
            switch worth {
            case .newest:
                if state.newest.count >= limit {
                    _ = state.newest.take()
                    state.droppedData += 1
                }
                state.newest.put(event, state.number)
                return Handed()
            case .kept:
                if state.kept.count < limit {
                    state.kept.put(event, state.number)
                } else {
                    state.droppedNotices += 1
                }
            case .never:
                guard state.never.count < executionLimit else { return Handed(hadRoom: false) }
                state.never.put(event, state.number)
            }
            return Self.hand(&state)
        }
        handed.resume()
        return handed.hadRoom
    }

    /// Wakes a reader that waits, if there is something for it.
    func flush() { state.withLock { Self.hand(&$0) }.resume() }

    private struct Handed {
        var reader: CheckedContinuation<IBStreamEvent?, Never>?
        var event: IBStreamEvent?
        var hadRoom = true

        func resume() { reader?.resume(returning: event) }
    }

    private static func hand(_ state: inout State) -> Handed {
        guard let reader = state.reader, let event = state.take() else { return Handed() }
        state.reader = nil
        return Handed(reader: reader, event: event)
    }

    /// Nothing comes any more but this; what waits can still be taken before it.
    func finish(_ last: IBStreamEvent) {
        state.withLock { state -> Handed in
            guard !state.isFinished else { return Handed() }
            state.isFinished = true
            state.last = last
            return Self.hand(&state)
        }.resume()
    }

    /// What waits; `nil` for nothing, which says nothing about what may come.
    func takeNow() -> IBStreamEvent? { state.withLock { $0.take() } }

    /// `nil` at the end, when the calling task is cancelled, and for a second reader at a time.
    func next() async -> IBStreamEvent? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> IBStreamEvent?? in
                    if let event = state.take() { return .some(event) }
                    if state.isFinished || Task.isCancelled || state.reader != nil { return .some(nil) }
                    state.reader = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let reader = state.withLock { state -> CheckedContinuation<IBStreamEvent?, Never>? in
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume(returning: nil)
        }
    }
}
