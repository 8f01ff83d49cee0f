import Broker
import Core
import Rehearsal
import Settings
import TestSupport
import Testing

@testable import BrokerKIS

/// The adapter's questions put to the stand-in of KIS over HTTP: two readings of the same documents, made apart.
@Suite("What the simulated KIS says of itself")
struct SimulatedInquiryTests {
    /// Eleven o'clock in Seoul on Friday, 2026-11-20.
    private static let eleven = Instant(epochSeconds: 1_795_140_000)
    private static let today = CivilDate.day("2026-11-20")

    private struct Stand {
        let simulator: KISSimulator
        let clock: HandClock
        let broker: KISBroker
        let bars: KISBars
        let told: ToldTrouble
        let folder: TemporaryFolder
    }

    /// - Parameter quotes: Whether the virtual account has quote keys of a real one.
    private func stand(_ isReal: Bool, quotes: Bool) async throws -> Stand {
        var market = KISSimulatorConfiguration(seed: 5, start: Self.eleven)
        market.callsPerSecond = [.real: 10_000, .virtual: 10_000]
        let simulator = KISSimulator(market)
        let addresses = try await simulator.start()
        let folder = try TemporaryFolder("takt-kis-inquiry")
        func access(_ isReal: Bool) throws -> KISAccess {
            let login = try #require(simulator.login(isReal ? .real : .virtual))
            let port = try #require(addresses.rest[isReal ? .real : .virtual])
            return KISAccess(
                environment: isReal ? .real : .virtual, appKey: Secret(login.appKey),
                appSecret: Secret(login.appSecret),
                baseURL: "http://127.0.0.1:\(port)", rate: StubKIS.fast)
        }
        let account = try #require(simulator.login(isReal ? .real : .virtual)?.accounts.first)
        let clock = HandClock(Self.eleven)
        let connection = try KISConnection(
            KISConfiguration(
                trading: try access(isReal), quotes: quotes ? try access(true) : nil, account: try KISAccount(account),
                folder: folder.path("tokens"), requestDeadline: .seconds(20), callDeadline: .seconds(90)),
            clock: clock, seed: 3)
        let told = ToldTrouble()
        let instruments: [Instrument] = [try .korean(), try .american()]
        let broker = KISBroker(
            connection,
            rules: KISTradingRules(
                environment: isReal ? .real : .virtual, countries: ["KR", "US"], visibilityDelay: .zero,
                requestDeadline: .seconds(20)),
            instruments: instruments, fees: .koreaInvestment, clock: clock, trouble: told.tell)
        return Stand(
            simulator: simulator, clock: clock, broker: broker,
            bars: KISBars(connection, instruments: instruments, clock: clock), told: told, folder: folder)
    }

