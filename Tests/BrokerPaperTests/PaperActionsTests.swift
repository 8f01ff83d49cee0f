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
