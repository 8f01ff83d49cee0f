internal import Core
internal import MarketData
internal import Sessions

/// Subscriptions and what they bring.
extension StreamDesk {
    // MARK: Asking

    /// Replaces what is wanted.
    mutating func want(_ wanted: [IBWantedSubscription]) {
        book.want(wanted)
        for symbol in slices.keys where book.entry(.bars(symbol)) == nil { slices[symbol] = nil }
        for subscription in kept.keys where book.entry(subscription) == nil { kept[subscription] = nil }
    }

    mutating func learned(_ contract: IBListedContract, of instrument: Instrument) {
        contracts[instrument.symbol] = contract
        names[contract.conID] = Name(symbol: instrument.symbol, magnifier: contract.priceMagnifier)
    }

    /// A request for a subscription is about to be sent under that id.
    ///
    /// - Returns: Whether it is still wanted.
    mutating func asks(_ wanted: IBWantedSubscription, feed: IBFeed, id: Int64, at now: Moment) -> Bool {
        let subscription = wanted.subscription
        guard book.asked(subscription, id: id, at: now.uptime) else { return false }
        unheard.insert(id)
        let magnifier = subscription.symbol.flatMap { contracts[$0]?.priceMagnifier } ?? 1
        switch subscription {
        case .quotes(let symbol): quotes[id] = QuoteLine(symbol, magnifier: magnifier, asked: feed)
        case .bars(let symbol):
            fresh[id] = now.uptime
            if slices[symbol] == nil, let exchange = wanted.instrument?.exchange,
                let calendar = rules.calendars.calendar(exchange)
            {
                slices[symbol] = SliceBars(rules.timeframes, calendar: calendar, startingAt: now.wall)
            }
        case .keptBars: if kept[subscription] == nil { kept[subscription] = KeptBars(magnifier: magnifier) }
        case .profit, .positionProfit, .account: break
        }
        return true
    }

    /// It cannot be asked for: not a matter of time.
    mutating func refuses(_ subscription: IBSubscription, code: Int, _ detail: String) {
        book.refuse(subscription, code: code)
        tell(.refused(subscription, code: code, detail: detail))
    }

    mutating func cancelled(_ subscription: IBSubscription, id: Int64) {
        quotes[id] = nil
        fresh[id] = nil
        unheard.remove(id)
        tell(.unsubscribed(subscription))
    }

    // MARK: Prices

    mutating func told(_ notice: IBMarketDataTypeNotice) {
        heard(notice.requestID)
        guard let feed = quotes[notice.requestID]?.told(IBFeed(notice.type)),
            let subscription = book.subscription(notice.requestID)
        else { return }
        tell(.feedChanged(subscription, feed))
    }

    /// A first slice that comes sooner after the request may be a part of one: its own length, and time to be asked for and sent.
    private static let firstSlice = Duration.seconds(10)

    mutating func take(_ bar: IBRealTimeBar, at now: Moment) {
        guard case .bars(let symbol)? = book.subscription(bar.requestID) else { return }
        heard(bar.requestID)
        // The gateway begins within five seconds of their own, and what it tells of these first ones is a part: as good as none.
        // One that came long after the request began after it.
        if let asked = fresh.removeValue(forKey: bar.requestID), now.uptime - asked < Self.firstSlice { return }
        let magnifier = contracts[symbol]?.priceMagnifier ?? 1
        let slice = SliceBars.Slice(
            openAt: bar.begin, open: bar.open.told(in: magnifier), high: bar.high.told(in: magnifier),
            low: bar.low.told(in: magnifier), close: bar.close.told(in: magnifier), volume: bar.volume,
            count: bar.count)
        if rules.tellsSlices, slice.isSound {
            tell(
                .slice(
                    IBStreamSlice(
                        symbol: symbol, openAt: slice.openAt, open: slice.open, high: slice.high, low: slice.low,
                        close: slice.close, volume: slice.volume ?? .zero, receivedAt: now.wall)))
        }
        if let made = slices[symbol]?.take(slice) { tell(made, of: symbol, at: now.wall) }
    }

