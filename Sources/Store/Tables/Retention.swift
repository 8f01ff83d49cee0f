public import Core
internal import GRDB

/// What a round of pruning took away, or would.
public struct PruneOutcome: Hashable, Sendable {
    public var bars = 0
    public var rejections = 0
    /// Gaps that were filled or accepted.
    public var gaps = 0
    public init(bars: Int = 0, rejections: Int = 0, gaps: Int = 0) {
        self.bars = bars
        self.rejections = rejections
        self.gaps = gaps
    }
}

/// One symbol's bars of one length.
public struct BarSeriesKey: Hashable, Sendable {
    public let symbol: Symbol
    public let timeframe: Timeframe
    public init(symbol: Symbol, timeframe: Timeframe) {
        self.symbol = symbol
        self.timeframe = timeframe
    }
}

/// The entry of the audit trail that says from when on bars of a length are kept.
private let pruneKind = "db.prune"
/// The same once more, for people with the `sqlite3` tool. Nothing is decided by it: a row of this table can be changed
/// unseen, the audit trail cannot.
private let horizonPrefix = "pruned-before:"

extension StoreReader {
    /// Every series there is, in order. Skips from series to series through the index, so that the number of bars does not
    /// matter.
    public func barSeries() throws -> [BarSeriesKey] {
        var series: [BarSeriesKey] = []
        while true {
            let sql = """
                SELECT symbol, timeframe_seconds FROM bars
                \(series.isEmpty ? "" : "WHERE (symbol, timeframe_seconds) > (?, ?)")
                ORDER BY symbol, timeframe_seconds LIMIT 1
                """
            let after: [Argument] = series.last.map { [$0.symbol.text, $0.timeframe.seconds] } ?? []
            let next = try rows(sql, after, table: "bars") { fields in
                let seconds = try fields.int("timeframe_seconds")
                guard let timeframe = Timeframe(seconds: seconds) else {
                    throw fields.damaged("timeframe_seconds", "\(seconds)")
                }
                return BarSeriesKey(symbol: try fields.id("symbol"), timeframe: timeframe)
            }
            guard let found = next.first else { return series }
            series.append(found)
        }
    }

    /// Bars of this length that opened before this time may have been pruned, by the audit trail; `nil` if none ever was.
    public func prunedBefore(_ timeframe: Timeframe) throws -> Instant? {
        try auditEntries(kind: pruneKind, subject: timeframe.description)
            .compactMap { $0.payload["before"]?.stringValue.flatMap { Instant(rfc3339: $0) } }.max()
    }

    /// Where the table `meta` says something else about pruning than the audit trail, one sentence each.
    public func retentionFindings() throws -> [String] {
        var stated: [String: String] = [:]
        for (key, value) in try rows(
            "SELECT key, value FROM meta WHERE substr(key, 1, ?) = ?", [horizonPrefix.count, horizonPrefix],
            table: "meta", { (try $0.text("key"), try $0.text("value")) })
        {
            stated[String(key.dropFirst(horizonPrefix.count))] = value
        }
        let names = Set(try auditEntries(kind: pruneKind).map(\.subject)).union(stated.keys)
        return try names.sorted().compactMap { name in
            let recorded = try Timeframe(name).flatMap { try prunedBefore($0) }?.description
            guard recorded != stated[name] else { return nil }
            return "meta says that \(name) bars were pruned before \(stated[name] ?? "no time"), the audit trail says "
                + "before \(recorded ?? "no time")"
        }
    }

    /// What pruning would take away.
    public func prunable(_ timeframe: Timeframe, before: Instant) throws -> PruneOutcome {
        let age: [Argument] = [timeframe.seconds, before.microseconds]
        var outcome = PruneOutcome()
        for series in try barSeries() where series.timeframe == timeframe {
            let sql = "SELECT count(*) FROM bars WHERE symbol = ? AND timeframe_seconds = ? AND open_at < ?"
            outcome.bars += try scalar(sql, [series.symbol.text] + age) ?? 0
        }
        outcome.rejections =
            try scalar("SELECT count(*) FROM bar_rejections WHERE timeframe_seconds = ? AND rejected_at < ?", age) ?? 0
        let closed = "timeframe_seconds = ? AND until_at < ? AND state <> 'open'"
        outcome.gaps = try scalar("SELECT count(*) FROM bar_gaps WHERE \(closed)", age) ?? 0
        return outcome
    }
}

extension StoreWriter {
    /// Says from when on bars of this length are kept, before the first is taken away: whoever makes an old decision again
    /// then knows why its bars are not there.
    public func recordPrune(_ timeframe: Timeframe, before: Instant, at now: Instant, by actor: String) throws {
        try appendAudit(
            at: now, actor: actor, kind: pruneKind, subject: timeframe.description,
            payload: ["before": JSONValue(before)])
        guard let horizon = try prunedBefore(timeframe) else { return }
        try setMeta(horizonPrefix + timeframe.description, horizon.description)
    }

    /// Deletes up to so many of the oldest bars of a series that opened before `before`, so that other processes get their
    /// turn between two calls. Superseded versions stay: they are history, and few.
    /// - Returns: How many were deleted; fewer than `limit` means that the series is done.
    public func pruneBars(_ series: BarSeriesKey, before: Instant, limit: Int) throws -> Int {
        let key: [Argument] = [series.symbol.text, series.timeframe.seconds]
        let place = "symbol = ? AND timeframe_seconds = ? AND open_at < ?"
        let sql = "SELECT open_at FROM bars WHERE \(place) ORDER BY open_at LIMIT 1 OFFSET ?"
        let end: Int64? = try scalar(sql, key + [before.microseconds, limit])
        return try run("DELETE FROM bars WHERE \(place)", key + [end ?? before.microseconds])
    }

    /// Deletes old rejections and closed gaps of a length.
    public func pruneBarQuality(_ timeframe: Timeframe, before: Instant) throws -> PruneOutcome {
        let age: [Argument] = [timeframe.seconds, before.microseconds]
        return PruneOutcome(
            rejections: try run("DELETE FROM bar_rejections WHERE timeframe_seconds = ? AND rejected_at < ?", age),
            gaps: try run(
                "DELETE FROM bar_gaps WHERE timeframe_seconds = ? AND until_at < ? AND state <> 'open'", age))
    }
}
