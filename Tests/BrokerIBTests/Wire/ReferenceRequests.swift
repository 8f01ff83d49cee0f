import Core
import TestSupport

@testable import BrokerIB

/// The requests of `Fixtures/reference_clients.py`, under the same names.
enum ReferenceRequests {
    static let stock = IBContract(symbol: "AAPL", exchange: "SMART", currency: "USD")
    static let primary = IBContract(
        conID: 265_598, symbol: "AAPL", exchange: "SMART", primaryExchange: "NASDAQ", currency: "USD")
    static let option = IBContract(
        symbol: "SPY", type: .option, lastTradeDateOrMonth: "20260116", strike: .cents(45_050), right: .call,
        multiplier: "100", exchange: "SMART", currency: "USD", tradingClass: "SPY")
    static let future = IBContract(
        symbol: "ES", type: .future, lastTradeDateOrMonth: "202603", multiplier: "50", exchange: "CME", currency: "USD",
        localSymbol: "ESH6")
    static let index = IBContract(symbol: "SPX", type: .index, exchange: "CBOE", currency: "USD")

    /// 2026-11-27T21:00:00Z
    static let evening = Instant(epochSeconds: 1_795_813_200)

    static let all: [String: any IBRequest] = others.merging(orders) { $1 }

    private static let others: [String: any IBRequest] = [
        "start-api": StartAPIRequest(clientID: 7),
        "ids": IDsRequest(),
        "managed-accounts": ManagedAccountsRequest(),
        "current-time": CurrentTimeRequest(),
        "log-level": ServerLogLevelRequest(level: .detail),
        "contract-stock": ContractDetailsRequest(requestID: 1001, contract: stock),
        "contract-option": ContractDetailsRequest(requestID: 1002, contract: option),
        "contract-future": ContractDetailsRequest(requestID: 1003, contract: future, includesExpired: true),
        "market-data": MarketDataRequest(requestID: 1004, contract: primary, genericTicks: "233"),
        "market-data-snapshot": MarketDataRequest(requestID: 1005, contract: index, isSnapshot: true),
        "cancel-market-data": CancelMarketDataRequest(requestID: 1004),
        "market-data-type": MarketDataTypeRequest(type: .delayed),
        "real-time-bars": RealTimeBarsRequest(requestID: 1006, contract: stock, regularHoursOnly: true),
        "cancel-real-time-bars": CancelRealTimeBarsRequest(requestID: 1006),
        "historical": HistoricalDataRequest(
            requestID: 1007, contract: primary, end: evening, barSize: .minutes5,
            span: IBBarSpan(count: 1, unit: .weeks),
            regularHoursOnly: true, prices: .adjustedLast),
        "historical-live": HistoricalDataRequest(
            requestID: 1008, contract: future, barSize: .seconds5, span: IBBarSpan(count: 3600, unit: .seconds),
            regularHoursOnly: false, prices: .bidAndAsk, includesExpired: true, keepsUpToDate: true),
        "cancel-historical": CancelHistoricalDataRequest(requestID: 1007),
        "cancel-order": CancelOrderRequest(orderID: 7),
        "global-cancel": GlobalCancelRequest(),
        "open-orders": OpenOrdersRequest(),
        "all-open-orders": AllOpenOrdersRequest(),
        "auto-open-orders": AutoOpenOrdersRequest(binds: true),
        "completed-orders": CompletedOrdersRequest(),
        "executions": ExecutionsRequest(requestID: 1009),
        "executions-some": ExecutionsRequest(
            requestID: 1010, account: "DU1", since: evening.advanced(bySeconds: -6 * 3600 - 1800), symbol: "AAPL",
            type: .stock, side: .sell),
        "positions": PositionsRequest(),
        "cancel-positions": CancelPositionsRequest(),
        "account-summary": AccountSummaryRequest(requestID: 1011, tags: ["NetLiquidation", "BuyingPower"]),
        "cancel-account-summary": CancelAccountSummaryRequest(requestID: 1011),
        "account-updates": AccountUpdatesRequest(subscribes: true, account: "DU1"),
        "profit-and-loss": ProfitAndLossRequest(requestID: 1012, account: "DU1"),
        "cancel-profit-and-loss": CancelProfitAndLossRequest(requestID: 1012),
        "single-profit-and-loss": SingleProfitAndLossRequest(requestID: 1013, account: "DU1", conID: 265_598),
        "cancel-single-profit-and-loss": CancelSingleProfitAndLossRequest(requestID: 1013),
    ]

