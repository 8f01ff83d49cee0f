internal import Broker
internal import Core

/// The orders under comparison, found by our id or the broker's.
struct OrderBook {
    private var byID: [ClientOrderID: ManagedOrder] = [:]
    private var byBrokerID: [BrokerOrderID: ClientOrderID] = [:]
    private(set) var ids: [ClientOrderID] = []

    init(_ orders: [ManagedOrder]) { for order in orders { insert(order) } }

    var orders: [ManagedOrder] { ids.compactMap { byID[$0] } }
    subscript(id: ClientOrderID) -> ManagedOrder? { byID[id] }

    @discardableResult
    mutating func insert(_ order: ManagedOrder) -> ClientOrderID {
        if byID.updateValue(order, forKey: order.clientOrderID) == nil { ids.append(order.clientOrderID) }
        if let number = order.brokerOrderID { byBrokerID[number] = order.clientOrderID }
        return order.clientOrderID
    }

    mutating func update(_ id: ClientOrderID, _ change: (ManagedOrder) -> ManagedOrder) {
        if let order = byID[id] { insert(change(order)) }
    }

    func find(_ listed: BrokerOrder) -> ClientOrderID? {
        if let id = byBrokerID[listed.brokerOrderID] { return id }
        return unnumbered(listed.clientOrderID)
    }

    func find(_ execution: BrokerExecution) -> ClientOrderID? {
        if let id = byBrokerID[execution.brokerOrderID] { return id }
        return unnumbered(execution.clientOrderID)
    }

    /// Our id finds an order only while it has no number of the broker's: a second broker order under the same id is not
    /// ours to adopt, it becomes external and shows as a duplicate.
    private func unnumbered(_ id: ClientOrderID?) -> ClientOrderID? {
        guard let id, let order = byID[id], order.brokerOrderID == nil else { return nil }
        return id
    }
}
