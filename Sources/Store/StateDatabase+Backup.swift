public import Core
internal import GRDB

/// What a restore left behind.
public struct RestoreReport: Hashable, Sendable {
    /// Where the replaced database is kept; `nil` if there was none.
    public let replacedFile: String?
    public let schemaVersion: Int
}

extension StateDatabase {
    /// Writes a consistent copy of the database, durable when this returns. Others may read and write meanwhile.
    ///
    /// - Throws: ``StoreError/backupFailed(path:detail:)`` if the file exists; nothing is overwritten.
    public func backup(to target: String) throws {
        guard FileSystem.size(of: target) == nil else {
            throw StoreError.backupFailed(path: target, detail: "the file exists; name another one")
        }
        do {
            try FileSystem.prepareFile(target)
            try queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [target]) }
            try FileSystem.synchronise(target)
        } catch {
            FileSystem.remove(target)
            throw StoreError.backupFailed(path: target, detail: "\(StoreError.naming(error, path: target))")
        }
    }

    /// Puts a backup in the place of the database.
    ///
    /// The backup is checked first, copied beside the database and then renamed over it, so that at no instant there is
    /// no database. The replaced one is kept as `PATH.replaced-STAMP.bak`; a symbolic link is followed, not replaced.
    ///
    /// Nobody can be left working in the replaced file: whoever has it open holds SQLite's lock on it, and then nothing is
    /// replaced; whoever opens it meanwhile waits at the folder's lock and finds the new one. Two restores of one database
    /// at a time, and steps between two of their transactions, are for the caller to keep apart.
    ///
    /// - Throws: ``StoreError/restoreRefused(path:detail:)`` or ``StoreError/inUse(path:)``; the present database is untouched then.
    @discardableResult
    public static func restore(from source: String, to path: String, now: Instant) throws(StoreError) -> RestoreReport {
        do {
            let version = try checkBackup(source)
            try FileSystem.prepareFolder(of: path)
            let place = FileSystem.resolved(path)
            let fresh = "\(place).restoring"
            defer { for suffix in ["", "-wal", "-shm"] { FileSystem.remove(fresh + suffix) } }
            try copy(source, to: fresh)
            let lock = try FileSystem.FolderLock(of: place)
            defer { lock.release() }
            let name = "\(place).replaced-\(now.fileStamp).bak"
            let aside = try setAside(place, as: name, source: source)
            try clearLogs(of: place, as: name)
            try FileSystem.move(fresh, place)
            try FileSystem.synchronise(place)
            return RestoreReport(replacedFile: aside, schemaVersion: version)
        } catch {
            let named = StoreError.closed(error, path: source)
            switch named {
            case .restoreRefused, .inUse: throw named
            default: break
            }
            throw .restoreRefused(path: source, detail: "\(named)")
        }
    }

    /// The schema version of a sound backup that this binary can use.
    private static func checkBackup(_ source: String) throws -> Int {
        guard FileSystem.size(of: source) ?? 0 > 0 else {
            throw StoreError.restoreRefused(path: source, detail: "there is no such file, or it is empty")
        }
        let backup = StateDatabase(path: source, mode: .readOnly, queue: try connect(source, .readOnly))
        defer { try? backup.close() }
        let version = try backup.schemaVersion()
        guard version > 0 else { throw StoreError.restoreRefused(path: source, detail: "it holds no state of takt") }
        guard version <= Schema.version else {
            throw StoreError.newerDatabase(path: source, found: version, known: Schema.version)
        }
        let findings = try backup.check()
        guard findings.isEmpty else {
            throw StoreError.restoreRefused(path: source, detail: findings.joined(separator: "; "))
        }
        return version
    }

    private static func copy(_ source: String, to fresh: String) throws {
        for suffix in ["", "-wal", "-shm"] { FileSystem.remove(fresh + suffix) }
        let backup = StateDatabase(path: source, mode: .readOnly, queue: try connect(source, .readOnly))
        defer { try? backup.close() }
        try backup.backup(to: fresh)
        // In the write-ahead mode from the first instant on: only there an idle connection, of a reader too, holds the lock
        // by which the next restore sees that somebody has the file open.
        let copy = StateDatabase(path: fresh, mode: .readWrite, queue: try connect(fresh, .readWrite))
        defer { try? copy.close() }
        try copy.useWriteAheadLog()
    }

    /// A log that outlived its database would be played into the one that takes its place. It is kept beside the replaced
    /// file: a person may want to look at what it held.
    private static func clearLogs(of path: String, as aside: String) throws {
        for suffix in ["-wal", "-journal"] where FileSystem.size(of: path + suffix) != nil {
            try FileSystem.move(path + suffix, aside + suffix)
        }
        FileSystem.remove(path + "-shm")
    }

    /// Keeps the present database under another name, with everything its log holds. Its place stays filled.
    private static func setAside(_ path: String, as aside: String, source: String) throws -> String? {
        guard FileSystem.size(of: path) ?? 0 > 0 else { return nil }
        guard FileSystem.size(of: aside) == nil else {
            throw StoreError.restoreRefused(path: source, detail: "\(aside) exists; move it away")
        }
        do {
            try mergeLog(path)
        } catch let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) {
            // What is damaged is kept as it is, log included: a person may want to look.
        } catch let error as DatabaseError where [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode) {
            throw StoreError.inUse(path: path)
        }
        try FileSystem.link(path, aside)
        return aside
    }

    /// Leaving the write-ahead mode needs the file for ourselves and merges the log into it. Connections that are about to
    /// end are waited for, 2 s at most: a look at the state, or a step that finds its lock taken. New ones wait outside.
    private static func mergeLog(_ path: String) throws {
        let (tries, pauseMilliseconds): (Int, UInt32) = (20, 100)
        for attempt in 1...tries {
            do {
                let present = try connect(path, .readWrite, waitSeconds: 0)
                defer { try? present.close() }
                let mode = try present.writeWithoutTransaction {
                    try String.fetchOne($0, sql: "PRAGMA journal_mode = DELETE")
                }
                guard mode == "delete" else { throw DatabaseError(resultCode: .SQLITE_BUSY) }
                return
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && attempt < tries {
                FileSystem.pause(milliseconds: pauseMilliseconds)
            }
        }
    }
}
