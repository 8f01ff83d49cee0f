import Broker
import Core
import Execution
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("Entries with what protects them")
struct BracketCycleTests {
    private static let line = #"{"symbol":"NVDA","target":"100","take_profit":"110.001","stop_loss":"95.009"}"#

    /// A proposal with a bracket, taken, approved and sent.
    private func sent(
        _ house: House, answers: [FakeBroker.Answer] = [], line: String = line, until: StepName = .submit,
        beside other: OrderIntent? = nil
    ) async throws -> [ManagedOrder] {
        try house.putBar(.nvda)
        try house.putBar(.pltr)
        try await house.openAccount()
        let desk = ProposalDesk(context: house.context, profile: try house.profile(), isDryRun: false)
        let document = await desk.take(Array(line.utf8), for: house.cycle())
        #expect(document.exitCode == .success, "\(document.json.text)")
        house.broker.answer(.nvda, answers)
        if let other { try house.put(other) }
        _ = try await house.runAll(from: .riskCheck, until: until)
        return try orders(house)
    }

    /// The entry, the take-profit, the stop-loss; of the newest attempt.
    private func orders(_ house: House, attempt: Int = 1, number: Int = 0) throws -> [ManagedOrder] {
        try [OrderPurpose.entry, .takeProfit, .stopLoss].compactMap { purpose in
            // Apart from the exits that risk asks for in the same cycle.
            let leg = purpose == .entry ? 1 : 101
            let id = IntentID(cycle: house.cycle(number), symbol: .nvda, leg: leg, purpose: purpose)
            return try house.store.read { try $0.order(ClientOrderID(intent: id, attempt: attempt)) }
        }
    }

    private func bracketed(positions: [Symbol: Quantity] = [:]) throws -> House {
        try House(positions: positions, handling: [Bracket.name])
    }

    @Test("All three are on record before the first leaves, and go together, at prices that the exchange takes")
    func together() async throws {
        let house = try bracketed()
        let orders = try await sent(house)
        #expect(house.broker.sent.map(\.clientOrderID) == orders.map(\.clientOrderID))
        #expect(orders.map(\.type) == [.market, .limit(try Price("110.01")), .stop(Price(95))])
        #expect(orders.map(\.side) == [.buy, .sell, .sell] && orders.allSatisfy { $0.quantity == Quantity(100) })
        #expect(orders.map(\.timeInForce) == [.day, .goodTillCancelled, .goodTillCancelled])
        #expect(orders.map(\.state) == [.acknowledged, .acknowledged, .acknowledged])
        #expect(Set(orders.map(\.submittedAt)).count == 1)
        // A rerun sends nothing again, and risk counts three orders.
        _ = try await house.run(.submit)
        #expect(house.broker.sent.count == 3)
        #expect(try house.store.read { try RiskEvidence.recompute(in: $0) }.allSatisfy(\.agrees))
        #expect(try house.store.read { try DecisionEvidence.recompute(in: $0) }.allSatisfy(\.agrees))
    }

    @Test("A broker that has no brackets is sent nothing, and the refusal says so")
    func unsupported() async throws {
        let house = try House()
        #expect(try await sent(house).isEmpty && house.broker.sent.isEmpty)
        let id = IntentID(cycle: house.cycle(), symbol: .nvda, leg: 1, purpose: .entry)
        #expect(try house.intent(id).reasons.map(\.code) == ["unsupported-handling"])
    }

