internal import Core

extension SettingsBuilder {
    mutating func buildLearning() -> LearningSettings {
        LearningSettings(
            network: resolver.word("learning.network", or: .perceptron), width: resolver.integer("learning.width"),
            layers: resolver.integer("learning.layers"), heads: resolver.integer("learning.heads"),
            history: resolver.integer("learning.history"),
            episodeSessions: resolver.integer("learning.episode_sessions"),
            iterations: resolver.integer("learning.iterations"), groups: resolver.integer("learning.groups"),
            rollouts: resolver.integer("learning.rollouts"), epochs: resolver.integer("learning.epochs"),
            stepsPerUpdate: resolver.integer("learning.steps_per_update"),
            learningRate: resolver.fraction("learning.learning_rate"), clip: resolver.fraction("learning.clip"),
            divergenceWeight: resolver.decimal("learning.divergence_weight"),
            entropyWeight: resolver.fraction("learning.entropy_weight"),
            checkpointEvery: resolver.integer("learning.checkpoint_every"),
            checkpoints: resolver.integer("learning.checkpoints"), isEnabled: resolver.bool("learning.enabled"),
            replayBufferSize: resolver.integer("learning.replay_buffer_size"),
            batchSize: resolver.integer("learning.batch_size"), updateEvery: resolver.integer("learning.update_every"))
    }
}
