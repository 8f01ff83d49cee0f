internal import ArgumentParser
internal import Core
internal import Cycle
internal import Ledger
internal import Sessions
internal import Settings
internal import Store

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "One screen: mode, halts, last cycles, positions, limits, doubts, breaks.",
        discussion: "Reads only. Example: takt status --format json | jq -e '.in_doubt | length == 0'")
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let context = try CommandContext(global)
        let now = context.clock.now()
        let document = try context.openStoreForReading().read { try Self.document($0, context, now) }
        try context.output.emit(document) { StatusText(style: context.output.style, document: document).text }
    }

    private static func document(_ reader: StoreReader, _ context: CommandContext, _ now: Instant) throws -> JSONValue {
        let settings = context.settings
        let books = try Books.load(reader, settings: settings, calendars: context.calendars, at: now)
        let portfolio = books.portfolio
        let held = Set(try books.ledger.cashByCurrency().keys)
        let mark = try reader.latestEquityMark(brokerScope: "all", asOf: now)
        let risk = try lastRisk(settings.profiles, reader)
        return [
            "schema": "takt.status/1", "at": JSONValue(now), "mode": .string(settings.mode.rawValue),
            "version": .string(TaktVersion.text),
            "halts": .array(
                try reader.activeHalts().map { halt in
                    [
                        "scope": JSONValue(halt.scope), "code": .string(halt.code), "message": .string(halt.message),
                        "since": JSONValue(halt.setAt), "by": .string(halt.setBy),
                    ]
                }),
            "profiles": .array(try settings.profiles.map { try profile($0, reader, context, now) }),
            "equity": JSONValue(portfolio.equity.amount), "currency": JSONValue(portfolio.base),
            "equity_complete": .bool(portfolio.isComplete), "is_opened": .bool(!books.ledger.entries.isEmpty),
            "unpriced": .array(portfolio.missing.map { JSONValue($0) }),
            "high_water_mark": JSONValue(try books.highWaterMark(mark)?.amount),
            "gross_exposure": JSONValue(portfolio.grossExposure.amount),
            "unrealised": JSONValue(portfolio.unrealised.amount),
            "rates": .object(
                books.marks.rates.filter { held.contains($0.key) }.sorted { $0.key < $1.key }.map { currency, rate in
                    .init(currency.code, ["rate": JSONValue(rate.perBase), "source": .string(rate.source)])
                }),
            "positions": .array(portfolio.positions.map(PositionItems.item)),
            "limits": Self.limits(risk, try ConsultationItems.limits(settings, reader, at: now)),
            "open_orders": .array(try reader.openOrders().map(DocumentItems.order)),
            "in_doubt": .array(
                try reader.orders(states: [.inDoubt, .cancelInDoubt, .submitting]).map(DocumentItems.order)),
            "breaks": .array(try reader.openBreaks().map(DocumentItems.bookBreak)),
            "running": .array(
                try reader.leases().map { lease in
                    [
                        "step": .string(lease.step), "cycle": JSONValue(lease.cycle), "pid": .int(Int64(lease.pid)),
                        "host": .string(lease.host), "since": JSONValue(lease.acquiredAt),
                    ]
                }),
            "pending_operator_orders": .array(
                try reader.pendingOperatorOrders().map { order in
                    [
                        "kind": .string(order.kind.rawValue), "scope": .string(order.scope),
                        "reason": .string(order.reason),
                        "since": JSONValue(order.createdAt),
                    ]
                }),
        ]
    }

    /// `null` where nothing is known of any.
    private static func limits(_ risk: JSONValue?, _ consulting: [JSONValue.Member]) -> JSONValue {
        let known: [JSONValue.Member] = if case .object(let members)? = risk { members } else { [] }
        return (known + consulting).isEmpty ? .null : .object(known + consulting)
    }

    /// The use of each limit as the newest risk check of all profiles saw it.
    private static func lastRisk(_ profiles: [Profile], _ reader: StoreReader) throws -> JSONValue? {
        let entries = try profiles.compactMap { profile -> JournalEntry? in
            guard let cycle = try reader.recentCycles(limit: 1, profile: profile.name).first else { return nil }
            return try reader.lastJournal(cycle, step: StepName.riskCheck.rawValue)
        }
        return entries.max { $0.startedAt < $1.startedAt }?.document?["summary"]?["limits"]
    }

    private static func profile(
        _ profile: Profile, _ reader: StoreReader, _ context: CommandContext, _ now: Instant
    ) throws -> JSONValue {
        let last = try reader.recentCycles(limit: 1, profile: profile.name).first
        let steps = try last.map { try reader.journal(cycle: $0) } ?? []
        var newest: [String: JournalEntry] = [:]
        for entry in steps { newest[entry.step] = entry }
        let calendar = profile.symbols.first.flatMap { context.settings.instruments[$0] }
            .flatMap { context.calendars.calendar($0.exchange) }
        return [
            "profile": JSONValue(profile.name), "timeframe": JSONValue(profile.timeframe),
            "symbols": .array(profile.symbols.map { JSONValue($0) }),
            "is_open": .bool(calendar?.isOpen(at: now) ?? false),
            "next_open": JSONValue(calendar?.nextOpen(after: now)),
            "next_close": JSONValue(calendar?.nextClose(after: now)),
            "calendar_notice": JSONValue(calendar?.notice(at: now)), "last_cycle": JSONValue(last),
            "steps": .array(
                StepName.allCases.compactMap { newest[$0.rawValue] }.map { entry in
                    [
                        "step": .string(entry.step), "status": .string(entry.status.rawValue),
                        "reason": JSONValue(entry.reason),
                        "attempt": .int(Int64(entry.attempt)), "finished_at": JSONValue(entry.finishedAt),
                    ]
                }),
        ]
    }
}

