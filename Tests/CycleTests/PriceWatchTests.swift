import Broker
import Core
import Ledger
import MarketData
import Store
import TestSupport
import Testing

@testable import Cycle

/// 100 shares at 100 were held overnight; the first bar of the day closes on another level.
@Suite("Prices and holdings of one scale")
struct PriceWatchTests {
    /// The bar that closes at 09:35 in New York on 2026-11-20.
    private static let first = -12
    private static let today = CivilDate(iso: "2026-11-20") ?? CivilDate(daysSinceEpoch: 0)

    private func instant(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text)) }

    /// The clock stands just behind the close of today's first bar; `nil` leaves that bar out.
    private func house(after: Int?, timeframe: Timeframe = .fiveMinutes) async throws -> House {
        let house = try House(cash: 90_000, positions: [.nvda: Quantity(100)])
        let evening = try instant("2026-11-19T20:40:00Z")
        let bars = (0..<4).map {
            Bar.fixture(openAt: evening.advanced(bySeconds: Int64($0) * 300), close: Price(100))
        }
        try house.store.write(durable: false) { _ = try $0.upsertBars(.nvda, .fiveMinutes, bars) }
        house.clock.set(evening.advanced(bySeconds: 310))
        try await house.openAccount()
        if let after { try house.putBar(.nvda, number: Self.first, close: Price(after)) }
        house.moveTo(Int64(Self.first) * 300 + 1)
        return house
    }

    /// The same holding, bought on the evening before: its last fill has a price too.
    private func bought(after: Int?) async throws -> House {
        let house = try House(cash: 100_000)
        house.clock.set(try instant("2026-11-19T20:30:00Z"))
        try await house.openAccount()
        let evening = try instant("2026-11-19T20:40:00Z")
        try house.store.write(durable: true) { writer in
            let bars = (0..<4).map {
                Bar.fixture(openAt: evening.advanced(bySeconds: Int64($0) * 300), close: Price(100))
            }
            _ = try writer.upsertBars(.nvda, .fiveMinutes, bars)
        }
        house.broker.place(
            .fixture("B1", side: .buy, type: .market, quantity: Quantity(100), placedAt: evening))
        try house.broker.execute(
            .fixture("E1", order: "B1", quantity: Quantity(100), price: Price(102), filledAt: evening))
        house.broker.close(BrokerOrderID("B1"), as: .filled, filled: Quantity(100))
        house.clock.set(evening.advanced(bySeconds: 1200))
        try await house.run(.reconcile, house.cycle(-164), isForced: true)
        #expect(try house.position(.nvda) == Quantity(100))
        if let after { try house.putBar(.nvda, number: Self.first, close: Price(after)) }
        house.moveTo(Int64(Self.first) * 300 + 1)
        return house
    }

    @Test("A fill on another scale, ahead of the day's first bar, is no loss; an ordinary one is the newest price")
    func fillBeforeBar() async throws {
        for (price, worth) in [(10, "101600"), (97, "99500")] {
            let house = try await bought(after: nil)
            let now = house.clock.now()
            house.broker.place(.fixture("B2", side: .buy, type: .market, quantity: Quantity(20), placedAt: now))
            try house.broker.execute(
                .fixture("E2", order: "B2", quantity: Quantity(20), price: Price(price), filledAt: now))
            house.broker.close(BrokerOrderID("B2"), as: .filled, filled: Quantity(20))
            house.clock.advance(seconds: 60)
            try await house.run(.reconcile, house.cycle(Self.first), isForced: true)
            let document = try await house.run(.riskCheck, house.cycle(Self.first), isForced: true)
            #expect(try house.store.read { try $0.activeHalts() }.isEmpty)
            // 100,000 - 10,200 - 20 × price in cash, and 120 shares at the evening's 100 or at the fill's 97.
            #expect(equity(document) == worth)
        }
    }

    @Test("The price of a fill is no way round a price that is held back")
    func lastFill() async throws {
        // A split that the broker books and the bars do not show: the fill's price is restated, and is a guess like any other.
        let absent = try await bought(after: 100)
        try split(absent)
        let document = try await absent.run(.riskCheck, absent.cycle(Self.first))
        #expect(try isUntouched(absent, absent.cycle(Self.first)))
        #expect(equity(document) == nil)
        #expect(
            warnings(document).contains { $0.hasPrefix("announced-split-absent") && $0.contains("it has no price") })

        // A fill on the other side of the step: 20 more, bought at the new price.
        let suspected = try await bought(after: 10)
        let now = suspected.clock.now()
        suspected.broker.place(.fixture("B2", side: .buy, type: .market, quantity: Quantity(20), placedAt: now))
        try suspected.broker.execute(
            .fixture("E2", order: "B2", quantity: Quantity(20), price: Price(10), filledAt: now))
        suspected.broker.close(BrokerOrderID("B2"), as: .filled, filled: Quantity(20))
        suspected.clock.advance(seconds: 60)
        try await suspected.run(.reconcile, suspected.cycle(Self.first), isForced: true)
        let later = try await suspected.run(.riskCheck, suspected.cycle(Self.first), isForced: true)
        #expect(try isUntouched(suspected, suspected.cycle(Self.first)))
        // 120 at the evening's 100, and 100,000 - 100 × 102 - 20 × 10 in cash.
        #expect(equity(later) == "101600")
    }

    @Test("A holding in an account that takt no longer trades in keeps nothing from being watched, and its own worth")
    func otherAccount() async throws {
        let house = try await house(after: 10)
        let evening = try instant("2026-11-19T20:30:00Z")
        try house.store.write(durable: true) { writer in
            for (broker, account) in [("paper", "OLD"), ("gone", "A1")] {
                _ = try writer.appendLedgerEvent(
                    broker: BrokerID(broker), account: AccountID(account), at: evening,
                    fact: .openingPosition(
                        .nvda, Quantity(100), averageCost: Price(100), paidIn: Price(100), multiplier: .one, .usd),
                    externalID: "opening")
            }
        }
        try record(.split(new: 10, old: 1), house)
        try split(house)
        // The live account has booked the split: it is watched, and nothing in the others looks like a loss.
        let document = try await house.run(.riskCheck, house.cycle(Self.first))
        #expect(equity(document) == "120000")
        #expect(try isUntouched(house, house.cycle(Self.first)))
        #expect(warnings(document).allSatisfy { !$0.hasPrefix("split-not-booked") })
        #expect(try house.alerts("split-not-booked").isEmpty)
        let number = Self.first + 1
        try house.putBar(.nvda, number: number, close: Price(9))
        house.moveTo(Int64(number) * 300 + 1)
        try await house.run(.riskCheck, house.cycle(number))
        let exits = try house.store.read { try $0.intents(cycle: house.cycle(number)) }
        #expect(exits.map(\.quantity) == [Quantity(1000)] && exits.map(\.broker) == [.paper])
    }

    private func record(_ content: StoredAction.Content, _ house: House) throws {
        let action = NewAction(symbol: .nvda, exDate: Self.today, content: content, source: "a.csv")
        try house.store.write(durable: true) { try $0.record([action], at: house.clock.now()) }
    }

    private func split(_ house: House, at text: String = "2026-11-20T05:00:00Z") throws {
        house.broker.setPosition(.nvda, Quantity(1000))
        house.broker.setActivities([
            AccountActivity(
                id: "S1", at: try instant(text), kind: .split(.nvda, new: 10, old: 1, cashInLieuPrice: nil))
        ])
    }

    private func warnings(_ document: StepDocument) -> [String] {
        (document.json["warnings"]?.arrayValue ?? []).compactMap(\.stringValue)
    }

    private func equity(_ document: StepDocument) -> String? {
        document.json["summary"]?["limits"]?["equity"]?.stringValue
    }

    private func isUntouched(_ house: House, _ cycle: CycleID) throws -> Bool {
        try house.store.read { reader in
            try reader.activeHalts().isEmpty && reader.intents(cycle: cycle).isEmpty
        }
    }

    @Test(
        "A fall that looks like a split nobody has booked sells nothing and halts nothing: it is told",
        arguments: [10, 50])
    func suspected(after: Int) async throws {
        let house = try await house(after: after)
        let cycle = house.cycle(Self.first)
        for _ in 0..<2 {
            let document = try await house.run(.riskCheck, cycle, isForced: true)
            #expect(try isUntouched(house, cycle))
            #expect(equity(document) == "100000")
            #expect(warnings(document).first?.hasPrefix("suspected-split: NVDA 2026-11-20") == true)
        }
        #expect(try house.alerts("suspected-split").map(\.severity) == [.error])
        // Somebody has looked: it was the market.
        try record(.noSplit, house)
        try await house.run(.riskCheck, cycle, isForced: true)
        let exits = try house.store.read { try $0.intents(cycle: cycle) }
        #expect(exits.map(\.side) == [.sell] && exits.map(\.quantity) == [Quantity(100)])
    }

    @Test("An ordinary fall is watched as ever", arguments: [97, 75])
    func ordinary(after: Int) async throws {
        let house = try await house(after: after)
        let cycle = house.cycle(Self.first)
        #expect(warnings(try await house.run(.riskCheck, cycle)).isEmpty == (after == 97))
        #expect(try house.store.read { try $0.intents(cycle: cycle) }.map(\.side) == [.sell])
    }

    @Test("What nobody has explained is not forgotten with the days")
    func persists() async throws {
        let house = try await house(after: 10)
        var number = Self.first
        for day in 1...3 {
            // Friday, then Monday to Wednesday.
            number = Self.first + (day + 2) * 288
            try house.putBar(.nvda, number: number, close: Price(10))
            house.moveTo(Int64(number) * 300 + 1)
            let document = try await house.run(.riskCheck, house.cycle(number))
            #expect(try isUntouched(house, house.cycle(number)), "day \(day)")
            #expect(equity(document) == "100000")
        }
        #expect(try house.alerts("suspected-split").count == 3)
        try record(.split(new: 10, old: 1), house)
        try split(house)
        let document = try await house.run(.riskCheck, house.cycle(number), isForced: true)
        #expect(warnings(document).isEmpty && equity(document) == "100000")
        #expect(try house.position(.nvda) == Quantity(1000))
    }

    @Test("A split that is recorded and not booked yet keeps the symbol from decisions and from stop-losses")
    func notBooked() async throws {
        let house = try await house(after: 10)
        let cycle = house.cycle(Self.first)
        try record(.split(new: 10, old: 1), house)
        let decided = try await house.run(.decide, cycle)
        #expect(decided.reason == "not-ready")
        #expect(warnings(decided).contains { $0.contains("split-not-booked") })
        let document = try await house.run(.riskCheck, cycle)
        #expect(try isUntouched(house, cycle))
        #expect(equity(document) == "100000")
        #expect(try house.alerts("split-not-booked").count == 1)
        // The broker tells of it: decided is on what is held by then.
        try split(house)
        #expect(try await house.run(.decide, cycle, isForced: true).status == .succeeded)
        #expect(try house.position(.nvda) == Quantity(1000))
    }

    @Test("A split that the broker tells is booked before anything is sized, and recorded for the bars")
    func bookedByBroker() async throws {
        let house = try await house(after: 10)
        try split(house)
        let cycle = house.cycle(Self.first)
        #expect(try await house.run(.decide, cycle).status == .succeeded)
        #expect(try house.position(.nvda) == Quantity(1000))
        let action = try #require(try house.store.read { try $0.actionsInForce(.nvda) }.first)
        #expect(action.content == .split(new: 10, old: 1) && action.exDate == Self.today)
        #expect(action.source == "broker paper")
        let document = try await house.run(.riskCheck, cycle)
        #expect(try house.store.read { try $0.activeHalts() }.isEmpty && warnings(document).isEmpty)
    }

    @Test("A broker that books a split some days late books the one that is recorded")
    func bookedLate() async throws {
        let house = try await house(after: 10)
        try record(.split(new: 10, old: 1), house)
        let number = Self.first + 3 * 288
        try house.putBar(.nvda, number: number, close: Price(10))
        house.moveTo(Int64(number) * 300 + 1)
        try split(house, at: "2026-11-23T14:00:00Z")
        let document = try await house.run(.riskCheck, house.cycle(number))
        #expect(try house.store.read { try $0.actionsInForce(.nvda) }.map(\.source) == ["a.csv"])
        #expect(equity(document) == "100000" && warnings(document).isEmpty)
        #expect(try isUntouched(house, house.cycle(number)))
    }

    @Test("A split that the broker books days late stands on its booking day until somebody brings the true one")
    func lateThenImported() async throws {
        let house = try await house(after: 10)
        // Eleven days on nobody has told anything; then the broker books it.
        let number = Self.first + 11 * 288
        try house.putBar(.nvda, number: number, close: Price(10))
        house.moveTo(Int64(number) * 300 + 1)
        try split(house, at: "2026-12-01T14:00:00Z")
        let document = try await house.run(.riskCheck, house.cycle(number))
        #expect(try house.position(.nvda) == Quantity(1000))
        // The evening's 100 is no price of a thousand shares.
        #expect(equity(document) == nil)
        #expect(try isUntouched(house, house.cycle(number)))
        #expect(
            try house.store.read { try $0.actionsInForce(.nvda) }.map(\.exDate.description) == ["2026-12-01"])
        try record(.split(new: 10, old: 1), house)
        #expect(try house.store.read { try $0.actionsInForce(.nvda) }.map(\.source) == ["a.csv"])
        let later = try await house.run(.riskCheck, house.cycle(number), isForced: true)
        #expect(equity(later) == "100000" && warnings(later).isEmpty)
        #expect(try isUntouched(house, house.cycle(number)))
    }

    @Test("A broker that corrects its own split corrects what was recorded on its word; a person's word stands")
    func brokerCorrects() async throws {
        func activity(_ id: String, _ new: Int, _ old: Int) throws -> AccountActivity {
            AccountActivity(
                id: id, at: try instant("2026-11-20T05:00:00Z"),
                kind: .split(.nvda, new: new, old: old, cashInLieuPrice: nil))
        }
        for isImported in [false, true] {
            let house = try await house(after: 5)
            if isImported { try record(.split(new: 20, old: 1), house) }
            func recorded() throws -> [StoredAction.Content] {
                try house.store.read { try $0.actionsInForce(.nvda) }.map(\.content)
            }
            house.broker.setActivities([try activity("S1", 10, 1)])
            try await house.run(.riskCheck, house.cycle(Self.first))
            #expect(try recorded() == [.split(new: isImported ? 20 : 10, old: 1)])
            house.broker.setActivities([try activity("S1", 10, 1), try activity("S2", 2, 1)])
            let document = try await house.run(.riskCheck, house.cycle(Self.first), isForced: true)
            #expect(try house.position(.nvda) == Quantity(2000))
            #expect(try recorded() == [.split(new: 20, old: 1)])
            #expect(equity(document) == "100000" && warnings(document).isEmpty)
            // Taken back altogether.
            house.broker.setActivities([
                try activity("S1", 10, 1), try activity("S2", 2, 1), try activity("S3", 1, 20),
            ])
            try await house.run(.riskCheck, house.cycle(Self.first), isForced: true)
            #expect(try recorded() == (isImported ? [.split(new: 20, old: 1)] : []))
            #expect(try house.position(.nvda) == Quantity(100))
        }
    }

    @Test("What one of two brokers has booked does not make the other's holding one of the new scale")
    func twoBrokers() async throws {
        let house = try House(cash: 90_000, positions: [.nvda: Quantity(100)], otherBroker: BrokerID("ib"))
        let other = try #require(house.other)
        house.clock.set(try instant("2026-11-19T20:30:00Z"))
        let evening = try ["20:20", "20:55"].map {
            Bar.fixture(openAt: try instant("2026-11-19T\($0):00Z"), close: Price(100))
        }
        try house.store.write(durable: false) { _ = try $0.upsertBars(.nvda, .fiveMinutes, evening) }
        try await house.openAccount()
        _ = try await AccountOpening(context: house.context, now: house.clock.now()).ensure(other)
        try house.putBar(.nvda, number: Self.first, close: Price(10))
        house.moveTo(Int64(Self.first) * 300 + 1)
        try split(house)
        let document = try await house.run(.riskCheck, house.cycle(Self.first))
        #expect(try isUntouched(house, house.cycle(Self.first)))
        #expect(warnings(document).contains { $0.hasPrefix("split-not-booked") })
        other.setPosition(.nvda, Quantity(1000))
        other.setActivities([
            AccountActivity(
                id: "S9", at: try instant("2026-11-20T05:00:00Z"),
                kind: .split(.nvda, new: 10, old: 1, cashInLieuPrice: nil))
        ])
        let later = try await house.run(.riskCheck, house.cycle(Self.first), isForced: true)
        #expect(warnings(later).isEmpty && equity(later) == "200000")
    }

    @Test("While the first bar after a booked split is missing, the price of before counts on the new scale")
    func firstBarLate() async throws {
        let house = try await house(after: nil)
        try split(house)
        let document = try await house.run(.riskCheck, house.cycle(Self.first))
        #expect(try house.position(.nvda) == Quantity(1000))
        #expect(equity(document) == "100000")
        #expect(try isUntouched(house, house.cycle(Self.first)))
    }

    @Test("A split that the books have and the bars do not show leaves no price: nothing is judged by a guess")
    func bookedAndAbsent() async throws {
        let house = try await house(after: 100)
        try split(house)
        let document = try await house.run(.riskCheck, house.cycle(Self.first))
        #expect(try isUntouched(house, house.cycle(Self.first)))
        #expect(equity(document) == nil)
        #expect(try house.alerts("announced-split-absent").count == 1)
        #expect(try house.alerts("equity-unknown").count == 1)
    }

    @Test("The last bar of a session counts from its close, though it is shorter than the others")
    func shortBar() throws {
        let house = try House(
            moreSymbols: "  MSFT: {name: Microsoft, market: US, exchange: XNAS, currency: USD, tick_size: \"0.01\"}")
        let msft = Symbol("MSFT")
        let opens = ["2026-11-19T19:30:00Z", "2026-11-19T20:30:00Z"]
        for (text, close) in zip(opens, [100, 101]) {
            let bar = Bar.fixture(openAt: try instant(text), close: Price(close))
            try house.store.write(durable: false) { _ = try $0.upsertBars(msft, .oneHour, [bar]) }
        }
        func mark(at text: String) throws -> Marks.PriceMark? {
            let now = try instant(text)
            return try house.store.read {
                try PriceWatch($0, house.context.settings, house.context.calendars, Ledger(), at: now)
                    .newest(of: msft)?.mark
            }
        }
        #expect(try mark(at: "2026-11-19T20:59:59Z")?.price == Price(100))
        let closed = try #require(try mark(at: "2026-11-19T21:00:00Z"))
        #expect(try closed.price == Price(101) && closed.asOf == instant("2026-11-19T21:00:00Z"))
    }
}
