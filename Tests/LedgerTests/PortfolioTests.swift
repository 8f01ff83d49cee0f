import Core
import Ledger
import Testing

@Suite struct PortfolioTests {
    @Test("What has no price or rate is left out and named, never guessed")
    func missing() throws {
        let won = LedgerEntry(
            broker: .paper, account: AccountID("1"), at: Instant(epochSeconds: 0), sequence: 0,
            fact: .deposit(Money(FixedPoint(5000), .krw)))
        let ledger = try Ledger.fold([won, Entry.fill("a", .buy, "10", "100", at: 1, sequence: 1)])
        let portfolio = try Portfolio.value(ledger, Marks(base: .usd))
        #expect(portfolio.missing == [Entry.symbol] && portfolio.missingRates == [.krw] && !portfolio.isComplete)
        #expect(portfolio.positions.first?.marketValue == nil)
        #expect(portfolio.equity == Money(FixedPoint(-1000), .usd))
        #expect(try Portfolio.value(ledger, Marks(base: .usd).withLastTrades(of: ledger.positions)).equity.isZero)
    }

    @Test("Gross exposure adds sizes, net exposure adds signs")
    func exposure() throws {
        let ledger = try Ledger.fold([
            Entry.deposit("10000", at: 0, sequence: 0),
            Entry.fill("a", .buy, "10", "100", at: 1, sequence: 1, account: "1"),
            Entry.fill("b", .sell, "4", "100", at: 1, sequence: 2, account: "2"),
        ])
        let portfolio = try Portfolio.value(ledger, Entry.marks("110"))
        #expect(portfolio.grossExposure == Money(FixedPoint(1540), .usd))
        #expect(portfolio.netExposure == Money(FixedPoint(660), .usd))
        #expect(portfolio.equity == Money(FixedPoint(10_060), .usd))
        #expect(portfolio.unrealised == Money(FixedPoint(60), .usd))
        #expect(portfolio.leverage?.description == "0.15308152")
    }

    @Test("The effect of exchange rates stands apart from the profit of trading")
    func fxEffect() throws {
        let shared = try #require(SharedCase.all.first { text($0.json["id"]) == "S15" })
        let ledger = try Ledger.fold(shared.entries())
        let portfolio = try Portfolio.value(ledger, shared.marks(ledger))
        let totals = try BaseTotals(ledger, rates: shared.rates())
        // -102,760 = 145,000 realised - 138,000 unrealised - 2,850 fees + effect
        #expect(try totals.fxEffect(portfolio) == Money(FixedPoint(-106_910), .krw))
        #expect(throws: LedgerError.self) { try BaseTotals(ledger, rates: RateHistory(base: .krw)) }
    }
}

@Suite struct EquityCurveTests {
    static func curve(_ values: [Int], stepSeconds: Int64 = 3600) throws -> EquityCurve {
        try EquityCurve(
            values.enumerated().map {
                (Instant(epochSeconds: Int64($0.offset) * stepSeconds), Money(FixedPoint($0.element), .usd))
            }, currency: .usd)
    }

    @Test("Drawdown is measured from the highest equity so far")
    func drawdown() throws {
        let curve = try Self.curve([100, 120, 120, 90, 110, 120, 119])
        let deepest = try #require(try curve.maximumDrawdown())
        #expect(deepest.fraction.description == "-0.25" && deepest.amount == Money(FixedPoint(-30), .usd))
        #expect(deepest.peakAt.epochSeconds == 7200 && deepest.troughAt.epochSeconds == 10_800)
        #expect(deepest.recoveredAt?.epochSeconds == 18_000)
        #expect(try curve.currentDrawdown()?.amount == Money(FixedPoint(-1), .usd))
        #expect(curve.highWaterMark?.at.epochSeconds == 3600)
    }

    @Test("A curve that never falls has no drawdown, an empty one nothing")
    func edges() throws {
        #expect(try Self.curve([1, 2, 3]).maximumDrawdown() == nil)
        #expect(try Self.curve([]).maximumDrawdown() == nil && Self.curve([]).highWaterMark == nil)
        #expect(try Self.curve([5]).drawdowns().map(\.fraction) == [.zero])
    }

    @Test("Drawdown shares are rounded to the deeper side")
    func rounding() throws {
        #expect(try Self.curve([3, 2]).currentDrawdown()?.fraction.description == "-0.33333334")
    }

    @Test("The profit of a day leaves deposits out")
    func days() throws {
        let curve = try Self.curve([100, 110, 300, 290], stepSeconds: 43_200)
        let deposits = [(at: Instant(epochSeconds: 50_000), money: Money(FixedPoint(150), .usd))]
        let days = try curve.dailyProfits(deposits: deposits) { $0.utcDate }
        #expect(days.map(\.profit.amount) == [FixedPoint(10), FixedPoint(30)])
        #expect(days.map(\.opening.amount) == [FixedPoint(100), FixedPoint(110)])
    }

    @Test("Marks go forward in time and stay in one currency")
    func order() throws {
        var curve = try Self.curve([1, 2])
        #expect(throws: LedgerError.self) { try curve.append(.zero(.usd), at: Instant(epochSeconds: 0)) }
        #expect(throws: LedgerError.self) { try curve.append(.zero(.krw), at: Instant(epochSeconds: 9999)) }
        try curve.append(Money(FixedPoint(7), .usd), at: Instant(epochSeconds: 3600))
        #expect(curve.marks.map(\.equity.amount) == [FixedPoint(1), FixedPoint(7)])
    }
}
