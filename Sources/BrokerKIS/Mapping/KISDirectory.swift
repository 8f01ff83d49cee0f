internal import Broker
internal import Core

/// An instrument as KIS knows it.
struct KISTicker: Hashable, Sendable {
    let market: KISMarket
    /// `PDNO`: six characters in Korea, the ticker or number of the exchange abroad.
    let code: String

    /// The key of its trades and book on the stream.
    var streamKey: String { market == .krx ? code : "D\(market.codes.stream)\(code)" }
}

/// Our instruments ↔ KIS's codes.
///
/// The code is the symbol unless `broker_symbols` says otherwise; `EXCHANGE:CODE` there (`AMEX:SPY`) also names KIS's
/// exchange, for a share that KIS lists elsewhere than its own exchange.
struct KISDirectory: Sendable {
    private let broker: BrokerID
    private let symbols: [KISTicker: Symbol]
    /// By ticker alone: a US position may come back under another US exchange than the one it was bought at.
    private let americanSymbols: [String: Symbol]
    private let instruments: [Symbol: Instrument]

    init(_ instruments: [Instrument], broker: BrokerID) {
        self.broker = broker
        var symbols: [KISTicker: Symbol] = [:]
        var american: [String: Symbol] = [:]
        for instrument in instruments {
            guard let ticker = Self.ticker(of: instrument, broker) else { continue }
            symbols[ticker] = instrument.symbol
            if ticker.market.nation == .unitedStates { american[ticker.code] = instrument.symbol }
        }
        self.symbols = symbols
        americanSymbols = american
        self.instruments = Dictionary(instruments.map { ($0.symbol, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func instrument(_ symbol: Symbol) -> Instrument? { instruments[symbol] }

    func ticker(of instrument: Instrument) -> KISTicker? { Self.ticker(of: instrument, broker) }

    private static func ticker(of instrument: Instrument, _ broker: BrokerID) -> KISTicker? {
        let name = instrument.brokerSymbols[broker] ?? instrument.symbol.text
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            return KISMarket(exchange: instrument.exchange).map { KISTicker(market: $0, code: name) }
        }
        let exchange = String(parts[0])
        guard let market = KISMarket(orderCode: exchange) ?? KISMarket(quoteCode: exchange), !parts[1].isEmpty else {
            return nil
        }
        return KISTicker(market: market, code: String(parts[1]))
    }

    /// A configured share that is quoted in a currency: the first by symbol, so that the same one is asked by every time.
    func example(of currency: Currency, in markets: [KISMarket]) -> (instrument: Instrument, ticker: KISTicker)? {
        for instrument in instruments.values.sorted(by: { $0.symbol < $1.symbol }) where instrument.currency == currency
        {
            guard let ticker = ticker(of: instrument), markets.contains(ticker.market) else { continue }
            return (instrument, ticker)
        }
        return nil
    }

    /// Our symbol for what KIS lists. What is not configured goes by its own code; outside Korea and the US, where
    /// numbers of different markets meet, with the exchange behind it.
    func symbol(_ market: KISMarket, _ code: String) -> Symbol {
        if let known = symbols[KISTicker(market: market, code: code)] { return known }
        switch market.nation {
        case .korea: return Symbol(code)
        case .unitedStates: return americanSymbols[code] ?? Symbol(code)
        case .hongKong, .shanghai, .shenzhen, .japan, .vietnam: return Symbol("\(code).\(market.exchange)")
        }
    }
}
