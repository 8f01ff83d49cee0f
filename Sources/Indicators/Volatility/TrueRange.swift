/// True range (Wilder 1978): max of high − low, |high − previous close|, |low − previous close|.
///
/// TA-Lib `TRANGE`; first value at bar 1.
public struct TrueRange: Indicator {
    @Exact private var last = Double.nan

    public init() {}

    @inlinable
    public static var inputs: BarInputs { .highLowClose }
    public var warmUp: Int { 1 }
    public var memory: IndicatorMemory { .window(bars: 2) }

    public mutating func advance(_ bar: BarValues) -> Double {
        defer { last = bar.close }
        return last.isNaN ? .nan : Self.of(bar, after: last)
    }

    @inline(__always)
    static func of(_ bar: BarValues, after last: Double) -> Double {
        widest(bar.high - bar.low, (bar.high - last).magnitude, (bar.low - last).magnitude)
    }

    /// The largest of three numbers that are not NaN.
    @inline(__always)
    static func widest(_ first: Double, _ second: Double, _ third: Double) -> Double {
        let larger = second > third ? second : third
        return first > larger ? first : larger
    }
}
