import Foundation
import Indicators
import Testing

/// What long and rough series do to the digits.
struct NumericsTests {
    /// Calm prices, a burst that is 10^12 times as large, and calm prices again.
    static func rough(_ count: Int) -> [BarValues] {
        var bars = Series.walk(count, seed: 21)
        let burst = Series.walk(200, seed: 22, start: 1e14)
        bars.replaceSubrange((count / 2)..<(count / 2 + 200), with: burst)
        return bars
    }

    static let million = rough(1_000_000)
    static let long = rough(50_000)

    @Test(
        "After a million bars and a burst of huge ones, a window's value is the one its own bars give",
        arguments: [
            "SMA:20", "STDDEV:20", "BBANDS:20", "WMA:20", "LINEARREG_SLOPE:20", "CCI:20", "MFI:14", "VWAP_ROLLING:20",
        ])
    func doesNotDrift(spec: String) throws {
        let bars = Self.million
        let indicator = try AnyIndicator(spec)
        let columns = indicator.columns(over: try BarColumns(bars))
        guard case .window(let length) = indicator.memory else {
            Issue.record("\(spec) is no window")
            return
        }
        let tolerance = Tolerance(relative: 1e-9, absolute: 1e-11)
        for end in [500_300, 700_001, 1_000_000] {
            let fresh = indicator.fed(Array(bars[(end - length)..<end]))
            for (long, short) in zip(columns, fresh) {
                let expected = short.last ?? .nan
                #expect(tolerance.accepts(long[end - 1], expected), "bar \(end): \(long[end - 1]), \(expected)")
            }
        }
    }

    @Test("Both forms still agree after 50,000 bars with a burst", arguments: IndicatorCatalogue.entries.map(\.name))
    func formsAgreeForLong(name: String) throws {
        let bars = Self.long
        let indicator = try AnyIndicator(name)
        let batch = indicator.columns(over: try BarColumns(bars))
        let fed = indicator.fed(bars)
        for (left, right) in zip(batch, fed) {
            #expect(Tolerance(relative: 1e-9, absolute: 1e-9).difference(left, right) == nil)
        }
    }

    @Test(
        "The deviation of a constant window is zero to the last bit, whatever came before",
        arguments: [70.3, 1e-6, 0.1, 123_456_789.01])
    func constantWindow(price: Double) throws {
        let bars = Series.walk(57, seed: 23) + Series.constant(60, price: price)
        for spec in ["STDDEV:20", "STDDEV_SAMPLE:7", "LINEARREG_SLOPE:14", "CCI:20"] {
            let last = try AnyIndicator(spec).columns(over: try BarColumns(bars))[0].suffix(20)
            #expect(last.allSatisfy { $0 == 0 }, "\(spec)")
        }
        let bands = try AnyIndicator("BBANDS:20").fed(bars).map { $0.last }
        #expect(bands == [price, price, price])
    }

    @Test("The deviation of prices around ten million keeps its digits")
    func largeLevel() throws {
        // The same shape as 1, 2, 3, 4, 5, …: population deviation √2, whatever the level.
        let bars = (0..<40).map { index in
            let price = 1e7 + Double(index)
            return BarValues(open: price, high: price, low: price, close: price, volume: 1)
        }
        let column = try AnyIndicator("STDDEV:5").fed(bars)[0].dropFirst(4)
        #expect(column.allSatisfy { abs($0 - 2.0.squareRoot()) < 1e-14 })
        let slope = try AnyIndicator("LINEARREG_SLOPE:14").fed(bars)[0].dropFirst(13)
        #expect(slope.allSatisfy { abs($0 - 1) < 1e-14 })
    }

    @Test("A jump by a factor of a million leaves no trace once it has left the window")
    func jump() throws {
        let tail = Series.walk(80, seed: 24)
        let spike = BarValues(open: 1e8, high: 1e8, low: 1e8, close: 1e8, volume: 1e12)
        let jumped = Series.walk(33, seed: 25) + [spike] + tail
        for spec in ["SMA:20", "BBANDS:20", "MFI:14", "STOCH", "WILLR:14", "AROON:14", "WMA:9", "CCI:20"] {
            let with = try AnyIndicator(spec).fed(jumped).map { $0.suffix(40) }
            let without = try AnyIndicator(spec).fed(tail).map { $0.suffix(40) }
            for (left, right) in zip(with, without) {
                #expect(
                    Tolerance(relative: 1e-12, absolute: 1e-12).difference(Array(left), Array(right)) == nil, "\(spec)")
            }
        }
    }

    @Test("A dead market without volume gives zero, not noise")
    func deadMarket() throws {
        let bars = Series.constant(120, volume: 0)
        for spec in [
            "RSI", "CMO", "STOCHF", "STOCH", "WILLR", "CCI", "MFI", "ADX", "PLUS_DI", "ULTOSC", "ATR", "TRIX", "AD",
        ] {
            let columns = try AnyIndicator(spec).fed(bars)
            #expect(columns.allSatisfy { $0.last == 0 }, "\(spec): \(columns.map { $0.last ?? .nan })")
        }
    }
}
