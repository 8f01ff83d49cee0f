internal import Core
internal import Sessions

/// Market data of Korean shares.
extension SimulatedKIS {
    /// The tape a quote call asks for; an unknown symbol is no error to KIS.
    private func domesticTape(_ call: Call) throws(Refusal) -> SimulatedTape? {
        let division = call["FID_COND_MRKT_DIV_CODE"]
        guard division == "J" || (call.environment == .real && (division == "NX" || division == "UN")) else {
            throw Refusal("OPSQ2001", "ERROR : INVALID FID_COND_MRKT_DIV_CODE", resultCode: "2")
        }
        return exchange.tape(.krx, call["FID_INPUT_ISCD"])
    }

    func domesticPrice(_ call: Call) throws(Refusal) -> Answer {
        guard let tape = try domesticTape(call) else {
            return Answer([.init("output", row(["stck_prpr": "0", "stck_shrn_iscd": "", "rprs_mrkt_kor_name": ""]))])
        }
        let quote = exchange.quote(tape)
        let total = quote.total ?? SimulatedBar(flatAt: .zero, openAt: quote.at)
        let year = tape.past.suffix(250).compactMap(\.total) + [total]
        let output = row([
            "iscd_stat_cls_code": "55", "marg_rate": "20.00", "rprs_mrkt_kor_name": "KOSPI200",
            "bstp_kor_isnm": "전기·전자", "temp_stop_yn": "N", "stck_prpr": won(quote.last),
            "prdy_vrss": won(quote.change), "prdy_vrss_sign": quote.sign,
            "prdy_ctrt": quote.changeRate.formatted(digits: 2), "acml_tr_pbmn": won(total.value),
            "acml_vol": "\(total.volume)", "prdy_vrss_vol_rate": volumeRate(total.volume, quote.previousVolume),
            "stck_oprc": won(total.open), "stck_hgpr": won(total.high), "stck_lwpr": won(total.low),
            "stck_mxpr": won(quote.upperLimit), "stck_llam": won(quote.lowerLimit), "stck_sdpr": won(quote.base),
            "aspr_unit": won(SimulatedVenue.krx.tick(at: quote.last)), "hts_deal_qty_unit_val": "1",
            "lstn_stcn": "5969782550", "hts_avls": "4208696", "per": "13.50", "pbr": "1.20", "eps": "5222.00",
            "bps": "58750.00", "w52_hgpr": won(year.map(\.high).max() ?? .zero),
            "w52_hgpr_date": quote.date.compact, "w52_lwpr": won(year.map(\.low).filter(\.isPositive).min() ?? .zero),
            "w52_lwpr_date": quote.date.compact, "stck_shrn_iscd": tape.symbol.code, "mrkt_warn_cls_code": "00",
            "short_over_yn": "N", "sltr_yn": "N", "mang_issu_cls_code": "N", "vi_cls_code": "N",
        ])
        return Answer([.init("output", output)])
    }

    private func volumeRate(_ today: Int, _ before: Int) -> String {
        guard before > 0 else { return "0.00" }
        return FixedPoint(today * 100).over(FixedPoint(before), .halfEven).minus(FixedPoint(100)).formatted(digits: 2)
    }

    func domesticBook(_ call: Call) throws(Refusal) -> Answer {
        guard let tape = try domesticTape(call) else { return Answer([.init("output1", row([:]))]) }
        let quote = exchange.quote(tape)
        var output = row(["aspr_acpt_hour": clockText(exchange.koreanClock(exchange.now).secondOfDay)])
        for (side, levels) in [("ask", quote.asks), ("bid", quote.bids)] {
            for (index, level) in levels.enumerated() {
                output = output.with([
                    "\(side)p\(index + 1)": won(level.price), "\(side)p_rsqn\(index + 1)": "\(level.quantity)",
                    "\(side)p_rsqn_icdc\(index + 1)": "0",
                ])
            }
        }
        output = output.with([
            "total_askp_rsqn": "\(quote.asks.reduce(0) { $0 + $1.quantity })",
            "total_bidp_rsqn": "\(quote.bids.reduce(0) { $0 + $1.quantity })", "ovtm_total_askp_rsqn": "0",
            "ovtm_total_bidp_rsqn": "0", "new_mkop_cls_code": "20",
        ])
        let expected = row([
            "antc_mkop_cls_code": "112", "stck_prpr": won(quote.last), "stck_oprc": won(quote.total?.open ?? .zero),
            "stck_sdpr": won(quote.base), "antc_cnpr": won(quote.last), "antc_vol": "0", "vi_cls_code": "N",
        ])
        return Answer([.init("output1", output), .init("output2", expected)])
    }

