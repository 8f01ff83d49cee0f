import Core
import TestSupport
import Testing

@Suite("Orders and intents as evidence")
struct OrderEvidenceTests {
    // MARK: Bytes, written down apart from the code

    private static let intentText = #"""
        {"cycle":"us-5m/2026-11-20T15:35:00Z","symbol":"NVDA","leg":2,"purpose":"stop-loss","side":"sell",\#
        "type":{"name":"stop-limit","limit":"98.5","stop":"99"},"quantity":"6.5","time_in_force":"gtc",\#
        "state":"in-doubt","broker":"kis","attempt":3,"reference_price":"97.25",\#
        "created_at":"2026-11-20T15:35:00Z","expires_at":"2026-11-20T15:40:00Z",\#
        "reasons":[{"code":"stop-loss","message":"삼성 \"quoted\""},{"code":"b","message":""}]}
        """#

    private static let orderText = #"""
        {"client_order_id":"c-1","intent_id":"i-1","attempt":2,"origin":"takt","profile":"us-5m","broker":"kis",\#
        "account":"12345678-01","broker_order_id":"B7","symbol":"005930","side":"buy",\#
        "type":{"name":"limit","limit":"70100","stop":null},"quantity":"10","time_in_force":"day",\#
        "state":"cancel-in-doubt","filled_quantity":"3","filled_before":"1","average_fill_price":"70000.33333333",\#
        "submitted_at":"2026-11-20T15:35:01Z","acknowledged_at":"2026-11-20T15:35:02Z",\#
        "finished_at":"2026-11-20T15:35:03Z","doubted_at":"2026-11-20T15:35:04Z",\#
        "cancel_requested_at":"2026-11-20T15:35:05.000001Z","absence_proofs":1,\#
        "last_absence_at":"2026-11-20T15:35:06Z","reasons":[{"code":"a","message":"why"}]}
        """#

    private static func second(_ number: Int64) -> Instant { Instant.fixture.advanced(bySeconds: number) }

    private static func intent() throws -> OrderIntent {
        .fixture(
            leg: 2, purpose: .stopLoss, side: .sell, type: .stopLimit(stop: Price(99), limit: try Price("98.5")),
            quantity: try Quantity("6.5"), timeInForce: .goodTillCancelled, state: .inDoubt, broker: BrokerID("kis"),
            attempt: 3, referencePrice: try Price("97.25"),
            reasons: [Reason(code: "stop-loss", message: "삼성 \"quoted\""), Reason(code: "b", message: "")])
    }

    private static func order() throws -> ManagedOrder {
        ManagedOrder(
            clientOrderID: ClientOrderID("c-1"), intentID: IntentID("i-1"), attempt: 2, origin: .takt,
            profile: ProfileName("us-5m"), broker: BrokerID("kis"), account: AccountID("12345678-01"),
            brokerOrderID: BrokerOrderID("B7"), symbol: Symbol("005930"), side: .buy, type: .limit(Price(70_100)),
            quantity: Quantity(10), timeInForce: .day, state: .cancelInDoubt, filledQuantity: Quantity(3),
            filledBefore: Quantity(1), averageFillPrice: try Price("70000.33333333"), submittedAt: second(1),
            acknowledgedAt: second(2), finishedAt: second(3), doubtedAt: second(4),
            cancelRequestedAt: second(5).advanced(by: .microseconds(1)), absenceProofs: 1, lastAbsenceAt: second(6),
            reasons: [Reason(code: "a", message: "why")])
    }

    private static func readIntent(_ json: JSONValue) throws(Damage) -> OrderIntent {
        try OrderIntent(try EvidenceReader<Damage>(json, path: "intent"))
    }

    private static func readOrder(_ json: JSONValue) throws(Damage) -> ManagedOrder {
        try ManagedOrder(try EvidenceReader<Damage>(json, path: "order"))
    }

    @Test("An intent and an order are written to these bytes and read back from them")
    func bytes() throws {
        #expect(try Self.intent().evidence.text == Self.intentText)
        #expect(try Self.readIntent(try JSONValue(parsing: Self.intentText)) == (try Self.intent()))
        #expect(try Self.order().evidence.text == Self.orderText)
        #expect(try Self.readOrder(try JSONValue(parsing: Self.orderText)) == (try Self.order()))
    }

    @Test("Every value of every enumeration, and what is absent, comes back as it was")
    func roundTrips() throws {
        let types: [OrderType] = [
            .market, .limit(Price(10)), .stop(Price(9)), .stopLimit(stop: Price(9), limit: Price(8)),
        ]
        for (index, state) in OrderState.allCases.enumerated() {
            let order = ManagedOrder.fixture(
                intentID: nil, origin: index.isMultiple(of: 2) ? .external : .takt, profile: nil,
                side: Side.allCases[index % 2], type: types[index % 4], timeInForce: TimeInForce.allCases[index % 3],
                state: state)
            #expect(try Self.readOrder(order.evidence) == order)
            let purpose = OrderPurpose.allCases[index % OrderPurpose.allCases.count]
            let intent = OrderIntent.fixture(purpose: purpose, type: types[index % 4], state: state)
            #expect(try Self.readIntent(intent.evidence) == intent)
        }
    }

    // MARK: Damage

    private static func keys(_ json: JSONValue) -> [String] {
        guard case .object(let members) = json else { return [] }
        return members.map(\.key)
    }

    @Test("A member that is missing is named with its path")
    func missing() throws {
        let (intent, order) = (try Self.intent().evidence, try Self.order().evidence)
        for key in Self.keys(intent) {
            #expect(throws: Damage(path: "intent.\(key)", problem: "is missing")) {
                try Self.readIntent(intent.removing(key))
            }
        }
        for key in Self.keys(order) {
            #expect(throws: Damage(path: "order.\(key)", problem: "is missing")) {
                try Self.readOrder(order.removing(key))
            }
        }
        #expect(Self.keys(intent).count == 15 && Self.keys(order).count == 25)
    }

    @Test("A member of another type is named with its path")
    func wrongType() throws {
        let (intent, order) = (try Self.intent().evidence, try Self.order().evidence)
        for key in Self.keys(intent) {
            let error = #expect(throws: Damage.self) { try Self.readIntent(intent.setting(key, true)) }
            #expect(error?.path == "intent.\(key)")
        }
        for key in Self.keys(order) {
            let error = #expect(throws: Damage.self) { try Self.readOrder(order.setting(key, true)) }
            #expect(error?.path == "order.\(key)")
        }
    }

    @Test(
        "An unknown value of an enumeration is named with its path",
        arguments: ["purpose", "side", "time_in_force", "state", "cycle"])
    func unknownInIntent(key: String) throws {
        let damaged = try Self.intent().evidence.setting(key, "sideways")
        #expect(throws: Damage(path: "intent.\(key)", problem: "has the unknown value 'sideways'")) {
            try Self.readIntent(damaged)
        }
    }

    @Test("The same of an order", arguments: ["origin", "side", "time_in_force", "state"])
    func unknownInOrder(key: String) throws {
        let damaged = try Self.order().evidence.setting(key, "sideways")
        #expect(throws: Damage(path: "order.\(key)", problem: "has the unknown value 'sideways'")) {
            try Self.readOrder(damaged)
        }
    }

    @Test(
        "A type whose prices do not fit its name is none",
        arguments: [
            #"{"name":"market","limit":"1","stop":null}"#, #"{"name":"limit","limit":null,"stop":null}"#,
            #"{"name":"iceberg","limit":null,"stop":null}"#,
        ])
    func orderTypes(text: String) throws {
        let damaged = try Self.order().evidence.setting("type", try JSONValue(parsing: text))
        #expect(throws: Damage(path: "order.type", problem: "is no order type")) { try Self.readOrder(damaged) }
    }

    @Test("A damaged price or reason inside is named with the whole path")
    func inside() throws {
        let order = try Self.order().evidence
        let type = try JSONValue(parsing: #"{"name":"limit","limit":"ten","stop":null}"#)
        let error = #expect(throws: Damage.self) { try Self.readOrder(order.setting("type", type)) }
        #expect(error?.path == "order.type.limit")
        let reasons = try JSONValue(parsing: #"[{"code":"a","message":"b"},{"code":"c"}]"#)
        #expect(throws: Damage(path: "order.reasons[1].message", problem: "is missing")) {
            try Self.readOrder(order.setting("reasons", reasons))
        }
    }
}
