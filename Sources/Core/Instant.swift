/// A point in time, UTC, in whole microseconds since 1970-01-01T00:00:00Z. Leap seconds do not exist (POSIX time).
public struct Instant: Hashable, Sendable, Comparable {
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }
    public init(epochSeconds: Int64) { microseconds = epochSeconds * 1_000_000 }

    /// Whole seconds since the epoch, rounded towards the past.
    public var epochSeconds: Int64 {
        microseconds >= 0 ? microseconds / 1_000_000 : -((-microseconds + 999_999) / 1_000_000)
    }

    public var isWholeSecond: Bool { microseconds % 1_000_000 == 0 }

    public func advanced(bySeconds seconds: Int64) -> Instant {
        Instant(microseconds: microseconds + seconds * 1_000_000)
    }
    public func advanced(by duration: Duration) -> Instant {
        let (seconds, attoseconds) = duration.components
        return Instant(microseconds: microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }

    /// The time from `earlier` to this instant; negative if `earlier` is later.
    public func duration(since earlier: Instant) -> Duration { .microseconds(microseconds - earlier.microseconds) }

    public static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }
}

extension Instant: CustomStringConvertible {
    /// RFC 3339 in UTC: `2026-11-20T15:35:00Z`, with three or six fractional digits only where they are needed.
    public var description: String {
        let seconds = epochSeconds
        let fraction = Int(microseconds - seconds * 1_000_000)
        let date = CivilDate(daysSinceEpoch: Int(seconds >= 0 ? seconds / 86_400 : -((-seconds + 86_399) / 86_400)))
        let second = Int(seconds - Int64(date.daysSinceEpoch) * 86_400)
        let clock = "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        let tail: String
        switch fraction {
        case 0: tail = ""
        case let whole where whole % 1000 == 0: tail = "." + padded(whole / 1000, 3)
        default: tail = "." + padded(fraction, 6)
        }
        return "\(date)T\(clock)\(tail)Z"
    }

    /// Reads RFC 3339: `YYYY-MM-DDThh:mm[:ss[.fraction]]` and `Z` or an offset `±hh:mm`; a blank may stand for the T.
    /// Fractions beyond microseconds are cut. `nil` for anything else, also for dates that do not exist.
    public init?(rfc3339 text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 17, let date = CivilDate(iso: String(decoding: bytes[0..<10], as: UTF8.self)),
            bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t") || bytes[10] == UInt8(ascii: " "),
            let clock = ClockText(bytes[11...])
        else { return nil }
        let seconds = Int64(date.daysSinceEpoch) * 86_400 + Int64(clock.secondOfDay) - Int64(clock.offsetSeconds)
        self.init(microseconds: seconds * 1_000_000 + Int64(clock.microsecond))
    }
}

/// The part of an RFC 3339 time behind the `T`.
private struct ClockText {
    var secondOfDay = 0
    var microsecond = 0
    var offsetSeconds = 0

    init?(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        guard let hour = Self.number(&rest, 2), hour < 24, Self.take(&rest, ":"), let minute = Self.number(&rest, 2),
            minute < 60
        else { return nil }
        var second = 0
        if rest.first == UInt8(ascii: ":") {
            rest.removeFirst()
            guard let value = Self.number(&rest, 2), value < 60 else { return nil }
            second = value
            if rest.first == UInt8(ascii: ".") {
                rest.removeFirst()
                guard let fraction = Self.fraction(&rest) else { return nil }
                microsecond = fraction
            }
        }
        secondOfDay = hour * 3600 + minute * 60 + second
        guard let offset = Self.offset(&rest), rest.isEmpty else { return nil }
        offsetSeconds = offset
    }

    private static func take(_ bytes: inout ArraySlice<UInt8>, _ letter: Unicode.Scalar) -> Bool {
        guard bytes.first == UInt8(ascii: letter) else { return false }
        bytes.removeFirst()
        return true
    }

    private static func number(_ bytes: inout ArraySlice<UInt8>, _ digits: Int) -> Int? {
        guard bytes.count >= digits else { return nil }
        var value = 0
        for byte in bytes.prefix(digits) {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        bytes.removeFirst(digits)
        return value
    }

    private static func fraction(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        var value = 0
        var digits = 0
        while let byte = bytes.first, (48...57).contains(byte) {
            if digits < 6 { value = value * 10 + Int(byte - 48) }
            digits += 1
            bytes.removeFirst()
        }
        guard digits > 0 else { return nil }
        for _ in min(digits, 6)..<6 { value *= 10 }
        return value
    }

    private static func offset(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        if take(&bytes, "Z") || take(&bytes, "z") { return 0 }
        let sign: Int
        if take(&bytes, "+") { sign = 1 } else if take(&bytes, "-") { sign = -1 } else { return nil }
        guard let hours = number(&bytes, 2), hours < 24, take(&bytes, ":"), let minutes = number(&bytes, 2),
            minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}

/// A whole number with leading zeros.
func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// Where "now" comes from. Only the composition root owns the one that reads the system.
public protocol WallClock: Sendable {
    func now() -> Instant
    /// Waits; a clock that is set by hand returns at once.
    func sleep(for duration: Duration) async throws
}

/// A clock that stands still: for replays (`--now`) and tests.
public struct FixedClock: WallClock {
    public let instant: Instant
    public init(_ instant: Instant) { self.instant = instant }
    public func now() -> Instant { instant }
    public func sleep(for duration: Duration) async throws {}
}
