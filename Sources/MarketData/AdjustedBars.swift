public import Core
public import Sessions

/// The view of raw bars as if every split, and on request every dividend, had happened before the first of them.
///
/// - A split of `new` for `old` shares divides earlier prices by new ÷ old and multiplies earlier volumes by it.
/// - A dividend D multiplies earlier prices by (C − D) ÷ C, where C is the close of the session before the ex-date; the
///   factors of all later dividends multiply (CRSP's and Yahoo's rule). Volumes stay as they are.
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
    /// Ascending; a bar that opens before `until` has the factors of the first such step, a later bar has none.
    private let steps: [Step]
    /// The end of ``asOf``'s local day.
    private let end: Instant
    /// Bars before this have no factor, because the close that it needs is missing.
    private let blocked: (before: Instant, error: BarMakingError)?

    private struct Step: Sendable {
        let until: Instant
        let price: Factor
        let volume: Factor
    }

    private struct Factor: Sendable {
        let forward: ExactRatio
        let back: ExactRatio
        static let one = Factor(forward: .one, back: .one)

        init(forward: ExactRatio, back: ExactRatio) { (self.forward, self.back) = (forward, back) }

        func multiplied(by numerator: Int128, over denominator: Int128) -> Factor? {
            guard let forward = forward.multiplied(by: numerator, over: denominator), let back = forward.inverse
            else { return nil }
            return Factor(forward: forward, back: back)
        }
    }

    /// - Parameters:
    ///   - actions: of any symbol; others are passed over, the same action counts once.
    ///   - closes: raw bars of the symbol, ascending, in any timeframe. Only dividends need them.
    /// - Throws: ``BarMakingError`` for an action without a meaning, a dividend not below the close before it, or
    ///   factors out of range. A close that is missing throws when a bar before it is asked for.
    public init(
        symbol: Symbol, actions: [CorporateAction], asOf: CivilDate, scope: Scope, closes: [Bar] = [],
        calendar: ExchangeCalendar
    ) throws(BarMakingError) {
        self.symbol = symbol
        self.asOf = asOf
        self.scope = scope
        end = calendar.zone.instant(of: asOf.advanced(byDays: 1), secondOfDay: 0)
        applied = Self.relevant(actions, symbol, asOf, scope)
        if let unsound = applied.first(where: { $0.fault != nil }) { throw .unsoundAction(unsound) }
        var steps: [Step] = []
        var blocked: (before: Instant, error: BarMakingError)?
        var (price, volume) = (Factor.one, Factor.one)
        var rest = applied[...]
        while let date = rest.last?.exDate {
            let day = rest.filter { $0.exDate == date }
            rest = rest.dropLast(day.count)
            let start = calendar.zone.instant(of: date, secondOfDay: 0)
            let split = try Self.split(day, symbol)
            for action in day {
                guard case .dividend(let perShare, _) = action.kind else { continue }
                guard let close = Self.close(before: start, closes, calendar) else {
                    let latest = closes.last { $0.openAt < start }?.openAt
                    if blocked == nil { blocked = (start, .noCloseBefore(action, latest: latest)) }
                    continue
                }
                price = try Self.paying(perShare, action, close: close, split, price)
            }
            guard let splitPrice = price.multiplied(by: split.old, over: split.new),
                let splitVolume = volume.multiplied(by: split.new, over: split.old)
            else { throw .factorTooLarge(symbol) }
            (price, volume) = (splitPrice, splitVolume)
            steps.append(Step(until: start, price: price, volume: volume))
        }
        self.steps = steps.reversed()
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
        guard let step = steps.first(where: { instant < $0.until }) else { return (.one, .one) }
        do throws(ArithmeticError) {
            return (try step.price.forward.applied(to: .one), try step.volume.forward.applied(to: .one))
        } catch { throw .overflow(at: instant, error) }
    }

    private func mapped(
        _ bars: [Bar], _ change: (FixedPoint, Factor) throws(ArithmeticError) -> FixedPoint
    ) throws(BarMakingError) -> [Bar] {
        var result: [Bar] = []
        result.reserveCapacity(bars.count)
        for bar in bars where bar.openAt < end {
            try check(bar.openAt)
            guard let step = steps.first(where: { bar.openAt < $0.until }) else {
                result.append(bar)
                continue
            }
            var changed = bar
            do throws(ArithmeticError) {
                changed.open = Price(try change(bar.open.value, step.price))
                changed.high = Price(try change(bar.high.value, step.price))
                changed.low = Price(try change(bar.low.value, step.price))
                changed.close = Price(try change(bar.close.value, step.price))
                changed.volume = Quantity(try change(bar.volume.value, step.volume))
            } catch { throw .overflow(at: bar.openAt, error) }
            result.append(changed)
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

    /// The factor with a dividend, which is paid on the shares that trade from the ex-date on: a close before a split of
    /// the same day is put on their scale first.
    private static func paying(
        _ perShare: FixedPoint, _ action: CorporateAction, close: Price, _ split: (new: Int128, old: Int128),
        _ price: Factor
    ) throws(BarMakingError) -> Factor {
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

    /// The last close before `start`, if it is one of the session right before. Where the calendar does not reach, the
    /// last one there is counts.
    private static func close(before start: Instant, _ closes: [Bar], _ calendar: ExchangeCalendar) -> Price? {
        guard let bar = closes.last(where: { $0.openAt < start }) else { return nil }
        if let session = calendar.previousSession(before: start), bar.openAt < session.open { return nil }
        return bar.close
    }
}
