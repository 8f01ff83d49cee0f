/// The two columns of Aroon, from 0 (the extreme is N bars old) to 100 (it is the newest bar).
public struct AroonValue: IndicatorOutput {
    public let down: Double
    public let up: Double

    public static var width: Int { 2 }
    public static var none: AroonValue { AroonValue(down: .nan, up: .nan) }
    public subscript(column: Int) -> Double { column == 0 ? down : up }
}

/// Aroon (Chande 1995): how recent the lowest low and the highest high of the last N+1 bars are, 100·(N − age)/N.
///
/// TA-Lib `AROON`; first value at bar N. Of equal extremes the latest counts.
public struct Aroon: Indicator {
    private var highs: WindowAge<Highest>
    private var lows: WindowAge<Lowest>
    private var pending: Int

    public init(period: Int = 14) throws(IndicatorError) {
        highs = WindowAge(try Parameters.period(period, of: "AROON") + 1)
        lows = WindowAge(period + 1)
        pending = period
    }

    @inlinable
    public static var inputs: BarInputs { .highLow }
    public var warmUp: Int { highs.length - 1 }
    public var memory: IndicatorMemory { .window(bars: highs.length) }

    public mutating func advance(_ bar: BarValues) -> AroonValue {
        let highAge = highs.push(bar.high)
        let lowAge = lows.push(bar.low)
        guard pending == 0 else {
            pending -= 1
            return .none
        }
        let period = highs.length - 1
        return AroonValue(down: share(period - lowAge, period), up: share(period - highAge, period))
    }

    private func share(_ part: Int, _ whole: Int) -> Double { 100 * Double(part) / Double(whole) }
}
