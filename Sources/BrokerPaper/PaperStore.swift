internal import Core
internal import GRDB
internal import Glibc

/// The database file of the exchange: opening it, and transactions on it.
///
/// Several processes share the file. Every change happens inside one immediate transaction that first reads the state,
/// so nobody decides on what another process has already changed.
struct PaperStore: Sendable {
    static let version = 3
    let path: String
    private let pool: DatabasePool

    init(path: String, isDurable: Bool) throws(PaperError) {
        self.path = path
        var options = Configuration()
        options.busyMode = .timeout(10)
        options.label = "paper"
        options.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = \(isDurable ? "FULL" : "NORMAL")")
        }
        // Its side files take the file's own mode; others have no business in an account's books.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
        do {
            pool = try DatabasePool(path: path, configuration: options)
            let found = try pool.read { db in try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 }
            guard found <= Self.version else { throw PaperError.newerDatabase(path: path) }
            if found < Self.version { try pool.write { db in try Self.bringUp(db) } }
        } catch {
            throw Self.wrap(error, path: path)
        }
    }

    /// Runs one transaction to its end. A cancelled task does not interrupt it: half-known outcomes help nobody.
    func write<Value: Sendable>(
        _ change: @escaping @Sendable (Database) throws -> Value
    ) async throws(PaperError) -> Value {
        do {
            return try await withCheckedThrowingContinuation { continuation in
                pool.asyncWrite(change) { _, result in continuation.resume(with: result) }
            }
        } catch {
            throw Self.wrap(error, path: path)
        }
    }

    func read<Value: Sendable>(
        _ query: @escaping @Sendable (Database) throws -> Value
    ) async throws(PaperError) -> Value {
        do {
            return try await pool.read(query)
        } catch {
            throw Self.wrap(error, path: path)
        }
    }

    /// The same for the opening of the books, where nothing runs concurrently yet.
    func writeNow<Value>(_ change: (Database) throws -> Value) throws(PaperError) -> Value {
        do {
            return try pool.write(change)
        } catch {
            throw Self.wrap(error, path: path)
        }
    }

    private static func wrap(_ error: any Error, path: String) -> PaperError {
        switch error {
        case let error as PaperError: error
        case let error as ArithmeticError: .arithmetic(error)
        case let error as PaperRows.Damage: .damaged(path: path, detail: error.detail)
        case let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode):
            .damaged(path: path, detail: error.message ?? error.resultCode.description)
        default: .database(path: path, detail: "\(error)")
        }
    }

    // MARK: Tables

    /// Another process may have brought them there since: the version is read again inside the transaction.
    private static func bringUp(_ db: Database) throws {
        switch try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 {
        case 0: try db.execute(sql: tables)
        case 1: try db.execute(sql: second)
        case 2: try db.execute(sql: third)
        default: return
        }
        try db.execute(sql: "PRAGMA user_version = \(version)")
    }

    /// Amounts are decimal text, times microseconds since 1970 in UTC.
    private static let tables = """
        CREATE TABLE account (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            account TEXT NOT NULL,
            opened_at INTEGER NOT NULL,
            booked_through_at INTEGER NOT NULL,
            next_order INTEGER NOT NULL,
            next_execution INTEGER NOT NULL,
            next_activity INTEGER NOT NULL,
            submissions INTEGER NOT NULL,
            revision INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE cash (
            currency TEXT PRIMARY KEY,
            amount TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE positions (
            symbol TEXT PRIMARY KEY,
            quantity TEXT NOT NULL,
            average_cost TEXT NOT NULL,
            currency TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        \(orders)
        \(executions)
        CREATE TABLE activities (
            number INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('deposit', 'dividend', 'split')),
            symbol TEXT,
            currency TEXT,
            first TEXT NOT NULL,
            second TEXT,
            third TEXT
        ) STRICT;
        CREATE TABLE applied_actions (
            id TEXT PRIMARY KEY
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE cursors (
            symbol TEXT PRIMARY KEY,
            closed_through_at INTEGER,
            bar_at INTEGER,
            open_used TEXT NOT NULL,
            used TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    private static let orders = """
        CREATE TABLE orders (
            number INTEGER PRIMARY KEY,
            client_order_id TEXT,
            symbol TEXT NOT NULL,
            side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
            type TEXT NOT NULL CHECK (type IN
                ('market', 'limit', 'stop', 'stop-limit', 'trailing-stop', 'trailing-stop-limit')),
            limit_price TEXT,
            stop_price TEXT,
            trail_amount TEXT,
            trail_share TEXT,
            limit_offset TEXT,
            trailed_stop TEXT,
            quantity TEXT NOT NULL,
            filled_quantity TEXT NOT NULL,
            time_in_force TEXT NOT NULL CHECK (time_in_force IN ('day', 'gtc', 'gtd', 'ioc')),
            status TEXT NOT NULL,
            placed_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            expires_at INTEGER,
            finished_at INTEGER,
            is_triggered INTEGER NOT NULL CHECK (is_triggered IN (0, 1)),
            reserve_price TEXT NOT NULL,
            fee_day INTEGER,
            fee_quantity TEXT NOT NULL,
            fee_value TEXT NOT NULL,
            fee_charged TEXT NOT NULL,
            message TEXT,
            entry_number INTEGER,
            works_from INTEGER
        ) STRICT;
        CREATE INDEX orders_open ON orders (symbol) WHERE status IN ('working', 'partially-filled');
        CREATE INDEX orders_updated ON orders (updated_at);
        """

    private static let executions = """
        CREATE TABLE executions (
            number INTEGER PRIMARY KEY,
            order_number INTEGER NOT NULL REFERENCES orders (number),
            client_order_id TEXT,
            symbol TEXT NOT NULL,
            side TEXT NOT NULL,
            quantity TEXT NOT NULL,
            price TEXT NOT NULL,
            fee TEXT NOT NULL,
            tax TEXT NOT NULL,
            currency TEXT NOT NULL,
            filled_at INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX executions_recorded ON executions (recorded_at);
        """

    /// Version 2 has stops that follow the market and orders good till a date.
    private static let second = """
        ALTER TABLE orders RENAME TO orders_1;
        ALTER TABLE executions RENAME TO executions_1;
        DROP INDEX orders_open;
        DROP INDEX orders_updated;
        DROP INDEX executions_recorded;
        \(orders)
        \(executions)
        INSERT INTO orders
            (number, client_order_id, symbol, side, type, limit_price, stop_price, quantity, filled_quantity,
             time_in_force, status, placed_at, updated_at, expires_at, finished_at, is_triggered, reserve_price, fee_day,
             fee_quantity, fee_value, fee_charged, message, works_from)
            SELECT number, client_order_id, symbol, side, type, limit_price, stop_price, quantity, filled_quantity,
             time_in_force, status, placed_at, updated_at, expires_at, finished_at, is_triggered, reserve_price, fee_day,
             fee_quantity, fee_value, fee_charged, message, placed_at FROM orders_1;
        INSERT INTO executions SELECT * FROM executions_1;
        DROP TABLE executions_1;
        DROP TABLE orders_1;
        """

    /// Version 3 has brackets.
    private static let third = """
        ALTER TABLE orders ADD COLUMN entry_number INTEGER;
        ALTER TABLE orders ADD COLUMN works_from INTEGER;
        UPDATE orders SET works_from = placed_at;
        """
}
