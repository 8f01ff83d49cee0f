/// New prices for an order at work are an operator's order like its cancellation.
enum Migration009 {
    /// - `order_type`, `limit_price`, `stop_price`: the new terms, of a revision and of nothing else.
    /// - `sent_at`: when a revision left at the earliest: it is written ahead, and nothing that has one is sent again.
    static let revisions = """
        CREATE TABLE operator_orders_new (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL CHECK (kind IN ('flatten', 'cancel', 'revise')),
            scope TEXT NOT NULL,
            reason TEXT NOT NULL,
            created_by TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('pending', 'done')),
            done_at INTEGER,
            order_type TEXT,
            limit_price TEXT,
            stop_price TEXT,
            sent_at INTEGER,
            CHECK ((state = 'pending') = (done_at IS NULL)),
            CHECK ((kind = 'revise') = (order_type IS NOT NULL)),
            CHECK ((kind = 'revise') = (sent_at IS NOT NULL)),
            CHECK (kind = 'revise' OR (limit_price IS NULL AND stop_price IS NULL))
        ) STRICT;
        INSERT INTO operator_orders_new (id, kind, scope, reason, created_by, created_at, state, done_at)
            SELECT id, kind, scope, reason, created_by, created_at, state, done_at FROM operator_orders;
        DROP TABLE operator_orders;
        ALTER TABLE operator_orders_new RENAME TO operator_orders;
        """
}
