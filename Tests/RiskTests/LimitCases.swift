import Core
import Risk

extension LimitCase {
    /// At, below and above every limit. The base scene has equity, cash and day start of 100,000 USD, prices of 100.
    static let table: [LimitCase] = permission + form + valuation + prices + counts + exposure

    private static let permission: [LimitCase] = [
        LimitCase(.instrumentUnknown, "a symbol nobody configured", true) { s, _, _ in s.markets[nvda] = nil },
        LimitCase(.instrumentUnknown, "a configured symbol", false) { _, _, _ in },
        LimitCase(.brokerUnknown, "a broker that is not enabled", true) { _, i, _ in
            i = try .fixture(broker: BrokerID("kis"))
        },
        LimitCase(.brokerUnknown, "an enabled broker", false) { _, _, _ in },
        LimitCase(.expired, "a microsecond late", true) { s, i, _ in
            s.now = Instant(microseconds: i.expiresAt.microseconds + 1)
        },
        LimitCase(.expired, "at the last instant", false) { s, i, _ in s.now = i.expiresAt },
        LimitCase(.marketClosed, "a closed exchange", true) { s, _, _ in
            s.markets[nvda] = try .fixture(nvda, isOpen: false)
        },
        LimitCase(.marketClosed, "an exit at a closed exchange", true) { s, i, _ in
            s.markets[nvda] = try .fixture(nvda, isOpen: false)
            s.positions = [try .fixture(nvda, 10)]
            i = try .fixture(nvda, .sell, "10", purpose: .exit)
        },
        LimitCase(.marketClosed, "for the opening, before it", false) { s, i, _ in
            s.markets[nvda] = try .fixture(nvda, isOpen: false)
            i = try .fixture(nvda, timeInForce: .atOpen)
        },
        LimitCase(.marketClosed, "for the opening, after it", true) { _, i, _ in
            i = try .fixture(nvda, timeInForce: .atOpen)
        },
        LimitCase(.marketClosed, "another exchange is closed", false) { s, _, _ in
            s.markets[pltr] = try .fixture(pltr, isOpen: false)
        },
        LimitCase(.emergency, "total loss at 10 %", true) { s, _, _ in
            s.equity = try usd("90000")
            s.dayStart = s.equity
        },
        LimitCase(.emergency, "the halt is in force", true) { s, _, _ in
            s.halts = [HaltView(scope: .all, code: "emergency-shutdown")]
        },
        LimitCase(.emergency, "total loss just below 10 %", false) { s, _, _ in
            s.equity = try usd("90000.00000001")
            s.dayStart = s.equity
        },
        LimitCase(.dailyLoss, "loss of the day at 5 %", true) { s, _, _ in s.equity = try usd("95000") },
        LimitCase(.dailyLoss, "loss of the day above 5 %", true) { s, _, _ in s.equity = try usd("94999") },
        LimitCase(.dailyLoss, "loss of the day just below 5 %", false) { s, _, _ in
            s.equity = try usd("95000.00000001")
        },
        LimitCase(.dailyLoss, "the halt is in force", true) { s, _, _ in
            s.halts = [HaltView(scope: .all, code: "daily-loss")]
        },
        LimitCase(.tradingHalted, "everything is halted", true) { s, _, _ in
            s.halts = [HaltView(scope: .all, code: "operator")]
        },
        LimitCase(.tradingHalted, "another profile is halted", false) { s, _, _ in
            s.halts = [HaltView(scope: .profile(ProfileName("kr-5m")), code: "operator")]
        },
        LimitCase(.symbolHalted, "the symbol is halted", true) { s, _, _ in
            s.halts = [HaltView(scope: .symbol(nvda), code: "operator")]
        },
        LimitCase(.symbolHalted, "another symbol is halted", false) { s, _, _ in
            s.halts = [HaltView(scope: .symbol(pltr), code: "operator")]
        },
        LimitCase(.flattening, "a position of it is being closed", true) { s, _, _ in
            s.flattens = [.fixture(1, .symbol(nvda))]
            s.positions = [try .fixture(nvda, 10)]
        },
        LimitCase(.flattening, "an order of it is being cancelled for a flatten of everything", true) { s, _, _ in
            s.flattens = [.fixture()]
            s.live = [.fixture("L", nvda, .buy, 1)]
        },
        LimitCase(.flattening, "it is flat, and the flatten waits for another symbol", false) { s, _, _ in
            s.flattens = [.fixture()]
            s.positions = [try .fixture(pltr, 10)]
        },
        LimitCase(.flattening, "another symbol is being closed", false) { s, _, _ in
            s.flattens = [.fixture(1, .symbol(pltr))]
            s.positions = [try .fixture(nvda, 10)]
        },
        LimitCase(.booksDiffer, "the books differ on it", true) { s, _, _ in s.disputed = [nvda] },
        LimitCase(.booksDiffer, "the books differ on another symbol", false) { s, _, _ in s.disputed = [pltr] },
        LimitCase(.booksStale, "its broker cannot be reconciled", true) { s, _, _ in s.booksStaleSince = noon },
        LimitCase(.booksStale, "its broker is reconciled", false) { s, _, _ in s.booksStaleSince = nil },
        LimitCase(.inDoubtBlock, "an order of the symbol is in doubt", true) { s, _, _ in
            s.live = [.fixture("D", nvda, .buy, 1, state: .inDoubt)]
        },
        LimitCase(.inDoubtBlock, "its cancellation is in doubt", true) { s, _, _ in
            s.live = [.fixture("D", nvda, .buy, 1, state: .cancelInDoubt)]
        },
        LimitCase(.inDoubtBlock, "it was never heard of again", true) { s, _, _ in
            s.live = [.fixture("D", nvda, .buy, 1, state: .submitting)]
        },
        LimitCase(.inDoubtBlock, "an exit while an order is in doubt", true) { s, i, _ in
            s.live = [.fixture("D", nvda, .buy, 1, state: .inDoubt)]
            s.positions = [try .fixture(nvda, 10)]
            i = try .fixture(nvda, .sell, "10", purpose: .stopLoss)
        },
        LimitCase(.inDoubtBlock, "an order of another symbol is in doubt", false) { s, _, _ in
            s.live = [.fixture("D", pltr, .buy, 1, state: .inDoubt)]
        },
        LimitCase(.inDoubtBlock, "the order is in doubt at another broker", false) { s, _, _ in
            s.live = [.fixture("D", nvda, .buy, 1, state: .inDoubt, broker: BrokerID("kis"))]
        },
        LimitCase(.duplicateWorking, "the same order is working", true) { s, _, _ in
            s.live = [.fixture("W", nvda, .buy, 10)]
        },
        LimitCase(.duplicateWorking, "the same order by hand", true) { s, _, _ in
            s.live = [.fixture("W", nvda, .buy, 10, origin: .external)]
        },
        LimitCase(.duplicateWorking, "another quantity is working", false) { s, _, _ in
            s.live = [.fixture("W", nvda, .buy, 11)]
        },
        LimitCase(.duplicateWorking, "an exit is working that is the same, and enough is held for both", false) {
            s, i, _ in
            s.positions = [try .fixture(nvda, 30)]
            s.live = [.fixture("W", nvda, .sell, 10)]
            i = try .fixture(nvda, .sell, "10", purpose: .exit)
        },
        LimitCase(.duplicateWorking, "the same order is done", false) { s, _, _ in
            s.live = [.fixture("W", nvda, .buy, 10, filled: 10, state: .filled)]
        },
    ]

