internal import Core
internal import Decision
internal import Settings
internal import Store

/// Asks the consultant about the symbols that are to be decided, before anything is decided and outside of the transaction
/// that decides.
///
/// What was sent and what came back is durable at once; the memory of when he is due again is written with the decisions. A
/// decide that was killed in between finds the answer on file, as long as what it would ask is the same: a fill or another
/// price of equity makes it another question.
///
/// Whatever goes wrong here is an advice without an opinion: nobody's exit waits for a consultant.
struct Consultations {
    let beat: Beat

    struct Heard {
        var advice: [Symbol: ConsultedAdvice] = [:]
        /// To be stored with the decision about the symbol.
        var states: [Symbol: ConsultationState] = [:]
        var warnings: [String] = []
    }

    private typealias Plan = ConsultationPlanner.Plan

    private var settings: Settings { beat.context.settings }

    /// Whether an agent of the profile listens to him.
    var isNeeded: Bool { settings.agents.consults(beat.profile.agents) }

    /// - Throws: ``StepFailure`` where a signal asks to stop.
    func gather(_ members: [Beat.SessionMember], _ votes: OutsideVotes.Gathered) async throws -> Heard {
        guard isNeeded, !members.isEmpty else { return Heard() }
        var heard = Heard()
        var states: [Symbol: ConsultationState] = [:]
        let schedule = try ConsultationSchedule(everyDecisions: settings.agents.claude.everyDecisions)
        do {
            (states, heard.warnings) = try beat.context.store.read { reader in
                try ConsultationPlanner(beat, schedule, reader).memory(of: members)
            }
            let remembered = states
            let (plans, lacking) = try beat.context.store.read { reader in
                try ConsultationPlanner(beat, schedule, reader).plans(members, votes, remembered)
            }
            heard.warnings += lacking
            let answers = await ask(plans)
            for plan in plans { take(plan, answers[plan.symbol] ?? plan.advice, schedule, &heard) }
        } catch {
            // What was said before goes on standing, and a delay goes on running.
            heard.warnings.append("the consultant was not asked: \(error)")
            let reason = NoOpinion(.notAsked, "the question could not be put together: \(error)")
            for member in members {
                let symbol = member.instrument.symbol
                let plan = Plan(symbol: symbol, state: states[symbol] ?? schedule.start, course: .skip(reason))
                take(plan, plan.advice, schedule, &heard)
                if states[symbol] == nil { heard.states[symbol] = nil }
            }
        }
        try beat.context.stop.checkpoint()
        return heard
    }

    private func take(_ plan: Plan, _ advice: Advice, _ schedule: ConsultationSchedule, _ heard: inout Heard) {
        heard.advice[plan.symbol] = ConsultedAdvice(
            advice, standing: advice.opinion == nil ? schedule.standing(plan.state) : nil, isHeld: plan.state.isHeld,
            isMissing: plan.state.failures > 0, question: plan.isAsked ? plan.prepared?.digest : nil)
        heard.states[plan.symbol] = schedule.recorded(plan.state, advice)
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
        guard case .ask(let calls) = plan.course, let question = plan.question, let prepared = plan.prepared else {
            return plan.advice
        }
        let record = ConsultationRecord(beat, plan.symbol, prepared)
        return await consultant.consult(question, calls: calls, deadline: deadline, journal: record).advice
    }

    /// A signal cuts what is under way: a step ends within seconds of it.
    private func watchForStop() async -> Outcome {
        while !beat.context.stop.isRaised {
            guard (try? await Task.sleep(for: .milliseconds(200))) != nil else { break }
        }
        return .stopped
    }
}
