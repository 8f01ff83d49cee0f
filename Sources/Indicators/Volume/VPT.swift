/// Volume-price trend: the running sum of volume times the relative change of the close.
///
/// First value at bar 1. A previous close of 0 has no relative change and adds nothing. ``BarVPT`` is the form of the
/// original system, which does not add up.
public struct VPT: Indicator {
    @Exact private var last = Double.nan
    private var sum = RunningSum()

    public init() {}

    @inlinable
    public static var inputs: BarInputs { .closeVolume }
    public var warmUp: Int { 1 }
    public var memory: IndicatorMemory { .anchored }

    public mutating func advance(_ bar: BarValues) -> Double {
        let before = last
        last = bar.close
        guard !before.isNaN else { return .nan }
        return before == 0 ? sum.value : sum.add(bar.volume * ((bar.close - before) / before))
    }
}

/// Volume times the relative change of the close, bar by bar; none after a close of 0. First value at bar 1.
public struct BarVPT: Indicator {
    @Exact private var last = Double.nan

    public init() {}

    @inlinable
    public static var inputs: BarInputs { .closeVolume }
    public var warmUp: Int { 1 }
    public var memory: IndicatorMemory { .window(bars: 2) }

    public mutating func advance(_ bar: BarValues) -> Double {
        defer { last = bar.close }
        return last == 0 ? .nan : bar.volume * (bar.close - last) / last
    }
}