    private static let form: [LimitCase] = [
        LimitCase(.quantityNotPositive, "zero", true) { _, i, _ in i = try .fixture(nvda, .buy, "0") },
        LimitCase(.quantityNotPositive, "minus one", true) { _, i, _ in i = try .fixture(nvda, .buy, "-1") },
        LimitCase(.quantityNotPositive, "one", false) { _, i, _ in i = try .fixture(nvda, .buy, "1") },
        LimitCase(.offLot, "half a lot", true) { _, i, _ in i = try .fixture(nvda, .buy, "1.5") },
        LimitCase(.offLot, "an odd part of a lot of ten", true) { s, i, _ in
            s.markets[nvda] = try .fixture(nvda, lot: 10)
            i = try .fixture(nvda, .buy, "15")
        },
        LimitCase(.offLot, "two lots of ten", false) { s, i, _ in
            s.markets[nvda] = try .fixture(nvda, lot: 10)
            i = try .fixture(nvda, .buy, "20")
        },
        LimitCase(.offTick, "a limit between the cents", true) { _, i, _ in
            i = try .fixture(type: .limit(try at("100.005")))
        },
        LimitCase(.offTick, "a stop between the cents", true) { _, i, _ in
            i = try .fixture(type: .stopLimit(stop: try at("100.001"), limit: try at("100")))
        },
        LimitCase(.offTick, "a limit on a cent", false) { _, i, _ in
            i = try .fixture(type: .limit(try at("100.01")))
        },
        LimitCase(.unsupportedOrderType, "a stop where only limits are taken", true) { s, i, _ in
            s.orderTypes = ["market", "limit"]
            i = try .fixture(type: .stop(try at("101")))
        },
        LimitCase(.unsupportedOrderType, "a stop where stops are taken", false) { _, i, _ in
            i = try .fixture(type: .stop(try at("101")))
        },
        LimitCase(.unsupportedTimeInForce, "good till cancelled where only day is taken", true) { s, i, _ in
            s.timesInForce = [.day]
            i = try .fixture(timeInForce: .goodTillCancelled)
        },
        LimitCase(.unsupportedTimeInForce, "day where only day is taken", false) { s, _, _ in
            s.timesInForce = [.day]
        },
        LimitCase(.unsupportedHandling, "an algorithm where another one is known", true) { s, i, _ in
            s.handling = ["adaptive"]
            i = try .fixture(handling: OrderHandling(algorithm: .timeWeighted(from: nil, until: nil)))
        },
        LimitCase(.unsupportedHandling, "hours around the session where orders are worked plainly", true) { _, i, _ in
            i = try .fixture(handling: OrderHandling(outsideRegularHours: true))
        },
        LimitCase(.unsupportedHandling, "what the broker does", false) { s, i, _ in
            s.handling = ["adaptive", OrderHandling.outsideRegularHoursName]
            i = try .fixture(handling: OrderHandling(outsideRegularHours: true, algorithm: .adaptive(.normal)))
        },
        LimitCase(.exitExceedsPosition, "one more than is held", true) { s, i, _ in
            s.positions = [try .fixture(nvda, 10)]
            i = try .fixture(nvda, .sell, "11", purpose: .exit)
        },
        LimitCase(.exitExceedsPosition, "all that is held", false) { s, i, _ in
            s.positions = [try .fixture(nvda, 10)]
            i = try .fixture(nvda, .sell, "10", purpose: .exit)
        },
        LimitCase(.exitExceedsPosition, "nothing is held", true) { _, i, _ in
            i = try .fixture(nvda, .sell, "1", purpose: .exit)
        },
        LimitCase(.exitExceedsPosition, "an exit that would enlarge the position", true) { s, i, _ in
            s.positions = [try .fixture(nvda, 10)]
            i = try .fixture(nvda, .buy, "1", purpose: .exit)
        },
        LimitCase(.exitExceedsPosition, "a short is bought back", false) { s, i, _ in
            s.positions = [try .fixture(nvda, -10)]
            i = try .fixture(nvda, .buy, "10", purpose: .stopLoss)
        },
        LimitCase(.exitExceedsPosition, "what an exit at work leaves", false) { s, i, _ in
            s.positions = [try .fixture(nvda, 10)]
            s.live = [.fixture("W", nvda, .sell, 4)]
            i = try .fixture(nvda, .sell, "6", purpose: .exit)
        },
        LimitCase(.exitExceedsPosition, "one more than an exit at work leaves", true) { s, i, _ in
            s.positions = [try .fixture(nvda, 10)]
            s.live = [.fixture("W", nvda, .sell, 4)]
            i = try .fixture(nvda, .sell, "7", purpose: .exit)
        },
    ]

