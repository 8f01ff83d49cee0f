internal import Core
internal import Store

/// What the evidence of a decision says of one symbol: the books and the market that it was decided in.
struct DecidedScene {
    let broker: BrokerID
    let currency: Currency
    /// Over all brokers, in base currency; positive.
    let equity: Double
    /// Base units for one unit of the symbol's currency.
    let rate: Double
    /// Nothing is held and no order may be live.
    let isFlat: Bool
    /// Whether an action could do anything: the exchange took orders, and whoever was flat might have opened something. It is the
    /// mask that training plays under.
    let isPossible: Bool
    /// The agents with a share in the aggregate.
    let voters: Set<String>
    /// The sequence as of which bars were read.
    let barsAsOf: Int

    /// - Returns: `nil` for evidence that lacks any of it, such as equity that was not known.
    init?(_ body: JSONValue, of symbol: Symbol, at barClose: Instant) throws {
        guard let input = body["input"], let asOf = body["bars_as_of"]?.intValue,
            let scene = input["symbols"]?.arrayValue?.first(where: {
                $0["instrument"]?["symbol"]?.stringValue == symbol.text
            }),
            let currency = scene["instrument"]?["currency"]?.stringValue.flatMap({ Currency($0) }),
            let broker = scene["broker"]?.stringValue, let held = scene["position"]?.stringValue,
            let isOpen = scene["is_open"]?.boolValue, let working = scene["working_orders"]?.arrayValue,
            let halts = scene["halts"]?.arrayValue, let settings = input["settings"],
            let equity = try input["equity"]?.stringValue.map({ try FixedPoint($0) }), equity.isPositive
        else { return nil }
        let base = input["base_currency"]?.stringValue
        let rate = try input["rates"]?[currency.code]?.stringValue.map { try FixedPoint($0) }
        guard let rate = base == currency.code ? FixedPoint.one : rate, rate.isPositive else { return nil }
        (self.broker, self.currency, barsAsOf) = (BrokerID(broker), currency, Int(asOf))
        (self.equity, self.rate) = (equity.doubleValue, rate.doubleValue)
        isFlat = try FixedPoint(held).isZero && working.isEmpty
        let mayOpen = halts.isEmpty && !Self.isNearAnEnd(scene, settings, barClose)
        isPossible = isOpen && (!isFlat || mayOpen)
        var voters: Set<String> = []
        for agent in settings["agents"]?.arrayValue ?? [] where agent["kind"] != "consultant" {
            guard let name = agent["name"]?.stringValue, let weight = agent["weight"]?.stringValue else { return nil }
            if try FixedPoint(weight).isPositive { voters.insert(name) }
        }
        self.voters = voters
    }

    /// Whether the time of the session lets nobody in, as the filters near-open and near-close have it: they are asked only where
    /// somebody wants in.
    private static func isNearAnEnd(_ scene: JSONValue, _ settings: JSONValue, _ barClose: Instant) -> Bool {
        func instant(_ key: String) -> Instant? { scene[key]?.stringValue.flatMap { Instant(rfc3339: $0) } }
        let before = settings["no_entry_before_close_us"]?.intValue ?? 0
        let after = settings["limits"]?["no_entry_after_open_us"]?.intValue ?? 0
        if before > 0, let close = instant("session_close"), close.duration(since: barClose) <= .microseconds(before) {
            return true
        }
        guard after > 0, let open = instant("session_open") else { return false }
        return barClose.duration(since: open) < .microseconds(after)
    }
}
