internal import ArgumentParser
internal import Core
internal import Cycle
internal import Glibc
internal import Indicators
internal import MarketData
internal import Sessions
internal import Settings
internal import Store

struct IndicatorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "indicators", abstract: "Computes indicators over stored bars or a bar file.",
        discussion: """
            Prints CSV, a line a bar, with 15 significant digits; an empty field means that the indicator is not ready \
            there, and a name with commas stands in quotes. With --format ndjson a line is an object, and null means not ready. Names are TA-Lib's; variants of a \
            definition have names of their own (RSI_SIMPLE, STDDEV_SAMPLE …). --list shows them all. Stored bars are taken as \
            decisions take them: closed by now, adjusted for splits; --raw shows them as they traded.

            Examples: takt indicators SMA:20 RSI MACD:12,26,9.signal --symbol NVDA --timeframe 5m
                      takt indicators BBANDS:20,2 --input XNAS.NVDA.1d.csv | head
            """)
    @OptionGroup var global: GlobalOptions
    @Argument(help: .init("Indicators: NAME, NAME:P,…, or NAME:P,….COLUMN.", valueName: "indicator")) var names:
        [String] = []
    @Option(name: .long, help: .init("Bars of this file.", valueName: "file")) var input: String?
    @Option(name: .long, help: .init("Bars of this symbol.", valueName: "symbol")) var symbol: String?
    @Option(name: .long, help: .init("The bars' length.", valueName: "timeframe")) var timeframe: String?
    @Option(name: .long, help: .init("Only so many bars, the newest; all are used to get there.", valueName: "count"))
    var limit: Int?
    @Flag(name: .long, help: "Stored bars as they traded, not adjusted for splits.") var raw = false
    @Flag(name: .long, help: "Lists the indicators with their parameters.") var list = false

    func validate() throws {
        if let timeframe, Timeframe(timeframe) == nil {
            throw ValidationError("'\(timeframe)' is no timeframe; write 5m.")
        }
        if input != nil, global.profile != nil {
            throw ValidationError("--profile chooses among stored bars; a bar file has its own length, or --timeframe.")
        }
        if raw, input != nil { throw ValidationError("--raw concerns stored bars; a file is taken as it is.") }
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
        guard !list else { return }
        guard !names.isEmpty else { throw ValidationError("Name an indicator, such as SMA:20; --list shows them.") }
        guard (input == nil) != (symbol == nil) else {
            throw ValidationError("Give either --input FILE or --symbol S.")
        }
    }

    func run() async throws {
        let context = try CommandContext(global)
        if list { return try printList(context) }
        let indicators: [AnyIndicator]
        do { indicators = try names.map { try AnyIndicator($0) } } catch let error as IndicatorError {
            throw StepFailure(
                code: "bad-indicator", message: "\(error)", hint: "`takt indicators --list` shows what there is.",
                isRetryable: false, exitCode: .usage)
        }
        let names = indicators.flatMap(\.columnNames)
        try refuseTwice(names)
        let (bars, calendar) = try self.bars(context)
        if calendar == nil, indicators.contains(where: { $0.spec.name == "VWAP" }) {
            let cure = input == nil ? "symbols.yaml names it" : "a file called XNAS.NVDA.5m.csv says its own"
            warn("VWAP begins anew at each midnight UTC, because these bars have no exchange; \(cure).")
        }
        let columns = BarColumns(bars, sessionStarts: Self.sessionStarts(of: bars, calendar))
        let table = IndicatorTable(
            names: names, values: indicators.flatMap { $0.columns(over: columns) }, opens: bars.map(\.openAt))
        let rows = max(0, bars.count - (limit ?? bars.count))..<bars.count
        // CSV unless JSON is asked for in so many words: an indicator's table is data for other programs.
        switch global.format ?? context.settings.outputFormat.flatMap(OutputFormat.init(rawValue:)) {
        case .json, .ndjson:
            try context.output.emit(table.document(rows)) { "" }
        case .table, nil: try context.output.raw(table.csv(rows))
        }
    }

    /// A column that stands twice would be one key for two values in JSON, and no name to a reader of the CSV.
    private func refuseTwice(_ columns: [String]) throws {
        var seen: Set<String> = []
        guard let twice = columns.first(where: { !seen.insert($0).inserted }) else { return }
        throw StepFailure(
            code: "indicator-twice", message: "The column \(twice) is asked for twice.",
            hint: "Nothing was computed. Name each indicator once; defaults count, so RSI is RSI:14.",
            isRetryable: false, exitCode: .usage)
    }

    /// The bars that begin a day: the exchange's, or without one that of UTC, so that no sum runs over all days.
    private static func sessionStarts(of bars: [Bar], _ calendar: ExchangeCalendar?) -> [Int] {
        let days = bars.map { calendar?.localDate(of: $0.openAt) ?? $0.openAt.utcDate }
        return bars.indices.filter { $0 == 0 || days[$0] != days[$0 - 1] }
    }

    /// What is odd about a file that is computed all the same goes to stderr: the table has no place for it.
    private func tell(_ warnings: [BarWarning], _ gaps: [BarGap]) {
        let path = input ?? ""
        for warning in warnings { warn("\(path): \(warning)") }
        for gap in gaps.prefix(Self.gapsTold) { warn("\(path): \(gap)") }
        guard gaps.count > Self.gapsTold else { return }
        let rest = gaps.dropFirst(Self.gapsTold)
        warn("\(path): \(rest.count) more gaps, \(rest.reduce(0) { $0 + $1.missing }) bars in them")
    }

    private func warn(_ text: String) {
        guard !global.quiet else { return }
        FileWriting.writeAll(Array("takt: warning: \(text)\n".utf8), to: STDERR_FILENO)
    }

    /// So many gaps are told one by one, then their number.
    private static let gapsTold = 5

    private func bars(_ context: CommandContext) throws -> ([Bar], ExchangeCalendar?) {
        guard let input else {
            let name = Symbol(symbol ?? "")
            try context.requireKnown(symbol: name.text)
            let length = try timeframe.flatMap { Timeframe($0) } ?? profile(trading: name, context).timeframe
            let now = context.clock.now()
            let instrument = context.settings.instruments[name]
            let calendar = instrument.flatMap { context.calendars.barCalendar(of: $0, length, context.settings) }
            let bars = try context.openStoreForReading().read { reader in
                let stored = try reader.bars(name, length, from: Instant(epochSeconds: 0), until: now).filter { bar in
                    let slot = calendar?.slot(openingAt: bar.openAt, timeframe: length)
                    return (slot?.closeAt ?? bar.openAt.advanced(bySeconds: Int64(length.seconds))) <= now
                }
                guard !raw, let calendar else { return stored }
                let actions = try reader.actionsInForce(name).compactMap(\.action)
                return try SplitAdjustment(actions, to: stored, of: name, calendar: calendar).adjusted(stored)
            }
            guard !bars.isEmpty else {
                throw StepFailure(
                    code: "no-bars", message: "There are no \(length) bars of \(name).",
                    hint: "Nothing was computed. Bring them with `takt import-bars FILE` or `takt fetch-bars`.",
                    isRetryable: false, exitCode: .badInput)
            }
            return (bars, calendar)
        }
        let options = BarFileReader.Options(
            symbol: BarFileName(path: input, calendars: context.calendars).symbol == nil ? Symbol("FILE") : nil,
            timeframe: timeframe.flatMap { Timeframe($0) }
                ?? (BarFileName(path: input, calendars: context.calendars).timeframe == nil ? .oneDay : nil))
        do {
            let parsed = try BarFileReader(calendars: context.calendars)
                .read(try FileWriting.read(input), path: input, options: options)
            let calendar = parsed.exchange.flatMap { context.calendars.calendar($0) }
            let validation = BarValidator(timeframe: parsed.timeframe, calendar: calendar, instrument: nil)
                .validate(parsed.rows)
            guard let first = validation.rejected.first else {
                tell(parsed.warnings + validation.warnings, validation.gaps)
                return (validation.accepted, calendar)
            }
            throw StepFailure(
                code: "bad-bar-file", message: "\(input): \(first).",
                hint: "Nothing was computed: an indicator over a broken bar is wrong from there on.",
                isRetryable: false,
                exitCode: .badInput)
        } catch let error as BarFileError {
            throw StepFailure(
                code: "bad-bar-file", message: "\(error)", hint: "Nothing was computed.", isRetryable: false,
                exitCode: .badInput)
        }
    }

    /// The profile asked for, else the first that trades the symbol: its bars are those that somebody looks at.
    private func profile(trading symbol: Symbol, _ context: CommandContext) throws -> Profile {
        guard context.settings.selectedProfile == nil,
            let profile = context.settings.profiles.first(where: { $0.symbols.contains(symbol) })
        else { return try context.profile() }
        return profile
    }

    private func printList(_ context: CommandContext) throws {
        let items = IndicatorCatalogue.entries.map { entry -> JSONValue in
            [
                "name": .string(entry.name), "summary": .string(entry.summary), "source": .string(entry.source),
                "columns": .array(entry.columns.map { .string($0) }),
                "parameters": .array(
                    entry.parameters.map { .string("\($0.name)=\(IndicatorTable.digits($0.defaultValue))") }),
            ]
        }
        let document: JSONValue = [
            "schema": "takt.indicator-list/1", "count": .int(Int64(items.count)), "items": .array(items),
        ]
        try context.output.emit(document) {
            TextTable(
                columns: [
                    .init("name", "name"),
                    .init("parameters") {
                        ($0["parameters"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: " ")
                    },
                    .init("what", "summary"),
                ], items: items, empty: ""
            ).rendered(context.output.style)
        }
    }
}

