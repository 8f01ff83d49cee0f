internal import Core

extension SettingsBuilder {
    mutating func buildHybrid() -> AgentSettings.Hybrid {
        let block: ConfigPath = "agents.hybrid_agent"
        checkHybridWeights(block)
        let mode = resolver.word(block.appending("decision_mode"), or: AgentSettings.Hybrid.Mode.sequential)
        let semantics = resolver.word(block.appending("semantics"), or: AgentSettings.Hybrid.Semantics.protective)
        if semantics == .legacy, mode == .claudeOverride {
            let key = block.appending("semantics")
            resolver.fail(
                resolver.resolve(key).origin, key,
                "the existing system, whose rules legacy keeps, had no decision_mode claude_override",
                hint: "write semantics: protective, or another decision_mode")
        }
        return AgentSettings.Hybrid(
            policy: hybridPolicy(block), mode: mode, semantics: semantics,
            rlWeight: resolver.fraction(block.appending("rl_weight")),
            claudeWeight: resolver.fraction(block.appending("claude_weight")),
            allowsOverride: resolver.bool(block.appending("enable_claude_override")),
            riskThreshold: resolver.fraction(block.appending("risk_threshold")),
            overrideThreshold: resolver.fraction(block.appending("override_threshold")),
            missingAdvice: resolver.word(block.appending("missing_advice"), or: .rl))
    }

    /// Whose vote is looked over: the agent that is named, or the original's `rl_agent`, or the one policy there is.
    private mutating func hybridPolicy(_ block: ConfigPath) -> AgentName? {
        let key = block.appending("policy")
        if let name = resolver.text(key) {
            let votes = AgentSettings.knownNames.filter { $0 != "hybrid" && $0 != "claude" && $0 != "ensemble" }
            checkAgent(name, key, resolver.resolve(key).origin, among: votes)
            return AgentName(name)
        }
        let type = resolver.text("agents.rl_agent.type")?.lowercased()
        if let type, AgentSettings.policyNames.contains(type) { return AgentName(type) }
        let given = AgentSettings.policyNames.filter {
            resolver.text(ConfigPath(["agents", $0, "model_path"])) != nil
                || ($0 == "deepseek" && resolver.text("agents.deepseek_agent.model_path") != nil)
        }
        return given.count == 1 ? AgentName(given[0]) : nil
    }

    private mutating func checkHybridWeights(_ block: ConfigPath) {
        let (own, other) = (block.appending("rl_weight"), block.appending("claude_weight"))
        guard !resolver.hasError(below: block) else { return }
        let sum = try? resolver.decimal(own) + resolver.decimal(other)
        guard let sum, sum != .one else { return }
        let given = resolver.resolve(other).origin
        resolver.fail(
            given == .builtIn ? resolver.resolve(own).origin : given, given == .builtIn ? own : other,
            "rl_weight and claude_weight add up to \(sum), not to 1", hint: "change them so that their sum is 1")
    }

    mutating func buildClaude() -> AgentSettings.Claude {
        let block: ConfigPath = "agents.claude"
        return AgentSettings.Claude(
            model: resolver.text(block.appending("model")),
            maxTokens: resolver.optionalInteger(block.appending("max_tokens")),
            temperature: resolver.optionalDecimal(block.appending("temperature")).map { Fraction($0) },
            systemPrompt: resolver.text(block.appending("system_prompt")),
            questionPrompt: resolver.text(block.appending("market_analysis_prompt")),
            deadlineSeconds: resolver.integer(block.appending("deadline_seconds")),
            attempts: resolver.integer(block.appending("attempts")), prices: claudePrices(block.appending("prices")),
            monthlyBudget: resolver.optionalDecimal(block.appending("monthly_budget_usd")),
            everyDecisions: resolver.integer("trading.claude_consultation_frequency"),
            newsFile: file(block.appending("news_file")))
    }

    /// All four or none: a cost that is half known keeps no budget.
    private mutating func claudePrices(_ block: ConfigPath) -> AgentSettings.Claude.Prices? {
        let names = ["input", "output", "cache_write", "cache_read"]
        let prices = names.map { resolver.optionalDecimal(block.appending($0)) }
        let missing = zip(names, prices).filter { $0.1 == nil }.map(\.0)
        guard missing.count < names.count, !resolver.hasError(below: block) else { return nil }
        guard missing.isEmpty else {
            resolver.fail(
                resolver.origin(ofBlock: block), block, "prices lack \(missing.joined(separator: ", "))",
                hint: "write all four, US dollars per million tokens")
            return nil
        }
        let all = prices.compactMap { $0 }
        return AgentSettings.Claude.Prices(input: all[0], output: all[1], cacheWrite: all[2], cacheRead: all[3])
    }

