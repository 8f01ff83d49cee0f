public import Core

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Statistics of a series of simple daily returns, 252 to the year, risk-free rate zero.
///
/// Binary floating point: these describe, they do not account. What is not defined (a ratio over nothing, a deviation
/// of one day) is `nil`, never a number that looks like an answer.
public struct PerformanceStatistics: Hashable, Sendable {
    public static let periodsPerYear = 252.0

    /// The deepest fall on the curve that starts at one before the first day. Indexes count days.
    public struct Drawdown: Hashable, Sendable {
        /// Zero or negative.
        public let depth: Double
        /// The last day at the high; -1 when the curve fell from its start.
        public let peak: Int
        public let trough: Int
        /// The first day back at the high; `nil` while under water.
        public let recovery: Int?
    }

    public let days: Int
    public let totalReturn: Double
    /// (1 + total)^(252 ÷ days) − 1.
    public let annualReturn: Double?
    /// Sample deviation × √252.
    public let annualVolatility: Double?
    /// Mean ÷ sample deviation × √252.
    public let sharpe: Double?
    /// √(mean of min(r, 0)² over all days) × √252.
    public let downsideDeviation: Double?
    /// 252 × mean ÷ downside deviation.
    public let sortino: Double?
    public let maximumDrawdown: Drawdown?
    /// Annual return ÷ depth of the deepest fall.
    public let calmar: Double?
    /// The 5 % quantile of the returns, linearly interpolated; a negative number is a loss.
    public let valueAtRisk95: Double?
    public let valueAtRisk99: Double?
    /// The mean of the ⌊(n − 1) × 0.05⌋ + 1 lowest returns.
    public let conditionalValueAtRisk95: Double?
    /// Population moments.
    public let skew: Double?
    public let excessKurtosis: Double?
    /// |95 % quantile| ÷ |5 % quantile|.
    public let tailRatio: Double?
    /// Days above zero among days that are not zero.
    public let winRate: Double?
    /// Sum of gains ÷ sum of losses.
    public let profitFactor: Double?
    public let averageWin: Double?
    public let averageLoss: Double?
    public let payoffRatio: Double?
    /// Share of days with a return that is not zero.
    public let exposure: Double?
    public let bestDay: Double?
    public let worstDay: Double?
    public let longestLosingRun: Int

    public init(returns: [Double]) {
        let count = Double(returns.count)
        let sample = Sample(returns)
        days = returns.count
        totalReturn = returns.reduce(1) { $0 * (1 + $1) } - 1
        annualReturn =
            returns.isEmpty || totalReturn <= -1 ? nil : pow(1 + totalReturn, Self.periodsPerYear / count) - 1
        let root = Self.periodsPerYear.squareRoot()
        annualVolatility = sample.deviation.map { $0 * root }
        sharpe = Self.ratio(sample.mean, sample.deviation).map { $0 * root }
        let downside = returns.reduce(0) { $0 + min($1, 0) * min($1, 0) } / max(count, 1)
        downsideDeviation = returns.isEmpty ? nil : downside.squareRoot() * root
        sortino = Self.ratio(Self.periodsPerYear * sample.mean, downsideDeviation)
        let fall = Self.deepestFall(returns)
        maximumDrawdown = fall
        calmar = Self.ratio(annualReturn, fall.map { abs($0.depth) })
        let ascending = returns.sorted()
        let low = Self.quantile(ascending, 0.05)
        valueAtRisk95 = low
        valueAtRisk99 = Self.quantile(ascending, 0.01)
        let worst = ascending.prefix(returns.isEmpty ? 0 : Int((count - 1) * 0.05) + 1)
        conditionalValueAtRisk95 = Self.mean(worst)
        skew = sample.skew
        excessKurtosis = sample.excessKurtosis
        tailRatio = Self.ratio(Self.quantile(ascending, 0.95).map { abs($0) }, low.map { abs($0) })
        let wins = returns.filter { $0 > 0 }
        let losses = returns.filter { $0 < 0 }
        winRate = Self.ratio(Double(wins.count), Double(wins.count + losses.count))
        profitFactor = Self.ratio(wins.reduce(0, +), abs(losses.reduce(0, +)))
        let (win, loss) = (Self.mean(wins[...]), Self.mean(losses[...]))
        averageWin = win
        averageLoss = loss
        payoffRatio = Self.ratio(win, loss.map { abs($0) })
        exposure = Self.ratio(Double(wins.count + losses.count), count)
        bestDay = ascending.last
        worstDay = ascending.first
        longestLosingRun = Self.longestRun(returns) { $0 < 0 }
    }

    static func ratio(_ numerator: Double?, _ denominator: Double?) -> Double? {
        guard let numerator, let denominator, denominator != 0, numerator.isFinite, denominator.isFinite else {
            return nil
        }
        return numerator / denominator
    }

    static func mean(_ values: ArraySlice<Double>) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// `ascending` is sorted; the quantile lies between the two values around (n − 1) × share.
    static func quantile(_ ascending: [Double], _ share: Double) -> Double? {
        guard let last = ascending.last else { return nil }
        let position = Double(ascending.count - 1) * share
        let lower = Int(position)
        guard lower + 1 < ascending.count else { return last }
        return ascending[lower] + (ascending[lower + 1] - ascending[lower]) * (position - Double(lower))
    }

