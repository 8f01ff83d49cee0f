/// What bars mean before and after a split or a dividend.
enum Migration003 {
    /// `value` is exact text: `10:1` of a split, cash per share of a dividend; a `no-split` says that a person looked at
    /// the jump of that day and found it real. An action in force has no `replaced_seq`; what was corrected or withdrawn
    /// stays as history, because older decisions were made with it.
    static let actions = """
        CREATE TABLE actions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            symbol TEXT NOT NULL,
            ex_date TEXT NOT NULL CHECK (ex_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
            kind TEXT NOT NULL CHECK (kind IN ('split', 'dividend', 'no-split')),
            value TEXT CHECK ((value IS NULL) = (kind = 'no-split')),
            currency TEXT CHECK ((currency IS NOT NULL) = (kind = 'dividend') AND length(currency) = 3),
            source TEXT NOT NULL,
            recorded_at INTEGER NOT NULL,
            recorded_seq INTEGER NOT NULL,
            replaced_at INTEGER,
            replaced_seq INTEGER CHECK ((replaced_seq IS NULL) = (replaced_at IS NULL)),
            replaced_by TEXT CHECK ((replaced_by IS NULL) = (replaced_at IS NULL))
        ) STRICT;
        CREATE UNIQUE INDEX actions_in_force ON actions (symbol, ex_date, kind, coalesce(value, ''))
            WHERE replaced_seq IS NULL;
        CREATE UNIQUE INDEX splits_in_force ON actions (symbol, ex_date)
            WHERE replaced_seq IS NULL AND kind <> 'dividend';
        """
}
