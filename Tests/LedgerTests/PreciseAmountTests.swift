import Core
import Ledger
import Testing

@Suite struct PreciseAmountTests {
    @Test("Sixteen decimals are kept, eight and twelve are shown, half to even")
    func rounding() throws {
        let cases: [(Int128, String, String)] = [
            (10_000_000_000_000_000, "1", "1"), (50_000_000, "0.000000005", "0"),
            (150_000_000, "0.000000015", "0.00000002"), (-250_000_000, "-0.000000025", "-0.00000002"),
            (5000, "0", "0"), (15_000, "0.000000000002", "0"), (-5000, "0", "0"),
        ]
        for (units, exact, rounded) in cases {
            let amount = try PreciseAmount(units: units)
            #expect(amount.description == exact && amount.rounded.description == rounded, "\(units)")
        }
    }

    @Test("The range ends at 10^18 and throws beyond") func range() throws {
        let top = PreciseAmount(FixedPoint(1_000_000_000_000_000_000))
        #expect(top.rounded == FixedPoint(1_000_000_000_000_000_000))
        #expect(throws: ArithmeticError.self) { try top + PreciseAmount(FixedPoint(1)) }
        #expect(throws: ArithmeticError.self) { try top.multiplied(by: FixedPoint(2)) }
        #expect(try top.multiplied(by: FixedPoint("0.5")) == PreciseAmount(FixedPoint(500_000_000_000_000_000)))
    }

    @Test("Multiplying rounds once, half to even") func product() throws {
        let smallest = try PreciseAmount(units: 1)
        #expect(try smallest.multiplied(by: FixedPoint("0.5")).units == 0)
        #expect(try PreciseAmount(units: 3).multiplied(by: FixedPoint("0.5")).units == 2)
        #expect(try PreciseAmount(units: -3).multiplied(by: FixedPoint("0.5")).units == -2)
    }
}
