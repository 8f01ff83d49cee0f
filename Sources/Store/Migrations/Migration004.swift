/// What comes into an account or leaves it without a trade, entered by a person who has explained a break.
enum Migration004 {
    /// A CHECK of SQLite cannot be changed: the table is made anew with two more kinds.
    static let transfersAndAdjustments = """
        CREATE TABLE ledger_events_004 (
            arrival_seq INTEGER PRIMARY KEY,
            broker TEXT NOT NULL,
            account TEXT NOT NULL,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN
                ('deposit', 'opening-position', 'dividend', 'split', 'conversion', 'transfer', 'adjustment')),
            payload TEXT NOT NULL CHECK (json_valid(payload)),
            external_id TEXT NOT NULL,
            UNIQUE (broker, account, external_id)
        ) STRICT;
        INSERT INTO ledger_events_004 (arrival_seq, broker, account, at, kind, payload, external_id)
            SELECT arrival_seq, broker, account, at, kind, payload, external_id FROM ledger_events;
        DROP TABLE ledger_events;
        ALTER TABLE ledger_events_004 RENAME TO ledger_events;
        """
}
