internal import ArgumentParser
internal import BrokerKIS
internal import Core
internal import Cycle
internal import Settings
internal import Synchronization

struct StreamCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stream", abstract: "Prints a broker's live events, one JSON object a line.",
        discussion: """
            Trades, with --books order books too, and with --notices what becomes of the account's orders, as the broker sends \
            them, until interrupted or for so long as --for says. What the stream says about itself (connected, registered, \
            disconnected …) comes as lines of the same kind. Nothing is stored. Ends with 69 when the stream gives up, or \
            never had a registration.

            KIS allows one session for an app key: while this runs, nothing else may stream with it.

            The virtual host streams Korean shares only.

            Example: takt stream --broker kis --symbols 005930,000660 --for 10m
            """)
    @OptionGroup var global: GlobalOptions
    @Option(name: .long, help: .init("Whose stream: kis.", valueName: "broker")) var broker = "kis"
    @Option(name: .long, help: .init("Symbols, with commas between.", valueName: "symbols")) var symbols: String
    @Flag(name: .long, help: "Order books as well.") var books = false
    @Flag(name: .long, help: "Notices of the account's orders as well; needs brokers.kis.hts_id.") var notices = false
    @Option(name: .customLong("for"), help: .init("How long: 90s, 10m, 2h.", valueName: "duration"))
    var duration: String?

    func validate() throws {
        guard broker == "kis" else { throw ValidationError("--broker \(broker): this build streams from kis alone.") }
        guard !symbolList.isEmpty else { throw ValidationError("--symbols names no symbol.") }
        if let duration, Self.seconds(duration) == nil {
            throw ValidationError("--for '\(duration)' is no duration; write 90s, 10m or 2h.")
        }
    }

    private var symbolList: [String] {
        symbols.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    }

    static func seconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count > 0,
            count <= 1_000_000
        else { return nil }
        return count * unit
    }

    func run() async throws {
        let context = try CommandContext(global)
        let signals = Signals()
        let outcome = try await KISStreamCall(context).run(
            symbolList.map { Symbol($0) }, books: books, notices: notices,
            for: duration.flatMap(Self.seconds), stop: signals.stop)
        try CommandEnd.check(outcome)
    }
}

/// One session of KIS's stream, printed.
private struct KISStreamCall {
    private let context: CommandContext
    private let wiring: KISWiring

    init(_ context: CommandContext) throws {
        self.context = context
        wiring = try KISWiring.enabled(context)
    }

    func run(
        _ symbols: [Symbol], books: Bool, notices: Bool, for seconds: Int64?, stop: StopSignal
    ) async throws -> Cycle.ExitCode {
        let connection = try wiring.connection()
        let wanted = try wanted(symbols, books: books, notices: notices, connection)
        let refusal = KeyRefusal()
        let stream = KISStream(
            try configuration(connection), wanted: wanted,
            approvalKey: { _ in try await refusal.noting { try await connection.approvalKey(usesQuoteKeys: false) } },
            clock: context.clock)
        let running = Task { await stream.run() }
        let watching = Task {
            var left = seconds.map { $0 * 10 }
            while !Task.isCancelled, !stop.isRaised, !refusal.isFinal, left.map({ $0 > 0 }) ?? true {
                // Real time: the stream is a live one whatever the clock was set to.
                try? await Task.sleep(for: .milliseconds(100))
                left = left.map { $0 - 1 }
            }
            running.cancel()
        }
        var wasRegistered = false
        var end: KISStreamStop?
        for await event in stream.events {
            FileWriting.writeAll(event.json.utf8 + [UInt8(ascii: "\n")], to: 1)
            if case .news(.registered) = event { wasRegistered = true }
            if case .news(.stopped(let reason)) = event { end = reason }
        }
        watching.cancel()
        if let failure = refusal.failure {
            throw StepFailure(
                code: "stream-refused", message: "KIS gives no key for the stream: \(failure).",
                hint: "Nothing is asked again: correct the keys first.", isRetryable: false,
                exitCode: failure.kind == .credentials ? .credentialsRefused : .configuration)
        }
        do { try stop.checkpoint() } catch {
            throw StepFailure(
                code: error.code, message: "A signal ended the stream.",
                hint: "What came is printed; nothing is stored.", isRetryable: true, exitCode: error.exitCode)
        }
        guard wasRegistered, end == nil || end == .cancelled else {
            throw StepFailure(
                code: "stream-ended",
                message:
                    "KIS's stream has ended: \(wasRegistered ? end.map { "\($0)" } ?? "" : "nothing was ever registered").",
                hint: "What came is printed. Run it again when the cause is gone.", isRetryable: true,
                exitCode: .unavailable)
        }
        return .success
    }

    private func wanted(
        _ symbols: [Symbol], books: Bool, notices: Bool, _ connection: KISConnection
    ) throws -> [KISWantedRegistration] {
        var wanted: [KISWantedRegistration] = []
        let registrations = KISRegistrations(
            environment: connection.configuration.trading.environment,
            instruments: Array(context.settings.instruments.values))
        if notices {
            guard let login = connection.configuration.htsID else {
                throw StepFailure(
                    code: "no-hts-id",
                    message: "Order notices come under the login name, and brokers.kis.hts_id is not set.",
                    hint: "Nothing was asked. Set KIS_HTS_ID in .env.", isRetryable: false, exitCode: .configuration)
            }
            wanted += registrations.notices(login: login.reveal())
        }
        for symbol in symbols {
            guard let instrument = context.settings.instruments[symbol],
                let trades = registrations.trades(of: instrument)
            else {
                throw StepFailure(
                    code: "not-streamed",
                    message: "KIS streams no trades of \(symbol) here.",
                    hint: "Nothing was asked. Name symbols of symbols.yaml; foreign ones stream on the real host only.",
                    isRetryable: false, exitCode: .usage)
            }
            wanted.append(trades)
            if books, let book = registrations.book(of: instrument) { wanted.append(book) }
        }
        return wanted
    }

    private func configuration(_ connection: KISConnection) throws -> KISStreamConfiguration {
        var configuration = KISStreamConfiguration(address: try KISWiring.stream(connection))
        configuration.customerType = connection.configuration.customerType.rawValue
        configuration.seed = .random(in: .min ... .max)
        return configuration
    }
}

/// Whether asking again can help: KIS may lock out whoever asks with a wrong key over and over.
private final class KeyRefusal: Sendable {
    private let found = Mutex<KISFailure?>(nil)

    var failure: KISFailure? { found.withLock { $0 } }
    var isFinal: Bool { failure != nil }

    func noting<Value: Sendable>(_ ask: () async throws -> Value) async throws -> Value {
        do { return try await ask() } catch {
            if let failure = error as? KISFailure, [.credentials, .configuration].contains(failure.kind) {
                found.withLock { $0 = failure }
            }
            throw error
        }
    }
}
