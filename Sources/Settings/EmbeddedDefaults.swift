internal import Core

/// The defaults that are blocks of names, in the notation of the files, so that one reader serves both.
enum EmbeddedDefaults {
    /// Without any trading.yaml: one profile per market, on the embedded exchange with generated prices.
    static let profiles = """
        trading:
          profiles:
            us-5m: {symbols: [NVDA, PLTR], broker: paper, bars: generator}
            kr-5m: {symbols: ["005930"], broker: paper, bars: generator}
        """

    static let cash = """
        paper:
          initial_cash: {USD: 100000, KRW: 100000000}
        """

    /// Units of US dollars per unit. Round numbers for the embedded exchange, never for a real portfolio.
    static let rates = """
        paper:
          fx: {KRW: "0.00072", EUR: "1.15", GBP: "1.30", JPY: "0.0067", HKD: "0.128"}
        """

    static let symbols = """
        symbols:
          NVDA: {name: NVIDIA, market: US, exchange: XNAS, currency: USD, sector: Technology}
          PLTR: {name: Palantir, market: US, exchange: XNAS, currency: USD, sector: Technology}
          AAPL: {name: Apple, market: US, exchange: XNAS, currency: USD, sector: Technology}
          SPY: {name: SPDR S&P 500 ETF, market: US, exchange: ARCX, currency: USD, kind: etf}
          "005930": {name: Samsung Electronics, market: KR, exchange: XKRX, currency: KRW, sector: Technology}
          "000660": {name: SK hynix, market: KR, exchange: XKRX, currency: KRW, sector: Technology}
        """

    /// The currency in which an exchange's shares are quoted.
    static let currencies = [
        "XNAS": "USD", "XNYS": "USD", "ARCX": "USD", "BATS": "USD", "XASE": "USD", "XKRX": "KRW", "XTKS": "JPY",
        "XHKG": "HKD",
    ]

    /// What one of our own texts says, as built-in defaults.
    static func read(_ text: String, _ file: ConfigFile) -> FoundValues {
        let known = KnownNames(exchanges: Set(currencies.keys), zones: ["UTC"])
        var reader = TreeReader(
            file: file, fileName: file.rawValue,
            interpolation: Interpolation(environment: Environment(), dotEnv: .empty),
            values: ValueReader(known: known), isEmbedded: true, found: FoundValues())
        reader.read(Array(text.utf8))
        return reader.found
    }
}

extension FoundValues {
    /// Adds what another text says under keys that are not yet given. Names keep their order, new ones come last.
    mutating func fill(from other: FoundValues) {
        values.merge(other.values) { own, _ in own }
        blocks.merge(other.blocks) { own, _ in own }
        for (path, added) in other.names {
            let own = names[path] ?? []
            names[path] = own + added.filter { !own.contains($0) }
        }
        errors += other.errors
    }

    /// Whether anything at or below a key is given.
    func hasAny(_ path: ConfigPath) -> Bool {
        values[path] != nil || !(names[path] ?? []).isEmpty
    }
}
