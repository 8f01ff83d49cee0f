extension KeyTable {
    static let symbols: [KeyEntry] = [
        .key(.symbols, "symbols.*.name", .text, "The name for people."),
        .key(.symbols, "symbols.*.market", .text, "The market: US, KR, …"),
        .key(.symbols, "symbols.*.exchange", .exchange, "The exchange's code: XNAS, XNYS, XKRX; NASDAQ, KOSPI too."),
        .key(.symbols, "symbols.*.currency", .currency, "The currency of its prices."),
        .key(
            .symbols, "symbols.*.kind", .choice(["stock", "etf", "future", "option"]), default: "stock",
            "What is traded."),
        .key(
            .symbols, "symbols.*.lot_size", .decimal("0.00000001", "1000000000"), default: "1", unit: "units",
            "Orders are multiples of it."),
        .key(
            .symbols, "symbols.*.tick_size", .decimal("0.00000001", "1000000"), unit: "price",
            "The price step; KRX shares and ETFs follow the exchange's table instead."),
        .key(
            .symbols, "symbols.*.multiplier", .decimal("0.00000001", "1000000000"), default: "1",
            unit: "currency per point", "What one point of price and one unit are worth."),
        .key(.symbols, "symbols.*.underlying", .symbol, "Of an option."),
        .key(.symbols, "symbols.*.expiry", .date, "Of a future or an option."),
        .key(.symbols, "symbols.*.strike", .decimal("0.00000001", "1000000000"), unit: "price", "Of an option."),
        .key(.symbols, "symbols.*.right", .choice(["call", "put"]), "Of an option."),
        .key(.symbols, "symbols.*.sector", .text, "For reports."),
        .key(.symbols, "symbols.*.broker_symbols.*", .text, "The broker's own name of it."),
        .key(
            .symbols, "symbols.*.max_position_size", .fraction("0.0001", "1"), unit: "of equity",
            "Its own position limit."),
        .key(
            .symbols, "symbols.*.stop_loss_percentage", .fraction("0.0001", "1"), unit: "of cost",
            "Its own stop-loss."),
    ]

    static let symbolsDeclared: [KeyEntry] = joined(
        KeyEntry.declared(.symbols, "symbols.*", [("min_quantity", amount)]),
        KeyEntry.declared(.symbols, "watchlists", [("*", .list(.symbol))]),
        KeyEntry.declared(.symbols, "market_hours", [("*", .anything)]),
        KeyEntry.declared(.symbols, "currencies", [("*", .anything)]),
        KeyEntry.declared(.symbols, "sectors", [("*", .anything)]),
        KeyEntry.declared(
            .symbols, "validation",
            [
                ("allowed_markets", .list(.text)), ("allowed_exchanges", .list(.text)), ("blacklist", .list(.symbol)),
                ("whitelist_enabled", .bool), ("whitelist", .list(.symbol)),
            ]))
}
