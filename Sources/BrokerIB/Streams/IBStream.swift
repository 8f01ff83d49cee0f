public import Core
public import Sessions
internal import Synchronization

/// What a stream needs to know.
public struct IBStreamConfiguration: Sendable {
    /// What bars of five seconds are made into: whole numbers of minutes, up to an hour.
    public var timeframes: [Timeframe] = [.fiveMinutes, .fifteenMinutes]
    /// Whether the five seconds are told too.
    public var tellsSlices = true
    /// Lines of market data: quotes and bars of five seconds together. IB gives 100, to all programs and windows of a user.
    public var lines = 100
    /// Bars that are kept up to date, at a time. IB allows 50 open requests.
    public var keptBars = 40
    /// The zone that the gateway was logged in with, of times that name none.
    public var loginZone = ZoneRules.named("America/New_York") ?? .utc
    public var calendars = CalendarBook.embedded
    /// So many quotes, trades and values wait for a slow reader, then the oldest is dropped; and so many bars and news.
    public var waitingEvents = 8192
    /// How often the day's executions are listed at least.
    public var listing = Duration.seconds(60)
    /// How often time is looked at, and what is wanted.
    public var pace = Duration.milliseconds(200)

    public init() {}
}

/// What has come and gone so far.
public struct IBStreamCounts: Hashable, Sendable {
    public internal(set) var connections = 0
    public internal(set) var messages = 0
    public internal(set) var events = 0
    public internal(set) var executions = 0
    /// Messages that could not be read.
    public internal(set) var faults = 0
}

/// Live data from Interactive Brokers: prices, bars, executions, orders and accounts as typed events.
///
/// ``run()`` keeps it alive until its task is cancelled or the connection gives up; ``events`` has one reader. It survives
/// everything that the connection survives: what is wanted is asked for anew on each new connection and after 1101, and the
/// day's executions are listed whenever one may have gone unseen. No execution is dropped.
///
/// Executions and orders come live to the client that placed the order, and to a master client; those of others are found by
/// listing executions, at once when a holding of a subscribed account changes, and every minute.
///
/// The connection is its own from ``run()`` on, and is closed at the end.
public final class IBStream: Sendable {
    private let configuration: IBStreamConfiguration
    private let connection: IBConnection
    private let contracts: IBContracts
    private let clock: IBClock
    private let core: StreamCore
    private let buffer: IBStreamBuffer

    public var events: IBStreamEvents { IBStreamEvents(buffer: buffer) }
    public var counts: IBStreamCounts { core.read { $0.counts } }
    /// What is subscribed now, the most important first.
    public var subscribed: [IBSubscription] { core.read { $0.book.active } }
    /// Wanted, and without room.
    public var unserved: [IBSubscription] { core.read { $0.book.unserved } }

    /// - Parameter connection: Of the role ``IBClientRole/stream``; not opened yet, and used by nobody else.
    public init(
        _ connection: IBConnection, wanted: [IBWantedSubscription],
        configuration: IBStreamConfiguration = IBStreamConfiguration()
    ) {
        self.configuration = configuration
        self.connection = connection
        contracts = IBContracts(connection)
        clock = connection.clock
        buffer = IBStreamBuffer(limit: configuration.waitingEvents)
        var rules = StreamDesk.Rules()
        rules.timeframes = configuration.timeframes
        rules.tellsSlices = configuration.tellsSlices
        rules.loginZone = configuration.loginZone
        rules.calendars = configuration.calendars
        rules.listing = configuration.listing
        rules.book.lines = configuration.lines
        rules.book.histories = configuration.keptBars
        core = StreamCore(StreamDesk(rules: rules, buffer: buffer), clock: connection.clock)
        core.change { $0.want(wanted) }
    }

    /// Replaces what is wanted; subscriptions are made and ended at IB's pace.
    public func want(_ wanted: [IBWantedSubscription]) { core.change { $0.want(wanted) } }

