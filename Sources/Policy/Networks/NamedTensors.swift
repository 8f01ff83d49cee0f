/// Hands out a checkpoint's tensors by name, each once and of the shape it must have, and knows what is left over.
struct NamedTensors {
    private var tensors: [String: Tensor]
    let family: String

    /// Widths beyond this are no policy for a small box.
    static let lengthLimit = 16_384

    init(_ tensors: [Tensor], family: String) throws(PolicyError) {
        self.family = family
        self.tensors = [:]
        for tensor in tensors where self.tensors.updateValue(tensor, forKey: tensor.name) != nil {
            throw .tensor(tensor.name, problem: "stands there twice")
        }
    }

    func has(_ name: String) -> Bool { tensors[name] != nil }

    /// The lengths of a tensor that tells what the others must be.
    func lengths(of name: String, dimensions: Int) throws(PolicyError) -> [Int] {
        guard let tensor = tensors[name] else { throw .missingTensor(name, family: family) }
        guard tensor.shape.count == dimensions, tensor.shape.allSatisfy({ (1...Self.lengthLimit).contains($0) }) else {
            throw .tensor(
                name,
                problem:
                    "has the shape \(Tensor.text(tensor.shape)); \(dimensions) lengths of 1 to \(Self.lengthLimit) "
                    + "are expected")
        }
        return tensor.shape
    }

    mutating func take(_ name: String, _ shape: [Int]) throws(PolicyError) -> [Float] {
        guard let tensor = tensors.removeValue(forKey: name) else { throw .missingTensor(name, family: family) }
        guard tensor.shape == shape else { throw .shape(tensor: name, expected: shape, found: tensor.shape) }
        if let index = tensor.values.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(tensor: name, index: index, value: "\(tensor.values[index])")
        }
        return tensor.values
    }

    /// `NAME.weight` [outputs, inputs] and `NAME.bias` [outputs].
    mutating func dense(_ name: String, _ inputs: Int, _ outputs: Int) throws(PolicyError) -> Dense {
        let weight = try take("\(name).weight", [outputs, inputs])
        let bias = try take("\(name).bias", [outputs])
        return Dense(inputs: inputs, outputs: outputs, weight: weight[...], bias: bias[...])
    }

    /// Every tensor has found its place.
    func requireEmpty() throws(PolicyError) {
        guard tensors.isEmpty else { throw .extraTensors(tensors.keys.sorted(), family: family) }
    }
}
