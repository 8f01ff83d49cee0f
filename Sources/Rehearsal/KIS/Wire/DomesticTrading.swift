internal import Core

/// Orders, lists, balance and buying power of Korean shares.
extension SimulatedKIS {
    static func branch(_ environment: KISEnvironment) -> String { environment == .real ? "06010" : "00950" }

    /// Ten digits in the real environment, bare in the virtual one.
    static func number(_ number: Int, _ environment: KISEnvironment) -> String {
        environment == .real ? digits(number, 10) : "\(number)"
    }

    private func time(_ order: SimulatedOrder) -> String {
        clockText(exchange.koreanClock(order.acceptedAt).secondOfDay)
    }

    // MARK: Orders

    mutating func domesticOrder(_ call: Call) throws(Refusal) -> Answer {
        let venue = call["EXCG_ID_DVSN_CD"]
        let isSOR = call.environment == .real && venue == "SOR"
        guard venue.isEmpty || venue == "KRX" || isSOR else {
            throw Refusal("APBK0919", "해당 거래소는 주문이 불가합니다.")
        }
        let isBuy = ["0012U", "0802U"].contains { call.trID.hasSuffix($0) }
        let ticket = OrderTicket(
            account: call.account, venue: .krx, code: call["PDNO"], isBuy: isBuy, type: call["ORD_DVSN"],
            quantity: try call.quantity("ORD_QTY"), price: try call.price("ORD_UNPR"),
            conditionPrice: call["CNDT_PRIC"].isEmpty ? .zero : try call.price("CNDT_PRIC"))
        guard ticket.price.isMultiple(of: .one) else { throw .badPrice }
        let order = try exchange.place(
            ticket, in: call.environment, refusedLater: call.has(.lateRefusal) != nil)
        if let rule = call.has(.lateVisibility) { exchange.hide(order, seconds: Int64(rule.seconds)) }
        return accepted(order, call, isBuy ? "매수" : "매도")
    }

    func accepted(_ order: SimulatedOrder, _ call: Call, _ what: String) -> Answer {
        let branch = order.ticket.venue == .krx ? Self.branch(call.environment) : Self.overseasBranch
        var answer = Answer([
            .init(
                "output",
                row([
                    "KRX_FWDG_ORD_ORGNO": branch, "ODNO": Self.number(order.number, call.environment),
                    "ORD_TMD": time(order),
                ]))
        ])
        answer.code = call.environment == .real ? "APBK0013" : "40600000"
        answer.message = call.environment == .real ? "주문 전송 완료 되었습니다." : "모의투자 \(what)주문이 완료 되었습니다."
        return answer
    }

    mutating func domesticChange(_ call: Call) throws(Refusal) -> Answer {
        guard let original = Int(call["ORGN_ODNO"]), call["KRX_FWDG_ORD_ORGNO"] == Self.branch(call.environment) else {
            throw .noOriginal
        }
        let quantity = call["QTY_ALL_ORD_YN"] == "Y" ? nil : try call.quantity("ORD_QTY")
        if quantity == 0 { throw .badQuantity }
        switch call["RVSE_CNCL_DVSN_CD"] {
        case "01":
            let order = try exchange.revise(
                original, account: call.account, venue: .krx, quantity: quantity, type: call["ORD_DVSN"],
                price: try call.price("ORD_UNPR"), in: call.environment)
            return accepted(order, call, "정정")
        case "02":
            let order = try exchange.cancel(
                original, account: call.account, venue: .krx, quantity: quantity, in: call.environment)
            return accepted(order, call, "취소")
        default: throw Refusal("OPSQ2001", "ERROR : INVALID RVSE_CNCL_DVSN_CD", resultCode: "2")
        }
    }

    // MARK: Lists

    /// The account's orders that the lists show by now, oldest first.
    func listed(_ call: Call, _ isWanted: (SimulatedOrder) -> Bool) -> [SimulatedOrder] {
        exchange.orders.filter {
            $0.ticket.account == call.account && $0.visibleAt <= exchange.now && isWanted($0)
        }
    }

