import Broker
import Core
import Ledger
import Reporting
import Sessions
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

/// Money that comes or goes is no profit and no loss: the references of the loss limits move with it.
@Suite("Deposits, withdrawals and the loss limits")
struct FlowTests {
    /// The cycle of the same time the day before.
    private static let yesterday = -288
    private static let daySeconds: Int64 = -86_400

    /// 300 NVDA at 100 and 70,000 USD in cash, marked once the day before; today's first bar has this close.
    private func house(close: Int = 100) async throws -> House {
        let house = try House(cash: 70_000, positions: [.nvda: Quantity(300)])
        house.moveTo(Self.daySeconds + 1)
        try house.putBar(.nvda, number: Self.yesterday)
        try await house.openAccount()
        try await house.run(.reconcile, house.cycle(Self.yesterday))
        house.moveTo(1)
        try house.putBar(.nvda, close: Price(close))
        try house.putBar(.pltr)
        return house
    }

    /// A flow that the broker lists and that our books take in with the reconciliation of a bar.
    private func pay(_ amount: Int, _ currency: Currency = .usd, at seconds: Int64 = 2, _ house: House) async throws {
        let at = Instant.fixture.advanced(bySeconds: seconds)
        try house.broker.pay(Money(FixedPoint(amount), currency), id: "flow-\(amount)-\(seconds)", at: at)
        house.moveTo(max(3, seconds + 1))
        let document = try await house.run(.reconcile, isForced: true)
        #expect(document.exitCode == .success, "\(document.json.text)")
    }

    /// What the risk check of a bar says: the exit code, and the share that a limit is used by.
    private func check(_ house: House, number: Int = 0) async throws -> StepDocument {
        house.moveTo(Int64(number) * 300 + 5)
        return try await house.run(.riskCheck, house.cycle(number), isForced: true)
    }

    private func used(_ limit: String, _ document: StepDocument) -> String? {
        document.json["summary"]?["limits"]?[limit]?["used"]?.stringValue
    }

    private func drawdown(_ document: StepDocument) -> String? {
        document.json["summary"]?["limits"]?["drawdown"]?.stringValue
    }

    private func codes(_ house: House) throws -> [String] {
        try house.store.read { try $0.activeHalts() }.map(\.code)
    }

    // MARK: The daily limit

    @Test("A withdrawal of the day is no loss of the day, whether it is dated before or after the day's start")
    func withdrawal() async throws {
        for seconds: Int64 in [2, -50_000] {
            let house = try await house()
            try await pay(-6_000, at: seconds, house)
            let document = try await check(house)
            #expect(document.exitCode == .success)
            #expect(used("daily_loss", document) == "0", "\(seconds)")
            #expect(try codes(house).isEmpty)
        }
    }

    @Test("A deposit does not hide the loss of the day")
    func deposit() async throws {
        // 6,000 of 100,000 are lost, and 10,000 come in: 6,000 of 110,000 are over the limit of 5 %.
        let house = try await house(close: 80)
        try await pay(10_000, .usd, house)
        let document = try await check(house)
        #expect(document.exitCode == .halted)
        #expect(used("daily_loss", document) == "0.054545")
        #expect(try codes(house) == ["daily-loss"])
    }

    @Test("Flows in a second currency count at its rate", arguments: [10_000_000, -6_000_000])
    func secondCurrency(won: Int) async throws {
        let house = try await house(close: won > 0 ? 80 : 100)
        try await pay(won, .krw, house)
        let document = try await check(house)
        #expect(used("daily_loss", document) == (won > 0 ? "0.054545" : "0"))
        #expect(document.exitCode == (won > 0 ? .halted : .success))
    }

    @Test("What flowed before the mark of the day's start is in the mark and counts once")
    func beforeTheMark() async throws {
        let house = try House(cash: 70_000, positions: [.nvda: Quantity(300)])
        house.moveTo(Self.daySeconds + 1)
        try house.putBar(.nvda, number: Self.yesterday)
        try await house.openAccount()
        try house.broker.pay(Money(FixedPoint(-20_000), .usd), id: "early", at: house.clock.now())
        house.moveTo(Self.daySeconds + 2)
        try await house.run(.reconcile, house.cycle(Self.yesterday))
        try house.putBar(.nvda, close: Price(90))
        try house.putBar(.pltr)
        let document = try await check(house)
        #expect(used("daily_loss", document) == "0.0375")
    }

    @Test("A mark of a takt that kept no flows is taken to contain everything")
    func oldMark() async throws {
        let house = try await house()
        try house.meddle("UPDATE equity_marks SET paid_in = NULL")
        try await pay(-6_000, .usd, house)
        let document = try await check(house)
        #expect(used("daily_loss", document) == "0.06")
    }

    // MARK: The high-water mark

