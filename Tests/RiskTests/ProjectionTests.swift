import Core
import Risk
import Testing

@Suite("Projections")
struct ProjectionTests {
    /// A random account and random intents on it, from one seed.
    private static func random(_ seed: UInt64) throws -> (scene: Scene, intents: [OrderIntent]) {
        var random = SeededGenerator(seed: seed, stream: "projection")
        var scene = try Scene()
        scene.rates[.krw] = try fixed("0.0007")
        scene.cash = [.usd: FixedPoint(Int.random(in: 0...150_000, using: &random)), .krw: FixedPoint(50_000_000)]
        let symbols = ["A", "B", "C", "D", "E"].map { Symbol($0) } + [samsung]
        for symbol in symbols {
            let isKorean = symbol == samsung
            let price =
                isKorean
                ? "\(Int.random(in: 700...900, using: &random))00" : "\(Int.random(in: 5...400, using: &random))"
            scene.markets[symbol] = try .fixture(symbol, price: price, currency: isKorean ? .krw : .usd)
            if Int.random(in: 0..<3, using: &random) == 0 {
                let quantity = Int.random(in: -20...60, using: &random)
                scene.positions.append(
                    try .fixture(symbol, quantity, last: price, currency: isKorean ? .krw : .usd))
            }
            if Int.random(in: 0..<4, using: &random) == 0 {
                let side: Side = Bool.random(using: &random) ? .buy : .sell
                scene.live.append(
                    .fixture("W\(symbol)", symbol, side, Int.random(in: 1...40, using: &random), state: .working))
            }
        }
        var intents: [OrderIntent] = []
        for leg in 1...40 {
            guard let symbol = symbols.randomElement(using: &random),
                let reference = scene.markets[symbol]?.lastPrice?.price(at: noon, maxAge: .zero)
            else { continue }
            let purpose: OrderPurpose =
                [.entry, .entry, .entry, .exit, .manual].randomElement(using: &random) ?? .entry
            intents.append(
                try .fixture(
                    symbol, Bool.random(using: &random) ? .buy : .sell, "\(Int.random(in: 1...150, using: &random))",
                    purpose: purpose, leg: leg, reference: reference.description))
        }
        return (scene, intents)
    }

    @Test("No sequence of approved intents exceeds a limit in the projection", arguments: 0..<60)
    func neverExceeds(seed: UInt64) throws {
        let (scene, intents) = try Self.random(seed)
        let limits = try RiskLimits(
            maxDailyOrders: 25, maxPositionCount: 4, maxLeverage: fraction("0.8"), allowsShort: seed.isMultiple(of: 2))
        let check = scene.check(limits)
        var running = try check.projection()
        let start = running
        for intent in RiskCheck.canonical(intents) { _ = check.intent(intent, running: &running) }
        let most = try #require(start.worstGrossExposure)
        let gross = try #require(running.worstGrossExposure)
        #expect(gross <= max(most, FixedPoint(80_000)), "seed \(seed)")
        for symbol in Set(running.holdings.keys.map(\.symbol)) {
            let value = try #require(try running.worstValue(of: symbol))
            #expect(value <= max(try start.worstValue(of: symbol) ?? .zero, FixedPoint(30_000)), "seed \(seed)")
        }
        #expect(running.positionCount <= max(4, start.positionCount), "seed \(seed)")
        for (currency, cash) in running.cash[paper] ?? [:] {
            let before = start.cash[paper]?[currency] ?? .zero
            // Purchases that reduce a short are exits and need no cash; entries never take it below zero.
            let exits = running.holdings.keys.contains { start.holding($0).held.isNegative }
            #expect(!cash.isNegative || before.isNegative || exits, "seed \(seed)")
        }
    }

    @Test("The order of the intents in the input changes no verdict", arguments: 0..<40)
    func orderDoesNotMatter(seed: UInt64) throws {
        let (scene, intents) = try Self.random(seed)
        var shuffler = SeededGenerator(seed: seed, stream: "shuffle")
        let check = scene.check(try RiskLimits(allowsShort: true))
        #expect(check.intents(intents) == check.intents(intents.shuffled(using: &shuffler)), "seed \(seed)")
    }

