public import Broker
public import Core
internal import GRDB

/// The embedded exchange: numbers orders, matches them against bars, keeps its own books in its own file.
///
/// All state is in the file; several processes may use it at once, each through an instance of its own. Every call
/// first books what has happened up to its time (see ``advance(to:)``), so the exchange needs no process of its own.
///
/// Orders are taken in the given order. Client order ids are not checked for repetition: a caller that sends twice gets
/// two orders, and sees it.
public final class PaperExchange: Sendable {
    public let configuration: PaperConfiguration
    private let store: PaperStore
    private let reader: TapeReader
    private let clock: any WallClock
    private let failpoints: Failpoints

    /// Opens the file, and the books with the configured cash when the file is new. Its folder must exist.
    public init(
        path: String, configuration: PaperConfiguration, feed: any PaperFeed, market: any PaperMarket,
        clock: any WallClock, failpoints: Failpoints = .none
    ) throws(PaperError) {
        self.configuration = configuration
        self.clock = clock
        self.failpoints = failpoints
        reader = TapeReader(feed: feed, market: market)
        store = try PaperStore(path: path, isDurable: configuration.isDurable)
        let opened = clock.now()
        let stored = try store.writeNow { db in try PaperState.open(configuration, at: opened, db) }
        guard stored == configuration.account else {
            throw .otherAccount(path: path, stored: stored, configured: configuration.account)
        }
    }

    // MARK: Orders

    /// Takes every order of the batch in one transaction: one durable commit, or none of them.
    public func submit(_ requests: [OrderRequest]) async -> [SubmitOutcome] {
        guard !requests.isEmpty else { return [] }
        let now = clock.now()
        let view: View
        do {
            view = try await look(at: now, for: requests.map(\.instrument.symbol))
        } catch {
            return requests.map { _ in .notSent(detail: "\(error)") }
        }
        do {
            let outcomes = try await store.write { [self] db in
                let old = try PaperState.load(db)
                var engine = try engine(old, view, now: max(now, old.bookedThrough), db)
                try engine.advance()
                let outcomes = takeOrLose(requests, &engine)
                try engine.state.save(over: old, db)
                failpoints.hit(.paperBeforeAccept)
                return outcomes
            }
            failpoints.hit(.paperAfterAccept)
            return outcomes
        } catch {
            return requests.map { _ in Self.failure(error) }
        }
    }

    /// What fails inside the transaction is rolled back, so nothing was taken; what SQLite reports may concern the commit.
    private static func failure(_ error: PaperError) -> SubmitOutcome {
        switch error {
        case .arithmetic, .damaged, .feed, .newerDatabase, .otherAccount: .notSent(detail: "\(error)")
        case .database: .unknown(detail: "\(error)")
        }
    }

    private func takeOrLose(_ requests: [OrderRequest], _ engine: inout PaperEngine) -> [SubmitOutcome] {
        var outcomes: [SubmitOutcome] = []
        for group in requests.together {
            guard group[0].handling.protects == nil else {
                outcomes.append(.rejected(code: "no-entry", message: "it protects an entry that did not come with it"))
                continue
            }
            outcomes += takeOrLose(together: group, &engine)
        }
        return outcomes
    }

    /// An order by itself, or an entry with what protects it: all of them, or none.
    private func takeOrLose(together group: [OrderRequest], _ engine: inout PaperEngine) -> [SubmitOutcome] {
        let before = engine.state
        let number = PaperNumber.order(before.nextOrder)
        let outcome = takeOrLose(group[0], protecting: nil, &engine)
        guard engine.state.orders.last?.id == number else { return group.map { _ in outcome } }
        var outcomes = [outcome]
        for exit in group.dropFirst() {
            let came = takeOrLose(exit, protecting: number, &engine)
            if case .rejected = came {
                let submissions = engine.state.submissions
                engine.state = before
                engine.state.submissions = submissions
                return group.map { _ in came }
            }
            outcomes.append(came)
        }
        return outcomes
    }

    private func takeOrLose(
        _ request: OrderRequest, protecting entry: BrokerOrderID?, _ engine: inout PaperEngine
    ) -> SubmitOutcome {
        engine.state.submissions += 1
        let count = engine.state.submissions
        if configuration.faults.contains(.dropBeforeAccept(count)) {
            return .unknown(detail: "order \(count) was lost on its way (fault injection)")
        }
        let outcome: SubmitOutcome
        let before = engine.state
        do {
            outcome = try engine.accept(request, protecting: entry)
        } catch {
            engine.state = before
            return .rejected(code: "amount-out-of-range", message: "\(error)")
        }
        if configuration.faults.contains(.dropAfterAccept(count)) {
            return .unknown(detail: "the answer to order \(count) was lost (fault injection)")
        }
        return outcome
    }

