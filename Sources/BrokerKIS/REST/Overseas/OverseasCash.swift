internal import Core

/// Foreign cash of an account, by currency.
struct ForeignCash: Hashable, Sendable {
    let currency: Currency
    /// On the account, before what was traded and is not settled.
    let deposit: FixedPoint
    let unsettledBuys: FixedPoint
    let unsettledSales: FixedPoint

    /// With every trade booked at once.
    func booked() throws(KISRowProblem) -> FixedPoint {
        guard let booked = try? deposit - unsettledBuys + unsettledSales else {
            throw .contradiction("the cash in \(currency) does not add up")
        }
        return booked
    }
}

/// Deposit and unsettled trades by currency: `foreign-margin`, on the real host. Every currency comes once for each of
/// its countries, then blank rows.
struct ForeignMargin: Sendable {
    let account: KISAccount
    let clock: any WallClock

    func read(from caller: some KISCaller) async throws(KISError) -> KISListing<ForeignCash> {
        let endpoint = KISEndpoint.foreignMargin
        var listing = KISListing<ForeignCash>(takenAt: clock.now())
        let answer = try await caller.call(endpoint, account.fields)
        for (index, row) in answer.body.rows("output").enumerated() {
            do throws(KISRowProblem) {
                guard let code = row.text("crcy_cd") else { continue }
                guard let currency = Currency(code) else { throw .unknownCode("crcy_cd", code) }
                let cash = ForeignCash(
                    currency: currency, deposit: try row.amount("frcr_dncl_amt1"),
                    unsettledBuys: try row.optionalAmount("ustl_buy_amt") ?? .zero,
                    unsettledSales: try row.optionalAmount("ustl_sll_amt") ?? .zero)
                guard !listing.items.contains(cash) else { continue }
                let isFirst = !listing.items.contains { $0.currency == currency }
                listing.items.append(cash)
                guard isFirst else { throw .contradiction("\(currency) is listed with two amounts") }
            } catch { listing.problems.append("\(endpoint.name), row \(index + 1): \(error)") }
        }
        return listing
    }
}

/// Deposits by currency: `inquire-present-balance`. US trades of the evening may be missing there until half an hour
/// after the close, and the virtual host gives sums in won and no currencies: nothing is reconciled with it.
struct PresentBalance: Sendable {
    struct Deposits: Hashable, Sendable {
        let byCurrency: [Currency: FixedPoint]
        /// Trades are waiting for settlement, so that deposits are not what the account will have; `nil` if nothing is
        /// said.
        let hasUnsettled: Bool?
    }

    let account: KISAccount

    var fields: [KISField] {
        account.fields + [
            KISField("WCRC_FRCR_DVSN_CD", "02"), KISField("NATN_CD", "000"), KISField("TR_MKET_CD", "00"),
            KISField("INQR_DVSN_CD", "00"),
        ]
    }

    func deposits(from caller: some KISCaller) async throws(KISError) -> Deposits {
        let endpoint = KISEndpoint.overseasPresentBalance
        let answer = try await caller.call(endpoint, fields)
        return try endpoint.reading { () throws(KISRowProblem) in
            var deposits: [Currency: FixedPoint] = [:]
            for row in answer.body.rows("output2") {
                guard let code = row.text("crcy_cd") else { continue }
                guard let currency = Currency(code) else { throw .unknownCode("crcy_cd", code) }
                let amount = try row.amount("frcr_dncl_amt_2")
                guard deposits[currency] ?? amount == amount else {
                    throw .contradiction("\(currency) is listed with two amounts")
                }
                deposits[currency] = amount
            }
            let sums = answer.body.record("output3")
            let buys = try sums?.optionalAmount("ustl_buy_amt_smtl")
            let sales = try sums?.optionalAmount("ustl_sll_amt_smtl")
            let hasUnsettled = buys.flatMap { buys in sales.map { !buys.isZero || !$0.isZero } }
            return Deposits(byCurrency: deposits, hasUnsettled: hasUnsettled)
        }
    }
}
