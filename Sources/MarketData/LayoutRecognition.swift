internal import Core

/// Which layouts the beginning of a text file fits: told from the content alone, never from a vendor's name.
struct LayoutRecognition {
    /// The fields of the first line, as they stand there.
    let header: [String]
    /// Every layout that fits.
    let layouts: [BarLayout]

    /// A header of a thousand columns is none.
    private static let headerLimit = 4096

    /// `timeframe` is what the name or the caller says: it tells a daily bar stamped at midnight from an intraday one.
    init(_ bytes: [UInt8], path: String, timeframe: Timeframe?) throws(BarFileError) {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        if let byte = bytes[start...].first(where: { $0 > 32 }), byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
        {
            (header, layouts) = ([], [.kis])
            return
        }
        let lines = Self.lines(bytes[start...], count: 3)
        guard let first = lines.first, !first.isEmpty, first.count <= Self.headerLimit else {
            (header, layouts) = ([], [])
            return
        }
        guard let line = String(validating: first, as: UTF8.self) else {
            throw .notText(.init(path, line: 1), kind: "text in another encoding (CP949?)")
        }
        let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let rows = lines.dropFirst().filter { !$0.isEmpty }
        let found = Self.layouts(line, fields.map { $0.lowercased() }, rows, timeframe)
        // A time column alone is a likeness; several layouts fit only if each can read the whole header.
        layouts =
            found.count < 2 ? found : found.filter { (try? CSVHeader(fields, layout: $0, path: path)) != nil }
        header = fields
    }

    /// The names of the time column, in lower case.
    static func stampColumns(of layout: BarLayout) -> [String] {
        switch layout {
        case .takt: ["ts"]
        case .yahoo, .localTime: ["date", "datetime"]
        case .tiingo: ["date"]
        case .dukascopy: DukascopyStamp.columns
        case .auto, .korean, .lean, .kis: []
        }
    }

    private static let tiingoColumns: Set<String> = [
        "divcash", "splitfactor", "adjopen", "adjhigh", "adjlow", "adjvolume",
    ]

    private static func layouts(
        _ line: String, _ keys: [String], _ rows: [ArraySlice<UInt8>], _ timeframe: Timeframe?
    ) -> [BarLayout] {
        if QuotedRow.isKorean(line) { return [.korean] }
        var found: [BarLayout] = []
        if keys.contains("ts") { found.append(.takt) }
        if let column = keys.firstIndex(where: { $0 == "date" || $0 == "datetime" }) {
            if keys.contains(where: tiingoColumns.contains) {
                found.append(.tiingo)
            } else {
                found += yahooOrLocal(rows.compactMap { clock($0, column) }, timeframe)
            }
        }
        if keys.contains(where: DukascopyStamp.columns.contains) { found.append(.dukascopy) }
        return found
    }

    private enum Clock { case midnight, local, other }

    /// Yahoo writes days, or times with their offset; a local time has a clock and no offset. A midnight without an
    /// offset is a day of Yahoo's or a bar that opens at midnight: the timeframe tells, or the next row.
    private static func yahooOrLocal(_ clocks: [Clock], _ timeframe: Timeframe?) -> [BarLayout] {
        if clocks.contains(.local) { return [.localTime] }
        guard clocks.contains(.midnight) else { return [.yahoo] }
        if let timeframe { return timeframe.isDaily ? [.yahoo] : [.localTime] }
        return clocks.count > 1 ? [.yahoo] : [.yahoo, .localTime]
    }

    private static func clock(_ row: ArraySlice<UInt8>, _ column: Int) -> Clock? {
        let fields = row.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard column < fields.count, let stamp = BarStamp(Array(fields[column]).span, 0, fields[column].count) else {
            return nil
        }
        guard let second = stamp.secondOfDay, stamp.offset == nil else { return .other }
        return second == 0 && stamp.microsecond == 0 ? .midnight : .local
    }

    /// The first lines, without their ends.
    private static func lines(_ bytes: ArraySlice<UInt8>, count: Int) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var at = bytes.startIndex
        while lines.count < count, at < bytes.endIndex {
            let end = bytes[at...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
            let line = bytes[at..<end]
            lines.append(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
            at = end + 1
        }
        return lines
    }
}
