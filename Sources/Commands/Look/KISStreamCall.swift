internal import BrokerKIS
internal import Core
internal import Cycle
internal import Settings
internal import Synchronization

/// One session of KIS's stream, printed.
struct KISStreamCall {
    private let context: CommandContext
    private let wiring: KISWiring

    init(_ context: CommandContext) throws {
        self.context = context
        wiring = try KISWiring.enabled(context)
    }

    func run(_ symbols: [Symbol], books: Bool, notices: Bool, _ watch: StreamWatch) async throws {
        let connection = try wiring.connection()
        let wanted = try wanted(symbols, books: books, notices: notices, connection)
        let refusal = KeyRefusal()
        let stream = KISStream(
            try configuration(connection), wanted: wanted,
            approvalKey: { _ in try await refusal.noting { try await connection.approvalKey(usesQuoteKeys: false) } },
            clock: context.clock)
        let running = Task { await stream.run() }
        let watching = watch.end(running) { refusal.isFinal }
        var wasRegistered = false
        var end: KISStreamStop?
        for await event in stream.events {
            if !FileWriting.writeAll(event.json.utf8 + [UInt8(ascii: "\n")], to: 1) { running.cancel() }
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
        try watch.checkSignal()
        guard wasRegistered, end == nil || end == .cancelled else {
            throw StreamWatch.ended("KIS", wasRegistered ? end.map { "\($0)" } : nil)
        }
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
