import Core
import TestSupport
import Testing

@Suite struct InstrumentTests {
    @Test("The notional is price times quantity times multiplier in the instrument's currency")
    func notional() throws {
        #expect(try Instrument.fixture().notional(.cents(12_345), Quantity(100)).description == "12345 USD")
        let future = try Instrument.fixture(
            kind: .future(expiry: try #require(CivilDate(iso: "2026-12-18"))), multiplier: FixedPoint(50))
        #expect(try future.notional(Price("5000.25"), -Quantity(2)).description == "-500025 USD")
    }

    @Test("A notional beyond the limit throws")
    func overflow() throws {
        let huge = Quantity(1_000_000_000_000)
        #expect(throws: ArithmeticError.self) { try Instrument.fixture().notional(Price(1_000_000_000), huge) }
    }

    @Test("Lots and multipliers have to be positive")
    func refused() {
        #expect(throws: Instrument.Problem.lotNotPositive(.zero)) { try Instrument.fixture(lotSize: .zero) }
        #expect(throws: Instrument.Problem.multiplierNotPositive(FixedPoint(-1))) {
            try Instrument.fixture(multiplier: FixedPoint(-1))
        }
    }
}
