internal import ArgumentParser
internal import Broker
internal import Core
internal import Cycle
internal import Settings

/// What a broker says now. Reads only: nothing is booked, and nothing is sent.
struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker", abstract: "What a broker itself says now, apart from takt's books.",
        discussion: """
            Every answer is asked for afresh and only shown. Where it differs from `takt positions`, `takt orders` or `takt \
            portfolio`, `takt reconcile --again` records the difference.

            Example: takt broker check --broker kis
            """,
        subcommands: [
            Check.self, Positions.self, Cash.self, Orders.self, BrokerQuoteCommand.self, BrokerCalendarCommand.self,
            BrokerCostsCommand.self, BrokerBarsCommand.self,
        ])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Proves that the credentials and the account are good, changing nothing.",
            discussion: "Example: takt broker check --broker kis && echo ready")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var which: BrokerOption

        func run() async throws {
            let desk = try await which.desk(global)
            let sentences = try await desk.inquiry().signIn()
            let document: JSONValue = [
                "schema": "takt.broker-check/1", "broker": JSONValue(desk.broker.id),
                "account": JSONValue(desk.broker.account), "mode": .string(desk.context.settings.mode.rawValue),
                "count": .int(Int64(sentences.count)),
                "items": .array(sentences.map { ["proven": .string($0)] }),
            ]
            try desk.context.output.emit(document) {
                "\(desk.broker.id), account \(desk.broker.account), \(desk.context.settings.mode.rawValue) mode:\n"
                    + sentences.map { "  \($0)" }.joined(separator: "\n")
            }
        }
    }

    struct Positions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Positions as the broker lists them.", discussion: "Example: takt broker positions --broker kis")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var which: BrokerOption

        func run() async throws {
            let desk = try await which.desk(global)
            let list = try await desk.broker.positions()
            let columns: [TextTable.Column] = [
                .init("symbol", "symbol"), .init("quantity", "quantity", numeric: true),
                .init("average cost", "average_cost", numeric: true), .init("ccy", "currency"),
            ]
            try desk.emit("positions", columns, list, empty: "The broker lists no position.") { position in
                [
                    "symbol": JSONValue(position.symbol), "quantity": JSONValue(position.quantity),
                    "average_cost": JSONValue(position.averageCost), "currency": JSONValue(position.currency),
                ]
            }
        }
    }

    struct Cash: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cash as the broker counts it: every trade booked at once, and by the day on which it is there.",
            discussion: "Example: takt broker cash --broker kis")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var which: BrokerOption

        func run() async throws {
            let desk = try await which.desk(global)
            let booked = try await desk.broker.cash()
            let deposits = try await (desk.broker as? any BrokerInquiry)?.deposits()
            let byCurrency = Dictionary(
                (deposits?.items ?? []).map { ($0.currency, $0) }, uniquingKeysWith: { first, _ in first })
            let amounts = Dictionary(booked.items.map { ($0.currency, $0.amount) }, uniquingKeysWith: { $1 })
            let list = Snapshot(
                items: Set(amounts.keys).union(byCurrency.keys).sorted(),
                isComplete: booked.isComplete && deposits?.isComplete ?? true, takenAt: booked.takenAt)
            let columns: [TextTable.Column] = [
                .init("currency", "currency"), TextTable.money("booked", "booked"),
                TextTable.money("deposit", "settled"), TextTable.money("next day", "next_day"),
                TextTable.money("bought, unsettled", "unsettled_buys"),
                TextTable.money("sold, unsettled", "unsettled_sales"), TextTable.money("costs today", "costs_today"),
            ]
            try desk.emit("cash", columns, list, empty: "The broker lists no cash.") { currency in
                let deposit = byCurrency[currency]
                return [
                    "currency": JSONValue(currency), "booked": JSONValue(amounts[currency]),
                    "settled": JSONValue(deposit?.settled), "next_day": JSONValue(deposit?.nextDay),
                    "after_settlement": JSONValue(deposit?.afterSettlement),
                    "unsettled_buys": JSONValue(deposit?.unsettledBuys),
                    "unsettled_sales": JSONValue(deposit?.unsettledSales),
                    "costs_today": JSONValue(deposit?.costsToday),
                ]
            }
        }
    }

    struct Orders: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Orders as the broker lists them, open ones and those of the last days.",
            discussion: "Example: takt broker orders --broker kis --since 2026-11-20")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var which: BrokerOption
        @Option(
            name: .long,
            help: .init("Placed since this time or day (RFC 3339, UTC); default: a day ago.", valueName: "time"))
        var since: String?

        func validate() throws {
            guard let since, FilterOptions.instant(since, endOfDay: false) == nil else { return }
            throw ValidationError("'\(since)' is no time; write 2026-11-20 or 2026-11-20T15:35:00Z.")
        }

        func run() async throws {
            let desk = try await which.desk(global)
            let start = since.flatMap { FilterOptions.instant($0, endOfDay: false) }
            let list = try await desk.broker.orders(
                since: start ?? desk.context.clock.now().advanced(bySeconds: -86_400))
            let columns: [TextTable.Column] = [
                .init("number", "broker_order_id"), TextTable.time("placed", "placed_at"), .init("symbol", "symbol"),
                .init("side", "side"), .init("type", "type"), .init("limit", "limit_price", numeric: true),
                .init("quantity", "quantity", numeric: true), .init("filled", "filled_quantity", numeric: true),
                .init("status", "status"), .init("the broker's words", "message"),
            ]
            try desk.emit("orders", columns, list, empty: "The broker lists no order.", item: Self.item)
        }

        private static func item(_ order: BrokerOrder) -> JSONValue {
            [
                "broker_order_id": JSONValue(order.brokerOrderID), "client_order_id": JSONValue(order.clientOrderID),
                "symbol": JSONValue(order.symbol), "side": .string(order.side.rawValue),
                "type": .string(order.type.name), "limit_price": JSONValue(order.type.limitPrice),
                "stop_price": JSONValue(order.type.stopPrice), "quantity": JSONValue(order.quantity),
                "filled_quantity": JSONValue(order.filledQuantity),
                "filled_amount": JSONValue(order.executed?.amount), "currency": JSONValue(order.executed?.currency),
                "time_in_force": order.tellsTimeInForce ? .string(order.timeInForce.rawValue) : .null,
                "status": .string(order.status.rawValue), "placed_at": JSONValue(order.placedAt),
                "message": JSONValue(order.message),
            ]
        }
    }
}

