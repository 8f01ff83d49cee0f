internal import Core

/// What IB lists, by our symbols.
struct IBNames: Sendable {
    /// A symbol, and in how many parts of the currency IB quotes it.
    struct Name: Hashable, Sendable {
        let symbol: Symbol
        let magnifier: Int64
        /// `nil` for what is not configured.
        var currency: Currency?
    }

    private let contracts: IBContracts
    private let instruments: [InstrumentID: Instrument]
    private let candidates: [Key: [Instrument]]

    /// What listed contracts tell in every message.
    private struct Key: Hashable {
        let name: String
        let currency: String
    }

    init(_ instruments: [Instrument], contracts: IBContracts) {
        self.contracts = contracts
        self.instruments = Dictionary(instruments.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var candidates: [Key: [Instrument]] = [:]
        for instrument in instruments {
            guard let asked = try? IBContractQuery(instrument).contract else { continue }
            var names: Set<String> = [asked.symbol, asked.localSymbol]
            // A contract named by its number goes by any name.
            if asked.conID != 0 { names = ["conid:\(asked.conID)"] }
            for name in names where !name.isEmpty {
                candidates[Key(name: name, currency: "\(instrument.currency)"), default: []].append(instrument)
            }
        }
        self.candidates = candidates
    }

    /// Our symbol for a listed contract: that of the configured instrument which is this very contract, by IB's own number. What is
    /// not configured goes by IB's name with its number behind it, so that it is never taken for something that is.
    ///
    /// - Throws: When a configured instrument may be meant and nobody can say it now: IB cannot be asked, has another trouble, or
    ///   lists several for it and this is one of them.
    func name(of contract: IBContract) async throws(IBFailure) -> Name {
        // A number stands for the same contract for good, whatever can be looked up now.
        if let (instrument, listed) = await contracts.remembered(contract.conID, among: instruments) {
            return Name(instrument, listed)
        }
        let keys = [contract.symbol, contract.localSymbol, "conid:\(contract.conID)"].map {
            Key(name: $0, currency: contract.currency)
        }
        var seen: Set<InstrumentID> = []
        for instrument in keys.flatMap({ candidates[$0] ?? [] }) where seen.insert(instrument.id).inserted {
            do throws(IBFailure) {
                let listed = try await contracts.contract(of: instrument)
                if listed.conID == contract.conID { return Name(instrument, listed) }
            } catch {
                if error.mayMean(contract.conID) { throw error }
            }
        }
        let own = contract.localSymbol.isEmpty ? contract.symbol : contract.localSymbol
        return Name(symbol: Symbol("\(own).\(contract.conID)"), magnifier: 1)
    }
}

extension IBNames.Name {
    fileprivate init(_ instrument: Instrument, _ listed: IBListedContract) {
        self.init(symbol: instrument.symbol, magnifier: listed.priceMagnifier, currency: instrument.currency)
    }
}

extension IBFailure {
    /// Whether an instrument that could not be looked up may be the contract with this number all the same.
    fileprivate func mayMean(_ conID: Int64) -> Bool {
        switch self {
        case .contractUnknown, .contractDiffers, .contractNotServed: false
        case .contractAmbiguous(_, let candidates): candidates.contains { $0.hasPrefix("\(conID) ") }
        case .notConnected, .notAsked, .connectionLost, .timedOut, .refused, .tooFast, .tooMuch, .malformed, .cancelled:
            true
        }
    }
}
