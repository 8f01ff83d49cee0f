internal import Core
internal import Decision
internal import Sessions
internal import Settings

/// The configuration of a profile's decisions, as the decision takes it.
struct DecisionParameters {
    let beat: Beat
    /// Tells how many bars a year has.
    let first: Beat.SessionMember?

    private var all: Settings { beat.context.settings }

    func settings() throws -> Decision.DecisionSettings { try settings(beat.profile.agents.map(agent)) }

    /// How many bars up to the cycle's the agents are given, and so how many are kept up to date. An agent that this build
    /// lacks asks for none: refusing it is the decision's business.
    func barCount() throws -> Int {
        let known = try beat.profile.agents.compactMap { name in try spec(name) }
        guard !known.isEmpty else { return all.decision.bufferBars }
        return max(all.decision.bufferBars, try settings(known).barsNeeded(), historyOfPolicies)
    }

    /// What a policy's history needs besides. One that cannot be read asks for none: refusing it is the decision's business.
    private var historyOfPolicies: Int {
        all.agents.voters(in: beat.profile.agents).compactMap { all.agents.policies[$0] }
            .compactMap { try? PolicyFiles($0, all).barsNeeded() }.max() ?? 0
    }

    /// The same with other agents.
    func settings(_ agents: [AgentSpec]) throws -> Decision.DecisionSettings {
        let decision = all.decision
        return try Decision.DecisionSettings(
            agents: agents, sizing: sizing, orders: try orderDefaults(),
            minimumConfidence: decision.minimumConfidence, cooldownBars: decision.cooldownBars,
            noEntryBeforeClose: .seconds(60 * decision.noEntryMinutesBeforeClose),
            minimumOrderValue: all.orders.minOrderValue.amount, allowsShort: decision.allowShort,
            limits: try limits(decision))
    }

    private func limits(_ decision: Settings::DecisionSettings) throws -> EntryLimits {
        let edge = EntryLimits.Edge(
            costPerSide: decision.costPerSide, horizon: decision.holdingBars, ratio: decision.minEdgeRatio)
        return try EntryLimits(
            noEntryAfterOpen: .seconds(60 * decision.noEntryMinutesAfterOpen),
            edge: edge.ratio.isPositive ? edge : nil,
            maximumCorrelation: decision.maxCorrelation < .one ? decision.maxCorrelation : nil,
            maximumTurnover: decision.maxDailyTurnover.isPositive ? decision.maxDailyTurnover : nil)
    }

    private func agent(_ name: AgentName) throws -> AgentSpec {
        if let spec = try spec(name) { return spec }
        throw StepFailure(
            code: "unknown-agent",
            message: "Profile '\(beat.profile.name)' names the agent '\(name)', which this build lacks.",
            hint:
                "Nothing was decided. Use \(AgentSettings.knownNames.joined(separator: ", ")) or a program of yours in `agents:` of trading.yaml.",
            isRetryable: false, exitCode: .configuration)
    }

    /// - Parameter weight: `nil` for that of the configuration.
    private func spec(_ name: AgentName, weight: Fraction? = nil) throws -> AgentSpec? {
        try kind(name).map { try AgentSpec($0, name: name, weight: weight ?? all.agents.weight(of: name)) }
    }

    private func kind(_ name: AgentName) throws -> AgentSpec.Kind? {
        let agents = all.agents
        switch name {
        case AgentSettings.hybridName:
            return try agents.hybrid.policy.flatMap { try spec($0, weight: .one) }
                .map { .hybrid(policy: $0, try hybridSettings()) }
        case AgentSettings.claudeName: return .consultant(try hybridSettings(semantics: .protective))
        case AgentSettings.ensembleName:
            let members = try agents.ensemble.members.map { member in
                try spec(member, weight: agents.ensemble.weights[member] ?? .one) ?? agent(member)
            }
            return EnsembleRule(rawValue: agents.ensemble.rule.rawValue).map { .ensemble(members: members, $0) }
        default: return ownKind(name)
        }
    }

    /// - Parameter semantics: `nil` for those of the configuration.
    private func hybridSettings(semantics: HybridSettings.Semantics? = nil) throws -> HybridSettings {
        let hybrid = all.agents.hybrid
        let mode =
            hybrid.mode == .claudeOverride ? .claudeOverride : HybridSettings.Mode(configured: hybrid.mode.rawValue)
        return try HybridSettings(
            mode: mode ?? .sequential,
            semantics: semantics ?? HybridSettings.Semantics(rawValue: hybrid.semantics.rawValue) ?? .protective,
            rlWeight: hybrid.rlWeight, claudeWeight: hybrid.claudeWeight, allowsOverride: hybrid.allowsOverride,
            riskThreshold: hybrid.riskThreshold, overrideThreshold: hybrid.overrideThreshold,
            missing: HybridSettings.Missing(rawValue: hybrid.missingAdvice.rawValue) ?? .rl)
    }

    private func ownKind(_ name: AgentName) -> AgentSpec.Kind? {
        let agents = all.agents
        return switch name.text {
        case "sma-cross": .smaCross(fast: agents.smaCross.fast, slow: agents.smaCross.slow)
        case "momentum": .momentum(lookback: agents.momentum.lookback, threshold: agents.momentum.threshold)
        case "buy-and-hold": .buyAndHold
        default: agents.programs[name] == nil && agents.policies[name] == nil ? nil : .outside
        }
    }

    private var sizing: PositionSizing {
        switch all.orders.sizing {
        case .fixed(let quantity): .fixed(quantity)
        case .percentOfEquity(let percent): .percentOfEquity(percent)
        case .volatilityTarget(let annual, let maxPercent):
            .volatilityTarget(
                annual: annual, maxPercent: maxPercent, barsPerYear: barsPerYear,
                lookback: all.decision.bufferBars - 1)
        case .kelly(let part, let payoff, let maxPercent): .kelly(part: part, payoff: payoff, maxPercent: maxPercent)
        }
    }

    /// Sessions a year (252) times the bars of the cycle's own session.
    private var barsPerYear: Int {
        guard let first else { return 252 }
        return 252 * max(1, first.calendar.slots(of: first.slot.session, timeframe: beat.profile.timeframe).count)
    }

    private func orderDefaults() throws -> OrderDefaults {
        let style: OrderDefaults.Style =
            switch all.orders.defaultType {
            case .market: .market
            case .limit: .limit(offset: all.orders.limitOffset)
            case .stop: .stop(offset: all.orders.limitOffset)
            }
        return try OrderDefaults(entry: style, exit: .market, timeInForce: all.orders.timeInForce)
    }
}
