internal import GRDB

extension StoreReader {
    /// The last number given out; 0 before the first.
    public func currentSequence() throws -> Int {
        try scalar("SELECT value FROM counters WHERE name = 'sequence'") ?? 0
    }

    /// A named value that belongs to the database as a whole.
    public func meta(_ key: String) throws -> String? {
        try scalar("SELECT value FROM meta WHERE key = ?", [key])
    }
}

extension StoreWriter {
    /// The next number of the one counter that orders everything that arrives: bars, fills, ledger events.
    public func nextSequence() throws -> Int {
        let sql = """
            INSERT INTO counters (name, value)
            VALUES ('sequence', 1)
            ON CONFLICT (name) DO UPDATE SET value = value + 1
            RETURNING value
            """
        guard let value: Int = try scalar(sql) else { throw StoreError.notFound(what: "the counter 'sequence'") }
        return value
    }

    public func setMeta(_ key: String, _ value: String) throws {
        try run(
            """
            INSERT INTO meta (key, value)
            VALUES (?, ?)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value <> excluded.value
            """, [key, value])
    }
}
