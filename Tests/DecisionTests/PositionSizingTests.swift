import Core
import Testing

@testable import Decision

/// One row of the sizing table: what is given, and the target that follows by hand.
struct SizingCase: Sendable {
    let sizing: PositionSizing
    let price: String
    let equity: String
    let currency: Currency
    let lot: String
    let target: String?

    init(
        _ sizing: PositionSizing, _ price: String, _ equity: String, _ currency: Currency, _ lot: String,
        _ target: String?
    ) {
        self.sizing = sizing
        self.price = price
        self.equity = equity
        self.currency = currency
        self.lot = lot
        self.target = target
    }

    static let tenPercent = PositionSizing.percentOfEquity(Fraction(FixedPoint(int64Units: 10_000_000)))
    /// A won is 0.0007 dollars; equity is in dollars.
    static let table: [SizingCase] = [
        // 10 % of 100,000 = 10,000 dollars.
        SizingCase(tenPercent, "100", "100000", .usd, "1", "100"),
        SizingCase(tenPercent, "100.01", "100000", .usd, "1", "99"),
        SizingCase(tenPercent, "187.43", "100000", .usd, "1", "53"),
        SizingCase(tenPercent, "187.43", "100000", .usd, "10", "50"),
        SizingCase(tenPercent, "187.43", "100000", .usd, "0.001", "53.353"),
        SizingCase(tenPercent, "10000", "100000", .usd, "1", "1"),
        SizingCase(tenPercent, "10000.01", "100000", .usd, "1", nil),
        // 70,000 won = 49 dollars: 10,000 / 49 = 204.08.
        SizingCase(tenPercent, "70000", "100000", .krw, "1", "204"),
        SizingCase(tenPercent, "70000", "100000", .krw, "10", "200"),
        SizingCase(tenPercent, "70000", "400", .krw, "1", nil),
        SizingCase(.fixed(Quantity(25)), "100", "1", .usd, "10", "20"),
        SizingCase(.fixed(Quantity(25)), "70000", "1", .krw, "1", "25"),
        SizingCase(tenPercent, "0", "100000", .usd, "1", nil),
        SizingCase(tenPercent, "100", "0", .usd, "1", nil),
        SizingCase(tenPercent, "100", "-5", .usd, "1", nil),
    ]
}

@Suite("Position sizing")
struct PositionSizingTests {
    @Test("The target follows from equity, rate, price and lot", arguments: SizingCase.table)
    func table(row: SizingCase) throws {
        let basis = SizingBasis(
            bars: try bars([row.price]), lot: try Quantity(row.lot), price: try Price(row.price), multiplier: .one,
            equity: try usd(row.equity), rate: row.currency == .usd ? .one : try usd("0.0007"))
        let outcome = row.sizing.target(basis)
        guard let target = row.target else {
            if case .sized = outcome { Issue.record("sized \(outcome)") }
            return
        }
        guard case .sized(let quantity, _) = outcome else {
            Issue.record("not sized: \(outcome)")
            return
        }
        #expect(quantity == (try Quantity(target)))
    }

    /// Python: closes 100, 101, 100, 101, 100 have a yearly deviation of 0.18239558706655934 with 252 bars a year.
    @Test(
        "The volatility target sizes by what the price moves in a year",
        arguments: [
            ("0.1", "1", "548"), ("0.05", "1", "274"), ("0.1", "0.3", "300"), ("0.2", "1", "1000"),
        ])
    func volatility(annual: String, most: String, target: String) throws {
        let sizing = PositionSizing.volatilityTarget(
            annual: try Fraction(annual), maxPercent: try Fraction(most), barsPerYear: 252, lookback: 4)
        let closes = try bars(["7", "100", "101", "100", "101", "100"])
        let basis = SizingBasis(
            bars: closes, lot: Quantity(1), price: Price(100), multiplier: .one, equity: FixedPoint(100_000), rate: .one
        )
        guard case .sized(let quantity, _) = sizing.target(basis) else {
            Issue.record("not sized")
            return
        }
        #expect(quantity == (try Quantity(target)))
    }

    @Test("Without enough bars, rate or equity nothing is sized, and the reason is told")
    func unsized() throws {
        func basis(_ closes: [String], equity: FixedPoint?, rate: FixedPoint?) throws -> SizingBasis {
            SizingBasis(
                bars: try bars(closes), lot: Quantity(1), price: Price(100), multiplier: .one, equity: equity,
                rate: rate)
        }
        let vol = PositionSizing.volatilityTarget(
            annual: try Fraction("0.1"), maxPercent: .one, barsPerYear: 252, lookback: 4)
        #expect(vol.target(try basis(["1", "2", "1", "2"], equity: .one, rate: .one)) == .unsized("warming-up"))
        #expect(SizingCase.tenPercent.target(try basis(["100"], equity: nil, rate: .one)) == .unsized("no-equity"))
        #expect(SizingCase.tenPercent.target(try basis(["100"], equity: .one, rate: nil)) == .unsized("no-rate"))
        let huge = try FixedPoint("1000000000000000000")
        let wide = PositionSizing.percentOfEquity(Fraction(10))
        #expect(wide.target(try basis(["100"], equity: huge, rate: .one)) == .unsized("not-calculable"))
    }

    @Test("A price that does not move is no safe one and sizes nothing; the first rules sized it at the maximum")
    func still() throws {
        let sizing = PositionSizing.volatilityTarget(
            annual: try Fraction("0.1"), maxPercent: try Fraction("0.25"), barsPerYear: 252, lookback: 2)
        var basis = SizingBasis(
            bars: try bars(["100", "100", "100"]), lot: Quantity(1), price: Price(100), multiplier: .one,
            equity: FixedPoint(100_000), rate: .one)
        #expect(sizing.target(basis) == .unsized("no-volatility"))
        basis.rules = .first
        #expect(sizing.target(basis) == .sized(Quantity(250), share: try Fraction("0.25")))
    }

    @Test("The target never exceeds its share of equity, not by a digit", arguments: 0..<300)
    func neverExceeds(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "sizing")
        func decimal(_ range: ClosedRange<Int64>) -> FixedPoint {
            FixedPoint(int64Units: Int64.random(in: range, using: &random))
        }
        let share = Fraction(decimal(1...100_000_000))
        let price = Price(decimal(1...10_000_000_000_000))
        let (rate, equity) = (decimal(1...200_000_000), decimal(1...100_000_000_000_000))
        let lot = Quantity(decimal(1...200_000_000))
        let multiplier = FixedPoint(Int.random(in: 1...50, using: &random))
        let basis = SizingBasis(
            bars: [], lot: lot, price: price, multiplier: multiplier, equity: equity, rate: rate)
        guard case .sized(let quantity, _) = PositionSizing.percentOfEquity(share).target(basis) else { return }
        let value = try quantity.value.multiplied(by: price.value, rounding: .up)
            .multiplied(by: multiplier, rounding: .down).multiplied(by: rate, rounding: .down)
        #expect(value <= (try equity.multiplied(by: share.value, rounding: .up)), "seed \(seed)")
        #expect(quantity.value.isMultiple(of: lot.value))
    }
}
