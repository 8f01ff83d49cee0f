import Core
import TestSupport
import Testing

@testable import Decision

@Suite("Consultation schedule and budget")
struct ConsultationTests {
    private func bar(_ index: Int) -> Instant { barClose.advanced(bySeconds: Int64(300 * index)) }

    /// The decisions at which the consultant is asked, out of so many, when every answer is the given one.
    private func asked(
        _ schedule: ConsultationSchedule, decisions: Int, answering advice: Advice
    ) -> [Int] {
        var state = schedule.start
        var asked: [Int] = []
        for index in 1...decisions {
            state = schedule.counted(state, barClose: bar(index))
            let plan = schedule.plan(state, stored: nil, budget: .allowed(calls: 9))
            guard case .ask = plan else { continue }
            asked.append(index)
            state = schedule.recorded(state, advice)
        }
        return asked
    }

    private func view(delay: Int = 0) throws -> Advice {
        .opinion(try Opinion(action: .hold, confidence: 0.5, riskScore: 0.1, delayBars: delay))
    }

    @Test("The consultant is asked at every Nth decision, the first time at the Nth, as in the original")
    func frequency() throws {
        #expect(try asked(ConsultationSchedule(everyDecisions: 10), decisions: 35, answering: view()) == [10, 20, 30])
        #expect(try asked(ConsultationSchedule(everyDecisions: 1), decisions: 3, answering: view()) == [1, 2, 3])
        #expect(throws: DecisionError.self) { try ConsultationSchedule(everyDecisions: 0) }
    }

    @Test(
        "After failures it is asked again after 1, 2, 4, … decisions, at most N; after those an operator must cure, N")
    func backsOff() throws {
        let schedule = try ConsultationSchedule(everyDecisions: 10)
        let down = Advice.noOpinion(.unavailable, "529")
        #expect(asked(schedule, decisions: 60, answering: down) == [10, 11, 13, 17, 25, 35, 45, 55])
        let locked = Advice.noOpinion(.credentials, "401")
        #expect(asked(schedule, decisions: 35, answering: locked) == [10, 20, 30])
    }

