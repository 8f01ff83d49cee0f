internal import Core
internal import Cycle
internal import MarketData
internal import Sessions
internal import Settings
internal import Store

/// Bars as they are looked at: stored ones, longer ones made of them, and either adjusted for corporate actions.
struct BarView {
    let context: CommandContext
    let filter: ListFilter
    /// The length that is asked for. A symbol without stored bars of it shows bars made of its shorter ones.
    let timeframe: Timeframe?
    /// Makes bars of this length of shorter ones, of ``timeframe`` if one is given, though longer ones may be stored.
    let resampled: Timeframe?
    let adjustment: AdjustedBars.Scope?

    /// One symbol's bars of one length.
    private struct Series {
        let symbol: Symbol
        let source: Timeframe
        /// `nil` for the stored bars themselves.
        let target: Timeframe?
    }

    private static let ever = Instant(microseconds: .min)..<Instant(microseconds: .max)

    /// Ascending by open; under the filter's limit the newest.
    func items(_ reader: StoreReader) throws -> [JSONValue] {
        let symbols = try filter.symbol.map { [$0] } ?? reader.barSymbols()
        var rows: [(bar: Bar, order: String, item: JSONValue)] = []
        for symbol in symbols {
            for series in try series(of: symbol, reader) {
                let order = "\(symbol)|\(series.target ?? series.source)"
                rows += try self.rows(series, reader).map { ($0.bar, order, $0.item) }
            }
        }
        rows.sort { ($0.bar.openAt, $0.order) < ($1.bar.openAt, $1.order) }
        return (filter.limit.map { rows.suffix($0) } ?? rows[...]).map(\.item)
    }

    /// Whether the stored bars alone answer.
    func isPlain(_ reader: StoreReader) throws -> Bool {
        guard adjustment == nil, resampled == nil else { return false }
        guard let timeframe else { return true }
        return try (filter.symbol.map { [$0] } ?? reader.barSymbols()).allSatisfy { symbol in
            try reader.barTimeframes(symbol).contains(timeframe)
        }
    }

    private func series(of symbol: Symbol, _ reader: StoreReader) throws -> [Series] {
        let stored = try reader.barTimeframes(symbol)
        guard let target = resampled ?? timeframe else {
            return stored.map { Series(symbol: symbol, source: $0, target: nil) }
        }
        if resampled == nil, stored.contains(target) { return [Series(symbol: symbol, source: target, target: nil)] }
        // Nobody asked for longer bars of a symbol that is no longer listed.
        if resampled == nil, filter.symbol == nil, context.settings.instruments[symbol] == nil { return [] }
        // The longest there is: the fewer bars to read, and the fewer that may be missing.
        let sources = resampled == nil ? stored : stored.filter { timeframe == nil || $0 == timeframe }
        let source = sources.last { source in
            !source.isDaily && source < target && (target.isDaily || target.seconds.isMultiple(of: source.seconds))
        }
        return source.map { [Series(symbol: symbol, source: $0, target: target)] } ?? []
    }

    private func rows(_ series: Series, _ reader: StoreReader) throws -> [(bar: Bar, item: JSONValue)] {
        let shown = series.target ?? series.source
        let (bars, missing) = try series.target.map { try made($0, series, reader) } ?? (stored(series, reader), [:])
        let adjusted = try adjusted(bars, series, reader)
        return zip(bars, adjusted).map { raw, bar in
            var item = DocumentItems.bar(series.symbol, shown, bar)
            if series.target != nil { item = item.setting("missing", .int(Int64(missing[raw.openAt] ?? 0))) }
            if let adjustment { item = item.setting("adjusted", .string(adjustment.rawValue)) }
            return (raw, item)
        }
    }

    private func stored(_ series: Series, _ reader: StoreReader) throws -> [Bar] {
        var own = filter
        own.symbol = series.symbol
        return try reader.storedBars(own, timeframe: series.source).map(\.bar)
    }

    // MARK: Longer bars

    /// Bars of `target`, whole or not, with how many source bars are missing in each.
    private func made(
        _ target: Timeframe, _ series: Series, _ reader: StoreReader
    ) throws -> (bars: [Bar], missing: [Instant: Int]) {
        if !filter.states.isEmpty, !filter.states.contains(BarSourceKind.resampled.rawValue) { return ([], [:]) }
        let calendar = try barCalendar(of: series)
        let source = try sourceBars(target, series, calendar, reader)
        let resampler = try BarResampler(from: series.source, to: target, calendar: calendar)
        let made = try resampler.resample(source, policy: .whatThereIs, now: context.clock.now()).bars.filter { made in
            filter.since.map { made.bar.openAt >= $0 } ?? true && filter.until.map { made.bar.openAt < $0 } ?? true
        }
        let shown = filter.limit.map { made.suffix($0) } ?? made[...]
        let missing = shown.map { ($0.bar.openAt, $0.missing.count) }
        return (shown.map(\.bar), Dictionary(missing, uniquingKeysWith: { first, _ in first }))
    }

