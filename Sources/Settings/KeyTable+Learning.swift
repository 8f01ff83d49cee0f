extension KeyTable {
    /// How `takt train` trains, where its options say nothing else.
    static let learning: [KeyEntry] = [
        .key(.trading, "learning.network", .choice(["mlp", "transformer"]), default: "mlp", "What is trained."),
        .key(
            .trading, "learning.width", .integer(1...4096), default: "64", unit: "units",
            "The width of every layer; of a transformer an even multiple of its heads."),
        .key(.trading, "learning.layers", .integer(1...16), default: "2", "Hidden layers, or those of the encoder."),
        .key(.trading, "learning.heads", .integer(1...64), default: "4", "Attention heads of a transformer."),
        .key(
            .trading, "learning.history", .integer(1...1000), default: "30", unit: "bars",
            "The bars before that a transformer sees."),
        .key(
            .trading, "learning.episode_sessions", .integer(1...5), default: "1", unit: "sessions",
            "How long an episode is; what is held at its end is closed, at what that costs."),
        .key(
            .trading, "learning.iterations", .integer(1...1_000_000), default: "100",
            "How often the policy plays and is changed."),
        .key(
            .trading, "learning.groups", .integer(1...65_536), default: "16",
            "Places of history that are played in an iteration."),
        .key(
            .trading, "learning.rollouts", .integer(2...4096), default: "8",
            "How often each of them is played; what is better than the others' mean is reinforced."),
        .key(
            .trading, "learning.epochs", .integer(1...1000), default: "3",
            "How often the steps of an iteration are gone through, at most."),
        .key(
            .trading, "learning.steps_per_update", .integer(1...1_048_576), default: "1024", unit: "steps",
            "After how many the weights are changed."),
        .key(.trading, "learning.learning_rate", .fraction("0", "1"), default: "0.0003", "Of Adam."),
        .key(
            .trading, "learning.clip", .fraction("0.01", "0.99"), default: "0.2",
            "How far the ratio of new to old probabilities pulls."),
        .key(
            .trading, "learning.divergence_weight", .decimal("0", "100"), default: "0.02",
            "The weight of the divergence from the reference policy."),
        .key(
            .trading, "learning.entropy_weight", .fraction("0", "1"), default: "0.01",
            "The weight of entropy; it falls to a tenth over the first 100 iterations."),
        .key(
            .trading, "learning.checkpoint_every", .integer(1...1_000_000), default: "10", unit: "iterations",
            "After how many training is put on record, to go on from there."),
        .key(
            .trading, "learning.checkpoints", .integer(1...1000), default: "3",
            "How many of the newest are kept; the best one is kept too."),
        .key(
            .trading, "learning.enabled", .bool, default: "false",
            "Whether `takt learn` changes a challenger along what a policy has lived through."),
        .key(
            .trading, "learning.replay_buffer_size", .integer(2...1_000_000), default: "10000", unit: "decisions",
            "The newest that it looks back on."),
        .key(
            .trading, "learning.batch_size", .integer(2...1_048_576), default: "32", unit: "decisions",
            "How many of them it draws for an update."),
        .key(
            .trading, "learning.update_every", .integer(1...1_000_000), default: "10", unit: "decisions",
            "After how many new ones there is an update."),
    ]
}
