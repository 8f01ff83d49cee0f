internal import Core

/// Daily bars of a Korean share.
struct DomesticDailyBars: Sendable {
    static let pageLimit = 60

    let code: String
    let from: CivilDate
    let through: CivilDate
    /// Corrected for splits and the like.
    let isAdjusted: Bool
    var division = "J"
    let clock: any WallClock

    func fields(through last: CivilDate) -> [KISField] {
        [
            KISField("FID_COND_MRKT_DIV_CODE", division), KISField("FID_INPUT_ISCD", code),
            KISField("FID_INPUT_DATE_1", from.compact), KISField("FID_INPUT_DATE_2", last.compact),
            KISField("FID_PERIOD_DIV_CODE", "D"),
            // Here zero is adjusted; abroad it is raw.
            KISField("FID_ORG_ADJ_PRC", isAdjusted ? "0" : "1"),
        ]
    }

    /// Oldest first.
    func read(from caller: some KISCaller) async throws(KISError) -> KISListing<KISDailyBar> {
        let endpoint = KISEndpoint.domesticDailyBars
        var collector = DailyBarCollector(from: from, through: through, takenAt: clock.now())
        for _ in 0..<Self.pageLimit {
            let answer = try await caller.call(endpoint, fields(through: collector.next))
            let isNews = collector.take(answer.body.rows("output2"), call: endpoint.name) { row throws(KISRowProblem) in
                guard row.text("stck_bsop_date") != nil else { return nil }
                return KISDailyBar(
                    date: try row.date("stck_bsop_date"), open: try row.price("stck_oprc"),
                    high: try row.price("stck_hgpr"), low: try row.price("stck_lwpr"),
                    close: try row.price("stck_clpr"), volume: try row.quantity("acml_vol"))
            }
            guard isNews, collector.next >= from else { return collector.listing }
        }
        collector.note("\(endpoint.name): no end after \(Self.pageLimit) pages; older days are missing")
        return collector.listing
    }
}

/// Puts pages of daily bars together, newest page first.
struct DailyBarCollector {
    let from: CivilDate
    let through: CivilDate
    private let takenAt: Instant
    private var bars: [CivilDate: KISDailyBar] = [:]
    private var problems: [String] = []
    /// The newest day that is still to be asked for.
    private(set) var next: CivilDate

    init(from: CivilDate, through: CivilDate, takenAt: Instant) {
        self.from = from
        self.through = through
        self.takenAt = takenAt
        next = through
    }

    /// Takes a page in; returns whether it brought anything new.
    mutating func take(
        _ rows: [KISRecord], call: String, read: (KISRecord) throws(KISRowProblem) -> KISDailyBar?
    ) -> Bool {
        var isNews = false
        for (index, row) in rows.enumerated() {
            do throws(KISRowProblem) {
                guard let bar = try read(row), bars[bar.date] == nil else { continue }
                next = min(next, bar.date.advanced(byDays: -1))
                isNews = true
                if bar.date >= from, bar.date <= through { bars[bar.date] = bar }
            } catch { problems.append("\(call), row \(index + 1) of a page: \(error)") }
        }
        return isNews
    }

    mutating func note(_ problem: String) { problems.append(problem) }

    /// Oldest first.
    var listing: KISListing<KISDailyBar> {
        KISListing(bars.values.sorted { $0.date < $1.date }, problems: problems, takenAt: takenAt)
    }
}
