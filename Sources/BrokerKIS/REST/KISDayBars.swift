public import Core

/// The bar of one session, raw: not corrected for splits and dividends that came later.
///
/// Which instants it spans the exchange's calendar knows; KIS says the day only. That of a session under way grows until
/// the close, and abroad the volume of a day is put right around noon of the next in Korea.
public struct KISDayBar: Hashable, Sendable {
    /// The trading day on the exchange's own calendar.
    public let date: CivilDate
    public let open: Price
    public let high: Price
    public let low: Price
    public let close: Price
    /// Shares.
    public let volume: Quantity

    public init(date: CivilDate, open: Price, high: Price, low: Price, close: Price, volume: Quantity) {
        self.date = date
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
    }
}

/// What KIS lists of a day: no bar for one on which nothing was traded.
struct KISDayRow: Hashable, Sendable {
    let date: CivilDate
    let bar: KISDayBar?
}

/// Where a day stands in a row. Both desks list the same by other names.
struct KISDayFields: Sendable {
    let date: String
    let open: String
    let high: String
    let low: String
    let close: String
    let volume: String

    /// `nil` for a row that only fills up the page.
    ///
    /// A day of a halt has a close and nothing else: it is a day without a bar. One that has traded and lacks a price
    /// makes no sense.
    func read(_ row: KISRecord) throws(KISRowProblem) -> KISDayRow? {
        guard row.text(date) != nil else { return nil }
        let day = try row.date(date)
        let volume = try row.quantity(self.volume)
        guard let open = try row.optionalPrice(open), let high = try row.optionalPrice(high),
            let low = try row.optionalPrice(low), let close = try row.optionalPrice(close)
        else {
            guard volume.isZero else {
                throw .contradiction("\(day) has a volume of \(volume), and not all its prices")
            }
            return KISDayRow(date: day, bar: nil)
        }
        guard low <= min(open, close), high >= max(open, close) else {
            throw .contradiction("the prices of \(day) lie outside of its own range")
        }
        return KISDayRow(
            date: day, bar: KISDayBar(date: day, open: open, high: high, low: low, close: close, volume: volume))
    }
}

/// Puts pages of daily bars together, newest page first.
struct DayBarCollector {
    /// A page has a hundred days: some twenty years.
    static let pageLimit = 60
    private static let member = "output2"

    let endpoint: KISEndpoint
    let from: CivilDate
    let through: CivilDate
    private let takenAt: Instant
    private var seen: Set<CivilDate> = []
    private var bars: [KISDayBar] = []
    private var problems: [String] = []
    /// The newest day that is still to be asked for.
    private(set) var next: CivilDate

    init(_ endpoint: KISEndpoint, from: CivilDate, through: CivilDate, takenAt: Instant) {
        self.endpoint = endpoint
        self.from = from
        self.through = through
        self.takenAt = takenAt
        next = through
    }

    /// Takes a page in; returns whether there may be more.
    ///
    /// - Parameter count: How many of the rows count; what stands behind them fills up the page.
    mutating func take(_ answer: KISAnswer, _ fields: KISDayFields, count: Int? = nil) -> Bool {
        if !answer.body.isList(Self.member), answer.code != KISPager.nothingToList {
            problems.append("\(endpoint.name): \(Self.member) is no list of rows")
        }
        let rows = answer.body.rows(Self.member)
        var isNews = false
        for (index, row) in rows.prefix(count ?? rows.count).enumerated() {
            do throws(KISRowProblem) {
                guard let day = try fields.read(row), seen.insert(day.date).inserted else { continue }
                next = min(next, day.date.advanced(byDays: -1))
                isNews = true
                if let bar = day.bar, (from...through).contains(day.date) { bars.append(bar) }
            } catch { problems.append("\(endpoint.name), row \(index + 1) of a page: \(error)") }
        }
        return isNews && next >= from
    }

    /// Nothing at all came, and KIS shows no price either: that is how it answers for a symbol that it does not know.
    mutating func noteUnknown(_ code: String) {
        guard seen.isEmpty, problems.isEmpty else { return }
        problems.append("\(endpoint.name): KIS lists no day of \(code) and shows no price of it; check the symbol")
    }

    mutating func noteLimit() {
        problems.append("\(endpoint.name): no end after \(Self.pageLimit) pages; older days are missing")
    }

    /// Oldest first.
    var listing: KISListing<KISDayBar> {
        KISListing(bars.sorted { $0.date < $1.date }, problems: problems, takenAt: takenAt)
    }
}
