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
    /// The number of the first decision at which entries are free again, where the consultant asked for a delay.
    public var heldUntil: Int?
    /// The last opinion. It stands for entries until the next one, or until it is too old.
    public var standing: Opinion?
    /// The number of the decision that ``standing`` was said of.
    public var standingSince: Int

    public init(
        decisions: Int = 0, barClose: Instant? = nil, dueAt: Int, failures: Int = 0, heldUntil: Int? = nil,
        standing: Opinion? = nil, standingSince: Int = 0
    ) {
        self.decisions = decisions
        self.barClose = barClose
        self.dueAt = dueAt
        self.failures = failures
        self.heldUntil = heldUntil
        self.standing = standing
        self.standingSince = standingSince
    }

    /// A decision a microsecond for thirty years.
    private static let countLimit = 1_000_000_000_000_000

    /// Whether a delay runs at the decision that was counted last.
    public var isHeld: Bool { heldUntil.map { decisions < $0 } ?? false }

    public var json: JSONValue {
        [
            "decisions": .int(Int64(decisions)), "bar_close": JSONValue(barClose), "due_at": .int(Int64(dueAt)),
            "failures": .int(Int64(failures)), "held_until": heldUntil.map { .int(Int64($0)) } ?? .null,
            "standing": standing?.json ?? .null, "standing_since": .int(Int64(standingSince)),
        ]
    }

    /// Reads what ``json`` wrote.
    public init(json: JSONValue) throws(AdviceError) {
        let reader = try AdviceReader(json, path: "consultation")
        try reader.allow([
            "decisions", "bar_close", "due_at", "failures", "held_until", "standing", "standing_since",
        ])
        func count(_ key: String) throws(AdviceError) -> Int {
            let number = try reader.int(key)
            guard (0...Self.countLimit).contains(number) else {
                throw AdviceError(
                    path: "consultation.\(key)", problem: "is \(number), allowed is 0 to \(Self.countLimit)")
            }
            return number
        }
        self.init(
            decisions: try count("decisions"), barClose: try reader.optionalInstant("bar_close"),
            dueAt: try count("due_at"), failures: try count("failures"),
            heldUntil: try reader.member("held_until") == .null ? nil : try count("held_until"),
            standing: try reader.member("standing") == .null
                ? nil : try Opinion(json: try reader.member("standing"), path: "consultation.standing"),
            standingSince: try count("standing_since"))
    }
}

/// When a consultant is asked: at every Nth decision about a symbol, the first time at the Nth, and when it is forced; and for
/// how long its word stands.
///
/// Between two consultations the last opinion holds entries back as it did at its own bar. Otherwise an exit would be followed
/// by an entry at the next bar, at which nobody is asked, and half of a size by the other half. Silence ends it after twice the
/// usual wait: a service that is gone must not forbid trading for good.
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

    /// The opinion that stands at a decision that has been counted; `nil` if there is none, or it is too old.
    public func standing(_ state: ConsultationState) -> Opinion? {
        state.decisions - state.standingSince < 2 * everyDecisions ? state.standing : nil
    }

    /// Whether it is the consultant's turn at a decision that has been counted.
    public func isDue(_ state: ConsultationState) -> Bool { state.decisions >= state.dueAt }

    /// What to do at a decision that has been counted.
    ///
    /// - Parameters:
    ///   - stored: the answer on file for the same question at the same bar.
    ///   - budget: what the budget says of one more call.
    public func plan(
        _ state: ConsultationState, isForced: Bool = false, stored: Advice?, budget: ConsultationBudget.Verdict
    ) -> Plan {
        if let stored, case .opinion = stored { return .takeStored(stored) }
        guard isForced || isDue(state) else {
            return .skip(
                NoOpinion(.notDue, "decision \(state.decisions); the consultant is due at \(state.dueAt)"))
        }
        switch budget {
        case .allowed(let calls): return .ask(calls: calls)
        case .denied(let reason): return .skip(reason)
        }
    }

    /// The state after the advice at its bar.
    public func recorded(_ state: ConsultationState, _ advice: Advice) -> ConsultationState {
        var next = state
        switch advice {
        case .opinion(let opinion):
            next.dueAt = state.decisions + everyDecisions
            next.failures = 0
            next.heldUntil = opinion.delayBars > 0 ? state.decisions + opinion.delayBars : nil
            next.standing = opinion
            next.standingSince = state.decisions
        case .noOpinion(let none) where none.reason.wasAsked:
            next.failures = min(state.failures + 1, 1_000_000)
            let wait = none.reason.needsOperator ? everyDecisions : 1 << min(state.failures, 20)
            next.dueAt = state.decisions + min(everyDecisions, wait)
        case .noOpinion: break
        }
        return next
    }
}
