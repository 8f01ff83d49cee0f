internal import Core

/// Reads the rows of a bar file byte by byte: no strings are made on the way, except for an error.
struct CSVBars {
    /// What a column holds.
    enum Role: Hashable { case stamp, open, high, low, close, volume, split, dividend, ignored }

    /// What a time in the file means.
    enum Opening: Hashable {
        case at(Instant)
        /// Not of the layout's form, or a day that does not exist.
        case unreadable
        /// A local time that the zone's clocks skip.
        case skipped(zone: String)
        /// A local time that the zone's clocks show twice.
        case repeated(zone: String)

        init(_ instant: Instant?) { self = instant.map { .at($0) } ?? .unreadable }
    }

    /// What the columns of splits and dividends hold on a day without one.
    enum Ordinary: Hashable {
        /// Tiingo's factor is one and its cash zero; an empty cell is an error.
        case factorOne
        /// Yahoo writes zero for both, or nothing.
        case zeroOrEmpty
    }

    /// A cell of a split or dividend column that says that something happened.
    struct Action: Hashable {
        let line: Int
        let openAt: Instant
        let isSplit: Bool
        let column: String
        let text: String
    }

    /// How a number that is not exact in eight decimals is treated.
    enum Precision: Hashable {
        /// Refused.
        case exact
        /// Rounded half to even at the eighth decimal; `null` and `NaN` count as empty.
        case rounded
        /// Prices in ten-thousandths, as LEAN writes them.
        case tenThousandths
    }

    /// Columns of one row that hold no usable number although the row can be read.
    private struct Marks {
        var empty: BarFields = []
        var tooLarge: BarFields = []
        /// The column and the bytes of a cell that names an action.
        var splits: (Int, Int, Int)?
        var dividends: (Int, Int, Int)?
    }

    let file: String
    let roles: [Role]
    /// The columns as the header names them, for messages.
    let names: [String]
    let precision: Precision
    /// For the message about a time that cannot be read.
    let expectedStamp: String
    /// What a split or dividend column holds on an ordinary day.
    let ordinary: Ordinary
    /// Numbers that were rounded at the eighth decimal.
    private(set) var roundedNumbers = 0
    /// Splits and dividends, in the order of the lines.
    private(set) var actions: [Action] = []

    init(
        file: String, roles: [Role], names: [String], precision: Precision, expectedStamp: String,
        ordinary: Ordinary = .factorOne
    ) {
        self.file = file
        self.roles = roles
        self.names = names
        self.precision = precision
        self.expectedStamp = expectedStamp
        self.ordinary = ordinary
    }

    /// Reads every line from byte `start`, which is line `firstLine`. Empty lines are skipped.
    mutating func rows(
        _ text: Span<UInt8>, from start: Int, firstLine: Int, openAt: (Span<UInt8>, Int, Int) -> Opening
    ) throws(BarFileError) -> [RawBar] {
        var rows: [RawBar] = []
        rows.reserveCapacity((text.count - start) / 48)
        var at = start
        var line = firstLine
        while at < text.count {
            var end = at
            while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
            let next = end + 1
            if end > at, text[end - 1] == UInt8(ascii: "\r") { end -= 1 }
            if end > at { rows.append(try row(text, at, end, line, openAt)) }
            at = next
            line += 1
        }
        return rows
    }

    private mutating func row(
        _ text: Span<UInt8>, _ start: Int, _ lineEnd: Int, _ line: Int,
        _ openAt: (Span<UInt8>, Int, Int) -> Opening
    ) throws(BarFileError) -> RawBar {
        var values = RawBar.Values()
        var marks = Marks()
        var opened: Instant?
        var at = start
        for index in 0..<roles.count {
            guard at <= lineEnd else { throw columnCount(text, start, lineEnd, line) }
            var end = at
            while end < lineEnd, text[end] != UInt8(ascii: ",") { end += 1 }
            let isLast = index == roles.count - 1
            guard isLast == (end == lineEnd) else { throw columnCount(text, start, lineEnd, line) }
            switch roles[index] {
            case .ignored: break
            case .stamp:
                opened = try self.opening(openAt(text, at, end), text, at, end, line, index)
            case .open: values.open = try price(text, at, end, line, index, .open, &marks)
            case .high: values.high = try price(text, at, end, line, index, .high, &marks)
            case .low: values.low = try price(text, at, end, line, index, .low, &marks)
            case .close: values.close = try price(text, at, end, line, index, .close, &marks)
            case .volume: values.volume = try number(text, at, end, line, index, .volume, &marks)
            case .split:
                if try happened(text, at, end, line, index, none: ordinary == .factorOne ? 100_000_000 : 0) {
                    marks.splits = (index, at, end)
                }
            case .dividend: if try happened(text, at, end, line, index, none: 0) { marks.dividends = (index, at, end) }
            }
            at = end + 1
        }
        guard let opened else { throw .missingColumn(.init(file, line: line), column: "ts") }
        for (cell, isSplit) in [(marks.splits, true), (marks.dividends, false)] {
            guard let (index, from, to) = cell else { continue }
            actions.append(
                Action(
                    line: line, openAt: opened, isSplit: isSplit, column: names[index],
                    text: Self.string(text, from, to)))
        }
        return RawBar(
            line: Int32(clamping: line), openAt: opened, empty: marks.empty, tooLarge: marks.tooLarge, values: values)
    }

