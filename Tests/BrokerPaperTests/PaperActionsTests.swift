import Broker
import BrokerPaper
import Core
import Testing

@Suite("Splits and dividends on the exchange")
struct PaperActionsTests {
    private let monday = CivilDate(iso: "2026-11-23") ?? CivilDate(daysSinceEpoch: 0)
    private let nvda = Symbol("NVDA")

    private func bench(
        _ kinds: [CorporateAction.Kind], bars: [Bar] = [], on exDate: CivilDate? = nil,
        change: (inout PaperConfiguration) -> Void = { _ in }
    ) throws -> Bench {
        try Bench([nvda: try Bench.bars() + bars]) { rules in
            rules.actions = kinds.map { CorporateAction(symbol: nvda, exDate: exDate ?? monday, kind: $0) }
            change(&rules)
        }
    }

    @Test("A split multiplies positions, divides cost, and adjusts open orders")
    func split() async throws {
        let bench = try bench([.split(new: 10, old: 1)])
        await bench.submit(.buy, 100)
        await bench.submit(.buy, 7, try limit("90.05"), .goodTillCancelled)
        await bench.submit(.sell, 100, try stop("85.01"), .goodTillCancelled)
        await bench.submit(.buy, 3, try limit("80"), .day)
        // The day begins at 05:00 in this market: bars before its open are on the new scale already.
        bench.clock.set(try at("2026-11-23 04:59:59"))
        #expect(try await bench.exchange.positions().items.map(\.quantity) == [Quantity(100)])
        bench.clock.set(try at("2026-11-23 05:00:00"))
        let position = try await bench.exchange.positions().items[0]
        #expect(position.quantity == Quantity(1000))
        #expect(position.averageCost == (try Price("10.05")))
        let orders = try await bench.exchange.books().orders.map(\.order)
        // 9.005 → 9.00 for a buy limit, 8.501 → 8.50 for a sell stop: away from the market.
        #expect(orders[1].type == (try limit("9")) && orders[1].quantity == Quantity(70))
        #expect(orders[2].type == (try stop("8.5")) && orders[2].quantity == Quantity(1000))
        #expect(orders[3].status == .expired && orders[3].quantity == Quantity(3))
        let activities = try await bench.exchange.activities(since: try at("14:30")).items
        #expect(activities.last?.kind == .split(nvda, new: 10, old: 1, cashInLieuPrice: nil))
        #expect(activities.last?.at == (try at("2026-11-23 05:00")))
    }

    @Test("A reverse split pays the fraction of a share out at the last close")
    func cashInLieu() async throws {
        let bench = try bench([.split(new: 1, old: 10)])
        await bench.submit(.buy, 105)
        await bench.submit(.sell, 5, try limit("200"), .goodTillCancelled)
        bench.clock.set(try at("2026-11-23 15:00"))
        // 10.5 shares: ten stay, half a share at 98.5 × 10. 1,000,000 − 105 × 100.5 + 492.5.
        #expect(try await bench.exchange.positions().items.map(\.quantity) == [Quantity(10)])
        #expect(try await bench.exchange.cash().items.map(\.description) == ["989940 USD"])
        #expect(try await bench.exchange.books().orders[1].order.status == .cancelled)
    }

    @Test("A dividend credits what was held before the ex-date's open, less tax, once")
    func dividend() async throws {
        let bench = try bench(
            [.dividend(perShare: try FixedPoint("0.25"), taxRate: Fraction(try FixedPoint("0.15")))],
            bars: [try bar("2026-11-23 14:30", "98", "99", "97", "98", 20_000)])
        await bench.submit(.buy, 100)
        bench.clock.set(try at("2026-11-23 14:30:02"))
        await bench.submit(.buy, 100)
        // 100 × 0.25 × 0.85 = 21.25; the second hundred comes too late.
        // 1,000,000 − 100 × 100.5 − 100 × 98 + 21.25.
        #expect(try await bench.exchange.cash().items.map(\.description) == ["980171.25 USD"])
        for _ in 0..<3 { try await bench.exchange.advance(to: try at("2026-11-24 15:00")) }
        #expect(try await bench.exchange.cash().items.map(\.description) == ["980171.25 USD"])
    }

