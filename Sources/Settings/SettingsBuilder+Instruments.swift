internal import Core

extension SettingsBuilder {
    mutating func buildInstruments() -> [Symbol: Instrument] {
        var instruments: [Symbol: Instrument] = [:]
        for name in resolver.names("symbols") {
            guard let instrument = buildInstrument(name, ConfigPath(["symbols", name])) else { continue }
            instruments[Symbol(name)] = instrument
        }
        return instruments
    }

    private mutating func buildInstrument(_ name: String, _ path: ConfigPath) -> Instrument? {
        let block = resolver.origin(ofBlock: path)
        do throws(ValueProblem) {
            _ = try resolver.values.read(name, isPlain: true, as: .symbol)
        } catch {
            resolver.fail(block, path, error.message, hint: error.hint)
            return nil
        }
        guard let exchange = exchange(path, block), let currency = currency(path, exchange),
            let kind = kind(path, block), let ticks = ticks(path, block, kind, exchange)
        else { return nil }
        var brokerSymbols: [BrokerID: String] = [:]
        let names = path.appending("broker_symbols")
        for broker in resolver.names(names) {
            checkBroker(broker, names.appending(broker))
            if let text = resolver.text(names.appending(broker)) { brokerSymbols[BrokerID(broker)] = text }
        }
        do throws(Instrument.Problem) {
            return try Instrument(
                symbol: Symbol(name), name: resolver.text(path.appending("name")) ?? name, kind: kind,
                exchange: ExchangeID(exchange), currency: currency,
                lotSize: Quantity(resolver.decimal(path.appending("lot_size"))), ticks: ticks,
                multiplier: resolver.decimal(path.appending("multiplier")),
                sector: resolver.text(path.appending("sector")), brokerSymbols: brokerSymbols)
        } catch {
            // The table's ranges keep both above zero: this is reached only after another error on the same key.
            return nil
        }
    }

    private mutating func checkBroker(_ broker: String, _ path: ConfigPath) {
        guard !["kis", "ib", "paper"].contains(broker) else { return }
        let origin = resolver.resolve(path).origin
        let nearest = Nearest.match(broker, in: ["kis", "ib", "paper"]).map { "did you mean \($0)? " } ?? ""
        resolver.fail(origin, path, "takt has no broker '\(broker)'", hint: "\(nearest)known: kis, ib, paper")
    }

    private mutating func exchange(_ path: ConfigPath, _ block: Origin) -> String? {
        let key = path.appending("exchange")
        if let given = resolver.text(key) { return given }
        if resolver.hasError(below: key) { return nil }
        if resolver.text(path.appending("market"))?.uppercased() == "KR" {
            resolver.setDefault(key, .text("XKRX"))
            return "XKRX"
        }
        resolver.fail(block, key, "the symbol has no exchange", hint: "write exchange: XNAS, XNYS, XKRX or another")
        return nil
    }

    private mutating func currency(_ path: ConfigPath, _ exchange: String) -> Currency? {
        let key = path.appending("currency")
        let expected = EmbeddedDefaults.currencies[exchange].flatMap { QuickRead.currency($0) }
        guard let given = resolver.text(key).flatMap({ QuickRead.currency($0) }) else {
            if let expected {
                resolver.setDefault(key, .text(expected.code))
            } else if !resolver.hasError(below: key) {
                resolver.fail(
                    resolver.origin(ofBlock: path), key, "the symbol has no currency",
                    hint: "write currency: and its three letters")
            }
            return expected
        }
        if let expected, given != expected {
            resolver.fail(
                resolver.resolve(key).origin, key, "\(given) does not fit the exchange \(exchange)",
                hint: "it quotes in \(expected): write currency: \(expected), or another exchange")
        }
        return given
    }

    private mutating func kind(_ path: ConfigPath, _ block: Origin) -> Instrument.Kind? {
        let expiry = resolver.text(path.appending("expiry")).flatMap { QuickRead.date($0) }
        switch resolver.text(path.appending("kind")) {
        case "etf": return .etf
        case "future":
            guard let expiry else {
                if resolver.hasError(below: path.appending("expiry")) { return nil }
                resolver.fail(
                    block, path.appending("expiry"), "the future has no expiry", hint: "write expiry: 2026-12-18")
                return nil
            }
            return .future(expiry: expiry)
        case "option":
            guard let expiry, let strike = resolver.optionalDecimal(path.appending("strike")),
                let right = resolver.text(path.appending("right")).flatMap({ Instrument.Right(rawValue: $0) }),
                let underlying = resolver.text(path.appending("underlying"))
            else {
                if resolver.hasError(below: path) { return nil }
                resolver.fail(
                    block, path.appending("kind"), "an option needs underlying, expiry, strike and right",
                    hint: "write {kind: option, underlying: NVDA, expiry: 2026-12-18, strike: 200, right: call, …}")
                return nil
            }
            return .option(
                Instrument.OptionTerms(
                    underlying: Symbol(underlying), expiry: expiry, strike: Price(strike), right: right))
        default: return .stock
        }
    }

    /// KRX steps depend on the price and change by decree: one number from a file is wrong and is not used.
    private mutating func ticks(
        _ path: ConfigPath, _ block: Origin, _ kind: Instrument.Kind, _ exchange: String
    ) -> TickSchedule? {
        let key = path.appending("tick_size")
        let given = resolver.optionalDecimal(key)
        if exchange == "XKRX", kind == .stock || kind == .etf {
            if given != nil {
                let message = "does not count: the price steps of KRX follow the exchange's own table"
                resolver.note(resolver.resolve(key).origin, key, message)
            }
            return kind == .etf ? .krxETF : .krxStock
        }
        if let given, let rule = try? TickRule.uniform(Price(given)) { return TickSchedule(rule) }
        if kind == .stock || kind == .etf, EmbeddedDefaults.currencies[exchange] == "USD" {
            resolver.setDefault(key, .text("0.01"))
            return .usEquity
        }
        if !resolver.hasError(below: key) {
            resolver.fail(block, key, "the symbol has no price step", hint: "write tick_size: \"0.01\"")
        }
        return nil
    }
}
