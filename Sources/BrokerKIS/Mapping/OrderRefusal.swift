internal import Broker
internal import Core

/// Why an order is not sent at all: KIS has no such order, or would refuse it. The codes are ours and stable.
struct OrderRefusal: Error, Hashable, Sendable {
    let code: String
    let message: String

    var outcome: SubmitOutcome { .rejected(code: code, message: message) }

    static func notServed(_ instrument: Instrument) -> OrderRefusal {
        OrderRefusal(
            code: "kis-market",
            message: "KIS does not trade \(instrument.id) for takt: give symbols.yaml its exchange there as "
                + "broker_symbols: {kis: \"AMEX:\(instrument.symbol)\"}, or route it to another broker")
    }

    static func notConfigured(_ market: KISMarket) -> OrderRefusal {
        OrderRefusal(
            code: "kis-market",
            message: "orders at \(market.codes.order) are not configured: add its country to brokers.kis.markets")
    }

    static func noShares(_ instrument: Instrument) -> OrderRefusal {
        OrderRefusal(
            code: "kis-market", message: "\(instrument.symbol) is no share or fund; KIS's share desks trade only those")
    }

    static func fractional(_ quantity: Quantity) -> OrderRefusal {
        OrderRefusal(code: "kis-fractional-quantity", message: "KIS takes whole shares, not \(quantity)")
    }

    static func type(_ type: OrderType, _ timeInForce: TimeInForce, where place: String) -> OrderRefusal {
        OrderRefusal(
            code: "kis-order-type",
            message: "\(place) has no \(type.name) orders that are good for \(timeInForce.rawValue)")
    }

    static func revision(_ why: String) -> OrderRefusal {
        OrderRefusal(code: "kis-revision", message: why)
    }

    static func offGrid(_ price: Price, tick: Price) -> OrderRefusal {
        OrderRefusal(code: "kis-price-step", message: "\(price) is not a multiple of \(tick), the price step there")
    }

    static func price(_ price: Price, _ why: String) -> OrderRefusal {
        OrderRefusal(code: "kis-price", message: "the price \(price) \(why)")
    }
}
