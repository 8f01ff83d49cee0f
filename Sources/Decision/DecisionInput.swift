public import Core

/// An order of the symbol that may be live, ours or somebody else's.
public struct WorkingOrder: Hashable, Sendable {
    public let side: Side
    /// What may still be executed; in doubt it is the full remaining size.
    public let open: Quantity
    public let isInDoubt: Bool
    /// Of an order of ours that can be taken back; `nil` for anybody else's, and where that is under way.
    public let clientOrderID: ClientOrderID?
    /// Ours, and there to close a position should the market come to touch its price: it makes room for an exit.
    public let isProtection: Bool

    public init(
        side: Side, open: Quantity, isInDoubt: Bool, clientOrderID: ClientOrderID? = nil, isProtection: Bool = false
    ) {
        self.side = side
        self.open = open
        self.isInDoubt = isInDoubt
        self.clientOrderID = clientOrderID
        self.isProtection = isProtection
    }

    /// `nil` for an order that cannot be live or has nothing left to execute.
    ///
    /// - Parameter open: What it may still execute, seen together with the others.
    public init?(_ order: ManagedOrder, open: Quantity) {
        let isProtection = order.isOurs && (order.handling.protects != nil || order.type.waitsForTouch)
        // One that counts with another has to make room all the same.
        guard order.state.mayBeLive, open.isPositive || (isProtection && order.leavesQuantity.isPositive) else {
            return nil
        }
        let isInDoubt = order.state == .inDoubt || order.state == .cancelInDoubt || order.state == .submitting
        let isBeingCancelled = order.state == .cancelling || order.state == .cancelInDoubt
        self.init(
            side: order.side, open: open, isInDoubt: isInDoubt,
            clientOrderID: order.isOurs && !isBeingCancelled ? order.clientOrderID : nil, isProtection: isProtection)
    }
}

/// What is known of one symbol at the bar of the cycle.
public struct SymbolInput: Hashable, Sendable {
    public let instrument: Instrument
    /// Where an order of it would go.
    public let broker: BrokerID
    /// Closed bars, oldest first, none of them later than the cycle's bar: ``DecisionInput`` sees to it.
    public internal(set) var bars: [Bar]
    /// Held at the broker; short is negative.
    public let positionQuantity: Quantity
    public let workingOrders: [WorkingOrder]
    /// The last fill of the symbol; `nil` if it has never been traded.
    public let lastTradeAt: Instant?
    /// Whether an order may go to the exchange now (or, for daily bars, may wait for the next open).
    public let isOpen: Bool
    /// The close of the running session; `nil` outside one.
    public let sessionClose: Instant?
    /// The open of the running session, where a limit asks for it.
    public let sessionOpen: Instant?
    /// Codes of the halts in force for the symbol; they are only noted here, the risk check acts on them.
    public let halts: [String]
    /// Until when an intent may be sent; `nil` is one timeframe after the bar's close.
    public let expiresAt: Instant?
    /// The votes of agents outside, at most one of each.
    public let opinions: [Vote]
    /// What a proposal settles itself; `nil` for decisions of agents.
    public let terms: ProposedTerms?
    /// What a consultant said; `nil` where no agent of the profile listens to one.
    public let consultation: ConsultedAdvice?

    public init(
        instrument: Instrument, broker: BrokerID, bars: [Bar], positionQuantity: Quantity = .zero,
        workingOrders: [WorkingOrder] = [], lastTradeAt: Instant? = nil, isOpen: Bool, sessionClose: Instant? = nil,
        sessionOpen: Instant? = nil, halts: [String] = [], expiresAt: Instant? = nil, opinions: [Vote] = [],
        terms: ProposedTerms? = nil, consultation: ConsultedAdvice? = nil
    ) {
        self.instrument = instrument
        self.broker = broker
        self.bars = bars
        self.positionQuantity = positionQuantity
        self.workingOrders = workingOrders
        self.lastTradeAt = lastTradeAt
        self.isOpen = isOpen
        self.sessionClose = sessionClose
        self.sessionOpen = sessionOpen
        self.halts = halts
        self.expiresAt = expiresAt
        self.opinions = opinions
        self.terms = terms.flatMap { $0.isEmpty ? nil : $0 }
        self.consultation = consultation
    }

    public var symbol: Symbol { instrument.symbol }

