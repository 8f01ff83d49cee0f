public import Broker
public import Core
internal import Execution
internal import Ledger
public import Store
internal import Settings

/// The first meeting with an account: its cash and positions become the first entries of our ledger, once.
///
/// From then on the ledger lives from fills and account activities alone, and the broker's balances are only ever compared.
public struct AccountOpening {
    let context: CycleContext
    let now: Instant

    /// How often the lists are read again for a moment in which nothing happens.
    private static let tries = 3

    /// Opens the broker's account in our books if it is not there yet. Returns what was recorded, for the warnings.
    func ensure(_ broker: any Broker) async throws -> String? {
        let isKnown = try context.store.read { try $0.hasAccount(broker.id, broker.account) }
        guard !isKnown else { return nil }
        // What the lists show before the balances are read is in the balances already; it is noted by its ids, because
        // times cannot tell an execution of this very instant from one that comes right after.
        var included = try await IncludedInOpening.read(from: broker, at: now)
        var cash = try await broker.cash()
        var positions = try await broker.positions()
        // An execution that came in between the lists and the balances would be in one and not in the other.
        var isStill = false
        for _ in 0..<Self.tries where !isStill {
            // What was executed before the balances were read shows in the lists by now.
            try await context.clock.sleep(for: broker.capabilities.visibilityDelay)
            let after = try await IncludedInOpening.read(from: broker, at: now)
            isStill = after == included
            guard !isStill else { break }
            included = after
            cash = try await broker.cash()
            positions = try await broker.positions()
        }
        guard isStill else {
            throw BrokerError.unavailable(
                broker: broker.id,
                detail: "its account is being traded in; it is opened in the books once it stands still")
        }
        guard included.isComplete, cash.isComplete, positions.isComplete else {
            throw BrokerError.unavailable(
                broker: broker.id, detail: "its lists or balances came incomplete, the account stays unopened")
        }
        context.failpoints.hit(.openingBeforeWrite)
        try context.store.write(durable: true) { writer in
            guard try !writer.hasAccount(broker.id, broker.account) else { return }
            for money in cash.items.sorted(by: { $0.currency < $1.currency }) {
                try append(.deposit(money), id: "opening:cash:\(money.currency)", broker, in: writer)
            }
            try writer.setMeta(IncludedInOpening.key(broker), included.json.text)
            try OpeningValuation.note(
                try open(positions.items, broker, in: writer), AccountKey(broker.id, broker.account), in: writer)
            try writer.setMeta(ReconciliationWriter.watermarkKey(broker), now.description)
            try writer.appendAudit(
                at: now, actor: "takt", kind: "account.opened", subject: "\(broker.id):\(broker.account)",
                payload: [
                    "cash": .array(cash.items.map { JSONValue($0) }), "positions": .int(Int64(positions.items.count)),
                ])
        }
        context.failpoints.hit(.openingAfterWrite)
        let amounts = cash.items.map(\.display).joined(separator: ", ")
        return "account \(broker.account) at \(broker.id) opened in the books with \(amounts)"
    }

    /// Books the positions, at what they are worth where that is known. Returns the symbols of the others.
    private func open(
        _ positions: [BrokerPosition], _ broker: any Broker, in writer: StoreWriter
    ) throws -> [Symbol] {
        var unvalued: [Symbol] = []
        for position in positions.sorted(by: { $0.symbol < $1.symbol }) where !position.quantity.isZero {
            let multiplier = context.settings.instruments[position.symbol]?.multiplier ?? .one
            let cost = try cost(of: position, broker, writer)
            func fact(paidIn: Price) -> LedgerEntry.Fact {
                .openingPosition(
                    position.symbol, position.quantity, averageCost: cost, paidIn: paidIn, multiplier: multiplier,
                    position.currency)
            }
            // It is priced as it will be once it is booked.
            let opening = LedgerEntry(
                broker: broker.id, account: broker.account, at: now, sequence: 0, fact: fact(paidIn: cost))
            let ledger = try Ledger.fold([opening])
            let watch = PriceWatch(writer, context.settings, context.calendars, ledger, at: now)
            let worth = try OpeningValuation.price(of: opening, ledger, watch)
            if worth == nil { unvalued.append(position.symbol) }
            try append(fact(paidIn: worth ?? cost), id: "opening:position:\(position.symbol)", broker, in: writer)
        }
        return unvalued
    }

