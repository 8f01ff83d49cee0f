internal import Core
internal import Locks
internal import Settings
internal import Transport

/// Carries calls to KIS over HTTP.
///
/// Reads are asked again as ``KISReaction`` says, within a budget of tries and time. An order goes out once, whatever happens:
///
/// - Also one that the gateway turned away for its token or for too many calls is not sent again here, though that would be safe:
///   the journal of orders knows one attempt by one sending, and whoever holds it decides about the next. The token is renewed
///   on the spot, so that the next attempt finds a good one.
/// - An error of the transport that may have come after the request leaves the outcome unknown; so does every answer that is
///   neither a known success nor known to have been turned away.
struct KISClient: KISCaller {
    let configuration: KISConfiguration
    private let trading: KISDesk
    /// `nil` when prices are asked for with the trading keys.
    private let quotes: KISDesk?
    private let clock: any WallClock
    private let veil: KISVeil
    private let seed: UInt64

    /// - Parameter seed: Of the chance in the waits between tries.
    init(
        _ configuration: KISConfiguration, http: HTTPClient = HTTPClient(), clock: any WallClock, seed: UInt64
    ) throws(KISConfigurationError) {
        let tradingDoor = try KISDoor(configuration.trading, isForQuotes: false)
        var quoteDoor: KISDoor?
        if let quotes = configuration.quotes { quoteDoor = try KISDoor(quotes, isForQuotes: true) }
        let keys = [tradingDoor, quoteDoor].compactMap { $0 }.flatMap { [$0.appKey.reveal(), $0.appSecret.reveal()] }
        let names = configuration.account.spellings + [configuration.htsID?.reveal()].compactMap { $0 }
        let veil = KISVeil(keys + names)
        self.configuration = configuration
        self.veil = veil
        self.clock = clock
        self.seed = seed
        trading = KISDesk(tradingDoor, configuration, http: http, clock: clock, veil: veil)
        quotes = quoteDoor.map { KISDesk($0, configuration, http: http, clock: clock, veil: veil) }
    }

    func call(
        _ endpoint: KISEndpoint, _ fields: [KISField], isContinuation: Bool
    ) async throws(KISError) -> KISAnswer {
        if endpoint.kind == .order { return try await send(endpoint, fields, notAfter: nil) }
        let desk = endpoint.kind == .marketData ? quotes ?? trading : trading
        let call = KISCall(
            endpoint: endpoint, fields: fields, isContinuation: isContinuation,
            transactionID: try transactionID(endpoint, desk.door.environment))
        return try await read(call, desk)
    }

    /// A fresh key for one connection of the stream, of the pair that is to register there.
    ///
    /// - Parameter kind: ``KISEndpoint/Kind/marketData`` for the quote pair, any other for the trading pair.
    func approvalKey(for kind: KISEndpoint.Kind) async throws(KISError) -> Secret {
        let desk = kind == .marketData ? quotes ?? trading : trading
        do {
            return try await desk.session.approvalKey(deadline: configuration.requestDeadline)
        } catch {
            throw KISFailureText(call: "approval", veil: veil).error(error, isOrder: false)
        }
    }

    /// The approval key is of the trading pair, which the notices are registered with; one is fresh for each connection,
    /// so a stream that is up keeps its own.
    func signIn() async throws(KISError) -> KISSignIn {
        let ours = try await warmUp(.inquiry)
        var quoteKeys: KISSignIn.Keys?
        if let quotes {
            quoteKeys = KISSignIn.Keys(
                environment: quotes.door.environment, goodUntil: try await warmUp(.marketData))
        }
        _ = try await approvalKey(for: .inquiry)
        return KISSignIn(
            trading: KISSignIn.Keys(environment: trading.door.environment, goodUntil: ours), quotes: quoteKeys,
            knowsHTSID: configuration.htsID != nil)
    }

    /// Makes sure that there is an access token, or says why there is none.
    ///
    /// - Returns: Until when it is good.
    @discardableResult
    func warmUp(_ kind: KISEndpoint.Kind) async throws(KISError) -> Instant {
        let desk = kind == .marketData ? quotes ?? trading : trading
        let whose = kind == .marketData && quotes != nil ? " for the quote keys" : ""
        var budget = WaitBudget(configuration.callDeadline, from: clock.now())
        do {
            return try await desk.session.token(waiting: &budget).expiresAt
        } catch {
            throw KISFailureText(call: "access token\(whose)", veil: veil).error(error, isOrder: false)
        }
    }

    // MARK: Orders

    func send(
        _ endpoint: KISEndpoint, _ fields: [KISField], notAfter end: Instant?
    ) async throws(KISError) -> KISAnswer {
        let call = KISCall(
            endpoint: endpoint, fields: fields, isContinuation: false,
            transactionID: try transactionID(endpoint, trading.door.environment))
        return try await send(call, trading, notAfter: end)
    }

