import Broker
import Core
import TestSupport
import Testing

@testable import Execution

/// An order at a broker that tells totals: what it was executed in, one by one, nobody is told.
private struct Totalled {
    static let number = BrokerOrderID("20310304-KR-0000123401")
    var quantity = 0
    var amount = FixedPoint.zero
    var fee = FixedPoint.zero
    var tax = FixedPoint.zero
    var side = Side.sell

    mutating func execute(_ count: Int, at price: FixedPoint) throws {
        quantity += count
        amount = try amount + price.multiplied(by: FixedPoint(count), rounding: .halfEven)
        // Rates that are charged on the whole and rounded to the won.
        fee = try amount.multiplied(by: FixedPoint("0.00014052"), rounding: .halfEven).rounded(toDigits: 0, .towardZero)
        tax = try amount.multiplied(by: FixedPoint("0.002"), rounding: .halfEven).rounded(toDigits: 0, .towardZero)
    }

    func list(at seconds: Int64 = 60) -> Snapshot<BrokerOrder> {
        let order = BrokerOrder(
            brokerOrderID: Self.number, clientOrderID: nil, symbol: Symbol("005930"), side: side, type: .market,
            quantity: Quantity(1_000_000), filledQuantity: Quantity(quantity), timeInForce: .day,
            status: quantity == 0 ? .working : .partiallyFilled, placedAt: .fixture, message: nil,
            executed: ExecutedTotals(amount: amount, fee: fee, tax: tax, currency: .krw))
        return Snapshot(items: [order], isComplete: true, takenAt: Instant.fixture.advanced(bySeconds: seconds))
    }
}

extension [Fill] {
    /// As reconcile books them.
    fileprivate mutating func book(_ executions: [BrokerExecution]) {
        let order = ManagedOrder.fixture(
            account: AccountID("A"), brokerOrderID: Totalled.number, symbol: Symbol("005930"), side: .sell,
            quantity: Quantity(1_000_000))
        for execution in executions {
            append(
                Fill(
                    broker: order.broker, account: order.account, executionID: execution.executionID,
                    brokerOrderID: execution.brokerOrderID, clientOrderID: order.clientOrderID, intentID: nil,
                    symbol: execution.symbol, side: execution.side, quantity: execution.quantity,
                    price: execution.price, fee: execution.fee, tax: execution.tax, currency: execution.currency,
                    filledAt: execution.filledAt, recordedAt: execution.filledAt, isBusted: false))
        }
    }

    fileprivate func total(_ value: (Fill) throws -> FixedPoint) throws -> FixedPoint {
        try reduce(.zero) { try $0 + value($1) }
    }
}

@Suite("Executions from an order's totals")
struct TotalledExecutionsTests {
    private func derive(
        _ order: Totalled, _ booked: [Fill], before: [BrokerOrderID: Quantity] = [:]
    ) throws -> [BrokerExecution] {
        try TotalledExecutions.derive(from: order.list(), booked: booked, before: before)
    }

    @Test("Four at 70,500 and then six for 423,300: two bookings, the second at the price of the six")
    func byHand() throws {
        var (order, booked) = (Totalled(), [Fill]())
        #expect(try derive(order, booked).isEmpty)
        try order.execute(4, at: FixedPoint(70_500))
        booked.book(try derive(order, booked))
        #expect(booked.map(\.executionID.text) == ["20310304-KR-0000123401#4"])
        #expect(booked[0].price == Price(FixedPoint(70_500)) && booked[0].quantity == Quantity(4))
        // 282,000 × 0.014052 % = 39.6 and × 0.2 % = 564.
        #expect(booked[0].fee == FixedPoint(39) && booked[0].tax == FixedPoint(564))
        #expect(booked[0].filledAt == Instant.fixture.advanced(bySeconds: 60))
        try order.execute(3, at: FixedPoint(70_500))
        try order.execute(3, at: FixedPoint(70_600))
        let next = try derive(order, booked)
        #expect(next.map(\.executionID.text) == ["20310304-KR-0000123401#10"])
        #expect(next[0].price == Price(FixedPoint(70_550)) && next[0].quantity == Quantity(6))
        // 705,300 × 0.014052 % = 99.1 and × 0.2 % = 1,410.6, less what was charged.
        #expect(next[0].fee == FixedPoint(60) && next[0].tax == FixedPoint(846))
    }

