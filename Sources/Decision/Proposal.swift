import Core

/// What an action means for a symbol, before the filters are asked.
struct Proposal {
    let purpose: OrderPurpose
    let side: Side
    /// `nil` if no price can be formed.
    let type: OrderType?
    /// With its sign.
    let target: Quantity?
    /// Zero if nothing is missing to the target.
    let quantity: Quantity
    /// The position and what is on its way reach the target, within the tolerance.
    let isReached: Bool
    /// Why there is no size; `nil` if there is one.
    let unsized: String?
    let referencePrice: Price?
    /// Of the order, in base currency.
    let value: FixedPoint?
    /// What held it back.
    let restraint: Restraint
    /// What an exit leaves because it is less than a lot; `nil` for nothing.
    let oddLot: Quantity?
    /// The target that was proposed, where the sizing allows less.
    let cappedTarget: Quantity?
    /// With prices that the exchange takes.
    let handling: OrderHandling

    /// It closes the position when it arrives: what protects that makes room for it. What rests, or waits for an auction or an
    /// algorithm, might leave the position open, and without protection.
    let displacesProtection: Bool

    /// `nil` for hold.
    init?(_ wish: Wish, _ symbol: SymbolInput, _ input: DecisionInput) {
        switch wish.action {
        case .hold: return nil
        case .buy: side = .buy
        case .sell: side = .sell
        }
        let position = symbol.positionQuantity
        let isExit = side == .buy ? position.isNegative : position.isPositive
        purpose = isExit ? .exit : .entry
        referencePrice = symbol.bars.last?.close
        restraint = wish.restraint
        let plan = Self.plan(side, isExit: isExit, wish, symbol, input)
        type = plan.type
        target = plan.target
        quantity = plan.quantity
        isReached = plan.isReached
        unsized = plan.unsized
        value = plan.value
        oddLot = plan.oddLot
        cappedTarget = plan.cappedTarget
        handling = plan.handling
        displacesProtection = plan.displacesProtection
    }

    var sizing: JSONValue {
        let json: JSONValue = [
            "purpose": .string(purpose.rawValue), "quantity": JSONValue(quantity), "base_value": JSONValue(value),
            "reference_price": JSONValue(referencePrice), "problem": JSONValue(unsized),
        ]
        var told = restraint == .none ? json : json.setting("restraint", restraint.json)
        if let oddLot { told = told.setting("odd_lot", JSONValue(oddLot)) }
        if let cappedTarget { told = told.setting("proposed_target", JSONValue(cappedTarget)) }
        return told
    }

    func intent(_ symbol: SymbolInput, _ input: DecisionInput) -> OrderIntent? {
        guard let type, let referencePrice, quantity.isPositive else { return nil }
        let expiry = input.cycle.barClose.advanced(bySeconds: Int64(input.timeframe.seconds))
        return OrderIntent(
            cycle: input.cycle, symbol: symbol.symbol, purpose: purpose, side: side, type: type, quantity: quantity,
            timeInForce: symbol.terms?.timeInForce ?? input.settings.orders.timeInForce,
            handling: handling, broker: symbol.broker, referencePrice: referencePrice,
            createdAt: input.now, expiresAt: symbol.expiresAt ?? expiry)
    }
}

// MARK: - Sizes

extension Proposal {
    struct Plan {
        var type: OrderType?
        var target: Quantity?
        var quantity = Quantity.zero
        var isReached = false
        var unsized: String?
        var value: FixedPoint?
        var oddLot: Quantity?
        var cappedTarget: Quantity?
        var handling = OrderHandling.plain
        var displacesProtection = false
    }

