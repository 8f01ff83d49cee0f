/// Weighted moving average: weights 1…N, the newest close weighs most. TA-Lib `WMA`; first value at bar N−1.
public struct WMA: Indicator {
    private var window: WindowTrend
    private var pending: Int

    public init(period: Int = 30) throws(IndicatorError) {
        window = WindowTrend(try Parameters.period(period, of: "WMA"))
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
        return trend.anchor + trend.weighted / (period * (period + 1) / 2)
    }
}
