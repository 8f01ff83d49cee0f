internal import Core

/// The gateway without sockets: a client's bytes in, bytes for clients out. Time is what the last control said; only
/// messages a second and the pacing of historical data are counted by a watch.
struct SimulatedGateway: Sendable {
    /// The gateway's line to the servers.
    enum Link: Sendable {
        case up
        /// What the gateway knew of orders and executions when it was lost.
        case down(orders: [GatewayOrder], fills: [GatewayFill])
    }

    /// Something that is due at a moment of the market.
    enum Timer: Sendable {
        case answer(Int, GatewayAnswer)
        case restore(keepsData: Bool)
        case farmsBack
        case competitionOver
        case correct(fill: Int)
        case cancel(order: Int)
    }

    /// What the faults of a request have in store for the order that it places.
    struct OrderFate: Hashable, Sendable {
        var isRejected = false
        var cancelAt: Instant?
        var visibleAt: Instant?
    }

    let configuration: IBSimulatorConfiguration
    var market: GatewayMarket
    var faults: FaultDesk<IBFault>
    var clients: [Int: GatewayClient] = [:]
    var link = Link.up
    /// Order events that the gateway has not heard of while its line is down.
    var heldEvents: [GatewayEvent] = []
    /// Orders that came while the line was down, and those of them to be cancelled.
    var queuedOrders: [Int] = []
    var queuedCancels: Set<Int> = []
    /// Changes of orders that the servers have, which came while the line was down.
    var queuedChanges: [Int: GatewayTicket] = [:]
    /// The last id that an order made by hand was bound to; they count downwards.
    var lastBoundId = 0
    var isDataStale = false
    var nextOrder = OrderFate()
    var timers: [(due: Instant, what: Timer)] = []
    /// The highest order id that a client has used or been shown, by client id: it outlives connections.
    var usedIds: [Int: Int] = [:]
    var historyTimes: [HistoryCall] = []
    var elapsed: Int64 = 0
    var garbage: SeededGenerator
    /// The port that clients reach, for a redirection.
    var port = 0
    private(set) var requestCounts: [String: Int] = [:]
    private var opened = 0
    private var deliveries: [GatewayDelivery] = []
    private var lastSummaryAt: Instant

    /// A request for historical data, for the pacing rules.
    struct HistoryCall: Hashable, Sendable {
        let at: Int64
        let text: String
        let contract: String
        let weight: Int
    }

    /// How often summaries and account updates are told again, in seconds.
    static let summarySeconds: Int64 = 180

    init(_ configuration: IBSimulatorConfiguration) {
        self.configuration = configuration
        market = GatewayMarket(configuration)
        faults = FaultDesk(configuration.faults)
        garbage = SeededGenerator(seed: configuration.seed, stream: "garbage")
        lastSummaryAt = configuration.start
    }

    var now: Instant { market.now }
    var isUp: Bool { if case .up = link { true } else { false } }

    // MARK: Connections

    mutating func open() -> Int {
        opened += 1
        clients[opened] = GatewayClient(connection: opened)
        return opened
    }

    mutating func closed(_ connection: Int) {
        clients[connection] = nil
        watch()
    }

    /// Bytes of a client.
    ///
    /// - Parameter elapsed: Nanoseconds of a watch that only runs forward.
    mutating func receive(_ connection: Int, _ bytes: some Sequence<UInt8>, elapsed: Int64) -> [GatewayDelivery] {
        self.elapsed = elapsed
        clients[connection]?.reader.append(bytes)
        do throws(FrameReader.Problem) {
            while let message = try clients[connection]?.reader.next() {
                switch message {
                case .hello(let versions): greet(connection, versions)
                case .fields(let fields): take(fields, from: connection)
                }
                publish()
                clients[connection]?.delayMilliseconds = 0
            }
        } catch {
            hangUp(connection)
        }
        return takeDeliveries()
    }

    mutating func takeDeliveries() -> [GatewayDelivery] {
        defer { deliveries = [] }
        return deliveries
    }