    @Test("A price without an end is told as two executions that come to the amount exactly")
    func exact() throws {
        var order = Totalled()
        try order.execute(2, at: FixedPoint(70_500))
        try order.execute(1, at: FixedPoint(70_600))
        let parts = try derive(order, [])
        #expect(parts.map(\.executionID.text) == ["20310304-KR-0000123401#2", "20310304-KR-0000123401#3"])
        #expect(parts.map(\.quantity) == [Quantity(2), Quantity(1)])
        #expect(parts.map { "\($0.price)" } == ["70533.33333333", "70533.33333334"])
        #expect(parts.map(\.fee) == [.zero, FixedPoint(29)], "fees are told once")
    }

    @Test("Whoever looks whenever: quantity, amount, fees and taxes of all bookings are the broker's, each id once")
    func property() throws {
        for seed in UInt64(0)..<300 {
            var random = SeededGenerator(seed: seed, stream: "totals")
            var (order, booked) = (Totalled(), [Fill]())
            for _ in 0..<Int(random.next() % 30 + 1) {
                let price = FixedPoint(Int(random.next() % 900 + 1) * 50)
                try order.execute(Int(random.next() % 997 + 1), at: price)
                guard random.next() % 3 == 0 else { continue }
                booked.book(try derive(order, booked))
                #expect(try derive(order, booked).isEmpty, "seed \(seed): booked again")
            }
            booked.book(try derive(order, booked))
            #expect(try booked.total(\.quantity.value) == FixedPoint(order.quantity), "seed \(seed)")
            #expect(
                try booked.total { try $0.price.value.multiplied(by: $0.quantity.value, rounding: .halfEven) }
                    == order.amount, "seed \(seed)")
            #expect(try booked.total(\.fee) == order.fee && booked.total(\.tax) == order.tax, "seed \(seed)")
            #expect(Set(booked.map(\.executionID)).count == booked.count, "seed \(seed)")
            #expect(booked.allSatisfy { $0.quantity.isPositive && $0.price.isPositive }, "seed \(seed)")
        }
    }

    @Test("What was executed before the account was opened is not booked, and what is booked by hand not twice")
    func before() throws {
        var order = Totalled()
        try order.execute(4, at: FixedPoint(70_000))
        #expect(try derive(order, [], before: [Totalled.number: Quantity(4)]).isEmpty)
        try order.execute(4, at: FixedPoint(71_000))
        let later = try derive(order, [], before: [Totalled.number: Quantity(4)])
        #expect(later.map(\.quantity) == [Quantity(4)] && later[0].price == Price(FixedPoint(70_500)))
        // Where it is known what the four came to, the others cost what they cost, and fees are those of the difference.
        let then = ExecutedTotals(
            amount: FixedPoint(280_000), fee: FixedPoint(39), tax: FixedPoint(560), currency: .krw)
        let known = try TotalledExecutions.derive(
            from: order.list(), booked: [], before: [Totalled.number: Quantity(4)], [Totalled.number: then])
        #expect(known.map(\.quantity) == [Quantity(4)] && known[0].price == Price(FixedPoint(71_000)))
        // Of all eight, 564,000: 79 and 1,128.
        #expect(known[0].fee == FixedPoint(40) && known[0].tax == FixedPoint(568))
        var byHand: [Fill] = []
        byHand.book(try derive(order, []))
        #expect(try derive(order, byHand).isEmpty)
    }
}
