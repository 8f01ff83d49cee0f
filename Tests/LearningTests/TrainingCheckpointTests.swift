import Core
import Policy
import TestSupport
import Testing

@testable import Learning

struct TrainingCheckpointTests {
    private func refusal(
        _ bytes: [UInt8], configuration: Digest = SmallTraining.configuration,
        _ change: (inout TrainingSettings) -> Void = { _ in }
    ) -> String? {
        var settings = SmallTraining.settings()
        change(&settings)
        do throws(LearningError) {
            _ = try Trainer.resume(
                bytes, SmallTraining.market(.perceptron), settings: settings, configuration: configuration)
            return nil
        } catch { return error.description }
    }

    /// The file with something done to it.
    private func changed(
        _ bytes: [UInt8], notes: (Checkpoint.Note) -> Checkpoint.Note? = { $0 },
        tensors: (Tensor) -> Tensor? = { $0 }
    ) throws -> [UInt8] {
        let file = try Checkpoint.read(bytes)
        return Safetensors.bytes(of: file.tensors.compactMap(tensors), notes: file.notes.compactMap(notes))
    }

    @Test("Other settings or another configuration are refused by the one that differs")
    func differs() throws {
        let trainer = try SmallTraining.trainer(.perceptron)
        _ = try trainer.iterate()
        let bytes = trainer.checkpoint()
        #expect(refusal(bytes) == nil)
        #expect(
            refusal(bytes) { $0.epochs = 3 }?.hasPrefix(
                "the training checkpoint was made with another setting 'epochs': 2 there, 3 here") == true)
        #expect(
            refusal(bytes) { $0.advantage = .init(scale: .group) }?.contains("'advantage_scale': running there") == true
        )
        #expect(refusal(bytes, configuration: Digest(of: "other bars"))?.contains("another configuration") == true)
    }

    @Test("A file that is no checkpoint of training, or a damaged one, is refused with what is wrong")
    func damaged() throws {
        let trainer = try SmallTraining.trainer(.perceptron)
        _ = try trainer.iterate()
        let bytes = trainer.checkpoint()
        #expect(try changed(bytes) == bytes)
        #expect(refusal([])?.contains("it is empty") == true)
        #expect(refusal(Array(bytes.dropLast(9)))?.contains("the file is cut off") == true)
        #expect(refusal(Safetensors.bytes(of: trainer.tensors))?.contains("names no schema") == true)
        let later = try changed(bytes, notes: { $0.key == "schema" ? .init("schema", "takt.training/9") : $0 })
        #expect(refusal(later)?.contains("takt.training/9") == true)
        let text = try changed(bytes, notes: { $0.key == "iteration" ? .init("iteration", "four") : $0 })
        #expect(refusal(text)?.contains("its 'iteration' is 'four'") == true)
        let before = try changed(bytes, notes: { $0.key == "iteration" ? .init("iteration", "-1") : $0 })
        #expect(refusal(before)?.contains("below zero") == true)
        let short = try changed(bytes, notes: { $0.key == "scale_weight" ? nil : $0 })
        #expect(refusal(short)?.contains("lack 'scale_weight'") == true)
        let less = try changed(bytes, tensors: { $0.name == "adam_first/policy.0.bias" ? nil : $0 })
        #expect(refusal(less)?.contains("'adam_first/' lacks tensors") == true)
        let alien = try changed(
            bytes,
            tensors: { $0.name == "adam_first/policy.0.bias" ? Tensor("x", shape: $0.shape, values: $0.values) : $0 })
        #expect(refusal(alien)?.contains("'x' belongs to no part") == true)
        let wild = try changed(
            bytes,
            tensors: { tensor in
                guard tensor.name == "adam_second/policy.0.bias" else { return tensor }
                return Tensor(tensor.name, shape: tensor.shape, values: tensor.values.map { _ in .infinity })
            })
        #expect(refusal(wild)?.contains("is not finite") == true)
    }

    @Test("Bytes spoilt anywhere are refused or resume, never a crash", arguments: propertySeeds)
    func spoilt(seed: UInt64) throws {
        let good = try SmallTraining.trainer(.perceptron).checkpoint()
        var random = SeededGenerator(seed: seed, stream: "training checkpoint")
        for _ in 0..<30 {
            var bytes = good
            for _ in 0..<random.int(1...3) { bytes[random.int(0...bytes.count - 1)] = UInt8(random.int(0...255)) }
            if random.chance(0.2) { bytes.removeLast(random.int(0...bytes.count)) }
            _ = refusal(bytes)
        }
    }

    @Test("A table of positions that a checkpoint brings along is kept as it is, and training uses it")
    func constants() throws {
        var market = SmallTraining.market(.transformer)
        market.isTransformer = true
        var random = SeededGenerator(seed: 3, stream: "weights")
        let tensors = NewNetwork.transformer(inputs: market.inputs, width: 8, layers: 1, actions: 3, &random)
        let table = Tensor(
            "temporal_encoder.positional_encoding.pe", shape: [1, 4, 8],
            values: (0..<32).map { _ in Float(random.normal()) })
        func trainer(_ tensors: [Tensor]) throws -> Trainer<ToyMarket> {
            try Trainer(
                market, tensors: tensors, heads: 2, history: 3, settings: SmallTraining.settings(.transformer),
                configuration: SmallTraining.configuration)
        }
        let (with, without) = (try trainer(tensors + [table]), try trainer(tensors))
        _ = try with.iterate()
        _ = try without.iterate()
        #expect(with.tensors.last == table && with.tensors.dropLast() != without.tensors[...])
        let again = try Trainer.resume(
            with.checkpoint(), market, settings: SmallTraining.settings(.transformer),
            configuration: SmallTraining.configuration)
        #expect(again.tensors == with.tensors)
    }
}

struct RetentionTests {
    @Test("The newest and the best stay; of equal scores the later one, and what was never measured is not good")
    func kept() {
        let scores: [Double?] = [0.3, 0.9, nil, 0.1, 0.9, .nan, 0.2]
        let items = scores.enumerated().map { Retention.Item(iteration: $0 * 10, score: $1) }
        #expect(Retention(newest: 2, best: 1).kept(of: items) == [60, 50, 40])
        #expect(Retention(newest: 1, best: 3).kept(of: items.reversed()) == [60, 40, 10, 0])
        #expect(Retention(newest: 0, best: 0).kept(of: items).isEmpty)
        #expect(Retention(newest: 99, best: 0).kept(of: items).count == 7)
    }
}
