internal import Core
public import Cycle
internal import Features
internal import Sessions
public import Store

/// What a policy with history saw before its decisions. The vote keeps the digest of those rows and not the rows, of which
/// there are as many as a decision looks back: so they are computed again, as `takt features` tells them, and count where
/// the digest proves that they are the same.
public struct LivedHistory {
    let rows: Int
    private let records: (Symbol, Instant, Instant) throws -> [FeatureRecord]

    /// Of a policy that sees nothing but the bar of its decision.
    public static var none: LivedHistory { LivedHistory(rows: 0) { _, _, _ in [] } }

    /// - Parameters:
    ///   - rows: that the policy takes.
    ///   - desk: of the policy's own features and normaliser.
    public init(rows: Int, _ desk: FeatureDesk, in reader: StoreReader) {
        self.init(rows: rows) { symbol, since, until in
            try desk.history(of: symbol, since: since, until: until, in: reader)
        }
    }

    /// - Parameter records: of a symbol, from the first bar that opens then or later to the last that has closed by then.
    init(rows: Int, records: @escaping (Symbol, Instant, Instant) throws -> [FeatureRecord]) {
        (self.rows, self.records) = (rows, records)
    }

    /// The rows of one symbol's decisions.
    ///
    /// - Parameter cycles: ascending.
    func told(of symbol: Symbol, at cycles: [CycleID], _ timeframe: Timeframe, _ calendar: ExchangeCalendar) throws
        -> Told
    {
        guard rows > 0, let first = cycles.first?.barClose, let last = cycles.last?.barClose else {
            return Told(rows: rows, records: [])
        }
        let since = start(before: first, timeframe, calendar)
        return Told(rows: rows, records: try records(symbol, since, last))
    }

    /// Far enough back for the rows and for some bars that are missing among them; where more are, the digest tells.
    private func start(before close: Instant, _ timeframe: Timeframe, _ calendar: ExchangeCalendar) -> Instant {
        var days = 4
        while days < 400 {
            let since = close.advanced(bySeconds: -Int64(days) * 86_400)
            if calendar.slots(from: since, until: close, timeframe: timeframe).count > 2 * rows { return since }
            days *= 2
        }
        return close.advanced(bySeconds: -Int64(days) * 86_400)
    }

    struct Told {
        private let rows: Int
        private let values: [[Float]]
        private let places: [Instant: Int]

        fileprivate init(rows: Int, records: [FeatureRecord]) {
            self.rows = rows
            values = records.map { record in record.vector.values.map { Float($0) } }
            places = Dictionary(records.enumerated().map { ($1.cycle.barClose, $0) }) { first, _ in first }
        }

        /// What was seen before the decision; `nil` where that can no longer be told, as a bar was corrected since.
        func before(_ cycle: CycleID, proven digest: Digest?) -> [Float]? {
            guard rows > 0 else { return [] }
            guard let place = places[cycle.barClose], place >= rows else { return nil }
            let seen = values[(place - rows)..<place].flatMap { $0 }
            return HistoryRows.digest(seen) == digest ? seen : nil
        }
    }
}
