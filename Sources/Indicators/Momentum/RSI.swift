/// Numbers that TA-Lib takes for zero.
enum Tiny {
    /// TA-Lib's `TA_EPSILON`.
    static let limit = 1e-14
}

/// Wilder's averages of the gains and of the losses of a series.
struct GainsAndLosses: Codable, Equatable, Sendable {
    private var gains: SeededAverage
    private var losses: SeededAverage
    @Exact private var last = Double.nan

    init(_ period: Int) {
        gains = .wilder(period)
        losses = gains
    }

    var period: Int { gains.period }
    var memory: IndicatorMemory { .fading(perBar: gains.fading, stages: 1) }

    /// Takes in a value; NaN until N moves have come.
    @inline(__always)
    mutating func push(_ value: Double) -> (gain: Double, loss: Double) {
        let move = value - last
        last = value
        guard !move.isNaN else { return (.nan, .nan) }
        return (gains.push(Branchless.positive(move)), losses.push(Branchless.positive(-move)))
    }

    /// The step once both averages have their values, for loops that know they have.
    @inline(__always)
    mutating func next(_ value: Double) -> (gain: Double, loss: Double) {
        let move = value - last
        last = value
        return (gains.next(Branchless.positive(move)), losses.next(Branchless.positive(-move)))
    }
}

/// Relative strength index (Wilder 1978): 100·G/(G+L) of Wilder's averages of gains and losses, from 0 to 100.
///
/// TA-Lib `RSI`: seeded with the plain means of the first N gains and losses, first value at bar N; 0 where nothing
/// ever moved. ``SimpleRSI`` is the form with plain means throughout.
public struct RSI: Indicator {
    private var averages: GainsAndLosses

    public init(period: Int = 14) throws(IndicatorError) {
        averages = GainsAndLosses(try Parameters.period(period, of: "RSI"))
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var warmUp: Int { averages.period }
    public var memory: IndicatorMemory { averages.memory }

    public mutating func advance(_ bar: BarValues) -> Double { push(bar.close) }

    mutating func push(_ value: Double) -> Double { Self.index(averages.push(value)) }

    @inline(__always)
    private static func index(_ averages: (gain: Double, loss: Double)) -> Double {
        let both = averages.gain + averages.loss
        return both < Tiny.limit ? 0 : 100 * (averages.gain / both)
    }

    public func computeColumns(over bars: BarColumns) -> [[Double]] {
        batch(over: bars) { input, outputs in
            var averages = averages
            let out = outputs[0]
            let begun = min(warmUp &+ 1, input.count)
            for row in 0..<begun { out[row] = Self.index(averages.push(input.close[row])) }
            for row in begun..<input.count { out[row] = Self.index(averages.next(input.close[row])) }
        }
    }
}

/// Chande's momentum oscillator with Wilder's averages: 100·(G−L)/(G+L), from −100 to 100.
///
/// TA-Lib `CMO`; first value at bar N, 0 where nothing ever moved.
public struct CMO: Indicator {
    private var averages: GainsAndLosses

    public init(period: Int = 14) throws(IndicatorError) {
        averages = GainsAndLosses(try Parameters.period(period, of: "CMO"))
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var warmUp: Int { averages.period }
    public var memory: IndicatorMemory { averages.memory }

    public mutating func advance(_ bar: BarValues) -> Double {
        let (gain, loss) = averages.push(bar.close)
        let both = gain + loss
        return both < Tiny.limit ? 0 : 100 * ((gain - loss) / both)
    }
}

/// Relative strength index with plain means (Cutler): 100 − 100/(1 + ΣG/ΣL) over the last N moves.
///
/// First value at bar N. 100 where nothing fell, no value (NaN) where nothing moved at all.
public struct SimpleRSI: Indicator {
    private var gains: WindowSum
    private var losses: WindowSum
    private var pending: Int
    @Exact private var last = Double.nan

    public init(period: Int = 14) throws(IndicatorError) {
        gains = WindowSum(try Parameters.period(period, of: "RSI_SIMPLE"))
        losses = gains
        pending = period - 1
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var warmUp: Int { gains.length }
    public var memory: IndicatorMemory { .window(bars: gains.length + 1) }

    public mutating func advance(_ bar: BarValues) -> Double {
        let move = bar.close - last
        last = bar.close
        guard !move.isNaN else { return .nan }
        let gain = gains.push(Branchless.positive(move))
        let loss = losses.push(Branchless.positive(-move))
        guard pending == 0 else {
            pending -= 1
            return .nan
        }
        return 100 - 100 / (1 + gain / loss)
    }
}