/// Positions as the contract's items.
enum PositionItems {
    static func item(_ valued: ValuedPosition) -> JSONValue {
        let position = valued.position
        return [
            "symbol": JSONValue(position.symbol), "broker": JSONValue(position.broker),
            "account": JSONValue(position.account),
            "quantity": JSONValue(position.quantity), "average_cost": JSONValue(position.averageCost),
            "currency": JSONValue(position.currency), "last_price": JSONValue(valued.lastPrice),
            "last_price_at": JSONValue(valued.lastPriceAsOf), "market_value": JSONValue(valued.marketValue?.amount),
            "base_value": JSONValue(valued.baseValue?.amount), "unrealised_pnl": JSONValue(valued.unrealised?.amount),
            "realised_pnl": JSONValue(position.realisedAverage.amount),
            "realised_pnl_fifo": JSONValue(position.realisedFIFO.amount), "opened_at": JSONValue(position.openedAt),
        ]
    }

    static let columns: [TextTable.Column] = [
        .init("symbol", "symbol"), .init("broker", "broker"), .init("quantity", "quantity", numeric: true),
        .init("cost", "average_cost", numeric: true), .init("last", "last_price", numeric: true),
        TextTable.money("value", "market_value"), TextTable.money("unrealised", "unrealised_pnl"),
        TextTable.money("realised", "realised_pnl"), .init("ccy", "currency"), TextTable.time("as of", "last_price_at"),
    ]
}

/// The status screen.
struct StatusText {
    let style: TextStyle
    let document: JSONValue

