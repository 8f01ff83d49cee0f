import Core
import Policy
import TestSupport
import Testing

@testable import Learning

/// One of the gradient fixtures: PyTorch's 64-bit gradients and Adam steps of the group-relative loss.
struct GradientFixture {
    let tensors: [Tensor]
    let network: Network
    let json: JSONValue
    let history: Int
    let width: Int

    init(_ name: String) throws {
        json = try JSONValue(parsing: try SharedFolder.bytes("fixtures/decision/\(name).json"))
        guard case .object(let members) = try json.member("params_before") else { throw CancellationError() }
        tensors = members.map { Tensor($0.key, shape: $0.value.shape, values: $0.value.numbers.map { Float($0) }) }
        let described = try json.member("network")
        network = try Network(tensors, heads: described["heads"]?.intValue.map { Int($0) })
        history = described["seq_length"]?.intValue.map { Int($0) } ?? 0
        width = network.inputs
    }

    /// A tensor's numbers in one of the blocks, or zeros for `null`.
    func numbers(_ block: String, _ name: String) throws -> [Double] {
        try json.member(block)[name]?.numbers ?? []
    }

    func hyper(_ key: String) throws -> Double { try #require(try json.member("hyper")[key]?.doubleValue) }

    var loss: GroupLoss {
        get throws {
            GroupLoss(
                clip: try hyper("clip"), divergenceWeight: try hyper("kl_beta"), entropyWeight: try hyper("entropy"))
        }
    }
}

extension JSONValue {
    func member(_ key: String) throws -> JSONValue { try #require(self[key], "\(key)") }

    var numbers: [Double] {
        switch self {
        case .int, .double: doubleValue.map { [$0] } ?? []
        case .array(let items): items.flatMap(\.numbers)
        case .null, .bool, .string, .object: []
        }
    }

    var shape: [Int] {
        guard let items = arrayValue else { return [] }
        return [items.count] + (items.first?.shape ?? [])
    }
}

/// A batch in either kind of number, and the machinery around one network.
final class GradientBench<Number: TrainingNumber> {
    let layout: ParameterLayout
    let network: TrainedNetwork<Number>
    let pass: NetworkPass<Number>
    var parameters: [Number]
    private let arena = Arena<Number>()
    private let slopes: Rows<Number>
    private(set) var samples: [LossSample<Number>] = []
    let actions: Int

    init(_ tensors: [Tensor], _ network: Network, history: Int, samples: Int) throws {
        layout = ParameterLayout(tensors)
        self.network = TrainedNetwork(layout, of: network, history: history)
        pass = self.network.pass(samples: samples)
        parameters = try #require(layout.values(of: tensors)).map { Number($0) }
        actions = network.actions
        slopes = arena.rows(samples, width: network.actions)
    }

    func pointer(_ numbers: [Double]) -> UnsafePointer<Number> {
        let block = arena.block(numbers.count)
        for (index, number) in numbers.enumerated() { block[index] = Number(number) }
        return UnsafePointer(block)
    }

    func add(
        state: [Double], history: [Double], action: Int, advantage: Double, old: [Double], referenceLogits: [Double],
        allowed: ActionMask
    ) {
        let reference = arena.block(actions)
        Distribution.logarithms(of: pointer(referenceLogits), count: actions, allowed, to: reference)
        samples.append(
            LossSample(
                input: .init(
                    state: pointer(state), history: pointer(history), historyRows: history.count / state.count),
                allowed: allowed, action: action, advantage: Number(advantage), old: pointer(old),
                reference: UnsafePointer(reference)))
    }

