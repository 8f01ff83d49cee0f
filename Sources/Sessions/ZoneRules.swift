public import Core

/// A time zone from built-in rules, so that the same instant reads the same on every machine, with or without tzdata.
///
/// Rules hold from 1996 on (North America from 1987, Australia from 2001). Source: IANA time zone database.
public struct ZoneRules: Hashable, Sendable {
    private enum Daylight: Hashable, Sendable {
        case none
        case northAmerica
        case europe
        case southEastAustralia
    }

    /// The IANA name: `America/New_York`.
    public let identifier: String
    private let standardSeconds: Int
    private let daylight: Daylight

    private init(_ identifier: String, hours: Int, _ daylight: Daylight = .none) {
        self.identifier = identifier
        standardSeconds = hours * 3600
        self.daylight = daylight
    }

    public static let utc = ZoneRules("UTC", hours: 0)

    private static let table: [ZoneRules] = [
        utc,
        ZoneRules("America/Chicago", hours: -6, .northAmerica),
        ZoneRules("America/Los_Angeles", hours: -8, .northAmerica),
        ZoneRules("America/New_York", hours: -5, .northAmerica),
        ZoneRules("Asia/Hong_Kong", hours: 8),
        ZoneRules("Asia/Seoul", hours: 9),
        ZoneRules("Asia/Shanghai", hours: 8),
        ZoneRules("Asia/Singapore", hours: 8),
        ZoneRules("Asia/Tokyo", hours: 9),
        ZoneRules("Australia/Sydney", hours: 10, .southEastAustralia),
        ZoneRules("Europe/Amsterdam", hours: 1, .europe),
        ZoneRules("Europe/Berlin", hours: 1, .europe),
        ZoneRules("Europe/London", hours: 0, .europe),
        ZoneRules("Europe/Paris", hours: 1, .europe),
        ZoneRules("Europe/Zurich", hours: 1, .europe),
    ]

    /// The zone of an IANA name, or `nil` if it has no rules here: see ``known``.
    public static func named(_ iana: String) -> ZoneRules? { table.first { $0.identifier == iana } }

    /// Every IANA name that ``named(_:)`` knows.
    public static var known: [String] { table.map(\.identifier) }

    /// Seconds to add to UTC for local time at that instant; east of Greenwich is positive.
    public func offsetSeconds(at instant: Instant) -> Int {
        guard daylight != .none else { return standardSeconds }
        return standardSeconds + (isDaylight(instant.epochSeconds) ? 3600 : 0)
    }

    /// The instant at which local clocks show `secondOfDay` on `date`.
    ///
    /// A time that clocks skip moves forward by the hour skipped; of a time shown twice the first is meant.
    public func instant(of date: CivilDate, secondOfDay: Int) -> Instant {
        let local = Int64(date.daysSinceEpoch) * 86_400 + Int64(secondOfDay)
        let standard = Instant(epochSeconds: local - Int64(standardSeconds))
        guard daylight != .none else { return standard }
        let summer = standard.advanced(bySeconds: -3600)
        // Only an instant that is in summer time may be read with the summer offset; in the hour skipped neither
        // reading is consistent and the standard one is the later.
        return isDaylight(summer.epochSeconds) ? summer : standard
    }

    /// The local day and the seconds since its midnight.
    public func local(_ instant: Instant) -> (date: CivilDate, secondOfDay: Int) {
        let seconds = instant.epochSeconds + Int64(offsetSeconds(at: instant))
        let day = Int(seconds >= 0 ? seconds / 86_400 : -((-seconds + 86_399) / 86_400))
        return (CivilDate(daysSinceEpoch: day), Int(seconds - Int64(day) * 86_400))
    }

    private func isDaylight(_ epochSeconds: Int64) -> Bool {
        let year = Instant(epochSeconds: epochSeconds + Int64(standardSeconds)).utcDate.year
        switch daylight {
        case .none: return false
        case .northAmerica:
            let (start, end) = Self.northAmerica[year]
            let two = Int64(7200 - standardSeconds)
            return epochSeconds >= start + two && epochSeconds < end + two - 3600
        case .europe:
            // Directive 2000/84/EC: everywhere at 01:00 UTC.
            let (start, end) = Self.europe[year]
            return epochSeconds >= start + 3600 && epochSeconds < end + 3600
        case .southEastAustralia:
            // Both changes at 02:00 standard time; summer lies around the turn of the year.
            let (start, end) = Self.southEastAustralia[year]
            let two = Int64(7200 - standardSeconds)
            return epochSeconds < end + two || epochSeconds >= start + two
        }
    }

    /// Energy Policy Act of 2005: second Sunday of March to first Sunday of November since 2007; before (1987): first Sunday
    /// of April to last Sunday of October. At 02:00 local clock time.
    private static let northAmerica = ChangeDays { year in
        year >= 2007
            ? (sunday(2, of: 3, year), sunday(1, of: 11, year)) : (sunday(1, of: 4, year), lastSunday(of: 10, year))
    }

    /// Last Sunday of March to last Sunday of October.
    private static let europe = ChangeDays { year in (lastSunday(of: 3, year), lastSunday(of: 10, year)) }

    /// Since 2008 first Sunday of October to first Sunday of April; before, last Sunday of October to last Sunday of March
    /// (2006: 2 April, Commonwealth Games).
    private static let southEastAustralia = ChangeDays { year in
        (
            year >= 2008 ? sunday(1, of: 10, year) : lastSunday(of: 10, year),
            year >= 2008 || year == 2006 ? sunday(1, of: 4, year) : lastSunday(of: 3, year)
        )
    }

    /// The days on which clocks change, by year, worked out once: a calendar is asked by the million.
    private struct ChangeDays: Sendable {
        private static let years = 1980...2060
        private let known: [(start: Int64, end: Int64)]
        private let rule: @Sendable (Int) -> (start: Int64, end: Int64)

        init(_ rule: @escaping @Sendable (Int) -> (start: Int64, end: Int64)) {
            self.rule = rule
            known = Self.years.map(rule)
        }

        subscript(year: Int) -> (start: Int64, end: Int64) {
            Self.years.contains(year) ? known[year - Self.years.lowerBound] : rule(year)
        }
    }

    /// Midnight, in seconds as if local time were UTC, of the nth Sunday of a month.
    private static func sunday(_ nth: Int, of month: Int, _ year: Int) -> Int64 {
        let first = CivilDate(year: year, month: month, day: 1) ?? CivilDate(daysSinceEpoch: 0)
        return Int64(first.daysSinceEpoch + (7 - first.isoWeekday) + 7 * (nth - 1)) * 86_400
    }

    /// The same for the last Sunday of a month of 31 days.
    private static func lastSunday(of month: Int, _ year: Int) -> Int64 {
        let last = CivilDate(year: year, month: month, day: 31) ?? CivilDate(daysSinceEpoch: 0)
        return Int64(last.daysSinceEpoch - last.isoWeekday % 7) * 86_400
    }
}
