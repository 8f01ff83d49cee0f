import Broker
import BrokerPaper
import Core
import Testing

@Suite("What holds for all books")
struct PaperPropertyTests {
    private static let symbols = ["AAA", "BBB", "CCC"].map { Symbol($0) }

    /// Four sessions of five-minute bars as a walk on the cent grid; now and then a bar is missing or thin.
    private static func bars(_ random: inout SeededGenerator) throws -> [Bar] {
        var bars: [Bar] = []
        var price = 10_000
        for day in 0..<4 {
            let open = try at("2026-11-16 14:30").advanced(bySeconds: Int64(day) * 86_400)
            for slot in 0..<78 where Int.random(in: 0..<25, using: &random) > 0 {
                price = max(1000, price + Int.random(in: -60...60, using: &random))
                let first = price
                price = max(1000, price + Int.random(in: -80...80, using: &random))
                let high = max(first, price) + Int.random(in: 0...40, using: &random)
                let low = min(first, price) - Int.random(in: 0...40, using: &random)
                func cents(_ cents: Int) -> Price { Price(FixedPoint(int64Units: Int64(cents) * 1_000_000)) }
                bars.append(
                    Bar(
                        openAt: open.advanced(bySeconds: Int64(slot) * 300), open: cents(first), high: cents(high),
                        low: cents(low), close: cents(price),
                        volume: Quantity(Int.random(in: 0...3000, using: &random)),
                        source: .generator))
            }
        }
        return bars
    }

    private struct Plan: Sendable {
        let at: Instant
        let side: Side
        let symbol: Int
        let quantity: Int
        let type: OrderType
        let tif: TimeInForce
        /// Cancels an earlier order instead.
        let cancels: Int?
        let bracket: Bracket?

        /// The order, and what protects it.
        func requests(_ instrument: Instrument) -> [OrderRequest] {
            let entry = OrderRequest(
                clientOrderID: ClientOrderID("c"), instrument: instrument, side: side, type: type,
                quantity: Quantity(quantity), timeInForce: tif, handling: OrderHandling(bracket: bracket))
            return [entry]
                + (bracket?.legs ?? []).map { leg in
                    OrderRequest(
                        clientOrderID: ClientOrderID("c"), instrument: instrument, side: side.opposite, type: leg.type,
                        quantity: Quantity(quantity), timeInForce: .goodTillCancelled,
                        handling: OrderHandling(protects: IntentID("c")))
                }
        }
    }

    /// Every third entry has one or both of what protects it.
    private static func bracket(_ side: Side, _ random: inout SeededGenerator) -> Bracket? {
        let (above, below) = (Int.random(in: 101...109, using: &random), Int.random(in: 91...99, using: &random))
        let prices = side == .buy ? (profit: above, loss: below) : (profit: below, loss: above)
        switch Int.random(in: 0..<9, using: &random) {
        case 0: return Bracket(takeProfit: Price(prices.profit), stopLoss: nil)
        case 1: return Bracket(takeProfit: nil, stopLoss: Price(prices.loss))
        case 2, 3: return Bracket(takeProfit: Price(prices.profit), stopLoss: Price(prices.loss))
        default: return nil
        }
    }

    private static func plans(_ random: inout SeededGenerator) throws -> [Plan] {
        let start = try at("2026-11-16 14:30")
        // Bursts with long silences between them: the silence is what a step cuts into pieces.
        let bursts = (0..<12).map { _ in
            Int64.random(in: 0..<4, using: &random) * 86_400 + Int64.random(in: 0..<23_300, using: &random)
        }
        return try (0..<72).map { number in
            let second = bursts[number % 12] + Int64.random(in: 0..<90, using: &random)
            let price = try Price("\(Int.random(in: 95...105, using: &random))")
            let other = try Price("\(Int.random(in: 95...105, using: &random))")
            let types: [OrderType] = [.market, .limit(price), .stop(price), .stopLimit(stop: price, limit: other)]
            let tifs: [TimeInForce] = [.day, .goodTillCancelled, .goodTillCancelled, .immediateOrCancel]
            let side: Side = Bool.random(using: &random) ? .buy : .sell
            return Plan(
                at: start.advanced(bySeconds: second), side: side, symbol: Int.random(in: 0..<3, using: &random),
                quantity: Int.random(in: 1...600, using: &random), type: types[Int.random(in: 0..<4, using: &random)],
                tif: tifs[Int.random(in: 0..<4, using: &random)],
                cancels: number % 9 == 8 ? Int.random(in: 1...30, using: &random) : nil,
                bracket: bracket(side, &random))
        }.sorted { $0.at < $1.at }
    }