    /// What the bars inside the filter are made of: whole sessions at its ends, so that no bar is cut.
    private func sourceBars(
        _ target: Timeframe, _ series: Series, _ calendar: ExchangeCalendar, _ reader: StoreReader
    ) throws -> [Bar] {
        var (start, end) = (Self.ever.lowerBound, Self.ever.upperBound)
        if let since = filter.since {
            start = min(since, calendar.session(on: calendar.localDate(of: since))?.open ?? since)
        }
        if let until = filter.until {
            // The last bar that opens before it, whole.
            let session = calendar.session(on: calendar.localDate(of: until))
            let slots = session.map { calendar.slots(of: $0, timeframe: target) } ?? []
            end = max(until, slots.last { $0.openAt < until }?.closeAt ?? until)
        }
        guard filter.since == nil, let limit = filter.limit else {
            return try reader.bars(series.symbol, series.source, from: start, until: end)
        }
        // Two more than asked for: the oldest may be cut, the newest may be forming.
        let parts = (target.seconds + series.source.seconds - 1) / series.source.seconds
        return try reader.lastBars(series.symbol, series.source, count: (limit + 2) * parts, closedBefore: end)
    }

    // MARK: Adjustment

    /// As of the last stored bar, so that a bar has the same adjusted price in every listing of one day.
    private func adjusted(_ bars: [Bar], _ series: Series, _ reader: StoreReader) throws -> [Bar] {
        guard let adjustment, let first = bars.first else { return bars }
        let calendar = try calendar(of: series.symbol)
        let newest = try reader.lastBars(series.symbol, series.source, count: 1, closedBefore: Self.ever.upperBound)
            .last
        let asOf = calendar.localDate(of: (newest ?? first).openAt)
        let from = calendar.localDate(of: first.openAt)
        let actions = try reader.actionsInForce(series.symbol).compactMap(\.action).filter {
            $0.exDate > from && $0.exDate <= asOf
        }
        let closes =
            adjustment == .splits ? [] : try self.closes(before: actions, series, calendar, reader)
        do {
            return try AdjustedBars(
                symbol: series.symbol, actions: actions, asOf: asOf, scope: adjustment, closes: closes,
                calendar: calendar
            ).view(of: bars)
        } catch BarMakingError.noCloseBefore(let action, _) {
            throw refused(
                "\(action): the close of the session before it is not stored, neither its last \(series.source) bar nor "
                    + "its daily one.",
                "Nothing was adjusted. Import the bars of that session, list later bars, or use --split-adjusted.")
        } catch {
            throw refused("\(error)", "`takt actions --symbol \(series.symbol)` lists them.")
        }
    }

    /// The closes of the sessions before the dividends, each as a daily bar: of the series' own last bar of the session, or
    /// where that is missing, of the stored daily bar.
    private func closes(
        before actions: [CorporateAction], _ series: Series, _ calendar: ExchangeCalendar, _ reader: StoreReader
    ) throws -> [Bar] {
        var closes: [Instant: Bar] = [:]
        for action in actions {
            guard case .dividend = action.kind else { continue }
            let start = calendar.zone.instant(of: action.exDate, secondOfDay: 0)
            guard let session = calendar.previousSession(before: start) else {
                let last = try reader.lastBars(series.symbol, series.source, count: 1, closedBefore: start).last
                if let last { closes[last.openAt] = last }
                continue
            }
            let opens = calendar.slots(of: session, timeframe: series.source).last?.openAt ?? session.open
            var close = try reader.bars(series.symbol, series.source, from: opens, until: session.close).last
            if close == nil {
                close = try reader.bars(series.symbol, .oneDay, from: session.open, until: session.close).last
            }
            close?.openAt = session.open
            closes[session.open] = close
        }
        return closes.values.sorted { $0.openAt < $1.openAt }
    }

    /// The sessions that the series' bars are of. Closes before dividends are those of the regular session all the same.
    private func barCalendar(of series: Series) throws -> ExchangeCalendar {
        let regular = try calendar(of: series.symbol)
        guard let instrument = context.settings.instruments[series.symbol] else { return regular }
        return context.calendars.barCalendar(of: instrument, series.source, context.settings) ?? regular
    }

    private func calendar(of symbol: Symbol) throws -> ExchangeCalendar {
        guard let instrument = context.settings.instruments[symbol],
            let calendar = context.calendars.calendar(instrument.exchange)
        else {
            throw refused(
                "\(symbol) is not in symbols.yaml, so its sessions are not known.",
                "Nothing was listed. Add it there, or list its bars as they are stored.")
        }
        return calendar
    }

    private func refused(_ message: String, _ hint: String) -> StepFailure {
        StepFailure(code: "no-view-of-bars", message: message, hint: hint, isRetryable: false, exitCode: .badInput)
    }
}
