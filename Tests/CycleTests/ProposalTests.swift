import Broker
import Core
import Ledger
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("Proposals from outside")
struct ProposalTests {
    private func house(
        positions: [Symbol: Quantity] = [:], bars: [Symbol] = [.nvda, .pltr], agents: String = "buy-and-hold",
        moreTrading: String = "", risk: String = ""
    ) async throws -> House {
        let house = try House(positions: positions, risk: risk, moreTrading: moreTrading, agents: agents)
        for symbol in bars { try house.putBar(symbol) }
        try await house.openAccount()
        return house
    }

    private func propose(_ house: House, _ lines: String..., isDryRun: Bool = false) async throws -> ProposalDocument {
        let desk = ProposalDesk(context: house.context, profile: try house.profile(), isDryRun: isDryRun)
        return await desk.take(Array(lines.joined(separator: "\n").utf8), for: house.cycle())
    }

    private static let buy = #"{"symbol":"NVDA","action":"buy","confidence":0.9,"reason":"momentum"}"#
    private static let target = #"{"symbol":"PLTR","target":"30","limit_price":"99.509"}"#

    private func intents(_ house: House) throws -> [OrderIntent] {
        try house.store.read { try $0.intents(cycle: house.cycle()) }
    }

    // MARK: Taken

    @Test("Proposals become intents with the ids that a decision's would have, and are evidence to the byte")
    func taken() async throws {
        let house = try await house()
        let document = try await propose(house, Self.buy, "", Self.target)
        #expect(document.exitCode == .success, "\(document.json.text)")
        #expect(document.json["schema"] == "takt.propose/1" && document.json["status"] == "succeeded")
        #expect(document.json["summary"] == ["taken": 2, "repeated": 0, "refused": 0, "intents": 2])
        #expect(document.json["items"]?.arrayValue?.map { $0["line"] } == [1, 3])
        let intents = try intents(house)
        #expect(
            intents.map(\.id)
                == [Symbol.nvda, .pltr].map { IntentID(cycle: house.cycle(), symbol: $0, leg: 1, purpose: .entry) })
        // Sized as configured, and as proposed.
        #expect(intents.map(\.quantity) == [Quantity(100), Quantity(30)])
        #expect(intents.map(\.type) == [.market, .limit(try Price("99.5"))])
        #expect(intents.allSatisfy { $0.state == .proposed && $0.expiresAt == house.cycle(1).barClose })
        let again = try house.store.read { try DecisionEvidence.recompute(in: $0) }
        #expect(again.map(\.key.description) == ["NVDA", "PLTR"].map { "\(house.cycle())|\($0)|propose" })
        #expect(again.allSatisfy { $0.agrees })
        let audit = try house.audit("decision")
        #expect(audit.map(\.actor) == ["propose", "propose"])
    }

    @Test("What a proposal says of its order is kept, and refused by risk where the broker has no such order")
    func terms() async throws {
        let house = try await house()
        let lines = [
            #"{"symbol":"NVDA","target":"10","trail_amount":"2.001","time_in_force":"gtc","algorithm":{"name":"adaptive","urgency":"patient"}}"#,
            #"{"symbol":"PLTR","target":"30","order_type":"market","time_in_force":"ioc"}"#,
        ]
        let document = try await propose(house, lines[0], lines[1])
        #expect(document.exitCode == .success, "\(document.json.text)")
        let nvda = try #require(try intents(house).first { $0.symbol == .nvda })
        #expect(nvda.type == .trailingStop(.amount(try Price("2.01"))) && nvda.timeInForce == .goodTillCancelled)
        #expect(nvda.handling.algorithm == .adaptive(.patient))
        #expect(try house.store.read { try DecisionEvidence.recompute(in: $0) }.allSatisfy { $0.agrees })
        let item = DocumentItems.intent(nvda)
        #expect(item["trail_amount"] == "2.01" && item["limit_price"] == nil && item["handling"] != nil)
        _ = try await house.runAll(from: .riskCheck, until: .submit)
        let after = Dictionary(uniqueKeysWithValues: try intents(house).map { ($0.symbol, $0) })
        #expect(after[.nvda]?.state == .rejected)
        #expect(
            after[.nvda]?.reasons.map(\.code).sorted() == ["unsupported-handling", "unsupported-order-type"],
            "\(after[.nvda]?.reasons ?? [])")
        #expect(after[.pltr]?.state != .rejected, "\(after[.pltr]?.reasons ?? [])")
        let order = try house.store.read { try $0.orders() }.first { $0.symbol == .pltr }
        #expect(order?.timeInForce == .immediateOrCancel)
    }

    @Test("Entries are asked about before they are judged, exits never; what the broker would refuse goes nowhere")
    func previews() async throws {
        let house = try await house(positions: [.pltr: Quantity(50)])
        house.broker.preview(.nvda, .refused("no trading permission"))
        house.broker.preview(.pltr, .refused("never asked"))
        _ = try await propose(house, Self.buy, #"{"symbol":"PLTR","target":"0"}"#)
        _ = try await house.runAll(from: .riskCheck, until: .submit)
        #expect(house.broker.previewed.map(\.instrument.symbol) == [.nvda])
        let intents = Dictionary(uniqueKeysWithValues: try intents(house).map { ($0.symbol, $0) })
        #expect(intents[.nvda]?.state == .rejected && intents[.nvda]?.reasons.map(\.code) == ["broker-preview"])
        #expect(intents[.nvda]?.reasons.first?.message.contains("no trading permission") == true)
        #expect(intents[.pltr]?.state.mayBeLive == true || intents[.pltr]?.state == .filled)
        #expect(try house.store.read { try RiskEvidence.recompute(in: $0) }.allSatisfy(\.agrees))
    }

    @Test(
        "What a broker does not say is asked again in the next run; it holds up no stop-loss, and the entry stays proposed"
    )
    func silence() async throws {
        let house = try await house(positions: [.pltr: Quantity(50)])
        house.broker.preview(.nvda, .unknown("no answer within 15 s"))
        _ = try await propose(house, Self.buy, #"{"symbol":"PLTR","target":"0"}"#)
        let first = try await house.run(.riskCheck)
        #expect(first.status == .partial && first.json["error"]?["code"] == "no-preview", "\(first.json.text)")
        var intents = Dictionary(uniqueKeysWithValues: try intents(house).map { ($0.symbol, $0) })
        #expect(intents[.nvda]?.state == .proposed && intents[.pltr]?.state == .approved)
        house.broker.preview(.nvda, .told(.init()))
        _ = try await house.run(.riskCheck)
        intents = Dictionary(uniqueKeysWithValues: try self.intents(house).map { ($0.symbol, $0) })
        #expect(intents[.nvda]?.state == .approved, "\(intents[.nvda]?.reasons ?? [])")
        #expect(try house.store.read { try RiskEvidence.recompute(in: $0) }.allSatisfy(\.agrees))
    }

    @Test("An order for the opening is proposed after the last bar, and goes out until the exchange opens")
    func opening() async throws {
        let house = try await house()
        let line = #"{"symbol":"NVDA","target":"10","time_in_force":"at-open"}"#
        let early = try await propose(house, line)
        #expect(early.json["summary"]?["intents"] == 0, "the exchange is open: \(early.json.text)")
        // The bar that ends at 16:00 in New York.
        let last = house.cycle(65)
        try house.putBar(.nvda, number: 65)
        house.moveTo(65 * 300 + 1)
        let desk = ProposalDesk(context: house.context, profile: try house.profile(), isDryRun: false)
        let document = await desk.take(Array(line.utf8), for: last)
        #expect(document.json["summary"]?["intents"] == 1, "\(document.json.text)")
        _ = try await house.run(.riskCheck, last)
        let intent = try #require(try house.store.read { try $0.intents(cycle: last) }.first)
        #expect(intent.state == .approved, "\(intent.reasons)")
        // New York opens at 14:30 UTC in winter.
        #expect(intent.expiresAt.description.hasSuffix("T14:30:00Z") && intent.expiresAt > last.barClose)
        house.moveTo(65 * 300 + 4 * 3600)
        _ = try await house.run(.submit, last)
        #expect(house.broker.sent.map(\.timeInForce) == [.atOpen])
        #expect(try house.store.read { try DecisionEvidence.recompute(in: $0) }.allSatisfy { $0.agrees })
    }

    @Test("What is proposed is checked by risk, sent and filled like a decision")
    func throughTheBeat() async throws {
        let house = try await house(risk: "position_size_limit: 0.05")
        _ = try await propose(house, Self.buy, Self.target)
        let beat = try await house.runAll(from: .riskCheck, until: .submit)
        #expect(beat.exitCode == .success)
        let states = Dictionary(uniqueKeysWithValues: try intents(house).map { ($0.symbol, $0) })
        // 100 × 100 USD are 10 % of the account.
        #expect(states[.nvda]?.state == .rejected)
        #expect(states[.nvda]?.reasons.isEmpty == false)
        #expect(states[.pltr]?.state.mayBeLive == true)
    }

    @Test("Handed in again, in one go or later, a proposal is there once")
    func idempotent() async throws {
        let house = try await house()
        let first = try await propose(house, Self.buy, Self.buy)
        #expect(first.exitCode == .success)
        #expect(first.json["items"]?.arrayValue?.map { $0["status"] } == ["taken", "repeated"])
        let before = try house.store.contentDigest()
        #expect(try await propose(house, Self.buy).json["replayed"] == true)
        #expect(try house.store.contentDigest() == before)
        // Written otherwise, of the same meaning; and as of later, when the position is another one.
        _ = try await house.runAll(from: .riskCheck, until: .submit)
        let again = try await propose(
            house, #"{ "reason":"momentum","confidence":9e-1, "action":"buy", "symbol":"NVDA" }"#)
        #expect(again.exitCode == .success)
        #expect(again.json["replayed"] == true)
        #expect(again.json["items"]?.arrayValue?.first?["status"] == "repeated")
        #expect(try intents(house).count == 1)
        #expect(try house.audit("decision").count == 1)
    }

    @Test("A hold, and a proposal that a filter holds back, are on record without an order")
    func withoutOrder() async throws {
        let house = try await house()
        let document = try await propose(
            house, #"{"symbol":"NVDA","action":"hold"}"#, #"{"symbol":"PLTR","target":"-5"}"#)
        #expect(document.exitCode == .success)
        #expect(document.json["summary"] == ["taken": 2, "repeated": 0, "refused": 0, "intents": 0])
        let held = document.json["items"]?.arrayValue?.last?["filters"]?.arrayValue?.filter { $0["passed"] == false }
        #expect(held?.map { $0["name"] } == ["no-short"])
        #expect(try house.store.read { try $0.decisions() }.map(\.origin) == [.propose, .propose])
    }

    @Test("A dry run answers the same and writes nothing")
    func dryRun() async throws {
        let house = try await house()
        let before = try house.store.contentDigest()
        let dry = try await propose(house, Self.buy, "nonsense", isDryRun: true)
        #expect(dry.json["dry_run"] == true && dry.exitCode == .badInput)
        #expect(dry.json["summary"] == ["taken": 1, "repeated": 0, "refused": 1, "intents": 1])
        #expect(try intents(house).isEmpty)
        #expect(try house.store.contentDigest() == before)
        let real = try await propose(house, Self.buy, "nonsense")
        #expect(real.json["items"] == dry.json["items"])
    }

    // MARK: Refused

    @Test("A line that cannot be read is refused with its number and key, and keeps no other from being taken")
    func malformed() async throws {
        let house = try await house()
        let document = try await propose(
            house, "{", Self.buy, #"{"symbol":"PLTR","action":"buy","limit_price":5}"#,
            #"{"symbol":"GOOG\u001b","action":"buy"}"#)
        #expect(document.exitCode == .badInput)
        #expect(document.json["status"] == "partial")
        #expect(document.json["error"]?["code"] == "lines-refused")
        let items = try #require(document.json["items"]?.arrayValue)
        #expect(items.map { $0["line"] } == [1, 2, 3, 4])
        #expect(items.map { $0["status"] } == ["refused", "taken", "refused", "refused"])
        #expect(items.map { $0["code"] } == ["malformed", nil, "malformed", "unknown-symbol"])
        #expect(items[2]["key"] == "limit_price" && items[2]["symbol"] == "PLTR")
        #expect(document.json.text.isPlain)
        #expect(try intents(house).map(\.symbol) == [.nvda])
    }

    @Test("Another proposal for the same symbol is refused with the one that is there")
    func conflicting() async throws {
        let house = try await house()
        let other = #"{"symbol":"NVDA","action":"sell"}"#
        let document = try await propose(house, Self.buy, other)
        for (answer, line) in [(document, 1), (try await propose(house, other), 0)] {
            let item = try #require(answer.json["items"]?.arrayValue?[line])
            #expect(answer.exitCode == .badInput)
            #expect(item["code"] == "proposed-otherwise")
            let reason = try #require(item["reason"]?.stringValue)
            #expect(reason.contains(#""action":"buy","confidence":0.9,"reason":"momentum""#), "\(reason)")
        }
        #expect(try intents(house).map(\.side) == [.buy])
    }

    @Test("A symbol that the agents have ordered in this cycle is refused; one they hold is not")
    func decidedBefore() async throws {
        let house = try await house(bars: [.nvda])
        try await house.run(.decide)
        let order = try #require(try intents(house).first)
        let refused = try await propose(house, #"{"symbol":"NVDA","target":"7"}"#)
        #expect(refused.json["items"]?.arrayValue?.first?["code"] == "decided")
        #expect(refused.json["items"]?.arrayValue?.first?["reason"]?.stringValue?.contains(order.id.text) == true)
        #expect(try intents(house) == [order])

        let holding = try await self.house(agents: "momentum")
        try await holding.run(.decide)
        #expect(try holding.store.read { try $0.decision(holding.cycle(), .nvda) }?.intentID == nil)
        #expect(try await propose(holding, Self.buy).exitCode == .success)
        #expect(try intents(holding).map(\.symbol) == [.nvda])
        // Both are on record, and both are made again.
        let kept = try holding.store.read { try $0.decisions(cycle: holding.cycle()) }
        #expect(
            kept.map(\.key.description).sorted() == ["NVDA", "NVDA|propose", "PLTR"].map { "\(holding.cycle())|\($0)" })
        #expect(try holding.store.read { try DecisionEvidence.recompute(in: $0) }.allSatisfy { $0.agrees })
    }

    @Test("A symbol that the agents hold and somebody orders stays as decided when the next bar comes late")
    func orderedBesideAHold() async throws {
        let house = try await self.house(bars: [.nvda], agents: "momentum")
        try await house.run(.decide)
        _ = try await propose(house, Self.buy)
        try house.putBar(.pltr)
        let document = try await house.run(.decide)
        #expect(document.items.map { $0["symbol"] } == ["NVDA", "PLTR"])
        #expect(
            document.json["warnings"]?.arrayValue?.contains { $0.stringValue?.contains("proposed") == true } == false)
        #expect(try intents(house).count == 1)
    }

    @Test("The agents leave alone what has been proposed, and decide on the rest")
    func proposedBefore() async throws {
        let house = try await house()
        _ = try await propose(house, #"{"symbol":"NVDA","target":"7"}"#, #"{"symbol":"PLTR","action":"hold"}"#)
        let document = try await house.run(.decide)
        #expect(document.status == .succeeded)
        let id = IntentID(cycle: house.cycle(), symbol: .nvda, leg: 1, purpose: .entry)
        #expect(
            document.json["warnings"] == [.string("NVDA is left out: an order for it was proposed (\(id))")])
        #expect(document.items.map { $0["symbol"] } == ["PLTR"])
        #expect(try intents(house).map { "\($0.symbol) \($0.quantity)" } == ["NVDA 7", "PLTR 100"])
        #expect(try await house.run(.decide).isReplayed)
    }

    @Test("Where everything has been proposed, there is nothing to decide")
    func allProposed() async throws {
        let house = try await house()
        _ = try await propose(house, Self.buy, Self.target)
        let document = try await house.run(.decide)
        #expect(document.status == .skipped && document.reason == "nothing-to-do")
        #expect(document.json["warnings"]?.arrayValue?.count == 2)
        #expect(try await house.run(.decide).isReplayed)
        #expect(try intents(house).count == 2)
    }

    @Test("A proposal of another cycle, a late one and one without its bar are refused")
    func notNow() async throws {
        let house = try await house(bars: [.nvda])
        let old = #"{"symbol":"NVDA","action":"buy","cycle":"us-5m/2026-11-20T15:30:00Z"}"#
        let own = #"{"symbol":"NVDA","action":"buy","cycle":"\#(house.cycle())"}"#
        let document = try await propose(house, old, #"{"symbol":"PLTR","action":"buy"}"#)
        let items = try #require(document.json["items"]?.arrayValue)
        #expect(items.map { $0["code"] } == ["malformed", "not-ready"])
        #expect(items[0]["key"] == "cycle")
        #expect(items[1]["reason"]?.stringValue?.contains("has no bar for this cycle") == true)
        house.moveTo(300)
        let late = try await propose(house, own)
        #expect(late.json["items"]?.arrayValue?.first?["code"] == "late" && late.exitCode == .badInput)
        #expect(try intents(house).isEmpty)
        house.moveTo(299)
        #expect(try await propose(house, own).exitCode == .success)
        // What was taken in time is told also later.
        house.moveTo(300)
        #expect(try await propose(house, own).json["items"]?.arrayValue?.first?["status"] == "repeated")
    }

    @Test("Nothing handed in is nothing to do", arguments: ["", "\n \r\n\t\n"])
    func empty(input: String) async throws {
        let house = try await house()
        let document = try await propose(house, input)
        #expect(document.exitCode == .success)
        #expect(document.json["status"] == "skipped" && document.json["reason"] == "nothing-to-do")
    }

    @Test("An exit that is proposed passes a halt; an entry does not")
    func halted() async throws {
        let house = try await house(positions: [.nvda: Quantity(50)])
        try house.store.write(durable: true) { writer in
            _ = try writer.setHalt(scope: "all", code: "manual", message: "no more", at: house.clock.now(), by: "test")
        }
        let document = try await propose(
            house, #"{"symbol":"NVDA","target":"20"}"#, #"{"symbol":"PLTR","action":"buy"}"#)
        #expect(document.exitCode == .success, "\(document.json.text)")
        try await house.run(.riskCheck)
        let verdicts = Dictionary(uniqueKeysWithValues: try intents(house).map { ($0.symbol, $0.state) })
        #expect(verdicts == [.nvda: .approved, .pltr: .rejected])
        #expect(try intents(house).first?.quantity == Quantity(30))
    }
}
