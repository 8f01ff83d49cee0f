public import Core
internal import GRDB

public enum AlertSeverity: String, Hashable, Sendable, CaseIterable { case info, warning, error, critical }

/// Something a person should know.
public struct StoredAlert: Hashable, Sendable {
    public let id: Int64
    public let key: String
    public let severity: AlertSeverity
    public let kind: String
    public let title: String
    public let body: String
    public let fields: JSONValue
    public let createdAt: Instant
    public let dedupeUntil: Instant
    /// How many alerts of the same key came within its window and were not sent.
    public let suppressedCount: Int
}

/// An alert that is due on a channel.
public struct DueDelivery: Hashable, Sendable {
    public let alert: StoredAlert
    public let channel: String
    /// Failed attempts so far.
    public let attempts: Int
}

/// How one alert fares on one channel.
public struct AlertDelivery: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        case pending, sent
        /// Given up.
        case dead
    }

    public let alertID: Int64
    public let channel: String
    public let state: State
    public let attempts: Int
    public let nextAttemptAt: Instant
    public let lastError: String?
    public let sentAt: Instant?
}

public enum DeliveryOutcome: Hashable, Sendable {
    case sent
    case failed(error: String, nextAttempt: Instant)
    case dead(error: String)
}

/// Older alerts are not offered to a channel that has never seen them: a channel added today does not replay the past.
private let newChannelReach: Int64 = 3 * 86_400

extension StoreReader {
    /// Alerts by their time. `states` of the filter are severities.
    public func alerts(_ filter: ListFilter = .all) throws -> [StoredAlert] {
        let conditions = Conditions(filter, time: "created_at", state: "severity")
        return try list("SELECT * FROM outbox", conditions, order: ["created_at", "alert_id"], table: "outbox", alert)
    }

    public func deliveries(alert: Int64) throws -> [AlertDelivery] {
        let sql = "SELECT * FROM deliveries WHERE alert_id = ? ORDER BY channel"
        return try rows(sql, [alert], table: "deliveries") { fields in
            AlertDelivery(
                alertID: try fields.int64("alert_id"), channel: try fields.text("channel"),
                state: try fields.choice("state"), attempts: try fields.int("attempts"),
                nextAttemptAt: try fields.instant("next_attempt_at"), lastError: fields.optionalText("last_error"),
                sentAt: fields.optionalInstant("sent_at"))
        }
    }

    /// Whether `ensureDeliveries` and `dueDeliveries` would find something.
    ///
    /// - Parameter taking: the severities a channel takes; one that is not listed takes all.
    public func hasDueAlerts(
        now: Instant, channels: [String], taking: [String: Set<AlertSeverity>] = [:]
    ) throws -> Bool {
        let reach = now.advanced(bySeconds: -newChannelReach).microseconds
        for channel in channels {
            let pending = """
                SELECT 1 FROM deliveries
                WHERE channel = ? AND state = 'pending' AND next_attempt_at <= ?
                """
            if try exists(pending, [channel, now.microseconds]) { return true }
            let unseen = """
                SELECT 1 FROM outbox o
                WHERE created_at >= ? AND severity IN (\(Self.severities(taking[channel])))
                  AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.alert_id = o.alert_id AND d.channel = ?)
                """
            if try exists(unseen, [reach, channel]) { return true }
        }
        return false
    }

    fileprivate static func severities(_ taken: Set<AlertSeverity>?) -> String {
        // Raw values of our own enumeration, never text from outside.
        AlertSeverity.allCases.filter { taken?.contains($0) ?? true }.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    }

