internal import Core

/// Daily bars of a share abroad.
struct OverseasDailyBars: Sendable {
    static let pageLimit = 60

    let market: KISMarket
    let code: String
    let from: CivilDate
    let through: CivilDate
    let isAdjusted: Bool
    let clock: any WallClock

    func fields(through last: CivilDate) -> [KISField] {
        OverseasPrice.fields(market, code) + [
            KISField("GUBN", "0"), KISField("BYMD", last.compact),
            // Here one is adjusted; in Korea it is raw.
            KISField("MODP", isAdjusted ? "1" : "0"),
        ]
    }

    /// Oldest first.
    func read(from caller: some KISCaller) async throws(KISError) -> KISListing<KISDailyBar> {
        let endpoint = KISEndpoint.overseasDailyBars
        var collector = DailyBarCollector(from: from, through: through, takenAt: clock.now())
        for _ in 0..<Self.pageLimit {
            let answer = try await caller.call(endpoint, fields(through: collector.next))
            var rows = answer.body.rows("output2")
            // What stands behind the count fills up the page.
            if let count = answer.body.record("output1")?.text("nrec").flatMap({ Int($0) }), count >= 0 {
                rows = Array(rows.prefix(count))
            }
            let isNews = collector.take(rows, call: endpoint.name) { row throws(KISRowProblem) in
                guard row.text("xymd") != nil else { return nil }
                return KISDailyBar(
                    date: try row.date("xymd"), open: try row.price("open"), high: try row.price("high"),
                    low: try row.price("low"), close: try row.price("clos"), volume: try row.quantity("tvol"))
            }
            guard isNews, collector.next >= from else { return collector.listing }
        }
        collector.note("\(endpoint.name): no end after \(Self.pageLimit) pages; older days are missing")
        return collector.listing
    }
}