    private static let valuation: [LimitCase] = [
        LimitCase(.staleData, "a bar older than allowed", true) { s, _, l in
            s.now = noon.advanced(bySeconds: 121)
            l = try RiskLimits(staleAfter: .seconds(120))
        },
        LimitCase(.staleData, "a bar as old as allowed", false) { s, _, l in
            s.now = noon.advanced(bySeconds: 120)
            l = try RiskLimits(staleAfter: .seconds(120))
        },
        LimitCase(.staleData, "older than others may be, but not than this symbol", false) { s, _, l in
            s.now = noon.advanced(bySeconds: 240)
            l = try RiskLimits(staleAfter: .seconds(120), staleAfterBySymbol: [nvda: .seconds(240), pltr: .seconds(1)])
        },
        LimitCase(.staleData, "older than this symbol may be", true) { s, _, l in
            s.now = noon.advanced(bySeconds: 61)
            l = try RiskLimits(staleAfter: .seconds(120), staleAfterBySymbol: [nvda: .seconds(60)])
        },
        LimitCase(.noPrice, "no price at all", true) { s, _, _ in
            s.markets[nvda] = try .fixture(nvda, hasPrice: false)
        },
        LimitCase(.noPrice, "another position has no price", true) { s, _, _ in
            s.positions = [try .fixture(pltr, 10, last: nil)]
            s.markets[pltr] = try .fixture(pltr, hasPrice: false)
        },
        LimitCase(.noPrice, "valuation reports a symbol without price", true) { s, _, _ in s.unpriced = [pltr] },
        LimitCase(.noPrice, "equity is not known", true) { s, _, _ in s.equity = nil },
        LimitCase(.noPrice, "everything has a price", false) { s, _, _ in s.positions = [try .fixture(pltr, 10)] },
        LimitCase(.noRate, "a won order without a rate", true) { s, i, _ in
            s.markets[samsung] = try .fixture(samsung, price: "70000", currency: .krw)
            s.cash[.krw] = FixedPoint(10_000_000)
            i = try .fixture(samsung, reference: "70000")
        },
        LimitCase(.noRate, "a won position without a rate", true) { s, _, _ in
            s.positions = [try .fixture(samsung, 1, cost: "70000", last: "70000", currency: .krw)]
        },
        LimitCase(.noRate, "a rate of zero", true) { s, _, _ in
            s.rates[.krw] = .zero
            s.positions = [try .fixture(samsung, 1, cost: "70000", last: "70000", currency: .krw)]
        },
        LimitCase(.noRate, "a won order with a rate", false) { s, i, _ in
            s.markets[samsung] = try .fixture(samsung, price: "70000", currency: .krw)
            s.cash[.krw] = FixedPoint(10_000_000)
            s.rates[.krw] = try fixed("0.0007")
            i = try .fixture(samsung, reference: "70000")
        },
        LimitCase(.notCalculable, "an order beyond the range", true) { _, i, _ in
            i = try .fixture(nvda, .buy, "900000000000000000", type: .limit(try at("900000000000000000")))
        },
        LimitCase(.notCalculable, "an ordinary order", false) { _, _, _ in },
    ]

