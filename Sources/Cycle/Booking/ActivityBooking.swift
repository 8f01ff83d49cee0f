internal import Broker
internal import Core
internal import Execution
internal import Ledger
internal import Sessions
internal import Settings
internal import Store

/// Puts what changes an account without an execution into our books: dividends, splits, conversions, deposits.
struct ActivityBooking {
    let beat: Beat
    let broker: any Broker

    /// How far back activities are asked for ahead of a risk check: over any closure of an exchange.
    private static let reachSeconds: Int64 = 15 * 86_400

    /// Books new activities. One that is booked and comes with other content now stays as it is, and shows as a break.
    func book(
        _ activities: [AccountActivity], in writer: StoreWriter
    ) throws -> (booked: Int, changed: [BookDifference]) {
        let comparison = BookComparison(broker: broker.id, account: broker.account)
        let reports = activities.map { activity in
            Quarantine.Report(
                what: "activity \(activity.id)", symbol: Self.symbol(activity),
                content: ["activity": .string("\(activity.kind)")])
        }
        var changed: [String: BookDifference] = [:]
        let openedAt = try IncludedInOpening.load(broker, writer).openedAt
        let news = try Quarantine(beat: beat, broker: broker).book(reports, in: writer) { index in
            let activity = activities[index]
            do {
                return try writer.appendLedgerEvent(
                    broker: broker.id, account: broker.account, at: Self.effective(activity.at, openedAt),
                    fact: Self.fact(activity),
                    externalID: activity.id)
            } catch StoreError.conflictingContent(_, let stored, let given) {
                changed[activity.id] = comparison.changedActivity(activity.id, booked: stored, reported: given)
                return false
            }
        }
        let booked = zip(activities, news).filter(\.1).map(\.0)
        for activity in booked {
            try recordSplit(activity, in: writer)
            try writer.appendAudit(
                at: beat.now, actor: "\(broker.id)", kind: "account.activity",
                subject: "\(broker.id):\(broker.account):\(activity.id)",
                payload: ["fact": .string("\(Self.fact(activity))")])
        }
        return (booked.count, activities.compactMap { changed[$0.id] })
    }

    /// When an activity takes effect on our books: what the opening does not contain comes after it, whatever day it is of. A split
    /// of this morning that the broker books at noon finds the position that the account was met with an hour before.
    static func effective(_ at: Instant, _ openedAt: Instant?) -> Instant {
        guard let openedAt, at <= openedAt else { return at }
        // In the order of their times, a microsecond for a minute: two weeks fit into the blink that nothing is executed in.
        let minutes = (openedAt.microseconds - at.microseconds) / 60_000_000
        return openedAt.advanced(by: .microseconds(max(1, Self.orderedMinutes - minutes)))
    }

    private static let orderedMinutes: Int64 = 20_160

