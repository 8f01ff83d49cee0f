/// Accumulation/distribution line (Chaikin): the sum of volume·((close − low) − (high − close))/(high − low).
///
/// TA-Lib `AD`, in shares; a bar whose high equals its low adds nothing.
public struct AccumulationDistribution: Indicator {
    private var line = RunningSum()

    public init() {}

    @inlinable
    public static var inputs: BarInputs { .highLowCloseVolume }
    public var warmUp: Int { 0 }
    public var memory: IndicatorMemory { .anchored }

    public mutating func advance(_ bar: BarValues) -> Double {
        let range = bar.high - bar.low
        guard range > 0 else { return line.value }
        return line.add(((bar.close - bar.low) - (bar.high - bar.close)) / range * bar.volume)
    }
}

/// Chaikin oscillator: fast minus slow EMA of the accumulation/distribution line.
///
/// TA-Lib `ADOSC`: both averages start at the first value of the line; shown from bar slow−1.
public struct ChaikinOscillator: Indicator {
    private let fast: Int
    private let slow: Int
    private var line = AccumulationDistribution()
    private var pending: Int
    @Exact private var fastAverage = Double.nan
    @Exact private var slowAverage = Double.nan

    public init(fast: Int = 3, slow: Int = 10) throws(IndicatorError) {
        self.fast = try Parameters.period(fast, "fastperiod", of: "ADOSC")
        self.slow = try Parameters.period(slow, "slowperiod", of: "ADOSC")
        try Parameters.rising([fast, slow], ["fastperiod", "slowperiod"], of: "ADOSC")
        pending = slow - 1
    }

    @inlinable
    public static var inputs: BarInputs { .highLowCloseVolume }
    public var warmUp: Int { slow - 1 }
    /// The level of the line cancels out, so only what both averages still remember counts.
    public var memory: IndicatorMemory { .fading(perBar: 1 - 2 / Double(slow + 1), stages: 1) }

    public mutating func advance(_ bar: BarValues) -> Double {
        let level = line.advance(bar)
        fastAverage = Self.next(fastAverage, level, fast)
        slowAverage = Self.next(slowAverage, level, slow)
        guard pending == 0 else {
            pending -= 1
            return .nan
        }
        return fastAverage - slowAverage
    }

    private static func next(_ average: Double, _ value: Double, _ period: Int) -> Double {
        let weight = 2 / (Double(period) + 1)
        return average.isNaN ? value : (1 - weight) * average + weight * value
    }
}

extension ChaikinOscillator: Configured {
    var configuration: [Double] { [Double(fast)] }
}