    // MARK: Minute bars

    /// Today's minutes, backwards from the one asked for; minutes without a trade are filled with the last price. A later
    /// time than now is filled too, as KIS does.
    func minuteBarsToday(_ call: Call) throws(Refusal) -> Answer {
        guard let tape = try domesticTape(call) else {
            return Answer([.init("output1", row([:])), .init("output2", [])])
        }
        let day = tape.today
        let (date, nowSecond) = exchange.koreanClock(exchange.now)
        let asked = second(of: call["FID_INPUT_HOUR_1"]) ?? 0
        let (first, last) = Self.hours(day)
        let newest = min((asked == 0 ? nowSecond : asked) / 60 * 60, last)
        var rows: [JSONValue] = []
        if day.session.date == date {
            let byMinute = Dictionary(grouping: day.bars) { SimulatedExchange.seoul.local($0.openAt).secondOfDay }
                .compactMapValues(\.first)
            var minute = newest
            while minute >= first, rows.count < 30 {
                if let bar = filled(minute, byMinute, day, nowSecond) { rows.append(bar) }
                minute -= 60
            }
        }
        let quote = exchange.quote(tape)
        let head = row([
            "prdy_vrss": won(quote.change), "prdy_vrss_sign": quote.sign,
            "prdy_ctrt": quote.changeRate.formatted(digits: 2), "stck_prdy_clpr": won(quote.base),
            "acml_vol": "\(quote.total?.volume ?? 0)", "acml_tr_pbmn": won(quote.total?.value ?? .zero),
            "hts_kor_isnm": tape.symbol.name, "stck_prpr": won(quote.last),
        ])
        return Answer([.init("output1", head), .init("output2", .array(rows))])
    }

    /// Seconds of the Korean day: from nine to half past three, later on the day of the entrance examinations.
    private static func hours(_ day: SimulatedDay) -> (first: Int, last: Int) {
        let zone = SimulatedExchange.seoul
        return (zone.local(day.session.open).secondOfDay, zone.local(day.session.close).secondOfDay)
    }

    private func filled(
        _ minute: Int, _ bars: [Int: SimulatedBar], _ day: SimulatedDay, _ nowSecond: Int
    ) -> JSONValue? {
        if let bar = bars[minute] { return minuteRow(bar, day) }
        // The closing auction is one row at the close; the minutes in which it gathers have none.
        guard minute < Self.hours(day).last - 600 else { return nil }
        let earlier = bars.filter { $0.key < minute }.max { $0.key < $1.key }?.value
        var bar = SimulatedBar(
            flatAt: earlier?.close ?? day.base,
            openAt: SimulatedExchange.seoul.instant(of: day.session.date, secondOfDay: minute))
        // Before its first trade the minute under way shows the volume of the one before.
        if minute == nowSecond / 60 * 60 { bar.volume = bars[minute - 60]?.volume ?? 0 }
        return minuteRow(bar, day)
    }

    private func minuteRow(_ bar: SimulatedBar, _ day: SimulatedDay) -> JSONValue {
        let (date, second) = SimulatedExchange.seoul.local(bar.openAt)
        let sum = day.bars.prefix { $0.openAt <= bar.openAt }.reduce(FixedPoint.zero) { $0.plus($1.value) }
        return row([
            "stck_bsop_date": date.compact, "stck_cntg_hour": clockText(second), "stck_prpr": won(bar.close),
            "stck_oprc": won(bar.open), "stck_hgpr": won(bar.high), "stck_lwpr": won(bar.low),
            "cntg_vol": "\(bar.volume)", "acml_tr_pbmn": won(sum),
        ])
    }