    /// Books what every broker has done to its account by now, ahead of a risk check: a position whose split is not in the
    /// books yet, valued at the price after it, looks like a loss of most of it.
    ///
    /// The brokers are asked side by side: a slow one delays the exits at the others by no more than its own deadline.
    ///
    /// - Returns: What could not be asked. Protection goes on without it; reconcile tells of a broker that stays away.
    static func bringUpToDate(_ beat: Beat) async throws -> [String] {
        let known = try beat.context.store.read { reader in
            try beat.context.brokers.values.filter { try reader.hasAccount($0.id, $0.account) }
        }
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for broker in known {
                group.addTask { try await ActivityBooking(beat: beat, broker: broker).ask() }
            }
            var answers: [Answer] = []
            for try await answer in group { answers.append(answer) }
            return answers.sorted { $0.broker.id < $1.broker.id }
        }
        for answer in answers where !answer.activities.isEmpty {
            try beat.context.store.write(durable: true) { writer in
                let booking = ActivityBooking(beat: beat, broker: answer.broker)
                _ = try booking.book(answer.activities, in: writer)
                try booking.restate(answer, in: writer)
            }
        }
        return answers.compactMap(\.error)
    }

    /// What a broker says has happened to its account, where that is news.
    private struct Answer: Sendable {
        let broker: any Broker
        var activities: [AccountActivity] = []
        /// What a split leaves of the orders that stand through it takes part in every exit; only the list knows it.
        var orders: [BrokerOrder] = []
        /// Ours before the list was read.
        var ours: [ManagedOrder] = []
        var error: String?

        var splits: [Symbol] { activities.filter(\.isSplit).compactMap(ActivityBooking.symbol) }
    }

    private func ask() async throws -> Answer {
        var answer = Answer(broker: broker)
        let included = try beat.context.store.read { try IncludedInOpening.load(broker, $0) }
        // What lies before the opening's horizon is in the opening balances, whether or not it is known by its id.
        let reach = beat.now.advanced(bySeconds: -Self.reachSeconds)
        let since = included.horizon.map { max(reach, $0) } ?? reach
        do {
            let list = try await broker.activities(since: since)
            let items = list.items.filter { $0.at >= since && !included.activities.contains($0.id) }
            answer.activities = try beat.context.store.read { reader in
                try items.filter { item in
                    try !reader.hasLedgerEvent(broker: broker.id, account: broker.account, externalID: item.id)
                }
            }
            if !answer.splits.isEmpty {
                answer.ours = try beat.context.store.read {
                    try $0.openOrders(broker: broker.id, account: broker.account)
                }
                answer.orders = try await broker.orders(since: since).items
            }
        } catch let error as BrokerError {
            return Answer(broker: broker, error: "account activities of \(broker.id) are not known: \(error)")
        }
        return answer
    }

    /// The bars change their scale with what the account holds: a split that the broker tells and nobody has recorded is
    /// recorded, with the broker as its source. One that is recorded nearby is the same split, and its day counts.
    ///
    /// A broker may correct itself with a second split: what it has booked nearby in all is compared, and only where nothing
    /// but the brokers' own words stand there is another ratio believed.
    private func recordSplit(_ activity: AccountActivity, in writer: StoreWriter) throws {
        guard case .split(let symbol, let new, let old, _) = activity.kind,
            let (_, calendar) = try? beat.context.listing(of: symbol)
        else { return }
        let date = calendar.localDate(of: activity.at)
        let told = CorporateAction(symbol: symbol, exDate: date, kind: .split(new: new, old: old))
        let recorded = try writer.actionsInForce(symbol).filter { $0.action?.isSameEvent(as: told) ?? false }
        guard recorded.allSatisfy(\.isToldByBroker) else { return }
        var booked: [AccountKey: [CorporateAction]] = [:]
        for entry in try writer.ledgerEntries() {
            guard case .split(symbol, let new, let old, _) = entry.fact else { continue }
            let action = CorporateAction(
                symbol: symbol, exDate: calendar.localDate(of: entry.at), kind: .split(new: new, old: old))
            guard action.isSameEvent(as: told) else { continue }
            booked[AccountKey(entry.broker, entry.account), default: []].append(action)
        }
        let own = AccountKey(broker.id, broker.account)
        let whole = CorporateAction.whole(booked[own] ?? [])
        // What another account goes on holding on the new scale is not undone by this one's.
        let others = booked.filter { $0.key != own }.values.map { CorporateAction.whole($0) }
        if whole == nil, others.contains(where: { $0 != nil }) { return }
        try record(whole, of: symbol, on: recorded.first?.exDate ?? date, insteadOf: recorded, in: writer)
    }

    /// Records what a broker's splits come to, in the place of what was recorded on the word of brokers.
    private func record(
        _ whole: CorporateAction.Kind?, of symbol: Symbol, on place: CivilDate, insteadOf recorded: [StoredAction],
        in writer: StoreWriter
    ) throws {
        guard whole != CorporateAction.whole(recorded.compactMap(\.action)) else { return }
        let source = "\(StoredAction.brokerSource)\(broker.id)"
        guard case .split(let new, let old) = whole else {
            for action in recorded { try writer.withdrawAction(action.id, by: source, at: beat.now) }
            return
        }
        try writer.record(
            [
                NewAction(
                    symbol: symbol, exDate: place, content: .split(new: new, old: old), source: source)
            ], at: beat.now)
    }

    /// Takes over the terms of our standing orders as the broker lists them after a split.
    private func restate(_ answer: Answer, in writer: StoreWriter) throws {
        let recorder = OrderRecorder(context: beat.context, now: beat.now)
        let splits = try Self.bookedSplits(broker, writer)
        let included = try IncludedInOpening.load(broker, writer)
        let symbols = Set(answer.splits)
        for order in try writer.openOrders(broker: broker.id, account: broker.account)
        where symbols.contains(order.symbol) {
            guard let found = answer.orders.first(where: { $0.brokerOrderID == order.brokerOrderID }) else { continue }
            let fills = try writer.fills(order: order.clientOrderID).filter { !$0.isBusted }
            let restatement = OrderRestatement(
                order, as: found, before: included.executed[found.brokerOrderID] ?? .zero,
                parts: fills.map { ExecutedPart(at: $0.filledAt, quantity: $0.quantity, isBooked: true) },
                splits: splits)
            // With executions of it still to be booked, their scale is not known here; reconcile reads them. Nor is it known which is
            // newer, the list, read outside of this transaction, or what another process has recorded meanwhile. Until then an exit
            // leaves alone what may be open.
            let isAsRead = answer.ours.contains(order)
            let now = try isAsRead && restatement.isWithoutNews() ? restatement.restated() : restatement.leavingMost()
            try recorder.record(now, before: order, in: writer)
        }
    }

    /// The splits that the account has booked.
    static func bookedSplits(_ broker: any Broker, _ reader: StoreReader) throws -> [AccountSplit] {
        try reader.splitEntries(broker.id, broker.account).compactMap { entry in
            guard case .split(let symbol, let new, let old, _) = entry.fact else { return nil }
            return AccountSplit(symbol: symbol, at: entry.at, new: new, old: old)
        }
    }

    static func split(_ kind: AccountActivity.Kind, at: Instant) -> AccountSplit? {
        guard case .split(let symbol, let new, let old, _) = kind else { return nil }
        return AccountSplit(symbol: symbol, at: at, new: new, old: old)
    }

    private static func fact(_ activity: AccountActivity) -> LedgerEntry.Fact {
        switch activity.kind {
        case .deposit(let money): .deposit(money)
        case .dividend(let symbol, let perShare, let taxRate, let currency):
            .dividend(symbol, perShare: perShare, taxRate: taxRate, currency)
        case .split(let symbol, let new, let old, let cashInLieuPrice):
            .split(symbol, new: new, old: old, cashInLieuPrice: cashInLieuPrice)
        case .conversion(let from, let to): .conversion(from: from, to: to)
        }
    }

    private static func symbol(_ activity: AccountActivity) -> Symbol? {
        switch activity.kind {
        case .dividend(let symbol, _, _, _), .split(let symbol, _, _, _): symbol
        case .deposit, .conversion: nil
        }
    }
}

extension AccountActivity {
    fileprivate var isSplit: Bool {
        switch kind {
        case .split: true
        case .deposit, .dividend, .conversion: false
        }
    }
}
