internal import Core
internal import Sessions

/// A time as a file writes it: `2025-11-28T14:30:00Z`, `2025-11-28 09:30:00-05:00`, `2025-11-28`, `11/28/2025`.
struct BarStamp {
    let day: Int
    /// `nil` if the text is a date alone.
    let secondOfDay: Int?
    let microsecond: Int
    /// Seconds east of Greenwich; `nil` if the text names no offset.
    let offset: Int?

    init(day: Int, secondOfDay: Int, microsecond: Int, offset: Int?) {
        (self.day, self.secondOfDay, self.microsecond, self.offset) = (day, secondOfDay, microsecond, offset)
    }

    /// Reads `text[start..<end]`; `nil` for any other form, and for days that do not exist.
    init?(_ text: Span<UInt8>, _ start: Int, _ end: Int) {
        let length = end - start
        guard length >= 8 else { return nil }
        guard length >= 10, text[start + 4] == UInt8(ascii: "-"), text[start + 7] == UInt8(ascii: "-") else {
            guard let day = Self.americanDay(text, start, end) else { return nil }
            (self.day, secondOfDay, microsecond, offset) = (day, nil, 0, nil)
            return
        }
        guard let century = Self.two(text, start, end), let years = Self.two(text, start + 2, end),
            let month = Self.two(text, start + 5, end), let dayOfMonth = Self.two(text, start + 8, end),
            let date = CivilDate(year: century * 100 + years, month: month, day: dayOfMonth)
        else { return nil }
        day = date.daysSinceEpoch
        guard length > 10 else {
            (secondOfDay, microsecond, offset) = (nil, 0, nil)
            return
        }
        guard length >= 16, text[start + 10] == UInt8(ascii: "T") || text[start + 10] == UInt8(ascii: " "),
            let hour = Self.two(text, start + 11, end), hour < 24, text[start + 13] == UInt8(ascii: ":"),
            let minute = Self.two(text, start + 14, end), minute < 60
        else { return nil }
        var at = start + 16
        var second = 0
        if at < end, text[at] == UInt8(ascii: ":") {
            guard let value = Self.two(text, at + 1, end), value < 60 else { return nil }
            second = value
            at += 3
        }
        var micro = 0
        if at < end, text[at] == UInt8(ascii: ".") {
            at += 1
            var scale = 100_000
            while at < end, Self.isDigit(text[at]) {
                micro += Int(text[at] - 48) * scale
                scale /= 10
                at += 1
            }
        }
        secondOfDay = hour * 3600 + minute * 60 + second
        microsecond = micro
        guard at < end else {
            offset = nil
            return
        }
        guard let shift = Self.offset(text, at, end) else { return nil }
        offset = shift
    }

    /// `Z`, `±hh:mm` or `±hhmm`.
    private static func offset(_ text: Span<UInt8>, _ at: Int, _ end: Int) -> Int? {
        if text[at] == UInt8(ascii: "Z") { return at + 1 == end ? 0 : nil }
        guard text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-"), let hours = two(text, at + 1, end),
            hours < 24
        else { return nil }
        let rest = at + 3 < end && text[at + 3] == UInt8(ascii: ":") ? at + 4 : at + 3
        guard rest + 2 == end, let minutes = two(text, rest, end), minutes < 60 else { return nil }
        return (text[at] == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    /// `M/D/YYYY` with one or two digits for month and day.
    private static func americanDay(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
        var parts = (0, 0, 0)
        var digits = 0
        var index = 0
        for at in start..<end {
            let byte = text[at]
            if byte == UInt8(ascii: "/") {
                guard index < 2, (1...2).contains(digits) else { return nil }
                (index, digits) = (index + 1, 0)
                continue
            }
            guard isDigit(byte), digits < 4 else { return nil }
            digits += 1
            let value = Int(byte - 48)
            switch index {
            case 0: parts.0 = parts.0 * 10 + value
            case 1: parts.1 = parts.1 * 10 + value
            default: parts.2 = parts.2 * 10 + value
            }
        }
        guard index == 2, digits == 4 else { return nil }
        return CivilDate(year: parts.2, month: parts.0, day: parts.1)?.daysSinceEpoch
    }

    static func two(_ text: Span<UInt8>, _ at: Int, _ end: Int) -> Int? {
        guard at + 1 < end, isDigit(text[at]), isDigit(text[at + 1]) else { return nil }
        return Int(text[at] - 48) * 10 + Int(text[at + 1] - 48)
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
}

/// Turns written times into bar opens. Daily bars open with their session, so a bare date needs the calendar.
struct StampResolver {
    let timeframe: Timeframe
    let calendar: ExchangeCalendar?
    private var lastDay = Int.min
    private var lastOpen = Instant(microseconds: 0)

    init(timeframe: Timeframe, calendar: ExchangeCalendar?) {
        self.timeframe = timeframe
        self.calendar = calendar
    }

    /// `nil` if the text says too little: an intraday bar needs a clock time and an offset.
    mutating func openAt(_ stamp: BarStamp) -> Instant? {
        // Vendors write a daily bar as a date or as that date's midnight, whatever offset stands behind it.
        if timeframe.isDaily, (stamp.secondOfDay ?? 0) == 0, stamp.microsecond == 0 { return dailyOpen(stamp.day) }
        guard let second = stamp.secondOfDay, let offset = stamp.offset else { return nil }
        let seconds = Int64(stamp.day) * 86_400 + Int64(second - offset)
        return Instant(microseconds: seconds * 1_000_000 + Int64(stamp.microsecond))
    }

    /// The open of a local day's session. A day without a session gets its midnight, which no session holds, so that
    /// validation names it; a day that the calendar does not cover gets the hours of the calendar's first days.
    mutating func dailyOpen(_ day: Int) -> Instant {
        if day == lastDay { return lastOpen }
        let date = CivilDate(daysSinceEpoch: day)
        lastDay = day
        guard let calendar else {
            lastOpen = date.startUTC
            return lastOpen
        }
        if let session = calendar.session(on: date) {
            lastOpen = session.open
        } else if calendar.coverage.contains(date) {
            lastOpen = calendar.zone.instant(of: date, secondOfDay: 0)
        } else {
            let first = calendar.coverage.lowerBound
            let opens = calendar.sessions(from: first, through: first.advanced(byDays: 14))
                .map { calendar.localClock(of: $0.open).secondOfDay }
            lastOpen = calendar.zone.instant(of: date, secondOfDay: opens.min() ?? 0)
        }
        return lastOpen
    }

    /// A local time without an offset, read by the zone's clocks; a date alone as ``dailyOpen(_:)`` reads it.
    mutating func localOpening(_ stamp: BarStamp, _ zone: ZoneRules) -> CSVBars.Opening {
        guard stamp.offset == nil else { return .unreadable }
        guard let second = stamp.secondOfDay else {
            return timeframe.isDaily ? .at(dailyOpen(stamp.day)) : .unreadable
        }
        let date = CivilDate(daysSinceEpoch: stamp.day)
        let instant = zone.instant(of: date, secondOfDay: second)
        guard zone.local(instant) == (date, second) else { return .skipped(zone: zone.identifier) }
        // Wherever takt has rules, summer time is one hour.
        guard zone.local(instant.advanced(bySeconds: 3600)) != (date, second) else {
            return .repeated(zone: zone.identifier)
        }
        return .at(instant.advanced(by: .microseconds(stamp.microsecond)))
    }
}
