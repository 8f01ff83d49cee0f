import Core
import Foundation
import Rehearsal

/// The brokers' stand-ins as a process of their own, so that they live on while a client is killed.
///
/// usage: TaktRehearsal kis [--seed N] [--environment real|virtual] [--start TIME] [--speed FACTOR] [--edition 2023|2025|2026]
///                          [--list-delay SECONDS] [--calls-per-second N] [--faults JSON|FILE] [--symbols FILE] [--cash WON]
///                          [--history SESSIONS] [--port-file FILE]
///        TaktRehearsal ib  [--seed N] [--start TIME] [--speed FACTOR] [--accounts N] [--cash DOLLARS] [--faults JSON|FILE]
///                          [--symbols FILE] [--history SESSIONS] [--delayed SYMBOL,…] [--master CLIENT] [--read-only yes]
///                          [--server-version 157…178] [--strict-pacing yes] [--messages-per-second N]
///                          [--commissions-first yes] [--download-open-orders yes] [--execution-times zoned|plain|utc]
///                          [--account-codes CODE,…] [--port-file FILE]
///
/// Prints one JSON line with the addresses and what a client needs to log in, into the file as well if one is named; then
/// it serves until its parent ends, or closes the pipe that is its standard input. Without a speed the market stands still
/// and `POST /_rehearsal/clock` moves it; with one it goes on by itself, so many seconds a second.
@main
enum TaktRehearsal {
    static func main() async {
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            switch arguments.first {
            case "kis": try await serveKIS(try RehearsalOptions(arguments))
            case "ib": try await serveGateway(try GatewayOptions(Array(arguments.dropFirst())))
            default: throw RehearsalOptions.Problem(description: "say which stand-in to start: kis or ib")
            }
        } catch let problem as RehearsalOptions.Problem {
            FileHandle.standardError.write(Data("TaktRehearsal: \(problem.description)\n".utf8))
            exit(64)
        } catch {
            FileHandle.standardError.write(Data("TaktRehearsal: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func serveKIS(_ options: RehearsalOptions) async throws {
        let simulator = KISSimulator(options.configuration)
        let addresses = try await simulator.start()
        try announce(Self.announcement(simulator, addresses, options.environment), options.portFile)
        await serve(from: simulator.now, speed: options.speed) { simulator.advance(to: $0) }
    }

    private static func serveGateway(_ options: GatewayOptions) async throws {
        let simulator = IBSimulator(options.configuration)
        let addresses = try await simulator.start()
        let line: JSONValue = [
            "host": "127.0.0.1", "port": .int(Int64(addresses.gateway)),
            "control": .string("http://127.0.0.1:\(addresses.control)"),
            "accounts": .array(options.configuration.accounts.map { .string($0.code) }),
            "now": JSONValue(simulator.now),
        ]
        try announce(line.text, options.portFile)
        await serve(from: simulator.now, speed: options.speed) { simulator.advance(to: $0) }
    }

    private static func announce(_ line: String, _ file: String?) throws {
        if let file { try (line + "\n").write(toFile: file, atomically: true, encoding: .utf8) }
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    static func announcement(
        _ simulator: KISSimulator, _ addresses: KISSimulator.Addresses, _ environment: KISEnvironment
    ) -> String {
        var line: [JSONValue.Member] = [.init("environment", .string(environment.rawValue))]
        func place(_ environment: KISEnvironment) -> [JSONValue.Member] {
            [
                .init("rest", .string("http://127.0.0.1:\(addresses.rest[environment] ?? 0)")),
                .init("websocket", .string("ws://127.0.0.1:\(addresses.webSocket[environment] ?? 0)")),
            ]
        }
        line += place(environment)
        for environment in KISEnvironment.allCases {
            guard let login = simulator.login(environment) else { continue }
            let members: [JSONValue.Member] = [
                .init("app_key", .string(login.appKey)), .init("app_secret", .string(login.appSecret)),
                .init("hts_id", .string(login.htsID)),
                .init("accounts", .array(login.accounts.map { .string("\($0.prefix(8))-\($0.suffix(2))") })),
            ]
            line.append(.init(environment.rawValue, .object(place(environment) + members)))
        }
        line.append(.init("now", JSONValue(simulator.now)))
        return JSONValue.object(line).text
    }

    /// Until nobody is left who wants it.
    private static func serve(from start: Instant, speed: Int64, advance: (Instant) -> Void) async {
        let parent = getppid()
        watchInput()
        let watch = ContinuousClock()
        let began = watch.now
        while getppid() == parent {
            try? await Task.sleep(for: .milliseconds(speed > 0 ? 50 : 200))
            guard speed > 0 else { continue }
            let passed = (watch.now - began).components
            let microseconds = passed.seconds * 1_000_000 + passed.attoseconds / 1_000_000_000_000
            advance(Instant(microseconds: start.microseconds + microseconds * speed))
        }
    }

    /// A pipe at standard input that closes ends the process; anything else there says nothing.
    private static func watchInput() {
        var status = stat()
        guard fstat(0, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return }
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while read(0, &byte, 1) > 0 {}
            exit(0)
        }
    }
}
