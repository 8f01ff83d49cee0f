import Core
import TestSupport
import Testing

@Suite struct AmountsTests {
    @Test("Amounts of two currencies are never combined")
    func currencyMismatch() throws {
        let dollars = Money(FixedPoint(10), .usd)
        let won = Money(FixedPoint(10), .krw)
        #expect(throws: ArithmeticError.currencyMismatch(.usd, .krw)) { try dollars + won }
        #expect(throws: ArithmeticError.currencyMismatch(.krw, .usd)) { try won - dollars }
        #expect(dollars != won)
    }

    @Test("Money adds, subtracts and scales within one currency")
    func money() throws {
        let amount = Money(try FixedPoint("10.25"), .usd)
        #expect(try (amount + amount).description == "20.5 USD")
        #expect(try (amount - Money(FixedPoint(11), .usd)).description == "-0.75 USD")
        #expect(try amount.multiplied(by: Fraction("0.05"), rounding: .halfEven).description == "0.5125 USD")
        #expect((-amount).isNegative)
        #expect((-amount).magnitude == amount)
        #expect(Money.zero(.krw).isZero)
    }

    @Test("Money beyond the limit throws instead of wrapping")
    func overflow() {
        let most = Money(FixedPoint(1_000_000_000_000_000_000), .krw)
        #expect(throws: ArithmeticError.self) { try most + most }
        #expect(throws: ArithmeticError.self) { try -most - most }
    }

    @Test(
        "Statements are rounded to cents, won and fils",
        arguments: [
            ("USD", "1.005", "1 USD"), ("USD", "1.015", "1.02 USD"), ("KRW", "1234.5", "1234 KRW"),
            ("KRW", "1235.5", "1236 KRW"), ("JPY", "0.5", "0 JPY"), ("KWD", "1.0005", "1 KWD"),
            ("EUR", "-2.675", "-2.68 EUR"),
        ])
    func minorUnits(code: String, amount: String, expected: String) throws {
        let currency = try #require(Currency(code))
        #expect(try Money(FixedPoint(amount), currency).roundedToMinorUnit(.halfEven).description == expected)
    }

    @Test("Amounts for people carry the currency's digits")
    func display() throws {
        #expect(try Money(FixedPoint("1234.5"), .usd).display == "1234.50 USD")
        #expect(try Money(FixedPoint("1234.5"), .krw).display == "1234 KRW")
    }

    @Test("A currency is three capital letters", arguments: ["", "US", "usd", "USDT", "U D", "ÜSD", "U5D"])
    func currencyCodes(code: String) {
        #expect(Currency(code) == nil)
    }

    @Test("Prices and quantities read, order and calculate exactly")
    func values() throws {
        #expect(try Price("1.10") < Price("1.2"))
        #expect(try Quantity("0.5") + Quantity("0.25") == Quantity("0.75"))
        #expect(try Quantity(1) - Quantity(3) == -Quantity(2))
        #expect((-Quantity(2)).magnitude == Quantity(2))
        #expect(Price.zero.isZero && !Price.zero.isNegative && !Price.zero.isPositive)
        #expect(Price.cents(1234).description == "12.34")
        #expect(Fraction.one == Fraction(1))
        #expect(throws: ArithmeticError.malformed("abc")) { try Price("abc") }
    }

    @Test("Every arithmetic error says what happened to what")
    func messages() {
        #expect(ArithmeticError.malformed("1,0").description == "'1,0' is not a decimal number")
        #expect(ArithmeticError.tooPrecise("0.123456789").description == "'0.123456789' has more than eight decimals")
        #expect(
            ArithmeticError.currencyMismatch(.usd, .krw).description == "USD and KRW cannot be combined without a rate")
    }
}
