import Core
import TestSupport
import Testing

@testable import Decision

@Suite("Votes from outside")
struct OutsideAgentTests {
    private static let mine = AgentName("mine")

    private func settings(
        _ agents: [AgentSpec], _ sizing: PositionSizing? = nil, orders: OrderDefaults? = nil
    ) throws -> DecisionSettings {
        let fixture = try DecisionSettings.fixture(sizing: sizing, orders: orders)
        return try DecisionSettings(agents: agents, sizing: fixture.sizing, orders: fixture.orders)
    }

    private func vote(_ action: Action, _ confidence: Double, detail: JSONValue = .null) -> Vote {
        Vote(
            agent: Self.mine, action: action, probabilities: Probabilities(hold: 0.25, buy: 0.5, sell: 0.25),
            confidence: confidence, detail: detail)
    }

    private func decide(
        _ opinions: [Vote], agents: [AgentSpec]? = nil, sizing: PositionSizing? = nil, terms: ProposedTerms? = nil,
        _ change: (inout Scene) -> Void = { _ in }
    ) throws -> (decision: SymbolDecision, input: DecisionInput) {
        var scene = try Scene()
        change(&scene)
        let plain = try scene.input(try settings(agents ?? [AgentSpec(.outside, name: Self.mine)], sizing))
        let symbol = plain.symbols[0]
        let input = try DecisionInput(
            cycle: plain.cycle, timeframe: plain.timeframe, now: plain.now, settings: plain.settings,
            baseCurrency: plain.baseCurrency, equity: plain.equity, rates: plain.rates,
            symbols: [
                SymbolInput(
                    instrument: symbol.instrument, broker: symbol.broker, bars: symbol.bars,
                    positionQuantity: symbol.positionQuantity, workingOrders: symbol.workingOrders,
                    isOpen: symbol.isOpen, sessionClose: symbol.sessionClose, opinions: opinions, terms: terms)
            ])
        return (try DecisionManager.decide(input)[0], input)
    }

    @Test("A vote from outside counts like any other, in proportion to its weight")
    func counts() throws {
        let agents = [
            try AgentSpec(.outside, name: Self.mine, weight: Fraction("0.25")),
            try AgentSpec(.buyAndHold, weight: Fraction("0.75")),
        ]
        let decision = try decide([vote(.sell, 0.5)], agents: agents).decision
        #expect(decision.votes.map(\.agent.text) == ["mine", "buy-and-hold"])
        #expect(decision.votes[0] == vote(.sell, 0.5))
        #expect(decision.signal == 0.625)
    }

    @Test("Without its vote an agent outside has no opinion, and says so")
    func absent() throws {
        let other = Vote.rule(AgentName("other"), .buy, 1, .null)
        let decision = try decide([other]).decision
        #expect(decision.action == .hold && decision.intent == nil)
        #expect(decision.votes.count == 1)
        #expect(decision.votes[0].agent == Self.mine)
        #expect(decision.votes[0].confidence == 0)
        #expect(decision.votes[0].detail["reason"] == "no-answer")
    }

    @Test("A decision with votes and terms from outside is made again from its document, to the byte")
    func evidence() throws {
        let detail: JSONValue = [
            "program": ["score": .double(-0.0), "note": "\u{7}µ\u{1F600}", "list": [.null, 1, .double(0.1)]]
        ]
        let terms = ProposedTerms(target: Quantity(-7), type: .limit(try Price("99.999")))
        let (decision, input) = try decide([vote(.sell, 1.0 / 3, detail: detail)], terms: terms)
        let read = try DecisionInput(json: try JSONValue(parsing: input.json().text))
        #expect(read == input)
        #expect(read.json().text == input.json().text)
        #expect(try DecisionManager.decide(read)[0].json.text == decision.json.text)
    }

