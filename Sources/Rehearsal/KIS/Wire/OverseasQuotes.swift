internal import Core
internal import Sessions

/// Market data of shares abroad.
extension SimulatedKIS {
    private func tape(_ call: Call) -> SimulatedTape? {
        SimulatedVenue.quoting(call["EXCD"]).flatMap { exchange.tape($0, call["SYMB"]) }
    }

    private func text(_ price: FixedPoint, _ tape: SimulatedTape) -> String {
        price.formatted(digits: tape.symbol.venue.quoteDecimals)
    }

    /// A blank `last` says that there is no such symbol.
    func overseasPrice(_ call: Call) -> Answer {
        guard let tape = tape(call) else {
            return Answer([
                .init(
                    "output",
                    row([
                        "rsym": "", "zdiv": "", "base": "", "pvol": "", "last": "", "sign": "", "diff": "", "rate": "",
                        "tvol": "", "tamt": "", "ordy": "",
                    ]))
            ])
        }
        let quote = exchange.quote(tape)
        return Answer([
            .init(
                "output",
                row([
                    "rsym": tape.symbol.streamKey, "zdiv": "\(tape.symbol.venue.quoteDecimals)",
                    "base": text(quote.base, tape), "pvol": "\(quote.previousVolume)", "last": text(quote.last, tape),
                    "sign": quote.sign, "diff": text(quote.change.magnitude, tape),
                    "rate": Self.signed(quote.changeRate), "tvol": "\(quote.total?.volume ?? 0)",
                    "tamt": won(quote.total?.value ?? .zero), "ordy": "매수가능",
                ]))
        ])
    }

    private static func signed(_ rate: FixedPoint) -> String {
        (rate.isNegative ? "" : "+") + rate.formatted(digits: 2)
    }

    func overseasDetail(_ call: Call) -> Answer {
        guard let tape = tape(call) else {
            return Answer([.init("output", row(["rsym": "", "last": "", "open": "", "high": "", "low": ""]))])
        }
        let quote = exchange.quote(tape)
        let rate = configuration.rates[tape.symbol.venue.currency] ?? .one
        let total = quote.total
        let year = (tape.past.suffix(250).compactMap(\.total) + (total.map { [$0] } ?? []))
        return Answer([
            .init(
                "output",
                row([
                    "rsym": tape.symbol.streamKey, "zdiv": "\(tape.symbol.venue.quoteDecimals)",
                    "curr": tape.symbol.venue.currency, "vnit": "1", "open": text(total?.open ?? quote.last, tape),
                    "high": text(total?.high ?? quote.last, tape), "low": text(total?.low ?? quote.last, tape),
                    "last": text(quote.last, tape), "base": text(quote.base, tape), "pvol": "\(quote.previousVolume)",
                    "pamt": "0", "uplp": "0.0000", "dnlp": "0.0000",
                    "h52p": text(year.map(\.high).max() ?? quote.last, tape), "h52d": quote.date.compact,
                    "l52p": text(year.map(\.low).min() ?? quote.last, tape), "l52d": quote.date.compact,
                    "perx": "29.10", "pbrx": "40.20", "epsx": "6.90", "bpsx": "5.00", "shar": "15000000000",
                    "mcap": "0", "tomv": "3000000000000", "t_xprc": won(quote.last.times(rate, .halfEven)),
                    "t_xdif": "0", "t_xrat": Self.signed(quote.changeRate), "p_xprc": "0", "p_xdif": "0",
                    "t_rate": rate.formatted(digits: 2), "p_rate": rate.formatted(digits: 2), "t_xsgn": quote.sign,
                    "p_xsng": "3", "e_ordyn": "매매 가능",
                    "e_hogau": text(tape.symbol.venue.tick(at: quote.last), tape), "e_icod": "기술", "e_parp": "0",
                    "tvol": "\(total?.volume ?? 0)", "tamt": won(total?.value ?? .zero), "etyp_nm": "",
                ]))
        ])
    }

    func overseasBook(_ call: Call) -> Answer {
        guard let tape = tape(call) else {
            return Answer([.init("output1", row(["rsym": ""])), .init("output2", row([:]))])
        }
        let quote = exchange.quote(tape)
        let calendar = tape.symbol.venue.calendar
        let clock = calendar?.localClock(of: exchange.now) ?? exchange.koreanClock(exchange.now)
        let head = row([
            "rsym": tape.symbol.streamKey, "zdiv": "\(tape.symbol.venue.quoteDecimals)",
            "curr": tape.symbol.venue.currency, "base": text(quote.base, tape), "last": text(quote.last, tape),
            "dymd": clock.date.compact, "dhms": clockText(clock.secondOfDay),
            "bvol": "\(quote.bids.reduce(0) { $0 + $1.quantity })",
            "avol": "\(quote.asks.reduce(0) { $0 + $1.quantity })",
        ])
        var levels = row([:])
        for index in 0..<(tape.symbol.venue.isUS ? 10 : 1) {
            levels = levels.with([
                "pbid\(index + 1)": text(quote.bids[index].price, tape),
                "pask\(index + 1)": text(quote.asks[index].price, tape),
                "vbid\(index + 1)": "\(quote.bids[index].quantity)",
                "vask\(index + 1)": "\(quote.asks[index].quantity)",
                "dbid\(index + 1)": "0", "dask\(index + 1)": "0",
            ])
        }
        return Answer([.init("output1", head), .init("output2", levels), .init("output3", row([:]))])
    }

