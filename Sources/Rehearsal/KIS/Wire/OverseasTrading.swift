internal import Core
internal import Sessions

/// Orders, lists, balances and buying power abroad.
extension SimulatedKIS {
    static let overseasBranch = "01790"

    // MARK: Orders

    mutating func overseasOrder(_ call: Call) throws(Refusal) -> Answer {
        guard let venue = SimulatedVenue.ordering(call["OVRS_EXCG_CD"]), venue != .krx else { throw .wrongExchange }
        let isBuy = call.trID == OverseasIDs.id(OverseasIDs.buy, venue, call.environment)
        guard isBuy || call.trID == OverseasIDs.id(OverseasIDs.sell, venue, call.environment) else {
            throw .wrongExchange
        }
        let price = try call.price("OVRS_ORD_UNPR")
        guard price.isMultiple(of: FixedPoint(int64Units: 10_000)) else { throw .badPrice }
        let ticket = OrderTicket(
            account: call.account, venue: venue, code: call["PDNO"], isBuy: isBuy, type: call["ORD_DVSN"],
            quantity: try call.quantity("ORD_QTY"), price: price)
        let order = try exchange.place(ticket, in: call.environment, refusedLater: call.has(.lateRefusal) != nil)
        if let rule = call.has(.lateVisibility) { exchange.hide(order, seconds: Int64(rule.seconds)) }
        return accepted(order, call, isBuy ? "매수" : "매도")
    }

    mutating func overseasChange(_ call: Call) throws(Refusal) -> Answer {
        guard let venue = SimulatedVenue.ordering(call["OVRS_EXCG_CD"]),
            call.trID == OverseasIDs.id(OverseasIDs.change, venue, call.environment)
        else { throw .wrongExchange }
        guard let original = Int(call["ORGN_ODNO"]) else { throw .noOriginal }
        let quantity = try call.quantity("ORD_QTY")
        switch (call["RVSE_CNCL_DVSN_CD"], venue) {
        case ("01", .shanghai): throw Refusal("APBK0919", "해당 시장은 정정주문이 불가합니다.")
        case ("01", _):
            let order = try exchange.revise(
                original, account: call.account, venue: venue, quantity: quantity == 0 ? nil : quantity, type: "00",
                price: try call.price("OVRS_ORD_UNPR"), in: call.environment)
            return accepted(order, call, "정정")
        case ("02", _):
            let order = try exchange.cancel(
                original, account: call.account, venue: venue, quantity: quantity == 0 ? nil : quantity,
                in: call.environment)
            return accepted(order, call, "취소")
        default: throw Refusal("OPSQ2001", "ERROR : INVALID RVSE_CNCL_DVSN_CD", resultCode: "2")
        }
    }

    // MARK: Lists

    /// `NASD` means all of the US, blank and `%` everything.
    private func isAt(_ code: String, _ venue: SimulatedVenue) -> Bool {
        venue != .krx
            && (code.isEmpty || code == "%" || code == venue.orderCode || (code == "NASD" && venue.isUS))
    }

    func overseasOpen(_ call: Call) -> Answer {
        var orders = listed(call) { isAt(call["OVRS_EXCG_CD"], $0.ticket.venue) && $0.remaining > 0 }
        if call["SORT_SQN"] != "DS" { orders.reverse() }
        let page = Page(orders, of: call, size: 40, width: 200) { "\($0.koreanDate.compact)\(digits($0.number, 10))" }
        return page.with(["output": .array(page.items.map { overseasRow($0, call.environment) })])
    }

    /// Dates are those at the exchange. The virtual environment knows no filters.
    func overseasOrders(_ call: Call) throws(Refusal) -> Answer {
        guard let from = CivilDate(compact: call["ORD_STRT_DT"]), let to = CivilDate(compact: call["ORD_END_DT"]) else {
            throw Refusal("OPSQ2002", "ERROR : INPUT INVALID FIELD LENGTH [ORD_STRT_DT]", resultCode: "2")
        }
        let (code, side, state) = (call["PDNO"], call["SLL_BUY_DVSN"], call["CCLD_NCCS_DVSN"])
        if call.environment == .virtual, !(code.isEmpty && side == "00" && state == "00") {
            throw Refusal("OPSQ2001", "ERROR : 모의투자는 전체조회만 가능합니다.", resultCode: "2")
        }
        var orders = listed(call) {
            isAt(call["OVRS_EXCG_CD"], $0.ticket.venue) && from <= $0.exchangeDate && $0.exchangeDate <= to
                && (code.isEmpty || code == "%" || code == $0.ticket.code)
                && (side == "00" || $0.ticket.isBuy == (side == "02"))
                && (state == "00" || ($0.remaining == 0) == (state == "01"))
        }
        if call["SORT_SQN"] == "AS" { orders.reverse() }
        let page = Page(orders, of: call, size: call.environment == .real ? 20 : 15, width: 200) {
            "\($0.koreanDate.compact)\(digits($0.number, 10))"
        }
        let rows = page.items.map { fillRow($0, call.environment) }
        // With nothing to list KIS sends one object of blanks in place of the array.
        let blank = row(["ord_dt": "", "ord_gno_brno": "", "odno": "", "pdno": "", "ft_ord_qty": "0", "nccs_qty": "0"])
        return page.with(["output": rows.isEmpty ? blank : .array(rows)])
    }

