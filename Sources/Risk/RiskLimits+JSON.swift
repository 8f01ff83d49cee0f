public import Core

extension RiskLimits {
    /// The limits as evidence keeps them.
    public var json: JSONValue {
        [
            "daily_loss": JSONValue(dailyLoss.value), "position_size": JSONValue(positionSize.value),
            "position_size_by_symbol": Self.json(positionSizeBySymbol), "stop_loss": JSONValue(stopLoss.value),
            "stop_loss_by_symbol": Self.json(stopLossBySymbol),
            "emergency_shutdown_loss": JSONValue(emergencyShutdownLoss.value),
            "emergency_cancels_orders": .bool(emergencyCancelsOrders),
            "emergency_closes_positions": .bool(emergencyClosesPositions),
            "max_daily_orders": .int(Int64(maxDailyOrders)), "max_position_count": .int(Int64(maxPositionCount)),
            "max_leverage": JSONValue(maxLeverage.value), "min_order_value": JSONValue(minOrderValue),
            "max_order_notional": JSONValue(maxOrderNotional), "price_band": JSONValue(priceBand.value),
            "stale_after_us": .int(staleAfter.wholeMicroseconds),
            "stale_after_us_by_symbol": .object(
                staleAfterBySymbol.sorted { $0.key < $1.key }.map {
                    JSONValue.Member($0.key.text, .int($0.value.wholeMicroseconds))
                }),
            "valuation_max_age_us": .int(valuationMaxAge.wholeMicroseconds),
            "max_orders_per_minute": maxOrdersPerMinute.map { .int(Int64($0)) } ?? .null,
            "allows_short": .bool(allowsShort), "cash_buffer": JSONValue(cashBuffer.value),
        ]
    }

    private static func json(_ fractions: [Symbol: Fraction]) -> JSONValue {
        .object(fractions.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key.text, JSONValue($0.value.value)) })
    }

    /// A stored limit out of its range is damage, not a line of risk.yaml to correct.
    init(_ reader: EvidenceReader) throws(RiskError) {
        do { try self.init(reading: reader) } catch {
            guard case .limitOutOfRange(let name, let value, _) = error else { throw error }
            throw .evidence(path: "\(reader.path).\(name)", problem: "is \(value), out of its range")
        }
    }

    private init(reading reader: EvidenceReader) throws(RiskError) {
        func fraction(_ key: String) throws(RiskError) -> Fraction { Fraction(try reader.decimal(key)) }
        try self.init(
            dailyLoss: fraction("daily_loss"), positionSize: fraction("position_size"),
            positionSizeBySymbol: Self.fractions("position_size_by_symbol", of: reader),
            stopLoss: fraction("stop_loss"), stopLossBySymbol: Self.fractions("stop_loss_by_symbol", of: reader),
            emergencyShutdownLoss: fraction("emergency_shutdown_loss"),
            emergencyCancelsOrders: reader.bool("emergency_cancels_orders"),
            emergencyClosesPositions: reader.bool("emergency_closes_positions"),
            maxDailyOrders: reader.int("max_daily_orders"), maxPositionCount: reader.int("max_position_count"),
            maxLeverage: fraction("max_leverage"), minOrderValue: reader.decimal("min_order_value"),
            maxOrderNotional: reader.optionalDecimal("max_order_notional"), priceBand: fraction("price_band"),
            staleAfter: reader.duration("stale_after_us"),
            staleAfterBySymbol: Self.durations("stale_after_us_by_symbol", of: reader),
            valuationMaxAge: reader.duration("valuation_max_age_us"),
            maxOrdersPerMinute: try reader.member("max_orders_per_minute") == .null
                ? nil : reader.int("max_orders_per_minute"),
            allowsShort: reader.bool("allows_short"), cashBuffer: fraction("cash_buffer"))
    }

    private static func fractions(_ key: String, of reader: EvidenceReader) throws(RiskError) -> [Symbol: Fraction] {
        let object = try reader.object(key)
        var values: [Symbol: Fraction] = [:]
        for member in try reader.members(key) {
            values[Symbol(member.key)] = Fraction(try object.decimal(member.key))
        }
        return values
    }

    private static func durations(_ key: String, of reader: EvidenceReader) throws(RiskError) -> [Symbol: Duration] {
        let object = try reader.object(key)
        var values: [Symbol: Duration] = [:]
        for member in try reader.members(key) { values[Symbol(member.key)] = try object.duration(member.key) }
        return values
    }
}
