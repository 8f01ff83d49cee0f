public import Core

/// What is remembered between the decisions about one symbol in one profile. Durable: a restart changes nothing.
public struct ConsultationState: Hashable, Sendable {
    /// Decisions made so far, the one at ``barClose`` included.
    public var decisions: Int
    /// The bar of the last decision; `nil` before the first.
    public var barClose: Instant?
    /// The number of the decision at which the consultant is next due.
    public var dueAt: Int
    /// Attempts in a row that brought nothing.
    public var failures: Int
    /// Until the bar that closes then, exclusive, nothing is entered, as the consultant asked for.
    public var heldUntil: Instant?

    public init(
        decisions: Int = 0, barClose: Instant? = nil, dueAt: Int, failures: Int = 0, heldUntil: Instant? = nil
    ) {
        self.decisions = decisions
        self.barClose = barClose
        self.dueAt = dueAt
        self.failures = failures
        self.heldUntil = heldUntil
    }

    /// A decision a microsecond for thirty years.
    private static let countLimit = 1_000_000_000_000_000

    public func isHeld(at barClose: Instant) -> Bool { heldUntil.map { barClose < $0 } ?? false }

    public var json: JSONValue {
        [
            "decisions": .int(Int64(decisions)), "bar_close": JSONValue(barClose), "due_at": .int(Int64(dueAt)),
            "failures": .int(Int64(failures)), "held_until": JSONValue(heldUntil),
        ]
    }

    /// Reads what ``json`` wrote.
    public init(json: JSONValue) throws(AdviceError) {
        let reader = try AdviceReader(json, path: "consultation")
        try reader.allow(["decisions", "bar_close", "due_at", "failures", "held_until"])
        for key in ["decisions", "due_at", "failures"] {
            let number = try reader.int(key)
            guard (0...Self.countLimit).contains(number) else {
                throw AdviceError(
                    path: "consultation.\(key)", problem: "is \(number), allowed is 0 to \(Self.countLimit)")
            }
        }
        self.init(
            decisions: try reader.int("decisions"), barClose: try reader.optionalInstant("bar_close"),
            dueAt: try reader.int("due_at"), failures: try reader.int("failures"),
            heldUntil: try reader.optionalInstant("held_until"))
    }
}

/// When a consultant is asked: at every Nth decision about a symbol, the first time at the Nth, and when it is forced.
///
/// After an attempt that brought nothing the next comes after 1, 2, 4, … decisions, at most N; after one that needs the
/// operator, after N. The original asked again at every decision, so an outage cost a time-out at every bar.
public struct ConsultationSchedule: Hashable, Sendable {
    /// Decisions per consultation.
    public let everyDecisions: Int

    public init(everyDecisions: Int) throws(DecisionError) {
        guard (1...10_000).contains(everyDecisions) else {
            throw .parameter(
                name: "claude_consultation_frequency", value: "\(everyDecisions)", allowed: "1 to 10000 decisions")
        }
        self.everyDecisions = everyDecisions
    }

    public enum Plan: Hashable, Sendable {
        /// Ask, with so many requests at most.
        case ask(calls: Int)
        /// The same question has been answered at this bar: take that answer, it costs nothing.
        case takeStored(Advice)
        /// Do not ask.
        case skip(NoOpinion)
    }

    /// Before the first decision.
    public var start: ConsultationState { ConsultationState(dueAt: everyDecisions) }

    /// Counts the decision at a bar. The same bar again counts once, so a step that is run again changes nothing.
    public func counted(_ state: ConsultationState, barClose: Instant) -> ConsultationState {
        if let last = state.barClose, barClose <= last { return state }
        var next = state
        next.decisions += 1
        next.barClose = barClose
        return next
    }

    /// What to do at a decision that has been counted.
    ///
    /// - Parameters:
    ///   - stored: the answer on file for the same question at the same bar.
    ///   - budget: what the budget says of one more call.
    public func plan(
        _ state: ConsultationState, isForced: Bool = false, stored: Advice?, budget: ConsultationBudget.Verdict
    ) -> Plan {
        if let stored, case .opinion = stored { return .takeStored(stored) }
        guard isForced || state.decisions >= state.dueAt else {
            return .skip(
                NoOpinion(.notDue, "decision \(state.decisions); the consultant is due at \(state.dueAt)"))
        }
        switch budget {
        case .allowed(let calls): return .ask(calls: calls)
        case .denied(let reason): return .skip(reason)
        }
    }

    /// The state after the advice at its bar.
    ///
    /// - Parameter barLength: of the profile; a delay is counted in it.
    public func recorded(_ state: ConsultationState, _ advice: Advice, barLength: Duration) -> ConsultationState {
        var next = state
        switch advice {
        case .opinion(let opinion):
            next.dueAt = state.decisions + everyDecisions
            next.failures = 0
            next.heldUntil = state.barClose.flatMap { barClose in
                opinion.delayBars > 0 ? barClose.advanced(by: barLength * opinion.delayBars) : nil
            }
        case .noOpinion(let none) where none.reason.wasAsked:
            next.failures = min(state.failures + 1, 1_000_000)
            let wait = none.reason.needsOperator ? everyDecisions : 1 << min(state.failures, 20)
            next.dueAt = state.decisions + min(everyDecisions, wait)
        case .noOpinion: break
        }
        return next
    }
}
