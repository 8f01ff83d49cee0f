internal import Broker
internal import Core
internal import Ledger
internal import Sessions
internal import Settings
internal import Store

/// What the positions that are there when an account is first met are worth by then: so much counts as paid in. What they
/// have gained or lost before is no profit and no loss of ours, and no limit on losses may act on it.
///
/// A price tells it only if it is of the scale that the broker counts in: one of the session that was running at the time, or
/// one that arose since. Where there is none yet, the position counts at its cost, equity is not known, and its first price
/// settles it. Where none comes (a halted share), what an operator says does: a price of before may be of another scale, and
/// no waiting makes it one of now.
enum OpeningValuation {
    private static func key(_ account: AccountKey) -> String { "opening-unvalued:\(account.broker):\(account.account)" }

    /// Keeps in mind whose worth is still to be found.
    static func note(_ symbols: [Symbol], _ account: AccountKey, in writer: StoreWriter) throws {
        guard try !symbols.isEmpty || pending(account, writer).isEmpty == false else { return }
        try writer.setMeta(key(account), JSONValue.array(symbols.map { JSONValue($0) }).text)
    }

    private static func pending(_ account: AccountKey, _ reader: StoreReader) throws -> [Symbol] {
        guard let text = try reader.meta(key(account)), let items = try? JSONValue(parsing: text).arrayValue else {
            return []
        }
        return items.compactMap(\.stringValue).map { Symbol($0) }
    }

    /// The symbols of which it is not known what they were worth, in the accounts of the enabled brokers.
    static func pending(_ context: CycleContext, _ reader: StoreReader) throws -> [Symbol] {
        let accounts = context.brokers.values.map { AccountKey($0.id, $0.account) }
        return Set(try accounts.flatMap { try pending($0, reader) }).sorted()
    }

    struct Known {
        let symbol: Symbol
        let openedAt: Instant
        let change: Money
        /// Where an operator's word has settled it, of what is held.
        let stated: LedgerPosition?
    }

    /// What has become known of one account, and what has not.
    struct Settlement {
        let account: AccountKey
        var known: [Known] = []
        var left: [Symbol] = []
    }

    static func settlements(_ context: CycleContext, at now: Instant, _ reader: StoreReader) throws -> [Settlement] {
        var settlements: [Settlement] = []
        for broker in context.brokers.values.sorted(by: { $0.id < $1.id }) {
            let account = AccountKey(broker.id, broker.account)
            let symbols = try pending(account, reader)
            guard !symbols.isEmpty else { continue }
            let ledger = try Ledger.fold(try reader.ledgerEntries())
            let watch = PriceWatch(reader, context.settings, context.calendars, ledger, at: now)
            var settlement = Settlement(account: account)
            for symbol in symbols {
                guard let opening = opening(of: symbol, account, ledger),
                    let change = try change(of: opening, ledger, watch)
                else {
                    settlement.left.append(symbol)
                    continue
                }
                let position = ledger.position(symbol, broker: account.broker, account: account.account)
                let stated = try position.flatMap { try watch.reading(of: $0).stated == nil ? nil : $0 }
                settlement.known.append(Known(symbol: symbol, openedAt: opening.at, change: change, stated: stated))
            }
            settlements.append(settlement)
        }
        return settlements
    }

    /// Books what has become known. Belongs into the transaction that judges, marks or accepts equity, ahead of it.
    static func settle(_ context: CycleContext, at now: Instant, in writer: StoreWriter) throws {
        for settlement in try settlements(context, at: now, writer) where !settlement.known.isEmpty {
            let account = settlement.account
            for known in settlement.known {
                try book(known.change, of: known.symbol, account, openedAt: known.openedAt, nil, at: now, in: writer)
                guard let position = known.stated, var stated = try StatedPrice(of: position, writer) else { continue }
                stated.settlesOpening = true
                try writer.setMeta(StatedPrice.key(position), stated.text)
            }
            try note(settlement.left, account, in: writer)
        }
    }

    /// Books what an opening was worth by the price that stands now, where a mistaken one had settled it.
    static func settleAnew(
        _ position: LedgerPosition, _ context: CycleContext, at now: Instant, in writer: StoreWriter
    ) throws {
        let (symbol, account) = (position.symbol, AccountKey(position.broker, position.account))
        let ledger = try Ledger.fold(try writer.ledgerEntries())
        let watch = PriceWatch(writer, context.settings, context.calendars, ledger, at: now)
        guard let opening = opening(of: symbol, account, ledger), let worth = try change(of: opening, ledger, watch)
        else { return }
        let booked = ledger.entries.compactMap { entry -> Money? in
            guard AccountKey(entry.broker, entry.account) == account, case .valuation(symbol, let money) = entry.fact
            else { return nil }
            return money
        }
        let change = try booked.reduce(worth.amount) { try $0 - $1.amount }
        guard !change.isZero else { return }
        try book(
            Money(change, worth.currency), of: symbol, account, openedAt: opening.at, booked.count, at: now, in: writer)
    }

