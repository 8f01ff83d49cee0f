internal import ArgumentParser
internal import Core
internal import Cycle
internal import MarketData

struct ImportBarsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-bars",
        abstract: "Imports bar files, in takt's and vendors' layouts.",
        discussion: """
            A file is imported whole or not at all; a bar that reads but makes no sense is named and left out, and so is one \
            that does not fit its series (a price a hundred times off, a session that repeats another), until a later bar \
            bears it out: import again with that bar. Importing a file again changes nothing; a changed bar replaces the old \
            one, which is kept as a revision.

            Symbol and timeframe come from the name (XNAS.NVDA.5m.csv) or the options. The symbol must be in symbols.yaml.

            The layout is told from the content; what fits two is refused with both named, and --layout says which:
              takt        ts,open,high,low,close,volume; ts is the start of the bar with its offset
              yahoo       Date or Datetime, Open, High, Low, Close, Volume in any order; Adj Close is left out
              tiingo      the same with divCash and splitFactor, which are told: bring them with import-actions
              local_time  datetime,open,high,low,close,volume in the exchange's local time, without an offset
              dukascopy   Time,Open,High,Low,Close,Volume; DD.MM.YYYY HH:MM:SS.mmm in UTC
              korean      no header: date,"open","high","low","close","volume" with thousands separators, daily
              lean        LEAN's zip archives of US equities: minute, hour and daily trades
              kis         KIS' answers of domestic and overseas charts as JSON; ask KIS for raw prices, not adjusted ones

            Example: takt import-bars bars/XNAS.NVDA.5m.csv bars/XKRX.005930.5m.csv
            """)
    @OptionGroup var global: GlobalOptions
    @Argument(help: .init("Files to import.", valueName: "file")) var files: [String]
    @Option(name: .long, help: .init("The symbol, where the name does not tell.", valueName: "symbol")) var symbol:
        String?
    @Option(name: .long, help: .init("The bars' length, where the name does not tell.", valueName: "timeframe"))
    var timeframe: String?
    @Option(
        name: .long, help: .init("One of \(BarLayout.names).", valueName: "layout"),
        transform: { text in
            guard let layout = BarLayout(name: text) else {
                throw ValidationError("'\(text)' is no layout; write one of \(BarLayout.names).")
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
        func sum(_ key: String) -> JSONValue { .int(items.reduce(Int64(0)) { $0 + ($1[key]?.intValue ?? 0) }) }
        let document: JSONValue = [
            "schema": "takt.import-bars/1", "files": .int(Int64(items.count)), "rejected": sum("rejected"),
            "held": sum("held"),
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
                .init("rejected", "rejected", numeric: true), .init("held", "held", numeric: true),
                .init("missing", "missing", numeric: true),
            ], items: items, empty: "")
        let notes = items.flatMap { item in
            ((item["rejections"]?.arrayValue ?? []) + (item["warnings"]?.arrayValue ?? [])).compactMap(\.stringValue)
        }
        return ([table.rendered(style)] + notes).joined(separator: "\n")
    }
}
