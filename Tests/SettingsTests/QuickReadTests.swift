import Core
import Testing

@testable import Settings

struct QuickReadTests {
    @Test(
        "A number is read as Core reads it, or refused as Core refuses it",
        arguments: [
            "0", "1", "0.05", "100", "1.0", "00.10", "123456789.12345678", "999999999999999999", "1234567890123456.7",
            "0.000000001", "0.123456780", "1.", ".5", "-1", "+2", "1e3", "", " 1", "1 ", "1.2.3", "٣", "1_000",
        ])
    func decimals(text: String) {
        #expect((try? QuickRead.decimal(text)) == (try? FixedPoint(text)))
    }

    @Test("Random numbers are read as Core reads them", arguments: UInt64(1)...4)
    func random(seed: UInt64) {
        var random = TestRandom(state: seed)
        for _ in 0..<2000 {
            let length = Int.random(in: 0..<20, using: &random)
            let text = String(
                (0..<length).map { _ in
                    Array("0123456789012345678901234567890123456789..-")[Int.random(in: 0..<43, using: &random)]
                })
            #expect((try? QuickRead.decimal(text)) == (try? FixedPoint(text)), "\(text) seed \(seed)")
        }
    }

    @Test(
        "A day is read as Core reads it",
        arguments: [
            "2026-11-20", "2024-02-29", "2026-02-29", "2026-13-01", "2026-1-01", "20261120", "2026-11-200",
            "2026/11/20",
            "", "-026-11-20", "2026-11-2٣", "0001-01-01", "2026-11-20T",
        ])
    func dates(text: String) { #expect(QuickRead.date(text) == CivilDate(iso: text)) }

    @Test(
        "A timeframe and a currency too",
        arguments: ["1m", "5m", "15m", "30m", "1h", "4h", "1d", "7m", "", "5M", "USD", "KRW", "EUR", "usd"])
    func words(text: String) {
        #expect(QuickRead.timeframe(text) == Timeframe(text))
        #expect(QuickRead.currency(text) == Currency(text))
    }
}
