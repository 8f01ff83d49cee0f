internal import Broker
internal import Core
internal import Execution
internal import Ledger
internal import Store
internal import Settings

/// Writes one round of reconciliation in one durable transaction: orders, fills, activities, breaks and the watermark.
struct ReconciliationWriter {
    let beat: Beat
    let broker: any Broker
    private(set) var lists: BrokerLists
    /// What foreign orders had executed before the account's opening.
    let executedBefore: [BrokerOrderID: Quantity]
    /// What that came to, where it was told.
    let totalsBefore: [BrokerOrderID: ExecutedTotals]

    private var recorder: OrderRecorder { OrderRecorder(context: beat.context, now: beat.now) }

    /// How long an order proven absent is still looked for: two days, more than any broker's day list spans.
    private static let lateArrivalSeconds: Int64 = 2 * 86_400

    static func watermarkKey(_ broker: any Broker) -> String { watermarkKey(broker.id, broker.account) }
    static func watermarkKey(_ broker: BrokerID, _ account: AccountID) -> String { "reconciled:\(broker):\(account)" }

    /// - Parameter isLastRound: Breaks are recorded in the last round only, when a race between lists has had time to settle.
    /// - Returns: The number of differences found in this round.
    func apply(in writer: StoreWriter, summary: inout ReconcileStep.Summary, isLastRound: Bool) throws -> Int {
        var quiet = self
        quiet.lists.orders = try RevisionRecords(context: beat.context, now: beat.now)
            .withoutEchoes(lists.orders, of: broker, writer)
        return try quiet.applyLists(in: writer, summary: &summary, isLastRound: isLastRound)
    }

    private func applyLists(
        in writer: StoreWriter, summary: inout ReconcileStep.Summary, isLastRound: Bool
    ) throws -> Int {
        let input = try input(writer)
        let plan = try Reconciliation.plan(input)
        let before = Dictionary(input.ours.map { ($0.clientOrderID, $0) }, uniquingKeysWith: { first, _ in first })
        try DoubtEvidence(broker: broker, lists: lists)
            .record(input.ours.filter { $0.state == .inDoubt }, plan, at: beat.now, in: writer)
        try adopt(plan.external, writer)
        for order in plan.updates {
            guard let old = before[order.clientOrderID] else { continue }
            try recorder.record(order, before: old, in: writer)
            if old.state == .inDoubt, order.state != .inDoubt { beat.context.log.order("settled", order) }
        }
        try book(plan, writer)
        try BracketRules(context: beat.context, now: beat.now)
            .follow(plan.updates.map(\.clientOrderID), in: writer)
        try RevisionRecords(context: beat.context, now: beat.now).settle(broker, lists.orders, in: writer)
        let activities = try ActivityBooking(beat: beat, broker: broker).book(lists.activities.items, in: writer)
        summary.incomplete[broker.id] = lists.incomplete
        summary.unsettled[broker.id] = plan.unsettled.sorted { $0.key < $1.key }.map { id, resolution in
            "\(id) at \(broker.id): \(DoubtEvidence.text(resolution))"
        }
        try tellOfTheUnseen(plan, before, writer, &summary)
        summary.fills += plan.newFills.count
        summary.external += plan.external.count
        summary.neverArrived += plan.neverArrived.count
        summary.settled +=
            plan.updates.filter { before[$0.clientOrderID]?.state == .inDoubt && $0.state != .inDoubt }.count
        if activities.booked > 0 {
            summary.notes.append("\(activities.booked) account activities booked from \(broker.id)")
        }
        let found = try settled(differences(writer), input.ours, writer) + activities.changed
        if found.isEmpty || isLastRound { try recordBreaks(found, writer) }
        if lists.orders.isComplete, lists.executions.isComplete, lists.activities.isComplete {
            try writer.setMeta(Self.watermarkKey(broker), beat.now.description)
            let begins = [lists.orders.beginsAt, lists.executions.beginsAt].compactMap { $0 }.max()
            try writer.setMeta(Self.beginKey(broker), begins?.description ?? "")
        }
        return found.count
    }

