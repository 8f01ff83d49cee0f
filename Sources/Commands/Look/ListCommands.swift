internal import ArgumentParser
internal import Core
internal import Cycle
internal import Ledger
internal import Settings
internal import Store

/// The common filters of the list commands.
struct FilterOptions: ParsableArguments {
    @Option(name: .long, help: .init("Not before this time or day (RFC 3339, UTC).", valueName: "time")) var since:
        String?
    @Option(name: .long, help: .init("Before this time, or through this day.", valueName: "time")) var until: String?
    @Option(name: .long, help: .init("Only this symbol.", valueName: "symbol")) var symbol: String?
    @Option(name: .long, help: .init("Only this state; may be repeated.", valueName: "state")) var state: [String] = []
    @Option(name: .long, help: .init("Only this broker.", valueName: "name")) var broker: String?
    @Option(name: .long, help: .init("At most so many, the newest.", valueName: "count")) var limit: Int?

    func validate() throws {
        for text in [since, until].compactMap({ $0 }) where Self.instant(text, endOfDay: false) == nil {
            throw ValidationError("'\(text)' is no time; write 2026-11-20 or 2026-11-20T15:35:00Z.")
        }
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    /// What a list can be narrowed by.
    enum Key: String, CaseIterable {
        case since, until, symbol, state, broker, profile, limit

        /// What every list has.
        static let common: Set<Key> = [.since, .until, .limit]
    }

    /// - Parameters:
    ///   - keys: What the list has, besides ``Key/common``. A filter it lacks is refused: leaving it out of account would
    ///     answer another question than the one asked.
    ///   - states: What `--state` may name.
    func filter(by keys: Set<Key>, states known: [String] = [], _ global: GlobalOptions) throws -> ListFilter {
        try require(keys.union(Key.common), global)
        for name in state where !known.contains(name) {
            throw refusal(
                "unknown-state", "There is no state '\(name)' here.", "Known are: \(known.joined(separator: ", ")).")
        }
        return ListFilter(
            since: since.flatMap { Self.instant($0, endOfDay: false) },
            until: until.flatMap { Self.instant($0, endOfDay: true) },
            symbol: symbol.map { Symbol($0) }, states: state, broker: broker.map { BrokerID($0) },
            profile: global.profile.map { ProfileName($0) }, limit: limit)
    }

    /// Refuses every filter that was given and that the list lacks.
    func require(_ keys: Set<Key>, _ global: GlobalOptions) throws {
        let given: [(key: Key, isGiven: Bool)] = [
            (.since, since != nil), (.until, until != nil), (.symbol, symbol != nil), (.state, !state.isEmpty),
            (.broker, broker != nil), (.profile, global.profile != nil), (.limit, limit != nil),
        ]
        guard let odd = given.first(where: { $0.isGiven && !keys.contains($0.key) })?.key else { return }
        let known = Key.allCases.filter(keys.contains).map { "--\($0.rawValue)" }.joined(separator: ", ")
        throw refusal(
            "unknown-filter", "What is listed here cannot be narrowed by --\(odd.rawValue).",
            "Leave it out; this list has: \(known).")
    }

    private func refusal(_ code: String, _ message: String, _ hint: String) -> StepFailure {
        StepFailure(code: code, message: message, hint: hint, isRetryable: false, exitCode: .usage)
    }

    /// A time, or the beginning or the end of a day (UTC); `nil` for any other text.
    static func instant(_ text: String, endOfDay: Bool) -> Instant? {
        if let instant = Instant(rfc3339: text) { return instant }
        return CivilDate(iso: text).map { endOfDay ? $0.advanced(byDays: 1).startUTC : $0.startUTC }
    }
}

/// A list of one kind of thing: read in one transaction, printed as one document (`takt.KIND/1`).
struct Listing {
    let kind: String
    let columns: [TextTable.Column]
    let empty: String

    func print(_ context: CommandContext, _ items: (StoreReader) throws -> [JSONValue]) throws {
        let items = try context.openStoreForReading().read(items)
        let document: JSONValue = [
            "schema": .string("takt.\(kind)/1"), "count": .int(Int64(items.count)), "items": .array(items),
        ]
        try context.output.emit(document) {
            TextTable(columns: columns, items: items, empty: empty).rendered(context.output.style)
        }
    }
}

struct OrdersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orders",
        abstract: "Lists orders, ours and foreign ones; cancels and revises them; settles doubts.",
        discussion: "Example: takt orders --state in-doubt --format json | jq -e '.count == 0'",
        subcommands: [List.self, CancelOrdersCommand.self, ReviseOrderCommand.self, SettleOrderCommand.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists orders (the default).",
            discussion: "Example: takt orders --state in-doubt")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var filters: FilterOptions

