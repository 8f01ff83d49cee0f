import Core
import TestSupport

@testable import BrokerIB

/// An order drawn by chance, twice: as ours, and as the attributes of ib_async's. The two are written down side by side; what
/// they have in common is the documentation.
struct DrawnOrder {
    let version: ServerVersion
    let request: PlaceOrderRequest
    /// `{version, contract, order}`
    let description: JSONValue

    private typealias Attributes = [JSONValue.Member]

    init(_ random: inout SeededGenerator) throws {
        version = ServerVersion(random.int(157...178))
        let (contract, contractAttributes) = Self.contract(&random)
        let (type, typeAttributes) = Self.type(&random)
        let quantity = Quantity(FixedPoint(int64Units: Int64(random.int(1...1_000_000_000)) * 10_000))
        let side: Side = random.chance(0.5) ? .buy : .sell
        var order = IBOrder(
            side: side, quantity: quantity, type: type, account: "DU\(random.int(1...9_999_999))",
            reference: "tk-\(random.int(0...99_999))~ {x}")
        var attributes: Attributes = [
            .init("action", .string(side == .buy ? "BUY" : "SELL")), .init("account", .string(order.account)),
            .init("totalQuantity", .string(quantity.description)), .init("orderRef", .string(order.reference)),
        ]
        if !type.isForAuction { attributes += Self.time(&order, &random) }
        attributes += Self.bracket(&order, &random) + Self.algorithm(&order, &random)
        order.outsideRegularHours = random.chance(0.3)
        order.isWhatIf = random.chance(0.2)
        attributes += [
            .init("outsideRth", .bool(order.outsideRegularHours)), .init("whatIf", .bool(order.isWhatIf)),
        ]
        request = PlaceOrderRequest(orderID: 7, contract: contract, order: order)
        description = [
            "version": .int(Int64(version.number)), "contract": .object(contractAttributes),
            "order": .object(attributes + typeAttributes),
        ]
    }

    private static func price(_ random: inout SeededGenerator) -> (Price, JSONValue) {
        let price = Price(FixedPoint(int64Units: Int64(random.int(1...900_000_000)) * 10_000))
        return (price, .string(price.description))
    }

    private static func contract(_ random: inout SeededGenerator) -> (IBContract, Attributes) {
        var contract = IBContract(
            conID: Int64(random.int(0...700_000_000)), symbol: random.pick(["AAPL", "BRK B", "005930", "ES"]),
            exchange: random.pick(["SMART", "CME", "IBKRATS", "KSE"]), currency: random.pick(["USD", "KRW", "EUR"]))
        var attributes: Attributes = [
            .init("conId", .int(contract.conID)), .init("symbol", .string(contract.symbol)), .init("secType", "STK"),
            .init("exchange", .string(contract.exchange)), .init("currency", .string(contract.currency)),
        ]
        if random.chance(0.3) {
            let (strike, text) = price(&random)
            contract.type = .option
            contract.strike = strike
            contract.right = random.chance(0.5) ? .call : .put
            contract.lastTradeDateOrMonth = "20260116"
            contract.multiplier = "100"
            contract.localSymbol = "SPY   260116C00450500"
            contract.tradingClass = "SPY"
            contract.primaryExchange = "AMEX"
            attributes += [
                .init("secType", "OPT"), .init("strike", text), .init("right", contract.right == .call ? "C" : "P"),
                .init("lastTradeDateOrContractMonth", "20260116"), .init("multiplier", "100"),
                .init("localSymbol", "SPY   260116C00450500"), .init("tradingClass", "SPY"),
                .init("primaryExchange", "AMEX"),
            ]
            attributes.removeAll { $0.key == "secType" && $0.value == "STK" }
        }
        return (contract, attributes)
    }