    private static func plan(
        _ side: Side, isExit: Bool, _ wish: Wish, _ symbol: SymbolInput, _ input: DecisionInput
    ) -> Plan {
        var plan = Plan()
        plan.handling = symbol.terms?.handling ?? .plain
        guard let reference = symbol.bars.last?.close else {
            plan.unsized = "no-price"
            return plan
        }
        do {
            let style = isExit ? input.settings.orders.exit : input.settings.orders.entry
            let ticks = symbol.instrument.ticks.rule(on: input.cycle.barClose.utcDate)
            let type =
                try symbol.terms?.type?.rounded(side, ticks, reference: reference)
                ?? OrderDefaults.type(style, side, reference: reference, ticks: ticks)
            plan.type = type
            let prices = try type.countedPrices(side, at: reference)
            guard prices.allSatisfy(\.isPositive) else {
                plan.unsized = "price-not-positive"
                return plan
            }
            guard !type.hasLimitBehindStop(side) else {
                plan.unsized = "limit-behind-stop"
                return plan
            }
            if let problem = try bracket(&plan, side, isExit: isExit, at: prices.isEmpty ? [reference] : prices, ticks)
            {
                plan.unsized = problem
                return plan
            }
            let worst = prices.reduce(reference, max)
            if isExit {
                plan.displacesProtection = closesAtOnce(type, plan.handling, symbol, input)
                try exit(&plan, side, wish, symbol, input.rules)
            } else {
                try entry(&plan, side, wish, symbol, input, price: worst)
            }
            plan.value = try value(plan.quantity, worst, symbol, input)
        } catch {
            plan.unsized = "not-calculable"
            plan.quantity = .zero
        }
        return plan
    }

    private static func closesAtOnce(
        _ type: OrderType, _ handling: OrderHandling, _ symbol: SymbolInput, _ input: DecisionInput
    ) -> Bool {
        switch symbol.terms?.timeInForce ?? input.settings.orders.timeInForce {
        case .atOpen, .atClose: false
        case .day, .goodTillCancelled, .goodTillDate, .immediateOrCancel, .fillOrKill:
            type.takesAnyPrice && handling.algorithm == nil
        }
    }

    /// Puts the prices of a bracket on the grid. Returns why there is no such order: an exit opens nothing that could be
    /// protected, and an entry lies between both.
    private static func bracket(
        _ plan: inout Plan, _ side: Side, isExit: Bool, at prices: [Price], _ ticks: TickRule
    ) throws(ArithmeticError) -> String? {
        guard let bracket = plan.handling.bracket else { return nil }
        guard !isExit else { return "bracket-on-exit" }
        let rounded = try bracket.rounded(side, ticks)
        guard rounded.prices.allSatisfy(\.isPositive) else { return "price-not-positive" }
        guard prices.allSatisfy({ rounded.encloses($0, side) }) else { return "bracket-beside-entry" }
        plan.handling.bracket = rounded
        return nil
    }

    /// An exit closes the whole position, or what stands beyond a proposed target or beyond what a restraint keeps, less the
    /// exits that are on their way.
    private static func exit(
        _ plan: inout Plan, _ side: Side, _ wish: Wish, _ symbol: SymbolInput, _ rules: DecisionRules
    ) throws(ArithmeticError) {
        let position = symbol.positionQuantity
        // A target on the other side of zero closes the position first.
        var kept = symbol.terms?.target.flatMap { $0.isNegative == position.isNegative ? $0 : nil } ?? .zero
        if wish.isRestraint {
            // What is kept is rounded down: of a single lot nothing is kept.
            let rest = try lots(wish.restraint.target(rl: position, position: position).magnitude, symbol)
            kept = position.isNegative ? -rest : rest
        }
        plan.target = kept
        let underWay = plan.displacesProtection ? try symbol.openBesideProtection(side) : try symbol.open(side)
        let rest = try position.magnitude - kept.magnitude - underWay
        plan.isReached = !rest.isPositive
        guard rest.isPositive else { return }
        try fill(&plan, rest, symbol)
        let left = try rest - plan.quantity
        if rules != .first, !left.isZero { plan.oddLot = left }
    }

