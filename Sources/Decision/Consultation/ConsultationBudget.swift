public import Core

/// What was spent at one time.
public struct ConsultationSpending: Hashable, Sendable {
    public let at: Instant
    /// Requests that were sent.
    public let calls: Int
    /// US dollars.
    public let cost: FixedPoint

    public init(at: Instant, calls: Int, cost: FixedPoint) {
        self.at = at
        self.calls = calls
        self.cost = cost
    }
}

/// What has been spent of a budget: requests that were sent, and US dollars.
public struct ConsultationUsage: Hashable, Sendable {
    /// On the UTC day.
    public let callsToday: Int
    /// In the UTC calendar month, US dollars.
    public let costThisMonth: FixedPoint

    public init(callsToday: Int, costThisMonth: FixedPoint) {
        self.callsToday = callsToday
        self.costThisMonth = costThisMonth
    }

    /// From all that was ever sent, or at least since the month began. Days and months are those of UTC, as in the
    /// service's own bills.
    ///
    /// - Throws: ``ArithmeticError/overflow(_:)``.
    public init(
        _ spendings: some Sequence<ConsultationSpending>, now: Instant
    ) throws(ArithmeticError) {
        let today = now.utcDate
        var calls = 0
        var cost = FixedPoint.zero
        for spending in spendings {
            let date = spending.at.utcDate
            if date == today { calls += spending.calls }
            if (date.year, date.month) == (today.year, today.month) { cost = try cost + spending.cost }
        }
        self.init(callsToday: calls, costThisMonth: cost)
    }
}

/// How much may be spent on a consultant.
public struct ConsultationBudget: Hashable, Sendable {
    /// Requests a UTC day, retries counted.
    public let dailyCalls: Int
    /// US dollars a UTC month; `nil` is no limit.
    public let monthlyCost: FixedPoint?

    /// The original architecture's limit.
    public static let standardDailyCalls = 200

    public init(
        dailyCalls: Int = Self.standardDailyCalls, monthlyCost: FixedPoint?
    ) throws(DecisionError) {
        guard (0...1_000_000).contains(dailyCalls) else {
            throw .parameter(name: "max_daily_claude_calls", value: "\(dailyCalls)", allowed: "0 to 1000000")
        }
        if let monthlyCost, monthlyCost.isNegative {
            throw .parameter(name: "claude.monthly_budget_usd", value: "\(monthlyCost)", allowed: "0 or more")
        }
        self.dailyCalls = dailyCalls
        self.monthlyCost = monthlyCost
    }

    public enum Verdict: Hashable, Sendable {
        /// So many requests may be sent, at least one.
        case allowed(calls: Int)
        case denied(NoOpinion)
    }

    /// Whether one more may be asked for. The month's money has to cover the request at its dearest, so the limit is
    /// never passed by the last call.
    ///
    /// - Parameter worstCase: what one request can cost at most, US dollars.
    public func verdict(_ usage: ConsultationUsage, worstCase: FixedPoint) -> Verdict {
        guard usage.callsToday < dailyCalls else {
            return .denied(
                NoOpinion(.dailyLimit, "\(usage.callsToday) of \(dailyCalls) calls are used up until 00:00 UTC"))
        }
        let calls = dailyCalls - usage.callsToday
        guard let monthlyCost else { return .allowed(calls: calls) }
        let left = (try? monthlyCost - usage.costThisMonth) ?? .zero
        guard left >= worstCase, !left.isNegative else {
            return .denied(
                NoOpinion(
                    .monthlyBudget,
                    "\(usage.costThisMonth) of \(monthlyCost) USD are spent this month; one more call may cost "
                        + "\(worstCase)"))
        }
        guard worstCase.isPositive else { return .allowed(calls: calls) }
        return .allowed(calls: min(calls, Int(clamping: left.units / worstCase.units)))
    }
}
