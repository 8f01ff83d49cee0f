/// What a stream brings.
public enum KISStreamEvent: Hashable, Sendable {
    case data(KISStreamData)
    case news(KISStreamNews)

    /// Not to be dropped in favour of newer ones.
    var isEssential: Bool {
        switch self {
        case .data(.trade), .data(.book): false
        case .data(.orderNotice), .news: true
        }
    }
}

/// The events of a ``KISStream``, for one reader.
public struct KISStreamEvents: AsyncSequence, Sendable {
    let buffer: EventBuffer

    public struct Iterator: AsyncIteratorProtocol {
        let buffer: EventBuffer
        public mutating func next() async -> KISStreamEvent? { await buffer.next() }
        public mutating func next(isolation actor: isolated (any Actor)?) async -> KISStreamEvent? {
            await buffer.next()
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(buffer: buffer) }
}
