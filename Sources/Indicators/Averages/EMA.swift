/// Exponential moving average of the closes with weight 2/(N+1), seeded with the mean of the first N closes.
///
/// TA-Lib `EMA`; first value at bar N−1. Two other forms are in use: ``AdjustedEMA`` (pandas' default) and
/// ``FirstValueEMA`` (pandas with `adjust=False`).
public struct EMA: Indicator {
    var average: SeededAverage

    public init(period: Int = 30) throws(IndicatorError) {
        average = .exponential(try Parameters.period(period, of: "EMA"))
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var period: Int { average.period }
    public var warmUp: Int { period - 1 }
    public var memory: IndicatorMemory { .fading(perBar: average.fading, stages: 1) }

    public mutating func advance(_ bar: BarValues) -> Double { average.push(bar.close) }

    public func computeColumns(over bars: BarColumns) -> [[Double]] {
        batch(over: bars) { input, outputs in
            var average = average
            let out = outputs[0]
            let begun = min(period, input.count)
            for row in 0..<begun { out[row] = average.push(input.close[row]) }
            for row in begun..<input.count { out[row] = average.next(input.close[row]) }
        }
    }
}

/// Exponential moving average in the adjusted form: Σ k^i·x[i ago] / Σ k^i over all bars so far, k = 1 − 2/(N+1).
///
/// pandas `ewm(span=N)`; a value from the first bar. A bar without a close is left out like everywhere in the standard
/// set; pandas would let it age the weights, which ``OriginalIndicators`` does.
public struct AdjustedEMA: Indicator {
    private var average: AdjustedAverage

    public init(period: Int = 30) throws(IndicatorError) {
        average = AdjustedAverage(try Parameters.period(period, of: "EMA_ADJUSTED"))
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var period: Int { average.period }
    public var warmUp: Int { 0 }
    public var memory: IndicatorMemory { .fading(perBar: average.fading, stages: 1) }

    public mutating func advance(_ bar: BarValues) -> Double { average.push(bar.close) }
}

/// Exponential moving average that starts from the first close itself: E = (1−k)·E + k·x, k = 2/(N+1).
///
/// pandas `ewm(span=N, adjust=False)`; a value from the first bar.
public struct FirstValueEMA: Indicator {
    public let period: Int
    @Exact private var value = Double.nan

    public init(period: Int = 30) throws(IndicatorError) {
        self.period = try Parameters.period(period, of: "EMA_FIRST")
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var warmUp: Int { 0 }
    public var memory: IndicatorMemory { .fading(perBar: 1 - weight, stages: 1) }
    private var weight: Double { 2 / Double(period + 1) }

    public mutating func advance(_ bar: BarValues) -> Double {
        value = value.isNaN ? bar.close : (1 - weight) * value + weight * bar.close
        return value
    }
}