    /// What a unit cost, as the broker says. Where it does not, the last price stands in, and somebody is told: profit and
    /// stop-loss are measured from there.
    private func cost(of position: BrokerPosition, _ broker: any Broker, _ writer: StoreWriter) throws -> Price {
        if let cost = position.averageCost, cost.isPositive { return cost }
        let newest = try PriceWatch(writer, context.settings, context.calendars, Ledger(), at: now)
            .newest(of: position.symbol)
        let mark = newest.map { Marks.PriceMark(price: $0.bar.close, asOf: $0.closeAt) }
        let measured =
            mark.map {
                "It is taken at its last price, \($0.price) of \($0.asOf); stop-loss and profit count from there."
            }
            ?? "No price of it is known either: no stop-loss watches it."
        try AlertDesk(context: context, now: now).raise(
            key: "opening-cost:\(broker.id):\(broker.account):\(position.symbol)",
            severity: mark == nil ? .error : .warning,
            kind: "opening-cost-unknown", title: "What \(position.symbol) at \(broker.id) cost is not known",
            body:
                "\(broker.id) names no average cost for the \(position.quantity) \(position.symbol) held when the account "
                + "was opened in the books. \(measured)",
            fields: ["symbol": JSONValue(position.symbol), "broker": JSONValue(broker.id)], in: writer)
        return mark?.price ?? .zero
    }

    private func append(_ fact: LedgerEntry.Fact, id: String, _ broker: any Broker, in writer: StoreWriter) throws {
        _ = try writer.appendLedgerEvent(
            broker: broker.id, account: broker.account, at: now, fact: fact, externalID: id)
    }
}

extension AccountOpening {
    /// The embedded exchange has begun anew: the cash it starts with is no deposit of anybody's. Our books stay as they are,
    /// and reconcile shows how far the two are apart.
    public static func disregardRestart(of broker: any Broker, in store: StateDatabase, at now: Instant) async throws {
        guard try store.read({ try $0.hasAccount(broker.id, broker.account) }) else { return }
        let listed = try await broker.activities(since: now)
        try store.write(durable: true) { writer in
            var included = try IncludedInOpening.load(broker, writer)
            included.activities.formUnion(listed.items.map(\.id))
            try writer.setMeta(IncludedInOpening.key(broker), included.json.text)
        }
    }
}

/// What an account's opening balances already contain: it must not be booked a second time.
struct IncludedInOpening: Hashable {
    var openedAt: Instant?
    var orders: Set<String> = []
    /// What the orders that were open had executed.
    var executed: [BrokerOrderID: Quantity] = [:]
    /// What that came to, where the broker tells totals.
    var totals: [BrokerOrderID: ExecutedTotals] = [:]
    var executions: Set<String> = []
    var activities: Set<String> = []
    /// Those of the activities that are splits.
    var splits: [AccountSplit] = []
    /// Whether the lists came to their end: what is not known to be included would be booked a second time later.
    var isComplete = true

    /// How far back the lists are read; reconciliation never looks further back than its overlap before the opening.
    private static let reach: Duration = .seconds(7 * 86_400)

    static func key(_ broker: any Broker) -> String { key(broker.id, broker.account) }
    private static func key(_ broker: BrokerID, _ account: AccountID) -> String { "opening:\(broker):\(account)" }

    static func read(from broker: any Broker, at now: Instant) async throws -> IncludedInOpening {
        let since = now.advanced(by: .zero - reach)
        let orders = try await broker.orders(since: since)
        let executions = try await broker.executions(since: since)
        let activities = try await broker.activities(since: since)
        let finished = orders.items.filter { finishedStates.contains($0.status) }
        return IncludedInOpening(
            openedAt: now, orders: Set(finished.map(\.brokerOrderID.text)),
            executed: try executed(of: orders.items.filter { !finishedStates.contains($0.status) }, executions.items),
            totals: Dictionary(
                orders.items.filter { !finishedStates.contains($0.status) }
                    .compactMap { order in order.executed.map { (order.brokerOrderID, $0) } }, uniquingKeysWith: { $1 }),
            executions: Set(executions.items.map(\.executionID.text)),
            activities: Set(activities.items.map(\.id)),
            splits: activities.items.compactMap { ActivityBooking.split($0.kind, at: $0.at) }
                .sorted { ($0.at, $0.symbol, $0.new, $0.old) < ($1.at, $1.symbol, $1.new, $1.old) },
            isComplete: orders.isComplete && executions.isComplete && activities.isComplete)
    }

    private static let finishedStates: Set<BrokerOrder.Status> = [.filled, .cancelled, .expired, .rejected]

    /// The order list may lag behind the executions, and the executions may reach less far back: the larger count is true.
    private static func executed(
        of open: [BrokerOrder], _ executions: [BrokerExecution]
    ) throws -> [BrokerOrderID: Quantity] {
        var counted: [BrokerOrderID: Quantity] = [:]
        var seen: Set<ExecutionID> = Set(executions.filter(\.isBusted).map(\.executionID))
        for execution in executions where seen.insert(execution.executionID).inserted {
            counted[execution.brokerOrderID] = try (counted[execution.brokerOrderID] ?? .zero) + execution.quantity
        }
        var executed: [BrokerOrderID: Quantity] = [:]
        for order in open {
            let quantity = max(order.filledQuantity, counted[order.brokerOrderID] ?? .zero)
            if quantity.isPositive { executed[order.brokerOrderID] = quantity }
        }
        return executed
    }

