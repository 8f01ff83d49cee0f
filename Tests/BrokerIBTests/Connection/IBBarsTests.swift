import Core
import Rehearsal
import Sessions
import TestSupport
import Testing

@testable import BrokerIB

@Suite("Bars of the past from the gateway", .serialized, .timeLimit(.minutes(3)))
struct IBBarsTests {
    private static let newYork = CalendarBook.embedded.calendar(ExchangeID("XNYS"))

    private func nvidia() throws -> Instrument { try .fixture(symbol: Symbol("NVDA"), exchange: ExchangeID("XNAS")) }

    @Test("Five minutes over weeks: several requests, no gap, no bar twice, and each day's sums are those of its day")
    func chunks() async throws {
        try await Rig.run(hurry: 20, change: { $0.historySessions = 30 }) { rig in
            // Hurried by twenty, ten seconds are half of one: too little on a busy machine.
            let client = try await rig.ready { $0.limits.session.step = .seconds(200) }
            let bars = IBBars(client, contracts: IBContracts(client))
            let calendar = try #require(Self.newYork)
            // The Monday after the clocks were set back.
            let since = Rig.open.advanced(bySeconds: -18 * 86_400)
            let before = await client.traffic.sent
            let answer = try #require(try await bars.bars(of: try nvidia(), minutes: 5, since: since))
            #expect(answer.minutes == 5 && answer.problems.isEmpty)
            #expect(await client.traffic.sent - before >= 4)
            let slots = calendar.slots(from: since, until: Rig.open, timeframe: .fiveMinutes)
            #expect(answer.bars.map(\.openAt) == slots.map(\.openAt) && slots.count == 14 * 78)
            #expect(answer.bars.allSatisfy { $0.source == .ib && $0.low <= $0.open && $0.close <= $0.high })
            let days = try #require(try await bars.bars(of: try nvidia(), minutes: 1440, since: since)).bars
            #expect(days.count == 14)
            for day in days {
                let inside = answer.bars.filter {
                    $0.openAt >= day.openAt && $0.openAt < day.openAt.advanced(bySeconds: 23_400)
                }
                #expect(inside.count == 78)
                #expect(inside.first?.open == day.open && inside.last?.close == day.close)
                #expect(inside.map(\.high).max() == day.high && inside.map(\.low).min() == day.low)
                var volume = Quantity.zero
                for bar in inside { volume = try volume + bar.volume }
                #expect(volume == day.volume)
            }
        }
    }

    @Test("The bar that is being made is left out; it is there when it is over")
    func unfinished() async throws {
        try await Rig.run(change: { $0.historySessions = 2 }) { rig in
            let client = try await rig.ready()
            let bars = IBBars(client, contracts: IBContracts(client))
            func times() async throws -> [Instant] {
                try #require(try await bars.bars(of: try nvidia(), minutes: 5, since: Rig.open)).bars.map(\.openAt)
            }
            rig.simulator.advance(bySeconds: 299)
            rig.clock.set(Rig.open.advanced(bySeconds: 299))
            #expect(try await times().isEmpty)
            rig.simulator.advance(bySeconds: 301)
            rig.clock.set(Rig.open.advanced(bySeconds: 600))
            #expect(try await times() == [Rig.open, Rig.open.advanced(bySeconds: 300)])
        }
    }

    @Test("Where IB has no data the answer is empty; where there are no permissions it is a final error")
    func nothing() async throws {
        try await Rig.run(
            hurry: 20,
            change: {
                $0.historySessions = 2
                $0.delayedSymbols = ["MSFT"]
            }
        ) { rig in
            let client = try await rig.ready()
            let bars = IBBars(client, contracts: IBContracts(client))
            let longAgo = Rig.open.advanced(bySeconds: -300 * 86_400)
            let answer = try await bars.bars(
                of: try nvidia(), minutes: 1, since: longAgo, until: longAgo.advanced(bySeconds: 86_400))
            #expect(answer?.bars.isEmpty == true && answer?.problems.isEmpty == true)
            let microsoft = try Instrument.fixture(symbol: Symbol("MSFT"), exchange: ExchangeID("XNAS"))
            do throws(IBFailure) {
                _ = try await bars.bars(of: microsoft, minutes: 5, since: Rig.open.advanced(bySeconds: -86_400))
                Issue.record("bars came without permission")
            } catch {
                #expect(!error.isRetryable && "\(error)".contains("no permissions"))
            }
        }
    }