    /// What the broker's lists cannot tell any more, since they begin later: a doubt that only a person can settle, and an order
    /// of which the account alone shows that it is over.
    private func tellOfTheUnseen(
        _ plan: ReconciliationPlan, _ before: [ClientOrderID: ManagedOrder], _ writer: StoreWriter,
        _ summary: inout ReconcileStep.Summary
    ) throws {
        let desk = AlertDesk(context: beat.context, now: beat.now)
        for (id, resolution) in plan.unsettled.sorted(by: { $0.key < $1.key }) {
            guard case .outOfReach(let beginsAt) = resolution, let order = before[id] else { continue }
            try desk.raise(
                key: "doubt-out-of-reach:\(id)", severity: .critical, kind: "doubt-out-of-reach",
                title:
                    "Only a person can settle: \(order.side.rawValue) \(order.quantity) \(order.symbol) at \(order.broker)",
                body:
                    "\(id) is in doubt since \(order.doubtedAt ?? order.submittedAt), and the lists of \(order.broker) begin at "
                    + "\(beginsAt): they will never show what became of it. It counts at full size, nothing is sent again, and "
                    + "\(order.symbol) stays blocked there. Look at the broker's own statement, then `takt orders settle \(id) "
                    + "--absent --reason ...` if it never came; what it executed shows as a difference of positions.",
                fields: ["symbol": JSONValue(order.symbol), "broker": JSONValue(order.broker)], in: writer)
        }
        for id in plan.endedUnseen {
            guard let order = before[id] else { continue }
            let note =
                "\(id) (\(order.side.rawValue) \(order.quantity) \(order.symbol)) ended before the lists of \(order.broker) "
                + "begin, with \(order.filledQuantity) filled; the account holds what our books say"
            summary.notes.append(note)
            try desk.raise(
                key: "ended-unseen:\(id)", severity: .info, kind: "order-ended-unseen",
                title:
                    "Over, by the account: \(order.side.rawValue) \(order.quantity) \(order.symbol) at \(order.broker)",
                body: note + ". It is not sent again.",
                fields: ["symbol": JSONValue(order.symbol), "broker": JSONValue(order.broker)], in: writer)
        }
    }

    /// Where the lists of the last whole reconciliation began; empty for those that have everything that is asked for.
    static func beginKey(_ broker: any Broker) -> String { "reconciled-from:\(broker.id):\(broker.account)" }

    private func input(_ reader: StoreReader) throws -> ReconciliationInput {
        var ours = try reader.openOrders(broker: broker.id, account: broker.account)
        var known = Set(ours.map(\.clientOrderID))
        func add(_ order: ManagedOrder?) {
            if let order, known.insert(order.clientOrderID).inserted { ours.append(order) }
        }
        if !broker.capabilities.listsClientOrderIDs {
            // An order proven absent that surfaces late can only be told by its terms: it has to be among ours to be found.
            let reach = lists.orders.takenAt.advanced(bySeconds: -Self.lateArrivalSeconds)
            let filter = ListFilter(since: reach, states: [OrderState.expired.rawValue], broker: broker.id)
            for order in try reader.orders(filter) where order.isThoughtNeverArrived && order.account == broker.account
            {
                add(order)
            }
        }
        for listed in lists.orders.items {
            add(try reader.order(broker: broker.id, account: broker.account, brokerOrderID: listed.brokerOrderID))
            if let id = listed.clientOrderID { add(try reader.order(id)) }
        }
        for execution in lists.executions.items {
            add(try reader.order(broker: broker.id, account: broker.account, brokerOrderID: execution.brokerOrderID))
            if let id = execution.clientOrderID { add(try reader.order(id)) }
        }
        var fills: [Fill] = []
        for order in ours { fills += try reader.fills(order: order.clientOrderID) }
        let executions = try executions(booked: fills)
        return ReconciliationInput(
            broker: broker.id, account: broker.account, capabilities: broker.capabilities, now: beat.now, ours: ours,
            fills: fills, orders: lists.orders, executions: executions, executedBefore: executedBefore,
            restoredAt: try RestoreGuard.restoredAt(reader), splits: try splits(ours, reader),
            isUnsettled: try unsettled(ours, reader), holdsAsBooked: try agreeing(ours, reader))
    }

