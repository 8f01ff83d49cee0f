internal import ArgumentParser
internal import Core
internal import Cycle
internal import Store

struct CancelOrdersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancels orders: recorded first, sent once, believed when the broker lists it.",
        discussion: """
            The wish is durable: where the broker is away, the next submit carries it out. What became of the order is what \
            `takt reconcile --again` finds in the broker's lists.

            Example: takt orders cancel NVDA-entry-8c2k1x0zq4ab --reason "wrong size"
            """)
    @OptionGroup var global: GlobalOptions
    @Argument(help: .init("Client order ids.", valueName: "id")) var ids: [String]
    @OptionGroup var why: ReasonOption

    private var reason: String { why.reason }

    func run() async throws {
        let context = try CommandContext(global)
        let store = try context.openStore()
        let orders = try store.read { reader in try ids.map { try cancellable($0, reader) } }
        if !context.isDryRun {
            try record(orders, context, store)
            let cycleContext = try await context.tradingContext(store, stop: Signals().stop)
            try await CancelDesk(context: cycleContext).carryOutAlone()
        }
        let (found, pending) = try store.read { reader in
            let wishes = try reader.pendingOperatorOrders(kind: .cancel).map { ClientOrderID($0.scope) }
            return (try orders.compactMap { try reader.order($0.clientOrderID) }, Set(wishes))
        }
        // Nothing went out for them: the wish stays, and they work on.
        let waiting =
            context.isDryRun
            ? []
            : found.filter {
                !$0.state.isFinal && ![.cancelling, .cancelInDoubt].contains($0.state)
                    && pending.contains($0.clientOrderID)
            }
        let items = found.map(DocumentItems.order)
        let document: JSONValue = [
            "schema": "takt.cancel/1", "count": .int(Int64(items.count)), "reason": .string(reason),
            "dry_run": .bool(context.isDryRun), "waiting": .array(waiting.map { JSONValue($0.clientOrderID) }),
            "items": .array(items),
        ]
        try context.output.emit(document) {
            let table = TextTable(
                columns: [
                    .init("client order id", "client_order_id"), .init("symbol", "symbol"), .init("state", "state"),
                ],
                items: items, empty: ""
            ).rendered(context.output.style)
            return context.isDryRun ? "Would cancel these orders; nothing was recorded or sent.\n\(table)" : table
        }
        guard let first = waiting.first else { return }
        let untried = "it is \(first.state.rawValue), and no cancellation could go out for it now"
        let why = first.reasons.last { $0.code == CancelDesk.notSentCode }?.message ?? untried
        throw StepFailure(
            code: "cancel-waits",
            message: "\(waiting.count) order(s) stand as they were, \(first.clientOrderID) first: \(why).",
            hint: "The wish is on record: the next `takt submit` sends it, or the same command again.",
            isRetryable: true,
            exitCode: .unavailable)
    }

    private func cancellable(_ id: String, _ reader: StoreReader) throws -> ManagedOrder {
        guard let order = try reader.order(ClientOrderID(id)) else { throw refusal(id, "there is no such order") }
        guard order.isOurs else { throw refusal(id, "it is not ours; cancel it where it was placed") }
        guard !order.state.isFinal else { throw refusal(id, "it is already \(order.state.rawValue)") }
        return order
    }

    private func refusal(_ id: String, _ why: String) -> StepFailure {
        StepFailure(
            code: "not-cancellable", message: "Order \(id) cannot be cancelled: \(why).",
            hint: "Nothing was sent, for the other orders neither. See `takt orders`.", isRetryable: false,
            exitCode: .badInput)
    }

    private func record(_ orders: [ManagedOrder], _ context: CommandContext, _ store: StateDatabase) throws {
        let now = context.clock.now()
        let actor = "operator \(CommandContext.process.user)"
        try store.write(durable: true) { writer in
            let pending = Set(try writer.pendingOperatorOrders().filter { $0.kind == .cancel }.map(\.scope))
            // A cancel that is under way is not asked for again: the broker's list will show what became of it.
            for order in orders where !pending.contains(order.clientOrderID.text) && order.state != .cancelling {
                _ = try writer.addOperatorOrder(
                    kind: .cancel, scope: order.clientOrderID.text, reason: reason, by: actor, at: now)
                try writer.appendAudit(
                    at: now, actor: actor, kind: "cancel.ordered", subject: order.clientOrderID.text,
                    payload: ["reason": .string(reason)])
            }
        }
    }
}
