import Core
import Foundation
import Learning
import Policy
import Sessions
import Store
import TestSupport
import Testing

@testable import Research

/// A database of decisions at fifteen-minute bars, made up one by one.
private struct Diary {
    static let symbol = Symbol("TEST")
    static let policy = Digest(of: "policy")
    static let other = Digest(of: "another policy")
    static let profile = ProfileName("test")
    static let account = AccountID("A")
    static let slots: [BarSlot] = {
        guard let calendar = PaperStage.calendar, let day = CivilDate(iso: "2026-06-01") else { return [] }
        return calendar.slots(
            from: day.startUTC, until: day.advanced(byDays: 2).startUTC, timeframe: PaperStage.timeframe)
    }()

    /// A decision in all that matters here.
    struct Page {
        var slot: Int
        var action = "hold"
        var decided: String?
        var position = 0
        var equity = "100000"
        var close = "100.00"
        var isOpen = true
        var halts: [String] = []
        var filter: String?
        var policy = Diary.policy
        /// Of a second agent of the profile.
        var otherWeight: String?
        /// What a consultant says to the policy inside of a hybrid agent.
        var restraint: String?
        var noEntryBeforeClose = 0
        /// Somebody outside had an order in the same cycle.
        var isProposed = false

        init(_ slot: Int, _ action: String = "hold", position: Int = 0, close: String = "100.00") {
            (self.slot, self.action, self.position, self.close) = (slot, action, position, close)
        }
    }

    let folder: TemporaryFolder
    let store: StateDatabase

    init(_ pages: [Page]) throws {
        folder = try TemporaryFolder("takt-diary")
        store = try StateDatabase.open(at: folder.path("state.sqlite"), now: .fixture)
        try store.write(durable: false) { writer in
            for page in pages { try Self.write(page, writer) }
        }
    }

    private static func write(_ page: Page, _ writer: StoreWriter) throws {
        let slot = slots[page.slot]
        let bar = Bar.fixture(openAt: slot.openAt, close: Price(try FixedPoint(page.close)))
        try writer.upsertBars(symbol, PaperStage.timeframe, [bar])
        let agent = page.restraint == nil ? "grpo" : "hybrid"
        var agents: [JSONValue] = [["name": .string(agent), "kind": "outside", "weight": "1"]]
        if let weight = page.otherWeight {
            agents.append(["name": "other", "kind": "momentum", "weight": .string(weight)])
        }
        let body: JSONValue = [
            "bars_as_of": .int(Int64(try writer.currentSequence())),
            "input": [
                "base_currency": "USD", "rates": [:], "equity": .string(page.equity),
                "settings": [
                    "agents": .array(agents),
                    "no_entry_before_close_us": .int(Int64(page.noEntryBeforeClose) * 60_000_000),
                ],
                "symbols": [
                    [
                        "instrument": InstrumentEvidence.json(try PaperStage.instrument()), "broker": "paper",
                        "position": .string("\(page.position)"), "working_orders": [], "is_open": .bool(page.isOpen),
                        "session_close": JSONValue(slot.session.close),
                        "halts": .array(page.halts.map { .string($0) }),
                    ]
                ],
            ],
        ]
        let vote: JSONValue = [
            "agent": "grpo", "action": .string(page.action),
            "detail": [
                "sidecar": JSONValue(page.policy), "state": [.int(Int64(page.slot)), .double(0.5)], "history": 0,
                "logits": [.double(0.1), .double(0.2), .double(0.3)],
            ],
        ]
        let outer: JSONValue =
            page.restraint.map {
                [
                    "agent": "hybrid", "action": .string(page.action),
                    "detail": ["restraint": .string($0), "policy_vote": vote],
                ]
            } ?? vote
        try writer.insertDecision(
            StoredDecision(
                cycle: CycleID(profile: profile, barClose: slot.closeAt), symbol: symbol,
                action: StoredDecision.Action(rawValue: page.decided ?? page.action) ?? .hold, confidence: 1,
                votes: [outer],
                filters: page.filter.map { [["name": .string($0), "passed": false]] } ?? [], intentID: nil,
                inputDigest: try writer.putEvidence("decision", body),
                createdAt: slot.closeAt.advanced(bySeconds: 5)))
        guard page.isProposed else { return }
        let cycle = CycleID(profile: profile, barClose: slot.closeAt)
        try writer.insertDecision(
            StoredDecision(
                cycle: cycle, symbol: symbol, action: .buy, confidence: 1, votes: [], filters: [],
                intentID: IntentID(cycle: cycle, symbol: symbol, leg: 1, purpose: .entry),
                inputDigest: Digest(of: "proposal"), createdAt: slot.closeAt.advanced(bySeconds: 6), origin: .propose))
    }

