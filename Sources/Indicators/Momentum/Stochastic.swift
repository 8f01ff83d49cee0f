/// The two columns of a stochastic oscillator, both from 0 to 100.
public struct StochasticValue: IndicatorOutput {
    public let k: Double
    public let d: Double

    public static var width: Int { 2 }
    public static var none: StochasticValue { StochasticValue(k: .nan, d: .nan) }
    public subscript(column: Int) -> Double { column == 0 ? k : d }
}

/// Where the close stands between the highest high and the lowest low of N bars.
struct PriceRange: Codable, Equatable, Sendable {
    private var highs: WindowHighest
    private var lows: WindowLowest
    private var pending: Int

    init(_ period: Int) {
        highs = WindowHighest(period)
        lows = WindowLowest(period)
        pending = period - 1
    }

    var period: Int { highs.length }

    /// Takes in a bar; `nil` until N have come.
    @inline(__always)
    mutating func push(high: Double, low: Double) -> (highest: Double, lowest: Double)? {
        let highest = highs.push(high)
        let lowest = lows.push(low)
        guard pending == 0 else {
            pending -= 1
            return nil
        }
        return (highest, lowest)
    }
}

/// A plain mean that waits for its first N values.
struct PlainMean: Codable, Equatable, Sendable {
    private var window: WindowSum
    private var pending: Int

    init(_ period: Int) {
        window = WindowSum(period)
        pending = period - 1
    }

    var period: Int { window.length }

    @inline(__always)
    mutating func push(_ value: Double) -> Double {
        let sum = window.push(value)
        guard pending == 0 else {
            pending -= 1
            return .nan
        }
        return sum / Double(window.length)
    }
}

/// Fast stochastic (Lane): %K = 100·(close − lowest low)/(highest high − lowest low), %D its mean over 3 bars.
///
/// TA-Lib `STOCHF` with plain means: %K is shown once %D exists; 0 where the range is empty.
public struct FastStochastic: Indicator {
    private var range: PriceRange
    private var mean: PlainMean

    public init(fastK: Int = 5, fastD: Int = 3) throws(IndicatorError) {
        range = PriceRange(try Parameters.period(fastK, "fastk_period", of: "STOCHF", from: 1))
        mean = PlainMean(try Parameters.period(fastD, "fastd_period", of: "STOCHF", from: 1))
    }

    @inlinable
    public static var inputs: BarInputs { .highLowClose }
    public var warmUp: Int { range.period + mean.period - 2 }
    public var memory: IndicatorMemory { .window(bars: warmUp + 1) }

    public mutating func advance(_ bar: BarValues) -> StochasticValue {
        guard let (highest, lowest) = range.push(high: bar.high, low: bar.low) else { return .none }
        let k = Stochastic.percent(bar.close, highest, lowest)
        let d = mean.push(k)
        return d.isNaN ? .none : StochasticValue(k: k, d: d)
    }
}

/// Slow stochastic (Lane): %K of ``FastStochastic`` smoothed, and the mean of that.
///
/// TA-Lib `STOCH` with plain means; both columns from bar fastK + slowK + slowD − 3.
public struct Stochastic: Indicator {
    private var range: PriceRange
    private var slowK: PlainMean
    private var slowD: PlainMean

    public init(fastK: Int = 5, slowK: Int = 3, slowD: Int = 3) throws(IndicatorError) {
        range = PriceRange(try Parameters.period(fastK, "fastk_period", of: "STOCH", from: 1))
        self.slowK = PlainMean(try Parameters.period(slowK, "slowk_period", of: "STOCH", from: 1))
        self.slowD = PlainMean(try Parameters.period(slowD, "slowd_period", of: "STOCH", from: 1))
    }

    @inlinable
    public static var inputs: BarInputs { .highLowClose }
    public var warmUp: Int { range.period + slowK.period + slowD.period - 3 }
    public var memory: IndicatorMemory { .window(bars: warmUp + 1) }

    public mutating func advance(_ bar: BarValues) -> StochasticValue {
        guard let (highest, lowest) = range.push(high: bar.high, low: bar.low) else { return .none }
        let k = slowK.push(Self.percent(bar.close, highest, lowest))
        guard !k.isNaN else { return .none }
        let d = slowD.push(k)
        return d.isNaN ? .none : StochasticValue(k: k, d: d)
    }

    public func computeColumns(over bars: BarColumns) -> [[Double]] {
        let fresh = try? Stochastic(fastK: range.period, slowK: slowK.period, slowD: slowD.period)
        guard self == fresh else { return stepColumns(over: bars) }
        return batch(over: bars) { input, outputs in
            let (k, d) = (outputs[0], outputs[1])
            BlockFold.run(Highest.self, Lowest.self, rows: input.count, length: range.period) {
                (input.high[$0], input.low[$0])
            } result: { row, highest, lowest in
                k[row] = Self.percent(input.close[row], highest, lowest)
            }
            // Each average replaces what it is made of; it begins where that begins.
            Self.smooth(k, into: k, from: range.period &- 1, input.count, slowK.period)
            Self.smooth(k, into: d, from: range.period &+ slowK.period &- 2, input.count, slowD.period)
            for column in outputs { ColumnStore.clear(column, warmUp, of: input.count) }
        }
    }

