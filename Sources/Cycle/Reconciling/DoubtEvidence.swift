internal import Broker
internal import Core
internal import Execution
internal import Store

/// What a broker's lists said about the orders in doubt, kept whenever they were asked: a proof of absence is two such looks,
/// and whoever asks later why an order was sent again, or was not, finds both.
struct DoubtEvidence {
    static let schema = "takt.doubt-evidence/1"

    let broker: any Broker
    let lists: BrokerLists

    /// Stores the part of the lists that concerns these orders and, for each of them, what was concluded.
    func record(
        _ doubtful: [ManagedOrder], _ plan: ReconciliationPlan, at now: Instant, in writer: StoreWriter
    ) throws {
        guard !doubtful.isEmpty else { return }
        let digest = try writer.putEvidence("broker-lists", document(Set(doubtful.map(\.symbol))))
        let after = Dictionary(plan.updates.map { ($0.clientOrderID, $0) }, uniquingKeysWith: { $1 })
        for order in doubtful {
            try writer.appendAudit(
                at: now, actor: "takt", kind: "order.doubt-examined", subject: order.clientOrderID.text,
                payload: [
                    "finding": .string(finding(order, after[order.clientOrderID], plan)), "lists": JSONValue(digest),
                ])
        }
    }

    private func finding(_ order: ManagedOrder, _ settled: ManagedOrder?, _ plan: ReconciliationPlan) -> String {
        if let open = plan.unsettled[order.clientOrderID] { return Self.text(open) }
        if plan.neverArrived.contains(order.clientOrderID) { return "absent twice: it never arrived" }
        guard let settled else { return "nothing new" }
        return "settled as \(settled.state.rawValue), the broker's order \(settled.brokerOrderID?.text ?? "-")"
    }

    static func text(_ resolution: DoubtResolution) -> String {
        switch resolution {
        case .bound: "found"
        case .ambiguous(let ids): "could be any of the broker's orders \(ids.map(\.text).joined(separator: ", "))"
        case .absent: "not in the broker's list; one more look, later, has to say the same"
        case .undecided(let why): why
        case .outOfReach(let beginsAt):
            "the broker's lists begin at \(beginsAt), and it may have come and ended before: they cannot settle it any more"
        }
    }

    private func document(_ symbols: Set<Symbol>) -> JSONValue {
        [
            "schema": .string(Self.schema), "broker": JSONValue(broker.id), "account": JSONValue(broker.account),
            "taken_at": JSONValue(lists.orders.takenAt),
            "begins_at": JSONValue([lists.orders.beginsAt, lists.executions.beginsAt].compactMap { $0 }.max()),
            "orders_complete": .bool(lists.orders.isComplete),
            "executions_complete": .bool(lists.executions.isComplete),
            "orders": .array(lists.orders.items.filter { symbols.contains($0.symbol) }.map(Self.order)),
            "executions": .array(lists.executions.items.filter { symbols.contains($0.symbol) }.map(Self.execution)),
        ]
    }

    private static func order(_ order: BrokerOrder) -> JSONValue {
        [
            "broker_order_id": JSONValue(order.brokerOrderID), "client_order_id": JSONValue(order.clientOrderID),
            "symbol": JSONValue(order.symbol), "side": .string(order.side.rawValue), "type": .string("\(order.type)"),
            "quantity": JSONValue(order.quantity), "filled_quantity": JSONValue(order.filledQuantity),
            "time_in_force": .string(order.timeInForce.rawValue), "status": .string(order.status.rawValue),
            "placed_at": JSONValue(order.placedAt), "message": JSONValue(order.message),
        ]
    }

    private static func execution(_ execution: BrokerExecution) -> JSONValue {
        [
            "execution_id": JSONValue(execution.executionID), "broker_order_id": JSONValue(execution.brokerOrderID),
            "client_order_id": JSONValue(execution.clientOrderID), "symbol": JSONValue(execution.symbol),
            "side": .string(execution.side.rawValue), "quantity": JSONValue(execution.quantity),
            "price": JSONValue(execution.price), "filled_at": JSONValue(execution.filledAt),
            "busted": .bool(execution.isBusted),
        ]
    }
}
