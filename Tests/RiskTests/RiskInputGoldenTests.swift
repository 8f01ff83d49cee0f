import Core
import Testing

@testable import Risk

/// The bytes of `takt.risk-input/1`, written down apart from the code that writes them: evidence of a year ago has to be read,
/// and its address met, by the takt of today. A change here is a new schema number.
@Suite("The bytes of a risk input")
struct RiskInputGoldenTests {
    /// Put together and digested with Python's `json` and `hashlib` from the field lists of the schema.
    private static let text = #"""
        {"schema":"takt.risk-input/1","now":"2025-11-21T17:00:00Z","limits":{"daily_loss":"0.05",\#
        "position_size":"0.3","position_size_by_symbol":{"NVDA":"0.015","PLTR":"0.4"},"stop_loss":"0.02",\#
        "stop_loss_by_symbol":{},"emergency_shutdown_loss":"0.1","emergency_cancels_orders":true,\#
        "emergency_closes_positions":false,"max_daily_orders":100,"max_position_count":10,\#
        "max_leverage":"1","min_order_value":"0","max_order_notional":null,"price_band":"0.1",\#
        "stale_after_us":600000000,"stale_after_us_by_symbol":{"NVDA":390500000},\#
        "valuation_max_age_us":864000000000,"max_orders_per_minute":30,"allows_short":false,\#
        "cash_buffer":"0.00000001"},"account":{"base_currency":"USD","equity_now":{"amount":"99000.5",\#
        "currency":"USD"},"equity_at_day_start":{"amount":"100000","currency":"USD"},"equity_initial":null,\#
        "high_water_mark":{"amount":"101000","currency":"USD"},"rates":{"EUR":"1.0825","KRW":"0.00068"},\#
        "positions":[{"symbol":"NVDA","broker":"paper","quantity":"-10.5","average_cost":"100",\#
        "last_price":{"price":"97.25","as_of":"2025-11-21T17:00:00Z"},"currency":"USD","multiplier":"1"}],\#
        "live_orders":[{"client_order_id":"NVDA-exit-1","intent_id":null,"attempt":1,"origin":"external",\#
        "profile":null,"broker":"paper","account":"A1","broker_order_id":"B7","symbol":"NVDA","side":"sell",\#
        "type":{"name":"stop-limit","limit":"98.5","stop":"99"},"quantity":"4","time_in_force":"gtc",\#
        "state":"partially-filled","filled_quantity":"1","filled_before":"0","average_fill_price":"98.75",\#
        "submitted_at":"2025-11-21T17:00:00Z","acknowledged_at":null,"finished_at":null,"doubted_at":null,\#
        "cancel_requested_at":null,"absence_proofs":0,"last_absence_at":null,"reasons":[]}],\#
        "approved_intents":[{"cycle":"us-5m/2025-11-21T17:00:00Z","symbol":"NVDA","leg":2,\#
        "purpose":"stop-loss","side":"sell","type":{"name":"market","limit":null,"stop":null},\#
        "quantity":"6","time_in_force":"day","state":"approved","broker":"paper","attempt":1,\#
        "reference_price":"97.25","created_at":"2025-11-21T17:00:00Z","expires_at":"2025-11-21T17:05:00Z",\#
        "reasons":[{"code":"stop-loss","message":"삼성 \"quoted\"\n"}]}],"orders_sent_today":7,\#
        "orders_sent_in_last_minute":1,"halts":[{"scope":"profile:us-5m","code":"operator"}],\#
        "flattens":[{"id":7,"scope":"symbol:NVDA","ordered_by":"operator kim","reason":"holiday"}],\#
        "unpriced":["PLTR"]},"markets":[{"instrument":{"symbol":"NVDA","name":"NVIDIA",\#
        "kind":{"type":"stock"},"exchange":"XNAS","currency":"USD","lot_size":"1",\#
        "ticks":[{"from":"1970-01-01","bands":[{"below":null,"tick":"0.01"}]}],"multiplier":"1",\#
        "sector":null,"broker_symbols":{"kis":"NVDA.O"}},"is_open":true,\#
        "last_bar_close":"2025-11-21T17:00:00Z","last_price":{"price":"97.25",\#
        "as_of":"2025-11-21T17:00:00Z"}}],"brokers":{"paper":{"order_types":["limit","market"],\#
        "times_in_force":["day","gtc"],"allows_short":false,"cash":{"KRW":"1","USD":"50000"}}}}
        """#
    private static let digest = "f95e20e5365dbaa528527b1dbc4f81ebe624d0254b30856899b74d42e79ffd1f"

    private static func check() throws -> RiskCheck {
        let euro = try #require(Currency("EUR"))
        let order = ManagedOrder(
            clientOrderID: ClientOrderID("NVDA-exit-1"), intentID: nil, attempt: 1, origin: .external, profile: nil,
            broker: paper, account: AccountID("A1"), brokerOrderID: BrokerOrderID("B7"), symbol: nvda, side: .sell,
            type: .stopLimit(stop: try at("99"), limit: try at("98.5")), quantity: Quantity(4),
            timeInForce: .goodTillCancelled, state: .partiallyFilled, filledQuantity: Quantity(1),
            averageFillPrice: try at("98.75"), submittedAt: noon)
        let intent = OrderIntent(
            cycle: testCycle, symbol: nvda, leg: 2, purpose: .stopLoss, side: .sell, type: .market,
            quantity: Quantity(6), timeInForce: .day, state: .approved, broker: paper,
            referencePrice: try at("97.25"), createdAt: noon, expiresAt: noon.advanced(bySeconds: 300),
            reasons: [Reason(code: "stop-loss", message: "삼성 \"quoted\"\n")])
        let mark = PricedAt(try at("97.25"), asOf: noon)
        let account = AccountState(
            baseCurrency: .usd, equityNow: try usd("99000.5"), equityAtDayStart: try usd("100000"), equityInitial: nil,
            highWaterMark: try usd("101000"), rates: [.krw: try fixed("0.00068"), euro: try fixed("1.0825")],
            positions: [
                RiskPosition(
                    symbol: nvda, broker: paper, quantity: try Quantity("-10.5"), averageCost: try at("100"),
                    lastPrice: mark, currency: .usd)
            ],
            liveOrders: [order], approvedIntents: [intent], ordersSentToday: 7, ordersSentInLastMinute: 1,
            activeHalts: [HaltView(scope: .profile(ProfileName("us-5m")), code: "operator")],
            flattens: [FlattenRequest(id: 7, scope: .symbol(nvda), orderedBy: "operator kim", reason: "holiday")],
            unpriced: [pltr])
        return RiskCheck(
            state: account, markets: [nvda: try market(mark)],
            brokers: [
                paper: BrokerCondition(
                    orderTypes: ["market", "limit"], timesInForce: [.goodTillCancelled, .day], allowsShort: false,
                    cash: [.usd: FixedPoint(50_000), .krw: .one])
            ], limits: try limits(), now: noon)
    }

    private static func market(_ mark: PricedAt) throws -> MarketCondition {
        let instrument = try Instrument(
            symbol: nvda, name: "NVIDIA", exchange: ExchangeID("XNAS"), currency: .usd, ticks: .usEquity,
            brokerSymbols: [BrokerID("kis"): "NVDA.O"])
        return MarketCondition(instrument: instrument, isOpen: true, lastBarClose: noon, lastPrice: mark)
    }

    private static func limits() throws -> RiskLimits {
        try RiskLimits(
            positionSizeBySymbol: [pltr: try fraction("0.4"), nvda: try fraction("0.015")],
            emergencyClosesPositions: false, staleAfterBySymbol: [nvda: .milliseconds(390_500)],
            maxOrdersPerMinute: 30, cashBuffer: try fraction("0.00000001"))
    }

    @Test("A check is written to these bytes")
    func written() throws {
        let json = try Self.check().json
        #expect(json.text == Self.text)
        #expect(json.digest.hex == Self.digest)
    }

    @Test("From these bytes the same check is read")
    func read() throws {
        let (read, made) = (try RiskCheck(json: try JSONValue(parsing: Self.text)), try Self.check())
        #expect(read.state == made.state)
        #expect(read.markets == made.markets)
        #expect(read.brokers == made.brokers)
        #expect(read.limits == made.limits)
        #expect(read.now == made.now)
    }

    @Test(
        "A value that the schema does not know is refused with its place",
        arguments: [
            (#""schema":"takt.risk-input/1""#, #""schema":"takt.risk-input/2""#, "risk.schema"),
            (#""scope":"symbol:NVDA""#, #""scope":"broker:kis""#, "risk.account.flattens[0].scope"),
            (#""scope":"profile:us-5m""#, #""scope":"us-5m""#, "risk.account.halts[0].scope"),
            (#""origin":"external""#, #""origin":"other""#, "risk.account.live_orders[0].origin"),
            (#""purpose":"stop-loss""#, #""purpose":"stoploss""#, "risk.account.approved_intents[0].purpose"),
            (#"["day","gtc"]"#, #"["day","gtx"]"#, "risk.brokers.paper.times_in_force"),
            (#""base_currency":"USD""#, #""base_currency":"usd""#, "risk.account.base_currency"),
        ])
    func unknown(sound: String, damaged: String, path: String) throws {
        let text = Self.text.replacing(sound, with: damaged)
        try #require(text != Self.text)
        do {
            _ = try RiskCheck(json: try JSONValue(parsing: text))
            Issue.record("\(damaged) was read")
        } catch let error as RiskError {
            guard case .evidence(path, _) = error else {
                Issue.record("\(error)")
                return
            }
        }
    }
}
