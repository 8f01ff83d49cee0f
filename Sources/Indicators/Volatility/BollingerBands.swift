/// The three lines of Bollinger bands, in price units.
public struct BandsValue: IndicatorOutput {
    public let upper: Double
    public let middle: Double
    public let lower: Double

    public static var width: Int { 3 }
    public static var none: BandsValue { BandsValue(upper: .nan, middle: .nan, lower: .nan) }
    public subscript(column: Int) -> Double { column == 0 ? upper : column == 1 ? middle : lower }
}

/// Bollinger bands: the mean of the last N closes, and so many standard deviations above and below.
///
/// TA-Lib `BBANDS` (population deviation, plain mean); `BBANDS_SAMPLE` divides by N − 1. First value at bar N−1.
public struct BollingerBands: Indicator {
    private var window: WindowMoments
    private var pending: Int
    @Exact private var up: Double
    @Exact private var down: Double
    private let divisor: DeviationDivisor

    /// - Parameters:
    ///   - up: deviations from the middle to the upper line.
    ///   - down: deviations from the middle to the lower line.
    public init(
        period: Int = 5, up: Double = 2, down: Double = 2, divisor: DeviationDivisor = .population
    ) throws(IndicatorError) {
        let name = divisor == .population ? "BBANDS" : "BBANDS_SAMPLE"
        window = WindowMoments(try Parameters.period(period, of: name))
        self.up = try Parameters.number(up, "nbdevup", of: name, in: 0.01...1000)
        self.down = try Parameters.number(down, "nbdevdn", of: name, in: 0.01...1000)
        pending = period - 1
        self.divisor = divisor
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var warmUp: Int { window.length - 1 }
    public var memory: IndicatorMemory { .window(bars: window.length) }

    public mutating func advance(_ bar: BarValues) -> BandsValue {
        let (mean, squares) = window.push(bar.close)
        guard pending == 0 else {
            pending -= 1
            return .none
        }
        let deviation = (squares * (1 / divisor.count(of: window.length))).squareRoot()
        return BandsValue(upper: mean + up * deviation, middle: mean, lower: mean - down * deviation)
    }

    public func computeColumns(over bars: BarColumns) -> [[Double]] {
        let fresh = try? BollingerBands(period: window.length, up: up, down: down, divisor: divisor)
        guard self == fresh else { return stepColumns(over: bars) }
        let (up, down, inverse) = (up, down, 1 / divisor.count(of: window.length))
        return batch(over: bars) { input, outputs in
            let (upper, middle, lower) = (outputs[0], outputs[1], outputs[2])
            BlockMoments.run(rows: input.count, length: window.length) {
                input.close[$0]
            } result: {
                row, mean, squares in
                let deviation = (squares * inverse).squareRoot()
                upper[row] = mean + up * deviation
                middle[row] = mean
                lower[row] = mean - down * deviation
            }
            for column in outputs { ColumnStore.clear(column, warmUp, of: input.count) }
        }
    }
}

extension BollingerBands: Configured {
    var configuration: [Double] { [up, down, divisor.count(of: 2)] }
}
