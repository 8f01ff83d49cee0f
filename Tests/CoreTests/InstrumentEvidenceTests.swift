import Core
import TestSupport
import Testing

@Suite("Instruments as evidence")
struct InstrumentEvidenceTests {
    private static let shareText = #"""
        {"symbol":"005930","name":"삼성전자","kind":{"type":"stock"},"exchange":"XKRX","currency":"KRW","lot_size":"10",\#
        "ticks":[{"from":"1970-01-01","bands":[{"below":"1000","tick":"1"},{"below":null,"tick":"5"}]},\#
        {"from":"2023-01-25","bands":[{"below":null,"tick":"2.5"}]}],"multiplier":"1","sector":"chips",\#
        "broker_symbols":{"ib":"005930.KS","kis":"A005930"}}
        """#

    private static let optionText = #"""
        {"symbol":"NVDA 261218C00200000","name":"NVDA call","kind":{"type":"option","underlying":"NVDA",\#
        "expiry":"2026-12-18","strike":"200.5","right":"call"},"exchange":"XNAS","currency":"USD","lot_size":"1",\#
        "ticks":[{"from":"1970-01-01","bands":[{"below":null,"tick":"0.01"}]}],"multiplier":"100","sector":null,\#
        "broker_symbols":{}}
        """#

    private static func share() throws -> Instrument {
        let first = TickSchedule.Entry(
            from: CivilDate(daysSinceEpoch: 0),
            rule: try TickRule(bands: [.init(below: Price(1000), tick: Price(1)), .init(below: nil, tick: Price(5))]))
        let later = TickSchedule.Entry(
            from: try #require(CivilDate(iso: "2023-01-25")), rule: try .uniform(try Price("2.5")))
        return try .fixture(
            symbol: Symbol("005930"), name: "삼성전자", exchange: ExchangeID("XKRX"), currency: .krw,
            lotSize: Quantity(10), ticks: TickSchedule(first: first, later: [later]), sector: "chips",
            brokerSymbols: [BrokerID("kis"): "A005930", BrokerID("ib"): "005930.KS"])
    }

    private static func option() throws -> Instrument {
        try .fixture(
            symbol: Symbol("NVDA 261218C00200000"), name: "NVDA call",
            kind: .option(
                .init(
                    underlying: Symbol("NVDA"), expiry: try #require(CivilDate(iso: "2026-12-18")),
                    strike: try Price("200.5"), right: .call)),
            multiplier: FixedPoint(100))
    }

    private static func read(_ json: JSONValue) throws(Damage) -> Instrument {
        try InstrumentEvidence.instrument(try EvidenceReader<Damage>(json, path: "instrument"))
    }

    @Test("An instrument is written to these bytes and read back from them")
    func bytes() throws {
        for (instrument, text) in [(try Self.share(), Self.shareText), (try Self.option(), Self.optionText)] {
            #expect(InstrumentEvidence.json(instrument).text == text)
            #expect(try Self.read(try JSONValue(parsing: text)) == instrument)
        }
    }

    @Test("Every kind comes back as it was")
    func kinds() throws {
        let day = try #require(CivilDate(iso: "2026-12-18"))
        let put = Instrument.OptionTerms(underlying: Symbol("NVDA"), expiry: day, strike: Price(150), right: .put)
        for kind in [Instrument.Kind.stock, .etf, .future(expiry: day), .option(put)] {
            let instrument = try Instrument.fixture(kind: kind)
            #expect(try Self.read(InstrumentEvidence.json(instrument)) == instrument)
        }
    }

    @Test("A member that is missing is named with its path")
    func missing() throws {
        for json in [InstrumentEvidence.json(try Self.share()), InstrumentEvidence.json(try Self.option())] {
            guard case .object(let members) = json else { throw Damage(path: "", problem: "") }
            for member in members {
                #expect(throws: Damage(path: "instrument.\(member.key)", problem: "is missing")) {
                    try Self.read(json.removing(member.key))
                }
            }
        }
    }

    @Test(
        "A value that cannot be is named with its path",
        arguments: [
            (#""type":"option""#, #""type":"swap""#, "kind", "names the unknown kind 'swap'"),
            (#""right":"call""#, #""right":"both""#, "kind.right", "has the unknown value 'both'"),
            (#""expiry":"2026-12-18""#, #""expiry":"2026-13-18""#, "kind.expiry", "has the unknown value '2026-13-18'"),
            (#","strike":"200.5""#, "", "kind.strike", "is missing"),
            (#""strike":"200.5""#, #""strike":200"#, "kind.strike", "is no string"),
            (#""currency":"USD""#, #""currency":"dollar""#, "currency", "has the unknown value 'dollar'"),
            (#""from":"1970-01-01""#, #""from":"soon""#, "ticks[0].from", "has the unknown value 'soon'"),
            (#","tick":"0.01""#, "", "ticks[0].bands[0].tick", "is missing"),
            (#""broker_symbols":{}"#, #""broker_symbols":{"kis":1}"#, "broker_symbols.kis", "is no string"),
            (#""broker_symbols":{}"#, #""broker_symbols":[]"#, "broker_symbols", "is no object"),
            (#""sector":null"#, #""sector":1"#, "sector", "is no string"),
        ])
    func damaged(sound: String, broken: String, member: String, problem: String) throws {
        let text = Self.optionText.replacing(sound, with: broken)
        try #require(text != Self.optionText)
        #expect(throws: Damage(path: "instrument.\(member)", problem: problem)) {
            try Self.read(try JSONValue(parsing: text))
        }
    }

    @Test(
        "What no instrument could be is told at the instrument, an unsound tick rule at the rule",
        arguments: [
            (#""lot_size":"1""#, #""lot_size":"0""#, "instrument"),
            (#""multiplier":"100""#, #""multiplier":"-1""#, "instrument"),
            (#""tick":"0.01""#, #""tick":"0""#, "instrument.ticks[0]"),
            (#"[{"below":null,"tick":"0.01"}]"#, "[]", "instrument.ticks[0]"),
            (#"[{"from":"1970-01-01","bands":[{"below":null,"tick":"0.01"}]}]"#, "[]", "instrument.ticks"),
        ])
    func unsound(sound: String, broken: String, path: String) throws {
        let text = Self.optionText.replacing(sound, with: broken)
        try #require(text != Self.optionText)
        let error = #expect(throws: Damage.self) { try Self.read(try JSONValue(parsing: text)) }
        #expect(error?.path == path)
    }
}