    /// An execution some seconds after the close of a bar.
    func fill(
        _ side: Side, _ quantity: Int, at price: String, after slot: Int, fee: Int = 0, of symbol: Symbol = symbol
    )
        throws
    {
        let order = ManagedOrder.fixture(
            account: Self.account, brokerOrderID: BrokerOrderID("B"), symbol: symbol, side: side,
            quantity: Quantity(quantity))
        let at = Self.slots[slot].closeAt.advanced(bySeconds: 10)
        let fill = Fill.fixture(
            "\(symbol)-\(side.rawValue)-\(slot)", of: order, price: Price(try FixedPoint(price)), fee: FixedPoint(fee),
            filledAt: at)
        _ = try store.write(durable: false) { try $0.insertFill(fill) }
    }

    func experience(limit: Int = 1000) throws -> LiveExperience {
        try store.read { reader in
            try LiveExperience(
                of: Self.policy, agent: AgentName("grpo"), actions: ["hold", "buy", "sell"], profile: Self.profile,
                PaperStage.timeframe, limit: limit, calendar: { _ in PaperStage.calendar }, in: reader)
        }
    }
}

extension LiveExperience {
    /// The slot of each, as its state tells it, and what it brought.
    fileprivate var told: [Int: Double] {
        Dictionary(uniqueKeysWithValues: items.map { (Int($0.experience.state[0]), $0.experience.reward) })
    }
}

struct LiveExperienceTests {
    /// Buys 100 at 100 with a fee of 5 after slot 2, holds while it rises to 103, sells at 102 after slot 4.
    private func trade() throws -> Diary {
        let diary = try Diary([
            Diary.Page(1), Diary.Page(2, "buy"), Diary.Page(3, "hold", position: 100, close: "101.00"),
            Diary.Page(4, "sell", position: 100, close: "103.00"), Diary.Page(5, close: "99.00"), Diary.Page(6),
        ])
        try diary.fill(.buy, 100, at: "100", after: 2, fee: 5)
        try diary.fill(.sell, 100, at: "102", after: 4)
        return diary
    }

    @Test("An entry answers for all its position brings, fees and exit included, and an exit for what came after it")
    func wholeTrade() throws {
        let experience = try trade().experience()
        let told = experience.told
        #expect(told.keys.sorted() == [1, 2, 3, 4, 5])
        let steps = [95.0, 200, -100].map { log1p($0 / 100_000) }
        #expect(told[1] == 0 && told[5] == 0)
        #expect(abs((told[2] ?? 0) - steps.reduce(0, +)) < 1e-12)
        #expect(abs((told[3] ?? 0) - (steps[1] + steps[2])) < 1e-12)
        #expect(abs((told[4] ?? 0) - steps[2]) < 1e-12)
        #expect(experience.through?.barClose == Diary.slots[6].closeAt)
        #expect(experience.items.map { $0.experience.action } == [0, 1, 0, 2, 0])
    }

    @Test("What another symbol wins or loses in the meantime, and money paid in, is nobody's reward here")
    func others() throws {
        let (diary, alone) = (try trade(), try trade().experience().told)
        let other = Symbol("OTHER")
        try diary.fill(.buy, 500, at: "10", after: 2, of: other)
        try diary.fill(.sell, 500, at: "90", after: 3, of: other)
        _ = try diary.store.write(durable: false) { writer in
            try writer.appendLedgerEvent(
                broker: .paper, account: Diary.account, at: Diary.slots[3].closeAt.advanced(bySeconds: 20),
                fact: .deposit(Money(FixedPoint(50_000), .usd)), externalID: "deposit")
        }
        #expect(try diary.experience().told == alone)
    }