    private func send(_ call: KISCall, _ desk: KISDesk, notAfter end: Instant?) async throws(KISError) -> KISAnswer {
        let now = clock.now()
        if let end, now >= end {
            throw .notSent(call: call.endpoint.name, detail: "its time ended at \(end), before its turn came")
        }
        // It leaves with its whole deadline or not at all: what is left of its window is what it may wait for.
        let patience = end.map { max($0.duration(since: now), .zero) + configuration.requestDeadline }
        var budget = WaitBudget(min(configuration.callDeadline, patience ?? configuration.callDeadline), from: now)
        let exchange: KISDesk.Exchange
        do {
            exchange = try await desk.exchange(
                call, failed: nil, waiting: &budget, reserve: configuration.requestDeadline)
        } catch {
            throw KISFailureText(call: call.endpoint.name, veil: veil).error(error, isOrder: true)
        }
        let texts = KISFailureText(call: call.endpoint.name, veil: veil.adding(exchange.token))
        if exchange.reaction.kind == .success { return try answer(exchange, texts, isOrder: true) }
        if exchange.reaction.kind == .renew {
            // Its outcome changes nothing about this order, whose error shall not wait for long.
            var patience = WaitBudget(configuration.requestDeadline, from: clock.now())
            _ = try? await desk.session.token(failed: exchange.token, waiting: &patience)
        }
        throw texts.order(exchange.reaction)
    }

    // MARK: Reads

    private func read(_ call: KISCall, _ desk: KISDesk) async throws(KISError) -> KISAnswer {
        var budget = WaitBudget(configuration.callDeadline, from: clock.now())
        var retries = RetryBudget(
            attempts: 1 + max(0, configuration.readRetries), base: .milliseconds(500), cap: .seconds(8),
            totalWait: configuration.callDeadline)
        var chance = SeededGenerator(seed: seed, stream: "\(call.endpoint.name)|\(clock.now().microseconds)")
        var failed: Secret?
        while true {
            let failure: KISError
            do {
                let exchange = try await desk.exchange(call, failed: failed, waiting: &budget, reserve: .zero)
                let texts = KISFailureText(call: call.endpoint.name, veil: veil.adding(exchange.token))
                switch exchange.reaction.kind {
                case .success: return try answer(exchange, texts, isOrder: false)
                case .renew:
                    guard failed == nil else { throw texts.read(exchange.reaction) }
                    failed = exchange.token
                    continue
                case .retry, .malformed, .slowDown: failure = texts.read(exchange.reaction)
                case .refused, .configuration, .credentials, .unavailable, .outcomeUnknown:
                    throw texts.read(exchange.reaction)
                }
            } catch let error as KISDesk.Failure {
                failure = KISFailureText(call: call.endpoint.name, veil: veil).error(error, isOrder: false)
                guard case .transport(let transport) = error, transport.isTransient else { throw failure }
            } catch let error as KISError {
                throw error
            } catch {
                throw .unavailable(call: call.endpoint.name, detail: "an unexpected error; nothing was changed")
            }
            guard case .retry(let wait) = retries.failed(using: &chance), wait < budget.left(at: clock.now()),
                await budget.sleep(for: wait, clock: clock)
            else { throw failure }
        }
    }

    private func answer(
        _ exchange: KISDesk.Exchange, _ texts: KISFailureText, isOrder: Bool
    ) throws(KISError) -> KISAnswer {
        guard case .envelope(let record, _, let code, let message) = exchange.body else {
            throw isOrder ? texts.order(exchange.reaction) : texts.read(exchange.reaction)
        }
        let more = exchange.response.header("tr_cont")?.uppercased() ?? ""
        return KISAnswer(
            body: record, hasMore: more == "F" || more == "M", isLast: more == "D" || more == "E", code: code,
            message: texts.veil.clean(message),
            receivedAt: clock.now())
    }

    // MARK: Transaction ids

    private func transactionID(_ endpoint: KISEndpoint, _ environment: KISEnvironment) throws(KISError) -> String {
        switch environment {
        case .real: return endpoint.realID
        case .virtual:
            if let id = endpoint.virtualID { return id }
        }
        let wantsQuotes = endpoint.kind == .marketData
        throw .configuration(
            call: endpoint.name, code: wantsQuotes ? "NO-QUOTE-KEY" : "NOT-ON-VIRTUAL-HOST",
            detail: "the virtual host has no \(endpoint.name); nothing was sent",
            cure: wantsQuotes
                ? "set \(KISConfigurationKey.quoteAppKey) and \(KISConfigurationKey.quoteAppSecret) to the key pair of a real "
                    + "account: it is used for prices and holidays only, never for orders"
                : "only a real account (brokers.kis.environment: real) can ask for it")
    }
}