    @Test("Where nothing comes from outside, the document has no word of it")
    func unchanged() throws {
        let (_, input) = try decide([], agents: [AgentSpec(.buyAndHold)], terms: ProposedTerms())
        let symbol = try #require(input.json()["symbols"]?.arrayValue?.first)
        #expect(symbol["opinions"] == nil && symbol["terms"] == nil)
    }

    @Test(
        "Evidence with a vote that is none is refused by its path",
        arguments: [
            (#""confidence":0.5"#, #""confidence":"0.5""#, "confidence"),
            (#""action":"buy""#, #""action":"BUY""#, "action"),
            (#""sell":0.25"#, #""sel":0.25"#, "sell"),
        ])
    func damaged(from: String, to: String, key: String) throws {
        let text = try decide([vote(.buy, 0.5)]).input.json().text
        let changed = text.replacing(from, with: to)
        try #require(changed != text)
        let error = #expect(throws: DecisionError.self) { try DecisionInput(json: try JSONValue(parsing: changed)) }
        #expect(error.map { "\($0)" }?.contains("opinions[0]") == true)
        #expect(error.map { "\($0)" }?.contains(key) == true)
    }

    // MARK: Targets

    /// Lets every target through.
    private static let wide = PositionSizing.fixed(Quantity(1_000))

    struct Case: Sendable, CustomTestStringConvertible {
        let position: String
        let target: String
        var open: (Side, String)?
        /// `nil`: nothing is ordered.
        var side: Side?
        var quantity = "0"
        var purpose = OrderPurpose.entry
        var stoppers: [String] = []
        var testDescription: String { "\(position) → \(target)\(open.map { ", \($0.0) \($0.1) on its way" } ?? "")" }
    }

    /// By hand.
    static let cases: [Case] = [
        Case(position: "0", target: "150", side: .buy, quantity: "150"),
        Case(position: "100", target: "150", side: .buy, quantity: "50"),
        // Within the tolerance of the sizing, and ordered all the same.
        Case(position: "149", target: "150", side: .buy, quantity: "1"),
        Case(position: "150", target: "150"),
        Case(position: "100", target: "150", open: (.buy, "50"), stoppers: ["already-positioned"]),
        Case(position: "100", target: "150", open: (.buy, "20"), side: .buy, quantity: "30"),
        Case(position: "150", target: "100", side: .sell, quantity: "50", purpose: .exit),
        Case(position: "150", target: "0", side: .sell, quantity: "150", purpose: .exit),
        Case(position: "150", target: "0", open: (.sell, "150"), stoppers: ["already-positioned"]),
        // Closed first; the rest is the next cycle's business.
        Case(position: "150", target: "-50", side: .sell, quantity: "150", purpose: .exit),
        Case(position: "-100", target: "50", side: .buy, quantity: "100", purpose: .exit),
        Case(position: "-100", target: "-40", side: .buy, quantity: "60", purpose: .exit),
        Case(position: "0", target: "-50", stoppers: ["no-short"]),
        // Down to whole lots.
        Case(position: "0", target: "10.9", side: .buy, quantity: "10"),
        Case(position: "0", target: "0.9", stoppers: ["sized"]),
    ]

    @Test("A target is reached exactly, in whole lots, and never across zero at once", arguments: cases)
    func targets(_ expected: Case) throws {
        let target = try Quantity(expected.target)
        let action = ProposedTerms.action(from: try Quantity(expected.position), to: target)
        let open = try expected.open.map { WorkingOrder(side: $0.0, open: try Quantity($0.1), isInDoubt: false) }
        let decision = try decide([vote(action, 1)], sizing: Self.wide, terms: ProposedTerms(target: target)) { scene in
            scene.position = expected.position
            scene.orders = open.map { [$0] } ?? []
        }.decision
        #expect(decision.intent?.side == expected.side)
        #expect(decision.stoppers == expected.stoppers)
        guard expected.side != nil else { return }
        #expect(decision.intent?.quantity == (try Quantity(expected.quantity)))
        #expect(decision.intent?.purpose == expected.purpose)
    }

    @Test("Whatever is held and aimed at, an order leads towards the target and not past it", arguments: propertySeeds)
    func neverPast(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let (position, target) = (random.int(-300...300), random.int(-300...300))
            let action = Action.allCases[random.int(0...2)]
            let decision = try decide(
                [vote(action, 1)], sizing: Self.wide, terms: ProposedTerms(target: Quantity(target))
            ) {
                $0.position = "\(position)"
            }.decision
            guard let intent = decision.intent, let moved = Int("\(intent.quantity)") else { continue }
            let after = position + (intent.side == .buy ? moved : -moved)
            let way = min(position, target)...max(position, target)
            #expect(way.contains(after), "\(action) from \(position) to \(target) comes to \(after)")
        }
    }

    @Test("A target whose value no number holds is no order", arguments: ["0", "-999999999999999999"])
    func absurd(position: String) throws {
        let target = ProposedTerms(target: try Quantity("999999999999999999"))
        let sizing = PositionSizing.fixed(try Quantity("999999999999999999"))
        let decision = try decide([vote(.buy, 1)], sizing: sizing, terms: target) { $0.position = position }.decision
        #expect(decision.intent == nil)
        #expect(decision.stoppers.contains("sized"))
    }

    // MARK: Prices

    @Test(
        "A proposed price makes a limit order at the tick on its passive side, for entries and exits",
        arguments: [
            ("0", Action.buy, "100.019", "100.01"), ("0", .buy, "100.01", "100.01"), ("50", .sell, "100.011", "100.02"),
        ])
    func limit(position: String, action: Action, price: String, expected: String) throws {
        let decision = try decide([vote(action, 1)], terms: ProposedTerms(type: .limit(try Price(price)))) {
            $0.position = position
        }.decision
        #expect(decision.intent?.type == .limit(try Price(expected)))
    }

    @Test(
        "Stops are rounded away from the market, distances up; a limit behind its stop gives no order",
        arguments: [
            (
                Action.buy, OrderType.stop(try! Price("100.011")), OrderType.stop(try! Price("100.02")) as OrderType?
            ),
            (.sell, .stop(try! Price("99.999")), .stop(try! Price("99.99"))),
            (
                .sell, .stopLimit(stop: try! Price("99.509"), limit: try! Price("99.002")),
                .stopLimit(stop: try! Price("99.5"), limit: try! Price("99.01"))
            ),
            (.sell, .stopLimit(stop: Price(99), limit: try! Price("99.5")), nil),
            (.sell, .trailingStop(.amount(try! Price("0.501"))), .trailingStop(.amount(try! Price("0.51")))),
            (.buy, .marketToLimit, .marketToLimit),
            (.buy, .conditionalLimit(try! Price("100.019")), .conditionalLimit(try! Price("100.01"))),
        ])
    func types(action: Action, type: OrderType, expected: OrderType?) throws {
        let terms = ProposedTerms(
            type: type, timeInForce: .fillOrKill, handling: OrderHandling(outsideRegularHours: true))
        let (decision, input) = try decide([vote(action, 1)], terms: terms) {
            $0.position = action == .buy ? "0" : "50"
        }
        #expect(decision.intent?.type == expected)
        guard let intent = decision.intent else { return }
        #expect(intent.timeInForce == .fillOrKill && intent.handling.outsideRegularHours)
        // Read from its document, the same decision is made again.
        let read = try DecisionInput(json: try JSONValue(parsing: input.json().text))
        #expect(read == input && read.symbols.first?.terms == terms)
    }

    @Test("A price that rounds to nothing gives no order")
    func noPrice() throws {
        let decision = try decide([vote(.buy, 1)], terms: ProposedTerms(type: .limit(try Price("0.001")))) {
            $0.position = "-10"
        }.decision
        #expect(decision.intent == nil)
        #expect(decision.stoppers == ["sized"])
    }
}
