public import Core
public import Sessions

/// Reads bar files: bytes in, rows out, or one error that names file, line and column.
///
/// The file is read as a whole or not at all. Whether a bar makes sense is not decided here: see ``BarValidator``.
public struct BarFileReader: Sendable {
    /// Far above a year of minute bars of one symbol (6 MB), far below what hurts a small machine.
    public static let byteLimit = 256 * 1024 * 1024

    /// Takes the place of what the file's name says.
    public struct Options: Hashable, Sendable {
        public var layout: BarLayout
        public var symbol: Symbol?
        public var timeframe: Timeframe?
        public init(layout: BarLayout = .auto, symbol: Symbol? = nil, timeframe: Timeframe? = nil) {
            self.layout = layout
            self.symbol = symbol
            self.timeframe = timeframe
        }
    }

    private let calendars: CalendarBook
    private let instruments: (@Sendable (Symbol) -> Instrument?)?

    /// `instruments` looks a symbol up in the configuration; where it is given, an unknown symbol is an error.
    /// Without it the exchange comes from the file's name and prices keep their decimals.
    public init(calendars: CalendarBook, instruments: (@Sendable (Symbol) -> Instrument?)? = nil) {
        self.calendars = calendars
        self.instruments = instruments
    }

    /// `path` is used for its names (symbol, timeframe, LEAN's folders) and in messages; nothing is opened.
    public func read(_ bytes: [UInt8], path: String, options: Options = Options()) throws(BarFileError) -> ParsedBars {
        guard !bytes.isEmpty else { throw .empty(.init(path)) }
        guard bytes.count <= Self.byteLimit else {
            throw .tooLarge(.init(path), bytes: bytes.count, limit: Self.byteLimit)
        }
        let isZip = bytes.starts(with: [0x50, 0x4B])
        if options.layout == .lean || (options.layout == .auto && (isZip || path.lowercased().hasSuffix(".zip"))) {
            return try readLean(bytes, path: path, options: options)
        }
        try checkText(bytes, path: path)
        return try readCSV(bytes, path: path, options: options)
    }

