internal import Core
internal import Sessions

/// Bars: of five seconds as they come, and of the past.
extension SimulatedGateway {
    // MARK: Five seconds

    mutating func realTimeBars(
        _ connection: Int, _ id: Int, _ query: ContractQuery, _ what: String
    ) throws(GatewayRefusal) {
        let contract = try contract(query)
        guard ["TRADES", "MIDPOINT", "BID", "ASK"].contains(what) else {
            throw GatewayRefusal(321, "Error validating request.-'bN' : cause - Incorrect data type of real time bars.")
        }
        guard let place = market.place(contract.conId), clients[connection]?.barLines[id] == nil else {
            throw GatewayRefusal(102, "Duplicate ticker ID for request.")
        }
        if configuration.delayedSymbols.contains(contract.symbol) {
            throw GatewayRefusal(420, "Invalid Real-time Query:No market data permissions for \(contract.symbol)")
        }
        try checkBarPacing()
        let second = now.epochSeconds
        clients[connection]?.barLines[id] = GatewayClient.BarLine(
            place: place, what: what, openAt: Instant(epochSeconds: second - second % 5))
        watch()
    }

    mutating func cancelRealTimeBars(_ connection: Int, _ id: Int) {
        clients[connection]?.barLines[id] = nil
        watch()
    }

    /// A bust event: every subscription to bars of five seconds is dead, and stays in the list until it is cancelled.
    mutating func bust() {
        for connection in clients.keys.sorted() {
            for id in clients[connection]?.barLines.keys.sorted() ?? [] {
                clients[connection]?.barLines[id]?.isDead = true
                refuse(
                    connection, id,
                    GatewayRefusal(
                        10225,
                        "Bust event occurred, current subscription is deactivated. Please resubscribe real-time bars "
                            + "immediately."))
            }
        }
    }

    /// A trade goes into the bars that are being gathered; those it is too late for are told first.
    mutating func gather(_ connection: Int, _ client: GatewayClient, _ place: Int, _ trade: SimulatedTrade) {
        for (id, line) in client.barLines.sorted(by: { $0.key < $1.key }) where line.place == place {
            flush(connection, id, until: trade.at)
            guard var line = clients[connection]?.barLines[id] else { continue }
            if line.bar == nil {
                line.bar = SimulatedBar(trade, openAt: line.openAt)
            } else {
                line.bar?.add(trade)
            }
            line.count += 1
            clients[connection]?.barLines[id] = line
        }
    }

    /// Tells the bars that are over by now, and goes on with the histories that are kept up to date.
    mutating func flushBars() {
        for connection in clients.keys.sorted() {
            guard let client = clients[connection] else { continue }
            for id in client.barLines.keys.sorted() { flush(connection, id, until: now) }
            guard isUp, !isDataStale else { continue }
            for (id, line) in client.histories.sorted(by: { $0.key < $1.key }) { update(connection, id, line) }
        }
    }

    private mutating func flush(_ connection: Int, _ id: Int, until end: Instant) {
        while let line = clients[connection]?.barLines[id], line.openAt.advanced(bySeconds: 5) <= end {
            if isUp, !isDataStale, !line.isDead, isInSession(line) { tell(connection, id, line) }
            var next = line
            next.openAt = line.openAt.advanced(bySeconds: 5)
            next.bar = nil
            next.count = 0
            clients[connection]?.barLines[id] = next
        }
    }

    /// No bars come while the market is closed.
    private func isInSession(_ line: GatewayClient.BarLine) -> Bool {
        let day = market.tapes[line.place].today
        return day.session.contains(line.openAt) && !day.session.isBreak(line.openAt)
    }

