/// Kaufman's adaptive moving average: an EMA whose weight follows the efficiency of the last N moves.
///
/// Efficiency = |c − c[N ago]| / Σ|one-bar moves|, 1 where nothing moved; weight = (efficiency·(2/3 − 2/31) + 2/31)².
/// TA-Lib `KAMA` (fast 2, slow 30); it starts from the close at N−1, first value at bar N.
public struct KAMA: Indicator {
    private var moves: WindowSum
    private var lag: WindowLag
    private var pending: Int
    @Exact private var last = Double.nan
    @Exact private var value = Double.nan

    private static let slowest = 2.0 / 31
    private static let spread = 2.0 / 3 - slowest

    public init(period: Int = 30) throws(IndicatorError) {
        moves = WindowSum(try Parameters.period(period, of: "KAMA"))
        lag = WindowLag(period)
        pending = period
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var warmUp: Int { moves.length }
    /// The slowest case, a market that goes nowhere.
    public var memory: IndicatorMemory { .fading(perBar: 1 - Self.slowest * Self.slowest, stages: 1) }

    public mutating func advance(_ bar: BarValues) -> Double {
        let close = bar.close
        let old = lag.push(close)
        defer { last = close }
        guard !last.isNaN else {
            pending -= 1
            return .nan
        }
        let path = moves.push((close - last).magnitude)
        guard pending == 0 else {
            pending -= 1
            if pending == 0 { value = close }
            return .nan
        }
        let change = close - old
        let efficiency = path <= change || path < Tiny.limit ? 1 : (change / path).magnitude
        let root = efficiency * Self.spread + Self.slowest
        value += (close - value) * (root * root)
        return value
    }
}
