public import Core
public import Sessions

/// The view of raw bars as if every split, and on request every dividend, had happened before the first of them.
///
/// - A split of `new` for `old` shares divides earlier prices by new ÷ old and multiplies earlier volumes by it.
/// - A dividend D multiplies earlier prices by (C − D) ÷ C, where C is the close of the session before the ex-date; the
///   factors of all later dividends multiply (CRSP's and Yahoo's rule). Several dividends of one day are one: their sum
///   comes off the same close. Volumes stay as they are.
/// - Earlier means: of a local day before the ex-date. For bars of regular sessions that is the same as before the
///   session's open; a bar of the early morning of the ex-date already trades without the claim.
/// - The product of all factors is exact; each price and volume is rounded once, half to even, at eight decimals.
///
/// A view belongs to a day: actions with an ex-date after ``asOf`` are unknown and bars after it are left out, so a study
/// of 2023 sees the prices that were on the screens in 2023.
public struct AdjustedBars: Sendable {
    public enum Scope: String, Hashable, Sendable, CaseIterable {
        /// Prices on the scale of the last session: what charts show and indicators need.
        case splits
        /// The same with dividends as if reinvested: for returns over long times. The prices never traded.
        case splitsAndDividends = "splits-and-dividends"
    }

    public let symbol: Symbol
    public let asOf: CivilDate
    public let scope: Scope
    /// What the view takes into account, ascending by ex-date.
    public let applied: [CorporateAction]
    private let scale: PriceScale
    /// The end of ``asOf``'s local day.
    private let end: Instant
    /// Bars before this have no factor, because the close that it needs is missing.
    private let blocked: (before: Instant, error: BarMakingError)?

    /// - Parameters:
    ///   - actions: of any symbol; others are passed over, the same action counts once.
    ///   - closes: raw bars of the symbol, ascending. Only dividends need them.
    ///   - timeframe: theirs. The close of a session is the close of its last bar and of no earlier one.
    /// - Throws: ``BarMakingError`` for an action without a meaning, a dividend not below the close before it, or
    ///   factors out of range. A close that is missing throws when a bar before it is asked for.
    public init(
        symbol: Symbol, actions: [CorporateAction], asOf: CivilDate, scope: Scope, closes: [Bar] = [],
        of timeframe: Timeframe = .oneDay, calendar: ExchangeCalendar
    ) throws(BarMakingError) {
        self.symbol = symbol
        self.asOf = asOf
        self.scope = scope
        end = calendar.zone.instant(of: asOf.advanced(byDays: 1), secondOfDay: 0)
        applied = Self.relevant(actions, symbol, asOf, scope)
        if let unsound = applied.first(where: { $0.fault != nil }) { throw .unsoundAction(unsound) }
        var steps: [PriceScale.Step] = []
        var blocked: (before: Instant, error: BarMakingError)?
        var (price, volume) = (PriceScale.Factor.one, PriceScale.Factor.one)
        var rest = applied[...]
        while let date = rest.last?.exDate {
            let day = rest.filter { $0.exDate == date }
            rest = rest.dropLast(day.count)
            let start = calendar.zone.instant(of: date, secondOfDay: 0)
            let split = try Self.split(day, symbol)
            if let paid = try Self.dividends(day) {
                if let close = Self.close(before: start, closes, timeframe, calendar) {
                    price = try Self.paying(paid.perShare, paid.first, close: close, split, price)
                } else if blocked == nil {
                    let latest = closes.last { $0.openAt < start }?.openAt
                    blocked = (start, .noCloseBefore(paid.first, latest: latest))
                }
            }
            guard let splitPrice = price.multiplied(by: split.old, over: split.new),
                let splitVolume = volume.multiplied(by: split.new, over: split.old)
            else { throw .factorTooLarge(symbol) }
            (price, volume) = (splitPrice, splitVolume)
            steps.append(PriceScale.Step(until: start, price: price, volume: volume))
        }
        scale = PriceScale(steps: steps.reversed())
        self.blocked = blocked
    }

    /// Raw bars, ascending or not, as the view shows them; bars after ``asOf`` are left out.
    public func view(of raw: [Bar]) throws(BarMakingError) -> [Bar] {
        try mapped(raw) { (value, factor) throws(ArithmeticError) in try factor.forward.applied(to: value) }
    }

    /// The bars that traded, from bars of this view.
    ///
    /// - Parameter digits: the decimals that raw prices and volumes have. Rounding to them removes what the eight
    ///   decimals of the view lost: with at most four, raw bars come back exactly for every factor down to 1 ÷ 10,000.
    public func raw(of view: [Bar], digits: Int = 4) throws(BarMakingError) -> [Bar] {
        try mapped(view) { (value, factor) throws(ArithmeticError) in
            try factor.back.applied(to: value).rounded(toDigits: digits, .halfEven)
        }
    }

