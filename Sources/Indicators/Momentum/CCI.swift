/// Commodity channel index (Lambert 1980): (p − mean)/(0.015 · mean absolute deviation) of the typical price p.
///
/// TA-Lib `CCI`; first value at bar N−1, 0 where the window is constant. The deviation around a mean that moves has no
/// running form, so a bar costs one pass over the window (20 values: some 10 ns), however long the history.
public struct CCI: Indicator {
    private var mean: WindowMean
    private var ring: WindowLag
    private var pending: Int

    public init(period: Int = 14) throws(IndicatorError) {
        mean = WindowMean(try Parameters.period(period, of: "CCI"))
        ring = WindowLag(period)
        pending = period - 1
    }

    @inlinable
    public static var inputs: BarInputs { .highLowClose }
    public var warmUp: Int { ring.length - 1 }
    public var memory: IndicatorMemory { .window(bars: ring.length) }

    public mutating func advance(_ bar: BarValues) -> Double {
        let price = bar.typicalPrice
        _ = ring.push(price)
        let centre = mean.push(price)
        guard pending == 0 else {
            pending -= 1
            return .nan
        }
        return Self.index(price - centre, ring.distance(from: centre) / Double(ring.length))
    }

    @inline(__always)
    private static func index(_ distance: Double, _ deviation: Double) -> Double {
        distance == 0 || deviation == 0 ? 0 : distance / (0.015 * deviation)
    }

    public func computeColumns(over bars: BarColumns) -> [[Double]] {
        guard self == (try? CCI(period: ring.length)) else { return stepColumns(over: bars) }
        return batch(over: bars) { input, outputs in
            let out = outputs[0]
            BlockDistance.run(rows: input.count, length: ring.length) {
                input.typicalPrice($0)
            } result: {
                row, distance, deviation in
                out[row] = Self.index(distance, deviation)
            }
            ColumnStore.clear(out, warmUp, of: input.count)
        }
    }
}
