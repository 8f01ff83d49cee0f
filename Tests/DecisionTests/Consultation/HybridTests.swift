import Core
import TestSupport
import Testing

@testable import Decision

@Suite("Hybrid rule")
struct HybridTests {
    private func outcome(
        _ action: Action, position: Int = 0, advice: Advice, held: Bool = false,
        settings: HybridSettings? = nil
    ) throws -> HybridOutcome {
        Hybrid.combine(
            HybridInput(
                rl: .rule(AgentName("rl"), action, 0.6, .null), advice: advice, position: Quantity(position),
                isHeld: held), try settings ?? HybridSettings())
    }

    private func said(
        _ action: SuggestedAction, _ confidence: Double = 0.9, risk: Double = 0.2, factor: String = "1", delay: Int = 0,
        veto: Bool = false
    ) throws -> Advice {
        .opinion(
            try Opinion(
                action: action, confidence: confidence, riskScore: risk, sizeFactor: Fraction(factor),
                delayBars: delay, isVeto: veto))
    }

    @Test("An entry that nothing speaks against goes on with the policy's confidence, sized by the factor")
    func shrinks() throws {
        let plain = try outcome(.buy, advice: said(.buy))
        #expect(plain.action == .buy && plain.sizeFactor == .one && plain.confidence == 0.6)
        let shrunk = try outcome(.sell, position: -3, advice: said(.sell, factor: "0.25"))
        #expect(try shrunk.action == .sell && shrunk.sizeFactor == Fraction("0.25"))
        #expect(try shrunk.restraint == .shrink(Fraction("0.25")))
        #expect(try outcome(.buy, advice: said(.buy, factor: "0")).action == .hold)
    }

    @Test("Veto, delay, risk from the threshold on and an earlier delay stop an entry in every mode, however unsure")
    func caution() throws {
        for mode in HybridSettings.Mode.allCases {
            let settings = try HybridSettings(mode: mode, allowsOverride: false)
            let cautious = [
                try said(.buy, 0, veto: true), try said(.buy, 0, delay: 1), try said(.buy, 0, risk: 0.7),
            ]
            for advice in cautious {
                #expect(try outcome(.buy, advice: advice, settings: settings).action == .hold)
                #expect(try outcome(.buy, position: 5, advice: advice, settings: settings).action == .hold)
            }
            #expect(try outcome(.buy, advice: said(.buy, 0, risk: 0.699), settings: settings).action == .buy)
            #expect(try outcome(.buy, advice: said(.buy, 1), held: true, settings: settings).action == .hold)
        }
    }

    @Test("Reduce and exit lead towards flat from either side, above the threshold and where they may")
    func towardsFlat() throws {
        for (position, closing) in [(5, Action.sell), (-5, .buy)] {
            let exit = try outcome(.hold, position: position, advice: said(.exit))
            #expect(exit.action == closing && exit.keep.isZero && exit.confidence == 0.9)
            let reduced = try outcome(.hold, position: position, advice: said(.reduce, factor: "0.4"))
            #expect(try reduced.action == closing && reduced.keep == Fraction("0.4"))
            let adding: Action = position > 0 ? .buy : .sell
            #expect(try outcome(adding, position: position, advice: said(.exit)).action == closing)
            #expect(try outcome(.hold, position: position, advice: said(.exit, 0.7)).action == .hold)
            let bound = try HybridSettings(allowsOverride: false)
            #expect(try outcome(.hold, position: position, advice: said(.exit), settings: bound).action == .hold)
        }
        #expect(try outcome(.hold, advice: said(.exit)).action == .hold)
        #expect(try outcome(.hold, position: 5, advice: said(.reduce, factor: "1")).action == .hold)
    }

