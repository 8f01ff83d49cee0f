internal import Core
internal import Cycle
internal import MarketData
internal import Sessions
internal import Settings
internal import Store

/// Reads and stores bar files.
struct BarImport {
    let context: CommandContext

    struct Part {
        let path: String
        let bars: ParsedBars
        let validation: BarValidation
        /// A bar of the file that has not closed yet.
        let forming: BarWarning?
    }

    func read(_ path: String, _ options: BarFileReader.Options) throws -> Part {
        let instruments = context.settings.instruments
        let reader = BarFileReader(calendars: context.calendars) { instruments[$0] }
        let parsed: ParsedBars
        do { parsed = try reader.read(try FileWriting.read(path), path: path, options: options) } catch let error
            as BarFileError
        {
            throw StepFailure(
                code: "bad-bar-file", message: "\(error)", hint: "Nothing was imported.", isRetryable: false,
                exitCode: .badInput)
        }
        if let named = BarFileName(path: path, calendars: context.calendars).symbol, let wanted = options.symbol,
            named != wanted
        {
            throw broken("\(path): the name says \(named), --symbol says \(wanted); they contradict each other")
        }
        if let variant = parsed.variant, variant.hasPrefix("adj") {
            throw broken(
                "\(path): the name says '\(variant)', bars that somebody has adjusted; stored are the prices that traded, "
                    + "and splits and dividends beside them (`takt import-actions`). Bring the raw file, or rename this one "
                    + "if it is")
        }
        let calendar = calendar(parsed)
        try refuseFuture(parsed, path, calendar)
        let (rows, forming) = parsed.closed(by: now(), calendar: calendar)
        let validation = BarValidator(timeframe: parsed.timeframe, calendar: calendar, instrument: parsed.instrument)
            .validate(rows)
        if validation.accepted.isEmpty, let first = validation.rejected.first {
            throw broken("\(path): no bar of this file is usable; the first: \(first)")
        }
        let told = forming.map { bar in
            BarWarning(
                .stillForming, line: Int(bar.line), openAtText: bar.openAt.description,
                count: parsed.rows.count - rows.count,
                message:
                    "line \(bar.line): the bar of \(bar.openAt) has not closed yet and was left out; import the file "
                    + "again once it is complete")
        }
        return Part(path: path, bars: parsed, validation: validation, forming: told)
    }

    /// A bar that has not closed yet cannot have been seen by anybody.
    private func refuseFuture(_ parsed: ParsedBars, _ path: String, _ calendar: ExchangeCalendar?) throws {
        let now = now()
        guard let late = parsed.rows.first(where: { $0.openAt >= now }) else { return }
        throw broken("\(path):\(late.line): the bar of \(late.openAt) lies in the future; it is \(now)")
    }

    private func broken(_ message: String) -> StepFailure {
        StepFailure(
            code: "bad-bar-file", message: message + ".", hint: "Nothing was imported.", isRetryable: false,
            exitCode: .badInput)
    }

    func store(_ parts: [Part]) throws -> [JSONValue] {
        let store = try context.openStore(creates: true)
        let now = context.clock.now()
        return try parts.map { part in
            let (judged, outcome) = try store.write(durable: false) { try self.store(part, in: $0, at: now) }
            return item(part, judged, outcome)
        }
    }

    /// What storing would do; a database that is not there yet holds nothing.
    func preview(_ parts: [Part]) throws -> [JSONValue] {
        guard FileWriting.exists(context.settings.paths.database) else {
            return parts.map { part in
                let judged = judge(part, after: [], [])
                return item(part, judged, BarUpsert(inserted: judged.sound.count))
            }
        }
        return try context.openStoreForReading().read { reader in
            try parts.map { part in
                let judged = judge(part, after: try neighbours(of: part, in: reader), try actions(part, reader))
                return item(
                    part, judged, try reader.previewUpsert(part.bars.symbol, part.bars.timeframe, judged.sound))
            }
        }
    }

    // MARK: Judging

    private struct Judged {
        let sound: [Bar]
        /// Each with its line.
        let held: [(line: Int?, doubt: BarDoubt)]

        var texts: [String] {
            held.map { line, doubt in
                let place = line.map { "line \($0), " } ?? ""
                return "\(place)\(doubt) (held back)"
            }
        }
    }

    private func judge(_ part: Part, after stored: [Bar], _ actions: [CorporateAction]) -> Judged {
        guard let calendar = calendar(part) else { return Judged(sound: part.validation.accepted, held: []) }
        let (sound, doubts) = SeriesCheck(timeframe: part.bars.timeframe, calendar: calendar, actions: actions)
            .judge(part.validation.accepted, after: stored, now: now())
        guard !doubts.isEmpty else { return Judged(sound: sound, held: []) }
        let lines = Dictionary(
            part.bars.rows.map { ($0.openAt, Int($0.line)) }, uniquingKeysWith: { first, _ in first })
        return Judged(sound: sound, held: doubts.map { (lines[$0.openAt], $0) })
    }

