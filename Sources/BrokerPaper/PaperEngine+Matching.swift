internal import Broker
internal import Core

/// What executes, at which price, against how much of a bar.
///
/// - At the open of a bar: market orders and touched stops at the open (plus slippage); stops that the open has jumped
///   over, at the open; limits that the open is through, at the open. All together take at most `participation` of the
///   volume of the bar before, because nobody knows the bar's own volume at its open.
/// - Over the bar, once it is complete: stops whose price lies inside, at the stop (plus slippage); limits whose price
///   was touched, at the limit. All together, the open included, take at most `participation` of the bar's volume.
/// - Stops go before limits (the pessimist's view of a bar that holds both exits of a position), better prices before
///   worse ones, earlier numbers before later ones.
/// - What is left of a market order waits for the next open; what is left of an immediate-or-cancel order is cancelled
///   at its first open.
/// - A stop that follows the market moves at the open of a bar by the open, and behind its range by the best price of the bar:
///   inside a bar it stands still, since nobody knows which extreme came first. Of the bar it arrived in it sees the close.
/// - An order takes part in every bar that closes after its acceptance: the bar it arrived in is the first. What protects an entry
///   does so from the entry's execution on.
extension PaperEngine {
    mutating func matchOpen(_ symbol: Symbol, _ place: Int, at instant: Instant) throws(ArithmeticError) {
        guard let tape = tapes[symbol], let instrument = rules.instruments[symbol] else { return }
        let timed = tape.bars[place]
        var cursor = state.cursors[symbol] ?? PaperCursor()
        cursor.enter(timed.openAt)
        let previous = place > 0 ? tape.bars[place - 1].bar.volume : .zero
        var present: [Int] = []
        // What is executed may wake what protects it, and that sees the same open.
        while true {
            let woken = openOrders(symbol, workingBefore: timed.closeAt).filter { index in
                state.orders[index].worksFrom.map { $0 <= instant } ?? false && !present.contains(index)
            }
            guard !woken.isEmpty else { break }
            present += woken
            var candidates: [Candidate] = []
            for index in woken {
                if let candidate = try atOpen(index, state.orders[index], timed.bar, instrument) {
                    candidates.append(candidate)
                }
            }
            let capacity = try rules.capacity(of: previous, used: cursor.openUsed)
            let taken = try serve(candidates, instrument, capacity: capacity, at: instant)
            cursor.openUsed = try cursor.openUsed + taken
            cursor.used = try cursor.used + taken
        }
        state.cursors[symbol] = cursor
        for index in present { try follow(index, timed.bar.open, instrument, on: timed.openAt.utcDate) }
        for index in present where state.orders[index].isOpen && state.orders[index].timeInForce == .immediateOrCancel {
            finish(index, .cancelled, at: instant, "the rest of an immediate-or-cancel order")
        }
    }

    mutating func matchRange(_ symbol: Symbol, _ place: Int) throws(ArithmeticError) {
        guard let tape = tapes[symbol], let instrument = rules.instruments[symbol] else { return }
        let timed = tape.bars[place]
        var cursor = state.cursors[symbol] ?? PaperCursor()
        cursor.enter(timed.openAt)
        cursor.closedThrough = timed.openAt
        state.bookedThrough = max(state.bookedThrough, timed.closeAt)
        var candidates: [Candidate] = []
        for index in openOrders(symbol, workingBefore: timed.closeAt) {
            if let candidate = try inRange(index, state.orders[index], timed.bar, instrument) {
                candidates.append(candidate)
            }
        }
        let capacity = try rules.capacity(of: timed.bar.volume, used: cursor.used)
        // Nobody knows when inside the bar it was. Its last second lies inside bar and session, and behind what the
        // open executed, so that executions are numbered in the order of their times.
        let end = timed.closeAt.advanced(bySeconds: -1)
        cursor.used = try cursor.used + serve(candidates, instrument, capacity: capacity, at: end)
        state.cursors[symbol] = cursor
        for index in openOrders(symbol, workingBefore: timed.closeAt) {
            try follow(
                index, seen(state.orders[index], in: timed.bar, since: timed.openAt), instrument,
                on: timed.openAt.utcDate)
        }
    }

