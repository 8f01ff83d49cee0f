/// Rate of change in per cent: (close / close N bars ago − 1)·100. TA-Lib `ROC`; first value at bar N.
public struct RateOfChange: Indicator {
    private var lag: WindowLag

    public init(period: Int = 10) throws(IndicatorError) {
        lag = WindowLag(try Parameters.period(period, of: "ROC", from: 1))
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var warmUp: Int { lag.length }
    public var memory: IndicatorMemory { .window(bars: lag.length + 1) }

    public mutating func advance(_ bar: BarValues) -> Double {
        let old = lag.push(bar.close)
        return old == 0 ? 0 : (bar.close / old - 1) * 100
    }
}

/// Momentum: close − close N bars ago. TA-Lib `MOM`; first value at bar N.
public struct Momentum: Indicator {
    private var lag: WindowLag

    public init(period: Int = 10) throws(IndicatorError) {
        lag = WindowLag(try Parameters.period(period, of: "MOM", from: 1))
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var warmUp: Int { lag.length }
    public var memory: IndicatorMemory { .window(bars: lag.length + 1) }

    public mutating func advance(_ bar: BarValues) -> Double { bar.close - lag.push(bar.close) }
}