    /// The stored bars that the file's are judged by: the two sessions before it, those inside its span, and the next one.
    private func neighbours(of part: Part, in reader: StoreReader) throws -> [Bar] {
        let (symbol, timeframe) = (part.bars.symbol, part.bars.timeframe)
        guard let first = part.validation.accepted.first?.openAt, let last = part.validation.accepted.last?.openAt,
            let calendar = calendar(part)
        else { return [] }
        let session = calendar.session(on: calendar.localDate(of: first)) ?? calendar.nextSession(after: first)
        let count = 2 * (session.map { calendar.slots(of: $0, timeframe: timeframe).count } ?? 1)
        let behind = last.advanced(by: .microseconds(1))
        let before = try reader.lastBars(symbol, timeframe, count: count, closedBefore: first)
        let inside = try reader.bars(symbol, timeframe, from: first, until: behind)
        let next = try reader.bars(symbol, timeframe, from: behind, until: last.advanced(bySeconds: 7 * 86_400)).prefix(
            1)
        return before + inside + next
    }

    private func actions(_ part: Part, _ reader: StoreReader) throws -> [CorporateAction] {
        try reader.actionsInForce(part.bars.symbol).compactMap(\.action)
    }

    private func calendar(_ part: Part) -> ExchangeCalendar? { calendar(part.bars) }

    /// The sessions that bars of the symbol are of; those of the exchange where symbols.yaml does not name one.
    private func calendar(_ bars: ParsedBars) -> ExchangeCalendar? {
        bars.instrument.flatMap { context.calendars.barCalendar(of: $0, bars.timeframe, context.settings) }
            ?? bars.exchange.flatMap { context.calendars.calendar($0) }
    }

    /// The real time, also in a rehearsal: it is what a file cannot be ahead of.
    private func now() -> Instant {
        context.settings.fixedNow == nil ? context.clock.now() : SystemClock().now()
    }

    // MARK: Storing

    private func store(_ part: Part, in writer: StoreWriter, at now: Instant) throws -> (Judged, BarUpsert) {
        let (symbol, timeframe) = (part.bars.symbol, part.bars.timeframe)
        let source = ImportBarsCommand.name(of: part.path)
        let judged = judge(part, after: try neighbours(of: part, in: writer), try actions(part, writer))
        func reject(_ line: Int?, _ openAtText: String, _ code: String, _ message: String) throws {
            _ = try writer.insertBarRejection(
                StoredBarRejection(
                    symbol: symbol, timeframe: timeframe, source: source, line: line, openAtText: openAtText,
                    code: code,
                    message: message, rejectedAt: now))
        }
        for rejection in part.validation.rejected {
            try reject(rejection.line, rejection.openAtText, rejection.code, rejection.message)
        }
        for (line, doubt) in judged.held {
            try reject(line, doubt.openAt.description, doubt.code, doubt.message)
        }
        let outcome = try writer.upsertBars(symbol, timeframe, judged.sound)
        if let calendar = calendar(part), let window = window(part, calendar) {
            try GapLedger(symbol, timeframe, calendar, window: window, in: writer).store(in: writer, at: now)
        }
        return (judged, outcome)
    }

    /// From the file's first bar to the end of its last one.
    private func window(_ part: Part, _ calendar: ExchangeCalendar) -> Range<Instant>? {
        guard let first = part.validation.accepted.first?.openAt, let last = part.validation.accepted.last?.openAt,
            let end = calendar.slot(openingAt: last, timeframe: part.bars.timeframe)?.closeAt, first < end
        else { return nil }
        return first..<end
    }

    private func item(_ part: Part, _ judged: Judged, _ outcome: BarUpsert) -> JSONValue {
        return [
            "file": .string(part.path), "symbol": JSONValue(part.bars.symbol),
            "timeframe": JSONValue(part.bars.timeframe),
            "layout": .string(part.bars.layout.rawValue), "read": .int(Int64(part.bars.rows.count)),
            "accepted": .int(Int64(judged.sound.count)), "inserted": .int(Int64(outcome.inserted)),
            "revised": .int(Int64(outcome.revised)), "unchanged": .int(Int64(outcome.unchanged)),
            "rejected": .int(Int64(part.validation.rejected.count)), "held": .int(Int64(judged.held.count)),
            "missing": .int(Int64(part.validation.gaps.reduce(0) { $0 + $1.missing })),
            "first": JSONValue(judged.sound.first?.openAt), "last": JSONValue(judged.sound.last?.openAt),
            "rejections": .array(part.validation.rejected.map { JSONValue($0) } + judged.texts.map { .string($0) }),
            "warnings": .array(
                (part.bars.warnings + (part.forming.map { [$0] } ?? []) + part.validation.warnings).map {
                    JSONValue($0)
                }),
        ]
    }
}
