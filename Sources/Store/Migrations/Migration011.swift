/// More order types, stops that follow the market among them, orders good till a date, and how an order is to be worked
/// beside (`handling`, the JSON of `OrderHandling`; NULL for nothing).
///
/// SQLite changes no check of a table, so both are written anew as in ``Migration010``, with these columns added. The new prices
/// of a revision get the same columns.
enum Migration011 {
    private static let states = """
        ('proposed', 'approved', 'rejected', 'submitting', 'in-doubt', 'acknowledged', 'working', 'partially-filled',
         'filled', 'cancelling', 'cancel-in-doubt', 'cancelled', 'expired', 'rejected-by-broker')
        """

    private static let terms = """
        side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
            order_type TEXT NOT NULL CHECK (order_type IN
                ('market', 'limit', 'stop', 'stop-limit', 'market-to-limit', 'conditional-limit', 'best-own-side',
                 'trailing-stop', 'trailing-stop-limit')),
            limit_price TEXT
                CHECK ((limit_price IS NOT NULL) = (order_type IN ('limit', 'stop-limit', 'conditional-limit'))),
            stop_price TEXT CHECK ((stop_price IS NOT NULL) = (order_type IN ('stop', 'stop-limit', 'trailing-stop-limit'))),
            trail_amount TEXT,
            trail_share TEXT CHECK ((trail_amount IS NOT NULL) + (trail_share IS NOT NULL)
                = (order_type IN ('trailing-stop', 'trailing-stop-limit'))),
            limit_offset TEXT CHECK ((limit_offset IS NOT NULL) = (order_type = 'trailing-stop-limit')),
            quantity TEXT NOT NULL CHECK (quantity NOT GLOB '*[^0-9.]*' AND CAST(quantity AS REAL) > 0),
            time_in_force TEXT NOT NULL CHECK (time_in_force IN
                ('day', 'gtc', 'ioc', 'fok', 'at-open', 'at-close', 'gtd')),
            handling TEXT CHECK (handling IS NULL OR json_valid(handling)),
            state TEXT NOT NULL CHECK (state IN \(states)),
        """

    static let orderTypes = """
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
        INSERT INTO intents_new
            (intent_id, profile, cycle_close_at, symbol, leg, purpose, side, order_type, limit_price, stop_price, quantity,
             time_in_force, state, broker, attempt, reference_price, created_at, expires_at, reasons)
            SELECT intent_id, profile, cycle_close_at, symbol, leg, purpose, side, order_type, limit_price, stop_price, quantity,
             time_in_force, state, broker, attempt, reference_price, created_at, expires_at, reasons FROM intents;
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
        INSERT INTO orders_new
            (client_order_id, intent_id, attempt, origin, profile, broker, account, broker_order_id, symbol, side, order_type,
             limit_price, stop_price, quantity, time_in_force, state, filled_quantity, average_fill_price, submitted_at,
             acknowledged_at, finished_at, absence_proofs, last_absence_at, reasons, filled_before, doubted_at,
             cancel_requested_at)
            SELECT client_order_id, intent_id, attempt, origin, profile, broker, account, broker_order_id, symbol, side, order_type,
             limit_price, stop_price, quantity, time_in_force, state, filled_quantity, average_fill_price, submitted_at,
             acknowledged_at, finished_at, absence_proofs, last_absence_at, reasons, filled_before, doubted_at,
             cancel_requested_at FROM orders;
        DROP TABLE orders;
        ALTER TABLE orders_new RENAME TO orders;
        CREATE UNIQUE INDEX orders_by_broker_id ON orders (broker, account, broker_order_id)
            WHERE broker_order_id IS NOT NULL;
        CREATE INDEX orders_by_intent ON orders (intent_id);
        CREATE INDEX orders_by_state ON orders (state);
        CREATE INDEX orders_by_time ON orders (submitted_at);

        ALTER TABLE operator_orders ADD COLUMN trail_amount TEXT;
        ALTER TABLE operator_orders ADD COLUMN trail_share TEXT;
        ALTER TABLE operator_orders ADD COLUMN limit_offset TEXT;
        """
}
