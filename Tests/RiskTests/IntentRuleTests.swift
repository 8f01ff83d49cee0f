import Core
import Risk
import Testing

/// One row of the table of limits: what is set up, and whether the rule refuses.
struct LimitCase: Sendable, CustomTestStringConvertible {
    let code: RiskCode
    let name: String
    let refuses: Bool
    /// Changes scene, intent and limits.
    let arrange: @Sendable (inout Scene, inout OrderIntent, inout RiskLimits) throws -> Void
    var testDescription: String { "\(code.rawValue): \(name)" }

    init(
        _ code: RiskCode, _ name: String, _ refuses: Bool,
        _ arrange: @escaping @Sendable (inout Scene, inout OrderIntent, inout RiskLimits) throws -> Void
    ) {
        self.code = code
        self.name = name
        self.refuses = refuses
        self.arrange = arrange
    }
}

@Suite("Rules for one intent")
struct IntentRuleTests {
    @Test("Each rule refuses beyond its limit and allows at and below it", arguments: LimitCase.table)
    func limits(row: LimitCase) throws {
        var scene = try Scene()
        var intent = try OrderIntent.fixture()
        var limits = try RiskLimits(allowsShort: true)
        try row.arrange(&scene, &intent, &limits)
        let verdict = scene.check(limits).intents([intent])[0]
        #expect(verdict.reasons.map(\.code).contains(row.code.rawValue) == row.refuses, "\(verdict.reasons)")
        #expect(verdict.reasons.allSatisfy { $0.message.count > 10 })
        if !row.refuses { #expect(verdict.isApproved, "\(verdict.reasons)") }
    }

    @Test(
        "Every risk code has a case that refuses, one that allows, and a sentence of its own",
        arguments: RiskCode.allCases)
    func everyCode(code: RiskCode) {
        #expect(LimitCase.table.contains { $0.code == code && $0.refuses })
        #expect(LimitCase.table.contains { $0.code == code && !$0.refuses })
        #expect(code.sentence.hasSuffix("."))
        #expect(RiskCode.allCases.count { $0.sentence == code.sentence } == 1)
    }

    @Test("The rules are asked in the order of the codes, each once")
    func order() throws {
        let verdict = try Scene().check(RiskLimits()).intents([.fixture()])[0]
        #expect(verdict.rules.map(\.code) == RiskCode.allCases.filter { $0 != .notCalculable })
        #expect(verdict.rules.allSatisfy { $0.outcome == .passed })
    }

    @Test("An approved intent shows its numbers")
    func numbers() throws {
        let numbers = try Scene().check(RiskLimits()).intents([.fixture()])[0].numbers
        #expect(numbers["notional"] == "1000")
        #expect(numbers["base_value"] == "1000")
        #expect(numbers["gross_exposure_after"] == "1000")
        #expect(numbers["cash_after"] == "99000")
        #expect(numbers["orders_today_after"] == 1)
    }

    @Test("All objections are told, not only the first")
    func allReasons() throws {
        var scene = try Scene()
        scene.halts = [HaltView(scope: .all, code: "operator")]
        scene.sentToday = 100
        let intent = try OrderIntent.fixture(nvda, .buy, "400")
        #expect(
            scene.codes(intent, try RiskLimits()) == ["trading-halted", "max-daily-orders", "max-position-size"])
    }
}

@Suite("Exits")
struct ExitRuleTests {
    private static let newRiskOnly: [RiskCode] = [
        .emergency, .dailyLoss, .tradingHalted, .symbolHalted, .flattening, .booksDiffer, .booksStale, .staleData,
        .noPrice, .noRate,
        .priceBand,
        .notionalBelowMinimum, .notionalAboveMaximum, .maxDailyOrders, .maxOrdersPerMinute, .shortNotAllowed,
        .maxPositionCount, .maxPositionSize, .maxLeverage, .insufficientCash, .brokerPreview,
    ]

    @Test("Limits on new risk are not asked for an exit, all others are")
    func skipped() throws {
        var scene = try Scene()
        scene.positions = [try .fixture(nvda, 10)]
        let exit = try OrderIntent.fixture(nvda, .sell, "10", purpose: .exit)
        let rules = scene.check(try RiskLimits()).intents([exit])[0].rules
        #expect(rules.filter { $0.outcome == .skipped }.map(\.code) == Self.newRiskOnly)
    }

