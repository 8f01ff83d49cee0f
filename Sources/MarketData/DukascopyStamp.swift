internal import Core

/// A time as Dukascopy's exports write it: `01.03.2017 00:00:00.000`, the day before the month, in UTC unless
/// ` GMT+0100` stands behind it.
enum DukascopyStamp {
    /// The column's names, in lower case. `Local time` is the one whose times carry their offset.
    static let columns = ["time", "gmt time", "time (utc)", "time (gmt)", "local time"]
    static let expected =
        "DD.MM.YYYY HH:MM:SS.mmm, such as 01.03.2017 13:00:00.000 (UTC) or 01.03.2017 14:00:00.000 GMT+0100"

    private static let form = Array("00.00.0000 00:00:00.000".utf8)

    /// Reads `text[start..<end]`. With `needsOffset` a time without one is `nil`.
    static func read(_ text: Span<UInt8>, _ start: Int, _ end: Int, needsOffset: Bool) -> BarStamp? {
        guard end - start >= form.count else { return nil }
        for (at, byte) in form.enumerated() {
            let found = text[start + at]
            guard byte == UInt8(ascii: "0") ? BarStamp.isDigit(found) : found == byte else { return nil }
        }
        func number(_ at: Int, _ count: Int) -> Int {
            (0..<count).reduce(0) { $0 * 10 + Int(text[start + at + $1] - 48) }
        }
        guard let date = CivilDate(year: number(6, 4), month: number(3, 2), day: number(0, 2)) else { return nil }
        let (hour, minute, second) = (number(11, 2), number(14, 2), number(17, 2))
        guard hour < 24, minute < 60, second < 60 else { return nil }
        guard let offset = offset(text, start + form.count, end), offset.isWritten || !needsOffset else { return nil }
        return BarStamp(
            day: date.daysSinceEpoch, secondOfDay: hour * 3600 + minute * 60 + second,
            microsecond: number(20, 3) * 1000, offset: offset.seconds)
    }

    /// Nothing, or ` GMT±hhmm`.
    private static func offset(_ text: Span<UInt8>, _ at: Int, _ end: Int) -> (seconds: Int, isWritten: Bool)? {
        if at == end { return (0, false) }
        let mark = Array(" GMT".utf8)
        guard end - at == 9, mark.indices.allSatisfy({ text[at + $0] == mark[$0] }),
            text[at + 4] == UInt8(ascii: "+") || text[at + 4] == UInt8(ascii: "-"),
            let hours = BarStamp.two(text, at + 5, end), let minutes = BarStamp.two(text, at + 7, end), hours < 15,
            minutes < 60
        else { return nil }
        return ((text[at + 4] == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60), true)
    }
}
