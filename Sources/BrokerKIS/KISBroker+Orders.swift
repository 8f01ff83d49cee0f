public import Broker
internal import Core

extension KISBroker {
    /// The code of the note on an order whose type was replaced.
    public static let marketAsLimitCode = "kis-market-as-limit"

    /// The order as it will be sent and listed: checked, and with a limit in the place of a market order where there
    /// are none.
    ///
    /// Called before the write-ahead row is committed, the row holds the very terms that KIS will list, and an order in
    /// doubt is found again by them. Ready orders stay as they are.
    public func prepared(_ request: OrderRequest) async -> PreparedOrder {
        let today = KISZone.seoul.date(clock.now())
        do throws(OrderRefusal) {
            guard KISTerms.needsMarketableLimit(request, directory) else {
                let terms = try KISTerms(request, directory, rules, on: today)
                if request.timeInForce == .atOpen {
                    let begin = terms.ticker.market.ordersForTheOpening(of: request.expiresAt ?? clock.now())
                    if clock.now() < begin {
                        return .waiting(
                            until: begin,
                            detail: "KIS takes orders for the opening from 04:00 New York time of its day on")
                    }
                }
                return .ready(request, note: nil)
            }
            guard let ticker = directory.ticker(of: request.instrument) else { throw .notServed(request.instrument) }
            guard rules.markets.contains(ticker.market) else { throw .notConfigured(ticker.market) }
            return try await replacingMarket(request, ticker)
        } catch { return .refused(code: error.code, message: error.message) }
    }

    private func replacingMarket(
        _ request: OrderRequest, _ ticker: KISTicker
    ) async throws(OrderRefusal) -> PreparedOrder {
        let limit: MarketableLimit
        do throws(KISError) {
            guard let stand = try await marketableLimit(request, ticker) else {
                return .notReady(detail: "KIS shows no price of \(request.instrument.symbol) to set a limit by")
            }
            limit = stand
        } catch { return .notReady(detail: "no price of \(request.instrument.symbol): \(wrap(error))") }
        let ready = OrderRequest(
            clientOrderID: request.clientOrderID, instrument: request.instrument, side: request.side,
            type: .limit(limit.price), quantity: request.quantity, timeInForce: request.timeInForce,
            expiresAt: request.expiresAt)
        _ = try KISTerms(ready, directory, rules, on: ticker.market.zone.date(clock.now()))
        return .ready(
            ready,
            note: Reason(
                code: Self.marketAsLimitCode,
                message: "\(ticker.market.codes.order) has no market orders: a limit of \(limit.price) stands in, "
                    + "\(Self.percent(rules.collar)) beyond \(limit.source.rawValue), \(limit.reference)"))
    }

    private static func percent(_ share: Fraction) -> String {
        (try? share.value.multiplied(by: FixedPoint(100), rounding: .halfEven)).map { "\($0) %" } ?? "\(share)"
    }

    /// The last price is there on both hosts; book and limits are asked for where they help, and done without where the
    /// quote credentials do not reach them.
    private func marketableLimit(
        _ request: OrderRequest, _ ticker: KISTicker
    ) async throws(KISError) -> MarketableLimit? {
        let price = OverseasPrice(market: ticker.market, code: ticker.code)
        guard let quote = try await price.read(from: caller), quote.last.isPositive else { return nil }
        var (best, lower, upper): (Price?, Price?, Price?)
        if ticker.market.nation == .unitedStates {
            let book = try? await OverseasBook(market: ticker.market, code: ticker.code).read(from: caller)
            best = request.side == .buy ? book?.asks.first?.price : book?.bids.first?.price
        } else {
            let detail = try? await OverseasPriceDetail(market: ticker.market, code: ticker.code).read(from: caller)
            (lower, upper) = (detail?.lowerLimit, detail?.upperLimit)
        }
        let ticks = request.instrument.ticks.rule(on: ticker.market.zone.date(clock.now()))
        return try? MarketableLimit(
            request.side, best: best, last: quote.last, collar: rules.collar, ticks: ticks, lower: lower, upper: upper)
    }

    // MARK: Sending

