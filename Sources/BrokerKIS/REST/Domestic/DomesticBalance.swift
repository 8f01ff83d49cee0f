internal import Core

/// Won of an account, by the day on which they are there.
struct DomesticCash: Hashable, Sendable {
    /// Deposit as of today, before today's and yesterday's trades are settled: `dnca_tot_amt`.
    let deposit: FixedPoint
    /// Tomorrow: `nxdy_excc_amt`.
    let nextDay: FixedPoint?
    /// In two days, when everything traded until now is settled: `prvs_rcdl_excc_amt`. Fees and taxes are in it.
    let afterSettlement: FixedPoint
    /// Fees and taxes of today's trades: `thdt_tlex_amt`.
    let costsToday: FixedPoint?
    /// Bought yesterday and today, so not settled: `bfdy_buy_amt` and `thdt_buy_amt`; `nil` unless both are told.
    let unsettledBuys: FixedPoint?
    /// The same of sales.
    let unsettledSales: FixedPoint?
}

struct DomesticBalance: Sendable {
    let account: KISAccount
    let environment: KISEnvironment

    var fullPage: Int { environment == .real ? 50 : 20 }

    var fields: [KISField] {
        account.fields + [
            KISField("AFHR_FLPR_YN", "N"), KISField("OFL_YN", ""), KISField("INQR_DVSN", "02"),
            KISField("UNPR_DVSN", "01"), KISField("FUND_STTL_ICLD_YN", "N"), KISField("FNCG_AMT_AUTO_RDPT_YN", "N"),
            KISField("PRCS_DVSN", "00"),
        ]
    }

    /// A share that was sold out today stays listed with nothing until it is settled: it is left out.
    func holdings(_ pager: KISPager) async throws(KISError) -> KISListing<KISHolding> {
        try await pager.rows(.domesticBalance, fields, .domestic, of: "output1", fullPage: fullPage) {
            row throws(KISRowProblem) in
            guard let code = row.text("pdno") else { return nil }
            let quantity = try row.quantity("hldg_qty")
            guard !quantity.isZero else { return nil }
            return KISHolding(
                ticker: KISTicker(market: .krx, code: code), quantity: quantity,
                sellable: try row.quantityOrZero("ord_psbl_qty"), averageCost: try row.cost("pchs_avg_pric"),
                currency: .krw)
        }
    }

    /// The sums stand on every page: the first is enough.
    func cash(from caller: some KISCaller) async throws(KISError) -> (cash: DomesticCash, at: Instant) {
        let endpoint = KISEndpoint.domesticBalance
        let answer = try await caller.call(
            endpoint, fields + [KISField("CTX_AREA_FK100", ""), KISField("CTX_AREA_NK100", "")])
        let row = try answer.record("output2", of: endpoint)
        let cash = try endpoint.reading { () throws(KISRowProblem) in
            DomesticCash(
                deposit: try row.amount("dnca_tot_amt"), nextDay: try row.optionalAmount("nxdy_excc_amt"),
                afterSettlement: try row.amount("prvs_rcdl_excc_amt"),
                costsToday: try row.optionalAmount("thdt_tlex_amt"),
                unsettledBuys: try row.sum("bfdy_buy_amt", "thdt_buy_amt"),
                unsettledSales: try row.sum("bfdy_sll_amt", "thdt_sll_amt"))
        }
        return (cash, answer.receivedAt)
    }
}

extension KISRecord {
    /// An average cost; `nil` where there is none.
    func cost(_ key: String) throws(KISRowProblem) -> Price? {
        guard let average = try average(key), !average.isZero else { return nil }
        return Price(average)
    }

    /// `nil` where one of the two is missing or blank.
    fileprivate func sum(_ first: String, _ second: String) throws(KISRowProblem) -> FixedPoint? {
        guard let left = try optionalAmount(first), let right = try optionalAmount(second) else { return nil }
        guard let sum = try? left + right else { throw .contradiction("\(first) and \(second) do not add up") }
        return sum
    }
}