    @Test("Who is short pays the dividend in full")
    func shortDividend() async throws {
        let bench = try bench(
            [.dividend(perShare: .one, taxRate: Fraction(try FixedPoint("0.15")))], change: { $0.allowShort = true })
        await bench.submit(.sell, 100)
        bench.clock.set(try at("2026-11-23 15:00"))
        #expect(try await bench.exchange.cash().items.map(\.description) == ["1009950 USD"])
    }

    @Test("A split that becomes known late touches what was held at its time, and not what was traded since")
    func late() async throws {
        let bars = [
            try bar("2026-11-23 14:30", "10", "10", "10", "10", 20_000),
            try bar("2026-11-23 14:35", "10", "10", "10", "10", 20_000),
        ]
        let unaware = try bench([], bars: bars)
        await unaware.submit(.buy, 100)
        unaware.clock.set(try at("2026-11-23 14:30:02"))
        await unaware.submit(.buy, 50)
        await unaware.submit(.sell, 20, try limit("11"), .goodTillCancelled)
        unaware.clock.set(try at("2026-11-23 14:40"))
        #expect(try await unaware.exchange.positions().items.map(\.quantity) == [Quantity(150)])
        let cash = try await unaware.exchange.cash().items
        let aware = try Bench([nvda: try Bench.bars() + bars], now: "2026-11-23 14:40", path: unaware.path) { rules in
            rules.actions = [CorporateAction(symbol: nvda, exDate: monday, kind: .split(new: 10, old: 1))]
        }
        for _ in 0..<2 {
            let position = try #require(try await aware.exchange.positions().items.first)
            // 100 × 10 + 50, for 100 × 100.5 + 50 × 10.
            #expect(position.quantity == Quantity(1050))
            #expect(position.averageCost.map { $0.description.hasPrefix("10.0476") } == true)
            #expect(try await aware.exchange.cash().items == cash)
        }
        let activity = try #require(try await aware.exchange.activities(since: try at("14:30")).items.last)
        #expect(activity.kind == .split(nvda, new: 10, old: 1, cashInLieuPrice: nil))
        #expect(activity.at == (try at("2026-11-23 05:00")))
        // The order placed since is on the new scale already.
        let order = try #require(try await aware.exchange.books().orders.last?.order)
        #expect(try order.quantity == Quantity(20) && order.type == limit("11"))
    }

    /// The same exchange with other actions on record.
    private func reopened(
        _ bench: Bench, _ actions: [CorporateAction], withdrawn: [CorporateAction] = []
    ) throws -> Bench {
        try Bench([nvda: try Bench.bars()], now: "2026-11-24 14:40", path: bench.path) { rules in
            rules.actions = actions
            rules.withdrawnActions = withdrawn
        }
    }

    private func held(_ bench: Bench) async throws -> [String] {
        try await bench.exchange.positions().items.map {
            "\($0.quantity) at \($0.averageCost?.description.prefix(7) ?? "?")"
        }
    }

