internal import Policy

/// Where the parameters of a network lie in one long row of numbers, so that gradients, moments and sums over threads are
/// plain vectors.
///
/// Only what takes part in the probabilities of actions is trained. The original's value network and meta controller are
/// left out, as a policy may leave them out; its table of positions is carried along as it is.
struct ParameterLayout: Hashable, Sendable {
    struct Place: Hashable, Sendable {
        let name: String
        let shape: [Int]
        let range: Range<Int>
    }

    private(set) var places: [Place] = []
    private(set) var count = 0
    /// Tensors that belong to the network and are not trained.
    private(set) var constants: [Tensor] = []
    private var offsets: [String: Int] = [:]

    private static let untrained = ["value_network.", "meta_controller.", "q_estimator."]
    private static let constant = "temporal_encoder.positional_encoding.pe"

    /// - Parameter tensors: of a network that `Policy` has taken.
    init(_ tensors: [Tensor]) {
        for tensor in tensors where !Self.untrained.contains(where: { tensor.name.hasPrefix($0) }) {
            guard tensor.name != Self.constant else {
                constants.append(tensor)
                continue
            }
            let range = count..<count + tensor.values.count
            offsets[tensor.name] = places.count
            places.append(Place(name: tensor.name, shape: tensor.shape, range: range))
            count = range.upperBound
        }
    }

    func has(_ name: String) -> Bool { offsets[name] != nil }

    /// - Parameter name: of a tensor that this family has, as `Policy` has checked.
    func place(_ name: String) -> Place {
        guard let index = offsets[name] else { preconditionFailure("a checked network lacks the tensor \(name)") }
        return places[index]
    }

    /// The parameters of the network, in this order.
    ///
    /// - Returns: `nil` if a tensor is missing or has another shape.
    func values(of tensors: [Tensor]) -> [Float]? {
        var values = [Float](repeating: 0, count: count)
        var found = 0
        for tensor in tensors {
            guard let index = offsets[tensor.name] else { continue }
            guard tensor.shape == places[index].shape else { return nil }
            values.replaceSubrange(places[index].range, with: tensor.values)
            found += 1
        }
        return found == places.count ? values : nil
    }

    /// The way back, with a prefix to every name.
    func tensors(of values: [Float], prefix: String = "") -> [Tensor] {
        places.map { Tensor(prefix + $0.name, shape: $0.shape, values: Array(values[$0.range])) }
    }
}
