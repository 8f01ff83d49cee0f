import Broker
import Core
import Ledger
import Risk
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("Breaks that a person explains, and exits while they are open")
struct BreakDeskTests {
    private func house(allowsShort: Bool = false, _ change: (House) throws -> Void) async throws -> House {
        let house = try House(positions: [.nvda: Quantity(100)], allowsShort: allowsShort)
        try house.putBar(.nvda)
        try await house.openAccount()
        try change(house)
        house.moveTo(40)
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .breaksFound)
        return house
    }

    @discardableResult
    private func book(
        _ house: House, as kind: BreakDesk.Kind = .transfer, price: Price? = nil, marketPrice: Price? = nil,
        isDryRun: Bool = false
    ) throws -> LedgerEntry.Fact {
        let found = try #require(try house.store.read { try $0.openBreaks() }.first)
        return try #require(
            try BreakDesk(
                context: house.context, now: house.clock.now(), actor: "operator tester", isDryRun: isDryRun
            ).book(
                [found.id],
                as: .init(kind: kind, price: price, marketPrice: marketPrice, currency: nil, reason: "moved in")
            ).first
        ).fact
    }

    /// What the limits on losses are judged from.
    private func losses(_ house: House) throws -> [FixedPoint] {
        let beat = try house.beat(house.cycle())
        let state = try house.store.read { try RiskView(beat, $0).check([]).state }
        let equity = try #require(state.equityNow).amount
        return [
            try #require(state.equityAtDayStart).amount - equity, try #require(state.equityInitial).amount - equity,
        ]
    }

    private func ledger(_ house: House) throws -> Ledger {
        try Ledger.fold(try house.store.read { try $0.ledgerEntries() })
    }

    private func agrees(_ house: House) async throws -> Bool {
        house.clock.advance(seconds: 40)
        let document = try await house.run(.reconcile, isForced: true)
        return try document.exitCode == .success && house.store.read { try $0.openBreaks() }.isEmpty
    }

    @Test("Shares that were moved in keep their cost, count as capital at what they are worth, and are booked once")
    func transferIn() async throws {
        let house = try await house { $0.broker.setPosition(.nvda, Quantity(300)) }
        let before = try #require(try ledger(house).paidIn()[.usd])
        let losses = try losses(house)
        #expect(throws: StepFailure.self) { try book(house) }
        #expect(throws: StepFailure.self) { try book(house, as: .deposit, price: Price(40)) }
        try book(house, price: Price(40), isDryRun: true)
        #expect(try house.position(.nvda) == Quantity(100))
        try book(house, price: Price(40))
        let books = try ledger(house)
        let position = try #require(books.openPositions.first)
        // (100 × 100 + 200 × 40) ÷ 300
        #expect(position.quantity == Quantity(300) && position.averageCost == Price(60))
        #expect(try #require(try books.paidIn()[.usd]).rounded == (before.rounded + FixedPoint(20_000)))
        #expect(try self.losses(house) == losses)
        #expect(try await agrees(house))
        let entry = try #require(try house.audit("break.booked").first)
        #expect(entry.actor == "operator tester" && entry.payload["reason"] == "moved in")
        #expect(try house.audit("break.booked").count == 1)
    }

    @Test(
        "Shares that were moved out leave at what they are worth: the loss of the account is the same before and after")
    func transferOut() async throws {
        let house = try await house { house in
            house.broker.setPosition(.nvda, Quantity(30))
            try house.putBar(.nvda, close: Price(97))
        }
        let losses = try losses(house)
        #expect(losses == [FixedPoint(300), FixedPoint(300)])
        try book(house)
        let books = try ledger(house)
        let position = try #require(books.openPositions.first)
        #expect(position.quantity == Quantity(30) && position.averageCost == Price(100))
        #expect(position.realisedAverage.amount == FixedPoint(-210) && position.realisedFIFO.amount == FixedPoint(-210))
        #expect(try self.losses(house) == losses)
        #expect(try await agrees(house))
    }

    @Test("Without a price of the newest session it has to be said what a unit is worth")
    func worthUnknown() async throws {
        let house = try await house { $0.broker.setPosition(.nvda, Quantity(300)) }
        house.moveTo(3 * 86_400)
        try await house.run(.reconcile, house.cycle(3 * 288), isForced: true)
        let failure = #expect(throws: StepFailure.self) { try book(house, price: Price(40)) }
        #expect(failure?.hint.contains("--market-price") == true)
        try book(house, price: Price(40), marketPrice: Price(90))
        let known = try await self.house { $0.broker.setPosition(.nvda, Quantity(300)) }
        #expect(throws: StepFailure.self) { try book(known, price: Price(40), marketPrice: Price(412)) }
        try book(known, price: Price(40), marketPrice: Price(100))
        #expect(try #require(try ledger(house).paidIn()[.usd]).rounded == FixedPoint(100_000 + 10_000 + 18_000))
    }

    @Test("What came as profit or left as loss is no capital: a spin-off, a bonus, a merger")
    func adjustedPosition() async throws {
        let bonus = try await house { $0.broker.setPosition(.nvda, Quantity(200)) }
        let before = try losses(bonus)
        #expect(throws: StepFailure.self) { try book(bonus, as: .adjustment) }
        #expect(throws: StepFailure.self) { try book(bonus, as: .adjustment, price: Price(0), marketPrice: Price(1)) }
        try book(bonus, as: .adjustment, price: Price(0))
        #expect(try losses(bonus) == before.map { try $0 - FixedPoint(10_000) })
        let position = try #require(try ledger(bonus).openPositions.first)
        #expect(position.quantity == Quantity(200) && position.averageCost == Price(50))

        let merged = try await house { $0.broker.setPosition(.nvda, Quantity(40)) }
        try book(merged, as: .adjustment)
        #expect(try losses(merged) == before.map { try $0 + FixedPoint(6_000) })
        #expect(try #require(try ledger(merged).openPositions.first).realisedAverage.isZero)
    }

    @Test("The two halves of a merger are booked together: a beat between them would see a loss")
    func merger() async throws {
        let house = try await house { house in
            house.broker.setPosition(.nvda, .zero)
            try house.broker.moveCash(FixedPoint(12_000))
        }
        let before = try losses(house)
        let breaks = try house.store.read { try $0.openBreaks() }
        let position = try #require(breaks.first { $0.kind == "position" })
        let cash = try #require(breaks.first { $0.kind == "cash" })
        let desk = BreakDesk(
            context: house.context, now: house.clock.now(), actor: "operator tester", isDryRun: false)
        let why = BreakDesk.Explanation(
            kind: .adjustment, price: nil, marketPrice: nil, currency: nil, reason: "bought for cash")
        let half = #expect(throws: StepFailure.self) { try desk.book([position.id], as: why) }
        #expect(half?.hint.contains("breaks book \(position.id) \(cash.id)") == true)
        // One of them cannot be booked: none is.
        #expect(throws: StepFailure.self) { try desk.book([position.id, cash.id, 99], as: why) }
        #expect(try house.position(.nvda) == Quantity(100))
        #expect(try desk.book([position.id, cash.id, position.id], as: why).count == 2)
        #expect(try house.audit("break.booked").count == 2)
        #expect(try losses(house) == before.map { try $0 - FixedPoint(2_000) })
        #expect(try await agrees(house))
    }

    @Test(
        "While an order is open whose execution would explain the break it is not booked",
        arguments: [(Side.buy, 300, true), (.buy, 30, false), (.sell, 30, true), (.sell, 300, false)])
    func openOrder(side: Side, theirs: Int, isRefused: Bool) async throws {
        let price = theirs > 100 ? Price(40) : nil
        let house = try await house { house in
            let number = "B77"
            house.broker.place(
                .fixture(
                    number, side: side, type: .limit(Price(90)), quantity: Quantity(500),
                    placedAt: house.clock.now()))
            house.broker.setPosition(.nvda, Quantity(theirs))
        }
        if isRefused {
            let failure = #expect(throws: StepFailure.self) { try book(house, price: price) }
            #expect(failure?.message.contains("order B77") == true)
            house.broker.close(BrokerOrderID("B77"), as: .cancelled, filled: .zero)
            house.clock.advance(seconds: 40)
            try await house.run(.reconcile, isForced: true)
        }
        try book(house, price: price)
        #expect(try house.position(.nvda) == Quantity(theirs))
    }

    @Test(
        "A difference in cash is capital or profit and loss, as the operator says",
        arguments: [BreakDesk.Kind.deposit, .adjustment])
    func cash(kind: BreakDesk.Kind) async throws {
        let house = try await house { try $0.broker.moveCash(FixedPoint(-250)) }
        let before = try #require(try ledger(house).paidIn()[.usd]).rounded
        #expect(throws: StepFailure.self) { try book(house) }
        #expect(throws: StepFailure.self) { try book(house, as: kind, marketPrice: Price(1)) }
        try book(house, as: kind)
        let books = try ledger(house)
        let moved = try #require(try books.paidIn()[.usd]).rounded
        #expect(moved == (kind == .deposit ? try before - FixedPoint(250) : before))
        #expect(try books.cash(.usd).rounded == FixedPoint(99_750))
        #expect(try await agrees(house))
    }

    @Test("A cost that is given belongs to units that come in; what leaves, leaves at its own")
    func priceOfUnitsThatLeave() async throws {
        let out = try await house { $0.broker.setPosition(.nvda, Quantity(60)) }
        #expect(throws: StepFailure.self) { try book(out, as: .adjustment, price: Price(40)) }
        // The two halves of a merger: NVDA goes, MSFT comes at the cost that is given.
        let msft = Symbol("MSFT")
        let merger = try await house { house in
            house.broker.setPosition(.nvda, Quantity(0))
            house.broker.setPosition(msft, Quantity(50))
        }
        let ids = try merger.store.read { try $0.openBreaks() }.map(\.id)
        #expect(ids.count == 2)
        _ = try BreakDesk(context: merger.context, now: merger.clock.now(), actor: "operator tester", isDryRun: false)
            .book(
                ids,
                as: .init(kind: .adjustment, price: Price(200), marketPrice: nil, currency: .usd, reason: "merged"))
        let books = try ledger(merger)
        #expect(books.openPositions.map(\.symbol) == [msft] && books.openPositions.first?.averageCost == Price(200))
        #expect(try books.realised(.average)[.usd]?.rounded ?? .zero == .zero)
    }

    @Test("What may still come by itself is not booked: an order in doubt, books that moved, a look that missed it")
    func refusals() async throws {
        let doubtful = try await house { $0.broker.setPosition(.nvda, Quantity(300)) }
        try doubtful.put(doubtful.intent())
        doubtful.broker.answer(.nvda, .unknownHidden)
        try await doubtful.run(.submit)
        #expect(throws: StepFailure.self) { try book(doubtful, price: Price(40)) }

        let moved = try await house { $0.broker.setPosition(.nvda, Quantity(300)) }
        try moved.store.write(durable: true) { writer in
            _ = try writer.appendLedgerEvent(
                broker: .paper, account: moved.broker.account, at: moved.clock.now(),
                fact: .split(.nvda, new: 2, old: 1, cashInLieuPrice: nil), externalID: "S1")
        }
        #expect(throws: StepFailure.self) { try book(moved, price: Price(40)) }
        #expect(try moved.position(.nvda) == Quantity(200))

        let unseen = try await house { $0.broker.setPosition(.nvda, Quantity(300)) }
        unseen.broker.setIncomplete([.positions])
        unseen.broker.setPosition(.nvda, .zero)
        unseen.moveTo(90)
        try await unseen.run(.reconcile, isForced: true)
        #expect(throws: StepFailure.self) { try book(unseen, price: Price(40)) }
    }

    @Test(
        "An exit never sells what the broker's books do not hold: it would open a position the other way",
        arguments: [
            (60, true, 60), (0, true, 0), (-20, true, 0), (140, true, 100),
            // Without short sales the broker refuses what is too much; what it holds goes out, and a list that wrongly shows
            // nothing keeps no position open.
            (60, false, 60), (0, false, 100),
        ])
    func capped(theirs: Int, allowsShort: Bool, exit: Int) async throws {
        let house = try await house(allowsShort: allowsShort) { $0.broker.setPosition(.nvda, Quantity(theirs)) }
        try house.putBar(.nvda, number: 1, close: Price(95))
        house.moveTo(310)
        let document = try await house.run(.riskCheck, house.cycle(1))
        let warnings = (document.json["warnings"]?.arrayValue ?? []).compactMap(\.stringValue)
        let exits = try house.store.read { try $0.intents(cycle: house.cycle(1)) }
        #expect(exits.map(\.quantity) == (exit == 0 ? [] : [Quantity(exit)]))
        #expect(exits.allSatisfy { $0.purpose == .stopLoss && $0.state == .approved })
        #expect(warnings.contains { $0.hasPrefix("exit-capped") } == (exit < 100))
        try await house.run(.submit, house.cycle(1))
        #expect(house.broker.sent.map(\.quantity) == exits.map(\.quantity))
    }

    @Test(
        "What an exit on its way has executed by the broker's word, and nobody has booked, is taken off once",
        arguments: [
            // Held by the broker, executed of our 60 by its list, and what may still be sold.
            (40, 60, 40), (70, 30, 40), (30, 60, 30), (40, 0, 0), (70, 0, 10), (140, 0, 40),
        ])
    func unbooked(theirs: Int, executed: Int, exit: Int) async throws {
        let house = try House(positions: [.nvda: Quantity(100)], allowsShort: true)
        try await house.openAccount()
        try house.putBar(.nvda)
        // A market order of ours to sell 60 that the broker has taken.
        try house.put(house.intent(purpose: .exit, side: .sell, quantity: Quantity(60)))
        try await house.run(.submit)
        house.broker.setPosition(.nvda, Quantity(theirs))
        let number = try #require(house.broker.number(of: .nvda))
        if executed > 0 { house.broker.close(number, as: .partiallyFilled, filled: Quantity(executed)) }
        house.moveTo(40)
        try await house.run(.reconcile, isForced: true)
        try house.putBar(.nvda, number: 1, close: Price(95))
        house.moveTo(310)
        let document = try await house.run(.riskCheck, house.cycle(1))
        let exits = try house.store.read { try $0.intents(cycle: house.cycle(1)) }
        #expect(exits.map(\.quantity) == (exit == 0 ? [] : [Quantity(exit)]))
        try await house.run(.submit, house.cycle(1))
        #expect(house.broker.sent.map(\.quantity) == [Quantity(60)] + exits.map(\.quantity))
        let warnings = (document.json["warnings"]?.arrayValue ?? []).compactMap(\.stringValue)
        let told = "no more than \(exit) are closed now beside the 60"
        #expect(warnings.contains { $0.hasPrefix("exit-capped") && $0.contains(told) } == (theirs < 100))
    }

    @Test("While less is at the broker than in our books, beat after beat sells what is there once")
    func cappedForDays() async throws {
        let house = try await house(allowsShort: true) { $0.broker.setPosition(.nvda, Quantity(60)) }
        for number in 1...4 {
            try house.putBar(.nvda, number: number, close: Price(95))
            house.moveTo(Int64(number) * 300 + 10)
            try await house.run(.riskCheck, house.cycle(number))
            try await house.run(.submit, house.cycle(number))
            house.moveTo(Int64(number) * 300 + 60)
            try await house.run(.reconcile, house.cycle(number))
            #expect(house.broker.sent.map(\.quantity) == [Quantity(60)], "beat \(number)")
        }
        #expect(try house.alerts("exit-capped").map(\.severity).allSatisfy { $0 == .error })
    }

    @Test(
        "A broker without short sales that lists nothing and refuses an exit is asked again after pauses, not at every beat"
    )
    func refusedPauses() async throws {
        let house = try await house { $0.broker.setPosition(.nvda, .zero) }
        var sentAt: [Int] = []
        for number in 1...40 {
            try house.putBar(.nvda, number: number, close: Price(95))
            house.broker.answer(.nvda, .reject)
            house.moveTo(Int64(number) * 300 + 10)
            let before = house.broker.sent.count
            let document = try await house.run(.riskCheck, house.cycle(number))
            try await house.run(.submit, house.cycle(number))
            if house.broker.sent.count > before { sentAt.append(number) }
            let warnings = (document.json["warnings"]?.arrayValue ?? []).compactMap(\.stringValue)
            #expect(warnings.contains { $0.hasPrefix("exit-capped") } == (sentAt.last != number))
        }
        // 15 minutes after the first, 30 after the second, 60 after the third, then two hours.
        #expect(sentAt == [1, 4, 10, 22])
    }

    @Test("An exit approved before the broker's books were seen to be smaller does not go out")
    func shrunk() async throws {
        let house = try House(positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        try house.putBar(.nvda)
        let exit = try house.put(house.intent(purpose: .exit, side: .sell))
        house.broker.setPosition(.nvda, Quantity(10))
        house.moveTo(40)
        try await house.run(.reconcile, isForced: true)
        try await house.run(.submit)
        #expect(house.broker.sent.isEmpty)
        #expect(try house.intent(exit.id).reasons.map(\.code) == ["exit-exceeds-position"])
    }
}
