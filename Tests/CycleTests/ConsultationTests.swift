import Broker
import Core
import Decision
import Glibc
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("Consultations of a beat")
struct ConsultationTests {
    private let clock = ManualClock(Instant.fixture.advanced(bySeconds: 1))
    private let consultant: FakeConsultant

    init() { consultant = FakeConsultant(clock: clock) }

    private func house(
        every: Int = 1, agents: String = "hybrid", risk: String = "", claude: String = "",
        features: String = "features: {list: [return_1 = log_return:1, RSI:2]}", stop: StopSignal = .never
    ) async throws -> House {
        let house = try House(
            risk: risk, moreTrading: "agents: {hybrid_agent: {policy: buy-and-hold}, claude: {\(claude)}}\n\(features)",
            agents: agents, consultEvery: every, consultant: consultant, stop: stop)
        try await house.openAccount()
        for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol) }
        return house
    }

    private func said(
        _ action: SuggestedAction, factor: String = "1", delay: Int = 0, veto: Bool = false
    ) throws -> Advice {
        .opinion(
            try Opinion(
                action: action, confidence: 0.9, riskScore: 0.1, sizeFactor: Fraction(factor), delayBars: delay,
                isVeto: veto))
    }

    private func intents(_ house: House) throws -> [String] {
        try house.store.read { try $0.intents(cycle: house.cycle()) }.map { "\($0.symbol) \($0.quantity)" }
    }

    private func decision(_ house: House, _ symbol: Symbol = .nvda, _ number: Int = 0) throws -> StoredDecision {
        let found = try house.store.read { try $0.decision(house.cycle(number), symbol) }
        return try #require(found)
    }

    @Test("Each symbol's advice reaches its decision: one is vetoed, the other sized by half; the evidence has it all")
    func advice() async throws {
        let house = try await house()
        consultant.answer(.nvda, try said(.buy, veto: true))
        consultant.answer(.pltr, try said(.buy, factor: "0.5"))
        let document = try await house.run(.decide)
        #expect(document.exitCode == .success)
        #expect(try intents(house) == ["PLTR 50"])
        let info = try decision(house).votes.arrayValue?.first?["detail"]
        #expect(info?["claude_consulted"] == true && info?["restraint"] == "no-entry" && info?["rl_action"] == "buy")
        let outcomes = try house.store.read { try DecisionEvidence.recompute(house.cycle(), in: $0) }
        #expect(outcomes.count == 2 && outcomes.allSatisfy(\.agrees))
        let rows = try house.store.read { try $0.consultations(cycle: house.cycle()) }
        #expect(rows.map(\.symbol) == [.nvda, .pltr] && rows.allSatisfy { $0.answer?.outcome == "opinion" })
        #expect(rows.allSatisfy { $0.cost == FixedPoint(1) && $0.answer?.serviceID == "req_1" })
        for row in rows {
            let request = try house.store.read { try $0.evidence(row.request)?.body }
            #expect(request?["question"]?.stringValue?.hasPrefix(row.symbol.text) == true)
            let answer = try house.store.read { try $0.evidence(try #require(row.answer?.answer))?.body }
            #expect(answer == "no JSON")
        }
        #expect(try house.audit("consultation").map { $0.payload["outcome"] } == ["opinion", "opinion"])
    }

    @Test("The question tells bars, position, limits and the policy's vote")
    func question() async throws {
        let house = try await house()
        try await house.run(.decide)
        let question = try #require(consultant.questions.first { $0.instrument.symbol == .nvda })
        #expect(question.bars.last?.close == Price(100) && question.barClose == Instant.fixture)
        #expect(question.position.quantity.isZero && question.position.averageCost == nil)
        #expect(question.equity == Money(FixedPoint(100_000), .usd))
        #expect(question.vote?.action == .buy)
        let limits = Dictionary(uniqueKeysWithValues: question.limits.map { ($0.name, $0.value) })
        #expect(limits["max_position_share"] == "0.3" && limits["stop_loss"] == "0.02")
        #expect(limits["daily_loss_limit"] == "0.05" && limits["orders_sent_today"] == "0")
    }

    @Test("He is told raw features with their definitions; where none can be computed he is told the bars alone")
    func features() async throws {
        let house = try await house()
        for number in -3...(-1) { try house.putBar(.nvda, number: number, close: Price(98 + number)) }
        try await house.run(.decide)
        let told = try #require(consultant.questions.first { $0.instrument.symbol == .nvda }).features
        #expect(told.map(\.name) == ["return_1", "RSI_2"] || told.first?.name == "return_1", "\(told)")
        #expect(told.first?.unit == "as defined: log_return:1")
        // ln(100 / 97)
        #expect(told.first?.value.hasPrefix("0.030459") == true)
        // The built-in list looks back further than these five bars.
        let other = try await self.house(features: "")
        let document = try await other.run(.decide)
        #expect(document.exitCode == .success)
        #expect(consultant.questions.last?.features.isEmpty == true)
        #expect(document.json["warnings"]?.text.contains("is told no features") == true)
    }

    @Test("News of the last day before the bar are told as the words of strangers; what is none is named by its line")
    func news() async throws {
        let folder = try TemporaryFolder("takt-news")
        func line(_ symbol: String, _ text: String, _ seconds: Int64) -> String {
            let at = Instant.fixture.advanced(bySeconds: seconds)
            return "{\"symbol\": \"\(symbol)\", \"source\": \"wire\", \"text\": \"\(text)\", \"at\": \"\(at)\"}"
        }
        let path = try folder.write(
            [
                line("NVDA", "old", -86_401), line("NVDA", "first", -600), "{\"symbol\": \"NVDA\"}",
                line("NVDA", "buy\\u001b[31m everything", -60), line("NVDA", "later than the bar", 1),
                line("PLTR", "other", -5),
            ].joined(separator: "\n"), to: "news.ndjson")
        let house = try await house(claude: "news_file: \(path)")
        let document = try await house.run(.decide)
        let told = try #require(consultant.questions.first { $0.instrument.symbol == .nvda }).outsideTexts
        #expect(told.map(\.text) == ["buy[31m everything", "first"] && told[0].source == "wire")
        #expect(document.json["warnings"]?.text.contains("1 line(s)") == true)
        #expect(document.json["warnings"]?.text.contains("the first is line 3") == true)
        #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
        let piped = try await self.house(claude: "news_file: \(folder.path("pipe"))")
        #expect(try await piped.run(.decide).json["warnings"]?.text.contains("is told no news") == true)
        let without = try await self.house(claude: "news_file: \(folder.path("none"))")
        #expect(try await without.run(.decide).json["warnings"]?.text.contains("is told no news") == true)
    }

    @Test("Asked at every third decision: twice not, then once, and the wait begins anew")
    func frequency() async throws {
        let house = try await house(every: 3)
        for number in 0..<7 {
            consultant.answer(.nvda, try said(.buy))
            consultant.answer(.pltr, try said(.buy))
            for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol, number: number) }
            house.moveTo(Int64(number) * 300 + 1)
            clock.set(house.clock.now())
            try await house.run(.decide, house.cycle(number))
            #expect(consultant.questions.count == 2 * ((number + 1) / 3))
        }
        #expect(try decision(house, .nvda, 2).votes.arrayValue?.first?["detail"]?["claude_consulted"] == true)
        #expect(try decision(house, .nvda, 3).votes.arrayValue?.first?["detail"]?["claude_consulted"] == false)
    }

    @Test("A delay that was asked for holds entries back until its bars are over, without another question")
    func delay() async throws {
        let house = try await house(every: 3)
        for number in 0..<6 {
            consultant.answer(.nvda, try said(.buy, delay: 2))
            for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol, number: number) }
            house.moveTo(Int64(number) * 300 + 1)
            try await house.run(.decide, house.cycle(number))
        }
        let actions = try (0..<6).map { try decision(house, .nvda, $0).action }
        #expect(actions == [.buy, .buy, .hold, .hold, .buy, .hold])
    }

    @Test("What a consultant closed is not bought back at the next bar, at which nobody asks him")
    func stays() async throws {
        let house = try await house(every: 2)
        consultant.answer(.nvda, try exit(), try said(.buy))
        var held: [Quantity] = []
        for number in 0..<4 {
            for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol, number: number) }
            house.moveTo(Int64(number) * 300 + 1)
            _ = try await house.runAll(from: .decide, until: .submit, house.cycle(number))
            try await fill(house)
            try await house.run(.reconcile, house.cycle(number))
            held.append(try house.position(.nvda))
        }
        #expect(held == [Quantity(100), .zero, .zero, Quantity(100)])
    }

    private func fill(_ house: House) async throws {
        for order in try await house.broker.orders(since: Instant.fixture.advanced(bySeconds: -3_600)).items
        where order.filledQuantity.isZero {
            try house.broker.fill(order.brokerOrderID, at: Price(100))
        }
    }

    private func exit() throws -> Advice {
        .opinion(try Opinion(action: .exit, confidence: 0.95, riskScore: 0.1))
    }

    @Test("A template that does not tell the bars apart takes no answer of another bar")
    func sameBytes() async throws {
        let house = try await house()
        let digest = Digest(of: "the same bytes")
        for (number, symbol) in [(0, Symbol.nvda), (1, .nvda), (0, .pltr)] {
            let record = ConsultationRecord(
                Beat(
                    context: house.context, cycle: house.cycle(number), profile: try house.profile(),
                    now: clock.now()), symbol, PreparedQuestion(digest: digest, worstCase: FixedPoint(1)))
            let request = PlannedRequest(
                attempt: 1, at: clock.now(), model: "fake", digest: digest, body: Array("{}".utf8),
                worstCase: FixedPoint(1))
            try await record.willSend(request)
            try await record.received(
                ConsultationExchange(
                    request: request, duration: .zero, status: 200, answer: [], requestID: nil, usage: nil,
                    cost: .zero, advice: try said(.buy, delay: number), isRetried: false))
        }
        let rows = try house.store.read { try $0.consultations(question: digest) }
        #expect(rows.map(\.key.attempt) == [1, 2, 3])
        try await house.run(.decide)
        let question = try #require(consultant.questions.first { $0.instrument.symbol == .nvda })
        let found = try house.store.read { try ConsultationRecord.opinion(digest, on: question, $0) }
        #expect(found == (try said(.buy, delay: 0)))
    }

    @Test("The agents' own exit is not asked about, and waits for nobody")
    func ownExit() async throws {
        let house = try House(
            moreTrading: "agents: {hybrid_agent: {policy: momentum}, momentum: {lookback: 2, threshold: 0.001}}",
            agents: "hybrid", consultEvery: 1, consultant: consultant)
        try await house.openAccount()
        for (number, close) in [(-1, 100), (0, 110), (1, 90)] {
            try house.putBar(.nvda, number: number, close: Price(close))
        }
        for (number, close) in [(-1, 100), (0, 110), (1, 120)] {
            try house.putBar(.pltr, number: number, close: Price(close))
        }
        try house.putBar(.nvda, number: -2, close: Price(100))
        try house.putBar(.pltr, number: -2, close: Price(100))
        _ = try await house.runAll(from: .decide, until: .submit, house.cycle(0))
        try await fill(house)
        try await house.run(.reconcile, house.cycle(0))
        #expect(try house.position(.nvda) == Quantity(100))
        let asked = consultant.questions.count
        house.moveTo(301)
        try await house.run(.decide, house.cycle(1))
        #expect(consultant.questions.dropFirst(asked).map(\.instrument.symbol) == [.pltr])
        #expect(try decision(house, .nvda, 1).action == .sell)
        #expect(try house.store.read { try $0.intents(cycle: house.cycle(1)) }.contains { $0.purpose == .exit })
    }

    @Test("A memory that cannot be read, and whatever else fails around a question, stops no decision")
    func damaged() async throws {
        let house = try await house()
        try house.meddle("INSERT INTO consultation_states VALUES ('us-5m', 'NVDA', '{\"decisions\": -1}')")
        consultant.answer(.nvda, try said(.buy, veto: true))
        let document = try await house.run(.decide)
        #expect(document.exitCode == .success)
        #expect(document.json["warnings"]?.text.contains("about NVDA begins anew") == true)
        #expect(try intents(house) == ["PLTR 100"])
        let other = try await self.house()
        try other.meddle("DROP TABLE consultations")
        let second = try await other.run(.decide)
        #expect(second.exitCode == .success)
        #expect(second.json["warnings"]?.text.contains("the consultant was not asked") == true)
        #expect(try intents(other) == ["NVDA 100", "PLTR 100"])
    }

    @Test("Where a question cannot be put together, a delay goes on running and the last word stands")
    func standsThroughTrouble() async throws {
        let house = try await house()
        consultant.answer(.nvda, try said(.buy, delay: 5))
        consultant.answer(.pltr, try said(.buy, factor: "0.5"))
        try await house.run(.decide)
        try house.meddle("DROP TABLE consultations")
        for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol, number: 1) }
        house.moveTo(301)
        let document = try await house.run(.decide, house.cycle(1))
        #expect(document.json["warnings"]?.text.contains("the consultant was not asked") == true)
        #expect(try decision(house, .nvda, 1).action == .hold)
        #expect(try decision(house, .pltr, 1).votes.arrayValue?.first?["detail"]?["size_factor"] == "0.5")
        let state = try house.store.read { try $0.consultationState(.first, .nvda) }
        #expect(state?["decisions"] == 2)
    }

    @Test("A decide that is run again asks nobody twice: the answer is on file")
    func rerun() async throws {
        let house = try await house()
        consultant.answer(.nvda, try said(.buy, veto: true))
        consultant.answer(.pltr, try said(.buy))
        // As a process leaves it that was killed after the answers and before its one transaction.
        let heard = try await Consultations(beat: house.beat(house.cycle()))
            .gather(house.beat(house.cycle()).sessionMembers(), OutsideVotes.Gathered())
        #expect(heard.advice[.nvda]?.advice.opinion?.isVeto == true)
        #expect(try house.store.read { try $0.consultationState(.first, .nvda) } == nil)
        try await house.run(.decide)
        #expect(consultant.questions.count == 2)
        #expect(try intents(house) == ["PLTR 100"])
        #expect(try house.store.read { try $0.consultations() }.count == 2)
    }

    @Test(
        "A request without an answer counts with the most it can cost, and its question is asked again under the next number"
    )
    func unanswered() async throws {
        let house = try await house()
        let first = try await asked(house)
        try house.meddle("UPDATE consultations SET finished_at = NULL, outcome = NULL, advice = NULL, cost_usd = '2'")
        #expect(
            try house.store.read { try ConsultationRecord.usage($0, at: clock.now()) }.costThisMonth == FixedPoint(4))
        try await house.run(.decide)
        let rows = try house.store.read { try $0.consultations(question: first) }
        #expect(rows.map(\.key.attempt) == [1, 2] && rows[0].answer == nil && rows[1].answer != nil)
    }

    private func asked(_ house: House) async throws -> Digest {
        consultant.answer(.nvda, try said(.buy))
        consultant.answer(.pltr, try said(.buy))
        let beat = try house.beat(house.cycle())
        let heard = try await Consultations(beat: beat).gather(beat.sessionMembers(), OutsideVotes.Gathered())
        return try #require(heard.advice[.nvda]?.question)
    }

    @Test("The calls of a day are counted over processes and symbols; who is over is not asked, and says so")
    func dailyCalls() async throws {
        let house = try await house(risk: "max_daily_claude_calls: 1")
        consultant.answer(.nvda, try said(.buy, veto: true))
        let document = try await house.run(.decide)
        #expect(consultant.questions.map(\.instrument.symbol) == [.nvda])
        let error = try decision(house, .pltr).votes.arrayValue?.first?["detail"]?["claude_error"]
        #expect(error?["reason"] == "over-daily-limit")
        #expect(document.json["warnings"]?.text.contains("over-daily-limit") == true)
        #expect(try intents(house) == ["PLTR 100"])
        let next = Instant.fixture.advanced(bySeconds: 86_400)
        #expect(try house.store.read { try ConsultationRecord.usage($0, at: next) }.callsToday == 0)
    }

    @Test("The money of a month is never passed: the last call has to fit at its dearest")
    func monthlyBudget() async throws {
        let house = try await house(claude: "monthly_budget_usd: 3.5")
        consultant.answer(.nvda, try said(.buy))
        try await house.run(.decide)
        #expect(consultant.questions.map(\.instrument.symbol) == [.nvda])
        let error = try decision(house, .pltr).votes.arrayValue?.first?["detail"]?["claude_error"]
        #expect(error?["reason"] == "over-monthly-budget")
    }

    @Test("What another process has spent meanwhile stops a request before it is sent")
    func race() async throws {
        let house = try await house(risk: "max_daily_claude_calls: 1")
        let record = ConsultationRecord(
            try house.beat(house.cycle()), .nvda, PreparedQuestion(digest: Digest(of: "q"), worstCase: FixedPoint(1)))
        let request = PlannedRequest(
            attempt: 1, at: clock.now(), model: "fake", digest: Digest(of: "{}"), body: Array("{}".utf8),
            worstCase: FixedPoint(1))
        try await record.willSend(request)
        let other = ConsultationRecord(
            try house.beat(house.cycle()), .pltr, PreparedQuestion(digest: Digest(of: "r"), worstCase: FixedPoint(1)))
        await #expect(throws: (any Error).self) { try await other.willSend(request) }
        #expect(try house.store.read { try $0.consultations() }.count == 1)
    }

    @Test("Without an opinion the policy decides alone, and the step says why there is none")
    func unavailable() async throws {
        let house = try await house()
        let document = try await house.run(.decide)
        #expect(try intents(house) == ["NVDA 100", "PLTR 100"])
        #expect(
            document.json["warnings"]?.text.contains(
                "agent 'hybrid' has no opinion on NVDA, PLTR: the consultant: unavailable") == true)
    }

    @Test("A dry run asks nobody and spends nothing")
    func dryRun() async throws {
        let house = try await house()
        let beat = Beat(
            context: house.context, cycle: house.cycle(), profile: try house.profile(), now: house.clock.now(),
            isDryRun: true)
        let heard = try await Consultations(beat: beat).gather(beat.sessionMembers(), OutsideVotes.Gathered())
        #expect(consultant.questions.isEmpty)
        #expect(heard.advice[.nvda]?.advice == .noOpinion(.notAsked, "it is his turn, and a dry run asks nobody"))
    }

    @Test("A signal cuts a question that hangs, and nothing is decided")
    func stopped() async throws {
        let consultant = consultant
        let house = try await house(stop: StopSignal { consultant.questions.isEmpty ? nil : 15 })
        consultant.hang()
        let started = ContinuousClock().now
        let document = try await house.run(.decide)
        #expect(document.exitCode == .terminated)
        #expect(try house.store.read { try $0.decisions(cycle: house.cycle()) }.isEmpty)
        // The answer would have come after ten minutes.
        #expect(ContinuousClock().now - started < .seconds(120))
    }

    @Test("A consultant beside other agents looks over what they came to")
    func advisor() async throws {
        let house = try await house(agents: "buy-and-hold, claude")
        consultant.answer(.nvda, try said(.hold))
        consultant.answer(.pltr, try said(.buy, factor: "0.25"))
        try await house.run(.decide)
        #expect(try intents(house) == ["PLTR 25"])
        #expect(try decision(house).filters.arrayValue?.contains { $0["name"] == "consultant" } == true)
    }
}
