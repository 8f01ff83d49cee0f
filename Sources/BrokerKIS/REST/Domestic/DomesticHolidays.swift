internal import Core

/// A day of the Korean market as KIS announces it.
struct KISMarketDay: Hashable, Sendable {
    let date: CivilDate
    let isBusinessDay: Bool
    let isTradingDay: Bool
    /// Orders are taken: the one to go by.
    let isOpen: Bool
    let isSettlementDay: Bool
}

/// The days from a date on. KIS asks for about one call a day: keep the answer. The virtual host does not have it.
struct DomesticHolidays: Sendable {
    static let fullPage = 100

    let from: CivilDate

    func read(_ pager: KISPager) async throws(KISError) -> KISListing<KISMarketDay> {
        try await pager.rows(
            .domesticHolidays, [KISField("BASS_DT", from.compact)], .bare, of: "output", fullPage: Self.fullPage
        ) { row throws(KISRowProblem) in
            guard row.text("bass_dt") != nil else { return nil }
            return KISMarketDay(
                date: try row.date("bass_dt"), isBusinessDay: row.isYes("bzdy_yn"),
                isTradingDay: row.isYes("tr_day_yn"), isOpen: row.isYes("opnd_yn"),
                isSettlementDay: row.isYes("sttl_day_yn"))
        }
    }
}