    private static let prices: [LimitCase] = [
        LimitCase(.priceBand, "a limit more than 10 % below", true) { _, i, _ in
            i = try .fixture(type: .limit(try at("89.99")))
        },
        LimitCase(.priceBand, "a limit 10 % below", false) { _, i, _ in
            i = try .fixture(type: .limit(try at("90")))
        },
        LimitCase(.priceBand, "a stop 10 % above", false) { _, i, _ in
            i = try .fixture(type: .stop(try at("110")))
        },
        LimitCase(.priceBand, "a stop more than 10 % above", true) { _, i, _ in
            i = try .fixture(type: .stop(try at("110.01")))
        },
        LimitCase(.priceBand, "sized at a price from before a split", true) { _, i, _ in
            i = try .fixture(reference: "1000")
        },
        LimitCase(.notionalBelowMinimum, "below", true) { _, _, l in
            l = try RiskLimits(minOrderValue: try fixed("1000.01"))
        },
        LimitCase(.notionalBelowMinimum, "at", false) { _, _, l in l = try RiskLimits(minOrderValue: FixedPoint(1000))
        },
        LimitCase(.notionalAboveMaximum, "above", true) { _, _, l in
            l = try RiskLimits(maxOrderNotional: try fixed("999.99"))
        },
        LimitCase(.notionalAboveMaximum, "at", false) { _, _, l in
            l = try RiskLimits(maxOrderNotional: FixedPoint(1000))
        },
    ]

