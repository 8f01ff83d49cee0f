internal import Core

/// Daily bars of a share abroad, raw.
struct OverseasDailyBars: Sendable {
    private static let names = KISDayFields(
        date: "xymd", open: "open", high: "high", low: "low", close: "clos", volume: "tvol")

    let market: KISMarket
    let code: String
    let from: CivilDate
    let through: CivilDate
    let clock: any WallClock

    func fields(through last: CivilDate) -> [KISField] {
        OverseasPrice.fields(market, code) + [
            KISField("GUBN", "0"), KISField("BYMD", last.compact),
            // Zero is raw here; in Korea it is adjusted.
            KISField("MODP", "0"),
        ]
    }

    /// Oldest first.
    func read(from caller: some KISCaller) async throws(KISError) -> KISListing<KISDayBar> {
        let endpoint = KISEndpoint.overseasDailyBars
        var collector = DayBarCollector(endpoint, from: from, through: through, takenAt: clock.now())
        for _ in 0..<DayBarCollector.pageLimit {
            let answer = try await caller.call(endpoint, fields(through: collector.next))
            let head = answer.body.record("output1")
            let count = head?.text("nrec").flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
            guard collector.take(answer, Self.names, count: count) else {
                if head?.showsNothing("rsym") ?? true { collector.noteUnknown(code) }
                return collector.listing
            }
        }
        collector.noteLimit()
        return collector.listing
    }
}
