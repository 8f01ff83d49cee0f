internal import BrokerIB
internal import Core
internal import Cycle
internal import Settings

/// One session of IB's stream, printed.
struct IBStreamCall {
    private let context: CommandContext
    private let wiring: IBWiring

    init(_ context: CommandContext) throws {
        self.context = context
        wiring = try IBWiring.enabled(context)
    }

    func run(_ symbols: [Symbol], bars: Bool, delayed: Bool, notices: Bool, _ watch: StreamWatch) async throws {
        let wanted = try wanted(symbols, bars: bars, delayed: delayed) + (notices ? try account() : [])
        let stream = IBStream(try wiring.terms(.stream, account: nil, stop: watch.stop), wanted: wanted)
        let running = Task { await stream.run() }
        let watching = watch.end(running)
        var hasAny = false
        var refusal: String?
        var end: IBStreamStop?
        for await event in stream.events {
            StreamWatch.print(event.json)
            guard case .news(let news) = event else { continue }
            switch news {
            case .subscribed: hasAny = true
            case .refused(_, let code, let detail): refusal = "\(code) \(detail)"
            case .stopped(let reason): end = reason
            case .connected, .disconnected, .unsubscribed, .postponed, .feedChanged, .delayedInstead, .silenced,
                .budgetLowered, .withoutRoom, .stale, .sound, .reconcile, .executionsListed, .accountTold, .accountLost,
                .messageRefused, .notice, .dataDropped, .noticesDropped:
                break
            }
        }
        watching.cancel()
        try watch.checkSignal()
        guard hasAny, end == nil || end == .cancelled else {
            throw StreamWatch.ended("IB", end.flatMap { $0 == .cancelled ? refusal : "\($0)" } ?? refusal)
        }
    }

    private func wanted(_ symbols: [Symbol], bars: Bool, delayed: Bool) throws -> [IBWantedSubscription] {
        try symbols.flatMap { symbol in
            guard let instrument = context.settings.instruments[symbol] else {
                throw StepFailure(
                    code: "not-streamed", message: "There is no symbol \(symbol) in symbols.yaml.",
                    hint: "Nothing was asked. Name symbols of symbols.yaml.", isRetryable: false, exitCode: .usage)
            }
            let quotes = IBWantedSubscription.quotes(of: instrument, allowsDelayed: delayed)
            return bars ? [quotes, .bars(of: instrument)] : [quotes]
        }
    }

    private func account() throws -> [IBWantedSubscription] {
        guard let account = try wiring.account(context.openStoreForReading()) else {
            throw StepFailure(
                code: "no-account",
                message:
                    "The account's orders are asked for by its name, and neither brokers.ib.account nor our books have one.",
                hint: "Nothing was asked. Set IB_ACCOUNT in .env, or run `takt fetch-bars` first.", isRetryable: false,
                exitCode: .configuration)
        }
        return [.account(account), .profit(of: account)]
    }
}