    private static let counts: [LimitCase] = [
        LimitCase(.maxDailyOrders, "the hundredth order", false) { s, _, _ in s.sentToday = 99 },
        LimitCase(.maxDailyOrders, "the hundred and first order", true) { s, _, _ in s.sentToday = 100 },
        LimitCase(.maxDailyOrders, "the hundred and first with one approved", true) { s, _, _ in
            s.sentToday = 99
            s.approved = [try .fixture(pltr)]
        },
        LimitCase(.maxOrdersPerMinute, "the fifth of five", false) { s, _, l in
            s.sentInMinute = 4
            l = try RiskLimits(maxOrdersPerMinute: 5)
        },
        LimitCase(.maxOrdersPerMinute, "the sixth of five", true) { s, _, l in
            s.sentInMinute = 5
            l = try RiskLimits(maxOrdersPerMinute: 5)
        },
        LimitCase(.maxPositionCount, "a second symbol of one allowed", true) { s, _, l in
            s.positions = [try .fixture(pltr, 1)]
            l = try RiskLimits(maxPositionCount: 1)
        },
        LimitCase(.maxPositionCount, "a second symbol of two allowed", false) { s, _, l in
            s.positions = [try .fixture(pltr, 1)]
            l = try RiskLimits(maxPositionCount: 2)
        },
        LimitCase(.maxPositionCount, "more of the one symbol allowed", false) { s, _, l in
            s.positions = [try .fixture(nvda, 1)]
            l = try RiskLimits(maxPositionCount: 1)
        },
        LimitCase(.maxPositionCount, "a symbol only on order counts", true) { s, _, l in
            s.live = [.fixture("D", pltr, .buy, 1, state: .inDoubt)]
            l = try RiskLimits(maxPositionCount: 1)
        },
    ]

