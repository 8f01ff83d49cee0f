import Core
import Testing

@testable import Decision

@Suite("Bounds of a size")
struct SizingBoundsTests {
    private func decide(
        target: String, position: String = "0", lot: String = "1", rules: DecisionRules = .current,
        equity: FixedPoint? = FixedPoint(100_000)
    ) throws -> SymbolDecision {
        let wanted = try Quantity(target)
        let action = ProposedTerms.action(from: try Quantity(position), to: wanted)
        let symbol = SymbolInput(
            instrument: try .fixture(lot: lot), broker: .paper, bars: try bars(["100"]),
            positionQuantity: try Quantity(position), isOpen: true, terms: ProposedTerms(target: wanted))
        let input = try DecisionInput(
            cycle: testCycle, timeframe: .fiveMinutes, now: barClose, settings: .fixture(allowsShort: true),
            baseCurrency: .usd, equity: equity, rules: rules, symbols: [symbol])
        return DecisionManager(agents: [WeightedAgent(Parrot(action), weight: .one)]).decide(input)[0]
    }

    // MARK: Proposed targets

    @Test(
        "A proposed target is no further from zero than the sizing lets an entry go, and says so",
        arguments: [
            // Ten per cent of 100,000 are a hundred.
            ("290", "0", "100", "100"), ("-290", "0", "-100", "100"), ("70", "0", "70", "70"),
            ("100", "0", "100", "100"),
            ("290", "60", "100", "40"), ("290", "150", "100", nil),
        ] as [(String, String, String, String?)])
    func capped(target: String, position: String, aim: String, order: String?) throws {
        let decision = try decide(target: target, position: position)
        #expect(decision.target?.description == aim)
        #expect(decision.intent?.quantity.description == order)
        let isCapped = aim != target
        #expect(decision.sizing["proposed_target"]?.stringValue == (isCapped ? target : nil))
        #expect(decision.remarks.isEmpty != isCapped)
        let verdict = decision.filters.first { $0.name == "sized" }
        #expect(verdict?.reason.contains("more than the sizing allows") == isCapped)
    }

    @Test("An exit is not asked, and without a size there is no entry")
    func exit() throws {
        #expect(try decide(target: "120", position: "200").intent?.quantity == Quantity(80))
        let unsized = try decide(target: "10", equity: nil)
        #expect(unsized.stoppers == ["sized"] && unsized.sizing["problem"] == "no-equity")
        #expect(try decide(target: "0", position: "200", equity: nil).intent?.quantity == Quantity(200))
    }

    @Test("Under the first rules a target is what was proposed")
    func before() throws {
        #expect(try decide(target: "290", rules: .first).intent?.quantity == Quantity(290))
    }

    // MARK: Odd lots

    @Test(
        "What an exit leaves because it is less than a lot is said, in the filter and to people",
        arguments: [("33", nil, "33"), ("150", "100", "50"), ("-150", "100", "50"), ("200", "200", nil)]
            as [(String, String?, String?)])
    func oddLot(position: String, order: String?, left: String?) throws {
        let decision = try decide(target: "0", position: position, lot: "100")
        #expect(decision.intent?.quantity.description == order)
        #expect(decision.sizing["odd_lot"]?.stringValue == left)
        let reason = decision.filters.first { $0.name == "sized" }?.reason ?? ""
        #expect(reason.contains("\(left ?? "?") are less than the lot of 100") == (left != nil))
        #expect(
            decision.remarks
                == (left.map { ["odd-lot: \($0) of NVDA are less than a lot and have to be closed by hand"] } ?? []))
        let before = try decide(target: "0", position: position, lot: "100", rules: .first)
        #expect(before.sizing["odd_lot"] == nil && before.remarks == [])
    }

    // MARK: Volatility

    @Test("Where prices do not move, nothing is sized by their volatility", arguments: DecisionRules.allCases)
    func noVolatility(rules: DecisionRules) throws {
        var scene = try Scene()
        scene.closes = Array(repeating: "100", count: 31)
        scene.rules = rules
        let sizing = try PositionSizing.volatilityTarget(
            annual: Fraction(FixedPoint("0.2")), maxPercent: Fraction(FixedPoint("0.3")), barsPerYear: 19_656,
            lookback: 30)
        let decision = try scene.decide(.buy, .fixture(sizing: sizing))
        #expect(decision.intent?.quantity == (rules == .first ? Quantity(300) : nil))
        #expect(decision.sizing["problem"]?.stringValue == (rules == .first ? nil : "no-volatility"))
    }
}
