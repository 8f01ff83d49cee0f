/// Average true range (Wilder 1978): the mean of the true ranges 1…N, then Wilder's average.
///
/// TA-Lib `ATR`, in price units; first value at bar N. ``SimpleATR`` is the plain mean.
public struct ATR: Indicator {
    private var range = TrueRange()
    private var average: SeededAverage

    public init(period: Int = 14) throws(IndicatorError) {
        average = .wilder(try Parameters.period(period, of: "ATR", from: 1))
    }

    @inlinable
    public static var inputs: BarInputs { .highLowClose }
    public var warmUp: Int { average.period }
    public var memory: IndicatorMemory { .fading(perBar: average.fading, stages: 1) }

    public mutating func advance(_ bar: BarValues) -> Double {
        let width = range.advance(bar)
        return width.isNaN ? .nan : average.push(width)
    }

    public func computeColumns(over bars: BarColumns) -> [[Double]] {
        batch(over: bars) { input, outputs in
            var state = self
            let out = outputs[0]
            let begun = min(warmUp &+ 1, input.count)
            for row in 0..<begun { out[row] = state.advance(input[row]) }
            var (range, average) = (state.range, state.average)
            for row in begun..<input.count { out[row] = average.next(range.advance(input[row])) }
        }
    }
}

/// Average true range in per cent of the close: 100·ATR/close. TA-Lib `NATR`; first value at bar N.
public struct NATR: Indicator {
    private var range: ATR

    public init(period: Int = 14) throws(IndicatorError) {
        _ = try Parameters.period(period, of: "NATR", from: 1)
        range = try ATR(period: period)
    }

    @inlinable
    public static var inputs: BarInputs { .highLowClose }
    public var warmUp: Int { range.warmUp }
    public var memory: IndicatorMemory { range.memory }

    public mutating func advance(_ bar: BarValues) -> Double {
        let width = range.advance(bar)
        return bar.close.magnitude < Tiny.limit && !width.isNaN ? 0 : 100 * (width / bar.close)
    }
}

/// Average true range as a plain mean over the last N true ranges; first value at bar N.
public struct SimpleATR: Indicator {
    private var range = TrueRange()
    private var mean: PlainMean

    public init(period: Int = 14) throws(IndicatorError) {
        mean = PlainMean(try Parameters.period(period, of: "ATR_SIMPLE", from: 1))
    }

    @inlinable
    public static var inputs: BarInputs { .highLowClose }
    public var warmUp: Int { mean.period }
    public var memory: IndicatorMemory { .window(bars: mean.period + 1) }

    public mutating func advance(_ bar: BarValues) -> Double {
        let width = range.advance(bar)
        return width.isNaN ? .nan : mean.push(width)
    }
}
