/// Ultimate oscillator (Williams 1985): buying pressure over true range in three periods, weighted 4, 2 and 1.
///
/// Buying pressure = close − min(low, previous close). TA-Lib `ULTOSC`; first value at bar N of the longest period; a
/// period without any range adds 0.
public struct UltimateOscillator: Indicator {
    private var pressures: [WindowSum]
    private var ranges: [WindowSum]
    private var pending: Int
    @Exact private var last = Double.nan

    public init(short: Int = 7, middle: Int = 14, long: Int = 28) throws(IndicatorError) {
        let names = ["timeperiod1", "timeperiod2", "timeperiod3"]
        for (name, period) in zip(names, [short, middle, long]) {
            _ = try Parameters.period(period, name, of: "ULTOSC", from: 1)
        }
        try Parameters.rising([short, middle, long], names, of: "ULTOSC")
        pressures = [short, middle, long].map { WindowSum($0) }
        ranges = pressures
        pending = long - 1
    }

    @inlinable
    public static var inputs: BarInputs { .highLowClose }
    public var warmUp: Int { ranges.last?.length ?? 0 }
    public var memory: IndicatorMemory { .window(bars: warmUp + 1) }

    public mutating func advance(_ bar: BarValues) -> Double {
        defer { last = bar.close }
        guard !last.isNaN else { return .nan }
        let pressure = bar.close - min(bar.low, last)
        let range = TrueRange.of(bar, after: last)
        var total = 0.0
        var weight = 4.0
        for (index, _) in zip(pressures.indices, ranges.indices) {
            let sum = ranges[index].push(range)
            let share = pressures[index].push(pressure) / sum
            if sum >= Tiny.limit { total += weight * share }
            weight /= 2
        }
        guard pending == 0 else {
            pending -= 1
            return .nan
        }
        return 100 * total / 7
    }
}

extension UltimateOscillator: Configured {
    var configuration: [Double] { (pressures + ranges).map { Double($0.length) } }
}