    private mutating func greet(_ connection: Int, _ versions: ClosedRange<Int>) {
        let version = min(configuration.serverVersion, versions.upperBound)
        guard version >= versions.lowerBound, version >= Gate.lowest else { return hangUp(connection) }
        let rules = draw("connect", .handshake)
        if rules.contains(where: { $0.fault == .silentHandshake }) { return }
        if rules.contains(where: { $0.fault == .redirect }) {
            put(connection, .bytes(GatewayAnswer("hello", ["-\(version)", "127.0.0.1:\(port)"]).frame))
            return hangUp(connection)
        }
        clients[connection]?.version = version
        let clock = GatewayTime.text(now, GatewayMarket.newYork, name: "EST")
        let hello = GatewayAnswer("hello", ["\(version)", clock])
        if let slow = rules.first(where: { $0.fault == .slowHandshake }) {
            put(connection, .later(milliseconds: slow.milliseconds, hello.frame))
        } else {
            say(connection, hello)
        }
    }

    private mutating func take(_ fields: [String], from connection: Int) {
        guard let client = clients[connection], client.version != nil else { return }
        guard countMessage(connection) else { return }
        let name = GatewayRequest.name(of: fields)
        requestCounts[name, default: 0] += 1
        let rules = draw(name, .request)
        func has(_ fault: IBFault) -> Bool { rules.contains { $0.fault == fault } }
        if has(.ignored) { return }
        if has(.dropBeforeAccept) { return hangUp(connection) }
        if has(.rateCut) { return cut(connection) }
        nextOrder = OrderFate()
        for rule in rules { strike(rule) }
        if let slow = rules.first(where: { $0.fault == .slow }) {
            clients[connection]?.delayMilliseconds = slow.milliseconds
        }
        if has(.dropAfterAccept) || has(.silence) { clients[connection]?.isMute = true }
        answer(fields, client, isReadOnly: configuration.isReadOnly || has(.readOnly))
        publish()
        if has(.dropAfterAccept) { hangUp(connection) }
    }

    private mutating func answer(_ fields: [String], _ client: GatewayClient, isReadOnly: Bool) {
        let request: GatewayRequest
        do throws(FieldReader.Problem) {
            request = try GatewayRequest(fields, version: client.layout)
        } catch {
            let id = fields.count > 2 ? Int(fields[fields.first == "3" || fields.first == "20" ? 1 : 2]) ?? -1 : -1
            return refuse(
                client.connection, id,
                GatewayRefusal(320, "Error reading request. Unable to parse field \(error.field): '\(error.text)'"))
        }
        if case .startApi(let clientId) = request { return startApi(client.connection, clientId) }
        // What comes too early is dropped.
        guard client.isReady else { return }
        do throws(GatewayRefusal) {
            if isReadOnly, let id = request.changesOrders {
                return refuse(client.connection, id, Self.readOnly)
            }
            try perform(request, client.connection)
        } catch {
            refuse(client.connection, request.id ?? -1, error)
        }
    }

    private static let readOnly = GatewayRefusal(
        321, "Error validating request.-'bN' : cause - The API interface is currently in Read-Only mode.")

    /// - Returns: Whether it may go on.
    private mutating func countMessage(_ connection: Int) -> Bool {
        guard var times = clients[connection]?.messageTimes else { return false }
        let limits = configuration.messageRate
        times.removeAll { $0 <= elapsed - 1_000_000_000 }
        times.append(elapsed)
        clients[connection]?.messageTimes = times
        if times.count > limits.cut {
            cut(connection)
            return false
        }
        if times.count == limits.warned + 1 { refuse(connection, -1, Self.tooFast(limits.warned, times.count)) }
        return true
    }

    private static func tooFast(_ limit: Int, _ count: Int) -> GatewayRefusal {
        GatewayRefusal(100, "Max rate of messages per second has been exceeded:max=\(limit) rec=\(count) (1)")
    }

    private mutating func cut(_ connection: Int) {
        let limits = configuration.messageRate
        refuse(connection, -1, Self.tooFast(limits.warned, limits.cut + 1))
        hangUp(connection)
    }

