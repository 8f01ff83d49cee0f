import Core

/// What the filters look at.
struct FilterContext {
    let proposal: Proposal
    let symbol: SymbolInput
    let input: DecisionInput
    let wish: Wish
    /// What was decided on before it in the same cycle.
    let accepted: [AcceptedOrder]

    var settings: DecisionSettings { input.settings }
    var isEntry: Bool { proposal.purpose == .entry }
}

/// One question to a proposal. Answers whether it passes and a sentence with the numbers.
struct Filter: Sendable {
    enum Scope: Sendable { case every, entries }

    let name: String
    let scope: Scope
    /// One that is off is not mentioned.
    var isOn: @Sendable (DecisionSettings, Restraint) -> Bool = { _, _ in true }
    let ask: @Sendable (FilterContext) -> (passed: Bool, reason: String)

    /// All filters in the order in which they are asked.
    static let table: [Filter] = [
        Filter(name: "market-open", scope: .every, ask: marketOpen),
        Filter(name: "stale", scope: .every, ask: stale),
        Filter(name: "minimum-confidence", scope: .every, ask: minimumConfidence),
        Filter(name: "consultant", scope: .entries, isOn: { $1 != .none }, ask: consultant),
        Filter(name: "halted", scope: .every, ask: halted),
        Filter(name: "no-short", scope: .entries, ask: noShort),
        Filter(
            name: "near-open", scope: .entries, isOn: { settings, _ in settings.limits.noEntryAfterOpen > .zero },
            ask: nearOpen),
        Filter(name: "near-close", scope: .entries, ask: nearClose),
        Filter(name: "cooldown", scope: .entries, ask: cooldown),
        Filter(name: pendingOrderName, scope: .every, ask: pendingOrder),
        Filter(name: "sized", scope: .every, ask: sized),
        Filter(name: "already-positioned", scope: .every, ask: alreadyPositioned),
        Filter(name: "minimum-order-value", scope: .entries, ask: minimumOrderValue),
        Filter(
            name: "minimum-edge", scope: .entries, isOn: { settings, _ in settings.limits.edge != nil },
            ask: minimumEdge),
        Filter(
            name: "correlation", scope: .entries, isOn: { settings, _ in settings.limits.maximumCorrelation != nil },
            ask: correlation),
        Filter(
            name: "turnover", scope: .entries, isOn: { settings, _ in settings.limits.maximumTurnover != nil },
            ask: turnover),
    ]

    static let pendingOrderName = "pending-order"

    func verdict(_ context: FilterContext) -> FilterVerdict {
        if scope == .entries, !context.isEntry {
            return FilterVerdict(name: name, passed: true, reason: "An exit is not asked.")
        }
        let (passed, reason) = ask(context)
        return FilterVerdict(name: name, passed: passed, reason: reason)
    }
}

extension Filter {
    @Sendable static func marketOpen(_ c: FilterContext) -> (passed: Bool, reason: String) {
        // The broker keeps them until their hours come.
        if c.symbol.terms?.handling.outsideRegularHours == true {
            return (true, "It may be executed outside of the session.")
        }
        if c.symbol.terms?.timeInForce == .atOpen {
            return (
                !c.symbol.isOpen, "\(c.symbol.instrument.exchange) is \(c.symbol.isOpen ? "" : "not ")open already."
            )
        }
        return (c.symbol.isOpen, "\(c.symbol.instrument.exchange) takes \(c.symbol.isOpen ? "" : "no ")orders.")
    }

    @Sendable static func stale(_ c: FilterContext) -> (passed: Bool, reason: String) {
        guard let last = c.symbol.bars.last else { return (false, "There is no closed bar.") }
        let barClose = c.input.cycle.barClose
        let close = c.symbol.close(of: last, timeframe: c.input.timeframe, barClose: barClose)
        let age = barClose.duration(since: close)
        return (
            age <= c.settings.staleAfter,
            "The newest bar closed at \(close), \(age.components.seconds) s before the cycle's; "
                + "\(c.settings.staleAfter.components.seconds) s are allowed."
        )
    }

    @Sendable static func minimumConfidence(_ c: FilterContext) -> (passed: Bool, reason: String) {
        if c.wish.isRestraint { return (true, "What a consultant closes or reduces is not asked.") }
        return (
            c.wish.confidence >= c.settings.minimumConfidence.doubleValue,
            "Confidence is \(c.wish.confidence), needed is \(c.settings.minimumConfidence)."
        )
    }

