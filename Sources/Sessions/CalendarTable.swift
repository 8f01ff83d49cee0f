internal import Core

/// What an exchange's calendar text says, sorted for look-ups by day.
///
/// One fact a line, `#` starts a comment, days ascend within each keyword, clock times are local:
/// ```
/// name Korea Exchange
/// zone Asia/Seoul
/// coverage 2005-01-01 2027-12-31
/// hours 2016-08-01 09:00-15:30                     usual hours, Monday to Friday, from that day on
/// hours 2012-03-05 09:30-16:00 break 12:00-13:00   with a lunch break
/// closed 2025-10-03 National Foundation Day        a weekday without a session; the name is free text
/// special 2025-11-13 10:00-16:30                   other hours on one day
/// extended 2005-01-01 04:00-20:00                  pre-market to after-market, from that day on, where there are any
/// ```
struct CalendarTable: Sendable {
    /// Local seconds of the day.
    struct Hours: Hashable, Sendable {
        var open: Int
        var close: Int
        var pause: Range<Int>?

        var tradingSeconds: Int { close - open - (pause?.count ?? 0) }
    }

    var name = ""
    var zone = ZoneRules.utc
    var coverage = CivilDate(daysSinceEpoch: 0)...CivilDate(daysSinceEpoch: 0)
    /// Ascending by first valid day (days since 1970).
    var usual: [(from: Int, hours: Hours)] = []
    /// The same of the extended hours; empty where the exchange has none.
    var extended: [(from: Int, hours: Hours)] = []
    var closedDays: [Int] = []
    var closedNames: [Range<Int>] = []
    var specialDays: [Int] = []
    var specialHours: [Hours] = []
    /// The text the ranges of `closedNames` point into.
    private var text: [UInt8] = []