    /// Takes an order off the book at once, unless it is final.
    public func cancel(_ request: CancelRequest) async -> ChangeOutcome {
        await change(request.brokerOrderID, of: []) { engine in engine.cancel(request.brokerOrderID) }
    }

    /// Gives an order new prices at once, unless it is final.
    public func revise(_ request: RevisionRequest) async -> ChangeOutcome {
        await change(request.brokerOrderID, of: [request.instrument.symbol]) {
            engine throws(ArithmeticError) in try engine.revise(request)
        }
    }

    /// - Parameter change: `nil` for an order that is not open.
    private func change(
        _ id: BrokerOrderID, of symbols: [Symbol],
        _ change: @escaping @Sendable (inout PaperEngine) throws(ArithmeticError) -> ChangeOutcome?
    ) async -> ChangeOutcome {
        let now = clock.now()
        do {
            let view = try await look(at: now, for: symbols)
            return try await store.write { [self] db in
                let old = try PaperState.load(db)
                var engine = try engine(old, view, now: max(now, old.bookedThrough), db)
                try engine.advance()
                let outcome = try change(&engine)
                try engine.state.save(over: old, db)
                return try outcome ?? Self.refusal(of: id, db)
            }
        } catch .feed(let symbol, let detail) {
            return .notSent(detail: "\(PaperError.feed(symbol: symbol, detail: detail))")
        } catch {
            return .unknown(detail: "\(error)")
        }
    }

    private static func refusal(of id: BrokerOrderID, _ db: Database) throws -> ChangeOutcome {
        let sql = "SELECT status FROM orders WHERE number = ?"
        guard let number = PaperNumber.parse(id),
            let status = try String.fetchOne(db, sql: sql, arguments: [number])
        else { return .refused(code: "unknown-order", message: "there is no order \(id)") }
        return .refused(code: "too-late", message: "order \(id) is already \(status)")
    }

    // MARK: Time

    /// Books everything up to an instant: executions against the bars the feed knows, expiries, splits, dividends.
    ///
    /// Done once however often it is called; many small steps book the same as a large one; an instant before the last
    /// booking changes nothing. Costs one small read when no order is open and no corporate action is due.
    public func advance(to instant: Instant) async throws(PaperError) {
        let view = try await look(at: instant, for: [])
        guard view.hasWork, try changes(view, instant) else { return }
        let didChange = try await store.write { [self] db in
            let old = try PaperState.load(db)
            guard instant >= old.bookedThrough else { return false }
            var engine = try engine(old, view, now: instant, db)
            try engine.advance()
            let didChange = try engine.state.save(over: old, db)
            if didChange { failpoints.hit(.paperBeforeMatch) }
            return didChange
        }
        if didChange { failpoints.hit(.paperAfterMatch) }
    }

    /// Whether anything would be booked: usually not, and then nobody needs to wait for the file.
    private func changes(_ view: View, _ instant: Instant) throws(PaperError) -> Bool {
        guard let state = view.state, instant >= state.bookedThrough else { return false }
        var trial = engine(state, view, now: instant)
        do {
            try trial.advance()
        } catch {
            throw .arithmetic(error)
        }
        return trial.state != state
    }

    /// What a call has read before its transaction begins; the transaction itself never waits for bars.
    private struct View: Sendable {
        var tapes: [Symbol: BarTape] = [:]
        var prices: [String: Price] = [:]
        var dailySymbols: Set<Symbol> = []
        var hasWork = false
        var state: PaperState?
    }

    private func look(at now: Instant, for symbols: [Symbol]) async throws(PaperError) -> View {
        let state = try await store.read { db in try PaperState.load(db) }
        let now = max(now, state.bookedThrough)
        var view = View(state: state)
        let wanted = state.openSymbols.union(symbols.filter { configuration.instruments[$0] != nil })
        let due = engine(state, view, now: now).dueActions()
        view.hasWork = !state.openSymbols.isEmpty || !due.isEmpty
        view.dailySymbols = wanted.filter { reader.feed.timeframe($0).isDaily }
        for symbol in wanted.sorted() {
            let placed = state.orders.lazy.filter { $0.isOpen && $0.symbol == symbol }.map(\.placedAt).min()
            view.tapes[symbol] = try await reader.tape(
                symbol, earliest: placed ?? now, processed: state.cursors[symbol]?.closedThrough, now: now)
        }
        for (action, at) in due where !state.held(action.symbol).isZero {
            guard case .split = action.kind else { continue }
            view.prices[action.id] = try await reader.lastClose(action.symbol, before: at)
        }
        return view
    }

