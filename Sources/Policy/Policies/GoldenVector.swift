internal import Core

/// A recorded inference: what went in, and the probabilities that came out. Weights that give others are not those that were
/// recorded, or are computed by something else than what recorded them.
public struct GoldenVector: Hashable, Sendable {
    public let state: [Float]
    /// The states before it, oldest first, one after the other; empty where none was given.
    public let history: [Float]
    public let probabilities: [Float]

    public init(state: [Float], history: [Float], probabilities: [Float]) {
        (self.state, self.history, self.probabilities) = (state, history, probabilities)
    }

    /// Far above the rounding of 32 bits, which may differ between programs, and far below what moves a decision.
    public static let tolerance: Float = 1e-5
    private static let count = 4

    /// Inferences over drawn states: the first without history, the others with one that is one row longer each time.
    ///
    /// - Parameter seed: the same one gives the same states.
    public static func record(_ evaluator: Evaluator, seed: UInt64 = 1) throws(PolicyError) -> [GoldenVector] {
        var random = SeededGenerator(seed: seed, stream: "golden vectors")
        func row() -> [Float] { (0..<evaluator.network.inputs).map { _ in rounded(random.normal()) } }
        var vectors: [GoldenVector] = []
        for index in 0..<count {
            let state = row()
            let history = (0..<min(index, evaluator.history)).flatMap { _ in row() }
            try evaluator.evaluate(state, history: history)
            vectors.append(GoldenVector(state: state, history: history, probabilities: evaluator.probabilities))
        }
        return vectors
    }

    /// Two decimals are easy to read and enough to tell weights apart.
    private static func rounded(_ value: Double) -> Float { Float((value * 100).rounded() / 100) }

    /// - Throws: ``PolicyError/golden(index:expected:found:)``.
    static func check(_ vectors: [GoldenVector], _ evaluator: Evaluator) throws(PolicyError) {
        for (index, vector) in vectors.enumerated() {
            try evaluator.evaluate(vector.state, history: vector.history)
            let found = evaluator.probabilities
            let isClose = zip(found, vector.probabilities).allSatisfy { abs($0 - $1) <= tolerance }
            guard isClose, found.count == vector.probabilities.count else {
                throw .golden(index: index, expected: vector.probabilities, found: found)
            }
        }
    }
}
