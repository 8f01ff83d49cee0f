import Core
import TestSupport
import Testing

@testable import Risk

@Suite("A risk check as evidence")
struct RiskEvidenceTests {
    private let kis = BrokerID("kis")

    // MARK: Drawn checks

    /// A check in which everything that can be there is there, drawn.
    private func check(_ random: inout SeededGenerator) throws -> RiskCheck {
        let symbols = [nvda, pltr, samsung, Symbol("ESZ6"), Symbol("NVDA 261218C00200000")]
        var scene = try Scene()
        let euro = try #require(Currency("EUR"))
        scene.equity = random.oneIn(5) ? nil : Money(FixedPoint(random.int(1_000...200_000)), .usd)
        scene.dayStart = random.oneIn(5) ? nil : Money(FixedPoint(random.int(1_000...200_000)), .usd)
        scene.initial = random.oneIn(5) ? nil : Money(FixedPoint(random.int(1_000...200_000)), .usd)
        scene.rates = random.oneIn(3) ? [:] : [.krw: try fixed("0.00068"), euro: try fixed("1.0825")]
        for symbol in symbols { scene.markets[symbol] = try market(symbol, &random) }
        scene.positions = symbols.filter { _ in random.oneIn(2) }.map { symbol in
            RiskPosition(
                symbol: symbol, broker: random.oneIn(3) ? kis : paper, quantity: Quantity(random.int(-50...50)),
                brokerQuantity: random.oneIn(4) ? Quantity(random.int(-50...50)) : nil,
                unbookedExits: random.oneIn(4) ? Quantity(random.int(1...50)) : .zero,
                averageCost: .cents(random.int(1...50_000)),
                lastPrice: random.oneIn(4) ? nil : PricedAt(.cents(random.int(1...50_000)), asOf: noon),
                isPriceDoubted: random.oneIn(5),
                currency: symbol == samsung ? .krw : .usd, multiplier: FixedPoint(random.oneIn(4) ? 50 : 1))
        }
        scene.live = (0..<random.int(0...6)).map { order($0, symbols, &random) }
        scene.approved = try (0..<random.int(0...3)).map { try intent($0, symbols, &random) }
        scene.sentToday = random.int(0...120)
        scene.sentInMinute = random.int(0...20)
        let scopes: [HaltScope] = [.all, .symbol(nvda), .profile(ProfileName("us-5m")), .broker(paper)]
        scene.halts = scopes.filter { _ in random.oneIn(6) }.map { HaltView(scope: $0, code: "operator") }
        let requests: [FlattenRequest] = [
            .fixture(1), .fixture(2, .symbol(nvda)), .fixture(3, .symbol(Symbol("NVDA 261218C00200000"))),
        ]
        scene.flattens = requests.filter { _ in random.oneIn(4) }
        scene.unpriced = random.oneIn(8) ? [pltr] : []
        scene.booksStaleSince = random.oneIn(8) ? noon : nil
        scene.disputed = random.oneIn(8) ? [nvda] : []
        scene.cash = [.usd: .init(random.int(-5...90_000)), .krw: .init(random.int(0...9_000_000))]
        scene.timesInForce = Set(TimeInForce.allCases.filter { _ in !random.oneIn(5) })
        scene.brokerShort = random.oneIn(2)
        if random.oneIn(3) { scene.handling = ["adaptive"] }
        if random.oneIn(3) { scene.previews[IntentID("i1")] = .refused("\"no\"") }
        if random.oneIn(3) {
            scene.previews[IntentID("i2")] = .told(
                .init(
                    initialMargin: .init(random.int(0...9)),
                    initialMarginChange: random.oneIn(2) ? .init(random.int(0...9)) : nil,
                    commission: Money(FixedPoint(1), .usd)))
        }
        return scene.check(try limits(&random))
    }

