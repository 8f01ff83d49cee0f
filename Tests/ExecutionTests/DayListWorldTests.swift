import Broker
import Core
import Execution
import TestSupport
import Testing

/// The random exchange, process and operator again, with a midnight every now and then: what ended before is in no list.
@Suite("A broker that lists its day alone") struct DayListWorldTests {
    /// A session with crashes, then the time after it, in which reconcile goes on looking.
    ///
    /// - Parameter look: What was planned, with the world it was written to.
    private func live(_ seed: UInt64, _ look: (World, ReconciliationPlan) -> Void) throws -> World {
        var world = World(seed: seed, listsIDs: true)
        // An execution that is taken back unseen can undo another one unseen: then only the account's cash tells.
        world.takesBack = false
        // So many that what midnight has hidden of one does not cloud all the others.
        world.symbols = (1...12).map { "S\($0)" }
        for round in 0..<60 {
            world.now = world.now.advanced(by: .milliseconds(world.random.int(500...9000)))
            if world.random.chance(0.08) { world.beginsAt = world.now }
            if round < 40 {
                if world.random.chance(0.4) { world.propose() }
                if world.random.chance(0.05) { world.tradeByHand() }
                if world.random.chance(0.5) { world.recover() }
                world.submit()
                if world.random.chance(0.5) { world.trade() }
            } else {
                world.recover()
                if round == 40 {
                    // The session ends right before midnight.
                    world.close()
                    world.beginsAt = world.now.advanced(by: .milliseconds(1))
                }
            }
            guard world.random.chance(0.6) else { continue }
            look(world, try world.reconcile(cut: world.random.chance(0.2)))
        }
        return world
    }

    @Test(
        "Whatever midnight hides, no intent reaches the exchange twice, and nothing is booked that was not",
        arguments: 1...60)
    func safe(seed: UInt64) throws {
        var concluded: [ClientOrderID] = []
        let world = try live(seed) { world, plan in
            concluded += plan.endedUnseen
            for id in plan.neverArrived {
                #expect(!world.listings.contains { $0.owner == id }, "\(id) arrived, and is to be sent again")
            }
        }
        let sent = Dictionary(grouping: world.listings.filter { $0.intent != nil }, by: \.intent)
        #expect(sent.values.allSatisfy { $0.count == 1 }, "an intent reached the exchange twice")
        #expect(world.doubleBooked == 0)
        // Every booked fill is the exchange's own.
        let executed = Set(world.listings.flatMap(\.executions).map(\.execution.executionID))
        #expect(Set(world.fills.keys).isSubset(of: executed))
        // What was called over has nothing at the exchange that is not on our books.
        for id in concluded {
            let row = try #require(world.book[id])
            let listing = try #require(world.listings.first { $0.order.brokerOrderID == row.brokerOrderID })
            #expect(!listing.isLive && listing.executed == World.whole(row.filledQuantity))
            #expect(!row.neverReachedItsBroker)
        }
    }

    @Test("The worlds are hard enough: midnight hides orders in doubt, and ends others unseen")
    func coverage() throws {
        var (hidden, ended, missing) = (0, 0, 0)
        for seed: UInt64 in 1...20 {
            let world = try live(seed) { _, plan in
                ended += plan.endedUnseen.count
                hidden += plan.unsettled.values.filter { if case .outOfReach = $0 { true } else { false } }.count
            }
            missing += world.book.values.filter(\.isMissing).count
        }
        #expect(hidden > 50 && ended > 10 && missing > 10, "\(hidden) hidden, \(ended) ended, \(missing) missing")
    }
}
