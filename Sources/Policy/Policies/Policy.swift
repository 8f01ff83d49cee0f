public import Core
public import Features

/// A learned policy, ready to be asked: weights that are those of their sidecar, in a network that gives what was recorded.
public struct Policy: Sendable {
    public let sidecar: PolicySidecar
    public let network: Network

    /// Reads and checks both files: the weights' digest, every tensor, and every recorded inference.
    ///
    /// - Parameters:
    ///   - sidecar: the text of the sidecar.
    ///   - weights: the file that it names, safetensors.
    /// - Throws: ``PolicyError`` with what does not fit.
    public static func load(sidecar text: [UInt8], weights: [UInt8]) throws(PolicyError) -> Policy {
        let sidecar = try sidecar(text)
        let found = Digest(of: weights)
        guard found == sidecar.weights.digest else {
            throw .otherWeights(expected: sidecar.weights.digest, found: found)
        }
        let network = try Network(try Checkpoint.read(weights).tensors, heads: sidecar.heads)
        try sidecar.requireFit(of: network)
        let policy = Policy(sidecar: sidecar, network: network)
        try GoldenVector.check(sidecar.golden, try policy.evaluator())
        return policy
    }

    /// The same, refused unless it was made for what runs.
    public static func load(
        sidecar text: [UInt8], weights: [UInt8], for running: PolicyUse
    ) throws(PolicyError) -> Policy {
        let policy = try load(sidecar: text, weights: weights)
        try policy.sidecar.require(running)
        return policy
    }

    /// The sidecar alone.
    public static func sidecar(_ text: [UInt8]) throws(PolicyError) -> PolicySidecar {
        guard text.count <= PolicySidecar.sizeLimit else {
            throw .tooLarge("the sidecar", count: text.count, limit: PolicySidecar.sizeLimit, unit: "bytes")
        }
        let json: JSONValue
        do { json = try JSONValue(parsing: text) } catch {
            throw .evidence(path: "policy", problem: "is no JSON: \(error)")
        }
        return try PolicySidecar(json: json)
    }

    /// Memory to run it in; one for each thread.
    public func evaluator() throws(PolicyError) -> Evaluator { try Evaluator(network, history: sidecar.history) }
}

/// What a running configuration gives to a policy.
public struct PolicyUse: Hashable, Sendable {
    public let features: FeatureSpec
    /// `nil` where the configuration names none; the policy brings its own.
    public let normaliser: FittedNormaliser?
    public let timeframe: Timeframe
    /// Whether bars outside of the regular session are seen.
    public let isExtended: Bool

    public init(
        features: FeatureSpec, normaliser: FittedNormaliser?, timeframe: Timeframe, isExtended: Bool = false
    ) {
        (self.features, self.normaliser, self.timeframe) = (features, normaliser, timeframe)
        self.isExtended = isExtended
    }
}

extension PolicySidecar {
    /// Everything that keeps the policy from being used so: ``PolicyError/differs(field:policy:running:)``, a field each.
    public func objections(to running: PolicyUse) -> [PolicyError] {
        var objections: [PolicyError] = []
        func differs(_ field: String, _ policy: String, _ running: String) {
            objections.append(.differs(field: field, policy: policy, running: running))
        }
        if let timeframe {
            if timeframe != running.timeframe { differs("timeframe", "\(timeframe)", "\(running.timeframe)") }
        } else {
            differs("timeframe", "none is named", "\(running.timeframe)")
        }
        if let training, training.isExtended != running.isExtended {
            differs("session", Self.session(training.isExtended), Self.session(running.isExtended))
        }
        guard let features else {
            differs("list of features", "none is named", Self.short(running.features.schemaHash))
            return objections
        }
        guard features.schemaHash == running.features.schemaHash else {
            let difference = running.features.difference(from: features) ?? "their hashes differ"
            differs(
                "list of features", Self.short(features.schemaHash),
                "\(Self.short(running.features.schemaHash)) (\(difference))")
            return objections
        }
        if let frozen = normaliser, let other = running.normaliser, frozen != other {
            differs("normaliser", Self.short(frozen.json.digest), Self.short(other.json.digest))
        }
        return objections
    }

    /// - Throws: the first of ``objections(to:)``.
    public func require(_ running: PolicyUse) throws(PolicyError) {
        if let first = objections(to: running).first { throw first }
    }

    private static func session(_ isExtended: Bool) -> String { isExtended ? "extended" : "regular" }

    private static func short(_ digest: Digest) -> String { String(digest.hex.prefix(12)) }
}

/// How an action is taken from probabilities.
public enum ActionChoice: Hashable, Sendable {
    /// The most likely one; of equal ones the first.
    case best
    /// Drawn by the probabilities. The same seed and stream, such as the cycle and the symbol, draw the same action.
    case drawn(seed: UInt64, stream: String)

    /// The index of the chosen action.
    ///
    /// - Parameter probabilities: one or more, that add up to one.
    public func index(of probabilities: [Float]) -> Int {
        switch self {
        case .best:
            return probabilities.indices.dropFirst().reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
        case .drawn(let seed, let stream):
            var random = SeededGenerator(seed: seed, stream: stream)
            var left = Float(random.uniform())
            for index in probabilities.indices {
                left -= probabilities[index]
                if left < 0 { return index }
            }
            // Rounding has left a crumb: it belongs to the last that can be drawn at all.
            return probabilities.lastIndex { $0 > 0 } ?? 0
        }
    }
}
