internal import Core
internal import Sessions

/// What there is to know about days and products.
extension SimulatedKIS {
    /// Days from the one asked for, some weeks a page.
    func holidays(_ call: Call) throws(Refusal) -> Answer {
        guard let first = CivilDate(compact: call["BASS_DT"]), let calendar = SimulatedVenue.krx.calendar else {
            throw Refusal("OPSQ2002", "ERROR : INPUT INVALID FIELD LENGTH [BASS_DT]", resultCode: "2")
        }
        let days = (0..<60).map { first.advanced(byDays: $0) }
        let page = Page(days, of: call, size: 25, width: nil) { $0.compact }
        return page.with([
            "output": .array(
                page.items.map { day in
                    let isOpen = calendar.isTradingDay(day)
                    return row([
                        "bass_dt": day.compact, "wday_dvsn_cd": digits(day.isoWeekday % 7 + 1, 2),
                        "bzdy_yn": isOpen ? "Y" : "N", "tr_day_yn": day.isoWeekday <= 5 ? "Y" : "N",
                        "opnd_yn": isOpen ? "Y" : "N", "sttl_day_yn": isOpen ? "Y" : "N",
                    ])
                })
        ])
    }

    func productInfo(_ call: Call) throws(Refusal) -> Answer {
        let found = exchange.tapes.first {
            $0.symbol.code == call["PDNO"] && $0.symbol.venue.productType == call["PRDT_TYPE_CD"]
        }
        guard let symbol = found?.symbol else {
            throw Refusal("APBK0656", "해당종목정보가 없습니다.")
        }
        return Answer([
            .init(
                "output",
                row([
                    "pdno": symbol.code, "prdt_type_cd": symbol.venue.productType, "prdt_name": symbol.name,
                    "prdt_name120": symbol.name, "prdt_abrv_name": symbol.name, "prdt_eng_name": symbol.name,
                    "prdt_eng_name120": symbol.name, "prdt_eng_abrv_name": symbol.name, "std_pdno": symbol.code,
                    "shtn_pdno": symbol.code, "buy_unit_qty": "1", "sll_unit_qty": "1",
                    "tr_crcy_cd": symbol.venue.currency, "ovrs_excg_cd": symbol.venue.orderCode, "lstg_yn": "Y",
                ]))
        ])
    }

    /// Of Korean shares: whether they may be traded, and on which venues.
    func stockInfo(_ call: Call) throws(Refusal) -> Answer {
        guard call["PRDT_TYPE_CD"] == "300", let tape = exchange.tape(.krx, call["PDNO"]) else {
            throw .unknownSymbol
        }
        return Answer([
            .init(
                "output",
                row([
                    "pdno": tape.symbol.code, "prdt_type_cd": "300", "mket_id_cd": "STK", "scty_grp_id_cd": "ST",
                    "etf_dvsn_cd": "", "excg_dvsn_cd": "02", "tr_stop_yn": "N", "admn_item_yn": "N",
                    "lstg_abol_dt": "", "cptt_trad_tr_psbl_yn": "Y", "nxt_tr_stop_yn": "N",
                    "prdt_name": tape.symbol.name, "prdt_abrv_name": tape.symbol.name,
                    "thdt_clpr": won(tape.today.price), "bfdy_clpr": won(tape.today.base),
                ]))
        ])
    }

    /// Up to thirty pairs of market and symbol; unknown ones are passed over.
    func severalPrices(_ call: Call) -> Answer {
        let rows = (1...30).compactMap { index -> JSONValue? in
            guard let tape = exchange.tape(.krx, call["FID_INPUT_ISCD_\(index)"]) else { return nil }
            let quote = exchange.quote(tape)
            return row([
                "inter_shrn_iscd": tape.symbol.code, "inter_kor_isnm": tape.symbol.name,
                "inter2_prpr": won(quote.last), "inter2_prdy_vrss": won(quote.change), "prdy_vrss_sign": quote.sign,
                "prdy_ctrt": quote.changeRate.formatted(digits: 2), "acml_vol": "\(quote.total?.volume ?? 0)",
                "inter2_oprc": won(quote.total?.open ?? .zero), "inter2_hgpr": won(quote.total?.high ?? .zero),
                "inter2_lwpr": won(quote.total?.low ?? .zero), "inter2_llam": won(quote.lowerLimit),
                "inter2_mxpr": won(quote.upperLimit), "inter2_askp": won(quote.asks.first?.price ?? .zero),
                "inter2_bidp": won(quote.bids.first?.price ?? .zero), "inter2_sdpr": won(quote.base),
            ])
        }
        return Answer([.init("output", .array(rows))])
    }

    /// The older daily bars: thirty, newest first.
    func dailyPrices(_ call: Call) throws(Refusal) -> Answer {
        guard let tape = exchange.tape(.krx, call["FID_INPUT_ISCD"]) else { return Answer([.init("output", [])]) }
        let rows = Self.periods(tape, call["FID_PERIOD_DIV_CODE"]).suffix(30).reversed().map { period in
            row([
                "stck_bsop_date": period.date.compact, "stck_oprc": won(period.bar.open),
                "stck_hgpr": won(period.bar.high), "stck_lwpr": won(period.bar.low),
                "stck_clpr": won(period.bar.close), "acml_vol": "\(period.bar.volume)",
                "prdy_vrss": won(period.bar.close.minus(period.base)),
                "prdy_vrss_sign": Self.sign(period.bar.close, period.base), "flng_cls_code": "00",
                "acml_prtt_rate": "1.00",
            ])
        }
        return Answer([.init("output", .array(rows))])
    }
}
