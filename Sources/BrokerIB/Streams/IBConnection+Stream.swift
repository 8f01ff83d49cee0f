internal import Core

/// Who takes a connection's events as they come, in the connection's own isolation: nothing in between that could lose one.
protocol IBEventSink: AnyObject, Sendable {
    func take(_ event: IBEvent)
    /// What the connection says about itself.
    func told(_ news: IBSessionNews)
    /// A piece of the network's has been read: nothing more comes for the moment.
    func flush()
}

/// How asking for a subscription went.
enum IBAsking: Sendable {
    case sent
    /// IB's pace does not allow it yet.
    case wait(Duration)
    /// Nobody wants it any more.
    case unwanted
    case notConnected
    case impossible(String)
}

extension IBConnection {
    /// So long a request for data may wait for its turn: longer than the longest pause that the gateway's pace demands.
    private static let patience = Duration.seconds(300)
    /// How far back bars begin that are kept up to date: the day so far.
    private static let keptSpan = IBBarSpan(count: 1, unit: .days)

    /// Whether a connection may still come about.
    var isTrying: Bool { session.state != .stopped }

    /// Asks for a subscription, if IB's pace allows it now.
    ///
    /// - Parameter contract: `nil` for a whole account.
    func ask(_ wanted: IBWantedSubscription, feed: IBFeed, _ contract: IBContract?, for core: StreamCore) -> IBAsking {
        guard let version = session.welcome?.version else { return .notConnected }
        let id = nextRequestID()
        let deadline = clock.uptime() + Self.patience
        do throws(IBEncodingError) {
            let (frame, pacing) = try Self.request(wanted, id, contract, version)
            if let pacing {
                switch historicalPacing.ask(pacing, at: clock.uptime()) {
                case .go: break
                case .wait(let pause): return .wait(pause)
                case .full: return .wait(.seconds(1))
                }
            }
            guard core.asks(wanted, feed: feed, id: id) else { return .unwanted }
            if case .quotes = wanted.subscription, let type = core.changesType(to: feed.type) {
                _ = try? enqueue(try MarketDataTypeRequest(type: type).frame(for: version), .data, deadline: deadline)
            }
            // A thousand wait already: what was not refused counts as taken, so it must not look like that.
            guard (try? enqueue(frame, .data, deadline: deadline)) != nil else { return .wait(.seconds(5)) }
            if let pacing {
                historicalPacing.sent(pacing, id: id, at: clock.uptime())
                // A subscription is no open request; that of bars that are kept up to date is counted by the stream.
                historicalPacing.done(id)
            }
            return .sent
        } catch { return .impossible("\(error)") }
    }

    private static func request(
        _ wanted: IBWantedSubscription, _ id: Int64, _ contract: IBContract?, _ version: ServerVersion
    ) throws(IBEncodingError) -> (frame: [UInt8], pacing: HistoricalPacing.Key?) {
        let contract = contract ?? IBContract()
        switch wanted.subscription {
        case .quotes: return (try MarketDataRequest(requestID: id, contract: contract).frame(for: version), nil)
        case .bars:
            let request = RealTimeBarsRequest(requestID: id, contract: contract, regularHoursOnly: true)
            return (try request.frame(for: version), HistoricalPacing.Key(request))
        case .keptBars(_, let timeframe):
            let request = HistoricalDataRequest(
                requestID: id, contract: contract, end: nil,
                barSize: IBBarSize(keptUpToDate: timeframe) ?? .minutes5, span: keptSpan, regularHoursOnly: true,
                keepsUpToDate: true)
            return (try request.frame(for: version), HistoricalPacing.Key(request))
        case .profit(let account):
            return (try ProfitAndLossRequest(requestID: id, account: account.text).frame(for: version), nil)
        case .positionProfit(let account, _):
            let request = SingleProfitAndLossRequest(requestID: id, account: account.text, conID: contract.conID)
            return (try request.frame(for: version), nil)
        case .account(let account):
            return (try AccountUpdatesRequest(subscribes: true, account: account.text).frame(for: version), nil)
        }
    }

    /// Ends a subscription. Where the gateway is gone, it has ended.
    func end(_ subscription: IBSubscription, id: Int64) {
        guard let version = session.welcome?.version else { return }
        let frame: [UInt8]? =
            switch subscription {
            case .quotes: try? CancelMarketDataRequest(requestID: id).frame(for: version)
            case .bars: try? CancelRealTimeBarsRequest(requestID: id).frame(for: version)
            case .keptBars: try? CancelHistoricalDataRequest(requestID: id).frame(for: version)
            case .profit: try? CancelProfitAndLossRequest(requestID: id).frame(for: version)
            case .positionProfit: try? CancelSingleProfitAndLossRequest(requestID: id).frame(for: version)
            case .account(let account):
                try? AccountUpdatesRequest(subscribes: false, account: account.text).frame(for: version)
            }
        if let frame { _ = try? enqueue(frame, .data, deadline: clock.uptime() + Self.patience) }
    }

    /// IB says that there were too many requests for bars: everybody waits longer.
    func slowHistory() { historicalPacing.violated(at: clock.uptime()) }
}
