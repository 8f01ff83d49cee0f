internal import Synchronization

/// What the reader of a stream has not taken yet, in the order in which it came.
///
/// Trades and books may be dropped, the oldest first, since newer ones are worth more. Order notices and news keep their
/// place beside them; only a reader that takes nothing at all loses those, and then the new ones, so that what is
/// there has no hole. Whatever was dropped is told before the next event.
final class EventBuffer: Sendable {
    private struct Queue {
        private var items: [(number: UInt64, event: KISStreamEvent)] = []
        private var head = 0
        var count: Int { items.count - head }
        var first: UInt64? { head < items.count ? items[head].number : nil }

        mutating func put(_ event: KISStreamEvent, _ number: UInt64) { items.append((number, event)) }

        mutating func take() -> KISStreamEvent? {
            guard head < items.count else { return nil }
            defer {
                head += 1
                if head * 2 >= items.count {
                    items.removeFirst(head)
                    head = 0
                }
            }
            return items[head].event
        }
    }

    private struct State {
        var market = Queue()
        var essential = Queue()
        var number: UInt64 = 0
        var droppedData = 0
        var droppedNotices = 0
        var isFinished = false
        var reader: CheckedContinuation<KISStreamEvent?, Never>?

        mutating func take() -> KISStreamEvent? {
            if droppedNotices > 0 {
                defer { droppedNotices = 0 }
                return .news(.noticesDropped(droppedNotices))
            }
            if droppedData > 0 {
                defer { droppedData = 0 }
                return .news(.dataDropped(droppedData))
            }
            let isMarketNext = (market.first ?? .max) < (essential.first ?? .max)
            return isMarketNext ? market.take() : essential.take()
        }
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: Of trades and books, and as many of the others.
    init(limit: Int) { self.limit = max(1, limit) }

    func put(_ event: KISStreamEvent) {
        let handed = state.withLock { state -> (CheckedContinuation<KISStreamEvent?, Never>, KISStreamEvent?)? in
            guard !state.isFinished else { return nil }
            state.number += 1
            if event.isEssential {
                if state.essential.count < limit {
                    state.essential.put(event, state.number)
                } else {
                    state.droppedNotices += 1
                }
            } else {
                if state.market.count >= limit {
                    _ = state.market.take()
                    state.droppedData += 1
                }
                state.market.put(event, state.number)
            }
            guard let reader = state.reader else { return nil }
            state.reader = nil
            return (reader, state.take())
        }
        handed?.0.resume(returning: handed?.1)
    }

    /// Nothing comes any more; what waits can still be taken.
    func finish() {
        let reader = state.withLock { state -> CheckedContinuation<KISStreamEvent?, Never>? in
            state.isFinished = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }

    /// `nil` at the end, when the calling task is cancelled, and for a second reader at a time.
    func next() async -> KISStreamEvent? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> KISStreamEvent?? in
                    if let event = state.take() { return .some(event) }
                    if state.isFinished || Task.isCancelled || state.reader != nil { return .some(nil) }
                    state.reader = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let reader = state.withLock { state -> CheckedContinuation<KISStreamEvent?, Never>? in
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume(returning: nil)
        }
    }
}
