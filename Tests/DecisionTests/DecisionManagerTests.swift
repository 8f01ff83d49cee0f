import Core
import Testing

@testable import Decision

@Suite("The decision manager")
struct DecisionManagerTests {
    @Test(
        "The signal is the weighted mean of signed confidences",
        arguments: [
            ([(Action.buy, 0.8, "1")], 0.8), ([(.buy, 0.8, "1"), (.sell, 0.4, "1")], 0.2),
            ([(.buy, 0.6, "0.7"), (.sell, 1, "0.3")], 0.12), ([(.buy, 0.5, "1"), (.hold, 1, "1")], 0.25),
            ([(.sell, 0.9, "2")], -0.9), ([(.buy, 7, "1")], 1), ([(.buy, .nan, "1"), (.sell, 0.5, "1")], -0.25),
            ([(.buy, 0.5, "0"), (.sell, 0.5, "1")], -0.5),
        ] as [([(Action, Double, String)], Double)])
    func signal(votes: [(Action, Double, String)], expected: Double) throws {
        let signal = DecisionManager.signal(
            votes.map { .rule(AgentName("a"), $0.0, $0.1, .null) }, try votes.map { try Fraction($0.2) })
        #expect(abs(signal - expected) < 1e-12)
    }

    @Test("A tie holds and proposes nothing")
    func tie() throws {
        let manager = DecisionManager(agents: [
            WeightedAgent(Parrot(.buy, 0.5), weight: .one), WeightedAgent(Parrot(.sell, 0.5), weight: .one),
        ])
        let decision = manager.decide(try Scene().input(.fixture()))[0]
        #expect(decision.action == .hold)
        #expect(decision.confidence == 0)
        #expect(decision.filters.isEmpty)
        #expect(decision.intent == nil)
    }

    @Test("A purchase from nothing aims at the whole target")
    func entry() throws {
        let decision = try Scene().decide(.buy, .fixture())
        let intent = try #require(decision.intent)
        #expect(intent.purpose == .entry)
        #expect(intent.side == .buy)
        #expect(intent.quantity == Quantity(100))
        #expect(intent.type == .market)
        #expect(intent.state == .proposed)
        #expect(intent.broker == .paper)
        #expect(intent.referencePrice == Price(100))
        #expect(intent.createdAt == barClose.advanced(bySeconds: 2))
        #expect(intent.expiresAt == barClose.advanced(bySeconds: 300))
        #expect(intent.id == IntentID(cycle: testCycle, symbol: nvda, leg: 1, purpose: .entry))
        #expect(decision.target == Quantity(100))
        let settings = try DecisionSettings.fixture()
        #expect(decision.filters.map(\.name) == Filter.table.filter { $0.isOn(settings, .none) }.map(\.name))
    }

    @Test("The caller may say until when an intent may be sent")
    func expiry() throws {
        var scene = try Scene()
        scene.expiresAt = barClose.advanced(bySeconds: 86_400)
        #expect(try scene.decide(.buy, .fixture()).intent?.expiresAt == scene.expiresAt)
    }

    @Test(
        "What is held and what is on its way counts towards the target",
        arguments: [
            ("0", 0, "100"), ("40", 0, "60"), ("40", 30, "30"), ("79", 0, "21"), ("80", 0, nil), ("0", 80, nil),
            ("100", 0, nil), ("150", 0, nil), ("30", 60, nil),
        ])
    func working(position: String, buying: Int, quantity: String?) throws {
        var scene = try Scene()
        scene.position = position
        if buying > 0 { scene.orders = [WorkingOrder(side: .buy, open: Quantity(buying), isInDoubt: false)] }
        let decision = try scene.decide(.buy, .fixture())
        #expect(decision.intent?.quantity == (try quantity.map { try Quantity($0) }))
        #expect(decision.stoppers == (quantity == nil ? ["already-positioned"] : []))
    }

    @Test("Without tolerance the last share is bought too")
    func noTolerance() throws {
        var scene = try Scene()
        scene.position = "99"
        #expect(try scene.decide(.buy, .fixture(rebalanceTolerance: "0")).intent?.quantity == Quantity(1))
    }

    @Test(
        "A sale while long closes the whole position less the exits on their way",
        arguments: [
            ("100", 0, "100"), ("100", 30, "70"), ("100", 100, nil), ("100", 120, nil), ("7", 0, "7"),
        ])
    func exit(position: String, selling: Int, quantity: String?) throws {
        var scene = try Scene()
        scene.position = position
        if selling > 0 { scene.orders = [WorkingOrder(side: .sell, open: Quantity(selling), isInDoubt: false)] }
        let decision = try scene.decide(.sell, .fixture())
        #expect(decision.intent?.quantity == (try quantity.map { try Quantity($0) }))
        #expect(decision.intent.map(\.purpose) == (quantity == nil ? nil : .exit))
        #expect(decision.target == .zero)
    }