    func gradient(_ loss: GroupLoss) -> (sums: GroupLoss.Sums, gradient: [Number]) {
        var gradient = [Number](repeating: 0, count: layout.count)
        parameters.withUnsafeBufferPointer { if let start = $0.baseAddress { network.load(start) } }
        let logits = pass.forward(samples.map(\.input))
        let sums = loss.gradient(
            samples[...], of: samples.count, logits: logits, actions: actions, to: slopes, arena.block(actions))
        gradient.withUnsafeMutableBufferPointer {
            if let start = $0.baseAddress { pass.backward(slopes, into: start) }
        }
        return (sums, gradient)
    }
}

extension GradientBench {
    convenience init(_ fixture: GradientFixture) throws {
        let states = try fixture.json.member("states").arrayValue ?? []
        try self.init(fixture.tensors, fixture.network, history: fixture.history, samples: states.count)
        let histories = fixture.json["histories"]?.arrayValue
        let (actions, advantages) = (
            try fixture.json.member("actions").numbers, try fixture.json.member("advantages").numbers
        )
        let (old, reference) = (
            try fixture.json.member("old_logp").numbers, try fixture.json.member("ref_logits").arrayValue ?? []
        )
        for index in states.indices {
            add(
                state: states[index].numbers, history: histories?[index].numbers ?? [], action: Int(actions[index]),
                advantage: advantages[index], old: Array(repeating: old[index], count: self.actions),
                referenceLogits: reference[index].numbers, allowed: .all(self.actions))
        }
    }
}

@Suite(.enabled(if: SharedFolder.exists, "the shared folder is not there"))
struct GradientFixtureTests {
    private static let cases: [(String, Double)] = [("grad-mlp", 1e-9), ("grad-transformer", 1e-7)]

    @Test("In 64 bits loss, gradients and three Adam steps are PyTorch's", arguments: cases)
    func double(name: String, tolerance: Double) throws {
        let fixture = try GradientFixture(name)
        let bench = try GradientBench<Double>(fixture)
        var adam = Adam<Double>(count: bench.layout.count)
        let loss = try fixture.loss
        for (step, logged) in try #require(fixture.json.member("log").arrayValue).enumerated() {
            var (sums, gradient) = bench.gradient(loss)
            if step == 0 { try expect(gradient, fixture, "gradients_step_1_unclipped", bench.layout, tolerance) }
            #expect(abs(loss.loss(sums) - (try #require(logged["loss"]?.doubleValue))) <= tolerance)
            let count = Double(sums.count)
            #expect(abs(sums.surrogate / count - (try #require(logged["surrogate"]?.doubleValue))) <= tolerance)
            #expect(abs(sums.divergence / count - (try #require(logged["kl"]?.doubleValue))) <= tolerance)
            let limit = try fixture.hyper("max_grad_norm")
            gradient.withUnsafeMutableBufferPointer { buffer in
                guard let start = buffer.baseAddress else { return }
                let norm = GradientNorm.norm(start, count: buffer.count)
                GradientNorm.clip(start, count: buffer.count, norm: norm, limit: limit)
            }
            let rate = try fixture.hyper("lr")
            adam.step(&bench.parameters, along: gradient, rate: rate)
        }
        try expect(bench.parameters, fixture, "params_after", bench.layout, tolerance)
    }

    @Test("In 32 bits gradients lie within 1e-5 of PyTorch's in 64", arguments: cases.map(\.0))
    func single(name: String) throws {
        let fixture = try GradientFixture(name)
        let bench = try GradientBench<Float>(fixture)
        let gradient = bench.gradient(try fixture.loss).gradient
        try expect(gradient.map { Double($0) }, fixture, "gradients_step_1_unclipped", bench.layout, 1e-5)
    }

    private func expect(
        _ found: [Double], _ fixture: GradientFixture, _ block: String, _ layout: ParameterLayout, _ tolerance: Double
    ) throws {
        for place in layout.places {
            let expected = try fixture.numbers(block, place.name)
            for (index, number) in found[place.range].enumerated() {
                let difference = abs(number - (index < expected.count ? expected[index] : 0))
                #expect(difference <= tolerance, "\(block) \(place.name)[\(index)]")
            }
        }
    }
}