    mutating func buildEnsemble() -> AgentSettings.Ensemble {
        let block: ConfigPath = "agents.ensemble"
        let key = block.appending("members")
        let given = resolver.resolve(key)
        let names = resolver.texts(key)
        let votes = AgentSettings.knownNames.filter { $0 != "claude" && $0 != "ensemble" }
        for (index, name) in names.enumerated() {
            let origin = index < given.items.count ? given.items[index] : given.origin
            checkAgent(name, key, origin, among: votes)
            if names[..<index].contains(name) {
                resolver.fail(origin, key, "'\(name)' stands in the list a second time", hint: "give it a weight")
            }
        }
        var weights: [AgentName: Fraction] = [:]
        for name in resolver.names(block.appending("weights")) {
            let path = block.appending("weights").appending(name)
            if !names.contains(name) {
                resolver.fail(
                    resolver.resolve(path).origin, path, "'\(name)' is no member of the ensemble",
                    hint: "members: \(names.joined(separator: ", "))")
            }
            weights[AgentName(name)] = resolver.fraction(path)
        }
        return AgentSettings.Ensemble(
            members: names.map { AgentName($0) }, weights: weights,
            rule: resolver.word(block.appending("rule"), or: .mean))
    }

    /// Agents that are made of others need them, and a consultant needs somebody to look over and time to do it.
    mutating func checkConsulted(_ profiles: [Profile], _ agents: AgentSettings) {
        if profiles.contains(where: { agents.consults($0.agents) }) { checkClaude(agents.claude) }
        for profile in profiles {
            let key = ConfigPath(["trading", "profiles", profile.name.text, "agents"])
            let origin = resolver.resolve(key).origin
            let voters = agents.voters(in: profile.agents)
            if voters.contains(AgentSettings.hybridName), agents.hybrid.policy == nil {
                resolver.fail(
                    origin, key, "agent 'hybrid' of profile '\(profile.name)' has nobody to look over",
                    hint: "write agents: {hybrid_agent: {policy: NAME}} with grpo, deepseek or another agent")
            }
            if voters.contains(AgentSettings.ensembleName),
                !agents.ensemble.members.contains(where: { agents.ensemble.weights[$0]?.isPositive ?? true })
            {
                resolver.fail(
                    origin, key, "agent 'ensemble' of profile '\(profile.name)' has no member with a weight above 0",
                    hint: "write agents: {ensemble: {members: [NAME, NAME]}}")
            }
            if !profile.agents.isEmpty, profile.agents.allSatisfy({ $0 == AgentSettings.claudeName }) {
                resolver.fail(
                    origin, key, "profile '\(profile.name)' has a consultant and nobody who decides",
                    hint: "name another agent beside claude: it only holds others back")
            }
            checkConsultationTime(profile, agents)
        }
    }

    private mutating func checkClaude(_ claude: AgentSettings.Claude) {
        guard !resolver.hasError(below: "agents.claude"), !resolver.hasError(below: "claude") else { return }
        for objection in checks.claude(claude, resolver.text("claude.base_url")) {
            let key: ConfigPath =
                objection.key == "base_url" ? "claude.base_url" : ConfigPath(pattern: "agents.claude.\(objection.key)")
            resolver.fail(resolver.resolve(key).origin, key, objection.message)
        }
    }

    private mutating func checkConsultationTime(_ profile: Profile, _ agents: AgentSettings) {
        // Exits wait as well, and what is decided has still to be checked and sent.
        let most = profile.timeframe.seconds / 2
        guard agents.consults(profile.agents), agents.claude.deadlineSeconds > most else {
            return
        }
        let key: ConfigPath = "agents.claude.deadline_seconds"
        resolver.fail(
            resolver.resolve(key).origin, key,
            "the deadline of \(agents.claude.deadlineSeconds) s is more than half of a bar of profile '\(profile.name)' "
                + "(\(profile.timeframe))", hint: "choose at most \(most): the rest of the beat is for trading")
    }
}
