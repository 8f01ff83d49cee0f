import Core
import Rehearsal
import Testing

@testable import BrokerIB

@Suite("The account's lists from the gateway", .serialized, .timeLimit(.minutes(2)))
struct IBListsTests {
    @Test("An order is acknowledged with IB's number, is found by its reference, and fills")
    func order() async throws {
        try await Rig.run { rig in
            let client = try await rig.ready()
            let fate = try await rig.place(client, "ref-1", .limit(Price(1)))
            guard case .acknowledged(let permanentID, .submitted) = fate else {
                Issue.record("\(fate)")
                return
            }
            let open = try await client.openOrders()
            #expect(open.isComplete && open.items.map(\.order.terms.reference) == ["ref-1"])
            #expect(open.items.first?.order.terms.permanentID == permanentID && open.items.first?.status != nil)
            #expect(await client.cancel(orderID: 1, within: .seconds(10)) == .cancelled)
            #expect(try await client.openOrders().items.isEmpty)
            let done = try await client.completedOrders()
            #expect(done.isComplete && done.items.map(\.terms.reference) == ["ref-1"])
            #expect(done.items.map(\.status) == [.cancelled])
        }
    }

    @Test("A rejection is final, with the gateway's own code; a second order under a used id is none")
    func rejected() async throws {
        try await Rig.run { rig in
            let client = try await rig.ready()
            let fate = try await rig.place(client, "ref-1", .limit(Price(FixedPoint(int64Units: 100_000_001))))
            guard case .rejected(let code, _) = fate else {
                Issue.record("\(fate)")
                return
            }
            #expect(code == 110)
        }
    }

    @Test("After a lost connection an order may have arrived: its reference is looked for, under the same client")
    func lost() async throws {
        try await Rig.run(hurry: 5) { rig in
            let client = try await rig.ready()
            rig.faults(.init(.dropAfterAccept, at: "placeOrder", .calls([1])))
            guard case .unknown = try await rig.place(client, "ref-1") else {
                Issue.record("it is not in doubt")
                return
            }
            #expect(try await eventually { await client.isReady })
            let executions = try await client.executions()
            #expect(executions.isComplete && executions.items.map(\.execution.orderReference) == ["ref-1"])
            #expect(executions.items.first?.commission?.commission != nil)
            // The id is used up, though nobody here heard of the order.
            #expect(await client.orderIDs?.nextID == 2)
        }
    }

    @Test(
        "Commissions that come first, with, late or never: the execution is there once, and its costs when they are",
        arguments: [
            IBFault.commissionFirst, .duplicate, .late, .skipped,
        ])
    func commissions(fault: IBFault) async throws {
        try await Rig.run(hurry: 10) { rig in
            let client = try await rig.ready()
            let isAbsent = fault == .late || fault == .skipped
            let place = isAbsent ? "commissionReport" : "execDetails"
            // With the fill, and once more in the answer to the question.
            rig.faults(.init(fault, at: place, .calls([1, 2]), seconds: 9))
            guard case .acknowledged = try await rig.place(client, "ref-1") else {
                Issue.record("not acknowledged")
                return
            }
            let first = try await client.executions()
            #expect(first.isComplete && first.items.count == 1)
            #expect((first.items.first?.commission == nil) == isAbsent)
            rig.simulator.advance(bySeconds: 9)
            let second = try await client.executions()
            #expect(second.items.count == 1 && second.items.first?.commission?.commission?.isPositive == true)
        }
    }

    @Test("A correction takes the place of what it corrects")
    func correction() async throws {
        try await Rig.run { rig in
            let client = try await rig.ready()
            rig.faults(.init(.correction, at: "execDetails", .calls([1]), seconds: 5))
            _ = try await rig.place(client, "ref-1")
            let before = try await client.executions().items
            rig.simulator.advance(bySeconds: 5)
            let after = try await client.executions().items
            #expect(before.count == 1 && after.count == 1)
            #expect(before.first?.execution.root == after.first?.execution.root)
            #expect(before.first?.execution.price != after.first?.execution.price)
        }
    }

    @Test(
        "A list that is cut short is not complete, and keeps what had come",
        arguments: [
            IBFault.shortFrame, .halfFrame, .skipped,
        ])
    func cutShort(fault: IBFault) async throws {
        try await Rig.run(hurry: 10) { rig in
            let client = try await rig.ready()
            for number in 1...3 { _ = try await rig.place(client, "ref-\(number)", .limit(Price(1))) }
            let place = fault == .skipped ? "openOrderEnd" : "openOrder"
            rig.faults(.init(fault, at: place, .calls([fault == .skipped ? 1 : 3])))
            let list = try await client.openOrders()
            #expect(!list.isComplete)
            // The list is asked for twice on a new connection: what the second one has of the first one's is kept.
            #expect(list.items.count == (fault == .halfFrame ? 2 : 3))
        }
    }

    @Test("Positions and the account's values, each subscription ended at once")
    func account() async throws {
        try await Rig.run { rig in
            let client = try await rig.ready()
            _ = try await rig.place(client, "ref-1", buys: 10)
            let positions = try await client.positions()
            #expect(positions.isComplete && positions.items.map(\.contract.conID) == [265_598])
            #expect(positions.items.first?.position == Quantity(10) && positions.items.first?.account == Rig.account)
            // Two may be open at a time; a third one would be refused.
            for _ in 0..<4 {
                let summary = try await client.accountSummary(["NetLiquidation", "$LEDGER:ALL"])
                #expect(summary.isComplete && summary.items.contains { $0.tag == "NetLiquidation" })
                #expect(summary.items.contains { $0.currency == "USD" && $0.tag.hasSuffix("CashBalance") })
            }
        }
    }

    @Test("Two lists of one kind are asked for one after the other")
    func turns() async throws {
        try await Rig.run { rig in
            let client = try await rig.ready()
            _ = try await rig.place(client, "ref-1", .limit(Price(1)))
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<5 { group.addTask { try await client.openOrders().items.count } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts == [1, 1, 1, 1, 1])
        }
    }
}
