public import Core
internal import Execution
internal import Ledger
internal import Settings
public import Store

/// Books what explains a break that no list of the broker's ever will: a transfer, a spin-off, interest, a fee of the
/// account. The entry is a person's, recorded with who and why; takt itself never adjusts its books.
public struct BreakDesk {
    /// What a difference is.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Cash paid in or taken out: no profit and no loss.
        case deposit
        /// Units moved in or out: no profit and no loss, whatever they have gained or lost elsewhere.
        case transfer
        /// Profit or loss: of cash interest, a fee of the account, a correction; of units a spin-off, a bonus, a merger.
        case adjustment
    }

    /// What a person knows of the difference beyond its size.
    public struct Explanation: Sendable {
        public var kind: Kind
        /// What a unit cost that came in, in the currency of the position. Units that leave by a transfer leave at their market
        /// price, by an adjustment at their average cost.
        public var price: Price?
        /// What a unit is worth now, where no bar says so. Of an adjustment of what is valued at a stated price: afterwards, on the
        /// scale of what is then held.
        public var marketPrice: Price?
        /// The currency of a symbol that neither our books nor symbols.yaml know.
        public var currency: Currency?
        public var reason: String
        /// Whether a market price is meant that changes what is held by many times its worth.
        public var isForced: Bool

        public init(
            kind: Kind, price: Price?, marketPrice: Price?, currency: Currency?, reason: String, isForced: Bool = false
        ) {
            self.kind = kind
            self.price = price
            self.marketPrice = marketPrice
            self.currency = currency
            self.reason = reason
            self.isForced = isForced
        }
    }

    private let context: CycleContext
    private let now: Instant
    private let actor: String
    private let isDryRun: Bool

    public init(context: CycleContext, now: Instant, actor: String, isDryRun: Bool) {
        self.context = context
        self.now = now
        self.actor = actor
        self.isDryRun = isDryRun
    }

    public typealias Booking = (found: BookBreak, fact: LedgerEntry.Fact)

    /// Books the differences as the last reconcile saw them and closes the breaks, all of them or none: the two legs of a merger
    /// must not lie a beat apart, or the first would look like a loss.
    ///
    /// - Returns: Each break as it was, and what is booked for it.
    /// - Throws: ``StepFailure`` where the two sides may yet come to agree by themselves, where they have moved since the last
    ///   reconcile, where something about the difference is missing, and where holdings of several symbols would take the one market
    ///   price, or none does.
    public func book(_ ids: [Int64], as explanation: Explanation) throws -> [Booking] {
        let ids = Set(ids).sorted()
        guard !isDryRun else {
            return try context.store.read { reader in
                try plan(ids, explanation, reader).map(\.booking)
            }
        }
        return try context.store.write(durable: true) { writer in
            try OpeningValuation.settle(context, at: now, in: writer)
            // All are planned on the books as they are, before the first is changed.
            let plans = try plan(ids, explanation, writer)
            for plan in plans { try book(plan, explanation, in: writer) }
            return plans.map(\.booking)
        }
    }

    private struct Plan {
        let booking: Booking
        let use: MarketPriceUse
    }

    /// What a booking does with the market price that is given.
    private enum MarketPriceUse: Equatable {
        case takes
        /// It knows the same price already.
        case agrees
        case leaves(because: String)
    }

    private func plan(_ ids: [Int64], _ explanation: Explanation, _ reader: StoreReader) throws -> [Plan] {
        let plans = try ids.map { try plan($0, explanation, beside: ids, reader) }
        try requireUse(of: explanation.price, plans.map(\.booking))
        if explanation.marketPrice != nil { try requireOneUse(ofMarketPriceIn: plans) }
        return plans
    }

    /// One price is that of one symbol.
    private func requireOneUse(ofMarketPriceIn plans: [Plan]) throws {
        let takers = plans.filter { $0.use == .takes }.map(\.booking.found)
        let symbols = Set(takers.map(\.subject)).sorted()
        if let last = takers.last, symbols.count > 1 {
            throw refusal(
                last.id, "\(symbols.joined(separator: " and ")) would all be valued at the one price that is given",
                "Book them one by one, each with its own --market-price.")
        }
        guard takers.isEmpty, !plans.contains(where: { $0.use == .agrees }) else { return }
        for plan in plans {
            guard case .leaves(let why) = plan.use else { continue }
            throw refusal(plan.booking.found.id, why, "Leave --market-price out.")
        }
    }

    /// A price that no booking takes would silently be something else than was meant.
    private func requireUse(of price: Price?, _ bookings: [Booking]) throws {
        guard let price, let first = bookings.first else { return }
        let isUsed = bookings.contains { booking in
            guard case .transfer(_, _, let averageCost, _, _, _) = booking.fact else { return false }
            return averageCost == price
        }
        guard !isUsed else { return }
        throw refusal(
            first.found.id, "a price is given, and no unit came in that could have cost it", "Leave --price out.")
    }

    private func book(_ plan: Plan, _ explanation: Explanation, in writer: StoreWriter) throws {
        let (found, fact) = plan.booking
        let entry = "break:\(found.id)"
        let restated = plan.use == .takes ? try restated(plan.booking, explanation, writer) : nil
        try writer.appendLedgerEvent(
            broker: found.broker, account: found.account, at: now, fact: fact, externalID: entry)
        _ = try writer.closeBreak(found.id, isAccepted: false, at: now)
        try writer.appendAudit(
            at: now, actor: actor, kind: "break.booked", subject: "\(found.kind) \(found.subject) at \(found.broker)",
            payload: [
                "id": .int(found.id), "ours": .string(found.ours), "theirs": .string(found.theirs),
                "fact": .string("\(fact)"), "entry": .string(entry), "reason": .string(explanation.reason),
            ])
        guard let (position, quantity, over) = restated, let price = explanation.marketPrice else { return }
        try StatedPrice(price, at: now, over: over, sequence: try writer.currentSequence())
            .keep(of: position, quantity: quantity, by: actor, reason: explanation.reason, in: writer)
    }

    /// The position whose stated price changes with a booking, how much of it is held then, and what the price was said over.
    private func restated(
        _ booking: Booking, _ explanation: Explanation, _ reader: StoreReader
    ) throws -> (LedgerPosition, Quantity, over: Instant)? {
        guard explanation.kind == .adjustment, case .transfer(let symbol, let delta, _, _, _, _) = booking.fact,
            let (position, stated, _) = try stated(symbol, booking.found, reader)
        else { return nil }
        return (position, try position.quantity + delta, stated.over)
    }

    /// What is held, what is stated of it, and the price on the scale of now, if one stands.
    private func stated(
        _ symbol: Symbol, _ found: BookBreak, _ reader: StoreReader
    ) throws -> (LedgerPosition, StatedPrice, Price)? {
        let ledger = try Ledger.fold(try reader.ledgerEntries())
        let watch = PriceWatch(reader, context.settings, context.calendars, ledger, at: now)
        guard let position = ledger.position(symbol, broker: found.broker, account: found.account), !position.isFlat,
            let mark = try watch.reading(of: position).stated, let stated = try StatedPrice(of: position, reader)
        else { return nil }
        return (position, stated, mark.price)
    }

    /// Units that come or go without capital may have changed their scale, and a price that is stated would stay on the old one.
    /// Whether the price of before or of after is stated first, for a beat one of the two would look like a loss: so it is
    /// restated with the booking.
    private func requireScale(
        _ found: BookBreak, _ explanation: Explanation, _ position: LedgerPosition?, _ delta: Quantity,
        _ reader: StoreReader
    ) throws -> MarketPriceUse {
        let remains = try position.map { try !($0.quantity + delta).isZero } ?? false
        let stated = remains ? try stated(Symbol(found.subject), found, reader)?.2 : nil
        switch (stated, explanation.marketPrice) {
        case (nil, _):
            return .leaves(
                because: "an adjustment counts as no capital, and no stated price of \(found.subject) stands")
        case (let stated?, let given?):
            try refuseSlip(found, explanation, position, delta, stated, given)
            return .takes
        case (let stated?, nil):
            throw refusal(
                found.id,
                "\(found.subject) is valued at \(stated) as was stated, and after this other units may be held",
                "Give --market-price: what a unit is worth afterwards, the same if it is.")
        }
    }

    /// Units change their scale and are worth the same; a slip of the keyboard would be profit or loss at the next beat.
    private func refuseSlip(
        _ found: BookBreak, _ explanation: Explanation, _ position: LedgerPosition?, _ delta: Quantity,
        _ stated: Price, _ given: Price
    ) throws {
        guard !explanation.isForced, let held = position?.quantity else { return }
        let rest = try held + delta
        let before = try held.magnitude.value.multiplied(by: stated.value, rounding: .halfEven)
        let after = try rest.magnitude.value.multiplied(by: given.value, rounding: .halfEven)
        guard try StatedPrice.isFar(after, from: before) else { return }
        throw refusal(
            found.id,
            "\(held) \(found.subject) count as \(before) at \(stated) as was stated, and \(rest) at \(given) would count as "
                + "\(after), more than \(StatedPrice.plausibleFactor) times away",
            "Give --force if it is meant so.")
    }

    private func plan(
        _ id: Int64, _ explanation: Explanation, beside ids: [Int64], _ reader: StoreReader
    ) throws -> Plan {
        guard let found = try reader.openBreaks().first(where: { $0.id == id }) else {
            throw refusal(id, "it is not open", "`takt breaks --state open` lists those that are.")
        }
        let watermark = try reader.meta(ReconciliationWriter.watermarkKey(found.broker, found.account))
        guard watermark.flatMap({ Instant(rfc3339: $0) }) == found.lastSeenAt else {
            throw refusal(id, "the last reconcile did not look at it", Self.lookAgain)
        }
        try refuseWhileOpen(found, reader)
        let ledger = try Ledger.fold(try reader.ledgerEntries(broker: found.broker))
        switch BookDifference.Kind(rawValue: found.kind) {
        case .position:
            try refuseHalf(found, explanation, beside: ids, reader)
            let (fact, use) = try holding(found, explanation, ledger, reader)
            return Plan(booking: (found, fact), use: use)
        case .cash:
            let fact = try cash(found, explanation, ledger, isAlone: ids.count == 1)
            return Plan(booking: (found, fact), use: .leaves(because: "it is about cash"))
        case .missingFills, .missingOrder, .duplicateOrder, .changedActivity, nil:
            throw refusal(
                id, "a break of kind \(found.kind) is no difference in what is held",
                "`takt breaks close --help` and `takt orders settle --help` say what ends it.")
        }
    }

    /// Units that left as a loss, and the cash that came for them, are one thing.
    private func refuseHalf(
        _ found: BookBreak, _ explanation: Explanation, beside ids: [Int64], _ reader: StoreReader
    ) throws {
        guard explanation.kind == .adjustment else { return }
        let other = try reader.openBreaks(broker: found.broker).first {
            $0.account == found.account && $0.kind == BookDifference.Kind.cash.rawValue && !ids.contains($0.id)
        }
        guard let other else { return }
        throw refusal(
            found.id, "break \(other.id) (cash \(other.subject)) is open and may be its other half",
            "Book both at once with `takt breaks book \(found.id) \(other.id) --as adjustment …`, or the cash first.")
    }

    /// What is still to come would be booked twice: once by hand, and once when it comes.
    private func refuseWhileOpen(_ found: BookBreak, _ reader: StoreReader) throws {
        func concerns(_ symbol: Symbol?) -> Bool { found.symbol == nil || symbol == found.symbol }
        let missing: Set<String> = [
            BookDifference.Kind.missingFills.rawValue, BookDifference.Kind.missingOrder.rawValue,
        ]
        let others = try reader.openBreaks(broker: found.broker).filter {
            $0.account == found.account && missing.contains($0.kind) && concerns($0.symbol)
        }
        if let other = others.first {
            throw refusal(
                found.id, "break \(other.id) (\(other.kind) \(other.subject)) is open and may explain it",
                "Settle that one first.")
        }
        let open = try reader.openOrders(broker: found.broker, account: found.account).filter { concerns($0.symbol) }
        if let doubtful = open.first(where: { [.submitting, .inDoubt, .cancelInDoubt].contains($0.state) }) {
            throw refusal(
                found.id, "order \(doubtful.clientOrderID) is \(doubtful.state.rawValue) and may explain it",
                Self.lookAgain)
        }
        if let working = try open.first(where: { try couldExplain($0, found, reader) }) {
            throw refusal(
                found.id,
                "order \(working.brokerOrderID?.text ?? working.clientOrderID.text) to \(working.side.rawValue) "
                    + "\(working.leavesQuantity) \(working.symbol) is open, and an execution of it that is still to be listed "
                    + "would explain it",
                "Wait until it has ended, or cancel it; then look again with `takt reconcile --again`.")
        }
    }

    /// Whether a difference in a position, its own or that of the same account, is of the kind that the order would make.
    private func couldExplain(_ order: ManagedOrder, _ found: BookBreak, _ reader: StoreReader) throws -> Bool {
        guard order.leavesQuantity.isPositive else { return false }
        let positions = try reader.openBreaks(broker: found.broker).filter {
            $0.account == found.account && $0.kind == BookDifference.Kind.position.rawValue && $0.symbol == order.symbol
        }
        return positions.contains { difference in
            guard let ours = try? FixedPoint(difference.ours), let theirs = try? FixedPoint(difference.theirs) else {
                return true
            }
            return order.side == .buy ? theirs > ours : theirs < ours
        }
    }

    private func holding(
        _ found: BookBreak, _ explanation: Explanation, _ ledger: Ledger, _ reader: StoreReader
    ) throws -> (LedgerEntry.Fact, MarketPriceUse) {
        let symbol = Symbol(found.subject)
        let position = ledger.position(symbol, broker: found.broker, account: found.account)
        let ours = position?.quantity ?? .zero
        let delta = Quantity(try difference(found, ours: ours.value))
        let instrument = context.settings.instruments[symbol]
        guard let currency = position?.currency ?? instrument?.currency ?? explanation.currency else {
            throw refusal(found.id, "the currency of \(symbol) is not known", "Give --currency, such as USD.")
        }
        if let given = explanation.currency, given != currency {
            throw refusal(found.id, "\(symbol) is in \(currency)", "Leave --currency out.")
        }
        guard explanation.kind != .deposit else {
            throw refusal(
                found.id, "a difference in a position is no deposit",
                "Give --as transfer for units moved in or out, --as adjustment for a spin-off, a bonus or a merger.")
        }
        let (worth, use) =
            explanation.kind == .transfer
            ? try worth(of: symbol, position, explanation, found, ledger, reader)
            : (.zero, try requireScale(found, explanation, position, delta, reader))
        let isOpening = ours.isZero || ours.isNegative == delta.isNegative || delta.magnitude > ours.magnitude
        let leavesAt = explanation.kind == .transfer ? worth : position?.averageCost
        if explanation.kind == .adjustment, !ours.isZero, ours.isNegative != delta.isNegative {
            let account = AccountKey(found.broker, found.account)
            let unvalued = try OpeningValuation.settlements(context, at: now, reader).first { $0.account == account }
            guard unvalued?.left.contains(symbol) != true else {
                throw refusal(
                    found.id,
                    "what \(symbol) was worth when the account was met is not known, so all its cost would be a loss",
                    "Say it first with `takt positions price \(symbol) --broker \(found.broker) --price …`, 0 for what was worth nothing."
                )
            }
        }
        guard let price = isOpening ? explanation.price : leavesAt else {
            throw refusal(
                found.id, "\(delta) \(symbol) came in, and what a unit cost is not known",
                "Give --price in \(currency): stop-losses and profit are measured against it.")
        }
        let fact = LedgerEntry.Fact.transfer(
            symbol, delta, averageCost: price, paidIn: worth,
            multiplier: position?.multiplier ?? instrument?.multiplier ?? .one, currency)
        return (fact, use)
    }

    /// What a unit counts as paid in or taken out. The account is valued at the same price, so the booking itself makes neither
    /// profit nor loss: a limit on losses must not act on shares that were moved, nor fail to act because of them.
    private func worth(
        of symbol: Symbol, _ position: LedgerPosition?, _ explanation: Explanation, _ found: BookBreak,
        _ ledger: Ledger,
        _ reader: StoreReader
    ) throws -> (Price, MarketPriceUse) {
        let watch = PriceWatch(reader, context.settings, context.calendars, ledger, at: now)
        let known = try watch.worth(of: symbol, held: position)
        switch (known?.price, explanation.marketPrice) {
        case (let price?, let given):
            // The account is valued at what is known: another price would pass for a profit or a loss.
            guard let given, given != price else { return (price, .agrees) }
            return (price, .leaves(because: "a unit of \(symbol) is worth \(price) as is known, not \(given)"))
        case (nil, let given?): return (given, .takes)
        case (nil, nil):
            throw refusal(
                found.id, "what a unit of \(symbol) is worth now is not known: no bar of its newest session is there",
                "Give --market-price, or fetch its bars first: by so much the capital of the account changes.")
        }
    }

    private func cash(
        _ found: BookBreak, _ explanation: Explanation, _ ledger: Ledger, isAlone: Bool
    ) throws -> LedgerEntry.Fact {
        guard let currency = Currency(found.subject) else {
            throw refusal(found.id, "'\(found.subject)' is no currency", Self.lookAgain)
        }
        let isPlain = explanation.price == nil && explanation.marketPrice == nil && explanation.currency == nil
        guard isPlain || !isAlone else {
            throw refusal(found.id, "it is about cash", "Leave --price, --market-price and --currency out.")
        }
        let held = try ledger.cashByCurrency(AccountKey(found.broker, found.account))[currency]?.rounded ?? .zero
        let delta = Money(try difference(found, ours: held), currency)
        switch explanation.kind {
        case .deposit: return .deposit(delta)
        case .adjustment: return .adjustment(delta)
        case .transfer:
            throw refusal(
                found.id, "\(delta) of cash are no transfer",
                "Give --as deposit for money paid in or taken out, --as adjustment for interest, fees and corrections.")
        }
    }

    /// Theirs less ours, if ours still is what the break says.
    private func difference(_ found: BookBreak, ours: FixedPoint) throws -> FixedPoint {
        guard let noted = try? FixedPoint(found.ours), let theirs = try? FixedPoint(found.theirs), noted == ours else {
            throw refusal(found.id, "our books have moved since: \(found.ours) then, \(ours) now", Self.lookAgain)
        }
        return try theirs - ours
    }

    private static let lookAgain = "Run `takt reconcile --again` and look at `takt breaks`."

    private func refusal(_ id: Int64, _ why: String, _ cure: String) -> StepFailure {
        StepFailure(
            code: "not-booked", message: "Break \(id) cannot be booked so: \(why).",
            hint: "Nothing was changed. \(cure)",
            isRetryable: false, exitCode: .badInput)
    }
}
