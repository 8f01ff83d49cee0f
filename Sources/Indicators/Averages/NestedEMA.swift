/// Averages of averages, each seeded on the first N values of the one before.
struct EMAChain: Codable, Equatable, Sendable {
    private var first: SeededAverage
    private var second: SeededAverage
    private var third: SeededAverage

    init(_ period: Int) {
        first = .exponential(period)
        second = first
        third = first
    }

    var period: Int { first.period }
    func memory(stages: Int) -> IndicatorMemory { .fading(perBar: first.fading, stages: stages) }

    /// The three averages, NaN where one has no value yet.
    mutating func push(_ value: Double) -> (first: Double, second: Double, third: Double) {
        let once = first.push(value)
        guard !once.isNaN else { return (once, once, once) }
        let twice = second.push(once)
        guard !twice.isNaN else { return (once, twice, twice) }
        return (once, twice, third.push(twice))
    }
}

/// Double exponential moving average (Mulloy 1994): 2·E1 − E2, E2 the EMA of E1. TA-Lib `DEMA`; first at 2(N−1).
public struct DEMA: Indicator {
    private var chain: EMAChain

    public init(period: Int = 30) throws(IndicatorError) {
        chain = EMAChain(try Parameters.period(period, of: "DEMA"))
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var warmUp: Int { 2 * (chain.period - 1) }
    public var memory: IndicatorMemory { chain.memory(stages: 2) }

    public mutating func advance(_ bar: BarValues) -> Double {
        let averages = chain.push(bar.close)
        return 2 * averages.first - averages.second
    }
}

/// Triple exponential moving average (Mulloy 1994): 3·E1 − 3·E2 + E3. TA-Lib `TEMA`; first at 3(N−1).
public struct TEMA: Indicator {
    private var chain: EMAChain

    public init(period: Int = 30) throws(IndicatorError) {
        chain = EMAChain(try Parameters.period(period, of: "TEMA"))
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var warmUp: Int { 3 * (chain.period - 1) }
    public var memory: IndicatorMemory { chain.memory(stages: 3) }

    public mutating func advance(_ bar: BarValues) -> Double {
        let averages = chain.push(bar.close)
        return 3 * averages.first - 3 * averages.second + averages.third
    }
}

/// The one-bar change, in per cent, of a triply smoothed average. TA-Lib `TRIX`; first at 3(N−1)+1.
public struct TRIX: Indicator {
    private var chain: EMAChain
    @Exact private var last = Double.nan

    public init(period: Int = 30) throws(IndicatorError) {
        chain = EMAChain(try Parameters.period(period, of: "TRIX"))
    }

    @inlinable
    public static var inputs: BarInputs { .close }
    public var warmUp: Int { 3 * (chain.period - 1) + 1 }
    public var memory: IndicatorMemory { chain.memory(stages: 3) }

    public mutating func advance(_ bar: BarValues) -> Double {
        let now = chain.push(bar.close).third
        defer { last = now }
        return last == 0 ? 0 : (now / last - 1) * 100
    }
}
