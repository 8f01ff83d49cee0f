internal import Core
internal import MarketData
internal import Sessions

/// All that a stream knows: what is subscribed, and what is being put together. The connection's events in, the stream's events
/// into the buffer; no socket, no clock and no task.
struct StreamDesk: Sendable {
    struct Rules: Sendable {
        var timeframes: [Timeframe] = []
        var tellsSlices = true
        var loginZone = ZoneRules.utc
        var calendars = CalendarBook.embedded
        var book = SubscriptionBook.Limits()
        /// Executions are listed again so often at least: those of other clients' orders are told nowhere else.
        var listing = Duration.seconds(60)
        /// After a list that was not whole, and after a message that could not be read.
        var listingAgain = Duration.seconds(5)
        /// Between two lists at least.
        var listingGap = Duration.seconds(1)
        /// An account whose values another program took is asked for again after that.
        var accountRest = Duration.seconds(60)
    }

    /// When something happens.
    struct Moment: Sendable {
        let wall: Instant
        let uptime: Duration
    }

    struct Name: Hashable, Sendable {
        let symbol: Symbol
        let magnifier: Int64
    }

    let rules: Rules
    let buffer: IBStreamBuffer
    var book: SubscriptionBook
    private(set) var isConnected = false
    private(set) var stop: IBStreamStop?
    /// What the gateway was told to deliver last; live on each new connection.
    var dataType = IBMarketDataType.live
    /// The lists of executions that are wanted: from then on.
    private var listingDue: Duration?
    private var listedAt: Duration?
    /// What was told of this connection already: the same trouble is not told with every message.
    private var toldFaults: Set<IBMessageFault> = []
    /// What the next wish of the session's to subscribe is about.
    private var renewal = Renewal.doubtful
    private var hasLostLink = false

    private enum Renewal {
        /// Lines that have fallen silent.
        case doubtful
        /// All, and the gateway knows of none: a new connection, and 1101.
        case unknown
        /// All, and the gateway may know of them: the link is back that was lost on an earlier connection.
        case known
    }

    // MARK: What is being put together

    /// By the number of the contract.
    var names: [Int64: Name] = [:]
    var contracts: [Symbol: IBListedContract] = [:]
    var quotes: [Int64: QuoteLine] = [:]
    /// When bars of five seconds were asked for that have not brought any yet, by request.
    var fresh: [Int64: Duration] = [:]
    /// Bars outlive the connection: the one that it broke off in is told, as incomplete.
    var slices: [Symbol: SliceBars] = [:]
    var kept: [IBSubscription: KeptBars] = [:]
    var executions: ExecutionBook
    var orders: OrderBook
    var holdings: [AccountID: [Int64: Quantity]] = [:]
    /// Accounts of which all holdings have been told once on this connection.
    var toldAccounts: Set<AccountID> = []
    var unreliable: Set<String> = []
    /// Lines of which nothing has been heard since they were asked for, or fell silent.
    var unheard: Set<Int64> = []
    /// Lines that bring nothing while another session of the user has the market data.
    var silenced: Set<IBSubscription> = []
    /// IB has complained about the pace of requests for bars.
    var wasTooFast = false
    private var toldWithoutRoom: [IBSubscription] = []
    private(set) var counts = IBStreamCounts()

    init(rules: Rules, buffer: IBStreamBuffer) {
        self.rules = rules
        self.buffer = buffer
        book = SubscriptionBook(limits: rules.book)
        executions = ExecutionBook(loginZone: rules.loginZone)
        orders = OrderBook()
    }

    mutating func tell(_ event: IBStreamEvent) {
        counts.events += 1
        if !buffer.put(event) { stop = stop ?? .unread(executions: 20_000) }
    }

    mutating func tell(_ news: IBStreamNews) { tell(.news(news)) }

    // MARK: The connection

