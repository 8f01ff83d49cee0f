import Core
import Testing

@testable import MarketData

@Suite("Exact ratios")
struct ExactRatioTests {
    @Test("One factor rounds as the exact arithmetic of Core does", arguments: [UInt64](1...10))
    func agreesWithCore(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let new = Int.random(in: 1...100_000, using: &random)
            let old = Int.random(in: 1...100_000, using: &random)
            let value = FixedPoint(int64Units: Int64.random(in: -1_000_000_000_000...1_000_000_000_000, using: &random))
            let ratio = try #require(ExactRatio.one.multiplied(by: Int128(new), over: Int128(old)))
            let expected = try value.scaled(by: FixedPoint(new), over: FixedPoint(old), rounding: .halfEven)
            #expect(try ratio.applied(to: value) == expected, "seed \(seed): \(value) × \(new) ÷ \(old)")
        }
    }

    @Test("A tie goes to the even neighbour, also where the first bits of the factor leave it open")
    func ties() throws {
        // 3 units × 1 ÷ 6 is half a unit, 9 × 1 ÷ 6 one and a half.
        // Halves, quarters and eighths take the short way in full.
        for (part, shift) in [(Int128(2), Int64(1)), (4, 2), (8, 4)] {
            let ratio = try #require(ExactRatio.one.multiplied(by: 1, over: part))
            for (halves, rounded) in [(Int64(1), 0), (3, 2), (5, 2), (7, 4)] {
                #expect(try ratio.applied(to: FixedPoint(int64Units: halves * shift)).units == rounded)
            }
        }
        let sixth = try #require(ExactRatio.one.multiplied(by: 1, over: 6))
        #expect(try sixth.applied(to: FixedPoint(int64Units: 3)).units == 0)
        #expect(try sixth.applied(to: FixedPoint(int64Units: 9)).units == 2)
        #expect(try sixth.applied(to: FixedPoint(int64Units: -9)).units == -2)
        #expect(try sixth.applied(to: FixedPoint(int64Units: 10)).units == 2)
        #expect(try sixth.applied(to: FixedPoint(int64Units: 8)).units == 1)
        #expect(try sixth.applied(to: FixedPoint(int64Units: 6)).units == 1)
    }

    @Test("A long chain of factors and its inverse give back the value, and the chain is rounded once")
    func chain() throws {
        // Sixty quarters of (100 − 0.37) ÷ 100: python3, Fraction(9963, 10000) ** 60 × 123.45 with eight decimals.
        var ratio = ExactRatio.one
        for _ in 0..<60 { ratio = try #require(ratio.multiplied(by: 9963, over: 10_000)) }
        let value = try FixedPoint("123.45")
        #expect(try ratio.applied(to: value).description == "98.83230252")
        for _ in 0..<60 { ratio = try #require(ratio.multiplied(by: 10_000, over: 9963)) }
        #expect(try ratio.applied(to: value) == value)
        #expect(ratio.inverse?.inverse != nil)
    }

    @Test("Factors that leave every price without meaning are refused, and a product out of range throws")
    func range() throws {
        var ratio: ExactRatio? = .one
        for _ in 0..<6 { ratio = ratio?.multiplied(by: 1000, over: 1) }
        #expect(ratio != nil)
        #expect(ratio?.multiplied(by: 1000, over: 1) == nil)
        #expect(ExactRatio.one.multiplied(by: 0, over: 1) == nil)
        #expect(ExactRatio.one.multiplied(by: 1, over: -1) == nil)
        #expect(throws: ArithmeticError.self) { try ratio?.applied(to: FixedPoint(1_000_000)) }
        #expect(try ratio?.inverse?.applied(to: FixedPoint(1_000_000_000_000)).units == 100)
    }
}
