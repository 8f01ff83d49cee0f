/// What a sum of squared deviations is divided by.
public enum DeviationDivisor: String, Codable, Hashable, Sendable {
    /// N: the deviation of the window itself. TA-Lib, most charting programs.
    case population
    /// N − 1: the estimate for what the window was drawn from. pandas, spreadsheets' `STDEV`.
    case sample

    func count(of period: Int) -> Double { Double(self == .population ? period : period - 1) }
}

/// Standard deviation of the last N closes, times a factor.
///
/// TA-Lib `STDDEV` (population); `STDDEV_SAMPLE` divides by N − 1. First value at bar N−1; exactly 0 where the window is
/// constant.
public struct StandardDeviation: Indicator {
    private var window: WindowMoments
    private var pending: Int
    @Exact private var factor: Double
    private let divisor: DeviationDivisor

    public init(
        period: Int = 5, factor: Double = 1, divisor: DeviationDivisor = .population
    ) throws(IndicatorError) {
        let name = divisor == .population ? "STDDEV" : "STDDEV_SAMPLE"
        window = WindowMoments(try Parameters.period(period, of: name))
        self.factor = try Parameters.number(factor, "nbdev", of: name, in: 0.01...1000)
        pending = period - 1
        self.divisor = divisor
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var warmUp: Int { window.length - 1 }
    public var memory: IndicatorMemory { .window(bars: window.length) }

    public mutating func advance(_ bar: BarValues) -> Double {
        let squares = window.push(bar.close).squares
        guard pending == 0 else {
            pending -= 1
            return .nan
        }
        return (squares / divisor.count(of: window.length)).squareRoot() * factor
    }
}

extension StandardDeviation: Configured {
    var configuration: [Double] { [factor, divisor.count(of: 2)] }
}
