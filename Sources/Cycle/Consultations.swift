internal import Core
internal import Decision
internal import Settings
internal import Store

/// Asks the consultant about the symbols that are to be decided, before anything is decided and outside of the transaction
/// that decides.
///
/// What was sent and what came back is durable at once; the memory of when he is due again is written with the decisions, so
/// that a decide that was killed in between asks nobody twice: the answer is on file, and costs nothing.
struct Consultations {
    let beat: Beat

    struct Heard {
        var advice: [Symbol: ConsultedAdvice] = [:]
        /// To be stored with the decision about the symbol.
        var states: [Symbol: ConsultationState] = [:]
        var warnings: [String] = []
    }

    private var settings: Settings { beat.context.settings }

    /// Whether an agent of the profile listens to him.
    var isNeeded: Bool { settings.agents.consults(beat.profile.agents) }

    /// - Throws: ``StepFailure`` where a signal asks to stop.
    func gather(_ members: [Beat.SessionMember], _ votes: OutsideVotes.Gathered) async throws -> Heard {
        guard isNeeded, !members.isEmpty else { return Heard() }
        let schedule = try ConsultationSchedule(everyDecisions: settings.agents.claude.everyDecisions)
        let (plans, lacking) = try beat.context.store.read { reader in
            try self.plans(members, votes, schedule, in: reader)
        }
        let answers = await ask(plans)
        try beat.context.stop.checkpoint()
        var heard = Heard()
        heard.warnings = [lacking].compactMap { $0 }
        let barLength = Duration.seconds(beat.profile.timeframe.seconds)
        for plan in plans {
            let advice = answers[plan.symbol] ?? plan.advice
            heard.advice[plan.symbol] = ConsultedAdvice(
                advice, isHeld: plan.state.isHeld(at: beat.cycle.barClose), question: plan.prepared?.digest)
            heard.states[plan.symbol] = schedule.recorded(plan.state, advice, barLength: barLength)
        }
        return heard
    }

    // MARK: Plans

    /// What is to be done about one symbol.
    private struct Plan {
        let symbol: Symbol
        let question: MarketQuestion
        let prepared: PreparedQuestion?
        /// With the decision counted that is about to be made.
        let state: ConsultationState
        let course: ConsultationSchedule.Plan

        /// What there is without asking.
        var advice: Advice {
            switch course {
            case .ask: .noOpinion(.deadline, "there was no time left in this beat to ask; nothing was sent")
            case .takeStored(let advice): advice
            case .skip(let reason): .noOpinion(reason)
            }
        }
    }

    private func plans(
        _ members: [Beat.SessionMember], _ votes: OutsideVotes.Gathered, _ schedule: ConsultationSchedule,
        in reader: StoreReader
    ) throws -> (plans: [Plan], lacking: String?) {
        let (questions, lacking) = try ConsultationQuestions(beat, reader).questions(members, votes)
        let budget = try ConsultationBudget(
            dailyCalls: settings.risk.maxDailyClaudeCalls, monthlyCost: settings.agents.claude.monthlyBudget)
        var usage = try ConsultationRecord.usage(reader, at: beat.now)
        var plans: [Plan] = []
        for question in questions {
            let plan = try plan(question, schedule, budget, usage, in: reader)
            if case .ask = plan.course, let worst = plan.prepared?.worstCase {
                // The next symbol's budget is what this one leaves.
                usage = ConsultationUsage(
                    callsToday: usage.callsToday + 1, costThisMonth: try usage.costThisMonth + worst)
            }
            plans.append(plan)
        }
        return (plans, lacking)
    }

    private func plan(
        _ question: MarketQuestion, _ schedule: ConsultationSchedule, _ budget: ConsultationBudget,
        _ usage: ConsultationUsage, in reader: StoreReader
    ) throws -> Plan {
        let symbol = question.instrument.symbol
        let stored = try reader.consultationState(beat.profile.name, symbol).map { try ConsultationState(json: $0) }
        let state = schedule.counted(stored ?? schedule.start, barClose: beat.cycle.barClose)
        func plan(_ prepared: PreparedQuestion?, _ course: ConsultationSchedule.Plan) -> Plan {
            Plan(symbol: symbol, question: question, prepared: prepared, state: state, course: course)
        }
        guard let consultant = beat.context.consultant else {
            return plan(nil, .skip(NoOpinion(.configuration, "no consultant is connected; nothing was sent")))
        }
        let prepared: PreparedQuestion
        do { prepared = try consultant.prepare(question) } catch {
            return plan(nil, .skip(NoOpinion(.configuration, "the question cannot be put: \(error)")))
        }
        let course = schedule.plan(
            state, stored: try ConsultationRecord.opinion(on: prepared.digest, reader),
            budget: budget.verdict(usage, worstCase: prepared.worstCase))
        guard case .ask = course, beat.isDryRun else { return plan(prepared, course) }
        return plan(prepared, .skip(NoOpinion(.notDue, "he is due, and a dry run asks nobody")))
    }

    // MARK: Asking

    /// Requests that are under way at the same time, at most.
    private static let sideBySide = 4
    /// Of the window of a cycle's decision, what is left for deciding, checking and sending.
    private static let reserve: Duration = .seconds(10)

    /// Asks for several symbols at a time. Who is not reached before the time is over is not asked.
    private func ask(_ plans: [Plan]) async -> [Symbol: Advice] {
        let open = plans.filter { if case .ask = $0.course { true } else { false } }
        guard !open.isEmpty, let consultant = beat.context.consultant else { return [:] }
        let startedAt = beat.context.clock.now()
        let limit = min(
            .seconds(settings.agents.claude.deadlineSeconds), beat.expiresAt.duration(since: startedAt) - Self.reserve)
        return await withTaskGroup(of: Outcome.self) { group in
            var waiting = open[...]
            func askNext() {
                guard let plan = waiting.popFirst() else { return }
                group.addTask {
                    let left = limit - max(.zero, beat.context.clock.now().duration(since: startedAt))
                    guard left > .zero else { return .asked(plan.symbol, plan.advice) }
                    return .asked(plan.symbol, await ask(consultant, plan, deadline: left))
                }
            }
            for _ in 0..<Self.sideBySide { askNext() }
            group.addTask { await watchForStop() }
            var answers: [Symbol: Advice] = [:]
            for await outcome in group {
                guard case .asked(let symbol, let advice) = outcome else { break }
                answers[symbol] = advice
                if answers.count == open.count { break }
                askNext()
            }
            group.cancelAll()
            return answers
        }
    }

    private enum Outcome {
        case asked(Symbol, Advice)
        case stopped
    }

    private func ask(_ consultant: any RiskConsultant, _ plan: Plan, deadline: Duration) async -> Advice {
        guard case .ask(let calls) = plan.course, let prepared = plan.prepared else { return plan.advice }
        let record: ConsultationRecord
        do {
            record = try ConsultationRecord(beat, plan.symbol, prepared)
        } catch {
            return .noOpinion(.unavailable, "earlier requests could not be read (\(error)); nothing was sent")
        }
        return await consultant.consult(plan.question, calls: calls, deadline: deadline, journal: record).advice
    }

    /// A signal cuts what is under way: a step ends within seconds of it.
    private func watchForStop() async -> Outcome {
        while !beat.context.stop.isRaised {
            guard (try? await Task.sleep(for: .milliseconds(200))) != nil else { break }
        }
        return .stopped
    }
}
