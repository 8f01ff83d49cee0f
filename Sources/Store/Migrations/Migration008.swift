/// What a consultant was asked and said, what it cost, and when it is due again; and when decisions were made, at hand for
/// whoever looks back over many.
enum Migration008 {
    /// One row a request that was sent, written before it is. A row without `finished_at` counts in the budgets with
    /// what it can cost at most: nobody knows whether it was answered.
    static let consultations = """
        CREATE TABLE consultations (
            question TEXT NOT NULL CHECK (length(question) = 64),
            attempt INTEGER NOT NULL CHECK (attempt > 0),
            profile TEXT NOT NULL,
            symbol TEXT NOT NULL,
            bar_close_at INTEGER NOT NULL,
            model TEXT NOT NULL,
            request_digest TEXT NOT NULL CHECK (length(request_digest) = 64),
            sent_at INTEGER NOT NULL,
            finished_at INTEGER,
            status INTEGER,
            outcome TEXT,
            advice TEXT CHECK (advice IS NULL OR json_valid(advice)),
            answer_digest TEXT CHECK (length(answer_digest) = 64),
            service_id TEXT,
            usage TEXT CHECK (usage IS NULL OR json_valid(usage)),
            cost_usd TEXT NOT NULL,
            PRIMARY KEY (question, attempt)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX consultations_by_time ON consultations (sent_at);
        CREATE INDEX consultations_by_bar ON consultations (symbol, bar_close_at);
        CREATE INDEX consultations_by_cycle ON consultations (profile, bar_close_at);

        CREATE TABLE consultation_states (
            profile TEXT NOT NULL,
            symbol TEXT NOT NULL,
            state TEXT NOT NULL CHECK (json_valid(state)),
            PRIMARY KEY (profile, symbol)
        ) STRICT, WITHOUT ROWID;
        """

    /// Beside the keys, because the rows themselves hold the votes, and a history looks at thousands of times.
    static let decisionTimes = """
        CREATE INDEX decisions_by_cycle ON decisions (profile, cycle_close_at, symbol, created_at);
        CREATE INDEX proposals_by_cycle ON proposals (profile, cycle_close_at, symbol, created_at);
        """
}