    /// Plays the plans; between them the exchange is advanced every `step` seconds, or not at all.
    private static func play(seed: UInt64, step: Int64?, short: Bool = true) async throws -> PaperBooks {
        var random = SeededGenerator(seed: seed)
        var feed: [Symbol: [Bar]] = [:]
        for symbol in symbols { feed[symbol] = try bars(&random) }
        let plans = try plans(&random)
        let instruments = try symbols.map { try instrument($0.text) }
        let bench = try Bench(
            feed, now: "2026-11-16 14:00", cash: [Money(FixedPoint(500_000), .usd)], instruments: instruments
        ) { rules in
            rules.allowShort = short
            rules.fees = .auto
            rules.slippage = Fraction(FixedPoint(int64Units: 30_000))
            guard let second = CivilDate(iso: "2026-11-17"), let third = CivilDate(iso: "2026-11-18") else { return }
            rules.actions = [
                CorporateAction(symbol: symbols[0], exDate: second, kind: .split(new: 3, old: 2)),
                CorporateAction(
                    symbol: symbols[1], exDate: third,
                    kind: .dividend(perShare: .one, taxRate: Fraction(FixedPoint.zero))),
            ]
        }
        for plan in plans {
            while let step, bench.clock.now().advanced(bySeconds: step) < plan.at {
                bench.clock.set(bench.clock.now().advanced(bySeconds: step))
                try await bench.exchange.advance(to: bench.clock.now())
            }
            bench.clock.set(plan.at)
            if let number = plan.cancels {
                let id = String(repeating: "0", count: number < 10 ? 9 : 8) + "\(number)"
                _ = await bench.exchange.cancel(
                    CancelRequest(
                        clientOrderID: ClientOrderID("c"), brokerOrderID: BrokerOrderID(id), symbol: symbols[0]))
            } else {
                _ = await bench.exchange.submit(plan.requests(instruments[plan.symbol]))
            }
        }
        bench.clock.set(try at("2026-11-20 15:00"))
        return try await bench.exchange.books()
    }

    /// What must not depend on when the exchange was asked: everything but the times of recording.
    private static func story(_ books: PaperBooks) -> [String] {
        books.orders.map {
            "\($0.order) \($0.averageFillPrice?.description ?? "-") \($0.finishedAt?.description ?? "-")"
        }
            + books.executions.map { "\($0.execution)" } + books.positions.map { "\($0)" }
            + books.cash.map { "\($0)" } + books.activities.map { "\($0)" }
    }

    @Test("Small steps, large steps and no steps give the same books", arguments: 1...3 as ClosedRange<UInt64>)
    func stepInvariance(seed: UInt64) async throws {
        let lazily = Self.story(try await Self.play(seed: seed, step: nil))
        let hourly = Self.story(try await Self.play(seed: seed, step: 3617))
        let often = Self.story(try await Self.play(seed: seed, step: 797))
        #expect(lazily == hourly)
        #expect(lazily == often)
        #expect(lazily.count > 60, "seed \(seed) hardly trades")
        #expect(lazily.contains { $0.contains("the other order of its bracket") }, "seed \(seed) has no bracket")
    }

    @Test(
        "Cash is what was paid in, less purchases, plus sales, less costs, to the last digit",
        arguments: 11...13 as ClosedRange<UInt64>)
    func conservation(seed: UInt64) async throws {
        let books = try await Self.play(seed: seed, step: nil)
        var expected = FixedPoint.zero
        for activity in books.activities {
            if case .deposit(let money) = activity.kind { expected = try expected + money.amount }
        }
        var held: [Symbol: FixedPoint] = [:]
        var split = false
        var paidOut = false
        for item in books.executions.sorted(by: { $0.execution.filledAt < $1.execution.filledAt }) {
            let execution = item.execution
            if !split, execution.filledAt >= (try at("2026-11-17 14:30")) {
                split = true
                let exact = try (held[Self.symbols[0]] ?? .zero).scaled(
                    by: FixedPoint(3), over: FixedPoint(2), rounding: .halfEven)
                held[Self.symbols[0]] = exact
            }
            if !paidOut, execution.filledAt >= (try at("2026-11-18 14:30")) {
                paidOut = true
                expected = try expected + (held[Self.symbols[1]] ?? .zero)
            }
            let value = try execution.price.value.multiplied(by: execution.quantity.value, rounding: .halfEven)
            let signed = execution.side == .buy ? -value : value
            expected = try expected + signed - execution.fee - execution.tax
            held[execution.symbol] =
                try (held[execution.symbol] ?? .zero) + execution.side.signed(execution.quantity).value
        }
        for activity in books.activities {
            if case .split(let symbol, _, _, let price?) = activity.kind {
                // Half a share at most is paid out.
                let position = books.positions.first { $0.symbol == symbol }?.quantity.value ?? .zero
                let fraction = try (held[symbol] ?? .zero) - position
                expected = try expected + fraction.multiplied(by: price.value, rounding: .halfEven)
                held[symbol] = position
            }
        }
        #expect(books.cash[0].balance == expected)
        for (symbol, quantity) in held where !quantity.isZero {
            #expect(books.positions.first { $0.symbol == symbol }?.quantity.value == quantity)
        }
    }

    @Test(
        "No order trades more than its quantity or through its limit, and no bar gives more than its share",
        arguments: 21...22 as ClosedRange<UInt64>)
    func limitsHold(seed: UInt64) async throws {
        let books = try await Self.play(seed: seed, step: 3617, short: false)
        let orders = Dictionary(uniqueKeysWithValues: books.orders.map { ($0.order.brokerOrderID, $0.order) })
        var sums: [BrokerOrderID: Quantity] = [:]
        for item in books.executions {
            let execution = item.execution
            let order = try #require(orders[execution.brokerOrderID])
            sums[execution.brokerOrderID] = try (sums[execution.brokerOrderID] ?? .zero) + execution.quantity
            #expect(execution.filledAt >= order.placedAt)
            #expect(execution.side == order.side)
            guard execution.symbol != Self.symbols[0], let limit = order.type.limitPrice else { continue }
            #expect(order.side == .buy ? execution.price <= limit : execution.price >= limit)
        }
        for (id, order) in orders {
            #expect((sums[id] ?? .zero) == order.filledQuantity)
            #expect(order.filledQuantity <= order.quantity)
            #expect((order.status == .filled) == (order.filledQuantity == order.quantity))
        }
        #expect(books.positions.allSatisfy { $0.quantity.isPositive })
    }
}
