import Broker
import Core
import Decision
import Ledger
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("What a decision sees, and its evidence")
struct EvidenceTests {
    // MARK: No look-ahead

    private static let dayOpen = Instant.fixture.advanced(bySeconds: -3_900)

    /// Five-minute bars from the open of the day to three hours later, at drawn prices.
    private func drawnBars(_ random: inout SeededGenerator) -> [Bar] {
        (0..<36).map { index in
            .fixture(
                openAt: Self.dayOpen.advanced(bySeconds: Int64(index) * 300), close: .cents(random.int(5_000...15_000)))
        }
    }

    private func put(_ bars: [Bar], into house: House) throws {
        try house.store.write(durable: false) { _ = try $0.upsertBars(.nvda, .fiveMinutes, bars) }
    }

    @Test("The last price is the close of the newest bar that had closed by then", arguments: propertySeeds)
    func lastPrice(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let house = try House()
        let bars = drawnBars(&random)
        try put(bars, into: house)
        for _ in 0..<50 {
            let now = Self.dayOpen.advanced(by: .microseconds(random.int(0...10_800) * 1_000_000 + random.int(-1...1)))
            let mark = try house.store.read {
                try PriceWatch($0, house.context.settings, house.context.calendars, Ledger(), at: now)
                    .newest(of: .nvda)?.mark
            }
            let expected = bars.last { $0.openAt.advanced(bySeconds: 300) <= now }
            #expect(mark?.price == expected?.close, "at \(now)")
            #expect(mark?.asOf == expected?.openAt.advanced(bySeconds: 300), "at \(now)")
        }
    }

    @Test(
        "A decision's input is the same whether or not the store holds bars that close after it",
        arguments: propertySeeds)
    func truncation(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let bars = drawnBars(&random)
        let number = random.int(-6...12)
        var texts: [String] = []
        for knowsTheFuture in [true, false] {
            let house = try House(cash: 90_000, positions: [.nvda: Quantity(100)])
            try await house.openAccount()
            let cycle = house.cycle(number)
            house.moveTo(Int64(number) * 300 + 1)
            let now = house.clock.now()
            try put(bars.filter { knowsTheFuture || $0.openAt.advanced(bySeconds: 300) <= now }, into: house)
            let beat = try house.beat(cycle)
            let members = try beat.sessionMembers().filter { $0.instrument.symbol == .nvda }
            let input = try house.store.read { reader in
                try DecisionInputs(
                    beat: beat, reader: reader,
                    books: Books.load(
                        reader, settings: house.context.settings, calendars: house.context.calendars, at: beat.now)
                ).make(members.map { ($0, house.broker) }).input
            }
            let seen = try #require(input.symbols.first?.bars)
            #expect(seen.allSatisfy { $0.openAt.advanced(bySeconds: 300) <= cycle.barClose })
            #expect(seen.last?.openAt.advanced(bySeconds: 300) == cycle.barClose)
            texts.append(input.json(bars: .byDigest).text)
        }
        #expect(texts[0] == texts[1])
    }

    // MARK: Evidence