    // MARK: Minute bars

    /// Regular session only, newest first; the next page begins at `KEYB`, a local time that is included.
    func overseasMinuteBars(_ call: Call) throws(Refusal) -> Answer {
        guard let tape = tape(call), let calendar = tape.symbol.venue.calendar else {
            return Answer([
                .init("output1", row(["rsym": "", "zdiv": "", "next": "", "more": "", "nrec": ""])),
                .init("output2", []),
            ])
        }
        guard let minutes = Int(call["NMIN"]), minutes > 0, let wanted = Int(call["NREC"]), wanted > 0 else {
            throw Refusal("OPSQ2001", "ERROR : INVALID NMIN", resultCode: "2")
        }
        let days = call["PINC"] == "1" ? tape.past.suffix(22) + [tape.today] : [tape.today]
        var bars = days.flatMap { Self.grouped($0, minutes) }
        if !call["KEYB"].isEmpty {
            guard let date = CivilDate(compact: call["KEYB"].prefix(8)),
                let clock = second(of: String(call["KEYB"].dropFirst(8)))
            else { throw Refusal("OPSQ2001", "ERROR : INVALID KEYB", resultCode: "2") }
            let limit = calendar.zone.instant(of: date, secondOfDay: clock)
            bars.removeAll { $0.bar.openAt > limit }
        }
        let page = bars.suffix(min(wanted, 120)).reversed()
        let more = page.count < bars.count ? "1" : "0"
        let session = tape.today.session
        func local(_ instant: Instant) -> String { clockText(calendar.localClock(of: instant).secondOfDay) }
        func korean(_ instant: Instant) -> String { clockText(exchange.koreanClock(instant).secondOfDay) }
        let head = row([
            "rsym": tape.symbol.streamKey, "zdiv": "\(tape.symbol.venue.quoteDecimals)", "stim": local(session.open),
            "etim": local(session.close), "sktm": korean(session.open), "ektm": korean(session.close), "next": more,
            "more": more, "nrec": page.isEmpty ? "" : "\(page.count)",
        ])
        let rows = page.map { item in
            let (there, here) = (calendar.localClock(of: item.bar.openAt), exchange.koreanClock(item.bar.openAt))
            return row([
                "tymd": item.date.compact, "xymd": there.date.compact, "xhms": clockText(there.secondOfDay),
                "kymd": here.date.compact, "khms": clockText(here.secondOfDay), "open": text(item.bar.open, tape),
                "high": text(item.bar.high, tape), "low": text(item.bar.low, tape), "last": text(item.bar.close, tape),
                "evol": "\(item.bar.volume)", "eamt": won(item.bar.value),
            ])
        }
        return Answer([.init("output1", head), .init("output2", .array(rows))])
    }

    private static func grouped(_ day: SimulatedDay, _ minutes: Int) -> [(date: CivilDate, bar: SimulatedBar)] {
        var result: [(date: CivilDate, bar: SimulatedBar)] = []
        for bar in day.bars {
            let offset = bar.openAt.epochSeconds - day.session.open.epochSeconds
            let openAt = day.session.open.advanced(bySeconds: offset - offset % Int64(minutes * 60))
            if result.last?.bar.openAt == openAt {
                result[result.count - 1].bar.add(bar)
            } else {
                var first = bar
                first.openAt = openAt
                result.append((day.session.date, first))
            }
        }
        return result
    }

    func overseasDailyBars(_ call: Call) -> Answer {
        guard let tape = tape(call) else {
            return Answer([.init("output1", row(["rsym": "", "zdiv": "", "nrec": ""])), .init("output2", [])])
        }
        let last = CivilDate(compact: call["BYMD"]) ?? exchange.today
        let periods = Self.periods(tape, call["GUBN"]).filter { $0.date <= last }.suffix(100).reversed()
        let head = row([
            "rsym": tape.symbol.streamKey, "zdiv": "\(tape.symbol.venue.quoteDecimals)", "nrec": "\(periods.count)",
        ])
        let rows = periods.map { period in
            let change = period.bar.close.minus(period.base)
            return row([
                "xymd": period.date.compact, "clos": text(period.bar.close, tape),
                "sign": Self.sign(period.bar.close, period.base), "diff": text(change.magnitude, tape),
                "rate": Self.signed(change.times(100).over(period.base, .halfEven)),
                "open": text(period.bar.open, tape), "high": text(period.bar.high, tape),
                "low": text(period.bar.low, tape), "tvol": "\(period.bar.volume)", "tamt": won(period.bar.value),
                "pbid": text(period.bar.close, tape), "vbid": "0", "pask": text(period.bar.close, tape), "vask": "0",
            ])
        }
        return Answer([.init("output1", head), .init("output2", .array(rows))])
    }
}
