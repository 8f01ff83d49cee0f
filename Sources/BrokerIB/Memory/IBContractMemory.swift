internal import Core

/// What takt has learned about IB's contracts, beyond the life of a process.
///
/// Two things come from it: a look-up that is young enough is not asked for again, and what the account holds and executes is
/// recognised by IB's own number also while nothing can be looked up. What is remembered is never taken for more than it is:
/// each entry says what was asked for, and counts only for an instrument that would be asked for in the same way.
public protocol IBContractMemory: Sendable {
    /// All that is remembered, once per instrument. What cannot be read is left out: it is looked up again.
    func contracts() async -> [IBRememberedContract]

    /// Remembers it in the place of what was known of that instrument.
    ///
    /// - Throws: ``IBMemoryFailure`` where it could not be written; nothing depends on it but the next process.
    func remember(_ contract: IBRememberedContract) async throws(IBMemoryFailure)
}

/// The greatest order id that a client of ours has used. The gateway counts too, but its count can be reset, and an id that is
/// used a second time may change an open order instead of placing one.
public protocol IBOrderIDMemory: Sendable {
    /// - Returns: 0 for none.
    /// - Throws: ``IBMemoryFailure`` where nobody can say.
    func usedOrderID(client: Int) async throws(IBMemoryFailure) -> Int64

    /// Puts the id on record before anything is sent under it: durable when it returns. A smaller one than is known changes
    /// nothing.
    func use(_ orderID: Int64, client: Int) async throws(IBMemoryFailure)
}

public struct IBMemoryFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// A contract as it was looked up.
public struct IBRememberedContract: Hashable, Sendable {
    /// How it was asked for. An instrument that is configured otherwise now is not this one.
    public let asked: String
    public let listed: IBListedContract

    public init(asked: String, listed: IBListedContract) {
        self.asked = asked
        self.listed = listed
    }
}

/// A memory that ends with the process.
public actor IBContractTable: IBContractMemory, IBOrderIDMemory {
    private var known: [InstrumentID: IBRememberedContract] = [:]
    private var used: [Int: Int64] = [:]
    /// More than anybody configures.
    static let limit = 20_000

    public init() {}

    public func contracts() -> [IBRememberedContract] { Array(known.values) }

    public func remember(_ contract: IBRememberedContract) {
        if known.count >= Self.limit { known.removeAll() }
        known[contract.listed.instrument] = contract
    }

    public func usedOrderID(client: Int) -> Int64 { used[client] ?? 0 }

    public func use(_ orderID: Int64, client: Int) { used[client] = max(used[client] ?? 0, orderID) }
}