    private static let exposure: [LimitCase] = [
        LimitCase(.shortNotAllowed, "a sale beyond what is held", true) { s, i, l in
            s.positions = [try .fixture(nvda, 9)]
            i = try .fixture(nvda, .sell, "10")
            l = try RiskLimits()
        },
        LimitCase(.shortNotAllowed, "a sale of what is held", false) { s, i, l in
            s.positions = [try .fixture(nvda, 10)]
            i = try .fixture(nvda, .sell, "10", purpose: .manual)
            l = try RiskLimits()
        },
        LimitCase(.shortNotAllowed, "the broker takes none", true) { s, i, _ in
            s.brokerShort = false
            i = try .fixture(nvda, .sell, "10")
        },
        LimitCase(.shortNotAllowed, "limits and broker take shorts", false) { _, i, _ in
            i = try .fixture(nvda, .sell, "10")
        },
        LimitCase(.maxPositionSize, "exactly 30 %", false) { _, i, _ in i = try .fixture(nvda, .buy, "300") },
        LimitCase(.maxPositionSize, "one share more than 30 %", true) { _, i, _ in i = try .fixture(nvda, .buy, "301")
        },
        LimitCase(.maxPositionSize, "30 % with what is held", false) { s, i, _ in
            s.positions = [try .fixture(nvda, 299)]
            i = try .fixture(nvda, .buy, "1")
        },
        LimitCase(.maxPositionSize, "an in-doubt order counts at full size", true) { s, i, _ in
            // Only the position at another broker is held; the order in doubt there is added to it in full.
            s.live = [.fixture("D", nvda, .buy, 291, state: .inDoubt, broker: BrokerID("kis"))]
            i = try .fixture(nvda, .buy, "10")
        },
        LimitCase(.maxPositionSize, "an in-doubt order that leaves room", false) { s, i, _ in
            s.live = [.fixture("D", nvda, .buy, 290, state: .inDoubt, broker: BrokerID("kis"))]
            i = try .fixture(nvda, .buy, "10")
        },
        LimitCase(.maxPositionSize, "a position over its limit is reduced by hand", false) { s, i, _ in
            s.positions = [try .fixture(nvda, 400)]
            i = try .fixture(nvda, .sell, "10", purpose: .manual)
        },
        LimitCase(.maxLeverage, "exactly once equity", false) { s, i, l in
            s.positions = [try .fixture(pltr, 990)]
            i = try .fixture(nvda, .buy, "10")
            l = try RiskLimits(positionSize: .one)
        },
        LimitCase(.maxLeverage, "one share more than equity", true) { s, i, l in
            s.positions = [try .fixture(pltr, 990)]
            i = try .fixture(nvda, .buy, "11")
            l = try RiskLimits(positionSize: .one)
        },
        LimitCase(.maxLeverage, "an exit at work frees nothing before it is filled", true) { s, i, l in
            s.positions = [try .fixture(pltr, 1000)]
            s.live = [.fixture("W", pltr, .sell, 1000)]
            i = try .fixture(nvda, .buy, "1")
            l = try RiskLimits(positionSize: .one)
        },
        LimitCase(.maxLeverage, "no equity left", true) { s, _, _ in
            s.equity = .zero(.usd)
            (s.dayStart, s.initial) = (nil, nil)
        },
        LimitCase(.insufficientCash, "one cent short", true) { s, _, _ in s.cash[.usd] = try fixed("999.99") },
        LimitCase(.insufficientCash, "just enough", false) { s, _, _ in s.cash[.usd] = FixedPoint(1000) },
        LimitCase(.insufficientCash, "a purchase at work has taken it", true) { s, _, _ in
            s.cash[.usd] = FixedPoint(1999)
            s.live = [.fixture("W", pltr, .buy, 10)]
        },
        LimitCase(.insufficientCash, "a dearer limit counts", true) { s, i, _ in
            s.cash[.usd] = FixedPoint(1000)
            i = try .fixture(type: .limit(try at("101")))
        },
        LimitCase(.insufficientCash, "the buffer counts", true) { s, _, l in
            s.cash[.usd] = FixedPoint(1000)
            l = try RiskLimits(cashBuffer: try fraction("0.001"))
        },
        LimitCase(.insufficientCash, "dollars buy no won shares", true) { s, i, _ in
            s.markets[samsung] = try .fixture(samsung, price: "70000", currency: .krw)
            s.rates[.krw] = try fixed("0.0007")
            i = try .fixture(samsung, reference: "70000")
        },
        LimitCase(.insufficientCash, "a purchase whose stop begins above the market", true) { s, i, _ in
            s.cash[.usd] = FixedPoint(1049)
            i = try .fixture(type: .trailingStop(.share(try fraction("0.05"))))
        },
        LimitCase(.insufficientCash, "where its stop begins it can be paid", false) { s, i, _ in
            s.orderTypes = Set(OrderType.names)
            s.cash[.usd] = FixedPoint(1050)
            i = try .fixture(type: .trailingStop(.share(try fraction("0.05"))))
        },
        LimitCase(.insufficientCash, "a trailing limit costs what lies behind its first stop", true) { s, i, _ in
            s.cash[.usd] = FixedPoint(1069)
            i = try .fixture(type: .trailingStopLimit(.amount(Price(5)), firstStop: Price(105), limitOffset: Price(2)))
        },
        LimitCase(.priceBand, "a stop that begins beyond the band", true) { _, i, l in
            l = try RiskLimits(priceBand: try fraction("0.1"))
            i = try .fixture(type: .trailingStop(.share(try fraction("0.11"))))
        },
        LimitCase(.duplicateWorking, "a stop that has moved since", true) { s, i, _ in
            let type: (Int) -> OrderType = {
                .trailingStopLimit(.amount(Price(5)), firstStop: Price($0), limitOffset: Price(1))
            }
            s.live = [.fixture("W", nvda, .buy, 10, type: type(103))]
            i = try .fixture(type: type(105))
        },
        LimitCase(.brokerPreview, "the broker would refuse it", true) { s, i, _ in
            s.previews[i.id] = .refused("no trading permission")
        },
        LimitCase(.brokerPreview, "the broker was asked and did not say", true) { s, i, _ in
            s.previews[i.id] = .unknown("no answer within 15 s")
        },
        LimitCase(.brokerPreview, "a cent of margin is missing", true) { s, i, _ in
            s.previews[i.id] = .told(.init(initialMargin: try fixed("500.01"), equityWithLoan: FixedPoint(500)))
        },
        LimitCase(.brokerPreview, "the margin is there to the cent", false) { s, i, _ in
            s.previews[i.id] = .told(.init(initialMargin: FixedPoint(500), equityWithLoan: FixedPoint(500)))
        },
        LimitCase(.brokerPreview, "the broker tells no margin", false) { s, i, _ in
            s.previews[i.id] = .told(.init(warning: "may be executed outside of the session"))
        },
        LimitCase(.brokerPreview, "another intent's preview", false) { s, _, _ in
            s.previews[IntentID("other")] = .refused("no")
        },
    ]
}
