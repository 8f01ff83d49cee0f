public import Core

/// How a line from outside wants its order to meet the market.
extension OutsideLine {
    /// The keys read here.
    static let orderKeys = [
        "order_type", "limit_price", "stop_price", "trail_amount", "trail_share", "limit_offset", "time_in_force",
        "good_until", "outside_regular_hours", "algorithm", "take_profit", "stop_loss",
    ]

    /// The order type with its prices; `nil` if the line has neither a type nor a price.
    ///
    /// Prices alone are enough for limits, stops and those that follow the market; a name is needed for all others.
    func orderType() throws(LineRefusal) -> OrderType? {
        let prices = try orderPrices()
        guard let name = try text("order_type") ?? Self.name(of: prices) else { return nil }
        guard OrderType.names.contains(name) else {
            let nearest = Nearest.match(name, in: OrderType.names).map { "; did you mean '\($0)'?" } ?? ""
            throw LineRefusal("order_type", "is '\(name)', which is none\(nearest)")
        }
        guard let type = OrderType(name: name, prices) else {
            throw LineRefusal("order_type", "is '\(name)', which needs \(Self.needs(name))")
        }
        return type
    }

    private func orderPrices() throws(LineRefusal) -> OrderPrices {
        let share = try decimal("trail_share").map { Fraction($0) }
        if let share, !(share > .zero && share < .one) {
            throw LineRefusal("trail_share", "is \(share), not between 0 and 1")
        }
        let prices = OrderPrices(
            limit: try price("limit_price"), stop: try price("stop_price"), trailAmount: try price("trail_amount"),
            trailShare: share, limitOffset: try price("limit_offset"))
        guard let prices else { throw LineRefusal("trail_share", "stands beside 'trail_amount'; give one of them") }
        return prices
    }

    private func price(_ key: String) throws(LineRefusal) -> Price? {
        guard let price = try decimal(key).map({ Price($0) }) else { return nil }
        guard price.isPositive else { throw LineRefusal(key, "is \(price), not above 0") }
        return price
    }

    /// The type that prices stand for by themselves.
    private static func name(of prices: OrderPrices) -> String? {
        switch (prices.limit, prices.stop, prices.trail, prices.limitOffset) {
        case (nil, nil, nil, nil): nil
        case (_?, nil, nil, nil): "limit"
        case (nil, _?, nil, nil): "stop"
        case (_?, _?, nil, nil): "stop-limit"
        case (_, _, _?, nil): "trailing-stop"
        case (_, _, _, _?): "trailing-stop-limit"
        }
    }

    /// Goes on from `needs`.
    private static func needs(_ name: String) -> String {
        switch name {
        case "limit", "conditional-limit": "'limit_price' and no other price"
        case "stop": "'stop_price' and no other price"
        case "stop-limit": "'stop_price' and 'limit_price' and no other price"
        case "trailing-stop": "'trail_amount' or 'trail_share' and no other price"
        case "trailing-stop-limit": "'trail_amount' or 'trail_share', the first 'stop_price' and 'limit_offset'"
        default: "no price"
        }
    }

    func timeInForce() throws(LineRefusal) -> TimeInForce? {
        guard let text = try text("time_in_force") else { return nil }
        let names = TimeInForce.allCases.map(\.rawValue)
        guard let time = TimeInForce(rawValue: text) else {
            throw LineRefusal("time_in_force", "is '\(text)'; it may be \(names.joined(separator: ", "))")
        }
        return time
    }

    /// - Parameter time: That of the line.
    func handling(_ time: TimeInForce?) throws(LineRefusal) -> OrderHandling {
        var handling = OrderHandling()
        handling.goodUntil = try text("good_until").map { text throws(LineRefusal) in
            guard let instant = Instant(rfc3339: text) else { throw LineRefusal("good_until", "is no time") }
            return instant
        }
        guard (time == .goodTillDate) == (handling.goodUntil != nil) else {
            throw LineRefusal("good_until", "and the time in force 'gtd' belong together")
        }
        if let member = member("outside_regular_hours") {
            guard let flag = member.boolValue else { throw LineRefusal("outside_regular_hours", "is no truth value") }
            handling.outsideRegularHours = flag
        }
        handling.bracket = Bracket(takeProfit: try price("take_profit"), stopLoss: try price("stop_loss"))
        if let member = member("algorithm") {
            let reader = try Core::EvidenceReader<LineRefusal>(member, path: "algorithm")
            let own = [
                "adaptive": ["urgency"], "twap": ["from", "until"], "vwap": ["maximum_share", "from", "until"],
            ]
            let known = ["name"] + (member["name"]?.stringValue.flatMap { own[$0] } ?? own.values.flatMap { $0 })
            guard case .object(let members) = member, let stranger = members.first(where: { !known.contains($0.key) })
            else {
                handling.algorithm = try ExecutionAlgorithm(reader)
                return handling
            }
            throw LineRefusal("algorithm.\(stranger.key)", "is not known there")
        }
        return handling
    }
}

extension LineRefusal: EvidenceFailure {
    public static func evidence(path: String, problem: String) -> LineRefusal { LineRefusal(path, problem) }
}