    @Test("A purchase while short buys the short back and no more")
    func cover() throws {
        var scene = try Scene()
        scene.position = "-30"
        let intent = try scene.decide(.buy, .fixture(allowsShort: true)).intent
        #expect(intent?.purpose == .exit)
        #expect(intent?.quantity == Quantity(30))
    }

    @Test("A short is opened only where shorts are allowed")
    func short() throws {
        let scene = try Scene()
        #expect(try scene.decide(.sell, .fixture()).stoppers == ["no-short"])
        let decision = try scene.decide(.sell, .fixture(allowsShort: true))
        #expect(decision.intent?.side == .sell)
        #expect(decision.intent?.purpose == .entry)
        #expect(decision.target == Quantity(-100))
    }

    @Test("A won instrument is sized through its rate and needs one")
    func won() throws {
        var scene = try Scene()
        scene.instrument = try .fixture(samsung, currency: .krw)
        scene.closes = ["70000"]
        #expect(try scene.decide(.buy, .fixture()).stoppers == ["sized"])
        scene.rates = [.krw: try usd("0.0007")]
        #expect(try scene.decide(.buy, .fixture()).intent?.quantity == Quantity(204))
    }

    @Test(
        "Limits rest on the passive side and stops away from the close, both on the tick grid",
        arguments: [
            (OrderDefaults.Style.limit(offset: .zero), Action.buy, "187.43", OrderType.limit(Price(187))),
            (.limit(offset: .zero), .sell, "187.43", .limit(Price(188))),
            (.stop(offset: .zero), .buy, "187.43", .stop(Price(188))),
            (.stop(offset: .zero), .sell, "187.43", .stop(Price(187))),
            (.limit(offset: Fraction(FixedPoint(int64Units: 1_000_000))), .buy, "200", .limit(Price(198))),
            (.stop(offset: Fraction(FixedPoint(int64Units: 1_000_000))), .buy, "200", .stop(Price(202))),
        ])
    func styles(style: OrderDefaults.Style, action: Action, close: String, type: OrderType) throws {
        let side: Side = action == .buy ? .buy : .sell
        let ticks = try TickRule.uniform(Price(1))
        #expect(try OrderDefaults.type(style, side, reference: Price(close), ticks: ticks) == type)
    }

    @Test("Korean prices land on the tick of their band")
    func koreanTicks() throws {
        var scene = try Scene()
        scene.instrument = try .fixture(samsung, currency: .krw)
        scene.closes = ["71300"]
        scene.rates = [.krw: try usd("0.0007")]
        let orders = try OrderDefaults(entry: .limit(offset: Fraction("0.001")))
        // 71,300 less 0.1 % is 71,228.7; between 50,000 and 200,000 won the tick is 100 won.
        #expect(try scene.decide(.buy, .fixture(orders: orders)).intent?.type == .limit(Price(71_200)))
    }

    @Test("A stop above the close is sized at the stop")
    func stopSize() throws {
        let orders = try OrderDefaults(entry: .stop(offset: Fraction("0.01")))
        // 10,000 / 101 = 99.01.
        #expect(try Scene().decide(.buy, .fixture(orders: orders)).intent?.quantity == Quantity(99))
    }

    @Test("Without any bar there is a decision and no intent")
    func noBars() throws {
        var scene = try Scene()
        scene.closes = []
        let decision = try scene.decide(.buy, .fixture())
        #expect(decision.intent == nil)
        #expect(decision.stoppers == ["stale", "sized"])
    }

    @Test("Settings that cannot be meant are refused")
    func settings() throws {
        #expect(throws: DecisionError.self) { try DecisionSettings.fixture(sizing: .fixed(.zero)) }
        #expect(throws: DecisionError.self) { try DecisionSettings.fixture(sizing: .percentOfEquity(Fraction(11))) }
        #expect(throws: DecisionError.self) { try DecisionSettings.fixture(minimumConfidence: "1.1") }
        #expect(throws: DecisionError.self) { try DecisionSettings.fixture(cooldownBars: -1) }
        #expect(throws: DecisionError.self) { try DecisionSettings.fixture(minimumOrderValue: "-1") }
        #expect(throws: DecisionError.self) { try DecisionSettings.fixture(staleAfter: .seconds(-1)) }
        #expect(throws: DecisionError.self) { try OrderDefaults(entry: .limit(offset: .one)) }
        #expect(throws: DecisionError.noAgents) {
            try DecisionSettings(agents: [], sizing: .fixed(Quantity(1)), orders: OrderDefaults())
        }
    }

    @Test("The history that is needed is the longest anybody looks at")
    func barsNeeded() throws {
        let settings = try DecisionSettings(
            agents: [AgentSpec(.smaCross(fast: 10, slow: 50)), AgentSpec(.momentum(lookback: 20, threshold: .zero))],
            sizing: .fixed(Quantity(1)), orders: OrderDefaults(), cooldownBars: 3)
        #expect(try settings.barsNeeded() == 50)
    }
}
