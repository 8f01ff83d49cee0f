import Core
import Testing

@testable import Decision

/// Closes that move by these returns, beginning at 100.
private func closes(_ returns: [Double]) -> [String] {
    var price = 100.0
    return ["100"]
        + returns.map { step in
            price *= 1 + step
            return "\((price * 10_000).rounded() / 10_000)"
        }
}

@Suite("Limits on entries that are off until they are configured")
struct EntryLimitsTests {
    private static let msft = Symbol("MSFT")
    /// Up and down by one per cent: σ is one per cent, but for the mean of 60 values.
    private static let zigzag = (0..<EntryLimits.lookback).map { $0.isMultiple(of: 2) ? 0.01 : -0.01 }

    private func other(
        _ symbol: Symbol, _ returns: [Double], position: String, isOpen: Bool = true
    ) throws -> SymbolInput {
        SymbolInput(
            instrument: try .fixture(symbol), broker: .paper, bars: try bars(closes(returns)),
            positionQuantity: try Quantity(position), isOpen: isOpen)
    }

    private func decide(_ scene: Scene, _ action: Action, _ settings: DecisionSettings, _ confidence: Double = 1) throws
        -> [SymbolDecision]
    {
        let manager = DecisionManager(agents: [WeightedAgent(Parrot(action, confidence), weight: .one)])
        return manager.decide(try scene.input(settings))
    }

