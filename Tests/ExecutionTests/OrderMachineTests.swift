import Broker
import Core
import Execution
import TestSupport
import Testing

@Suite struct OrderMachineTests {
    static let now = Instant.fixture.advanced(bySeconds: 90)
    static let reason = Reason(code: "why", message: "because")

    /// Every event once, with the name the table below uses.
    static let events: [(name: String, event: OrderEvent)] = [
        ("acknowledged", .acknowledged(BrokerOrderID("B1"), at: now)),
        ("refused", .refused(reason)),
        ("not sent", .notSent(reason)),
        ("unknown", .outcomeUnknown(reason)),
        ("listed working", .listed(.fixture(status: .working))),
        ("listed part", .listed(.fixture(filledQuantity: Quantity(40), status: .partiallyFilled))),
        ("listed inactive", .listed(.fixture(status: .inactive))),
        ("listed filled", .listed(.fixture(filledQuantity: Quantity(100), status: .filled))),
        ("listed cancelled", .listed(.fixture(status: .cancelled))),
        ("listed expired", .listed(.fixture(status: .expired))),
        ("listed rejected", .listed(.fixture(status: .rejected))),
        ("absent", .absent),
        ("cancel requested", .cancelRequested),
        ("cancel unknown", .cancelUnknown(reason)),
        ("cancel refused", .cancelRefused(reason)),
        ("cancel not sent", .cancelNotSent(reason)),
        ("cancel in vain", .cancelWithoutEffect(reason)),
    ]

    /// What each event makes of an order in each state that has no fills, in the order of `events`; `=` is no change.
    static let table: [(OrderState, String)] = [
        (.proposed, "=  rb =  =  wo wo wo =  ca ex rb =  =  =  =  =  = "),
        (.approved, "=  rb =  =  wo wo wo =  ca ex rb =  =  =  =  =  = "),
        (.rejected, "=  =  =  =  wo wo wo =  ca ex =  =  =  =  =  =  = "),
        (.submitting, "ac rb ex do wo wo wo wo ca ex rb =  =  =  =  =  = "),
        (.inDoubt, "ac rb =  =  wo wo wo wo ca ex rb =  =  =  =  =  = "),
        (.acknowledged, "=  rb =  =  wo wo wo =  ca ex rb =  cg =  =  =  = "),
        (.working, "=  rb =  =  =  =  =  =  ca ex rb =  cg =  =  =  = "),
        (.cancelling, "=  rb =  =  =  =  =  =  ca ex rb =  =  cd =  wo wo"),
        (.cancelInDoubt, "=  rb =  =  =  =  =  =  ca ex rb =  =  =  =  =  wo"),
        (.cancelled, "=  =  =  =  wo wo wo =  =  ex =  =  =  =  =  =  = "),
        (.expired, "=  =  =  =  wo wo wo =  ca =  =  =  =  =  =  =  = "),
        (.rejectedByBroker, "=  =  =  =  wo wo wo =  ca ex =  =  =  =  =  =  = "),
    ]

    /// The same for an order whose 40 of 100 shares are on the books; `listed cancelled` and its like count none.
    static let tableWithFills: [(OrderState, String)] = [
        (.partiallyFilled, "=  rb =  =  =  =  =  =  ca ex rb =  cg =  =  =  = "),
        (.cancelling, "=  rb =  =  =  =  =  =  ca ex rb =  =  cd =  pf pf"),
        (.cancelInDoubt, "=  rb =  =  =  =  =  =  ca ex rb =  =  =  =  =  pf"),
        (.cancelled, "=  =  =  =  pf pf pf =  =  ex =  =  =  =  =  =  = "),
        (.filled, "=  =  =  =  =  =  =  =  =  =  =  =  =  =  =  =  = "),
    ]

    static let codes: [Substring: OrderState] = [
        "ac": .acknowledged, "wo": .working, "pf": .partiallyFilled, "rb": .rejectedByBroker, "ex": .expired,
        "do": .inDoubt, "ca": .cancelled, "cg": .cancelling, "cd": .cancelInDoubt,
    ]

    @Test("Every event in every state leads where the table says", arguments: table)
    func transitions(state: OrderState, row: String) throws { try check(state, row, filled: .zero) }

    @Test("With fills on the books the same events never lose them", arguments: tableWithFills)
    func transitionsWithFills(state: OrderState, row: String) throws {
        try check(state, row, filled: state == .filled ? Quantity(100) : Quantity(40))
    }

    private func check(_ state: OrderState, _ row: String, filled: Quantity) throws {
        let results = row.split(separator: " ")
        try #require(results.count == Self.events.count)
        for (result, (name, event)) in zip(results, Self.events) {
            let before = ManagedOrder.fixture(state: state, filledQuantity: filled)
            let after = OrderMachine.apply(event, to: before, at: Self.now)
            let expected = result == "=" ? state : try #require(Self.codes[result])
            #expect(after.state == expected, "\(name) in \(state)")
            #expect(after.filledQuantity == filled)
        }
    }

