public import Core
internal import GRDB
internal import Synchronization

/// The state of takt: one SQLite file, shared by many short processes.
///
/// One connection per process. Calls are synchronous; long ones belong off the cooperative thread pool. A transaction
/// must not be opened inside another one.
public final class StateDatabase: Sendable {
    public enum Mode: Hashable, Sendable { case readWrite, readOnly }

    /// How long a write waits for another process's write before it gives up.
    static let busyTimeoutSeconds = 10.0

    public let path: String
    public let mode: Mode
    let queue: DatabaseQueue
    /// What `PRAGMA synchronous` was last set to on this connection.
    private let synchronous = Mutex(Synchronous.unset)

    private enum Synchronous { case unset, normal, full }

    /// Opens, creates or migrates the database.
    ///
    /// Opening one that is up to date writes nothing and reads little more than the file's header. Before a migration
    /// of a database that holds something, a copy is put beside it: `PATH.before-MIGRATION-STAMP.bak`.
    ///
    /// - Parameters:
    ///   - now: for the name of that copy.
    ///   - migrate: whether an old or missing database is brought up to date; a new one is created only in this case.
    ///     Ignored in read-only mode.
    ///   - creates: whether a missing database may be made at all: for most callers its absence means the wrong folder.
    public static func open(
        at path: String, now: Instant, mode: Mode = .readWrite, migrate: Bool = true, creates: Bool = true
    ) throws(StoreError) -> StateDatabase {
        do {
            switch mode {
            case .readOnly: return try existing(at: path, mode: mode)
            case .readWrite where FileSystem.size(of: path) ?? 0 > 0:
                do {
                    return try existing(at: path, mode: mode)
                } catch StoreError.needsMigration where migrate {
                    return try migrated(at: path, now: now)
                }
            case .readWrite:
                guard migrate, creates else { throw StoreError.missing(path: path) }
                return try migrated(at: path, now: now)
            }
        } catch {
            throw StoreError.closed(error, path: path)
        }
    }

    private static func existing(at path: String, mode: Mode) throws -> StateDatabase {
        guard FileSystem.size(of: path) ?? 0 > 0 else { throw StoreError.missing(path: path) }
        // Between finding the file and locking it lies an instant in which a restore could replace it; the connection would
        // then work in the old one. In the write-ahead mode SQLite's own lock is held from the first read on.
        let lock = try FileSystem.FolderLock(of: path, sharedWithin: .seconds(busyTimeoutSeconds))
        defer { lock.release() }
        let database = StateDatabase(path: path, mode: mode, queue: try connect(path, mode))
        let found = try database.schemaVersion()
        guard found <= Schema.version else {
            throw StoreError.newerDatabase(path: path, found: found, known: Schema.version)
        }
        guard found == Schema.version else {
            throw StoreError.needsMigration(path: path, found: found, known: Schema.version)
        }
        if mode == .readWrite { try database.useWriteAheadLog() }
        return database
    }

    private static func migrated(at path: String, now: Instant) throws -> StateDatabase {
        try FileSystem.prepareFile(path)
        // Two processes that meet an old database take turns; the second finds the work done.
        let lock = try FileSystem.FolderLock(of: path)
        defer { lock.release() }
        let database = StateDatabase(path: path, mode: .readWrite, queue: try connect(path, .readWrite))
        try database.migrate(now: now)
        return database
    }

    static func connect(
        _ path: String, _ mode: Mode, waitSeconds: Double = busyTimeoutSeconds
    ) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = mode == .readOnly
        configuration.busyMode = .timeout(waitSeconds)
        configuration.label = "takt.store"
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    init(path: String, mode: Mode, queue: DatabaseQueue) {
        self.path = path
        self.mode = mode
        self.queue = queue
    }

    /// Closes the connection. Also happens when the last reference goes.
    public func close() throws { try named { try queue.close() } }

    /// Reads a consistent picture of the state.
    public func read<Value>(_ body: (StoreReader) throws -> Value) throws -> Value {
        try named { try queue.read { try body(StoreReader($0)) } }
    }

    /// Runs one write transaction; an error undoes all of it.
    ///
    /// The write lock is taken at the beginning (BEGIN IMMEDIATE), so what the closure reads cannot change under it.
    ///
    /// - Parameter durable: whether the commit survives a loss of power, not only the death of the process. Order
    ///   intents, orders and fills need it; a bar can be fetched again.
    @discardableResult
    public func write<Value>(durable: Bool, _ body: (StoreWriter) throws -> Value) throws -> Value {
        try named {
            try queue.writeWithoutTransaction { db in
                try synchronise(db, durable ? .full : .normal)
                var result: Value?
                try db.inTransaction(.immediate) {
                    result = try body(StoreWriter(db))
                    return .commit
                }
                guard let result else { throw StoreError.failed(path: path, detail: "the transaction was not run") }
                return result
            }
        }
    }

    private func synchronise(_ db: Database, _ wanted: Synchronous) throws {
        guard synchronous.withLock({ $0 != wanted }) else { return }
        try db.execute(sql: "PRAGMA synchronous = \(wanted == .full ? "FULL" : "NORMAL")")
        synchronous.withLock { $0 = wanted }
    }

    func named<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch { throw StoreError.naming(error, path: path) }
    }
}

extension StateDatabase {
    /// The number in the file's header. A file that holds tables but not our mark belongs to somebody else.
    func schemaVersion() throws -> Int {
        try queue.inDatabase { db in
            let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            let mark = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
            if mark == Schema.applicationID { return version }
            // The migrator's own table comes before our mark: another process may be at work this instant.
            let sql = "SELECT count(*) FROM sqlite_master WHERE tbl_name <> 'grdb_migrations'"
            let isEmpty = try Int.fetchOne(db, sql: sql) == 0
            guard isEmpty, version == 0, mark == 0 else { throw StoreError.foreignDatabase(path: path) }
            return 0
        }
    }

    func useWriteAheadLog() throws {
        try queue.inDatabase { db in
            let journal = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL") ?? ""
            guard journal == "wal" else {
                throw StoreError.cannotOpen(
                    path: path, detail: "the file system allows no write-ahead log (\(journal))")
            }
        }
    }

    private func migrate(now: Instant) throws {
        let found = try schemaVersion()
        guard found <= Schema.version else {
            throw StoreError.newerDatabase(path: path, found: found, known: Schema.version)
        }
        try useWriteAheadLog()
        guard found < Schema.version else { return }
        let migrator = Schema.migrator
        if try queue.read(migrator.hasBeenSuperseded) {
            throw StoreError.newerDatabase(path: path, found: found, known: Schema.version)
        }
        if found > 0 { try backupBeforeMigration(from: found, now: now) }
        try migrator.migrate(queue)
    }

    /// A copy beside the database, named after the first migration that is pending.
    func backupBeforeMigration(from version: Int, now: Instant) throws {
        try backup(to: "\(path).before-\(Schema.steps[version].name)-\(now.fileStamp).bak")
    }
}

extension Instant {
    /// `20261120T153500Z`, for file names.
    var fileStamp: String {
        String(Instant(epochSeconds: epochSeconds).description.filter { $0 != "-" && $0 != ":" })
    }
}
