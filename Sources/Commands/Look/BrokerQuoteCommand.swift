internal import ArgumentParser
internal import Broker
internal import Core
internal import Cycle
internal import Settings

struct BrokerQuoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quote",
        abstract: "What the broker shows of the market now, and what the account may trade there.",
        discussion: """
            Prices are in the instrument's currency. With --depth the order book comes too; with --buying-power what the account \
            may buy, at --price or as a market order, and what it may sell.

            Example: takt broker quote 005930 NVDA --depth --buying-power
            """)
    @OptionGroup var global: GlobalOptions
    @OptionGroup var which: BrokerOption
    @Argument(help: .init("Configured symbols.", valueName: "symbol")) var symbols: [String]
    @Flag(name: .long, help: "The order book as well.") var depth = false
    @Flag(name: .long, help: "What may be bought and sold as well.") var buyingPower = false
    @Option(name: .long, help: .init("Reckon buying power at this limit.", valueName: "price")) var price: String?

    func validate() throws {
        if let price, (try? Price(price))?.isPositive != true {
            throw ValidationError("--price '\(price)' is no price above zero.")
        }
        if price != nil, !buyingPower { throw ValidationError("--price belongs to --buying-power.") }
    }

    func run() async throws {
        let desk = try await which.desk(global)
        for symbol in symbols { try desk.context.requireKnown(symbol: symbol) }
        let inquiry = try desk.inquiry()
        var items: [JSONValue] = []
        for symbol in symbols {
            guard let instrument = desk.context.settings.instruments[Symbol(symbol)] else { continue }
            let quote = try await inquiry.quote(of: instrument, depth: depth)
            let power =
                buyingPower
                ? try await inquiry.buyingPower(for: instrument, at: try price.map { try Price($0) }) : nil
            items.append(Self.item(instrument, quote, power))
        }
        let unknown = items.filter { $0["last"] == .null }.compactMap { $0["symbol"]?.stringValue }
        let document: JSONValue = [
            "schema": "takt.broker-quote/1", "broker": JSONValue(desk.broker.id), "count": .int(Int64(items.count)),
            "items": .array(items),
        ]
        try desk.context.output.emit(document) { Self.text(items, desk.context.output.style) }
        guard unknown.isEmpty else {
            throw StepFailure(
                code: "not-quoted", message: "\(desk.broker.id) shows no price of \(unknown.joined(separator: ", ")).",
                hint: "Compare symbol, exchange and broker_symbols in symbols.yaml with the broker's own names.",
                isRetryable: false, exitCode: .badInput)
        }
    }

    private static func item(_ instrument: Instrument, _ quote: BrokerQuote?, _ power: BuyingPower?) -> JSONValue {
        func side(_ levels: [BrokerQuote.Level]?) -> JSONValue {
            guard let levels else { return .null }
            return .array(levels.map { ["price": JSONValue($0.price), "quantity": JSONValue($0.quantity)] })
        }
        let notes = (quote?.notes ?? []) + (power?.notes ?? [])
        return [
            "symbol": JSONValue(instrument.symbol), "currency": JSONValue(quote?.currency ?? instrument.currency),
            "last": JSONValue(quote?.last), "open": JSONValue(quote?.open), "high": JSONValue(quote?.high),
            "low": JSONValue(quote?.low), "base": JSONValue(quote?.base),
            "lower_limit": JSONValue(quote?.lowerLimit), "upper_limit": JSONValue(quote?.upperLimit),
            "volume": JSONValue(quote?.volume), "tick": JSONValue(quote?.tick), "lot": JSONValue(quote?.lot),
            "halted": quote?.isHalted.map { .bool($0) } ?? .null, "asks": side(quote?.asks), "bids": side(quote?.bids),
            "buying_power": power.map(Self.item) ?? .null, "read_at": JSONValue(quote?.readAt),
            "notes": .array(notes.map { .string($0) }),
        ]
    }

    private static func item(_ power: BuyingPower) -> JSONValue {
        [
            "currency": JSONValue(power.currency), "cash": JSONValue(power.cash), "amount": JSONValue(power.amount),
            "price": JSONValue(power.price), "buyable": JSONValue(power.buyable),
            "buyable_with_exchange": JSONValue(power.buyableWithExchange), "sellable": JSONValue(power.sellable),
        ]
    }

    private static func text(_ items: [JSONValue], _ style: TextStyle) -> String {
        let table = TextTable(
            columns: [
                .init("symbol", "symbol"), .init("last", "last", numeric: true), .init("base", "base", numeric: true),
                .init("low limit", "lower_limit", numeric: true), .init("high limit", "upper_limit", numeric: true),
                .init("bid", numeric: true) { best($0["bids"]) }, .init("ask", numeric: true) { best($0["asks"]) },
                .init("volume", "volume", numeric: true),
                .init("buyable", numeric: true) { $0["buying_power"]?["buyable"].map(TextTable.plain) ?? "-" },
                .init("sellable", numeric: true) { $0["buying_power"]?["sellable"].map(TextTable.plain) ?? "-" },
                .init("ccy", "currency"), .init("") { $0["halted"]?.boolValue == true ? "halted" : "" },
            ], items: items, empty: "No symbol.")
        let notes = items.flatMap { item in
            (item["notes"]?.arrayValue ?? []).compactMap(\.stringValue).map {
                "\(item["symbol"]?.stringValue ?? ""): \($0)"
            }
        }
        return ([table.rendered(style)] + notes).joined(separator: "\n")
    }

    private static func best(_ levels: JSONValue?) -> String {
        levels?.arrayValue?.first?["price"].map(TextTable.plain) ?? "-"
    }
}