    /// One call for each, in order; none once its window is over or the run is asked to stop. After an outcome that nobody knows, further orders for the same instrument are kept
    /// back: to tell them apart afterwards there would be nothing but their terms.
    public func submit(_ requests: [OrderRequest]) async -> [SubmitOutcome] {
        var outcomes: [SubmitOutcome] = []
        var doubtful: Set<Symbol> = []
        for request in requests {
            if let reason = reasonToKeep(request) {
                outcomes.append(.notSent(detail: reason))
                continue
            }
            guard !doubtful.contains(request.instrument.symbol) else {
                outcomes.append(
                    .notSent(detail: "an order for \(request.instrument.symbol) just before it is in doubt"))
                continue
            }
            let outcome = await submit(request)
            if case .unknown = outcome { doubtful.insert(request.instrument.symbol) }
            outcomes.append(outcome)
        }
        return outcomes
    }

    private func submit(_ request: OrderRequest) async -> SubmitOutcome {
        let ready: OrderRequest
        switch await prepared(request) {
        case .ready(let request, _): ready = request
        case .refused(let code, let message): return .rejected(code: code, message: message)
        case .waiting(_, let detail), .notReady(let detail): return .notSent(detail: detail)
        }
        let call: (endpoint: KISEndpoint, fields: [KISField], market: KISMarket)
        do throws(OrderRefusal) {
            let zone = directory.ticker(of: ready.instrument)?.market.zone ?? .seoul
            let terms = try KISTerms(ready, directory, rules, on: zone.date(clock.now()))
            call = try self.call(for: terms, ready)
        } catch { return error.outcome }
        await desk.enter()
        let outcome: SubmitOutcome
        if let reason = reasonToKeep(ready) {
            outcome = .notSent(detail: reason)
        } else {
            outcome = await send(call, notAfter: ready.expiresAt)
        }
        await desk.leave()
        return outcome
    }

    /// Each order of a batch waits for its slot among the calls, and a price is asked for where a limit stands in: what was
    /// in time when the batch began need not be at its end.
    private func reasonToKeep(_ request: OrderRequest) -> String? {
        if isStopping() { return "a signal ended the run before its turn came" }
        guard let end = request.expiresAt, clock.now() >= end else { return nil }
        return "its window ended at \(end), while it waited for its turn"
    }

    private func call(
        for terms: KISTerms, _ request: OrderRequest
    ) throws(OrderRefusal) -> (endpoint: KISEndpoint, fields: [KISField], market: KISMarket) {
        switch terms.kind {
        case .domestic(let division, let price, let stop):
            let order = DomesticOrder(
                account: accountNumber, side: terms.side, code: terms.ticker.code, division: division,
                quantity: terms.quantity, price: price, stop: stop, venue: rules.isReal ? .krx : nil)
            return (order.endpoint, order.fields, terms.ticker.market)
        case .overseas(let division, let price):
            let order = OverseasOrder(
                account: accountNumber, side: terms.side, market: terms.ticker.market, code: terms.ticker.code,
                division: division, quantity: terms.quantity, price: price)
            guard let endpoint = order.endpoint else { throw .notServed(request.instrument) }
            return (endpoint, order.fields, terms.ticker.market)
        }
    }

    private func send(
        _ call: (endpoint: KISEndpoint, fields: [KISField], market: KISMarket), notAfter end: Instant?
    ) async -> SubmitOutcome {
        do throws(KISError) {
            let answer = try await caller.send(call.endpoint, call.fields, notAfter: end)
            guard let acceptance = KISAcceptance(answer), let number = acceptance.orderNumber(call.market) else {
                return .unknown(detail: "KIS answered \(answer.code) \(answer.message) and named no order")
            }
            await organisations.remember(acceptance, as: number)
            return .acknowledged(number.id, at: answer.receivedAt)
        } catch { return Self.outcome(error) }
    }

    /// What a failed order call says. Only what provably did not reach the order desk counts as not sent; an error that
    /// should not come from an order call at all is no proof of anything.
    static func outcome(_ error: KISError) -> SubmitOutcome {
        switch error {
        case .notSent(_, let detail): .notSent(detail: detail)
        case .turnedAway(_, let detail): .turnedAway(detail: detail)
        case .credentialsRefused(_, let code, let detail): .notSent(detail: "\(code) \(detail)")
        case .refused(_, let code, let message): .rejected(code: code, message: message)
        case .configuration(_, let code, let detail, let cure): .rejected(code: code, message: "\(detail); \(cure)")
        case .outcomeUnknown(_, let detail), .malformedAnswer(_, let detail), .unavailable(_, let detail):
            .unknown(detail: detail)
        }
    }
}
