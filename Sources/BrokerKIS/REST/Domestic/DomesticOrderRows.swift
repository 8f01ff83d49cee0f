internal import Core

/// Rows of the two lists of Korean orders: the day list and the list of what can still be revised.
enum DomesticOrderRows {
    /// A row of `inquire-daily-ccld`; `nil` for one that only fills up the page.
    static func daily(_ row: KISRecord) throws(KISRowProblem) -> KISOrderRow? {
        guard row.text("odno") != nil else { return nil }
        let (quantity, remaining) = (try row.quantity("ord_qty"), try row.quantity("rmn_qty"))
        return try make(
            row, date: try row.date("ord_dt"), quantity: quantity, remaining: remaining,
            cancelled: try row.quantityOrZero("cncl_cfrm_qty"),
            isRefused: try row.quantityOrZero("rjct_qty").isPositive && !remaining.isPositive,
            isCancelled: row.isYes("cncl_yn"))
    }

    /// A row of `inquire-psbl-rvsecncl`, which has no day: it is today's.
    static func open(_ row: KISRecord, today: CivilDate) throws(KISRowProblem) -> KISOrderRow? {
        guard row.text("odno") != nil else { return nil }
        return try make(
            row, date: today, quantity: try row.quantity("ord_qty"), remaining: try row.quantity("psbl_qty"),
            cancelled: .zero, isRefused: false, isCancelled: false, knowsStops: false)
    }

    private static func make(
        _ row: KISRecord, date: CivilDate, quantity: Quantity, remaining: Quantity, cancelled: Quantity,
        isRefused: Bool, isCancelled: Bool, knowsStops: Bool = true
    ) throws(KISRowProblem) -> KISOrderRow {
        let number = try row.needed("odno")
        guard let id = KISOrderNumber(date: date, desk: .domestic, text: number) else {
            throw .notNumber("odno", number)
        }
        let filled = try row.quantityOrZero("tot_ccld_qty")
        let original = try KISOrderRow.original(row, of: id)
        let action: KISOrderRow.Action =
            original == nil ? .new : Self.action(row, remaining: remaining, filled: filled)
        let (type, division) = try terms(row, of: action, knowsStops: knowsStops)
        let order = KISOrderRow(
            id: id, original: original, action: action, number: number,
            organisation: row.text("ord_gno_brno"),
            ticker: KISTicker(market: .krx, code: try row.needed("pdno")), side: try row.side("sll_buy_dvsn_cd"),
            type: type, timeInForce: division?.timeInForce ?? .day, quantity: quantity,
            filled: filled,
            filledAmount: try KISOrderRow.amount(row, filled: filled, amount: "tot_ccld_amt", average: "avg_prvs"),
            remaining: remaining,
            cancelled: isCancelled && cancelled.isZero ? try rest(quantity, filled, remaining) : cancelled,
            isRefused: isRefused, isDone: false,
            placedAt: KISZone.seoul.instant(of: date, secondOfDay: try row.secondOfDay("ord_tmd")),
            couldBeTakts: division?.isTakts ?? false, words: words(row))
        try order.check()
        return order
    }

    private static func rest(
        _ quantity: Quantity, _ filled: Quantity, _ remaining: Quantity
    ) throws(KISRowProblem) -> Quantity {
        guard let rest = try? quantity - filled - remaining else {
            throw .contradiction("the quantities do not add up")
        }
        return rest
    }

    /// Divisions that takt does not know by name are listed by what they carry: with a price they are limits.
    ///
    /// - Parameters:
    ///   - action: A cancellation was sent with the division of an order, and has no price: it never trades, and nobody
    ///     looks at its terms.
    ///   - knowsStops: The day list gives the condition of a stop limit. Where the list of
    ///     open orders does not, the order stands as the limit it becomes, which the row of the day list overrules.
    private static func terms(
        _ row: KISRecord, of action: KISOrderRow.Action, knowsStops: Bool
    ) throws(KISRowProblem) -> (OrderType, DomesticDivision?) {
        let price = try row.optionalPrice("ord_unpr")
        let division = DomesticDivision(rawValue: try row.needed("ord_dvsn_cd"))
        if action == .cancellation { return (price.map { .limit($0) } ?? .market, division) }
        switch division {
        case .market?, .marketIOC?, .marketFOK?: return (.market, division)
        case .stopLimit?:
            guard let price else { throw .missing("ord_unpr") }
            guard let stop = try row.optionalPrice("stpm_cndt_pric") else {
                guard knowsStops else { return (.limit(price), division) }
                throw .missing("stpm_cndt_pric")
            }
            return (.stopLimit(stop: stop, limit: price), division)
        // The price at which they came to stand is told, or none: it is no part of what was asked for.
        case .bestLimit?, .bestIOC?, .bestFOK?: return (.marketToLimit, division)
        case .firstLimit?: return (.bestOwnSide, division)
        case .conditionalLimit?:
            guard let price else { throw .missing("ord_unpr") }
            return (.conditionalLimit(price), division)
        case let known?:
            guard let price else {
                guard !known.needsPrice else { throw .missing("ord_unpr") }
                return (.market, division)
            }
            return (.limit(price), division)
        case nil: return (price.map { .limit($0) } ?? .market, nil)
        }
    }

    /// What a row is that names another order. Its words say so; where they do not, only a revision can be executed.
    private static func action(_ row: KISRecord, remaining: Quantity, filled: Quantity) -> KISOrderRow.Action {
        let words = ["sll_buy_dvsn_cd_name", "rvse_cncl_dvsn_name", "ord_dvsn_name"].compactMap { row.text($0) }
        if words.contains(where: { $0.contains("취소") }), filled.isZero { return .cancellation }
        if words.contains(where: { $0.contains("정정") }) { return .revision }
        return remaining.isPositive || filled.isPositive ? .revision : .cancellation
    }

    /// "없음" says that there is no condition.
    private static func words(_ row: KISRecord) -> String? {
        let words = ["sll_buy_dvsn_cd_name", "ord_dvsn_name", "ccld_cndt_name"].compactMap { row.text($0) }
            .filter { $0 != "없음" }
        return words.isEmpty ? nil : words.map(KISWords.state).joined(separator: ", ")
    }
}