    private func limits(_ random: inout SeededGenerator) throws -> RiskLimits {
        try RiskLimits(
            dailyLoss: RiskLimits.percent(random.int(1...20)), positionSize: RiskLimits.percent(random.int(1...100)),
            positionSizeBySymbol: random.oneIn(2) ? [nvda: try fraction("0.015")] : [:],
            stopLoss: RiskLimits.percent(random.int(1...9)),
            stopLossBySymbol: random.oneIn(2) ? [pltr: try fraction("0.07"), nvda: try fraction("0.01")] : [:],
            emergencyShutdownLoss: RiskLimits.percent(random.int(5...60)), emergencyCancelsOrders: random.oneIn(2),
            emergencyClosesPositions: random.oneIn(2), maxDailyOrders: random.int(1...200),
            maxPositionCount: random.int(1...20), maxLeverage: Fraction(random.int(1...4)),
            minOrderValue: FixedPoint(random.int(0...500)),
            maxOrderNotional: random.oneIn(2) ? FixedPoint(random.int(500...50_000)) : nil,
            priceBand: RiskLimits.percent(random.int(1...30)), staleAfter: .seconds(random.int(60...900)),
            staleAfterBySymbol: random.oneIn(2) ? [samsung: .milliseconds(random.int(1...900_000))] : [:],
            valuationMaxAge: .seconds(random.int(600...900_000)),
            maxOrdersPerMinute: random.oneIn(2) ? random.int(1...30) : nil, allowsShort: random.oneIn(2),
            cashBuffer: try fraction("0.01"))
    }

    private func market(_ symbol: Symbol, _ random: inout SeededGenerator) throws -> MarketCondition {
        let kind: Instrument.Kind =
            switch symbol.text.count {
            case 4 where symbol.text.hasPrefix("ES"): .future(expiry: CivilDate(daysSinceEpoch: 20_805))
            case 5...:
                .option(
                    .init(
                        underlying: nvda, expiry: CivilDate(daysSinceEpoch: 20_805), strike: Price(200), right: .call))
            default: symbol == pltr ? .etf : .stock
            }
        let close = noon.advanced(bySeconds: Int64(-random.int(0...1_000)))
        let instrument = try Instrument(
            symbol: symbol, name: "\(symbol)", kind: kind, exchange: ExchangeID(symbol == samsung ? "XKRX" : "XNAS"),
            currency: symbol == samsung ? .krw : .usd, lotSize: Quantity(random.oneIn(4) ? 10 : 1),
            ticks: symbol == samsung ? .krxStock : .usEquity, multiplier: FixedPoint(random.oneIn(3) ? 100 : 1),
            sector: random.oneIn(2) ? "chips" : nil, brokerSymbols: random.oneIn(2) ? [kis: "X", paper: "Y"] : [:])
        return MarketCondition(
            instrument: instrument, isOpen: !random.oneIn(5), lastBarClose: random.oneIn(9) ? nil : close,
            lastPrice: random.oneIn(9) ? nil : PricedAt(.cents(random.int(1...90_000)), asOf: close))
    }

    private func type(_ random: inout SeededGenerator) -> OrderType {
        let (first, second) = (Price.cents(random.int(1...90_000)), Price.cents(random.int(1...90_000)))
        return [.market, .limit(first), .stop(first), .stopLimit(stop: first, limit: second)][random.int(0...3)]
    }

    private func order(_ index: Int, _ symbols: [Symbol], _ random: inout SeededGenerator) -> ManagedOrder {
        ManagedOrder(
            clientOrderID: ClientOrderID("o\(index)"), intentID: random.oneIn(3) ? nil : IntentID("i\(index)"),
            attempt: random.int(1...3), origin: random.oneIn(4) ? .external : .takt,
            profile: random.oneIn(3) ? nil : ProfileName("us-5m"), broker: paper, account: AccountID("A1"),
            brokerOrderID: random.oneIn(2) ? BrokerOrderID("B\(index)") : nil, symbol: symbols[random.int(0...4)],
            side: random.oneIn(2) ? .buy : .sell, type: type(&random), quantity: Quantity(random.int(1...90)),
            timeInForce: TimeInForce.allCases[random.int(0...2)],
            state: OrderState.allCases[random.int(0...OrderState.allCases.count - 1)],
            filledQuantity: Quantity(random.int(0...1)), averageFillPrice: random.oneIn(2) ? .cents(4_211) : nil,
            submittedAt: noon, acknowledgedAt: random.oneIn(2) ? noon : nil, finishedAt: random.oneIn(2) ? noon : nil,
            absenceProofs: random.int(0...2), lastAbsenceAt: random.oneIn(2) ? noon : nil,
            reasons: random.oneIn(2) ? [Reason(code: "a", message: "\"quoted\" \u{1F4C8}")] : [])
    }

