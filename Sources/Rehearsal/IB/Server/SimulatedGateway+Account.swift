internal import Core
internal import Sessions

/// Positions, account values and profit: what clients ask, and what they are told again and again.
extension SimulatedGateway {
    /// Account summaries that may be open at once.
    static let summaryLimit = 2

    mutating func positions(_ connection: Int) {
        clients[connection]?.wantsPositions = true
        for (code, account) in market.accounts.sorted(by: { $0.key < $1.key }) {
            for position in account.held { say(connection, DataAnswers.position(code, position)) }
        }
        say(connection, GatewayAnswer("positionEnd", ["62", "1"]))
    }

    mutating func accountSummary(_ connection: Int, _ id: Int, tags: String) throws(GatewayRefusal) {
        guard (clients[connection]?.summaries.count ?? 0) < Self.summaryLimit else {
            throw GatewayRefusal(
                322, "Error processing request.-'bN' : cause - Maximum number of account summary requests exceeded")
        }
        clients[connection]?.summaries[id] = tags.split(separator: ",").map { $0.trimmingBlanks }
        tellSummary(connection, id)
        say(connection, GatewayAnswer("accountSummaryEnd", ["64", "1", "\(id)"]))
    }

    mutating func profit(_ connection: Int, _ id: Int, _ account: String) throws(GatewayRefusal) {
        let code = try known(account)
        clients[connection]?.pnls[id] = code
        watch()
        tellPnl(connection, id)
    }

    mutating func profit(_ connection: Int, _ id: Int, _ account: String, conId: Int) throws(GatewayRefusal) {
        let code = try known(account)
        clients[connection]?.singlePnls[id] = (code, conId)
        watch()
        tellSinglePnl(connection, id)
    }

    /// - Parameter code: May be empty where there is one account only.
    private func known(_ code: String) throws(GatewayRefusal) -> String {
        let accounts = market.accounts.keys.sorted()
        if code.isEmpty, accounts.count == 1, let only = accounts.first { return only }
        guard accounts.contains(code) else {
            throw GatewayRefusal(321, "Error validating request.-'bN' : cause - Invalid account code '\(code)'.")
        }
        return code
    }

    mutating func accountUpdates(
        _ connection: Int, _ subscribe: Bool, _ code: String
    ) throws(GatewayRefusal) {
        guard subscribe else {
            clients[connection]?.updatedAccount = nil
            return
        }
        let code = try known(code)
        let others = clients.values.filter { $0.connection != connection }.compactMap(\.updatedAccount)
        guard others.allSatisfy({ $0 == code }) else {
            throw GatewayRefusal(
                2101,
                "Unable to subscribe to account as the following clients are subscribed to a different account.")
        }
        clients[connection]?.updatedAccount = code
        tellUpdates(connection, code)
        say(connection, GatewayAnswer("accountDownloadEnd", ["54", "1", code]))
    }

    mutating func multiUpdates(_ connection: Int, _ id: Int, _ code: String) throws(GatewayRefusal) {
        let code = try known(code)
        clients[connection]?.multiAccounts[id] = code
        for row in DataAnswers.values(code, market) + DataAnswers.ledger(code, market) {
            say(
                connection,
                GatewayAnswer(
                    "accountUpdateMulti", ["73", "1", "\(id)", code, "", row.tag, row.value, row.currency]))
        }
        say(connection, GatewayAnswer("accountUpdateMultiEnd", ["74", "1", "\(id)"]))
    }

    private mutating func tellUpdates(_ connection: Int, _ code: String) {
        let ready: (tag: String, value: String, currency: String) = ("AccountReady", isUp ? "true" : "false", "")
        let code = code
        let head: [(tag: String, value: String, currency: String)] = [("AccountCode", code, ""), ready]
        for row in head + DataAnswers.values(code, market) + DataAnswers.ledger(code, market) {
            say(connection, GatewayAnswer("accountValue", ["6", "2", row.tag, row.value, row.currency, code]))
        }
        for position in market.accounts[code]?.listed ?? [] {
            say(connection, DataAnswers.portfolio(code, position, market))
        }
        let (_, second) = GatewayMarket.newYork.local(now)
        say(
            connection,
            GatewayAnswer(
                "accountUpdateTime", ["8", "1", "\(digits(second / 3600, 2)):\(digits(second / 60 % 60, 2))"]))
    }

    private mutating func tellSummary(_ connection: Int, _ id: Int) {
        guard let tags = clients[connection]?.summaries[id] else { return }
        let ledger = tags.contains { $0.hasPrefix("$LEDGER") }
        for code in market.accounts.keys.sorted() {
            let values = DataAnswers.values(code, market).filter { tags.contains($0.tag) }
            for row in values + (ledger ? DataAnswers.ledger(code, market) : []) {
                say(
                    connection,
                    GatewayAnswer("accountSummary", ["63", "1", "\(id)", code, row.tag, row.value, row.currency]))
            }
        }
    }

    private mutating func tellPnl(_ connection: Int, _ id: Int) {
        guard let code = clients[connection]?.pnls[id] else { return }
        let figures = market.figures(code)
        say(
            connection,
            GatewayAnswer(
                "pnl", ["94", "\(id)", "\(figures.daily)", "\(figures.unrealized)", "\(figures.realized)"]))
    }

    private mutating func tellSinglePnl(_ connection: Int, _ id: Int) {
        guard let (code, conId) = clients[connection]?.singlePnls[id] else { return }
        guard let position = market.accounts[code]?.positions[conId] else {
            say(
                connection,
                GatewayAnswer("pnlSingle", ["95", "\(id)", "0", Field.unset, Field.unset, Field.unset, "0"]))
            return
        }
        say(
            connection,
            GatewayAnswer(
                "pnlSingle",
                [
                    "95", "\(id)", "\(position.quantity)", "\(market.daily(position))",
                    "\(market.unrealized(position))", "\(position.realized)", "\(market.value(position))",
                ]))
    }

    // MARK: Again and again

    /// After trades profit has changed, after fills positions and account values too.
    ///
    /// - Parameter filled: The contracts that the account traded.
    mutating func tellAccounts(afterTrade: Bool, filled: Set<Int>) {
        guard isUp, afterTrade || !filled.isEmpty else { return }
        for connection in clients.keys.sorted() {
            guard let client = clients[connection] else { continue }
            if client.wantsPositions {
                for (code, account) in market.accounts.sorted(by: { $0.key < $1.key }) {
                    for position in account.listed where filled.contains(position.contract.conId) {
                        say(connection, DataAnswers.position(code, position))
                    }
                }
            }
            if !filled.isEmpty, let code = client.updatedAccount { tellUpdates(connection, code) }
            for id in client.pnls.keys.sorted() { tellPnl(connection, id) }
            for id in client.singlePnls.keys.sorted() { tellSinglePnl(connection, id) }
        }
    }

    mutating func repeatSummaries() {
        guard isUp else { return }
        for connection in clients.keys.sorted() {
            guard let client = clients[connection] else { continue }
            for id in client.summaries.keys.sorted() { tellSummary(connection, id) }
            if let code = client.updatedAccount { tellUpdates(connection, code) }
        }
    }
}

extension GatewayAccount {
    /// By contract id, those that were closed too.
    var listed: [GatewayPosition] { positions.sorted { $0.key < $1.key }.map(\.value) }
    var held: [GatewayPosition] { listed.filter { !$0.quantity.isZero } }
}

extension Substring {
    /// Without blanks at its ends.
    fileprivate var trimmingBlanks: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