    private func decided() async throws -> House {
        let house = try House()
        for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol) }
        try await house.run(.fetchBars)
        try await house.run(.decide)
        return house
    }

    @Test("A decision is made again to the byte, also after its bar was revised")
    func recomputes() async throws {
        let house = try await decided()
        for close in [nil, Price(111)] {
            if let close { try house.putBar(.nvda, close: close) }
            let again = try house.store.read { try DecisionEvidence.recompute(house.cycle(), in: $0) }
            #expect(again.map(\.symbol) == [.nvda, .pltr])
            #expect(again.allSatisfy { $0.agrees })
        }
        #expect(
            try house.store.read { try $0.lastBars(.nvda, .fiveMinutes, count: 1, closedBefore: .fixture) }.last?.close
                == Price(111))
    }

    @Test("Evidence that is not what the decision was made from disagrees with the audit trail")
    func tampered() async throws {
        let honest = try await decided()
        let decisions = try honest.store.read { try $0.decisions(cycle: honest.cycle()) }
        let entries = try honest.audit("decision")
        let digest = try #require(decisions.first?.inputDigest)
        let body = try #require(try honest.store.read { try $0.evidence(digest) }?.body)
        let text = body.text.replacing(#""quantity":"100""#, with: #""quantity":"70""#)
        try #require(text != body.text)

        let forged = try House()
        for symbol in [Symbol.nvda, .pltr] { try forged.putBar(symbol) }
        try forged.store.write(durable: true) { writer in
            let other = try writer.putEvidence("decision-input", try JSONValue(parsing: text))
            for row in decisions {
                try writer.insertDecision(
                    StoredDecision(
                        cycle: row.cycle, symbol: row.symbol, action: row.action, confidence: row.confidence,
                        votes: row.votes, filters: row.filters, intentID: nil, inputDigest: other,
                        createdAt: row.createdAt))
            }
            for entry in entries {
                _ = try writer.appendAudit(
                    at: entry.at, actor: entry.actor, kind: entry.kind, subject: entry.subject, payload: entry.payload)
            }
        }
        let again = try forged.store.read { try DecisionEvidence.recompute(forged.cycle(), in: $0) }
        #expect(again.count == 2)
        #expect(again.allSatisfy { !$0.agrees })
    }

    private func outcomes(_ house: House) throws -> [DecisionEvidence.Recomputation.Outcome] {
        try house.store.read { try DecisionEvidence.recompute(in: $0) }.map(\.outcome)
    }

    @Test(
        "A decision differs whose evidence, row or bars were changed or deleted by hand, and the reason is said",
        arguments: [
            (
                [
                    "DROP TRIGGER evidence_is_never_updated",
                    "UPDATE evidence SET body = replace(body, '\"quantity\":\"100\"', '\"quantity\":\"70\"')",
                ], "its address names"
            ),
            (
                ["DROP TRIGGER evidence_is_never_deleted", "DELETE FROM evidence WHERE kind = 'decision-input'"],
                "evidence is gone"
            ),
            (["DELETE FROM decisions"], "row in the table decisions is gone"),
            (["UPDATE decisions SET input_digest = NULL"], "names other evidence"),
            (["UPDATE bars SET volume = volume + 100000000"], "cannot be made again"),
            (["DELETE FROM bars"], "cannot be made again"),
            (["INSERT INTO meta VALUES ('pruned-before:5m', '2030-01-01T00:00:00Z')", "DELETE FROM bars"], "again"),
        ])
    func damaged(statements: [String], reason: String) async throws {
        let house = try await decided()
        for statement in statements { try house.meddle(statement) }
        let outcomes = try outcomes(house)
        #expect(outcomes.count == 2)
        for outcome in outcomes {
            guard case .different(let why) = outcome else {
                Issue.record("\(outcome) after \(statements)")
                continue
            }
            #expect(why.contains(reason))
        }
    }

    @Test(
        "A row that says otherwise than its evidence differs, and so does its intent; the fields are named",
        arguments: [
            (
                "UPDATE decisions SET action = 'sell', confidence = 0.1, votes = '[]', filters = '[]'",
                "table decisions says otherwise: action, confidence, votes, filters"
            ),
            ("UPDATE decisions SET intent_id = NULL", "says otherwise: intent_id"),
            ("UPDATE intents SET quantity = '999', side = 'sell'", "says otherwise: side, quantity"),
            ("UPDATE intents SET order_type = 'limit', limit_price = '1'", "says otherwise: type"),
            ("UPDATE intents SET broker = 'ib', time_in_force = 'gtc'", "says otherwise: time_in_force, broker"),
            ("UPDATE intents SET expires_at = expires_at + 1", "says otherwise: expires_at"),
        ])
    func edited(statement: String, reason: String) async throws {
        let house = try await decided()
        try house.meddle(statement)
        let outcomes = try outcomes(house)
        #expect(outcomes.count == 2)
        for outcome in outcomes {
            guard case .different(let why) = outcome else {
                Issue.record("\(outcome) after \(statement)")
                continue
            }
            #expect(why.hasSuffix(reason), "\(why)")
        }
    }

    @Test("An intent that moves on, and an order that a split changes, differ in nothing")
    func movedOn() async throws {
        let house = try await decided()
        _ = try await house.runAll(from: .riskCheck, until: .submit)
        let order = try #require(try house.store.read { try $0.openOrders().first })
        house.broker.amend(try #require(order.brokerOrderID), quantity: Quantity(1_000), type: .market)
        house.moveTo(100)
        try await house.run(.reconcile)
        #expect(try house.order(order.clientOrderID).quantity == Quantity(1_000))
        #expect(try outcomes(house) == [.same, .same])
    }

    @Test("A decision that the audit trail does not know differs")
    func unknownToTheTrail() async throws {
        let house = try await decided()
        try house.meddle(
            """
            INSERT INTO decisions
            SELECT replace(id, 'NVDA', 'MSFT'), profile, cycle_close_at, 'MSFT', action, confidence, votes, filters, NULL,
                input_digest, created_at
            FROM decisions WHERE symbol = 'NVDA'
            """)
        #expect(try outcomes(house).last == .different("the audit trail does not know it"))
    }

    @Test("Only bars that are really gone, and that the audit trail says were pruned, are beyond retention")
    func pruned() async throws {
        let house = try await decided()
        try house.store.write(durable: true) { writer in
            try writer.recordPrune(.fiveMinutes, before: .fixture, at: house.clock.now(), by: "operator test")
        }
        #expect(try outcomes(house) == [.same, .same])
        try house.meddle("DELETE FROM bars WHERE symbol = 'NVDA'")
        #expect(try outcomes(house) == [.beyondRetention, .beyondRetention])
    }

    // MARK: Risk

    @Test("Every risk check is made again to the byte, whether it approves, refuses, or pulls the emergency brake")
    func riskChecksRecompute() async throws {
        let house = try House(cash: 90_000, positions: [.nvda: Quantity(800)])
        try await house.openAccount()
        for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol) }
        try house.put(house.intent(.pltr, quantity: Quantity(5), state: .proposed))
        try house.put(house.intent(.nvda, quantity: Quantity(5_000), state: .proposed))
        try await house.run(.riskCheck)
        try house.putBar(.nvda, number: 1, close: Price(60))
        try house.putBar(.pltr, number: 1)
        house.moveTo(301)
        try house.put(house.intent(.pltr, number: 1, state: .proposed))
        #expect(try await house.run(.riskCheck, house.cycle(1)).exitCode == .halted)

        let checks = try house.store.read { try RiskEvidence.recompute(in: $0) }
        #expect(checks.map(\.subject) == [house.cycle().description, house.cycle(1).description])
        #expect(checks.allSatisfy { $0.agrees })
        let states = try house.store.read { reader in
            try [house.cycle(), house.cycle(1)].map {
                try reader.riskVerdicts(cycle: $0).map(\.verdict.rawValue).sorted()
            }
        }
        #expect(states.first == ["approved", "rejected"])
        #expect(states.last?.contains("rejected") == true)
    }

    @Test("A risk check whose record was written for other limits disagrees with its evidence")
    func riskTampered() async throws {
        let house = try House()
        try await house.openAccount()
        try house.putBar(.pltr)
        try house.put(house.intent(.pltr, quantity: Quantity(5), state: .proposed))
        try await house.run(.riskCheck)
        let entry = try #require(try house.audit("risk.checked").last)
        let digest = try #require(entry.payload["input"]?.stringValue.flatMap { Digest(hex: $0) })
        let body = try #require(try house.store.read { try $0.evidence(digest) }?.body)
        let text = body.text.replacing(#""max_position_count":10"#, with: #""max_position_count":1"#)
        try #require(text != body.text)
        try house.store.write(durable: true) { writer in
            let other = try writer.putEvidence("risk-input", try JSONValue(parsing: text))
            _ = try writer.appendAudit(
                at: entry.at, actor: entry.actor, kind: entry.kind, subject: "us-5m/2026-11-20T15:40:00Z",
                payload: entry.payload.setting("input", JSONValue(other)))
        }
        let checks = try house.store.read { try RiskEvidence.recompute(in: $0) }
        #expect(checks.map(\.agrees) == [true, false])
    }
}
