import Core
import GRDB
import Testing

@testable import Store

@Suite("Corporate actions")
struct ActionsTableTests {
    private static let day = CivilDate(iso: "2024-06-10") ?? CivilDate(daysSinceEpoch: 0)

    private static func split(_ new: Int, on day: CivilDate = day, from source: String = "a.csv") -> NewAction {
        NewAction(symbol: .nvda, exDate: day, content: .split(new: new, old: 1), source: source)
    }

    private static func dividend(_ cents: Int, from source: String = "a.csv") -> NewAction {
        NewAction(
            symbol: .nvda, exDate: day,
            content: .dividend(perShare: FixedPoint(int64Units: Int64(cents) * 1_000_000), .usd),
            source: source)
    }

    private static func noSplit(_ source: String = "operator ann: looked") -> NewAction {
        NewAction(symbol: .nvda, exDate: day, content: .noSplit, source: source)
    }

    private func contents(_ database: StateDatabase) throws -> [StoredAction.Content] {
        try database.read { try $0.actionsInForce(.nvda).map(\.content) }
    }

    @Test("The same actions again change nothing, not even the sequence")
    func idempotent() throws {
        let database = try Scratch().open()
        let actions = [Self.split(10), Self.dividend(1), Self.dividend(25), Self.dividend(25)]
        let first = try database.write(durable: true) { try $0.record(actions, at: .fixture) }
        #expect(first.new.count == 3 && first.replaced.isEmpty && first.unchanged == 0)
        let again = try database.write(durable: true) { try $0.record(actions, at: .fixture) }
        #expect(again.new.isEmpty && again.replaced.isEmpty && again.unchanged == 3)
        #expect(try database.read { try $0.currentSequence() } == 1)
        #expect(try contents(database).count == 3)
    }

    @Test("A corrected action takes the place of the old one, which stays as history")
    func correction() throws {
        let database = try Scratch().open()
        try database.write(durable: true) { writer throws in
            try writer.record([Self.split(10), Self.dividend(1)], at: .fixture)
            try writer.record([Self.split(12, from: "b.csv")], at: .fixture.advanced(bySeconds: 60))
        }
        #expect(try contents(database).contains(.split(new: 12, old: 1)))
        #expect(try contents(database).count == 2, "the dividend of the day is not touched")
        let old = try database.read { try $0.actions(ListFilter(states: ["replaced"])) }
        #expect(old.map(\.content) == [.split(new: 10, old: 1)])
        #expect(old.map(\.replacedBy) == ["b.csv"])
        #expect(old.map(\.replacedAt) == [.fixture.advanced(bySeconds: 60)])
        #expect(old.map(\.recordedSequence) == [1])
    }

    @Test("A split brought with another day nearby moves there; a broker's booking day moves nothing")
    func otherDay() throws {
        func days(_ imports: [[NewAction]]) throws -> [String] {
            let database = try Scratch().open()
            for actions in imports {
                try database.write(durable: true) { _ = try $0.record(actions, at: .fixture) }
            }
            return try database.read { try $0.actionsInForce(.nvda) }.map { "\($0.exDate) \($0.source)" }
        }
        let later = Self.day.advanced(byDays: 8)
        let far = Self.day.advanced(byDays: CorporateAction.sameSplitDays + 1)
        let told = "broker ib"
        #expect(try days([[Self.split(10, on: later, from: told)], [Self.split(10)]]) == ["2024-06-10 a.csv"])
        #expect(try days([[Self.split(10, from: "b.csv")], [Self.split(10, on: later)]]) == ["2024-06-18 a.csv"])
        #expect(try days([[Self.split(10)], [Self.split(10, on: later, from: told)]]).count == 2)
        #expect(try days([[Self.split(10)], [Self.split(4, on: later)]]) == ["2024-06-18 a.csv"])
        #expect(try days([[Self.split(2, on: later, from: told)], [Self.split(4)]]) == ["2024-06-10 a.csv"])
        #expect(try days([[Self.split(10)], [Self.split(10, on: far)]]).count == 2)
        #expect(try days([[Self.split(10)], [Self.split(10), Self.split(10, on: later)]]).count == 2)
    }

    @Test("An import of a day's dividends replaces those it does not have")
    func dividendsOfADay() throws {
        let database = try Scratch().open()
        let plan = try database.write(durable: true) { writer throws in
            try writer.record([Self.dividend(1), Self.dividend(25)], at: .fixture)
            return try writer.record([Self.dividend(1), Self.dividend(30)], at: .fixture)
        }
        #expect(plan.new.map(\.content) == [Self.dividend(30).content])
        #expect(plan.replaced.map(\.old.content) == [Self.dividend(25).content])
        #expect(plan.unchanged == 1)
    }

    @Test("A split and the word that there was none take each other's place")
    func noSplitOrSplit() throws {
        let database = try Scratch().open()
        try database.write(durable: true) { try $0.record([Self.noSplit()], at: .fixture) }
        #expect(try contents(database) == [.noSplit])
        try database.write(durable: true) { try $0.record([Self.split(10)], at: .fixture) }
        #expect(try contents(database) == [.split(new: 10, old: 1)])
        try database.write(durable: true) { try $0.record([Self.noSplit()], at: .fixture) }
        #expect(try contents(database) == [.noSplit])
        #expect(try database.read { try $0.actions(ListFilter(states: ["replaced"])).count } == 2)
    }

    @Test("A withdrawn action is history, once")
    func withdrawal() throws {
        let database = try Scratch().open()
        try database.write(durable: true) { try $0.record([Self.split(10)], at: .fixture) }
        let id = try #require(try database.read { try $0.actionsInForce(.nvda).first?.id })
        #expect(try database.write(durable: true) { try $0.withdrawAction(id, by: "operator: typo", at: .fixture) })
        #expect(try !database.write(durable: true) { try $0.withdrawAction(id, by: "operator: typo", at: .fixture) })
        #expect(try contents(database) == [])
        #expect(try database.read { try $0.actions().map(\.replacedBy) } == ["operator: typo"])
    }

    @Test("A filter of days takes the first and leaves the day after the last")
    func filter() throws {
        let database = try Scratch().open()
        let days = ["2024-06-09", "2024-06-10", "2024-06-11"].compactMap { CivilDate(iso: $0) }
        try database.write(durable: true) { try $0.record(days.map { Self.split(2, on: $0) }, at: .fixture) }
        func found(_ since: CivilDate?, _ until: CivilDate?) throws -> [CivilDate] {
            let filter = ListFilter(since: since?.startUTC, until: until?.startUTC)
            return try database.read { try $0.actions(filter).map(\.exDate) }
        }
        #expect(try found(days[1], nil) == [days[1], days[2]])
        #expect(try found(nil, days[2]) == [days[0], days[1]])
        #expect(try found(days[1], days[2]) == [days[1]])
        #expect(try database.read { try $0.actions(ListFilter(limit: 1)).map(\.exDate) } == [days[2]])
    }

    @Test("Two splits of one day cannot be in force, whoever writes them")
    func oneSplitADay() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { try $0.record([Self.split(10)], at: .fixture) }
        #expect(throws: DatabaseError.self) {
            try scratch.raw(
                """
                INSERT INTO actions (symbol, ex_date, kind, value, source, recorded_at, recorded_seq)
                VALUES ('NVDA', '2024-06-10', 'split', '12:1', 'x', 1, 9)
                """)
        }
    }
}