    /// When a bar closed. The last bar of a session may be shorter than its timeframe; a bar of a whole session closes
    /// at the cycle's bar close if it opened within the day before it.
    func close(of bar: Bar, timeframe: Timeframe, barClose: Instant) -> Instant {
        let full = bar.openAt.advanced(bySeconds: Int64(timeframe.seconds))
        if timeframe.isDaily { return min(full, barClose) }
        guard let sessionClose, sessionClose > bar.openAt else { return full }
        return min(full, sessionClose)
    }

    /// Open purchases or sales, in units.
    func open(_ side: Side) throws(ArithmeticError) -> Quantity {
        var sum = Quantity.zero
        for order in workingOrders where order.side == side { sum = try sum + order.open }
        return sum
    }

    /// The same without what is there to protect the position.
    func openBesideProtection(_ side: Side) throws(ArithmeticError) -> Quantity {
        var sum = Quantity.zero
        for order in workingOrders where order.side == side && !order.isProtection { sum = try sum + order.open }
        return sum
    }
}

/// Everything one decision is made of. The same input gives the same decisions, byte for byte, at any later time.
public struct DecisionInput: Hashable, Sendable {
    public let cycle: CycleID
    public let timeframe: Timeframe
    /// The clock of the step: the time of creation of its intents.
    public let now: Instant
    public let settings: DecisionSettings
    public let baseCurrency: Currency
    /// Over all brokers, in base currency; `nil` when it is not known, and then nothing is sized by it.
    public let equity: FixedPoint?
    /// Base units for one unit of the currency.
    public let rates: [Currency: FixedPoint]
    public let rules: DecisionRules
    /// For the limits on entries; `nil` where none asks.
    public let commitments: Commitments?
    /// What was traded today over all brokers, both sides, in base currency, as the first rules have it; `nil` where it is not
    /// known or no limit asks.
    public let turnoverToday: FixedPoint?
    /// Ordered by symbol.
    public let symbols: [SymbolInput]

    /// Bars later than the cycle's bar are left out here, so nothing behind this point can look ahead.
    ///
    /// - Throws: ``DecisionError/barsNotAscending(_:_:)``, ``DecisionError/symbolTwice(_:)``.
    public init(
        cycle: CycleID, timeframe: Timeframe, now: Instant, settings: DecisionSettings, baseCurrency: Currency,
        equity: FixedPoint?, rates: [Currency: FixedPoint] = [:], rules: DecisionRules = .current,
        commitments: Commitments? = nil, turnoverToday: FixedPoint? = nil, symbols: [SymbolInput]
    ) throws(DecisionError) {
        self.cycle = cycle
        self.timeframe = timeframe
        self.now = now
        self.settings = settings
        self.baseCurrency = baseCurrency
        self.equity = equity
        self.rates = rates
        self.rules = rules
        self.commitments = try commitments?.cut(at: cycle.barClose, timeframe)
        self.turnoverToday = turnoverToday
        var cut: [SymbolInput] = []
        for symbol in symbols.sorted(by: { $0.symbol < $1.symbol }) {
            if cut.last?.symbol == symbol.symbol { throw .symbolTwice(symbol.symbol) }
            cut.append(try Self.cut(symbol, at: cycle.barClose, timeframe))
        }
        self.symbols = cut
    }

    private static func cut(
        _ input: SymbolInput, at barClose: Instant, _ timeframe: Timeframe
    ) throws(DecisionError) -> SymbolInput {
        for (bar, next) in zip(input.bars, input.bars.dropFirst()) where bar.openAt >= next.openAt {
            throw .barsNotAscending(input.symbol, next.openAt)
        }
        var cut = input
        cut.bars = input.bars.filter { bar in
            bar.openAt < barClose && input.close(of: bar, timeframe: timeframe, barClose: barClose) <= barClose
        }
        return cut
    }

    /// Base units for one unit of the currency, `nil` if unknown or not positive.
    func rate(_ currency: Currency) -> FixedPoint? {
        if currency == baseCurrency { return .one }
        guard let rate = rates[currency], rate.isPositive else { return nil }
        return rate
    }

    func view(_ input: SymbolInput) -> MarketView {
        MarketView(
            instrument: input.instrument, timeframe: timeframe, bars: input.bars,
            positionQuantity: input.positionQuantity, opinions: input.opinions, consultation: input.consultation)
    }
}