    @Test("A position that is held over the close answers for its session only, and the night for nobody but the last")
    func night() throws {
        // 26 bars a session: the last is slot 25.
        let diary = try Diary([
            Diary.Page(23, "buy"), Diary.Page(24, "hold", position: 100, close: "101.00"),
            Diary.Page(25, "hold", position: 100, close: "102.00"),
            Diary.Page(26, "hold", position: 100, close: "90.00"),
            Diary.Page(27, "hold", position: 100, close: "91.00"),
        ])
        try diary.fill(.buy, 100, at: "100", after: 23)
        let told = try diary.experience().told
        // What the second session comes to is not known yet.
        #expect(told.keys.sorted() == [23, 24, 25])
        #expect(abs((told[23] ?? 0) - 2 * log1p(0.001)) < 1e-12)
        #expect(abs((told[25] ?? 0) - log1p(-0.012)) < 1e-12)
    }

    @Test("Nothing is known of a decision whose next bar was not decided on, or by another policy")
    func gaps() throws {
        var pages = [1, 2, 3, 5, 6].map { Diary.Page($0, "buy", position: 100) }
        #expect(try Diary(pages).experience().items.isEmpty, "the session is not over")
        pages.append(Diary.Page(7))
        #expect(try Diary(pages).experience().told.keys.sorted() == [5, 6])
        pages[4].policy = Diary.other
        #expect(try Diary(pages).experience().items.isEmpty)
    }

    @Test("Only what the policy alone has decided counts, and could have been done")
    func alone() throws {
        func counts(_ change: (inout Diary.Page) -> Void) throws -> Bool {
            var page = Diary.Page(1, "buy")
            change(&page)
            return try Diary([page, Diary.Page(2)]).experience().told[1] != nil
        }
        #expect(try counts { _ in })
        #expect(try !counts { $0.decided = "sell" })
        #expect(try !counts { $0.otherWeight = "0.5" })
        #expect(try counts { $0.otherWeight = "0" })
        #expect(try !counts { $0.isOpen = false })
        #expect(try !counts { $0.halts = ["daily-loss"] })
        #expect(try counts { ($0.halts, $0.position) = (["daily-loss"], 100) }, "what is held may be sold")
        #expect(try !counts { $0.filter = "minimum-confidence" })
        #expect(try counts { $0.filter = "already-positioned" }, "to buy what is held is to hold")
        #expect(try !counts { $0.noEntryBeforeClose = 400 })
        #expect(try counts { $0.noEntryBeforeClose = 15 })
        #expect(try counts { $0.restraint = "none" })
        #expect(try !counts { $0.restraint = "shrink" })
        #expect(try !counts { $0.policy = Diary.other })
    }

    @Test(
        "What others went on with is not the policy's: a consultant's exit, another voter, an order that was proposed")
    func interrupted() throws {
        func told(_ change: (inout Diary.Page) -> Void) throws -> [Int] {
            var middle = Diary.Page(3, "hold", position: 100, close: "101.00")
            change(&middle)
            let diary = try Diary([
                Diary.Page(2, "buy"), middle, Diary.Page(4, "sell", position: 100, close: "103.00"),
                Diary.Page(5, close: "99.00"), Diary.Page(6),
            ])
            try diary.fill(.buy, 100, at: "100", after: 2)
            try diary.fill(.sell, 100, at: "102", after: 4)
            return try diary.experience().told.keys.sorted()
        }
        #expect(try told { _ in } == [2, 3, 4, 5])
        #expect(try told { ($0.restraint, $0.decided) = ("exit", "sell") } == [4, 5])
        #expect(try told { $0.otherWeight = "0.5" } == [4, 5])
        #expect(try told { $0.isProposed = true } == [4, 5])
    }

    @Test("No more decisions are looked back on than asked for, and those are the newest")
    func limit() throws {
        let told = try trade().experience(limit: 3).told
        #expect(told.keys.sorted() == [4, 5])
    }
}