    @Test("Sequential: a convinced consultant that wants something else stops an entry, an unsure one does not")
    func sequential() throws {
        #expect(try outcome(.buy, advice: said(.sell)).action == .hold)
        #expect(try outcome(.buy, advice: said(.hold)).action == .hold)
        #expect(try outcome(.buy, advice: said(.sell, 0.7)).action == .buy)
        #expect(try outcome(.hold, position: 5, advice: said(.sell)).action == .hold)
        let bound = try HybridSettings(allowsOverride: false)
        #expect(try outcome(.buy, advice: said(.sell), settings: bound).action == .buy)
    }

    @Test("Claude override: a convinced suggestion against the position closes it, never more")
    func override() throws {
        let settings = try HybridSettings(mode: .claudeOverride)
        #expect(try outcome(.hold, position: 5, advice: said(.sell), settings: settings).action == .sell)
        #expect(try outcome(.buy, position: 5, advice: said(.sell), settings: settings).restraint == .exit)
        #expect(try outcome(.hold, position: 5, advice: said(.buy), settings: settings).action == .hold)
        #expect(try outcome(.hold, advice: said(.buy), settings: settings).action == .hold)
        #expect(try outcome(.hold, position: 5, advice: said(.sell, 0.7), settings: settings).action == .hold)
    }

    @Test("Ensemble: what not both want is not entered")
    func ensemble() throws {
        let settings = try HybridSettings(mode: .ensemble)
        #expect(try outcome(.buy, advice: said(.buy, 0), settings: settings).action == .buy)
        #expect(try outcome(.buy, advice: said(.hold, 0), settings: settings).action == .hold)
        #expect(try outcome(.sell, advice: said(.buy, 0), settings: settings).action == .hold)
    }

    @Test("Weighted: both weights count, and the score sizes the entry")
    func weighted() throws {
        // (0.7 + 0.3·1·d) / (0.7 + 0.3·1): agreeing 1, holding 0.7, opposing 0.4.
        let settings = try HybridSettings(mode: .weighted)
        #expect(try outcome(.buy, advice: said(.buy, 1), settings: settings).sizeFactor == .one)
        #expect(try outcome(.buy, advice: said(.hold, 1), settings: settings).sizeFactor == Fraction("0.7"))
        #expect(try outcome(.sell, advice: said(.buy, 1), settings: settings).sizeFactor == Fraction("0.4"))
        let stricter = try outcome(.buy, advice: said(.hold, 1, factor: "0.2"), settings: settings)
        #expect(try stricter.sizeFactor == Fraction("0.2"))
        // (0.5 − 0.5·0.6) / (0.5 + 0.5·0.6) = 0.25: not more than 0.3.
        let even = try HybridSettings(mode: .weighted, rlWeight: Fraction("0.5"), claudeWeight: Fraction("0.5"))
        #expect(try outcome(.buy, advice: said(.sell, 0.6), settings: even).action == .hold)
        let mute = try HybridSettings(mode: .weighted, rlWeight: .zero, claudeWeight: .one)
        #expect(try outcome(.buy, advice: said(.buy, 0), settings: mute).action == .hold)
    }

    @Test("Without an opinion the policy decides alone or nothing is entered, as configured; exits pass")
    func missing() throws {
        let late = Advice.noOpinion(.deadline, "too late")
        let hold = try HybridSettings(missing: .hold)
        #expect(try outcome(.buy, advice: late).action == .buy)
        #expect(try outcome(.buy, advice: late, settings: hold).action == .hold)
        #expect(try outcome(.sell, position: 5, advice: late, settings: hold).action == .sell)
        #expect(try outcome(.buy, advice: .noOpinion(.notDue, "not due"), settings: hold).action == .buy)
    }

