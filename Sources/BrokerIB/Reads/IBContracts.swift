public import Core

/// Our instruments as contracts of IB's, looked up once and remembered for as long as they are fresh.
///
/// Numbers of contracts do not change, but what they are traded in steps of does, and a future of last month is no more.
public actor IBContracts {
    private let connection: IBConnection
    private let maximumAge: Duration
    private let clock: IBClock
    private var known: [InstrumentID: IBListedContract] = [:]
    private var symbols: [Int64: Symbol] = [:]
    /// More than anybody configures.
    private static let limit = 20_000

    /// - Parameter maximumAge: After that IB is asked again.
    public init(_ connection: IBConnection, maximumAge: Duration = .seconds(86_400)) {
        self.connection = connection
        self.maximumAge = maximumAge
        clock = connection.clock
    }

    /// The one contract that an instrument is.
    ///
    /// - Throws: ``IBFailure/contractAmbiguous(_:candidates:)`` with all that it may be; nothing is ever chosen by chance.
    public func contract(of instrument: Instrument) async throws(IBFailure) -> IBListedContract {
        if let listed = known[instrument.id], clock.wall.now().duration(since: listed.listedAt) < maximumAge {
            return listed
        }
        let query = try IBContractQuery(instrument)
        let id = await connection.nextRequestID()
        let answer = try await connection.ask(
            .contractDetails(id), ContractDetailsRequest(requestID: id, contract: query.contract))
        if case .refused(_, 200, _)? = answer.failure {
            throw .contractUnknown(instrument.id, asked: query.words)
        }
        let messages = try answer.whole()
        // One contract of several that could not be read would make the others look like the only one.
        if let problem = answer.problems.first { throw .malformed(request: "reqContractDetails", detail: problem) }
        let details = messages.compactMap { if case .contractDetails(let details) = $0 { details } else { nil } }
        let listed = try query.choose(among: details, at: clock.wall.now())
        if known.count >= Self.limit { known.removeAll() }
        known[instrument.id] = listed
        symbols[listed.conID] = instrument.symbol
        return listed
    }

    /// Our symbol for a contract that was looked up before; `nil` for any other.
    public func symbol(of conID: Int64) -> Symbol? { symbols[conID] }
}
