import Core
import Decision
import Features
import Sessions
import Store
import TestSupport
import Testing

@testable import Cycle

/// What `takt features` prints: the bars that `decide` takes, and the position that it sees.
@Suite("Features of a cycle and of a history")
struct FeatureDeskTests {
    private static let texts = [
        "log_return:2", "(close - SMA:3) / close", "OBV@window", "session_fraction", "position",
        "unrealised", "bars_held",
    ]

    private func desk(_ house: House, _ texts: [String] = texts, window: Int = 5) throws -> FeatureDesk {
        let spec = try FeatureSpec(try texts.map { try Feature($0) }, window: window)
        return try FeatureDesk(
            house.context, profile: try house.profile(), computer: try FeatureComputer(spec), form: .normalised,
            now: house.clock.now())
    }

    private func records(_ house: House, _ desk: FeatureDesk, _ number: Int = 0) throws -> [FeatureRecord] {
        try house.store.read { try desk.records(of: house.cycle(number), in: $0) }
    }

    /// A house whose two shares have bars from an hour before the first cycle to so many behind it.
    private func house(until last: Int, positions: [Symbol: Quantity] = [:]) async throws -> House {
        let house = try House(positions: positions)
        try await house.openAccount()
        var random = SeededGenerator(seed: 7)
        for symbol in [Symbol.nvda, .pltr] {
            for number in -12...last {
                try house.putBar(symbol, number: number, close: .cents(random.int(9000...11_000)))
            }
        }
        return house
    }

    private static func same(_ left: FeatureRecord, _ right: FeatureRecord) -> Bool {
        left.json.text == right.json.text
            && left.vector.values.map(\.bitPattern) == right.vector.values.map(\.bitPattern)
    }

