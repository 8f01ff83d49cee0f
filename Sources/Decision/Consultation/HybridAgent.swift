public import Core

/// A policy, or another agent, whose vote a consultant looks over.
///
/// What the consultant said was gathered before the decision and is part of its input. Under the protective semantics it
/// reaches the decision as a restraint, which holds whatever other agents of the profile want; the vote itself counts as the
/// policy's, or as a hold where an entry was stopped.
public struct HybridAgent: Agent {
    public let name: AgentName
    public let policy: any Agent
    public let settings: HybridSettings

    public init(name: AgentName, policy: any Agent, settings: HybridSettings) {
        self.name = name
        self.policy = policy
        self.settings = settings
    }

    public var barsNeeded: Int { policy.barsNeeded }

    public func vote(_ view: MarketView) -> Vote {
        let wanted = policy.vote(view)
        let outcome = Hybrid.combine(HybridInput(wanted, view), settings)
        // The consultant of the legacy semantics is no restraint but a voter: what he changes is the vote's own.
        let isOverruled = outcome.restraint == nil && outcome.action != wanted.action
        return Vote(
            agent: name, action: outcome.action,
            probabilities: isOverruled
                ? .rule(outcome.action, confidence: outcome.confidence) : wanted.probabilities,
            confidence: outcome.confidence,
            detail: outcome.info.setting("policy_vote", wanted.json), restraint: outcome.restraint ?? .none,
            countedAction: outcome.countedAction)
    }
}

/// A consultant that looks over what all other agents of the profile came to. Always protective: it wants nothing itself.
public struct ConsultantAgent: Advisor {
    public let name: AgentName
    public let settings: HybridSettings

    /// - Throws: ``DecisionError/parameter(name:value:allowed:)`` for settings under which a consultant could open positions.
    public init(name: AgentName, settings: HybridSettings) throws(DecisionError) {
        guard settings.semantics == .protective else {
            throw .parameter(name: "\(name).semantics", value: "legacy", allowed: "protective, but for a hybrid agent")
        }
        self.name = name
        self.settings = settings
    }

    public var barsNeeded: Int { 1 }

    public func vote(_ view: MarketView, on aggregate: Vote) -> Vote {
        let outcome = Hybrid.combine(HybridInput(aggregate, view), settings)
        return Vote(
            agent: name, action: outcome.action, probabilities: aggregate.probabilities,
            confidence: outcome.confidence, detail: outcome.info, restraint: outcome.restraint ?? .none,
            countedAction: .hold)
    }
}
