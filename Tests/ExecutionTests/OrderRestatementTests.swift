import Broker
import Core
import Execution
import TestSupport
import Testing

/// An order at a broker that restates standing orders with a split, or leaves them as they are.
private struct OrderAtBroker {
    var ordered: FixedPoint
    /// As the broker counts it.
    var executed = FixedPoint.zero
    var parts: [ExecutedPart] = []
    var splits: [AccountSplit] = []
    private var second: Int64 = 10
    private let restates: Bool

    static let ratios: [(new: Int, old: Int)] = [(2, 1), (3, 1), (3, 2), (5, 4), (1, 2), (1, 10), (20, 1)]

    init(ordered: Int, restates: Bool) {
        self.ordered = FixedPoint(ordered)
        self.restates = restates
    }

    var left: FixedPoint { get throws { try ordered - executed } }

    private mutating func tick() -> Instant {
        second += 10
        return Instant.fixture.advanced(bySeconds: second)
    }

    mutating func execute(_ quantity: FixedPoint) throws {
        executed = try executed + quantity
        parts.append(ExecutedPart(at: tick(), quantity: Quantity(quantity), isBooked: true))
    }

    mutating func split(_ ratio: (new: Int, old: Int)) throws {
        splits.append(AccountSplit(symbol: Symbol("NVDA"), at: tick(), new: ratio.new, old: ratio.old))
        guard restates else { return }
        func scaled(_ value: FixedPoint) throws -> FixedPoint {
            try value.scaled(by: FixedPoint(ratio.new), over: FixedPoint(ratio.old), rounding: .halfEven)
        }
        (ordered, executed) = (try scaled(ordered), try scaled(executed))
    }

    func listed() -> BrokerOrder {
        .fixture(
            "B1", quantity: Quantity(ordered), filledQuantity: Quantity(executed),
            status: executed.isZero ? .working : .partiallyFilled)
    }
}

@Suite("What an order has executed, after splits and changes by hand")
struct OrderRestatementTests {
    /// What is open of an order with these terms by its own executions.
    private func left(_ order: ManagedOrder, _ parts: [ExecutedPart]) throws -> FixedPoint {
        try parts.reduce(order.quantity.value - order.filledBefore.value) { try $0 - $1.quantity.value }
    }

    private func restated(
        _ order: ManagedOrder, _ broker: OrderAtBroker, _ splits: [AccountSplit], listed: BrokerOrder? = nil
    ) throws -> ManagedOrder {
        try OrderRestatement(order, as: listed ?? broker.listed(), parts: broker.parts, splits: splits).restated()
    }

    /// A hundred to a thousand shares, of which at most a twentieth is executed at a time.
    private func random(_ generator: inout SeededGenerator, restates: Bool) throws -> OrderAtBroker {
        var broker = OrderAtBroker(ordered: Int.random(in: 1...10, using: &generator) * 100, restates: restates)
        for _ in 0..<Int.random(in: 0...8, using: &generator) {
            if Bool.random(using: &generator) {
                let most = try broker.left.divided(by: FixedPoint(20), rounding: .down)
                let share = FixedPoint(Int.random(in: 1...100, using: &generator))
                try broker.execute(most.scaled(by: share, over: FixedPoint(100), rounding: .down))
            } else {
                let ratio = OrderAtBroker.ratios.randomElement(using: &generator) ?? (2, 1)
                try broker.split(ratio)
            }
        }
        return broker
    }

    @Test(
        "As much is open as the broker says, whatever splits it stood through and however often it was looked at",
        arguments: 1...8)
    func everySplit(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var restatements = 0
        for _ in 0..<400 {
            let broker = try random(&generator, restates: Bool.random(using: &generator))
            var order = ManagedOrder.fixture(quantity: Quantity(FixedPoint(100)), state: .working)
            for _ in 0..<2 {
                order = try restated(order, broker, broker.splits)
                #expect(try (left(order, broker.parts) - broker.left).magnitude < FixedPoint("0.0001"))
            }
            if !order.filledBefore.isZero { restatements += 1 }
        }
        #expect(restatements > 50)
    }

    @Test(
        "A split of executed and ordered that the account has not posted leaves the order on the scale of the books",
        arguments: 1...8)
    func notPosted(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var seen = 0
        for _ in 0..<400 {
            var broker = try random(&generator, restates: true)
            let ratio = OrderAtBroker.ratios.randomElement(using: &generator) ?? (2, 1)
            let posted = broker.splits
            // One that takes an earlier one back looks as if nothing had ever split.
            guard posted.count <= 1, posted.first.map({ $0.new * ratio.new != $0.old * ratio.old }) ?? true else {
                continue
            }
            let before = try restated(.fixture(quantity: Quantity(100), state: .working), broker, posted)
            let open = try broker.left
            try broker.split(ratio)
            let executed = broker.executed
            // Nothing executed, or less than a share: a hand may have changed it.
            guard executed >= FixedPoint(2), try executed != left(before, []) else { continue }
            guard !broker.parts.isEmpty, broker.ordered != before.quantity.value else { continue }
            let counted = try before.quantity.value - left(before, broker.parts)
            guard try (executed - counted).magnitude >= .one else { continue }
            let after = try restated(before, broker, posted)
            #expect(after.quantity == before.quantity)
            #expect(try (left(after, broker.parts) - open).magnitude < FixedPoint("0.001"))
            seen += 1
            let known = try restated(after, broker, broker.splits)
            #expect(try (left(known, broker.parts) - broker.left).magnitude < FixedPoint("0.0001"))
        }
        #expect(seen > 40)
    }

    @Test(
        "While executions are to come that nobody has booked, no less is open than the broker leaves, however it splits",
        arguments: [
            // Ordered and executed by the list, with twenty of the new shares: all of it restated, or only the rest.
            (listed: 200, executed: 100, open: 160), (160, 60, 120), (100, 40, 60),
        ])
    func mostLeft(listed: Int, executed: Int, open: Int) throws {
        let order = ManagedOrder.fixture(quantity: Quantity(100), state: .partiallyFilled)
        let booked = ExecutedPart(at: Instant.fixture.advanced(bySeconds: 10), quantity: Quantity(40), isBooked: true)
        let split = AccountSplit(
            symbol: Symbol("NVDA"), at: Instant.fixture.advanced(bySeconds: 20), new: 2, old: 1)
        let list = BrokerOrder.fixture(
            "B1", quantity: Quantity(listed), filledQuantity: Quantity(executed), status: .partiallyFilled)
        let most = try OrderRestatement(order, as: list, parts: [booked], splits: [split]).leavingMost()
        #expect(try left(most, [booked]) == FixedPoint(open))
        #expect(try OrderRestatement(order, as: list, parts: [booked], splits: []).leavingMost() == order)
    }
}
