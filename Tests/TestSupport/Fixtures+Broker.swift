public import Broker
public import Core

extension BrokerOrder {
    /// 100 NVDA at the market, working, placed a second after the write-ahead row of `ManagedOrder.fixture()`.
    public static func fixture(
        _ brokerOrderID: String = "B1", clientOrderID: ClientOrderID? = nil, symbol: Symbol = Symbol("NVDA"),
        side: Side = .buy, type: OrderType = .market, quantity: Quantity = Quantity(100),
        filledQuantity: Quantity = .zero, timeInForce: TimeInForce = .day, status: Status = .working,
        placedAt: Instant = Instant.fixture.advanced(bySeconds: 2), message: String? = nil,
        isKnownForeign: Bool = false, tellsTimeInForce: Bool = true
    ) -> BrokerOrder {
        BrokerOrder(
            brokerOrderID: BrokerOrderID(brokerOrderID), clientOrderID: clientOrderID, symbol: symbol, side: side,
            type: type, quantity: quantity, filledQuantity: filledQuantity, timeInForce: timeInForce, status: status,
            placedAt: placedAt, message: message, isKnownForeign: isKnownForeign,
            tellsTimeInForce: tellsTimeInForce)
    }
}

extension BrokerExecution {
    public static func fixture(
        _ executionID: String = "E1", order brokerOrderID: String = "B1", clientOrderID: ClientOrderID? = nil,
        symbol: Symbol = Symbol("NVDA"), side: Side = .buy, quantity: Quantity = Quantity(100),
        price: Price = Price(100), fee: FixedPoint = .zero, tax: FixedPoint = .zero, currency: Currency = .usd,
        filledAt: Instant = Instant.fixture.advanced(bySeconds: 3), isBusted: Bool = false, awaitsCosts: Bool = false
    ) -> BrokerExecution {
        BrokerExecution(
            executionID: ExecutionID(executionID), brokerOrderID: BrokerOrderID(brokerOrderID),
            clientOrderID: clientOrderID, symbol: symbol, side: side, quantity: quantity, price: price, fee: fee,
            tax: tax, currency: currency, filledAt: filledAt, isBusted: isBusted, awaitsCosts: awaitsCosts)
    }
}

extension BrokerCapabilities {
    /// Everything is allowed; orders show within five seconds and clocks agree within two.
    public static func fixture(
        listsClientOrderIDs: Bool = true, visibilityDelay: Duration = .seconds(5),
        clockTolerance: Duration = .seconds(2), orderTypes: Set<String> = ["market", "limit", "stop", "stop-limit"],
        timesInForce: Set<TimeInForce> = Set(TimeInForce.allCases), allowsShort: Bool = true
    ) -> BrokerCapabilities {
        BrokerCapabilities(
            listsClientOrderIDs: listsClientOrderIDs, visibilityDelay: visibilityDelay, clockTolerance: clockTolerance,
            orderTypes: orderTypes, timesInForce: timesInForce, allowsShort: allowsShort)
    }
}

extension Snapshot {
    /// A complete list, read a minute after the bar's close.
    public static func fixture(
        _ items: [Item], isComplete: Bool = true, takenAt: Instant = Instant.fixture.advanced(bySeconds: 60),
        beginsAt: Instant? = nil
    ) -> Snapshot<Item> {
        Snapshot(items: items, isComplete: isComplete, takenAt: takenAt, beginsAt: beginsAt)
    }
}
