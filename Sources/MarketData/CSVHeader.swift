internal import Core

/// The first line of a bar file that has a header: which column holds what in the file's layout.
struct CSVHeader {
    let layout: BarLayout
    let roles: [CSVBars.Role]
    let names: [String]
    /// Yahoo calls the column `Date` in daily files and `Datetime` in intraday files; Tiingo's files are daily.
    let impliedTimeframe: Timeframe?

    /// Adjusted prices that vendors put beside the raw columns. They are not read: mixing adjusted and raw prices in one
    /// series is an error nobody sees.
    private static let ignored: [BarLayout: Set<String>] = [
        .yahoo: ["adj close", "adjclose", "capital gains"],
        .tiingo: ["adj close", "adjclose", "adjhigh", "adjlow", "adjopen", "adjvolume"],
    ]

    /// `layout` is one of those with a header.
    init(_ fields: [String], layout: BarLayout, path: String) throws(BarFileError) {
        let place = BarFileError.Place(path, line: 1)
        let keys = fields.map { $0.lowercased() }
        var roles: [CSVBars.Role] = []
        for (index, key) in keys.enumerated() {
            guard let role = Self.role(key, layout) else { throw .unknownColumn(place, column: fields[index]) }
            guard role == .ignored || !roles.contains(role) else {
                throw .repeatedColumn(place, column: fields[index])
            }
            roles.append(role)
        }
        var needed: [(CSVBars.Role, String)] = [
            (.open, "open"), (.high, "high"), (.low, "low"), (.close, "close"), (.volume, "volume"),
        ]
        if layout == .tiingo { needed += [(.dividend, "divCash"), (.split, "splitFactor")] }
        for (role, name) in needed where !roles.contains(role) { throw .missingColumn(place, column: name) }
        self.layout = layout
        self.roles = roles
        names = fields
        impliedTimeframe = layout == .tiingo || (layout == .yahoo && keys.contains("date")) ? .oneDay : nil
    }

    private static func role(_ key: String, _ layout: BarLayout) -> CSVBars.Role? {
        switch key {
        case "open": return .open
        case "high": return .high
        case "low": return .low
        case "close": return .close
        case "volume": return .volume
        case "dividends" where layout == .yahoo: return .dividend
        case "stock splits" where layout == .yahoo: return .split
        case "divcash" where layout == .tiingo: return .dividend
        case "splitfactor" where layout == .tiingo: return .split
        default: break
        }
        if LayoutRecognition.stampColumns(of: layout).contains(key) { return .stamp }
        return ignored[layout]?.contains(key) == true ? .ignored : nil
    }
}