    private func intent(_ index: Int, _ symbols: [Symbol], _ random: inout SeededGenerator) throws -> OrderIntent {
        OrderIntent(
            cycle: testCycle, symbol: symbols[random.int(0...4)], leg: 1 + index,
            purpose: OrderPurpose.allCases[random.int(0...OrderPurpose.allCases.count - 1)],
            side: random.oneIn(2) ? .buy : .sell, type: type(&random), quantity: Quantity(random.int(1...90)),
            timeInForce: TimeInForce.allCases[random.int(0...2)], state: .proposed, broker: paper,
            attempt: random.int(1...3), referencePrice: .cents(random.int(1...90_000)), createdAt: noon,
            expiresAt: noon.advanced(bySeconds: Int64(random.int(-10...300))),
            reasons: random.oneIn(2) ? [Reason(code: "b", message: "why")] : [])
    }

    // MARK: Round trips

    @Test("Through its text and back, a check is the same and says the same to the byte", arguments: propertySeeds)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            let original = try check(&random)
            let text = original.json.text
            let read = try RiskCheck(json: try JSONValue(parsing: text))
            #expect(read.state == original.state)
            #expect(read.markets == original.markets)
            #expect(read.brokers == original.brokers)
            #expect(read.limits == original.limits)
            #expect(read.now == original.now)
            #expect(read.previews == original.previews)
            #expect(read.json.text == text)
            let symbols = [nvda, pltr, samsung, Symbol("ESZ6"), Symbol("NVDA 261218C00200000")]
            let intents = try (0..<4).map { try intent(10 + $0, symbols, &random) }
            let again = try intents.map { item -> OrderIntent in
                try OrderIntent(EvidenceReader(try JSONValue(parsing: item.evidence.text), path: "intent"))
            }
            #expect(again == intents)
            #expect(read.account().json.text == original.account().json.text)
            #expect(read.intents(again).map(\.json.text) == original.intents(intents).map(\.json.text))
        }
    }

    // MARK: Damaged evidence

    @Test("Every member that is missing or of another type is refused with its path")
    func damaged() throws {
        var random = SeededGenerator(seed: 7)
        // One in which every list has something in it.
        var sound = try check(&random)
        while sound.state.positions.isEmpty || sound.state.liveOrders.isEmpty || sound.state.approvedIntents.isEmpty
            || sound.state.activeHalts.isEmpty || sound.state.flattens.isEmpty
            // What was added to the form later may be missing.
            || sound.state.positions.contains(where: {
                $0.brokerQuantity != nil || !$0.unbookedExits.isZero || $0.isPriceDoubted
            }) || !sound.previews.isEmpty || sound.brokers.values.contains(where: { !$0.handling.isEmpty })
        {
            sound = try check(&random)
        }
        var tried = 0
        for (path, broken) in Self.breakages(of: sound.json, at: "risk") {
            tried += 1
            do {
                _ = try RiskCheck(json: broken)
                Issue.record("\(path) may be missing or be a truth value in a list")
            } catch { #expect("\(error)".contains(path), "\(path): \(error)") }
        }
        #expect(tried > 150)
    }

    /// The document with one member left out, or in the place of a scalar something that it cannot be, for each of them.
    private static func breakages(of value: JSONValue, at path: String) -> [(String, JSONValue)] {
        switch value {
        case .object(let members):
            // Names chosen by the data: leaving one out is another, sound document.
            let isOpen = ["rates", "cash", "brokers", "by_symbol", "broker_symbols"].contains { path.hasSuffix($0) }
            return members.flatMap { member -> [(String, JSONValue)] in
                let place = "\(path).\(member.key)"
                let inner = breakages(of: member.value, at: place).map { ($0.0, value.setting(member.key, $0.1)) }
                return (isOpen ? [] : [(place, value.removing(member.key))]) + inner
            }
        case .array(let items):
            return items.indices.flatMap { index in
                breakages(of: items[index], at: "\(path)[\(index)]").map { place, broken in
                    var changed = items
                    changed[index] = broken
                    return (place, JSONValue.array(changed))
                }
            }
        case .null, .bool: return []
        default:
            // A scalar inside a list of scalars is told by the list's path.
            let place = path.hasSuffix("]") ? String(path[..<(path.lastIndex(of: "[") ?? path.endIndex)]) : path
            return [(place, .array([.bool(true)]))]
        }
    }
}

extension SeededGenerator {
    fileprivate mutating func oneIn(_ count: Int) -> Bool { int(1...count) == 1 }
}