    private func openOrders(_ symbol: Symbol, workingBefore end: Instant) -> [Int] {
        state.orders.indices.filter { index in
            let order = state.orders[index]
            return order.isOpen && order.symbol == symbol && order.worksFrom.map { $0 < end } ?? false
        }
    }

    /// Executes what the capacity allows, the first in line first. Returns how much was taken.
    private mutating func serve(
        _ candidates: [Candidate], _ instrument: Instrument, capacity: Quantity, at instant: Instant
    ) throws(ArithmeticError) -> Quantity {
        var left = capacity
        for candidate in candidates.sorted() {
            if candidate.triggers { state.orders[candidate.index].isTriggered = true }
            guard let price = candidate.price else { continue }
            let order = state.orders[candidate.index]
            let taken = try wholeLots(min(left, order.leaves), instrument)
            guard taken.isPositive else { continue }
            try fill(candidate.index, instrument, taken, price, at: max(order.worksFrom ?? instant, instant))
            left = try left - taken
        }
        return try capacity - left
    }

    // MARK: Prices

    private func atOpen(
        _ index: Int, _ order: PaperOrder, _ bar: Bar, _ instrument: Instrument
    ) throws(ArithmeticError) -> Candidate? {
        let open = bar.open
        switch order.type {
        case .market:
            return Candidate(index, order, .taker, price: try taking(open, order.side, instrument, bar))
        case .stop(let stop):
            guard order.isTriggered || reaches(open, stop, order.side) else { return nil }
            return Candidate(index, order, .taker, price: try taking(open, order.side, instrument, bar), triggers: true)
        case .limit(let limit):
            guard allows(open, limit, order.side) else { return nil }
            return Candidate(index, order, .limit, price: open, depth: try depth(limit, open, order.side))
        case .stopLimit(let stop, let limit):
            guard order.isTriggered || reaches(open, stop, order.side) else { return nil }
            let price = allows(open, limit, order.side) ? open : nil
            return Candidate(
                index, order, .limit, price: price, depth: try depth(limit, open, order.side), triggers: true)
        case .trailingStop:
            guard order.isTriggered || order.trailedStop.map({ reaches(open, $0, order.side) }) ?? false else {
                return nil
            }
            return Candidate(index, order, .taker, price: try taking(open, order.side, instrument, bar), triggers: true)
        case .trailingStopLimit(_, _, let offset):
            guard let stop = order.trailedStop, order.isTriggered || reaches(open, stop, order.side) else { return nil }
            let limit = try trailedLimit(stop, offset, order.side)
            return Candidate(
                index, order, .limit, price: allows(open, limit, order.side) ? open : nil,
                depth: try depth(limit, open, order.side), triggers: true)
        // None of its orders.
        case .marketToLimit, .bestOwnSide, .conditionalLimit: return nil
        }
    }

    private func inRange(
        _ index: Int, _ order: PaperOrder, _ bar: Bar, _ instrument: Instrument
    ) throws(ArithmeticError) -> Candidate? {
        // The best price the bar offers a limit, and the price that touches a stop first.
        let best = order.side == .buy ? bar.low : bar.high
        let touch = order.side == .buy ? bar.high : bar.low
        switch order.type {
        // Market orders are for the open; the others are none of its orders.
        case .market, .marketToLimit, .bestOwnSide, .conditionalLimit: return nil
        case .trailingStop:
            guard let stop = order.trailedStop, !order.isTriggered, reaches(touch, stop, order.side) else { return nil }
            return Candidate(index, order, .taker, price: try taking(stop, order.side, instrument, bar), triggers: true)
        case .trailingStopLimit(_, _, let offset):
            guard let stop = order.trailedStop else { return nil }
            let limit = try trailedLimit(stop, offset, order.side)
            if order.isTriggered {
                guard allows(best, limit, order.side) else { return nil }
                return Candidate(index, order, .limit, price: limit, depth: try depth(limit, best, order.side))
            }
            guard reaches(touch, stop, order.side) else { return nil }
            return Candidate(
                index, order, .taker, price: try afterTouch(stop, limit, order.side, instrument, bar), triggers: true)
        case .limit(let limit):
            guard allows(best, limit, order.side) else { return nil }
            return Candidate(index, order, .limit, price: limit, depth: try depth(limit, best, order.side))
        case .stop(let stop):
            guard !order.isTriggered, reaches(touch, stop, order.side) else { return nil }
            return Candidate(index, order, .taker, price: try taking(stop, order.side, instrument, bar), triggers: true)
        case .stopLimit(let stop, let limit):
            if order.isTriggered {
                guard allows(best, limit, order.side) else { return nil }
                return Candidate(index, order, .limit, price: limit, depth: try depth(limit, best, order.side))
            }
            guard reaches(touch, stop, order.side) else { return nil }
            return Candidate(
                index, order, .taker, price: try afterTouch(stop, limit, order.side, instrument, bar), triggers: true)
        }
    }

