/// A step of a rollout as the loss needs it.
struct LossSample<Number: TrainingNumber> {
    let input: NetworkInput<Number>
    let allowed: ActionMask
    let action: Int
    let advantage: Number
    /// ln π of every action when it was taken, and of the reference, under the same mask.
    let old: UnsafePointer<Number>
    let reference: UnsafePointer<Number>
    /// What drift is measured from: the policy before the update. That is the one that acted, unless the update looks back at what
    /// another has done.
    let start: UnsafePointer<Number>

    init(
        input: NetworkInput<Number>, allowed: ActionMask, action: Int, advantage: Number, old: UnsafePointer<Number>,
        reference: UnsafePointer<Number>, start: UnsafePointer<Number>? = nil
    ) {
        (self.input, self.allowed, self.action, self.advantage) = (input, allowed, action, advantage)
        (self.old, self.reference, self.start) = (old, reference, start ?? old)
    }
}

/// The group-relative loss, to be made small:
/// −( mean(min(ρ·A, clip(ρ, 1−c, 1+c)·A)) − β·mean(KL(π‖π_ref)) + h·mean(H(π)) ), ρ = π(a) / π_old(a).
///
/// The divergence and the entropy are exact sums over the possible actions. DeepSeekMath (arXiv:2402.03300), equation 3,
/// with the mean over all steps and not per rollout first, as Dr. GRPO (arXiv:2503.20783) shows to be unbiased.
struct GroupLoss {
    /// c
    let clip: Double
    /// β
    let divergenceWeight: Double
    /// h
    let entropyWeight: Double

    /// Sums over samples.
    struct Sums: Hashable {
        var count = 0
        var surrogate = 0.0
        /// KL(π‖π_ref).
        var divergence = 0.0
        var entropy = 0.0
        /// KL(π_start‖π).
        var drift = 0.0
        /// Steps whose ratio no longer pulls, as it lies beyond the clip on the side of their advantage.
        var clipped = 0

        mutating func add(_ other: Sums) {
            count += other.count
            surrogate += other.surrogate
            divergence += other.divergence
            entropy += other.entropy
            drift += other.drift
            clipped += other.clipped
        }
    }

    func loss(_ sums: Sums) -> Double {
        let count = Double(max(sums.count, 1))
        return -(sums.surrogate - divergenceWeight * sums.divergence + entropyWeight * sums.entropy) / count
    }

    /// The gradient by the logits of some samples of a batch.
    ///
    /// With p = π and l = ln p: ∂ln p_a/∂z_k = [k = a] − p_k; ∂KL/∂z_k = p_k·(l_k − ln ref_k − KL); ∂H/∂z_k = −p_k·(l_k + H).
    ///
    /// - Parameters:
    ///   - total: samples in the whole batch.
    ///   - slopes: a row per sample.
    ///   - scratch: room for ln π of one sample.
    func gradient<Number: TrainingNumber>(
        _ samples: ArraySlice<LossSample<Number>>, of total: Int, logits: Rows<Number>, actions: Int,
        to slopes: Rows<Number>, _ scratch: UnsafeMutablePointer<Number>
    ) -> Sums {
        var sums = Sums()
        for (row, sample) in samples.enumerated() {
            Distribution.logarithms(of: logits.row(row), count: actions, sample.allowed, to: scratch)
            add(sample, of: total, actions, scratch, to: slopes.row(row), &sums)
        }
        return sums
    }

    private func add<Number: TrainingNumber>(
        _ sample: LossSample<Number>, of total: Int, _ actions: Int, _ logarithms: UnsafePointer<Number>,
        to slopes: UnsafeMutablePointer<Number>, _ sums: inout Sums
    ) {
        var (divergence, entropy, drift): (Number, Number, Number) = (0, 0, 0)
        for action in 0..<actions where sample.allowed.allows(action) {
            let (logarithm, probability) = (logarithms[action], Number.exponential(logarithms[action]))
            divergence += probability * (logarithm - sample.reference[action])
            entropy -= probability * logarithm
            drift += Number.exponential(sample.start[action]) * (sample.start[action] - logarithm)
        }
        let ratio = Number.exponential(logarithms[sample.action] - sample.old[sample.action])
        let bounded = min(max(ratio, Number(1 - clip)), Number(1 + clip)) * sample.advantage
        let isClipped = bounded < ratio * sample.advantage
        let (pull, weight) = (isClipped ? 0 : ratio * sample.advantage, -1 / Number(total))
        let (beta, bonus) = (Number(divergenceWeight), Number(entropyWeight))
        for action in 0..<actions {
            guard sample.allowed.allows(action) else {
                slopes[action] = 0
                continue
            }
            let (logarithm, probability) = (logarithms[action], Number.exponential(logarithms[action]))
            let towards = pull * ((action == sample.action ? 1 : 0) - probability)
            let back = beta * probability * (logarithm - sample.reference[action] - divergence)
            let spread = bonus * probability * (logarithm + entropy)
            slopes[action] = weight * (towards - back - spread)
        }
        sums.count += 1
        sums.surrogate += Double(min(ratio * sample.advantage, bounded))
        sums.divergence += Double(divergence)
        sums.entropy += Double(entropy)
        sums.drift += Double(drift)
        if isClipped { sums.clipped += 1 }
    }
}
