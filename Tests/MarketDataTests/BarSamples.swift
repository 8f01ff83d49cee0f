import Core
import MarketData
import Sessions
import Testing

/// What the tests of bar making share.
enum BarSamples {
    static func symbol(_ text: String) -> Symbol { Symbol(text) }

    static func date(_ text: String) throws -> CivilDate { try #require(CivilDate(iso: text)) }

    /// The bars of a shared file, as the importer accepts them.
    static func shared(_ path: String) throws -> [Bar] {
        let (_, result) = try TestData.validate(TestData.bytes(shared: path), path)
        #expect(result.rejected.isEmpty)
        return result.accepted
    }

    /// Random bars on the grid of the calendar: one for each slot, of whole cents.
    static func bars(
        _ calendar: ExchangeCalendar, _ timeframe: Timeframe, from: String, through: String, seed: UInt64
    ) throws -> [Bar] {
        var random = SeededGenerator(seed: seed, stream: "bars")
        var level = 10_000
        var bars: [Bar] = []
        for session in calendar.sessions(from: try date(from), through: try date(through)) {
            for slot in calendar.slots(of: session, timeframe: timeframe) {
                func step() -> Int { Int.random(in: -20...20, using: &random) }
                let open = max(1000, level + step())
                let close = max(1000, open + step())
                let high = max(open, close) + Int.random(in: 0...15, using: &random)
                let low = min(open, close) - Int.random(in: 0...15, using: &random)
                level = close
                bars.append(
                    Bar(
                        openAt: slot.openAt, open: cents(open), high: cents(high), low: cents(low), close: cents(close),
                        volume: Quantity(Int.random(in: 10...5000, using: &random)), source: .imported))
            }
        }
        return bars
    }

    static func cents(_ cents: Int) -> Price { Price(FixedPoint(int64Units: Int64(cents) * 1_000_000)) }

    /// The bars with `source` put on each, for comparisons across makers.
    static func marked(_ bars: [Bar], _ source: BarSourceKind) -> [Bar] {
        bars.map { bar in
            var bar = bar
            bar.source = source
            return bar
        }
    }

    /// Later than anything a calendar knows.
    static let lastDay = Instant(epochSeconds: 4_000_000_000)
}