    /// The symbols of which the account holds what our books say. Only asked where the lists begin too late to show how an
    /// order of ours ended.
    private func agreeing(_ ours: [ManagedOrder], _ reader: StoreReader) throws -> @Sendable (Symbol) -> Bool {
        let begins = lists.orders.beginsAt != nil || lists.executions.beginsAt != nil
        guard begins, lists.positions.isComplete,
            ours.contains(where: { $0.state.mayBeLive && $0.brokerOrderID != nil })
        else { return { _ in false } }
        let ledger = try Ledger.fold(try reader.ledgerEntries(broker: broker.id))
        let differing = Set(comparison.positions(ours: held(ledger), theirs: lists.positions).compactMap(\.symbol))
        return { !differing.contains($0) }
    }

    /// The symbols of doubtful orders of which the account holds something else than our books say, or does not say what. Only
    /// asked where the lists have no better witness.
    private func unsettled(_ ours: [ManagedOrder], _ reader: StoreReader) throws -> @Sendable (Symbol) -> Bool {
        guard !broker.capabilities.listsExecutions, ours.contains(where: { $0.state == .inDoubt }) else {
            return { _ in false }
        }
        guard lists.positions.isComplete else { return { _ in true } }
        let ledger = try Ledger.fold(try reader.ledgerEntries(broker: broker.id))
        let differing = Set(comparison.positions(ours: held(ledger), theirs: lists.positions).compactMap(\.symbol))
        return { differing.contains($0) }
    }

    private func held(_ ledger: Ledger) -> [Symbol: Quantity] {
        Dictionary(
            ledger.positions(AccountKey(broker.id, broker.account)).filter { !$0.isFlat }
                .map { ($0.symbol, $0.quantity) }, uniquingKeysWith: { $1 })
    }

    /// The broker's list, or what the totals of its orders have grown by. It is computed under the write lock: whatever else
    /// has been booked of an order counts, by whomever.
    private func executions(booked fills: [Fill]) throws -> Snapshot<BrokerExecution> {
        guard !broker.capabilities.listsExecutions else { return lists.executions }
        return Snapshot(
            items: try TotalledExecutions.derive(
                from: lists.orders, booked: fills, before: executedBefore, totalsBefore),
            isComplete: lists.orders.isComplete, takenAt: lists.orders.takenAt, beginsAt: lists.orders.beginsAt)
    }

    /// What the account has booked, and what it lists and is booked in this round, of the symbols that have orders.
    private func splits(_ ours: [ManagedOrder], _ reader: StoreReader) throws -> [AccountSplit] {
        guard !ours.isEmpty else { return [] }
        let news = try lists.activities.items.filter { activity in
            try !reader.hasLedgerEvent(broker: broker.id, account: broker.account, externalID: activity.id)
        }
        let openedAt = try IncludedInOpening.load(broker, reader).openedAt
        return news.compactMap { ActivityBooking.split($0.kind, at: ActivityBooking.effective($0.at, openedAt)) }
            + (try ActivityBooking.bookedSplits(broker, reader))
    }

    /// A foreign order that makes no sense is no row of ours either; its executions are put aside with it.
    private func adopt(_ orders: [ManagedOrder], _ writer: StoreWriter) throws {
        let reports = orders.map { order in
            Quarantine.Report(
                what: "order \(order.brokerOrderID?.text ?? "?")", symbol: order.symbol,
                content: DocumentItems.order(order))
        }
        _ = try Quarantine(beat: beat, broker: broker).book(reports, in: writer) { index in
            try recorder.adopt(orders[index], in: writer)
            return true
        }
    }

