/// On-balance volume (Granville 1963): volume added on a rise, taken away on a fall, in shares.
///
/// TA-Lib `OBV`: starts at the first bar's volume.
public struct OBV: Indicator {
    @Exact private var last = Double.nan
    @Exact private var sum = 0.0

    public init() {}

    @inlinable
    public static var inputs: BarInputs { .closeVolume }
    public var warmUp: Int { 0 }
    public var memory: IndicatorMemory { .anchored }

    public mutating func advance(_ bar: BarValues) -> Double {
        if last.isNaN {
            sum = bar.volume
        } else {
            sum += Branchless.split(SIMD2(bar.volume, -bar.volume), bar.close, last).sum()
        }
        last = bar.close
        return sum
    }
}
