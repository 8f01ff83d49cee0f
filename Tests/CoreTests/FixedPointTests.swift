import Core
import TestSupport
import Testing

@Suite struct FixedPointTests {
    @Test("Sums, products, quotients and roundings agree with Python's exact fractions")
    func goldens() throws {
        let rows = try Fixture.rows("fixed-point.csv")
        #expect(rows.count >= 300)
        for row in rows {
            #expect(Self.outcome(try Calculation(row)) == row[5], "\(row)")
        }
    }

    /// One row: `op,a,b,c,rounding,expected`.
    private struct Calculation {
        let op: String
        let a: FixedPoint
        let b: FixedPoint
        let c: FixedPoint
        let rounding: RoundingRule

        init(_ row: [String]) throws {
            op = row[0]
            (a, b, c) = (try FixedPoint(row[1]), try FixedPoint(row[2]), try FixedPoint(row[3]))
            rounding = try #require(FixedPointTests.rules[row[4]])
        }

        func run() throws(ArithmeticError) -> FixedPoint? {
            switch op {
            case "add": try a + b
            case "sub": try a - b
            case "mul": try a.multiplied(by: b, rounding: rounding)
            case "div": try a.divided(by: b, rounding: rounding)
            case "scale": try a.scaled(by: b, over: c, rounding: rounding)
            case "step": try a.rounded(toMultipleOf: b, rounding)
            default: nil
            }
        }
    }

    private static let rules: [String: RoundingRule] = [
        "down": .down, "up": .up, "towardZero": .towardZero, "awayFromZero": .awayFromZero, "halfEven": .halfEven,
        "halfAwayFromZero": .halfAwayFromZero,
    ]

    private static func outcome(_ calculation: Calculation) -> String {
        do { return try calculation.run()?.description ?? "unknown operation" } catch {
            switch error {
            case .overflow: return "overflow"
            case .divisionByZero: return "divisionByZero"
            case .malformed, .tooPrecise, .currencyMismatch: return "\(error)"
            }
        }
    }