    private func book(_ plan: ReconciliationPlan, _ writer: StoreWriter) throws {
        let reports = plan.newFills.map { fill in
            Quarantine.Report(
                what: "execution \(fill.executionID)", symbol: fill.symbol, content: DocumentItems.fill(fill))
        }
        let news = try Quarantine(beat: beat, broker: broker).book(reports, in: writer) { index in
            let fill = plan.newFills[index]
            let multiplier = beat.context.settings.instruments[fill.symbol]?.multiplier ?? .one
            return try writer.insertFill(fill, multiplier: multiplier)
        }
        for (fill, isNew) in zip(plan.newFills, news) where isNew {
            try writer.appendAudit(
                at: beat.now, actor: "\(broker.id)", kind: "fill", subject: fill.id, payload: DocumentItems.fill(fill))
            beat.context.log(
                .info, "fill",
                [
                    .init("fill_id", .string(fill.id)), .init("symbol", JSONValue(fill.symbol)),
                    .init("side", .string(fill.side.rawValue)), .init("quantity", JSONValue(fill.quantity)),
                    .init("price", JSONValue(fill.price)),
                ], stream: .orders)
        }
        for execution in plan.lateCosts { try bookCosts(of: execution, writer) }
        for execution in plan.busted {
            try writer.bustFill(broker: broker.id, account: broker.account, executionID: execution)
            try writer.appendAudit(
                at: beat.now, actor: "\(broker.id)", kind: "fill.busted",
                subject: "\(broker.id):\(broker.account):\(execution)", payload: [:])
        }
    }

    private func bookCosts(of execution: BrokerExecution, _ writer: StoreWriter) throws {
        let isNew = try writer.bookCosts(
            broker: broker.id, account: broker.account, executionID: execution.executionID, fee: execution.fee,
            tax: execution.tax)
        guard isNew else { return }
        let id = "\(broker.id):\(broker.account):\(execution.executionID)"
        try writer.appendAudit(
            at: beat.now, actor: "\(broker.id)", kind: "fill.costs", subject: id,
            payload: [
                "fee": JSONValue(execution.fee), "tax": JSONValue(execution.tax),
                "currency": JSONValue(execution.currency),
            ])
        beat.context.log(
            .info, "fill costs",
            [
                .init("fill_id", .string(id)), .init("symbol", JSONValue(execution.symbol)),
                .init("fee", JSONValue(execution.fee)), .init("tax", JSONValue(execution.tax)),
            ], stream: .orders)
    }

    private var comparison: BookComparison { BookComparison(broker: broker.id, account: broker.account) }

    private func differences(_ writer: StoreWriter) throws -> [BookDifference] {
        let entries = try writer.ledgerEntries()
        let ledger = try Ledger.fold(entries)
        let key = AccountKey(broker.id, broker.account)
        let cash = try ledger.cashByCurrency(key).mapValues(\.rounded)
        var orders: [ManagedOrder] = []
        for listed in lists.orders.items {
            if let order = try writer.order(
                broker: broker.id, account: broker.account, brokerOrderID: listed.brokerOrderID)
            {
                orders.append(order)
            }
        }
        return try comparison.positions(ours: held(ledger), theirs: lists.positions)
            + cashDifferences(cash, entries, writer)
            + comparison.executedQuantities(orders, lists.orders) + comparison.duplicates(lists.orders)
            + comparison.missing(try writer.openOrders(broker: broker.id, account: broker.account))
    }

    private func cashDifferences(
        _ cash: [Currency: FixedPoint], _ entries: [LedgerEntry], _ writer: StoreWriter
    ) throws -> [BookDifference] {
        guard broker.capabilities.reckonsCosts else { return comparison.cash(ours: cash, theirs: lists.cash) }
        let (agreements, executions) = (try CashAgreements(broker, writer), executionCounts(entries))
        let found = comparison.cash(ours: cash, theirs: lists.cash, reckoned: agreements.reckoned(executions))
        try agreements.note(
            ours: cash, theirs: lists.cash, executions, differing: Set(found.map(\.subject)), in: writer)
        return found
    }

    private func executionCounts(_ entries: [LedgerEntry]) -> [Currency: Int] {
        entries.reduce(into: [:]) { counts, entry in
            guard entry.broker == broker.id, entry.account == broker.account,
                case .fill(_, _, _, _, _, _, _, _, let currency) = entry.fact
            else { return }
            counts[currency, default: 0] += 1
        }
    }

