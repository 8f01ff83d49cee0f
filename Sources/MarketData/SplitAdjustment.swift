public import Core
public import Sessions

/// Bars on the share scale of the last of them: what a decision is made from.
///
/// It is a value without calendar or table of actions behind it, so it goes into the evidence of a decision and gives the
/// same bars from there at any later time.
public struct SplitAdjustment: Hashable, Sendable {
    public struct Split: Hashable, Sendable {
        /// The beginning of the ex-date at the exchange: bars that open earlier are on the old scale.
        public let before: Instant
        public let new: Int
        public let old: Int

        public init(before: Instant, new: Int, old: Int) {
            self.before = before
            self.new = new
            self.old = old
        }
    }

    /// Ascending.
    public let splits: [Split]
    private let scale: PriceScale

    /// - Throws: ``BarMakingError/unsoundSplit(_:_:)`` for a split without a meaning, ``BarMakingError/factorTooLarge(_:)``.
    public init(_ splits: [Split], of symbol: Symbol) throws(BarMakingError) {
        self.splits = splits.sorted { $0.before < $1.before }
        var steps: [PriceScale.Step] = []
        var (price, volume) = (PriceScale.Factor.one, PriceScale.Factor.one)
        for split in self.splits.reversed() {
            guard split.new > 0, split.old > 0 else { throw .unsoundSplit(new: split.new, old: split.old) }
            guard let splitPrice = price.multiplied(by: Int128(split.old), over: Int128(split.new)),
                let splitVolume = volume.multiplied(by: Int128(split.new), over: Int128(split.old))
            else { throw .factorTooLarge(symbol) }
            (price, volume) = (splitPrice, splitVolume)
            steps.append(PriceScale.Step(until: split.before, price: price, volume: volume))
        }
        scale = PriceScale(steps: steps.reversed())
    }

    /// The splits among a symbol's actions that lie between its bars: those before the first bar and behind the last one
    /// touch none of them.
    public init(
        _ actions: [CorporateAction], to bars: [Bar], of symbol: Symbol, calendar: ExchangeCalendar
    ) throws(BarMakingError) {
        let splits = Self.splits(actions.filter { $0.symbol == symbol }, calendar: calendar).filter { split in
            guard let first = bars.first?.openAt, let last = bars.last?.openAt else { return false }
            return first < split.before && split.before <= last
        }
        try self.init(splits, of: symbol)
    }

    /// The splits among one symbol's actions, ascending: each takes effect with the local midnight its ex-date begins with.
    public static func splits(_ actions: [CorporateAction], calendar: ExchangeCalendar) -> [Split] {
        actions.compactMap { action in
            guard case .split(let new, let old) = action.kind else { return nil }
            return Split(before: calendar.zone.instant(of: action.exDate, secondOfDay: 0), new: new, old: old)
        }.sorted { $0.before < $1.before }
    }

    /// Each price and volume is rounded once, half to even, at eight decimals.
    public func adjusted(_ raw: [Bar]) throws(BarMakingError) -> [Bar] {
        guard !splits.isEmpty else { return raw }
        var bars: [Bar] = []
        bars.reserveCapacity(raw.count)
        for bar in raw {
            bars.append(
                try scale.scaled(bar) { (value, factor) throws(ArithmeticError) in try factor.forward.applied(to: value)
                })
        }
        return bars
    }
}
