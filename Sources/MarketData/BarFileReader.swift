public import Core
public import Sessions

/// Reads bar files: bytes in, rows out, or one error that names file, line and column.
///
/// The file is read as a whole or not at all. Whether a bar makes sense is not decided here: see ``BarValidator``.
/// What the bars are about is decided here; each family of layouts has a file of its own.
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

    let calendars: CalendarBook
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
        let name = BarFileName(path: path, calendars: calendars)
        let found = try LayoutRecognition(bytes, path: path, timeframe: options.timeframe ?? name.timeframe)
        let layout = try layout(found, bytes, path, options)
        switch layout {
        case .korean: return try readKorean(bytes, name, path: path, options: options)
        case .kis: return try readKIS(bytes, name, path: path, options: options)
        case .auto, .takt, .yahoo, .tiingo, .localTime, .dukascopy, .lean:
            return try readColumns(bytes, found.header, layout, name, path: path, options: options)
        }
    }

    /// The one layout that the content fits, or an error: a guess would be worse than a question.
    private func layout(
        _ found: LayoutRecognition, _ bytes: [UInt8], _ path: String, _ options: Options
    ) throws(BarFileError) -> BarLayout {
        let place = BarFileError.Place(path, line: 1)
        if options.layout != .auto, found.layouts.contains(options.layout) { return options.layout }
        guard let layout = found.layouts.first else {
            // Without a header there is nothing to be recognised but rows, and the first may be a broken one.
            if options.layout == .korean { return .korean }
            let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
            let line = bytes[start...].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            throw .unknownHeader(place, found: CSVBars.string(Array(line.prefix(80)).span, 0, min(line.count, 80)))
        }
        guard options.layout == .auto else {
            throw .otherLayout(place, found: found.layouts, asked: options.layout)
        }
        guard found.layouts.count == 1 else { throw .ambiguousLayout(place, found.layouts) }
        return layout
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

    // MARK: What the bars are about

    struct Subject {
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

    /// `implied` is what the layout itself says about the length of the bars.
    func subject(
        _ name: BarFileName, implied: Timeframe?, _ path: String, _ options: Options
    ) throws(BarFileError) -> Subject {
        if options.timeframe == nil, let text = name.strangeTimeframe {
            throw .unsupportedTimeframe(.init(path), text: text)
        }
        guard let symbol = options.symbol ?? name.symbol else { throw .unknownSymbol(.init(path)) }
        guard let timeframe = options.timeframe ?? name.timeframe ?? implied else {
            throw .unknownTimeframe(.init(path))
        }
        // A symbol given by hand says nothing about the exchange in the name of the file.
        return try subject(symbol, timeframe, options.symbol == nil ? name.exchange : nil, name.variant, path)
    }

    func subject(
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
                    message: "the file says \(named), symbols.yaml says \(exchange), which holds"))
        }
        return subject
    }

    /// Vendors write weeks, months and days alike, and dates with the day first look like months: what tells is that no
    /// two rows are close together. Three rows in a row across long holidays do not happen.
    func checkDays(_ rows: [RawBar], _ subject: Subject, _ path: String) throws(BarFileError) {
        let fourDays: Int64 = 4 * 86_400
        // Opens move by an hour or two: late sessions, summer time.
        let slack: Int64 = 4 * 3600
        guard subject.timeframe.isDaily, rows.count > 2,
            zip(rows, rows.dropFirst()).allSatisfy({
                abs($0.openAt.epochSeconds - $1.openAt.epochSeconds) >= fourDays - slack
            })
        else { return }
        throw .notDaily(.init(path, line: Int(rows[0].line)))
    }
}
