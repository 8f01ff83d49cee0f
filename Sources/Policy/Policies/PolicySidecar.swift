public import Core
public import Features

/// What a policy is besides its weights: what it sees, what it answers, where it comes from, and how to know that the
/// weights beside it are the right ones. A file of its own, since weights alone are not tradable.
public struct PolicySidecar: Hashable, Sendable {
    public static let schema = "takt.policy/1"
    /// What it is read from may have so many bytes.
    public static let sizeLimit = 1024 * 1024
    /// What a network's outputs may mean.
    public static let knownActions = ["hold", "buy", "sell"]

    /// The file beside the sidecar that holds the weights.
    public struct Weights: Hashable, Sendable {
        /// A name without a folder.
        public let file: String
        public let digest: Digest

        public init(file: String, digest: Digest) { (self.file, self.digest) = (file, digest) }
    }

    /// Where the weights came from.
    public struct Provenance: Hashable, Sendable {
        /// The name of the file they were read from.
        public let source: String
        public let digest: Digest
        public let format: Checkpoint.Format
        /// What else the file said, such as `gamma`.
        public let notes: [Checkpoint.Note]
        /// The version of takt that wrote this.
        public let version: String

        public init(
            source: String, digest: Digest, format: Checkpoint.Format, notes: [Checkpoint.Note], version: String
        ) {
            (self.source, self.digest, self.format) = (source, digest, format)
            (self.notes, self.version) = (notes, version)
        }
    }

    public let name: String
    public let family: Network.Family
    public let inputs: Int
    /// Of the transformer's attention.
    public let heads: Int?
    /// Rows of history; 0 for a network that takes none.
    public let history: Int
    /// What the outputs mean, in their order.
    public let actions: [String]
    public let weights: Weights
    /// What it sees; `nil` if nobody has said so, and then nothing trades on it.
    public let features: FeatureSpec?
    /// The scale of the features when it was trained, frozen.
    public let normaliser: FittedNormaliser?
    /// Of the bars that it was trained on.
    public let timeframe: Timeframe?
    /// What it was trained on, as far as that is known.
    public let training: TrainingSpan?
    public let provenance: Provenance
    public let golden: [GoldenVector]

    public init(
        name: String, network: Network, history: Int, actions: [String] = knownActions, weights: Weights,
        features: FeatureSpec?, normaliser: FittedNormaliser?, timeframe: Timeframe?, training: TrainingSpan?,
        provenance: Provenance, golden: [GoldenVector]
    ) throws(PolicyError) {
        try self.init(
            name: name, family: network.family, inputs: network.inputs, heads: network.heads, history: history,
            actions: actions, weights: weights, features: features, normaliser: normaliser, timeframe: timeframe,
            training: training, provenance: provenance, golden: golden)
        try requireFit(of: network)
    }

    init(
        name: String, family: Network.Family, inputs: Int, heads: Int?, history: Int, actions: [String],
        weights: Weights, features: FeatureSpec?, normaliser: FittedNormaliser?, timeframe: Timeframe?,
        training: TrainingSpan?, provenance: Provenance, golden: [GoldenVector]
    ) throws(PolicyError) {
        (self.name, self.family, self.inputs, self.heads) = (name, family, inputs, heads)
        (self.history, self.actions, self.weights) = (history, actions, weights)
        (self.features, self.normaliser, self.timeframe) = (features, normaliser, timeframe)
        (self.training, self.provenance, self.golden) = (training, provenance, golden)
        try requireSense()
    }

    /// Its own parts agree with each other.
    private func requireSense() throws(PolicyError) {
        func refuse(_ path: String, _ problem: String) -> PolicyError {
            .evidence(path: "policy.\(path)", problem: problem)
        }
        guard name.isPlain, provenance.source.isPlain, provenance.version.isPlain else {
            throw refuse("name", "or its provenance holds control characters")
        }
        guard Self.isFileName(weights.file) else { throw refuse("weights.file", "is no plain file name") }
        guard !actions.isEmpty, Set(actions).count == actions.count, Set(actions).isSubset(of: Self.knownActions) else {
            throw refuse("actions", "are not some of \(Self.knownActions.joined(separator: ", ")), each once")
        }
        if let features, features.features.count != inputs {
            throw refuse("features", "are \(features.features.count), and the network takes \(inputs) numbers")
        }
        if let normaliser {
            guard normaliser.spec.schemaHash == features?.schemaHash else {
                throw refuse("normaliser", "was fitted on other features than the policy names")
            }
        } else if let features, let fitted = features.fitted.first {
            throw refuse("normaliser", "is missing, and '\(fitted)' needs one")
        }
        guard !golden.isEmpty else { throw refuse("golden", "has no recorded inference") }
    }

    /// - Throws: ``PolicyError/evidence(path:problem:)`` with the part that the weights contradict.
    func requireFit(of network: Network) throws(PolicyError) {
        func refuse(_ path: String, _ problem: String) -> PolicyError {
            .evidence(path: "policy.\(path)", problem: problem)
        }
        guard network.family == family else {
            throw refuse("network.family", "is \(family.rawValue), and the weights are of a \(network.family.rawValue)")
        }
        guard network.inputs == inputs else {
            throw refuse("network.inputs", "are \(inputs), and the weights take \(network.inputs)")
        }
        guard network.actions == actions.count else {
            throw refuse("actions", "are \(actions.count), and the weights give \(network.actions)")
        }
    }

    private static func isFileName(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix(".") && !name.contains("/") && name.utf8.count <= 255
            && name.isPlain
    }
}
