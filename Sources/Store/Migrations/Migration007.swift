/// What was proposed from outside (`takt propose`), beside what takt decided itself: one of each per symbol and cycle.
enum Migration007 {
    /// The columns of `decisions` but its key, which follows from three of them.
    static let proposals = """
        CREATE TABLE proposals (
            profile TEXT NOT NULL,
            cycle_close_at INTEGER NOT NULL,
            symbol TEXT NOT NULL,
            action TEXT NOT NULL CHECK (action IN ('hold', 'buy', 'sell')),
            confidence REAL NOT NULL,
            votes TEXT NOT NULL CHECK (json_valid(votes)),
            filters TEXT NOT NULL CHECK (json_valid(filters)),
            intent_id TEXT,
            input_digest TEXT NOT NULL CHECK (length(input_digest) = 64),
            created_at INTEGER NOT NULL,
            PRIMARY KEY (profile, cycle_close_at, symbol)
        ) STRICT, WITHOUT ROWID;
        """
}