    @Test("The bars are the last of those that the agents are given, adjusted for the same splits")
    func barsOfDecide() async throws {
        let house = try await house(until: 0)
        let day = CivilDate(iso: "2026-11-20") ?? CivilDate(daysSinceEpoch: 0)
        let evening = try #require(Instant(rfc3339: "2026-11-19T20:50:00Z"))
        try house.store.write(durable: true) { writer in
            for number in 0..<2 {
                let bar = Bar.fixture(openAt: evening.advanced(bySeconds: Int64(number) * 300), close: Price(400))
                _ = try writer.upsertBars(.nvda, .fiveMinutes, [bar])
            }
            let split = NewAction(symbol: .nvda, exDate: day, content: .split(new: 4, old: 1), source: "a.csv")
            _ = try writer.record([split], at: house.clock.now())
        }
        let desk = try desk(house, ["close", "log_return:14", "volume"], window: 16)
        let beat = try house.beat(house.cycle())
        let (seen, features) = try house.store.read { reader in
            let members = try beat.sessionMembers().map { ($0, try beat.broker(for: $0.instrument)) }
            let seen = try DecisionBars(members[0].0, count: 16, beat, reader).bars
            #expect(
                try DecisionInputs(
                    beat: beat, reader: reader,
                    books: Books.load(
                        reader, settings: house.context.settings, calendars: house.context.calendars, at: beat.now)
                ).make(members).input.symbols[0].bars == seen.suffix(5))
            return (seen, try desk.records(of: house.cycle(), in: reader)[0])
        }
        #expect(seen.count == 15)
        #expect(seen.first?.close == Price(100))
        #expect(features.vector.values[0] == seen.last?.close.doubleValue)
        let spec = desk.computer.spec
        let expected = try FeatureComputer(spec).vector(FeatureWindow(seen))
        #expect(features.vector == expected)
        #expect(features.isReady)
    }

    @Test("A history's records are those of its cycles one by one, position included")
    func historyEqualsCycles() async throws {
        let house = try await house(until: 8, positions: [.nvda: Quantity(100)])
        house.moveTo(9 * 300)
        let desk = try desk(house, Self.texts.filter { $0 != "OBV@window" } + ["OBV@session"], window: 25)
        let history = try house.store.read { reader in
            try desk.history(
                of: .nvda, since: Instant.fixture.advanced(bySeconds: -300),
                until: Instant.fixture.advanced(bySeconds: 2400),
                in: reader)
        }
        #expect(history.map(\.cycle) == (0...8).map { house.cycle($0) })
        for (number, record) in history.enumerated() {
            let single = try #require(try records(house, desk, number).first { $0.symbol == .nvda })
            #expect(Self.same(single, record), "\(single.json.text) \(record.json.text)")
            #expect(record.isReady)
        }
        // The account was met a second after the first bar's close: flat then, held in all that follow.
        #expect(history.map { $0.vector.values[3] } == [0] + Array(repeating: 1, count: 8))
        #expect(history.map { $0.vector.values[5] } == [0, 0, 1, 2, 3, 4, 5, 6, 7])
        // Research completes the same bars with a position of its own: that of the books gives the same vectors.
        let prepared = try house.store.read { reader in
            try desk.prepared(
                of: .nvda, since: Instant.fixture.advanced(bySeconds: -300),
                until: Instant.fixture.advanced(bySeconds: 2400), in: reader)
        }
        #expect(prepared.map { $0.slot.closeAt } == history.map { $0.cycle.barClose })
        for (bar, record) in zip(prepared, history) {
            var values = bar.vector.flat.values
            let (position, unrealised, held) = (
                record.vector.values[3], record.vector.values[4], record.vector.values[5]
            )
            let holding = FeatureHolding(
                side: Int(position), entryPrice: bar.bar.close.doubleValue - unrealised, barsHeld: Int(held))
            desk.computer.evaluate(bar.vector, holding) { values[$0] = $1 }
            #expect(zip(values, record.vector.values).allSatisfy { abs($0 - $1) < 1e-9 }, "\(record.json.text)")
            #expect(bar.hindrance == nil)
        }
    }

    @Test(
        "The position is that of the decision's time where one was made, of now while the window is open, else of the close"
    )
    func moments() async throws {
        let house = try await house(until: 1, positions: [.nvda: Quantity(100)])
        func position() throws -> Double? {
            try records(house, try desk(house)).first { $0.symbol == .nvda }?.vector.values[4]
        }
        house.moveTo(2)
        #expect(try position() == 1)
        house.moveTo(400)
        #expect(try position() == 0)
        house.moveTo(2)
        _ = try await house.run(.decide)
        house.moveTo(400)
        #expect(try position() == 1)
    }

    @Test("A symbol without the cycle's bar has no vector, however fresh its last bar was")
    func noBar() async throws {
        let house = try House()
        for number in -12...0 { try house.putBar(.nvda, number: number) }
        for number in -12 ... -1 { try house.putBar(.pltr, number: number) }
        let found = try records(house, try desk(house))
        #expect(found.map(\.gap) == [nil, .noBar])
        #expect(found[1].json["reason"] == "no-bar")
        #expect(found[1].json["values"]?.arrayValue?.allSatisfy { $0.text == "null" } == true)
        #expect(found[1].json["ready"] == false && found[1].json["missing_bars"] == 1)
    }

    @Test("Too few bars are counted, and the features without a value are named")
    func warmingUp() async throws {
        let house = try House()
        for number in -1...0 { try house.putBar(.nvda, number: number) }
        let record = try #require(try records(house, try desk(house, ["close", "log_return:4"])).first)
        #expect(record.gap == .warmingUp(3))
        #expect(record.json["missing"] == ["log_return:4"])
        #expect(record.json["missing_bars"] == 3)
        #expect(record.json["values"]?.text == "[100.0,null]")
    }

    @Test("A jump that looks like a split makes each vector that looks across it not ready, live and in a history")
    func suspectedSplit() async throws {
        let house = try House()
        let evening = try #require(Instant(rfc3339: "2026-11-19T20:40:00Z"))
        let before = (0..<4).map {
            Bar.fixture(openAt: evening.advanced(bySeconds: Int64($0) * 300), close: Price(400))
        }
        try house.store.write(durable: false) { _ = try $0.upsertBars(.nvda, .fiveMinutes, before) }
        for number in -12 ... -5 { try house.putBar(.nvda, number: number, close: Price(100)) }
        let desk = try desk(house, ["close", "log_return:1"])
        let history = try house.store.read { reader in
            try desk.history(
                of: .nvda, since: evening.advanced(bySeconds: 300), until: house.clock.now(), in: reader)
        }
        #expect(
            history.map { $0.gap?.code } == [nil, nil, nil] + Array(repeating: "split-suspected", count: 4)
                + Array(repeating: nil, count: 4))
        for number in -12 ... -5 {
            let live = try #require(try records(house, desk, number).first)
            #expect(Self.same(live, try #require(history.first { $0.cycle == live.cycle })))
        }
        let fit = try FeatureSpec([try Feature("log_return:1 | zscore")], window: 5)
        let fitting = try FeatureDesk(
            house.context, profile: try house.profile(), computer: try FeatureComputer(fit), form: .raw,
            now: house.clock.now())
        let fitted = try house.store.read { reader in
            try fitting.fit([.nvda], since: evening, until: house.clock.now(), in: reader)
        }
        // The first bar has no return, four look across the jump.
        #expect(fitted.normaliser.count == 12 - 1 - 4)
        #expect(fitted.leftOut == 5)
        #expect(fitted.normaliser.scales == [.zscore(mean: 0, deviation: 0)])
        #expect(fitted.normaliser.span.first == before[1].openAt)
    }

    @Test("A history across a recorded split has each vector on the scale of its own bar, as live")
    func historyAcrossSplit() async throws {
        let house = try House()
        let evening = try #require(Instant(rfc3339: "2026-11-19T20:40:00Z"))
        try house.store.write(durable: true) { writer in
            for number in 0..<4 {
                let bar = Bar.fixture(openAt: evening.advanced(bySeconds: Int64(number) * 300), close: Price(400))
                _ = try writer.upsertBars(.nvda, .fiveMinutes, [bar])
            }
            let day = try #require(CivilDate(iso: "2026-11-20"))
            let split = NewAction(symbol: .nvda, exDate: day, content: .split(new: 4, old: 1), source: "a.csv")
            _ = try writer.record([split], at: house.clock.now())
        }
        for number in -12 ... -1 { try house.putBar(.nvda, number: number, close: Price(100 - abs(number))) }
        let desk = try desk(house, ["close", "log_return:3", "volume"])
        let history = try house.store.read { reader in
            try desk.history(of: .nvda, since: evening, until: house.clock.now(), in: reader)
        }
        #expect(history.count == 16 && history[3].vector.values[0] == 400 && history[4].vector.values[0] == 88)
        let across = try #require(history[5].vector.values[1].isFinite ? history[5].vector.values[1] : nil)
        #expect(abs(across) < 0.2)
        for number in -12 ... -1 {
            let live = try #require(try records(house, desk, number).first)
            #expect(Self.same(live, try #require(history.first { $0.cycle == live.cycle })))
        }
    }

    @Test("A history's record is what was told at its bar: nothing behind it makes it ready, or not")
    func historyLooksNotAhead() async throws {
        let house = try House()
        let evening = try #require(Instant(rfc3339: "2026-11-19T20:40:00Z"))
        let before = (0..<4).map {
            Bar.fixture(openAt: evening.advanced(bySeconds: Int64($0) * 300), close: Price(100))
        }
        try house.store.write(durable: false) { _ = try $0.upsertBars(.nvda, .fiveMinutes, before) }
        // Half the price in the morning; by noon it has come back, and was no split.
        for number in -12...20 { try house.putBar(.nvda, number: number, close: Price(number < 10 ? 50 : 99)) }
        house.moveTo(20 * 300 + 1)
        let desk = try desk(house, ["close", "log_return:1"], window: 60)
        func history(until number: Int) throws -> [FeatureRecord] {
            try house.store.read { reader in
                try desk.history(
                    of: .nvda, since: evening, until: Instant.fixture.advanced(bySeconds: Int64(number) * 300),
                    in: reader)
            }
        }
        let whole = try history(until: 20)
        #expect(whole.count == 4 + 33 && whole.contains { $0.gap?.code == "split-suspected" })
        for number in -12...20 {
            let short = try history(until: number)
            #expect(zip(whole, short).allSatisfy { Self.same($0, $1) }, "until \(number)")
            let live = try #require(try records(house, desk, number).first)
            #expect(Self.same(live, try #require(short.last)), "cycle \(number)")
        }
    }

    @Test("A normaliser is refused for bars of another length or of other hours")
    func otherBars() async throws {
        let house = try House()
        let spec = try FeatureSpec([try Feature("close | zscore")], window: 5)
        func desk(_ timeframe: Timeframe, isExtended: Bool) throws -> FeatureDesk {
            let span = TrainingSpan(
                symbols: [.nvda], timeframe: timeframe, first: .fixture, last: .fixture, isExtended: isExtended)
            let normaliser = try FittedNormaliser(
                spec, span: span, count: 9, scales: [.zscore(mean: 1, deviation: 1)])
            return try FeatureDesk(
                house.context, profile: try house.profile(),
                computer: try FeatureComputer(spec, normaliser: normaliser), form: .normalised, now: house.clock.now())
        }
        _ = try desk(.fiveMinutes, isExtended: false)
        let length = #expect(throws: FeatureError.self) { try desk(.oneHour, isExtended: false) }
        #expect(length == .fittedOnOtherBars(fitted: "1h regular-hours", used: "5m regular-hours"))
        #expect(throws: FeatureError.self) { try desk(.fiveMinutes, isExtended: true) }
    }

    @Test("A fit names symbols without vectors and refuses a span of generated and real bars")
    func fitRefusals() async throws {
        let house = try House()
        for number in -12...0 { try house.putBar(.nvda, number: number) }
        let desk = try desk(house, ["close | zscore"])
        func fit(_ symbols: [Symbol]) throws -> FittedNormaliser {
            try house.store.read { reader in
                try desk.fit(
                    symbols, since: Instant.fixture.advanced(bySeconds: -86_400), until: house.clock.now(), in: reader
                ).normaliser
            }
        }
        #expect(try fit([.nvda]).span.symbols == [.nvda])
        let lacking = #expect(throws: FeatureError.self) { try fit([.nvda, .pltr]) }
        #expect(lacking == .symbolsWithoutVectors([.pltr]))
        try house.store.write(durable: false) { writer in
            for number in -12...0 {
                let openAt = Instant.fixture.advanced(bySeconds: Int64(number - 1) * 300)
                _ = try writer.upsertBars(.pltr, .fiveMinutes, [.fixture(openAt: openAt, source: .generator)])
            }
        }
        #expect(throws: FeatureError.mixedSpan) { try fit([.nvda, .pltr]) }
        #expect(try fit([.pltr]).span.symbols == [.pltr])
    }

    @Test("What counts from a session's first bar has no value while that bar is missing")
    func sessionWithoutBeginning() async throws {
        let house = try House()
        for number in -11...0 { try house.putBar(.nvda, number: number) }
        let desk = try desk(house, ["OBV@session", "close"], window: 25)
        let without = try #require(try records(house, desk).first)
        #expect(without.gap == .noValue && without.vector.missing == [0])
        try house.putBar(.nvda, number: -12)
        #expect(try #require(try records(house, desk).first).isReady)
    }

    @Test("What keeps decide from a symbol keeps its vector from being ready: generated bars beside real ones")
    func mixedBars() async throws {
        let house = try House()
        for number in -12...0 { try house.putBar(.nvda, number: number) }
        let early = Bar.fixture(openAt: Instant.fixture.advanced(bySeconds: -300 * 4), source: .generator)
        try house.store.write(durable: false) { _ = try $0.upsertBars(.nvda, .fiveMinutes, [early]) }
        let desk = try desk(house, ["close"])
        let record = try #require(try records(house, desk).first)
        #expect(record.json["reason"] == "mixed-bars" && record.json["ready"] == false)
        #expect(record.json["detail"]?.stringValue?.contains("1 of the 5 bars of NVDA") == true)
        let history = try house.store.read { reader in
            try desk.history(
                of: .nvda, since: Instant.fixture.advanced(bySeconds: -300 * 6), until: house.clock.now(), in: reader)
        }
        #expect(history.map { $0.gap?.code } == [nil, nil] + Array(repeating: "mixed-bars", count: 4))
    }

    @Test("A split that the books lack makes the vector of what is held not ready, and of nothing else")
    func scaleDoubt() async throws {
        let house = try House(positions: [.nvda: Quantity(100)])
        // The account was met after yesterday's close.
        house.moveTo(-66_900)
        try await house.openAccount()
        house.moveTo(-12 * 300 + 1)
        let evening = try #require(Instant(rfc3339: "2026-11-19T20:40:00Z"))
        let before = (0..<4).map {
            Bar.fixture(openAt: evening.advanced(bySeconds: Int64($0) * 300), close: Price(400))
        }
        let day = CivilDate(iso: "2026-11-20") ?? CivilDate(daysSinceEpoch: 0)
        for symbol in [Symbol.nvda, .pltr] {
            try house.store.write(durable: true) { writer in
                _ = try writer.upsertBars(symbol, .fiveMinutes, before)
                let split = NewAction(symbol: symbol, exDate: day, content: .split(new: 4, old: 1), source: "a.csv")
                _ = try writer.record([split], at: house.clock.now())
            }
            try house.putBar(symbol, number: -12, close: Price(100))
        }
        let held = try records(house, try desk(house, ["close", "position"]), -12)
        let books = try house.store.read {
            try Books.load(
                $0, settings: house.context.settings, calendars: house.context.calendars, at: house.clock.now())
        }
        #expect(books.doubts(house.context).map(\.symbol) == [.nvda])
        #expect(held.map { $0.gap?.code } == ["scale-doubted", nil])
        #expect(held[0].json["detail"]?.stringValue == books.doubts(house.context).first?.text)
        // A list that asks nothing about the position has nothing to doubt.
        #expect(try records(house, try desk(house, ["close"]), -12).allSatisfy { $0.isReady })
    }

    @Test(
        "Equity terms are returns between the profile's marks: money paid in is none, and nothing is known of the first"
    )
    func portfolio() async throws {
        let house = try await house(until: 2)
        let desk = try desk(
            house,
            [
                "close", "portfolio_return", "portfolio_total_return", "portfolio_drawdown", "portfolio_winning_share",
                "portfolio_fills_per_step",
            ])
        #expect(try records(house, desk)[0].vector.values.dropFirst() == [0, 0, 0, 0, 0])
        try house.store.write(durable: true) { writer in
            for (number, equity) in [(-2, 80_000), (-1, 125_000)] {
                try writer.putEquityMark(
                    EquityMark(
                        scope: EquityMarks.allBrokers, cycle: house.cycle(number),
                        at: house.cycle(number).barClose.advanced(bySeconds: 5),
                        equity: Money(FixedPoint(equity), .usd),
                        cash: .zero, grossExposure: .zero, netExposure: .zero, highWaterMark: FixedPoint(125_000),
                        realised: .zero, unrealised: .zero, paidIn: [.usd: FixedPoint(number == -2 ? 80_000 : 100_000)])
                )
            }
        }
        let values = try records(house, desk)[0].vector.values
        // The account holds the 100,000 that were paid in: 20,000 of them between the marks.
        #expect(abs(values[1] - (100_000.0 / 125_000 - 1)) < 1e-15)
        #expect(abs(values[2]) < 1e-15)
        #expect(abs(values[3] - 0.2) < 1e-15)
        // A step won and a step lost, and nothing filled in them.
        #expect(values[4] == 0.5 && values[5] == 0)
    }
}
