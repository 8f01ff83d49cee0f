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
    /// no database. The replaced one is kept as `PATH.replaced-STAMP.bak`. No other process may have it open.
    ///
    /// - Throws: ``StoreError/restoreRefused(path:detail:)``; the present database is untouched then.
    @discardableResult
    public static func restore(from source: String, to path: String, now: Instant) throws(StoreError) -> RestoreReport {
        do {
            let version = try checkBackup(source)
            try FileSystem.prepareFolder(of: path)
            let lock = try FileSystem.FolderLock(of: path)
            defer { lock.release() }
            let fresh = "\(path).restoring"
            try copy(source, to: fresh)
            defer { FileSystem.remove(fresh) }
            let aside = try setAside(path, as: "\(path).replaced-\(now.fileStamp).bak", source: source)
            try FileSystem.move(fresh, path)
            try FileSystem.synchronise(path)
            return RestoreReport(replacedFile: aside, schemaVersion: version)
        } catch {
            let named = StoreError.closed(error, path: source)
            if case .restoreRefused = named { throw named }
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
        FileSystem.remove(fresh)
        let backup = StateDatabase(path: source, mode: .readOnly, queue: try connect(source, .readOnly))
        defer { try? backup.close() }
        try backup.backup(to: fresh)
    }

    /// Keeps the present database under another name, with everything its log holds. Its place stays filled.
    private static func setAside(_ path: String, as aside: String, source: String) throws -> String? {
        guard FileSystem.size(of: path) ?? 0 > 0 else { return nil }
        guard FileSystem.size(of: aside) == nil else {
            throw StoreError.restoreRefused(path: source, detail: "\(aside) exists; move it away")
        }
        do {
            // Leaving the write-ahead mode needs the file for ourselves and merges the log into it.
            let present = try connect(path, .readWrite, waitSeconds: 0.5)
            defer { try? present.close() }
            let mode = try present.writeWithoutTransaction {
                try String.fetchOne($0, sql: "PRAGMA journal_mode = DELETE")
            }
            guard mode == "delete" else { throw StoreError.busy(path: path) }
        } catch let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) {
            // What is damaged is kept as it is, log included: a person may want to look.
            if FileSystem.size(of: path + "-wal") != nil { try FileSystem.move(path + "-wal", aside + "-wal") }
            FileSystem.remove(path + "-shm")
        } catch let error as DatabaseError where [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode) {
            throw StoreError.restoreRefused(
                path: source, detail: "\(path) is in use; stop the timers and the supervisor first")
        }
        try FileSystem.link(path, aside)
        return aside
    }
}
