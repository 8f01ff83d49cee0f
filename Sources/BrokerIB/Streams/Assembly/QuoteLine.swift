internal import Core

/// Puts the ticks of one line together: prices, sizes, texts and numbers in, quotes and trades out. Pure.
///
/// A price brings its size, and the gateway sends the same size again by itself right after it. That echo is no second trade.
struct QuoteLine: Sendable {
    let symbol: Symbol
    private let magnifier: Int64
    private(set) var feed: IBFeed
    private var quote: IBStreamQuote
    private var day: IBStreamDay
    private var last: Price?
    private var lastAt: Instant?
    private var echo: (type: IBTickType, size: Quantity)?

    /// - Parameters:
    ///   - magnifier: IB quotes prices in so many parts of the currency.
    ///   - asked: Live data is asked for and either comes or is refused, so it counts as live until the gateway says otherwise. Of
    ///     any other feed only the gateway knows which it is.
    init(_ symbol: Symbol, magnifier: Int64, asked: IBFeed) {
        self.symbol = symbol
        self.magnifier = magnifier
        feed = asked == .live ? .live : .unknown
        let never = Instant(microseconds: 0)
        quote = IBStreamQuote(symbol: symbol, feed: feed, receivedAt: never)
        day = IBStreamDay(symbol: symbol, feed: feed, receivedAt: never)
    }

    /// - Returns: The new feed; `nil` where it is the same.
    mutating func told(_ feed: IBFeed) -> IBFeed? {
        guard feed != self.feed else { return nil }
        self.feed = feed
        return feed
    }

    /// A tick by its number says itself that it is delayed.
    private mutating func noticeDelay(_ type: IBTickType) {
        if type.isDelayed, !feed.isDelayed { feed = .delayed }
    }

    mutating func take(_ tick: IBTickPrice, at now: Instant) -> IBStreamEvent? {
        noticeDelay(tick.type)
        let price = tick.quote.map { $0.told(in: magnifier) }
        if let type = tick.type.sizeType, let size = tick.size { echo = (type, size) }
        switch tick.type.number {
        case 1, 66: return changed(bid: price, tick.size, at: now)
        case 2, 67: return changed(ask: price, tick.size, at: now)
        case 4, 68:
            guard let price else { return nil }
            last = price
            return trade(price, tick.size, at: now)
        case 6, 72: return changed(\.high, price, at: now)
        case 7, 73: return changed(\.low, price, at: now)
        case 9, 75: return changed(\.previousClose, price, at: now)
        case 14, 76: return changed(\.open, price, at: now)
        default: return nil  // numbers of IB's, of which there are a hundred
        }
    }

    mutating func take(_ tick: IBTickSize, at now: Instant) -> IBStreamEvent? {
        noticeDelay(tick.type)
        guard let size = tick.size else { return nil }
        if let echo, echo.type == tick.type, echo.size == size {
            self.echo = nil
            return nil
        }
        switch tick.type.number {
        case 0, 69: return changed(bid: quote.bid, size, at: now)
        case 3, 70: return changed(ask: quote.ask, size, at: now)
        case 5, 71: return last.flatMap { trade($0, size, at: now) }
        case 8, 74:
            day.volume = size
            return nil
        default: return nil  // numbers of IB's
        }
    }

    mutating func take(_ tick: IBTickString, at now: Instant) -> IBStreamEvent? {
        noticeDelay(tick.type)
        if tick.type == .lastTimestamp || tick.type.number == 88, let second = Int64(tick.text),
            (1...100_000_000_000).contains(second)
        {
            lastAt = Instant(epochSeconds: second)
        }
        return nil
    }

    mutating func take(_ tick: IBTickGeneric, at now: Instant) -> IBStreamEvent? {
        // 0 for a market that goes on, 1 and 2 for a halt, −1 where nobody knows.
        guard tick.type == .halted, let value = tick.value else { return nil }
        let isHalted = value.isPositive
        guard isHalted != quote.isHalted else { return nil }
        quote.isHalted = isHalted
        return told(at: now)
    }

    private mutating func changed(bid: Price?, _ size: Quantity?, at now: Instant) -> IBStreamEvent? {
        let size = bid == nil ? nil : size
        guard bid != quote.bid || size != quote.bidQuantity else { return nil }
        (quote.bid, quote.bidQuantity) = (bid, size)
        return told(at: now)
    }

    private mutating func changed(ask: Price?, _ size: Quantity?, at now: Instant) -> IBStreamEvent? {
        let size = ask == nil ? nil : size
        guard ask != quote.ask || size != quote.askQuantity else { return nil }
        (quote.ask, quote.askQuantity) = (ask, size)
        return told(at: now)
    }

    private mutating func told(at now: Instant) -> IBStreamEvent {
        quote.feed = feed
        quote.receivedAt = now
        return .quote(quote)
    }

    private mutating func changed(
        _ value: WritableKeyPath<IBStreamDay, Price?>, _ new: Price?, at now: Instant
    ) -> IBStreamEvent? {
        guard let new, day[keyPath: value] != new else { return nil }
        day[keyPath: value] = new
        day.feed = feed
        day.receivedAt = now
        return .day(day)
    }

    private func trade(_ price: Price, _ size: Quantity?, at now: Instant) -> IBStreamEvent {
        .trade(
            IBStreamTrade(
                symbol: symbol, price: price, quantity: size, at: lastAt, feed: feed, receivedAt: now))
    }
}
