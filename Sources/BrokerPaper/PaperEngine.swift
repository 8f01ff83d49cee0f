internal import Broker
internal import Core

/// The exchange itself, without disk and clock: a state, the bars that are known, and what happens to the state up to
/// an instant.
///
/// Everything happens in one order over all symbols: by time, and at the same time first the ranges of bars that close,
/// then expiries, then corporate actions, then opens. So one large step books the same as many small ones.
struct PaperEngine: Sendable {
    let rules: PaperConfiguration
    let market: any PaperMarket
    /// Symbols that trade on daily bars.
    let dailySymbols: Set<Symbol>
    let tapes: [Symbol: BarTape]
    /// Prices for fractions that a split leaves behind, by action.
    let prices: [String: Price]
    /// What was bought less what was sold since a due action took effect, by action: it was traded as the share is since, and
    /// the action does not touch it. Zero where nothing was, which is the rule.
    var tradedSince: [String: Quantity] = [:]
    var state: PaperState
    /// The instant of the call: when what happens now is recorded.
    let now: Instant

    /// Books everything up to `now`.
    mutating func advance() throws(ArithmeticError) {
        for event in upcoming() { try run(event) }
    }

    private mutating func run(_ event: PaperEvent) throws(ArithmeticError) {
        switch event.kind {
        case .range(let index): try matchRange(event.symbol, index)
        case .expiry(let number): expire(number, at: event.at)
        case .action(let action): try apply(action, at: event.at)
        case .open(let index): try matchOpen(event.symbol, index, at: event.at)
        }
    }

    // MARK: What lies ahead

    private func upcoming() -> [PaperEvent] {
        var events = dueActions().map { PaperEvent(at: $0.at, symbol: $0.action.symbol, kind: .action($0.action)) }
        let bySymbol = Dictionary(grouping: state.orders.filter(\.isOpen), by: \.symbol)
        for (symbol, orders) in bySymbol {
            guard let tape = tapes[symbol], let earliest = orders.map(\.placedAt).min() else { continue }
            let processed = state.cursors[symbol]?.closedThrough
            // Bars read for an earlier view of the book may not reach back far enough; then another call does this
            // symbol.
            guard tape.from <= max(earliest, processed ?? earliest) else { continue }
            events += barEvents(symbol, tape, orders, earliest: earliest, processed: processed)
            events += expiries(symbol, tape, orders)
        }
        return events.sorted()
    }

    private func barEvents(
        _ symbol: Symbol, _ tape: BarTape, _ orders: [PaperOrder], earliest: Instant, processed: Instant?
    ) -> [PaperEvent] {
        var events: [PaperEvent] = []
        for (index, timed) in tape.bars.enumerated() where timed.closeAt > earliest && timed.openAt <= now {
            if let processed, timed.openAt <= processed { continue }
            events.append(PaperEvent(at: timed.openAt, symbol: symbol, kind: .open(index)))
            let arrivals = Set(orders.map(\.placedAt).filter { $0 > timed.openAt && $0 < timed.closeAt })
            events += arrivals.map { PaperEvent(at: $0, symbol: symbol, kind: .open(index)) }
            if timed.closeAt <= now {
                events.append(PaperEvent(at: timed.closeAt, symbol: symbol, kind: .range(index)))
            }
        }
        return events
    }

    /// Orders whose session is over. They wait for its last bar, but not longer than the grace.
    private func expiries(_ symbol: Symbol, _ tape: BarTape, _ orders: [PaperOrder]) -> [PaperEvent] {
        orders.compactMap { order in
            guard let expiresAt = order.expiresAt, expiresAt <= now else { return nil }
            let isKnown = tape.bars.last.map { $0.closeAt >= expiresAt && $0.closeAt <= now } ?? false
            guard isKnown || now >= expiresAt.advanced(by: rules.lateBarGrace) else { return nil }
            return PaperEvent(at: expiresAt, symbol: symbol, kind: .expiry(order.number))
        }
    }

    /// Actions that took effect since the account was opened and are not booked yet. One that became known late takes effect
    /// on what was held and ordered at its time.
    ///
    /// One that was taken back is due again: what has been applied of it is undone.
    func dueActions() -> [(action: CorporateAction, at: Instant)] {
        let inForce = Set(rules.actions.map(\.id))
        var seen: Set<String> = []
        let due = rules.actions.filter { !state.appliedActions.contains($0.id) }
        let undone = rules.withdrawnActions.filter { state.appliedActions.contains($0.id) && !inForce.contains($0.id) }
        return (due + undone).compactMap { action in
            guard seen.insert(action.id).inserted, let effective = effect(of: action) else { return nil }
            return (action, effective)
        }
    }

    /// When an action takes effect; `nil` while that is to come, and for one of before the account.
    func effect(of action: CorporateAction) -> Instant? {
        guard action.exDate.advanced(byDays: 12).startUTC > state.openedAt,
            action.exDate.advanced(byDays: -1).startUTC <= now,
            let effective = market.startOfDay(action.symbol, action.exDate), effective > state.openedAt,
            effective <= now
        else { return nil }
        return effective
    }

    // MARK: Ends of orders

    private mutating func expire(_ number: Int64, at instant: Instant) {
        guard let index = state.orders.firstIndex(where: { $0.number == number && $0.isOpen }) else { return }
        let isDated = state.orders[index].timeInForce == .goodTillDate
        finish(index, .expired, at: instant, isDated ? "its date is over" : "the session ended")
    }

    mutating func finish(_ index: Int, _ status: BrokerOrder.Status, at instant: Instant, _ message: String?) {
        state.orders[index].status = status
        state.orders[index].finishedAt = instant
        state.orders[index].updatedAt = now
        state.orders[index].message = message
        state.bookedThrough = max(state.bookedThrough, instant)
        endProtection(of: state.orders[index], at: instant)
    }

    /// Takes an open order off the book.
    mutating func cancel(_ id: BrokerOrderID) -> ChangeOutcome? {
        guard let number = PaperNumber.parse(id),
            let index = state.orders.firstIndex(where: { $0.number == number && $0.isOpen })
        else { return nil }
        finish(index, .cancelled, at: now, "cancelled on request")
        return .accepted
    }
}

/// Something that happens at an instant.
struct PaperEvent: Sendable, Comparable {
    enum Kind: Hashable, Sendable {
        /// The bar at that place of the tape is complete.
        case range(Int)
        case expiry(Int64)
        case action(CorporateAction)
        /// The open of the bar at that place can be traded, by orders that are there by then.
        case open(Int)
    }

    let at: Instant
    let symbol: Symbol
    let kind: Kind

    private var rank: (Int, Int64, String) {
        switch kind {
        case .range(let index): (0, Int64(index), "")
        case .expiry(let number): (1, number, "")
        case .action(let action): (2, 0, action.id)
        case .open(let index): (3, Int64(index), "")
        }
    }

    static func == (left: PaperEvent, right: PaperEvent) -> Bool {
        left.at == right.at && left.symbol == right.symbol && left.kind == right.kind
    }

    static func < (left: PaperEvent, right: PaperEvent) -> Bool {
        guard left.at == right.at else { return left.at < right.at }
        let (leftRank, rightRank) = (left.rank, right.rank)
        guard leftRank.0 == rightRank.0 else { return leftRank.0 < rightRank.0 }
        guard left.symbol == right.symbol else { return left.symbol < right.symbol }
        return (leftRank.1, leftRank.2) < (rightRank.1, rightRank.2)
    }
}