    init(exchange: ExchangeID, text source: StaticString) throws(SessionsError) {
        text = source.withUTF8Buffer { Array($0) }
        var start = 0
        var number = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
            number += 1
            guard take(start..<end) else {
                let line = String(decoding: text[start..<end], as: UTF8.self)
                throw .malformedTable(exchange, line: number, text: line)
            }
            start = end + 1
        }
        guard !usual.isEmpty, isAscending(closedDays), isAscending(specialDays), isAscending(usual.map(\.from)),
            isAscending(extended.map(\.from))
        else {
            throw .malformedTable(exchange, line: number, text: "no usual hours, or days out of order")
        }
    }

    /// Reads one line; false if it has another form.
    private mutating func take(_ line: Range<Int>) -> Bool {
        guard line.lowerBound < line.upperBound, text[line.lowerBound] != UInt8(ascii: "#") else { return true }
        guard let blank = text[line].firstIndex(of: UInt8(ascii: " ")) else { return false }
        let rest = blank + 1..<line.upperBound
        switch (text[line.lowerBound], blank - line.lowerBound) {
        case (UInt8(ascii: "n"), 4): name = word(rest)
        case (UInt8(ascii: "z"), 4):
            guard let known = ZoneRules.named(word(rest)) else { return false }
            zone = known
        case (UInt8(ascii: "c"), 8):
            guard rest.count == 21, let first = day(rest.lowerBound), let last = day(rest.lowerBound + 11),
                first <= last
            else { return false }
            coverage = CivilDate(daysSinceEpoch: first)...CivilDate(daysSinceEpoch: last)
        case (UInt8(ascii: "h"), 5):
            guard let first = day(rest.lowerBound), let hours = hours(rest.lowerBound + 11..<rest.upperBound) else {
                return false
            }
            usual.append((first, hours))
        case (UInt8(ascii: "e"), 8):
            guard let first = day(rest.lowerBound), let hours = hours(rest.lowerBound + 11..<rest.upperBound) else {
                return false
            }
            extended.append((first, hours))
        case (UInt8(ascii: "c"), 6):
            guard rest.count >= 10, let day = day(rest.lowerBound) else { return false }
            closedDays.append(day)
            closedNames.append(min(rest.lowerBound + 11, rest.upperBound)..<rest.upperBound)
        case (UInt8(ascii: "s"), 7):
            guard let day = day(rest.lowerBound), let hours = hours(rest.lowerBound + 11..<rest.upperBound) else {
                return false
            }
            specialDays.append(day)
            specialHours.append(hours)
        default: return false
        }
        return true
    }

    private func word(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }

    /// `YYYY-MM-DD` at a position, as days since 1970.
    private func day(_ start: Int) -> Int? {
        guard start + 10 <= text.count, let century = two(start), let rest = two(start + 2), let month = two(start + 5),
            let day = two(start + 8)
        else { return nil }
        return CivilDate(year: century * 100 + rest, month: month, day: day)?.daysSinceEpoch
    }

    /// `HH:MM-HH:MM`, or the same with ` break HH:MM-HH:MM` behind.
    private func hours(_ range: Range<Int>) -> Hours? {
        let start = range.lowerBound
        guard range.count == 11 || range.count == 29, let open = clock(start), let close = clock(start + 6),
            open < close
        else { return nil }
        guard range.count == 29 else { return Hours(open: open, close: close, pause: nil) }
        guard let pauseStart = clock(start + 18), let pauseEnd = clock(start + 24), open < pauseStart,
            pauseStart < pauseEnd, pauseEnd < close
        else { return nil }
        return Hours(open: open, close: close, pause: pauseStart..<pauseEnd)
    }

    private func clock(_ start: Int) -> Int? {
        guard start + 5 <= text.count, let hour = two(start), hour <= 24, let minute = two(start + 3), minute < 60
        else {
            return nil
        }
        return hour * 3600 + minute * 60
    }

    private func two(_ start: Int) -> Int? {
        let (tens, ones) = (text[start], text[start + 1])
        guard (48...57).contains(tens), (48...57).contains(ones) else { return nil }
        return Int(tens - 48) * 10 + Int(ones - 48)
    }

    private func isAscending(_ days: [Int]) -> Bool { zip(days, days.dropFirst()).allSatisfy { $0 < $1 } }

    // MARK: Look-ups, by days since 1970

    /// The usual hours of that time, holiday or not.
    func usualHours(on day: Int) -> Hours { (usual.last { $0.from <= day } ?? usual[0]).hours }

    /// The hours of the session on that day, or `nil` if there is none.
    func hours(on day: Int) -> Hours? {
        if let index = Self.index(of: day, in: specialDays) { return specialHours[index] }
        guard CivilDate(daysSinceEpoch: day).isoWeekday <= 5, Self.index(of: day, in: closedDays) == nil else {
            return nil
        }
        return usualHours(on: day)
    }

    /// The usual extended hours of that time; `nil` where there are none.
    func usualExtendedHours(on day: Int) -> Hours? { (extended.last { $0.from <= day } ?? extended.first)?.hours }

    /// The extended hours of that day, or `nil` if there is no session or nothing around it. They begin and end as long
    /// before and after the regular session as usual: on a day that closes at 13:00 instead of 16:00, three hours earlier.
    func extendedHours(on day: Int) -> Hours? {
        guard let hours = hours(on: day), let usualExtended = usualExtendedHours(on: day) else { return nil }
        let usual = usualHours(on: day)
        return Hours(
            open: max(0, hours.open - (usual.open - usualExtended.open)),
            close: min(86_400, hours.close + (usualExtended.close - usual.close)), pause: hours.pause)
    }

    /// Why a weekday has no session, where a name is known.
    func closedName(on day: Int) -> String? {
        guard let index = Self.index(of: day, in: closedDays), !closedNames[index].isEmpty else { return nil }
        return word(closedNames[index])
    }

    mutating func close(_ day: Int) {
        removeSpecial(day)
        guard Self.index(of: day, in: closedDays) == nil else { return }
        let place = Self.insertionIndex(of: day, in: closedDays)
        closedDays.insert(day, at: place)
        closedNames.insert(0..<0, at: place)
    }

    mutating func open(_ day: Int, _ hours: Hours) {
        removeSpecial(day)
        if let index = Self.index(of: day, in: closedDays) {
            closedDays.remove(at: index)
            closedNames.remove(at: index)
        }
        let place = Self.insertionIndex(of: day, in: specialDays)
        specialDays.insert(day, at: place)
        specialHours.insert(hours, at: place)
    }

    private mutating func removeSpecial(_ day: Int) {
        guard let index = Self.index(of: day, in: specialDays) else { return }
        specialDays.remove(at: index)
        specialHours.remove(at: index)
    }

    private static func index(of day: Int, in days: [Int]) -> Int? {
        let place = insertionIndex(of: day, in: days)
        return place < days.count && days[place] == day ? place : nil
    }

    private static func insertionIndex(of day: Int, in days: [Int]) -> Int {
        var (low, high) = (0, days.count)
        while low < high {
            let middle = (low + high) / 2
            if days[middle] < day { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
