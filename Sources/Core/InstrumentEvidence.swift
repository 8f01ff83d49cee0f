/// An instrument as evidence, by value: a later change of the configuration must not change an old decision.
public enum InstrumentEvidence {
    public static func json(_ instrument: Instrument) -> JSONValue {
        [
            "symbol": JSONValue(instrument.symbol), "name": .string(instrument.name), "kind": json(instrument.kind),
            "exchange": JSONValue(instrument.exchange), "currency": JSONValue(instrument.currency),
            "lot_size": JSONValue(instrument.lotSize), "ticks": .array(instrument.ticks.entries.map(json)),
            "multiplier": JSONValue(instrument.multiplier), "sector": JSONValue(instrument.sector),
            "broker_symbols": .object(
                instrument.brokerSymbols.sorted { $0.key < $1.key }.map {
                    JSONValue.Member($0.key.text, .string($0.value))
                }),
        ]
    }

    private static func json(_ kind: Instrument.Kind) -> JSONValue {
        switch kind {
        case .stock: ["type": "stock"]
        case .etf: ["type": "etf"]
        case .future(let expiry): ["type": "future", "expiry": JSONValue(expiry)]
        case .option(let terms):
            [
                "type": "option", "underlying": JSONValue(terms.underlying), "expiry": JSONValue(terms.expiry),
                "strike": JSONValue(terms.strike), "right": .string(terms.right.rawValue),
            ]
        }
    }

    private static func json(_ entry: TickSchedule.Entry) -> JSONValue {
        [
            "from": JSONValue(entry.from),
            "bands": .array(
                entry.rule.bands.map { ["below": JSONValue($0.below), "tick": JSONValue($0.tick)] }),
        ]
    }

    public static func instrument<Failure>(_ reader: EvidenceReader<Failure>) throws(Failure) -> Instrument {
        var names: [BrokerID: String] = [:]
        for member in try reader.members("broker_symbols") {
            guard let text = member.value.stringValue else {
                throw Failure.evidence(path: "\(reader.path).broker_symbols.\(member.key)", problem: "is no string")
            }
            names[BrokerID(member.key)] = text
        }
        let (kind, ticks) = (try kind(try reader.object("kind")), try ticks(reader))
        let exchange = ExchangeID(try reader.string("exchange"))
        let currency = try reader.read("currency") { Currency($0) }
        let (lot, multiplier) = (try reader.decimal("lot_size"), try reader.decimal("multiplier"))
        let (symbol, name) = (try reader.string("symbol"), try reader.string("name"))
        let sector = try reader.optionalString("sector")
        do {
            return try Instrument(
                symbol: Symbol(symbol), name: name, kind: kind, exchange: exchange, currency: currency,
                lotSize: Quantity(lot), ticks: ticks, multiplier: multiplier, sector: sector, brokerSymbols: names)
        } catch { throw Failure.evidence(path: reader.path, problem: "is no sound instrument (\(error))") }
    }

    private static func kind<Failure>(_ reader: EvidenceReader<Failure>) throws(Failure) -> Instrument.Kind {
        switch try reader.string("type") {
        case "stock": return .stock
        case "etf": return .etf
        case "future": return .future(expiry: try reader.read("expiry") { CivilDate(iso: $0) })
        case "option":
            return .option(
                Instrument.OptionTerms(
                    underlying: Symbol(try reader.string("underlying")),
                    expiry: try reader.read("expiry") { CivilDate(iso: $0) },
                    strike: Price(try reader.decimal("strike")),
                    right: try reader.read("right") { Instrument.Right(rawValue: $0) }))
        case let other: throw Failure.evidence(path: reader.path, problem: "names the unknown kind '\(other)'")
        }
    }

    private static func ticks<Failure>(_ reader: EvidenceReader<Failure>) throws(Failure) -> TickSchedule {
        var entries: [TickSchedule.Entry] = []
        for item in try reader.objects("ticks") {
            var bands: [TickRule.Band] = []
            for band in try item.objects("bands") {
                let below = try band.member("below") == .null ? nil : Price(try band.decimal("below"))
                bands.append(TickRule.Band(below: below, tick: Price(try band.decimal("tick"))))
            }
            let from = try item.read("from") { CivilDate(iso: $0) }
            do { entries.append(TickSchedule.Entry(from: from, rule: try TickRule(bands: bands))) } catch {
                throw Failure.evidence(path: item.path, problem: "is no sound tick rule (\(error))")
            }
        }
        guard let first = entries.first else {
            throw Failure.evidence(path: "\(reader.path).ticks", problem: "is empty")
        }
        return TickSchedule(first: first, later: Array(entries.dropFirst()))
    }
}
