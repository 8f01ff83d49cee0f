public import Core
internal import GRDB

/// How large the state is.
public struct StoreStatistics: Hashable, Sendable {
    public struct Table: Hashable, Sendable {
        public let name: String
        public let rows: Int
    }

    public let tables: [Table]
    public let fileBytes: Int
    /// The write-ahead log beside the file.
    public let walBytes: Int
    public let schemaVersion: Int
}

extension StateDatabase {
    /// Everything that is wrong, one sentence each; empty means sound.
    public func check() throws -> [String] {
        try read { reader in
            var findings = try String.fetchAll(reader.db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            findings += try Row.fetchAll(reader.db, sql: "PRAGMA foreign_key_check").map { row in
                "a row of \(row[0] as String) refers to a row of \(row[2] as String) that is not there"
            }
            if case .broken(let sequence, let reason) = try reader.verifyAudit() {
                findings.append("the audit trail is broken at entry \(sequence): \(reason)")
            }
            findings += try reader.retentionFindings()
            findings += try reader.windowFindings()
            return findings
        }
    }

    public func stats() throws -> StoreStatistics {
        let tables = try read { reader in
            try reader.tableNames().map { name in
                StoreStatistics.Table(name: name, rows: try reader.scalar("SELECT count(*) FROM \(name)") ?? 0)
            }
        }
        return StoreStatistics(
            tables: tables, fileBytes: FileSystem.size(of: path) ?? 0,
            walBytes: FileSystem.size(of: path + "-wal") ?? 0,
            schemaVersion: try named { try schemaVersion() })
    }

    /// A digest of all rows of all tables in the order of their keys: equal digests, equal state. What is derived from other
    /// tables does not count.
    ///
    /// - Parameter excluded: tables that do not count.
    public func contentDigest(excluding excluded: Set<String> = []) throws -> Digest {
        try read { reader in
            var content = ContentDigest()
            for table in try reader.tableNames() where !excluded.contains(table) && table != "bar_windows" {
                content.add(table)
                let keys = try String.fetchAll(
                    reader.db, sql: "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", arguments: [table]
                )
                let order = keys.map { "\"\($0)\"" }.joined(separator: ", ")
                let cursor = try Row.fetchCursor(reader.db, sql: "SELECT * FROM \(table) ORDER BY \(order)")
                while let row = try cursor.next() { content.add(row) }
            }
            return content.finished
        }
    }
}

extension StoreReader {
    /// Our tables, by name.
    fileprivate func tableNames() throws -> [String] {
        try String.fetchAll(
            db,
            sql: """
                SELECT name FROM sqlite_master
                WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND name <> 'grdb_migrations'
                ORDER BY name
                """)
    }
}

/// A running digest in bounded memory: blocks are folded as `SHA-256(digest so far + block)`.
private struct ContentDigest {
    private static let blockBytes = 1 << 20
    private var buffer: [UInt8] = []

    mutating func add(_ table: String) { append(0x54, Array(table.utf8)) }

    /// Every value with its type and length, so that no two rows look alike.
    mutating func add(_ row: Row) {
        for (_, value) in row {
            switch value.storage {
            case .null: append(0x00, [])
            case .int64(let number): append(0x01, Array("\(number)".utf8))
            case .double(let number): append(0x02, Array("\(number)".utf8))
            case .string(let text): append(0x03, Array(text.utf8))
            case .blob(let data): append(0x04, Array(data))
            }
        }
        append(0x0A, [])
        if buffer.count > Self.blockBytes { buffer = Digest(of: buffer).bytes }
    }

    private mutating func append(_ tag: UInt8, _ bytes: [UInt8]) {
        buffer.append(tag)
        withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { buffer += $0 }
        buffer += bytes
    }

    var finished: Digest { Digest(of: buffer) }
}
