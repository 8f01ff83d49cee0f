internal import Broker
internal import Core
internal import Execution
internal import Ledger
internal import Store
internal import Settings

/// Compares orders, fills, positions and cash with every broker, settles what is in doubt, and records what does not fit.
struct ReconcileStep: Step {
    let name = StepName.reconcile

    /// How far before the last success the lists are read again: late and corrected executions are still found.
    private static let overlap: Duration = .seconds(86_400)
    /// A list that disagrees with our books is read once more before a break is believed: a fill may have come in between.
    private static let rounds = 2
    /// How long a run waits for its own second look.
    private static let patience: Duration = .seconds(15)

    func hasNewWork(_ beat: Beat) throws -> Bool {
        try beat.context.store.read { reader in
            // An order that is acknowledged or being cancelled has not been seen in a list since: it may be filled by now.
            try !reader.orders(states: [.submitting, .inDoubt, .cancelInDoubt, .cancelling, .acknowledged]).isEmpty
                || !reader.ordersUnderRevision(beat.context).isEmpty
                || TurnedAwayOrders.areWaiting(beat.context, reader)
                || beat.context.brokers.values.contains { try Self.forgets($0, beat, reader) }
        }
    }

    /// Whether something may still come at a broker whose lists tell their own day only. What is executed there after the day's
    /// last bar is in no list of the next day: such a broker is compared once a bar, however often its last one was, for as long
    /// as an order of the account may be executed, or the costs of an execution of the day are missing.
    private static func forgets(_ broker: any Broker, _ beat: Beat, _ reader: StoreReader) throws -> Bool {
        guard
            let begins = try reader.meta(ReconciliationWriter.beginKey(broker)).flatMap({ Instant(rfc3339: $0) }),
            let seen = try reader.meta(ReconciliationWriter.watermarkKey(broker)).flatMap({ Instant(rfc3339: $0) }),
            beat.now >= seen.advanced(bySeconds: Int64(beat.profile.timeframe.seconds))
        else { return false }
        if try reader.openOrders(broker: broker.id, account: broker.account).contains(where: \.state.mayBeLive) {
            return true
        }
        return try reader.fills(ListFilter(since: begins, broker: broker.id)).contains {
            $0.account == broker.account && !$0.isBusted && $0.fee.isZero && $0.tax.isZero
        }
    }

    /// The brokers are the same for all profiles.
    var isShared: Bool { true }

    func run(_ beat: Beat) async throws -> StepResult {
        var summary = Summary()
        var failures: [StepFailure] = []
        for id in beat.context.brokers.keys.sorted() {
            guard let broker = beat.context.brokers[id] else { continue }
            try beat.context.stop.checkpoint()
            // One broker's trouble must not keep the others from being looked at.
            do { try await reconcile(broker, beat, &summary) } catch {
                guard let failure = Self.trouble(error) else { throw error }
                failures.append(failure)
                try tellOfSilence(of: broker, beat, failure)
            }
        }
        if !beat.isDryRun { try mark(beat) }
        return try result(beat, summary, failures)
    }

    private static func trouble(_ error: any Error) -> StepFailure? {
        switch error {
        case let error as BrokerError: StepFailure(describing: error)
        case let error as StoreError: StepFailure(describing: error)
        case let error as LedgerError: StepFailure(describing: error)
        case let error as ArithmeticError: StepFailure(describing: error)
        default: nil
        }
    }

    /// How many beats a broker's lists may fail before somebody is told: one failure is the next beat's to mend.
    private static let patientBeats: Int64 = 3

    /// A broker that cannot be reconciled leaves our books behind: fills are missing in them, and so are stop-losses.
    private func tellOfSilence(of broker: any Broker, _ beat: Beat, _ failure: StepFailure) throws {
        guard !beat.isDryRun else { return }
        try beat.context.store.write(durable: true) { writer in
            let seen = try writer.meta(ReconciliationWriter.watermarkKey(broker)).flatMap { Instant(rfc3339: $0) }
            let patience = Self.patientBeats * Int64(beat.profile.timeframe.seconds)
            guard let seen, beat.now >= seen.advanced(bySeconds: patience) else { return }
            try writer.setMeta(Self.staleKey(broker), seen.description)
            try AlertDesk(context: beat.context, now: beat.now).raise(
                key: "reconcile-failing:\(broker.id)", severity: .error, kind: "reconcile-failing",
                title: "\(broker.id) has not been reconciled since \(seen)",
                body: "\(failure.message) Our books are of \(seen): what was filled since is not in them, and is not "
                    + "watched. \(failure.hint)",
                fields: ["broker": JSONValue(broker.id), "code": .string(failure.code)],
                in: writer)
        }
    }

