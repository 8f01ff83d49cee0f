import Broker
import Core
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("Order types")
struct DivisionTests {
    /// Table 6.3 of the fact sheet, by hand: code, venues, whether a price is required.
    @Test(
        "Korean order types stand at the venues of the fact sheet",
        arguments: [
            ("00", "KRX NXT SOR", true), ("01", "KRX SOR", false), ("02", "KRX", true), ("03", "KRX NXT SOR", false),
            ("04", "KRX NXT SOR", false), ("05", "KRX", false), ("06", "KRX", false), ("07", "", false),
            ("11", "KRX NXT SOR", true), ("12", "KRX NXT SOR", true), ("13", "KRX NXT SOR", false),
            ("14", "KRX NXT SOR", false), ("15", "KRX NXT SOR", false), ("16", "KRX NXT SOR", false),
            ("21", "KRX NXT", false), ("22", "KRX NXT", true), ("23", "KRX NXT", false), ("24", "KRX NXT", false),
            ("27", "NXT", true), ("28", "NXT", false), ("29", "NXT", false), ("41", "KRX", true), ("42", "KRX", true),
            ("43", "KRX", true), ("44", "KRX", false), ("45", "KRX", false), ("46", "KRX", false), ("47", "KRX", false),
        ])
    func domestic(code: String, venues: String, needsPrice: Bool) throws {
        let division = try #require(DomesticDivision(rawValue: code))
        #expect(division.needsPrice == needsPrice)
        for venue in DomesticDivision.Venue.allCases {
            #expect(division.exists(in: .real, at: venue) == venues.contains(venue.rawValue))
            let isVirtual = ["00", "01", "02", "03", "04"].contains(code) && venue == .krx
            #expect(division.exists(in: .virtual, at: venue) == isVirtual)
        }
    }

    /// Table 6.4, by hand.
    @Test(
        "US order types are those of the fact sheet",
        arguments: [
            ("00", true, true), ("31", false, true), ("32", true, true), ("33", false, true), ("34", true, true),
        ])
    func american(code: String, buys: Bool, sells: Bool) throws {
        let division = try #require(OverseasDivision(rawValue: code))
        #expect(division.exists(.unitedStates, .buy, in: .real) == buys)
        #expect(division.exists(.unitedStates, .sell, in: .real) == sells)
        #expect(division.exists(.unitedStates, .buy, in: .virtual) == (code == "00"))
        #expect(division.exists(.unitedStates, .sell, in: .virtual) == (code == "00"))
        #expect(division.exists(.japan, .sell, in: .real) == (code == "00"))
        #expect(division.exists(.hongKong, .sell, in: .real) == (code == "00"))
        #expect(division.exists(.hongKong, .buy, in: .real) == (code == "00"))
        #expect(!division.exists(.korea, .buy, in: .real))
    }

    @Test(
        "Virtual has no order that is immediate or cancelled, and nobody has a stop without a limit or a standing order"
    )
    func whatDoesNotExist() {
        #expect(DomesticDivision(.stop(Price(1)), .day) == nil)
        #expect(DomesticDivision(.limit(Price(1)), .goodTillCancelled) == nil)
        #expect(DomesticDivision(.market, .goodTillCancelled) == nil)
        #expect(DomesticDivision(.stopLimit(stop: Price(1), limit: Price(1)), .immediateOrCancel) == nil)
        #expect(DomesticDivision(.limit(Price(1)), .immediateOrCancel)?.rawValue == "11")
        #expect(DomesticDivision(.market, .immediateOrCancel)?.rawValue == "13")
        #expect(DomesticDivision(.limit(Price(1)), .fillOrKill)?.rawValue == "12")
        #expect(DomesticDivision(.market, .fillOrKill)?.rawValue == "14")
        #expect(DomesticDivision(.stopLimit(stop: Price(1), limit: Price(1)), .day)?.rawValue == "22")
    }

