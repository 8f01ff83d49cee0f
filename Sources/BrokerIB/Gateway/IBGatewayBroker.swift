public import Broker
public import Core

/// ``IBBroker`` behind a connection that is made when it is needed first: a beat with nothing to ask opens none.
public struct IBGatewayBroker: Broker {
    public let id = BrokerID.ib
    public let account: AccountID
    public let capabilities: BrokerCapabilities
    let gateway: IBGateway

    /// - Parameter account: The configured one, or the login's only one: books are kept by it.
    public init(_ gateway: IBGateway, account: AccountID) {
        self.gateway = gateway
        self.account = account
        let terms = gateway.terms
        // What IB can do is known without asking; nothing is opened here.
        let connection = IBConnection(terms.configuration(clientID: terms.clientIDs[0]), clock: terms.clock)
        capabilities = IBDesk(connection, account: account, terms).broker.capabilities
            .with(visibilityDelay: terms.visibilityDelay)
    }

    /// - Throws: ``BrokerError`` with the whole sentence when there is no gateway, or not the right account behind it.
    func desk() async throws(BrokerError) -> IBDesk {
        do throws(IBGatewayTrouble) { return try await gateway.ready() } catch { throw error.broker(id) }
    }

    // MARK: Orders

    public func prepared(_ request: OrderRequest) async -> PreparedOrder {
        if let objection = IBMarket.objection(request.instrument.exchange, markets: gateway.terms.markets) {
            return .refused(code: "ib-market", message: objection)
        }
        do throws(BrokerError) { return await (try await desk()).broker.prepared(request) } catch {
            return .notReady(detail: error.sentence)
        }
    }

    public var asksBeforeOrders: Bool { gateway.terms.asksBeforeOrders }

    public func preview(_ request: OrderRequest) async -> OrderPreview {
        if let objection = IBMarket.objection(request.instrument.exchange, markets: gateway.terms.markets) {
            return .refused(objection)
        }
        do throws(BrokerError) { return await (try await desk()).broker.preview(request) } catch {
            return .unknown(error.sentence)
        }
    }

    /// One after the other, so that a signal stops what has not gone out. After an outcome that nobody knows, further orders for
    /// the same instrument are kept back.
    public func submit(_ requests: [OrderRequest]) async -> [SubmitOutcome] {
        let broker: IBBroker
        do throws(BrokerError) { broker = try await desk().broker } catch {
            return requests.map { _ in .notSent(detail: error.sentence) }
        }
        var outcomes: [SubmitOutcome] = []
        var doubtful: Set<Symbol> = []
        for group in requests.together {
            let symbol = group[0].instrument.symbol
            if gateway.terms.isStopping() {
                outcomes += group.map { _ in .notSent(detail: "takt was told to stop") }
            } else if doubtful.contains(symbol) {
                outcomes += group.map { _ in .notSent(detail: "an order for \(symbol) just before it is in doubt") }
            } else {
                let came = await broker.submit(group)
                if came.contains(where: \.isUnknown) { doubtful.insert(symbol) }
                outcomes += came
            }
        }
        return outcomes
    }

    public func cancel(_ request: CancelRequest) async -> ChangeOutcome {
        do throws(BrokerError) { return await (try await desk()).broker.cancel(request) } catch {
            return .notSent(detail: error.sentence)
        }
    }

    public func revise(_ request: RevisionRequest) async -> ChangeOutcome {
        do throws(BrokerError) { return await (try await desk()).broker.revise(request) } catch {
            return .notSent(detail: error.sentence)
        }
    }

    /// The client id that places orders is one process's at a time.
    public func release() async { await gateway.release() }

    // MARK: Lists

    public func orders(since: Instant) async throws(BrokerError) -> Snapshot<BrokerOrder> {
        let desk = try await desk()
        let list = try await desk.broker.orders(since: since)
        // A gateway that takes no orders does not list them either: every beat would say only that the list is incomplete.
        if !list.isComplete, await desk.connection.session.health.isReadOnly {
            throw .credentialsRefused(
                broker: id,
                detail:
                    "the gateway is set to take no orders (Read-Only API), and lists none. Nothing was changed. In TWS or IB "
                    + "Gateway, under Configuration, API, Settings, clear 'Read-Only API'; or set brokers.ib.read_only: true to "
                    + "have bars from it alone")
        }
        return list
    }

    public func executions(since: Instant) async throws(BrokerError) -> Snapshot<BrokerExecution> {
        try await desk().broker.executions(since: since)
    }

    public func positions() async throws(BrokerError) -> Snapshot<BrokerPosition> {
        try await desk().broker.positions()
    }

    public func cash() async throws(BrokerError) -> Snapshot<Money> { try await desk().broker.cash() }

    public func activities(since: Instant) async throws(BrokerError) -> Snapshot<AccountActivity> {
        try await desk().broker.activities(since: since)
    }
}

extension BrokerError {
    fileprivate var sentence: String {
        switch self {
        case .unavailable(_, let detail), .credentialsRefused(_, let detail), .refused(_, let detail),
            .malformedAnswer(_, let detail):
            detail
        }
    }
}
