import Core
import Risk
import Testing

@Suite("Risk limits")
struct RiskLimitsTests {
    @Test("The defaults are those of the original architecture")
    func defaults() throws {
        let limits = try RiskLimits()
        #expect(limits.dailyLoss.description == "0.05")
        #expect(limits.positionSize.description == "0.3")
        #expect(limits.stopLoss.description == "0.02")
        #expect(limits.emergencyShutdownLoss.description == "0.1")
        #expect(limits.maxDailyOrders == 100)
        #expect(limits.maxPositionCount == 10)
        #expect(limits.maxLeverage == .one)
        #expect(limits.priceBand.description == "0.1")
        #expect(!limits.allowsShort)
    }

    @Test("A limit that could never be meant is refused by name", arguments: ["0", "-0.01", "2"])
    func shares(value: String) throws {
        let share = try Fraction(value)
        #expect(throws: RiskError.self) { try RiskLimits(dailyLoss: share) }
        #expect(throws: RiskError.self) { try RiskLimits(stopLoss: share) }
        #expect(throws: RiskError.self) { try RiskLimits(stopLossBySymbol: [nvda: share]) }
        #expect(throws: RiskError.self) { try RiskLimits(emergencyShutdownLoss: share) }
        #expect(throws: RiskError.self) { try RiskLimits(priceBand: share) }
        let error = RiskError.limitOutOfRange(name: "stop_loss_pct", value: value, allowed: "above 0")
        #expect("\(error)".contains("stop_loss_pct"))
        #expect("\(error)".contains("risk.yaml"))
    }

    @Test("Counts, sizes and durations have their ranges")
    func ranges() throws {
        #expect(throws: RiskError.self) { try RiskLimits(positionSize: .zero) }
        #expect(throws: RiskError.self) { try RiskLimits(maxDailyOrders: 0) }
        #expect(throws: RiskError.self) { try RiskLimits(maxPositionCount: -1) }
        #expect(throws: RiskError.self) { try RiskLimits(maxOrdersPerMinute: 0) }
        #expect(throws: RiskError.self) { try RiskLimits(maxLeverage: Fraction(101)) }
        #expect(throws: RiskError.self) { try RiskLimits(minOrderValue: FixedPoint(-1)) }
        #expect(throws: RiskError.self) {
            try RiskLimits(minOrderValue: FixedPoint(10), maxOrderNotional: FixedPoint(9))
        }
        #expect(throws: RiskError.self) { try RiskLimits(staleAfter: .zero) }
        #expect(throws: RiskError.self) { try RiskLimits(cashBuffer: Fraction(2)) }
        #expect(throws: Never.self) { try RiskLimits(maxLeverage: Fraction(2), maxOrdersPerMinute: 5) }
    }

    @Test("A symbol may have a stop-loss of its own")
    func stopLoss() throws {
        let limits = try RiskLimits(stopLossBySymbol: [pltr: Fraction("0.05")])
        #expect(limits.stopLoss(of: nvda).description == "0.02")
        #expect(limits.stopLoss(of: pltr).description == "0.05")
    }
}
