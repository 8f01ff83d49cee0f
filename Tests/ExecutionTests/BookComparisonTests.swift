import Broker
import Core
import Execution
import TestSupport
import Testing

@Suite struct BookComparisonTests {
    private let comparison = BookComparison(broker: .paper, account: AccountID("A1"))

    private static func held(_ symbol: String, _ quantity: Int) -> BrokerPosition {
        BrokerPosition(symbol: Symbol(symbol), quantity: Quantity(quantity), averageCost: nil, currency: .usd)
    }

    @Test("Positions that agree are no break; every other one is, with both sides")
    func positions() {
        let ours = ["NVDA": 100, "AAPL": -5, "SPY": 7].reduce(into: [:]) { $0[Symbol($1.key)] = Quantity($1.value) }
        let theirs = Snapshot.fixture([Self.held("NVDA", 100), Self.held("AAPL", 5), Self.held("QQQ", 1)])
        let breaks = comparison.positions(ours: ours, theirs: theirs)
        #expect(breaks.map(\.subject) == ["AAPL", "QQQ", "SPY"])
        #expect(breaks.map(\.ours) == ["-5", "0", "7"])
        #expect(breaks.map(\.theirs) == ["5", "1", "0"])
        #expect(breaks.allSatisfy { $0.kind == .position && $0.broker == .paper && $0.account == AccountID("A1") })
    }

    @Test("From an incomplete list no absence is concluded, but what it shows is compared")
    func incomplete() throws {
        let positions = Snapshot.fixture([Self.held("AAPL", 5)], isComplete: false)
        let ours = [Symbol("NVDA"): Quantity(100), Symbol("AAPL"): Quantity(4)]
        #expect(comparison.positions(ours: ours, theirs: positions).map(\.subject) == ["AAPL"])
        let cash = Snapshot<Money>.fixture([], isComplete: false)
        #expect(comparison.cash(ours: [.usd: FixedPoint(100)], theirs: cash).isEmpty)
        #expect(comparison.cash(ours: [.usd: FixedPoint(100)], theirs: .fixture([])).map(\.theirs) == ["0"])
    }

    @Test("A position we hold at zero is none")
    func zero() {
        #expect(comparison.positions(ours: [Symbol("NVDA"): .zero], theirs: .fixture([])).isEmpty)
    }

    @Test(
        "Cash may differ by less than one minor unit of its currency",
        arguments: [
            ("USD", "100", "100.00999999", true), ("USD", "100", "100.01", false), ("USD", "100", "99.99", false),
            ("KRW", "1000", "1000.99999999", true), ("KRW", "1000", "1001", false), ("KWD", "1", "1.0009", true),
            ("KWD", "1", "1.001", false), ("USD", "1000000000000000000", "-1000000000000000000", false),
        ])
    func cash(code: String, ours: String, theirs: String, agree: Bool) throws {
        let currency = try #require(Currency(code))
        let listed = Snapshot.fixture([Money(try FixedPoint(theirs), currency)])
        let breaks = comparison.cash(ours: [currency: try FixedPoint(ours)], theirs: listed)
        #expect(breaks.isEmpty == agree)
        #expect(breaks.allSatisfy { $0.kind == .cash && $0.subject == code })
    }

    @Test(
        "Where costs are reckoned, two minor units an execution may be between the two, of so many and no more",
        arguments: [
            ("KRW", 1, "3", false), ("KRW", 1, "2", true), ("KRW", 50, "100", true), ("KRW", 50, "101", false),
            ("USD", 3, "0.06", true), ("USD", 3, "-0.06", true), ("USD", 3, "0.07", false),
            ("KRW", 1000, "2000", true), ("KRW", 9000, "2001", false),
        ])
    func reckoned(code: String, executions: Int, difference: String, agree: Bool) throws {
        let currency = try #require(Currency(code))
        let theirs = try FixedPoint(1_000_000) + FixedPoint(difference)
        let breaks = comparison.cash(
            ours: [currency: FixedPoint(1_000_000)], theirs: .fixture([Money(theirs, currency)]),
            reckoned: [currency: ReckonedCosts(executions: executions)])
        #expect(breaks.isEmpty == agree)
    }

    @Test(
        "Since the two sides agreed only what was executed since then allows for more: a fee of today is not lost in a year",
        arguments: [
            ("300", true), ("306", true), ("294", true), ("307", false), ("293", false), ("0", true), ("0.9", true),
            ("1", false), ("2000", false),
        ])
    func sinceAgreement(difference: String, agree: Bool) throws {
        let theirs = try FixedPoint(1_000_000) - FixedPoint(difference)
        let agreed = ReckonedCosts.Agreement(difference: FixedPoint(300), executions: 497)
        let breaks = comparison.cash(
            ours: [.krw: FixedPoint(1_000_000)], theirs: .fixture([Money(theirs, .krw)]),
            reckoned: [.krw: ReckonedCosts(executions: 500, agreed: agreed)])
        #expect(breaks.isEmpty == agree)
    }

    @Test("A currency that only the broker holds is a break")
    func foreignCash() {
        let breaks = comparison.cash(ours: [:], theirs: .fixture([Money(FixedPoint(5), .krw)]))
        #expect(breaks.map(\.subject) == ["KRW"])
    }

    @Test("Executed shares without executions are a break; executions ahead of the list are not")
    func executed() {
        let orders: [ManagedOrder] = [
            .fixture(brokerOrderID: BrokerOrderID("B1"), filledQuantity: Quantity(10)),
            .fixture(id: ClientOrderID("o2"), brokerOrderID: BrokerOrderID("B2"), filledQuantity: Quantity(50)),
            .fixture(id: ClientOrderID("o3")),
        ]
        let listed = Snapshot.fixture([
            BrokerOrder.fixture("B1", filledQuantity: Quantity(40)), .fixture("B2", filledQuantity: Quantity(40)),
        ])
        let breaks = comparison.executedQuantities(orders, listed)
        #expect(breaks.map(\.kind) == [.missingFills])
        #expect(breaks.map(\.subject) == ["order-1"])
        #expect(breaks.map(\.ours) == ["10"] && breaks.map(\.theirs) == ["40"])
    }

    @Test("Two orders that live or were executed under one id of ours are a break; dead twins are not")
    func duplicates() {
        let id = ClientOrderID("order-1")
        func found(_ second: BrokerOrder) -> [BookDifference] {
            comparison.duplicates(.fixture([.fixture("B1", clientOrderID: id), second, .fixture("B9")]))
        }
        for status in [BrokerOrder.Status.working, .partiallyFilled, .inactive, .filled] {
            let breaks = found(.fixture("B2", clientOrderID: id, status: status))
            #expect(breaks.map(\.subject) == ["order-1"])
            #expect(breaks.map(\.theirs) == ["2 orders: B1, B2"])
        }
        #expect(found(.fixture("B2", clientOrderID: id, filledQuantity: Quantity(1), status: .cancelled)).count == 1)
        for status in [BrokerOrder.Status.cancelled, .expired, .rejected] {
            #expect(found(.fixture("B2", clientOrderID: id, status: status)).isEmpty)
        }
        #expect(found(.fixture("B2")).isEmpty)
    }
}
