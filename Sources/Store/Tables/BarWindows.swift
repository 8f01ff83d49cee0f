internal import Core
internal import GRDB
internal import GRDBSQLite

/// The newest bars of a series, packed: 56 bytes a bar, seven little-endian integers of 64 bits each (open time in
/// microseconds; open, high, low, close, volume in 10^-8 units; a number for the source).
///
/// Agents and features look at the last hundred bars of every symbol at every beat. From the table of bars that is a
/// hundred rows of eleven columns to take apart; packed it is one row.
enum BarWindow {
    /// Above the usual `decision.buffer_bars` of 100; a longer look goes to the bars themselves.
    static let capacity = 128
    /// For fewer bars than that the table of bars is as quick.
    static let leastUseful = 12
    static let rowBytes = 56

    /// `nil` for a bar that does not fit 64 bits, which no stored one does.
    static func packed(_ bars: some Sequence<Bar>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(capacity * rowBytes)
        for bar in bars {
            let prices = [bar.open, bar.high, bar.low, bar.close].map { $0.value.int64Units }
            for number in [bar.openAt.microseconds] + prices + [bar.volume.value.int64Units, code(bar.source)] {
                guard let number else { return nil }
                withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
            }
        }
        return bytes
    }

    /// The last so many bars that opened before a time, ascending, as the table of bars would give them; `nil` if the
    /// window does not reach far enough back to say, or is damaged.
    static func last(_ count: Int, before bound: Int64, in bytes: UnsafeRawBufferPointer) -> [Bar]? {
        // One that is not full could hold all bars there are, or be damaged; so few are read from their own rows as quickly.
        guard bytes.count == capacity * rowBytes else { return nil }
        func number(_ row: Int, _ column: Int) -> Int64 {
            Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: row * rowBytes + column * 8, as: Int64.self))
        }
        var end = capacity
        while end > 0, number(end - 1, 0) >= bound { end -= 1 }
        guard end >= count else { return nil }
        var bars: [Bar] = []
        bars.reserveCapacity(min(count, end))
        for row in (end - count)..<end {
            guard let source = source(number(row, 6)) else { return nil }
            func price(_ column: Int) -> Price { Price(FixedPoint(int64Units: number(row, column))) }
            bars.append(
                Bar(
                    openAt: Instant(microseconds: number(row, 0)), open: price(1), high: price(2), low: price(3),
                    close: price(4), volume: Quantity(FixedPoint(int64Units: number(row, 5))), source: source))
        }
        return bars
    }

    private static func code(_ source: BarSourceKind) -> Int64 {
        switch source {
        case .imported: 1
        case .generator: 2
        case .kis: 3
        case .ib: 4
        case .stream: 5
        case .resampled: 6
        }
    }

    private static func source(_ code: Int64) -> BarSourceKind? {
        switch code {
        case 1: .imported
        case 2: .generator
        case 3: .kis
        case 4: .ib
        case 5: .stream
        case 6: .resampled
        default: nil
        }
    }
}

extension StoreReader {
    /// The last bars before a time from the packed window; `nil` if there is none that can tell.
    func windowBars(_ symbol: Symbol, _ timeframe: Timeframe, count: Int, before bound: Instant) throws -> [Bar]? {
        guard count >= BarWindow.leastUseful, count <= BarWindow.capacity else { return nil }
        let statement = try db.cachedStatement(
            sql: "SELECT 1, bars FROM bar_windows WHERE symbol = ? AND timeframe_seconds = ?")
        let cursor = try Int64.fetchCursor(statement, arguments: [symbol.text, timeframe.seconds])
        guard try cursor.next() != nil else { return nil }
        // The bytes are the row's, and the row is the cursor's.
        return withExtendedLifetime(cursor) {
            let row = statement.sqliteStatement
            let start = sqlite3_column_blob(row, 1)
            let bytes = UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(row, 1)))
            return BarWindow.last(count, before: bound.microseconds, in: bytes)
        }
    }

    /// Where a packed window says something else than the bars, one sentence each.
    func windowFindings() throws -> [String] {
        let keys = try rows("SELECT symbol, timeframe_seconds FROM bar_windows", table: "bar_windows") { fields in
            (symbol: Symbol(try fields.text("symbol")), seconds: try fields.int("timeframe_seconds"))
        }
        let far = Instant(microseconds: .max)
        return try keys.compactMap { symbol, seconds in
            guard let timeframe = Timeframe(seconds: seconds) else {
                return "bar_windows has bars of \(seconds) seconds"
            }
            let packed = try windowBars(symbol, timeframe, count: BarWindow.capacity, before: far)
            let bars = try storedLastBars(symbol, timeframe, count: BarWindow.capacity, closedBefore: far)
            guard packed != bars, bars.count == BarWindow.capacity || packed != nil else { return nil }
            return "the packed window of \(symbol) \(timeframe) differs from its bars; "
                + "it is derived: delete its row in bar_windows"
        }
    }
}

extension StoreWriter {
    /// Packs the newest bars of a series again after a change, which has taken the old window away.
    ///
    /// - Parameter newest: the newest bars, if they are known to be that.
    func renewWindow(_ symbol: Symbol, _ timeframe: Timeframe, newest: [Bar]? = nil) throws {
        let bars =
            try newest
            ?? storedLastBars(
                symbol, timeframe, count: BarWindow.capacity, closedBefore: Instant(microseconds: .max))
        guard bars.count >= BarWindow.capacity, let bytes = BarWindow.packed(bars.suffix(BarWindow.capacity)) else {
            return
        }
        let statement = try db.cachedStatement(sql: "INSERT OR REPLACE INTO bar_windows VALUES (?, ?, ?)")
        statement.setUncheckedArguments([symbol.text, timeframe.seconds, nil])
        // GRDB's only blob is Foundation's, which no start of takt shall pay for. SQLite sees the bytes as long as they last.
        try bytes.withUnsafeBytes { buffer in
            let code = sqlite3_bind_blob(statement.sqliteStatement, 3, buffer.baseAddress, CInt(buffer.count), nil)
            guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
            defer { sqlite3_bind_null(statement.sqliteStatement, 3) }
            try statement.execute()
        }
    }
}
