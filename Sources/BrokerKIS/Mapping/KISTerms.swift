internal import Broker
internal import Core

/// An order in KIS's own words, checked: what is left to do is to send it.
struct KISTerms: Hashable, Sendable {
    /// `ORD_DVSN` and what goes with it.
    enum Kind: Hashable, Sendable {
        case domestic(DomesticDivision, price: Price?, stop: Price?)
        case overseas(OverseasDivision, price: Price?)
    }

    let ticker: KISTicker
    let side: Side
    let quantity: Quantity
    let kind: Kind

    /// What stands in `ORD_UNPR` and `OVRS_ORD_UNPR` for an order without a price.
    static let noPrice = "0"

    /// The terms of a request that needs nothing from the market. A market order abroad is none of those:
    /// ``needsMarketableLimit(_:_:)``.
    init(
        _ request: OrderRequest, _ directory: KISDirectory, _ rules: KISTradingRules, on day: CivilDate
    ) throws(OrderRefusal) {
        switch request.instrument.kind {
        case .stock, .etf: break
        case .future, .option: throw .noShares(request.instrument)
        }
        guard let ticker = directory.ticker(of: request.instrument) else { throw .notServed(request.instrument) }
        guard rules.markets.contains(ticker.market) else { throw .notConfigured(ticker.market) }
        guard request.quantity.isPositive, request.quantity.value.isMultiple(of: .one) else {
            throw .fractional(request.quantity)
        }
        let ticks = request.instrument.ticks.rule(on: day)
        for price in [request.type.limitPrice, request.type.stopPrice].compactMap({ $0 }) {
            try Self.check(price, ticks, ticker.market)
        }
        self.ticker = ticker
        side = request.side
        quantity = request.quantity
        kind = ticker.market == .krx ? try Self.domestic(request, rules) : try Self.overseas(request, ticker, rules)
    }

    /// Whether the request is for the market at once in a country that has no such orders.
    static func needsMarketableLimit(_ request: OrderRequest, _ directory: KISDirectory) -> Bool {
        guard request.type == .market, request.timeInForce == .day,
            let ticker = directory.ticker(of: request.instrument)
        else { return false }
        return ticker.market.desk == .overseas
    }

    private static func domestic(_ request: OrderRequest, _ rules: KISTradingRules) throws(OrderRefusal) -> Kind {
        let place = rules.isReal ? "KRX through KIS" : "the virtual account of KIS at KRX"
        guard let division = DomesticDivision(request.type, request.timeInForce),
            division.exists(in: rules.environment, at: .krx)
        else { throw .type(request.type, request.timeInForce, where: place) }
        return .domestic(division, price: request.type.limitPrice, stop: request.type.stopPrice)
    }

    private static func overseas(
        _ request: OrderRequest, _ ticker: KISTicker, _ rules: KISTradingRules
    ) throws(OrderRefusal) -> Kind {
        guard let division = OverseasDivision(request.type, request.timeInForce),
            division.exists(ticker.market.nation, request.side, in: rules.environment)
        else {
            let place = "\(ticker.market.codes.order) through KIS\(rules.isReal ? "" : ", for the virtual account,")"
            throw .type(request.type, request.timeInForce, where: place)
        }
        return .overseas(division, price: request.type.limitPrice)
    }

    private static func check(_ price: Price, _ ticks: TickRule, _ market: KISMarket) throws(OrderRefusal) {
        guard price.isPositive else { throw .price(price, "is not above zero") }
        guard ticks.isOnGrid(price) else { throw .offGrid(price, tick: ticks.tick(at: price)) }
        guard price.value.isMultiple(of: market.priceUnit) else {
            throw .price(price, "has more decimals than KIS takes at \(market.codes.order)")
        }
    }
}

extension KISMarket {
    /// KIS takes so many decimals of a price: whole won, at most four decimals of a dollar.
    var priceUnit: FixedPoint {
        switch nation {
        case .korea, .vietnam: .one
        case .japan: FixedPoint(int64Units: 10_000_000)
        case .hongKong, .shanghai, .shenzhen: FixedPoint(int64Units: 100_000)
        case .unitedStates: FixedPoint(int64Units: 10_000)
        }
    }
}
