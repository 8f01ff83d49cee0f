import Broker
import BrokerPaper
import Core
import Cycle
import Decision
import Features
import Foundation
import Learning
import Policy
@testable import Research
import Risk
import Sessions
import TestSupport

/// A market of one share with a price path that a test draws: bars of fifteen minutes in New York sessions.
struct PaperStage {
    static let calendar = CalendarBook.embedded.calendar(ExchangeID("XNYS"))
    static let timeframe = Timeframe.fifteenMinutes
    /// 26 bars from 09:30 to 16:00.
    static let barsOfSession = 26

    var texts = ["log_return:1 / 0.002", "log_return:2 / 0.002", "position"]
    var window = 4
    var slippage = "0.0005"
    var fees = FeeSchedule.none
    var percent = "0.25"
    var stopLoss = "1"
    var dailyLoss = "1"
    var emergencyLoss = "1"
    var positionSize = "10"
    var allowsShort = false
    var noEntryMinutes = 0
    var volume = 1_000_000
    var participation = "0.1"
    var cash = 100_000
    var sessions = 1
    var history = 0
    var isGuarded = true

    struct Nonsense: Error {}

    static func decimal(_ text: String) throws -> FixedPoint { try FixedPoint(text) }

    static func instrument(kind: Instrument.Kind = .stock) throws -> Instrument {
        try Instrument(
            symbol: Symbol("TEST"), name: "Test", kind: kind, exchange: ExchangeID("XNYS"), currency: .usd,
            ticks: .usEquity)
    }

    /// Bars from a path of prices, one for each close; a bar opens where the one before has closed.
    func bars(_ path: [Double], volumes: [Int]? = nil) throws -> [(bar: Bar, slot: BarSlot)] {
        guard let calendar = Self.calendar, let first = CivilDate(iso: "2026-06-01")?.startUTC else { throw Nonsense() }
        let days = Int64(path.count / Self.barsOfSession + 30) * 2
        let slots = calendar.slots(
            from: first, until: first.advanced(bySeconds: days * 86_400), timeframe: Self.timeframe
        ).prefix(path.count)
        func price(_ value: Double) throws -> Price { Price(try FixedPoint(nearest: (value * 100).rounded() / 100)) }
        var last = path[0]
        return try zip(slots, path).enumerated().map { index, pair in
            let (slot, close) = pair
            defer { last = close }
            let (open, end) = (try price(last), try price(close))
            let bar = Bar(
                openAt: slot.openAt, open: open, high: max(open, end), low: min(open, end), close: end,
                volume: Quantity(volumes?[index] ?? volume), source: .imported)
            return (bar, slot)
        }
    }

    func spec() throws -> FeatureSpec { try FeatureSpec(try texts.map { try Feature($0) }, window: window) }

    func rules() throws -> MarketRules {
        let decision = try DecisionSettings(
            agents: [try AgentSpec(.outside, name: AgentName("learner"))],
            sizing: .percentOfEquity(Fraction(try Self.decimal(percent))), orders: try OrderDefaults(),
            noEntryBeforeClose: .seconds(60 * noEntryMinutes), allowsShort: allowsShort)
        let limits = try RiskLimits(
            dailyLoss: Fraction(try Self.decimal(dailyLoss)), positionSize: Fraction(try Self.decimal(positionSize)),
            stopLoss: Fraction(try Self.decimal(stopLoss)),
            emergencyShutdownLoss: Fraction(try Self.decimal(emergencyLoss)), maxLeverage: Fraction(10),
            staleAfter: .seconds(1000), allowsShort: allowsShort)
        return MarketRules(
            profile: ProfileName("test"), timeframe: Self.timeframe,
            research: ResearchRules(decision: decision, limits: limits), exchange: try exchange(), baseCurrency: .usd)
    }

    func exchange() throws -> PaperConfiguration {
        let instrument = try Self.instrument()
        return PaperConfiguration(
            account: AccountID("A"), initialCash: [Money(FixedPoint(cash), .usd)],
            participation: Fraction(try Self.decimal(participation)), slippage: Fraction(try Self.decimal(slippage)),
            allowShort: allowsShort, fees: fees, instruments: [instrument.symbol: instrument], isDurable: false)
    }

    func tape(_ path: [Double], volumes: [Int]? = nil, exDates: [CivilDate] = []) throws -> MarketTape {
        let computer = try FeatureComputer(try spec())
        let bars = try bars(path, volumes: volumes)
        guard let calendar = Self.calendar else { throw Nonsense() }
        let prepared = try bars.enumerated().map { index, item in
            let seen = bars[max(0, index + 1 - window)...index].map(\.bar)
            return PreparedBar(
                bar: item.bar, slot: item.slot, vector: try computer.prepare(FeatureWindow(Array(seen))))
        }
        return MarketTape(
            try Self.instrument(), prepared, computer, calendar: calendar, barCalendar: calendar,
            timeframe: Self.timeframe, exDates: exDates)
    }

    func market(_ path: [Double], volumes: [Int]? = nil) throws -> MarketEnvironment {
        try MarketEnvironment(
            [try tape(path, volumes: volumes)], try FeatureComputer(try spec()), try rules(), sessions: sessions,
            history: history, isGuarded: isGuarded)
    }

    // MARK: Paths

    /// Swings of ±4 % within 13 bars.
    static func sine(sessions: Int) -> [Double] {
        (0..<sessions * barsOfSession).map { 100 * (1 + 0.04 * sin(2 * .pi * Double($0) / 13)) }
    }

    static func walk(sessions: Int, seed: UInt64, deviation: Double = 0.004) -> [Double] {
        var random = SeededGenerator(seed: seed, stream: "walk")
        var price = 100.0
        return (0..<sessions * barsOfSession).map { _ in
            price *= exp(deviation * random.normal())
            return price
        }
    }

    /// A price that returns to 100.
    static func reverting(sessions: Int, seed: UInt64) -> [Double] {
        var random = SeededGenerator(seed: seed, stream: "reverting")
        var distance = 0.0
        return (0..<sessions * barsOfSession).map { _ in
            distance = 0.7 * distance + 0.01 * random.normal()
            return 100 * exp(distance)
        }
    }
}