    /// The names of table 6.3, by hand.
    @Test("KRX's own kinds of limits have their divisions, on the virtual host as well")
    func korean() {
        #expect(DomesticDivision(.conditionalLimit(Price(70_000)), .day)?.rawValue == "02")
        #expect(DomesticDivision(.marketToLimit, .day)?.rawValue == "03")
        #expect(DomesticDivision(.bestOwnSide, .day)?.rawValue == "04")
        #expect(DomesticDivision(.marketToLimit, .immediateOrCancel)?.rawValue == "15")
        #expect(DomesticDivision(.marketToLimit, .fillOrKill)?.rawValue == "16")
        #expect(DomesticDivision(.bestOwnSide, .immediateOrCancel) == nil)
        #expect(DomesticDivision(.trailingStop(.amount(Price(100))), .day) == nil)
        let korea = KISBroker.capabilities(KISTradingRules(environment: .virtual, markets: [.krx]))
        #expect(korea.orderTypes.isSuperset(of: ["conditional-limit", "market-to-limit", "best-own-side"]))
        let abroad = KISBroker.capabilities(KISTradingRules(environment: .real, markets: [.nasdaq]))
        #expect(abroad.orderTypes == ["market", "limit"])
    }

    @Test("Exactly what takt sends can be takt's")
    func sendable() {
        let sent = DomesticDivision.allCases.filter(\.isTakts).map(\.rawValue)
        #expect(Set(sent) == ["00", "01", "02", "03", "04", "11", "12", "13", "14", "15", "16", "22"])
    }
}

@Suite("What KIS does not take is refused before it is sent")
struct KISTermsTests {
    private func terms(
        _ instrument: Instrument, _ type: OrderType, _ timeInForce: TimeInForce = .day,
        quantity: Quantity = Quantity(10),
        environment: KISEnvironment = .real, markets: [KISMarket] = KISMarket.allCases
    ) throws(OrderRefusal) -> KISTerms {
        try KISTerms(
            OrderRequest(
                clientOrderID: ClientOrderID("c"), instrument: instrument, side: .buy, type: type, quantity: quantity,
                timeInForce: timeInForce),
            KISDirectory([instrument], broker: BrokerID("kis")),
            KISTradingRules(environment: environment, markets: markets), on: .day("2031-03-04"))
    }

    private func code(_ body: () throws(OrderRefusal) -> KISTerms) -> String? {
        do throws(OrderRefusal) {
            _ = try body()
            return nil
        } catch { return error.code }
    }

    @Test("A market that takt does not know, or that is not configured")
    func markets() throws {
        let london = try Instrument.foreign("VOD", "XLON", "GBP", tick: "0.01")
        #expect(code { () throws(OrderRefusal) in try terms(london, .limit(Price(1))) } == "kis-market")
        let apple = try Instrument.american()
        #expect(code { () throws(OrderRefusal) in try terms(apple, .limit(Price(1)), markets: [.krx]) } == "kis-market")
        let option = try Instrument.fixture(
            kind: .option(.init(underlying: Symbol("X"), expiry: .day("2031-06-20"), strike: Price(1), right: .call)))
        #expect(code { () throws(OrderRefusal) in try terms(option, .limit(Price(1))) } == "kis-market")
    }

