import Core
import Testing

@testable import Decision

@Suite("Decision inputs")
struct DecisionInputTests {
    /// A rich input: two symbols in two currencies, all agents, orders at work, odd settings.
    private static func rich(_ seed: UInt64 = 1, sizing: PositionSizing? = nil) throws -> DecisionInput {
        var random = SeededGenerator(seed: seed, stream: "input")
        func closes(_ start: Int) -> [String] {
            var cents = start * 100
            return (0..<60).map { _ in
                cents += Int.random(in: -150...160, using: &random)
                let rest = cents % 100
                return "\(cents / 100).\(rest < 10 ? "0" : "")\(rest)"
            }
        }
        let settings = try DecisionSettings(
            agents: [
                AgentSpec(.smaCross(fast: 10, slow: 50), weight: Fraction("0.6")),
                AgentSpec(.momentum(lookback: 20, threshold: Fraction("0.001")), weight: Fraction("0.3")),
                AgentSpec(.buyAndHold, name: AgentName("hodl"), weight: Fraction("0.1")),
            ],
            sizing: sizing
                ?? .volatilityTarget(
                    annual: Fraction("0.2"), maxPercent: Fraction("0.3"), barsPerYear: 19_656, lookback: 30),
            orders: OrderDefaults(
                entry: .limit(offset: Fraction("0.0005")), exit: .stop(offset: Fraction("0.001")),
                timeInForce: .goodTillCancelled),
            minimumConfidence: Fraction("0.01"), cooldownBars: 2, noEntryBeforeClose: .milliseconds(1500),
            minimumOrderValue: FixedPoint("12.5"), staleAfter: .seconds(600), allowsShort: true,
            rebalanceTolerance: Fraction("0.1"))
        return try DecisionInput(
            cycle: testCycle, timeframe: .fiveMinutes, now: barClose.advanced(by: .milliseconds(2500)),
            settings: settings, baseCurrency: .usd, equity: usd("123456.78"), rates: [.krw: usd("0.00071")],
            symbols: [
                SymbolInput(
                    instrument: .fixture(), broker: .paper, bars: bars(closes(150)), positionQuantity: Quantity("3.5"),
                    workingOrders: [WorkingOrder(side: .buy, open: Quantity(2), isInDoubt: false)],
                    lastTradeAt: barClose.advanced(bySeconds: -1234), isOpen: true,
                    sessionClose: barClose.advanced(bySeconds: 7200), halts: ["operator"],
                    expiresAt: barClose.advanced(bySeconds: 240)),
                SymbolInput(
                    instrument: .fixture(samsung, currency: .krw), broker: BrokerID("kis"), bars: bars(closes(70_000)),
                    isOpen: true),
            ])
    }

    @Test(
        "An input is written and read back alike",
        arguments: [
            nil, PositionSizing.fixed(Quantity(7)), SizingCase.tenPercent,
        ])
    func roundTrip(sizing: PositionSizing?) throws {
        let input = try Self.rich(sizing: sizing)
        let text = input.json().text
        let again = try DecisionInput(json: JSONValue(parsing: text))
        #expect(again == input)
        #expect(again.json().text == text)
    }

    @Test("Recomputed from its evidence a decision has the same bytes", arguments: 0..<25)
    func recomputation(seed: UInt64) throws {
        let input = try Self.rich(seed)
        let first = JSONValue.array(try DecisionManager.decide(input).map(\.json)).text
        let again = try DecisionInput(json: JSONValue(parsing: input.json().text))
        #expect(JSONValue.array(try DecisionManager.decide(again).map(\.json)).text == first, "seed \(seed)")
    }

