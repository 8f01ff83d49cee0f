internal import Broker
internal import BrokerIB
internal import BrokerKIS
internal import BrokerPaper
internal import Core
internal import Cycle
internal import MarketData
internal import Sessions
internal import Settings
internal import Store

/// Connects the embedded exchange to its market: calendars, bars and conditions.
struct PaperWiring {
    let settings: Settings
    let calendars: CalendarBook
    let clock: any WallClock
    let store: StateDatabase

    func broker(failpoints: Failpoints) throws -> PaperBroker {
        let configuration = try configuration()
        return PaperBroker(configuration: configuration) { () throws(PaperError) in
            try open(configuration, failpoints)
        }
    }

    func exchange(failpoints: Failpoints) throws -> PaperExchange { try open(try configuration(), failpoints) }

    private func open(_ configuration: PaperConfiguration, _ failpoints: Failpoints) throws(PaperError) -> PaperExchange
    {
        let sources = BarSources(settings: settings, calendars: calendars, store: store)
        return try PaperExchange(
            path: settings.paths.paperDatabase, configuration: configuration,
            feed: ExchangeFeed(settings: settings, sources: sources),
            market: ExchangeHours(instruments: settings.instruments, calendars: calendars), clock: clock,
            failpoints: failpoints)
    }

    private func configuration() throws -> PaperConfiguration {
        var configuration = conditions
        let actions = try actions()
        (configuration.actions, configuration.withdrawnActions) = (actions.inForce, actions.withdrawn)
        return configuration
    }

    /// Everything about it but corporate actions.
    var conditions: PaperConfiguration {
        let paper = settings.paper
        return PaperConfiguration(
            account: paper.account, initialCash: paper.initialCash, knowsClientOrderIDs: paper.knowsClientOrderIDs,
            participation: paper.participation, slippage: paper.slippage, allowShort: paper.allowShort,
            visibilityDelay: .seconds(paper.visibilityDelaySeconds), fees: fees(paper.feeModel),
            instruments: settings.instruments)
    }

    /// The exchange's own file, and what is recorded for decisions: whatever changes the bars' scale changes what is held. Its
    /// own file says more of a dividend (the tax) and comes first; where it is wrong about a split, the bars tell, and what is
    /// held of that symbol is watched no more until somebody has looked.
    private func actions() throws -> (inForce: [CorporateAction], withdrawn: [CorporateAction]) {
        let own = try CorporateActionsFile.read(settings.paper.actionsFile, settings)
        let recorded = try store.read { try $0.actions() }
        func actions(_ state: StoredAction.State) -> [CorporateAction] {
            recorded.filter { $0.state == state }.compactMap(\.action)
        }
        let added = actions(.inForce).filter { action in !own.contains { $0.isSameEvent(as: action) } }
        return (own + added, actions(.replaced))
    }

    private func fees(_ model: PaperSettings.FeeModel) -> FeeSchedule {
        switch model {
        case .auto: .auto
        case .none: .none
        case .ib:
            FeeSchedule(us: .interactiveBrokersFixed, korea: .koreaInvestmentDomestic, other: .interactiveBrokersFixed)
        case .kis: .koreaInvestment
        }
    }
}

/// The exchange trades on the bars that the symbol's profile is decided on; it may know the bar in progress, of which it
/// uses only the open.
struct ExchangeFeed: PaperFeed {
    let settings: Settings
    let sources: BarSources

    func timeframe(_ symbol: Symbol) -> Timeframe { profile(of: symbol)?.timeframe ?? .fiveMinutes }

    func bars(_ symbol: Symbol, from: Instant, until: Instant) async throws -> [Bar] {
        guard let profile = profile(of: symbol), let instrument = settings.instruments[symbol] else { return [] }
        let bars = try await sources.known(for: profile).bars(instrument, profile.timeframe, from: from, until: until)
        guard profile.session == .extended, let regular = sources.calendars.calendar(instrument.exchange) else {
            return bars
        }
        // It trades in regular hours: what happens around them fills nothing.
        return bars.filter { regular.isOpen(at: $0.openAt) }
    }

    private func profile(of symbol: Symbol) -> Profile? { settings.profiles.first { $0.symbols.contains(symbol) } }
}

/// When the symbols of the exchange trade.
struct ExchangeHours: PaperMarket {
    let instruments: [Symbol: Instrument]
    let calendars: CalendarBook

    private func calendar(_ symbol: Symbol) -> ExchangeCalendar? {
        instruments[symbol].flatMap { calendars.calendar($0.exchange) }
    }

    func isOpen(_ symbol: Symbol, at instant: Instant) -> Bool { calendar(symbol)?.isOpen(at: instant) ?? false }

    func sessionClose(_ symbol: Symbol, containing instant: Instant) -> Instant? {
        calendar(symbol)?.session(at: instant)?.close
    }

    func nextSessionClose(_ symbol: Symbol, after instant: Instant) -> Instant? {
        calendar(symbol)?.nextClose(after: instant)
    }

    func startOfDay(_ symbol: Symbol, _ date: CivilDate) -> Instant? {
        calendar(symbol)?.zone.instant(of: date, secondOfDay: 0)
    }

    func session(_ symbol: Symbol, on date: CivilDate) -> Range<Instant>? {
        calendar(symbol)?.session(on: date).map { $0.open..<$0.close }
    }
}

/// Where a profile's bars come from, by the key `bars` of trading.yaml.
struct BarSources: Sendable {
    let settings: Settings
    let calendars: CalendarBook
    let store: StateDatabase
    /// Where KIS is connected.
    var kis: KISBars?
    /// Where IB is.
    var ib: IBGateway?

    /// The bars that are there already: what the embedded exchange trades on asks no broker.
    func known(for profile: Profile) throws -> any BarSource {
        switch profile.bars {
        case .generator, .auto, .imported: try source(for: profile)
        case .kis, .ib: StoredBars(store: store)
        }
    }

    func source(for profile: Profile) throws -> any BarSource {
        switch profile.bars {
        case .generator:
            return GeneratorSource(
                generator: MarketGenerator(seed: settings.paper.seed, anchor: settings.paper.generatorAnchor),
                calendars: calendars)
        case .auto, .imported: return StoredBars(store: store)
        case .kis:
            if let kis { return KISBarSource(bars: kis, calendars: calendars) }
            throw StepFailure(
                code: "no-bar-source",
                message: "Profile '\(profile.name)' wants bars from KIS, which is not connected here.",
                hint: "Nothing was fetched. Set brokers.kis.enabled: true in brokers.yaml.", isRetryable: false,
                exitCode: .configuration)
        case .ib:
            if let ib { return IBBarSource(gateway: ib, calendars: calendars, session: profile.session) }
            throw StepFailure(
                code: "no-bar-source",
                message: "Profile '\(profile.name)' wants bars from Interactive Brokers, which is not connected here.",
                hint: "Nothing was fetched. Set brokers.ib.enabled: true in brokers.yaml.", isRetryable: false,
                exitCode: .configuration)
        }
    }
}

/// Bars that `import-bars` has put into the state database.
struct StoredBars: BarSource {
    let store: StateDatabase
    var kind: BarSourceKind { .imported }

    func bars(
        _ instrument: Instrument, _ timeframe: Timeframe, from: Instant, until: Instant
    ) async throws(BarSourceError) -> [Bar] {
        do { return try store.read { try $0.bars(instrument.symbol, timeframe, from: from, until: until) } } catch {
            throw .unavailable(instrument.symbol, reason: "\(error)")
        }
    }
}