    /// What the connection says about itself.
    mutating func told(_ news: IBSessionNews, at now: Moment) {
        switch news {
        case .ready:
            isConnected = true
            renewal = .unknown
            hasLostLink = false
            toldFaults = []
            dataType = .live
            counts.connections += 1
            tell(.connected)
        case .disconnected, .resting, .loginMissing, .clientIDInUse: disconnected(news.sentence)
        case .stopped(let reason):
            disconnected(news.sentence)
            stop = stop ?? (reason == .cancelled ? .cancelled : .connection(detail: news.sentence))
        case .linkLost(let sentence, _):
            hasLostLink = true
            stale(1100, sentence)
        case .linkStillLost: tell(.stale(code: 1100, detail: news.sentence))
        case .linkRestored(let sentence, _):
            renewal = hasLostLink ? .unknown : .known
            hasLostLink = false
            distrustSlices(at: now)
            tell(.sound(code: 1102, detail: sentence))
        case .farmBroken(_, let sentence): stale(2103, sentence)
        case .farmStillBroken: tell(.stale(code: 2103, detail: news.sentence))
        case .farmSound:
            distrustSlices(at: now)
            tell(.sound(code: 2104, detail: news.sentence))
        case .competingSession(let sentence, _): stale(10197, sentence)
        case .readOnly(let sentence): tell(.notice(code: 321, detail: sentence))
        case .tooFast(let sentence): tell(.notice(code: 100, detail: sentence))
        case .clocksDiffer: tell(.notice(code: 49, detail: news.sentence))
        case .accountUpdatesLost: break  // what is done about it is told
        }
    }

    /// The connection has ended, and not told why.
    mutating func stopped(_ detail: String) { stop = stop ?? .connection(detail: detail) }

    private mutating func disconnected(_ detail: String) {
        if isConnected { forget() }
        isConnected = false
        tell(.disconnected(detail: detail))
        interrupt()
    }

    private mutating func stale(_ code: Int, _ detail: String) {
        tell(.stale(code: code, detail: detail))
        interrupt()
    }

    private mutating func interrupt() {
        for subscription in kept.keys { kept[subscription]?.interrupted() }
    }

    /// The five seconds in which data comes again may be a part.
    private mutating func distrustSlices(at now: Moment) {
        for subscription in book.active {
            if case .bars = subscription, let id = book.entry(subscription)?.id { fresh[id] = now.uptime }
        }
    }

    /// The gateway knows of no subscription.
    private mutating func forget() {
        book.restart(isKnown: false)
        quotes = [:]
        fresh = [:]
        toldAccounts = []
        unheard = []
        silenced = []
    }

    // MARK: Events

    mutating func take(_ event: IBEvent, at now: Moment) {
        switch event {
        case .message(let message): take(message, at: now)
        case .fault(let fault):
            counts.faults += 1
            if toldFaults.count < 256, toldFaults.insert(fault).inserted {
                tell(.messageRefused(detail: fault.description))
            }
            listExecutions(at: max(now.uptime, (listedAt ?? now.uptime - rules.listingAgain) + rules.listingAgain))
        case .subscribe:
            switch renewal {
            case .doubtful: book.renewDoubtful()
            case .unknown: forget()
            case .known: book.restart(isKnown: true)
            }
            renewal = .doubtful
        case .subscribeAccountValues: accountLost(at: now)
        case .reconcile:
            renewal = .doubtful
            tell(.reconcile)
            listExecutions(at: now.uptime)
        case .missed(let count):
            tell(.noticesDropped(count))
            listExecutions(at: now.uptime)
        }
    }

