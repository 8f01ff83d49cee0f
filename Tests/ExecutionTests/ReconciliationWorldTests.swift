import Broker
import Core
import Execution
import TestSupport
import Testing

@Suite struct ReconciliationWorldTests {
    static let worlds: [(UInt64, Bool)] = (1...40).flatMap { seed in [(seed, true), (seed, false)] }

    @Test(
        "After random crashes two rounds make our books the broker's: no order twice, no fill lost",
        arguments: worlds)
    func converges(seed: UInt64, listsIDs: Bool) throws {
        var world = World(seed: seed, listsIDs: listsIDs)
        try live(&world)
        try settle(&world)

        #expect(world.doubleBooked == 0)
        #expect(world.book.values.allSatisfy { $0.state.isFinal })
        try comparePositions(world)
        compareOrders(world)
        let empty = try world.reconcile(cut: false)
        #expect(empty.updates.isEmpty && empty.external.isEmpty && empty.newFills.isEmpty && empty.busted.isEmpty)
        #expect(empty.unsettled.isEmpty && empty.neverArrived.isEmpty)
    }

    @Test("The same lists planned again change nothing, unless a doubt counts one more absence", arguments: worlds)
    func idempotent(seed: UInt64, listsIDs: Bool) throws {
        var world = World(seed: seed, listsIDs: listsIDs)
        try live(&world)
        world.recover()
        world.now = world.now.advanced(bySeconds: 3)
        var draws = world.random
        let orders = world.orderList(cut: false, &draws)
        let executions = world.executionList(cut: false, &draws)
        try world.write(try Reconciliation.plan(world.input(orders, executions)))
        let doubtful = Set(world.book.values.filter { $0.state == .inDoubt }.map(\.clientOrderID))
        let again = try Reconciliation.plan(world.input(orders, executions))
        #expect(again.external.isEmpty && again.newFills.isEmpty && again.busted.isEmpty)
        #expect(again.updates.allSatisfy { doubtful.contains($0.clientOrderID) })
    }

    private func live(_ world: inout World) throws {
        for _ in 0..<60 {
            world.now = world.now.advanced(by: .milliseconds(world.random.int(500...9000)))
            if world.random.chance(0.6) { world.propose() }
            if world.random.chance(0.1) { world.tradeByHand() }
            if world.random.chance(0.5) { world.recover() }
            world.submit()
            world.trade()
            if world.random.chance(0.6) { _ = try world.reconcile(cut: world.random.chance(0.3)) }
        }
    }

    /// The session ends, everything becomes visible, and reconcile runs twice.
    private func settle(_ world: inout World) throws {
        world.recover()
        world.waiting = []
        world.close()
        for _ in 0..<2 {
            world.now = world.now.advanced(bySeconds: 60)
            _ = try world.reconcile(cut: false)
        }
    }

    private func comparePositions(_ world: World) throws {
        var theirs: [Symbol: Int] = [:]
        for listing in world.listings {
            let sign = listing.order.side == .buy ? 1 : -1
            theirs[listing.order.symbol, default: 0] += sign * listing.executed
        }
        var ours: [Symbol: Int] = [:]
        for fill in world.fills.values where !fill.isBusted {
            ours[fill.symbol, default: 0] += World.whole(fill.side.signed(fill.quantity))
        }
        #expect(ours.filter { $0.value != 0 } == theirs.filter { $0.value != 0 })
    }

    private func compareOrders(_ world: World) {
        let rows = Dictionary(grouping: world.book.values.filter { $0.brokerOrderID != nil }, by: \.brokerOrderID)
        for listing in world.listings {
            let owners = rows[listing.order.brokerOrderID] ?? []
            #expect(owners.count == 1, "\(listing.order.brokerOrderID) has \(owners.count) rows")
            for owner in owners {
                #expect(owner.origin == (listing.owner == nil ? .external : .takt))
                #expect(listing.owner == nil || owner.clientOrderID == listing.owner)
                #expect(World.whole(owner.filledQuantity) == listing.executed)
            }
        }
        let sent = Dictionary(grouping: world.listings.filter { $0.intent != nil }, by: \.intent)
        #expect(sent.values.allSatisfy { $0.count == 1 }, "an intent reached the exchange twice")
    }
}
