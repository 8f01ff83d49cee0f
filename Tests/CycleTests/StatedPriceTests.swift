import Broker
import Core
import Ledger
import Risk
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("What an operator says that a holding is worth, and what ends it")
struct StatedPriceTests {
    /// Monday, a quarter of an hour after the open.
    private static let monday = 3 * 288 - 10

    private func state(
        _ price: Price, of symbol: Symbol = .nvda, _ house: House, isForced: Bool = false, isCorrection: Bool = false
    ) throws {
        _ = try PriceDesk(context: house.context, now: house.clock.now(), actor: "operator tester", isDryRun: false)
            .state(
                .init(price: price, reason: "halted", isForced: isForced, isCorrection: isCorrection), of: symbol,
                broker: nil)
    }

    private func books(_ house: House, at moment: Instant? = nil) throws -> Books {
        try house.store.read { reader in
            try Books.load(
                reader, settings: house.context.settings, calendars: house.context.calendars,
                at: moment ?? house.clock.now())
        }
    }

    private func lastPrices(_ house: House) throws -> [Price?] {
        try books(house).portfolio.positions.map(\.lastPrice)
    }

    /// Books the open breaks by hand.
    private func book(
        _ house: House, as kind: BreakDesk.Kind = .adjustment, marketPrice: Price? = nil, isForced: Bool = false
    ) throws {
        let ids = try house.store.read { try $0.openBreaks() }.map(\.id)
        _ = try BreakDesk(context: house.context, now: house.clock.now(), actor: "operator tester", isDryRun: false)
            .book(
                ids,
                as: .init(
                    kind: kind, price: nil, marketPrice: marketPrice, currency: nil, reason: "1:10", isForced: isForced)
            )
    }

    private func halts(_ house: House) throws -> [String] { try house.store.read { try $0.activeHalts() }.map(\.code) }

    /// A hand trades so many at a price, at the house's time.
    private func trade(_ side: Side, _ quantity: Int, at price: Price, _ name: String, _ house: House)
        throws
    {
        let now = house.clock.now()
        house.broker.place(
            .fixture("B\(name)", side: side, type: .market, quantity: Quantity(quantity), placedAt: now))
        try house.broker.execute(
            .fixture(
                "E\(name)", order: "B\(name)", side: side, quantity: Quantity(quantity), price: price, filledAt: now))
        house.broker.close(BrokerOrderID("B\(name)"), as: .filled, filled: Quantity(quantity))
    }

    @Test(
        "A fill of before a statement that is booked after it ends nothing; one of after it does, and it is told once")
    func lateFill() async throws {
        let house = try House(positions: [.nvda: Quantity(100)])
        try house.putBar(.nvda, close: Price(80))
        try await house.openAccount()
        house.moveTo(30)
        try trade(.buy, 10, at: Price(80), "1", house)
        // Halted since, and the broker was not to be reached.
        house.moveTo(Int64(Self.monday) * 300)
        try state(Price(50), house)
        house.clock.advance(seconds: 40)
        let cycle = house.cycle(Self.monday)
        try await house.run(.reconcile, cycle, isForced: true)
        #expect(try house.position(.nvda) == Quantity(110) && lastPrices(house) == [Price(50)])
        try await house.run(.riskCheck, cycle, isForced: true)
        #expect(try halts(house).isEmpty && house.alerts("stated-price-ended").isEmpty)
        try trade(.buy, 1, at: Price(70), "2", house)
        house.clock.advance(seconds: 40)
        try await house.run(.reconcile, cycle, isForced: true)
        #expect(try lastPrices(house) == [Price(70)])
        for _ in 0..<3 {
            house.clock.advance(seconds: 86_400)
            try await house.run(.riskCheck, cycle, isForced: true)
        }
        let alert = try #require(try house.alerts("stated-price-ended").first)
        #expect(try house.alerts("stated-price-ended").count == 1)
        #expect(alert.body.contains("50") && alert.body.contains("fill"))
    }

    @Test("History that is imported ends no statement; a bar of the day does, whenever it comes in")
    func importedHistory() async throws {
        let house = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        house.moveTo(330)
        try state(Price(100), house)
        try await house.run(.riskCheck, house.cycle(1))
        for number in [-288 * 30, -288] { try house.putBar(.nvda, number: number, close: Price(40)) }
        try await house.run(.riskCheck, house.cycle(1), isForced: true)
        #expect(try lastPrices(house) == [Price(100)] && halts(house).isEmpty)
        #expect(try house.alerts("stated-price-ended").isEmpty)
        try house.putBar(.nvda, number: 1, close: Price(99))
        try await house.run(.riskCheck, house.cycle(1), isForced: true)
        #expect(try lastPrices(house) == [Price(99)] && halts(house).isEmpty)
        #expect(try house.alerts("stated-price-ended").count == 1)
    }

