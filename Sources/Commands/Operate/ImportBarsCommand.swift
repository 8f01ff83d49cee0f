internal import ArgumentParser
internal import Core
internal import Cycle
internal import MarketData
internal import Sessions
internal import Settings
internal import Store

struct ImportBarsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-bars", abstract: "Imports bar files: takt CSV, Yahoo CSV, LEAN archives.",
        discussion: """
            A file is imported whole or not at all; a bar that reads but makes no sense is named and left out. Importing a \
            file again changes nothing; a changed bar replaces the old one, which is kept as a revision.

            Symbol and timeframe come from the name (XNAS.NVDA.5m.csv) or the options. The symbol must be in symbols.yaml.

            Example: takt import-bars bars/XNAS.NVDA.5m.csv bars/XKRX.005930.5m.csv
            """)
    @OptionGroup var global: GlobalOptions
    @Argument(help: .init("Files to import.", valueName: "file")) var files: [String]
    @Option(name: .long, help: .init("The symbol, where the name does not tell.", valueName: "symbol")) var symbol:
        String?
    @Option(name: .long, help: .init("The bars' length, where the name does not tell.", valueName: "timeframe"))
    var timeframe: String?
    @Option(
        name: .long, help: "auto, takt, yahoo or lean.",
        transform: { text in
            guard let layout = BarLayout(rawValue: text) else {
                throw ValidationError("'\(text)' is no layout; write auto, takt, yahoo or lean.")
            }
            return layout
        })
    var layout: BarLayout = .auto

    func validate() throws {
        if let timeframe, Timeframe(timeframe) == nil {
            throw ValidationError("'\(timeframe)' is no timeframe; write 5m.")
        }
    }

    func run() async throws {
        let context = try CommandContext(global)
        let importer = BarImport(context: context)
        let options = BarFileReader.Options(
            layout: layout, symbol: symbol.map { Symbol($0) }, timeframe: timeframe.flatMap { Timeframe($0) })
        // All files are read before the first is stored: one broken file leaves nothing half done.
        let parsed = try files.map { try importer.read($0, options) }
        let items = try context.isDryRun ? importer.preview(parsed) : importer.store(parsed)
        let rejected = items.reduce(Int64(0)) { $0 + ($1["rejected"]?.intValue ?? 0) }
        let document: JSONValue = [
            "schema": "takt.import-bars/1", "files": .int(Int64(items.count)), "rejected": .int(rejected),
            "items": .array(items),
        ]
        try context.output.emit(document) { Self.text(items, context.output.style) }
    }

    static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    private static func text(_ items: [JSONValue], _ style: TextStyle) -> String {
        let table = TextTable(
            columns: [
                .init("file") { name(of: $0["file"]?.stringValue ?? "-") }, .init("symbol", "symbol"),
                .init("tf", "timeframe"), .init("layout", "layout"),
                .init("read", "read", numeric: true), .init("new", "inserted", numeric: true),
                .init("revised", "revised", numeric: true), .init("unchanged", "unchanged", numeric: true),
                .init("rejected", "rejected", numeric: true), .init("missing", "missing", numeric: true),
            ], items: items, empty: "")
        let notes = items.flatMap { item in
            ((item["rejections"]?.arrayValue ?? []) + (item["warnings"]?.arrayValue ?? [])).compactMap(\.stringValue)
        }
        return ([table.rendered(style)] + notes).joined(separator: "\n")
    }
}

/// Reads and stores bar files.
struct BarImport {
    let context: CommandContext

    struct Part {
        let path: String
        let bars: ParsedBars
        let validation: BarValidation
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
        let calendar = parsed.exchange.flatMap { context.calendars.calendar($0) }
        try refuseFuture(parsed, path, calendar)
        let validation = BarValidator(timeframe: parsed.timeframe, calendar: calendar, instrument: parsed.instrument)
            .validate(parsed.rows)
        if validation.accepted.isEmpty, let first = validation.rejected.first {
            throw broken("\(path): no bar of this file is usable; the first: \(first)")
        }
        return Part(path: path, bars: parsed, validation: validation)
    }

    /// A bar that has not closed yet cannot have been seen by anybody.
    private func refuseFuture(_ parsed: ParsedBars, _ path: String, _ calendar: ExchangeCalendar?) throws {
        let now = context.settings.fixedNow == nil ? context.clock.now() : SystemClock().now()
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
            item(part, try store.write(durable: false) { try self.store(part, in: $0, at: now) })
        }
    }

    /// What storing would do; a database that is not there yet holds nothing.
    func preview(_ parts: [Part]) throws -> [JSONValue] {
        guard FileWriting.exists(context.settings.paths.database) else {
            return parts.map { item($0, BarUpsert(inserted: $0.validation.accepted.count)) }
        }
        return try context.openStoreForReading().read { reader in
            try parts.map { part in
                item(part, try reader.previewUpsert(part.bars.symbol, part.bars.timeframe, part.validation.accepted))
            }
        }
    }

    private func store(_ part: Part, in writer: StoreWriter, at now: Instant) throws -> BarUpsert {
        let (symbol, timeframe) = (part.bars.symbol, part.bars.timeframe)
        for rejection in part.validation.rejected {
            _ = try writer.insertBarRejection(
                StoredBarRejection(
                    symbol: symbol, timeframe: timeframe, source: ImportBarsCommand.name(of: part.path),
                    line: rejection.line, openAtText: rejection.openAtText, code: rejection.code,
                    message: rejection.message, rejectedAt: now))
        }
        for gap in part.validation.gaps {
            _ = try writer.upsertBarGap(
                symbol, timeframe, from: gap.from, until: gap.until, missing: gap.missing, at: now)
        }
        return try writer.upsertBars(symbol, timeframe, part.validation.accepted)
    }

    private func item(_ part: Part, _ outcome: BarUpsert) -> JSONValue {
        return [
            "file": .string(part.path), "symbol": JSONValue(part.bars.symbol),
            "timeframe": JSONValue(part.bars.timeframe),
            "layout": .string(part.bars.layout.rawValue), "read": .int(Int64(part.bars.rows.count)),
            "accepted": .int(Int64(part.validation.accepted.count)), "inserted": .int(Int64(outcome.inserted)),
            "revised": .int(Int64(outcome.revised)), "unchanged": .int(Int64(outcome.unchanged)),
            "rejected": .int(Int64(part.validation.rejected.count)),
            "missing": .int(Int64(part.validation.gaps.reduce(0) { $0 + $1.missing })),
            "first": JSONValue(part.validation.accepted.first?.openAt),
            "last": JSONValue(part.validation.accepted.last?.openAt),
            "rejections": .array(part.validation.rejected.map { JSONValue($0) }),
            "warnings": .array((part.bars.warnings + part.validation.warnings).map { JSONValue($0) }),
        ]
    }
}