    mutating func tell(_ made: [SliceBars.Made], of symbol: Symbol, at now: Instant) {
        for made in made {
            switch made {
            case .bar(let timeframe, let bar, let standing):
                tell(
                    .bar(
                        IBStreamBar(
                            symbol: symbol, timeframe: timeframe, bar: bar, standing: standing, making: .fiveSeconds,
                            receivedAt: now)))
            case .slot(let timeframe, let slot, let reason):
                tell(
                    .slot(
                        IBStreamSlot(
                            symbol: symbol, timeframe: timeframe, openAt: slot.openAt, closeAt: slot.closeAt,
                            reason: reason)))
            }
        }
    }

    mutating func take(_ data: IBHistoricalData, at now: Moment) {
        guard let subscription = book.subscription(data.requestID) else { return }
        heard(data.requestID)
        tell(kept[subscription]?.take(data) ?? [], of: subscription, at: now.wall)
    }

    mutating func take(_ update: IBHistoricalDataUpdate, at now: Moment) {
        guard let subscription = book.subscription(update.requestID) else { return }
        heard(update.requestID)
        tell(kept[subscription]?.take(update) ?? [], of: subscription, at: now.wall)
    }

    private mutating func tell(_ made: [KeptBars.Made], of subscription: IBSubscription, at now: Instant) {
        guard case .keptBars(let symbol, let timeframe) = subscription else { return }
        for (bar, standing) in made {
            tell(
                .bar(
                    IBStreamBar(
                        symbol: symbol, timeframe: timeframe, bar: bar, standing: standing, making: .keptUpToDate,
                        receivedAt: now)))
        }
    }

    // MARK: Errors

    mutating func take(_ notice: IBErrorNotice, at now: Moment) {
        guard let id = notice.id else {
            let reaction = IBReaction.to(notice, about: .none)
            // What is told by the state of the connection is not told again.
            guard !reaction.isAboutConnection, reaction.weight >= .warning else { return }
            return tell(.notice(code: notice.code, detail: reaction.sentence))
        }
        guard RequestIDs.contains(id) else {
            let sentence = IBReaction.to(notice, about: .standingOrder).sentence
            return tell(
                .orderMessage(
                    IBStreamOrderMessage(orderID: id, code: notice.code, sentence: sentence, receivedAt: now.wall)))
        }
        let reaction = IBReaction.to(notice, about: .request)
        guard let subscription = book.subscription(id),
            let outcome = book.refused(id, notice, reaction, at: now.uptime)
        else { return }
        settle(outcome, subscription, id, notice, reaction)
    }

    private mutating func settle(
        _ outcome: SubscriptionBook.Outcome, _ subscription: IBSubscription, _ id: Int64, _ notice: IBErrorNotice,
        _ reaction: IBReaction
    ) {
        let detail = reaction.sentence
        switch outcome {
        case .goesOn:
            guard reaction.weight >= .warning else { return }
            return tell(.notice(code: notice.code, detail: detail))
        case .delayed:
            if let feed = quotes[id]?.told(.delayed) { tell(.feedChanged(subscription, feed)) }
            return
        case .silent:
            unheard.insert(id)
            silenced.insert(subscription)
            if let feed = quotes[id]?.told(.unknown) { tell(.feedChanged(subscription, feed)) }
            return tell(.silenced(subscription, detail: detail))
        case .delayedInstead: tell(.delayedInstead(subscription, code: notice.code, detail: detail))
        case .postponed(let pause):
            if reaction.outcome == .retryLater { wasTooFast = true }
            tell(.postponed(subscription, retryAfter: pause, detail: detail))
        case .refused: tell(.refused(subscription, code: notice.code, detail: detail))
        case .budget(let budget): tell(.budgetLowered(budget))
        }
        // It is over under this id.
        quotes[id] = nil
        unheard.remove(id)
    }

