internal import Core
internal import Sessions

/// Contracts and prices: what clients ask, and what they are told as the market goes on.
extension SimulatedGateway {
    // MARK: Contracts

    func contracts(_ query: ContractQuery) -> [GatewayContract] {
        market.tapes.map(\.symbol).filter { contract in
            guard query.matches(contract) else { return false }
            guard !contract.lastTradeDate.isEmpty, !query.includeExpired, query.conId == 0 else { return true }
            return CivilDate(compact: contract.lastTradeDate).map { $0 >= GatewayMarket.newYork.local(now).date }
                ?? true
        }
    }

    /// The one contract that is meant.
    func contract(_ query: ContractQuery) throws(GatewayRefusal) -> GatewayContract {
        let found = contracts(query)
        guard let first = found.first else { throw Self.noContract }
        guard found.count == 1 else {
            throw GatewayRefusal(
                200, "The contract description specified for \(query.symbol) is ambiguous.")
        }
        return first
    }

    private static let noContract = GatewayRefusal(200, "No security definition has been found for the request")

    mutating func contractDetails(
        _ connection: Int, _ id: Int, _ query: ContractQuery
    ) throws(GatewayRefusal) {
        let found = contracts(query)
        guard !found.isEmpty else { throw Self.noContract }
        let version = clients[connection]?.layout ?? Gate.highest
        for contract in found {
            let exchange = query.exchange.isEmpty ? contract.defaultExchange : query.exchange
            say(
                connection,
                DataAnswers.contract(contract, requestId: id, exchange: exchange, version: version, now: now))
        }
        say(connection, GatewayAnswer("contractDataEnd", ["52", "1", "\(id)"]))
    }

    private func place(_ query: ContractQuery) throws(GatewayRefusal) -> Int {
        guard let place = market.place(try contract(query).conId) else { throw Self.noContract }
        return place
    }

    /// Which contracts' trades somebody wants to hear of.
    mutating func watch() {
        var watched: Set<Int> = []
        for client in clients.values {
            watched.formUnion(client.lines.values.map(\.place))
            watched.formUnion(client.barLines.values.map(\.place))
            watched.formUnion(client.histories.values.map(\.place))
            for conId in client.singlePnls.values.map(\.conId) { market.place(conId).map { _ = watched.insert($0) } }
            for code in client.pnls.values {
                let held = market.accounts[code]?.held ?? []
                watched.formUnion(held.compactMap { market.place($0.contract.conId) })
            }
        }
        market.watched = watched
    }

    // MARK: Ticks

    mutating func cancelMarketData(_ connection: Int, _ id: Int) throws(GatewayRefusal) {
        guard clients[connection]?.lines.removeValue(forKey: id) != nil else {
            throw GatewayRefusal(300, "Can't find EId with tickerId:\(id)")
        }
        watch()
    }

    mutating func marketData(
        _ connection: Int, _ id: Int, _ query: ContractQuery, _ snapshot: Bool
    ) throws(GatewayRefusal) {
        guard let client = clients[connection] else { return }
        guard client.lines[id] == nil else { throw GatewayRefusal(102, "Duplicate ticker ID for request.") }
        let place = try place(query)
        let lines = clients.values.reduce(0) { $0 + $1.lines.count }
        guard snapshot || lines < configuration.marketDataLines else {
            throw GatewayRefusal(101, "Max number of tickers has been reached")
        }
        let contract = market.tapes[place].symbol
        let isDelayed = configuration.delayedSymbols.contains(contract.symbol)
        if isDelayed {
            guard client.marketDataType >= 3 else {
                throw GatewayRefusal(
                    10089,
                    "Requested market data requires additional subscription for API. See link in 'Market Data Connections'"
                        + " dialog for more details.Delayed market data is available.\(contract.symbol)")
            }
            refuse(
                connection, id,
                GatewayRefusal(10167, "Requested market data is not subscribed. Displaying delayed market data."))
        }
        let line = GatewayClient.DataLine(place: place, isDelayed: isDelayed)
        if !snapshot { clients[connection]?.lines[id] = line }
        say(
            connection,
            GatewayAnswer(
                "tickReqParams", ["81", "\(id)", "\(contract.minTick)", contract.secType == "STK" ? "9c0001" : "", "3"])
        )
        let isFrozen = client.marketDataType == 4 && !market.isOpen(place)
        let type = isDelayed ? (isFrozen ? 4 : 3) : client.marketDataType == 2 && !market.isOpen(place) ? 2 : 1
        say(connection, GatewayAnswer("marketDataType", ["58", "1", "\(id)", "\(type)"]))
        if !isDataStale, isUp { firstTicks(connection, id, line) }
        if snapshot { say(connection, GatewayAnswer("tickSnapshotEnd", ["57", "1", "\(id)"])) }
        watch()
    }