    static func order(
        _ type: IBOrderType, _ side: Side = .buy, of contract: IBContract = stock, quantity: Quantity = Quantity(10),
        change: (inout IBOrder) -> Void = { _ in }
    ) -> PlaceOrderRequest {
        var order = IBOrder(side: side, quantity: quantity, type: type, account: "DU1", reference: "tk-0001")
        change(&order)
        return PlaceOrderRequest(orderID: 7, contract: contract, order: order)
    }

    static let bracket = IBOneCancelsAll(group: "tk-0001", kind: .cancelWithBlock)

    private static let orders: [String: any IBRequest] = [
        "order-market": order(.market),
        "order-limit": order(.limit(.cents(15_025))),
        "order-stop": order(.stop(.cents(14_050)), .sell),
        "order-stop-limit": order(.stopLimit(stop: .cents(15_050), limit: Price(151))),
        "order-trail-amount": order(.trailing(.amount(.cents(150)), firstStop: .cents(14_875)), .sell),
        "order-trail-percent": order(.trailing(.percent(Price.cents(250).value), firstStop: nil), .sell),
        "order-trail-limit": order(
            .trailingLimit(.amount(.cents(150)), firstStop: .cents(14_875), limitOffset: .cents(10)), .sell),
        "order-market-on-close": order(.marketOnClose, of: primary),
        "order-limit-on-close": order(.limitOnClose(Price(150)), of: primary),
        "order-market-on-open": order(.marketOnOpen, of: primary),
        "order-limit-on-open": order(.limitOnOpen(Price(150)), of: primary),
        "order-good-till-date": order(.limit(Price(1))) {
            $0.timeInForce = .goodTill(evening.advanced(bySeconds: -60))
        },
        "order-good-till-cancelled": order(.limit(Price(1))) {
            $0.timeInForce = .goodTillCancelled
            $0.outsideRegularHours = true
        },
        "order-immediate": order(.limit(Price(FixedPoint(int64Units: 12_500)))) { $0.timeInForce = .immediateOrCancel },
        "order-fraction": order(.market, quantity: Quantity(FixedPoint(int64Units: 12_500_000))),
        "order-bracket-parent": order(.limit(Price(150))) { $0.transmit = false },
        "order-bracket-profit": order(.limit(Price(160)), .sell) {
            $0.transmit = false
            $0.parentID = 7
            $0.oneCancelsAll = bracket
        },
        "order-bracket-stop": order(.stop(Price(140)), .sell) {
            $0.parentID = 7
            $0.oneCancelsAll = bracket
        },
        "order-adaptive": order(.limit(Price(150))) { $0.algorithm = .adaptive(.patient) },
        "order-twap": order(.limit(Price(150))) {
            $0.algorithm = .twap(
                start: evening.advanced(bySeconds: -6 * 3600), end: evening.advanced(bySeconds: -1800), mayGoOn: true)
        },
        "order-vwap": order(.market) {
            $0.algorithm = .vwap(
                maximumShare: Fraction(FixedPoint(int64Units: 15_000_000)), start: nil,
                end: evening.advanced(bySeconds: -1800), mayGoOn: false)
        },
        "order-what-if": order(.limit(.cents(235)), of: option) { $0.isWhatIf = true },
        "order-future": order(.limit(.cents(501_225)), of: future, quantity: Quantity(2)),
        "order-ibkrats": order(
            .limit(Price(150)), of: IBContract(symbol: "AAPL", exchange: "IBKRATS", currency: "USD")),
    ]
}
