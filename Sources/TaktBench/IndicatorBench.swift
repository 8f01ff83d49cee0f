import Core
import Foundation
import Indicators

/// The common set of indicators over a drawn price path: whole columns one after the other, and bar by bar.
enum IndicatorBench {
    static func run(_ count: Int, arrays folder: String?) throws {
        let bars = try path(count)
        if let folder { try write(bars, to: folder) }
        let set = try IndicatorSet()
        var sink = 0.0
        let batch = TaktBench.fastest { sink += set.columns(over: bars) }
        TaktBench.report("indicator set, batch", count, batch, "13 indicators, last values add up to \(sink)")
        let rows = (0..<count).map { bars[$0] }
        var total = 0.0
        let live = TaktBench.fastest {
            var live = set
            for row in rows { total += live.update(row) }
        }
        TaktBench.report("indicator set, bar by bar", count, live, total.isNaN ? "" : "\(total)")
    }

    /// Bars in cents around a random walk.
    private static func path(_ count: Int) throws -> BarColumns {
        var random = SeededGenerator(seed: 20_261_125, stream: "bench")
        func cents(_ value: Double) -> Double { (value * 100).rounded() / 100 }
        var (open, high, low, close, volume) = ([Double](), [Double](), [Double](), [Double](), [Double]())
        var last = 100.0
        for _ in 0..<count {
            let next = max(1, cents(last * (1 + 0.01 * (random.uniform() + random.uniform() - 1))))
            open.append(last)
            high.append(cents(max(last, next) * (1 + 0.004 * random.uniform())))
            low.append(cents(min(last, next) * (1 - 0.004 * random.uniform())))
            close.append(next)
            volume.append((100 + 10_000 * random.uniform()).rounded())
            last = next
        }
        return try BarColumns(open: open, high: high, low: low, close: close, volume: volume)
    }

    private static func write(_ bars: BarColumns, to folder: String) throws {
        let columns = [("high", bars.high), ("low", bars.low), ("close", bars.close), ("volume", bars.volume)]
        for (name, column) in columns {
            let file = URL(fileURLWithPath: folder).appendingPathComponent("\(name).f64")
            try column.withUnsafeBytes { Data($0) }.write(to: file)
        }
    }
}

/// The set whose speed is compared with TA-Lib's.
private struct IndicatorSet {
    var sma: SMA
    var fast: EMA
    var slow: EMA
    var macd: MACD
    var rsi: RSI
    var bands: BollingerBands
    var atr: ATR
    var stochastic: Stochastic
    var adx: ADX
    var obv = OBV()
    var cci: CCI
    var mfi: MFI
    var williams: WilliamsR

    init() throws {
        (sma, fast, slow) = (try SMA(period: 20), try EMA(period: 12), try EMA(period: 26))
        (macd, rsi, bands) = (try MACD(), try RSI(period: 14), try BollingerBands(period: 20))
        (atr, stochastic, adx) = (try ATR(period: 14), try Stochastic(), try ADX(period: 14))
        (cci, mfi, williams) = (try CCI(period: 20), try MFI(period: 14), try WilliamsR(period: 14))
    }

    mutating func update(_ bar: BarValues) -> Double {
        let averages = sma.update(bar) + fast.update(bar) + slow.update(bar) + macd.update(bar).signal
        let ranges = rsi.update(bar) + bands.update(bar).upper + atr.update(bar) + stochastic.update(bar).d
        return averages + ranges + adx.update(bar) + obv.update(bar) + cci.update(bar) + mfi.update(bar)
            + williams.update(bar)
    }

    func columns(over bars: BarColumns) -> Double {
        var total = 0.0
        func take(_ columns: [[Double]]) { total += columns[0].last ?? 0 }
        take(sma.columns(over: bars))
        take(fast.columns(over: bars))
        take(slow.columns(over: bars))
        take(macd.columns(over: bars))
        take(rsi.columns(over: bars))
        take(bands.columns(over: bars))
        take(atr.columns(over: bars))
        take(stochastic.columns(over: bars))
        take(adx.columns(over: bars))
        take(obv.columns(over: bars))
        take(cci.columns(over: bars))
        take(mfi.columns(over: bars))
        take(williams.columns(over: bars))
        return total
    }
}
