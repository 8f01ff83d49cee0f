/// What can go wrong with the state database. Every message says what to do next.
public enum StoreError: Error, Hashable, Sendable {
    /// There is no database file yet.
    case missing(path: String)
    case cannotOpen(path: String, detail: String)
    /// The file is an SQLite database of another program.
    case foreignDatabase(path: String)
    /// The schema is newer than this binary knows.
    case newerDatabase(path: String, found: Int, known: Int)
    /// The schema is older than this binary needs, and the caller did not ask for a migration.
    case needsMigration(path: String, found: Int, known: Int)
    /// Another process held the write lock for the whole waiting time.
    case busy(path: String)
    case diskFull(path: String)
    case readOnly(path: String)
    /// SQLite finds the file damaged.
    case corrupt(path: String, detail: String)
    /// A row holds what no code of ours writes.
    case damagedRow(table: String, detail: String)
    /// Something moved on between reading and writing: nothing was changed.
    case staleState(what: String, expected: String, found: String)
    case notFound(what: String)
    /// The broker reported a known execution with other numbers: the first report stays booked.
    case conflictingFill(id: String, booked: String, reported: String)
    /// The same key was stored before with other content: the first stays.
    case conflictingContent(what: String, stored: String, given: String)
    /// The value does not fit its column.
    case valueTooLarge(what: String)
    /// A rule of the schema refused the row.
    case ruleViolated(detail: String)
    case backupFailed(path: String, detail: String)
    case restoreRefused(path: String, detail: String)
    /// Another process has the database open, so its file cannot be replaced.
    case inUse(path: String)
    /// Any other answer of SQLite.
    case failed(path: String, detail: String)
}

extension StoreError: CustomStringConvertible {
    /// What happened, to what, how things stand, what to do.
    public var description: String {
        switch self {
        case .missing(let path):
            "there is no state database at \(path); run `takt init`, or name another file with --db"
        case .cannotOpen(let path, let detail):
            "the state database \(path) cannot be opened: \(detail); nothing was changed; check the path and its rights"
        case .foreignDatabase(let path):
            "\(path) is a database of another program; nothing was changed; name takt's own file with --db"
        case .newerDatabase(let path, let found, let known):
            "\(path) was written by a newer takt (schema \(found), this binary knows \(known)); nothing was changed; "
                + "install the newer takt, or restore an older backup with `takt db restore`"
        case .needsMigration(let path, let found, let known):
            "\(path) has schema \(found), this takt needs \(known); nothing was changed; run `takt db migrate`"
        case .busy(let path):
            "\(path) was locked by another process for 10 seconds; this write did not happen; rerun the step"
        case .diskFull(let path):
            "the disk is full: the last write to \(path) did not happen; free some space, then rerun the step"
        case .readOnly(let path):
            "\(path) cannot be written: the file or its folder is read-only; nothing was changed; check the rights"
        case .corrupt(let path, let detail):
            "\(path) is damaged (\(detail)); stop the timers, run `takt db check`, then `takt db restore` from a backup"
        case .damagedRow(let table, let detail):
            "the table \(table) holds a row that takt did not write (\(detail)); run `takt db check`"
        case .staleState, .notFound, .conflictingFill, .conflictingContent, .valueTooLarge, .ruleViolated,
            .backupFailed, .restoreRefused, .inUse, .failed:
            contentDescription
        }
    }

    private var contentDescription: String {
        switch self {
        case .staleState(let what, let expected, let found):
            "\(what) is \(found), not \(expected) as expected: another process moved it on; this change was not made; "
                + "rerun the step"
        case .notFound(let what): "\(what) is not in the state database"
        case .conflictingFill(let id, let booked, let reported):
            "the broker reports fill \(id) as \(reported), booked is \(booked); the booked one stays; "
                + "compare with the broker's statement"
        case .conflictingContent(let what, let stored, let given):
            "\(what) is stored as \(stored) and cannot become \(given); the stored one stays"
        case .valueTooLarge(let what): "\(what) is too large for the state database; it was not stored"
        case .ruleViolated(let detail): "the state database refused a row: \(detail); nothing of this write was stored"
        case .backupFailed(let path, let detail): "the backup \(path) could not be made: \(detail)"
        case .restoreRefused(let path, let detail):
            "the database was not restored from \(path): \(detail); the present one stays in place"
        case .inUse(let path):
            "\(path) is in use, so it was not replaced; stop the timers and the supervisor, then run the same command again"
        case .failed(let path, let detail): "the state database \(path) failed: \(detail)"
        case .missing, .cannotOpen, .foreignDatabase, .newerDatabase, .needsMigration, .busy, .diskFull, .readOnly,
            .corrupt, .damagedRow:
            "the state database cannot be used"
        }
    }
}