    @Test("What is off is not mentioned, so decisions of before stay what they were")
    func off() throws {
        let decision = try Scene().decide(.buy, .fixture())
        #expect(
            decision.filters.map(\.name).filter {
                ["near-open", "minimum-edge", "correlation", "turnover"].contains($0)
            }.isEmpty)
        #expect(try DecisionSettings.fixture().json["limits"] == nil)
        let input = try Scene().input(.fixture()).json()
        #expect(
            input["turnover_today"] == nil && input["commitments"] == nil
                && input["symbols"]?.arrayValue?.first?["session_open"] == nil)
    }

    @Test("Soon after the open nothing is entered, and exits go on", arguments: [(899, false), (900, true)])
    func nearOpen(since: Int64, passes: Bool) throws {
        var scene = try Scene()
        scene.sessionOpen = barClose.advanced(bySeconds: -since)
        let settings = try DecisionSettings.fixture(limits: EntryLimits(noEntryAfterOpen: .seconds(900)))
        #expect(try scene.decide(.buy, settings).stoppers == (passes ? [] : ["near-open"]))
        scene.position = "100"
        #expect(try scene.decide(.sell, settings).stoppers == [])
    }

    @Test("A move that is hoped for has to be worth its cost", arguments: [(1.0, true), (0.7, true), (0.5, false)])
    func edge(confidence: Double, passes: Bool) throws {
        var scene = try Scene()
        scene.closes = closes(Self.zigzag)
        // σ is 0.01008, over four bars 0.02017; twice both sides of 0.3 % are 0.012, met by a confidence of 0.595.
        let edge = try EntryLimits.Edge(costPerSide: Fraction(FixedPoint("0.003")), horizon: 4, ratio: Fraction(2))
        let settings = try DecisionSettings.fixture(limits: EntryLimits(edge: edge))
        #expect(try scene.decide(.buy, settings, confidence: confidence).stoppers == (passes ? [] : ["minimum-edge"]))
        scene.position = "1000"
        #expect(try scene.decide(.sell, settings, confidence: 0.1).stoppers == [])
        scene.position = "0"
        scene.closes.removeFirst()
        #expect(try scene.decide(.buy, settings).stoppers == ["minimum-edge"])
    }

    @Test(
        "What goes together with a holding is not added to it; a hedge is", arguments: ["50", "-50", "0"],
        DecisionRules.allCases)
    func correlation(position: String, rules: DecisionRules) throws {
        var scene = try Scene()
        scene.rules = rules
        scene.closes = closes(Self.zigzag)
        let settings = try DecisionSettings.fixture(
            allowsShort: true, limits: EntryLimits(maximumCorrelation: Fraction(FixedPoint("0.8"))))
        func stoppers(_ action: Action, _ returns: [Double]) throws -> [String] {
            let msft = try other(Self.msft, returns, position: position, isOpen: false)
            scene.others = [msft]
            if rules != .first, position != "0" {
                let side = position == "50" ? Side.buy : .sell
                scene.commitments = Commitments(held: [.init(symbol: Self.msft, side: side, bars: msft.bars)])
            }
            return try #require(try decide(scene, action, settings).first { $0.symbol == nvda }).stoppers
        }
        let same = Self.zigzag.map { $0 * 2 }
        let opposite = Self.zigzag.map { -$0 }
        // Two up, two down: neither with the zigzag nor against it.
        let unrelated = Self.zigzag.indices.map { ($0 / 2).isMultiple(of: 2) ? 0.01 : -0.01 }
        let isLong = position == "50"
        let held = position != "0"
        #expect(try stoppers(.buy, same) == (held && isLong ? ["correlation"] : []))
        #expect(try stoppers(.sell, same) == (held && !isLong ? ["correlation"] : []))
        #expect(try stoppers(.buy, opposite) == (held && !isLong ? ["correlation"] : []))
        #expect(try stoppers(.sell, opposite) == (held && isLong ? ["correlation"] : []))
        #expect(try stoppers(.buy, unrelated) == [] && stoppers(.sell, unrelated) == [])
        // What cannot be compared went with anything, once; now it goes together with everything.
        #expect(try stoppers(.buy, Array(same.suffix(19))) == (held && rules != .first ? ["correlation"] : []))
        // What stands still goes together with nothing.
        #expect(try stoppers(.buy, same.map { _ in 0 }) == [])
    }

    @Test("Of two that go together and are entered at one bar, the first is")
    func correlatedEntries() throws {
        var scene = try Scene()
        scene.closes = closes(Self.zigzag)
        scene.others = [try other(Self.msft, Self.zigzag, position: "0")]
        let settings = try DecisionSettings.fixture(
            limits: EntryLimits(maximumCorrelation: Fraction(FixedPoint("0.8"))))
        let decisions = try decide(scene, .buy, settings)
        #expect(decisions.map(\.symbol) == [Self.msft, nvda])
        #expect(decisions.map(\.stoppers) == [[], ["correlation"]])
    }

    @Test(
        "The turnover of a day has its limit, the entries of the same bar counted; without numbers nothing is entered",
        arguments: [
            ("0", [true, true]), ("80000", [true, true]), ("80001", [true, false]), ("95000", [false, false]),
        ], DecisionRules.allCases)
    func turnover(_ row: (today: String, passes: [Bool]), rules: DecisionRules) throws {
        let passes = row.passes
        var scene = try Scene()
        scene.rules = rules
        func set(_ turnover: FixedPoint?) {
            scene.turnoverToday = rules == .first ? turnover : nil
            scene.commitments = rules == .first ? nil : Commitments(turnover: turnover)
        }
        set(try FixedPoint(row.today))
        scene.others = [
            SymbolInput(instrument: try .fixture(Self.msft), broker: .paper, bars: try bars(["100"]), isOpen: true)
        ]
        // Two entries of 10,000 each; equity of 100,000 may be traded once.
        let settings = try DecisionSettings.fixture(limits: EntryLimits(maximumTurnover: .one))
        #expect(try decide(scene, .buy, settings).map { $0.stoppers.isEmpty } == passes)
        set(nil)
        #expect(try decide(scene, .buy, settings).map(\.stoppers) == [["turnover"], ["turnover"]])
    }

    @Test(
        "Kelly's share by hand, taken in part and capped",
        arguments: [
            // The first rules made p of the confidence: 0.2 is 0.6.
            // p = 0.6 at even odds: 0.2 of equity, a quarter is 5,000 of 100,000.
            (0.2, "1", "0.25", "0.5", "50"), (0.2, "1", "0.5", "0.5", "100"), (0.2, "1", "0.5", "0.05", "50"),
            // p = 0.6, wins twice what it loses: 0.6 − 0.4 / 2 = 0.4.
            (0.2, "2", "0.25", "0.5", "100"),
            // p = 0.5 at even odds is worth nothing, at 2:1 a quarter of 0.25.
            (0.0, "1", "1", "1", nil), (0.0, "2", "0.25", "1", "62"),
            // p = 0.6 that wins half of what it loses: less than nothing.
            (0.2, "0.5", "1", "1", nil),
        ] as [(Double, String, String, String, String?)], DecisionRules.allCases)
    func kelly(
        _ row: (confidence: Double, payoff: String, part: String, cap: String, target: String?), rules: DecisionRules
    ) throws {
        let (confidence, payoff, part, cap, target) = row
        let sizing = PositionSizing.kelly(
            part: Fraction(try FixedPoint(part)), payoff: Fraction(try FixedPoint(payoff)),
            maxPercent: Fraction(try FixedPoint(cap)))
        let basis = SizingBasis(
            bars: try bars(["100"]), lot: Quantity(1), price: Price(100), multiplier: .one,
            equity: FixedPoint(100_000), rate: .one, confidence: rules == .first ? confidence : 0.123,
            probability: rules == .first ? 0.99 : (1 + confidence) / 2, rules: rules)
        switch sizing.target(basis) {
        case .sized(let quantity, _): #expect(quantity.description == target)
        case .unsized(let reason): #expect(target == nil && reason == "no-edge")
        }
    }

    @Test(
        "Kelly's probability is the weighted mean of the votes', the action beside its opposite",
        arguments: [
            // One agent: 0.6 and 0.2 are 0.75; at even odds half of it, capped at 1, is 25,000.
            ([(0.6, 0.2, 1)], "250"),
            // Who has no opinion changes nothing.
            ([(0.6, 0.2, 1), (0, 0, 1)], "250"),
            // (0.6·3 + 0.3) and (0.2·3 + 0.5): 2.1 of 3.2 is 0.65625.
            ([(0.6, 0.2, 3), (0.3, 0.5, 1)], "156"),
            // Nobody gives either a chance.
            ([(0, 0, 1)], nil), ([(Double.nan, 0.5, 1)], nil),
        ] as [([(buy: Double, sell: Double, weight: Int)], String?)])
    func kellyProbability(_ votes: [(buy: Double, sell: Double, weight: Int)], target: String?) throws {
        struct Voice: Agent {
            let name: AgentName
            let odds: (buy: Double, sell: Double)
            var barsNeeded: Int { 1 }
            func vote(_ view: MarketView) -> Vote {
                Vote(
                    agent: name, action: .buy,
                    probabilities: Probabilities(hold: 1 - odds.buy - odds.sell, buy: odds.buy, sell: odds.sell),
                    confidence: 0.9, detail: .null)
            }
        }
        let agents = votes.enumerated().map { index, vote in
            WeightedAgent(
                Voice(name: AgentName("v\(index)"), odds: (vote.buy, vote.sell)), weight: Fraction(vote.weight))
        }
        let settings = try DecisionSettings.fixture(
            sizing: .kelly(part: Fraction(FixedPoint("0.5")), payoff: .one, maxPercent: .one))
        let input = try Scene().input(settings)
        let decision = DecisionManager(agents: agents).decide(input)[0]
        #expect(decision.target?.description == target)
        #expect(target != nil || decision.sizing["problem"] == "no-edge")
    }

    @Test("Limits, what they are measured by and Kelly's sizing go through the evidence unchanged")
    func evidence() throws {
        var scene = try Scene()
        scene.sessionOpen = barClose.advanced(bySeconds: -3600)
        scene.turnoverToday = FixedPoint(1234)
        scene.commitments = Commitments(
            held: [.init(symbol: Self.msft, side: .sell, bars: try bars(["1", "2"]))], turnover: FixedPoint(5))
        let limits = try EntryLimits(
            noEntryAfterOpen: .seconds(300),
            edge: try .init(costPerSide: Fraction(FixedPoint("0.001")), horizon: 6, ratio: Fraction(FixedPoint("1.5"))),
            maximumCorrelation: Fraction(FixedPoint("0.9")), maximumTurnover: Fraction(3))
        let settings = try DecisionSettings.fixture(
            sizing: .kelly(part: Fraction(FixedPoint("0.25")), payoff: .one, maxPercent: Fraction(FixedPoint("0.1"))),
            limits: limits)
        let input = try scene.input(settings)
        let read = try DecisionInput(json: try JSONValue(parsing: input.json().text))
        #expect(read == input)
        #expect(read.json().text == input.json().text)
        #expect(read.rules == .current && read.commitments == scene.commitments)
        // A document of before has neither.
        scene.rules = .first
        scene.commitments = nil
        let old = try scene.input(settings).json()
        #expect(old["rules"] == nil && old["commitments"] == nil)
        #expect(old["turnover_today"] == "1234")
        let again = try DecisionInput(json: old)
        #expect(again.rules == .first && again.json().text == old.text)
    }

    @Test("Rules that this build does not know are refused by name")
    func unknownRules() throws {
        let json = try Scene().input(.fixture()).json().setting("rules", 99)
        let error = #expect(throws: DecisionError.self) { try DecisionInput(json: json) }
        #expect(error.map { "\($0)" }?.contains("input.rules") == true)
    }

    @Test("Of a holding no bar is seen that had not closed with the cycle's")
    func noLookAhead() throws {
        var scene = try Scene()
        let later = try bars(["1", "2", "3"], until: barClose.advanced(bySeconds: 600))
        scene.commitments = Commitments(held: [.init(symbol: Self.msft, side: .buy, bars: later)])
        #expect(try scene.input(.fixture()).commitments?.held.first?.bars == Array(later.prefix(1)))
    }
}
