/// Orders and intents as evidence, whole and by value.
extension OrderType {
    /// What few orders have is left out where there is none: the evidence of all others keeps its bytes.
    public var evidence: JSONValue {
        let head: JSONValue = ["name": .string(name), "limit": JSONValue(limitPrice), "stop": JSONValue(stopPrice)]
        return distances.reduce(head) { $0.setting($1.key, $1.value) }
    }

    /// `trail_amount`, `trail_share` and `limit_offset`, those that it has.
    public var distances: [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        if let amount = trail?.amount { members.append(.init("trail_amount", JSONValue(amount))) }
        if let share = trail?.share { members.append(.init("trail_share", JSONValue(share))) }
        if let limitOffset { members.append(.init("limit_offset", JSONValue(limitOffset))) }
        return members
    }

    public init<Failure>(_ reader: EvidenceReader<Failure>) throws(Failure) {
        let name = try reader.string("name")
        let prices = OrderPrices(
            limit: try reader.optionalDecimal("limit").map { Price($0) },
            stop: try reader.optionalDecimal("stop").map { Price($0) },
            trailAmount: try reader.decimal("trail_amount", orElse: nil).map { Price($0) },
            trailShare: try reader.decimal("trail_share", orElse: nil).map { Fraction($0) },
            limitOffset: try reader.decimal("limit_offset", orElse: nil).map { Price($0) })
        guard let prices, let type = OrderType(name: name, prices) else {
            throw Failure.evidence(path: reader.path, problem: "is no order type")
        }
        self = type
    }
}

extension Reason {
    public var evidence: JSONValue { ["code": .string(code), "message": .string(message)] }

    static func list<Failure>(_ reader: EvidenceReader<Failure>) throws(Failure) -> [Reason] {
        var reasons: [Reason] = []
        for item in try reader.objects("reasons") {
            reasons.append(Reason(code: try item.string("code"), message: try item.string("message")))
        }
        return reasons
    }
}

extension OrderIntent {
    public var evidence: JSONValue {
        handling.json.map { plainEvidence.setting("handling", $0) } ?? plainEvidence
    }

    private var plainEvidence: JSONValue {
        [
            "cycle": JSONValue(cycle), "symbol": JSONValue(symbol), "leg": .int(Int64(leg)),
            "purpose": .string(purpose.rawValue), "side": .string(side.rawValue), "type": type.evidence,
            "quantity": JSONValue(quantity), "time_in_force": .string(timeInForce.rawValue),
            "state": .string(state.rawValue), "broker": JSONValue(broker), "attempt": .int(Int64(attempt)),
            "reference_price": JSONValue(referencePrice), "created_at": JSONValue(createdAt),
            "expires_at": JSONValue(expiresAt), "reasons": .array(reasons.map(\.evidence)),
        ]
    }

    public init<Failure>(_ reader: EvidenceReader<Failure>) throws(Failure) {
        self.init(
            cycle: try reader.read("cycle") { CycleID($0) }, symbol: Symbol(try reader.string("symbol")),
            leg: try reader.int("leg"), purpose: try reader.read("purpose") { OrderPurpose(rawValue: $0) },
            side: try reader.read("side") { Side(rawValue: $0) }, type: try OrderType(try reader.object("type")),
            quantity: Quantity(try reader.decimal("quantity")),
            timeInForce: try reader.read("time_in_force") { TimeInForce(rawValue: $0) },
            handling: try OrderHandling.optional(reader),
            state: try reader.read("state") { OrderState(rawValue: $0) }, broker: BrokerID(try reader.string("broker")),
            attempt: try reader.int("attempt"), referencePrice: Price(try reader.decimal("reference_price")),
            createdAt: try reader.instant("created_at"), expiresAt: try reader.instant("expires_at"),
            reasons: try Reason.list(reader))
    }
}

extension ManagedOrder {
    public var evidence: JSONValue {
        handling.json.map { plainEvidence.setting("handling", $0) } ?? plainEvidence
    }

    private var plainEvidence: JSONValue {
        [
            "client_order_id": JSONValue(clientOrderID), "intent_id": JSONValue(intentID),
            "attempt": .int(Int64(attempt)), "origin": .string(origin.rawValue), "profile": JSONValue(profile),
            "broker": JSONValue(broker), "account": JSONValue(account), "broker_order_id": JSONValue(brokerOrderID),
            "symbol": JSONValue(symbol), "side": .string(side.rawValue), "type": type.evidence,
            "quantity": JSONValue(quantity), "time_in_force": .string(timeInForce.rawValue),
            "state": .string(state.rawValue), "filled_quantity": JSONValue(filledQuantity),
            "filled_before": JSONValue(filledBefore),
            "average_fill_price": JSONValue(averageFillPrice), "submitted_at": JSONValue(submittedAt),
            "acknowledged_at": JSONValue(acknowledgedAt), "finished_at": JSONValue(finishedAt),
            "doubted_at": JSONValue(doubtedAt), "cancel_requested_at": JSONValue(cancelRequestedAt),
            "absence_proofs": .int(Int64(absenceProofs)), "last_absence_at": JSONValue(lastAbsenceAt),
            "reasons": .array(reasons.map(\.evidence)),
        ]
    }

    public init<Failure>(_ reader: EvidenceReader<Failure>) throws(Failure) {
        self.init(
            clientOrderID: ClientOrderID(try reader.string("client_order_id")),
            intentID: try reader.optionalString("intent_id").map { IntentID($0) }, attempt: try reader.int("attempt"),
            origin: try reader.read("origin") { Origin(rawValue: $0) },
            profile: try reader.optionalString("profile").map { ProfileName($0) },
            broker: BrokerID(try reader.string("broker")), account: AccountID(try reader.string("account")),
            brokerOrderID: try reader.optionalString("broker_order_id").map { BrokerOrderID($0) },
            symbol: Symbol(try reader.string("symbol")), side: try reader.read("side") { Side(rawValue: $0) },
            type: try OrderType(try reader.object("type")), quantity: Quantity(try reader.decimal("quantity")),
            timeInForce: try reader.read("time_in_force") { TimeInForce(rawValue: $0) },
            handling: try OrderHandling.optional(reader),
            state: try reader.read("state") { OrderState(rawValue: $0) },
            filledQuantity: Quantity(try reader.decimal("filled_quantity")),
            filledBefore: Quantity(try reader.decimal("filled_before")),
            averageFillPrice: try reader.optionalDecimal("average_fill_price").map { Price($0) },
            submittedAt: try reader.instant("submitted_at"),
            acknowledgedAt: try reader.optionalInstant("acknowledged_at"),
            finishedAt: try reader.optionalInstant("finished_at"),
            doubtedAt: try reader.optionalInstant("doubted_at"),
            cancelRequestedAt: try reader.optionalInstant("cancel_requested_at"),
            absenceProofs: try reader.int("absence_proofs"),
            lastAbsenceAt: try reader.optionalInstant("last_absence_at"), reasons: try Reason.list(reader))
    }
}

extension OrderHandling {
    /// Evidence of orders that ask for nothing does not have it.
    static func optional<Failure>(_ reader: EvidenceReader<Failure>) throws(Failure) -> OrderHandling {
        reader.value["handling"] == nil ? .plain : try OrderHandling(try reader.object("handling"))
    }
}
