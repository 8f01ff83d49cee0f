internal import Core
internal import Sessions

/// The four chart calls of Korea Investment & Securities whose answers hold bars, told apart by the fields of their rows.
///
/// Field names: examples_llm of github.com/koreainvestment/open-trading-api. Every value is a string, the newest row
/// comes first, and a time names the start of its bar. A row may be an empty object: the lists are padded with them.
enum KISChart: CaseIterable {
    /// FHKST03010200, FHKST03010230: one-minute bars in Seoul time.
    case domesticMinute
    /// FHKST03010100.
    case domesticDaily
    /// HHDFS76950200: the exchange's time and Korean time side by side.
    case overseasMinute
    /// HHDFS76240000.
    case overseasDaily

    struct Fields {
        /// The exchange's local day, `YYYYMMDD`, and for minutes its local time, `HHMMSS`.
        let day: String
        let time: String?
        let open: String
        let high: String
        let low: String
        let close: String
        let volume: String

        var all: [String] { [day, open, high, low, close, volume] + (time.map { [$0] } ?? []) }
    }

    var fields: Fields {
        switch self {
        case .domesticMinute:
            Fields(
                day: "stck_bsop_date", time: "stck_cntg_hour", open: "stck_oprc", high: "stck_hgpr", low: "stck_lwpr",
                close: "stck_prpr", volume: "cntg_vol")
        case .domesticDaily:
            Fields(
                day: "stck_bsop_date", time: nil, open: "stck_oprc", high: "stck_hgpr", low: "stck_lwpr",
                close: "stck_clpr", volume: "acml_vol")
        case .overseasMinute:
            Fields(
                day: "xymd", time: "xhms", open: "open", high: "high", low: "low", close: "last", volume: "evol")
        case .overseasDaily:
            Fields(
                day: "xymd", time: nil, open: "open", high: "high", low: "low", close: "clos", volume: "tvol")
        }
    }

    var isDomestic: Bool { self == .domesticMinute || self == .domesticDaily }

    /// How long the bars are; `nil` for overseas minutes, whose number is in the request only.
    var timeframe: Timeframe? {
        switch self {
        case .domesticMinute: .oneMinute
        case .domesticDaily, .overseasDaily: .oneDay
        case .overseasMinute: nil
        }
    }

    /// The charts whose fields a row has.
    static func fitting(_ row: JSONValue) -> [KISChart] {
        allCases.filter { chart in chart.fields.all.allSatisfy { row[$0] != nil } }
    }
}

/// What a KIS answer says about the stock: `stck_shrn_iscd` is a Korean code, `rsym` such as `DNASNVDA` an exchange's
/// code and a symbol behind the letter of the feed.
struct KISSubject: Hashable {
    var symbol: String?
    var exchange: ExchangeID?
    var zone: String?

    private static let venues: [String: (zone: String, exchange: String?)] = [
        "NAS": ("America/New_York", "XNAS"), "NYS": ("America/New_York", "XNYS"),
        // NYSE American and NYSE Arca; the three below are the US day market's.
        "AMS": ("America/New_York", nil), "BAQ": ("America/New_York", nil), "BAY": ("America/New_York", nil),
        "BAA": ("America/New_York", nil),
        "HKS": ("Asia/Hong_Kong", "XHKG"), "SHS": ("Asia/Shanghai", "XSHG"), "SZS": ("Asia/Shanghai", nil),
        "TSE": ("Asia/Tokyo", "XTKS"),
    ]

    init(_ chart: KISChart, _ head: JSONValue?) {
        if chart.isDomestic {
            (exchange, zone) = (ExchangeID("XKRX"), "Asia/Seoul")
            symbol = head?["stck_shrn_iscd"]?.stringValue
        } else if let text = head?["rsym"]?.stringValue, text.utf8.count > 4,
            text.hasPrefix("D") || text.hasPrefix("R"),
            let venue = Self.venues[String(text.dropFirst().prefix(3))]
        {
            symbol = String(text.dropFirst(4))
            zone = venue.zone
            exchange = venue.exchange.map { ExchangeID($0) }
        }
        if symbol?.isEmpty == true { symbol = nil }
    }
}

/// Where things stand in a text that is known to be JSON.
struct JSONPlaces {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func line(at offset: Int) -> Int { bytes.prefix(offset).count { $0 == UInt8(ascii: "\n") } + 1 }

    /// The offsets at which the objects of the list begin that the outermost object holds under `key`.
    func objects(of key: String) -> [Int] {
        var offsets: [Int] = []
        var depth = 0
        var isInside = false
        var lastKey = 0..<0
        var at = 0
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                let start = at + 1
                at = end(ofStringAt: at)
                if depth == 1 { lastKey = start..<at }
            case UInt8(ascii: "["):
                depth += 1
                if depth == 2 { isInside = bytes[lastKey].elementsEqual(key.utf8) }
            case UInt8(ascii: "{"):
                if depth == 2, isInside { offsets.append(at) }
                depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                if depth == 1 { isInside = false }
            default: break
            }
            at += 1
        }
        return offsets
    }

    /// The line of a member of the object at `offset`, or the object's own.
    func line(of key: String, inObjectAt offset: Int) -> Int {
        var at = offset + 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "}") {
            if bytes[at] == UInt8(ascii: "\"") {
                let start = at
                at = end(ofStringAt: at)
                if bytes[start + 1..<at].elementsEqual(key.utf8) { return line(at: start) }
            }
            at += 1
        }
        return line(at: offset)
    }

    /// The closing mark of the string that opens at `start`.
    private func end(ofStringAt start: Int) -> Int {
        var at = start + 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
        return min(at, bytes.count)
    }
}
