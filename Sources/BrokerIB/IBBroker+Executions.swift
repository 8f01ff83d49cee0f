public import Broker
public import Core
internal import Sessions

extension IBBroker {
    /// The executions since midnight of the account's day, each once; one that was corrected is told as taken back, and its
    /// correction as another.
    ///
    /// All of them are told, whatever is asked for: their times may have been read in the wrong zone, and an execution that is
    /// told again is known by its id.
    ///
    /// An execution is told at once, whether its costs have come or not: those of a young one are awaited and told with it
    /// later, those of an old one, or of another client's, are not counted on any more.
    public func executions(since: Instant) async throws(BrokerError) -> Snapshot<BrokerExecution> {
        do throws(IBFailure) {
            try await checkLogin()
            let list = try await connection.executions()
            var problems = list.problems
            let numbers = Self.numbers(of: list.items.map(\.execution))
            await checkZone(list)
            var executions: [BrokerExecution] = []
            for item in list.items where item.execution.account == account.text {
                let execution = item.execution
                let what = "the execution \(execution.executionID)"
                guard let name = await name(of: execution.contract, what, &problems) else { continue }
                guard let number = numbers[execution.executionID] else {
                    problems.append("\(what) of an order that IB has given no number yet")
                    continue
                }
                guard let currency = Currency(execution.contract.currency) ?? name.currency else {
                    problems.append(
                        "\(what) in a currency that takt does not know: \(execution.contract.currency)")
                    continue
                }
                let at = time(execution.time, of: what, or: list.endedAt)
                let fee = fee(of: item, in: currency, at, list.endedAt)
                // Nothing is executed later than it is told.
                executions += Self.told(execution, of: number, as: name, min(at, list.endedAt), fee, currency)
            }
            return snapshot(executions, problems, list.takenAt, beginsAt: await dayBegin(list.endedAt))
        } catch { throw wrap(error) }
    }

    /// Tells of a login zone that cannot be the configured one: by it the times are read that name no zone.
    private func checkZone(_ list: IBList<IBCostedExecution>) async {
        let stamps = list.items.compactMap { IBTime.Stamp($0.execution.time) }.filter { $0.zone == nil }
        guard !stamps.isEmpty else { return }
        let configured = Duration.seconds(loginZone.offsetSeconds(at: list.endedAt))
        let shown = await connection.gatewayOffset ?? configured
        let latest = stamps.compactMap { $0.instant(login: loginZone) }.max() ?? list.endedAt
        guard shown != configured || latest > list.endedAt.advanced(by: Self.costsTime) else { return }
        trouble(
            "the gateway's own clock is \(shown.components.seconds / 60) minutes ahead of UTC, and the login zone that is "
                + "configured, \(loginZone.identifier), is \(configured.components.seconds / 60): times of executions may be "
                + "read wrong by hours. Nothing is lost by it; correct brokers.ib.time_zone")
    }

    /// IB's number of the order behind each execution; none where only its own id is known of it. One that is told before its
    /// number is known has it from another execution of the same order.
    private static func numbers(of executions: [IBExecution]) -> [String: Int64] {
        var byReference: [String: Int64] = [:]
        for execution in executions where execution.permanentID != 0 && !execution.orderReference.isEmpty {
            byReference[execution.orderReference] = execution.permanentID
        }
        var numbers: [String: Int64] = [:]
        for execution in executions {
            numbers[execution.executionID] =
                execution.permanentID != 0 ? execution.permanentID : byReference[execution.orderReference]
        }
        return numbers
    }

    /// What an execution cost; `nil` while that is awaited. Costs in another currency are no fee of it: they are told to the
    /// operator, and show as a difference of that currency's cash.
    func fee(of item: IBCostedExecution, in currency: Currency, _ at: Instant, _ now: Instant) -> FixedPoint? {
        let execution = item.execution
        if let commission = item.commission, let fee = commission.commission {
            guard commission.currency != currency.code, !commission.currency.isEmpty, !fee.isZero else { return fee }
            trouble(
                "the execution \(execution.executionID) cost \(fee) \(commission.currency), and was paid in \(currency.code): it is "
                    + "booked without. Book the costs with `takt breaks book` once the cash of \(commission.currency) differs by them"
            )
            return .zero
        }
        let age = now.duration(since: at)
        // A time that has not come yet was read in the wrong zone, and says nothing of the age.
        let isYoung = age < Self.costsTime && age > .zero - Self.costsTime
        if execution.clientID == Int64(connection.configuration.clientID), isYoung { return nil }
        trouble(
            "IB has told no costs of the execution \(execution.executionID): it is booked without. They are added if IB tells them "
                + "today; if not, the cash of \(currency.code) will differ by them, and `takt breaks book` books them")
        return .zero
    }

    /// The execution, and before it those that it corrects.
    private static func told(
        _ execution: IBExecution, of number: Int64, as name: IBNames.Name, _ at: Instant, _ fee: FixedPoint?,
        _ currency: Currency
    ) -> [BrokerExecution] {
        let corrected = execution.corrected
        func told(_ id: String, isBusted: Bool) -> BrokerExecution {
            BrokerExecution(
                executionID: ExecutionID(id), brokerOrderID: BrokerOrderID("\(number)"),
                clientOrderID: execution.orderReference.isEmpty ? nil : ClientOrderID(execution.orderReference),
                symbol: name.symbol, side: execution.side, quantity: execution.quantity,
                price: execution.price.told(in: name.magnifier), fee: fee ?? .zero, tax: .zero, currency: currency,
                filledAt: at, isBusted: isBusted, awaitsCosts: fee == nil && !isBusted,
                replaces: isBusted ? [] : corrected.map { ExecutionID($0) })
        }
        return corrected.map { told($0, isBusted: true) } + [told(execution.executionID, isBusted: false)]
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
