import Foundation
import Indicators
import Testing

/// Variants that TA-Lib does not have, against pandas 3.1 and `ta` 0.11 (`Fixtures/make_variants.py` made the numbers).
struct VariantTests {
    static let columns = [
        "EMA_ADJUSTED:12", "EMA_FIRST:12", "MACD_ADJUSTED:12,26,9.macd", "MACD_ADJUSTED:12,26,9.signal",
        "MACD_ADJUSTED:12,26,9.hist", "RSI_SIMPLE:14", "STDDEV_SAMPLE:5,1", "BBANDS_SAMPLE:20,2,2.upper",
        "BBANDS_SAMPLE:20,2,2.middle", "BBANDS_SAMPLE:20,2,2.lower", "ATR_SIMPLE:14", "VWAP", "VWAP_ROLLING:14", "VPT",
        "VPT_BAR", "FORCE:13", "FORCE2",
    ]

    @Test("Both forms agree with an independent computation to 1e-9", arguments: columns)
    func agrees(spec: String) throws {
        let table = try Table(TestFiles.fixtures.appendingPathComponent("variants_input.csv")).bars()
        let golden = try Table(TestFiles.fixtures.appendingPathComponent("variants_expected.csv"))
        let expected = golden[spec.replacingOccurrences(of: ",", with: "|")]
        try #require(expected.count == table.count && table.count == 160)
        // A session begins every 20 bars.
        let bars = try BarColumns(
            open: table.open, high: table.high, low: table.low, close: table.close, volume: table.volume,
            sessionStarts: table.close.indices.map { $0 % 20 == 0 })
        let indicator = try AnyIndicator(spec)
        #expect(Tolerance().difference(indicator.columns(over: bars)[0], expected) == nil)
        #expect(Tolerance().difference(indicator.fed((0..<bars.count).map { bars[$0] })[0], expected) == nil)
    }

    @Test("A session that begins with a broken bar begins all the same")
    func brokenSessionStart() throws {
        func bar(_ price: Double, starts: Bool = false) -> BarValues {
            BarValues(open: price, high: price, low: price, close: price, volume: 10, startsSession: starts)
        }
        let bars = [bar(10, starts: true), bar(20), bar(.nan, starts: true), bar(40), bar(60)]
        let expected = [10, 15, .nan, 40, 50]
        #expect(try identical(AnyIndicator("VWAP").fed(bars)[0], expected))
        #expect(try identical(VWAP().columns(over: BarColumns(bars))[0], expected))
    }

    @Test("VPT goes on after a close of zero, its form per bar has no value there")
    func zeroClose() throws {
        let bars = [2.0, 0, 4, 5].map { BarValues(open: $0, high: $0, low: $0, close: $0, volume: 8) }
        #expect(try identical(AnyIndicator("VPT").fed(bars)[0], [.nan, -8, -8, -6]))
        #expect(try identical(AnyIndicator("VPT_BAR").fed(bars)[0], [.nan, -8, .nan, 2]))
    }

    @Test("Where nothing moved, Wilder's RSI is 0 and the simple one has no value")
    func flatRSI() throws {
        let bars = Series.constant(30)
        #expect(try AnyIndicator("RSI:5").fed(bars)[0].last == 0)
        #expect(try AnyIndicator("RSI_SIMPLE:5").fed(bars)[0].last?.isNaN == true)
    }
}
