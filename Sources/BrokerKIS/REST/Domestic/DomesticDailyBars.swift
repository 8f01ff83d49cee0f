internal import Core

/// Daily bars of a Korean share, raw.
struct DomesticDailyBars: Sendable {
    private static let names = KISDayFields(
        date: "stck_bsop_date", open: "stck_oprc", high: "stck_hgpr", low: "stck_lwpr", close: "stck_clpr",
        volume: "acml_vol")

    let code: String
    let from: CivilDate
    let through: CivilDate
    let clock: any WallClock

    func fields(through last: CivilDate) -> [KISField] {
        [
            KISField("FID_COND_MRKT_DIV_CODE", "J"), KISField("FID_INPUT_ISCD", code),
            KISField("FID_INPUT_DATE_1", from.compact), KISField("FID_INPUT_DATE_2", last.compact),
            KISField("FID_PERIOD_DIV_CODE", "D"),
            // One is raw here; abroad it is adjusted.
            KISField("FID_ORG_ADJ_PRC", "1"),
        ]
    }

    /// Oldest first.
    func read(from caller: some KISCaller) async throws(KISError) -> KISListing<KISDayBar> {
        let endpoint = KISEndpoint.domesticDailyBars
        var collector = DayBarCollector(endpoint, from: from, through: through, takenAt: clock.now())
        for _ in 0..<DayBarCollector.pageLimit {
            let answer = try await caller.call(endpoint, fields(through: collector.next))
            guard collector.take(answer, Self.names) else {
                if answer.body.record("output1")?.showsNothing("stck_prpr") ?? true { collector.noteUnknown(code) }
                return collector.listing
            }
        }
        collector.noteLimit()
        return collector.listing
    }
}
