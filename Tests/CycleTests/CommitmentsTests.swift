import Broker
import Core
import Store
import TestSupport
import Testing

@testable import Cycle

/// What is bound already counts for the limits on entries, whoever decided it and in which run.
@Suite("Limits on entries, over runs")
struct CommitmentsTests {
    private static let correlation = ", max_correlation: 0.8"
    /// Of a hundred thousand; each entry is worth ten thousand.
    private static let turnover = ", max_daily_turnover: 0.15"

    // MARK: What is held

    /// Bars that go up and down together.
    private func putBars(_ house: House, _ symbols: Symbol..., last: Int = 0) throws {
        for number in Array(-288 ... -241) + Array(-12...last) {
            for symbol in symbols {
                try house.putBar(symbol, number: number, close: Price(number.isMultiple(of: 2) ? 100 : 101))
            }
        }
    }

    private func propose(_ house: House, _ lines: String..., number: Int = 0) async throws -> ProposalDocument {
        let desk = ProposalDesk(context: house.context, profile: try house.profile(), isDryRun: false)
        return await desk.take(Array(lines.joined(separator: "\n").utf8), for: house.cycle(number))
    }

    private func buy(_ symbol: Symbol) -> String { #"{"symbol":"\#(symbol)","action":"buy"}"# }

    /// What the filter says of the symbol's decision, if it refuses; and whether all decisions can be made again.
    private func refusal(
        _ house: House, _ symbol: Symbol, _ filter: String, number: Int = 0
    ) throws -> String? {
        #expect(try house.store.read { try DecisionEvidence.recompute(in: $0) }.allSatisfy(\.agrees))
        let decisions = try house.store.read { try $0.decisions(cycle: house.cycle(number)) }
        let decision = try #require(decisions.last { $0.symbol == symbol })
        let verdict = try #require(decision.filters.arrayValue?.first { $0["name"]?.stringValue == filter })
        return verdict["passed"] == true ? nil : verdict["reason"]?.stringValue
    }

    private static let together = "goes together by 1.0"

    @Test("What is held of a symbol that this run does not decide on holds back what goes together with it")
    func heldBesides() async throws {
        let house = try House(positions: [.nvda: Quantity(50)], decision: Self.correlation)
        try putBars(house, .nvda, .pltr)
        try await house.openAccount()
        let document = try await propose(house, buy(.pltr))
        #expect(document.json["summary"]?["intents"] == 0)
        #expect(try #require(try refusal(house, .pltr, "correlation")).contains("NVDA it \(Self.together)"))
    }

    @Test("So does what another profile holds, orders and wants", arguments: ["position", "order", "intent"])
    func ofAnotherProfile(_ kind: String) async throws {
        let house = try House(
            positions: kind == "position" ? [.aapl: Quantity(50)] : [:], decision: Self.correlation)
        try putBars(house, .nvda, .aapl)
        try await house.openAccount()
        let other = house.cycle(profile: .second)
        switch kind {
        case "order": _ = try await house.runAll(from: .decide, until: .submit, other)
        case "intent": try await house.run(.decide, other)
        default: break
        }
        try await house.run(.decide)
        #expect(try #require(try refusal(house, .nvda, "correlation")).contains("AAPL it \(Self.together)"))
    }

    @Test("An exit on its way frees nothing, and is no holding of its own")
    func exitOnItsWay() async throws {
        let house = try House(
            positions: [.nvda: Quantity(50)], allowsShort: true, decision: "\(Self.correlation), allow_short: true")
        try putBars(house, .nvda, .pltr)
        try await house.openAccount()
        _ = try await propose(house, #"{"symbol":"NVDA","target":"0"}"#)
        _ = try await propose(house, #"{"symbol":"PLTR","action":"sell"}"#)
        #expect(try refusal(house, .pltr, "correlation") == nil)
        let next = try House(positions: [.nvda: Quantity(50)], decision: Self.correlation)
        try putBars(next, .nvda, .pltr)
        try await next.openAccount()
        _ = try await propose(next, #"{"symbol":"NVDA","target":"0"}"#)
        _ = try await propose(next, buy(.pltr))
        #expect(try refusal(next, .pltr, "correlation") != nil)
    }

    @Test("A holding that cannot be compared holds back, and says what is missing")
    func tooFewBars() async throws {
        let house = try House(positions: [.aapl: Quantity(50)], decision: Self.correlation)
        try putBars(house, .nvda)
        for number in -11...0 { try house.putBar(.aapl, number: number) }
        try await house.openAccount()
        try await house.run(.decide)
        #expect(
            try refusal(house, .nvda, "correlation")
                == "With what is held of AAPL it cannot be compared: they have 11 returns in common, 20 are needed.")
    }

    @Test("The bars of a holding are evidence too: one that is corrected changes nothing, one that is gone is told")
    func evidence() async throws {
        let house = try House(positions: [.aapl: Quantity(50)], decision: Self.correlation)
        try putBars(house, .nvda, .aapl)
        try await house.openAccount()
        try await house.run(.decide)
        try house.putBar(.aapl, number: -1, close: Price(500))
        #expect(try refusal(house, .nvda, "correlation") != nil)
        try house.meddle("DELETE FROM bars WHERE symbol = 'AAPL'")
        let again = try house.store.read { try DecisionEvidence.recompute(in: $0) }
        #expect(again.allSatisfy { !$0.agrees })
    }

    // MARK: Turnover

    private func turnoverHouse(bars: Symbol..., decision: String = turnover) async throws -> House {
        let house = try House(decision: decision)
        try await house.openAccount()
        for symbol in bars { try house.putBar(symbol) }
        return house
    }

    @Test("Proposals of several runs share the turnover of the day, and decisions share it with them")
    func runs() async throws {
        let proposals = try await turnoverHouse(bars: .nvda, .pltr)
        _ = try await propose(proposals, buy(.nvda))
        _ = try await propose(proposals, buy(.pltr))
        #expect(
            try refusal(proposals, .pltr, "turnover")
                == "With it the turnover of the day is 20000 USD, allowed are 15000.")
        let mixed = try await turnoverHouse(bars: .nvda, .pltr)
        _ = try await propose(mixed, buy(.nvda))
        try await mixed.run(.decide)
        #expect(try refusal(mixed, .pltr, "turnover") != nil)
        let late = try await turnoverHouse(bars: .nvda)
        try await late.run(.decide)
        try late.putBar(.pltr)
        try await late.run(.decide)
        #expect(try refusal(late, .pltr, "turnover") != nil)
        #expect(try late.store.read { try $0.intents(cycle: late.cycle()).count } == 1)
    }

    @Test("What is left of a live order counts at its worst price; what risk refused, and what expired, does not")
    func orders() async throws {
        let working = try await turnoverHouse(bars: .nvda)
        _ = try await working.runAll(from: .decide, until: .submit)
        working.moveTo(301)
        try working.putBar(.nvda, number: 1, close: Price(104))
        try working.putBar(.pltr, number: 1)
        try await working.run(.decide, working.cycle(1))
        #expect(
            try refusal(working, .pltr, "turnover", number: 1)
                == "With it the turnover of the day is 20400 USD, allowed are 15000.")
        let expired = try await turnoverHouse(bars: .nvda)
        try await expired.run(.decide)
        expired.moveTo(301)
        try expired.putBar(.pltr, number: 1)
        try await expired.run(.decide, expired.cycle(1))
        #expect(try refusal(expired, .pltr, "turnover", number: 1) == nil)
    }

    @Test("An exit counts for the entries behind it in the same run")
    func exitsCount() async throws {
        let house = try House(positions: [.nvda: Quantity(100)], decision: Self.turnover)
        try await house.openAccount()
        for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol) }
        // Equity is 110,000: allowed are 16,500.
        _ = try await propose(house, #"{"symbol":"NVDA","target":"0"}"#, buy(.pltr))
        #expect(
            try refusal(house, .pltr, "turnover")
                == "With it the turnover of the day is 20000 USD, allowed are 16500.")
    }

    @Test("What symbols.yaml no longer lists counts by the contract it was booked in")
    func unlisted() async throws {
        let house = try await turnoverHouse(bars: .nvda)
        try house.store.write(durable: true) { writer in
            for (number, side) in [Side.buy, .sell].enumerated() {
                try writer.insertFill(
                    Fill(
                        broker: house.broker.id, account: house.broker.account,
                        executionID: ExecutionID("X\(number)"), brokerOrderID: BrokerOrderID("X"),
                        clientOrderID: ClientOrderID("X"), intentID: nil, symbol: Symbol("ES"), side: side,
                        quantity: Quantity(10), price: Price(10), fee: .zero, tax: .zero, currency: .usd,
                        filledAt: house.clock.now(), recordedAt: house.clock.now()), multiplier: FixedPoint(50))
            }
        }
        try await house.run(.decide)
        #expect(
            try refusal(house, .nvda, "turnover")
                == "With it the turnover of the day is 20000 USD, allowed are 15000.")
    }
}
