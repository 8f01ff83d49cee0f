public import Core
internal import GRDB
internal import GRDBSQLite

/// What an upsert of bars did.
public struct BarUpsert: Hashable, Sendable {
    public var inserted = 0
    /// Bars that were stored with other content before; that content is kept as a revision.
    public var revised = 0
    public var unchanged = 0
    public init(inserted: Int = 0, revised: Int = 0, unchanged: Int = 0) {
        self.inserted = inserted
        self.revised = revised
        self.unchanged = unchanged
    }
}

/// A stored bar with where it stands in its history.
public struct StoredBar: Hashable, Sendable {
    public let symbol: Symbol
    public let timeframe: Timeframe
    public let bar: Bar
    /// 1 for the first version.
    public let revision: Int
    /// The sequence under which this version was stored.
    public let recordedSequence: Int
}

private let barColumns = "open_at, open, high, low, close, volume, source"

extension StoreReader {
    /// Bars with `openAt` in [from, until), ascending; with `asOf`, as they were known after that sequence.
    public func bars(
        _ symbol: Symbol, _ timeframe: Timeframe, from: Instant, until: Instant, asOf: Int? = nil
    ) throws -> [Bar] {
        let key: [Argument] = [symbol.text, timeframe.seconds, from.microseconds, until.microseconds]
        let range = "symbol = ? AND timeframe_seconds = ? AND open_at >= ? AND open_at < ?"
        guard let asOf else {
            return try bars("SELECT \(barColumns) FROM bars WHERE \(range) ORDER BY open_at", key)
        }
        let sql = """
            SELECT \(barColumns) FROM bars WHERE \(range) AND recorded_seq <= ?
            UNION ALL
            SELECT \(barColumns) FROM bar_revisions WHERE \(range) AND recorded_seq <= ? AND replaced_seq > ?
            ORDER BY open_at
            """
        return try bars(sql, key + [asOf] + key + [asOf, asOf])
    }

    /// The last bars that opened before `closedBefore`, at most `count`, ascending.
    public func lastBars(
        _ symbol: Symbol, _ timeframe: Timeframe, count: Int, closedBefore openAtUpperBound: Instant
    ) throws -> [Bar] {
        try windowBars(symbol, timeframe, count: count, before: openAtUpperBound)
            ?? storedLastBars(symbol, timeframe, count: count, closedBefore: openAtUpperBound)
    }

    /// The same from the table of bars itself.
    func storedLastBars(
        _ symbol: Symbol, _ timeframe: Timeframe, count: Int, closedBefore openAtUpperBound: Instant
    ) throws -> [Bar] {
        let sql = """
            SELECT \(barColumns) FROM bars
            WHERE symbol = ? AND timeframe_seconds = ? AND open_at < ?
            ORDER BY open_at DESC
            LIMIT ?
            """
        let key: [Argument] = [symbol.text, timeframe.seconds, openAtUpperBound.microseconds, max(0, count)]
        var bars = try bars(sql, key, expecting: count)
        bars.reverse()
        return bars
    }

    /// The first bar with `openAt` in [from, until).
    public func firstBar(
        _ symbol: Symbol, _ timeframe: Timeframe, from: Instant, until: Instant
    ) throws -> Bar? {
        let sql = """
            SELECT \(barColumns) FROM bars
            WHERE symbol = ? AND timeframe_seconds = ? AND open_at >= ? AND open_at < ?
            ORDER BY open_at
            LIMIT 1
            """
        return try bars(sql, [symbol.text, timeframe.seconds, from.microseconds, until.microseconds]).first
    }

