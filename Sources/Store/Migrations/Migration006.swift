/// What a position that was there when an account was met turned out to be worth, once there was a price.
enum Migration006 {
    /// A CHECK of SQLite cannot be changed: the table is made anew with one more kind.
    static let valuations = """
        CREATE TABLE ledger_events_006 (
            arrival_seq INTEGER PRIMARY KEY,
            broker TEXT NOT NULL,
            account TEXT NOT NULL,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN
                ('deposit', 'opening-position', 'dividend', 'split', 'conversion', 'transfer', 'adjustment', 'valuation')),
            payload TEXT NOT NULL CHECK (json_valid(payload)),
            external_id TEXT NOT NULL,
            UNIQUE (broker, account, external_id)
        ) STRICT;
        INSERT INTO ledger_events_006 (arrival_seq, broker, account, at, kind, payload, external_id)
            SELECT arrival_seq, broker, account, at, kind, payload, external_id FROM ledger_events;
        DROP TABLE ledger_events;
        ALTER TABLE ledger_events_006 RENAME TO ledger_events;
        """
}
