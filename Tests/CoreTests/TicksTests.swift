import Core
import TestSupport
import Testing

@Suite struct TicksTests {
    private static func day(_ text: String) throws -> CivilDate { try #require(CivilDate(iso: text)) }

    @Test(
        "KRX shares step by the table of 25 January 2023",
        arguments: [
            (1, 1), (1999, 1), (2000, 5), (4995, 5), (5000, 10), (19_990, 10), (20_000, 50), (49_950, 50),
            (50_000, 100), (199_900, 100), (200_000, 500), (499_500, 500), (500_000, 1000), (2_000_000, 1000),
        ])
    func krxToday(price: Int, tick: Int) throws {
        for day in ["2023-01-25", "2026-11-20"] {
            #expect(TickSchedule.krxStock.rule(on: try Self.day(day)).tick(at: Price(price)) == Price(tick))
        }
    }

    @Test(
        "KOSPI shares stepped by the older table until 24 January 2023",
        arguments: [
            (999, 1), (1000, 5), (1999, 5), (5000, 10), (9990, 10), (10_000, 50), (19_950, 50), (50_000, 100),
            (99_900, 100), (100_000, 500), (199_500, 500), (500_000, 1000),
        ])
    func krxBefore(price: Int, tick: Int) throws {
        for day in ["1960-01-04", "2020-03-02", "2023-01-24"] {
            #expect(TickSchedule.krxStock.rule(on: try Self.day(day)).tick(at: Price(price)) == Price(tick))
        }
    }

    @Test(
        "KRX funds step by five won, below 2,000 won by one since December 2023",
        arguments: [
            ("2023-12-17", 1000, 5), ("2023-12-18", 1000, 1), ("2023-12-18", 1999, 1), ("2023-12-18", 2000, 5),
            ("2026-11-20", 100_000, 5),
        ])
    func krxFunds(day: String, price: Int, tick: Int) throws {
        #expect(TickSchedule.krxETF.rule(on: try Self.day(day)).tick(at: Price(price)) == Price(tick))
    }

    @Test("The tables are the ones of the shared reference file", .enabled(if: SharedFolder.exists))
    func reference() throws {
        let file = try JSONValue(parsing: SharedFolder.bytes("data/reference/krx_tick_sizes.json"))
        let groups: [(String, TickSchedule, old: String)] = [
            ("stocks", .krxStock, "2023-01-24"), ("etf_etn", .krxETF, "2023-11-30"),
        ]
        for (group, schedule, old) in groups {
            let tables = try #require(file[group]?.arrayValue)
            #expect(tables.count == 2)
            for table in tables {
                let day = try Self.day(table["from"] == nil ? old : "2024-01-02")
                let bands = try #require(table["bands"]?.arrayValue).map { band in
                    TickRule.Band(
                        below: band["below"]?.intValue.map { Price(Int($0)) },
                        tick: Price(Int(try #require(band["tick"]?.intValue))))
                }
                #expect(schedule.rule(on: day).bands == bands)
            }
        }
    }

    @Test("A rounded price lies on the grid and within one step", arguments: propertySeeds)
    func grid(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let rules = [
            TickSchedule.krxStock.rule(on: try Self.day("2026-01-05")), TickSchedule.krxStock.entries[0].rule,
            TickSchedule.usEquity.entries[0].rule,
        ]
        for _ in 0..<300 {
            let rule = random.pick(rules)
            let price = Price(FixedPoint(int64Units: Int64(random.int(1...80_000_000_000_000))))
            let down = try rule.rounded(price, .down)
            let up = try rule.rounded(price, .up)
            #expect(rule.isOnGrid(down) && rule.isOnGrid(up))
            #expect(down <= price && price <= up)
            #expect(try up - down <= rule.tick(at: price))
            #expect(try rule.rounded(up, .down) == up)
        }
    }

    @Test("US shares step by one cent")
    func usEquity() throws {
        let rule = TickSchedule.usEquity.rule(on: try Self.day("2026-11-20"))
        #expect(rule.isOnGrid(.cents(12_345)))
        #expect(!rule.isOnGrid(try Price("1.005")))
        #expect(try rule.rounded(Price("1.005"), .down) == .cents(100))
    }

    @Test("Unsound tables are refused with what is wrong")
    func refused() {
        #expect(throws: TickRule.Problem.noBands) { try TickRule(bands: []) }
        #expect(throws: TickRule.Problem.noLastBand) {
            try TickRule(bands: [.init(below: Price(10), tick: Price(1))])
        }
        #expect(throws: TickRule.Problem.tickNotPositive(.zero)) { try TickRule.uniform(.zero) }
        #expect(throws: TickRule.Problem.bandsNotAscending) {
            try TickRule(bands: [
                .init(below: Price(10), tick: Price(1)), .init(below: Price(10), tick: Price(2)),
                .init(below: nil, tick: Price(5)),
            ])
        }
        #expect(throws: TickRule.Problem.bandsNotAscending) {
            try TickRule(bands: [.init(below: nil, tick: Price(1)), .init(below: nil, tick: Price(5))])
        }
    }

    @Test("Schedule entries take effect on their day, in whatever order they are given")
    func order() throws {
        let entries = try ["2020-01-01", "2022-01-01", "2021-01-01"].enumerated().map { index, day in
            TickSchedule.Entry(from: try Self.day(day), rule: try .uniform(Price(index + 1)))
        }
        let schedule = TickSchedule(first: entries[0], later: [entries[1], entries[2]])
        let expected = [("2019-06-01", 1), ("2020-12-31", 1), ("2021-01-01", 3), ("2022-01-01", 2)]
        for (day, tick) in expected {
            #expect(schedule.rule(on: try Self.day(day)).tick(at: Price(7)) == Price(tick))
        }
    }
}