    private static func type(_ random: inout SeededGenerator) -> (IBOrderType, Attributes) {
        let (one, first) = price(&random)
        let (two, second) = price(&random)
        let (three, third) = price(&random)
        switch random.int(0...11) {
        case 0: return (.market, [.init("orderType", "MKT")])
        case 1: return (.limit(one), [.init("orderType", "LMT"), .init("lmtPrice", first)])
        case 2: return (.stop(one), [.init("orderType", "STP"), .init("auxPrice", first)])
        case 3:
            return (
                .stopLimit(stop: one, limit: two),
                [.init("orderType", "STP LMT"), .init("auxPrice", first), .init("lmtPrice", second)]
            )
        case 4:
            return (
                .trailing(.amount(one), firstStop: two),
                [.init("orderType", "TRAIL"), .init("auxPrice", first), .init("trailStopPrice", second)]
            )
        case 5:
            return (
                .trailing(.percent(one.value), firstStop: nil),
                [.init("orderType", "TRAIL"), .init("trailingPercent", first)]
            )
        case 6:
            return (
                .trailingLimit(.amount(one), firstStop: two, limitOffset: three),
                [
                    .init("orderType", "TRAIL LIMIT"), .init("auxPrice", first), .init("trailStopPrice", second),
                    .init("lmtPriceOffset", third),
                ]
            )
        case 7:
            return (
                .trailingLimit(.percent(one.value), firstStop: two, limitOffset: three),
                [
                    .init("orderType", "TRAIL LIMIT"), .init("trailingPercent", first), .init("trailStopPrice", second),
                    .init("lmtPriceOffset", third),
                ]
            )
        case 8: return (.marketOnClose, [.init("orderType", "MOC")])
        case 9: return (.limitOnClose(one), [.init("orderType", "LOC"), .init("lmtPrice", first)])
        case 10: return (.marketOnOpen, [.init("orderType", "MKT"), .init("tif", "OPG")])
        default: return (.limitOnOpen(one), [.init("orderType", "LMT"), .init("lmtPrice", first), .init("tif", "OPG")])
        }
    }

    private static func time(_ order: inout IBOrder, _ random: inout SeededGenerator) -> Attributes {
        switch random.int(0...3) {
        case 0:
            order.timeInForce = .day
            return [.init("tif", "DAY")]
        case 1:
            order.timeInForce = .goodTillCancelled
            return [.init("tif", "GTC")]
        case 2:
            order.timeInForce = .immediateOrCancel
            return [.init("tif", "IOC")]
        default:
            // 2026-11-27, 21:00:07 in UTC.
            order.timeInForce = .goodTill(ReferenceRequests.evening.advanced(bySeconds: 7))
            return [.init("tif", "GTD"), .init("goodTillDate", "20261127-21:00:07")]
        }
    }

    private static func bracket(_ order: inout IBOrder, _ random: inout SeededGenerator) -> Attributes {
        guard random.chance(0.5) else { return [] }
        order.transmit = random.chance(0.5)
        order.parentID = Int64(random.int(0...99_999))
        let kind = random.int(1...3)
        order.oneCancelsAll = IBOneCancelsAll.Kind(rawValue: kind).map {
            IBOneCancelsAll(group: "tk-\(kind)", kind: $0)
        }
        return [
            .init("transmit", .bool(order.transmit)), .init("parentId", .int(order.parentID)),
            .init("ocaGroup", .string("tk-\(kind)")), .init("ocaType", .int(Int64(kind))),
        ]
    }

    private static func algorithm(_ order: inout IBOrder, _ random: inout SeededGenerator) -> Attributes {
        let mayGoOn = random.chance(0.5)
        let last = [JSONValue.array(["allowPastEndTime", .string(mayGoOn ? "1" : "0")])]
        switch random.int(0...5) {
        case 0:
            order.algorithm = .adaptive(.urgent)
            return [.init("algoStrategy", "Adaptive"), .init("algoParams", [["adaptivePriority", "Urgent"]])]
        case 1:
            order.algorithm = .twap(start: nil, end: ReferenceRequests.evening, mayGoOn: mayGoOn)
            let times: [JSONValue] = [
                ["strategyType", "Marketable"], ["startTime", ""], ["endTime", "20261127-21:00:00"],
            ]
            return [.init("algoStrategy", "Twap"), .init("algoParams", .array(times + last))]
        case 2:
            order.algorithm = .vwap(
                maximumShare: Fraction(FixedPoint(int64Units: 25_000_000)), start: ReferenceRequests.evening, end: nil,
                mayGoOn: mayGoOn)
            let times: [JSONValue] = [["maxPctVol", "0.25"], ["startTime", "20261127-21:00:00"], ["endTime", ""]]
            return [.init("algoStrategy", "Vwap"), .init("algoParams", .array(times + last))]
        default: return []
        }
    }
}
