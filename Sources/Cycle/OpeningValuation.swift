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
/// settles it.
enum OpeningValuation {
    private static func key(_ account: AccountKey) -> String { "opening-unvalued:\(account.broker):\(account.account)" }

    /// The newest price of a symbol, if it tells what was held at the opening is worth.
    static func price(
        of symbol: Symbol, openedAt: Instant, _ context: CycleContext, _ reader: StoreReader, at now: Instant
    ) throws -> Price? {
        let watch = PriceWatch(reader, context.settings, context.calendars, Ledger(), at: now)
        guard let newest = try watch.newest(of: symbol), tells(newest.closeAt, newest.calendar, openedAt) else {
            return nil
        }
        return newest.bar.close
    }

    private static func tells(_ closeAt: Instant, _ calendar: ExchangeCalendar?, _ openedAt: Instant) -> Bool {
        closeAt > (calendar?.session(at: openedAt)?.open ?? openedAt)
    }

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

    /// Books what has become known. Belongs into the transaction that judges or marks equity, ahead of it.
    static func settle(_ context: CycleContext, at now: Instant, in writer: StoreWriter) throws {
        for broker in context.brokers.values.sorted(by: { $0.id < $1.id }) {
            let account = AccountKey(broker.id, broker.account)
            let symbols = try pending(account, writer)
            guard !symbols.isEmpty else { continue }
            let ledger = try Ledger.fold(try writer.ledgerEntries())
            let watch = PriceWatch(writer, context.settings, context.calendars, ledger, at: now)
            let left = try symbols.filter { symbol in
                guard let (entry, worth) = try worth(of: symbol, account, ledger, watch) else { return true }
                _ = try writer.appendLedgerEvent(
                    broker: account.broker, account: account.account, at: entry.at, fact: .valuation(symbol, worth),
                    externalID: "opening:valuation:\(symbol)")
                try writer.appendAudit(
                    at: now, actor: "takt", kind: "account.valued", subject: "\(account):\(symbol)",
                    payload: ["paid_in_change": JSONValue(worth)])
                return false
            }
            if left.count < symbols.count { try note(left, account, in: writer) }
        }
    }

    /// The opening entry of a position, and what it was worth beyond its cost; `nil` while there is no price that tells it.
    private static func worth(
        of symbol: Symbol, _ account: AccountKey, _ ledger: Ledger, _ watch: PriceWatch
    ) throws -> (LedgerEntry, Money)? {
        let own = ledger.entries.filter { AccountKey($0.broker, $0.account) == account }
        for entry in own {
            guard case .openingPosition(symbol, let quantity, let cost, _, let multiplier, let currency) = entry.fact
            else {
                continue
            }
            guard let price = try price(of: symbol, account, ledger, watch, since: entry.at) else { return nil }
            var shares = quantity.value
            for case .split(symbol, let new, let old, _) in own.filter({ $0.at >= entry.at }).map(\.fact) {
                shares = try shares.scaled(by: FixedPoint(new), over: FixedPoint(old), rounding: .halfEven)
            }
            let worth = try price.value.multiplied(by: shares, rounding: .halfEven)
            let paid = try cost.value.multiplied(by: quantity.value, rounding: .halfEven)
            return (entry, Money(try (worth - paid).multiplied(by: multiplier, rounding: .halfEven), currency))
        }
        return nil
    }

    /// The price that what is still held is watched at, or the one at which it was sold.
    private static func price(
        of symbol: Symbol, _ account: AccountKey, _ ledger: Ledger, _ watch: PriceWatch, since openedAt: Instant
    ) throws -> Price? {
        guard let position = ledger.position(symbol, broker: account.broker, account: account.account) else {
            return nil
        }
        guard !position.isFlat else { return position.lastTradePrice }
        let reading = try watch.reading(of: position)
        let calendar = try watch.newest(of: symbol)?.calendar
        guard reading.doubt == nil, let mark = reading.mark, tells(mark.asOf, calendar, openedAt) else { return nil }
        return mark.price
    }
}
