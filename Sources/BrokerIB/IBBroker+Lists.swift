public import Broker
public import Core
internal import Sessions

extension IBBroker {
    /// The open orders of all clients, and the day's orders that are done. IB does not tell when an order was placed: the time of
    /// an open one is that of the list, of one that is done the time it was done.
    public func orders(since: Instant) async throws(BrokerError) -> Snapshot<BrokerOrder> {
        do throws(IBFailure) {
            try await checkLogin()
            // In this order: an order that ends meanwhile is in the second list at least.
            let open = try await withdrawHeld(try await connection.openOrders())
            let done = try await connection.completedOrders()
            var problems = open.problems + done.problems
            var listed: [BrokerOrderID: BrokerOrder] = [:]
            for item in open.items where item.order.terms.account == account.text {
                // Made by hand and not sent yet: it is in nobody's book but the gateway's.
                if item.order.terms.permanentID == 0, item.order.terms.reference.isEmpty { continue }
                guard let name = await name(of: item.order.contract, "an open order", &problems) else { continue }
                guard let order = Self.open(item, name, at: open.takenAt) else {
                    problems.append("an open order that IB has given no number yet, or no quantity")
                    continue
                }
                listed[order.brokerOrderID] = order
            }
            // What has no number was never sent on to IB.
            for item in done.items where item.terms.account == account.text && item.terms.permanentID != 0 {
                guard let name = await name(of: item.contract, "an order that is done", &problems) else { continue }
                guard let order = ended(item, name, at: done.takenAt) else {
                    problems.append("an order that is done, without a number")
                    continue
                }
                listed[order.brokerOrderID] = order
            }
            // What holds for both lists is what holds for the one that was read first.
            return snapshot(
                listed.values.sorted { $0.brokerOrderID < $1.brokerOrderID }, problems, open.takenAt,
                beginsAt: await dayBegin(done.endedAt))
        } catch { throw wrap(error) }
    }

    /// Withdraws orders of ours that the gateway holds and nobody will ever release: the connection ended in the midst of a
    /// bracket. Nothing of them is at an exchange, and while they stand there no list is complete.
    ///
    /// - Returns: The list as it is then.
    private func withdrawHeld(_ open: IBList<IBListedOrder>) async throws(IBFailure) -> IBList<IBListedOrder> {
        let suspects = Set(open.items.filter(isHeld).map(\.order.orderID))
        guard !suspects.isEmpty, await connection.mayPlaceOrders else { return open }
        // One that is only on its way to IB has its number a moment later.
        guard await clock.sleep(Self.sendingOnTime) else { return open }
        let again = try await connection.openOrders()
        let held = again.items.filter { isHeld($0) && suspects.contains($0.order.orderID) }
        for item in held {
            trouble(
                "the gateway holds \(item.order.terms.reference), which was never released: the connection ended in the midst "
                    + "of a bracket. It is withdrawn; nothing of it was at IB")
            _ = await connection.cancel(
                orderID: item.order.orderID, reference: item.order.terms.reference, within: Self.orderTime)
        }
        return held.isEmpty ? again : try await connection.openOrders()
    }

    private static let sendingOnTime = Duration.seconds(1)

    private func isHeld(_ item: IBListedOrder) -> Bool {
        item.order.clientID == Int64(connection.configuration.clientID) && item.order.terms.account == account.text
            && item.order.terms.permanentID == 0 && !item.order.terms.reference.isEmpty
            && (item.status?.status ?? item.order.state.status) == .apiPending
    }

    /// `nil` for one that cannot be told apart from others, or has no size.
    private static func open(_ item: IBListedOrder, _ name: IBNames.Name, at: Instant) -> BrokerOrder? {
        let filled = item.status?.filled ?? .zero
        let asked = item.order.terms.quantity ?? .zero
        let quantity = asked.isPositive ? asked : filled
        guard quantity.isPositive else { return nil }
        let word = item.status?.status ?? item.order.state.status
        let seen = Seen(
            status: IBTerms.status(word, filled: filled), quantity: quantity, filled: filled, at: at,
            message: item.order.state.warning)
        return order(item.order.terms, name, seen)
    }

    /// Orders that are done have been told without the size they had. Of one that has executed something it is at least that; of
    /// one that has not, none is told, and whoever knows the order knows its size.
    private func ended(_ item: IBCompletedOrder, _ name: IBNames.Name, at: Instant) -> BrokerOrder? {
        let filled = item.filledQuantity ?? .zero
        let asked = item.terms.quantity ?? .zero
        let status = IBTerms.final(item.status, words: item.completedStatus, filled: filled, of: asked)
        let seen = Seen(
            status: status, quantity: max(asked, filled), filled: filled,
            at: time(item.completedTime, of: "an order that is done", or: at), message: item.completedStatus)
        return Self.order(item.terms, name, seen)
    }

    /// What a list says of an order beside its terms.
    private struct Seen {
        let status: BrokerOrder.Status
        let quantity: Quantity
        let filled: Quantity
        let at: Instant
        let message: String
    }