    /// What a raw price and a raw volume at `instant` are multiplied by, rounded to eight decimals, for people.
    public func factors(at instant: Instant) throws(BarMakingError) -> (price: FixedPoint, volume: FixedPoint) {
        try check(instant)
        guard let step = scale.step(at: instant) else { return (.one, .one) }
        do throws(ArithmeticError) {
            return (try step.price.forward.applied(to: .one), try step.volume.forward.applied(to: .one))
        } catch { throw .overflow(at: instant, error) }
    }

    private func mapped(
        _ bars: [Bar], _ change: (FixedPoint, PriceScale.Factor) throws(ArithmeticError) -> FixedPoint
    ) throws(BarMakingError) -> [Bar] {
        var result: [Bar] = []
        result.reserveCapacity(bars.count)
        for bar in bars where bar.openAt < end {
            try check(bar.openAt)
            result.append(try scale.scaled(bar, change))
        }
        return result
    }

    private func check(_ instant: Instant) throws(BarMakingError) {
        if let blocked, instant < blocked.before { throw blocked.error }
    }

    // MARK: Factors

    private static func relevant(
        _ actions: [CorporateAction], _ symbol: Symbol, _ asOf: CivilDate, _ scope: Scope
    ) -> [CorporateAction] {
        var seen: Set<String> = []
        return actions.filter { action in
            guard action.symbol == symbol, action.exDate <= asOf else { return false }
            switch action.kind {
            case .split: break
            case .dividend: if scope == .splits { return false }
            }
            return seen.insert(action.id).inserted
        }
        .sorted { ($0.exDate, $0.id) < ($1.exDate, $1.id) }
    }

    /// All splits of one day together.
    private static func split(
        _ day: some Sequence<CorporateAction>, _ symbol: Symbol
    ) throws(BarMakingError) -> (new: Int128, old: Int128) {
        var ratio: (new: Int128, old: Int128) = (1, 1)
        for action in day {
            guard case .split(let new, let old) = action.kind else { continue }
            ratio = (ratio.new * Int128(new), ratio.old * Int128(old))
            guard ratio.new < 1 << 60, ratio.old < 1 << 60 else { throw .factorTooLarge(symbol) }
        }
        return ratio
    }

    /// The dividends of one day together, since all of them come off the same close.
    private static func dividends(
        _ day: some Sequence<CorporateAction>
    ) throws(BarMakingError) -> (perShare: FixedPoint, first: CorporateAction)? {
        var paid: (perShare: FixedPoint, first: CorporateAction)?
        for action in day {
            guard case .dividend(let perShare, _) = action.kind else { continue }
            do throws(ArithmeticError) {
                paid = (try (paid?.perShare ?? .zero) + perShare, paid?.first ?? action)
            } catch { throw .factorTooLarge(action.symbol) }
        }
        return paid
    }

    /// The factor with a dividend, which is paid on the shares that trade from the ex-date on: a close before a split of
    /// the same day is put on their scale first.
    private static func paying(
        _ perShare: FixedPoint, _ action: CorporateAction, close: Price, _ split: (new: Int128, old: Int128),
        _ price: PriceScale.Factor
    ) throws(BarMakingError) -> PriceScale.Factor {
        let whole = close.value.units.multipliedReportingOverflow(by: split.old)
        let paid = perShare.units.multipliedReportingOverflow(by: split.new)
        guard !whole.overflow, !paid.overflow else { throw .factorTooLarge(action.symbol) }
        let left = whole.partialValue - paid.partialValue
        guard left > 0 else { throw .dividendTooHigh(action, close: close) }
        guard let result = price.multiplied(by: left, over: whole.partialValue) else {
            throw .factorTooLarge(action.symbol)
        }
        return result
    }

    /// The close of the last bar of the session before `start`. An earlier bar of that session is not the close: where the
    /// last one is missing, nobody knows it. Where the calendar does not reach, the last bar there is counts.
    private static func close(
        before start: Instant, _ closes: [Bar], _ timeframe: Timeframe, _ calendar: ExchangeCalendar
    ) -> Price? {
        guard let bar = closes.last(where: { $0.openAt < start }) else { return nil }
        guard let session = calendar.previousSession(before: start) else { return bar.close }
        let last = calendar.slots(of: session, timeframe: timeframe).last?.openAt ?? session.open
        return bar.openAt >= last ? bar.close : nil
    }
}
