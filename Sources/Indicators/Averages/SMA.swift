/// Simple moving average: the mean of the last N closes. TA-Lib `SMA`; first value at bar N−1.
public struct SMA: Indicator {
    private var window: WindowSum
    private var pending: Int

    /// - Throws: ``IndicatorError/parameterOutOfRange(name:parameter:given:allowed:)`` below 2 or above 100,000 bars.
    public init(period: Int = 30) throws(IndicatorError) {
        window = WindowSum(try Parameters.period(period, of: "SMA"))
        pending = period - 1
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var period: Int { window.length }
    public var warmUp: Int { period - 1 }
    public var memory: IndicatorMemory { .window(bars: period) }

    public mutating func advance(_ bar: BarValues) -> Double {
        let sum = window.push(bar.close)
        guard pending == 0 else {
            pending -= 1
            return .nan
        }
        return sum / Double(window.length)
    }

    public func computeColumns(over bars: BarColumns) -> [[Double]] {
        guard self == (try? SMA(period: period)) else { return stepColumns(over: bars) }
        return batch(over: bars) { input, outputs in
            let out = outputs[0]
            let divisor = Double(period)
            BlockFold.run(Adding.self, rows: input.count, length: period) {
                input.close[$0]
            } result: { row, sum in
                out[row] = sum / divisor
            }
            ColumnStore.clear(out, warmUp, of: input.count)
        }
    }
}