    @Test("A connection that ends on the way leaves the bars nearest to now, and says that some are missing")
    func cut() async throws {
        try await Rig.run(hurry: 20, change: { $0.historySessions = 30 }) { rig in
            let client = try await rig.ready()
            let bars = IBBars(client, contracts: IBContracts(client))
            rig.faults(.init(.dropAfterAccept, at: "reqHistoricalData", .calls([2])))
            let since = Rig.open.advanced(bySeconds: -21 * 86_400)
            let answer = try #require(try await bars.bars(of: try nvidia(), minutes: 5, since: since))
            #expect(answer.problems.count == 1 && answer.problems[0].contains("the connection ended"))
            #expect(answer.bars.count >= 4 * 78 && answer.bars.count < 15 * 78)
            // Thursday's last: 15:55 in New York.
            #expect(answer.bars.last?.openAt == Rig.open.advanced(bySeconds: 385 * 60 - 86_400))
        }
    }

    @Test("IB's rules for historical data are kept, where they are enforced to the letter")
    func strict() async throws {
        try await Rig.run(change: {
            $0.historySessions = 10
            $0.isPacingStrict = true
        }) { rig in
            let client = try await rig.ready()
            let bars = IBBars(client, contracts: IBContracts(client))
            let began = ContinuousClock.now
            let since = Rig.open.advanced(bySeconds: -9 * 86_400)
            let answer = try #require(try await bars.bars(of: try nvidia(), minutes: 1, since: since))
            // Seven sessions of 390 minutes, a request each: five may go at once.
            #expect(answer.problems.isEmpty && answer.bars.count == 7 * 390)
            #expect(ContinuousClock.now - began >= .seconds(2))
        }
    }

    @Test("After a pacing violation, which another program may bring about, everybody waits")
    func violation() async throws {
        try await Rig.run(change: {
            $0.historySessions = 10
            $0.isPacingStrict = true
        }) { rig in
            let (client, other) = (try await rig.ready(), try await rig.ready(base: 20))
            func request(_ id: Int64, days: Int) -> HistoricalDataRequest {
                HistoricalDataRequest(
                    requestID: id, contract: IBContract(conID: 4_815_747, exchange: "SMART", currency: "USD"),
                    barSize: .minutes5, span: IBBarSpan(count: days, unit: .days), regularHoursOnly: true)
            }
            for days in 1...5 {
                let id = await other.nextRequestID()
                _ = try await other.ask(.historicalData(id), request(id, days: days))
            }
            let id = await client.nextRequestID()
            do throws(IBFailure) {
                _ = try await client.historicalBars(request(id, days: 6))
                Issue.record("the sixth request in two seconds was answered")
            } catch { #expect(error.isRetryable && "\(error)".contains("pacing violation")) }
            let next = HistoricalPacing.Key(request(id + 1, days: 7))
            let verdict = await client.historicalPacing.ask(next, at: client.clock.uptime())
            guard case .wait(let pause) = verdict else {
                Issue.record("\(verdict)")
                return
            }
            #expect(pause > .seconds(10) && pause <= .seconds(15))
        }
    }

    @Test(
        "Sizes: what IB has not, is made of what it has",
        arguments: [
            (1, "1 min"), (5, "5 mins"), (15, "15 mins"), (60, "30 mins"), (20, "10 mins"), (240, "30 mins"),
            (45, "15 mins"), (1440, "1 day"),
            (12, "3 mins"),
        ])
    func sizes(minutes: Int, name: String) { #expect(IBBarStep(minutes: minutes)?.size.rawValue == name) }

    @Test("No step below a minute or beyond a day")
    func noSize() { #expect(IBBarStep(minutes: 0) == nil && IBBarStep(minutes: 2880) == nil) }

    @Test(
        "Spans stay within IB's step table",
        arguments: [
            (1, 1, "1 D"), (1, 9, "1 D"), (2, 9, "2 D"), (5, 3, "3 D"), (5, 9, "1 W"), (30, 12, "12 D"),
            (60, 60, "1 M"),
            (1440, 200, "200 D"), (1440, 900, "1 Y"),
        ])
    func spans(minutes: Int, days: Int64, span: String) throws {
        let step = try #require(IBBarStep(minutes: minutes))
        #expect(step.span(from: Rig.open.advanced(bySeconds: -days * 86_400), to: Rig.open).description == span)
    }
}