    private static func staleKey(_ broker: any Broker) -> String { "reconcile-failing:\(broker.id):\(broker.account)" }

    /// When the broker was reconciled last, if that has failed for some beats since. One success ends it.
    static func staleSince(_ broker: any Broker, _ reader: StoreReader) throws -> Instant? {
        guard let text = try reader.meta(staleKey(broker)), let since = Instant(rfc3339: text),
            try reader.meta(ReconciliationWriter.watermarkKey(broker)) == text
        else { return nil }
        return since
    }

    struct Summary {
        var fills = 0
        var external = 0
        var settled = 0
        var neverArrived = 0
        var notes: [String] = []
        /// What the last round found about orders that stay in doubt.
        var unsettled: [BrokerID: [String]] = [:]
        /// The lists that came incomplete in the last round.
        var incomplete: [BrokerID: [String]] = [:]
    }

    private func reconcile(_ broker: any Broker, _ beat: Beat, _ summary: inout Summary) async throws {
        if !beat.isDryRun, let note = try await AccountOpening(context: beat.context, now: beat.now).ensure(broker) {
            summary.notes.append(note)
        }
        try recoverOrphans(of: broker, beat)
        if !beat.isDryRun { try tellOfOtherAccounts(of: broker, beat, &summary) }
        for round in 1...Self.rounds {
            if beat.isDryRun { return }
            let lists = try await BrokerLists.fetch(from: broker, since: try since(broker, beat))
            beat.context.failpoints.hit(.reconcileAfterFetch)
            beat.context.failpoints.hit(.reconcileBeforeWrite)
            let breaks = try beat.context.store.write(durable: true) { writer in
                let included = try IncludedInOpening.load(broker, writer)
                return try ReconciliationWriter(
                    beat: beat, broker: broker, lists: included.removed(from: lists),
                    executedBefore: included.executed, totalsBefore: included.totals
                ).apply(in: writer, summary: &summary, isLastRound: round == Self.rounds)
            }
            beat.context.failpoints.hit(.reconcileAfterWrite)
            // A second round is only needed for a proof of absence, or to let a race between the lists settle.
            let doubtful = try beat.context.store.read { try $0.orders(states: [.inDoubt], profile: nil) }
            if breaks == 0, !doubtful.contains(where: { $0.broker == broker.id && $0.account == broker.account }) {
                break
            }
            // The second proof of an absence has to come a visibility delay after the first; a longer one is the next run's.
            let spacing = broker.capabilities.visibilityDelay
            if round != Self.rounds, spacing > .zero, spacing <= Self.patience {
                try await beat.context.clock.sleep(for: spacing)
            }
        }
    }

    /// Orders and positions in an account that is not the configured one any more: nobody can look at them, no exit of theirs
    /// can go out, and they go on counting.
    private func tellOfOtherAccounts(of broker: any Broker, _ beat: Beat, _ summary: inout Summary) throws {
        let others = try beat.context.store.read { try $0.openOrders(broker: broker.id) }
            .filter { $0.account != broker.account }
        let held = try beat.context.store.read { reader -> [LedgerPosition] in
            guard try reader.accounts(of: broker.id).contains(where: { $0 != broker.account }) else { return [] }
            return try Ledger.fold(try reader.ledgerEntries(broker: broker.id)).openPositions
                .filter { $0.account != broker.account }
        }
        let accounts = Set(others.map(\.account) + held.map(\.account)).sorted()
        for account in accounts {
            let orders = others.filter { $0.account == account }
            let positions = held.filter { $0.account == account }.map { "\($0.quantity) \($0.symbol)" }
            let note =
                "\(orders.count) open order(s) and \(positions.isEmpty ? "no position" : positions.joined(separator: ", ")) "
                + "are in the account \(account) of \(broker.id), which is configured as \(broker.account) now: they are not "
                + "reconciled, not cancelled and not closed"
            summary.notes.append(note)
            try beat.context.store.write(durable: true) { writer in
                try AlertDesk(context: beat.context, now: beat.now).raise(
                    key: "other-account:\(broker.id):\(account)", severity: .error, kind: "other-account",
                    title: "Orders or positions in another account of \(broker.id)",
                    body: note + ". Configure that account again until they are final and flat.", in: writer)
            }
        }
    }

