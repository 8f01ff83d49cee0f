import Core
import TestSupport
import Testing

@testable import BrokerIB

@Suite("What is remembered of contracts and order ids beyond a process")
struct IBContractFileTests {
    private static func option(_ symbol: String, at seconds: Int64 = 0) -> IBRememberedContract {
        let contract = IBContract(
            conID: 700_002_000, symbol: symbol, type: .option, lastTradeDateOrMonth: "20261218",
            strike: Price(FixedPoint(int64Units: 19_750_000_000)),
            right: .call, multiplier: "100", exchange: "SMART", primaryExchange: "", currency: "USD",
            localSymbol: "AAPL  261218C00197500", tradingClass: "AAPL")
        return IBRememberedContract(
            asked: "0|OPT \(symbol)|100",
            listed: IBListedContract(
                contract: contract, instrument: InstrumentID("XNAS.\(symbol)"), longName: "Ä \"quoted\"",
                minimumTick: Price(FixedPoint(int64Units: 1_000_000)), priceMagnifier: 1, sizeIncrement: nil,
                listedAt: Instant.fixture.advanced(bySeconds: seconds)))
    }

    @Test("It is the same after the process")
    func survives() async throws {
        let folder = try TemporaryFolder("takt-ib-memory")
        let first = try IBContractFile(folder: "\(folder.path)/deep/er")
        try await first.remember(Self.option("AAPL"))
        try await first.remember(Self.option("MSFT"))
        try await first.remember(Self.option("AAPL", at: 60))
        let second = try IBContractFile(folder: "\(folder.path)/deep/er")
        #expect(await second.contracts() == [Self.option("AAPL", at: 60), Self.option("MSFT")])
    }

    @Test(
        "Every part of it is written down, and what is not whole is none",
        arguments: ["conid", "asked", "strike", "type"])
    func parts(key: String) throws {
        let json = Self.option("AAPL").json
        #expect(IBRememberedContract(json: try JSONValue(parsing: json.text)) == Self.option("AAPL"))
        guard case .object(let members) = json else { return }
        #expect(IBRememberedContract(json: .object(members.filter { $0.key != key })) == nil)
    }

    @Test("A file of contracts that cannot be read remembers nothing, and is written anew")
    func damaged() async throws {
        let folder = try TemporaryFolder("takt-ib-memory")
        let file = IBStateFile(path: "\(folder.path)/\(IBContractFile.contractsName)")
        try file.update { _ in Array("{\"schema\": \"takt.ib-contracts/1\", \"contr".utf8) }
        let memory = try IBContractFile(folder: folder.path)
        #expect(await memory.contracts().isEmpty)
        try await memory.remember(Self.option("AAPL"))
        #expect(await memory.contracts() == [Self.option("AAPL")])
    }

    @Test("The greatest id of each client is kept, and a smaller one takes nothing away")
    func orderIDs() async throws {
        let folder = try TemporaryFolder("takt-ib-memory")
        let memory = try IBContractFile(folder: folder.path)
        #expect(try await memory.usedOrderID(client: 7) == 0)
        for id: Int64 in [5, 12, 3] { try await memory.use(id, client: 7) }
        try await memory.use(4, client: 8)
        let next = try IBContractFile(folder: folder.path)
        #expect(try await next.usedOrderID(client: 7) == 12)
        #expect(try await next.usedOrderID(client: 8) == 4)
        #expect(try await next.usedOrderID(client: 9) == 0)
    }

    @Test("Ids that cannot be read are not taken for none")
    func damagedIDs() async throws {
        let folder = try TemporaryFolder("takt-ib-memory")
        let memory = try IBContractFile(folder: folder.path)
        try IBStateFile(path: "\(folder.path)/\(IBContractFile.orderIDsName)").update { _ in Array("{}".utf8) }
        await #expect(throws: IBMemoryFailure.self) { try await memory.usedOrderID(client: 7) }
        await #expect(throws: IBMemoryFailure.self) { try await memory.use(1, client: 7) }
    }

    @Test("Two that write at the same time lose nothing of each other")
    func together() async throws {
        let folder = try TemporaryFolder("takt-ib-memory")
        let (one, other) = (try IBContractFile(folder: folder.path), try IBContractFile(folder: folder.path))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                let memory = number.isMultiple(of: 2) ? one : other
                group.addTask { try? await memory.remember(Self.option("S\(number)")) }
            }
        }
        #expect(await one.contracts().count == 20)
    }

    @Test("What was written by half is never seen: the old content stands until the new one does")
    func atomic() throws {
        let folder = try TemporaryFolder("takt-ib-memory")
        let file = IBStateFile(path: "\(folder.path)/state")
        try file.update { _ in Array("old".utf8) }
        #expect(throws: IBMemoryFailure.self) {
            try file.update { (_) throws(IBMemoryFailure) -> [UInt8]? in throw IBMemoryFailure("no") }
        }
        #expect(try file.read() == Array("old".utf8))
        // What a killed writer left beside it is in nobody's way.
        try IBStateFile(path: "\(folder.path)/state.new").update { _ in Array("half".utf8) }
        try file.update { bytes in (bytes ?? []) + Array("+new".utf8) }
        #expect(try file.read() == Array("old+new".utf8))
    }
}
