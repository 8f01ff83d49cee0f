internal import Core

/// Rows of the two lists of orders abroad: `inquire-ccnl` and `inquire-nccs` have the same ones.
enum OverseasOrderRows {
    /// `nil` for a row that only fills up the page.
    static func read(_ row: KISRecord) throws(KISRowProblem) -> KISOrderRow? {
        guard let number = row.text("odno") else { return nil }
        let exchange = try row.needed("ovrs_excg_cd")
        guard let market = KISMarket(orderCode: exchange) ?? KISMarket(quoteCode: exchange), market.desk == .overseas
        else {
            throw .unknownCode("ovrs_excg_cd", exchange)
        }
        let placedAt = try placedAt(row, market)
        let date = market.zone.date(placedAt)
        guard let id = KISOrderNumber(date: date, desk: .overseas, text: number) else {
            throw .notNumber("odno", number)
        }
        let quantity = try row.quantity("ft_ord_qty")
        let filled = try row.quantityOrZero("ft_ccld_qty")
        let remaining = try row.quantity("nccs_qty")
        let original = try KISOrderRow.original(row, of: id)
        let price = try row.optionalPrice("ft_ord_unpr3")
        let state = row.text("prcs_stat_name")
        let isRefused = row.text("rjct_rson_name") != nil || hasReason(row) || state?.contains("거부") == true
        let side = try row.side("sll_buy_dvsn_cd")
        let order = KISOrderRow(
            id: id, original: original,
            action: original == nil ? .new : action(row, remaining: remaining, filled: filled), number: number,
            organisation: row.text("ord_gno_brno"), ticker: KISTicker(market: market, code: try row.needed("pdno")),
            side: side, type: price.map { .limit($0) } ?? .market, timeInForce: .day,
            tellsTimeInForce: false,
            quantity: quantity, filled: filled,
            filledAmount: try KISOrderRow.amount(
                row, filled: filled, amount: "ft_ccld_amt3", average: "ft_ccld_unpr3"),
            remaining: remaining, cancelled: .zero, isRefused: isRefused,
            isDone: state.map { $0.contains("완료") || $0.contains("취소") } ?? false, placedAt: placedAt,
            couldBeTakts: (price != nil || isAuctionSale(market, side)) && isFromHere(row), words: words(row, state))
        try order.check()
        return order
    }

    /// Korean day and time of KIS's receipt where both are there. Else the time is Korean and the day that of the
    /// exchange; exactly one instant has both.
    private static func placedAt(_ row: KISRecord, _ market: KISMarket) throws(KISRowProblem) -> Instant {
        if row.text("dmst_ord_dt") != nil, row.text("thco_ord_tmd") != nil {
            return KISZone.seoul.instant(
                of: try row.date("dmst_ord_dt"), secondOfDay: try row.secondOfDay("thco_ord_tmd"))
        }
        let (day, second) = (try row.date("ord_dt"), try row.secondOfDay("ord_tmd"))
        let instants = (-1...1).map { KISZone.seoul.instant(of: day.advanced(byDays: $0), secondOfDay: second) }
        guard let instant = instants.first(where: { market.zone.date($0) == day }) else {
            throw .contradiction("no instant is \(day) at the exchange and \(KISClock.text(second)) in Korea")
        }
        return instant
    }

    /// The only orders without a price that takt sends abroad: sales for an auction in the US.
    private static func isAuctionSale(_ market: KISMarket, _ side: Side) -> Bool {
        market.nation == .unitedStates && side == .sell
    }

    /// A reason of zeros is none.
    private static func hasReason(_ row: KISRecord) -> Bool {
        row.text("rjct_rson")?.contains { $0 != "0" } ?? false
    }

    /// Where KIS says through which medium the order came, only "OpenAPI" is this one.
    private static func isFromHere(_ row: KISRecord) -> Bool {
        row.text("mdia_dvsn_name").map { $0.lowercased().contains("openapi") } ?? true
    }

    private static func action(_ row: KISRecord, remaining: Quantity, filled: Quantity) -> KISOrderRow.Action {
        switch row.text("rvse_cncl_dvsn") ?? row.text("rvse_cncl_dvsn_cd") {
        case "01": return .revision
        case "02" where filled.isZero: return .cancellation
        default: break
        }
        if row.text("rvse_cncl_dvsn_name")?.contains("취소") == true, filled.isZero { return .cancellation }
        return remaining.isPositive || filled.isPositive ? .revision : .cancellation
    }

    private static func words(_ row: KISRecord, _ state: String?) -> String? {
        let words = [
            state.map(KISWords.state), row.text("rjct_rson_name").map { KISWords.explained($0) },
        ]
        .compactMap { $0 }
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }
}
