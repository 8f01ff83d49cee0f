internal import Core
internal import Learning
internal import Ledger
internal import Sessions
internal import Store

#if canImport(Glibc)
    internal import Glibc
#endif

/// One symbol's decisions in a row, and what lay between them.
struct SymbolLife {
    /// What the symbol brought from one decision to the one at the next bar.
    private struct Step {
        /// ln(1 + profit / equity).
        let growth: Double
        let crossesNight: Bool
    }

    private let decisions: [SeenDecision]
    private let symbol: Symbol
    private let closes: [Price?]
    /// The place of every decision's bar among all bars of the calendar; `nil` for what is no bar of it.
    private let places: [Int?]
    /// The last bars of their sessions.
    private let lastBars: Set<Int>
    private var steps: [Step?] = []

    /// - Parameter decisions: ascending.
    init(
        _ decisions: [SeenDecision], _ symbol: Symbol, _ timeframe: Timeframe, _ calendar: ExchangeCalendar,
        in reader: StoreReader
    ) throws {
        (self.decisions, self.symbol) = (decisions, symbol)
        let days = [decisions.first, decisions.last].compactMap { $0.map { calendar.localDate(of: $0.cycle.barClose) } }
        guard let first = days.first, let last = days.last else {
            (closes, places, lastBars) = ([], [], [])
            return
        }
        var (slots, lastBars) = ([BarSlot](), Set<Int>())
        for session in calendar.sessions(from: first, through: last.advanced(byDays: 1)) {
            slots += calendar.slots(of: session, timeframe: timeframe)
            lastBars.insert(slots.count - 1)
        }
        self.lastBars = lastBars
        let placeOfClose = Dictionary(slots.enumerated().map { ($1.closeAt, $0) }) { first, _ in first }
        let places = decisions.map { placeOfClose[$0.cycle.barClose] }
        self.places = places
        closes = try zip(decisions, places).map { decision, place in
            guard let slot = place.map({ slots[$0] }) else { return nil }
            // The bar as it was known when it was decided on, and on its own day's scale of shares.
            return try reader.bars(
                symbol, timeframe, from: slot.openAt, until: slot.closeAt, asOf: decision.scene.barsAsOf
            ).last?.close
        }
    }

    /// Computes what every step brought.
    ///
    /// - Parameter entries: of the whole ledger.
    mutating func value(_ entries: [LedgerEntry]) throws {
        guard let scene = decisions.first?.scene else { return }
        var wealth = SymbolWealth(entries, of: symbol, scene.currency, at: scene.broker)
        var steps: [Step?] = []
        var values: [PreciseAmount?] = []
        for (decision, close) in zip(decisions, closes) {
            let isSame = decision.scene.broker == scene.broker && decision.scene.currency == scene.currency
            values.append(isSame ? try close.map { try wealth.value(at: decision.at, $0) } : nil)
        }
        for index in decisions.indices.dropLast() { steps.append(try step(from: index, values, wealth)) }
        self.steps = steps + [nil]
    }

    /// `nil` where the next decision is not that at the next bar: what lies between is then no consequence of the first alone.
    private func step(from index: Int, _ values: [PreciseAmount?], _ wealth: SymbolWealth) throws -> Step? {
        guard let place = places[index], places[index + 1] == place + 1, let before = values[index],
            let after = values[index + 1]
        else { return nil }
        let (one, two) = (decisions[index], decisions[index + 1])
        guard !one.isDisturbed, !wealth.wasMoved(after: one.at, through: two.at) else { return nil }
        let profit = try (after - before).rounded.doubleValue * one.scene.rate / one.scene.equity
        guard profit > -1 else { return nil }
        return Step(growth: log1p(profit), crossesNight: lastBars.contains(place))
    }

    /// The decisions whose outcome is known; `nil` in the place of one whose history is not.
    func items(_ told: LivedHistory.Told) -> [LiveExperience.Item?] {
        decisions.indices.compactMap { index in
            let decision = decisions[index]
            guard decision.isOwn, let deed = decision.deed, let (reward, end) = outcome(of: index) else { return nil }
            guard let seen = told.before(decision.cycle, proven: deed.history) else { return .some(nil) }
            return LiveExperience.Item(
                cycle: decision.cycle, known: decisions[end].cycle,
                experience: Experience(
                    state: deed.state, history: seen, action: deed.action, logits: deed.logits, reward: reward))
        }
    }

    /// What came of a decision, and by which decision it was known; `nil` where it is not known (yet), or where somebody else than the
    /// policy went on in between.
    private func outcome(of index: Int) -> (reward: Double, end: Int)? {
        var (sum, at) = (0.0, index)
        while let step = steps[at] {
            sum += step.growth
            at += 1
            let isOver = places[at].map(lastBars.contains) ?? true
            // The night belongs to what was decided last before it, and to nothing else.
            if step.crossesNight || decisions[at].scene.isFlat || isOver { return (sum, at) }
            guard decisions[at].isFollowed else { return nil }
        }
        return nil
    }
}