    /// Without the differences that the broker's own delay explains: for a while after its acceptance an order may show in
    /// the positions and not in the executions, or the other way round, and cash has paid what an execution cost before the
    /// execution tells it. A break that is open already stays under observation.
    private func settled(
        _ found: [BookDifference], _ ours: [ManagedOrder], _ reader: StoreReader
    ) throws -> [BookDifference] {
        let delay = broker.capabilities.visibilityDelay
        let young = ours.filter { order in
            // One in doubt may be the difference: it is told of already, and settled first.
            if order.state == .inDoubt || order.state == .submitting { return true }
            return order.brokerOrderID != nil
                && lists.orders.takenAt < (order.acknowledgedAt ?? order.submittedAt).advanced(by: delay)
        }
        let awaited = Set(lists.executions.items.filter(\.awaitsCosts).map(\.currency.code))
        guard !young.isEmpty || !awaited.isEmpty, !found.isEmpty else { return found }
        let symbols = Set(young.map(\.symbol))
        let open = Set(try reader.openBreaks(broker: broker.id).map { "\($0.kind)|\($0.subject)" })
        return found.filter { difference in
            guard !open.contains("\(difference.kind.rawValue)|\(difference.subject)") else { return true }
            switch difference.kind {
            case .position, .missingFills: return difference.symbol.map { !symbols.contains($0) } ?? true
            case .cash: return young.isEmpty && !awaited.contains(difference.subject)
            case .missingOrder, .duplicateOrder, .changedActivity: return true
            }
        }
    }

    /// What was really compared: a list that came incomplete heals nothing. Two orders under one id, and
    /// an activity that changed, are a person's to close.
    private var comparedKinds: Set<String> {
        var kinds: Set<BookDifference.Kind> = []
        if lists.positions.isComplete { kinds.insert(.position) }
        if lists.cash.isComplete { kinds.insert(.cash) }
        if lists.orders.isComplete, lists.executions.isComplete { kinds.insert(.missingFills) }
        if lists.orders.isComplete { kinds.insert(.missingOrder) }
        return Set(kinds.map(\.rawValue))
    }

    private func recordBreaks(_ found: [BookDifference], _ writer: StoreWriter) throws {
        for difference in found {
            let isNew = try writer.upsertOpenBreak(
                kind: difference.kind.rawValue, broker: broker.id, account: broker.account, subject: difference.subject,
                symbol: difference.symbol, ours: difference.ours, theirs: difference.theirs, at: beat.now)
            guard isNew else { continue }
            let what = "\(difference.kind.rawValue) \(difference.subject) at \(broker.id)"
            try writer.appendAudit(
                at: beat.now, actor: "takt", kind: "break.opened", subject: what,
                payload: ["ours": .string(difference.ours), "theirs": .string(difference.theirs)])
            try AlertDesk(context: beat.context, now: beat.now).raise(
                key: "break:\(what)", severity: difference.kind == .missingOrder ? .critical : .error, kind: "break",
                title: "Books differ: \(what)",
                body: "Ours: \(difference.ours). Theirs: \(difference.theirs). \(Self.advice(difference))", in: writer)
        }
        try closeHealed(except: found, writer)
    }

    private static func advice(_ difference: BookDifference) -> String {
        guard difference.kind == .missingOrder else {
            let isHolding = [.position, .cash].contains(difference.kind)
            return "Nothing was adjusted; see `takt breaks`."
                + (isHolding ? " A transfer, interest or a fee is booked with `takt breaks book`." : "")
        }
        return "Nothing was concluded: it goes on counting as live, in limits and in what an exit of "
            + "\(difference.symbol?.text ?? "its symbol") may still close. Find out at the broker what became of it; `takt "
            + "orders settle \(difference.subject) --absent --reason ...` ends it."
    }

    private func closeHealed(except found: [BookDifference], _ writer: StoreWriter) throws {
        let open = Set(found.map { "\($0.kind.rawValue)|\($0.subject)" })
        let closed = try writer.closeBreaks(
            broker: broker.id, account: broker.account, except: open, kinds: comparedKinds, at: beat.now)
        for id in closed {
            try writer.appendAudit(
                at: beat.now, actor: "takt", kind: "break.closed", subject: "break \(id)", payload: ["id": .int(id)])
        }
    }
}