    @Test("A split that was applied and is corrected, moved by days or taken back is never applied a second time")
    func corrected() async throws {
        func split(_ new: Int, _ old: Int, day: Int = 0) -> CorporateAction {
            CorporateAction(symbol: nvda, exDate: monday.advanced(byDays: day), kind: .split(new: new, old: old))
        }
        let bench = try bench([])
        await bench.submit(.buy, 60)
        let first = try reopened(bench, [split(2, 1)])
        #expect(try await held(first) == ["120 at 50.25"])
        // The true ratio, another day, back to the first, none at all, and again.
        let histories: [([CorporateAction], [CorporateAction], String)] = [
            ([split(6, 1)], [split(2, 1)], "360 at 16.75"), ([split(6, 1, day: 1)], [split(6, 1)], "360 at 16.75"),
            ([split(2, 1)], [split(6, 1)], "120 at 50.25"), ([], [split(2, 1)], "60 at 100.5"),
            ([split(1, 3)], [], "20 at 301.5"), ([split(1, 2)], [split(1, 3)], "30 at 201"),
            // The same one brought and taken back over and over: history names it as often.
            ([], [split(1, 2)], "60 at 100.5"), ([split(1, 2)], [split(1, 2)], "30 at 201"),
            ([], [split(1, 2), split(1, 2)], "60 at 100.5"),
            ([split(1, 2)], [split(1, 2), split(1, 2)], "30 at 201"),
        ]
        for (inForce, withdrawn, expected) in histories {
            let next = try reopened(bench, inForce, withdrawn: withdrawn)
            for _ in 0..<2 { #expect(try await held(next) == [expected], "\(inForce)") }
        }
        // What the exchange tells adds up to what it holds.
        let told = try await reopened(bench, [split(1, 2)]).exchange.activities(since: Instant(epochSeconds: 0)).items
        let ratios = told.compactMap { activity -> CorporateAction? in
            guard case .split(_, let new, let old, _) = activity.kind else { return nil }
            return split(new, old)
        }
        #expect(CorporateAction.whole(ratios) == .split(new: 1, old: 2))
        // An entry that only leaves the list of actions is not taken back.
        #expect(try await held(reopened(bench, [])) == ["30 at 201"])
    }

    @Test("A corrected dividend pays the difference, one that is taken back is paid back")
    func correctedDividend() async throws {
        func dividend(_ amount: String, tax: Fraction = .zero) throws -> CorporateAction {
            CorporateAction(
                symbol: nvda, exDate: monday, kind: .dividend(perShare: try FixedPoint(amount), taxRate: tax))
        }
        let bench = try bench([])
        await bench.submit(.buy, 100)
        func cash(_ actions: [CorporateAction], _ withdrawn: [CorporateAction] = []) async throws -> [String] {
            try await reopened(bench, actions, withdrawn: withdrawn).exchange.cash().items.map { $0.amount.description }
        }
        #expect(try await cash([try dividend("0.5")]) == ["990000"])
        #expect(try await cash([try dividend("0.75")], [try dividend("0.5")]) == ["990025"])
        #expect(try await cash([try dividend("0.25")]) == ["989975"])
        #expect(try await cash([], [try dividend("0.25")]) == ["989950"])
        // An ordinary and an extra one; one in their place; and the two again, of which one is taken back.
        let (ordinary, extra) = (try dividend("0.25"), try dividend("0.5"))
        #expect(try await cash([ordinary, extra]) == ["990025"])
        #expect(try await cash([try dividend("0.75")], [ordinary, extra]) == ["990025"])
        #expect(try await cash([ordinary, extra], [try dividend("0.75")]) == ["990025"])
        #expect(try await cash([extra], [ordinary]) == ["990000"])
        // With what is taken back the tax withheld from it comes back.
        let taxed = try dividend("0.5", tax: Fraction(FixedPoint("0.2")))
        let other = try self.bench([])
        await other.submit(.buy, 100)
        func net(_ actions: [CorporateAction], _ withdrawn: [CorporateAction] = []) async throws -> [String] {
            try await reopened(other, actions, withdrawn: withdrawn).exchange.cash().items.map { $0.amount.description }
        }
        #expect(try await net([taxed]) == ["989990"])
        #expect(try await net([], [taxed]) == ["989950"])
    }

    @Test("An ex-date without a session takes effect all the same; one before the account opened never does")
    func oddDates() async throws {
        let saturday = monday.advanced(byDays: -2)
        let late = try bench([.split(new: 2, old: 1)], on: saturday)
        await late.submit(.buy, 100)
        late.clock.set(try at("2026-11-23 14:30"))
        #expect(try await late.exchange.positions().items.map(\.quantity) == [Quantity(200)])
        let early = try bench([.split(new: 2, old: 1)], on: monday.advanced(byDays: -3))
        await early.submit(.buy, 100)
        early.clock.set(try at("2026-11-24 14:30"))
        #expect(try await early.exchange.positions().items.map(\.quantity) == [Quantity(100)])
    }
}