    @Test("The tables name every state")
    func complete() {
        #expect(Set((Self.table + Self.tableWithFills).map(\.0)) == Set(OrderState.allCases))
    }

    @Test("An order is doubted only while it is being sent, and the reason is kept")
    func doubt() {
        let doubtful = OrderMachine.apply(.outcomeUnknown(Self.reason), to: .fixture(), at: Self.now)
        #expect(doubtful.state == .inDoubt && doubtful.reasons == [Self.reason])
        #expect(doubtful.finishedAt == nil && doubtful.leavesQuantity == Quantity(100))
        #expect(doubtful.doubtedAt == Self.now)
    }

    @Test("Two lists without it prove that an order never arrived; being listed in between starts the count anew")
    func absence() {
        var order = ManagedOrder.fixture(state: .inDoubt)
        order = OrderMachine.apply(.absent, to: order, at: Self.now)
        #expect(order.state == .inDoubt && order.absenceProofs == 1)
        let found = OrderMachine.apply(.listed(.fixture()), to: order, at: Self.now)
        #expect(found.state == .working && found.absenceProofs == 0 && found.brokerOrderID == BrokerOrderID("B1"))
        order = OrderMachine.apply(.absent, to: order, at: Self.now)
        #expect(order.state == .expired && order.finishedAt == Self.now)
        #expect(order.reasons.map(\.code) == ["never-arrived"])
    }

    @Test(
        "The broker's 'cancelled' and 'expired' are not believed while executions are missing",
        arguments: [(.cancelled, .cancelled), (.expired, .expired)] as [(BrokerOrder.Status, OrderState)])
    func missingExecutions(status: BrokerOrder.Status, final: OrderState) throws {
        let listed = BrokerOrder.fixture(filledQuantity: Quantity(40), status: status, message: "by the operator")
        let order = ManagedOrder.fixture(brokerOrderID: BrokerOrderID("B1"), state: .working)
        let early = OrderMachine.apply(.listed(listed), to: order, at: Self.now)
        #expect(early.state == .working && early.finishedAt == nil)
        let filled = try OrderMachine.settle(early, fills: [.fixture(of: order, quantity: Quantity(40))], at: Self.now)
        #expect(filled.state == .partiallyFilled)
        let closed = OrderMachine.apply(.listed(listed), to: filled, at: Self.now)
        #expect(closed.state == final && closed.finishedAt == Self.now && closed.filledQuantity == Quantity(40))
        #expect(closed.reasons == [Reason(code: final.rawValue, message: "by the operator")])
        #expect(OrderMachine.apply(.listed(listed), to: closed, at: Self.now.advanced(bySeconds: 9)) == closed)
    }

    @Test("An order called dead is alive again without an end when its list counts more than we have")
    func revived() {
        let dead = ManagedOrder.fixture(
            brokerOrderID: BrokerOrderID("B1"), state: .cancelled, filledQuantity: Quantity(10), finishedAt: Self.now)
        let listed = BrokerOrder.fixture(filledQuantity: Quantity(40), status: .cancelled)
        let alive = OrderMachine.apply(.listed(listed), to: dead, at: Self.now)
        #expect(alive.state == .partiallyFilled && alive.finishedAt == nil)
    }

    @Test("A rejection by the broker keeps its words")
    func rejection() {
        let listed = BrokerOrder.fixture(status: .rejected, message: "APBK0919")
        let order = OrderMachine.apply(.listed(listed), to: .fixture(state: .inDoubt), at: Self.now)
        #expect(order.state == .rejectedByBroker)
        #expect(order.reasons == [Reason(code: "rejected-by-broker", message: "APBK0919")])
    }

    // MARK: settle