    /// Rows at `submitting` whose process is gone. Only the holder of a profile's submit lock may own one.
    private func recoverOrphans(of broker: any Broker, _ beat: Beat) throws {
        let orphans = try beat.context.store.read { try $0.orders(states: [.submitting]) }.filter {
            $0.broker == broker.id && $0.account == broker.account
        }
        for (profile, orders) in Dictionary(grouping: orphans, by: \.profile) where !beat.isDryRun {
            let owner = profile ?? beat.profile.name
            let holder = "process \(beat.context.process.pid) settling orphans of \(owner)"
            guard
                case .acquired(let lock) = try StepLock.acquire(
                    path: beat.context.submitLockPath(owner), holder: holder)
            else { continue }
            try withExtendedLifetime(lock) {
                try OrphanRecovery(context: beat.context).markInDoubt(orders)
            }
        }
    }

    /// The lists are read from well before the last success and before the oldest order that may be live.
    private func since(_ broker: any Broker, _ beat: Beat) throws -> Instant {
        try beat.context.store.read { reader in
            let key = ReconciliationWriter.watermarkKey(broker)
            let last = try reader.meta(key).flatMap { Instant(rfc3339: $0) } ?? Instant(epochSeconds: 0)
            let open = try reader.openOrders(broker: broker.id, account: broker.account)
            let oldest = open.map(\.submittedAt).min() ?? last
            let since = min(last, oldest).advanced(by: .zero - Self.overlap)
            // Never further back than the opening looked: what lies before is in the opening balances.
            let horizon = try IncludedInOpening.load(broker, reader).horizon
            return horizon.map { max(since, $0) } ?? since
        }
    }

    /// One mark of the equity curve per cycle.
    private func mark(_ beat: Beat) throws {
        try beat.context.store.write(durable: false) { writer in
            try OpeningValuation.settle(beat.context, at: beat.now, in: writer)
            let books = try Books.load(
                writer, settings: beat.context.settings, calendars: beat.context.calendars, at: beat.now)
            guard books.portfolio.isComplete, try OpeningValuation.pending(beat.context, writer).isEmpty else { return }
            // A late rerun does not rewrite what stood at the cycle's own time.
            if beat.missedItsWindow,
                try !writer.equityMarks(ListFilter(profile: beat.profile.name)).filter({ $0.cycle == beat.cycle })
                    .isEmpty
            {
                return
            }
            try EquityMarks.record(books, beat, in: writer)
        }
    }