    @Test("Margins that a broker was asked about one by one are added up over what is approved together")
    func marginsAddUp() throws {
        var scene = try Scene()
        let intents = [try OrderIntent.fixture(nvda), try .fixture(pltr)]
        for intent in intents {
            scene.previews[intent.id] = .told(
                .init(
                    initialMargin: FixedPoint(60), initialMarginChange: FixedPoint(60), equityWithLoan: FixedPoint(100))
            )
        }
        let verdicts = scene.check(try RiskLimits()).intents(intents)
        #expect(verdicts.map(\.isApproved) == [true, false])
        #expect(verdicts.last?.reasons.map(\.code) == ["broker-preview"])
        #expect(verdicts.last?.reasons.first?.message.contains("a margin of 120 would be needed") == true)
    }

    @Test(
        "A halt of any scope blocks entries and lets exits pass",
        arguments: [
            HaltView(scope: .all, code: "operator"), HaltView(scope: .all, code: AccountVerdict.dailyLossCode),
            HaltView(scope: .all, code: AccountVerdict.emergencyCode), HaltView(scope: .symbol(nvda), code: "operator"),
            HaltView(scope: .broker(paper), code: "operator"),
            HaltView(scope: .profile(ProfileName("us-5m")), code: "operator"),
        ])
    func halts(halt: HaltView) throws {
        var scene = try Scene()
        scene.positions = [try .fixture(nvda, 10)]
        scene.halts = [halt]
        let verdicts = scene.check(try RiskLimits()).intents([
            try .fixture(nvda, .buy, "10"), try .fixture(nvda, .sell, "10", purpose: .exit),
        ])
        #expect(verdicts[0].isApproved)
        #expect(verdicts[1].reasons.count == 1)
    }

    @Test(
        "A halt elsewhere blocks nothing",
        arguments: [
            HaltView(scope: .symbol(pltr), code: "operator"),
            HaltView(scope: .broker(BrokerID("kis")), code: "operator"),
            HaltView(scope: .profile(ProfileName("kr-5m")), code: "operator"),
        ])
    func otherHalts(halt: HaltView) throws {
        var scene = try Scene()
        scene.halts = [halt]
        #expect(scene.codes(try .fixture(), try RiskLimits()) == [])
    }

    @Test("An exit leaves on the worst of days: stale, unpriced, over every limit")
    func worstDay() throws {
        var scene = try Scene()
        scene.equity = nil
        scene.positions = [try .fixture(nvda, 10, last: nil), try .fixture(pltr, 10_000, last: nil)]
        scene.markets[nvda] = try .fixture(nvda, age: .seconds(90_000), hasPrice: false)
        scene.sentToday = 5000
        scene.unpriced = [nvda, pltr]
        scene.halts = [HaltView(scope: .all, code: AccountVerdict.emergencyCode)]
        let exit = try OrderIntent.fixture(nvda, .sell, "10", purpose: .flatten)
        #expect(scene.codes(exit, try RiskLimits()) == [])
    }

    @Test("Exits never cross zero, whatever is on its way", arguments: 0..<200)
    func neverCross(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "exits")
        var scene = try Scene()
        let held = Int.random(in: -50...50, using: &random)
        scene.positions = held == 0 ? [] : [try .fixture(nvda, held)]
        let closing: Side = held < 0 ? .buy : .sell
        var onWay = 0
        if Bool.random(using: &random) {
            onWay = Int.random(in: 1...30, using: &random)
            scene.live = [.fixture("L", nvda, closing, onWay, type: .limit(try at("100")))]
        }
        var intents: [OrderIntent] = []
        for leg in 1...4 {
            let quantity = Int.random(in: 1...30, using: &random)
            let purpose: OrderPurpose =
                [.exit, .stopLoss, .flatten, .takeProfit].randomElement(using: &random) ?? .exit
            intents.append(try .fixture(nvda, closing, "\(quantity)", purpose: purpose, leg: leg))
        }
        let verdicts = scene.check(try RiskLimits()).intents(intents)
        var taken = onWay
        for verdict in verdicts where verdict.isApproved {
            let intent = try #require(intents.first { $0.id == verdict.intentID })
            taken += Int(intent.quantity.doubleValue)
        }
        #expect(taken == onWay || taken <= abs(held), "seed \(seed)")
    }
}
