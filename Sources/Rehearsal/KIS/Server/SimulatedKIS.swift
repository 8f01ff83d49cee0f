internal import Core

/// What a server does with one request.
struct Outcome: Sendable {
    /// `nil` closes the connection without a word.
    var reply: KISReply?
    var delayMilliseconds = 0
    /// Sends only the first half of the body, under the length of the whole.
    var isHalf = false
    var deliveries: [StreamDelivery] = []
}

/// The simulator without sockets: requests and messages in, answers and frames out. Time is what the last control said.
struct SimulatedKIS: Sendable {
    let configuration: KISSimulatorConfiguration
    var exchange: SimulatedExchange
    var gateway: Gateway
    var faults: FaultDesk<KISFault>
    var streams: StreamDesk
    /// Calls taken, for a test to read.
    private(set) var callCounts: [String: Int] = [:]

    init(_ configuration: KISSimulatorConfiguration) {
        self.configuration = configuration
        exchange = SimulatedExchange(
            seed: configuration.seed, start: configuration.start, symbols: configuration.symbols,
            fees: configuration.fees, historySessions: configuration.historySessions)
        exchange.listDelaySeconds = configuration.listDelaySeconds
        for spec in configuration.accounts {
            exchange.accounts[spec.number + spec.product] = SimulatedAccount(
                number: spec.number, product: spec.product, environment: spec.environment, htsID: configuration.htsID,
                opening: spec.cash)
        }
        gateway = Gateway(
            seed: configuration.seed,
            credentials: KISEnvironment.allCases.map {
                SimulatedCredential($0, seed: configuration.seed, htsID: configuration.htsID)
            }, callsPerSecond: configuration.callsPerSecond)
        faults = FaultDesk(configuration.faults)
        streams = StreamDesk(seed: configuration.seed, edition: configuration.edition)
    }

    /// Plays the market up to that moment, and has the stream tell of it.
    mutating func advance(to instant: Instant) -> [StreamDelivery] {
        exchange.advance(to: instant)
        return publish()
    }

    mutating func publish() -> [StreamDelivery] {
        let events = exchange.takeEvents()
        return streams.publish(
            events, now: exchange.now, accounts: exchange.accounts, approvals: gateway.approvals, faults: &faults)
    }

    /// - Parameter elapsed: Nanoseconds of a watch that only runs forward; calls a second are counted by it.
    mutating func answer(_ request: KISRequest, at environment: KISEnvironment, elapsed: Int64) -> Outcome {
        callCounts[request.endpoint, default: 0] += 1
        let rules = faults.draw(request.path, ofStream: false, at: exchange.now)
        func has(_ fault: KISFault) -> Bool { rules.contains { $0.fault == fault } }
        var outcome = Outcome()
        outcome.delayMilliseconds = rules.first { $0.fault == .slow }?.milliseconds ?? 0
        if has(.dropBeforeAccept) { return outcome }
        if has(.serverError) {
            outcome.reply = .gateway("EGW00002", "서버 에러가 발생했습니다.")
            return outcome
        }
        if has(.rateLimit) {
            outcome.reply = .gateway("EGW00201", "초당 거래건수를 초과하였습니다.")
            return outcome
        }
        if has(.tokenExpiry) { gateway.expireTokens(environment, now: exchange.now) }
        let reply = route(request, environment, elapsed, rules)
        outcome.deliveries = publish()
        if has(.dropAfterAccept) { return outcome }
        outcome.reply = has(.serverErrorAfterAccept) ? .gateway("EGW00002", "서버 에러가 발생했습니다.") : reply
        if has(.malformedBody), let body = outcome.reply?.body {
            outcome.reply?.body = Array(body.prefix(body.count * 2 / 3))
        }
        outcome.isHalf = has(.halfAnswer)
        return outcome
    }

    private mutating func route(
        _ request: KISRequest, _ environment: KISEnvironment, _ elapsed: Int64, _ rules: [KISFaultPlan.Rule]
    ) -> KISReply {
        if let reply = gateway.answer(request, environment, now: exchange.now) { return reply }
        if request.path == "/uapi/hashkey" { return hashKey(request, environment, elapsed) }
        guard let endpoint = Endpoint.all[request.path] else {
            return .envelope(resultCode: "1", "OPSQ0002", "없는 서비스 코드 입니다.", status: 404)
        }
        if let reply = gateway.check(request, environment, now: exchange.now, elapsed: elapsed) { return reply }
        do throws(Refusal) {
            var call = try Call(request, endpoint, environment, rules, seed: gateway)
            if call.fields["CANO"] != nil { try call.checkAccount(exchange) }
            return try perform(&call).reply(to: call)
        } catch {
            let status = error.messageCode.hasPrefix("EGW") ? 500 : 200
            return .envelope(
                resultCode: error.resultCode, error.messageCode, error.message, status: status,
                trID: request.headers["tr_id"] ?? "")
        }
    }

    private mutating func hashKey(_ request: KISRequest, _ environment: KISEnvironment, _ elapsed: Int64) -> KISReply {
        if let reply = gateway.check(
            request, environment, now: exchange.now, elapsed: elapsed, needsToken: false)
        {
            return reply
        }
        guard let body = try? JSONValue(parsing: request.body) else {
            return .authorisation("EGW00101", "잘못된 요청입니다.")
        }
        return KISReply(["BODY": body, "HASH": .string(Digest(of: request.body).hex)])
    }

    private mutating func perform(_ call: inout Call) throws(Refusal) -> Answer {
        switch call.endpoint.name {
        case .domesticPrice: try domesticPrice(call)
        case .domesticBook: try domesticBook(call)
        case .minuteBarsToday: try minuteBarsToday(call)
        case .minuteBarsPast: try minuteBarsPast(call)
        case .dailyBars: try dailyBars(call)
        case .dailyPrices: try dailyPrices(call)
        case .stockInfo: try stockInfo(call)
        case .severalPrices: severalPrices(call)
        case .holidays: try holidays(call)
        case .productInfo, .overseasInfo: try productInfo(call)
        case .domesticOrder: try domesticOrder(call)
        case .domesticChange: try domesticChange(call)
        case .domesticOpen: domesticOpen(call)
        case .domesticOrders: try domesticOrders(call)
        case .domesticBalance: domesticBalance(call)
        case .domesticBuyable: try domesticBuyable(call)
        case .domesticSellable: try domesticSellable(call)
        case .overseasPrice: overseasPrice(call)
        case .overseasDetail: overseasDetail(call)
        case .overseasBook: overseasBook(call)
        case .overseasMinuteBars: try overseasMinuteBars(call)
        case .overseasDailyBars: overseasDailyBars(call)
        case .overseasOrder: try overseasOrder(call)
        case .overseasChange: try overseasChange(call)
        case .overseasOpen: overseasOpen(call)
        case .overseasOrders: try overseasOrders(call)
        case .overseasBalance: overseasBalance(call)
        case .presentBalance: presentBalance(call)
        case .overseasBuyable: try overseasBuyable(call)
        }
    }
}
