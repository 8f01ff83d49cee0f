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

    /// The agents that are made of others, and the consultant that some of them listen to.
    static let agentsConsulted: [KeyEntry] = [
        .key(
            .trading, "agents.hybrid_agent.policy", .text,
            "The agent that hybrid looks over; where left out, the one that rl_agent.type names."),
        .key(
            .trading, "agents.hybrid_agent.decision_mode",
            .choice(AgentSettings.Hybrid.Mode.allCases.map(\.rawValue)), default: "sequential",
            "How its vote and the consultant's advice are combined."),
        .key(.trading, "agents.hybrid_agent.rl_weight", share, default: "0.7", "The policy's share; with the other 1."),
        .key(.trading, "agents.hybrid_agent.claude_weight", share, default: "0.3", "The consultant's share."),
        .key(
            .trading, "agents.hybrid_agent.enable_claude_override", .bool, default: "true",
            "Whether a suggestion above override_threshold counts by itself."),
        .key(
            .trading, "agents.hybrid_agent.override_threshold", share, default: "0.7",
            "The confidence above which a suggestion counts."),
        .key(
            .trading, "agents.hybrid_agent.risk_threshold", share, default: "0.7",
            "The risk score from which on nothing is entered."),
        .key(
            .trading, "agents.hybrid_agent.semantics",
            .choice(AgentSettings.Hybrid.Semantics.allCases.map(\.rawValue)), default: "protective",
            "protective: the consultant can only take risk away; legacy: as the existing system, where it could open positions."
        ),
        .key(
            .trading, "agents.hybrid_agent.missing_advice",
            .choice(AgentSettings.Hybrid.MissingAdvice.allCases.map(\.rawValue)), default: "rl",
            "What decides where the consultant was asked and has no opinion: rl, the policy alone, or hold."),
        .key(
            .trading, "agents.claude.model", .text,
            "The model; where left out, the newest known one that can be made to answer in the form needed."),
        .key(.trading, "agents.claude.max_tokens", count, unit: "tokens", "The longest answer."),
        .key(
            .trading, "agents.claude.temperature", .decimal("0", "2"),
            "0 to 1; leave it out for models that refuse one."),
        .key(.trading, "agents.claude.system_prompt", .text, "The fixed part of the prompt, which the service caches."),
        .key(
            .trading, "agents.claude.market_analysis_prompt", .text,
            "The question, with {symbol}, {bars} and other placeholders."),
        .key(
            .trading, "agents.claude.deadline_seconds", .integer(AgentSettings.Claude.deadlineRange), default: "20",
            unit: "seconds", "How long it may take for all symbols of a cycle; at most half of a bar."),
        .key(
            .trading, "agents.claude.attempts", .integer(1...10), default: "3", unit: "requests",
            "Requests of one consultation at most."),
        .key(
            .trading, "agents.claude.monthly_budget_usd", .decimal("0", "1000000"), default: "50", unit: "USD",
            "What may be spent in a UTC month; the limit of calls a day is risk_limits.max_daily_claude_calls."),
        .key(
            .trading, "agents.claude.news_file", .text,
            "What others wrote, a line of JSON each: symbol, source, text, at. Told to the consultant for a day."),
        .key(.trading, "agents.claude.prices.input", price, unit: "USD per million tokens", "Where the model is new."),
        .key(.trading, "agents.claude.prices.output", price, unit: "USD per million tokens", "The same of answers."),
        .key(
            .trading, "agents.claude.prices.cache_write", price, unit: "USD per million tokens",
            "The same of input that is written to the cache."),
        .key(
            .trading, "agents.claude.prices.cache_read", price, unit: "USD per million tokens",
            "The same of input that is read from it."),
        .key(
            .trading, "trading.claude_consultation_frequency", .integer(1...10_000), default: "10", unit: "decisions",
            "Decisions about a symbol per consultation."),
        .key(.trading, "agents.ensemble.members", .list(.text), "The agents that vote as one."),
        .key(
            .trading, "agents.ensemble.rule", .choice(AgentSettings.Ensemble.Rule.allCases.map(\.rawValue)),
            default: "mean", "How they come to one vote."),
        .key(
            .trading, "agents.ensemble.weights.*", .decimal("0", "1000"),
            "The weight of a member; 1 where left out, and only the proportions matter."),
    ]

    private static let price = ValueType.decimal("0", "1000000")

    /// What the original files say of agents and nothing here acts upon.
    static let agentsDeclared: [KeyEntry] = KeyEntry.declared(
        .trading, "agents",
        [
            ("rl_agent.device", .text), ("rl_agent.batch_size", count),
            ("rl_agent.epsilon", share), ("rl_agent.epsilon_decay", share), ("rl_agent.min_epsilon", share),
            ("deepseek_agent.history_length", count),
            ("deepseek_agent.transformer_layers", count), ("deepseek_agent.attention_heads", count),
            ("hybrid_agent.enabled", .bool), ("claude.max_requests_per_minute", count),
            ("claude.cache_results", .bool), ("claude.cache_ttl", seconds),
            ("hybrid.*", .anything), ("rl.*", .anything),
            // It has no parameters.
            ("buy-and-hold", .nothing),
        ])
}
