internal import Broker
internal import Core

/// The ticks of a snapshot as a quote.
struct IBQuote {
    private let ticks: IBSnapshots.Ticks
    private let listed: IBListedContract
    private let instrument: Instrument
    private let now: Instant

    init(_ ticks: IBSnapshots.Ticks, _ listed: IBListedContract, _ instrument: Instrument, at now: Instant) {
        self.ticks = ticks
        self.listed = listed
        self.instrument = instrument
        self.now = now
    }

    /// `nil` when IB shows neither a trade nor a close.
    func quote(depth: Bool) -> BrokerQuote? {
        let last = price(.last, .delayedLast)
        let close = price(.close, .delayedClose)
        guard let shown = last ?? close else { return nil }
        var quote = BrokerQuote(last: shown, readAt: now)
        quote.currency = instrument.currency
        (quote.open, quote.base) = (price(.open, .delayedOpen), close)
        (quote.high, quote.low) = (price(.high, .delayedHigh), price(.low, .delayedLow))
        quote.volume = ticks.sizes[.volume] ?? ticks.sizes[.delayedVolume]
        quote.tick = listed.minimumTick?.told(in: listed.priceMagnifier)
        quote.lot = listed.sizeIncrement
        quote.isHalted = ticks.isHalted
        if depth {
            quote.asks = level(.ask, .delayedAsk)
            quote.bids = level(.bid, .delayedBid)
            quote.notes.append("of the order book the best prices only")
        }
        if last == nil {
            quote.notes.append("nothing was traded today: the last price is the close of the session before")
        }
        switch ticks.kind {
        case .delayed?, .delayedFrozen?:
            quote.notes.append(
                "delayed by some 15 minutes: the login has no live data of this symbol. Subscribe to the exchange's data in IB's "
                    + "Account Management before trading on it")
        case .frozen?: quote.notes.append("frozen: as it was when the market closed")
        case .live?: break
        case nil: quote.notes.append("IB has not said whether the prices are live")
        }
        quote.notes += ticks.notes.prefix(4)
        return quote
    }

    private func price(_ live: IBTickType, _ delayed: IBTickType) -> Price? {
        (ticks.prices[live] ?? ticks.prices[delayed])?.told(in: listed.priceMagnifier)
    }

    private func level(_ live: IBTickType, _ delayed: IBTickType) -> [BrokerQuote.Level] {
        let type = ticks.prices[live] == nil ? delayed : live
        guard let price = price(live, delayed), let size = type.sizeType.flatMap({ ticks.sizes[$0] }), size.isPositive
        else { return [] }
        return [BrokerQuote.Level(price: price, quantity: size)]
    }
}

/// The rows of an account's summary.
struct IBFigures {
    private var sums: [String: Money] = [:]
    /// By currency.
    private(set) var cash: [Currency: FixedPoint] = [:]

    init(_ rows: [IBAccountSummary], account: AccountID) {
        for row in rows where row.account == account.text {
            guard let currency = Currency(row.currency), row.currency != "BASE", let amount = try? FixedPoint(row.value)
            else { continue }
            if row.tag == "CashBalance" {
                cash[currency] = amount
            } else if ["AvailableFunds", "BuyingPower", "SettledCash"].contains(row.tag) {
                sums[row.tag] = Money(amount, currency)
            }
        }
    }

    func amount(_ tag: String) -> Money? { sums[tag] }

    /// What may be bought at that price with the cash of the instrument's currency, and within what open orders and positions leave
    /// free. `nil` for a price that nothing can be reckoned with.
    func power(_ instrument: Instrument, at price: Price, _ now: Instant) -> BuyingPower? {
        let own = cash[instrument.currency] ?? .zero
        let free = sums["AvailableFunds"]
        let amount = max(.zero, free?.currency == instrument.currency ? min(own, free?.amount ?? own) : own)
        guard price.isPositive, let unit = try? instrument.notional(price, Quantity(1)).amount, unit.isPositive,
            let units = try? amount.divided(by: unit, rounding: .towardZero),
            let whole = try? units.rounded(toMultipleOf: instrument.lotSize.value, .towardZero)
        else { return nil }
        var power = BuyingPower(
            currency: instrument.currency, cash: own, amount: amount, buyable: Quantity(whole), price: price,
            readAt: now)
        if let free, free.currency != instrument.currency {
            power.notes.append("free in all currencies together, told in \(free.currency): \(free.amount)")
        }
        if let lent = sums["BuyingPower"] {
            power.notes.append("with what IB lends, \(lent.amount) \(lent.currency); takt buys without borrowing")
        }
        return power
    }
}
