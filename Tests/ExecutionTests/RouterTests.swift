import Core
import Execution
import TestSupport
import Testing

@Suite struct RouterTests {
    private static let kis = BrokerID("kis")
    private static let ib = BrokerID("ib")

    private static func route(
        exchange: String = "XNAS", kind: Instrument.Kind = .stock, wish: BrokerID? = nil,
        strategy: RoutingRequest.Strategy = .auto, available: Set<BrokerID> = [kis, ib, .paper], isPaper: Bool = false
    ) throws -> Result<BrokerID, RouteRefusal> {
        let instrument = try Instrument.fixture(kind: kind, exchange: ExchangeID(exchange))
        return Router.route(
            RoutingRequest(
                instrument: instrument, wish: wish, strategy: strategy, available: available, isPaper: isPaper))
    }

    @Test(
        "Shares follow the routing table",
        arguments: [
            ("XKRX", .auto, "kis"), ("XKRX", .lowFees, "kis"), ("XKRX", .lowLatency, "kis"), ("XNAS", .auto, "ib"),
            ("XNYS", .lowFees, "ib"), ("ARCX", .lowLatency, "kis"), ("BATS", .lowLatency, "kis"), ("XASE", .auto, "ib"),
            ("XTKS", .lowLatency, "ib"), ("XHKG", .auto, "ib"), ("XLON", .lowFees, "ib"),
        ] as [(String, RoutingRequest.Strategy, String)])
    func shares(exchange: String, strategy: RoutingRequest.Strategy, broker: String) throws {
        #expect(try Self.route(exchange: exchange, strategy: strategy) == .success(BrokerID(broker)))
    }

    @Test("Futures and options go to IB, wherever they are listed and whatever the strategy")
    func derivatives() throws {
        let expiry = try #require(CivilDate(iso: "2026-12-18"))
        let terms = Instrument.OptionTerms(
            underlying: Symbol("NVDA"), expiry: expiry, strike: Price(100), right: .put)
        for kind in [Instrument.Kind.future(expiry: expiry), .option(terms)] {
            #expect(try Self.route(exchange: "XKRX", kind: kind, strategy: .lowLatency) == .success(Self.ib))
        }
        #expect(try Self.route(exchange: "XKRX", kind: .etf) == .success(Self.kis))
    }

    @Test("A wish overrides the table, if that broker is there")
    func wish() throws {
        #expect(try Self.route(exchange: "XKRX", wish: Self.ib) == .success(Self.ib))
        let refusal = try Self.route(wish: BrokerID("alpaca"))
        guard case .failure(let why) = refusal else {
            Issue.record("an unknown broker was accepted")
            return
        }
        #expect(why.description.contains("no route for XNAS.NVDA"))
        #expect(why.description.contains("'alpaca', which is not enabled"))
        #expect(why.description.contains("brokers.yaml"))
    }

    @Test("Orders never move from one real broker to another on their own")
    func noFallback() throws {
        for isPaper in [true, false] {
            let refused = try Self.route(available: [Self.kis, .paper], isPaper: isPaper)
            #expect(throws: RouteRefusal.self) { try refused.get() }
        }
    }

    @Test("The paper exchange stands in in paper mode, when no real broker is there")
    func paper() throws {
        #expect(try Self.route(available: [.paper], isPaper: true) == .success(.paper))
        #expect(try Self.route(wish: .paper, isPaper: true) == .success(.paper))
        #expect(throws: RouteRefusal.self) { try Self.route(available: [], isPaper: true).get() }
    }

    @Test("The paper exchange takes no live orders, wished for or not")
    func paperInLiveMode() throws {
        #expect(throws: RouteRefusal.self) { try Self.route(available: [.paper], isPaper: false).get() }
        #expect(throws: RouteRefusal.self) { try Self.route(wish: .paper, isPaper: false).get() }
    }

    @Test("The strategies have the names of the configuration")
    func names() {
        #expect(RoutingRequest.Strategy(rawValue: "low_latency") == .lowLatency)
        #expect(RoutingRequest.Strategy(rawValue: "low_fees") == .lowFees)
        #expect(RoutingRequest.Strategy(rawValue: "auto") == .auto)
    }
}
