internal import ArgumentParser
internal import Broker
internal import BrokerPaper
internal import Core
internal import Cycle
internal import Settings
internal import Store

struct PaperCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "paper", abstract: "The embedded exchange's own books, apart from takt's.",
        subcommands: [Orders.self, Fills.self, Positions.self, Cash.self, Reset.self])

    struct Orders: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Orders as the exchange lists them.",
            discussion: "Example: takt paper orders")
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            try await PaperList(
                kind: "orders",
                columns: [
                    .init("number", "broker_order_id"), TextTable.time("placed", "placed_at"),
                    .init("symbol", "symbol"),
                    .init("side", "side"), .init("type", "type"), .init("quantity", "quantity", numeric: true),
                    .init("filled", "filled_quantity", numeric: true),
                    .init("price", "average_fill_price", numeric: true),
                    .init("status", "status"), TextTable.short("our id", "client_order_id"),
                ]
            ).print(global) { $0.orders.map(Self.item) }
        }

        private static func item(_ order: PaperBooks.Order) -> JSONValue {
            let listed = order.order
            return [
                "broker_order_id": JSONValue(listed.brokerOrderID), "client_order_id": JSONValue(listed.clientOrderID),
                "symbol": JSONValue(listed.symbol), "side": .string(listed.side.rawValue),
                "type": .string(listed.type.name),
                "limit_price": JSONValue(listed.type.limitPrice), "stop_price": JSONValue(listed.type.stopPrice),
                "quantity": JSONValue(listed.quantity), "filled_quantity": JSONValue(listed.filledQuantity),
                "average_fill_price": JSONValue(order.averageFillPrice),
                "time_in_force": .string(listed.timeInForce.rawValue), "status": .string(listed.status.rawValue),
                "placed_at": JSONValue(listed.placedAt), "finished_at": JSONValue(order.finishedAt),
                "message": JSONValue(listed.message),
            ]
        }
    }

    struct Fills: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Executions as the exchange lists them.",
            discussion: "Example: takt paper fills")
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            try await PaperList(
                kind: "fills",
                columns: [
                    .init("execution", "execution_id"), TextTable.time("filled", "filled_at"),
                    .init("symbol", "symbol"),
                    .init("side", "side"), .init("quantity", "quantity", numeric: true),
                    .init("price", "price", numeric: true),
                    .init("fee", "fee", numeric: true), .init("tax", "tax", numeric: true), .init("ccy", "currency"),
                    .init("order", "broker_order_id"),
                ]
            ).print(global) { $0.executions.map(Self.item) }
        }

        private static func item(_ execution: PaperBooks.Execution) -> JSONValue {
            let fill = execution.execution
            return [
                "execution_id": JSONValue(fill.executionID), "broker_order_id": JSONValue(fill.brokerOrderID),
                "client_order_id": JSONValue(fill.clientOrderID), "symbol": JSONValue(fill.symbol),
                "side": .string(fill.side.rawValue), "quantity": JSONValue(fill.quantity),
                "price": JSONValue(fill.price),
                "fee": JSONValue(fill.fee), "tax": JSONValue(fill.tax), "currency": JSONValue(fill.currency),
                "filled_at": JSONValue(fill.filledAt), "busted": .bool(fill.isBusted),
            ]
        }
    }

    struct Positions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Positions as the exchange keeps them.",
            discussion: "Example: takt paper positions")
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            try await PaperList(
                kind: "positions",
                columns: [
                    .init("symbol", "symbol"), .init("quantity", "quantity", numeric: true),
                    .init("average cost", "average_cost", numeric: true), .init("ccy", "currency"),
                ]
            ).print(global) { books in
                books.positions.map { position in
                    [
                        "symbol": JSONValue(position.symbol), "quantity": JSONValue(position.quantity),
                        "average_cost": JSONValue(position.averageCost), "currency": JSONValue(position.currency),
                    ]
                }
            }
        }
    }

    struct Cash: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cash, fees and taxes as the exchange keeps them.",
            discussion: "Example: takt paper cash")
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            try await PaperList(
                kind: "cash",
                columns: [
                    .init("currency", "currency"), .init("balance", "balance", numeric: true),
                    .init("available", "available", numeric: true), .init("fees", "fees", numeric: true),
                    .init("taxes", "taxes", numeric: true),
                ]
            ).print(global) { books in
                books.cash.map { cash in
                    [
                        "currency": JSONValue(cash.currency), "balance": JSONValue(cash.balance),
                        "available": JSONValue(cash.available), "fees": JSONValue(cash.fees),
                        "taxes": JSONValue(cash.taxes),
                    ]
                }
            }
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Empties the exchange's books and puts the initial cash back. Our own books stay as they are.",
            discussion:
                "Order numbers go on where they were, so none is ever given twice. The next reconcile shows the difference as breaks; start with a new --home for a clean slate. Example: takt paper reset --yes"
        )
        @OptionGroup var global: GlobalOptions
        @Flag(name: .long, help: "Required: says that you mean it.") var yes = false

        func run() async throws {
            let context = try CommandContext(global)
            guard yes else {
                throw StepFailure(
                    code: "not-confirmed",
                    message: "Resetting the paper exchange forgets its orders, positions and cash.",
                    hint: "Nothing was done. Add --yes if you mean it.", isRetryable: false, exitCode: .usage)
            }
            let store = try context.openStore()
            if !context.isDryRun {
                let wiring = PaperWiring(
                    settings: context.settings, calendars: context.calendars, clock: context.clock, store: store)
                try await wiring.exchange(failpoints: .none).reset()
                try await AccountOpening.disregardRestart(
                    of: wiring.broker(failpoints: .none), in: store, at: context.clock.now())
                let (now, actor) = (context.clock.now(), "operator \(CommandContext.process.user)")
                try store.write(durable: true) { writer in
                    _ = try writer.appendAudit(
                        at: now, actor: actor, kind: "paper.reset", subject: "paper", payload: [:])
                }
            }
            let document: JSONValue = [
                "schema": "takt.paper-reset/1", "done": .bool(!context.isDryRun), "dry_run": .bool(context.isDryRun),
            ]
            try context.output.emit(document) {
                context.isDryRun
                    ? "Would empty the paper exchange's books and put its initial cash back. Nothing was changed."
                    : "The paper exchange starts again with its initial cash."
            }
        }
    }
}

/// One list of the exchange's books.
private struct PaperList {
    let kind: String
    let columns: [TextTable.Column]

    func print(_ global: GlobalOptions, _ items: (PaperBooks) -> [JSONValue]) async throws {
        let context = try CommandContext(global)
        guard FileWriting.exists(context.settings.paths.paperDatabase) else {
            throw StepFailure(
                code: "no-paper-exchange",
                message: "There is no paper exchange at \(context.settings.paths.paperDatabase) yet.",
                hint: "Nothing was done. `takt fetch-bars` opens it on its first run.", isRetryable: false,
                exitCode: .configuration)
        }
        let store = try context.openStoreForReading()
        let books = try await PaperWiring(
            settings: context.settings, calendars: context.calendars, clock: context.clock, store: store
        ).exchange(failpoints: .none).books(advanced: false)
        let items = items(books)
        let document: JSONValue = [
            "schema": .string("takt.paper-\(kind)/1"), "account": JSONValue(books.account),
            "at": JSONValue(books.takenAt),
            "count": .int(Int64(items.count)), "items": .array(items),
        ]
        try context.output.emit(document) {
            TextTable(columns: columns, items: items, empty: "The exchange has no \(kind).").rendered(
                context.output.style)
        }
    }
}