    private mutating func tell(_ connection: Int, _ id: Int, _ line: GatewayClient.BarLine) {
        let tape = market.tapes[line.place]
        var bar = line.bar ?? SimulatedBar(flatAt: tape.today.price, openAt: line.openAt)
        let shift = Self.shift(line.what, tape.symbol)
        (bar.open, bar.high, bar.low, bar.close) = (
            bar.open.plus(shift), bar.high.plus(shift), bar.low.plus(shift), bar.close.plus(shift)
        )
        let isTrades = line.what == "TRADES"
        let average = bar.volume == 0 ? bar.close : bar.value.over(FixedPoint(bar.volume), .halfEven)
        say(
            connection,
            GatewayAnswer(
                "realTimeBar",
                [
                    "50", "3", "\(id)", "\(line.openAt.epochSeconds)", "\(bar.open)", "\(bar.high)", "\(bar.low)",
                    "\(bar.close)", isTrades ? "\(bar.volume)" : "-1", isTrades ? "\(average)" : "-1",
                    isTrades ? "\(line.count)" : "-1",
                ]))
    }

    /// Quotes are not recorded: bids are told one step below the trades, asks one step above.
    private static func shift(_ what: String, _ contract: GatewayContract) -> FixedPoint {
        switch what {
        case "BID": -contract.minTick
        case "ASK": contract.minTick
        default: .zero
        }
    }

    // MARK: The past

    mutating func historicalData(
        _ connection: Int, _ id: Int, _ query: ContractQuery, _ history: GatewayRequest.HistoricalQuery
    ) throws(GatewayRefusal) {
        let contract = try contract(query)
        guard let place = market.place(contract.conId) else { return }
        guard let size = BarSize.all[history.barSize] else {
            throw GatewayRefusal(
                321, "Error validating request.-'bN' : cause - Historical data bar size setting is invalid.")
        }
        guard let duration = BarDuration(history.duration) else {
            throw GatewayRefusal(
                321, "Error validating request.-'bN' : cause - Historical data request duration format is invalid.")
        }
        guard ["TRADES", "ADJUSTED_LAST", "MIDPOINT", "BID", "ASK", "BID_ASK"].contains(history.what) else {
            throw GatewayRefusal(
                321, "Error validating request.-'bN' : cause - Incorrect data type of historical query.")
        }
        if history.keepUpToDate, !history.end.isEmpty {
            throw GatewayRefusal(
                321, "Error validating request.-'bN' : cause - End Date-Time cannot be used with keepUpToDate=true.")
        }
        try checkPacing(contract, size, history)
        if configuration.delayedSymbols.contains(contract.symbol) {
            throw Self.service("No market data permissions for \(contract.symbol)")
        }
        guard duration.seconds <= size.longest else { throw Self.service("Time length exceed max.") }
        // Up to now is with what is traded at this moment; a time that is named is without.
        let upToNow = history.end.isEmpty ? now.advanced(bySeconds: 1) : nil
        guard let end = upToNow ?? GatewayTime.instant(history.end, zone: GatewayMarket.newYork) else {
            throw GatewayRefusal(
                10314, "End Date/Time: The date, time, or time-zone entered is invalid.")
        }
        let bars = HistoricalDesk(tape: market.tapes[place], now: now).bars(size, duration, until: end)
        guard !bars.isEmpty else {
            throw Self.service("HMDS query returned no data: \(contract.symbol)@\(query.exchange) \(history.what)")
        }
        answer(connection, id, contract, size, history, bars, end: min(end, now))
        if history.keepUpToDate {
            let line = GatewayClient.HistoryLine(
                place: place, size: size, query: history, toldAt: bars.last?.openAt ?? now)
            clients[connection]?.histories[id] = line
            watch()
        }
    }

    mutating func cancelHistoricalData(_ connection: Int, _ id: Int) throws(GatewayRefusal) {
        guard clients[connection]?.histories.removeValue(forKey: id) != nil else {
            throw GatewayRefusal(366, "No historical data query found for ticker id:\(id)")
        }
        watch()
    }

    private static func service(_ text: String) -> GatewayRefusal {
        GatewayRefusal(162, "Historical Market Data Service error message:\(text)")
    }