    private mutating func take(_ message: IBMessage, at now: Moment) {
        counts.messages += 1
        switch message {
        case .tickPrice(let tick): took(quotes[tick.requestID]?.take(tick, at: now.wall), tick.requestID)
        case .tickSize(let tick): took(quotes[tick.requestID]?.take(tick, at: now.wall), tick.requestID)
        case .tickString(let tick): took(quotes[tick.requestID]?.take(tick, at: now.wall), tick.requestID)
        case .tickGeneric(let tick): took(quotes[tick.requestID]?.take(tick, at: now.wall), tick.requestID)
        case .tickParameters(let terms): heard(terms.requestID)
        case .marketDataType(let notice): told(notice)
        case .realTimeBar(let bar): take(bar, at: now)
        case .historicalData(let data): take(data, at: now)
        case .historicalDataUpdate(let update): take(update, at: now)
        case .execution(let execution): take(execution, at: now.wall)
        case .commission(let commission):
            if let told = executions.charged(commission, at: now.wall) { tell(.execution(told)) }
        case .orderStatus(let status): if let told = orders.told(status, at: now.wall) { tell(.order(told)) }
        case .openOrder(let order): if !order.isWhatIf { orders.shown(order) }
        case .profitAndLoss(let profit): take(profit, at: now.wall)
        case .singleProfitAndLoss(let profit): take(profit, at: now.wall)
        case .accountValue(let value): take(value, at: now.wall)
        case .portfolioValue(let value): take(value, at: now)
        case .accountDownloadEnd(let end):
            heard(account: end.account)
            toldAccounts.insert(AccountID(end.account))
            tell(.accountTold(AccountID(end.account)))
        case .error(let notice): take(notice, at: now)
        case .tickOption, .tickSnapshotEnd, .managedAccounts, .nextValidID, .currentTime, .accountUpdateTime,
            .accountSummary, .accountSummaryEnd, .position, .positionEnd, .contractDetails, .contractDetailsEnd,
            .openOrderEnd, .executionsEnd, .completedOrder, .completedOrdersEnd, .orderBound, .unknown:
            break
        }
    }

    private mutating func took(_ event: IBStreamEvent?, _ id: Int64) {
        heard(id)
        if let event { tell(event) }
    }

    /// The line brings something.
    mutating func heard(_ id: Int64) {
        guard !unheard.isEmpty, unheard.remove(id) != nil, let subscription = book.subscription(id) else { return }
        if book.heard(subscription) { tell(.subscribed(subscription)) }
        guard silenced.remove(subscription) != nil, silenced.isEmpty else { return }
        tell(.sound(code: 10197, detail: "market data comes again: the other session has let it go"))
    }

    // MARK: Executions

    /// The day's executions are to be listed.
    mutating func listExecutions(at time: Duration) { listingDue = min(listingDue ?? time, time) }

    /// Whether they are to be listed now. Whoever asks lists them, and says how it went.
    mutating func takesListing(at now: Duration) -> Bool {
        guard isConnected, let due = listingDue, now >= due, listedAt.map({ now - $0 >= rules.listingGap }) ?? true
        else { return false }
        listingDue = nil
        listedAt = now
        return true
    }

    mutating func listed(_ items: [IBCostedExecution], isComplete: Bool, at now: Moment) {
        let before = counts.executions
        for item in items {
            take(item.execution, at: now.wall)
            if let commission = item.commission, let told = executions.charged(commission, at: now.wall) {
                tell(.execution(told))
            }
        }
        tell(.executionsListed(isComplete: isComplete, new: counts.executions - before))
        listExecutions(at: now.uptime + (isComplete ? rules.listing : rules.listingAgain))
    }

    mutating func take(_ execution: IBExecution, at now: Instant) {
        let name = names[execution.contract.conID]
        let told = executions.executed(
            execution, symbol: name?.symbol, magnifier: name?.magnifier ?? 1, at: now)
        guard let told else { return }
        counts.executions += 1
        tell(.execution(told))
    }

    // MARK: Time

    /// Time passes; a few times a second.
    mutating func tick(at now: Moment) {
        for symbol in slices.keys {
            guard let made = slices[symbol]?.advance(to: now.wall), !made.isEmpty else { continue }
            tell(made, of: symbol, at: now.wall)
        }
    }

    /// What there is no room for, if that has changed; to be called when nothing is being asked for.
    mutating func tellWithoutRoom() {
        let unserved = isConnected ? book.unserved : []
        guard unserved != toldWithoutRoom else { return }
        toldWithoutRoom = unserved
        tell(.withoutRoom(unserved))
    }
}