    @Test("A fill reported twice counts once, whatever the order of the reports", arguments: propertySeeds)
    func fillOrder(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let state = random.pick(OrderState.allCases.filter { $0 != .filled })
            let order = ManagedOrder.fixture(brokerOrderID: BrokerOrderID("B1"), state: state)
            let fills = Self.fills(of: order, &random)
            let once = try OrderMachine.settle(order, fills: fills, at: Self.now)
            let again = fills + fills.filter { _ in random.chance(0.5) }
            #expect(try OrderMachine.settle(order, fills: again.shuffled(using: &random), at: Self.now) == once)
            #expect(try OrderMachine.settle(once, fills: fills, at: Self.now.advanced(bySeconds: 60)) == once)
            let good = fills.filter { !$0.isBusted }.map(\.quantity)
            #expect(try good.reduce(Quantity.zero) { try $0 + $1 } == once.filledQuantity)
            #expect((once.averageFillPrice == nil) == good.isEmpty)
        }
    }

    @Test("Fills one by one come out as all at once", arguments: propertySeeds)
    func incremental(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let order = ManagedOrder.fixture(
                brokerOrderID: BrokerOrderID("B1"), state: random.pick([.submitting, .inDoubt, .working, .cancelled]))
            let fills = Self.fills(of: order, &random).filter { !$0.isBusted }.shuffled(using: &random)
            var stepwise = order
            var seen: [Fill] = []
            for fill in fills {
                seen.append(fill)
                stepwise = try OrderMachine.settle(stepwise, fills: seen, at: Self.now)
            }
            let once = try OrderMachine.settle(order, fills: fills, at: Self.now)
            #expect(stepwise == once)
        }
    }

    private static func fills(of order: ManagedOrder, _ random: inout SeededGenerator) -> [Fill] {
        var left = 100
        return (0..<random.int(0...6)).compactMap { index in
            guard left > 0 else { return nil }
            let size = random.int(1...left)
            let busted = random.chance(0.15)
            if !busted { left -= size }
            return .fixture(
                "E\(index)", of: order, quantity: Quantity(size), price: .cents(random.int(9000...11_000)),
                filledAt: Instant.fixture.advanced(bySeconds: Int64(random.int(2...80))), isBusted: busted)
        }
    }

    @Test("Late fills are welcome in every state; a dead order filled completely is filled")
    func lateFills() throws {
        for state in OrderState.allCases {
            let order = ManagedOrder.fixture(brokerOrderID: BrokerOrderID("B1"), state: state)
            let part = try OrderMachine.settle(
                order, fills: [.fixture(of: order, quantity: Quantity(30))], at: Self.now)
            #expect(part.filledQuantity == Quantity(30))
            let whole = try OrderMachine.settle(order, fills: [.fixture(of: order)], at: Self.now)
            #expect(whole.state == .filled && whole.leavesQuantity == .zero)
            #expect(whole.finishedAt == Instant.fixture.advanced(bySeconds: 2))
        }
        let cancelled = ManagedOrder.fixture(state: .cancelled, finishedAt: .fixture)
        let late = try OrderMachine.settle(cancelled, fills: [.fixture(quantity: Quantity(30))], at: Self.now)
        #expect(late.state == .cancelled && late.filledQuantity == Quantity(30) && late.finishedAt == .fixture)
    }

    @Test("The average price is weighted by volume and rounded half to even once")
    func averagePrice() throws {
        let order = ManagedOrder.fixture(state: .working)
        let fills: [Fill] = [
            .fixture("E1", of: order, quantity: Quantity(1), price: .cents(10_000)),
            .fixture("E2", of: order, quantity: Quantity(2), price: .cents(10_100)),
        ]
        let settled = try OrderMachine.settle(order, fills: fills, at: Self.now)
        #expect(settled.averageFillPrice == (try Price("100.66666667")))
        #expect(settled.state == .partiallyFilled)
    }

    @Test("A bust takes its fill back, and with it `filled`")
    func bust() throws {
        let order = ManagedOrder.fixture(brokerOrderID: BrokerOrderID("B1"), state: .working)
        let fills: [Fill] = [
            .fixture("E1", of: order, quantity: Quantity(60)), .fixture("E2", of: order, quantity: Quantity(40)),
        ]
        let filled = try OrderMachine.settle(order, fills: fills, at: Self.now)
        let less = fills + [.fixture("E2", of: order, quantity: Quantity(40), isBusted: true)]
        let part = try OrderMachine.settle(filled, fills: less, at: Self.now)
        #expect(part.state == .partiallyFilled && part.filledQuantity == Quantity(60) && part.finishedAt == nil)
        let none = try OrderMachine.settle(part, fills: [], at: Self.now)
        #expect(none.state == .working && none.averageFillPrice == nil && none.leavesQuantity == Quantity(100))
    }

    @Test("Filled stays filled whatever else is reported", arguments: propertySeeds)
    func filledStays(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let order = ManagedOrder.fixture(brokerOrderID: BrokerOrderID("B1"), state: .working)
        var filled = try OrderMachine.settle(order, fills: [.fixture(of: order)], at: Self.now)
        for _ in 0..<100 {
            filled = OrderMachine.apply(random.pick(Self.events).event, to: filled, at: Self.now)
            #expect(filled.state == .filled && filled.filledQuantity == Quantity(100))
        }
    }

    @Test("Nothing but evidence leads out of doubt", arguments: propertySeeds)
    func doubtNeedsEvidence(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            var order = ManagedOrder.fixture(state: .inDoubt)
            var absences = 0
            for _ in 0..<12 {
                let (name, event) = random.pick(Self.events)
                order = OrderMachine.apply(event, to: order, at: Self.now)
                if name == "absent" { absences += 1 }
                let isEvidence =
                    name.hasPrefix("listed") || name == "acknowledged" || name == "refused" || absences == 2
                #expect((order.state == .inDoubt) == !isEvidence, "\(name) after \(absences) absences")
                if isEvidence { break }
            }
        }
    }

    @Test("The time of the first acknowledgement is kept")
    func acknowledgedOnce() {
        let first = OrderMachine.apply(.acknowledged(BrokerOrderID("B1"), at: .fixture), to: .fixture(), at: Self.now)
        let second = OrderMachine.apply(.acknowledged(BrokerOrderID("B1"), at: Self.now), to: first, at: Self.now)
        #expect(second == first && second.acknowledgedAt == .fixture)
    }
}