    @Test("With bars by digest, the caller's bars are found among later and earlier ones, or refused")
    func byDigest() throws {
        let input = try Self.rich()
        let json = try JSONValue(parsing: input.json(bars: .byDigest).text)
        func stored(_ symbol: Symbol) throws -> [Bar] {
            let own = input.symbols.first { $0.symbol == symbol }?.bars ?? []
            let earlier = try bars(["1", "2"], until: own[0].openAt)
            return earlier + own + (try bars(["9"], until: barClose.advanced(bySeconds: 300)))
        }
        let stores = [nvda: try stored(nvda), samsung: try stored(samsung)]
        #expect(try DecisionInput(json: json) { stores[$0] ?? [] } == input)
        #expect(throws: DecisionError.self) {
            try DecisionInput(json: json) { Array((stores[$0] ?? []).dropLast(2)) }
        }
        #expect(throws: DecisionError.self) { try DecisionInput(json: json) }
    }

    @Test("Bars later than the cycle's bar cannot get in", arguments: 0..<25)
    func noLookAhead(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "later")
        var scene = try Scene()
        scene.closes = ["100", "101", "102"]
        let settings = try DecisionSettings.fixture()
        let (json, decision) = (try scene.input(settings).json(), try scene.decide(.buy, settings).json)
        let count = Int.random(in: 1...5, using: &random)
        let prices = (0..<count).map { _ in "\(Int.random(in: 1...1000, using: &random))" }
        scene.laterBars = try bars(prices, until: barClose.advanced(bySeconds: Int64(300 * count)))
        #expect(try scene.input(settings).json() == json, "seed \(seed)")
        #expect(try scene.decide(.buy, settings).json == decision, "seed \(seed)")
    }

    @Test("A bar still forming is left out, a bar cut short by the close is not")
    func shortLastBar() throws {
        func kept(openedAgo: Int64, sessionClose: Instant?) throws -> Int {
            let bar = Bar(
                openAt: barClose.advanced(bySeconds: -openedAgo), open: Price(1), high: Price(1), low: Price(1),
                close: Price(1), volume: Quantity(1), source: .imported)
            return try DecisionInput(
                cycle: testCycle, timeframe: .oneHour, now: barClose, settings: .fixture(), baseCurrency: .usd,
                equity: nil,
                symbols: [
                    SymbolInput(
                        instrument: .fixture(), broker: .paper, bars: [bar], isOpen: true, sessionClose: sessionClose)
                ]
            ).symbols[0].bars.count
        }
        #expect(try kept(openedAgo: 3600, sessionClose: nil) == 1)
        #expect(try kept(openedAgo: 1800, sessionClose: nil) == 0)
        #expect(try kept(openedAgo: 1800, sessionClose: barClose) == 1)
        #expect(try kept(openedAgo: 1800, sessionClose: barClose.advanced(bySeconds: 1)) == 0)
    }

    @Test("A daily bar closes with the cycle, whatever the length of its session")
    func daily() throws {
        let bar = Bar(
            openAt: barClose.advanced(bySeconds: -23_400), open: Price(1), high: Price(1), low: Price(1),
            close: Price(1), volume: Quantity(1), source: .imported)
        let input = SymbolInput(instrument: try .fixture(), broker: .paper, bars: [bar], isOpen: true)
        #expect(input.close(of: bar, timeframe: .oneDay, barClose: barClose) == barClose)
    }

    @Test("The ids of intents are equal on every run and differ between cycles")
    func ids() throws {
        let first = try DecisionManager.decide(Self.rich()).compactMap { $0.intent?.id }
        #expect(!first.isEmpty)
        #expect(first == (try DecisionManager.decide(Self.rich()).compactMap { $0.intent?.id }))
        #expect(Set(first).count == first.count)
    }

    @Test("The decision item has the members of the contract")
    func contract() throws {
        let json = try Scene().decide(.buy, .fixture()).json
        #expect(json["symbol"] == "NVDA")
        #expect(json["action"] == "buy")
        #expect(json["confidence"]?.doubleValue == 1)
        #expect(json["intent_id"]?.stringValue?.hasPrefix("NVDA-entry-") == true)
        let vote = try #require(json["votes"]?.arrayValue?.first)
        #expect(vote["agent"] == "parrot")
        #expect(vote["probabilities"]?["buy"]?.doubleValue == 1)
        #expect(vote["detail"] != nil)
        #expect(json["filters"]?.arrayValue?.first?["name"] == "market-open")
        #expect(try Scene().decide(.hold, .fixture()).json["intent_id"] == nil)
    }

    @Test("Bars out of order and symbols given twice are refused")
    func refused() throws {
        let scene = try Scene()
        let good = try scene.input(.fixture())
        let symbol = good.symbols[0]
        func input(_ symbols: [SymbolInput]) throws -> DecisionInput {
            try DecisionInput(
                cycle: testCycle, timeframe: .fiveMinutes, now: barClose, settings: good.settings, baseCurrency: .usd,
                equity: nil, symbols: symbols)
        }
        #expect(throws: DecisionError.symbolTwice(nvda)) { try input([symbol, symbol]) }
        let twice = SymbolInput(
            instrument: symbol.instrument, broker: .paper, bars: symbol.bars + symbol.bars, isOpen: true)
        #expect(throws: DecisionError.barsNotAscending(nvda, symbol.bars[0].openAt)) { try input([twice]) }
    }

    @Test(
        "Evidence that was tampered with is refused with the place",
        arguments: [
            "schema", "cycle", "timeframe", "now", "settings", "symbols", "rates", "base_currency", "equity",
        ])
    func tampered(member: String) throws {
        let json = try Self.rich().json()
        for broken in [json.removing(member), json.setting(member, .string("?")), json.setting(member, 7)] {
            do {
                _ = try DecisionInput(json: broken)
                Issue.record("\(member) was read")
            } catch {
                #expect("\(error)".contains("input.\(member)"), "\(error)")
            }
        }
    }

    @Test("Instruments of every kind are written and read back alike")
    func instruments() throws {
        let expiry = try #require(CivilDate(iso: "2026-12-18"))
        let terms = Instrument.OptionTerms(underlying: nvda, expiry: expiry, strike: Price(150), right: .put)
        for kind in [Instrument.Kind.stock, .etf, .future(expiry: expiry), .option(terms)] {
            let instrument = try Instrument(
                symbol: Symbol("X"), name: "X", kind: kind, exchange: ExchangeID("XNAS"), currency: .usd,
                ticks: .krxStock, multiplier: FixedPoint(50))
            let reader = try EvidenceReader(InstrumentEvidence.json(instrument), path: "x")
            #expect(try InstrumentEvidence.instrument(reader) == instrument)
        }
    }
}
