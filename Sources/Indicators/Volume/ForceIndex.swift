/// Force index (Elder 1993): the EMA over N bars of (close − previous close)·volume.
///
/// The EMA is the one of ``EMA``, seeded with the mean of the first N forces; first value at bar N. ``TwoBarForce`` is
/// the form of the original system.
public struct ForceIndex: Indicator {
    private var average: SeededAverage
    @Exact private var last = Double.nan

    public init(period: Int = 13) throws(IndicatorError) {
        average = .exponential(try Parameters.period(period, of: "FORCE", from: 1))
    }

    @inlinable
    public static var inputs: BarInputs { .closeVolume }
    public var warmUp: Int { average.period }
    public var memory: IndicatorMemory { .fading(perBar: average.fading, stages: 1) }

    public mutating func advance(_ bar: BarValues) -> Double {
        let before = last
        last = bar.close
        return before.isNaN ? .nan : average.push((bar.close - before) * bar.volume)
    }
}

/// (close − close two bars ago)·volume, without smoothing: the original system's `ForceIndex2`. First value at bar 2.
public struct TwoBarForce: Indicator {
    private var lag = WindowLag(2)

    public init() {}

    @inlinable
    public static var inputs: BarInputs { .closeVolume }
    public var warmUp: Int { 2 }
    public var memory: IndicatorMemory { .window(bars: 3) }

    public mutating func advance(_ bar: BarValues) -> Double { (bar.close - lag.push(bar.close)) * bar.volume }
}
