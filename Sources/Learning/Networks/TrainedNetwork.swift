internal import Policy

/// What a network is asked: a state, and the states before it.
struct NetworkInput<Number: TrainingNumber> {
    let state: UnsafePointer<Number>
    /// Oldest first, row after row, without gaps; not read if there are none.
    let history: UnsafePointer<Number>
    /// 0 for a full length of zeros, as the evaluator understands it.
    let historyRows: Int
}

/// A network whose gradients are known. Its weights are laid out by ``load(_:)``; after that any number of threads may use
/// it, each with a pass of its own.
///
/// An enumeration and not a protocol: through a protocol the compiler would not see that all numbers are of 32 bits, and the
/// loops would be nine times slower.
enum TrainedNetwork<Number: TrainingNumber> {
    case perceptron(TrainedPerceptron<Number>)
    case transformer(TrainedTransformer<Number>)

    /// - Parameters:
    ///   - network: the same tensors, as `Policy` has taken them.
    ///   - history: rows; 0 for a family that takes none.
    init(_ layout: ParameterLayout, of network: Network, history: Int) {
        self =
            switch network.family {
            case .perceptron: .perceptron(TrainedPerceptron(layout))
            case .transformer: .transformer(TrainedTransformer(layout, heads: network.heads ?? 1, history: history))
            }
    }

    var actions: Int {
        switch self {
        case .perceptron(let network): network.actions
        case .transformer(let network): network.actions
        }
    }

    func load(_ parameters: UnsafePointer<Number>) {
        switch self {
        case .perceptron(let network): network.load(parameters)
        case .transformer(let network): network.load(parameters)
        }
    }

    /// - Parameter samples: the most that are asked at a time.
    func pass(samples: Int) -> NetworkPass<Number> {
        switch self {
        case .perceptron(let network): .perceptron(PerceptronPass(network, samples: samples))
        case .transformer(let network): .transformer(TransformerPass(network, samples: samples))
        }
    }
}

/// Memory for a batch on its way through a network and back. For one thread.
enum NetworkPass<Number: TrainingNumber> {
    case perceptron(PerceptronPass<Number>)
    case transformer(TransformerPass<Number>)

    /// The logits, a row per input, valid until the next call.
    func forward(_ inputs: [NetworkInput<Number>]) -> Rows<Number> {
        switch self {
        case .perceptron(let pass): pass.forward(inputs)
        case .transformer(let pass): pass.forward(inputs)
        }
    }

    /// Behind a ``forward(_:)`` of as many: adds the gradient by every parameter.
    ///
    /// - Parameter logits: the gradient by the logits.
    func backward(_ logits: Rows<Number>, into gradient: UnsafeMutablePointer<Number>) {
        switch self {
        case .perceptron(let pass): pass.backward(logits, into: gradient)
        case .transformer(let pass): pass.backward(logits, into: gradient)
        }
    }
}