    /// Connects, subscribes, reads, and connects again, until the task is cancelled or the connection gives up; then the events
    /// end. To be called once.
    public func run() async {
        await connection.attach(core)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await open() }
            group.addTask { [self] in await keepSubscribed() }
            group.addTask { [self] in await keepListed() }
            while !core.read({ $0.stop != nil }), await clock.sleep(configuration.pace) {
                core.change { $0.tick(at: $1) }
                buffer.flush()
            }
            group.cancelAll()
        }
        await connection.close()
        buffer.finish(.news(.stopped(core.read { $0.stop } ?? .cancelled)))
    }

    /// The connection goes on trying by itself; only its end ends the stream.
    private func open() async {
        do throws(IBFailure) { try await connection.open() } catch {
            guard await !connection.isTrying else { return }
            core.change { $0.stopped("\(error)") }
        }
    }

    // MARK: Subscriptions

    private func keepSubscribed() async {
        repeat {
            if core.takesPause() { await connection.slowHistory() }
            var left = Self.commandsAtOnce
            while left > 0, let command = core.nextCommand() {
                left -= 1
                switch command {
                case .cancel(let subscription, let id):
                    await connection.end(subscription, id: id)
                    core.change { $0.cancelled(subscription, id: id) }
                case .ask(let wanted, let feed): await ask(wanted, feed: feed)
                }
            }
            if left == Self.commandsAtOnce { core.change { $0.tellWithoutRoom() } }
        } while await clock.sleep(configuration.pace)
    }

    /// At the usual pace some thirty a second, which leaves room for others in the connection's fifty.
    private static let commandsAtOnce = 6

    private func ask(_ wanted: IBWantedSubscription, feed: IBFeed) async {
        let subscription = wanted.subscription
        var contract: IBContract?
        if let instrument = wanted.instrument {
            do throws(IBFailure) {
                let listed = try await contracts.contract(of: instrument)
                core.change { $0.learned(listed, of: instrument) }
                contract = listed.contract
            } catch {
                return core.change { desk, now in
                    if error.isRetryable {
                        desk.book.postpone(subscription, for: Self.lookUpRest, at: now.uptime)
                    } else {
                        desk.refuses(subscription, code: 200, "\(error)")
                    }
                }
            }
        }
        switch await connection.ask(wanted, feed: feed, contract, for: core) {
        case .sent, .unwanted: break
        case .wait(let pause):
            core.change { $0.book.postpone(subscription, for: pause, at: $1.uptime) }
        case .notConnected:
            core.change { $0.book.postpone(subscription, for: .zero, at: $1.uptime) }
        case .impossible(let detail): core.change { $0.refuses(subscription, code: 0, detail) }
        }
    }

    /// A contract that could not be looked up is asked for again after that.
    private static let lookUpRest = Duration.seconds(10)

    // MARK: Executions

    private func keepListed() async {
        repeat {
            guard core.takesListing() else { continue }
            var list: IBList<IBCostedExecution>?
            do throws(IBFailure) { list = try await connection.executions() } catch {}  // told as incomplete
            core.change { $0.listed(list?.items ?? [], isComplete: list?.isComplete ?? false, at: $1) }
        } while await clock.sleep(configuration.pace)
    }
}

/// The desk behind a lock: the connection puts events in from its own isolation, the stream's tasks the rest.
final class StreamCore: IBEventSink {
    private struct State {
        var desk: StreamDesk
        /// The time of the piece of the network's that is being read: a clock is not asked for each tick.
        var moment: StreamDesk.Moment?
    }

    private let state: Mutex<State>
    private let clock: IBClock
    private let buffer: IBStreamBuffer

    init(_ desk: StreamDesk, clock: IBClock) {
        buffer = desk.buffer
        state = Mutex(State(desk: desk))
        self.clock = clock
    }

    private var now: StreamDesk.Moment {
        let moment = clock.moment
        return StreamDesk.Moment(wall: moment.wall, uptime: moment.uptime)
    }

    func read<Value: Sendable>(_ look: (StreamDesk) -> Value) -> Value { state.withLock { look($0.desk) } }

    func change(_ work: (inout StreamDesk, StreamDesk.Moment) -> Void) {
        let now = now
        state.withLock { work(&$0.desk, now) }
        buffer.flush()
    }

    func change(_ work: (inout StreamDesk) -> Void) { change { desk, _ in work(&desk) } }

    // MARK: The connection's side

    func take(_ event: IBEvent) {
        state.withLock { state in
            let moment = state.moment ?? now
            state.moment = moment
            state.desk.take(event, at: moment)
        }
    }

    func told(_ news: IBSessionNews) { change { $0.told(news, at: $1) } }

    func flush() {
        state.withLock { $0.moment = nil }
        buffer.flush()
    }

    // MARK: The stream's side

    func nextCommand() -> SubscriptionBook.Command? {
        let uptime = clock.uptime()
        return state.withLock { $0.desk.isConnected ? $0.desk.book.next(at: uptime) : nil }
    }

    /// Whether IB has complained about the pace of bars since this was asked last.
    func takesPause() -> Bool {
        state.withLock { state in
            defer { state.desk.wasTooFast = false }
            return state.desk.wasTooFast
        }
    }

    func takesListing() -> Bool {
        let uptime = clock.uptime()
        return state.withLock { $0.desk.takesListing(at: uptime) }
    }

    func asks(_ wanted: IBWantedSubscription, feed: IBFeed, id: Int64) -> Bool {
        let now = now
        return state.withLock { $0.desk.asks(wanted, feed: feed, id: id, at: now) }
    }

    /// - Returns: What the gateway has to be told first; `nil` where it delivers that already.
    func changesType(to type: IBMarketDataType) -> IBMarketDataType? {
        state.withLock { state in
            guard state.desk.dataType != type else { return nil }
            state.desk.dataType = type
            return type
        }
    }
}