    // MARK: The account

    mutating func accountLost(at now: Moment) {
        for subscription in book.active + book.asking {
            guard case .account = subscription else { continue }
            book.lost(subscription, for: rules.accountRest, at: now.uptime)
            tell(.accountLost(retryAfter: rules.accountRest))
        }
    }

    /// Account values come without an id.
    mutating func heard(account: String) {
        guard !unheard.isEmpty, let id = book.entry(.account(AccountID(account)))?.id else { return }
        heard(id)
    }

    mutating func take(_ profit: IBProfitAndLoss, at now: Instant) {
        guard let account = book.subscription(profit.requestID)?.account else { return }
        heard(profit.requestID)
        tell(
            .profit(
                IBStreamProfit(
                    account: account, symbol: nil, position: nil, daily: profit.daily, unrealized: profit.unrealized,
                    realized: profit.realized, value: nil, receivedAt: now)))
    }

    mutating func take(_ profit: IBSingleProfitAndLoss, at now: Instant) {
        guard case .positionProfit(let account, let symbol)? = book.subscription(profit.requestID) else { return }
        heard(profit.requestID)
        tell(
            .profit(
                IBStreamProfit(
                    account: account, symbol: symbol, position: profit.position, daily: profit.daily,
                    unrealized: profit.unrealized, realized: profit.realized, value: profit.value, receivedAt: now)))
    }

    mutating func take(_ value: IBAccountValue, at now: Instant) {
        heard(account: value.account)
        if value.key == "AccountReady" {
            if value.value == "false" { unreliable.insert(value.account) } else { unreliable.remove(value.account) }
        }
        tell(
            .accountValue(
                IBStreamAccountValue(
                    account: AccountID(value.account), key: value.key, value: value.value,
                    currency: value.currency.isEmpty ? nil : value.currency,
                    isReliable: !unreliable.contains(value.account), receivedAt: now)))
    }

    /// A holding that changed was traded, by whatever client: its executions are listed.
    mutating func take(_ value: IBPortfolioValue, at now: Moment) {
        heard(account: value.account)
        let account = AccountID(value.account)
        let conID = value.contract.conID
        let old = holdings[account, default: [:]].updateValue(value.position, forKey: conID)
        // One that nothing was told of, after all had been told, is new.
        let before = old ?? (toldAccounts.contains(account) ? .zero : value.position)
        if before != value.position { listExecutions(at: now.uptime) }
        let name = names[conID]
        let magnifier = name?.magnifier ?? 1
        tell(
            .holding(
                IBStreamHolding(
                    account: account, symbol: name?.symbol, conID: conID,
                    localSymbol: value.contract.localSymbol.isEmpty
                        ? value.contract.symbol : value.contract.localSymbol,
                    quantity: value.position, marketPrice: value.marketPrice?.told(in: magnifier),
                    marketValue: value.marketValue, averageCost: value.averageCost?.told(in: magnifier),
                    unrealized: value.unrealized, realized: value.realized, receivedAt: now.wall)))
    }
}

extension IBReaction {
    /// The state of the connection tells these, each once.
    fileprivate var isAboutConnection: Bool {
        switch kind {
        case .linkLost, .linkRestored, .linkRestoredWithoutData, .farmBroken, .farmSound, .farmResting,
            .competingSession, .accountUpdatesLost, .clientIDInUse, .portChanged, .silence:
            true
        case .tooFast: code == 100
        case .notice, .orderNotice, .orderRefused, .orderRejected, .orderCancelled, .lookUp, .retryChild,
            .orderIDTaken, .contractUnknown, .historical, .ourMistake, .invalidRequest, .linesUsedUp, .noLiveData,
            .delayedData, .subscriptionDead, .configuration, .local, nil:
            false
        }
    }
}