    private mutating func answer(
        _ connection: Int, _ id: Int, _ contract: GatewayContract, _ size: BarSize,
        _ history: GatewayRequest.HistoricalQuery, _ bars: [HistoricalBar], end: Instant
    ) {
        func stamp(_ instant: Instant) -> String {
            GatewayTime.text(instant, contract.calendar?.zone ?? .utc, name: contract.venue.timeZoneId)
        }
        let shift = Self.shift(history.what, contract)
        let isTrades = history.what == "TRADES" || history.what == "ADJUSTED_LAST"
        var fields = ["17", "\(id)", stamp(bars.first?.openAt ?? end), stamp(end), "\(bars.count)"]
        for bar in bars {
            let told = isTrades ? bar : bar.moved(by: shift)
            fields += [
                date(told, size, history, contract), "\(told.open)", "\(told.high)", "\(told.low)", "\(told.close)",
                "\(told.volume)", isTrades ? "\(told.average)" : "-1", "\(told.count)",
            ]
        }
        say(connection, GatewayAnswer("historicalData", fields))
    }

    private func date(
        _ bar: HistoricalBar, _ size: BarSize, _ history: GatewayRequest.HistoricalQuery, _ contract: GatewayContract
    ) -> String {
        if size.isDaily { return bar.date.compact }
        if history.formatDate == 2 { return "\(bar.openAt.epochSeconds)" }
        return GatewayTime.text(bar.openAt, contract.calendar?.zone ?? .utc, name: contract.venue.timeZoneId)
    }

    /// The newest bar again, as it stands now; before it those that are over since, as they ended.
    private mutating func update(_ connection: Int, _ id: Int, _ line: GatewayClient.HistoryLine) {
        let tape = market.tapes[line.place]
        guard market.isOpen(line.place), let today = BarDuration("1 D") else { return }
        let bars = HistoricalDesk(tape: tape, now: now).bars(line.size, today, until: now.advanced(bySeconds: 1))
        let isTrades = line.query.what == "TRADES"
        for bar in bars where bar.openAt >= line.toldAt {
            let told = isTrades ? bar : bar.moved(by: Self.shift(line.query.what, tape.symbol))
            say(
                connection,
                GatewayAnswer(
                    "historicalDataUpdate",
                    [
                        "90", "\(id)", "\(told.count)", date(told, line.size, line.query, tape.symbol), "\(told.open)",
                        "\(told.close)", "\(told.high)", "\(told.low)", "\(told.average)", "\(told.volume)",
                    ]))
        }
        if let newest = bars.last { clients[connection]?.histories[id]?.toldAt = newest.openAt }
    }

    // MARK: Pacing

    /// New subscriptions to bars of five seconds count among the 60 of ten minutes, if the rules are kept strictly.
    private mutating func checkBarPacing() throws(GatewayRefusal) {
        guard configuration.isPacingStrict else { return }
        historyTimes.removeAll { $0.at <= elapsed - 600 * 1_000_000_000 }
        let isMany = historyTimes.reduce(1) { $0 + $1.weight } > 60
        historyTimes.append(HistoryCall(at: elapsed, text: "", contract: "", weight: 1))
        if isMany { throw GatewayRefusal(420, "Invalid Real-time Query:Historical data request pacing violation") }
    }

    /// No identical request within 15 s, fewer than six of one contract within 2 s, 60 within ten minutes of which BID_ASK
    /// counts twice.
    private mutating func checkPacing(
        _ contract: GatewayContract, _ size: BarSize, _ history: GatewayRequest.HistoricalQuery
    ) throws(GatewayRefusal) {
        guard configuration.isPacingStrict || size.isSmall else { return }
        let second: Int64 = 1_000_000_000
        historyTimes.removeAll { $0.at <= elapsed - 600 * second }
        let name = "\(contract.conId) \(history.what)"
        let text = "\(name) \(history.end) \(history.barSize) \(history.duration) \(history.useRTH)"
        let weight = history.what == "BID_ASK" ? 2 : 1
        let isTwin = historyTimes.contains { $0.text == text && $0.at > elapsed - 15 * second }
        let isBurst = historyTimes.filter { $0.contract == name && $0.at > elapsed - 2 * second }.count >= 5
        let isMany = historyTimes.reduce(weight) { $0 + $1.weight } > 60
        historyTimes.append(HistoryCall(at: elapsed, text: text, contract: name, weight: weight))
        if isTwin || isBurst || isMany { throw Self.service("Historical data request pacing violation") }
    }
}
