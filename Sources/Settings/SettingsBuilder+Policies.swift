internal import Core

extension SettingsBuilder {
    /// The policies of the agents that ask one. An agent's own entry comes first; the original's `rl_agent` stands for the agent
    /// that its type names.
    mutating func buildPolicies() -> [AgentName: AgentSettings.Policy] {
        let type = resolver.text("agents.rl_agent.type")?.lowercased()
        var policies: [AgentName: AgentSettings.Policy] = [:]
        for name in AgentSettings.policyNames {
            let own = resolver.text(ConfigPath(["agents", name, "model_path"]))
            let blocks = (name == "deepseek" ? ["deepseek_agent"] : []) + (type == name ? ["rl_agent"] : [])
            if let own { policies[AgentName(name)] = AgentSettings.Policy(path: own) }
            for block in blocks where policies[AgentName(name)] == nil {
                guard let path = resolver.text(ConfigPath(["agents", block, "model_path"])) else { continue }
                policies[AgentName(name)] = AgentSettings.Policy(
                    path: path, inputs: count(block, "state_dim"), actions: count(block, "action_dim"))
            }
        }
        return policies
    }

    private mutating func count(_ block: String, _ name: String) -> Int? {
        let key = ConfigPath(["agents", block, name])
        return resolver.resolve(key).value == nil ? nil : resolver.integer(key)
    }

    /// An agent that asks a policy needs one.
    mutating func checkPolicies(_ profiles: [Profile], _ agents: AgentSettings) {
        for profile in profiles {
            for name in agents.voters(in: profile.agents)
            where AgentSettings.policyNames.contains(name.text) && agents.policies[name] == nil {
                let key = ConfigPath(["trading", "profiles", profile.name.text, "agents"])
                let given = resolver.resolve(key)
                resolver.fail(
                    given.origin, key, "agent '\(name)' of profile '\(profile.name)' has no policy",
                    hint: "write agents: {\(name): {model_path: NAME}} with the name of a policy in the folder models")
            }
        }
    }
}