    @Test("The random scenes approve some intents and refuse others by every limit on exposure")
    func notVacuous() throws {
        var codes: [String: Int] = [:]
        for seed: UInt64 in 0..<40 {
            let (scene, intents) = try Self.random(seed)
            for verdict in scene.check(try RiskLimits()).intents(intents) {
                for code in verdict.isApproved ? ["approved"] : verdict.reasons.map(\.code) {
                    codes[code, default: 0] += 1
                }
            }
        }
        for code in ["approved", "max-position-size", "max-leverage", "insufficient-cash", "short-not-allowed"] {
            #expect(codes[code, default: 0] > 20, "\(code) in \(codes)")
        }
    }

    @Test("An order counts at its full remaining size until it is final", arguments: OrderState.allCases)
    func fullSize(state: OrderState) throws {
        var scene = try Scene()
        scene.live = [.fixture("W", nvda, .buy, 10, filled: 4, state: state)]
        let projection = try scene.check(try RiskLimits()).projection()
        let worst = try projection.holding(HoldingKey(symbol: nvda, broker: paper)).worstQuantity()
        #expect(worst == Quantity(state.mayBeLive ? 6 : 0))
    }

    @Test(
        "The worst of all combinations of fills counts",
        arguments: [
            (0, 10, 0, 10), (10, 0, 4, 10), (10, 5, 4, 15), (10, 0, 25, 15), (-10, 25, 0, 15), (-10, 5, 5, 15),
        ])
    func worst(held: Int, buying: Int, selling: Int, worst: Int) throws {
        var holding = Projection.Holding()
        (holding.held, holding.buying, holding.selling) = (Quantity(held), Quantity(buying), Quantity(selling))
        #expect(try holding.worstQuantity() == Quantity(worst))
    }

    @Test("Exits come first, then symbols in order")
    func canonical() throws {
        let intents = [
            try OrderIntent.fixture(pltr), try .fixture(nvda), try .fixture(pltr, .sell, purpose: .exit),
            try .fixture(nvda, .sell, purpose: .stopLoss), try .fixture(pltr, .sell, purpose: .flatten),
        ]
        let order = RiskCheck.canonical(intents).map { "\($0.symbol) \($0.purpose.rawValue)" }
        #expect(order == ["PLTR flatten", "NVDA stop-loss", "PLTR exit", "NVDA entry", "PLTR entry"])
    }

    @Test("An intent that is checked again does not stand in its own way")
    func again() throws {
        var scene = try Scene()
        let intent = try OrderIntent.fixture()
        scene.approved = [intent]
        #expect(scene.codes(intent, try RiskLimits()) == [])
    }

    @Test("An intent that has been sent is not sent again")
    func sentAlready() throws {
        var scene = try Scene()
        let intent = try OrderIntent.fixture()
        scene.live = [
            ManagedOrder(
                clientOrderID: intent.clientOrderID, intentID: intent.id, attempt: 1, origin: .takt, profile: nil,
                broker: paper, account: AccountID("A"), brokerOrderID: nil, symbol: pltr, side: .sell, type: .market,
                quantity: Quantity(1), timeInForce: .day, state: .working, submittedAt: noon)
        ]
        #expect(scene.codes(intent, try RiskLimits()) == ["duplicate-working"])
    }

    @Test(
        "A halt's scope is written and read alike", arguments: ["all", "profile:us-5m", "broker:kis", "symbol:BRK:B"])
    func scopes(text: String) {
        #expect(HaltScope(text)?.description == text)
        #expect(HaltScope("symbol:") == nil)
        #expect(HaltScope("everything") == nil)
    }

    @Test("A price is only given out while it is young enough")
    func age() throws {
        let priced = PricedAt(try at("5"), asOf: noon)
        #expect(priced.price(at: noon.advanced(bySeconds: 60), maxAge: .seconds(60)) != nil)
        #expect(priced.price(at: noon.advanced(bySeconds: 61), maxAge: .seconds(60)) == nil)
    }
}
