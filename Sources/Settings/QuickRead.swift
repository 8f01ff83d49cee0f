internal import Core

/// Short ways to read the texts that stand in most files. Whatever is not of the common form goes the way of Core, whose
/// readers take texts of any kind: the first use of each costs a start more than all values of a configuration.
enum QuickRead {
    static func decimal(_ text: String) throws(ArithmeticError) -> FixedPoint {
        if let units = units(text) { return try FixedPoint(units: units) }
        return try FixedPoint(text)
    }

    /// Units of 1e-8 of a plain number without a sign; `nil` for any other text, and for a number of more digits.
    private static func units(_ text: String) -> Int128? {
        let bytes = text.utf8
        guard bytes.count <= 18 else { return nil }
        // Eighteen digits fit.
        var value: Int64 = 0
        var wholes = 0
        var decimals = -1
        for byte in bytes {
            if byte == UInt8(ascii: "."), wholes > 0, decimals < 0 {
                decimals = 0
                continue
            }
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 48)
            if decimals < 0 { wholes += 1 } else { decimals += 1 }
        }
        guard wholes > 0, decimals != 0, decimals <= 8 else { return nil }
        let scales: [Int128] = [100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1000, 100, 10, 1]
        return Int128(value) * scales[max(decimals, 0)]
    }

    static func currency(_ text: String) -> Currency? {
        switch text {
        case "USD": .usd
        case "KRW": .krw
        default: Currency(text)
        }
    }

    static func timeframe(_ text: String) -> Timeframe? {
        switch text {
        case "1m": .oneMinute
        case "5m": .fiveMinutes
        case "15m": .fifteenMinutes
        case "1h": .oneHour
        case "1d": .oneDay
        default: Timeframe(text)
        }
    }

    /// `2026-11-20`.
    static func date(_ text: String) -> CivilDate? {
        var parts = [0, 0, 0]
        for (index, byte) in text.utf8.enumerated() {
            switch (index, byte) {
            case (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")): continue
            case (4, _), (7, _), (10..., _): return nil
            case (_, 48...57):
                let part = index < 4 ? 0 : index < 7 ? 1 : 2
                parts[part] = parts[part] * 10 + Int(byte - 48)
            default: return nil
            }
        }
        guard text.utf8.count == 10 else { return nil }
        return CivilDate(year: parts[0], month: parts[1], day: parts[2])
    }
}
