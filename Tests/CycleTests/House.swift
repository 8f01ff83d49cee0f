import Broker
import Core
import Decision
import Features
import GRDB
import Ledger
import MarketData
import Risk
import Sessions
import Settings
import Store
import Synchronization
import TestSupport

@testable import Cycle

extension Symbol {
    static let nvda = Symbol("NVDA")
    static let pltr = Symbol("PLTR")
    static let aapl = Symbol("AAPL")
}

extension ProfileName {
    static let first = ProfileName("us-5m")
    static let second = ProfileName("us-b")
}

/// An installation in a folder of its own: one scripted broker, two profiles, a clock that stands until it is set.
///
/// The first bar of the day that matters closes at `Instant.fixture`, 10:35 in New York; the clock starts a second later.
struct House {
    let folder: TemporaryFolder
    let clock: ManualClock
    let broker: FakeBroker
    /// A second broker, without orders of its own unless a test gives it some.
    let other: FakeBroker?
    let store: StateDatabase
    let context: CycleContext

    init(
        listsClientOrderIDs: Bool = true, reckonsCosts: Bool = false, visibilityDelay: Duration = .seconds(30),
        cash: Int = 100_000,
        positions: [Symbol: Quantity] = [:], handling: Set<String> = [], allowsShort: Bool = false, risk: String = "",
        moreSymbols: String = "",
        moreTrading: String = "", agents: String = "buy-and-hold", decision: String = "",
        consultEvery: Int = 10, consultant: (any RiskConsultant)? = nil, bars: ScriptedBars? = nil,
        otherBroker: BrokerID? = nil, environment: [String: String] = [:],
        log: StepLog = .none, stop: StopSignal = .never
    ) throws {
        folder = try TemporaryFolder("takt-cycle")
        clock = ManualClock(Instant.fixture.advanced(bySeconds: 1))
        let capabilities = BrokerCapabilities(
            listsClientOrderIDs: listsClientOrderIDs, reckonsCosts: reckonsCosts, visibilityDelay: visibilityDelay,
            requestDeadline: .seconds(10),
            clockTolerance: .seconds(2), orderTypes: ["market", "limit", "stop", "stop-limit"],
            timesInForce: Set(TimeInForce.allCases), handling: handling, allowsShort: allowsShort)
        broker = FakeBroker(
            clock: clock, capabilities: capabilities, cash: FixedPoint(cash), positions: positions)
        other = otherBroker.map { [clock] id in
            FakeBroker(id, clock: clock, capabilities: capabilities, cash: FixedPoint(cash), positions: positions)
        }
        let settings = try Self.settings(
            home: folder.path, risk: risk, moreSymbols: moreSymbols, moreTrading: moreTrading, agents: agents,
            decision: decision, consultEvery: consultEvery)
        try FileWriting.createFolder(settings.paths.state)
        store = try StateDatabase.open(at: settings.paths.database, now: clock.now())
        context = CycleContext(
            settings: settings, store: store, clock: clock, calendars: .embedded,
            brokers: Dictionary(uniqueKeysWithValues: ([broker] + (other.map { [$0] } ?? [])).map { ($0.id, $0) }),
            barSource: { [store] _ in if let bars { bars } else { HeldBars(store: store) } }, channels: [],
            consultant: consultant, failpoints: .none, log: log,
            environment: Environment(environment), process: ProcessIdentity(pid: 1, host: "test", user: "tester"),
            version: "0.0.0", stop: stop)
    }