    static func load(_ broker: any Broker, _ reader: StoreReader) throws -> IncludedInOpening {
        try load(broker.id, broker.account, reader)
    }

    static func load(_ broker: BrokerID, _ account: AccountID, _ reader: StoreReader) throws -> IncludedInOpening {
        guard let text = try reader.meta(key(broker, account)) else { return IncludedInOpening() }
        let json = try JSONValue(parsing: text)
        func ids(_ key: String) -> Set<String> { Set((json[key]?.arrayValue ?? []).compactMap(\.stringValue)) }
        let openedAt = json["at"]?.stringValue.flatMap { Instant(rfc3339: $0) }
        var executed: [BrokerOrderID: Quantity] = [:]
        if case .object(let members)? = json["executed"] {
            for member in members {
                guard let amount = member.value.stringValue else { continue }
                executed[BrokerOrderID(member.key)] = Quantity(try FixedPoint(amount))
            }
        }
        return IncludedInOpening(
            openedAt: openedAt, orders: ids("orders"), executed: executed, totals: try totals(json["totals"]),
            executions: ids("executions"),
            activities: ids("activities"), splits: (json["splits"]?.arrayValue ?? []).compactMap(AccountSplit.init))
    }

    var json: JSONValue {
        func list(_ ids: Set<String>) -> JSONValue { .array(ids.sorted().map { .string($0) }) }
        let json: JSONValue = [
            "at": JSONValue(openedAt), "orders": list(orders),
            "executed": .object(
                executed.sorted { $0.key < $1.key }.map { .init($0.key.text, JSONValue($0.value)) }),
            "executions": list(executions),
            "activities": list(activities),
        ]
        let told = totals.isEmpty ? json : json.setting("totals", Self.json(totals))
        return splits.isEmpty ? told : told.setting("splits", .array(splits.map(\.json)))
    }

    private static func json(_ totals: [BrokerOrderID: ExecutedTotals]) -> JSONValue {
        .object(
            totals.sorted { $0.key < $1.key }.map { number, totals in
                .init(
                    number.text,
                    [
                        "amount": JSONValue(totals.amount), "fee": JSONValue(totals.fee), "tax": JSONValue(totals.tax),
                        "currency": JSONValue(totals.currency),
                    ])
            })
    }

    private static func totals(_ json: JSONValue?) throws -> [BrokerOrderID: ExecutedTotals] {
        guard case .object(let members)? = json else { return [:] }
        var totals: [BrokerOrderID: ExecutedTotals] = [:]
        for member in members {
            func amount(_ key: String) throws -> FixedPoint { try FixedPoint(member.value[key]?.stringValue ?? "") }
            guard let currency = member.value["currency"]?.stringValue.flatMap({ Currency($0) }) else { continue }
            totals[BrokerOrderID(member.key)] = ExecutedTotals(
                amount: try amount("amount"), fee: try amount("fee"), tax: try amount("tax"), currency: currency)
        }
        return totals
    }

    /// No time of an execution is read further wrong than that, whatever zone it was told in.
    private static let misreading: Duration = .seconds(2 * 86_400)

    /// The instant before which every execution is part of the opening.
    var horizon: Instant? { openedAt?.advanced(by: .zero - Self.reach) }

    /// The lists without what the opening contains.
    func removed(from lists: BrokerLists) -> BrokerLists {
        func kept<Item>(_ snapshot: Snapshot<Item>, _ isKept: (Item) -> Bool) -> Snapshot<Item> {
            snapshot.with(snapshot.items.filter(isKept))
        }
        // A broker may be set to list more days than it did at the opening: what is that old is in the balances.
        let known = openedAt?.advanced(by: .zero - Self.misreading)
        return BrokerLists(
            orders: kept(lists.orders) { !orders.contains($0.brokerOrderID.text) },
            // The correction of what the balances contain has moved no shares since; what it changes in cash shows as a break.
            executions: kept(lists.executions) { execution in
                !([execution.executionID] + execution.replaces).contains { executions.contains($0.text) }
                    && known.map { execution.filledAt >= $0 } ?? true
            },
            positions: lists.positions, cash: lists.cash,
            activities: kept(lists.activities) { !activities.contains($0.id) })
    }
}

extension AccountSplit {
    fileprivate init?(_ json: JSONValue) {
        guard let symbol = json["symbol"]?.stringValue,
            let at = json["at"]?.stringValue.flatMap({ Instant(rfc3339: $0) }),
            let new = json["new"]?.intValue, let old = json["old"]?.intValue
        else { return nil }
        self.init(symbol: Symbol(symbol), at: at, new: Int(new), old: Int(old))
    }

    fileprivate var json: JSONValue {
        ["symbol": JSONValue(symbol), "at": JSONValue(at), "new": .int(Int64(new)), "old": .int(Int64(old))]
    }
}
