extension Migration001 {
    private static let states = """
        ('proposed', 'approved', 'rejected', 'submitting', 'in-doubt', 'acknowledged', 'working', 'partially-filled',
         'filled', 'cancelling', 'cancel-in-doubt', 'cancelled', 'expired', 'rejected-by-broker')
        """

    private static func positive(_ column: String) -> String {
        "\(column) TEXT NOT NULL CHECK (\(column) NOT GLOB '*[^0-9.]*' AND CAST(\(column) AS REAL) > 0)"
    }

    /// The columns that intents and orders share.
    private static let terms = """
        side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
            order_type TEXT NOT NULL CHECK (order_type IN ('market', 'limit', 'stop', 'stop-limit')),
            limit_price TEXT CHECK ((limit_price IS NOT NULL) = (order_type IN ('limit', 'stop-limit'))),
            stop_price TEXT CHECK ((stop_price IS NOT NULL) = (order_type IN ('stop', 'stop-limit'))),
            \(positive("quantity")),
            time_in_force TEXT NOT NULL CHECK (time_in_force IN ('day', 'gtc', 'ioc')),
            state TEXT NOT NULL CHECK (state IN \(states)),
        """

    /// Intents, orders, fills and the books.
    static let trading = """
        CREATE TABLE intents (
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
        CREATE INDEX intents_by_state ON intents (state);
        CREATE INDEX intents_by_creation ON intents (created_at);

        CREATE TABLE orders (
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
            CHECK ((origin = 'takt') = (intent_id IS NOT NULL))
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX orders_by_broker_id ON orders (broker, account, broker_order_id)
            WHERE broker_order_id IS NOT NULL;
        CREATE INDEX orders_by_intent ON orders (intent_id);
        CREATE INDEX orders_by_state ON orders (state);
        CREATE INDEX orders_by_time ON orders (submitted_at);

        CREATE TABLE order_messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            client_order_id TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            direction TEXT NOT NULL CHECK (direction IN
                ('request', 'answer', 'notice', 'cancel-request', 'cancel-answer')),
            at INTEGER NOT NULL,
            body TEXT NOT NULL CHECK (json_valid(body)),
            digest TEXT NOT NULL CHECK (length(digest) = 64)
        ) STRICT;
        CREATE INDEX order_messages_by_order ON order_messages (client_order_id);

        CREATE TABLE fills (
            broker TEXT NOT NULL,
            account TEXT NOT NULL,
            execution_id TEXT NOT NULL,
            broker_order_id TEXT NOT NULL,
            client_order_id TEXT NOT NULL,
            intent_id TEXT,
            symbol TEXT NOT NULL,
            side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
            \(positive("quantity")),
            price TEXT NOT NULL,
            fee TEXT NOT NULL,
            tax TEXT NOT NULL,
            currency TEXT NOT NULL CHECK (length(currency) = 3),
            \(positive("multiplier")),
            filled_at INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL,
            is_busted INTEGER NOT NULL CHECK (is_busted IN (0, 1)),
            arrival_seq INTEGER NOT NULL UNIQUE,
            PRIMARY KEY (broker, account, execution_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX fills_by_time ON fills (filled_at);
        CREATE INDEX fills_by_order ON fills (client_order_id);

        CREATE TABLE ledger_events (
            arrival_seq INTEGER PRIMARY KEY,
            broker TEXT NOT NULL,
            account TEXT NOT NULL,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN
                ('deposit', 'opening-position', 'dividend', 'split', 'conversion')),
            payload TEXT NOT NULL CHECK (json_valid(payload)),
            external_id TEXT NOT NULL,
            UNIQUE (broker, account, external_id)
        ) STRICT;

        CREATE TABLE equity_marks (
            broker_scope TEXT NOT NULL,
            profile TEXT NOT NULL,
            cycle_close_at INTEGER NOT NULL,
            at INTEGER NOT NULL,
            currency TEXT NOT NULL CHECK (length(currency) = 3),
            equity TEXT NOT NULL,
            cash TEXT NOT NULL,
            gross_exposure TEXT NOT NULL,
            net_exposure TEXT NOT NULL,
            high_water_mark TEXT NOT NULL,
            realised TEXT NOT NULL,
            unrealised TEXT NOT NULL,
            PRIMARY KEY (broker_scope, profile, cycle_close_at)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX equity_marks_by_time ON equity_marks (at);

        \(appendOnly("order_messages"))
        """

    /// What a person looks at: breaks, halts, operator orders, alerts.
    static let watch = """
        CREATE TABLE breaks (
            break_id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            broker TEXT NOT NULL,
            account TEXT NOT NULL,
            subject TEXT NOT NULL,
            symbol TEXT,
            ours TEXT NOT NULL,
            theirs TEXT NOT NULL,
            first_seen_at INTEGER NOT NULL,
            last_seen_at INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
            closed_at INTEGER,
            CHECK ((state = 'open') = (closed_at IS NULL))
        ) STRICT;
        CREATE UNIQUE INDEX open_breaks ON breaks (kind, broker, account, subject) WHERE state = 'open';

        CREATE TABLE halts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            scope TEXT NOT NULL CHECK
                (scope = 'all' OR scope GLOB 'symbol:?*' OR scope GLOB 'profile:?*' OR scope GLOB 'broker:?*'),
            code TEXT NOT NULL,
            message TEXT NOT NULL,
            set_at INTEGER NOT NULL,
            set_by TEXT NOT NULL,
            lifted_at INTEGER,
            lifted_by TEXT,
            lift_reason TEXT,
            CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
        ) STRICT;
        CREATE UNIQUE INDEX active_halts ON halts (scope, code) WHERE lifted_at IS NULL;

        CREATE TABLE operator_orders (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL CHECK (kind IN ('flatten', 'cancel')),
            scope TEXT NOT NULL,
            reason TEXT NOT NULL,
            created_by TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('pending', 'done')),
            done_at INTEGER,
            CHECK ((state = 'pending') = (done_at IS NULL))
        ) STRICT;

        CREATE TABLE outbox (
            alert_id INTEGER PRIMARY KEY AUTOINCREMENT,
            dedupe_key TEXT NOT NULL,
            severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error', 'critical')),
            kind TEXT NOT NULL,
            title TEXT NOT NULL,
            body TEXT NOT NULL,
            fields TEXT NOT NULL CHECK (json_valid(fields)),
            created_at INTEGER NOT NULL,
            dedupe_until_at INTEGER NOT NULL,
            suppressed_count INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX outbox_by_key ON outbox (dedupe_key, alert_id);
        CREATE INDEX outbox_by_time ON outbox (created_at);

        CREATE TABLE deliveries (
            alert_id INTEGER NOT NULL REFERENCES outbox (alert_id) ON DELETE CASCADE,
            channel TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'dead')),
            attempts INTEGER NOT NULL DEFAULT 0,
            next_attempt_at INTEGER NOT NULL,
            last_error TEXT,
            sent_at INTEGER,
            PRIMARY KEY (alert_id, channel),
            CHECK ((state = 'sent') = (sent_at IS NOT NULL))
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX pending_deliveries ON deliveries (next_attempt_at) WHERE state = 'pending';
        """
}