    @Test("The high-water mark moves with the money, in the check and in the next mark")
    func highWaterMark() async throws {
        let house = try await house(close: 90)
        try await pay(-10_000, .usd, house)
        // 97,000 are left of 100,000 before the withdrawal: 3,000 below a high of 90,000.
        #expect(drawdown(try await check(house)) == "0.033333")
        let mark = try #require(try house.store.read { try $0.lastEquityMark(scope: EquityMarks.allBrokers) })
        #expect(mark.equity == Money(FixedPoint(87_000), .usd))
        #expect(mark.highWaterMark == FixedPoint(90_000))
        try house.broker.pay(Money(FixedPoint(30_000), .usd), id: "in", at: house.clock.now())
        try house.putBar(.nvda, number: 1, close: Price(90))
        house.moveTo(302)
        try await house.run(.reconcile, house.cycle(1))
        let next = try #require(try house.store.read { try $0.lastEquityMark(scope: EquityMarks.allBrokers) })
        #expect(next.equity == Money(FixedPoint(117_000), .usd))
        #expect(next.highWaterMark == FixedPoint(120_000))
    }

    // MARK: What an operator accepted

    /// The operator resumes at 94,000 after the day's loss.
    private func resumed() async throws -> House {
        let house = try await house(close: 80)
        #expect(try await check(house).exitCode == .halted)
        try house.store.write(durable: true) { writer in
            try writer.liftHalts(by: "operator", reason: "reviewed", at: house.clock.now())
            let accepted = try Baselines.accepting(house.context, at: house.clock.now(), in: writer).text
            try writer.setMeta(Baselines.daily, accepted)
            try writer.setMeta(Baselines.total, accepted)
        }
        return house
    }

    @Test("A withdrawal after a resume is no loss against the accepted equity")
    func withdrawalAfterResume() async throws {
        let house = try await resumed()
        try await pay(-14_000, at: 10, house)
        try house.putBar(.nvda, number: 1, close: Price(80))
        try house.putBar(.pltr, number: 1)
        let document = try await check(house, number: 1)
        #expect(document.exitCode == .success, "\(document.json.text)")
        #expect(used("daily_loss", document) == "0")
        #expect(used("total_loss", document) == "0")
    }

    @Test("A deposit after a resume hides no further loss")
    func depositAfterResume() async throws {
        let house = try await resumed()
        try await pay(50_000, at: 10, house)
        // Another 9,000 of 144,000 are lost.
        try house.putBar(.nvda, number: 1, close: Price(50))
        try house.putBar(.pltr, number: 1)
        let document = try await check(house, number: 1)
        #expect(used("daily_loss", document) == "0.0625")
        #expect(used("total_loss", document) == "0.0625")
        #expect(try codes(house) == ["daily-loss"])
    }

    @Test("A baseline that an older takt wrote is read, without flows")
    func oldBaseline() async throws {
        let house = try await resumed()
        let old = "\(Instant.fixture.advanced(bySeconds: 5)) 94000"
        try house.store.write(durable: true) { try $0.setMeta(Baselines.daily, old) }
        try await pay(-4_700, at: 10, house)
        try house.putBar(.nvda, number: 1, close: Price(80))
        try house.putBar(.pltr, number: 1)
        #expect(used("daily_loss", try await check(house, number: 1)) == "0.05")
    }

    // MARK: Reports

    @Test("The profit of a day and the returns of the days leave out what was paid in")
    func reports() async throws {
        let house = try await house(close: 90)
        try await pay(50_000, .usd, house)
        let report = try house.store.read { reader in
            let calendar = try house.context.listing(of: .nvda).1
            let day = calendar.localDate(of: .fixture)
            return try ReportGatherer(context: house.context, reader: reader, now: house.clock.now())
                .report(.daily, try house.profile(), from: day, through: day, calendar)
        }
        let day = try #require(report.periods.first { $0.label == "Day" })
        #expect(day.profit == Money(FixedPoint(-3_000), .usd))
        #expect(day.share?.value.description == "-0.02")
        let last = try #require(report.history.last)
        #expect(abs(last.value + 0.02) < 1e-12)
    }

    @Test("A report of many days keeps its own profit apart from that of its last day")
    func periodOfDays() async throws {
        let house = try await house(close: 90)
        // The day before ended 6,000 higher than it had begun.
        try house.store.write(durable: true) { writer in
            let mark = try #require(try writer.equityMarks(brokerScope: EquityMarks.allBrokers).last)
            try writer.putEquityMark(
                Store::EquityMark(
                    scope: mark.scope, cycle: mark.cycle, at: mark.at.advanced(bySeconds: 60),
                    equity: try mark.equity + Money(FixedPoint(6_000), .usd), cash: mark.cash,
                    grossExposure: mark.grossExposure, netExposure: mark.netExposure,
                    highWaterMark: mark.highWaterMark, realised: mark.realised, unrealised: mark.unrealised,
                    paidIn: mark.paidIn))
        }
        try await house.run(.reconcile, isForced: true)
        let report = try house.store.read { reader in
            let calendar = try house.context.listing(of: .nvda).1
            let day = calendar.localDate(of: .fixture)
            return try ReportGatherer(context: house.context, reader: reader, now: house.clock.now())
                .report(.period, try house.profile(), from: day.advanced(byDays: -1), through: day, calendar)
        }
        #expect(report.periods.map(\.label) == ["Period", "Day", "Week", "Month", "Year", "All"])
        #expect(report.periods[0].profit == Money(FixedPoint(-3_000), .usd))
        #expect(report.periods[1].profit == Money(FixedPoint(-9_000), .usd))
    }
}