    func domesticOpen(_ call: Call) -> Answer {
        let side = call["INQR_DVSN_2"]
        let orders = listed(call) {
            $0.ticket.venue == .krx && $0.remaining > 0 && (side == "0" || $0.ticket.isBuy == (side == "2"))
        }
        let page = Page(orders, of: call, size: 50, width: 100) { "\($0.koreanDate.compact)\(digits($0.number, 10))" }
        return page.with([
            "output": .array(
                page.items.map { order in
                    row([
                        "ord_gno_brno": Self.branch(call.environment),
                        "odno": Self.number(order.number, call.environment),
                        "orgn_odno": order.original.map { Self.number($0, call.environment) } ?? "",
                        "ord_dvsn_name": order.terms.name, "pdno": order.ticket.code,
                        "prdt_name": name(order.ticket), "rvse_cncl_dvsn_name": order.kind == .revision ? "정정" : "",
                        "ord_qty": "\(order.ticket.quantity)", "ord_unpr": won(order.ticket.price),
                        "ord_tmd": time(order), "tot_ccld_qty": "\(order.filled)", "tot_ccld_amt": won(order.value),
                        "psbl_qty": "\(order.remaining)", "sll_buy_dvsn_cd": order.ticket.isBuy ? "02" : "01",
                        "ord_dvsn_cd": order.ticket.type, "mgco_aptm_odno": "", "excg_dvsn_cd": "02",
                        "excg_id_dvsn_cd": "KRX", "excg_id_dvsn_name": "한국거래소", "stpm_cndt_pric": "0",
                        "stpm_efct_occr_yn": order.terms.isStop ? (order.isAwake ? "Y" : "N") : "",
                    ])
                })
        ])
    }

    func name(_ ticket: OrderTicket) -> String { exchange.tape(ticket.venue, ticket.code)?.symbol.name ?? "" }

    func domesticOrders(_ call: Call) throws(Refusal) -> Answer {
        guard let from = CivilDate(compact: call["INQR_STRT_DT"]), let to = CivilDate(compact: call["INQR_END_DT"])
        else { throw Refusal("OPSQ2002", "ERROR : INPUT INVALID FIELD LENGTH [INQR_STRT_DT]", resultCode: "2") }
        let (side, state, number) = (call["SLL_BUY_DVSN_CD"], call["CCLD_DVSN"], Int(call["ODNO"]))
        var orders = listed(call) {
            $0.ticket.venue == .krx && from <= $0.koreanDate && $0.koreanDate <= to
                && (side == "00" || $0.ticket.isBuy == (side == "02"))
                && (state == "00" || ($0.filled > 0) == (state == "01"))
                && (call["PDNO"].isEmpty || call["PDNO"] == $0.ticket.code) && (number == nil || number == $0.number)
        }
        if state == "02" { orders.removeAll { $0.remaining == 0 } }
        if call["INQR_DVSN"] == "00" { orders.reverse() }
        let page = Page(orders, of: call, size: call.environment == .real ? 100 : 15, width: 100) {
            "\($0.koreanDate.compact)\(digits($0.number, 10))"
        }
        let value = orders.reduce(FixedPoint.zero) { $0.plus($1.value) }
        let filled = orders.reduce(0) { $0 + $1.filled }
        return page.with([
            "output1": .array(page.items.map { orderRow($0, call.environment) }),
            "output2": row([
                "tot_ord_qty": "\(orders.reduce(0) { $0 + $1.ticket.quantity })", "tot_ccld_qty": "\(filled)",
                "pchs_avg_pric": filled == 0 ? "0" : value.over(FixedPoint(filled), .halfEven).formatted(digits: 4),
                "tot_ccld_amt": won(value), "prsm_tlex_smtl": won(orders.reduce(.zero) { $0.plus($1.costs) }),
            ]),
        ])
    }

