internal import Core
internal import Sessions

/// Joins executions with their commissions, whichever comes first, and puts corrections in the place of what they correct. Pure.
///
/// The same execution comes live, in each list, and after each new connection: it is told once. A correction differs only in the
/// digits behind the last point of its id; of several the highest holds, in whatever order they come.
struct ExecutionBook: Sendable {
    private let loginZone: ZoneRules
    private let limit: Int
    private var executions: [String: (told: IBStreamExecution, revision: Int)] = [:]
    /// Roots, the oldest first.
    private var order: [String] = []
    private var commissions: IBCommissions

    /// - Parameters:
    ///   - loginZone: The zone that the gateway was logged in with, of times that name none.
    ///   - limit: The oldest are forgotten beyond it; more than an account has in a day.
    init(loginZone: ZoneRules, limit: Int = 20_000) {
        self.loginZone = loginZone
        self.limit = max(2, limit)
        commissions = IBCommissions(limit: limit)
    }

    /// - Parameters:
    ///   - symbol: Our name of the contract, if it is known.
    ///   - magnifier: IB quotes its prices in so many parts of the currency.
    /// - Returns: What is to be told; `nil` for what was told before.
    mutating func executed(
        _ execution: IBExecution, symbol: Symbol?, magnifier: Int64, at now: Instant
    ) -> IBStreamExecution? {
        let root = String(execution.root)
        let revision = Int(execution.executionID.dropFirst(root.count + 1)) ?? 0
        var occasion = IBStreamExecution.Occasion.new
        if let known = executions[root] {
            guard revision > known.revision else { return nil }
            occasion = .correction(of: known.told.executionID)
        } else {
            order.append(root)
        }
        var told = told(execution, root, occasion, symbol, magnifier, now)
        if let commission = commissions[execution.executionID] { told.charge(commission) }
        executions[root] = (told, revision)
        forget()
        return told
    }

    /// - Returns: The execution with its costs; `nil` where they are known, or the execution has not come.
    mutating func charged(_ commission: IBCommission, at now: Instant) -> IBStreamExecution? {
        commissions.add(commission)
        let id = commission.executionID
        let root = id.lastIndex(of: ".").map { String(id[..<$0]) } ?? id
        guard var known = executions[root]?.told, known.executionID.text == id, let kept = commissions[id] else {
            return nil
        }
        let before = known
        known.charge(kept)
        guard known != before, known.commission != nil else { return nil }
        known.occasion = .commission
        known.receivedAt = now
        executions[root]?.told = known
        return known
    }

    private mutating func forget() {
        guard order.count > limit else { return }
        let excess = order.count - limit / 2
        for root in order.prefix(excess) { executions[root] = nil }
        order.removeFirst(excess)
    }

    private func told(
        _ execution: IBExecution, _ root: String, _ occasion: IBStreamExecution.Occasion, _ symbol: Symbol?,
        _ magnifier: Int64, _ now: Instant
    ) -> IBStreamExecution {
        IBStreamExecution(
            executionID: ExecutionID(execution.executionID), root: root, occasion: occasion,
            account: AccountID(execution.account), brokerOrderID: BrokerOrderID("\(execution.permanentID)"),
            clientOrderID: execution.orderReference.isEmpty ? nil : ClientOrderID(execution.orderReference),
            symbol: symbol, conID: execution.contract.conID,
            localSymbol: execution.contract.localSymbol.isEmpty
                ? execution.contract.symbol : execution.contract.localSymbol,
            currency: execution.contract.currency, side: execution.side, quantity: execution.quantity,
            price: execution.price.told(in: magnifier),
            at: IBTime.Stamp(execution.time)?.instant(login: loginZone), exchange: execution.exchange,
            cumulativeQuantity: execution.cumulativeQuantity, receivedAt: now)
    }
}

extension IBStreamExecution {
    fileprivate mutating func charge(_ charge: IBCommission) {
        commission = charge.commission
        commissionCurrency = charge.currency.isEmpty ? nil : charge.currency
        realized = charge.realized
    }
}