    /// The plain means of a column's rows from `first` on.
    private static func smooth(
        _ column: ColumnStore.Output, into result: ColumnStore.Output, from first: Int, _ rows: Int, _ period: Int
    ) {
        let divisor = Double(period)
        guard period != 3 else { return smoothThree(column + first, into: result + first, max(rows - first, 0)) }
        BlockFold.run(Adding.self, rows: max(rows - first, 0), length: period) {
            column[first &+ $0]
        } result: {
            result[first &+ $0] = $1 / divisor
        }
    }

    /// The usual length, with its blocks written out: the same sums in the same order.
    private static func smoothThree(_ column: ColumnStore.Output, into result: ColumnStore.Output, _ rows: Int) {
        var lastTwo = 0.0
        var last = 0.0
        var row = 0
        while row &+ 3 <= rows {
            let (first, second, third) = (column[row], column[row &+ 1], column[row &+ 2])
            let pair = first + second
            result[row] = (lastTwo + first) / 3
            result[row &+ 1] = (last + pair) / 3
            result[row &+ 2] = (pair + third) / 3
            lastTwo = second + third
            last = third
            row &+= 3
        }
        guard row < rows else { return }
        let first = column[row]
        if row &+ 1 < rows { result[row &+ 1] = (last + (first + column[row &+ 1])) / 3 }
        result[row] = (lastTwo + first) / 3
    }

    @inline(__always)
    static func percent(_ close: Double, _ highest: Double, _ lowest: Double) -> Double {
        let range = highest - lowest
        return range == 0 ? 0 : 100 * (close - lowest) / range
    }
}

/// The fast stochastic of an RSI. TA-Lib `STOCHRSI`; first at bar N + fastK + fastD − 2.
///
/// While the price stands still an RSI stays where it was, but for the rounding of its averages. A range of less than
/// 1e-11 is therefore empty; TA-Lib would blow that noise up to the full scale.
public struct StochasticRSI: Indicator {
    private var rsi: RSI
    private var range: PriceRange
    private var mean: PlainMean

    private static let noise = 1e-11

    public init(period: Int = 14, fastK: Int = 5, fastD: Int = 3) throws(IndicatorError) {
        let name = "STOCHRSI"
        rsi = try RSI(period: try Parameters.period(period, of: name))
        range = PriceRange(try Parameters.period(fastK, "fastk_period", of: name, from: 1))
        mean = PlainMean(try Parameters.period(fastD, "fastd_period", of: name, from: 1))
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var warmUp: Int { rsi.warmUp + range.period + mean.period - 2 }
    public var memory: IndicatorMemory { rsi.memory }

    public mutating func advance(_ bar: BarValues) -> StochasticValue {
        let strength = rsi.push(bar.close)
        guard !strength.isNaN, let (highest, lowest) = range.push(high: strength, low: strength) else { return .none }
        let k = highest - lowest < Self.noise ? 0 : 100 * (strength - lowest) / (highest - lowest)
        let d = mean.push(k)
        return d.isNaN ? .none : StochasticValue(k: k, d: d)
    }
}

/// Williams' %R: −100·(highest high − close)/(highest high − lowest low), from −100 to 0.
///
/// TA-Lib `WILLR`; first value at bar N−1, 0 where the range is empty.
public struct WilliamsR: Indicator {
    private var range: PriceRange

    public init(period: Int = 14) throws(IndicatorError) {
        range = PriceRange(try Parameters.period(period, of: "WILLR"))
    }

    @inlinable
    public static var inputs: BarInputs { .highLowClose }
    public var warmUp: Int { range.period - 1 }
    public var memory: IndicatorMemory { .window(bars: range.period) }

    public mutating func advance(_ bar: BarValues) -> Double {
        guard let (highest, lowest) = range.push(high: bar.high, low: bar.low) else { return .nan }
        return Self.percent(bar.close, highest, lowest)
    }

    @inline(__always)
    private static func percent(_ close: Double, _ highest: Double, _ lowest: Double) -> Double {
        highest == lowest ? 0 : -100 * (highest - close) / (highest - lowest)
    }

    public func computeColumns(over bars: BarColumns) -> [[Double]] {
        guard self == (try? WilliamsR(period: range.period)) else { return stepColumns(over: bars) }
        return batch(over: bars) { input, outputs in
            let out = outputs[0]
            BlockFold.run(Highest.self, Lowest.self, rows: input.count, length: range.period) {
                (input.high[$0], input.low[$0])
            } result: { row, highest, lowest in
                out[row] = Self.percent(input.close[row], highest, lowest)
            }
            ColumnStore.clear(out, warmUp, of: input.count)
        }
    }
}

extension FastStochastic: Configured {
    var configuration: [Double] { [Double(range.period)] }
}

extension Stochastic: Configured {
    var configuration: [Double] { [Double(range.period), Double(slowK.period)] }
}

extension StochasticRSI: Configured {
    var configuration: [Double] { [Double(rsi.warmUp), Double(range.period)] }
}
