/// Linear layers with ReLU between them.
final class TrainedPerceptron<Number: TrainingNumber> {
    let layers: [LinearLayer<Number>]

    init(_ layout: ParameterLayout) {
        var layers: [LinearLayer<Number>] = []
        while layout.has("policy.\(2 * layers.count).weight") {
            layers.append(LinearLayer("policy.\(2 * layers.count)", layout))
        }
        self.layers = layers
    }

    var actions: Int { layers.last?.outputs ?? 0 }

    func load(_ parameters: UnsafePointer<Number>) { for layer in layers { layer.load(parameters) } }
}

/// A batch on its way through the perceptron and back.
final class PerceptronPass<Number: TrainingNumber> {
    private let layers: [LinearLayer<Number>]
    private let arena = Arena<Number>()
    /// What comes into each layer, and last the logits.
    private let values: [Rows<Number>]
    /// Gradients by what comes into a layer, taken in turns.
    private let pair: [Rows<Number>]
    private let scratch: LinearScratch<Number>
    private var count = 0

    init(_ network: TrainedPerceptron<Number>, samples: Int) {
        let (layers, arena) = (network.layers, arena)
        self.layers = layers
        values =
            [arena.rows(samples, width: layers.first?.inputs ?? 0)]
            + layers.map { arena.rows(samples, width: $0.outputs) }
        let widest = layers.map(\.inputs).max() ?? 0
        pair = (0..<2).map { _ in arena.rows(samples, width: widest) }
        scratch = LinearScratch(layers, rows: samples, arena)
    }

    func forward(_ inputs: [NetworkInput<Number>]) -> Rows<Number> {
        count = inputs.count
        for (row, input) in inputs.enumerated() {
            values[0].row(row).update(from: input.state, count: layers[0].inputs)
        }
        for (index, layer) in layers.enumerated() {
            let y = values[index + 1]
            layer.forward(values[index], rows: count, to: y)
            guard index < layers.count - 1 else { continue }
            for place in 0..<count * y.stride { y.start[place] = y.start[place] > 0 ? y.start[place] : 0 }
        }
        return values[layers.count]
    }

    func backward(_ logits: Rows<Number>, into gradient: UnsafeMutablePointer<Number>) {
        var dy = logits
        for index in layers.indices.reversed() {
            let dx = index > 0 ? pair[index % 2] : nil
            layers[index].backward(values[index], dy, rows: count, to: dx, gradient, scratch)
            guard let dx else { return }
            let x = values[index]
            for row in 0..<count {
                let (slope, place) = (dx.row(row), x.row(row))
                for column in 0..<layers[index].inputs { slope[column] = place[column] > 0 ? slope[column] : 0 }
            }
            dy = dx
        }
    }
}
