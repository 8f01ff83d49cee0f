/// Wilder's sums of true range and of directional movement up and down.
struct DirectionalMovement: Codable, Equatable, Sendable, Configured {
    let period: Int
    @Exact private var keep: Double
    @Exact private var high = Double.nan
    @Exact private var low = Double.nan
    @Exact private var close = Double.nan
    @Exact private var range = 0.0
    /// Movement up and down.
    @Exact private var moves = SIMD2<Double>.zero
    /// Bars until the sums are shown: bars 1…N−1 are only added up.
    private var pending: Int

    init(_ period: Int) {
        self.period = period
        keep = 1 - 1 / Double(period)
        pending = period
    }

    var configuration: [Double] { [Double(period), keep] }
    func memory(stages: Int) -> IndicatorMemory { .fading(perBar: keep, stages: stages) }

    /// Takes in a bar; `nil` until bar N.
    ///
    /// The larger of the rise of the high and the fall of the low counts, if it is positive; of equal ones neither.
    @inline(__always)
    mutating func push(_ bar: BarValues) -> (range: Double, up: Double, down: Double)? {
        pending == 0 ? next(bar) : collect(bar)
    }

    /// The step once the sums are there, for loops that know they are.
    @inline(__always)
    mutating func next(_ bar: BarValues) -> (range: Double, up: Double, down: Double) {
        range = keep * range + TrueRange.of(bar, after: close)
        moves = keep * moves + Self.larger(bar.high - high, low - bar.low)
        (high, low, close) = (bar.high, bar.low, bar.close)
        return (range, moves[0], moves[1])
    }

    private mutating func collect(_ bar: BarValues) -> (range: Double, up: Double, down: Double)? {
        pending -= 1
        if !close.isNaN {
            range += TrueRange.of(bar, after: close)
            moves += Self.larger(bar.high - high, low - bar.low)
        }
        (high, low, close) = (bar.high, bar.low, bar.close)
        return nil
    }

    @inline(__always)
    private static func larger(_ rise: Double, _ fall: Double) -> SIMD2<Double> {
        Branchless.split(SIMD2(Branchless.positive(rise), Branchless.positive(fall)), rise, fall)
    }
}

/// Directional indicator (Wilder 1978): the share of directional movement in the true range, 0 to 100.
///
/// TA-Lib `PLUS_DI` and `MINUS_DI`; first value at bar N, 0 where there is no range.
public struct DirectionalIndicator: Indicator {
    public enum Direction: String, Codable, Hashable, Sendable { case up, down }

    private let direction: Direction
    private var movement: DirectionalMovement

    public init(_ direction: Direction, period: Int = 14) throws(IndicatorError) {
        self.direction = direction
        let name = direction == .up ? "PLUS_DI" : "MINUS_DI"
        movement = DirectionalMovement(try Parameters.period(period, of: name))
    }

    @inlinable
    public static var inputs: BarInputs { .highLowClose }
    public var warmUp: Int { movement.period }
    public var memory: IndicatorMemory { movement.memory(stages: 1) }

    public mutating func advance(_ bar: BarValues) -> Double {
        guard let sums = movement.push(bar) else { return .nan }
        return sums.range < Tiny.limit ? 0 : 100 * ((direction == .up ? sums.up : sums.down) / sums.range)
    }
}

extension DirectionalIndicator: Configured {
    var configuration: [Double] { [direction == .up ? 1 : -1] }
}

/// Average directional index (Wilder 1978): Wilder's average of 100·|up − down|/(up + down), 0 to 100.
///
/// TA-Lib `ADX`: seeded with the mean of the first N such numbers, first value at bar 2N−1. A bar without any
/// directional movement in its sums leaves the average where it was (while seeding it counts as 0).
public struct ADX: Indicator {
    private var movement: DirectionalMovement
    private var average: SeededAverage
    @Exact private var last = Double.nan

    public init(period: Int = 14) throws(IndicatorError) {
        movement = DirectionalMovement(try Parameters.period(period, of: "ADX"))
        average = .wilder(period)
    }

    @inlinable
    public static var inputs: BarInputs { .highLowClose }
    public var warmUp: Int { 2 * movement.period - 1 }
    public var memory: IndicatorMemory { movement.memory(stages: 2) }

    public mutating func advance(_ bar: BarValues) -> Double {
        guard let sums = movement.push(bar) else { return .nan }
        let share = Self.share(sums.range, sums.up, sums.down)
        if share.isNaN && !last.isNaN { return last }
        last = average.push(share.isNaN ? 0 : share)
        return last
    }

    public func computeColumns(over bars: BarColumns) -> [[Double]] {
        batch(over: bars) { input, outputs in
            var state = self
            let out = outputs[0]
            let begun = min(warmUp &+ 1, input.count)
            for row in 0..<begun { out[row] = state.advance(input[row]) }
            var (movement, average, last) = (state.movement, state.average, state.last)
            for row in begun..<input.count {
                let sums = movement.next(input[row])
                let share = Self.share(sums.range, sums.up, sums.down)
                if !share.isNaN { last = average.next(share) }
                out[row] = last
            }
        }
    }

    /// 100·|up − down|/(up + down), NaN where the indicators do not exist or their sum is zero.
    @inline(__always)
    static func share(_ range: Double, _ up: Double, _ down: Double) -> Double {
        let both = up + down
        guard range >= Tiny.limit, 100 * both >= Tiny.limit * range else { return .nan }
        return 100 * ((up - down).magnitude / both)
    }
}