    /// The engine of a transaction, which knows what was traded since an action that became known late.
    private func engine(_ state: PaperState, _ view: View, now: Instant, _ db: Database) throws -> PaperEngine {
        var engine = engine(state, view, now: now)
        for (action, at) in engine.dueActions() {
            engine.tradedSince[action.id] = try PaperRows.traded(action.symbol, since: at, db)
        }
        return engine
    }

    private func engine(_ state: PaperState, _ view: View, now: Instant) -> PaperEngine {
        PaperEngine(
            rules: configuration, market: reader.market, dailySymbols: view.dailySymbols, tapes: view.tapes,
            prices: view.prices, state: state, now: now)
    }

    // MARK: Lists

    /// Orders placed or changed at or after `since`, and open ones, ascending by number.
    public func orders(since: Instant) async throws(PaperError) -> Snapshot<BrokerOrder> {
        let since = seen(since)
        return try await list { db, visible in
            let sql = """
                SELECT * FROM orders
                WHERE placed_at <= ? AND (updated_at >= ? OR status IN ('working', 'partially-filled'))
                ORDER BY number
                """
            return try Row.fetchAll(db, sql: sql, arguments: [visible.microseconds, since.microseconds])
                .map { try PaperRows.order($0).listed }
        }
    }

    /// Executions made or worked out at or after `since`, ascending by number.
    public func executions(since: Instant) async throws(PaperError) -> Snapshot<BrokerExecution> {
        let since = seen(since)
        let repeats = configuration.faults.contains(.duplicateExecutions)
        return try await list { db, visible in
            let sql = "SELECT * FROM executions WHERE filled_at <= ? AND recorded_at >= ? ORDER BY number"
            let items = try Row.fetchAll(db, sql: sql, arguments: [visible.microseconds, since.microseconds])
                .map { try PaperRows.fill($0).listed }
            return repeats ? items.flatMap { [$0, $0] } : items
        }
    }

    /// Positions that are not flat, by symbol.
    public func positions() async throws(PaperError) -> Snapshot<BrokerPosition> {
        try await list { db, _ in try PaperState.load(db).listedPositions }
    }

    /// The balance of every currency the account has seen.
    public func cash() async throws(PaperError) -> Snapshot<Money> {
        try await list { db, _ in
            try PaperState.load(db).cash.map { Money($0.value, $0.key) }.sorted { $0.currency < $1.currency }
        }
    }

    /// Deposits, dividends and splits at or after `since`.
    public func activities(since: Instant) async throws(PaperError) -> Snapshot<AccountActivity> {
        try await list { db, _ in
            let sql = "SELECT * FROM activities WHERE at >= ? OR recorded_at >= ? ORDER BY number"
            return try Row.fetchAll(db, sql: sql, arguments: [since.microseconds, since.microseconds])
                .map { try PaperRows.activity($0).listed }
        }
    }

    /// What was changed this long before could not be seen before `since`: whoever asks for news must get it.
    private func seen(_ since: Instant) -> Instant { since.advanced(by: .zero - configuration.visibilityDelay) }

    private func list<Item: Sendable>(
        _ query: @escaping @Sendable (Database, Instant) throws -> [Item]
    ) async throws(PaperError) -> Snapshot<Item> {
        let now = clock.now()
        try await advance(to: now)
        let delay = configuration.visibilityDelay
        let items = try await store.read { db in
            // A process whose clock is a little ahead may have booked beyond ours: what it did is there for all to see.
            let booked = try Int64.fetchOne(db, sql: "SELECT booked_through_at FROM account") ?? 0
            return try query(db, max(now, Instant(microseconds: booked)).advanced(by: .zero - delay))
        }
        guard configuration.faults.contains(.incompleteSnapshot) else {
            return Snapshot(items: items, isComplete: true, takenAt: now)
        }
        return Snapshot(items: Array(items.prefix(items.count / 2)), isComplete: false, takenAt: now)
    }

    // MARK: The exchange's own books

    /// Everything the exchange has on record, without delay or faults.
    ///
    /// - Parameter isAdvanced: Whether it trades up to now first. Whoever only looks leaves it as it stands: a look that
    ///   fills orders would change what it looks at.
    public func books(advanced isAdvanced: Bool = true) async throws(PaperError) -> PaperBooks {
        let now = clock.now()
        if isAdvanced { try await advance(to: now) }
        return try await store.read { [self] db in
            let state = try PaperState.load(db)
            return try PaperBooks(state, engine(state, View(), now: now, db), takenAt: now, db)
        }
    }

    /// Closes the books for good and opens new ones with the configured cash. Order, execution and activity numbers go
    /// on.
    public func reset() async throws(PaperError) {
        let now = clock.now()
        try await store.write { [configuration] db in try PaperState.reset(configuration, at: now, db) }
    }
}