    @Test("Units that go without a word of their scale take a price of the new one with them")
    func consolidation() async throws {
        let house = try House(cash: 0, positions: [.nvda: Quantity(2000)])
        try await house.openAccount()
        try state(Price(6), house, isForced: true)
        try await house.run(.riskCheck)
        // 1:10, and the broker lists nothing of it.
        house.broker.setPosition(.nvda, Quantity(200))
        house.moveTo(40)
        try await house.run(.reconcile, isForced: true)
        let refusal = #expect(throws: StepFailure.self) { try book(house) }
        #expect(refusal?.hint.contains("--market-price") == true)
        try book(house, marketPrice: Price(60))
        house.moveTo(80)
        try await house.run(.riskCheck, isForced: true)
        #expect(try house.position(.nvda) == Quantity(200) && lastPrices(house) == [Price(60)])
        #expect(try halts(house).isEmpty && house.alerts("stated-price-ended").isEmpty)
        #expect(try house.audit("price.stated").count == 2)
    }

    @Test(
        "A slip in the price that units of a new scale take with them is refused: what is held would change its worth",
        arguments: [(60, false), (600, true)])
    func slipOfScale(price: Int, isForced: Bool) async throws {
        let house = try House(cash: 0, positions: [.nvda: Quantity(2000)])
        try await house.openAccount()
        try state(Price(6), house, isForced: true)
        try await house.run(.riskCheck)
        house.broker.setPosition(.nvda, Quantity(200))
        house.moveTo(40)
        try await house.run(.reconcile, isForced: true)
        for slip in [Price(600), Price(6)] {
            let refusal = #expect(throws: StepFailure.self) { try book(house, marketPrice: slip) }
            #expect(refusal?.message.contains("12000") == true && refusal?.hint.contains("--force") == true)
        }
        try book(house, marketPrice: Price(price), isForced: isForced)
        #expect(try lastPrices(house) == [Price(price)])
    }

