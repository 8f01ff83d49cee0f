internal import Core

/// The defaults that are blocks of names: plain values, since every start would have to read a text.
enum EmbeddedDefaults {
    /// Without any trading.yaml: one profile per market, on the embedded exchange with generated prices.
    static let profiles: [(name: String, symbols: [String])] = [
        ("us-5m", ["NVDA", "PLTR"]), ("kr-5m", ["005930"]),
    ]

    static let cash: [(currency: String, amount: Int)] = [("USD", 100_000), ("KRW", 100_000_000)]

    /// Units of US dollars per unit. Round numbers for the embedded exchange, never for a real portfolio.
    static let rates: [(currency: String, dollars: String)] = [
        ("KRW", "0.00072"), ("EUR", "1.15"), ("GBP", "1.30"), ("JPY", "0.0067"), ("HKD", "0.128"), ("USD", "1"),
    ]

    struct Share {
        let symbol: String
        let name: String
        let exchange: String
        let sector: String?
        var isFund = false

        var isKorean: Bool { exchange == "XKRX" }
    }

    static let shares = [
        Share(symbol: "NVDA", name: "NVIDIA", exchange: "XNAS", sector: "Technology"),
        Share(symbol: "PLTR", name: "Palantir", exchange: "XNAS", sector: "Technology"),
        Share(symbol: "AAPL", name: "Apple", exchange: "XNAS", sector: "Technology"),
        Share(symbol: "SPY", name: "SPDR S&P 500 ETF", exchange: "ARCX", sector: nil, isFund: true),
        Share(symbol: "005930", name: "Samsung Electronics", exchange: "XKRX", sector: "Technology"),
        Share(symbol: "000660", name: "SK hynix", exchange: "XKRX", sector: "Technology"),
    ]

    /// The currency in which an exchange's shares are quoted.
    static let currencies = [
        "XNAS": "USD", "XNYS": "USD", "ARCX": "USD", "BATS": "USD", "XASE": "USD", "XKRX": "KRW", "XTKS": "JPY",
        "XHKG": "HKD",
    ]

    /// Exchanges that open and close together on every day, by one of them. Any other exchange keeps its own hours.
    static func market(of exchange: String) -> String {
        switch exchange {
        case "XNAS", "XNYS", "ARCX", "BATS", "XASE": "XNYS"
        default: exchange
        }
    }
}

extension FoundValues {
    /// Puts a default under a key of a block of names, unless the files give one.
    mutating func fill(_ block: ConfigPath, _ key: String, _ value: ConfigValue) {
        let path = block.appending(key)
        if values[path] == nil { values[path] = Found(value: value, origin: .builtIn) }
    }

    /// Adds names below a block. Those of the files keep their order, new ones come last.
    mutating func fill(names added: [String], below block: ConfigPath) {
        let own = blocks[block]?.names ?? []
        blocks[block, default: Block()].names = own + added.filter { !own.contains($0) }
    }

    mutating func fillProfiles() {
        let block: ConfigPath = "trading.profiles"
        for profile in EmbeddedDefaults.profiles {
            let path = block.appending(profile.name)
            fill(path, "symbols", .list(profile.symbols.map { .text($0) }))
            fill(path, "broker", .text("paper"))
            fill(path, "bars", .text("generator"))
        }
        fill(names: EmbeddedDefaults.profiles.map(\.name), below: block)
    }

    mutating func fillCash() {
        let block: ConfigPath = "paper.initial_cash"
        for (currency, amount) in EmbeddedDefaults.cash { fill(block, currency, .decimal(FixedPoint(amount))) }
        fill(names: EmbeddedDefaults.cash.map(\.currency), below: block)
    }

    mutating func fillShares() {
        let block: ConfigPath = "symbols"
        for share in EmbeddedDefaults.shares {
            let path = block.appending(share.symbol)
            fill(path, "name", .text(share.name))
            fill(path, "market", .text(share.isKorean ? "KR" : "US"))
            fill(path, "exchange", .text(share.exchange))
            fill(path, "currency", .text(share.isKorean ? "KRW" : "USD"))
            if let sector = share.sector { fill(path, "sector", .text(sector)) }
            if share.isFund { fill(path, "kind", .text("etf")) }
        }
        fill(names: EmbeddedDefaults.shares.map(\.symbol), below: block)
    }

    /// Whether anything at or below a key is given.
    func hasAny(_ path: ConfigPath) -> Bool {
        values[path] != nil || !(blocks[path]?.names ?? []).isEmpty
    }
}
