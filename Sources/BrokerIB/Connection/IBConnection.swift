internal import Core
internal import Sockets

/// A connection to TWS or IB Gateway: ``IBSession`` decides, this carries it out. It connects, keeps connected until it is
/// closed, writes at the pace the gateway allows, and puts answers to questions.
///
/// It lives from ``open(within:)`` to ``close()``; whoever opens it closes it, since its reader keeps it alive until then.
public actor IBConnection {
    nonisolated let configuration: IBConfiguration
    nonisolated let clock: IBClock
    /// What answers no request, for one reader. When it is not read, it holds ``IBConnectionLimits/events`` of them, and
    /// then says how many were lost.
    nonisolated let events: AsyncStream<IBEvent>
    private let eventSink: AsyncStream<IBEvent>.Continuation
    private let tell: @Sendable (IBNotice) -> Void

    private(set) var session: IBSession
    public private(set) var traffic = IBTraffic()
    private var unreported = 0
    /// Takes events in the place of ``events``, if there is one. It holds no connection.
    private var sink: (any IBEventSink)?

    // MARK: The connection of the moment

    /// Of the connection that is being made, or is there: what belongs to an earlier one is nobody's.
    private var generation = 0
    private var socket: TCPClient?
    private var frames = FrameReader()
    /// From the moment on that there is a version.
    private var decoder: IBDecoder?
    private var queue = OutgoingQueue()
    /// What the frames that wait in the queue are, by their tickets.
    private var purposes: [Int: Purpose] = [:]
    private var isWriting = false

    // MARK: Who waits

    var correlator = IBCorrelator()
    var answers: [IBQuestion: CheckedContinuation<IBAnswer, Never>] = [:]
    /// The requests that are out and have no id: they may have to be sent once more.
    var asked: [IBQuestion: [UInt8]] = [:]
    /// Those who wait until a list that has no id is free to be asked for.
    var turns: [IBQuestion: [CheckedContinuation<Void, Never>]] = [:]
    private var openings: [Int: Opening] = [:]
    private var openingID = 0
    var requestIDs = RequestIDs()
    /// `nil` before the gateway has told the first one.
    var orderIDs: OrderIDs?
    var historicalPacing = HistoricalPacing()
    var commissions = IBCommissions()
    var placements = IBPlacements()
    /// Who waits for what becomes of an order, by its id.
    var fates: [Int64: @Sendable (IBPlacements.Fate) -> Void] = [:]
    private var ticker: Task<Void, Never>?
    /// Why the gateway was not there, last.
    private var lastTrouble = IBConnection.untried
    static let untried = "it was not tried yet"

    enum Purpose { case question(IBQuestion), order(Int64) }

    private struct Opening {
        let deadline: Duration
        let continuation: CheckedContinuation<IBFailure?, Never>
    }

    /// - Parameter tell: Is told in a sentence what becomes of the connection; never of orders or accounts.
    public init(
        _ configuration: IBConfiguration, clock: IBClock, tell: @escaping @Sendable (IBNotice) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.clock = clock
        self.tell = tell
        var limits = configuration.limits.session
        limits.attempts = configuration.attempts
        session = IBSession(
            clientID: configuration.clientID, calendar: configuration.limits.calendar, limits: limits)
        (events, eventSink) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(configuration.limits.events))
        commissions = IBCommissions(limit: configuration.limits.commissions)
    }

    // MARK: Life

    /// Connects, and returns when the gateway has let us in.
    ///
    /// - Throws: ``IBFailure/notConnected(detail:)`` when it is certain that nothing comes of it, or after that time; it goes on
    ///   trying in that case until ``close()``.
    public func open(within limit: Duration = .seconds(60)) async throws(IBFailure) {
        if ticker == nil, session.state == .idle {
            startTicking()
            perform(session.start(at: clock.moment))
        }
        guard session.welcome == nil else { return }
        guard session.state != .stopped else { throw .notConnected(detail: lastTrouble) }
        openingID += 1
        let (id, deadline) = (openingID, clock.uptime() + limit)
        let failure = await withTaskCancellationHandler {
            await withCheckedContinuation { openings[id] = Opening(deadline: deadline, continuation: $0) }
        } onCancel: {
            // The handler cannot wait for the actor; the task does one call and is over.
            Task { await self.giveUpOpening(id) }
        }
        if let failure { throw failure }
    }

    /// Ends the connection. Whoever waits for an answer is told that it does not come.
    public func close() async {
        let socket = self.socket
        perform(session.cancel(), because: "the connection was closed")
        ticker?.cancel()
        ticker = nil
        eventSink.finish()
        await socket?.close()
    }

    /// The accounts of the login; none unless the gateway is there.
    public var accounts: [String] { session.welcome?.accounts ?? [] }
    public var isReady: Bool { session.welcome != nil }
    /// Whether an order that is sent now has a chance to reach IB.
    var mayPlaceOrders: Bool { session.mayPlaceOrders }
    /// Whether nothing is known that IB's answers to look-ups could suffer from.
    var reachesEverything: Bool { session.health.hasLink && session.health.brokenFarms.isEmpty }
    /// How far the gateway's own clock is ahead of UTC; `nil` while that is not known.
    var gatewayOffset: Duration? { session.gatewayOffset }
    var trouble: String { lastTrouble }
    /// What keeps orders from being sent, as the operator is to read it.
    var whyNoOrders: String { session.welcome != nil && session.health.isReadOnly ? Self.readOnly : lastTrouble }

    private static let readOnly =
        "the gateway is set to take no orders. In TWS or IB Gateway, under Configuration, API, Settings, clear 'Read-Only API'"

    /// Everything that waits is looked at from here. The task is held by the connection and ends with it.
    private func startTicking() {
        ticker = Task { [weak self, clock, configuration] in
            while await clock.sleep(configuration.limits.tick) {
                guard let self else { return }
                await self.tick()
            }
        }
    }

    private func tick() {
        perform(session.tick(at: clock.moment))
        let now = clock.uptime()
        finish(correlator.expire(at: now))
        for (id, fate) in placements.expire(at: now) { fates.removeValue(forKey: id)?(fate) }
        for (id, opening) in openings where now >= opening.deadline {
            openings[id] = nil
            opening.continuation.resume(returning: .notConnected(detail: lastTrouble))
        }
        sink?.flush()
    }

    // MARK: What the session wants

    /// - Parameter reason: Why a connection ends, for those who wait for answers; the session's own words where it has some.
    private func perform(_ actions: [IBSession.Action], because reason: String = "") {
        for action in actions {
            switch action {
            case .connect: connect()
            case .sendHello: enqueue(Hello.ofClient())
            case .startAPI(let version, let clientID):
                decoder = IBDecoder(version: version)
                enqueue(try? StartAPIRequest(clientID: clientID).frame(for: version))
            case .askTime: enqueue(session.welcome.flatMap { try? CurrentTimeRequest().frame(for: $0.version) })
            case .close: drop(Self.words(of: actions) ?? reason)
            case .subscribe: emit(.subscribe)
            case .subscribeAccountValues: emit(.subscribeAccountValues)
            case .reconcile: emit(.reconcile)
            case .slowDown: queue.refused(at: clock.uptime())
            case .tell(let news): heard(news)
            }
        }
    }

    private static func words(of actions: [IBSession.Action]) -> String? {
        for case .tell(let news) in actions {
            switch news {
            case .disconnected(let detail, _, _), .loginMissing(let detail, _): return detail
            case .resting, .clientIDInUse, .stopped: return news.sentence
            case .ready, .linkLost, .linkStillLost, .linkRestored, .farmBroken, .farmStillBroken, .farmSound,
                .competingSession, .accountUpdatesLost, .readOnly, .tooFast, .clocksDiffer:
                continue
            }
        }
        return nil
    }

    /// From here on events go there, each as it comes, and not into ``events``.
    func attach(_ sink: any IBEventSink) { self.sink = sink }

    private func heard(_ news: IBSessionNews) {
        tell(IBNotice(news))
        sink?.told(news)
        switch news {
        case .ready(let welcome):
            traffic.connections += 1
            let used = max(configuration.usedOrderID, (orderIDs?.nextID ?? 1) - 1)
            orderIDs = OrderIDs(welcome: welcome, used: used)
            correlator.opened(at: clock.uptime())
            opened(nil)
        case .stopped:
            lastTrouble = news.sentence
            opened(.notConnected(detail: lastTrouble))
        case .disconnected, .resting, .loginMissing, .clientIDInUse, .linkLost, .readOnly:
            lastTrouble = news.sentence
        case .linkStillLost, .linkRestored, .farmBroken, .farmStillBroken, .farmSound, .competingSession,
            .accountUpdatesLost, .tooFast, .clocksDiffer:
            break
        }
    }

    private func opened(_ failure: IBFailure?) {
        for opening in openings.values { opening.continuation.resume(returning: failure) }
        openings = [:]
    }

    private func giveUpOpening(_ id: Int) {
        openings.removeValue(forKey: id)?.continuation.resume(returning: .cancelled)
    }

    private func emit(_ event: IBEvent) {
        if let sink { return sink.take(event) }
        if unreported > 0, case .enqueued = eventSink.yield(.missed(unreported)) { unreported = 0 }
        if case .dropped = eventSink.yield(event) {
            unreported += 1
            traffic.missedEvents += 1
        }
    }

    // MARK: The socket

    /// The task that connects has its deadline in the socket's limits, and its outcome counts only while nothing newer began.
    private func connect() {
        generation += 1
        let (generation, configuration) = (generation, configuration)
        Task {
            var limits = TCPLimits()
            limits.connecting = configuration.limits.session.step
            limits.sending = configuration.limits.sending
            limits.gathering = configuration.limits.gathering
            do throws(SocketError) {
                let socket = try await TCPClient.connect(
                    to: configuration.host, port: configuration.port, limits: limits)
                await connected(socket, generation)
            } catch {
                connectFailed("\(error)", generation)
            }
        }
    }

    private func connected(_ socket: TCPClient, _ generation: Int) async {
        guard generation == self.generation, self.socket == nil else { return await socket.close() }
        self.socket = socket
        frames = FrameReader()
        decoder = nil
        perform(session.connected(at: clock.moment))
        // It ends with the connection it reads.
        Task { await read(socket, generation) }
    }

    private func connectFailed(_ detail: String, _ generation: Int) {
        guard generation == self.generation else { return }
        perform(session.connectFailed(detail, at: clock.moment))
    }

    private func read(_ socket: TCPClient, _ generation: Int) async {
        while generation == self.generation, let event = await socket.next() {
            guard generation == self.generation else { return }
            switch event {
            case .bytes(let bytes): received(bytes, generation)
            case .ended(let end): ended("\(end)", generation)
            }
        }
    }

    private func ended(_ detail: String, _ generation: Int) {
        guard generation == self.generation else { return }
        drop(detail)
        perform(session.closed(detail, at: clock.moment))
    }

    /// Nothing more is read or written here, and nobody waits for it any more.
    private func drop(_ detail: String) {
        generation += 1
        let socket = self.socket
        self.socket = nil
        decoder = nil
        isWriting = false
        _ = queue.close()
        purposes = [:]
        historicalPacing.reconnected()
        finish(correlator.lost(detail))
        for (id, fate) in placements.lost(detail) { fates.removeValue(forKey: id)?(fate) }
        // Closing waits for the other end; nobody here has to.
        if let socket { Task { await socket.close() } }
    }

    // MARK: Reading

    private enum Incoming {
        case hello(Hello.OfServer?)
        case message(IBMessage)
        case fault(IBMessageFault)
    }

    private func received(_ bytes: [UInt8], _ generation: Int) {
        defer { sink?.flush() }
        frames.append(bytes)
        do throws(FrameFault) {
            while generation == self.generation, try frames.advance() {
                switch frames.withBody({ body in decode(body) }) {
                case .hello(let hello): perform(session.greeted(hello, at: clock.moment))
                case .message(let message): take(message)
                case .fault(let fault):
                    session.heard(at: clock.moment)
                    correlator.faulted(fault)
                    emit(.fault(fault))
                }
            }
        } catch {
            ended("it sent bytes that are no frames: \(error)", generation)
        }
    }

    private func decode(_ body: UnsafeBufferPointer<UInt8>) -> Incoming {
        guard decoder != nil else { return .hello(Hello.OfServer(body)) }
        do throws(IBMessageFault) {
            guard let message = try decoder?.decode(body) else { return .hello(nil) }
            if case .unknown = message { traffic.unknown += 1 } else { traffic.decoded += 1 }
            return .message(message)
        } catch {
            traffic.faults += 1
            return .fault(error)
        }
    }

    private func take(_ message: IBMessage) {
        if case .openOrder(let order) = message, !order.isWhatIf { orderIDs?.seen(order.orderID) }
        if case .orderStatus(let status) = message { orderIDs?.seen(status.orderID) }
        if case .nextValidID(let answer) = message { orderIDs?.answered(answer) }
        if case .commission(let commission) = message { commissions.add(commission) }
        let generation = generation
        perform(session.received(message, at: clock.moment))
        guard generation == self.generation else { return }
        if !session.health.hasLink { correlator.linkLost() }
        let (finished, isTaken) = correlator.received(message)
        finish(finished)
        repeatQuestions()
        if case .error(let notice) = message, notice.code == 103, let id = notice.id, !RequestIDs.contains(id) {
            // The order is looked for before anything is sent again; what comes after it needs an id that is free. Where the
            // queue is full, the next order fails too.
            do throws(IBFailure) { try send(IDsRequest(), "reqIds") } catch {}
        }
        if let (id, fate) = placements.received(message, clientID: Int64(configuration.clientID)) {
            fates.removeValue(forKey: id)?(fate)
        }
        if !isTaken { emit(.message(message)) }
    }

    // MARK: Writing

    /// What the session itself says: it has nothing in it that could not be written, and goes before everything else.
    private func enqueue(_ frame: [UInt8]?) {
        guard let frame else { return }
        do throws(OutgoingQueue.Full) {
            _ = try enqueue(frame, .order, deadline: clock.uptime() + configuration.limits.session.step)
        } catch {}  // a thousand orders wait: they are sign of life enough
    }

    /// - Returns: The ticket, to be given its purpose before anything else happens.
    @discardableResult
    func enqueue(
        _ frame: [UInt8], _ urgency: OutgoingQueue.Urgency, deadline: Duration, for purpose: Purpose? = nil
    ) throws(OutgoingQueue.Full) -> Int {
        let ticket = try queue.add(frame, urgency, deadline: deadline)
        purposes[ticket] = purpose
        guard !isWriting else { return ticket }
        isWriting = true
        let generation = generation
        // It ends when nothing waits, or with the connection.
        Task { await write(generation) }
        return ticket
    }

    /// Writes what waits, the urgent first, and no faster than the gateway allows.
    private func write(_ generation: Int) async {
        while generation == self.generation, let socket {
            for late in queue.expired(at: clock.uptime()) { returned(late.ticket) }
            switch queue.next(at: clock.uptime()) {
            case .idle:
                isWriting = false
                return
            case .wait(let pause):
                // What comes meanwhile may be more urgent, and allowed at once.
                _ = await clock.sleep(min(pause, Self.glance))
            case .send(let entry):
                traffic.sent += 1
                switch purposes.removeValue(forKey: entry.ticket) {
                case .question(let question)?: correlator.sent(question)
                case .order(let id)?: placements.sent(id)
                case nil: break
                }
                do throws(SocketError) { try await socket.send(entry.frame) } catch {
                    return ended("\(error)", generation)
                }
            }
        }
    }

    /// How long a writer that waits looks away.
    private static let glance = Duration.milliseconds(25)

    /// A frame that has missed its time: it never left this machine.
    private func returned(_ ticket: Int) {
        switch purposes.removeValue(forKey: ticket) {
        case .question(let question)?: finish(correlator.unsent(question))
        case .order(let id)?:
            if let fate = placements.unsent(id) { fates.removeValue(forKey: id)?(fate) }
        case nil: break
        }
    }
}