    @Test(
        "A bracket that the entry does not lie in, and one on an exit, come to no order",
        arguments: [
            (#"{"symbol":"NVDA","target":"100","take_profit":"99"}"#, "bracket-beside-entry"),
            (#"{"symbol":"NVDA","target":"100","limit_price":"94","stop_loss":"95"}"#, "bracket-beside-entry"),
            (#"{"symbol":"PLTR","target":"0","stop_loss":"95"}"#, "bracket-on-exit"),
        ])
    func impossible(line: String, problem: String) async throws {
        let house = try bracketed(positions: [.pltr: Quantity(50)])
        _ = try await sent(house, line: line)
        #expect(house.broker.sent.isEmpty)
        let decisions = try house.store.read { try $0.decisions(cycle: house.cycle(), origin: .propose) }
        #expect(decisions.map { $0.filters.text.contains("No size: \(problem).") } == [true])
    }

    @Test("When all three are lost they are found missing twice, and go again together, once")
    func lost() async throws {
        let house = try bracketed()
        _ = try await sent(house, answers: [.unknownLost, .unknownLost, .unknownLost])
        #expect(try orders(house).map(\.state) == [.inDoubt, .inDoubt, .inDoubt])
        for moment in [60, 100] {
            house.moveTo(Int64(moment))
            _ = try await house.run(.reconcile, isForced: true)
        }
        #expect(try orders(house).map(\.state) == [.expired, .expired, .expired])
        // Nobody has ordered a cancellation, and nobody is told of an entry without protection.
        #expect(try house.pending(.cancel).isEmpty && house.alerts(BracketRules.unprotectedCode).isEmpty)
        _ = try await house.run(.submit, isForced: true)
        let again = try orders(house, attempt: 2)
        #expect(again.map(\.state) == [.acknowledged, .acknowledged, .acknowledged])
        #expect(house.broker.sent.count == 6 && Set(house.broker.sent.map(\.clientOrderID)).count == 6)
        _ = try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.count == 6)
        // The intents of all three follow the second attempt.
        for order in again { #expect(try house.intent(try #require(order.intentID)).attempt == 2) }
    }

    @Test(
        "While nobody knows whether the entry is there, nobody is told that its protection is missing; absent, all go again"
    )
    func cutOff() async throws {
        let house = try bracketed()
        _ = try await sent(house, answers: [.unknownLost, .notSent, .notSent])
        #expect(try orders(house).map(\.state) == [.inDoubt, .expired, .expired])
        #expect(try house.pending(.cancel).isEmpty && house.alerts(BracketRules.unprotectedCode).isEmpty)
        for moment in [60, 100] {
            house.moveTo(Int64(moment))
            _ = try await house.run(.reconcile, isForced: true)
        }
        _ = try await house.run(.submit, isForced: true)
        #expect(try orders(house, attempt: 2).map(\.state) == [.acknowledged, .acknowledged, .acknowledged])
        #expect(try house.alerts(BracketRules.unprotectedCode).isEmpty)
    }

    @Test("Found there without it, the entry is withdrawn, and somebody is told")
    func foundAlone() async throws {
        let house = try bracketed()
        let entry = try await sent(house, answers: [.unknownAccepted, .notSent, .notSent])[0]
        house.moveTo(60)
        _ = try await house.run(.reconcile, isForced: true)
        #expect(try house.pending(.cancel) == [entry.clientOrderID.text])
        #expect(try house.alerts(BracketRules.unprotectedCode).count == 1)
        _ = try await house.run(.submit, isForced: true)
        _ = try await house.run(.reconcile, isForced: true)
        #expect(try orders(house).map(\.state) == [.cancelled, .expired, .expired])
    }

    @Test("A stop-loss that risk asked for in the same cycle is another order than the bracket's")
    func numbers() async throws {
        let house = try bracketed()
        let stopLoss = house.intent(purpose: .stopLoss, side: .sell, state: .expired)
        #expect(try await sent(house, beside: stopLoss).map(\.state) == [.acknowledged, .acknowledged, .acknowledged])
        #expect(try house.store.read { try $0.intents(cycle: house.cycle()) }.count == 4)
    }

    @Test("Found at the broker after all, each is settled by itself and nothing goes again")
    func found() async throws {
        let house = try bracketed()
        _ = try await sent(house, answers: [.unknownAccepted, .unknownAccepted, .unknownAccepted])
        house.moveTo(60)
        _ = try await house.run(.reconcile, isForced: true)
        #expect(try orders(house).map(\.state) == [.working, .working, .working])
        _ = try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.count == 3)
    }

    @Test("An entry whose protection is refused is withdrawn, and somebody is told")
    func unprotected() async throws {
        let house = try bracketed()
        let orders = try await sent(house, answers: [.acknowledge, .acknowledge, .reject])
        #expect(orders.map(\.state) == [.acknowledged, .acknowledged, .rejectedByBroker])
        #expect(try house.pending(.cancel) == [orders[0].clientOrderID.text])
        #expect(try house.alerts(BracketRules.unprotectedCode).count == 1)
        // With the entry goes what is left of its protection, once the lists say that it is over.
        for _ in 1...3 {
            _ = try await house.run(.submit, isForced: true)
            _ = try await house.run(.reconcile, isForced: true)
        }
        #expect(try self.orders(house).map(\.state) == [.cancelled, .cancelled, .rejectedByBroker])
        #expect(try house.pending(.cancel).isEmpty)
    }

    @Test(
        "Held without the protection it was to have, a position is told; where somebody wanted it so, it is not",
        arguments: [true, false])
    func lostProtection(isWanted: Bool) async throws {
        let house = try bracketed()
        let orders = try await sent(house, answers: [.fill(Price(100))], until: .reconcile)
        if isWanted {
            try house.wish(.cancel, orders[2].clientOrderID.text)
            _ = try await house.run(.submit, isForced: true)
        } else {
            house.broker.close(try #require(orders[2].brokerOrderID), as: .cancelled, filled: .zero)
        }
        house.moveTo(60)
        _ = try await house.run(.reconcile, isForced: true)
        #expect(try self.orders(house).map(\.state) == [.filled, .working, .cancelled])
        #expect(try house.alerts(BracketRules.unprotectedCode).count == (isWanted ? 0 : 1))
        #expect(try house.pending(.cancel).isEmpty)
    }

    @Test("One that was executed ends the other, and nobody is woken for that")
    func oneEndsTheOther() async throws {
        let house = try bracketed()
        let orders = try await sent(house, answers: [.fill(Price(100))], until: .reconcile)
        try house.broker.fill(try #require(orders[1].brokerOrderID), at: Price(110))
        house.broker.close(try #require(orders[2].brokerOrderID), as: .cancelled, filled: .zero)
        house.moveTo(60)
        _ = try await house.run(.reconcile, isForced: true)
        #expect(try self.orders(house).map(\.state) == [.filled, .filled, .cancelled])
        #expect(try house.alerts(BracketRules.unprotectedCode).isEmpty)
    }

    @Test("What keeps one of the three back keeps back all: nothing of a bracket leaves by itself")
    func notReady() async throws {
        let house = try bracketed()
        house.broker.cannotPrepare("stop-loss")
        let orders = try await sent(house)
        #expect(house.broker.sent.isEmpty && orders.allSatisfy { $0.state == .expired && $0.neverReachedItsBroker })
        house.broker.cannotPrepare(nil)
        _ = try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.count == 3)
        #expect(try self.orders(house, attempt: 2).map(\.state) == [.acknowledged, .acknowledged, .acknowledged])
    }

    @Test("Its prices are not changed one by one, and an entry is not moved beside them")
    func revisions() async throws {
        let house = try bracketed()
        let line = #"{"symbol":"NVDA","target":"100","limit_price":"98","take_profit":"110","stop_loss":"95"}"#
        let orders = try await sent(house, line: line, until: .reconcile)
        func revise(_ order: ManagedOrder, _ type: OrderType) async -> String? {
            do {
                _ = try await RevisionDesk(context: house.context, actor: "tester", reason: "moved")
                    .revise(order.clientOrderID, to: type)
                return nil
            } catch let failure as StepFailure { return failure.message } catch { return "\(error)" }
        }
        #expect(await revise(orders[1], .limit(Price(111)))?.contains("belongs to the bracket") == true)
        #expect(await revise(orders[0], .limit(Price(95)))?.contains("does not lie between") == true)
        #expect(await revise(orders[0], .limit(Price(97))) == nil)
        #expect(house.broker.revisions.map(\.type) == [.limit(Price(97))])
    }

    @Test("An entry that ends with a part of it takes the orders for all of it along; what is held stays watched")
    func cutShort() async throws {
        let house = try bracketed()
        let entry = try await sent(house, until: .reconcile)[0]
        let number = try #require(entry.brokerOrderID)
        try house.broker.execute(
            .fixture("E1", order: number.text, clientOrderID: entry.clientOrderID, quantity: Quantity(40)))
        house.broker.close(number, as: .cancelled, filled: Quantity(40))
        house.moveTo(60)
        for _ in 1...2 {
            _ = try await house.run(.reconcile, isForced: true)
            _ = try await house.run(.submit, isForced: true)
        }
        _ = try await house.run(.reconcile, isForced: true)
        #expect(try orders(house).map(\.state) == [.cancelled, .cancelled, .cancelled])
        #expect(try orders(house)[0].filledQuantity == Quantity(40))
        #expect(try house.alerts(BracketRules.unprotectedCode).count == 1)
        try house.putBar(.nvda, number: 1, close: Price(90))
        house.moveTo(301)
        _ = try await house.run(.riskCheck, house.cycle(1))
        let intents = try house.store.read { try $0.intents(cycle: house.cycle(1)) }
        #expect(intents.map(\.purpose) == [.stopLoss] && intents.map(\.quantity) == [Quantity(40)])
    }

    @Test(
        "What rests in a bracket is no exit on its way: takt's own stop-loss withdraws it, and goes out when it is gone"
    )
    func ownStop() async throws {
        let house = try bracketed()
        _ = try await sent(house, answers: [.fill(Price(100))], until: .reconcile)
        #expect(try orders(house).map(\.state) == [.filled, .working, .working])
        // Far below the stop, which the broker has not executed.
        try house.putBar(.nvda, number: 1, close: Price(90))
        house.moveTo(301)
        _ = try await house.runAll(from: .riskCheck, until: .reconcile, house.cycle(1))
        #expect(house.broker.cancels.count == 2 && house.broker.sent.count == 3)
        #expect(try orders(house).map(\.state) == [.filled, .cancelled, .cancelled])
        try house.putBar(.nvda, number: 2, close: Price(90))
        house.moveTo(601)
        _ = try await house.runAll(from: .riskCheck, until: .submit, house.cycle(2))
        #expect(house.broker.sent.last.map { [$0.side == .sell, $0.quantity == Quantity(100)] } == [true, true])
        #expect(house.broker.sent.count == 4)
    }

    @Test("An exit that is wanted takes the protection back first, and goes out at the next bar")
    func exit() async throws {
        let house = try bracketed()
        _ = try await sent(house, answers: [.fill(Price(100))], until: .reconcile)
        let desk = { (number: Int) in
            try await ProposalDesk(context: house.context, profile: house.profile(), isDryRun: false)
                .take(Array(#"{"symbol":"NVDA","target":"0"}"#.utf8), for: house.cycle(number))
        }
        for number in 1...2 {
            try house.putBar(.nvda, number: number)
            try house.putBar(.pltr, number: number)
            house.moveTo(Int64(number) * 300 + 1)
            let document = try await desk(number)
            #expect(document.exitCode == .success)
            #expect(document.json["warnings"]?.text.contains("makes room for its exit") == (number == 1))
            _ = try await house.runAll(from: .riskCheck, until: .reconcile, house.cycle(number))
            #expect(house.broker.sent.count == 2 + number)
        }
        #expect(house.broker.cancels.count == 2)
        #expect(house.broker.sent.last.map { [$0.side == .sell, $0.type == .market] } == [true, true])
        #expect(try house.store.read { try DecisionEvidence.recompute(in: $0) }.allSatisfy(\.agrees))
    }

    @Test(
        "An exit that rests, or waits for an auction, takes no protection away: it is not taken beside it",
        arguments: [
            #""limit_price":"120""#, #""stop_price":"90""#, #""order_type":"market","time_in_force":"at-close""#,
        ])
    func restingExit(terms: String) async throws {
        let house = try bracketed()
        _ = try await sent(house, answers: [.fill(Price(100))], until: .reconcile)
        try house.putBar(.nvda, number: 1)
        try house.putBar(.pltr, number: 1)
        house.moveTo(301)
        let document = try await ProposalDesk(context: house.context, profile: house.profile(), isDryRun: false)
            .take(Array(#"{"symbol":"NVDA","target":"0",\#(terms)}"#.utf8), for: house.cycle(1))
        #expect(document.exitCode == .success, "\(document.json.text)")
        _ = try await house.runAll(from: .riskCheck, until: .reconcile, house.cycle(1))
        #expect(house.broker.cancels.isEmpty && house.broker.sent.count == 3)
        #expect(try orders(house).map(\.state) == [.filled, .working, .working])
    }

    @Test("What the other order of a bracket takes off one is told to nobody as a change by hand")
    func reduced() async throws {
        let house = try bracketed()
        let orders = try await sent(house, answers: [.fill(Price(100))], until: .reconcile)
        let (profit, stop) = (try #require(orders[1].brokerOrderID), try #require(orders[2].brokerOrderID))
        try house.broker.execute(
            .fixture(
                "E9", order: profit.text, clientOrderID: orders[1].clientOrderID, side: .sell, quantity: Quantity(30)))
        house.broker.amend(stop, quantity: Quantity(70), type: orders[2].type)
        house.moveTo(60)
        _ = try await house.run(.reconcile, isForced: true)
        #expect(try self.orders(house).map(\.quantity) == [Quantity(100), Quantity(100), Quantity(70)])
        #expect(try house.alerts("order-amended").isEmpty)
        #expect(try house.audit("order.amended").count == 1)
    }
}
