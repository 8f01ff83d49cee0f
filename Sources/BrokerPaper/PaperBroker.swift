public import Broker
public import Core
internal import Synchronization

/// The embedded exchange behind the protocol that all brokers share.
///
/// The exchange is opened at the first call that needs it: most steps of a beat never do, and should not pay for it.
public struct PaperBroker: Broker {
    public let id: BrokerID
    public let account: AccountID
    public let capabilities: BrokerCapabilities
    private let exchange: OpenedOnce

    public init(_ exchange: PaperExchange, id: BrokerID = .paper) {
        self.init(configuration: exchange.configuration, id: id) { () throws(PaperError) in exchange }
    }

    /// - Parameter open: Opens the exchange of this configuration; called once, at the first use, and again after a failure.
    public init(
        configuration rules: PaperConfiguration, id: BrokerID = .paper,
        opening open: @escaping @Sendable () throws(PaperError) -> PaperExchange
    ) {
        self.id = id
        account = rules.account
        exchange = OpenedOnce(open)
        capabilities = BrokerCapabilities(
            listsClientOrderIDs: rules.knowsClientOrderIDs, visibilityDelay: rules.visibilityDelay,
            clockTolerance: .zero,
            orderTypes: PaperConfiguration.orderTypes, timesInForce: PaperConfiguration.timesInForce,
            handling: PaperConfiguration.handling, allowsShort: rules.allowShort)
    }

    /// An exchange that cannot be opened has seen nothing: its orders were provably not sent.
    public func submit(_ requests: [OrderRequest]) async -> [SubmitOutcome] {
        do { return try await exchange.get().submit(requests) } catch {
            return requests.map { _ in .notSent(detail: "\(error)") }
        }
    }

    public func cancel(_ request: CancelRequest) async -> ChangeOutcome {
        do { return try await exchange.get().cancel(request) } catch { return .notSent(detail: "\(error)") }
    }

    public func revise(_ request: RevisionRequest) async -> ChangeOutcome {
        do { return try await exchange.get().revise(request) } catch { return .notSent(detail: "\(error)") }
    }

    public func orders(since: Instant) async throws(BrokerError) -> Snapshot<BrokerOrder> {
        do { return try await exchange.get().orders(since: since) } catch { throw wrap(error) }
    }

    public func executions(since: Instant) async throws(BrokerError) -> Snapshot<BrokerExecution> {
        do { return try await exchange.get().executions(since: since) } catch { throw wrap(error) }
    }

    public func positions() async throws(BrokerError) -> Snapshot<BrokerPosition> {
        do { return try await exchange.get().positions() } catch { throw wrap(error) }
    }

    public func cash() async throws(BrokerError) -> Snapshot<Money> {
        do { return try await exchange.get().cash() } catch { throw wrap(error) }
    }

    public func activities(since: Instant) async throws(BrokerError) -> Snapshot<AccountActivity> {
        do { return try await exchange.get().activities(since: since) } catch { throw wrap(error) }
    }

    private func wrap(_ error: PaperError) -> BrokerError {
        switch error {
        case .database, .feed: .unavailable(broker: id, detail: "\(error)")
        case .newerDatabase, .otherAccount, .damaged, .arithmetic: .malformedAnswer(broker: id, detail: "\(error)")
        }
    }
}

/// The exchange, opened by whoever needs it first.
private final class OpenedOnce: Sendable {
    private let open: @Sendable () throws(PaperError) -> PaperExchange
    private let opened = Mutex<PaperExchange?>(nil)

    init(_ open: @escaping @Sendable () throws(PaperError) -> PaperExchange) { self.open = open }

    func get() throws(PaperError) -> PaperExchange {
        try opened.withLock { exchange throws(PaperError) in
            if let exchange { return exchange }
            let fresh = try open()
            exchange = fresh
            return fresh
        }
    }
}