    private static func longestRun(_ values: [Double], _ belongs: (Double) -> Bool) -> Int {
        var longest = 0
        var run = 0
        for value in values {
            run = belongs(value) ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }

    /// `nil` when the curve never falls.
    static func deepestFall(_ returns: [Double]) -> Drawdown? {
        var equity = 1.0
        var high = (value: 1.0, day: -1)
        var deepest: (depth: Double, peak: Int, trough: Int, high: Double)?
        var curve: [Double] = []
        curve.reserveCapacity(returns.count)
        for (day, change) in returns.enumerated() {
            equity *= 1 + change
            curve.append(equity)
            if equity >= high.value { high = (equity, day) }
            let depth = equity / high.value - 1
            if depth < deepest?.depth ?? 0 { deepest = (depth, high.day, day, high.value) }
        }
        guard let deepest else { return nil }
        let recovery = curve[deepest.trough...].firstIndex { $0 >= deepest.high }
        return Drawdown(depth: deepest.depth, peak: deepest.peak, trough: deepest.trough, recovery: recovery)
    }
}

/// Mean and moments of a sample.
struct Sample {
    let mean: Double
    /// With n − 1; `nil` for fewer than two values or when all are equal.
    let deviation: Double?
    let skew: Double?
    let excessKurtosis: Double?

    init(_ values: [Double]) {
        let count = Double(values.count)
        let mean = values.isEmpty ? 0 : values.reduce(0, +) / count
        var second = 0.0
        var third = 0.0
        var fourth = 0.0
        for value in values {
            let distance = value - mean
            let square = distance * distance
            second += square
            third += square * distance
            fourth += square * square
        }
        self.mean = mean
        let spread = values.count > 1 && second > 0
        deviation = spread ? (second / (count - 1)).squareRoot() : nil
        let variance = second / max(count, 1)
        skew = spread ? third / count / pow(variance, 1.5) : nil
        excessKurtosis = spread ? fourth / count / (variance * variance) - 3 : nil
    }
}

/// A series of returns against that of a benchmark on the same days.
public struct BenchmarkStatistics: Hashable, Sendable {
    /// Sample covariance ÷ sample variance of the benchmark.
    public let beta: Double?
    /// Mean − beta × mean of the benchmark, per day.
    public let alphaDaily: Double?
    /// (1 + daily alpha)^252 − 1.
    public let alphaAnnual: Double?
    public let correlation: Double?
    /// Mean ÷ sample deviation of the difference, per day.
    public let informationRatioDaily: Double?
    public let trackingErrorAnnual: Double?

    /// Days beyond the shorter of the two are left out.
    public init(returns: [Double], benchmark: [Double]) {
        let count = min(returns.count, benchmark.count)
        let own = Array(returns.prefix(count))
        let other = Array(benchmark.prefix(count))
        let sample = Sample(own)
        let reference = Sample(other)
        let products = zip(own, other).reduce(0) { $0 + ($1.0 - sample.mean) * ($1.1 - reference.mean) }
        let covariance = count > 1 ? products / Double(count - 1) : nil
        let slope = PerformanceStatistics.ratio(covariance, reference.deviation.map { $0 * $0 })
        let alpha = slope.map { sample.mean - $0 * reference.mean }
        beta = slope
        alphaDaily = alpha
        alphaAnnual = alpha.map { pow(1 + $0, PerformanceStatistics.periodsPerYear) - 1 }
        let deviations = sample.deviation.flatMap { own in reference.deviation.map { own * $0 } }
        correlation = PerformanceStatistics.ratio(covariance, deviations)
        let difference = Sample(zip(own, other).map { $0 - $1 })
        informationRatioDaily = PerformanceStatistics.ratio(difference.mean, difference.deviation)
        trackingErrorAnnual = difference.deviation.map { $0 * PerformanceStatistics.periodsPerYear.squareRoot() }
    }
}

/// The return of one day.
public struct DayReturn: Hashable, Sendable {
    public let day: CivilDate
    public let value: Double
    public init(day: CivilDate, value: Double) {
        self.day = day
        self.value = value
    }

    /// Compounded by calendar year, ascending.
    public static func yearly(_ days: [DayReturn]) -> [(year: Int, value: Double)] {
        compounded(days) { $0.year }.map { ($0.key, $0.value) }
    }

    /// Compounded by calendar month, ascending.
    public static func monthly(_ days: [DayReturn]) -> [(year: Int, month: Int, value: Double)] {
        compounded(days) { $0.year * 12 + $0.month - 1 }.map { ($0.key / 12, $0.key % 12 + 1, $0.value) }
    }

    private static func compounded(_ days: [DayReturn], _ key: (CivilDate) -> Int) -> [(key: Int, value: Double)] {
        var result: [Int: Double] = [:]
        for day in days { result[key(day.day), default: 1] *= 1 + day.value }
        return result.map { ($0.key, $0.value - 1) }.sorted { $0.key < $1.key }
    }
}