    /// A stop-limit that is touched inside a bar: at the stop if the limit allows that, else at the limit if the bar's
    /// close does, because only the close surely comes after the touch.
    private func afterTouch(
        _ stop: Price, _ limit: Price, _ side: Side, _ instrument: Instrument, _ bar: Bar
    ) throws(ArithmeticError) -> Price? {
        if allows(stop, limit, side) {
            let price = try taking(stop, side, instrument, bar)
            return side == .buy ? min(price, limit) : max(price, limit)
        }
        return allows(bar.close, limit, side) ? limit : nil
    }

    private func allows(_ price: Price, _ limit: Price, _ side: Side) -> Bool {
        side == .buy ? price <= limit : price >= limit
    }

    private func reaches(_ price: Price, _ stop: Price, _ side: Side) -> Bool {
        side == .buy ? price >= stop : price <= stop
    }

    private func depth(_ limit: Price, _ price: Price, _ side: Side) throws(ArithmeticError) -> FixedPoint {
        side == .buy ? try limit.value - price.value : try price.value - limit.value
    }

    private func taking(
        _ price: Price, _ side: Side, _ instrument: Instrument, _ bar: Bar
    ) throws(ArithmeticError) -> Price {
        try rules.taking(price, side, instrument, on: bar.openAt.utcDate)
    }

    // MARK: Quantities

    private func wholeLots(_ quantity: Quantity, _ instrument: Instrument) throws(ArithmeticError) -> Quantity {
        Quantity(try quantity.value.rounded(toMultipleOf: instrument.lotSize.value, .down))
    }

    private mutating func fill(
        _ index: Int, _ instrument: Instrument, _ quantity: Quantity, _ price: Price, at instant: Instant
    ) throws(ArithmeticError) {
        var order = state.orders[index]
        let costs = try rules.fees.costs(
            instrument, order.side, quantity, at: price, on: instant.utcDate, basis: &order.basis)
        let value = try instrument.notional(price, quantity).amount
        let paid = try (order.side == .buy ? -value : value) - costs.fee - costs.tax
        try state.credit(paid, instrument.currency)
        try state.trade(instrument, order.side, quantity, price)
        order.filled = try order.filled + quantity
        order.status = order.filled == order.quantity ? .filled : .partiallyFilled
        order.finishedAt = order.status == .filled ? instant : nil
        order.updatedAt = now
        state.orders[index] = order
        state.bookedThrough = max(state.bookedThrough, instant)
        state.fills.append(
            PaperFill(
                number: state.nextExecution, order: order.number, clientOrderID: order.clientOrderID,
                symbol: order.symbol,
                side: order.side, quantity: quantity, price: price, fee: costs.fee, tax: costs.tax,
                currency: instrument.currency, filledAt: instant, recordedAt: now))
        state.nextExecution += 1
        try tellBracket(of: order, executed: quantity, at: instant)
    }
}

/// An order that a bar may execute, in the order in which they are served.
private struct Candidate: Comparable {
    enum Rank: Int { case taker, limit }

    let index: Int
    let number: Int64
    let rank: Rank
    /// `nil`: the stop is touched, but the limit forbids the price.
    let price: Price?
    /// How far the limit reaches beyond the price on offer.
    let depth: FixedPoint
    let triggers: Bool

    init(
        _ index: Int, _ order: PaperOrder, _ rank: Rank, price: Price?, depth: FixedPoint = .zero,
        triggers: Bool = false
    ) {
        self.index = index
        number = order.number
        self.rank = rank
        self.price = price
        self.depth = depth
        self.triggers = triggers
    }

    static func < (left: Candidate, right: Candidate) -> Bool {
        guard left.rank == right.rank else { return left.rank.rawValue < right.rank.rawValue }
        guard left.depth == right.depth else { return left.depth > right.depth }
        return left.number < right.number
    }
}