    private func orderRow(_ order: SimulatedOrder, _ environment: KISEnvironment) -> JSONValue {
        let what = order.ticket.isBuy ? "현금매수" : "현금매도"
        let isCancellation = order.kind == .cancellation
        let sideName =
            order.refused > 0
            ? (order.ticket.isBuy ? "매수거부" : "매도거부")
            : isCancellation
                ? (order.ticket.isBuy ? "매수취소*" : "매도취소*")
                : order.kind == .revision ? (order.ticket.isBuy ? "매수정정*" : "매도정정*") : what
        return row([
            "ord_dt": order.koreanDate.compact, "ord_gno_brno": Self.branch(environment),
            "odno": Self.number(order.number, environment),
            "orgn_odno": order.original.map { Self.number($0, environment) } ?? "", "ord_dvsn_name": order.terms.name,
            "sll_buy_dvsn_cd": order.ticket.isBuy ? "02" : "01", "sll_buy_dvsn_cd_name": sideName,
            "pdno": order.ticket.code, "prdt_name": name(order.ticket), "ord_qty": "\(order.ticket.quantity)",
            "ord_unpr": won(order.ticket.price), "ord_tmd": time(order), "tot_ccld_qty": "\(order.filled)",
            "avg_prvs": order.averagePrice.formatted(digits: order.averagePrice.isMultiple(of: .one) ? 0 : 4),
            "cncl_yn": isCancellation ? "Y" : "N", "tot_ccld_amt": won(order.value), "loan_dt": "",
            "ordr_empno": order.ticket.isByHand ? "HTS" : "OpnAPI", "ord_dvsn_cd": order.ticket.type,
            "cncl_cfrm_qty": "\(order.cancelled)",
            "rmn_qty": "\(order.remaining)", "rjct_qty": "\(order.refused)",
            "ccld_cndt_name": order.terms.life == .immediate ? "IOC" : order.terms.life == .allOrNone ? "FOK" : "없음",
            "inqr_ip_addr": "127000000001", "cpbc_ordp_ord_rcit_dvsn_cd": "", "cpbc_ordp_infm_mthd_dvsn_cd": "",
            "infm_tmd": "", "ctac_tlno": "", "prdt_type_cd": "300", "excg_dvsn_cd": "02",
            "cpbc_ordp_mtrl_dvsn_cd": "", "ord_orgno": "00000", "rsvn_ord_end_dt": "", "excg_id_dvsn_Cd": "KRX",
            "stpm_cndt_pric": won(order.ticket.conditionPrice), "stpm_efct_occr_dtmd": "",
        ])
    }

    // MARK: Balance

    func domesticBalance(_ call: Call) -> Answer {
        let account = exchange.accounts[call.account]
        let fills = exchange.fills.filter {
            $0.account == call.account && $0.venue == .krx && $0.koreanDate == exchange.today
        }
        let codes = (account?.positions ?? [:]).values.filter { position in
            // Sold out today, a symbol stays in the list with no shares.
            position.venue == .krx && (position.quantity > 0 || fills.contains { $0.code == position.code })
        }.sorted { $0.code < $1.code }
        let page = Page(codes, of: call, size: call.environment == .real ? 50 : 20, width: 100) { $0.code }
        return page.with([
            "output1": .array(page.items.map { positionRow($0, fills, call) }),
            "output2": [balanceTotals(codes, fills, call)],
        ])
    }

    private func price(_ position: SimulatedPosition) -> FixedPoint {
        exchange.tape(position.venue, position.code)?.today.price ?? .zero
    }

    private func positionRow(_ position: SimulatedPosition, _ fills: [SimulatedFill], _ call: Call) -> JSONValue {
        let own = fills.filter { $0.code == position.code }
        let (last, value) = (price(position), price(position).times(position.quantity))
        let gain = value.minus(position.cost)
        let rate = position.cost.isZero ? FixedPoint.zero : gain.times(100).over(position.cost, .halfEven)
        return row([
            "pdno": position.code, "prdt_name": exchange.tape(.krx, position.code)?.symbol.name ?? "",
            "trad_dvsn_name": "현금", "bfdy_buy_qty": "0", "bfdy_sll_qty": "0",
            "thdt_buyqty": "\(own.filter(\.isBuy).reduce(0) { $0 + $1.quantity })",
            "thdt_sll_qty": "\(own.filter { !$0.isBuy }.reduce(0) { $0 + $1.quantity })",
            "hldg_qty": "\(position.quantity)",
            "ord_psbl_qty": "\(max(0, exchange.sellable(call.account, position.code)))",
            "pchs_avg_pric": position.average.formatted(digits: 4), "pchs_amt": won(position.cost), "prpr": won(last),
            "evlu_amt": won(value), "evlu_pfls_amt": won(gain), "evlu_pfls_rt": rate.formatted(digits: 2),
            "evlu_erng_rt": rate.formatted(digits: 8), "loan_dt": "", "loan_amt": "0", "stln_slng_chgs": "0",
            "expd_dt": "", "fltt_rt": "0.00000000", "bfdy_cprs_icdc": "0", "item_mgna_rt_name": "20%",
            "grta_rt_name": "", "sbst_pric": "0", "stck_loan_unpr": "0.0000",
        ])
    }

