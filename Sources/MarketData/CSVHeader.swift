internal import Core

/// The first line of a bar file: which layout it is, and which column holds what.
struct CSVHeader {
    let layout: BarLayout
    let roles: [CSVBars.Role]
    let names: [String]
    /// Yahoo calls the column `Date` in daily files and `Datetime` in intraday files.
    let impliedTimeframe: Timeframe?

    /// Adjusted prices and corporate actions that vendors put beside the raw columns. They are read elsewhere or not
    /// at all: mixing adjusted and raw prices in one series is an error nobody sees.
    private static let ignored: Set<String> = [
        "adj close", "adjclose", "adjhigh", "adjlow", "adjopen", "adjvolume", "dividends", "stock splits",
        "capital gains", "divcash", "splitfactor",
    ]

    init(_ bytes: ArraySlice<UInt8>, path: String, layout: BarLayout) throws(BarFileError) {
        let place = BarFileError.Place(path, line: 1)
        let line = bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes
        guard line.count <= 4096 else { throw .unknownHeader(place, found: Self.excerpt(line)) }
        let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        let keys = fields.map { $0.lowercased() }
        let isTakt = keys.contains("ts")
        guard isTakt || keys.contains("date") || keys.contains("datetime"), layout != .takt || isTakt,
            layout != .yahoo || !isTakt
        else { throw .unknownHeader(place, found: Self.excerpt(line)) }
        var roles: [CSVBars.Role] = []
        for (index, key) in keys.enumerated() {
            guard let role = Self.role(key, isTakt: isTakt) else { throw .unknownColumn(place, column: fields[index]) }
            guard role == .ignored || !roles.contains(role) else {
                throw .repeatedColumn(place, column: fields[index])
            }
            roles.append(role)
        }
        let needed: [(CSVBars.Role, String)] = [
            (.open, "open"), (.high, "high"), (.low, "low"), (.close, "close"), (.volume, "volume"),
        ]
        for (role, name) in needed where !roles.contains(role) { throw .missingColumn(place, column: name) }
        self.layout = isTakt ? .takt : .yahoo
        self.roles = roles
        names = fields
        impliedTimeframe = !isTakt && keys.contains("date") ? .oneDay : nil
    }

    private static func role(_ key: String, isTakt: Bool) -> CSVBars.Role? {
        switch key {
        case "ts" where isTakt: .stamp
        case "date" where !isTakt, "datetime" where !isTakt: .stamp
        case "open": .open
        case "high": .high
        case "low": .low
        case "close": .close
        case "volume": .volume
        default: !isTakt && ignored.contains(key) ? .ignored : nil
        }
    }

    private static func excerpt(_ line: ArraySlice<UInt8>) -> String {
        CSVBars.string(Array(line.prefix(80)).span, 0, min(line.count, 80))
    }
}