    /// A past day's minutes, without filler unless asked for.
    func minuteBarsPast(_ call: Call) throws(Refusal) -> Answer {
        guard let tape = try domesticTape(call), let date = CivilDate(compact: call["FID_INPUT_DATE_1"]) else {
            return Answer([.init("output1", row([:])), .init("output2", [])])
        }
        let until = second(of: call["FID_INPUT_HOUR_1"]) ?? 15 * 3600 + 1800
        let day = (tape.past + [tape.today]).last { $0.session.date == date }
        let rows = day.map { day in
            day.bars.filter { SimulatedExchange.seoul.local($0.openAt).secondOfDay <= until }.suffix(120).reversed()
                .map { minuteRow($0, day) }
        }
        let quote = exchange.quote(tape)
        let head = row([
            "prdy_vrss": won(quote.change), "prdy_vrss_sign": quote.sign, "stck_prdy_clpr": won(quote.base),
            "acml_vol": "\(quote.total?.volume ?? 0)", "hts_kor_isnm": tape.symbol.name, "stck_prpr": won(quote.last),
        ])
        return Answer([.init("output1", head), .init("output2", .array(rows ?? []))])
    }

    // MARK: Days

    /// At most 100 rows, newest first; the rest of the array is padded with an empty object.
    func dailyBars(_ call: Call) throws(Refusal) -> Answer {
        guard let tape = try domesticTape(call), let from = CivilDate(compact: call["FID_INPUT_DATE_1"]),
            let to = CivilDate(compact: call["FID_INPUT_DATE_2"])
        else { return Answer([.init("output1", row([:])), .init("output2", [])]) }
        guard ["D", "W", "M", "Y"].contains(call["FID_PERIOD_DIV_CODE"]) else {
            throw Refusal("OPSQ2001", "ERROR : INVALID FID_PERIOD_DIV_CODE", resultCode: "2")
        }
        let periods = Self.periods(tape, call["FID_PERIOD_DIV_CODE"]).filter { from <= $0.date && $0.date <= to }
        let rows = periods.suffix(100).reversed().map { period in
            row([
                "stck_bsop_date": period.date.compact, "stck_clpr": won(period.bar.close),
                "stck_oprc": won(period.bar.open), "stck_hgpr": won(period.bar.high), "stck_lwpr": won(period.bar.low),
                "acml_vol": "\(period.bar.volume)", "acml_tr_pbmn": won(period.bar.value), "flng_cls_code": "00",
                "prtt_rate": "0.00", "mod_yn": "N", "prdy_vrss_sign": Self.sign(period.bar.close, period.base),
                "prdy_vrss": won(period.bar.close.minus(period.base)), "revl_issu_reas": "",
            ])
        }
        let quote = exchange.quote(tape)
        let head = row([
            "prdy_vrss": won(quote.change), "prdy_vrss_sign": quote.sign, "stck_prdy_clpr": won(quote.base),
            "stck_prpr": won(quote.last), "stck_shrn_iscd": tape.symbol.code, "hts_kor_isnm": tape.symbol.name,
            "acml_vol": "\(quote.total?.volume ?? 0)", "stck_mxpr": won(quote.upperLimit),
            "stck_llam": won(quote.lowerLimit),
        ])
        return Answer([.init("output1", head), .init("output2", .array(rows + [.object([])]))])
    }

    struct Period {
        var date: CivilDate
        let base: FixedPoint
        var bar: SimulatedBar
    }

    /// Days put together by week, month or year; a period has the date of its last session.
    static func periods(_ tape: SimulatedTape, _ division: String) -> [Period] {
        var periods: [Period] = []
        var current = ""
        for day in tape.past + [tape.today] {
            guard let total = day.total else { continue }
            let date = day.session.date
            let name: String
            switch division {
            case "W", "1": name = "\(date.daysSinceEpoch - date.isoWeekday)"
            case "M", "2": name = String(date.compact.prefix(6))
            case "Y": name = String(date.compact.prefix(4))
            default: name = date.compact
            }
            if name == current, !periods.isEmpty {
                periods[periods.count - 1].bar.add(total)
                periods[periods.count - 1].date = date
            } else {
                periods.append(Period(date: date, base: day.base, bar: total))
            }
            current = name
        }
        return periods
    }

    static func sign(_ close: FixedPoint, _ base: FixedPoint) -> String {
        close > base ? "2" : close < base ? "5" : "3"
    }
}

/// Whole won.
func won(_ amount: FixedPoint) -> String { amount.formatted(digits: 0) }