/// Which broker is asked.
struct BrokerOption: ParsableArguments {
    @Option(name: .long, help: .init("Which broker; needed where several are enabled.", valueName: "name"))
    var broker: String?

    /// - Parameter asOrders: See ``CommandContext/brokersToAsk(_:asOrders:)``.
    func desk(_ global: GlobalOptions, asOrders: Bool = false) async throws -> BrokerDesk {
        let context = try CommandContext(global)
        let brokers = try await context.brokersToAsk(try context.openStore(), asOrders: asOrders)
        let known = brokers.keys.sorted().map(\.text).joined(separator: ", ")
        func refusal(_ message: String) -> StepFailure {
            StepFailure(
                code: "which-broker", message: message,
                hint: known.isEmpty
                    ? "Nothing was asked. None is enabled; see brokers.yaml."
                    : "Nothing was asked. Enabled are: \(known); name one with --broker.",
                isRetryable: false, exitCode: .usage)
        }
        if let broker {
            guard let found = brokers[BrokerID(broker)] else {
                throw refusal("The broker '\(broker)' is not enabled.")
            }
            return BrokerDesk(context: context, broker: found)
        }
        guard let only = brokers.values.first, brokers.count == 1 else {
            throw refusal(brokers.isEmpty ? "There is no broker to ask." : "Several brokers could be asked.")
        }
        return BrokerDesk(context: context, broker: only)
    }
}

extension StepFailure {
    /// What a question that a broker did not answer means to whoever asked: steps say it in words of their own.
    init(reading error: BrokerError) {
        switch error {
        case .unavailable(let broker, let detail):
            self.init(
                code: "broker-unavailable", message: "\(broker) does not say: \(detail).",
                hint: "Nothing was changed. Run it again.", isRetryable: true, exitCode: .unavailable)
        case .credentialsRefused(let broker, let detail):
            self.init(
                code: "credentials-refused", message: "\(broker) does not let us ask that: \(detail).",
                hint: "Nothing was changed. Mend what it names, in .env or brokers.yaml.", isRetryable: false,
                exitCode: .credentialsRefused)
        case .refused(let broker, let detail):
            self.init(
                code: "broker-refused", message: "\(broker) refuses: \(detail).",
                hint: "Nothing was changed. Asked again it says the same until what it names is mended.",
                isRetryable: false, exitCode: .configuration)
        case .malformedAnswer(let broker, let detail):
            self.init(
                code: "malformed-answer", message: "\(broker) gave an answer that cannot be read: \(detail).",
                hint: "Nothing was changed. Run it again; if it stays, keep the log and report it.", isRetryable: true,
                exitCode: .unavailable)
        }
    }
}

/// A broker that is asked, and where its answers go.
struct BrokerDesk {
    let context: CommandContext
    let broker: any Broker

    func inquiry() throws -> any BrokerInquiry {
        if let inquiry = broker as? any BrokerInquiry { return inquiry }
        throw StepFailure(
            code: "not-asked", message: "\(broker.id) cannot be asked that.",
            hint: "Nothing was asked. `takt broker positions`, `cash` and `orders` work with every broker.",
            isRetryable: false, exitCode: .usage)
    }

    /// A list, with what there is to say of how far it can be trusted.
    func emit<Item: Sendable>(
        _ kind: String, _ columns: [TextTable.Column], _ list: Snapshot<Item>, empty: String,
        item: (Item) -> JSONValue
    ) throws {
        let items = list.items.map(item)
        let document: JSONValue = [
            "schema": .string("takt.broker-\(kind)/1"), "broker": JSONValue(broker.id),
            "account": JSONValue(broker.account), "taken_at": JSONValue(list.takenAt),
            "complete": .bool(list.isComplete), "count": .int(Int64(items.count)), "items": .array(items),
        ]
        try context.output.emit(document) {
            let table = TextTable(columns: columns, items: items, empty: empty).rendered(context.output.style)
            return list.isComplete
                ? table : "\(table)\nThe list is not complete: what is missing here may be there all the same."
        }
    }
}