    private func overseasRow(_ order: SimulatedOrder, _ environment: KISEnvironment) -> JSONValue {
        let ticket = order.ticket
        let korean = exchange.koreanClock(order.acceptedAt)
        let kind: String
        switch order.kind {
        case .new: kind = "00"
        case .revision: kind = "01"
        case .cancellation: kind = "02"
        }
        return row([
            "ord_dt": order.exchangeDate.compact, "ord_gno_brno": Self.overseasBranch,
            "odno": Self.number(order.number, environment),
            "orgn_odno": order.original.map { Self.number($0, environment) } ?? "", "pdno": ticket.code,
            "prdt_name": name(ticket), "sll_buy_dvsn_cd": ticket.isBuy ? "02" : "01", "rvse_cncl_dvsn_cd": kind,
            "rjct_rson": order.refused > 0 ? "0001" : "", "rjct_rson_name": order.refused > 0 ? "거래소거부" : "",
            "ord_tmd": clockText(korean.secondOfDay), "tr_mket_name": ticket.venue.orderCode,
            "tr_crcy_cd": ticket.venue.currency, "natn_cd": ticket.venue.nation, "natn_kor_name": "",
            "ft_ord_qty": "\(ticket.quantity)", "ft_ccld_qty": "\(order.filled)", "nccs_qty": "\(order.remaining)",
            "ft_ord_unpr3": ticket.price.formatted(digits: 8),
            "ft_ccld_unpr3": order.averagePrice.formatted(digits: 8), "ft_ccld_amt3": order.value.formatted(digits: 5),
            "ovrs_excg_cd": ticket.venue.orderCode, "prcs_stat_name": state(order), "loan_type_cd": "10",
            "loan_dt": "", "usa_amk_exts_rqst_yn": "N",
        ])
    }

    private func state(_ order: SimulatedOrder) -> String {
        if order.refused > 0 { return "거부" }
        if order.remaining > 0 { return "접수" }
        return "완료"
    }

    private func fillRow(_ order: SimulatedOrder, _ environment: KISEnvironment) -> JSONValue {
        let korean = exchange.koreanClock(order.acceptedAt)
        let names: (String, String)
        switch order.kind {
        case .new: names = ("00", "")
        case .revision: names = ("01", "정정")
        case .cancellation: names = ("02", "취소")
        }
        return overseasRow(order, environment).with([
            "sll_buy_dvsn_cd_name": order.ticket.isBuy ? "매수" : "매도", "rvse_cncl_dvsn": names.0,
            "rvse_cncl_dvsn_name": names.1, "tr_natn": order.ticket.venue.nation, "tr_natn_name": "",
            "dmst_ord_dt": order.koreanDate.compact, "thco_ord_tmd": clockText(korean.secondOfDay),
            "mdia_dvsn_name": order.ticket.isByHand ? "HTS" : "OpenAPI", "splt_buy_attr_name": "",
        ])
    }

    // MARK: Balances

    private func price(_ position: SimulatedPosition) -> FixedPoint {
        exchange.tape(position.venue, position.code)?.today.price ?? .zero
    }

    private func held(_ call: Call, _ isWanted: (SimulatedVenue) -> Bool) -> [SimulatedPosition] {
        (exchange.accounts[call.account]?.positions ?? [:]).values
            .filter { $0.venue != .krx && $0.quantity > 0 && isWanted($0.venue) }.sorted { $0.code < $1.code }
    }

