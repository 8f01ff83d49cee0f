public import Core
public import Sessions

/// What the name of a bar file says about its content.
public struct BarFileName: Hashable, Sendable {
    public var exchange: ExchangeID?
    public var symbol: Symbol?
    public var timeframe: Timeframe?
    /// `raw`, `adj`, `adjdiv`, or whatever stands behind the timeframe.
    public var variant: String?
    /// A part that stands where the timeframe belongs and is none: `7m`.
    public var strangeTimeframe: String?

    /// Reads `XNAS.NVDA.5m.csv`, `XNAS.NVDA.1d.raw.csv`, `NVDA.5m.csv`, `NVDA_5m.csv` and `NVDA_daily.csv`,
    /// and for saved answers of KIS `domestic_minute_005930_20251113_100000.json` and `overseas_minute_NVDA_5m.json`.
    ///
    /// A first part counts as an exchange only if `calendars` has it, or if it is `INDEX` or `FX`, which have no
    /// calendar of their own.
    public init(path: String, calendars: CalendarBook) {
        var name = path.split(separator: "/").last ?? ""
        if let dot = name.lastIndex(of: "."), Timeframe(name[name.index(after: dot)...]) == nil { name = name[..<dot] }
        let dotted = name.split(separator: ".", omittingEmptySubsequences: false)
        if let index = dotted.lastIndex(where: { Timeframe($0) != nil }), index > 0 {
            read(dotted, timeframeAt: index, calendars)
            return
        }
        strangeTimeframe = dotted.dropFirst().last(where: Self.looksLikeTimeframe).map(String.init)
        let words = name.split(separator: "_")
        guard words.count >= 2 else { return }
        if path.hasSuffix(".json"), words.count > 2, words[0] == "domestic" || words[0] == "overseas" {
            symbol = Symbol(String(words[2]))
            switch (words[0], words[1]) {
            case (_, "daily"): timeframe = .oneDay
            // KIS has Korean minutes one by one only; what follows in the name is the time that was asked for.
            case ("domestic", "minute"): timeframe = .oneMinute
            default: timeframe = words.count > 3 ? Timeframe(words[3]) : nil
            }
            return
        }
        guard let frame = words[1] == "daily" ? Timeframe.oneDay : Timeframe(words[1]) else { return }
        timeframe = frame
        symbol = Symbol(String(words[0]))
    }

    private static func looksLikeTimeframe(_ part: Substring) -> Bool {
        guard let unit = part.last, "smhdw".contains(unit) else { return false }
        return part.count > 1 && part.dropLast().allSatisfy(\.isWholeNumber)
    }

    private mutating func read(_ parts: [Substring], timeframeAt index: Int, _ calendars: CalendarBook) {
        timeframe = Timeframe(parts[index])
        variant = parts.count > index + 1 ? parts[(index + 1)...].joined(separator: ".") : nil
        let first = String(parts[0])
        let isExchange = calendars.calendar(ExchangeID(first)) != nil
        if index > 1, isExchange || first == "INDEX" || first == "FX" {
            exchange = isExchange ? ExchangeID(first) : nil
            symbol = Symbol(parts[1..<index].joined(separator: "."))
        } else {
            symbol = Symbol(parts[..<index].joined(separator: "."))
        }
    }
}

/// What the folders and the name of a LEAN archive say.
struct LeanPath {
    enum Resolution: String { case minute, hour, daily }

    let symbol: Symbol
    let resolution: Resolution
    /// The New York day of a minute archive.
    let date: CivilDate?

    var timeframe: Timeframe {
        switch resolution {
        case .minute: .oneMinute
        case .hour: .oneHour
        case .daily: .oneDay
        }
    }

    /// `…/equity/usa/minute/SYMBOL/YYYYMMDD_trade.zip`, `…/equity/usa/daily/SYMBOL.zip`, the same with `hour`.
    init(_ path: String) throws(BarFileError) {
        let place = BarFileError.Place(path)
        let parts = path.split(separator: "/").map { $0.lowercased() }
        guard let name = parts.last, name.hasSuffix(".zip") else {
            throw .unsupportedLean(place, what: "a LEAN archive ends in .zip")
        }
        let stem = name.dropLast(4)
        if stem.hasSuffix("_quote") || stem.hasSuffix("_openinterest") { throw .quotes(place) }
        if stem.hasSuffix("_trade") {
            guard parts.count >= 3, let date = CivilDate(compact: stem.dropLast(6)) else {
                throw .unsupportedLean(place, what: "the name has no day such as 20251128_trade.zip")
            }
            guard parts[parts.count - 3] == Resolution.minute.rawValue else {
                throw .unsupportedLean(place, what: "the resolution '\(parts[parts.count - 3])' is not supported")
            }
            try Self.checkMarket(parts.dropLast(3), place)
            self.date = date
            symbol = Symbol(parts[parts.count - 2].uppercased())
            resolution = .minute
            return
        }
        guard parts.count >= 2, let resolution = Resolution(rawValue: parts[parts.count - 2]), resolution != .minute
        else {
            throw .unsupportedLean(place, what: "the path does not say minute, hour or daily")
        }
        try Self.checkMarket(parts.dropLast(2), place)
        date = nil
        symbol = Symbol(stem.uppercased())
        self.resolution = resolution
    }

    /// Only US equities: the clock is New York's and prices are in ten-thousandths of a dollar.
    private static func checkMarket(_ folders: ArraySlice<String>, _ place: BarFileError.Place) throws(BarFileError) {
        if let market = folders.last, market != "usa" {
            throw .unsupportedLean(place, what: "the market '\(market)' is not supported")
        }
        if let security = folders.dropLast().last, security != "equity" {
            throw .unsupportedLean(place, what: "the security type '\(security)' is not supported")
        }
    }
}
