extension KeyTable {
    /// The agents that can vote: those of takt and, under any other name, programs of the user's, with exactly the ranges that they accept: what passes here must not fail a decision.
    static let agents: [KeyEntry] = [
        .key(
            .trading, "agents.sma-cross.fast", .integer(AgentSettings.SMACross.fastRange), default: "10", unit: "bars",
            "The fast average."),
        .key(
            .trading, "agents.sma-cross.slow", .integer(AgentSettings.SMACross.slowRange), default: "50", unit: "bars",
            "The slow average."),
        .key(
            .trading, "agents.momentum.lookback", .integer(AgentSettings.Momentum.lookbackRange), default: "20",
            unit: "bars", "How far back to look."),
        .key(
            .trading, "agents.momentum.threshold",
            .fraction(AgentSettings.Momentum.thresholdRange.low, AgentSettings.Momentum.thresholdRange.high),
            default: "0.002", unit: "of the price", "The move below which it holds."),
        .key(
            .trading, "agents.grpo.model_path", .text,
            "The policy of the agent grpo: a name in the folder models, or a path from the home folder."),
        .key(.trading, "agents.deepseek.model_path", .text, "The policy of the agent deepseek."),
        .key(
            .trading, "agents.rl_agent.type", .text,
            "GRPO or DeepSeek: the agent whose policy model_path names, unless it names one itself."),
        .key(.trading, "agents.rl_agent.model_path", .text, "The policy of the agent that type names."),
        .key(.trading, "agents.rl_agent.state_dim", count, "What that policy takes; another one is refused."),
        .key(.trading, "agents.rl_agent.action_dim", count, "How many actions it chooses from."),
        .key(.trading, "agents.deepseek_agent.model_path", .text, "The policy of the agent deepseek."),
        .key(.trading, "agents.deepseek_agent.state_dim", count, "What that policy takes; another one is refused."),
        .key(.trading, "agents.deepseek_agent.action_dim", count, "How many actions it chooses from."),
        .key(
            .trading, "agents.*.command", .list(.text),
            "A program that votes as an agent of this name, and its arguments; run without a shell in the working folder."
        ),
        .key(
            .trading, "agents.*.deadline_seconds", .integer(AgentSettings.Program.deadlineRange), default: "10",
            unit: "seconds", "How long it may take for all symbols of a cycle; shorter than a bar."),
        .key(
            .trading, "agents.*.environment", .list(.text),
            "Variables of takt's own environment that it sees besides PATH, HOME and those of language and time zone."),
        .key(.trading, "agents.weights.*", .fraction("0", "1"), "The weight of an agent's vote; together 1."),
    ]

    /// The agents of the original files, none of which is built yet.
    static let agentsDeclared: [KeyEntry] = KeyEntry.declared(
        .trading, "agents",
        [
            ("rl_agent.device", .text), ("rl_agent.batch_size", count),
            ("rl_agent.epsilon", share), ("rl_agent.epsilon_decay", share), ("rl_agent.min_epsilon", share),
            ("deepseek_agent.history_length", count),
            ("deepseek_agent.transformer_layers", count), ("deepseek_agent.attention_heads", count),
            ("hybrid_agent.enabled", .bool),
            (
                "hybrid_agent.decision_mode",
                .choice(["sequential", "parallel", "claude-override", "weighted", "ensemble"])
            ),
            ("hybrid_agent.rl_weight", share), ("hybrid_agent.claude_weight", share),
            ("hybrid_agent.enable_claude_override", .bool), ("hybrid_agent.override_threshold", share),
            ("hybrid_agent.risk_threshold", share),
            ("hybrid_agent.semantics", .text),
            ("claude.model", .text), ("claude.max_tokens", count), ("claude.temperature", .decimal("0", "2")),
            ("claude.market_analysis_prompt", .text), ("claude.max_requests_per_minute", count),
            ("claude.cache_results", .bool), ("claude.cache_ttl", seconds),
            ("hybrid.*", .anything), ("rl.*", .anything),
            // It has no parameters.
            ("buy-and-hold", .nothing),
        ])
}