    private func balanceTotals(
        _ positions: [SimulatedPosition], _ fills: [SimulatedFill], _ call: Call
    ) -> JSONValue {
        let account = exchange.accounts[call.account]
        let next = exchange.sessionDay(.krx, after: exchange.today, count: 1)
        let settled = account?.cash("KRW", settledBy: exchange.today) ?? .zero
        let final = account?.cash("KRW") ?? .zero
        let value = positions.reduce(FixedPoint.zero) { $0.plus(price($1).times($1.quantity)) }
        let cost = positions.reduce(FixedPoint.zero) { $0.plus($1.cost) }
        func sum(_ isBuy: Bool) -> FixedPoint {
            fills.filter { $0.isBuy == isBuy }.reduce(.zero) { $0.plus($1.price.times($1.quantity)) }
        }
        return row([
            "dnca_tot_amt": won(settled), "nxdy_excc_amt": won(account?.cash("KRW", settledBy: next) ?? .zero),
            "prvs_rcdl_excc_amt": won(final), "cma_evlu_amt": "0", "bfdy_buy_amt": "0",
            "thdt_buy_amt": won(sum(true)), "nxdy_auto_rdpt_amt": "0", "bfdy_sll_amt": "0",
            "thdt_sll_amt": won(sum(false)), "d2_auto_rdpt_amt": "0", "bfdy_tlex_amt": "0",
            "thdt_tlex_amt": won(fills.reduce(.zero) { $0.plus($1.costs) }), "tot_loan_amt": "0",
            "scts_evlu_amt": won(value), "tot_evlu_amt": won(final.plus(value)), "nass_amt": won(final.plus(value)),
            "fncg_gld_auto_rdpt_yn": "", "pchs_amt_smtl_amt": won(cost), "evlu_amt_smtl_amt": won(value),
            "evlu_pfls_smtl_amt": won(value.minus(cost)), "tot_stln_slng_chgs": "0", "bfdy_tot_asst_evlu_amt": "0",
            "asst_icdc_amt": "0", "asst_icdc_erng_rt": "0.00000000",
        ])
    }

    // MARK: Buying power

    func domesticBuyable(_ call: Call) throws(Refusal) -> Answer {
        let cash = max(.zero, exchange.buyingPower(call.account, "KRW"))
        var price = FixedPoint.zero
        if let tape = exchange.tape(.krx, call["PDNO"]) {
            let asked = call["ORD_UNPR"].isEmpty ? .zero : try call.price("ORD_UNPR")
            let isLimit = OrderTerms.domestic[call["ORD_DVSN"]]?.pricing == .limit
            price = isLimit && asked.isPositive ? asked : exchange.quote(tape).upperLimit
        }
        let unit = price.plus(price.times(exchange.fees.rate(.krx), .awayFromZero))
        let quantity = price.isPositive ? cash.over(unit, .towardZero).whole : 0
        return Answer([
            .init(
                "output",
                row([
                    "ord_psbl_cash": won(cash), "ord_psbl_sbst": "0", "ruse_psbl_amt": "0", "fund_rpch_chgs": "0",
                    "psbl_qty_calc_unpr": won(price), "nrcvb_buy_amt": won(cash), "nrcvb_buy_qty": "\(quantity)",
                    "max_buy_amt": won(cash), "max_buy_qty": "\(quantity)", "cma_evlu_amt": "0",
                    "ovrs_re_use_amt_wcrc": "0", "ord_psbl_frcr_amt_wcrc": "0",
                ]))
        ])
    }

    func domesticSellable(_ call: Call) throws(Refusal) -> Answer {
        guard let position = exchange.accounts[call.account]?.positions[call["PDNO"]] else { throw .noHoldings }
        return Answer([
            .init(
                "output",
                row([
                    "pdno": position.code, "cblc_qty": "\(position.quantity)",
                    "ord_psbl_qty": "\(max(0, exchange.sellable(call.account, position.code)))",
                    "pchs_avg_pric": position.average.formatted(digits: 4), "now_pric": won(price(position)),
                ]))
        ])
    }
}