    @Test("One price for several breaks goes to the one holding that takes it, and is refused where two would")
    func severalBreaks() async throws {
        func house(_ stated: [Symbol]) async throws -> House {
            let house = try House(cash: 0, positions: [.nvda: Quantity(2000), .pltr: Quantity(100)])
            for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol, close: Price(5)) }
            try await house.openAccount()
            house.moveTo(Int64(Self.monday) * 300)
            for symbol in stated { try state(Price(6), of: symbol, house) }
            house.broker.setPosition(.nvda, Quantity(200))
            house.broker.setPosition(.pltr, Quantity(10))
            house.clock.advance(seconds: 40)
            try await house.run(.reconcile, house.cycle(Self.monday), isForced: true)
            return house
        }
        let one = try await house([.nvda])
        try book(one, marketPrice: Price(60))
        #expect(try lastPrices(one) == [Price(60), Price(5)])
        let both = try await house([.nvda, .pltr])
        let refusal = #expect(throws: StepFailure.self) { try book(both, marketPrice: Price(60)) }
        #expect(refusal?.message.contains("NVDA") == true && refusal?.message.contains("PLTR") == true)
        let none = try await house([])
        let unused = #expect(throws: StepFailure.self) { try book(none, marketPrice: Price(60)) }
        #expect(unused?.hint.contains("Leave --market-price out") == true)
    }

    @Test("What is said or booked while a step runs counts in it, as do the units that it is of")
    func saidMeanwhile() async throws {
        let house = try House(cash: 88_000, positions: [.nvda: Quantity(2000)])
        try house.putBar(.nvda, close: Price(5))
        try await house.openAccount()
        house.moveTo(Int64(Self.monday) * 300)
        try state(Price(6), house)
        house.broker.setPosition(.nvda, Quantity(200))
        house.clock.advance(seconds: 40)
        try await house.run(.reconcile, house.cycle(Self.monday), isForced: true)
        let began = house.clock.now()
        #expect(try books(house, at: began).portfolio.equity.amount == FixedPoint(100_000))
        house.clock.advance(seconds: 5)
        try book(house, marketPrice: Price(60))
        #expect(try books(house, at: began).portfolio.equity.amount == FixedPoint(100_000))
        house.clock.advance(seconds: 5)
        try state(Price(55), house)
        #expect(try books(house, at: began).portfolio.positions.map(\.lastPrice) == [Price(55)])
    }

    @Test("A fill that is believed as no price, so far from the last bar, does not end what is stated")
    func fillFarFromBar() async throws {
        let house = try House(positions: [.nvda: Quantity(1000)])
        try house.putBar(.nvda, close: Price(80))
        try await house.openAccount()
        house.moveTo(Int64(Self.monday) * 300)
        try state(Price(50), house)
        house.clock.advance(seconds: 40)
        try trade(.sell, 10, at: Price(50), "1", house)
        house.clock.advance(seconds: 40)
        let cycle = house.cycle(Self.monday)
        try await house.run(.reconcile, cycle, isForced: true)
        #expect(try house.position(.nvda) == Quantity(990) && lastPrices(house) == [Price(50)])
        try await house.run(.riskCheck, cycle, isForced: true)
        #expect(try house.alerts("stated-price-ended").isEmpty)
    }

    @Test(
        "A fill where no bar is known ends what is stated unless it is taken back, and it is told at what price it counts now"
    )
    func fillWithoutBar() async throws {
        let house = try House(positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        try state(Price(100), house)
        try await house.run(.riskCheck)
        house.clock.advance(seconds: 40)
        for (name, price) in [("1", 98), ("2", 99)] {
            try trade(.buy, 1, at: Price(price), name, house)
            house.clock.advance(seconds: 40)
            try await house.run(.reconcile, isForced: true)
            #expect(try lastPrices(house) == [Price(price)])
            guard name == "1" else { continue }
            try house.broker.bustAll()
            house.clock.advance(seconds: 40)
            try await house.run(.reconcile, isForced: true)
            #expect(try lastPrices(house) == [Price(100)])
        }
        try await house.run(.riskCheck, isForced: true)
        let alert = try #require(try house.alerts("stated-price-ended").first)
        #expect(alert.body.contains("99") && !alert.body.contains("no bar of it is known"))
    }

    @Test("Bars of before the newest session that come in late end nothing, whatever bar was known before")
    func backfill() async throws {
        let house = try House(cash: 0, positions: [.nvda: Quantity(1000)])
        try house.putBar(.nvda, close: Price(80))
        try await house.openAccount()
        // Wednesday; Monday and Tuesday are fetched afterwards.
        let wednesday = Self.monday + 2 * 288
        house.moveTo(Int64(wednesday) * 300)
        try state(Price(40), house)
        for day in [Self.monday, Self.monday + 288] { try house.putBar(.nvda, number: day, close: Price(78)) }
        house.clock.advance(seconds: 40)
        try await house.run(.riskCheck, house.cycle(wednesday), isForced: true)
        #expect(try lastPrices(house) == [Price(40)] && house.alerts("stated-price-ended").isEmpty)
        try house.putBar(.nvda, number: wednesday, close: Price(75))
        #expect(try lastPrices(house) == [Price(75)])
    }

    @Test("A price that is far from what is known is refused, with both numbers")
    func slip() async throws {
        let house = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        let refusal = #expect(throws: StepFailure.self) { try state(Price(5420), house) }
        #expect(refusal?.message.contains("5420") == true && refusal?.message.contains("100") == true)
        #expect(refusal?.hint.contains("--force") == true)
        try state(Price("54.2"), house)
        try await house.run(.riskCheck)
        #expect(try lastPrices(house) == [Price("54.2")] && halts(house).isEmpty)
        #expect(throws: StepFailure.self) { try state(Price(5), house) }
    }

    @Test(
        "A mistake that has settled an opening is put right in the capital; a fall that is stated afterwards is a loss")
    func correction() async throws {
        let house = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        #expect(throws: StepFailure.self) { try state(Price(60), house, isCorrection: true) }
        try state(Price(5420), house, isForced: true)
        try await house.run(.riskCheck)
        try await house.run(.reconcile, isForced: true)
        func paidIn() throws -> FixedPoint? {
            try Ledger.fold(house.store.read { try $0.ledgerEntries() }).paidIn()[.usd]?.rounded
        }
        #expect(try paidIn() == FixedPoint(542_000))
        house.moveTo(40)
        let refusal = #expect(throws: StepFailure.self) { try state(Price("54.2"), house) }
        #expect(refusal?.hint.contains("--correct") == true)
        try state(Price("54.2"), house, isCorrection: true)
        try await house.run(.riskCheck, isForced: true)
        #expect(try paidIn() == FixedPoint(5420) && lastPrices(house) == [Price("54.2")] && halts(house).isEmpty)
        // Corrected once more, the same; then it falls.
        try state(Price(54), house, isCorrection: true)
        #expect(try paidIn() == FixedPoint(5400))
        house.moveTo(80)
        try state(Price(51), house)
        try await house.run(.riskCheck, isForced: true)
        #expect(try paidIn() == FixedPoint(5400) && halts(house) == ["daily-loss"])
        try state(Price(52), house, isCorrection: true)
        #expect(try paidIn() == FixedPoint(5400))
    }

    @Test("That equity is not known is told anew each day")
    func unknownEquity() async throws {
        let house = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        for day in 0..<3 {
            for number in 0..<2 {
                let number = day * 288 + number
                house.moveTo(Int64(number) * 300 + 1)
                try await house.run(.riskCheck, house.cycle(number))
            }
            let alerts = try house.alerts("equity-unknown")
            #expect(alerts.count == day + 1 && alerts.allSatisfy { $0.severity == .error })
        }
    }

    @Test("Of a doubt that no waiting ends nobody says that a break keeps it from passing")
    func doubtAfterOpening() async throws {
        let house = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try house.putBar(.nvda)
        try await house.openAccount()
        house.broker.setPosition(.nvda, Quantity(1000))
        let number = 3 * 288 - 12
        try house.putBar(.nvda, number: number, close: Price(10))
        house.moveTo(Int64(number) * 300 + 1)
        try await house.run(.reconcile, house.cycle(number), isForced: true)
        try await house.run(.riskCheck, house.cycle(number), isForced: true)
        let alert = try #require(try house.alerts("suspected-split").last)
        #expect(try !alert.body.contains("Nor does it pass") && halts(house).isEmpty)
    }
}
