public import Core

/// How an instrument is asked for at IB.
///
/// `broker_symbols.ib` says what the symbol alone does not: another name (`BRK B`), an index (`IND:SPX`), or the contract itself
/// by IB's own number (`conid:265598`), which settles every doubt.
struct IBContractQuery: Hashable, Sendable {
    let contract: IBContract
    let instrument: Instrument

    init(_ instrument: Instrument) throws(IBFailure) {
        self.instrument = instrument
        let name = instrument.brokerSymbols[.ib] ?? ""
        if let number = name.lowercasedPrefixed("conid:") {
            guard let id = Int64(number), id > 0 else {
                throw .contractNotServed(
                    instrument.id, detail: "'\(name)' in broker_symbols has no number of a contract")
            }
            // Beside its number everything may stay open, its kind too: the answer names the usual exchange.
            contract = IBContract(conID: id, type: .other(""))
            return
        }
        guard let exchange = IBExchange(instrument.exchange) else {
            throw .contractNotServed(
                instrument.id,
                detail:
                    "takt has no name of IB's for the exchange \(instrument.exchange); give its conid in broker_symbols"
            )
        }
        if let index = name.lowercasedPrefixed("ind:") {
            contract = IBContract(
                symbol: index, type: .index, exchange: exchange.name, currency: "\(instrument.currency)")
            return
        }
        contract = Self.contract(of: instrument, named: name, on: exchange)
    }

    private static func contract(
        of instrument: Instrument, named name: String, on exchange: IBExchange
    ) -> IBContract {
        var contract = IBContract(currency: "\(instrument.currency)")
        switch instrument.kind {
        case .stock, .etf:
            contract.symbol = name.isEmpty ? instrument.symbol.text : name
            contract.type = .stock
            contract.exchange = exchange.route
            contract.primaryExchange = exchange.name
        case .future(let expiry):
            contract.type = .future
            contract.exchange = exchange.name
            contract.lastTradeDateOrMonth = expiry.compact
            // Without a name the symbol is the exchange's own, month and all: `ESZ6`.
            if name.isEmpty { contract.localSymbol = instrument.symbol.text } else { contract.symbol = name }
            contract.multiplier = instrument.multiplier == .one ? "" : "\(instrument.multiplier)"
        case .option(let terms):
            contract.type = .option
            contract.symbol = name.isEmpty ? terms.underlying.text : name
            contract.exchange = exchange.route
            contract.lastTradeDateOrMonth = terms.expiry.compact
            contract.strike = terms.strike
            contract.right = terms.right
            contract.multiplier = instrument.multiplier == .one ? "" : "\(instrument.multiplier)"
        }
        return contract
    }

    /// All that decides which contract is meant, and whether it is what `symbols.yaml` says.
    var key: String {
        let expiry = instrument.expiry?.compact ?? ""
        return [
            "\(contract.conID)", words, contract.multiplier, "\(instrument.multiplier)", expiry,
            "\(instrument.currency)",
        ]
        .joined(separator: "|")
    }