    /// An entry makes up what is missing to the target, counting what is held and what is on its way.
    private static func entry(
        _ plan: inout Plan, _ side: Side, _ wish: Wish, _ symbol: SymbolInput, _ input: DecisionInput, price: Price
    ) throws(ArithmeticError) {
        if let proposed = symbol.terms?.target {
            guard let target = try within(sizing: proposed, &plan, side, wish, symbol, input, price: price) else {
                return
            }
            plan.target = target
            // The action follows from the target; where somebody paired others, there is nothing to make up.
            let missing = try target.magnitude - symbol.positionQuantity.magnitude - symbol.open(side)
            plan.isReached = !missing.isPositive || target.isNegative != (side == .sell)
            guard !plan.isReached else { return }
            return try fill(&plan, missing, symbol)
        }
        switch input.settings.sizing.target(basis(wish, symbol, input, price: price)) {
        case .unsized(let problem): plan.unsized = problem
        case .sized(let full, _):
            let target = try restrained(full, side, wish, symbol)
            plan.target = side.signed(target)
            guard target.isPositive else {
                plan.unsized = "below-one-lot"
                return
            }
            let covered = try symbol.positionQuantity.magnitude + symbol.open(side)
            let missing = try target - covered
            let tolerated = try target.value.multiplied(by: input.settings.rebalanceTolerance.value, rounding: .down)
            plan.isReached = missing.value <= tolerated
            guard missing.isPositive, !plan.isReached else { return }
            try fill(&plan, missing, symbol)
        }
    }

    /// A proposed target, no further from zero than the sizing lets any entry go; `nil` where the sizing knows no size.
    private static func within(
        sizing proposed: Quantity, _ plan: inout Plan, _ side: Side, _ wish: Wish, _ symbol: SymbolInput,
        _ input: DecisionInput, price: Price
    ) throws(ArithmeticError) -> Quantity? {
        guard input.rules != .first else { return proposed }
        switch input.settings.sizing.target(basis(wish, symbol, input, price: price)) {
        case .unsized(let problem):
            plan.unsized = problem
            return nil
        case .sized(let most, _):
            guard proposed.magnitude > most else { return proposed }
            plan.cappedTarget = proposed
            return proposed.isNegative ? -most : most
        }
    }

    private static func basis(
        _ wish: Wish, _ symbol: SymbolInput, _ input: DecisionInput, price: Price
    ) -> SizingBasis {
        SizingBasis(
            bars: symbol.bars, lot: symbol.instrument.lotSize, price: price, multiplier: symbol.instrument.multiplier,
            equity: input.equity, rate: input.rate(symbol.instrument.currency), confidence: wish.confidence,
            probability: wish.probability, rules: input.rules)
    }

    /// An entry's size under a restraint, in whole lots. Nothing is taken from what is held already.
    private static func restrained(
        _ size: Quantity, _ side: Side, _ wish: Wish, _ symbol: SymbolInput
    ) throws(ArithmeticError) -> Quantity {
        guard case .shrink = wish.restraint else { return size }
        return try lots(
            wish.restraint.target(rl: side.signed(size), position: symbol.positionQuantity).magnitude, symbol)
    }

    private static func fill(
        _ plan: inout Plan, _ missing: Quantity, _ symbol: SymbolInput
    ) throws(ArithmeticError) {
        plan.quantity = try lots(missing, symbol)
        if plan.quantity.isZero { plan.unsized = "below-one-lot" }
    }

    private static func lots(_ quantity: Quantity, _ symbol: SymbolInput) throws(ArithmeticError) -> Quantity {
        Quantity(try quantity.value.rounded(toMultipleOf: symbol.instrument.lotSize.value, .down))
    }

    private static func value(
        _ quantity: Quantity, _ price: Price, _ symbol: SymbolInput, _ input: DecisionInput
    ) throws(ArithmeticError) -> FixedPoint? {
        guard let rate = input.rate(symbol.instrument.currency) else { return nil }
        return try symbol.instrument.notional(price, quantity).amount.multiplied(by: rate, rounding: .halfEven)
    }
}