    func overseasBalance(_ call: Call) -> Answer {
        let code = call["OVRS_EXCG_CD"]
        // NASD means all of the US in the real environment only.
        let positions = held(call) { venue in
            code.isEmpty || code == venue.orderCode
                || (call.environment == .real && (code == "NASD" ? venue.isUS : code == "NAS" && venue == .nasdaq))
        }
        let page = Page(positions, of: call, size: 100, width: 200) { $0.code }
        var rows = page.items.map { balanceRow($0, call) }
        // The list ends with a row of blanks and zeros.
        if let last = rows.last {
            rows.append(
                last.blanked.with([
                    "ovrs_cblc_qty": "0", "ord_psbl_qty": "0", "frcr_pchs_amt1": "0", "now_pric2": "0.0000",
                    "ovrs_stck_evlu_amt": "0", "frcr_evlu_pfls_amt": "0", "evlu_pfls_rt": "0.00",
                    "pchs_avg_pric": "0.0000", "cano": String(call.account.prefix(8)),
                    "acnt_prdt_cd": String(call.account.suffix(2)), "tr_crcy_cd": "USD", "ovrs_excg_cd": "NASD",
                ]))
        }
        let cost = positions.reduce(FixedPoint.zero) { $0.plus($1.cost) }
        let gain = positions.reduce(FixedPoint.zero) { $0.plus(price($1).times($1.quantity).minus($1.cost)) }
        return page.with([
            "output1": .array(rows),
            "output2": row([
                "frcr_pchs_amt1": cost.formatted(digits: 5), "ovrs_rlzt_pfls_amt": "0.00000",
                "ovrs_tot_pfls": gain.formatted(digits: 5), "rlzt_erng_rt": "0.00000000",
                "tot_evlu_pfls_amt": gain.formatted(digits: 8),
                "tot_pftrt": cost.isZero ? "0.00000000" : gain.times(100).over(cost, .halfEven).formatted(digits: 8),
                "frcr_buy_amt_smtl1": cost.formatted(digits: 5), "ovrs_rlzt_pfls_amt2": "0.00000",
                "frcr_buy_amt_smtl2": cost.formatted(digits: 5),
            ]),
        ])
    }

    private func balanceRow(_ position: SimulatedPosition, _ call: Call) -> JSONValue {
        let value = price(position).times(position.quantity)
        let gain = value.minus(position.cost)
        return row([
            "cano": String(call.account.prefix(8)), "acnt_prdt_cd": String(call.account.suffix(2)),
            "prdt_type_cd": position.venue.productType, "ovrs_pdno": position.code,
            "ovrs_item_name": exchange.tape(position.venue, position.code)?.symbol.name ?? "",
            "frcr_evlu_pfls_amt": gain.formatted(digits: 6),
            "evlu_pfls_rt": position.cost.isZero
                ? "0.00" : gain.times(100).over(position.cost, .halfEven).formatted(digits: 2),
            "pchs_avg_pric": position.average.formatted(digits: 4), "ovrs_cblc_qty": "\(position.quantity)",
            "ord_psbl_qty": "\(max(0, exchange.sellable(call.account, position.code)))",
            "frcr_pchs_amt1": position.cost.formatted(digits: 5), "ovrs_stck_evlu_amt": value.formatted(digits: 6),
            "now_pric2": price(position).formatted(digits: 6), "tr_crcy_cd": position.venue.currency,
            "ovrs_excg_cd": position.venue.orderCode, "loan_type_cd": "10", "loan_dt": "", "expd_dt": "",
        ])
    }

    /// In the virtual environment only the totals are filled.
    func presentBalance(_ call: Call) -> Answer {
        let nation = call["NATN_CD"]
        let positions = held(call) { nation == "000" || nation == $0.nation }
        let account = exchange.accounts[call.account]
        let currencies = (account?.opening.keys.filter { $0 != "KRW" } ?? []).sorted()
        var (value, deposits) = (FixedPoint.zero, account?.cash("KRW") ?? .zero)
        for position in positions {
            value = value.plus(inWon(price(position).times(position.quantity), position.venue.currency))
        }
        for currency in currencies { deposits = deposits.plus(inWon(account?.cash(currency) ?? .zero, currency)) }
        let isReal = call.environment == .real
        return Answer([
            .init("output1", .array(isReal ? positions.map { presentRow($0, call) } : [])),
            .init("output2", .array(isReal ? currencies.map { cashRow($0, call) } : [])),
            .init(
                "output3",
                row([
                    "pchs_amt_smtl": won(
                        positions.reduce(.zero) { $0.plus(inWon($1.cost, $1.venue.currency)) }),
                    "evlu_amt_smtl": won(value), "tot_asst_amt": won(value.plus(deposits)),
                    "tot_dncl_amt": won(deposits), "frcr_use_psbl_amt": "0", "ustl_buy_amt_smtl": "0",
                    "ustl_sll_amt_smtl": "0", "tot_evlu_pfls_amt": "0.00000000",
                ])),
        ])
    }

    private func inWon(_ amount: FixedPoint, _ currency: String) -> FixedPoint {
        amount.times(configuration.rates[currency] ?? .one, .halfEven)
    }