    private func opening(
        _ opening: Opening, _ text: Span<UInt8>, _ start: Int, _ end: Int, _ line: Int, _ index: Int
    ) throws(BarFileError) -> Instant {
        if case .at(let instant) = opening { return instant }
        let (place, shown) = (BarFileError.Place(file, line: line), Self.string(text, start, end))
        switch opening {
        case .at(let instant): return instant
        case .unreadable:
            throw .unsupportedTimestamp(place, column: names[index], text: shown, expected: expectedStamp)
        case .skipped(let zone): throw .skippedTime(place, column: names[index], text: shown, zone: zone)
        case .repeated(let zone): throw .repeatedTime(place, column: names[index], text: shown, zone: zone)
        }
    }

    /// Whether a cell of a split or dividend column holds another number than `none`, the one of an ordinary day.
    private func happened(
        _ text: Span<UInt8>, _ start: Int, _ end: Int, _ line: Int, _ index: Int, none: Int64
    ) throws(BarFileError) -> Bool {
        if ordinary == .zeroOrEmpty, start == end || Self.isNull(text, start, end) { return false }
        switch start < end ? Self.decimal(text, start, end) : .malformed {
        case .exact(none): return false
        case .exact, .rounded, .tooLarge: return true
        case .malformed:
            throw .notANumber(.init(file, line: line), column: names[index], text: Self.string(text, start, end))
        }
    }

    private mutating func price(
        _ text: Span<UInt8>, _ start: Int, _ end: Int, _ line: Int, _ index: Int, _ field: BarFields,
        _ marks: inout Marks
    ) throws(BarFileError) -> Int64 {
        let units = try number(text, start, end, line, index, field, &marks)
        guard precision == .tenThousandths else { return units }
        guard units % 10_000 == 0 else {
            throw .tooPrecise(.init(file, line: line), column: names[index], text: Self.string(text, start, end))
        }
        return units / 10_000
    }

    /// Reads `[+-]digits[.digits]` as 10^-8 units.
    private mutating func number(
        _ text: Span<UInt8>, _ start: Int, _ end: Int, _ line: Int, _ index: Int, _ field: BarFields,
        _ marks: inout Marks
    ) throws(BarFileError) -> Int64 {
        if start == end || (precision == .rounded && Self.isNull(text, start, end)) {
            marks.empty.insert(field)
            return 0
        }
        switch Self.decimal(text, start, end) {
        case .exact(let units): return units
        case .rounded(let units):
            if precision == .rounded {
                roundedNumbers += 1
                return units
            }
            throw .tooPrecise(.init(file, line: line), column: names[index], text: Self.string(text, start, end))
        case .malformed:
            throw .notANumber(.init(file, line: line), column: names[index], text: Self.string(text, start, end))
        case .tooLarge:
            marks.tooLarge.insert(field)
            return 0
        }
    }

    enum Decimal: Hashable {
        case exact(Int64)
        case rounded(Int64)
        case malformed, tooLarge
    }

    /// The first whole number that does not fit 64 bits of 10^-8.
    private static let limit: Int64 = 92_233_720_368

    static func decimal(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Decimal {
        var at = start
        let isNegative = text[at] == UInt8(ascii: "-")
        if isNegative || text[at] == UInt8(ascii: "+") { at += 1 }
        var magnitude: Int64 = 0
        var digits = 0
        while at < end, text[at] &- 48 < 10 {
            // Beyond the limit the value does not matter any more, only that the rest is a number.
            if magnitude < limit { magnitude = magnitude * 10 + Int64(text[at] &- 48) }
            digits += 1
            at += 1
        }
        let isTooLarge = magnitude >= limit
        if isTooLarge { magnitude = 0 }
        var decimals = 0
        // What lies behind the eighth decimal: nothing, less than a half, a half exactly, or more.
        var ninth: UInt8 = 0
        var hasMore = false
        if at < end, text[at] == UInt8(ascii: ".") {
            at += 1
            while at < end, text[at] &- 48 < 10 {
                let digit = text[at] &- 48
                if decimals < 8 {
                    magnitude = magnitude * 10 + Int64(digit)
                } else if decimals == 8 {
                    ninth = digit
                } else if digit != 0 {
                    hasMore = true
                }
                decimals += 1
                at += 1
            }
        }
        guard at == end, digits + decimals > 0 else { return .malformed }
        guard !isTooLarge else { return .tooLarge }
        // Below the limit neither the eight decimals nor the rounding can overflow.
        for _ in min(decimals, 8)..<8 { magnitude *= 10 }
        let roundsUp = ninth > 5 || (ninth == 5 && (hasMore || magnitude % 2 == 1))
        let units = magnitude + (roundsUp ? 1 : 0)
        let signed = isNegative ? -units : units
        return ninth == 0 && !hasMore ? .exact(signed) : .rounded(signed)
    }

    private static func isNull(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        guard end - start <= 4, text[start] | 32 == UInt8(ascii: "n") else { return false }
        return ["null", "nan"].contains(string(text, start, end).lowercased())
    }

    private func columnCount(_ text: Span<UInt8>, _ start: Int, _ end: Int, _ line: Int) -> BarFileError {
        var found = 1
        for at in start..<end where text[at] == UInt8(ascii: ",") { found += 1 }
        return .columnCount(.init(file, line: line), found: found, expected: roles.count)
    }

    /// For messages: cut to 60 bytes, control characters made visible.
    static func string(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> String {
        var bytes: [UInt8] = []
        for at in start..<min(end, start + 60) { bytes.append(text[at] < 32 ? UInt8(ascii: "?") : text[at]) }
        return String(decoding: bytes, as: UTF8.self) + (end > start + 60 ? "…" : "")
    }
}
