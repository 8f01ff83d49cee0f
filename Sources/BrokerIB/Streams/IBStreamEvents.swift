/// What a stream of IB's brings.
public enum IBStreamEvent: Hashable, Sendable {
    case quote(IBStreamQuote)
    case trade(IBStreamTrade)
    case day(IBStreamDay)
    case slice(IBStreamSlice)
    indirect case bar(IBStreamBar)
    case slot(IBStreamSlot)
    indirect case execution(IBStreamExecution)
    indirect case order(IBStreamOrder)
    case orderMessage(IBStreamOrderMessage)
    indirect case profit(IBStreamProfit)
    indirect case accountValue(IBStreamAccountValue)
    indirect case holding(IBStreamHolding)
    indirect case news(IBStreamNews)

    /// What becomes of it when the reader is slow.
    enum Worth { case newest, kept, never }

    var worth: Worth {
        switch self {
        case .quote, .trade, .day, .slice, .profit, .accountValue, .holding: .newest
        case .bar(let bar): bar.standing == .forming ? .newest : .kept
        case .slot, .order, .orderMessage, .news: .kept
        case .execution: .never
        }
    }
}

/// The events of an ``IBStream``, for one reader.
public struct IBStreamEvents: AsyncSequence, Sendable {
    let buffer: IBStreamBuffer

    public struct Iterator: AsyncIteratorProtocol {
        let buffer: IBStreamBuffer
        public mutating func next() async -> IBStreamEvent? { await next(isolation: nil) }
        public mutating func next(isolation actor: isolated (any Actor)?) async -> IBStreamEvent? {
            // Most of the time there is one, and nobody has to wait.
            if let event = buffer.takeNow() { return event }
            return await buffer.next()
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(buffer: buffer) }
}
