internal import Vectors

/// A network of a known family, its weights checked and laid out for use.
public struct Network: Sendable {
    public enum Family: String, Hashable, Sendable, CaseIterable {
        /// Linear layers with ReLU: the original's GRPO agent.
        case perceptron
        /// With history: the original's DeepSeek agent.
        case transformer
    }

    enum Kind: Sendable {
        case perceptron(Perceptron)
        case transformer(Transformer)
    }

    let kind: Kind

    /// Every tensor has a place and every place its tensor, of the right shape and finite.
    ///
    /// - Parameter heads: of the transformer's attention, which no weight shows; the other family ignores it.
    public init(_ tensors: [Tensor], heads: Int? = nil) throws(PolicyError) {
        let names = Set(tensors.map(\.name))
        if names.contains(Perceptron.mark) {
            kind = .perceptron(try Perceptron(tensors))
        } else if names.contains(Transformer.mark) {
            kind = .transformer(try Transformer(tensors, heads: heads))
        } else {
            throw .unknownFamily(firstTensor: tensors.first?.name)
        }
        guard actions <= Self.actionLimit else {
            throw .tooLarge("the network", count: actions, limit: Self.actionLimit, unit: "actions")
        }
    }

    /// A critic takes a row of memory for each.
    static let actionLimit = 64

    public var family: Family {
        switch kind {
        case .perceptron: .perceptron
        case .transformer: .transformer
        }
    }

    /// Numbers in a state.
    public var inputs: Int {
        switch kind {
        case .perceptron(let network): network.inputs
        case .transformer(let network): network.inputs
        }
    }

    public var actions: Int {
        switch kind {
        case .perceptron(let network): network.actions
        case .transformer(let network): network.actions
        }
    }

    /// Of the transformer; `nil` for the other family.
    public var heads: Int? {
        switch kind {
        case .perceptron: nil
        case .transformer(let network): network.heads
        }
    }

    /// How many rows of history it can take; `nil` if it takes none.
    public var historyLimit: Int? {
        switch kind {
        case .perceptron: nil
        case .transformer(let network): min(network.positionCount, Transformer.historyLimit)
        }
    }

    /// `14-128-128-3`, or `14 inputs, width 64, 4 layers, 8 heads, 3 actions`.
    public var text: String {
        switch kind {
        case .perceptron(let network): network.widths.map(String.init).joined(separator: "-")
        case .transformer(let network):
            "\(network.inputs) inputs, width \(network.width), \(network.layerCount) layers, \(network.heads) heads, "
                + "\(network.actions) actions"
        }
    }
}

/// Runs a network, in rows of memory that are taken once. Not for several threads at a time.
///
/// Nothing is drawn and nothing depends on the machine: the same input gives the same bits.
public final class Evaluator {
    public let network: Network
    /// Rows of history that stand for "none was given", and the most that may be given.
    public let history: Int
    /// Of the last state.
    public private(set) var logits: [Float]
    /// softmax(logits).
    public private(set) var probabilities: [Float]
    private let arithmetic: Arithmetic
    private let buffers: Buffers

    private enum Buffers {
        case perceptron(Perceptron, Perceptron.Buffers)
        case transformer(Transformer, Transformer.Buffers)
    }

    /// - Parameter history: how many rows; 0 for a network that takes none.
    public init(_ network: Network, history: Int = 0, arithmetic: Arithmetic = .best) throws(PolicyError) {
        (self.network, self.history, self.arithmetic) = (network, history, arithmetic)
        logits = Array(repeating: 0, count: network.actions)
        probabilities = logits
        let allowed = network.historyLimit.map { 1...$0 } ?? 0...0
        guard allowed.contains(history) else { throw .history(history, allowed: allowed) }
        switch network.kind {
        case .perceptron(let perceptron): buffers = .perceptron(perceptron, Perceptron.Buffers(perceptron))
        case .transformer(let transformer):
            buffers = .transformer(transformer, Transformer.Buffers(transformer, history: history))
        }
    }

    /// Computes ``logits`` and ``probabilities``.
    ///
    /// - Parameters:
    ///   - state: one number per input.
    ///   - rows: the states before it, oldest first, one after the other; empty for ``history`` rows of zeros.
    public func evaluate(_ state: [Float], history rows: [Float] = []) throws(PolicyError) {
        try check(state, rows)
        let result =
            switch buffers {
            case .perceptron(let network, let buffers): network.logits(state, buffers, arithmetic)
            case .transformer(let network, let buffers): network.logits(state, rows, buffers, arithmetic)
            }
        for action in logits.indices {
            logits[action] = result.start[action]
            guard logits[action].isFinite else {
                throw .input("the network's answer is not finite; the state is far beyond what it was trained on")
            }
        }
        Elementwise.softmax(result.start, count: logits.count)
        for action in probabilities.indices { probabilities[action] = result.start[action] }
    }

    /// The value of every action in the last state, if the network judges them.
    public func values() -> [Float]? {
        switch buffers {
        case .perceptron(let network, let buffers): network.values(buffers, arithmetic)
        case .transformer(let network, let buffers): network.critic?.values(buffers.combined, arithmetic)
        }
    }

    /// What the original's meta controller says about the last state, if there is one.
    public func adaptation() -> Adaptation? {
        switch buffers {
        case .perceptron: nil
        case .transformer(let network, let buffers): network.controller?.adaptation(buffers.combined, arithmetic)
        }
    }

    private func check(_ state: [Float], _ rows: [Float]) throws(PolicyError) {
        guard state.count == network.inputs else {
            throw .input("the state has \(state.count) numbers, and the network takes \(network.inputs)")
        }
        guard rows.count.isMultiple(of: network.inputs), rows.count <= history * network.inputs else {
            throw .input(
                "the history has \(rows.count) numbers, and the network takes at most \(history) rows of \(network.inputs)"
            )
        }
        guard state.allSatisfy(\.isFinite), rows.allSatisfy(\.isFinite) else {
            throw .input("a number of the state or its history is not finite")
        }
    }
}
