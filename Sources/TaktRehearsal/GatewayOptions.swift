import Core
import Foundation
import Rehearsal

/// What the command line says of the stand-in for TWS and IB Gateway.
struct GatewayOptions {
    typealias Problem = RehearsalOptions.Problem

    var configuration: IBSimulatorConfiguration
    var portFile: String?
    /// Seconds of the market for one of the watch; 0 for a market that is told the time.
    var speed: Int64 = 0

    /// - Parameter arguments: Those after `ib`.
    init(_ arguments: [String]) throws {
        // A Friday, half past ten in New York.
        configuration = IBSimulatorConfiguration(seed: 1, start: Instant(epochSeconds: 1_795_188_600))
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Problem(description: "\(name) needs a value") }
            try apply(name, value)
        }
    }

    private mutating func apply(_ name: String, _ value: String) throws {
        func number<Number: FixedWidthInteger>() throws -> Number { try RehearsalOptions.number(name, value) }
        switch name {
        case "--seed": configuration.seed = try number()
        case "--start":
            guard let instant = Instant(rfc3339: value) else {
                throw Problem(description: "--start: '\(value)' is no RFC 3339 time")
            }
            configuration.start = instant
        case "--speed": speed = try number()
        case "--port-file": portFile = value
        case "--history": configuration.historySessions = try number()
        case "--accounts":
            let count: Int = try number()
            guard (1...20).contains(count) else { throw Problem(description: "--accounts is 1 to 20, not \(count)") }
            let cash = configuration.accounts.first?.cash ?? [:]
            configuration.accounts = (0..<count).map { GatewayAccountSpec(code: "DU\(1_234_567 + $0)", cash: cash) }
        case "--account-codes":
            let codes = value.split(separator: ",").map(String.init)
            guard (1...20).contains(codes.count) else {
                throw Problem(description: "--account-codes is 1 to 20 names, not '\(value)'")
            }
            let cash = configuration.accounts.first?.cash ?? [:]
            configuration.accounts = codes.map { GatewayAccountSpec(code: $0, cash: cash) }
        case "--cash":
            let cash: Int = try number()
            configuration.accounts = configuration.accounts.map {
                GatewayAccountSpec(code: $0.code, cash: ["USD": FixedPoint(cash)])
            }
        case "--delayed": configuration.delayedSymbols = Set(value.split(separator: ",").map(String.init))
        case "--master": configuration.masterClientId = try number()
        case "--server-version":
            let version: Int = try number()
            guard (157...178).contains(version) else {
                throw Problem(description: "--server-version is 157 to 178, not \(version)")
            }
            configuration.serverVersion = version
        case "--read-only": configuration.isReadOnly = try flag(name, value)
        case "--strict-pacing": configuration.isPacingStrict = try flag(name, value)
        case "--download-open-orders": configuration.downloadsOpenOrders = try flag(name, value)
        case "--execution-times":
            guard let style = GatewayTimeStyle(rawValue: value) else {
                throw Problem(description: "--execution-times is zoned, plain or utc, not '\(value)'")
            }
            configuration.executionTimes = style
        case "--commissions-first": configuration.commissionsFirst = try flag(name, value)
        case "--messages-per-second":
            let limit: Int = try number()
            configuration.messageRate = (warned: limit, cut: limit * 2)
        case "--symbols":
            configuration.contracts = try ContractFile.contracts(at: value, besides: configuration.contracts)
        case "--faults":
            let text = value.hasPrefix("{") ? value : try String(contentsOfFile: value, encoding: .utf8)
            configuration.faults = try IBFaultPlan(json: try JSONValue(parsing: text))
        default: throw Problem(description: "unknown option '\(name)'")
        }
    }

    private func flag(_ name: String, _ value: String) throws -> Bool {
        guard value == "yes" || value == "no" else {
            throw Problem(description: "\(name) is yes or no, not '\(value)'")
        }
        return value == "yes"
    }
}

/// What is traded, from the same file that the other stand-in reads (``SymbolFile``), with a venue of the gateway's:
///
///     [{"code": "NVDA", "name": "NVIDIA", "venue": "nasdaq", "base_price": "182.40", "depth": 300, "bars": […]}]
///
/// A symbol that the gateway lists anyway keeps its id and gets these prices. Others become shares; without `con_id` they
/// count from 900,000,001.
enum ContractFile {
    static func contracts(at path: String, besides standard: [GatewayContract]) throws -> [GatewayContract] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return try (try JSONValue(parsing: text).arrayValue ?? []).enumerated().map { index, item in
            guard let code = item["code"]?.stringValue, let base = item["base_price"]?.stringValue,
                let venue = item["venue"]?.stringValue.flatMap({ GatewayVenue(rawValue: $0 == "amex" ? "arca" : $0) })
            else {
                throw RehearsalOptions.Problem(
                    description: "\(path): symbol \(index) needs code, base_price and a venue, one of "
                        + GatewayVenue.allCases.map(\.rawValue).joined(separator: ", "))
            }
            let known = standard.first { $0.symbol == code && $0.secType == "STK" && $0.venue == venue }
            var contract =
                known
                ?? GatewayContract(
                    conId: item["con_id"]?.intValue.map { Int($0) } ?? 900_000_001 + index, symbol: code, venue: venue,
                    tradingClass: code, longName: item["name"]?.stringValue ?? code, basePrice: .one)
            contract.basePrice = try FixedPoint(base)
            contract.depth = item["depth"]?.intValue.map { Int($0) }
            contract.tapeBars = try item["bars"]?.arrayValue?.map { try SymbolFile.bar($0, path) }
            return contract
        }
    }
}