    /// The opening times of the bars in [from, until), ascending.
    public func barOpens(
        _ symbol: Symbol, _ timeframe: Timeframe, from: Instant, until: Instant
    ) throws -> [Instant] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT open_at FROM bars
                WHERE symbol = ? AND timeframe_seconds = ? AND open_at >= ? AND open_at < ?
                ORDER BY open_at
                """)
        let arguments: StatementArguments = [symbol.text, timeframe.seconds, from.microseconds, until.microseconds]
        return try Int64.fetchAll(statement, arguments: arguments).map { Instant(microseconds: $0) }
    }

    /// The symbols with bars, ascending. Jumps from one to the next, however many bars there are.
    public func barSymbols() throws -> [Symbol] {
        let sql = """
            WITH RECURSIVE found(symbol) AS (
                SELECT min(symbol) FROM bars
                UNION ALL
                SELECT (SELECT min(symbol) FROM bars WHERE symbol > found.symbol) FROM found WHERE symbol IS NOT NULL
            )
            SELECT symbol FROM found WHERE symbol IS NOT NULL
            """
        return try String.fetchAll(try db.cachedStatement(sql: sql)).map { Symbol($0) }
    }

    /// The lengths of a symbol's bars, ascending; as fast as ``barSymbols()``.
    public func barTimeframes(_ symbol: Symbol) throws -> [Timeframe] {
        let next = "SELECT min(timeframe_seconds) FROM bars WHERE symbol = ?1"
        let sql = """
            WITH RECURSIVE found(seconds) AS (
                \(next)
                UNION ALL
                SELECT (\(next) AND timeframe_seconds > seconds) FROM found WHERE seconds IS NOT NULL
            )
            SELECT seconds FROM found WHERE seconds IS NOT NULL
            """
        return try Int.fetchAll(try db.cachedStatement(sql: sql), arguments: [symbol.text]).map { seconds in
            guard let timeframe = Timeframe(seconds: seconds) else {
                throw StoreError.damagedRow(table: "bars", detail: "timeframe_seconds = \(seconds)")
            }
            return timeframe
        }
    }

    /// The bars in [from, until) that were built from the stream, ascending.
    public func streamedBars(
        _ symbol: Symbol, _ timeframe: Timeframe, from: Instant, until: Instant
    ) throws -> [Bar] {
        let sql = """
            SELECT \(barColumns) FROM bars
            WHERE symbol = ? AND timeframe_seconds = ? AND open_at >= ? AND open_at < ? AND source = 'stream'
            ORDER BY open_at
            """
        return try bars(sql, [symbol.text, timeframe.seconds, from.microseconds, until.microseconds])
    }

    /// What ``StoreWriter/upsertBars(_:_:_:sequence:)`` would do with these bars.
    public func previewUpsert(_ symbol: Symbol, _ timeframe: Timeframe, _ bars: [Bar]) throws -> BarUpsert {
        var outcome = BarUpsert()
        guard let first = bars.map(\.openAt).min(), let last = bars.map(\.openAt).max() else { return outcome }
        let stored = try self.bars(symbol, timeframe, from: first, until: last.advanced(bySeconds: 1))
        var known = Dictionary(stored.map { ($0.openAt, $0) }, uniquingKeysWith: { $1 })
        for bar in bars {
            switch known.updateValue(bar, forKey: bar.openAt) {
            case nil: outcome.inserted += 1
            case .some(let old): if old == bar { outcome.unchanged += 1 } else { outcome.revised += 1 }
            }
        }
        return outcome
    }

    /// Bars of all symbols for the list command. `states` of the filter are sources (`kis`, `stream` …).
    ///
    /// Read series by series along the key: the newest bars of all series are found without a look at the older ones, and
    /// without an index by time that every insert would have to pay for.
    public func storedBars(_ filter: ListFilter = .all, timeframe: Timeframe? = nil) throws -> [StoredBar] {
        var bars: [StoredBar] = []
        for symbol in try filter.symbol.map({ [$0] }) ?? barSymbols() {
            for length in try timeframe.map({ [$0] }) ?? barTimeframes(symbol) {
                var conditions = Conditions(filter, time: "open_at", state: "source")
                conditions.add("symbol = ?", symbol.text)
                conditions.add("timeframe_seconds = ?", length.seconds)
                bars += try list("SELECT * FROM bars", conditions, order: ["open_at"], table: "bars", storedBar)
            }
        }
        bars.sort { ($0.bar.openAt, $0.symbol, $0.timeframe) < ($1.bar.openAt, $1.symbol, $1.timeframe) }
        return filter.limit.map { bars.suffix(max(0, $0)) } ?? bars
    }

    /// Superseded versions of bars, each before the one that took its place. `states` of the filter are sources.
    public func barRevisions(_ filter: ListFilter = .all, timeframe: Timeframe? = nil) throws -> [StoredBar] {
        var conditions = Conditions(filter, time: "open_at", symbol: "symbol", state: "source")
        if let timeframe { conditions.add("timeframe_seconds = ?", timeframe.seconds) }
        let order = ["open_at", "symbol", "timeframe_seconds", "revision"]
        return try list("SELECT * FROM bar_revisions", conditions, order: order, table: "bar_revisions", storedBar)
    }

    private func storedBar(_ fields: Fields) throws -> StoredBar {
        let seconds = try fields.int("timeframe_seconds")
        guard let timeframe = Timeframe(seconds: seconds) else {
            throw fields.damaged("timeframe_seconds", "\(seconds)")
        }
        func units(_ column: String) throws -> FixedPoint { FixedPoint(int64Units: try fields.int64(column)) }
        let bar = Bar(
            openAt: try fields.instant("open_at"), open: Price(try units("open")), high: Price(try units("high")),
            low: Price(try units("low")), close: Price(try units("close")), volume: Quantity(try units("volume")),
            source: try fields.choice("source"))
        return StoredBar(
            symbol: try fields.id("symbol"), timeframe: timeframe, bar: bar, revision: try fields.int("revision"),
            recordedSequence: try fields.int("recorded_seq"))
    }

    /// - Parameter count: how many bars there will most likely be, if that is known.
    private func bars(_ sql: String, _ arguments: [Argument], expecting count: Int = 0) throws -> [Bar] {
        let statement = try db.cachedStatement(sql: sql)
        // The cursor takes the first column; the others are read from where it stands.
        let cursor = try Int64.fetchCursor(statement, arguments: StatementArguments(arguments))
        var columns = BarColumns()
        var bars: [Bar] = []
        bars.reserveCapacity(min(max(0, count), 1000))
        while let openAt = try cursor.next() {
            bars.append(try columns.bar(openAt, at: statement.sqliteStatement))
        }
        return bars
    }

    /// Reads `barColumns` by position: ten times as fast as by name, and bars are read by the hundred thousand.
    fileprivate func bar(_ row: Row) throws(StoreError) -> Bar {
        func price(_ index: Int) -> Price { Price(FixedPoint(int64Units: row[index])) }
        guard let source = BarSourceKind(rawValue: row[6]) else {
            throw .damagedRow(table: "bars", detail: "source = \(row[6] as String)")
        }
        return Bar(
            openAt: Instant(microseconds: row[0]), open: price(1), high: price(2), low: price(3), close: price(4),
            volume: Quantity(FixedPoint(int64Units: row[5])), source: source)
    }
}

/// Reads `barColumns` of the rows that a statement stands on, past GRDB's general conversions: bars are read by the hundred
/// thousand, and the features of a hundred symbols take ten thousand of them at every beat.
private struct BarColumns {
    /// The source of the row before: nearly always that of the next one too, and then no text is made.
    private var source: (bytes: [UInt8], kind: BarSourceKind)?

    mutating func bar(_ openAt: Int64, at row: SQLiteStatement) throws(StoreError) -> Bar {
        func price(_ column: CInt) -> Price { Price(FixedPoint(int64Units: sqlite3_column_int64(row, column))) }
        return Bar(
            openAt: Instant(microseconds: openAt), open: price(1), high: price(2), low: price(3),
            close: price(4), volume: Quantity(FixedPoint(int64Units: sqlite3_column_int64(row, 5))),
            source: try kind(row, 6))
    }

    private mutating func kind(_ row: SQLiteStatement, _ column: CInt) throws(StoreError) -> BarSourceKind {
        let start = sqlite3_column_text(row, column)
        let text = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(row, column)))
        if let source, source.bytes.elementsEqual(text) { return source.kind }
        let word = String(decoding: text, as: UTF8.self)
        guard let kind = BarSourceKind(rawValue: word) else {
            throw .damagedRow(table: "bars", detail: "source = \(word)")
        }
        source = (Array(text), kind)
        return kind
    }
}

extension StoreWriter {
    /// Stores bars; a bar that is there already with the same content is left alone.
    ///
    /// A bar with other content (prices, volume or source) takes its place, and the old one becomes a revision.
    ///
    /// - Parameter sequence: the number under which the bars arrive; `nil` draws one, but only if something is stored.
    /// - Throws: ``StoreError/valueTooLarge(what:)`` for a price or volume beyond ±92,233,720,368.
    @discardableResult
    public func upsertBars(
        _ symbol: Symbol, _ timeframe: Timeframe, _ bars: [Bar], sequence: Int? = nil
    ) throws -> BarUpsert {
        var outcome = BarUpsert()
        var sequence = sequence
        func arrival() throws -> Int {
            if let sequence { return sequence }
            let drawn = try nextSequence()
            sequence = drawn
            return drawn
        }
        let isFresh = try isBeyondStock(symbol, timeframe, bars)
        let held = try isFresh ? heldWindow(symbol, timeframe, before: bars) : nil
        let find = try db.cachedStatement(
            sql: "SELECT \(barColumns) FROM bars WHERE symbol = ? AND timeframe_seconds = ? AND open_at = ?")
        let insert = try db.cachedStatement(
            sql: "INSERT INTO bars VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)")
        for bar in bars {
            if !isFresh {
                find.setUncheckedArguments([symbol.text, timeframe.seconds, bar.openAt.microseconds])
                if let row = try Row.fetchOne(find) {
                    if try self.bar(row) == bar {
                        outcome.unchanged += 1
                    } else {
                        try revise(symbol, timeframe, bar, sequence: try arrival())
                        outcome.revised += 1
                    }
                    continue
                }
            }
            let units = try Units(bar, symbol)
            insert.setUncheckedArguments([
                symbol.text, timeframe.seconds, bar.openAt.microseconds, units.open, units.high, units.low,
                units.close, units.volume, bar.source.rawValue, try arrival(),
            ])
            try insert.execute()
            outcome.inserted += 1
        }
        if outcome.inserted + outcome.revised > 0 {
            try renewWindow(symbol, timeframe, newest: held.map { $0 + bars })
        }
        return outcome
    }

    /// The packed window, if the bars are few and all newer than those in it: together they are the newest ones then.
    private func heldWindow(_ symbol: Symbol, _ timeframe: Timeframe, before bars: [Bar]) throws -> [Bar]? {
        guard let first = bars.first, bars.count < BarWindow.capacity else { return nil }
        let far = Instant(microseconds: .max)
        let held = try windowBars(symbol, timeframe, count: BarWindow.capacity, before: far)
        guard let held, let newest = held.last, newest.openAt < first.openAt else { return nil }
        return held
    }

    /// Whether the bars ascend strictly through a stretch without stored bars: then none needs to be looked for.
    private func isBeyondStock(_ symbol: Symbol, _ timeframe: Timeframe, _ bars: [Bar]) throws -> Bool {
        guard let first = bars.first, let last = bars.last else { return true }
        guard zip(bars, bars.dropFirst()).allSatisfy({ $0.openAt < $1.openAt }) else { return false }
        let sql = "SELECT 1 FROM bars WHERE symbol = ? AND timeframe_seconds = ? AND open_at BETWEEN ? AND ?"
        let stretch: [Argument] = [first.openAt.microseconds, last.openAt.microseconds]
        return try !exists(sql, [symbol.text, timeframe.seconds] + stretch)
    }

    private func revise(_ symbol: Symbol, _ timeframe: Timeframe, _ bar: Bar, sequence: Int) throws {
        let key: [Argument] = [symbol.text, timeframe.seconds, bar.openAt.microseconds]
        let place = "WHERE symbol = ? AND timeframe_seconds = ? AND open_at = ?"
        // A series that was pruned and brought back begins at version 1 again: what was superseded before keeps its number.
        let earlier: Int = try scalar("SELECT coalesce(max(revision), 0) FROM bar_revisions \(place)", key) ?? 0
        try run("UPDATE bars SET revision = max(revision, ?) \(place)", [earlier + 1] + key)
        try run("INSERT INTO bar_revisions SELECT *, ? FROM bars \(place)", [sequence] + key)
        let units = try Units(bar, symbol)
        try run(
            """
            UPDATE bars
            SET open = ?, high = ?, low = ?, close = ?, volume = ?, source = ?,
                revision = revision + 1, recorded_seq = ?
            \(place)
            """,
            [units.open, units.high, units.low, units.close, units.volume, bar.source.rawValue, sequence] + key)
    }

    /// A bar in units of 10^-8 that fit 64 bits.
    private struct Units {
        let open, high, low, close, volume: Int64

        init(_ bar: Bar, _ symbol: Symbol) throws(StoreError) {
            func units(_ value: FixedPoint, _ name: String) throws(StoreError) -> Int64 {
                guard let units = value.int64Units else {
                    throw .valueTooLarge(what: "the \(name) \(value) of the bar of \(symbol) at \(bar.openAt)")
                }
                return units
            }
            open = try units(bar.open.value, "open")
            high = try units(bar.high.value, "high")
            low = try units(bar.low.value, "low")
            close = try units(bar.close.value, "close")
            volume = try units(bar.volume.value, "volume")
        }
    }
}