    /// What a new line begins with: the quote, the last trade, the day.
    private mutating func firstTicks(_ connection: Int, _ id: Int, _ line: GatewayClient.DataLine) {
        let day = market.tapes[line.place].today
        if line.isDelayed {
            let end = now.advanced(bySeconds: -GatewayClient.DataLine.delaySeconds)
            let old = day.bars.last { $0.openAt <= end }
            tick(connection, id, 68, old?.close ?? day.base, size: old.map { $0.volume / 4 } ?? 0)
            tick(connection, id, 75, day.base, size: 0)
            return
        }
        tellQuote(connection, id, line, market.quote(line.place))
        if let last = day.last {
            tick(connection, id, 4, last.price, size: last.quantity)
            tickText(connection, id, 45, "\(last.at.epochSeconds)")
        }
        if let total = day.total {
            tick(connection, id, 14, total.open, size: 0)
            tick(connection, id, 6, total.high, size: 0)
            tick(connection, id, 7, total.low, size: 0)
            tickSize(connection, id, 8, total.volume)
        }
        tick(connection, id, 9, day.base, size: 0)
        say(connection, GatewayAnswer("tickGeneric", ["45", "6", "\(id)", "49", "0.0"]))
    }

    private mutating func tellQuote(
        _ connection: Int, _ id: Int, _ line: GatewayClient.DataLine, _ quote: GatewayQuote
    ) {
        let contract = market.tapes[line.place].symbol
        // An index is not quoted.
        guard contract.isTradable else { return tick(connection, id, 1, FixedPoint(-1), size: 0) }
        if let bid = quote.bid { tick(connection, id, 1, bid.price, size: bid.quantity) }
        if let ask = quote.ask { tick(connection, id, 2, ask.price, size: ask.quantity) }
    }

    private mutating func tick(_ connection: Int, _ id: Int, _ type: Int, _ price: FixedPoint, size: Int) {
        say(
            connection,
            GatewayAnswer(
                "tickPrice", ["1", "6", "\(id)", "\(type)", "\(price)", "\(size)", type == 1 || type == 2 ? "1" : "0"]))
        let sizes = [1: 0, 2: 3, 4: 5, 68: 71]
        if let sizeType = sizes[type] { tickSize(connection, id, sizeType, size) }
    }

    private mutating func tickSize(_ connection: Int, _ id: Int, _ type: Int, _ size: Int) {
        say(connection, GatewayAnswer("tickSize", ["2", "6", "\(id)", "\(type)", "\(size)"]))
    }

    private mutating func tickText(_ connection: Int, _ id: Int, _ type: Int, _ text: String) {
        say(connection, GatewayAnswer("tickString", ["46", "6", "\(id)", "\(type)", text]))
    }

    /// A trade of the market, to every line that follows it.
    mutating func tellTrade(_ place: Int, _ trade: SimulatedTrade, _ quote: GatewayQuote) {
        for connection in clients.keys.sorted() {
            guard let client = clients[connection] else { continue }
            gather(connection, client, place, trade)
            guard !isDataStale, isUp else { continue }
            for (id, line) in client.lines.sorted(by: { $0.key < $1.key }) where line.place == place {
                if line.isDelayed {
                    delay(connection, id, trade, volume: quote.total?.volume ?? 0)
                } else {
                    tell(connection, id, line, trade, quote)
                }
            }
        }
    }

    private mutating func tell(
        _ connection: Int, _ id: Int, _ line: GatewayClient.DataLine, _ trade: SimulatedTrade, _ quote: GatewayQuote
    ) {
        let total = quote.total
        tickText(connection, id, 45, "\(trade.at.epochSeconds)")
        tick(connection, id, 4, trade.price, size: trade.quantity)
        tickSize(connection, id, 8, total?.volume ?? 0)
        if total?.high == trade.price { tick(connection, id, 6, trade.price, size: 0) }
        if total?.low == trade.price { tick(connection, id, 7, trade.price, size: 0) }
        tellQuote(connection, id, line, quote)
    }

    private mutating func delay(_ connection: Int, _ id: Int, _ trade: SimulatedTrade, volume: Int) {
        guard var line = clients[connection]?.lines[id] else { return }
        let due = trade.at.advanced(bySeconds: GatewayClient.DataLine.delaySeconds)
        line.waiting.append(.init(due: due, trade: trade, volume: volume))
        if line.waiting.count > GatewayClient.DataLine.delayedLimit { line.waiting.removeFirst() }
        clients[connection]?.lines[id] = line
    }

    /// Delayed ticks that are old enough now.
    mutating func flushDelayed() {
        for connection in clients.keys.sorted() {
            for (id, line) in (clients[connection]?.lines ?? [:]).sorted(by: { $0.key < $1.key }) where line.isDelayed {
                let due = line.waiting.prefix { $0.due <= now }
                guard !due.isEmpty else { continue }
                clients[connection]?.lines[id]?.waiting.removeFirst(due.count)
                for tick in due {
                    tickText(connection, id, 88, "\(tick.trade.at.epochSeconds)")
                    self.tick(connection, id, 68, tick.trade.price, size: tick.trade.quantity)
                    tickSize(connection, id, 74, tick.volume)
                }
            }
        }
    }
}
