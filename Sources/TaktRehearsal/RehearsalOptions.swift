import Core
import Foundation
import Rehearsal

/// What the command line says of the stand-in for Korea Investment.
struct RehearsalOptions {
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    var configuration: KISSimulatorConfiguration
    var environment = KISEnvironment.virtual
    var portFile: String?
    /// Seconds of the market for one of the watch; 0 for a market that is told the time.
    var speed: Int64 = 0

    init(_ arguments: [String]) throws {
        // A Friday, ten o'clock in Seoul.
        var start = Instant(epochSeconds: 1_795_136_400)
        var seed: UInt64 = 1
        var named: [(String, String)] = []
        var rest = arguments.dropFirst()
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Problem(description: "\(name) needs a value") }
            if name == "--seed" { seed = try Self.number(name, value) }
            if name == "--start" {
                guard let instant = Instant(rfc3339: value) else {
                    throw Problem(description: "--start: '\(value)' is no RFC 3339 time")
                }
                start = instant
            }
            named.append((name, value))
        }
        configuration = KISSimulatorConfiguration(seed: seed, start: start)
        for (name, value) in named { try apply(name, value) }
    }

    static func number<Number: FixedWidthInteger>(_ name: String, _ value: String) throws -> Number {
        guard let number = Number(value) else { throw Problem(description: "\(name): '\(value)' is no whole number") }
        return number
    }

    private mutating func apply(_ name: String, _ value: String) throws {
        switch name {
        case "--seed", "--start": break
        case "--environment":
            guard let environment = KISEnvironment(rawValue: value) else {
                throw Problem(description: "--environment is real or virtual, not '\(value)'")
            }
            self.environment = environment
        case "--speed": speed = try Self.number(name, value)
        case "--port-file": portFile = value
        case "--history": configuration.historySessions = try Self.number(name, value)
        case "--list-delay": configuration.listDelaySeconds = try Self.number(name, value)
        case "--calls-per-second":
            let calls: Int = try Self.number(name, value)
            configuration.callsPerSecond = [.real: calls, .virtual: calls]
        case "--symbols": configuration.symbols = try SymbolFile.symbols(at: value)
        case "--cash":
            let cash: Int = try Self.number(name, value)
            configuration.accounts = configuration.accounts.map {
                SimulatedAccountSpec(
                    environment: $0.environment, number: $0.number,
                    cash: $0.cash.merging(["KRW": FixedPoint(cash)]) { $1 })
            }
        case "--edition":
            guard let edition = KISStreamEdition(rawValue: value) else {
                throw Problem(description: "--edition is 2023, 2025 or 2026, not '\(value)'")
            }
            configuration.edition = edition
        case "--faults":
            let text = value.hasPrefix("{") ? value : try String(contentsOfFile: value, encoding: .utf8)
            configuration.faults = try KISFaultPlan(json: try JSONValue(parsing: text))
        default: throw Problem(description: "unknown option '\(name)'")
        }
    }
}