    @Test("decision_info has the members of the existing system, in full")
    func info() throws {
        let consulted = try outcome(.buy, advice: said(.exit)).info
        #expect(consulted["rl_action"] == "buy" && consulted["final_action"] == "hold")
        #expect(consulted["claude_consulted"] == true && consulted["decision_mode"] == "sequential")
        #expect(consulted["claude_action"] == "sell" && consulted["claude_analysis"]?["action"] == "exit")
        #expect(consulted["reasoning"]?.stringValue?.contains("closed") == true && consulted["claude_error"] == nil)
        #expect(consulted["restraint"] == "exit" && consulted["settings"]?["semantics"] == "protective")
        let failed = try outcome(.buy, advice: .noOpinion(.malformed, "no JSON")).info
        #expect(failed["claude_consulted"] == true && failed["claude_error"]?["reason"] == "malformed")
        #expect(failed["claude_analysis"] == nil)
        let skipped = try outcome(.buy, advice: .noOpinion(.notDue, "")).info
        #expect(skipped["claude_consulted"] == false && skipped["claude_error"] == nil)
        let denied = try outcome(.buy, advice: .noOpinion(.dailyLimit, "200 of 200")).info
        #expect(denied["claude_consulted"] == false && denied["claude_error"]?["reason"] == "over-daily-limit")
    }

    @Test("Settings that could not be meant are refused by name")
    func settings() throws {
        #expect(throws: DecisionError.self) { try HybridSettings(mode: .claudeOverride, semantics: .legacy) }
        #expect(throws: DecisionError.self) { try HybridSettings(rlWeight: .zero, claudeWeight: .zero) }
        #expect(throws: DecisionError.self) { try HybridSettings(riskThreshold: Fraction("1.1")) }
        #expect(throws: DecisionError.self) { try HybridSettings(claudeWeight: Fraction("-0.1")) }
        #expect(HybridSettings.Mode(configured: "parallel") == .weighted)
        #expect(HybridSettings.Mode(configured: "claude_override") == .claudeOverride)
        #expect(HybridSettings.Mode(configured: "majority") == nil)
        let settings = try HybridSettings(mode: .weighted, semantics: .legacy, missing: .hold)
        #expect(try HybridSettings(json: try JSONValue(parsing: settings.json.text)) == settings)
    }
}

@Suite("Legacy hybrid rule")
struct LegacyTests {
    private static let file = "fixtures/decision/hybrid-decisions.json"

    @Test(
        "All 1,344 rows of the existing system's table come out as they are there",
        .enabled(if: SharedFolder.exists, "there is no shared folder beside the checkout"))
    func table() throws {
        let document = try JSONValue(parsing: try SharedFolder.bytes(Self.file))
        let rows = try #require(document["rows"]?.arrayValue)
        #expect(rows.count == 1_344)
        let actions: [Action] = [.hold, .buy, .sell]
        for row in rows {
            let cells = try #require(row.arrayValue)
            let mode = try #require(cells[0].stringValue.flatMap { HybridSettings.Mode(configured: $0) })
            let settings = try HybridSettings(
                mode: mode, semantics: .legacy,
                claudeWeight: Fraction(try FixedPoint(nearest: try #require(cells[1].doubleValue))),
                allowsOverride: cells[2] == 1)
            let number = { (index: Int) throws in actions[Int(try #require(cells[index].intValue))] }
            let suggested = try #require(cells[4].stringValue)
            let analysis = LegacyAnalysis(
                suggestedAction: suggested, riskLevel: try #require(cells[5].stringValue),
                confidence: try #require(cells[6].doubleValue))
            #expect(Legacy.action(suggested) == (try number(7)), "\(row.text)")
            #expect(Legacy.action(rl: try number(3), analysis, settings) == (try number(8)), "\(row.text)")
        }
    }

    @Test("Under the legacy semantics a confident consultant opens a position, and the info says so")
    func opens() throws {
        let opinion = try Opinion(action: .buy, confidence: 0.9, riskScore: 0.95)
        let outcome = Hybrid.combine(
            HybridInput(
                rl: .rule(AgentName("rl"), .hold, 0.5, .null), advice: .opinion(opinion), position: .zero),
            try HybridSettings(semantics: .legacy))
        #expect(outcome.action == .buy && outcome.confidence == 0.9 && outcome.restraint == nil)
        #expect(outcome.info["settings"]?["semantics"] == "legacy")
        #expect(outcome.info["reasoning"]?.stringValue?.contains("risk level high") == true)
    }
}
