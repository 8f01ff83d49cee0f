public import Core
public import Sessions

extension TickBarBuilder {
    /// Everything a builder knows, in plain numbers and texts, so that any encoder can keep it over a restart.
    ///
    /// Times are microseconds since 1970 UTC, amounts are exact decimals as text.
    public struct State: Codable, Hashable, Sendable {
        var timeframe: Int
        var exchange: String
        var startedAt: Int64
        var clock: Int64?
        /// From where to where the clock leapt, if nothing has borne that out yet.
        var leap: [Int64]?
        var cursor: Int64
        var lastClose: String?
        var suspect: String?
        /// Pairs of start and end.
        var gaps: [[Int64]]
        var refusals: [String: Int]
        var buckets: [SavedBucket]

        struct SavedBucket: Codable, Hashable, Sendable {
            var openAt: Int64
            var isClosed: Bool
            var wasJudged: Bool
            var editions: Int
            /// Open, high, low, close, volume.
            var published: [String]?
            var lastClose: String?
            var suspect: String?
            var ticks: [SavedTick]
        }

        struct SavedTick: Codable, Hashable, Sendable {
            var price: String
            var quantity: String
            var at: Int64
            var sequence: Int64
            var id: String?
            var isTold: Bool
        }
    }

    public var state: State {
        State(
            timeframe: timeframe.seconds, exchange: calendar.exchange.text, startedAt: startedAt.microseconds,
            clock: clock?.microseconds, leap: leap.map { [$0.from.microseconds, $0.to.microseconds] },
            cursor: cursor.microseconds, lastClose: witnesses.lastClose?.description,
            suspect: witnesses.suspect?.description,
            gaps: gaps.map { [$0.lowerBound.microseconds, $0.upperBound.microseconds] },
            refusals: Dictionary(uniqueKeysWithValues: refusals.map { ($0.key.rawValue, $0.value) }),
            buckets: buckets.values.sorted { $0.slot.openAt < $1.slot.openAt }.map(State.SavedBucket.init))
    }

    /// The builder as it was. Tell it with ``interrupted(from:until:)`` about the time in which it did not run.
    ///
    /// Throws ``BarMakingError/badState(_:)`` if the state is of another timeframe or exchange, or is damaged.
    public init(
        restoring state: State, timeframe: Timeframe, calendar: ExchangeCalendar, rules: Rules = Rules()
    ) throws(BarMakingError) {
        guard state.timeframe == timeframe.seconds, state.exchange == calendar.exchange.text else {
            throw .badState("it holds bars of \(state.timeframe) seconds of \(state.exchange)")
        }
        self.init(
            timeframe: timeframe, calendar: calendar, startingAt: Instant(microseconds: state.startedAt), rules: rules)
        clock = state.clock.map { Instant(microseconds: $0) }
        cursor = Instant(microseconds: state.cursor)
        if let pair = state.leap {
            guard pair.count == 2, pair[0] < pair[1] else { throw .badState("a leap of the clock without an end") }
            leap = (from: Instant(microseconds: pair[0]), to: Instant(microseconds: pair[1]))
        }
        var places: [(saved: State.SavedBucket, slot: BarSlot)] = []
        for saved in state.buckets {
            let openAt = Instant(microseconds: saved.openAt)
            guard let slot = calendar.slot(openingAt: openAt, timeframe: timeframe) else {
                throw .badState("no bar of \(timeframe) opens at \(openAt)")
            }
            guard saved.published.map({ $0.count == 5 }) != false else { throw .badState("half a bar at \(openAt)") }
            places.append((saved, slot))
        }
        do throws(ArithmeticError) {
            witnesses = try TickBucket.Witnesses(state.lastClose, state.suspect)
            for (saved, slot) in places { buckets[slot.openAt] = try TickBucket(saved, slot) }
        } catch { throw .badState("\(error)") }
        for pair in state.gaps {
            guard pair.count == 2, pair[0] < pair[1] else { throw .badState("an interruption without an end") }
            gaps.append(Instant(microseconds: pair[0])..<Instant(microseconds: pair[1]))
        }
        for (name, count) in state.refusals {
            guard let reason = TickRefusal(rawValue: name) else { throw .badState("the unknown reason '\(name)'") }
            refusals[reason] = count
        }
    }
}

extension TickBucket.Witnesses {
    fileprivate init(_ lastClose: String?, _ suspect: String?) throws(ArithmeticError) {
        self.init()
        if let lastClose { self.lastClose = try Price(lastClose) }
        if let suspect { self.suspect = try Price(suspect) }
    }
}

extension TickBarBuilder.State.SavedBucket {
    init(_ bucket: TickBucket) {
        openAt = bucket.slot.openAt.microseconds
        isClosed = bucket.isClosed
        wasJudged = bucket.wasJudged
        editions = bucket.editions
        published = bucket.published.map { bar in
            [bar.open.description, bar.high.description, bar.low.description, bar.close.description]
                + [bar.volume.description]
        }
        lastClose = bucket.witnesses.lastClose?.description
        suspect = bucket.witnesses.suspect?.description
        var told = bucket.told
        ticks = bucket.ticks.map { tick in
            let count = told[tick, default: 0]
            told[tick] = count - 1
            return TickBarBuilder.State.SavedTick(
                price: tick.price.description, quantity: tick.quantity.description, at: tick.at.microseconds,
                sequence: tick.sequence, id: tick.id, isTold: count > 0)
        }
    }
}

extension TickBucket {
    fileprivate init(_ saved: TickBarBuilder.State.SavedBucket, _ slot: BarSlot) throws(ArithmeticError) {
        self.init(slot: slot)
        isClosed = saved.isClosed
        wasJudged = saved.wasJudged
        editions = saved.editions
        witnesses = try Witnesses(saved.lastClose, saved.suspect)
        if let texts = saved.published {
            published = Bar(
                openAt: slot.openAt, open: try Price(texts[0]), high: try Price(texts[1]), low: try Price(texts[2]),
                close: try Price(texts[3]), volume: try Quantity(texts[4]), source: .stream)
        }
        for saved in saved.ticks {
            let tick = Tick(
                price: try Price(saved.price), quantity: try Quantity(saved.quantity),
                at: Instant(microseconds: saved.at), sequence: saved.sequence, id: saved.id)
            total = try total + tick.quantity
            ticks.append(tick)
            if let id = tick.id { ids.insert(id) }
            if saved.isTold { told[tick, default: 0] += 1 }
        }
    }
}