    @Test("What is printed reads back as the same number", arguments: propertySeeds)
    func printedReadsBack(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let value = try random.fixedPoint()
            #expect(try FixedPoint(value.description) == value)
            #expect(try FixedPoint(utf8: value.description.utf8) == value)
        }
    }

    @Test("Sums undo differences and do not depend on order", arguments: propertySeeds)
    func sums(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let (a, b) = (try random.fixedPoint(digits: 0...25), try random.fixedPoint(digits: 0...25))
            #expect(try a + b == b + a)
            #expect(try (a + b) - b == a)
            #expect((a < b) == (try a - b).isNegative)
        }
    }

    @Test("Rounding up and down enclose the exact result, one unit apart at most", arguments: propertySeeds)
    func enclosure(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let (a, b) = (try random.fixedPoint(digits: 0...16), try random.fixedPoint(digits: 1...16))
            guard !b.isZero else { continue }
            let low = try a.divided(by: b, rounding: .down)
            let high = try a.divided(by: b, rounding: .up)
            #expect(low <= high && high.units - low.units <= 1)
            let nearest = try a.divided(by: b, rounding: .halfEven)
            #expect(nearest == low || nearest == high)
        }
    }

    @Test(
        "Texts that are no plain decimal number are refused",
        arguments: [
            "", " ", "-", "+", ".", "-.", "1.", ".5", "-.5", "1..2", "1.2.3", "--1", "+-1", "1-", "1 ", " 1", "1,000",
            "1_000", "1e5", "1E-3", "0x10", "NaN", "inf", "١٢", "１２", "½", "1.5\n", "1\u{0}", "−1", "$5", "5%",
        ])
    func malformed(text: String) {
        #expect(throws: ArithmeticError.malformed(text)) { try FixedPoint(text) }
    }

    @Test("A ninth decimal is refused unless it is zero")
    func ninthDecimal() throws {
        #expect(throws: ArithmeticError.tooPrecise("0.000000001")) { try FixedPoint("0.000000001") }
        #expect(throws: ArithmeticError.tooPrecise("1.1234567801")) { try FixedPoint("1.1234567801") }
        #expect(try FixedPoint("1.12345678000").description == "1.12345678")
    }

    @Test(
        "Numbers are written without superfluous zeros",
        arguments: [
            ("0", "0"), ("-0", "0"), ("+7", "7"), ("007", "7"), ("1.50", "1.5"), ("-0.00000001", "-0.00000001"),
            ("-12.05", "-12.05"), ("1000000", "1000000"), ("1000000000000000000", "1000000000000000000"),
            ("-1000000000000000000.00000000", "-1000000000000000000"), ("999999999999999999.99999999", nil),
        ] as [(String, String?)])
    func spelling(text: String, expected: String?) throws {
        #expect(try FixedPoint(text).description == expected ?? text)
    }

    @Test(
        "Numbers beyond 10^18 are refused, however they are written",
        arguments: ["1000000000000000000.00000001", "-1000000000000000001", "1" + String(repeating: "0", count: 60)])
    func beyondTheLimit(text: String) {
        #expect(throws: ArithmeticError.overflow(text)) { try FixedPoint(text) }
    }

    @Test("Whole numbers, units and 64-bit units name the same numbers")
    func initialisers() throws {
        #expect(FixedPoint(12) == (try FixedPoint("12")))
        #expect(FixedPoint(-1_000_000_000_000_000_000).units == -FixedPoint.magnitudeLimit)
        #expect(FixedPoint(int64Units: -150_000_000) == (try FixedPoint("-1.5")))
        #expect((try FixedPoint("92233720368.54775807")).int64Units == Int64.max)
        #expect((try FixedPoint("92233720368.54775808")).int64Units == nil)
        #expect(throws: ArithmeticError.self) { try FixedPoint(units: FixedPoint.magnitudeLimit + 1) }
    }

    @Test("A binary number becomes the nearest decimal; what is not finite or too large is refused")
    func fromBinary() throws {
        #expect(try FixedPoint(nearest: 0.1).description == "0.1")
        #expect(try FixedPoint(nearest: -2.5e-9).description == "0")
        #expect(try FixedPoint(nearest: 123456.789).description == "123456.789")
        for hostile in [Double.nan, .infinity, -.infinity, 1e18, -1e300] {
            #expect(throws: ArithmeticError.self) { try FixedPoint(nearest: hostile) }
        }
    }

    @Test(
        "Digits for display are rounded half to even and filled up with zeros",
        arguments: [
            ("1.005", 2, "1.00"), ("1.015", 2, "1.02"), ("-2.5", 0, "-2"), ("7", 3, "7.000"), ("0.1", 8, "0.10000000"),
            ("1.5", 9, "1.500000000"), ("999.999", 2, "1000.00"), ("15", -1, "15"),
        ])
    func formatted(text: String, digits: Int, expected: String) throws {
        #expect(try FixedPoint(text).formatted(digits: digits) == expected)
    }

    @Test("Rounding to eight digits or more changes nothing and never traps")
    func manyDigits() throws {
        let value = try FixedPoint("1.23456789")
        for digits in [8, 9, 40] { #expect(try value.rounded(toDigits: digits, .up) == value) }
        #expect(try value.rounded(toDigits: -3, .down) == FixedPoint(1))
    }

    @Test("Multiples are recognised; nothing is a multiple of zero")
    func multiples() throws {
        #expect(try FixedPoint("1.25").isMultiple(of: FixedPoint("0.05")))
        #expect(try !FixedPoint("1.26").isMultiple(of: FixedPoint("0.05")))
        #expect(FixedPoint.zero.isMultiple(of: .one))
        #expect(!FixedPoint.one.isMultiple(of: .zero))
    }
}