    private func checkText(_ bytes: [UInt8], path: String) throws(BarFileError) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw .notText(.init(path), kind: "UTF-16 text")
        }
        if bytes.starts(with: [0x1F, 0x8B]) { throw .notText(.init(path), kind: "gzip data") }
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) { throw .notText(.init(path), kind: "a zip archive") }
        if let zero = bytes.firstIndex(of: 0) {
            let line = bytes[..<zero].count { $0 == UInt8(ascii: "\n") } + 1
            throw .notText(.init(path, line: line), kind: "binary data")
        }
    }

    // MARK: takt and Yahoo: a header, then columns in the header's order

    private func readCSV(_ bytes: [UInt8], path: String, options: Options) throws(BarFileError) -> ParsedBars {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let headerEnd = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let header = try CSVHeader(bytes[start..<headerEnd], path: path, layout: options.layout)
        let subject = try subject(BarFileName(path: path, calendars: calendars), header, path, options)
        var parser = CSVBars(
            file: path, roles: header.roles, names: header.names,
            precision: header.layout == .yahoo ? .rounded : .exact,
            expectedStamp: subject.timeframe.isDaily
                ? "a date such as 2025-11-28, or the session's open such as 2025-11-28T14:30:00Z"
                : "the bar's start with its offset, such as 2025-11-28T14:30:00Z")
        var resolver = StampResolver(timeframe: subject.timeframe, calendar: subject.calendar)
        var rows = try parser.rows(bytes.span, from: min(headerEnd + 1, bytes.count), firstLine: 2) { text, from, to in
            guard let stamp = BarStamp(text, from, to) else { return nil }
            return resolver.openAt(stamp)
        }
        guard !rows.isEmpty else { throw .noBars(.init(path)) }
        var warnings = subject.warnings
        if header.layout == .yahoo {
            let snapped = snapToTicks(&rows, subject)
            if snapped > 0 {
                warnings.append(
                    BarWarning(
                        .roundedToTick, line: nil, openAtText: nil, count: snapped,
                        message: "\(snapped) prices were rounded to the tick they miss by less than a millionth"))
            }
            if parser.roundedNumbers > 0 {
                warnings.append(
                    BarWarning(
                        .roundedTo8Decimals, line: nil, openAtText: nil, count: parser.roundedNumbers,
                        message: "\(parser.roundedNumbers) numbers had more than eight decimals"))
            }
        }
        return subject.bars(rows, layout: header.layout, warnings: warnings)
    }

    /// Prices that passed through 32-bit floats miss their tick by up to 6 × 10^-8 of themselves.
    private func snapToTicks(_ rows: inout [RawBar], _ subject: Subject) -> Int {
        guard let instrument = subject.instrument else { return 0 }
        var snapped = 0
        for index in rows.indices {
            let row = rows[index]
            let date = subject.calendar?.localDate(of: row.openAt) ?? row.openAt.utcDate
            let grid = TickGrid(instrument.ticks.rule(on: date))
            var values = RawBar.Values(
                open: row.openUnits, high: row.highUnits, low: row.lowUnits, close: row.closeUnits,
                volume: row.volumeUnits)
            var changed = 0
            for path in [\RawBar.Values.open, \.high, \.low, \.close] {
                let units = values[keyPath: path]
                let onGrid = grid.nearest(units)
                guard onGrid != units, (onGrid - units).magnitude < units.magnitude / 1_000_000 else { continue }
                values[keyPath: path] = onGrid
                changed += 1
            }
            guard changed > 0 else { continue }
            snapped += changed
            rows[index] = RawBar(
                line: row.line, openAt: row.openAt, empty: row.empty, tooLarge: row.tooLarge, values: values)
        }
        return snapped
    }

    // MARK: LEAN

    private func readLean(_ bytes: [UInt8], path: String, options: Options) throws(BarFileError) -> ParsedBars {
        let lean = try LeanPath(path)
        let subject = try subject(lean, path, options)
        let entry = try ZipArchive.onlyCSV(bytes, path: path)
        let isMinute = lean.resolution == .minute
        var parser = CSVBars(
            file: "\(path)#\(entry.name)", roles: [.stamp, .open, .high, .low, .close, .volume],
            names: [isMinute ? "milliseconds" : "date", "open", "high", "low", "close", "volume"],
            precision: .tenThousandths,
            expectedStamp: isMinute ? "milliseconds since midnight in New York" : "YYYYMMDD HH:MM")
        guard let zone = ZoneRules.named("America/New_York") else { throw .noCalendar(.init(path), what: "New York") }
        var resolver = StampResolver(timeframe: lean.timeframe, calendar: subject.calendar)
        let rows = try parser.rows(entry.content.span, from: 0, firstLine: 1) { text, from, to in
            if let date = lean.date {
                guard case .exact(let units) = CSVBars.decimal(text, from, to), units >= 0, from < to else {
                    return nil
                }
                let milliseconds = units / 100_000_000
                guard milliseconds < 86_400_000, milliseconds % 1000 == 0 else { return nil }
                return zone.instant(of: date, secondOfDay: Int(milliseconds / 1000))
            }
            guard let (date, second) = Self.leanStamp(text, from, to) else { return nil }
            if lean.resolution == .daily { return resolver.dailyOpen(date.daysSinceEpoch) }
            return zone.instant(of: date, secondOfDay: second)
        }
        guard !rows.isEmpty else { throw .noBars(.init(path)) }
        return subject.bars(rows, layout: .lean, warnings: subject.warnings)
    }

    /// `YYYYMMDD HH:MM`, New York time.
    private static func leanStamp(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> (CivilDate, Int)? {
        guard end - start == 14, text[start + 8] == UInt8(ascii: " "), text[start + 11] == UInt8(ascii: ":"),
            let date = CivilDate(compact: CSVBars.string(text, start, start + 8)),
            let hour = Int(CSVBars.string(text, start + 9, start + 11)), (0..<24).contains(hour),
            let minute = Int(CSVBars.string(text, start + 12, end)), (0..<60).contains(minute)
        else { return nil }
        return (date, hour * 3600 + minute * 60)
    }

    // MARK: What the bars are about

    private struct Subject {
        var symbol: Symbol
        var exchange: ExchangeID?
        var instrument: Instrument?
        var timeframe: Timeframe
        var calendar: ExchangeCalendar?
        var variant: String?
        var warnings: [BarWarning] = []

        func bars(_ rows: [RawBar], layout: BarLayout, warnings: [BarWarning]) -> ParsedBars {
            ParsedBars(
                symbol: symbol, exchange: exchange, instrument: instrument, timeframe: timeframe, layout: layout,
                variant: variant, rows: rows, warnings: warnings)
        }
    }

    private func subject(
        _ name: BarFileName, _ header: CSVHeader, _ path: String, _ options: Options
    ) throws(BarFileError) -> Subject {
        if options.timeframe == nil, let text = name.strangeTimeframe {
            throw .unsupportedTimeframe(.init(path), text: text)
        }
        guard let symbol = options.symbol ?? name.symbol else { throw .unknownSymbol(.init(path)) }
        guard let timeframe = options.timeframe ?? name.timeframe ?? header.impliedTimeframe else {
            throw .unknownTimeframe(.init(path))
        }
        // A symbol given by hand says nothing about the exchange in the name of the file.
        return try subject(symbol, timeframe, options.symbol == nil ? name.exchange : nil, name.variant, path)
    }

    private func subject(_ lean: LeanPath, _ path: String, _ options: Options) throws(BarFileError) -> Subject {
        if let given = options.timeframe, given != lean.timeframe {
            throw .timeframeMismatch(.init(path), inFile: lean.timeframe, given: given)
        }
        var subject = try subject(options.symbol ?? lean.symbol, lean.timeframe, nil, nil, path)
        // LEAN's folder `usa` has one clock and one calendar for every US exchange.
        if subject.calendar == nil { subject.calendar = calendars.calendar(ExchangeID("XNYS")) }
        return subject
    }

    private func subject(
        _ symbol: Symbol, _ timeframe: Timeframe, _ named: ExchangeID?, _ variant: String?, _ path: String
    ) throws(BarFileError) -> Subject {
        let instrument = instruments?(symbol)
        if instruments != nil, instrument == nil { throw .notConfigured(.init(path), symbol) }
        let exchange = instrument?.exchange ?? named
        var subject = Subject(symbol: symbol, exchange: exchange, instrument: instrument, timeframe: timeframe)
        subject.calendar = exchange.flatMap { calendars.calendar($0) }
        subject.variant = variant
        if let exchange, let named, exchange != named {
            subject.warnings.append(
                BarWarning(
                    .exchangeDiffers, line: nil, openAtText: nil, count: 1,
                    message: "the file's name says \(named), symbols.yaml says \(exchange), which holds"))
        }
        return subject
    }
}