    @Sendable static func consultant(_ c: FilterContext) -> (passed: Bool, reason: String) {
        switch c.wish.restraint {
        case .shrink(let factor): (true, "The entry is sized by \(factor).")
        case .noEntry, .reduce, .exit: (false, "A consultant allows no entry.")
        case .none: (true, "Nothing holds it back.")
        }
    }

    /// Only noted: what a halt allows is for the risk check to say, in one place.
    @Sendable static func halted(_ c: FilterContext) -> (passed: Bool, reason: String) {
        guard !c.symbol.halts.isEmpty else { return (true, "No halt is in force.") }
        return (true, "In force: \(c.symbol.halts.sorted().joined(separator: ", ")); the risk check decides.")
    }

    @Sendable static func noShort(_ c: FilterContext) -> (passed: Bool, reason: String) {
        guard c.proposal.side == .sell else { return (true, "A purchase opens no short position.") }
        return (c.settings.allowsShort, "Short positions are \(c.settings.allowsShort ? "" : "not ")allowed.")
    }

    /// By the bar's close and not by the clock, so that a rerun answers the same.
    @Sendable static func nearClose(_ c: FilterContext) -> (passed: Bool, reason: String) {
        let room = c.settings.noEntryBeforeClose
        guard room > .zero else { return (true, "The filter is off.") }
        guard let close = c.symbol.sessionClose else { return (true, "No session is running.") }
        let left = close.duration(since: c.input.cycle.barClose)
        return (
            left > room,
            "\(left.components.seconds) s are left of the session; more than \(room.components.seconds) s are needed."
        )
    }

    @Sendable static func cooldown(_ c: FilterContext) -> (passed: Bool, reason: String) {
        guard c.settings.cooldownBars > 0 else { return (true, "The filter is off.") }
        guard let last = c.symbol.lastTradeAt else { return (true, "The symbol has not been traded yet.") }
        let since = c.symbol.bars.count { $0.openAt >= last }
        return (
            since >= c.settings.cooldownBars,
            "\(since) bars opened since the last fill at \(last); needed are \(c.settings.cooldownBars)."
        )
    }

    @Sendable static func pendingOrder(_ c: FilterContext) -> (passed: Bool, reason: String) {
        if let doubt = c.symbol.workingOrders.first(where: \.isInDoubt) {
            return (false, "An order to \(doubt.side.rawValue) \(doubt.open) is in doubt.")
        }
        if c.isEntry,
            let other = c.symbol.workingOrders.first(where: {
                $0.side != c.proposal.side && !c.symbol.isProtected(by: $0)
            })
        {
            return (false, "An order to \(other.side.rawValue) \(other.open) is working the other way.")
        }
        if let order = c.symbol.protection(before: c.proposal).first {
            return (
                false,
                "\(order.clientOrderID?.text ?? "An order that is being cancelled") protects the position, and makes room "
                    + "first: the exit goes out at the next bar."
            )
        }
        return (true, "No order stands in the way.")
    }

    @Sendable static func sized(_ c: FilterContext) -> (passed: Bool, reason: String) {
        let left = c.proposal.oddLot.map {
            " \($0) are less than the lot of \(c.symbol.instrument.lotSize) and have to be closed by hand."
        }
        if let problem = c.proposal.unsized { return (false, "No size: \(problem).\(left ?? "")") }
        let capped = c.proposal.cappedTarget.map { " Proposed were \($0), which is more than the sizing allows." }
        return (true, "The target is \(c.proposal.target ?? .zero).\(capped ?? left ?? "")")
    }

    @Sendable static func alreadyPositioned(_ c: FilterContext) -> (passed: Bool, reason: String) {
        let position = c.symbol.positionQuantity
        guard c.proposal.isReached else {
            return (true, "The position is \(position), \(c.proposal.quantity) are missing to the target.")
        }
        return (false, "The position of \(position) and the orders on their way reach the target.")
    }

    @Sendable static func minimumOrderValue(_ c: FilterContext) -> (passed: Bool, reason: String) {
        let (least, base) = (c.settings.minimumOrderValue, c.input.baseCurrency)
        guard let value = c.proposal.value else {
            return (least.isZero, "The value in \(base) is not known; needed is \(least).")
        }
        return (value >= least, "The value is \(value) \(base), needed is \(least).")
    }
}