    @Test("The same bar counts once, however often the step runs; a stored answer is taken instead of a call")
    func rerun() throws {
        let schedule = try ConsultationSchedule(everyDecisions: 2)
        var state = schedule.counted(schedule.start, barClose: bar(1))
        state = schedule.counted(state, barClose: bar(2))
        #expect(schedule.counted(state, barClose: bar(2)) == state)
        #expect(schedule.counted(state, barClose: bar(1)) == state)
        let answer = try view()
        let recorded = schedule.recorded(state, answer)
        #expect(schedule.recorded(recorded, answer) == recorded)
        let denied = ConsultationBudget.Verdict.denied(NoOpinion(.dailyLimit, ""))
        #expect(schedule.plan(state, stored: answer, budget: denied) == .takeStored(answer))
        #expect(
            schedule.plan(state, stored: .noOpinion(.deadline, ""), budget: .allowed(calls: 3)) == .ask(calls: 3))
    }

    @Test("Forced consultations do not wait their turn, but keep the budget")
    func forced() throws {
        let schedule = try ConsultationSchedule(everyDecisions: 50)
        let state = schedule.counted(schedule.start, barClose: bar(1))
        guard case .skip(let none) = schedule.plan(state, stored: nil, budget: .allowed(calls: 1)) else {
            throw Unexpected()
        }
        #expect(none.reason == .notDue)
        #expect(schedule.plan(state, isForced: true, stored: nil, budget: .allowed(calls: 1)) == .ask(calls: 1))
        let denied = NoOpinion(.monthlyBudget, "")
        #expect(schedule.plan(state, isForced: true, stored: nil, budget: .denied(denied)) == .skip(denied))
    }

    private struct Unexpected: Error {}

    @Test("A delay holds entries for its decisions, this one included, and the next opinion ends it; silence does not")
    func delay() throws {
        let schedule = try ConsultationSchedule(everyDecisions: 1)
        var state = schedule.counted(schedule.start, barClose: bar(0))
        state = schedule.recorded(state, try view(delay: 3))
        // A weekend lies between two of the bars: a delay is counted in bars that are decided on, not in hours.
        let held = [1, 800, 801, 802].map { index in
            state = schedule.counted(state, barClose: bar(index))
            return state.isHeld
        }
        #expect(held == [true, true, false, false])
        state = schedule.recorded(schedule.counted(schedule.start, barClose: bar(0)), try view(delay: 3))
        state = schedule.counted(state, barClose: bar(1))
        #expect(schedule.recorded(state, .noOpinion(.deadline, "")).isHeld)
        #expect(try !schedule.recorded(state, view()).isHeld)
    }

    @Test("An opinion stands until the next one, and for twice the usual wait at most")
    func standing() throws {
        let schedule = try ConsultationSchedule(everyDecisions: 3)
        let first = try view()
        var state = schedule.recorded(schedule.counted(schedule.start, barClose: bar(0)), first)
        #expect(schedule.standing(state) == first.opinion)
        var stood: [Bool] = []
        for index in 1...7 {
            state = schedule.recorded(
                schedule.counted(state, barClose: bar(index)), .noOpinion(.unavailable, "down"))
            stood.append(schedule.standing(state) != nil)
        }
        #expect(stood == [true, true, true, true, true, false, false])
        let next = Advice.opinion(try Opinion(action: .buy, confidence: 0.5, riskScore: 0.1))
        #expect(schedule.standing(schedule.recorded(state, next)) == next.opinion)
    }

    @Test("The state survives as a document, and a spoilt one is refused")
    func state() throws {
        let state = ConsultationState(
            decisions: 12, barClose: bar(3), dueAt: 20, failures: 2, heldUntil: 15,
            standing: try view(delay: 2).opinion, standingSince: 11)
        #expect(try ConsultationState(json: try JSONValue(parsing: state.json.text)) == state)
        let start = try ConsultationSchedule(everyDecisions: 7).start
        #expect(try ConsultationState(json: start.json) == start)
        for spoilt in [
            state.json.setting("decisions", -1), state.json.setting("due_at", .int(.max)),
            state.json.setting("failures", "2"), state.json.setting("more", 1), state.json.removing("held_until"),
            state.json.setting("held_until", -1), state.json.setting("standing", ["action": "buy"]),
        ] {
            #expect(throws: AdviceError.self) { try ConsultationState(json: spoilt) }
        }
    }

    @Test("Spending is counted by UTC days and months")
    func usage() throws {
        let now = try #require(Instant(rfc3339: "2026-12-01T00:30:00Z"))
        let spendings = try [
            ("2026-11-30T23:59:59Z", 5, "1.25"), ("2026-12-01T00:00:00Z", 2, "0.5"),
            ("2026-12-01T00:29:00Z", 1, "0.125"), ("2025-12-01T00:29:00Z", 40, "9"),
        ].map { text, calls, cost in
            ConsultationSpending(
                at: try #require(Instant(rfc3339: text)), calls: calls, cost: try FixedPoint(cost))
        }
        let usage = try ConsultationUsage(spendings, now: now)
        #expect(try usage.callsToday == 3 && usage.costThisMonth == FixedPoint("0.625"))
    }

    @Test("The last call of the month is one that the budget can still pay at its dearest")
    func budget() throws {
        let budget = try ConsultationBudget(dailyCalls: 200, monthlyCost: FixedPoint("50"))
        func reason(calls: Int, spent: String) throws -> NoOpinion.Reason? {
            let usage = ConsultationUsage(callsToday: calls, costThisMonth: try FixedPoint(spent))
            guard case .denied(let none) = budget.verdict(usage, worstCase: try FixedPoint("0.02")) else { return nil }
            return none.reason
        }
        #expect(try reason(calls: 199, spent: "49.98") == nil)
        #expect(try reason(calls: 200, spent: "0") == .dailyLimit)
        #expect(try reason(calls: 0, spent: "49.98000001") == .monthlyBudget)
        #expect(try reason(calls: 0, spent: "80") == .monthlyBudget)
        let usage = ConsultationUsage(callsToday: 150, costThisMonth: try FixedPoint("49.9"))
        #expect(budget.verdict(usage, worstCase: try FixedPoint("0.03")) == .allowed(calls: 3))
        #expect(budget.verdict(usage, worstCase: .zero) == .allowed(calls: 50))
        let unlimited = try ConsultationBudget(monthlyCost: nil)
        #expect(unlimited.verdict(usage, worstCase: FixedPoint(100)) == .allowed(calls: 50))
        let none = try ConsultationBudget(dailyCalls: 0, monthlyCost: .zero)
        #expect(
            none.verdict(ConsultationUsage(callsToday: 0, costThisMonth: .zero), worstCase: .zero) != .allowed(calls: 1)
        )
    }
}