    /// - Parameters:
    ///   - moreSymbols: Lines of symbols.yaml beside the three that the profiles trade.
    ///   - moreTrading: Lines of trading.yaml beside the profiles, such as parameters of agents.
    ///   - decision: More of `decision`, such as `, cooldown_bars: 3`.
    static func settings(
        home: String, risk: String, moreSymbols: String = "", moreTrading: String = "",
        agents: String = "buy-and-hold", decision: String = "", consultEvery: Int = 10
    ) throws -> Settings {
        let trading = """
            trading:
              base_currency: USD
              claude_consultation_frequency: \(consultEvery)
              profiles:
                us-5m: {symbols: [NVDA, PLTR], timeframe: 5m, broker: paper, agents: [\(agents)], bars: imported}
                us-b: {symbols: [AAPL], timeframe: 5m, broker: paper, agents: [buy-and-hold], bars: imported}
            decision: {buffer_bars: 5\(decision)}
            orders:
              position_sizing: {method: fixed, quantity: 100}
            paper: {fx: {KRW: "0.001"}}
            """
        let symbols = """
            symbols:
              NVDA: {name: NVIDIA, market: US, exchange: XNAS, currency: USD, tick_size: "0.01"}
              PLTR: {name: Palantir, market: US, exchange: XNAS, currency: USD, tick_size: "0.01"}
              AAPL: {name: Apple, market: US, exchange: XNAS, currency: USD, tick_size: "0.01"}
            """
        let loader = SettingsLoader(
            knownExchanges: Set(CalendarBook.embedded.exchanges.map(\.text)), knownZones: Set(ZoneRules.known))
        let texts = ConfigurationTexts(
            trading: "\(trading)\n\(moreTrading)\n", risk: risk.isEmpty ? nil : "risk_limits: {\(risk)}\n",
            symbols: "\(symbols)\n\(moreSymbols)\n")
        return try loader.load(texts: texts, environment: Environment([:]), home: home)
    }

    // MARK: The beat

    /// The cycle so many bars after the first.
    func cycle(_ number: Int = 0, profile: ProfileName = .first) -> CycleID {
        CycleID(profile: profile, barClose: Instant.fixture.advanced(bySeconds: Int64(number) * 300))
    }

    func profile(_ name: ProfileName = .first) throws -> Profile {
        guard let profile = context.settings.profile(named: name) else { throw MissingThing(name: name.text) }
        return profile
    }

    func beat(_ cycle: CycleID) throws -> Beat {
        Beat(context: context, cycle: cycle, profile: try profile(cycle.profile), now: clock.now())
    }

    @discardableResult
    func run(_ step: StepName, _ cycle: CycleID? = nil, isForced: Bool = false) async throws -> StepDocument {
        let cycle = cycle ?? self.cycle()
        return await TradingCycle(context: context, profile: try profile(cycle.profile), isForced: isForced)
            .run(step, cycle: cycle)
    }

    func runAll(
        from first: StepName = .fetchBars, until last: StepName = .alert, _ cycle: CycleID? = nil
    ) async throws -> CycleDocument {
        let cycle = cycle ?? self.cycle()
        return await TradingCycle(context: context, profile: try profile(cycle.profile))
            .run(from: first, until: last, cycle: cycle)
    }

    /// Opens the account in the books, as the first beat does.
    func openAccount() async throws {
        let now = clock.now()
        _ = try await AccountOpening(context: context, now: now).ensure(broker)
        // The opening waits a visibility delay between its looks; the tests count from before.
        clock.set(now)
    }

    /// Moves the clock to so many seconds after the first bar's close.
    func moveTo(_ seconds: Int64) { clock.set(Instant.fixture.advanced(bySeconds: seconds)) }

    // MARK: What is put in

    /// One flat bar; bar 0 is the one that closes at `Instant.fixture`.
    func putBar(_ symbol: Symbol, number: Int = 0, close: Price = Price(100)) throws {
        let openAt = Instant.fixture.advanced(bySeconds: Int64(number - 1) * 300)
        try store.write(durable: false) { writer in
            _ = try writer.upsertBars(symbol, .fiveMinutes, [.fixture(openAt: openAt, close: close)])
        }
    }

    @discardableResult
    func put(_ intent: OrderIntent) throws -> OrderIntent {
        try store.write(durable: true) { writer in _ = try writer.insertIntent(intent) }
        return intent
    }

    /// An intent of a cycle, as `decide` (proposed) or `risk-check` (approved) would have left it.
    func intent(
        _ symbol: Symbol = .nvda, number: Int = 0, profile: ProfileName = .first, purpose: OrderPurpose = .entry,
        side: Side = .buy, type: OrderType = .market, quantity: Quantity = Quantity(100),
        state: OrderState = .approved, attempt: Int = 1
    ) -> OrderIntent {
        let cycle = cycle(number, profile: profile)
        return .fixture(
            cycle: cycle, symbol: symbol, purpose: purpose, side: side, type: type, quantity: quantity, state: state,
            attempt: attempt, createdAt: cycle.barClose, expiresAt: cycle.barClose.advanced(bySeconds: 300))
    }

