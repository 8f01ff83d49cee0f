public import Core

/// How numbers and times are written for people: the same text for the same value, on every machine.
///
/// Thousands are set apart by commas, negative numbers carry a true minus sign (U+2212), what is unknown is a dash.
public enum ReportFormat {
    public static let unknown = "–"

    /// `1,234,567.50`, rounded half to even at the last digit shown (0 to 8 decimals).
    public static func number(_ value: FixedPoint, digits: Int) -> String {
        let text = value.magnitude.formatted(digits: min(max(digits, 0), FixedPoint.fractionDigits))
        let parts = text.split(separator: ".", maxSplits: 1)
        let whole = parts.first.map { grouped(String($0)) } ?? "0"
        let body = parts.count > 1 ? whole + "." + parts[1] : whole
        let isZero = !text.contains { ("1"..."9").contains($0) }
        return value.isNegative && !isZero ? "−" + body : body
    }

    private static func grouped(_ digits: String) -> String {
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return result
    }

    /// A number that always shows its sign; zero has none.
    public static func signed(_ value: FixedPoint, digits: Int) -> String {
        let text = number(value, digits: digits)
        return value.isPositive && text.contains { ("1"..."9").contains($0) } ? "+" + text : text
    }

    /// `1,234.50 USD`, with the digits in which the currency is settled.
    public static func money(_ money: Money) -> String {
        number(money.amount, digits: money.currency.minorDigits) + " " + money.currency.code
    }

    public static func signedMoney(_ money: Money) -> String {
        signed(money.amount, digits: money.currency.minorDigits) + " " + money.currency.code
    }

    /// The amount alone, for columns whose head names the currency.
    public static func amount(_ money: Money) -> String { number(money.amount, digits: money.currency.minorDigits) }
    public static func signedAmount(_ money: Money) -> String {
        signed(money.amount, digits: money.currency.minorDigits)
    }

    /// A price with at least the currency's digits and at most four.
    public static func price(_ price: Price, _ currency: Currency) -> String {
        let least = currency.minorDigits
        let most = max(least, 4)
        var text = number(price.value, digits: most)
        for _ in least..<most where text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    /// A quantity with the decimals it has.
    public static func quantity(_ quantity: Quantity) -> String {
        let text = quantity.value.magnitude.description
        let decimals = text.firstIndex(of: ".").map { text.distance(from: $0, to: text.endIndex) - 1 } ?? 0
        return number(quantity.value, digits: decimals)
    }

    /// `12.34 %`.
    public static func percent(_ share: Fraction, digits: Int = 2) -> String {
        guard let hundred = try? share.value.multiplied(by: FixedPoint(100), rounding: .halfEven) else {
            return unknown
        }
        return number(hundred, digits: digits) + " %"
    }

    public static func signedPercent(_ share: Fraction, digits: Int = 2) -> String {
        guard let hundred = try? share.value.multiplied(by: FixedPoint(100), rounding: .halfEven) else {
            return unknown
        }
        return signed(hundred, digits: digits) + " %"
    }

    /// A statistic; what is not finite or not defined is a dash.
    public static func decimal(_ value: Double?, digits: Int) -> String {
        guard let value, let exact = try? FixedPoint(nearest: value) else { return unknown }
        return number(exact, digits: digits)
    }

    public static func percent(_ value: Double?, digits: Int = 2) -> String {
        guard let value, let exact = try? FixedPoint(nearest: value) else { return unknown }
        return percent(Fraction(exact), digits: digits)
    }

    public static func signedPercent(_ value: Double?, digits: Int = 2) -> String {
        guard let value, let exact = try? FixedPoint(nearest: value) else { return unknown }
        return signedPercent(Fraction(exact), digits: digits)
    }

    /// `850 ms`, `12.3 s`, `4 min 05 s`.
    public static func duration(milliseconds: Double?) -> String {
        guard let milliseconds, milliseconds.isFinite, milliseconds >= 0 else { return unknown }
        if milliseconds < 1000 { return decimal(milliseconds, digits: milliseconds < 10 ? 1 : 0) + " ms" }
        if milliseconds < 60_000 { return decimal(milliseconds / 1000, digits: 1) + " s" }
        let seconds = Int(milliseconds / 1000)
        return "\(grouped(String(seconds / 60))) min \(twoDigits(seconds % 60)) s"
    }

    static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// The time zone a report is written in. The rules come from outside; the report only asks for offsets.
public struct ReportZone: Sendable {
    /// What the reader sees: `Asia/Seoul`.
    public let name: String
    private let offset: @Sendable (Instant) -> Int

    /// `offsetSeconds` tells how far the zone's clocks are ahead of UTC at an instant.
    public init(name: String, offsetSeconds: @escaping @Sendable (Instant) -> Int) {
        self.name = name
        offset = offsetSeconds
    }

    public static let utc = ReportZone(name: "UTC") { _ in 0 }

    public func offsetSeconds(at instant: Instant) -> Int { offset(instant) }

    /// The clocks' reading, as if it were UTC.
    func local(_ instant: Instant) -> Instant { instant.advanced(bySeconds: Int64(offset(instant))) }
    /// The instant of a reading: exact but for the hour of a change of the clocks.
    func instant(local: Instant) -> Instant {
        let guess = local.advanced(bySeconds: -Int64(offset(local)))
        return local.advanced(bySeconds: -Int64(offset(guess)))
    }

    public func date(_ instant: Instant) -> CivilDate { local(instant).utcDate }

    /// `15:35`, or `15:35:07` with seconds.
    public func clock(_ instant: Instant, seconds: Bool = false) -> String {
        let reading = local(instant)
        let second = Int(reading.epochSeconds - reading.utcDate.startUTC.epochSeconds)
        let hourAndMinute = ReportFormat.twoDigits(second / 3600) + ":" + ReportFormat.twoDigits(second / 60 % 60)
        return seconds ? hourAndMinute + ":" + ReportFormat.twoDigits(second % 60) : hourAndMinute
    }

    /// `2026-11-20 15:35`.
    public func dateAndClock(_ instant: Instant) -> String { "\(date(instant)) \(clock(instant))" }
}