    private func result(_ beat: Beat, _ summary: Summary, _ failures: [StepFailure]) throws -> StepResult {
        try beat.context.store.read { reader in
            // What is still being submitted belongs to a living process: nobody's lock was to be had, and nothing is in doubt.
            let doubtful = try reader.orders(states: [.inDoubt, .cancelInDoubt])
            let breaks = try reader.breaks(ListFilter(states: ["open"]))
            let members: [JSONValue.Member] = [
                .init("fills", .int(Int64(summary.fills))), .init("settled", .int(Int64(summary.settled))),
                .init("never_arrived", .int(Int64(summary.neverArrived))),
                .init("external_orders", .int(Int64(summary.external))), .init("in_doubt", .int(Int64(doubtful.count))),
                .init("breaks", .int(Int64(breaks.count))),
            ]
            let items = breaks.map(DocumentItems.bookBreak)
            if !doubtful.isEmpty {
                var result = StepResult.doubtful(doubtful, members, items)
                result.warnings =
                    summary.notes + failures.map(\.message)
                    + summary.unsettled.sorted { $0.key < $1.key }.flatMap(\.value)
                return result
            }
            if let failure = failures.first {
                return StepResult(
                    .partial, summary: members, items: items, warnings: failures.dropFirst().map(\.message),
                    failure: failure, exitCode: failure.exitCode)
            }
            guard breaks.isEmpty else {
                let failure = StepFailure(
                    code: "breaks", message: "\(breaks.count) difference(s) between our books and a broker's.",
                    hint: "Nothing was adjusted. See `takt breaks`; find the missing trade or transfer, today.",
                    isRetryable: false, exitCode: .breaksFound)
                return StepResult(.partial, summary: members, items: items, failure: failure, exitCode: .breaksFound)
            }
            let incomplete = summary.incomplete.sorted { $0.key < $1.key }.flatMap { broker, lists in
                lists.map { "\($0) of \(broker)" }
            }
            guard incomplete.isEmpty else {
                let failure = StepFailure(
                    code: "lists-incomplete",
                    message: "Lists came incomplete: \(incomplete.joined(separator: ", ")).",
                    hint:
                        "What they showed is booked; nothing was concluded from what they lack. The next beat reads on.",
                    isRetryable: true, exitCode: .unavailable)
                return StepResult(.partial, summary: members, items: items, failure: failure, exitCode: .unavailable)
            }
            return StepResult(.succeeded, summary: members, items: items, warnings: summary.notes)
        }
    }
}

/// One round of a broker's lists.
struct BrokerLists: Sendable {
    var orders: Snapshot<BrokerOrder>
    let executions: Snapshot<BrokerExecution>
    let positions: Snapshot<BrokerPosition>
    let cash: Snapshot<Money>
    let activities: Snapshot<AccountActivity>

    /// The names of the lists that did not come to their end.
    var incomplete: [String] {
        let marks = [
            ("orders", orders.isComplete), ("executions", executions.isComplete), ("positions", positions.isComplete),
            ("cash", cash.isComplete), ("activities", activities.isComplete),
        ]
        return marks.filter { !$0.1 }.map(\.0)
    }

    /// Orders are read before executions and balances last: what happens in between shows as an execution too many, which
    /// is booked, never as one too few.
    static func fetch(from broker: any Broker, since: Instant) async throws(BrokerError) -> BrokerLists {
        let orders = try await broker.orders(since: since)
        let executions = try await broker.executions(since: since)
        let activities = try await broker.activities(since: since)
        // What the order lists have shown is booked whatever becomes of the balances.
        let positions = try await orNone(at: orders.takenAt) { () async throws(BrokerError) in
            try await broker.positions()
        }
        let cash = try await orNone(at: orders.takenAt) { () async throws(BrokerError) in try await broker.cash() }
        return BrokerLists(
            orders: orders, executions: executions, positions: positions, cash: cash, activities: activities)
    }
}

extension BrokerLists {
    /// An incomplete list of nothing, where the broker cannot tell just now.
    private static func orNone<Item: Sendable>(
        at now: Instant, _ read: () async throws(BrokerError) -> Snapshot<Item>
    ) async throws(BrokerError) -> Snapshot<Item> {
        do { return try await read() } catch {
            guard case .unavailable = error else { throw error }
            return Snapshot(items: [], isComplete: false, takenAt: now)
        }
    }
}

/// Marks orders that a dead process left half sent.
struct OrphanRecovery {
    let context: CycleContext

    /// The owner's lock must be held: only then it is certain that whoever sent them is gone.
    func markInDoubt(_ orders: [ManagedOrder]) throws {
        guard !orders.isEmpty else { return }
        // The time under the lock, not of the step's start: the owner may have sent and died in between.
        let now = context.clock.now()
        try context.store.write(durable: true) { writer in
            let recorder = OrderRecorder(context: context, now: now)
            // Read again under the lock: the owner may have recorded its answers just before it ended.
            for stale in orders {
                guard let order = try writer.order(stale.clientOrderID), order.state == .submitting else { continue }
                let reason = Reason(
                    code: "process-died", message: "the process that was sending it ended before an answer was recorded"
                )
                let doubtful = OrderMachine.apply(.outcomeUnknown(reason), to: order, at: now)
                try recorder.record(doubtful, before: order, in: writer)
                context.log.order("in doubt after a crash", doubtful)
            }
        }
    }
}
