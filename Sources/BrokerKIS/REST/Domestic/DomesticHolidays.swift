internal import Broker
internal import Core

/// Days of the Korean market as KIS announces them: `chk-holiday`. KIS asks for about one call a day, so no page is read
/// that is not wanted. The virtual host does not have it.
struct DomesticHolidays: Sendable {
    static let fullPage = 100

    let from: CivilDate
    let through: CivilDate

    /// Ascending. A list that ends before the last day wanted is not the whole one.
    func read(_ pager: KISPager) async throws(KISError) -> KISListing<BrokerMarketDay> {
        let endpoint = KISEndpoint.domesticHolidays
        var listing = try await pager.rows(
            endpoint, [KISField("BASS_DT", from.compact)], .bare, of: "output", fullPage: Self.fullPage,
            isEnough: { $0.last.map { $0.date >= through } ?? false }
        ) { row throws(KISRowProblem) -> BrokerMarketDay? in
            guard row.text("bass_dt") != nil else { return nil }
            // Of the four marks of a day, `opnd_yn` is the one that says whether orders are taken.
            return BrokerMarketDay(
                date: try row.date("bass_dt"), isOpen: try row.isYesOrNo("opnd_yn"),
                isSettlementDay: try row.isYesOrNo("sttl_day_yn"))
        }
        listing.items = listing.items.filter { (from...through).contains($0.date) }.sorted { $0.date < $1.date }
        if listing.items.last.map({ $0.date < through }) ?? true {
            let end = listing.items.last.map { "days until \($0.date) only" } ?? "none of these days"
            listing.problems.append("\(endpoint.name): KIS announces \(end)")
        }
        return listing
    }
}
