internal import Core

/// Bars of some minutes of a share abroad, regular session only; about a month is kept. The virtual host does not have
/// it.
///
/// Free US data is that of the Nasdaq venue until KIS replaces it with consolidated volumes, around noon in Korea after
/// the close: a finished day is worth reading again.
struct OverseasMinuteBars: Sendable {
    /// A month of one-minute bars is some seventy pages.
    static let pageLimit = 80
    static let rowsAsked = "120"

    let market: KISMarket
    let code: String
    let minutes: Int
    let clock: any WallClock

    func fields(key: String) -> [KISField] {
        OverseasPrice.fields(market, code) + [
            KISField("NMIN", String(minutes)),
            // Bars of earlier days must be included when it is paged.
            KISField("PINC", "1"), KISField("NEXT", key.isEmpty ? "" : "1"), KISField("NREC", Self.rowsAsked),
            KISField("FILL", ""), KISField("KEYB", key),
        ]
    }

    /// The finished bars since an instant, oldest first.
    func read(since: Instant, from caller: some KISCaller) async throws(KISError) -> KISListing<Bar> {
        let endpoint = KISEndpoint.overseasMinuteBars
        let takenAt = clock.now()
        var collector = MinuteBarCollector(barSeconds: minutes * 60)
        var key = ""
        for _ in 0..<Self.pageLimit {
            let answer = try await caller.call(endpoint, fields(key: key))
            var oldest: (date: CivilDate, second: Int)?
            let isNews = collector.take(
                answer.body.rows("output2"), call: endpoint.name, receivedAt: answer.receivedAt
            ) { row throws(KISRowProblem) in
                guard row.text("xymd") != nil else { return nil }
                let (date, second) = (try row.date("xymd"), try row.secondOfDay("xhms"))
                if oldest.map({ (date, second) < $0 }) ?? true { oldest = (date, second) }
                let openAt = market.zone.instant(of: date, secondOfDay: second)
                return openAt >= since ? try Self.bar(row, at: openAt) : nil
            }
            guard isNews, let oldest, market.zone.instant(of: oldest.date, secondOfDay: oldest.second) > since else {
                return collector.listing(takenAt: takenAt)
            }
            key = Self.key(before: oldest.date, oldest.second, minutes: minutes)
        }
        collector.note("\(endpoint.name): no end after \(Self.pageLimit) pages; older bars are missing")
        return collector.listing(takenAt: takenAt)
    }

    /// `YYYYMMDDHHMMSS` of one bar before that one, by local clocks.
    static func key(before date: CivilDate, _ second: Int, minutes: Int) -> String {
        let earlier = second - minutes * 60
        let (day, rest) = earlier < 0 ? (date.advanced(byDays: -1), earlier + 86_400) : (date, earlier)
        return day.compact + KISClock.text(rest)
    }

    private static func bar(_ row: KISRecord, at openAt: Instant) throws(KISRowProblem) -> Bar {
        Bar(
            openAt: openAt, open: try row.price("open"), high: try row.price("high"), low: try row.price("low"),
            close: try row.price("last"), volume: try row.quantity("evol"), source: .kis)
    }
}