    private func presentRow(_ position: SimulatedPosition, _ call: Call) -> JSONValue {
        let currency = position.venue.currency
        // 01 shows everything in won.
        let inWon = call["WCRC_FRCR_DVSN_CD"] == "01"
        func text(_ amount: FixedPoint) -> String {
            inWon ? self.inWon(amount, currency).formatted(digits: 5) : amount.formatted(digits: 5)
        }
        let today = exchange.tape(position.venue, position.code)?.today.session.date
        let fills = exchange.fills.filter {
            $0.account == call.account && $0.code == position.code && $0.exchangeDate == today
        }
        func count(_ isBuy: Bool) -> Int { fills.filter { $0.isBuy == isBuy }.reduce(0) { $0 + $1.quantity } }
        let value = price(position).times(position.quantity)
        let before = position.quantity - count(true) + count(false)
        return row([
            "pdno": position.code, "prdt_name": exchange.tape(position.venue, position.code)?.symbol.name ?? "",
            "cblc_qty13": "\(before).00000000", "thdt_buy_ccld_qty1": "\(count(true)).00000000",
            "thdt_sll_ccld_qty1": "\(count(false)).00000000", "ccld_qty_smtl1": "\(position.quantity).00000000",
            "ord_psbl_qty1": "\(max(0, exchange.sellable(call.account, position.code))).00000000",
            "frcr_pchs_amt": text(position.cost), "frcr_evlu_amt2": text(value),
            "evlu_pfls_amt2": text(value.minus(position.cost)), "evlu_pfls_rt1": "0.00000000",
            "bass_exrt": (configuration.rates[currency] ?? .one).formatted(digits: 8), "buy_crcy_cd": currency,
            "ovrs_now_pric1": price(position).formatted(digits: 8), "avg_unpr3": position.average.formatted(digits: 8),
            "tr_mket_name": position.venue.orderCode, "natn_kor_name": "", "ovrs_excg_cd": position.venue.orderCode,
            "pchs_rmnd_wcrc_amt": won(self.inWon(position.cost, currency)), "unit_amt": "1.00000000",
            "prdt_type_cd": position.venue.productType, "loan_rmnd": "0.00000000", "std_pdno": position.code,
        ])
    }

    private func cashRow(_ currency: String, _ call: Call) -> JSONValue {
        let account = exchange.accounts[call.account]
        let settled = account?.cash(currency, settledBy: exchange.today) ?? .zero
        let final = account?.cash(currency) ?? .zero
        let blocked = final.minus(exchange.buyingPower(call.account, currency))
        let free = max(.zero, min(settled, final).minus(blocked))
        return row([
            "crcy_cd": currency, "crcy_cd_name": currency, "frcr_buy_amt_smtl": "0.000000",
            "frcr_sll_amt_smtl": "0.000000", "frcr_dncl_amt_2": settled.formatted(digits: 6),
            "frcr_buy_mgn_amt": blocked.formatted(digits: 6), "frcr_etc_mgna": "0.000000",
            "frcr_drwg_psbl_amt_1": free.formatted(digits: 6),
            "frst_bltn_exrt": (configuration.rates[currency] ?? .one).formatted(digits: 8),
            "frcr_evlu_amt2": inWon(settled, currency).formatted(digits: 6),
            "nxdy_frcr_drwg_psbl_amt": max(.zero, final.minus(blocked)).formatted(digits: 6),
        ])
    }

    // MARK: Buying power

    func overseasBuyable(_ call: Call) throws(Refusal) -> Answer {
        guard let venue = SimulatedVenue.ordering(call["OVRS_EXCG_CD"]), exchange.tape(venue, call["ITEM_CD"]) != nil
        else { throw .unknownSymbol }
        let price = try call.price("OVRS_ORD_UNPR")
        guard price.isPositive else { throw .badPrice }
        let cash = max(.zero, exchange.buyingPower(call.account, venue.currency))
        let unit = price.plus(price.times(exchange.fees.rate(venue), .awayFromZero))
        let quantity = cash.over(unit, .towardZero).whole
        return Answer([
            .init(
                "output",
                row([
                    "tr_crcy_cd": venue.currency, "ord_psbl_frcr_amt": cash.formatted(digits: 2),
                    "sll_ruse_psbl_amt": "0.00", "ovrs_ord_psbl_amt": cash.formatted(digits: 2),
                    "max_ord_psbl_qty": "\(quantity)", "echm_af_ord_psbl_amt": "0.00", "echm_af_ord_psbl_qty": "0",
                    "ord_psbl_qty": "\(quantity)",
                    "exrt": (configuration.rates[venue.currency] ?? .one).formatted(digits: 4),
                    "frcr_ord_psbl_amt1": cash.formatted(digits: 6), "ovrs_max_ord_psbl_qty": "\(quantity)",
                ]))
        ])
    }
}
