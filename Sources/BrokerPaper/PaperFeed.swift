public import Core

/// Where the exchange learns what was traded. Matching knows nothing else.
public protocol PaperFeed: Sendable {
    /// The bars of a symbol with `openAt` in `[from, until)`, ascending. The bar in progress may be among them: until
    /// it closes, only its open is used.
    func bars(_ symbol: Symbol, from: Instant, until: Instant) async throws -> [Bar]

    /// The length of the symbol's bars.
    func timeframe(_ symbol: Symbol) -> Timeframe
}

/// When the symbols can be traded.
public protocol PaperMarket: Sendable {
    func isOpen(_ symbol: Symbol, at: Instant) -> Bool

    /// The close of the session with `open <= instant < close`, or `nil` when there is none.
    func sessionClose(_ symbol: Symbol, containing instant: Instant) -> Instant?

    /// The first session close after the instant, or `nil` beyond the calendar.
    func nextSessionClose(_ symbol: Symbol, after instant: Instant) -> Instant?

    /// The session of a local trading day as `open ..< close`, or `nil` when the exchange is closed on that day.
    func session(_ symbol: Symbol, on date: CivilDate) -> Range<Instant>?

    /// The midnight that a local day begins with; `nil` for a symbol without an exchange.
    func startOfDay(_ symbol: Symbol, _ date: CivilDate) -> Instant?
}

/// A bar together with the instant at which it is complete.
struct TimedBar: Hashable, Sendable {
    let bar: Bar
    let closeAt: Instant
    var openAt: Instant { bar.openAt }
}

/// The bars of one symbol that were read for one call, ascending. `from` says how far back they are complete.
struct BarTape: Sendable {
    let from: Instant
    let bars: [TimedBar]

    /// The place of the bar in progress: `openAt <= instant < closeAt`.
    func barInProgress(at instant: Instant) -> Int? {
        guard let index = bars.lastIndex(where: { $0.openAt <= instant }), instant < bars[index].closeAt else {
            return nil
        }
        return index
    }

    /// The latest price somebody could have seen: the open of the bar in progress, else the close before it.
    func lastPrice(at instant: Instant) -> Price? {
        if let index = barInProgress(at: instant) { return bars[index].bar.open }
        return bars.last { $0.closeAt <= instant }?.bar.close
    }
}

/// Reads exactly the bars that a call needs.
struct TapeReader: Sendable {
    let feed: any PaperFeed
    let market: any PaperMarket

    /// When a bar is complete: after its timeframe, at the latest with its session. A daily bar ends with the session.
    func closeAt(_ symbol: Symbol, _ bar: Bar) -> Instant {
        let timeframe = feed.timeframe(symbol)
        let byLength = bar.openAt.advanced(bySeconds: Int64(timeframe.seconds))
        guard let bySession = market.sessionClose(symbol, containing: bar.openAt) else { return byLength }
        return min(byLength, bySession)
    }

    /// The bars from the one that contains `earliest`, and at least one complete bar before it where there is one: its
    /// volume bounds what the next open can take.
    ///
    /// The look back widens step by step, because before the first bar of a session lies a night, a weekend or a
    /// holiday. `processed` is the last bar that matching has finished with; it serves as the bar before.
    func tape(
        _ symbol: Symbol, earliest: Instant, processed: Instant?, now: Instant
    ) async throws(PaperError) -> BarTape {
        let length = Int64(feed.timeframe(symbol).seconds)
        let until = Instant(microseconds: max(now, earliest).microseconds + 1)
        if let processed, processed <= earliest, processed >= earliest.advanced(bySeconds: -length) {
            return BarTape(from: processed, bars: try await read(symbol, from: processed, until: until))
        }
        if let processed, processed > earliest {
            return BarTape(from: processed, bars: try await read(symbol, from: processed, until: until))
        }
        let day: Int64 = 86_400
        var tape = BarTape(from: until, bars: [])
        for seconds in [3 * length, length + day, length + 5 * day, length + 15 * day] {
            let from = earliest.advanced(bySeconds: -seconds)
            tape = BarTape(from: from, bars: try await read(symbol, from: from, until: until))
            if tape.bars.contains(where: { $0.closeAt <= earliest }) { break }
        }
        return tape
    }

    /// The last close before an instant, at most 15 days back.
    func lastClose(_ symbol: Symbol, before instant: Instant) async throws(PaperError) -> Price? {
        try await read(symbol, from: instant.advanced(bySeconds: -15 * 86_400), until: instant)
            .last { $0.closeAt <= instant }?.bar.close
    }

    private func read(_ symbol: Symbol, from: Instant, until: Instant) async throws(PaperError) -> [TimedBar] {
        do {
            return try await feed.bars(symbol, from: from, until: until)
                .map { TimedBar(bar: $0, closeAt: closeAt(symbol, $0)) }
        } catch {
            throw .feed(symbol: symbol, detail: "\(error)")
        }
    }
}
