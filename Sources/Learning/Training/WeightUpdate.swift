internal import Core

/// Changes weights along the loss of some samples: what an iteration of training and a look back at live experience share.
struct WeightUpdate {
    let engine: GradientEngine
    let layout: ParameterLayout
    let settings: TrainingSettings

    /// Goes through the samples in a drawn order, some times, and changes the weights after each batch.
    ///
    /// - Returns: `nil` without samples.
    func run(
        _ samples: [LossSample<Float>], _ state: inout TrainingState, _ workers: Workers
    ) throws(LearningError) -> IterationRecord.Update? {
        guard !samples.isEmpty else { return nil }
        let loss = GroupLoss(
            clip: settings.clip, divergenceWeight: settings.divergenceWeight,
            entropyWeight: settings.entropyWeight.value(at: state.iteration))
        let batches = max(1, (samples.count + settings.batch / 2) / settings.batch)
        var (samples, tally) = (samples, UpdateTally())
        for epoch in 0..<settings.epochs {
            var random = SeededGenerator(seed: settings.seed, stream: "order \(state.iteration)/\(epoch)")
            random.shuffle(&samples)
            for batch in 0..<batches {
                let range = samples.count * batch / batches..<samples.count * (batch + 1) / batches
                let sums = engine.differentiate(samples[range], loss, workers)
                let norm = GradientNorm.norm(engine.gradient, count: layout.count)
                guard norm.isFinite else { throw .diverged(iteration: state.iteration) }
                guard tally.add(sums, norm: norm, limit: settings.driftLimit) else { return tally.update(loss) }
                GradientNorm.clip(engine.gradient, count: layout.count, norm: norm, limit: settings.gradientLimit)
                let rate = settings.learningRate.value(at: state.iteration)
                state.adam.step(&state.parameters, along: engine.gradient, rate: rate)
                engine.load(state.parameters, into: engine.network)
            }
        }
        return tally.update(loss)
    }
}

/// Sums up the batches of an iteration.
struct UpdateTally {
    private var sums = GroupLoss.Sums()
    private var norms = 0.0
    private var looks = 0
    private var drift = 0.0
    private var isStopped = false

    /// - Returns: whether the weights may still be changed.
    mutating func add(_ batch: GroupLoss.Sums, norm: Double, limit: Double) -> Bool {
        sums.add(batch)
        norms += norm
        looks += 1
        drift = batch.drift / Double(batch.count)
        isStopped = drift > limit
        return !isStopped
    }

    func update(_ loss: GroupLoss) -> IterationRecord.Update {
        let count = Double(sums.count)
        return IterationRecord.Update(
            count: isStopped ? looks - 1 : looks, loss: loss.loss(sums), divergence: sums.divergence / count,
            entropy: sums.entropy / count, clipFraction: Double(sums.clipped) / count, drift: drift,
            gradientNorm: norms / Double(looks), isStopped: isStopped)
    }
}

extension SeededGenerator {
    /// Fisher and Yates, written out: the library does not promise to keep its own order of draws.
    mutating func shuffle<Item>(_ items: inout [Item]) {
        for last in stride(from: items.count - 1, to: 0, by: -1) {
            items.swapAt(last, Int(next().multipliedFullWidth(by: UInt64(last + 1)).high))
        }
    }
}
