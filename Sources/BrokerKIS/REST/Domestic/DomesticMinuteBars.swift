internal import Core

/// One-minute bars of a Korean share, today's or those of a past day.
///
/// Times are taken as the beginning of the minute, as KIS's own samples do; the closing auction stands at 15:30:00.
struct DomesticMinuteBars: Sendable {
    /// Of most days, in seconds since midnight.
    static let usualOpen = 9 * 3600
    static let usualClosingAuction = 15 * 3600 + 30 * 60
    /// A session has 391 minutes; pages hold 30 (today) or 120 (past days).
    static let pageLimit = 30

    let code: String
    var division = "J"
    var open = usualOpen
    var closingAuction = usualClosingAuction
    let clock: any WallClock

    func todayFields(from second: Int) -> [KISField] {
        [
            KISField("FID_COND_MRKT_DIV_CODE", division), KISField("FID_INPUT_ISCD", code),
            KISField("FID_INPUT_HOUR_1", KISClock.text(second)), KISField("FID_PW_DATA_INCU_YN", "N"),
            // Refused when it is missing, taken when it is empty.
            KISField("FID_ETC_CLS_CODE", ""),
        ]
    }

    func pastFields(on date: CivilDate, from second: Int) -> [KISField] {
        [
            KISField("FID_COND_MRKT_DIV_CODE", division), KISField("FID_INPUT_ISCD", code),
            KISField("FID_INPUT_HOUR_1", KISClock.text(second)), KISField("FID_INPUT_DATE_1", date.compact),
            KISField("FID_PW_DATA_INCU_YN", "N"), KISField("FID_FAKE_TICK_INCU_YN", ""),
        ]
    }

    /// Today's finished bars. Never asks beyond now: KIS fills a future time with the current price.
    ///
    /// - Parameter since: Older ones are not asked for, though some may come along; the virtual host takes two calls a second.
    func today(since: Instant? = nil, from caller: some KISCaller) async throws(KISError) -> KISListing<Bar> {
        let (date, second) = KISZone.seoul.local(clock.now())
        guard second >= open else { return KISListing(takenAt: clock.now()) }
        // The next page begins a minute before the oldest bar of the last one.
        // What is wanted of another day begins before this one's open.
        let wanted = since.map { KISZone.seoul.local($0) }
        let first = wanted.map { $0.date < date ? open : $0.secondOfDay } ?? open
        guard wanted.map({ $0.date <= date }) ?? true else { return KISListing(takenAt: clock.now()) }
        return try await collect(
            KISEndpoint.domesticMinuteBars, on: date, from: min(second, closingAuction), step: 60,
            back: max(first, open), caller
        ) { todayFields(from: $0) }
    }

    /// The bars of a past day; KIS keeps about a year. Asks again with the oldest time itself: the overlap is harmless.
    func past(_ date: CivilDate, from caller: some KISCaller) async throws(KISError) -> KISListing<Bar> {
        try await collect(
            KISEndpoint.domesticPastMinuteBars, on: date, from: closingAuction, step: 0, back: open, caller
        ) { pastFields(on: date, from: $0) }
    }

    private func collect(
        _ endpoint: KISEndpoint, on date: CivilDate, from start: Int, step: Int, back end: Int,
        _ caller: some KISCaller, fields: (Int) -> [KISField]
    ) async throws(KISError) -> KISListing<Bar> {
        let takenAt = clock.now()
        var collector = MinuteBarCollector(barSeconds: 60)
        var second = start
        for _ in 0..<Self.pageLimit {
            let answer = try await caller.call(endpoint, fields(second))
            var oldest = second
            let isNews = collector.take(
                answer.body.rows("output2"), call: endpoint.name, receivedAt: answer.receivedAt
            ) { row throws(KISRowProblem) in
                // Rows of the session before may follow, and empty objects.
                guard row.text("stck_bsop_date") != nil, try row.date("stck_bsop_date") == date else { return nil }
                let time = try row.secondOfDay("stck_cntg_hour")
                oldest = min(oldest, time)
                return try Self.bar(row, at: KISZone.seoul.instant(of: date, secondOfDay: time))
            }
            second = oldest - step
            guard isNews, second >= end, oldest > end else { return collector.listing(takenAt: takenAt) }
        }
        collector.note("\(endpoint.name): no end after \(Self.pageLimit) pages; older bars are missing")
        return collector.listing(takenAt: takenAt)
    }

    private static func bar(_ row: KISRecord, at openAt: Instant) throws(KISRowProblem) -> Bar {
        Bar(
            openAt: openAt, open: try row.price("stck_oprc"), high: try row.price("stck_hgpr"),
            low: try row.price("stck_lwpr"), close: try row.price("stck_prpr"), volume: try row.quantity("cntg_vol"),
            source: .kis)
    }
}