    private mutating func startApi(_ connection: Int, _ clientId: Int) {
        let isTaken = clients.values.contains { $0.clientId == clientId && $0.connection != connection }
        if isTaken || draw("connect", .handshake, again: true).contains(where: { $0.fault == .clientIdInUse }) {
            refuse(
                connection, -1,
                GatewayRefusal(
                    326, "Unable to connect as the client id is already in use. Retry with a unique client id."))
            return hangUp(connection)
        }
        guard clients[connection]?.clientId == nil else { return }
        clients[connection]?.clientId = clientId
        managedAccounts(connection)
        nextValidId(connection)
        if configuration.downloadsOpenOrders {
            for order in market.orders where order.isOpen && order.clientId == clientId { show(order, to: connection) }
        }
        let farms: [(Int, String)] = [
            (2104, "Market data farm connection is OK:usfarm"), (2106, "HMDS data farm connection is OK:ushmds"),
            (2158, "Sec-def data farm connection is OK:secdefil"),
        ]
        for (code, text) in farms { notice(connection, code, text) }
        if !isUp { notice(connection, 1100, Self.lostText) }
    }

    static let lostText = "Connectivity between IBKR and Trader Workstation has been lost."

    func managedAccountsText() -> String { market.accounts.keys.sorted().map { $0 + "," }.joined() }

    mutating func managedAccounts(_ connection: Int) {
        say(connection, GatewayAnswer("managedAccounts", ["15", "1", managedAccountsText()]))
    }

    mutating func nextValidId(_ connection: Int) {
        guard let clientId = clients[connection]?.clientId else { return }
        say(connection, GatewayAnswer("nextValidId", ["9", "1", "\((usedIds[clientId] ?? 0) + 1)"]))
    }

    // MARK: Saying

    mutating func put(_ connection: Int, _ action: GatewayDelivery.Action) {
        deliveries.append(GatewayDelivery(connection: connection, action: action))
    }

    mutating func hangUp(_ connection: Int) {
        put(connection, .close)
        clients[connection] = nil
        watch()
    }

    /// Everything that is said goes through here, and through the faults of its kind.
    mutating func say(_ connection: Int, _ answer: GatewayAnswer) {
        guard let client = clients[connection], !client.isMute else { return }
        let rules = draw(answer.name, .answer)
        guard !rules.isEmpty else { return send(client, answer.frame) }
        var answer = answer
        func has(_ fault: IBFault) -> Bool { rules.contains { $0.fault == fault } }
        if has(.skipped) { return }
        if let late = rules.first(where: { $0.fault == .late }) {
            timers.append((now.advanced(bySeconds: Int64(late.seconds)), .answer(connection, answer)))
            return
        }
        if has(.oversizedLength) { return send(client, [0xFF, 0xFF, 0xFF, 0xFF] + answer.frame) }
        if has(.garbageFrame) {
            let count = 8 + Int(garbage.next() % 56)
            send(client, GatewayAnswer.framed((0..<count).map { _ in UInt8(garbage.next() & 0xFF) }))
        }
        if has(.unknownMessage) { send(client, GatewayAnswer("unknown", ["9999", "1", "what", "ever"]).frame) }
        if has(.shortFrame) { answer.fields = Array(answer.fields.prefix(max(1, answer.fields.count / 2))) }
        if has(.surplusFields) { answer.fields += ["surplus", "", "7"] }
        if has(.halfFrame) {
            send(client, Array(answer.frame.prefix(max(5, answer.frame.count / 2))))
            return hangUp(connection)
        }
        send(client, answer.frame)
        if has(.duplicate) { send(client, answer.frame) }
    }

    private mutating func send(_ client: GatewayClient, _ frame: [UInt8]) {
        let delay = client.delayMilliseconds
        put(client.connection, delay > 0 ? .later(milliseconds: delay, frame) : .bytes(frame))
    }

    mutating func refuse(_ connection: Int, _ id: Int, _ refusal: GatewayRefusal) {
        guard let client = clients[connection] else { return }
        say(connection, DataAnswers.error(id, refusal.code, refusal.message, version: client.layout))
    }

    mutating func notice(_ connection: Int, _ code: Int, _ text: String) {
        refuse(connection, -1, GatewayRefusal(code, text))
    }

    /// To every client that is ready.
    mutating func noticeAll(_ code: Int, _ text: String) {
        for connection in clients.keys.sorted() where clients[connection]?.isReady == true {
            notice(connection, code, text)
        }
    }

