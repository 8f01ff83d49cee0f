import Core
import Testing

@testable import Rehearsal

/// A small market with prices written by hand behind the gateway, and clients that say what the protocol says, byte by byte.
struct GatewayDesk {
    /// Half past nine in New York on a Friday.
    static let open = Instant(epochSeconds: 1_795_185_000)
    static let account = "DU1234567"

    var gateway: SimulatedGateway
    /// What has been read on each connection, and what is left of its bytes.
    private(set) var inbox: [Int: [[String]]] = [:]
    private(set) var bytes: [Int: [UInt8]] = [:]
    private(set) var late: [GatewayDelivery] = []
    private(set) var closed: Set<Int> = []
    var elapsed: Int64 = 0

    /// AAPL with a hundred shares at every level; ES of ten contracts; IBM with the prices of its seed.
    init(bars: [Bar] = Self.bars, change: (inout IBSimulatorConfiguration) -> Void = { _ in }) {
        var configuration = IBSimulatorConfiguration(seed: 11, start: Self.open)
        configuration.historySessions = 0
        configuration.contracts = IBSimulatorConfiguration.standardContracts.compactMap { contract in
            var contract = contract
            switch contract.localSymbol {
            case "AAPL":
                contract.tapeBars = bars
                contract.depth = 100
            case "ESZ6": contract.depth = 10
            case "IBM", "SAP": break
            default: return nil
            }
            return contract
        }
        change(&configuration)
        gateway = SimulatedGateway(configuration)
    }

    /// Two minutes: 200.00 · 199.80 · 200.50 · 200.20, then 200.20 · 200.30 · 198.00 · 198.50; 100 shares a trade, after 0, 20,
    /// 40 and 59 seconds.
    static let bars = [
        Market.bar(open, 20_000, 20_050, 19_980, 20_020, 400, scale: 100),
        Market.bar(open.advanced(bySeconds: 60), 20_020, 20_030, 19_800, 19_850, 400, scale: 100),
    ]

    // MARK: Connections

    /// A connection that has been greeted and has named its client.
    mutating func connect(_ clientId: Int, versions: String = "v157..178") throws -> Int {
        let connection = gateway.open()
        send(connection, raw: Array("API\0".utf8) + GatewayAnswer.framed(Array(versions.utf8)))
        let hello = try #require(take(connection).first)
        try #require(hello.count == 2)
        send(connection, ["71", "2", "\(clientId)", ""])
        return connection
    }

    /// - Returns: A connection whose first words have been read.
    mutating func ready(_ clientId: Int, versions: String = "v157..178") throws -> Int {
        let connection = try connect(clientId, versions: versions)
        try #require(take(connection).contains { $0.first == "9" })
        return connection
    }

    mutating func send(_ connection: Int, _ fields: [String]) {
        send(connection, raw: GatewayAnswer.framed(fields.flatMap { Array($0.utf8) + [0] }))
    }

    mutating func send(_ connection: Int, raw: [UInt8]) {
        elapsed += 50_000_000
        accept(gateway.receive(connection, raw, elapsed: elapsed))
    }

    mutating func advance(_ seconds: Int64) {
        accept(gateway.advance(to: gateway.now.advanced(bySeconds: seconds)))
    }

    /// Does something to the gateway from outside.
    mutating func steer(_ work: (inout SimulatedGateway) -> Void) {
        work(&gateway)
        gateway.publish()
        accept(gateway.takeDeliveries())
    }

    mutating func accept(_ deliveries: [GatewayDelivery]) {
        for delivery in deliveries {
            switch delivery.action {
            case .bytes(let new): bytes[delivery.connection, default: []] += new
            case .later: late.append(delivery)
            case .close: closed.insert(delivery.connection)
            }
        }
    }

    /// The messages that have come whole, and are taken.
    mutating func take(_ connection: Int) -> [[String]] {
        var buffer = bytes[connection] ?? []
        var messages: [[String]] = []
        while buffer.count >= 4 {
            let length = buffer.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard length <= 0xFF_FFFF, buffer.count >= 4 + length else { break }
            let body = buffer[4..<4 + length]
            messages.append(
                body.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
                    String(decoding: $0, as: UTF8.self)
                })
            buffer.removeFirst(4 + length)
        }
        bytes[connection] = buffer
        return messages
    }

    /// The messages of one kind among all that have come.
    mutating func take(_ connection: Int, _ id: String) -> [[String]] { take(connection).filter { $0.first == id } }

    // MARK: Orders

    /// placeOrder as the sheet spells it, at 178: the fields that differ from a plain order are named by their place.
    static func order(
        _ id: Int, _ side: String, _ quantity: Int, _ type: String, limit: String = "", aux: String = "",
        tif: String = "DAY", conId: Int = 265_598, changes: [Int: String] = [:]
    ) -> [String] {
        let plain =
            "3|7|0|AAPL|STK||0|||SMART||USD|||||BUY|10|LMT|150.25||DAY||DU1||0|tk-0001|1|0|0|0|0|0|0|0||0|||||||0||-1|0"
            + "|||0|||0|0||0||||||0|||||0|||||||||||0|||0|0|||0||0|0|0|0|||||||0|||||||||0|0|0||||0|||"
        var fields = plain.split(separator: "|", omittingEmptySubsequences: false).dropLast().map(String.init)
        var values = changes
        values[2] = "\(id)"
        values[3] = "\(conId)"
        for place in [4, 5, 12] { values[place] = "" }
        values[10] = conId == 265_598 ? "SMART" : ""
        for (place, value) in [(17, side), (18, "\(quantity)"), (19, type), (20, limit), (21, aux), (22, tif)] {
            values[place] = value
        }
        values[24] = changes[24] ?? Self.account
        for (place, value) in values { fields[place - 1] = value }
        return fields
    }

    @discardableResult
    mutating func place(
        _ connection: Int, _ id: Int, _ side: String, _ quantity: Int, _ type: String, limit: String = "",
        aux: String = "", tif: String = "DAY", conId: Int = 265_598, changes: [Int: String] = [:]
    ) -> [[String]] {
        send(
            connection,
            Self.order(
                id, side, quantity, type, limit: limit, aux: aux, tif: tif, conId: conId, changes: changes))
        return take(connection)
    }

    /// The order in the simulator's own books.
    func own(_ clientId: Int, _ orderId: Int) throws -> GatewayOrder {
        let index = try #require(gateway.own(clientId, orderId))
        return gateway.market.orders[index]
    }

    func fills(_ clientId: Int, _ orderId: Int) throws -> [GatewayFill] {
        let index = try #require(gateway.own(clientId, orderId))
        return gateway.market.fills.filter { $0.order == index }
    }

    /// `quantity@price` of every execution.
    func executions(_ clientId: Int, _ orderId: Int) throws -> [String] {
        try fills(clientId, orderId).map { "\($0.quantity)@\($0.price)" }
    }

    func status(_ clientId: Int, _ orderId: Int) throws -> String { try own(clientId, orderId).status.rawValue }
}