/// Indicator values by bar.
private struct IndicatorTable {
    let names: [String]
    let values: [[Double]]
    let opens: [Instant]

    func csv(_ rows: Range<Int>) -> String {
        var text = (["ts"] + names.map(Self.field)).joined(separator: ",") + "\n"
        for row in rows {
            text += opens[row].description
            for column in values {
                text += ","
                if column[row].isFinite { text += Self.digits(column[row]) }
            }
            text += "\n"
        }
        return text
    }

    func document(_ rows: Range<Int>) -> JSONValue {
        let items = rows.map { row -> JSONValue in
            .object(
                [.init("ts", JSONValue(opens[row]))]
                    + zip(names, values).map { name, column in
                        // Through its 15 digits, so that both forms say the same number.
                        .init(
                            name,
                            column[row].isFinite ? .double(Double(Self.digits(column[row])) ?? column[row]) : .null)
                    })
        }
        return ["schema": "takt.indicators/1", "count": .int(Int64(items.count)), "items": .array(items)]
    }

    /// RFC 4180: a field with a comma or a quote stands in quotes, its own quotes doubled.
    private static func field(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// 15 significant digits, the shortest way `printf` writes them.
    static func digits(_ value: Double) -> String {
        var buffer = [CChar](repeating: 0, count: 40)
        let count = withVaList([value]) { vsnprintf(&buffer, buffer.count, "%.15g", $0) }
        return String(decoding: buffer.prefix(Int(max(0, count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
