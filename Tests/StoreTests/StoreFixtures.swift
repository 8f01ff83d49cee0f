import Core
import GRDB
import Store
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A folder of its own for one test, removed with the value.
final class Scratch {
    let folder: String
    var path: String { folder + "/state/takt.sqlite" }

    init() throws {
        var template = Array("/tmp/takt-store-XXXXXX".utf8CString)
        let created = mkdtemp(&template)
        folder = created.map { String(cString: $0) } ?? ""
        try #require(!folder.isEmpty)
    }

    deinit {
        for name in files(in: "state") { unlink("\(folder)/state/\(name)") }
        rmdir(folder + "/state")
        for name in files(in: "") { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    func files(in subfolder: String) -> [String] {
        guard let stream = opendir("\(folder)/\(subfolder)") else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func permissions(of name: String) -> UInt32 {
        var info = stat()
        return stat("\(folder)/\(name)", &info) == 0 ? info.st_mode & 0o777 : 0
    }

    /// The whole file; closing it would drop SQLite's locks, so only for files that SQLite does not lock: its logs.
    func bytes(ofLog path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
        return bytes
    }

    func put(_ bytes: [UInt8], at path: String) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }

    func open(_ mode: StateDatabase.Mode = .readWrite) throws -> StateDatabase {
        try StateDatabase.open(at: path, now: .fixture, mode: mode)
    }

    /// A connection past our API, as the `sqlite3` tool would have it.
    func raw(_ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    func rawText(_ sql: String) throws -> String? {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { try String.fetchOne($0, sql: sql) }
    }
}

extension Instant {
    static let fixture = Instant(epochSeconds: 1_795_620_900)
}

extension Symbol {
    static let nvda = Symbol("NVDA")
}

extension CycleID {
    static func fixture(_ minutes: Int64 = 0, profile: String = "us-5m") -> CycleID {
        CycleID(profile: ProfileName(profile), barClose: .fixture.advanced(bySeconds: minutes * 60))
    }
}

extension Bar {
    static func fixture(_ index: Int64, close: Int = 100, volume: Int = 1000, source: BarSourceKind = .generator) -> Bar
    {
        Bar(
            openAt: .fixture.advanced(bySeconds: index * 300), open: Price(100), high: Price(max(close, 100)),
            low: Price(min(close, 100)), close: Price(close), volume: Quantity(volume), source: source)
    }
}

extension OrderIntent {
    static func fixture(
        cycle: CycleID = .fixture(), symbol: Symbol = .nvda, type: OrderType = .market, quantity: Int = 10,
        state: OrderState = .proposed
    ) -> OrderIntent {
        OrderIntent(
            cycle: cycle, symbol: symbol, purpose: .entry, side: .buy, type: type, quantity: Quantity(quantity),
            timeInForce: .day, state: state, broker: .paper, referencePrice: Price(100), createdAt: .fixture,
            expiresAt: .fixture.advanced(bySeconds: 300), reasons: [Reason(code: "test", message: "a \"quoted\" word")])
    }
}

extension ManagedOrder {
    static func fixture(
        intent: OrderIntent = .fixture(), brokerOrderID: String? = nil, state: OrderState = .submitting,
        submittedAt: Instant = .fixture
    ) -> ManagedOrder {
        ManagedOrder(
            clientOrderID: intent.clientOrderID, intentID: intent.id, attempt: 1, origin: .takt,
            profile: intent.cycle.profile, broker: .paper, account: AccountID("A1"),
            brokerOrderID: brokerOrderID.map { BrokerOrderID($0) }, symbol: intent.symbol, side: intent.side,
            type: intent.type, quantity: intent.quantity, timeInForce: intent.timeInForce, state: state,
            submittedAt: submittedAt)
    }
}

extension Fill {
    static func fixture(
        _ execution: String = "E1", price: Int = 100, fee: FixedPoint = .one, at seconds: Int64 = 0,
        isBusted: Bool = false
    ) -> Fill {
        Fill(
            broker: .paper, account: AccountID("A1"), executionID: ExecutionID(execution),
            brokerOrderID: BrokerOrderID("7"), clientOrderID: ClientOrderID("NVDA-entry-x"), intentID: nil,
            symbol: .nvda, side: .buy, quantity: Quantity(10), price: Price(price), fee: fee, tax: .zero,
            currency: .usd, filledAt: .fixture.advanced(bySeconds: seconds), recordedAt: .fixture, isBusted: isBusted)
    }
}
