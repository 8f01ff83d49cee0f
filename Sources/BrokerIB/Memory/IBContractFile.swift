internal import Core

/// The memory of contracts and of order ids in a folder: `ib-contracts.json` and `ib-order-ids.json`, each written whole or
/// not at all. Several processes may share it.
public actor IBContractFile: IBContractMemory, IBOrderIDMemory {
    static let contractsName = "ib-contracts.json"
    static let orderIDsName = "ib-order-ids.json"
    static let contractsSchema = "takt.ib-contracts/1"
    static let orderIDsSchema = "takt.ib-order-ids/1"

    private let contractsFile: IBStateFile
    private let orderIDsFile: IBStateFile

    /// - Parameter folder: Made where it is missing.
    public init(folder: String) throws(IBMemoryFailure) {
        try IBStateFile.makeFolder(folder)
        contractsFile = IBStateFile(path: "\(folder)/\(Self.contractsName)")
        orderIDsFile = IBStateFile(path: "\(folder)/\(Self.orderIDsName)")
    }

    // MARK: Contracts

    /// A file that cannot be read is one that remembers nothing: everything in it can be looked up again.
    public func contracts() -> [IBRememberedContract] {
        Self.contracts(in: try? contractsFile.read())
    }

    public func remember(_ contract: IBRememberedContract) throws(IBMemoryFailure) {
        try contractsFile.update { (bytes) throws(IBMemoryFailure) in
            var known = Self.contracts(in: bytes).filter { $0.listed.instrument != contract.listed.instrument }
            // Those that were looked up longest ago make room.
            if known.count >= IBContractTable.limit {
                known = Array(
                    known.sorted { $0.listed.listedAt > $1.listed.listedAt }.prefix(IBContractTable.limit / 2))
            }
            known.append(contract)
            let rows = known.sorted { $0.listed.instrument < $1.listed.instrument }.map(\.json)
            return (["schema": .string(Self.contractsSchema), "contracts": .array(rows)] as JSONValue).utf8
        }
    }

    private static func contracts(in bytes: [UInt8]?) -> [IBRememberedContract] {
        guard let bytes, let json = try? JSONValue(parsing: bytes), json["schema"]?.stringValue == contractsSchema
        else {
            return []
        }
        return (json["contracts"]?.arrayValue ?? []).compactMap { IBRememberedContract(json: $0) }
    }

    // MARK: Order ids

    public func usedOrderID(client: Int) throws(IBMemoryFailure) -> Int64 {
        try ids(in: try orderIDsFile.read())["\(client)"] ?? 0
    }

    public func use(_ orderID: Int64, client: Int) throws(IBMemoryFailure) {
        try orderIDsFile.update { (bytes) throws(IBMemoryFailure) in
            var used = try ids(in: bytes)
            guard orderID > used["\(client)"] ?? 0 else { return nil }
            used["\(client)"] = orderID
            let members = used.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .int($0.value)) }
            return (["schema": .string(Self.orderIDsSchema), "greatest_used": .object(members)] as JSONValue).utf8
        }
    }

    /// Unlike a contract, an id cannot be looked up: a file that is there and cannot be read is no empty one.
    private func ids(in bytes: [UInt8]?) throws(IBMemoryFailure) -> [String: Int64] {
        guard let bytes else { return [:] }
        guard let json = try? JSONValue(parsing: bytes), json["schema"]?.stringValue == Self.orderIDsSchema,
            case .object(let members)? = json["greatest_used"], members.allSatisfy({ $0.value.intValue != nil })
        else {
            throw IBMemoryFailure(
                "\(orderIDsFile.path) cannot be read: no order is sent before it is known which ids were used. Move it away, "
                    + "once no order of takt's is open at IB")
        }
        var used: [String: Int64] = [:]
        for member in members { used[member.key] = member.value.intValue }
        return used
    }
}
