import Core
import Features
import Policy

/// A policy of three numbers, written out: two features, one hidden layer, and nothing that needs a file.
enum SmallPolicy {
    static let features = ["trend = close / SMA:20 - 1 | zscore", "position | none"]
    static let source = Array("the file it came from".utf8)

    static func tensors(bias: Float = 0.25) -> [Tensor] {
        [
            Tensor("policy.0.weight", shape: [2, 2], values: [1, -1, 0.5, 2]),
            Tensor("policy.0.bias", shape: [2], values: [0, bias]),
            Tensor("policy.2.weight", shape: [3, 2], values: [0, 0, 1, 0, 0, 1]),
            Tensor("policy.2.bias", shape: [3], values: [0.5, 0, 0]),
        ]
    }

    static func spec(_ texts: [String] = features, window: Int = 100) throws -> FeatureSpec {
        try FeatureSpec(texts.map { try Feature($0) }, window: window)
    }

    static func normaliser(mean: Double = 0.01, of texts: [String] = features) throws -> FittedNormaliser {
        let span = TrainingSpan(
            symbols: [Symbol("NVDA")], timeframe: .fiveMinutes, first: Instant(epochSeconds: 1_700_000_000),
            last: Instant(epochSeconds: 1_710_000_000))
        return try FittedNormaliser(
            spec(texts), span: span, count: 1000, scales: [.zscore(mean: mean, deviation: 0.02), .none])
    }

    static func sidecar(weights: [UInt8], isBound: Bool = true) throws -> PolicySidecar {
        let network = try Network(tensors())
        let normaliser = isBound ? try normaliser() : nil
        return try PolicySidecar(
            name: "small", network: network, history: 0,
            weights: .init(file: "small.safetensors", digest: Digest(of: weights)),
            features: normaliser?.spec, normaliser: normaliser, timeframe: isBound ? .fiveMinutes : nil,
            training: normaliser?.span,
            provenance: .init(
                source: "small.pth", digest: Digest(of: source), format: .torch, notes: [.init("gamma", "0.99")],
                version: "0.1.0"), golden: try GoldenVector.record(try Evaluator(network)))
    }

    /// Both files.
    static func files(isBound: Bool = true) throws -> (sidecar: JSONValue, weights: [UInt8]) {
        let weights = Safetensors.bytes(of: tensors())
        return (try sidecar(weights: weights, isBound: isBound).json, weights)
    }

    static func use(
        _ texts: [String] = features, normaliser: FittedNormaliser? = nil, timeframe: Timeframe = .fiveMinutes,
        window: Int = 100, isExtended: Bool = false
    ) throws -> PolicyUse {
        PolicyUse(
            features: try spec(texts, window: window), normaliser: normaliser, timeframe: timeframe,
            isExtended: isExtended)
    }
}