    /// `nil` for one that cannot be told apart from others.
    private static func order(_ terms: IBOrderTerms, _ name: IBNames.Name, _ seen: Seen) -> BrokerOrder? {
        guard terms.permanentID != 0 else { return nil }
        let type = IBTerms.type(terms, magnifier: name.magnifier)
        let time = IBTerms.timeInForce(terms)
        return BrokerOrder(
            brokerOrderID: BrokerOrderID("\(terms.permanentID)"),
            clientOrderID: terms.reference.isEmpty ? nil : ClientOrderID(terms.reference), symbol: name.symbol,
            side: terms.side, type: type ?? .market, quantity: seen.quantity, filledQuantity: seen.filled,
            timeInForce: time ?? .day, status: seen.status, placedAt: seen.at,
            message: seen.message.isEmpty ? nil : seen.message,
            isKnownForeign: terms.reference.isEmpty || type == nil, tellsTimeInForce: time != nil,
            tellsType: type != nil,
            tellsPlacedAt: false)
    }

    public func positions() async throws(BrokerError) -> Snapshot<BrokerPosition> {
        do throws(IBFailure) {
            try await checkLogin()
            let list = try await connection.positions()
            var problems = list.problems
            var positions: [BrokerPosition] = []
            for item in list.items where item.account == account.text {
                guard let name = await name(of: item.contract, "a position", &problems) else { continue }
                guard let currency = Currency(item.contract.currency) ?? name.currency else {
                    problems.append("a position in a currency that takt does not know: \(item.contract.currency)")
                    continue
                }
                positions.append(
                    BrokerPosition(
                        symbol: name.symbol, quantity: item.position,
                        averageCost: item.averageCost?.told(in: name.magnifier), currency: currency))
            }
            return snapshot(positions, problems, list.takenAt)
        } catch { throw wrap(error) }
    }

    /// The cash of every currency, as IB recognises it at the time of a trade.
    public func cash() async throws(BrokerError) -> Snapshot<Money> {
        do throws(IBFailure) {
            try await checkLogin()
            let list = try await connection.accountSummary(["$LEDGER:ALL"])
            var problems = list.problems
            var cash: [Money] = []
            // `BASE` is the sum of all, in the account's own currency.
            for row in list.items
            where row.account == account.text && row.tag == "CashBalance" && row.currency != "BASE" {
                guard let currency = Currency(row.currency), let amount = try? FixedPoint(row.value) else {
                    problems.append("cash that cannot be read: \(row.currency)")
                    continue
                }
                cash.append(Money(amount, currency))
            }
            if cash.isEmpty { problems.append("IB told no cash of the account") }
            return snapshot(cash.sorted { $0.currency < $1.currency }, problems, list.takenAt)
        } catch { throw wrap(error) }
    }

    /// The API has no list of dividends, splits or deposits: they show as differences of positions and cash, and are booked by
    /// hand.
    public func activities(since: Instant) async throws(BrokerError) -> Snapshot<AccountActivity> {
        Snapshot(items: [], isComplete: true, takenAt: clock.wall.now())
    }

    // MARK: What the lists have in common

    /// Our name for what a row is about. Where nobody can say, the row is missing, and the list says so: it is not shorter than it
    /// looks.
    func name(of contract: IBContract, _ what: String, _ problems: inout [String]) async -> IBNames.Name? {
        do throws(IBFailure) { return try await names.name(of: contract) } catch {
            problems.append(
                "\(what) in \(contract.localSymbol) (conid \(contract.conID)) has no name of ours: \(error)")
            return nil
        }
    }

    /// A time of the gateway's. One in a zone that nobody knows is read in that of the login, and one that cannot be read is that
    /// of the list: what it belongs to is told all the same.
    func time(_ text: String, of what: String, or listed: Instant) -> Instant {
        guard let stamp = IBTime.Stamp(text) else {
            if !text.isEmpty { trouble("the time of \(what) cannot be read, and is taken as now: '\(text)'") }
            return listed
        }
        if let instant = stamp.instant(login: loginZone) { return instant }
        trouble(
            "the time of \(what) is told in a zone that takt does not know, and is read in that of the login, "
                + "\(loginZone.identifier): '\(text)'")
        return loginZone.instant(of: stamp.date, secondOfDay: stamp.secondOfDay)
    }

    /// Since when a list that ended then tells what is over.
    func dayBegin(_ end: Instant) async -> Instant {
        IBDay.begin(
            at: end, login: loginZone, offset: await connection.gatewayOffset, tolerance: capabilities.clockTolerance)
    }

    func snapshot<Item: Sendable>(
        _ items: [Item], _ problems: [String], _ at: Instant, beginsAt: Instant? = nil
    ) -> Snapshot<Item> {
        problems.forEach(trouble)
        return Snapshot(items: items, isComplete: problems.isEmpty, takenAt: at, beginsAt: beginsAt)
    }
}