    func wish(_ kind: OperatorOrder, _ scope: String) throws {
        try store.write(durable: true) { writer in
            _ = try writer.addOperatorOrder(
                kind: kind, scope: scope, reason: "wanted", by: "operator", at: clock.now())
        }
    }

    /// Changes the state database behind its back, as a hand or a failing disk would.
    func meddle(_ sql: String) throws { try DatabaseQueue(path: store.path).write { try $0.execute(sql: sql) } }

    // MARK: What is there

    func intent(_ id: IntentID) throws -> OrderIntent {
        guard let intent = try store.read({ try $0.intent(id) }) else { throw MissingThing(name: id.text) }
        return intent
    }

    func order(_ id: ClientOrderID) throws -> ManagedOrder {
        guard let order = try store.read({ try $0.order(id) }) else { throw MissingThing(name: id.text) }
        return order
    }

    func alerts(_ kind: String) throws -> [StoredAlert] {
        try store.read { try $0.alerts() }.filter { $0.kind == kind }
    }

    func audit(_ kind: String) throws -> [AuditEntry] { try store.read { try $0.auditEntries(kind: kind) } }

    func fills() throws -> [Fill] { try store.read { try $0.fills() } }

    func pending(_ kind: OperatorOrder) throws -> [String] {
        try store.read { try $0.pendingOperatorOrders(kind: kind) }.map(\.scope)
    }

    /// Dollars, by our books.
    func cash() throws -> FixedPoint {
        let entries = try store.read { try $0.ledgerEntries() }
        return try Ledger.fold(entries).cash(.usd).rounded
    }
    func position(_ symbol: Symbol) throws -> Quantity {
        let books = try store.read {
            try Books.load($0, settings: context.settings, calendars: context.calendars, at: clock.now())
        }
        return books.ledger.position(symbol, broker: broker.id, account: broker.account)?.quantity ?? .zero
    }
}

struct MissingThing: Error { let name: String }

/// The bars that the store holds, as `import-bars` leaves them.
struct HeldBars: BarSource {
    let store: StateDatabase
    var kind: BarSourceKind { .imported }

    func bars(
        _ instrument: Instrument, _ timeframe: Timeframe, from: Instant, until: Instant
    ) async throws(BarSourceError) -> [Bar] {
        do { return try store.read { try $0.bars(instrument.symbol, timeframe, from: from, until: until) } } catch {
            throw .unavailable(instrument.symbol, reason: "\(error)")
        }
    }
}

/// A broker's bars, as a test writes them.
final class ScriptedBars: BarSource {
    let kind: BarSourceKind
    private let answers = Mutex<[Symbol: [Bar]]>([:])
    private let errors = Mutex<[Symbol: BarSourceError]>([:])
    private let answersInFull = Mutex(false)
    private let asked = Mutex<[Range<Instant>]>([])

    init(_ kind: BarSourceKind = .kis) { self.kind = kind }

    func set(_ symbol: Symbol, _ bars: [Bar]) { answers.withLock { $0[symbol] = bars } }
    /// From now on the symbol is answered with the error, or again with its bars.
    func fail(_ symbol: Symbol, _ error: BarSourceError?) { errors.withLock { $0[symbol] = error } }
    /// Answers with all its bars, whatever was asked.
    func answerInFull() { answersInFull.withLock { $0 = true } }
    var ranges: [Range<Instant>] { asked.withLock { $0 } }

    func bars(
        _ instrument: Instrument, _ timeframe: Timeframe, from: Instant, until: Instant
    ) async throws(BarSourceError) -> [Bar] {
        asked.withLock { $0.append(from..<until) }
        if let error = errors.withLock({ $0[instrument.symbol] }) { throw error }
        let answer = answers.withLock { $0[instrument.symbol] ?? [] }
        return answersInFull.withLock { $0 } ? answer : answer.filter { from <= $0.openAt && $0.openAt < until }
    }
}

extension StepDocument {
    func count(_ key: String) -> Int64? { json["summary"]?[key]?.intValue }
    var reason: String? { json["reason"]?.stringValue }
}