    @Test("A real account: everything is there, and what an order changes shows in what can be bought, sold and paid")
    func real() async throws {
        let stand = try await stand(true, quotes: false)
        #expect(try await stand.broker.signIn().count == 4)
        let (korean, american) = (try Instrument.korean(), try Instrument.american())
        let quote = try #require(try await stand.broker.quote(of: korean, depth: true))
        let (base, upper, lower) = (
            try #require(quote.base), try #require(quote.upperLimit), try #require(quote.lowerLimit)
        )
        let rule = TickSchedule.krxStock.rule(on: Self.today)
        let limits = try KRXPrices.limits(base: base, ticks: rule)
        #expect(limits == (lower, upper), "the rule of the exchange gives what the stand-in says")
        #expect(quote.asks?.count == 10 && quote.bids?.count == 10 && quote.notes.isEmpty && quote.isHalted == false)
        let foreign = try #require(try await stand.broker.quote(of: american, depth: true))
        #expect(foreign.notes.isEmpty && foreign.tick?.description == "0.01" && foreign.asks?.count == 10)

        let before = try #require(try await stand.broker.buyingPower(for: korean, at: nil))
        #expect(before.cash == FixedPoint(100_000_000) && before.price == upper && before.sellable == .zero)
        let order = KISBrokerSubmitTests.request(korean, .market)
        guard case .acknowledged = await stand.broker.submit([order])[0] else {
            Issue.record("not taken")
            return
        }
        stand.simulator.advance(bySeconds: 120)
        let after = try #require(try await stand.broker.buyingPower(for: korean, at: nil))
        #expect(after.sellable == order.quantity && after.cash < before.cash)

        let costs = try #require(try await stand.broker.chargedCosts(on: Self.today).first)
        let traded = try #require(costs.traded)
        #expect(costs.costs.amount.isPositive && costs.isEstimate)
        let deposits = try await stand.broker.deposits()
        let won = try #require(deposits.items.first)
        #expect(deposits.isComplete && deposits.items.map(\.currency) == [.krw, .usd])
        #expect(won.settled == FixedPoint(100_000_000) && won.costsToday == costs.costs.amount)
        #expect(won.unsettledBuys == traded.amount)
        let rest = try won.settled - traded.amount - costs.costs.amount
        #expect(won.afterSettlement == rest, "the deposit less the shares and their costs")
        #expect(
            deposits.items[1].settled == FixedPoint(50_000) && deposits.items[1].afterSettlement == FixedPoint(50_000))
        try await stand.simulator.stop()
    }

    @Test(
        "A virtual account with quote keys has the prices of a real one; dollars stay unknown, and the answer says so")
    func virtualWithQuoteKeys() async throws {
        let stand = try await stand(false, quotes: true)
        let sentences = try await stand.broker.signIn()
        #expect(sentences[0].contains("virtual host") && sentences[1].contains("real host"))
        let foreign = try #require(try await stand.broker.quote(of: .american(), depth: true))
        #expect(foreign.notes.isEmpty && foreign.high != nil && foreign.asks?.count == 10)
        let power = try #require(try await stand.broker.buyingPower(for: .american(), at: foreign.last))
        #expect(power.cash == FixedPoint(50_000) && power.currency == .usd && power.sellable == .zero)
        let most = try power.price.value.multiplied(by: power.buyable.value, rounding: .halfEven)
        #expect(power.buyable.isPositive && most <= power.amount)
        let deposits = try await stand.broker.deposits()
        #expect(deposits.items.map(\.currency) == [.krw] && !deposits.isComplete && stand.told.all.count == 1)
        let days = try await stand.broker.marketDays(
            ExchangeID("XKRX"), from: Self.today, through: Self.today.advanced(byDays: 39))
        #expect(days.isComplete && days.items.count == 40, "over two pages")
        let closed = days.items.filter { !$0.isOpen && $0.date.isoWeekday <= 5 }
        #expect(closed.map(\.date.description) == ["2026-12-25"], "Christmas is a holiday in Korea")
        try await stand.simulator.stop()
    }

    @Test("A virtual account alone: the last price, and what is missing in notes; its market days need quote keys")
    func virtualAlone() async throws {
        let stand = try await stand(false, quotes: false)
        let foreign = try #require(try await stand.broker.quote(of: .american(), depth: true))
        #expect(foreign.last.isPositive && foreign.base != nil && foreign.high == nil && foreign.asks == nil)
        #expect(foreign.notes.count == 2)
        for note in foreign.notes { #expect(note.contains("KIS_QUOTE_APP_KEY")) }
        #expect(try await stand.broker.quote(of: .korean("999999"), depth: true) == nil)
        #expect(try await stand.broker.quote(of: .american("NONE"), depth: true) == nil)
        #expect(try await stand.broker.buyingPower(for: .korean("999999"), at: nil) == nil)
        #expect(try await stand.broker.buyingPower(for: .american("NONE"), at: Price(5)) == nil)
        await #expect(throws: BrokerError.self) {
            try await stand.broker.marketDays(ExchangeID("XKRX"), from: Self.today, through: Self.today)
        }
        try await stand.simulator.stop()
    }

    @Test("Days of both desks, as many as the stand-in has played", arguments: [true, false])
    func days(isKorean: Bool) async throws {
        let stand = try await stand(false, quotes: false)
        let instrument = try isKorean ? Instrument.korean() : .american()
        let yesterday = Self.today.advanced(byDays: -1)
        let answer = try #require(
            try await stand.bars.dailyBars(of: instrument, from: yesterday.advanced(byDays: -29), through: yesterday))
        #expect(answer.problems.isEmpty)
        #expect(answer.bars.last?.date == yesterday && answer.bars.count >= 20, "\(answer.bars.count)")
        #expect(answer.bars.map(\.date) == answer.bars.map(\.date).sorted())
        for bar in answer.bars { #expect(bar.date.isoWeekday <= 5 && bar.volume.isPositive && bar.low <= bar.high) }
        try await stand.simulator.stop()
    }
}
