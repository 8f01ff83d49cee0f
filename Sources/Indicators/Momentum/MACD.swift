/// The three columns of the moving average convergence/divergence.
public struct MACDValue: IndicatorOutput {
    /// Fast minus slow average.
    public let macd: Double
    /// The average of that difference.
    public let signal: Double
    /// Difference minus signal.
    public let histogram: Double

    public static var width: Int { 3 }
    public static var none: MACDValue { MACDValue(macd: .nan, signal: .nan, histogram: .nan) }
    public subscript(column: Int) -> Double { column == 0 ? macd : column == 1 ? signal : histogram }
}

/// Moving average convergence/divergence (Appel): EMA(fast) − EMA(slow), and the EMA of that difference.
///
/// TA-Lib `MACD`: both averages start at bar slow−1, so the fast one is seeded with the last `fast` of the first `slow`
/// closes; all three columns are empty before bar slow+signal−2.
public struct MACD: Indicator {
    private var fast: SeededAverage
    private var slow: SeededAverage
    private var signal: SeededAverage
    /// The closes that only the slow average takes in.
    private var ahead: Int

    /// - Throws: ``IndicatorError`` for a period out of range, or a fast one that is not shorter than the slow.
    public init(fast: Int = 12, slow: Int = 26, signal: Int = 9) throws(IndicatorError) {
        self.fast = .exponential(try Parameters.period(fast, "fastperiod", of: "MACD"))
        self.slow = .exponential(try Parameters.period(slow, "slowperiod", of: "MACD"))
        self.signal = .exponential(try Parameters.period(signal, "signalperiod", of: "MACD", from: 1))
        try Parameters.rising([fast, slow], ["fastperiod", "slowperiod"], of: "MACD")
        ahead = slow - fast
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var warmUp: Int { slow.period + signal.period - 2 }
    public var memory: IndicatorMemory { .fading(perBar: max(slow.fading, signal.fading), stages: 2) }

    public mutating func advance(_ bar: BarValues) -> MACDValue {
        let slowly = slow.push(bar.close)
        guard ahead == 0 else {
            ahead -= 1
            return .none
        }
        let macd = fast.push(bar.close) - slowly
        guard !macd.isNaN else { return .none }
        let average = signal.push(macd)
        guard !average.isNaN else { return .none }
        return MACDValue(macd: macd, signal: average, histogram: macd - average)
    }

    public func computeColumns(over bars: BarColumns) -> [[Double]] {
        batch(over: bars) { input, outputs in
            var state = self
            let (macd, signal, histogram) = (outputs[0], outputs[1], outputs[2])
            let begun = min(warmUp &+ 1, input.count)
            for row in 0..<begun {
                let output = state.advance(input[row])
                (macd[row], signal[row], histogram[row]) = (output.macd, output.signal, output.histogram)
            }
            // From here on all three averages have their values.
            var (fast, slow, average) = (state.fast, state.slow, state.signal)
            for row in begun..<input.count {
                let difference = fast.next(input.close[row]) - slow.next(input.close[row])
                macd[row] = difference
                signal[row] = average.next(difference)
                histogram[row] = difference - signal[row]
            }
        }
    }
}

/// The same of averages in the adjusted form (``AdjustedEMA``), as pandas code computes it: values from the first bar.
public struct AdjustedMACD: Indicator {
    private var fast: AdjustedAverage
    private var slow: AdjustedAverage
    private var signal: AdjustedAverage

    public init(fast: Int = 12, slow: Int = 26, signal: Int = 9) throws(IndicatorError) {
        let name = "MACD_ADJUSTED"
        self.fast = AdjustedAverage(try Parameters.period(fast, "fastperiod", of: name))
        self.slow = AdjustedAverage(try Parameters.period(slow, "slowperiod", of: name))
        self.signal = AdjustedAverage(try Parameters.period(signal, "signalperiod", of: name, from: 1))
        try Parameters.rising([fast, slow], ["fastperiod", "slowperiod"], of: name)
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var warmUp: Int { 0 }
    public var memory: IndicatorMemory { .fading(perBar: max(slow.fading, signal.fading), stages: 2) }

    public mutating func advance(_ bar: BarValues) -> MACDValue {
        let macd = fast.push(bar.close) - slow.push(bar.close)
        let average = signal.push(macd)
        return MACDValue(macd: macd, signal: average, histogram: macd - average)
    }
}

extension MACD: Configured {
    var configuration: [Double] { [Double(fast.period), Double(slow.period)] }
}

extension AdjustedMACD: Configured {
    var configuration: [Double] { [Double(fast.period), Double(slow.period), Double(signal.period)] }
}
