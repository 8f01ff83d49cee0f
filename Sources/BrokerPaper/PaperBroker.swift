public import Broker
public import Core

/// The embedded exchange behind the protocol that all brokers share.
public struct PaperBroker: Broker {
    public let id: BrokerID
    public let capabilities: BrokerCapabilities
    private let exchange: PaperExchange

    public init(_ exchange: PaperExchange, id: BrokerID = .paper) {
        self.id = id
        self.exchange = exchange
        let rules = exchange.configuration
        capabilities = BrokerCapabilities(
            listsClientOrderIDs: rules.knowsClientOrderIDs, visibilityDelay: rules.visibilityDelay,
            clockTolerance: .zero,
            orderTypes: ["market", "limit", "stop", "stop-limit"], timesInForce: Set(TimeInForce.allCases),
            allowsShort: rules.allowShort)
    }

    public var account: AccountID { exchange.configuration.account }

    public func submit(_ requests: [OrderRequest]) async -> [SubmitOutcome] { await exchange.submit(requests) }

    public func cancel(_ request: CancelRequest) async -> CancelOutcome { await exchange.cancel(request) }

    public func orders(since: Instant) async throws(BrokerError) -> Snapshot<BrokerOrder> {
        do { return try await exchange.orders(since: since) } catch { throw wrap(error) }
    }

    public func executions(since: Instant) async throws(BrokerError) -> Snapshot<BrokerExecution> {
        do { return try await exchange.executions(since: since) } catch { throw wrap(error) }
    }

    public func positions() async throws(BrokerError) -> Snapshot<BrokerPosition> {
        do { return try await exchange.positions() } catch { throw wrap(error) }
    }

    public func cash() async throws(BrokerError) -> Snapshot<Money> {
        do { return try await exchange.cash() } catch { throw wrap(error) }
    }

    public func activities(since: Instant) async throws(BrokerError) -> Snapshot<AccountActivity> {
        do { return try await exchange.activities(since: since) } catch { throw wrap(error) }
    }

    private func wrap(_ error: PaperError) -> BrokerError {
        switch error {
        case .database, .feed: .unavailable(broker: id, detail: "\(error)")
        case .newerDatabase, .otherAccount, .damaged, .arithmetic: .malformedAnswer(broker: id, detail: "\(error)")
        }
    }
}
