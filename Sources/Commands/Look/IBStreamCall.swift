internal import BrokerIB
internal import Core
internal import Cycle
internal import Settings
internal import Synchronization

/// One session of IB's stream, printed.
struct IBStreamCall {
    private let context: CommandContext
    private let wiring: IBWiring

    init(_ context: CommandContext) throws {
        self.context = context
        wiring = try IBWiring.enabled(context)
    }

    func run(_ symbols: [Symbol], bars: Bool, delayed: Bool, notices: Bool, _ watch: StreamWatch) async throws {
        try context.refuseLiveMode()
        let prices = try wanted(symbols, bars: bars, delayed: delayed)
        let account = try await account(watch.stop)
        let wanted = prices + (notices ? [.account(account), .profit(of: account)] : [])
        let stream = IBStream(try wiring.terms(.stream, account: account, stop: watch.stop), wanted: wanted)
        let running = Task { await stream.run() }
        let hopes = Hopes(wanted.count)
        let watching = watch.end(running) { hopes.areGone }
        var end: IBStreamStop?
        for await event in stream.events where isToBeTold(event, notices ? account : nil) {
            if !StreamWatch.print(event.json) { running.cancel() }
            guard case .news(let news) = event else { continue }
            hopes.note(news)
            if case .stopped(let reason) = news { end = reason }
        }
        watching.cancel()
        try watch.checkSignal()
        guard hopes.hasAny, end == nil || end == .cancelled else {
            throw StreamWatch.ended("IB", end.flatMap { $0 == .cancelled ? nil : "\($0)" } ?? hopes.lastTrouble)
        }
    }

    /// The account that the login trades in: it is the right one, or nothing is shown of it, prices included. By a connection of
    /// its own: the stream's has nothing to ask it by.
    private func account(_ stop: StopSignal) async throws -> AccountID {
        let isThere = FileWriting.exists(context.settings.paths.database)
        let known = try isThere ? wiring.account(context.openStoreForReading()) : context.settings.brokers[.ib]?.account
        let gateway = try wiring.gateway(.data, account: known, stop: stop)
        do throws(IBGatewayTrouble) {
            let account = try await gateway.ready().account
            await gateway.close()
            return account
        } catch {
            try stop.checkpoint()
            throw IBWiring.failure(error)
        }
    }

    /// What the account does is told only where it was asked for, and of no other account of the login.
    ///
    /// - Parameter account: `nil` where it was not asked for.
    private func isToBeTold(_ event: IBStreamEvent, _ account: AccountID?) -> Bool {
        switch event {
        case .quote, .trade, .day, .slice, .bar, .slot, .news: true
        case .execution(let execution): execution.account == account
        case .profit(let profit): profit.account == account
        case .accountValue(let value): value.account == account
        case .holding(let holding): holding.account == account
        case .order, .orderMessage: account != nil
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
}

/// Whether anything of what is wanted can still come.
private final class Hopes: Sendable {
    private struct State {
        var left: Int
        var refused: Set<IBSubscription> = []
        var hasAny = false
        var lastTrouble: String?
    }

    private let state: Mutex<State>

    /// - Parameter count: Subscriptions that are wanted.
    init(_ count: Int) { state = Mutex(State(left: count)) }

    var hasAny: Bool { state.withLock { $0.hasAny } }
    /// The last reason why nothing came.
    var lastTrouble: String? { state.withLock { $0.lastTrouble } }
    var areGone: Bool { state.withLock { $0.refused.count >= $0.left } }

    func note(_ news: IBStreamNews) {
        state.withLock { state in
            switch news {
            case .subscribed(let subscription):
                state.hasAny = true
                state.refused.remove(subscription)
            case .refused(let subscription, let code, let detail):
                state.refused.insert(subscription)
                state.lastTrouble = "\(code) \(detail)"
            case .disconnected(let detail): state.lastTrouble = state.lastTrouble ?? detail
            case .connected, .unsubscribed, .postponed, .feedChanged, .delayedInstead, .silenced, .budgetLowered,
                .withoutRoom, .stale, .sound, .reconcile, .executionsListed, .accountTold, .accountLost,
                .messageRefused, .notice, .dataDropped, .noticesDropped, .stopped:
                break
            }
        }
    }
}