    /// - Parameter again: A second look at faults of the same place, counted apart: those of startApi at the handshake,
    ///   those of the order of an execution's messages at its answer.
    mutating func draw(_ name: String, _ place: IBFault.Place, again: Bool = false) -> [IBFaultPlan.Rule] {
        let isSecond: Set<IBFault> = [.clientIdInUse, .commissionFirst, .correction]
        return faults.draw(again ? "again/" + name : name, at: now) { fault in
            fault.place == place && isSecond.contains(fault) == again
        }
    }

    // MARK: Time

    /// Plays the market up to that moment, and tells of it.
    mutating func advance(to target: Instant) -> [GatewayDelivery] {
        var next = now
        repeat {
            next = min(target, nextStop(after: now))
            market.advance(to: next)
            publish()
            fireTimers()
            flushBars()
            flushDelayed()
        } while next < target
        if now.duration(since: lastSummaryAt) >= .seconds(Self.summarySeconds) {
            lastSummaryAt = now
            repeatSummaries()
        }
        return takeDeliveries()
    }

    /// The next moment at which something besides the market happens.
    private func nextStop(after instant: Instant) -> Instant {
        var stop = timers.map(\.due).min().map { max($0, instant) } ?? Instant(microseconds: .max)
        if hasBarLines {
            let boundary = instant.epochSeconds - instant.epochSeconds % 5 + 5
            stop = min(stop, Instant(epochSeconds: boundary))
        }
        return stop
    }

    private var hasBarLines: Bool { clients.values.contains { !$0.barLines.isEmpty || !$0.histories.isEmpty } }

    private mutating func fireTimers() {
        let moment = now
        let due = timers.filter { $0.due <= moment }
        guard !due.isEmpty else { return }
        timers.removeAll { $0.due <= moment }
        for (_, timer) in due {
            switch timer {
            case .answer(let connection, let answer):
                if let client = clients[connection], !client.isMute { put(connection, .bytes(answer.frame)) }
            case .restore(let keepsData): restore(keepsData: keepsData)
            case .farmsBack: farmsBack()
            case .competitionOver: isDataStale = false
            case .correct(let fill): correct(fill)
            case .cancel(let order): market.cancel(order, reason: "The order was cancelled by the system")
            }
        }
        publish()
    }
}

extension GatewayRequest {
    /// The id that an error of the request names; `nil` where it has none.
    var id: Int? {
        switch self {
        case .contractDetails(let id, _), .marketData(let id, _, _), .cancelMarketData(let id),
            .realTimeBars(let id, _, _), .cancelRealTimeBars(let id), .historicalData(let id, _, _),
            .cancelHistoricalData(let id), .placeOrder(let id, _, _), .cancelOrder(let id), .executions(let id, _),
            .accountSummary(let id, _), .cancelAccountSummary(let id), .accountUpdatesMulti(let id, _),
            .cancelAccountUpdatesMulti(let id), .pnl(let id, _), .cancelPnl(let id), .pnlSingle(let id, _, _),
            .cancelPnlSingle(let id):
            id
        case .startApi, .ids, .managedAccounts, .currentTime, .serverLogLevel, .marketDataType, .globalCancel,
            .openOrders, .allOpenOrders, .autoOpenOrders, .completedOrders, .positions, .cancelPositions,
            .accountUpdates, .unknown:
            nil
        }
    }

    /// The id under which a read-only gateway refuses it; `nil` for what it takes.
    var changesOrders: Int? {
        switch self {
        case .placeOrder(let id, _, _), .cancelOrder(let id): id
        case .globalCancel, .openOrders, .allOpenOrders, .autoOpenOrders, .completedOrders: -1
        case .startApi, .ids, .managedAccounts, .currentTime, .serverLogLevel, .contractDetails, .marketData,
            .cancelMarketData, .marketDataType, .realTimeBars, .cancelRealTimeBars, .historicalData,
            .cancelHistoricalData, .executions, .positions, .cancelPositions, .accountSummary, .cancelAccountSummary,
            .accountUpdates, .accountUpdatesMulti, .cancelAccountUpdatesMulti, .pnl, .cancelPnl, .pnlSingle,
            .cancelPnlSingle, .unknown:
            nil
        }
    }
}
