public import Core

/// Our instruments as contracts of IB's, looked up once and remembered for as long as they are fresh.
///
/// Numbers of contracts do not change, but what they are traded in steps of does, and a future of last month is no more. What a
/// number stands for is remembered for good, so that what the account holds keeps its name when nothing can be looked up.
public actor IBContracts {
    private let connection: IBConnection
    private let maximumAge: Duration
    private let clock: IBClock
    private let memory: any IBContractMemory
    private let trouble: @Sendable (String) -> Void
    private var known: [InstrumentID: IBRememberedContract] = [:]
    private var symbols: [Int64: Symbol] = [:]
    private var hasRemembered = false
    /// More than anybody configures.
    private static let limit = 20_000

    /// - Parameters:
    ///   - maximumAge: After that IB is asked again.
    ///   - memory: What is known beyond the life of this process.
    ///   - trouble: Is told, in a sentence, when something could not be remembered.
    public init(
        _ connection: IBConnection, maximumAge: Duration = .seconds(86_400),
        memory: any IBContractMemory = IBContractTable(), trouble: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.connection = connection
        self.maximumAge = maximumAge
        self.memory = memory
        self.trouble = trouble
        clock = connection.clock
    }

    /// The one contract that an instrument is.
    ///
    /// - Throws: ``IBFailure/contractAmbiguous(_:candidates:)`` with all that it may be; nothing is ever chosen by chance.
    public func contract(of instrument: Instrument) async throws(IBFailure) -> IBListedContract {
        await remember()
        let query = try IBContractQuery(instrument)
        // One that is from the future, as a clock that was set back sees it, is not known to be fresh.
        if let entry = known[instrument.id], entry.asked == query.key,
            (.zero..<maximumAge).contains(clock.wall.now().duration(since: entry.listed.listedAt))
        {
            return entry.listed
        }
        let listed = try await lookUp(query)
        if known.count >= Self.limit { known.removeAll() }
        let entry = IBRememberedContract(asked: query.key, listed: listed)
        known[instrument.id] = entry
        symbols[listed.conID] = instrument.symbol
        do throws(IBMemoryFailure) { try await memory.remember(entry) } catch {
            trouble("the contract of \(instrument.id) could not be remembered: \(error)")
        }
        return listed
    }

    private func lookUp(_ query: IBContractQuery) async throws(IBFailure) -> IBListedContract {
        let id = await connection.nextRequestID()
        let answer = try await connection.ask(
            .contractDetails(id), ContractDetailsRequest(requestID: id, contract: query.contract))
        if case .refused(let request, 200, let sentence)? = answer.failure {
            // A gateway that does not reach the list of contracts knows none of them.
            guard await connection.reachesEverything else {
                throw .refused(request: request, code: 200, sentence: sentence + "; a data farm of IB's is not reached")
            }
            throw .contractUnknown(query.instrument.id, asked: query.words)
        }
        let messages = try answer.whole()
        // One contract of several that could not be read would make the others look like the only one.
        if let problem = answer.problems.first { throw .malformed(request: "reqContractDetails", detail: problem) }
        let details = messages.compactMap { if case .contractDetails(let details) = $0 { details } else { nil } }
        return try query.choose(among: details, at: clock.wall.now())
    }

    /// The configured instrument that a contract was looked up as before, however long ago; `nil` for none, and where it would be
    /// asked for in another way by now.
    func remembered(
        _ conID: Int64, among instruments: [InstrumentID: Instrument]
    ) async -> (instrument: Instrument, listed: IBListedContract)? {
        await remember()
        for entry in known.values where entry.listed.conID == conID {
            guard let instrument = instruments[entry.listed.instrument], let query = try? IBContractQuery(instrument),
                entry.asked == query.key
            else { continue }
            return (instrument, entry.listed)
        }
        return nil
    }

    /// Our symbol for a contract that was looked up before; `nil` for any other.
    public func symbol(of conID: Int64) -> Symbol? { symbols[conID] }

    /// Reads the memory, once.
    private func remember() async {
        guard !hasRemembered else { return }
        let entries = await memory.contracts()
        guard !hasRemembered else { return }
        hasRemembered = true
        for entry in entries.prefix(Self.limit) where known[entry.listed.instrument] == nil {
            known[entry.listed.instrument] = entry
        }
    }
}
