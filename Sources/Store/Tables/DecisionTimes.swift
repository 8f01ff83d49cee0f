public import Core
internal import GRDB
internal import GRDBSQLite

extension StoreReader {
    /// When the symbols of a profile were decided on, or else proposed, in the cycles whose bars close from the first time
    /// through the last one.
    ///
    /// A history asks for this of every symbol and bar. It is read from the indices alone: a decision's votes are kilobytes.
    ///
    /// - Parameter symbol: only this one; `nil` for all.
    /// - Returns: the times by the close of the cycle's bar, then by symbol.
    public func decisionTimes(
        _ profile: ProfileName, of symbol: Symbol? = nil, from first: Instant, through last: Instant
    ) throws -> [Instant: [Symbol: Instant]] {
        var times: [Instant: [Symbol: Instant]] = [:]
        // Decisions come first: of both in one cycle, theirs is the time that counts.
        for table in ["decisions", "proposals"] {
            let statement = try db.cachedStatement(sql: Self.decisionTimesQuery(table, ofOne: symbol != nil))
            let span: [Argument] = [profile.text, first.microseconds, last.microseconds]
            let arguments = StatementArguments(span + (symbol.map { [$0.text] } ?? []))
            // The cursor takes the first column; the others are read from where it stands.
            let cursor = try Int64.fetchCursor(statement, arguments: arguments)
            while let madeAt = try cursor.next() {
                let row = statement.sqliteStatement
                let close = Instant(microseconds: sqlite3_column_int64(row, 1))
                let text = UnsafeBufferPointer(
                    start: sqlite3_column_text(row, 2), count: Int(sqlite3_column_bytes(row, 2)))
                let found = Symbol(String(decoding: text, as: UTF8.self))
                if times[close]?[found] == nil { times[close, default: [:]][found] = Instant(microseconds: madeAt) }
            }
        }
        return times
    }

    static func decisionTimesQuery(_ table: String, ofOne: Bool) -> String {
        """
        SELECT created_at, cycle_close_at, symbol FROM \(table)
        WHERE profile = ? AND cycle_close_at BETWEEN ? AND ?\(ofOne ? " AND symbol = ?" : "")
        """
    }
}
