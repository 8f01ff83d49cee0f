/// The slope, per bar, of the least-squares line through the last N closes.
///
/// TA-Lib `LINEARREG_SLOPE`, in price units per bar; first value at bar N−1.
public struct LinearRegressionSlope: Indicator {
    private var window: WindowTrend
    private var pending: Int

    public init(period: Int = 14) throws(IndicatorError) {
        window = WindowTrend(try Parameters.period(period, of: "LINEARREG_SLOPE"))
        pending = period - 1
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var warmUp: Int { window.length - 1 }
    public var memory: IndicatorMemory { .window(bars: window.length) }

    public mutating func advance(_ bar: BarValues) -> Double {
        let trend = window.push(bar.close)
        guard pending == 0 else {
            pending -= 1
            return .nan
        }
        let period = Double(window.length)
        return 12 * (trend.weighted - (period + 1) / 2 * trend.sum) / (period * (period * period - 1))
    }
}
