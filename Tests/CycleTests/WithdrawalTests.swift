import Broker
import Core
import Store
import TestSupport
import Testing

@testable import Cycle

/// An entry of a hundred, of which sixty are filled and forty work on, or nothing is filled.
@Suite("Orders that a decision takes back")
struct WithdrawalTests {
    private func house(filled: Int) async throws -> House {
        let house = try House()
        try await house.openAccount()
        try house.putBar(.nvda)
        _ = try await house.runAll(from: .decide, until: .submit)
        let order = try entry(house)
        if filled > 0 {
            try house.broker.execute(
                .fixture(
                    "E1", order: try #require(order.brokerOrderID).text, symbol: .nvda, side: .buy,
                    quantity: Quantity(filled), price: Price(100), filledAt: house.clock.now()))
        }
        house.moveTo(100)
        try await house.run(.reconcile)
        house.moveTo(301)
        try house.putBar(.nvda, number: 1)
        return house
    }

    private func entry(_ house: House) throws -> ManagedOrder {
        let orders = try house.store.read { try $0.orders() }
        return try #require(orders.first { $0.side == .buy })
    }

    private func propose(_ house: House, _ line: String) async throws -> ProposalDocument {
        let desk = ProposalDesk(context: house.context, profile: try house.profile(), isDryRun: false)
        return await desk.take(Array(line.utf8), for: house.cycle(1))
    }

    private static let target = #"{"symbol":"NVDA","target":"0"}"#
    private static let sell = #"{"symbol":"NVDA","action":"sell"}"#

    @Test("An exit takes the rest of the entry back, once, and goes out itself", arguments: [target, sell])
    func exit(line: String) async throws {
        let house = try await house(filled: 60)
        let document = try await propose(house, line)
        let id = try entry(house).clientOrderID
        #expect(
            document.json["warnings"] == [
                .string("NVDA: our order \(id) to buy 40 would open again what is closed, and is taken back")
            ])
        #expect(try house.pending(.cancel) == [id.text])
        #expect(try await propose(house, line).json["replayed"] == true)
        #expect(try house.pending(.cancel) == [id.text])
        _ = try await house.runAll(from: .riskCheck, until: .submit, house.cycle(1))
        #expect(house.broker.cancels.map(\.clientOrderID) == [id])
        #expect(house.broker.sent.map(\.side) == [.buy, .sell])
        #expect(house.broker.sent.last?.quantity == Quantity(60))
        try await house.run(.reconcile, house.cycle(1))
        #expect(try entry(house).state == .cancelled)
        #expect(try house.pending(.cancel).isEmpty)
        #expect(try house.store.read { try DecisionEvidence.recompute(in: $0) }.allSatisfy(\.agrees))
        #expect(try house.audit("decision").last?.payload["cancels"] == .array([.string(id.text)]))
    }

    @Test("Whoever is flat and wants to be takes the entry back, with nothing to send", arguments: [target, sell])
    func flat(line: String) async throws {
        let house = try await house(filled: 0)
        let document = try await propose(house, line)
        #expect(document.json["summary"]?["intents"] == 0)
        _ = try await house.runAll(from: .riskCheck, until: .submit, house.cycle(1))
        #expect(house.broker.cancels.map(\.clientOrderID) == [try entry(house).clientOrderID])
        #expect(house.broker.sent.count == 1)
        #expect(try house.store.read { try DecisionEvidence.recompute(in: $0) }.allSatisfy(\.agrees))
    }

    @Test("What wants more, or is too weak, takes nothing back")
    func kept() async throws {
        let more = try await house(filled: 60)
        _ = try await propose(more, #"{"symbol":"NVDA","target":"100"}"#)
        #expect(try more.pending(.cancel).isEmpty)
        let hold = try await house(filled: 60)
        _ = try await propose(hold, #"{"symbol":"NVDA","action":"hold"}"#)
        #expect(try hold.pending(.cancel).isEmpty)
    }

    @Test("A cancellation that the broker did not take is sent again; one that came too late ends with the fill")
    func refused() async throws {
        let house = try await house(filled: 60)
        _ = try await propose(house, Self.target)
        let id = try entry(house).clientOrderID
        house.broker.answerCancel(.nvda, .refuse)
        _ = try await house.runAll(from: .riskCheck, until: .submit, house.cycle(1))
        #expect(try house.pending(.cancel) == [id.text])
        house.moveTo(400)
        try await house.run(.reconcile, house.cycle(1))
        house.moveTo(601)
        _ = try await house.runAll(from: .riskCheck, until: .submit, house.cycle(2))
        #expect(house.broker.cancels.count == 2)
    }

    @Test("An order that somebody else placed is left alone")
    func foreign() async throws {
        let house = try House(positions: [.nvda: Quantity(60)])
        try await house.openAccount()
        house.broker.place(
            .fixture("X1", symbol: .nvda, side: .buy, quantity: Quantity(40), placedAt: house.clock.now()))
        try await house.run(.reconcile)
        house.moveTo(301)
        try house.putBar(.nvda, number: 1)
        _ = try await propose(house, Self.target)
        #expect(try house.store.read { try $0.openOrders().count } == 1)
        #expect(try house.pending(.cancel).isEmpty)
    }
}
