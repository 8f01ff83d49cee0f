import Broker
import Core
import Ledger
import MarketData
import Risk
import Store
import TestSupport
import Testing

@testable import Cycle

/// 100 shares that cost 100 each are there when the account is met, and are worth something else.
@Suite("What an account's positions are worth when it is met")
struct OpeningValuationTests {
    private func instant(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text)) }

    /// What the day's and the total loss are, `nil` while equity is not known to the limits.
    private func losses(_ house: House, _ number: Int = 0) throws -> [FixedPoint]? {
        let beat = try house.beat(house.cycle(number))
        let check = try house.store.read { try RiskView(beat, $0).check([]) }
        guard let text = check.account().numbers["equity"]?.stringValue else { return nil }
        let equity = try FixedPoint(text)
        let state = check.state
        return [
            try #require(state.equityAtDayStart).amount - equity, try #require(state.equityInitial).amount - equity,
        ]
    }

    private func paidIn(_ house: House) throws -> FixedPoint {
        try #require(try Ledger.fold(house.store.read { try $0.ledgerEntries() }).paidIn()[.usd]).rounded
    }

    private func halts(_ house: House) throws -> [String] { try house.store.read { try $0.activeHalts() }.map(\.code) }

    @Test("A price of the running session counts at once: a loss of before is none of ours")
    func running() async throws {
        let house = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try house.putBar(.nvda, close: Price(70))
        try await house.openAccount()
        #expect(try losses(house) == [.zero, .zero])
        #expect(try paidIn(house) == FixedPoint(7000))
        try await house.run(.riskCheck)
        #expect(try halts(house).isEmpty && house.audit("account.valued").isEmpty)
    }

    @Test("Without one the first price settles it, once; until then nothing is judged")
    func later() async throws {
        let house = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        try await house.run(.reconcile)
        #expect(try losses(house) == nil)
        #expect(try house.alerts("equity-unknown").isEmpty)
        try await house.run(.riskCheck)
        #expect(try house.alerts("equity-unknown").count == 1)
        #expect(try house.store.read { try $0.equityMarks() }.isEmpty)
        try house.putBar(.nvda, number: 1, close: Price(70))
        house.moveTo(310)
        for _ in 0..<2 {
            try await house.run(.riskCheck, house.cycle(1), isForced: true)
            #expect(try losses(house, 1) == [.zero, .zero])
        }
        #expect(try halts(house).isEmpty)
        #expect(try paidIn(house) == FixedPoint(7000))
        let entry = try #require(try house.audit("account.valued").first)
        #expect(entry.payload["paid_in_change"]?.text.contains("-3000") == true)
        #expect(try house.audit("account.valued").count == 1)
        // From there on a loss is a loss.
        try house.putBar(.nvda, number: 2, close: Price(60))
        house.moveTo(610)
        try await house.run(.riskCheck, house.cycle(2))
        #expect(try halts(house).contains("daily-loss"))
    }

    /// Met before the open of the day in which its price falls to a tenth, with nothing but the evening's bar.
    private func beforeTenth(holding quantity: Int, _ activities: [AccountActivity] = []) async throws -> House {
        let house = try House(cash: 0, positions: [.nvda: Quantity(quantity)])
        let evening = try instant("2026-11-19T20:55:00Z")
        try house.store.write(durable: false) {
            _ = try $0.upsertBars(.nvda, .fiveMinutes, [.fixture(openAt: evening, close: Price(100))])
        }
        house.clock.set(try instant("2026-11-20T12:00:00Z"))
        house.broker.setActivities(activities)
        try await house.openAccount()
        #expect(try losses(house) == nil)
        try house.putBar(.nvda, number: Self.morning, close: Price(10))
        house.moveTo(Int64(Self.morning) * 300 + 1)
        return house
    }

    private static let morning = -12

    private func split(at text: String) throws -> AccountActivity {
        AccountActivity(
            id: "S1", at: try instant(text), kind: .split(.nvda, new: 10, old: 1, cashInLieuPrice: nil))
    }

    /// Nothing was judged, sold or halted.
    private func isUntouched(_ house: House, _ number: Int) async throws -> Bool {
        try await house.run(.riskCheck, house.cycle(number), isForced: true)
        let intents = try house.store.read { try $0.intents(cycle: house.cycle(number)) }
        return try halts(house).isEmpty && intents.isEmpty && losses(house, number) == nil
    }

    @Test("Met before the open of a split's day, yesterday's price is not believed")
    func beforeSplit() async throws {
        // The broker counts 1000 new shares already and has told of the split; by its books they cost 100 each.
        let house = try await beforeTenth(holding: 1000, [split(at: "2026-11-20T05:00:00Z")])
        try await house.run(.riskCheck, house.cycle(Self.morning))
        #expect(try losses(house, Self.morning) == [.zero, .zero])
        #expect(try paidIn(house) == FixedPoint(10_000))
        #expect(try halts(house).isEmpty)
    }

    @Test(
        "Met while the bars have split and the broker has not, nothing is judged and nothing is sold until it has",
        arguments: [true, false], ["2026-11-20T13:00:00Z", "2026-11-20T05:00:00Z"])
    func aheadOfBroker(isRecorded: Bool, bookedAt: String) async throws {
        let house = try await beforeTenth(holding: 100)
        if isRecorded {
            try house.store.write(durable: true) { writer in
                try writer.record(
                    [
                        NewAction(
                            symbol: .nvda, exDate: CivilDate(year: 2026, month: 11, day: 20)!,
                            content: .split(new: 10, old: 1), source: "a.csv")
                    ], at: house.clock.now())
            }
        }
        #expect(try await isUntouched(house, Self.morning))
        house.broker.setPosition(.nvda, Quantity(1000))
        house.broker.setActivities([try split(at: bookedAt)])
        try await house.run(.riskCheck, house.cycle(Self.morning), isForced: true)
        #expect(try losses(house, Self.morning) == [.zero, .zero])
        #expect(try paidIn(house) == FixedPoint(10_000) && halts(house).isEmpty)
        #expect(try house.position(.nvda) == Quantity(1000))
        #expect(try house.store.read { try $0.intents(cycle: house.cycle(Self.morning)) }.isEmpty)
    }

    @Test("A broker that tells of no split is believed after five sessions")
    func neverTold() async throws {
        let house = try await beforeTenth(holding: 1000)
        #expect(try await isUntouched(house, Self.morning))
        // Friday to Wednesday, and Friday's half day after Thanksgiving.
        for (day, isKnown) in [(3, false), (4, false), (5, false), (7, false), (10, false), (11, true)] {
            let number = Self.morning + day * 288
            try house.putBar(.nvda, number: number, close: Price(10))
            house.moveTo(Int64(number) * 300 + 1)
            try await house.run(.riskCheck, house.cycle(number), isForced: true)
            #expect(try (losses(house, number) != nil) == isKnown, "day \(day)")
        }
        #expect(try paidIn(house) == FixedPoint(10_000) && halts(house).isEmpty)
    }

    @Test(
        "Of a share that does not trade no price of before counts, however long it lasts; what an operator says counts at once and on"
    )
    func halted() async throws {
        for isStated in [false, true] {
            let house = try House(cash: 0, positions: [.nvda: Quantity(100)])
            try house.putBar(.nvda, number: -288, close: Price(70))
            try await house.openAccount()
            func state(_ price: Price) throws {
                _ = try PriceDesk(
                    context: house.context, now: house.clock.now(), actor: "operator tester", isDryRun: false
                )
                .state(.init(price: price, reason: "halted"), of: .nvda, broker: nil)
            }
            if isStated { try state(Price(60)) }
            for day in [1, 3, 5, 7, 10, 11] {
                let number = day * 288
                house.moveTo(Int64(number) * 300 + 1)
                try await house.run(.riskCheck, house.cycle(number), isForced: true)
                #expect(try (losses(house, number) != nil) == isStated, "day \(day)")
                #expect(try house.store.read { try $0.intents(cycle: house.cycle(number)) }.isEmpty)
            }
            #expect(try paidIn(house) == FixedPoint(isStated ? 6000 : 10_000) && halts(house).isEmpty)
            // It trades again: from a price that counted on a loss is a loss, else none; and the word of the operator is past.
            let number = 12 * 288
            try house.putBar(.nvda, number: number, close: Price(50))
            house.moveTo(Int64(number) * 300 + 1)
            try await house.run(.riskCheck, house.cycle(number))
            #expect(try losses(house, number)?.last == FixedPoint(isStated ? 1000 : 0))
            #expect(throws: StepFailure.self) { try state(Price(60)) }
        }
    }

    @Test("A price that is stated values without any bar, is restated by a split, and sells nothing")
    func stated() async throws {
        let house = try House(cash: 100_000, positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        func state(_ price: Price, of symbol: Symbol = .nvda) throws {
            _ = try PriceDesk(context: house.context, now: house.clock.now(), actor: "operator tester", isDryRun: false)
                .state(.init(price: price, reason: "no market"), of: symbol, broker: nil)
        }
        #expect(throws: StepFailure.self) { try state(Price(1), of: Symbol("MSFT")) }
        try state(Price(100))
        try await house.run(.riskCheck)
        #expect(try losses(house) == [.zero, .zero])
        // A fall that would be a stop-loss by any bar, and an emergency it is not.
        try state(Price(90))
        try await house.run(.riskCheck, isForced: true)
        #expect(try house.store.read { try $0.intents(cycle: house.cycle()) }.isEmpty && halts(house).isEmpty)
        #expect(try losses(house)?.last == FixedPoint(1000))
        house.broker.setPosition(.nvda, Quantity(1000))
        house.broker.setActivities([
            AccountActivity(
                id: "S1", at: Instant.fixture.advanced(bySeconds: 100),
                kind: .split(.nvda, new: 10, old: 1, cashInLieuPrice: nil))
        ])
        house.moveTo(120)
        try await house.run(.riskCheck, isForced: true)
        #expect(try losses(house)?.last == FixedPoint(1000))
        #expect(try house.audit("price.stated").count == 2)
    }

    @Test("What is said to be worth nothing long after it was met was never a loss of ours")
    func worthless() async throws {
        let house = try House(positions: [.nvda: Quantity(1000)])
        try house.putBar(.nvda, number: -288, close: Price(50))
        try await house.openAccount()
        let number = 40 * 288
        house.moveTo(Int64(number) * 300 + 1)
        try await house.run(.riskCheck, house.cycle(number))
        #expect(try losses(house, number) == nil)
        _ = try PriceDesk(context: house.context, now: house.clock.now(), actor: "operator tester", isDryRun: false)
            .state(.init(price: .zero, reason: "delisted"), of: .nvda, broker: nil)
        try await house.run(.riskCheck, house.cycle(number), isForced: true)
        #expect(try losses(house, number) == [.zero, .zero] && halts(house).isEmpty)
    }

    @Test("A statement counts from when it was said, moves capital at its price, and ends with a fill")
    func scopeOfStatement() async throws {
        let house = try House(positions: [.nvda: Quantity(100)])
        try house.putBar(.nvda, number: -1, close: Price(50))
        try await house.openAccount()
        #expect(try losses(house) == [.zero, .zero])
        func books(at moment: Instant, saidBy past: Instant? = nil) throws -> Books {
            try house.store.read { reader in
                try Books.value(
                    Ledger.fold(reader.ledgerEntries()), reader, settings: house.context.settings,
                    calendars: house.context.calendars, at: moment, saidBy: past)
            }
        }
        // Halted since; said on Monday, soon after the open.
        let monday = 3 * 288 - 10
        house.moveTo(Int64(monday) * 300)
        _ = try PriceDesk(context: house.context, now: house.clock.now(), actor: "operator tester", isDryRun: false)
            .state(.init(price: Price(48), reason: "halted"), of: .nvda, broker: nil)
        let friday = Instant.fixture.advanced(bySeconds: 3600)
        #expect(try books(at: friday, saidBy: friday).portfolio.equity.amount == FixedPoint(105_000))
        #expect(try books(at: house.clock.now()).portfolio.equity.amount == FixedPoint(104_800))
        // They are moved out: as much capital as the account is valued at.
        house.broker.setPosition(.nvda, Quantity(40))
        house.clock.advance(seconds: 40)
        let cycle = house.cycle(monday)
        try await house.run(.reconcile, cycle, isForced: true)
        let before = try losses(house, monday)
        let id = try #require(try house.store.read { try $0.openBreaks() }.first).id
        let desk = BreakDesk(
            context: house.context, now: house.clock.now(), actor: "operator tester", isDryRun: false)
        #expect(throws: StepFailure.self) {
            try desk.book(
                [id], as: .init(kind: .transfer, price: nil, marketPrice: Price(50), currency: nil, reason: "moved"))
        }
        _ = try desk.book(
            [id], as: .init(kind: .transfer, price: nil, marketPrice: nil, currency: nil, reason: "moved"))
        #expect(try losses(house, monday) == before)
        // Somebody buys one by hand: that is a price.
        house.broker.place(
            .fixture("B1", side: .buy, type: .market, quantity: Quantity(1), placedAt: house.clock.now()))
        try house.broker.execute(
            .fixture(
                "E1", order: "B1", side: .buy, quantity: Quantity(1), price: Price(51), filledAt: house.clock.now()))
        house.broker.close(BrokerOrderID("B1"), as: .filled, filled: Quantity(1))
        house.clock.advance(seconds: 40)
        try await house.run(.reconcile, cycle, isForced: true)
        #expect(try books(at: house.clock.now()).portfolio.positions.map(\.lastPrice) == [Price(51)])
    }

    @Test("What happened before an account was met and is told afterwards keeps its order")
    func toldAfterwards() async throws {
        let house = try House(positions: [.nvda: Quantity(100)])
        try house.putBar(.nvda)
        try await house.openAccount()
        // A dividend of two days before, told after the split of the day before: it was paid on a hundred shares.
        house.broker.setPosition(.nvda, Quantity(1000))
        house.broker.setActivities([try split(at: "2026-11-19T14:30:00Z")])
        house.moveTo(40)
        try await house.run(.riskCheck, isForced: true)
        try house.broker.moveCash(FixedPoint(100))
        house.broker.setActivities([
            try split(at: "2026-11-19T14:30:00Z"),
            AccountActivity(
                id: "D1", at: try instant("2026-11-18T14:30:00Z"),
                kind: .dividend(.nvda, perShare: .one, taxRate: Fraction(.zero), currency: .usd)),
        ])
        house.moveTo(80)
        try await house.run(.riskCheck, isForced: true)
        try await house.run(.reconcile, isForced: true)
        let ledger = try Ledger.fold(house.store.read { try $0.ledgerEntries() })
        #expect(try ledger.dividends()[.usd]?.rounded == FixedPoint(100))
        #expect(try house.position(.nvda) == Quantity(1000))
        #expect(try house.store.read { try $0.openBreaks() }.isEmpty)
    }

    @Test(
        "A fall that is stated halts like any other, and the market's next price ends the statement, whenever it comes in"
    )
    func statedFall() async throws {
        let house = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        func state(_ price: Price) throws {
            _ = try PriceDesk(context: house.context, now: house.clock.now(), actor: "operator tester", isDryRun: false)
                .state(.init(price: price, reason: "no market"), of: .nvda, broker: nil)
        }
        try state(Price(100))
        try await house.run(.riskCheck)
        #expect(try losses(house) == [.zero, .zero] && halts(house).isEmpty)
        // Stated half past a bar's close that is not fetched yet: what comes in is the market's word.
        house.moveTo(330)
        try state(Price(97))
        try house.putBar(.nvda, number: 1, close: Price(99))
        house.moveTo(331)
        try await house.run(.riskCheck, house.cycle(1))
        #expect(try losses(house, 1)?.last == FixedPoint(100))
        #expect(try halts(house).isEmpty && house.store.read { try $0.intents(cycle: house.cycle(1)) }.isEmpty)
        // Days without bars.
        house.moveTo(4 * 86_400)
        try state(Price(94))
        let cycle = house.cycle(4 * 288)
        try await house.run(.riskCheck, cycle)
        #expect(try halts(house) == ["daily-loss"])
        #expect(try house.store.read { try $0.intents(cycle: cycle) }.isEmpty)
    }

    @Test("A split that is booked after a price was stated restates it, whatever day it is of")
    func statedBeforeSplit() async throws {
        let house = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        house.moveTo(3600)
        _ = try PriceDesk(context: house.context, now: house.clock.now(), actor: "operator tester", isDryRun: false)
            .state(.init(price: Price(100), reason: "no market"), of: .nvda, broker: nil)
        try await house.run(.riskCheck)
        house.broker.setPosition(.nvda, Quantity(1000))
        // Of an hour before the statement, and told of an hour after it.
        house.broker.setActivities([try split(at: "2026-11-20T15:40:00Z")])
        house.moveTo(7200)
        try await house.run(.riskCheck, house.cycle(24))
        #expect(try house.position(.nvda) == Quantity(1000))
        #expect(try losses(house, 24) == [.zero, .zero])
    }

    @Test("A doubt does not pass while the broker counts other units than our books")
    func unitsDiffer() async throws {
        let house = try await beforeTenth(holding: 100)
        // The broker has split without a word.
        house.broker.setPosition(.nvda, Quantity(1000))
        for day in [3, 4, 5, 7, 10, 11, 12] {
            let number = Self.morning + day * 288
            try house.putBar(.nvda, number: number, close: Price(10))
            house.moveTo(Int64(number) * 300 + 1)
            try await house.run(.reconcile, house.cycle(number), isForced: true)
            #expect(try await isUntouched(house, number), "day \(day)")
        }
        #expect(try house.alerts("suspected-split").last?.body.contains("while break 1 is open") == true)
    }

    @Test(
        "A position that leaves without an execution before its first price is settled with what it was booked at",
        arguments: [BreakDesk.Kind.transfer, .adjustment])
    func leaves(kind: BreakDesk.Kind) async throws {
        let house = try House(positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        #expect(try losses(house) == nil)
        house.broker.setPosition(.nvda, .zero)
        house.moveTo(40)
        try await house.run(.reconcile, isForced: true)
        let id = try #require(try house.store.read { try $0.openBreaks() }.first).id
        func book() throws {
            _ = try BreakDesk(context: house.context, now: house.clock.now(), actor: "operator tester", isDryRun: false)
                .book(
                    [id],
                    as: .init(
                        kind: kind, price: nil, marketPrice: kind == .transfer ? Price(70) : nil, currency: nil,
                        reason: "moved out"))
        }
        if kind == .adjustment {
            // All that it cost would pass for a loss of ours. It was worth nothing, and that is said first.
            let refusal = #expect(throws: StepFailure.self) { try book() }
            #expect(refusal?.hint.contains("takt positions price NVDA") == true)
            _ = try PriceDesk(context: house.context, now: house.clock.now(), actor: "operator tester", isDryRun: false)
                .state(.init(price: .zero, reason: "delisted"), of: .nvda, broker: nil)
        }
        try book()
        house.moveTo(80)
        try await house.run(.riskCheck, isForced: true)
        #expect(try losses(house) == [.zero, .zero])
        #expect(try halts(house).isEmpty && paidIn(house) == FixedPoint(100_000))
    }

    @Test("What was sold before the first price counts at what it was sold for, the rest at its price")
    func partlySold() async throws {
        let house = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        house.broker.place(
            .fixture("B1", side: .sell, type: .market, quantity: Quantity(40), placedAt: house.clock.now()))
        try house.broker.execute(
            .fixture(
                "E1", order: "B1", side: .sell, quantity: Quantity(40), price: Price(80), filledAt: house.clock.now()))
        house.broker.close(BrokerOrderID("B1"), as: .filled, filled: Quantity(40))
        house.moveTo(40)
        try await house.run(.reconcile)
        house.moveTo(310)
        try house.putBar(.nvda, number: 1, close: Price(50))
        try await house.run(.riskCheck, house.cycle(1))
        #expect(try paidIn(house) == FixedPoint(40 * 80 + 60 * 50))
        #expect(try losses(house, 1) == [.zero, .zero] && halts(house).isEmpty)
    }

    @Test("What an operator accepts on resuming is settled first, and refused while it is not known")
    func resume() async throws {
        let house = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try house.putBar(.nvda, number: -288, close: Price(70))
        try await house.openAccount()
        func accept() throws -> Baselines {
            try house.store.write(durable: true) { writer in
                try Baselines.accepting(house.context, at: house.clock.now(), in: writer)
            }
        }
        let refusal = #expect(throws: StepFailure.self) { try accept() }
        #expect(refusal?.code == "equity-unknown" && refusal?.message.contains("NVDA") == true)
        #expect(throws: StepFailure.self) {
            try house.store.read { try Baselines.previewing(house.context, at: house.clock.now(), $0) }
        }
        try house.putBar(.nvda, number: 1, close: Price(80))
        house.moveTo(310)
        let accepted = try accept()
        #expect(accepted.equity == FixedPoint(8000) && accepted.paidIn == [.usd: FixedPoint(8000)])
        #expect(try house.audit("account.valued").count == 1)
    }

    @Test("A position that a split has changed or that was sold before its first price is valued by what it was")
    func changed() async throws {
        let split = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try await split.openAccount()
        split.broker.setPosition(.nvda, Quantity(200))
        split.broker.setActivities([
            AccountActivity(
                id: "S1", at: Instant.fixture.advanced(bySeconds: 100),
                kind: .split(.nvda, new: 2, old: 1, cashInLieuPrice: nil))
        ])
        try split.putBar(.nvda, number: 1, close: Price(45))
        split.moveTo(310)
        try await split.run(.riskCheck, split.cycle(1))
        #expect(try paidIn(split) == FixedPoint(9000) && losses(split, 1) == [.zero, .zero])

        let sold = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try await sold.openAccount()
        sold.broker.place(
            .fixture("B1", side: .sell, type: .market, quantity: Quantity(100), placedAt: sold.clock.now()))
        try sold.broker.execute(
            .fixture(
                "E1", order: "B1", side: .sell, quantity: Quantity(100), price: Price(80), filledAt: sold.clock.now()))
        sold.broker.close(BrokerOrderID("B1"), as: .filled, filled: Quantity(100))
        sold.moveTo(40)
        try await sold.run(.reconcile)
        #expect(try paidIn(sold) == FixedPoint(8000) && losses(sold) == [.zero, .zero])
    }
}
