public import Core
internal import GRDB

/// How a step of a cycle stands.
public enum JournalStatus: String, Hashable, Sendable, CaseIterable {
    case running, succeeded, skipped, partial, failed, busy
    /// The process died before it could say how it went.
    case interrupted
}

/// One attempt at one step of one cycle.
public struct JournalEntry: Hashable, Sendable {
    public let id: Int64
    public let cycle: CycleID
    public let step: String
    /// From 1.
    public let attempt: Int
    public let pid: Int
    public let host: String
    public let startedAt: Instant
    public let finishedAt: Instant?
    public let status: JournalStatus
    /// Why it was skipped, failed …
    public let reason: String?
    public let exitCode: Int?
    public let inputDigest: Digest?
    public let outputDigest: Digest?
    /// The step document that was printed.
    public let document: JSONValue?
}

/// Who works, or says so, on a step of a profile. The lock itself is the kernel's; this is what people see.
public struct Lease: Hashable, Sendable {
    public let profile: ProfileName
    public let step: String
    public let cycle: CycleID
    public let pid: Int
    public let host: String
    public let acquiredAt: Instant

    public init(step: String, cycle: CycleID, pid: Int, host: String, acquiredAt: Instant) {
        profile = cycle.profile
        self.step = step
        self.cycle = cycle
        self.pid = pid
        self.host = host
        self.acquiredAt = acquiredAt
    }
}

extension StoreReader {
    /// The latest attempt at a step of a cycle.
    public func lastJournal(_ cycle: CycleID, step: String) throws -> JournalEntry? {
        let sql = """
            SELECT * FROM journal
            WHERE profile = ? AND cycle_close_at = ? AND step = ?
            ORDER BY attempt DESC
            LIMIT 1
            """
        return try firstRow(
            sql, [cycle.profile.text, cycle.barClose.microseconds, step], table: "journal", journalEntry)
    }

    /// Attempts by their start. `states` of the filter are journal statuses.
    public func journal(
        _ filter: ListFilter = .all, cycle: CycleID? = nil, step: String? = nil
    ) throws -> [JournalEntry] {
        var conditions = Conditions(filter, time: "started_at", state: "status", profile: "profile")
        if let cycle {
            conditions.add("profile = ?", cycle.profile.text)
            conditions.add("cycle_close_at = ?", cycle.barClose.microseconds)
        }
        if let step { conditions.add("step = ?", step) }
        return try list(
            "SELECT * FROM journal", conditions, order: ["started_at", "id"], table: "journal", journalEntry)
    }

    /// Attempts at the steps of those cycles of a profile whose bar closed in [from, until), by cycle, then by start.
    public func journal(cyclesOf profile: ProfileName, from: Instant, until: Instant) throws -> [JournalEntry] {
        let sql = """
            SELECT * FROM journal
            WHERE profile = ? AND cycle_close_at >= ? AND cycle_close_at < ?
            ORDER BY cycle_close_at, started_at, id
            """
        return try rows(
            sql, [profile.text, from.microseconds, until.microseconds], table: "journal", journalEntry)
    }

    /// The cycles of which something is on record, newest first.
    public func recentCycles(limit: Int, profile: ProfileName? = nil) throws -> [CycleID] {
        let filter = profile == nil ? "" : "WHERE profile = ?"
        let arguments: [Argument] = (profile.map { [$0.text] } ?? []) + [max(0, limit)]
        let sql = """
            SELECT DISTINCT profile, cycle_close_at FROM journal
            \(filter)
            ORDER BY cycle_close_at DESC, profile
            LIMIT ?
            """
        return try rows(sql, arguments, table: "journal") { try $0.cycle() }
    }

    public func leases() throws -> [Lease] {
        try rows("SELECT * FROM leases ORDER BY profile, step", table: "leases") { fields in
            Lease(
                step: try fields.text("step"), cycle: try fields.cycle(), pid: try fields.int("pid"),
                host: try fields.text("host"), acquiredAt: try fields.instant("acquired_at"))
        }
    }

    fileprivate func journalEntry(_ fields: Fields) throws -> JournalEntry {
        JournalEntry(
            id: try fields.int64("id"), cycle: try fields.cycle(), step: try fields.text("step"),
            attempt: try fields.int("attempt"), pid: try fields.int("pid"), host: try fields.text("host"),
            startedAt: try fields.instant("started_at"), finishedAt: fields.optionalInstant("finished_at"),
            status: try fields.choice("status"), reason: fields.optionalText("reason"),
            exitCode: fields.optionalInt("exit_code"), inputDigest: try fields.optionalDigest("input_digest"),
            outputDigest: try fields.optionalDigest("output_digest"), document: try fields.optionalJSON("document"))
    }
}

extension StoreWriter {
    /// Begins the next attempt. Attempts of the same cycle and step that still say `running` lost their process (the
    /// caller holds the step's lock) and become `interrupted`.
    public func startJournal(
        _ cycle: CycleID, step: String, pid: Int, host: String, at: Instant, inputDigest: Digest? = nil
    ) throws -> JournalEntry {
        let key: [Argument] = [cycle.profile.text, cycle.barClose.microseconds, step]
        let place = "WHERE profile = ? AND cycle_close_at = ? AND step = ?"
        try run(
            "UPDATE journal SET status = 'interrupted', finished_at = ? \(place) AND status = 'running'",
            [at.microseconds] + key)
        let last: Int? = try scalar("SELECT max(attempt) FROM journal \(place)", key)
        let attempt = (last ?? 0) + 1
        let id = try insert(
            """
            INSERT INTO journal
                (profile, cycle_close_at, step, attempt, pid, host, started_at, status, input_digest)
            VALUES (?, ?, ?, ?, ?, ?, ?, 'running', ?)
            """,
            key + [attempt, pid, host, at.microseconds, inputDigest?.hex])
        return JournalEntry(
            id: id, cycle: cycle, step: step, attempt: attempt, pid: pid, host: host, startedAt: at, finishedAt: nil,
            status: .running, reason: nil, exitCode: nil, inputDigest: inputDigest, outputDigest: nil, document: nil)
    }

    /// Records how a running attempt ended.
    public func finishJournal(
        _ id: Int64, at: Instant, status: JournalStatus, reason: String? = nil, exitCode: Int,
        inputDigest: Digest? = nil, outputDigest: Digest? = nil, document: JSONValue? = nil
    ) throws {
        let changed = try run(
            """
            UPDATE journal
            SET status = ?, reason = ?, exit_code = ?, finished_at = ?, input_digest = coalesce(?, input_digest),
                output_digest = ?, document = ?
            WHERE id = ? AND status = 'running'
            """,
            [
                status.rawValue, reason, exitCode, at.microseconds, inputDigest?.hex, outputDigest?.hex, document?.text,
                id,
            ])
        guard changed == 0 else { return }
        let found: String? = try scalar("SELECT status FROM journal WHERE id = ?", [id])
        guard let found else { throw StoreError.notFound(what: "journal entry \(id)") }
        throw StoreError.staleState(
            what: "journal entry \(id)", expected: JournalStatus.running.rawValue, found: found)
    }

    /// Shows who holds the step of the profile now.
    public func recordLease(_ lease: Lease) throws {
        try run(
            """
            INSERT OR REPLACE INTO leases (profile, step, cycle_close_at, pid, host, acquired_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                lease.profile.text, lease.step, lease.cycle.barClose.microseconds, lease.pid, lease.host,
                lease.acquiredAt.microseconds,
            ])
    }

    public func clearLease(profile: ProfileName, step: String) throws {
        try run("DELETE FROM leases WHERE profile = ? AND step = ?", [profile.text, step])
    }
}
