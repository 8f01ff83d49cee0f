internal import Policy

/// The networks in memory and the gradients of batches, computed by several threads.
///
/// A batch is cut into pieces of a fixed size. Every piece has a gradient of its own, and these are added in the order of the
/// pieces; so the sum does not know how many threads there were.
final class GradientEngine {
    let network: TrainedNetwork<Float>
    let reference: TrainedNetwork<Float>
    private let layout: ParameterLayout
    /// Samples of a piece: enough rows to fill the kernels, few enough that a batch feeds several threads.
    let chunk: Int
    private let capacity: Int
    private let arena = Arena<Float>()
    private var desks: [Desk] = []
    private var pieces: [UnsafeMutablePointer<Float>] = []
    /// Of the last batch.
    let gradient: UnsafeMutablePointer<Float>

    /// What one worker writes on.
    final class Desk {
        let pass: NetworkPass<Float>
        let reference: NetworkPass<Float>
        fileprivate let slopes: Rows<Float>
        fileprivate let scratch: UnsafeMutablePointer<Float>

        fileprivate init(_ engine: GradientEngine) {
            pass = engine.network.pass(samples: engine.capacity)
            reference = engine.reference.pass(samples: engine.capacity)
            slopes = engine.arena.rows(engine.chunk, width: engine.network.actions)
            scratch = engine.arena.block(engine.network.actions)
        }
    }

    /// - Parameter rollouts: how many a group has; they ask together.
    init(_ layout: ParameterLayout, _ network: Network, history: Int, rollouts: Int) {
        self.layout = layout
        self.network = TrainedNetwork(layout, of: network, history: history)
        reference = TrainedNetwork(layout, of: network, history: history)
        switch network.family {
        case .perceptron: chunk = 64
        case .transformer: chunk = 16
        }
        capacity = max(rollouts, chunk)
        gradient = arena.block(layout.count)
    }

    /// One for each worker.
    func desks(_ count: Int) -> [Desk] {
        while desks.count < count { desks.append(Desk(self)) }
        return desks
    }

    func load(_ parameters: [Float], into network: TrainedNetwork<Float>) {
        parameters.withUnsafeBufferPointer { if let start = $0.baseAddress { network.load(start) } }
    }

    /// Leaves the gradient of the loss by all parameters in ``gradient``.
    func differentiate(_ samples: ArraySlice<LossSample<Float>>, _ loss: GroupLoss, _ workers: Workers)
        -> GroupLoss.Sums
    {
        let count = (samples.count + chunk - 1) / chunk
        while pieces.count < count { pieces.append(arena.block(layout.count)) }
        let desks = desks(workers.count)
        let sums = workers.map(count) { piece, worker in
            let first = samples.startIndex + piece * chunk
            let part = samples[first..<min(first + chunk, samples.endIndex)]
            return differentiate(part, of: samples.count, loss, desks[worker], into: pieces[piece])
        }
        add(count, workers)
        return sums.reduce(into: GroupLoss.Sums()) { $0.add($1) }
    }

    private func differentiate(
        _ part: ArraySlice<LossSample<Float>>, of total: Int, _ loss: GroupLoss, _ desk: Desk,
        into gradient: UnsafeMutablePointer<Float>
    ) -> GroupLoss.Sums {
        gradient.update(repeating: 0, count: layout.count)
        let logits = desk.pass.forward(part.map(\.input))
        let sums = loss.gradient(
            part, of: total, logits: logits, actions: network.actions, to: desk.slopes, desk.scratch)
        desk.pass.backward(desk.slopes, into: gradient)
        return sums
    }

    /// Adds the gradients of all pieces, in their order at every place.
    private func add(_ count: Int, _ workers: Workers) {
        let width = 8192
        workers.perform((layout.count + width - 1) / width) { block, _ in
            let places = block * width..<min((block + 1) * width, layout.count)
            for place in places { gradient[place] = pieces[0][place] }
            for piece in pieces[1..<count] {
                for place in places { gradient[place] += piece[place] }
            }
        }
    }
}