    /// What is to be sent now on these channels, in the order of the alerts.
    public func dueDeliveries(now: Instant, channels: [String], limit: Int = 100) throws -> [DueDelivery] {
        guard !channels.isEmpty else { return [] }
        let marks = Array(repeating: "?", count: channels.count).joined(separator: ", ")
        let sql = """
            SELECT o.*, d.channel, d.attempts FROM deliveries d
            JOIN outbox o ON o.alert_id = d.alert_id
            WHERE d.state = 'pending' AND d.next_attempt_at <= ? AND d.channel IN (\(marks))
            ORDER BY o.alert_id, d.channel
            LIMIT ?
            """
        let arguments: [Argument] = [now.microseconds] + channels.map { $0 as Argument } + [max(0, limit)]
        return try rows(sql, arguments, table: "outbox") { fields in
            DueDelivery(
                alert: try alert(fields), channel: try fields.text("channel"), attempts: try fields.int("attempts"))
        }
    }

    private func alert(_ fields: Fields) throws -> StoredAlert {
        StoredAlert(
            id: try fields.int64("alert_id"), key: try fields.text("dedupe_key"),
            severity: try fields.choice("severity"), kind: try fields.text("kind"), title: try fields.text("title"),
            body: try fields.text("body"), fields: try fields.json("fields"),
            createdAt: try fields.instant("created_at"), dedupeUntil: try fields.instant("dedupe_until_at"),
            suppressedCount: try fields.int("suppressed_count"))
    }
}

extension StoreWriter {
    /// Puts an alert into the outbox and returns its id; `nil` if one of the same key still stands within its window,
    /// whose counter then goes up.
    @discardableResult
    public func enqueueAlert(
        key: String, severity: AlertSeverity, kind: String, title: String, body: String,
        fields: JSONValue = .object([]),
        at: Instant, dedupeWindowSeconds: Int
    ) throws -> Int64? {
        let suppressed = try run(
            """
            UPDATE outbox SET suppressed_count = suppressed_count + 1
            WHERE alert_id = (SELECT max(alert_id) FROM outbox WHERE dedupe_key = ?) AND dedupe_until_at > ?
            """, [key, at.microseconds])
        guard suppressed == 0 else { return nil }
        return try insert(
            """
            INSERT INTO outbox (dedupe_key, severity, kind, title, body, fields, created_at, dedupe_until_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                key, severity.rawValue, kind, title, body, fields.text, at.microseconds,
                at.advanced(bySeconds: Int64(max(0, dedupeWindowSeconds))).microseconds,
            ])
    }

    /// Makes a pending delivery for every recent alert that a channel takes and has not seen. Returns how many are new.
    ///
    /// - Parameter taking: the severities a channel takes; one that is not listed takes all.
    @discardableResult
    public func ensureDeliveries(
        channels: [String], taking: [String: Set<AlertSeverity>] = [:], now: Instant
    ) throws -> Int {
        var created = 0
        for channel in channels {
            created += try run(
                """
                INSERT OR IGNORE INTO deliveries (alert_id, channel, state, next_attempt_at)
                SELECT alert_id, ?, 'pending', created_at FROM outbox
                WHERE created_at >= ? AND severity IN (\(Self.severities(taking[channel])))
                """, [channel, now.advanced(bySeconds: -newChannelReach).microseconds])
        }
        return created
    }

    /// Records an attempt at a pending delivery.
    public func recordDelivery(_ alert: Int64, channel: String, _ outcome: DeliveryOutcome, at: Instant) throws {
        let state: AlertDelivery.State
        let error: String?
        let next: Instant
        switch outcome {
        case .sent: (state, error, next) = (.sent, nil, at)
        case .failed(let reason, let nextAttempt): (state, error, next) = (.pending, reason, nextAttempt)
        case .dead(let reason): (state, error, next) = (.dead, reason, at)
        }
        let changed = try run(
            """
            UPDATE deliveries
            SET state = ?, attempts = attempts + 1, last_error = ?, next_attempt_at = ?, sent_at = ?
            WHERE alert_id = ? AND channel = ? AND state = 'pending'
            """,
            [
                state.rawValue, error, next.microseconds, state == .sent ? at.microseconds : nil, alert, channel,
            ])
        if changed == 0 { throw StoreError.notFound(what: "a pending delivery of alert \(alert) on \(channel)") }
    }
}