    /// - Parameter number: How many were booked before, where it is a correction.
    private static func book(
        _ change: Money, of symbol: Symbol, _ account: AccountKey, openedAt: Instant, _ number: Int?, at now: Instant,
        in writer: StoreWriter
    ) throws {
        _ = try writer.appendLedgerEvent(
            broker: account.broker, account: account.account, at: openedAt, fact: .valuation(symbol, change),
            externalID: "opening:valuation:\(symbol)" + (number.map { ":\($0)" } ?? ""))
        try writer.appendAudit(
            at: now, actor: "takt", kind: "account.valued", subject: "\(account):\(symbol)",
            payload: ["paid_in_change": JSONValue(change), "is_correction": .bool(number != nil)])
    }

    private static func opening(of symbol: Symbol, _ account: AccountKey, _ ledger: Ledger) -> LedgerEntry? {
        ledger.entries.first { AccountKey($0.broker, $0.account) == account && $0.opens(symbol) }
    }

    /// What an opening position is worth a unit beyond what it cost; `nil` while no price tells it.
    static func price(
        of opening: LedgerEntry, _ ledger: Ledger, _ watch: PriceWatch
    ) throws -> Price? {
        guard case .openingPosition(let symbol, _, _, _, _, _) = opening.fact,
            let position = ledger.position(symbol, broker: opening.broker, account: opening.account)
        else { return nil }
        let reading = try watch.reading(of: position)
        if let stated = reading.stated { return stated.price }
        guard let mark = reading.mark, reading.doubt == nil else { return nil }
        let calendar = try watch.newest(of: symbol)?.calendar
        return mark.asOf > (calendar?.session(at: opening.at)?.open ?? opening.at) ? mark.price : nil
    }

    /// What the units of an opening were worth beyond their cost: each that has left since at what it left for, the others at
    /// their price. So the account has neither won nor lost by them up to now. What leaves first is what was there first.
    private static func change(
        of opening: LedgerEntry, _ ledger: Ledger, _ watch: PriceWatch
    ) throws -> Money? {
        guard case .openingPosition(let symbol, let quantity, let cost, _, let multiplier, let currency) = opening.fact
        else { return nil }
        var units = OpeningUnits(quantity.value)
        // An execution that came to light afterwards may bear an earlier time.
        for entry in ledger.entries
        where entry.sequence > opening.sequence && entry.broker == opening.broker && entry.account == opening.account {
            try units.take(entry.fact, of: symbol)
        }
        var worth = units.proceeds
        if !units.left.isZero {
            guard let price = try price(of: opening, ledger, watch) else { return nil }
            worth = try worth + price.value.multiplied(by: units.left, rounding: .halfEven)
        }
        let paid = try cost.value.multiplied(by: quantity.value, rounding: .halfEven)
        return Money(try (worth - paid).multiplied(by: multiplier, rounding: .halfEven), currency)
    }
}

extension LedgerEntry {
    fileprivate func opens(_ symbol: Symbol) -> Bool {
        guard case .openingPosition(symbol, _, _, _, _, _) = fact else { return false }
        return true
    }
}

/// What is left of an opening position, and what the rest went for, in price times quantity.
private struct OpeningUnits {
    /// Negative for a short.
    private(set) var left: FixedPoint
    private(set) var proceeds = FixedPoint.zero
    /// Of the whole position, with what came in since.
    private var held: FixedPoint

    init(_ quantity: FixedPoint) {
        left = quantity
        held = quantity
    }

    mutating func take(_ fact: LedgerEntry.Fact, of symbol: Symbol) throws(ArithmeticError) {
        switch fact {
        case .fill(_, symbol, let side, let quantity, let price, _, _, _, _):
            try take(side == .sell ? quantity.value : -quantity.value, at: price)
        case .transfer(symbol, let quantity, let averageCost, let paidIn, _, _):
            // An adjustment counts as no capital: what it took away stays at its cost.
            try take(-quantity.value, at: paidIn.isZero ? averageCost : paidIn)
        case .split(symbol, let new, let old, let cashInLieuPrice):
            left = try left.scaled(by: FixedPoint(new), over: FixedPoint(old), rounding: .halfEven)
            held = try held.scaled(by: FixedPoint(new), over: FixedPoint(old), rounding: .halfEven)
            if let cashInLieuPrice {
                try take(held - held.rounded(toDigits: 0, .towardZero), at: cashInLieuPrice)
            }
        case .fill, .bust, .deposit, .openingPosition, .transfer, .dividend, .split, .conversion, .valuation,
            .adjustment:
            break
        }
    }

    /// Units that left at a price (negative: came in); what came in is no part of the opening.
    private mutating func take(_ units: FixedPoint, at price: Price) throws(ArithmeticError) {
        held = try held - units
        guard !left.isZero, !units.isZero, units.isNegative == left.isNegative else { return }
        let taken = units.magnitude < left.magnitude ? units : left
        left = try left - taken
        proceeds = try proceeds + price.value.multiplied(by: taken, rounding: .halfEven)
    }
}
