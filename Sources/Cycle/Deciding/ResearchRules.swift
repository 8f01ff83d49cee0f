public import Core
public import Decision
internal import Features
internal import MarketData
public import Risk
internal import Sessions
public import Settings
internal import Store

/// What a beat of a profile decides and is judged by, for whoever plays its beats over history.
public struct ResearchRules: Sendable {
    public let decision: Decision.DecisionSettings
    public let limits: RiskLimits

    public init(decision: Decision.DecisionSettings, limits: RiskLimits) {
        (self.decision, self.limits) = (decision, limits)
    }

    /// - Parameters:
    ///   - agent: takes the place of the profile's agents: somebody whose vote stands in the input.
    ///   - cycle: tells how many bars a year has.
    public init(_ context: CycleContext, _ profile: Profile, agent: AgentName, cycle: CycleID) throws {
        let beat = Beat(context: context, cycle: cycle, profile: profile, now: cycle.barClose)
        let parameters = DecisionParameters(beat: beat, first: try beat.sessionMembers().first)
        decision = try parameters.settings([try AgentSpec(.outside, name: agent)])
        limits = try RiskLimits(context.settings, profile, Set(profile.symbols))
    }
}
