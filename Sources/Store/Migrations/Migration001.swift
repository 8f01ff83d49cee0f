/// The first schema.
///
/// Amounts are TEXT in plain decimal notation, bars INTEGER in units of 10^-8, times INTEGER in microseconds UTC
/// (columns ending in `_at`), documents JSON in TEXT.
enum Migration001 {
    /// Bars and what is known about their soundness; counters and rates.
    static let market = """
        CREATE TABLE counters (
            name TEXT NOT NULL PRIMARY KEY,
            value INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE meta (
            key TEXT NOT NULL PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE bars (
            symbol TEXT NOT NULL,
            timeframe_seconds INTEGER NOT NULL CHECK (timeframe_seconds > 0),
            open_at INTEGER NOT NULL,
            open INTEGER NOT NULL,
            high INTEGER NOT NULL,
            low INTEGER NOT NULL,
            close INTEGER NOT NULL,
            volume INTEGER NOT NULL CHECK (volume >= 0),
            source TEXT NOT NULL CHECK (source IN ('imported', 'generator', 'kis', 'ib', 'stream', 'resampled')),
            revision INTEGER NOT NULL CHECK (revision >= 1),
            recorded_seq INTEGER NOT NULL,
            PRIMARY KEY (symbol, timeframe_seconds, open_at)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE bar_revisions (
            symbol TEXT NOT NULL,
            timeframe_seconds INTEGER NOT NULL,
            open_at INTEGER NOT NULL,
            open INTEGER NOT NULL,
            high INTEGER NOT NULL,
            low INTEGER NOT NULL,
            close INTEGER NOT NULL,
            volume INTEGER NOT NULL,
            source TEXT NOT NULL,
            revision INTEGER NOT NULL,
            recorded_seq INTEGER NOT NULL,
            replaced_seq INTEGER NOT NULL CHECK (replaced_seq >= recorded_seq),
            PRIMARY KEY (symbol, timeframe_seconds, open_at, revision)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE bar_rejections (
            id INTEGER PRIMARY KEY,
            symbol TEXT NOT NULL,
            timeframe_seconds INTEGER NOT NULL,
            source TEXT NOT NULL,
            line INTEGER,
            open_at_text TEXT NOT NULL,
            code TEXT NOT NULL,
            message TEXT NOT NULL,
            rejected_at INTEGER NOT NULL,
            UNIQUE (symbol, timeframe_seconds, source, open_at_text, code, message)
        ) STRICT;

        CREATE TABLE bar_gaps (
            symbol TEXT NOT NULL,
            timeframe_seconds INTEGER NOT NULL,
            from_at INTEGER NOT NULL,
            until_at INTEGER NOT NULL CHECK (until_at > from_at),
            missing INTEGER NOT NULL CHECK (missing > 0),
            state TEXT NOT NULL CHECK (state IN ('open', 'filled', 'accepted')),
            found_at INTEGER NOT NULL,
            closed_at INTEGER,
            PRIMARY KEY (symbol, timeframe_seconds, from_at, until_at),
            CHECK ((state = 'open') = (closed_at IS NULL))
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE fx_rates (
            currency TEXT NOT NULL CHECK (length(currency) = 3),
            base TEXT NOT NULL CHECK (length(base) = 3),
            at INTEGER NOT NULL,
            rate TEXT NOT NULL CHECK (CAST(rate AS REAL) > 0),
            source TEXT NOT NULL,
            PRIMARY KEY (currency, base, at)
        ) STRICT, WITHOUT ROWID;

        \(appendOnly("bar_revisions"))
        """

    /// What the steps did: journal, leases, evidence, decisions, verdicts, audit.
    static let cycles = """
        CREATE TABLE journal (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            profile TEXT NOT NULL,
            cycle_close_at INTEGER NOT NULL,
            step TEXT NOT NULL,
            attempt INTEGER NOT NULL CHECK (attempt >= 1),
            pid INTEGER NOT NULL,
            host TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            finished_at INTEGER,
            status TEXT NOT NULL CHECK (status IN
                ('running', 'succeeded', 'skipped', 'partial', 'failed', 'busy', 'interrupted')),
            reason TEXT,
            exit_code INTEGER,
            input_digest TEXT,
            output_digest TEXT,
            document TEXT,
            UNIQUE (profile, cycle_close_at, step, attempt),
            CHECK ((status = 'running') = (finished_at IS NULL))
        ) STRICT;
        CREATE INDEX journal_by_cycle ON journal (cycle_close_at, profile);

        CREATE TABLE leases (
            profile TEXT NOT NULL,
            step TEXT NOT NULL,
            cycle_close_at INTEGER NOT NULL,
            pid INTEGER NOT NULL,
            host TEXT NOT NULL,
            acquired_at INTEGER NOT NULL,
            PRIMARY KEY (profile, step)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE evidence (
            digest TEXT NOT NULL PRIMARY KEY CHECK (length(digest) = 64),
            kind TEXT NOT NULL,
            body TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE decisions (
            id TEXT NOT NULL PRIMARY KEY,
            profile TEXT NOT NULL,
            cycle_close_at INTEGER NOT NULL,
            symbol TEXT NOT NULL,
            action TEXT NOT NULL CHECK (action IN ('hold', 'buy', 'sell')),
            confidence REAL NOT NULL,
            votes TEXT NOT NULL CHECK (json_valid(votes)),
            filters TEXT NOT NULL CHECK (json_valid(filters)),
            intent_id TEXT,
            input_digest TEXT,
            created_at INTEGER NOT NULL,
            UNIQUE (profile, cycle_close_at, symbol)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE risk_verdicts (
            intent_id TEXT NOT NULL PRIMARY KEY REFERENCES intents (intent_id),
            profile TEXT NOT NULL,
            cycle_close_at INTEGER NOT NULL,
            verdict TEXT NOT NULL CHECK (verdict IN ('approved', 'rejected')),
            reasons TEXT NOT NULL CHECK (json_valid(reasons)),
            numbers TEXT NOT NULL CHECK (json_valid(numbers)),
            decided_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY CHECK (seq >= 1),
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            payload TEXT NOT NULL CHECK (json_valid(payload)),
            previous_hash TEXT NOT NULL CHECK (length(previous_hash) = 64),
            hash TEXT NOT NULL CHECK (length(hash) = 64)
        ) STRICT;
        CREATE INDEX audit_by_subject ON audit (subject);

        \(appendOnly("evidence"))
        \(appendOnly("audit"))
        """
}