        func run() async throws {
            let columns: [TextTable.Column] = [
                TextTable.time("sent", "sent_at"), .init("symbol", "symbol"), .init("side", "side"),
                .init("type", "type"),
                .init("quantity", "quantity", numeric: true), .init("filled", "filled_quantity", numeric: true),
                .init("price", "average_fill_price", numeric: true), .init("state", "state"),
                .init("client order id", "client_order_id"),
            ]
            try Listing(kind: "orders", columns: columns, empty: "No orders.").print(CommandContext(global)) { reader in
                try reader.orders(
                    filters.filter(
                        by: [.symbol, .state, .broker, .profile], states: OrderState.allCases.map(\.rawValue), global)
                ).map(DocumentItems.order)
            }
        }
    }
}

struct FillsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fills", abstract: "Lists fills.",
        discussion: "Example: takt fills --since 2026-11-20 --symbol NVDA")
    @OptionGroup var global: GlobalOptions
    @OptionGroup var filters: FilterOptions

    func run() async throws {
        let columns: [TextTable.Column] = [
            TextTable.time("filled", "filled_at"), .init("symbol", "symbol"), .init("side", "side"),
            .init("quantity", "quantity", numeric: true), .init("price", "price", numeric: true),
            .init("fee", "fee", numeric: true), .init("tax", "tax", numeric: true), .init("ccy", "currency"),
            .init("execution", "execution_id"), TextTable.short("order", "client_order_id"),
        ]
        try Listing(kind: "fills", columns: columns, empty: "No fills.").print(CommandContext(global)) { reader in
            try reader.fills(
                filters.filter(
                    by: [.symbol, .state, .broker, .profile], states: ["booked", "busted"], global)
            ).map(
                DocumentItems.fill)
        }
    }
}

struct DecisionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decisions", abstract: "Lists decisions with their votes and filter verdicts.",
        discussion: "States are hold, buy and sell. Example: takt decisions --state buy --limit 20")
    @OptionGroup var global: GlobalOptions
    @OptionGroup var filters: FilterOptions

    func run() async throws {
        let columns: [TextTable.Column] = [
            .init("bar close") { item in
                item["cycle"]?.stringValue?.split(separator: "/").last.map {
                    String($0.dropFirst(5).replacing("T", with: " "))
                }
                    ?? "-"
            }, .init("symbol", "symbol"), .init("action", "action"),
            .init("confidence", "confidence", numeric: true),
            .init("votes") { item in
                (item["votes"]?.arrayValue ?? []).map { vote in
                    "\(vote["agent"]?.stringValue ?? "?"):\(vote["action"]?.stringValue ?? "?")"
                }.joined(separator: " ")
            },
            .init("held back by") { item in
                (item["filters"]?.arrayValue ?? []).filter { $0["passed"]?.boolValue == false }
                    .compactMap { $0["name"]?.stringValue }.joined(separator: " ")
            },
            TextTable.short("intent", "intent_id"),
        ]
        try Listing(kind: "decisions", columns: columns, empty: "No decisions.").print(CommandContext(global)) {
            reader in
            try reader.decisions(
                filters.filter(
                    by: [.symbol, .state, .profile], states: StoredDecision.Action.allCases.map(\.rawValue), global)
            ).map(DocumentItems.decision)
        }
    }
}

struct BreaksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "breaks",
        abstract: "Lists differences between our books and the brokers'; books or closes explained ones.",
        discussion: "States are open and closed. Example: takt breaks --state open --format json | jq -e '.count == 0'",
        subcommands: [List.self, BookBreakCommand.self, CloseBreakCommand.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists breaks (the default).",
            discussion: "Example: takt breaks --state open")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var filters: FilterOptions

        func run() async throws {
            let columns: [TextTable.Column] = [
                .init("id", "break_id", numeric: true), .init("kind", "kind"), .init("broker", "broker"),
                .init("subject", "subject"), .init("ours", "ours", numeric: true),
                .init("theirs", "theirs", numeric: true), .init("since", "first_seen_at"), .init("state", "state"),
            ]
            try Listing(kind: "breaks", columns: columns, empty: "No breaks.").print(CommandContext(global)) { reader in
                try reader.breaks(
                    filters.filter(
                        by: [.symbol, .state, .broker], states: Store::BookBreak.State.allCases.map(\.rawValue), global)
                ).map(
                    DocumentItems.bookBreak)
            }
        }
    }
}

struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts", abstract: "Lists alerts and what became of them on each channel.",
        discussion: "States are the severities info, warning, error and critical. Example: takt alerts --state critical"
    )
    @OptionGroup var global: GlobalOptions
    @OptionGroup var filters: FilterOptions

    func run() async throws {
        let columns: [TextTable.Column] = [
            .init("id", "alert_id", numeric: true), .init("at", "created_at"), .init("severity", "severity"),
            .init("kind", "kind"), .init("title", "title"),
            .init("deliveries") { item in
                (item["deliveries"]?.arrayValue ?? []).map { delivery in
                    "\(delivery["channel"]?.stringValue ?? "?"):\(delivery["state"]?.stringValue ?? "?")"
                }.joined(separator: " ")
            },
        ]
        try Listing(kind: "alerts", columns: columns, empty: "No alerts.").print(CommandContext(global)) { reader in
            try reader.alerts(
                filters.filter(
                    by: [.state], states: AlertSeverity.allCases.map(\.rawValue), global)
            ).map { alert in
                try Self.item(alert, reader.deliveries(alert: alert.id))
            }
        }
    }

    private static func item(_ alert: StoredAlert, _ deliveries: [AlertDelivery]) -> JSONValue {
        [
            "alert_id": .string(String(alert.id)), "severity": .string(alert.severity.rawValue),
            "kind": .string(alert.kind),
            "title": .string(alert.title), "body": .string(alert.body), "fields": alert.fields,
            "created_at": JSONValue(alert.createdAt), "suppressed": .int(Int64(alert.suppressedCount)),
            "deliveries": .array(
                deliveries.map { delivery in
                    [
                        "channel": .string(delivery.channel), "state": .string(delivery.state.rawValue),
                        "attempts": .int(Int64(delivery.attempts)), "sent_at": JSONValue(delivery.sentAt),
                        "last_error": JSONValue(delivery.lastError),
                    ]
                }),
        ]
    }
}

struct CyclesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cycles", abstract: "Lists what the steps did, attempt by attempt.",
        discussion:
            "States are succeeded, skipped, partial, failed and interrupted. Example: takt cycles --state failed")
    @OptionGroup var global: GlobalOptions
    @OptionGroup var filters: FilterOptions
    @OptionGroup var cycle: CycleOption

    func validate() throws {
        if let cycle = cycle.cycle, CycleID(cycle) == nil {
            throw ValidationError("'\(cycle)' is no cycle; write us-5m/2026-11-20T15:35:00Z.")
        }
    }

    func run() async throws {
        let columns: [TextTable.Column] = [
            .init("cycle", "cycle"), .init("step", "step"), .init("try", "attempt", numeric: true),
            .init("status", "status"), .init("reason", "reason"), .init("exit", "exit_code", numeric: true),
            TextTable.time("started", "started_at"),
        ]
        try Listing(kind: "cycles", columns: columns, empty: "No cycles.").print(CommandContext(global)) { reader in
            try reader.journal(
                filters.filter(by: [.state, .profile], states: JournalStatus.allCases.map(\.rawValue), global),
                cycle: cycle.cycle.flatMap { CycleID($0) }
            )
            .map(Self.item)
        }
    }

    private static func item(_ entry: JournalEntry) -> JSONValue {
        [
            "cycle": JSONValue(entry.cycle), "step": .string(entry.step), "attempt": .int(Int64(entry.attempt)),
            "status": .string(entry.status.rawValue), "reason": JSONValue(entry.reason),
            "exit_code": entry.exitCode.map { .int(Int64($0)) } ?? .null, "started_at": JSONValue(entry.startedAt),
            "finished_at": JSONValue(entry.finishedAt), "pid": .int(Int64(entry.pid)), "host": .string(entry.host),
            "input_digest": JSONValue(entry.inputDigest), "output_digest": JSONValue(entry.outputDigest),
        ]
    }
}
