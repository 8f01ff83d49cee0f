public import Core
internal import GRDB

/// A bar that a source delivered and validation refused.
public struct StoredBarRejection: Hashable, Sendable {
    public let symbol: Symbol
    public let timeframe: Timeframe
    /// The source or file it came from.
    public let source: String
    /// Line of the file, from 1.
    public let line: Int?
    /// The opening time as it was delivered; may be no time at all.
    public let openAtText: String
    public let code: String
    public let message: String
    public let rejectedAt: Instant

    public init(
        symbol: Symbol, timeframe: Timeframe, source: String, line: Int?, openAtText: String, code: String,
        message: String, rejectedAt: Instant
    ) {
        self.symbol = symbol
        self.timeframe = timeframe
        self.source = source
        self.line = line
        self.openAtText = openAtText
        self.code = code
        self.message = message
        self.rejectedAt = rejectedAt
    }
}

/// A stretch of a session without bars.
public struct StoredBarGap: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        case open
        /// The bars arrived.
        case filled
        /// A person or the source says that there was no trade.
        case accepted
    }

    public let symbol: Symbol
    public let timeframe: Timeframe
    /// Opening time of the first missing bar.
    public let from: Instant
    /// End of the gap, exclusive.
    public let until: Instant
    /// How many bars are missing.
    public let missing: Int
    public let state: State
    public let foundAt: Instant
    public let closedAt: Instant?
}

extension StoreReader {
    /// `states` of the filter are rejection codes.
    public func barRejections(_ filter: ListFilter = .all) throws -> [StoredBarRejection] {
        let conditions = Conditions(filter, time: "rejected_at", symbol: "symbol", state: "code")
        let order = ["rejected_at", "id"]
        return try list("SELECT * FROM bar_rejections", conditions, order: order, table: "bar_rejections") { fields in
            StoredBarRejection(
                symbol: try fields.id("symbol"), timeframe: try timeframe(fields), source: try fields.text("source"),
                line: fields.optionalInt("line"), openAtText: try fields.text("open_at_text"),
                code: try fields.text("code"), message: try fields.text("message"),
                rejectedAt: try fields.instant("rejected_at"))
        }
    }

    /// Gaps by their beginning.
    public func barGaps(_ filter: ListFilter = .all, timeframe wanted: Timeframe? = nil) throws -> [StoredBarGap] {
        var conditions = Conditions(filter, time: "from_at", symbol: "symbol", state: "state")
        if let wanted { conditions.add("timeframe_seconds = ?", wanted.seconds) }
        let order = ["from_at", "symbol", "timeframe_seconds", "until_at"]
        return try list("SELECT * FROM bar_gaps", conditions, order: order, table: "bar_gaps", gap)
    }

    /// The gaps of one series that overlap the window, by their beginning, whatever their state.
    public func barGaps(
        _ symbol: Symbol, _ timeframe: Timeframe, touching window: Range<Instant>
    ) throws -> [StoredBarGap] {
        try rows(
            """
            SELECT * FROM bar_gaps
            WHERE symbol = ? AND timeframe_seconds = ? AND from_at > ? AND from_at < ? AND until_at > ?
            ORDER BY from_at, until_at
            """,
            [
                // A gap lies within one session, so what began two days earlier is over.
                symbol.text, timeframe.seconds, window.lowerBound.advanced(bySeconds: -2 * 86_400).microseconds,
                window.upperBound.microseconds, window.lowerBound.microseconds,
            ], table: "bar_gaps", gap)
    }

    private func gap(_ fields: Fields) throws -> StoredBarGap {
        StoredBarGap(
            symbol: try fields.id("symbol"), timeframe: try timeframe(fields), from: try fields.instant("from_at"),
            until: try fields.instant("until_at"), missing: try fields.int("missing"),
            state: try fields.choice("state"), foundAt: try fields.instant("found_at"),
            closedAt: fields.optionalInstant("closed_at"))
    }

    private func timeframe(_ fields: Fields) throws -> Timeframe {
        let seconds = try fields.int("timeframe_seconds")
        guard let timeframe = Timeframe(seconds: seconds) else {
            throw fields.damaged("timeframe_seconds", "\(seconds)")
        }
        return timeframe
    }
}

extension StoreWriter {
    /// Stores a rejection; the same one again (whenever) is left alone. Returns whether it is new.
    @discardableResult
    public func insertBarRejection(_ rejection: StoredBarRejection) throws -> Bool {
        try run(
            """
            INSERT INTO bar_rejections
                (symbol, timeframe_seconds, source, line, open_at_text, code, message, rejected_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (symbol, timeframe_seconds, source, open_at_text, code, message) DO NOTHING
            """,
            [
                rejection.symbol.text, rejection.timeframe.seconds, rejection.source, rejection.line,
                rejection.openAtText, rejection.code, rejection.message, rejection.rejectedAt.microseconds,
            ]) > 0
    }

    /// Records an open gap; a known gap keeps its state, unless it was filled and is open again. Returns whether
    /// something changed.
    @discardableResult
    public func upsertBarGap(
        _ symbol: Symbol, _ timeframe: Timeframe, from: Instant, until: Instant, missing: Int, at: Instant
    ) throws -> Bool {
        try run(
            """
            INSERT INTO bar_gaps (symbol, timeframe_seconds, from_at, until_at, missing, state, found_at)
            VALUES (?, ?, ?, ?, ?, 'open', ?)
            ON CONFLICT (symbol, timeframe_seconds, from_at, until_at) DO UPDATE
            SET missing = excluded.missing, state = 'open', found_at = excluded.found_at, closed_at = NULL
            WHERE state = 'filled' OR (state = 'open' AND missing <> excluded.missing)
            """,
            [
                symbol.text, timeframe.seconds, from.microseconds, until.microseconds, missing, at.microseconds,
            ]) > 0
    }

    /// Forgets an open gap that another one takes the place of. Returns whether there was one.
    @discardableResult
    public func removeBarGap(
        _ symbol: Symbol, _ timeframe: Timeframe, from: Instant, until: Instant
    ) throws -> Bool {
        try run(
            """
            DELETE FROM bar_gaps
            WHERE symbol = ? AND timeframe_seconds = ? AND from_at = ? AND until_at = ? AND state = 'open'
            """, [symbol.text, timeframe.seconds, from.microseconds, until.microseconds]) > 0
    }

    /// Closes an open gap as filled or accepted. Returns whether there was one.
    @discardableResult
    public func closeBarGap(
        _ symbol: Symbol, _ timeframe: Timeframe, from: Instant, until: Instant, as state: StoredBarGap.State,
        at: Instant
    ) throws -> Bool {
        guard state != .open else { return false }
        return try run(
            """
            UPDATE bar_gaps SET state = ?, closed_at = ?
            WHERE symbol = ? AND timeframe_seconds = ? AND from_at = ? AND until_at = ? AND state = 'open'
            """,
            [
                state.rawValue, at.microseconds, symbol.text, timeframe.seconds, from.microseconds, until.microseconds,
            ]) > 0
    }
}