    var text: String {
        [head, halts, profiles, money, positions, trouble].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private func list(_ key: String) -> [JSONValue] { document[key]?.arrayValue ?? [] }
    private func word(_ value: JSONValue?) -> String { value.map(TextTable.plain) ?? "-" }

    private var head: String {
        "\(style(.bold, "takt \(word(document["version"]))"))  mode \(word(document["mode"]))  at \(word(document["at"]))"
    }

    private var halts: String {
        let halts = list("halts")
        guard !halts.isEmpty else { return style(.green, "Trading is free: no halt in force.") }
        return halts.map {
            style(
                .red,
                "HALT \(word($0["code"])) (\(word($0["scope"]))) since \(word($0["since"])): \(word($0["message"]))")
        }
        .joined(separator: "\n")
    }

    private var profiles: String {
        list("profiles").map { profile in
            let isOpen = profile["is_open"]?.boolValue ?? false
            let market =
                isOpen ? "open until \(word(profile["next_close"]))" : "closed until \(word(profile["next_open"]))"
            let steps = (profile["steps"]?.arrayValue ?? []).map { step in
                let reason = step["reason"]?.stringValue.map { " (\($0))" } ?? ""
                return "  \(word(step["step"]).padding(to: 11)) \(word(step["status"]))\(reason)"
            }
            let title = style(.bold, word(profile["profile"]))
            let notice = profile["calendar_notice"]?.stringValue.map { [style(.yellow, "  \($0)")] } ?? []
            return (["\(title)  \(market), last cycle \(word(profile["last_cycle"]))"] + notice + steps)
                .joined(separator: "\n")
        }.joined(separator: "\n")
    }

    private func amount(_ key: String) -> String {
        let digits = document["currency"]?.stringValue.flatMap { Currency($0) }?.minorDigits ?? 2
        return document[key]?.stringValue.flatMap { try? FixedPoint($0) }?.formatted(digits: digits) ?? "-"
    }

    private var money: String {
        let currency = word(document["currency"])
        guard document["is_opened"]?.boolValue != false else {
            return "No account is open in the books yet: the first `takt cycle` opens them."
        }
        var lines = [
            "Equity \(amount("equity")) \(currency), gross exposure \(amount("gross_exposure")), "
                + "unrealised \(amount("unrealised"))"
        ]
        if document["equity_complete"]?.boolValue == false {
            lines.append(style(.yellow, "without \(word(document["unpriced"])): no price"))
        }
        if case .object(let rates)? = document["rates"], !rates.isEmpty {
            lines.append(
                rates.map { "1 \($0.key) = \(word($0.value["rate"])) \(currency), \(word($0.value["source"]))" }.joined(
                    separator: "; "))
        }
        if case .object(let limits)? = document["limits"] {
            let used = limits.compactMap { limit -> String? in
                guard let most = limit.value["limit"] else { return nil }
                return "\(limit.key.replacing("_", with: " ")) \(word(limit.value["used"]))/\(word(most))"
            }
            for (index, start) in stride(from: 0, to: used.count, by: 3).enumerated() {
                let part = used[start..<min(start + 3, used.count)].joined(separator: ", ")
                lines.append((index == 0 ? "Limits used: " : "             ") + part)
            }
        }
        return lines.joined(separator: "\n")
    }

    private var positions: String {
        TextTable(columns: PositionItems.columns, items: list("positions"), empty: "No positions.").rendered(style)
    }

    private var trouble: String {
        var lines: [String] = []
        for order in list("in_doubt") {
            lines.append(
                style(
                    .red,
                    "IN DOUBT \(word(order["client_order_id"])): \(word(order["side"])) \(word(order["quantity"])) \(word(order["symbol"])) may be live at \(word(order["broker"])); run takt reconcile"
                ))
        }
        for found in list("breaks") {
            lines.append(
                style(
                    .red,
                    "BREAK \(word(found["kind"])) \(word(found["subject"])) at \(word(found["broker"])): ours \(word(found["ours"])), theirs \(word(found["theirs"]))"
                ))
        }
        for order in list("pending_operator_orders") {
            lines.append(
                style(
                    .yellow,
                    "PENDING \(word(order["kind"])) (\(word(order["scope"]))) since \(word(order["since"])): \(word(order["reason"]))"
                ))
        }
        for lease in list("running") {
            lines.append(
                "\(word(lease["step"])) of \(word(lease["cycle"])) begun \(word(lease["since"])) by process \(word(lease["pid"])), not ended"
            )
        }
        let open = list("open_orders").count
        if open > 0 { lines.append("\(open) open order(s): see takt orders") }
        return lines.joined(separator: "\n")
    }
}

struct PortfolioCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "portfolio",
        abstract: "Equity, cash by currency, exposure, fees and realised profit over all brokers.",
        discussion: "Example: takt portfolio --format json | jq -r .equity")
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let context = try CommandContext(global)
        let now = context.clock.now()
        let document = try context.openStoreForReading().read { reader in
            let books = try Books.load(
                reader, settings: context.settings, calendars: context.calendars, at: now)
            return try Self.document(books, now)
        }
        try context.output.emit(document) {
            let head =
                "Equity \(document["equity"]?.stringValue ?? "") \(document["currency"]?.stringValue ?? "") at \(now)"
            let table = TextTable(
                columns: [
                    .init("currency", "currency"), TextTable.money("cash", "cash"),
                    TextTable.money("fees", "fees"),
                    TextTable.money("taxes", "taxes"), TextTable.money("dividends", "dividends"),
                    TextTable.money("realised", "realised"), .init("rate", "rate", numeric: true),
                    .init("rate from", "rate_source"),
                ], items: document["items"]?.arrayValue ?? [], empty: "No account is open yet: run takt fetch-bars.")
            return head + "\n" + table.rendered(context.output.style)
        }
    }

    private static func document(_ books: Books, _ now: Instant) throws -> JSONValue {
        let ledger = books.ledger
        let portfolio = books.portfolio
        let cash = try ledger.cashByCurrency()
        let (fees, taxes) = (try ledger.fees(), try ledger.taxes())
        let (dividends, realised) = (try ledger.dividends(), try ledger.realised(.average))
        let items = cash.keys.sorted().map { currency -> JSONValue in
            [
                "currency": JSONValue(currency), "cash": JSONValue(cash[currency]?.rounded),
                "fees": JSONValue(fees[currency]?.rounded), "taxes": JSONValue(taxes[currency]?.rounded),
                "dividends": JSONValue(dividends[currency]?.rounded),
                "realised": JSONValue(realised[currency]?.rounded),
                "rate": JSONValue(books.marks.rate(currency)),
                "rate_source": JSONValue(books.marks.rates[currency]?.source),
            ]
        }
        return [
            "schema": "takt.portfolio/1", "at": JSONValue(now), "equity": JSONValue(portfolio.equity.amount),
            "currency": JSONValue(portfolio.base), "complete": .bool(portfolio.isComplete),
            "cash": JSONValue(portfolio.cash.amount), "gross_exposure": JSONValue(portfolio.grossExposure.amount),
            "net_exposure": JSONValue(portfolio.netExposure.amount),
            "unrealised": JSONValue(portfolio.unrealised.amount),
            "leverage": JSONValue(portfolio.leverage), "items": .array(items),
            "positions": .array(portfolio.positions.map(PositionItems.item)),
        ]
    }
}
