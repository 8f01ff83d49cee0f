/// Money flow index (Quong and Soudack 1989): 100·inflow/(inflow + outflow) over the last N bars.
///
/// Flow is typical price times volume, in when that price rose, out when it fell, neither when it stayed. TA-Lib `MFI`;
/// first value at bar N; 0 where both flows together are below 1 currency unit, which is TA-Lib's rule.
public struct MFI: Indicator {
    private var inflow: WindowSum
    private var outflow: WindowSum
    private var pending: Int
    @Exact private var last = Double.nan

    public init(period: Int = 14) throws(IndicatorError) {
        inflow = WindowSum(try Parameters.period(period, of: "MFI"))
        outflow = inflow
        pending = period - 1
    }

    @inlinable
    public static var inputs: BarInputs { .highLowCloseVolume }
    public var warmUp: Int { inflow.length }
    public var memory: IndicatorMemory { .window(bars: inflow.length + 1) }

    public mutating func advance(_ bar: BarValues) -> Double {
        let price = bar.typicalPrice
        let before = last
        last = price
        guard !before.isNaN else { return .nan }
        let flows = Branchless.split(SIMD2(repeating: price * bar.volume), price, before)
        let positive = inflow.push(flows[0])
        let negative = outflow.push(flows[1])
        guard pending == 0 else {
            pending -= 1
            return .nan
        }
        return Self.share(positive, negative)
    }

    @inline(__always)
    private static func share(_ positive: Double, _ negative: Double) -> Double {
        let both = positive + negative
        return both < 1 ? 0 : 100 * (positive / both)
    }

    public func computeColumns(over bars: BarColumns) -> [[Double]] {
        guard self == (try? MFI(period: inflow.length)) else { return stepColumns(over: bars) }
        return batch(over: bars) { input, outputs in
            let out = outputs[0]
            var before = input.typicalPrice(0)
            BlockFold.run(Adding.self, Adding.self, rows: input.count &- 1, length: inflow.length) { row in
                let price = input.typicalPrice(row &+ 1)
                let flow = SIMD2(repeating: price * input.volume[row &+ 1])
                defer { before = price }
                let flows = Branchless.split(flow, price, before)
                return (flows[0], flows[1])
            } result: { row, positive, negative in
                out[row &+ 1] = Self.share(positive, negative)
            }
            ColumnStore.clear(out, warmUp, of: input.count)
        }
    }
}