    /// `STK NVDA on SMART/NASDAQ in USD`
    var words: String {
        if contract.conID != 0 { return "conid \(contract.conID)" }
        let places = [contract.exchange, contract.primaryExchange].filter { !$0.isEmpty }.joined(separator: "/")
        let name = contract.symbol.isEmpty ? contract.localSymbol : contract.symbol
        let terms = [
            contract.type.code, name, contract.lastTradeDateOrMonth,
            contract.strike.map { "\($0)" } ?? "", contract.right?.ibLetter ?? "", "on \(places)",
            "in \(contract.currency)",
        ]
        return terms.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// The one contract among those that IB lists.
    func choose(among listed: [IBContractDetails], at now: Instant) throws(IBFailure) -> IBListedContract {
        var seen: Set<Int64> = []
        let all = listed.filter { seen.insert($0.contract.conID).inserted }
        guard !all.isEmpty else { throw .contractUnknown(instrument.id, asked: words) }
        var fitting = all
        if all.count > 1 {
            let primary = all.filter {
                !contract.primaryExchange.isEmpty && $0.contract.primaryExchange == contract.primaryExchange
            }
            if primary.count == 1 { fitting = primary }
        }
        guard fitting.count == 1, let chosen = fitting.first else {
            throw .contractAmbiguous(instrument.id, candidates: all.map(Self.line))
        }
        return try IBListedContract(chosen, of: instrument, asked: contract, at: now)
    }

    /// `265598 AAPL STK NASDAQ USD APPLE INC`
    private static func line(_ details: IBContractDetails) -> String {
        let contract = details.contract
        let terms = [
            "\(contract.conID)", contract.localSymbol.isEmpty ? contract.symbol : contract.localSymbol,
            contract.type.code, contract.lastTradeDateOrMonth,
            contract.primaryExchange.isEmpty ? contract.exchange : contract.primaryExchange, contract.tradingClass,
            contract.multiplier.isEmpty ? "" : "×\(contract.multiplier)", contract.currency, details.longName,
        ]
        return terms.filter { !$0.isEmpty }.joined(separator: " ")
    }
}

/// A contract that IB lists, and that an instrument of ours is.
public struct IBListedContract: Hashable, Sendable {
    /// To be used in requests: with its number, and the exchange that orders go to.
    let contract: IBContract
    /// IB's own number.
    public var conID: Int64 { contract.conID }
    public let instrument: InstrumentID
    public let longName: String
    /// The smallest of its price steps; `nil` where IB tells none.
    public let minimumTick: Price?
    /// Prices are quoted in so many parts of the currency: 100 for shares in London, in pence.
    public let priceMagnifier: Int64
    /// Orders are for multiples of it; `nil` where the gateway is too old to tell.
    public let sizeIncrement: Quantity?
    /// An index has prices, and nobody can buy it.
    public var isTradable: Bool { contract.type != .index }
    /// When IB was asked.
    public let listedAt: Instant

    init(
        contract: IBContract, instrument: InstrumentID, longName: String, minimumTick: Price?, priceMagnifier: Int64,
        sizeIncrement: Quantity?, listedAt: Instant
    ) {
        self.contract = contract
        self.instrument = instrument
        self.longName = longName
        self.minimumTick = minimumTick
        self.priceMagnifier = priceMagnifier
        self.sizeIncrement = sizeIncrement
        self.listedAt = listedAt
    }

    init(
        _ details: IBContractDetails, of instrument: Instrument, asked: IBContract, at now: Instant
    ) throws(IBFailure) {
        let found = details.contract
        func differ(_ what: String, _ ours: String, _ theirs: String) -> IBFailure {
            .contractDiffers(
                instrument.id, detail: "\(what) is \(ours) in symbols.yaml and \(theirs) at IB (conid \(found.conID))")
        }
        guard found.currency == "\(instrument.currency)" else {
            throw differ("its currency", "\(instrument.currency)", found.currency)
        }
        // A wrong multiplier is a wrong size of every order; shares have none.
        let multiplier = found.multiplier.isEmpty ? FixedPoint.one : (try? FixedPoint(found.multiplier)) ?? .zero
        guard multiplier == instrument.multiplier else {
            throw differ("its multiplier", "\(instrument.multiplier)", found.multiplier)
        }
        if let expiry = instrument.expiry, found.lastTradeDateOrMonth != expiry.compact {
            throw differ("its last day", expiry.compact, found.lastTradeDateOrMonth)
        }
        var contract = found
        contract.exchange = asked.exchange.isEmpty ? found.exchange : asked.exchange
        self.contract = contract
        self.instrument = instrument.id
        longName = details.longName
        minimumTick = details.minimumTick
        priceMagnifier = max(1, details.priceMagnifier)
        sizeIncrement = details.sizeIncrement
        listedAt = now
    }
}

extension Instrument {
    /// Its last day, of what has one.
    fileprivate var expiry: CivilDate? {
        switch kind {
        case .stock, .etf: nil
        case .future(let expiry): expiry
        case .option(let terms): terms.expiry
        }
    }
}

extension String {
    /// What follows a prefix, whatever the case it is written in; `nil` without it.
    fileprivate func lowercasedPrefixed(_ prefix: String) -> String? {
        lowercased().hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
