internal import Core
internal import Decision
internal import Settings
internal import Store

/// Says of each symbol whether the consultant is asked about it, and what.
struct ConsultationPlanner {
    private let beat: Beat
    private let schedule: ConsultationSchedule
    private let reader: StoreReader

    private var settings: Settings { beat.context.settings }

    init(_ beat: Beat, _ schedule: ConsultationSchedule, _ reader: StoreReader) {
        self.beat = beat
        self.schedule = schedule
        self.reader = reader
    }

    /// What is to be done about one symbol.
    struct Plan {
        let symbol: Symbol
        /// With the decision counted that is about to be made.
        let state: ConsultationState
        let course: ConsultationSchedule.Plan
        /// `nil` where nothing is to be asked.
        var question: MarketQuestion?
        var prepared: PreparedQuestion?

        /// Whether it is asked, or was at an earlier run for the same bar.
        var isAsked: Bool {
            switch course {
            case .ask, .takeStored: true
            case .skip: false
            }
        }

        /// What there is without asking.
        var advice: Advice {
            switch course {
            case .ask: .noOpinion(.noTime, "there was no time left in this beat to ask; nothing was sent")
            case .takeStored(let advice): advice
            case .skip(let reason): .noOpinion(reason)
            }
        }
    }

    /// What is remembered of each symbol, with the decision counted that is about to be made; and what of it cannot be read.
    func memory(of members: [Beat.SessionMember]) throws -> (states: [Symbol: ConsultationState], warnings: [String]) {
        var warnings: [String] = []
        var states: [Symbol: ConsultationState] = [:]
        for member in members { states[member.instrument.symbol] = try state(member.instrument.symbol, &warnings) }
        return (states, warnings)
    }

    func plans(
        _ members: [Beat.SessionMember], _ votes: OutsideVotes.Gathered, _ states: [Symbol: ConsultationState]
    ) throws -> (plans: [Plan], warnings: [String]) {
        // What a question is made of costs time: it is gathered only for those that may be asked about.
        let due = try members.filter { member in
            let symbol = member.instrument.symbol
            return try states[symbol].map(schedule.isDue) ?? false || isOnFile(symbol)
        }
        let (questions, lacking) = try ConsultationQuestions(beat, reader).questions(due, votes)
        var plans = try plans(questions, states)
        let planned = Set(plans.map(\.symbol))
        for member in members where !planned.contains(member.instrument.symbol) {
            guard let state = states[member.instrument.symbol] else { continue }
            let course = ConsultationSchedule.Plan.skip(
                NoOpinion(.notDue, "decision \(state.decisions); the consultant is due at \(state.dueAt)"))
            plans.append(Plan(symbol: member.instrument.symbol, state: state, course: course))
        }
        return (plans, lacking)
    }

    /// A memory that cannot be read begins anew: it decides when somebody is asked, and nothing else.
    private func state(_ symbol: Symbol, _ warnings: inout [String]) throws -> ConsultationState {
        var stored: ConsultationState?
        if let document = try reader.consultationState(beat.profile.name, symbol) {
            do { stored = try ConsultationState(json: document) } catch {
                warnings.append("what is remembered of consultations about \(symbol) begins anew: \(error)")
            }
        }
        return schedule.counted(stored ?? schedule.start, barClose: beat.cycle.barClose)
    }

    private func isOnFile(_ symbol: Symbol) throws -> Bool {
        try reader.hasConsultations(of: symbol, barClose: beat.cycle.barClose)
    }

    private func plans(
        _ questions: [ConsultationQuestions.Asked], _ states: [Symbol: ConsultationState]
    ) throws -> [Plan] {
        let budget = try ConsultationRecord.budget(beat)
        var usage = try ConsultationRecord.usage(reader, at: beat.now)
        var plans: [Plan] = []
        for asked in questions {
            guard let state = states[asked.question.instrument.symbol] else { continue }
            let plan = try plan(asked, state, budget, usage)
            if case .ask = plan.course, let worst = plan.prepared?.worstCase {
                // The next symbol's budget is what this one leaves.
                usage = ConsultationUsage(
                    callsToday: usage.callsToday + 1, costThisMonth: try usage.costThisMonth + worst)
            }
            plans.append(plan)
        }
        return plans
    }

    private func plan(
        _ asked: ConsultationQuestions.Asked, _ state: ConsultationState, _ budget: ConsultationBudget,
        _ usage: ConsultationUsage
    ) throws -> Plan {
        let question = asked.question
        func plan(_ prepared: PreparedQuestion?, _ course: ConsultationSchedule.Plan) -> Plan {
            Plan(
                symbol: question.instrument.symbol, state: state, course: course, question: question,
                prepared: prepared)
        }
        func skip(_ reason: NoOpinion.Reason, _ why: String) -> Plan { plan(nil, .skip(NoOpinion(reason, why))) }
        guard let consultant = beat.context.consultant else {
            return skip(.configuration, "no consultant is connected; nothing was sent")
        }
        let prepared: PreparedQuestion
        do { prepared = try consultant.prepare(question) } catch {
            return skip(.configuration, "the question cannot be put: \(error)")
        }
        let course = schedule.plan(
            state, stored: try ConsultationRecord.opinion(prepared.digest, on: question, reader),
            budget: budget.verdict(usage, worstCase: prepared.worstCase))
        guard case .ask = course else { return plan(prepared, course) }
        if asked.isExit { return skip(.notAsked, "the agents close the position, which needs nobody's leave") }
        if beat.isDryRun { return skip(.notAsked, "it is his turn, and a dry run asks nobody") }
        // A replay spends the present's money, and would count it on another day.
        if settings.fixedNow != nil, !consultant.isOfThisMachine {
            return skip(.notAsked, "it is his turn, and with a clock that is set by hand (--now) nobody is asked")
        }
        return plan(prepared, course)
    }
}
