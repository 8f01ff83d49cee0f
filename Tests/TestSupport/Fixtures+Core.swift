public import Core

extension Instant {
    /// 2026-11-20T15:35:00Z, a Friday, 10:35 in New York.
    public static let fixture = Instant(epochSeconds: 1_795_188_900)
}

extension CycleID {
    public static let fixture = CycleID(profile: ProfileName("us-5m"), barClose: .fixture)
}

extension Price {
    /// Hundredths: `.cents(1234)` is 12.34.
    public static func cents(_ count: Int) -> Price { Price(FixedPoint(int64Units: Int64(count) * 1_000_000)) }
}

extension Instrument {
    /// A US share in lots of one unless the test says otherwise.
    public static func fixture(
        symbol: Symbol = Symbol("NVDA"), name: String = "NVIDIA", kind: Kind = .stock,
        exchange: ExchangeID = ExchangeID("XNAS"), currency: Currency = .usd, lotSize: Quantity = Quantity(1),
        ticks: TickSchedule = .usEquity, multiplier: FixedPoint = .one, sector: String? = nil,
        brokerSymbols: [BrokerID: String] = [:]
    ) throws -> Instrument {
        try Instrument(
            symbol: symbol, name: name, kind: kind, exchange: exchange, currency: currency, lotSize: lotSize,
            ticks: ticks, multiplier: multiplier, sector: sector, brokerSymbols: brokerSymbols)
    }
}

extension Bar {
    /// A sound bar around its close: half a point up and down, opened at the close.
    public static func fixture(
        openAt: Instant = Instant.fixture.advanced(bySeconds: -300), open: Price? = nil, high: Price? = nil,
        low: Price? = nil, close: Price = Price(100), volume: Quantity = Quantity(1000),
        source: BarSourceKind = .imported
    ) -> Bar {
        let half = FixedPoint(int64Units: 50_000_000)
        let top = max(open ?? close, close)
        let bottom = min(open ?? close, close)
        return Bar(
            openAt: openAt, open: open ?? close, high: high ?? (try? top + Price(half)) ?? top,
            low: low ?? (try? bottom - Price(half)) ?? bottom, close: close, volume: volume, source: source)
    }
}

extension OrderIntent {
    public static func fixture(
        cycle: CycleID = .fixture, symbol: Symbol = Symbol("NVDA"), leg: Int = 1, purpose: OrderPurpose = .entry,
        side: Side = .buy, type: OrderType = .market, quantity: Quantity = Quantity(100),
        timeInForce: TimeInForce = .day, state: OrderState = .proposed, broker: BrokerID = .paper, attempt: Int = 1,
        referencePrice: Price = Price(100), createdAt: Instant = .fixture,
        expiresAt: Instant = Instant.fixture.advanced(bySeconds: 300), reasons: [Reason] = []
    ) -> OrderIntent {
        OrderIntent(
            cycle: cycle, symbol: symbol, leg: leg, purpose: purpose, side: side, type: type, quantity: quantity,
            timeInForce: timeInForce, state: state, broker: broker, attempt: attempt, referencePrice: referencePrice,
            createdAt: createdAt, expiresAt: expiresAt, reasons: reasons)
    }
}

extension ManagedOrder {
    /// An order of takt's, 100 NVDA at the market, written ahead a second after the bar's close.
    public static func fixture(
        id: ClientOrderID = ClientOrderID("order-1"), intentID: IntentID? = IntentID("order-1"), attempt: Int = 1,
        origin: Origin = .takt, profile: ProfileName? = ProfileName("us-5m"), broker: BrokerID = .paper,
        account: AccountID = AccountID("A1"), brokerOrderID: BrokerOrderID? = nil, symbol: Symbol = Symbol("NVDA"),
        side: Side = .buy, type: OrderType = .market, quantity: Quantity = Quantity(100),
        timeInForce: TimeInForce = .day, state: OrderState = .submitting, filledQuantity: Quantity = .zero,
        averageFillPrice: Price? = nil, submittedAt: Instant = Instant.fixture.advanced(bySeconds: 1),
        acknowledgedAt: Instant? = nil, finishedAt: Instant? = nil, doubtedAt: Instant? = nil, absenceProofs: Int = 0,
        reasons: [Reason] = []
    ) -> ManagedOrder {
        ManagedOrder(
            clientOrderID: id, intentID: intentID, attempt: attempt, origin: origin, profile: profile, broker: broker,
            account: account, brokerOrderID: brokerOrderID, symbol: symbol, side: side, type: type, quantity: quantity,
            timeInForce: timeInForce, state: state, filledQuantity: filledQuantity, averageFillPrice: averageFillPrice,
            submittedAt: submittedAt, acknowledgedAt: acknowledgedAt, finishedAt: finishedAt, doubtedAt: doubtedAt,
            absenceProofs: absenceProofs, reasons: reasons)
    }
}

extension Fill {
    /// The whole order at 100, two seconds after the bar's close.
    public static func fixture(
        _ executionID: String = "E1", of order: ManagedOrder = .fixture(brokerOrderID: BrokerOrderID("B1")),
        quantity: Quantity? = nil, price: Price = Price(100), fee: FixedPoint = .zero, tax: FixedPoint = .zero,
        currency: Currency = .usd, filledAt: Instant = Instant.fixture.advanced(bySeconds: 2),
        recordedAt: Instant = Instant.fixture.advanced(bySeconds: 3), isBusted: Bool = false
    ) -> Fill {
        Fill(
            broker: order.broker, account: order.account, executionID: ExecutionID(executionID),
            brokerOrderID: order.brokerOrderID ?? BrokerOrderID("B1"), clientOrderID: order.clientOrderID,
            intentID: order.intentID, symbol: order.symbol, side: order.side, quantity: quantity ?? order.quantity,
            price: price, fee: fee, tax: tax, currency: currency, filledAt: filledAt, recordedAt: recordedAt,
            isBusted: isBusted)
    }
}
