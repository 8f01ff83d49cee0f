/// A running average that begins with the plain mean of its first N values: next = keep·last + weight·value.
///
/// Weight 2/(N+1) makes the usual EMA, weight 1/N Wilder's average.
struct SeededAverage: Codable, Equatable, Sendable, Configured {
    let period: Int
    @Exact private var weight: Double
    @Exact private var keep: Double
    /// The average, or while `count` is below the period the sum so far.
    @Exact private var value = 0.0
    private var count = 0

    private init(_ period: Int, weight: Double) {
        self.period = period
        self.weight = weight
        keep = 1 - weight
    }

    static func exponential(_ period: Int) -> SeededAverage { SeededAverage(period, weight: 2 / Double(period + 1)) }
    static func wilder(_ period: Int) -> SeededAverage { SeededAverage(period, weight: 1 / Double(period)) }

    var configuration: [Double] { [Double(period), weight, keep] }
    /// What remains of a bar's weight one bar later.
    var fading: Double { keep }
    var isFresh: Bool { count == 0 }

    /// Takes in a value; NaN until N have come.
    @inline(__always)
    mutating func push(_ new: Double) -> Double { count >= period ? next(new) : seed(new) }

    /// The step of an average that has its value, for loops that know it has.
    @inline(__always)
    mutating func next(_ new: Double) -> Double {
        value = keep * value + weight * new
        return value
    }

    private mutating func seed(_ new: Double) -> Double {
        value += new
        count += 1
        guard count == period else { return .nan }
        value /= Double(period)
        return value
    }
}

/// The weighted mean of all values so far, each weighing (1 − 2/(N+1)) of the next one: the EMA in its adjusted form
/// (pandas `ewm(span=N, adjust=True)`). It has a value from the first bar.
struct AdjustedAverage: Codable, Equatable, Sendable, Configured {
    let period: Int
    @Exact private var keep: Double
    @Exact private var sum = 0.0
    @Exact private var weights = 0.0

    init(_ period: Int) {
        self.period = period
        keep = 1 - 2 / Double(period + 1)
    }

    var configuration: [Double] { [Double(period), keep] }
    var fading: Double { keep }

    /// Takes in a value; a missing one ages the rest and leaves the mean where it was.
    mutating func push(_ new: Double) -> Double {
        let isPresent = !new.isNaN
        sum = keep * sum + (isPresent ? new : 0)
        weights = keep * weights + (isPresent ? 1 : 0)
        return sum / weights
    }
}