    @Test("Fractions of a share")
    func fractions() throws {
        let apple = try Instrument.american()
        let half = try Quantity("1.5")
        #expect(
            code { () throws(OrderRefusal) in try terms(apple, .limit(Price(1)), quantity: half) }
                == "kis-fractional-quantity")
    }

    @Test("Prices off the steps, below zero, or with more decimals than KIS takes")
    func prices() throws {
        let samsung = try Instrument.korean()
        #expect(code { () throws(OrderRefusal) in try terms(samsung, .limit(Price(70_550))) } == "kis-price-step")
        #expect(code { () throws(OrderRefusal) in try terms(samsung, .limit(Price(70_500))) } == nil)
        #expect(code { () throws(OrderRefusal) in try terms(samsung, .limit(.zero)) } == "kis-price")
        let fine = try Instrument.foreign("FINE", "XNAS", "USD", tick: "0.00001")
        let price = try Price("1.00001")
        #expect(code { () throws(OrderRefusal) in try terms(fine, .limit(price)) } == "kis-price")
    }

    @Test(
        "Types and times in force that do not exist there",
        arguments: [
            (false, OrderType.stop(Price(70_000)), TimeInForce.day), (false, .limit(Price(70_000)), .goodTillCancelled),
            (true, .stop(Price(100)), .day), (true, .stopLimit(stop: Price(100), limit: Price(101)), .day),
            (true, .limit(Price(100)), .immediateOrCancel), (true, .limit(Price(100)), .goodTillCancelled),
            (true, .market, .immediateOrCancel), (true, .market, .day), (true, .market, .atClose),
            (true, .stop(Price(100)), .atOpen), (false, .limit(Price(70_000)), .atClose), (false, .market, .atOpen),
        ])
    func types(isAmerican: Bool, type: OrderType, timeInForce: TimeInForce) throws {
        let instrument = try isAmerican ? Instrument.american() : .korean()
        #expect(code { () throws(OrderRefusal) in try terms(instrument, type, timeInForce) } == "kis-order-type")
    }

    @Test("The auctions of the US: limits on both sides, market orders for sales, on the real host alone")
    func auctions() throws {
        let apple = try Instrument.american()
        func division(_ side: Side, _ type: OrderType, _ time: TimeInForce, _ environment: KISEnvironment = .real)
            -> String?
        {
            let terms = try? KISTerms(
                OrderRequest(
                    clientOrderID: ClientOrderID("c"), instrument: apple, side: side, type: type,
                    quantity: Quantity(1), timeInForce: time),
                KISDirectory([apple], broker: BrokerID("kis")),
                KISTradingRules(environment: environment, markets: KISMarket.allCases), on: .day("2031-03-04"))
            guard case .overseas(let division, let price)? = terms?.kind, price == type.limitPrice else { return nil }
            return division.rawValue
        }
        let limit = OrderType.limit(Price(100))
        #expect(division(.buy, limit, .atOpen) == "32" && division(.sell, limit, .atOpen) == "32")
        #expect(division(.buy, limit, .atClose) == "34" && division(.sell, limit, .atClose) == "34")
        #expect(division(.sell, .market, .atOpen) == "31" && division(.sell, .market, .atClose) == "33")
        #expect(division(.buy, .market, .atOpen) == nil && division(.buy, .market, .atClose) == nil)
        #expect(division(.sell, limit, .atClose, .virtual) == nil)
    }

    @Test("What only the real account has")
    func realOnly() throws {
        let samsung = try Instrument.korean()
        let stopLimit = OrderType.stopLimit(stop: Price(70_000), limit: Price(70_100))
        for (type, timeInForce) in [
            (OrderType.market, TimeInForce.immediateOrCancel), (.limit(Price(70_000)), .immediateOrCancel),
            (stopLimit, .day),
        ] {
            #expect(code { () throws(OrderRefusal) in try terms(samsung, type, timeInForce) } == nil)
            #expect(
                code { () throws(OrderRefusal) in try terms(samsung, type, timeInForce, environment: .virtual) }
                    == "kis-order-type")
        }
    }
}

@Suite("Korean words")
struct KISWordsTests {
    @Test("Words stay, and are explained where they are known")
    func words() {
        #expect(
            KISWords.explained("주문가능금액을 초과 했습니다")
                == "주문가능금액을 초과 했습니다 (the order costs more than the cash that can be used)")
        #expect(KISWords.explained("장운영시간이 아닙니다") == "장운영시간이 아닙니다 (outside the market's hours)")
        #expect(KISWords.explained("뭔가 이상합니다") == "뭔가 이상합니다")
        #expect(KISWords.state("매수정정*") == "매수정정* (buy, revision)")
        #expect(KISWords.state("뭔가") == "뭔가")
    }
}
