public import Broker
public import Core

extension IBBroker {
    /// The open orders of all clients, and the day's orders that are done. IB does not tell when an order was placed: the time of
    /// an open one is that of the list, of one that is done the time it was done.
    public func orders(since: Instant) async throws(BrokerError) -> Snapshot<BrokerOrder> {
        do throws(IBFailure) {
            try await checkLogin()
            // In this order: an order that ends meanwhile is in the second list at least.
            let open = try await connection.openOrders()
            let done = try await connection.completedOrders()
            var problems = open.problems + done.problems
            var listed: [BrokerOrderID: BrokerOrder] = [:]
            for item in open.items where item.order.terms.account == account.text {
                let name = try await names.name(of: item.order.contract)
                let seen = Seen(
                    word: item.status?.status ?? item.order.state.status, filled: item.status?.filled ?? .zero,
                    at: open.takenAt, message: item.order.state.warning)
                guard let order = Self.order(item.order.terms, name, seen) else {
                    problems.append("an open order that IB has given no number yet, or no quantity")
                    continue
                }
                listed[order.brokerOrderID] = order
            }
            for item in done.items where item.terms.account == account.text {
                let name = try await names.name(of: item.contract)
                let seen = Seen(
                    word: item.status, filled: item.filledQuantity ?? .zero,
                    at: IBTime.Stamp(item.completedTime)?.instant(login: loginZone) ?? done.takenAt,
                    message: item.completedStatus)
                guard let order = Self.order(item.terms, name, seen) else {
                    problems.append("an order that is done, without a number or a quantity")
                    continue
                }
                listed[order.brokerOrderID] = order
            }
            return snapshot(listed.values.sorted { $0.brokerOrderID < $1.brokerOrderID }, problems, done.takenAt)
        } catch { throw wrap(error) }
    }

    /// What a list says of an order beside its terms.
    private struct Seen {
        let word: IBOrderStatusWord
        let filled: Quantity
        let at: Instant
        let message: String
    }

    /// `nil` for one that cannot be told apart from others, or has no size.
    private static func order(_ terms: IBOrderTerms, _ name: IBNames.Name, _ seen: Seen) -> BrokerOrder? {
        guard terms.permanentID != 0 else { return nil }
        // Orders that are done have been told with no quantity; what they filled is at least some of it.
        let asked = terms.quantity ?? .zero
        let quantity = asked.isPositive ? asked : seen.filled
        guard quantity.isPositive else { return nil }
        let type = IBTerms.type(terms, magnifier: name.magnifier)
        let time = IBTerms.timeInForce(terms)
        return BrokerOrder(
            brokerOrderID: BrokerOrderID("\(terms.permanentID)"),
            clientOrderID: terms.reference.isEmpty ? nil : ClientOrderID(terms.reference), symbol: name.symbol,
            side: terms.side, type: type ?? .market, quantity: quantity, filledQuantity: seen.filled,
            timeInForce: time ?? .day, status: IBTerms.status(seen.word, filled: seen.filled), placedAt: seen.at,
            message: seen.message.isEmpty ? nil : seen.message,
            isKnownForeign: terms.reference.isEmpty || type == nil, tellsTimeInForce: time != nil)
    }

    /// The executions since midnight of the account's day, each once; one that was corrected is told as taken back, and its
    /// correction as another.
    ///
    /// An execution is booked once, with its costs. While those of a young one are missing, it is held back and the list
    /// incomplete; of an old one, or another client's, they do not come any more, and it is told without.
    public func executions(since: Instant) async throws(BrokerError) -> Snapshot<BrokerExecution> {
        do throws(IBFailure) {
            try await checkLogin()
            let list = try await connection.executions()
            var problems = list.problems
            var executions: [BrokerExecution] = []
            for item in list.items where item.execution.account == account.text {
                let execution = item.execution
                guard let at = IBTime.Stamp(execution.time)?.instant(login: loginZone),
                    let currency = Currency(execution.contract.currency)
                else {
                    problems.append("an execution whose time or currency is not known: \(execution.time)")
                    continue
                }
                let isOurs = execution.clientID == Int64(connection.configuration.clientID)
                let fee = item.commission?.commission
                if fee == nil, isOurs, list.takenAt.duration(since: at) < Self.costsTime {
                    problems.append("the costs of the execution \(execution.executionID) have not come yet")
                    continue
                }
                if fee == nil { trouble("IB has told no costs of the execution \(execution.executionID)") }
                let name = try await names.name(of: execution.contract)
                executions += Self.booked(execution, as: name, at, fee ?? .zero, currency).filter {
                    $0.filledAt >= since
                }
            }
            return snapshot(executions, problems, list.takenAt)
        } catch { throw wrap(error) }
    }

    /// The execution, and before it those that it corrects.
    private static func booked(
        _ execution: IBExecution, as name: IBNames.Name, _ at: Instant, _ fee: FixedPoint, _ currency: Currency
    ) -> [BrokerExecution] {
        func told(_ id: String, isBusted: Bool) -> BrokerExecution {
            BrokerExecution(
                executionID: ExecutionID(id), brokerOrderID: BrokerOrderID("\(execution.permanentID)"),
                clientOrderID: execution.orderReference.isEmpty ? nil : ClientOrderID(execution.orderReference),
                symbol: name.symbol, side: execution.side, quantity: execution.quantity,
                price: execution.price.told(in: name.magnifier), fee: fee, tax: .zero, currency: currency,
                filledAt: at, isBusted: isBusted)
        }
        return execution.corrected.map { told($0, isBusted: true) } + [told(execution.executionID, isBusted: false)]
    }

    public func positions() async throws(BrokerError) -> Snapshot<BrokerPosition> {
        do throws(IBFailure) {
            try await checkLogin()
            let list = try await connection.positions()
            var problems = list.problems
            var positions: [BrokerPosition] = []
            for item in list.items where item.account == account.text {
                guard let currency = Currency(item.contract.currency) else {
                    problems.append("a position in a currency that takt does not know: \(item.contract.currency)")
                    continue
                }
                let name = try await names.name(of: item.contract)
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

    private func snapshot<Item: Sendable>(_ items: [Item], _ problems: [String], _ at: Instant) -> Snapshot<Item> {
        problems.forEach(trouble)
        return Snapshot(items: items, isComplete: problems.isEmpty, takenAt: at)
    }
}

extension IBExecution {
    /// The ids of the executions that this one corrects: `….01` and `….02` of `….03`. More than nine corrections of one
    /// execution are none.
    var corrected: [String] {
        let tail = executionID.dropFirst(root.count + 1)
        guard let revision = Int(tail), (2...9).contains(revision) else { return [] }
        return (1..<revision).map { number in
            let digits = "\(number)"
            return root + "." + String(repeating: "0", count: max(0, tail.count - digits.count)) + digits
        }
    }
}
