internal import Core

/// The random path of one instrument by day: where each session opens and closes, in logarithms of the start price.
///
/// Every number comes from (seed, instrument, day) alone. Steps are whole billionths, so that their sums do not depend
/// on the order of adding; logarithms are undone with a series of our own. So the same seed gives the same bars on
/// every machine, whichever range is asked for.
struct MarketModel {
    /// Weekdays of one regime: three weeks.
    private static let stretchDays = 21
    private static let nano = 1e9
    /// Prices stay within e^±1.2 (0.3 to 3.3) of the start price, however long the path.
    private static let bound = 1.2

    let key: UInt64
    let startUnits: Double
    /// Standard deviation of a session's return, as a share of one.
    let sessionVolatility: Double
    /// Shares of an average session.
    let sessionVolume: Double
    private let anchorDay: Int

    /// One weekday's steps in billionths.
    struct Step {
        var gap: Int64
        var session: Int64
    }

    init(seed: UInt64, anchor: CivilDate, instrument: Instrument) {
        var stream = SeededGenerator(seed: seed, stream: "market|\(instrument.id)")
        key = stream.next()
        anchorDay = anchor.daysSinceEpoch
        let profile = StartProfile(instrument, &stream)
        startUnits = profile.price * 100_000_000
        sessionVolatility = profile.volatility
        sessionVolume = profile.volume
    }

    func regime(onDay day: Int) -> MarketRegime {
        var draws = draws(day: day / Self.stretchDays, purpose: 0x52)
        return MarketRegime.allCases[Int(draws.next() >> 33) % 3]
    }

    /// The log level before a day begins. Walks from the anchor in either direction.
    func level(beforeDay day: Int) -> Int64 {
        var sum: Int64 = 0
        if day >= anchorDay {
            for other in anchorDay..<day { sum += total(onDay: other) }
        } else {
            for other in day..<anchorDay { sum -= total(onDay: other) }
        }
        return sum
    }

    /// What a day adds to the level. Holidays move it as well: a changed calendar leaves the other days' bars alone.
    func total(onDay day: Int) -> Int64 {
        guard Self.isWeekday(day) else { return 0 }
        let step = step(onDay: day)
        return step.gap + step.session
    }

    func step(onDay day: Int) -> Step {
        var draws = draws(day: day, purpose: 0x53)
        let drift: Double
        switch regime(onDay: day) {
        case .rising: drift = 0.3
        case .falling: drift = -0.3
        case .sideways: drift = 0
        }
        var gap = Self.bell(draws.next()) * 0.45
        // About three days a year something happens overnight.
        let chance = draws.next()
        if chance % 80 == 0 { gap += (chance & 0x100 == 0 ? 1 : -1) * (1.5 + Double(chance >> 40) / 0x1p24 * 2) }
        let session = drift + Self.bell(draws.next()) * 0.85
        return Step(
            gap: Int64(gap * sessionVolatility * Self.nano), session: Int64(session * sessionVolatility * Self.nano))
    }

    /// The price in 10^-8 units at a log level in billionths, before ticks.
    func price(atLevel level: Int64) -> Double {
        let x = Double(level) / Self.nano
        return startUnits * Self.exponential(x / (1 + x.magnitude / Self.bound))
    }

    /// A stream of its own for one day and purpose.
    func draws(day: Int, purpose: UInt64) -> SeededGenerator {
        SeededGenerator(
            seed: key &+ UInt64(bitPattern: Int64(day)) &* 0xD134_2543_DE82_EF95 &+ purpose &* 0xAF25_1AF3_B0F0_25B5)
    }

    static func isWeekday(_ day: Int) -> Bool {
        // 1970-01-01 was a Thursday.
        let index = (day + 3) % 7
        return (index < 0 ? index + 7 : index) < 5
    }

    /// A bell-shaped number with mean 0 and deviation 1 within ±3.5: the sum of four uniform ones. No logarithm, so
    /// the same on every machine.
    static func bell(_ bits: UInt64) -> Double {
        let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + bits >> 48
        return (Double(sum) / 65_536 - 2) * 1.7320508075688772
    }

    /// e^x for |x| below 2, by its series after halving four times.
    static func exponential(_ x: Double) -> Double {
        let y = x / 16
        var term = 1.0
        var sum = 1.0
        for index in 1...9 {
            term *= y / Double(index)
            sum += term
        }
        for _ in 0..<4 { sum *= sum }
        return sum
    }
}

/// Where an instrument's path starts: plausible for the symbols people know, drawn from the seed for the others.
private struct StartProfile {
    var price: Double
    /// Of one session.
    var volatility: Double
    var volume: Double

    init(_ instrument: Instrument, _ stream: inout SeededGenerator) {
        let (first, second, third) = (stream.uniform(), stream.uniform(), stream.uniform())
        let known: [String: (Double, Double, Double)] = [
            "NVDA": (180, 0.026, 160e6), "PLTR": (175, 0.032, 60e6), "AAPL": (270, 0.015, 45e6),
            "SPY": (670, 0.009, 70e6), "GOOG": (280, 0.018, 25e6), "005930": (100_000, 0.018, 20e6),
            "000660": (550_000, 0.026, 4e6),
        ]
        if let (price, volatility, volume) = known[instrument.symbol.text] {
            (self.price, self.volatility, self.volume) = (price, volatility, volume)
            return
        }
        // A currency without cents counts in units a hundred or a thousand times smaller.
        let scale: Double
        switch instrument.currency.code {
        case "KRW": scale = 1000
        case "JPY": scale = 20
        default: scale = 1
        }
        price = (20 + 280 * first * first) * scale
        volatility = 0.010 + 0.020 * second
        volume = 1e6 + 20e6 * third * third
    }
}
