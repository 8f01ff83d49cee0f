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
protocol TrainedNetwork<Number>: AnyObject {
    associatedtype Number: TrainingNumber
    var actions: Int { get }
    func load(_ parameters: UnsafePointer<Number>)
    /// - Parameter samples: the most that are asked at a time.
    func pass(samples: Int) -> any NetworkPass<Number>
}

/// Memory for a batch on its way through a network and back. For one thread.
protocol NetworkPass<Number>: AnyObject {
    associatedtype Number: TrainingNumber
    /// The logits, a row per input, valid until the next call.
    func forward(_ inputs: [NetworkInput<Number>]) -> Rows<Number>
    /// Behind a ``forward(_:)`` of as many: adds the gradient by every parameter.
    ///
    /// - Parameter logits: the gradient by the logits.
    func backward(_ logits: Rows<Number>, into gradient: UnsafeMutablePointer<Number>)
}

/// The network of a family in a form that can be trained.
///
/// - Parameters:
///   - network: the same tensors, as `Policy` has taken them.
///   - history: rows; 0 for a family that takes none.
func trainedNetwork<Number: TrainingNumber>(
    _ layout: ParameterLayout, of network: Network, history: Int, as _: Number.Type = Number.self
) -> any TrainedNetwork<Number> {
    switch network.family {
    case .perceptron: TrainedPerceptron<Number>(layout)
    case .transformer: TrainedTransformer<Number>(layout, heads: network.heads ?? 1, history: history)
    }
}
