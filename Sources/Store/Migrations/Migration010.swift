/// Orders for the opening and the closing auction, and those that are filled whole or not at all: three more times in force.
///
/// SQLite changes no check of a table, so both are written anew, column for column and in their order; the checks of times in
/// force are the only ones that differ from ``Migration001`` and ``Migration002``.
enum Migration010 {
    private static let states = """
        ('proposed', 'approved', 'rejected', 'submitting', 'in-doubt', 'acknowledged', 'working', 'partially-filled',
         'filled', 'cancelling', 'cancel-in-doubt', 'cancelled', 'expired', 'rejected-by-broker')
        """

    private static let terms = """
        side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
            order_type TEXT NOT NULL CHECK (order_type IN ('market', 'limit', 'stop', 'stop-limit')),
            limit_price TEXT CHECK ((limit_price IS NOT NULL) = (order_type IN ('limit', 'stop-limit'))),
            stop_price TEXT CHECK ((stop_price IS NOT NULL) = (order_type IN ('stop', 'stop-limit'))),
            quantity TEXT NOT NULL CHECK (quantity NOT GLOB '*[^0-9.]*' AND CAST(quantity AS REAL) > 0),
            time_in_force TEXT NOT NULL CHECK (time_in_force IN ('day', 'gtc', 'ioc', 'fok', 'at-open', 'at-close')),
            state TEXT NOT NULL CHECK (state IN \(states)),
        """

    static let auctions = """
        CREATE TABLE intents_new (
            intent_id TEXT NOT NULL PRIMARY KEY,
            profile TEXT NOT NULL,
            cycle_close_at INTEGER NOT NULL,
            symbol TEXT NOT NULL,
            leg INTEGER NOT NULL CHECK (leg >= 1),
            purpose TEXT NOT NULL CHECK (purpose IN
                ('entry', 'exit', 'stop-loss', 'take-profit', 'flatten', 'manual')),
            \(terms)
            broker TEXT NOT NULL,
            attempt INTEGER NOT NULL CHECK (attempt >= 1),
            reference_price TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            reasons TEXT NOT NULL CHECK (json_valid(reasons)),
            UNIQUE (profile, cycle_close_at, symbol, leg, purpose)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO intents_new SELECT * FROM intents;
        DROP TABLE intents;
        ALTER TABLE intents_new RENAME TO intents;
        CREATE INDEX intents_by_state ON intents (state);
        CREATE INDEX intents_by_creation ON intents (created_at);

        CREATE TABLE orders_new (
            client_order_id TEXT NOT NULL PRIMARY KEY,
            intent_id TEXT REFERENCES intents (intent_id),
            attempt INTEGER NOT NULL CHECK (attempt >= 1),
            origin TEXT NOT NULL CHECK (origin IN ('takt', 'external')),
            profile TEXT,
            broker TEXT NOT NULL,
            account TEXT NOT NULL,
            broker_order_id TEXT,
            symbol TEXT NOT NULL,
            \(terms)
            filled_quantity TEXT NOT NULL,
            average_fill_price TEXT,
            submitted_at INTEGER NOT NULL,
            acknowledged_at INTEGER,
            finished_at INTEGER,
            absence_proofs INTEGER NOT NULL CHECK (absence_proofs >= 0),
            last_absence_at INTEGER,
            reasons TEXT NOT NULL CHECK (json_valid(reasons)),
            filled_before TEXT NOT NULL DEFAULT '0',
            doubted_at INTEGER,
            cancel_requested_at INTEGER,
            CHECK ((origin = 'takt') = (intent_id IS NOT NULL))
        ) STRICT, WITHOUT ROWID;
        INSERT INTO orders_new SELECT * FROM orders;
        DROP TABLE orders;
        ALTER TABLE orders_new RENAME TO orders;
        CREATE UNIQUE INDEX orders_by_broker_id ON orders (broker, account, broker_order_id)
            WHERE broker_order_id IS NOT NULL;
        CREATE INDEX orders_by_intent ON orders (intent_id);
        CREATE INDEX orders_by_state ON orders (state);
        CREATE INDEX orders_by_time ON orders (submitted_at);
        """
}
