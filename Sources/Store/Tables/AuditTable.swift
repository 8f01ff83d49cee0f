public import Core
internal import GRDB

/// One line of the audit trail. Its hash covers the line and the hash before it.
public struct AuditEntry: Hashable, Sendable {
    /// From 1, without gaps.
    public let sequence: Int64
    public let at: Instant
    public let actor: String
    public let kind: String
    public let subject: String
    public let payload: JSONValue
    public let previousHash: Digest
    public let hash: Digest
}

public enum AuditVerdict: Hashable, Sendable {
    /// The chain holds from the first entry to the last.
    case intact(entries: Int64, head: Digest)
    /// The first entry that does not fit, and why.
    case broken(sequence: Int64, reason: String)
}

/// The hash before the first entry.
private let genesis = String(repeating: "0", count: 64)
/// Where the number and hash of the last entry stand once more, so that a cut-off end shows.
private let headKey = "audit-head"

/// SHA-256 of the JSON array `[previous hash, sequence, microseconds, actor, kind, subject, payload text]`: an array,
/// so that no text can shift the border between two fields.
private func chainHash(
    _ previous: String, _ sequence: Int64, _ at: Int64, _ actor: String, _ kind: String, _ subject: String,
    _ payload: String
) -> String {
    let line: JSONValue = [
        .string(previous), .int(sequence), .int(at), .string(actor), .string(kind), .string(subject), .string(payload),
    ]
    return line.digest.hex
}

extension StoreReader {
    /// Entries in their order, of one actor, kind or subject or of all.
    ///
    /// - Parameter partsOf: Subjects `partsOf|…`, such as the decisions of a cycle.
    public func auditEntries(
        _ filter: ListFilter = .all, actor: String? = nil, kind: String? = nil, subject: String? = nil,
        partsOf whole: String? = nil
    ) throws -> [AuditEntry] {
        var conditions = Conditions(filter, time: "at")
        if let actor { conditions.add("actor = ?", actor) }
        if let kind { conditions.add("kind = ?", kind) }
        if let subject { conditions.add("subject = ?", subject) }
        if let whole {
            conditions.add("subject >= ?", whole + "|")
            // The character after the bar.
            conditions.add("subject < ?", whole + "}")
        }
        return try list("SELECT * FROM audit", conditions, order: ["seq"], table: "audit") { fields in
            AuditEntry(
                sequence: try fields.int64("seq"), at: try fields.instant("at"), actor: try fields.text("actor"),
                kind: try fields.text("kind"), subject: try fields.text("subject"), payload: try fields.json("payload"),
                previousHash: try fields.digest("previous_hash"), hash: try fields.digest("hash"))
        }
    }

    /// Walks the whole chain.
    public func verifyAudit() throws -> AuditVerdict {
        let cursor = try Row.fetchCursor(
            db, sql: "SELECT seq, at, actor, kind, subject, payload, previous_hash, hash FROM audit ORDER BY seq")
        var previous = genesis
        var expected: Int64 = 1
        while let row = try cursor.next() {
            let sequence: Int64 = row[0]
            guard sequence == expected else {
                return .broken(sequence: expected, reason: "the entry is missing; the next one is \(sequence)")
            }
            guard row[6] as String == previous else {
                return .broken(sequence: sequence, reason: "it does not follow from the entry before it")
            }
            let hash = chainHash(previous, sequence, row[1], row[2], row[3], row[4], row[5])
            guard row[7] as String == hash else {
                return .broken(sequence: sequence, reason: "its content does not match its hash")
            }
            previous = hash
            expected += 1
        }
        return try verifyHead(expected - 1, previous)
    }

    private func verifyHead(_ last: Int64, _ hash: String) throws -> AuditVerdict {
        let head = try meta(headKey) ?? "0 \(genesis)"
        guard head == "\(last) \(hash)" else {
            let reason = "the trail ends at entry \(last), but the last one written was \(head.prefix { $0 != " " })"
            return .broken(sequence: last + 1, reason: reason)
        }
        guard let digest = Digest(hex: hash) else {
            return .broken(sequence: last, reason: "its hash is no SHA-256 digest")
        }
        return .intact(entries: last, head: digest)
    }
}

extension StoreWriter {
    /// Adds an entry to the trail and returns its hash.
    @discardableResult
    public func appendAudit(
        at: Instant, actor: String, kind: String, subject: String, payload: JSONValue
    ) throws -> Digest {
        let last = try firstRow("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", table: "audit") {
            (sequence: try $0.int64("seq"), hash: try $0.text("hash"))
        }
        let sequence = (last?.sequence ?? 0) + 1
        let previous = last?.hash ?? genesis
        let text = payload.text
        let hash = chainHash(previous, sequence, at.microseconds, actor, kind, subject, text)
        try run(
            """
            INSERT INTO audit (seq, at, actor, kind, subject, payload, previous_hash, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """, [sequence, at.microseconds, actor, kind, subject, text, previous, hash])
        try setMeta(headKey, "\(sequence) \(hash)")
        guard let digest = Digest(hex: hash) else { throw StoreError.damagedRow(table: "audit", detail: hash) }
        return digest
    }
}
