import Core
import Foundation
import Learning
import Policy
import TestSupport
import Testing

@testable import Cycle

/// A policy that can be told from others by its weights.
private struct Made {
    let sidecar: [UInt8]
    let weights: [UInt8]
    let file: String

    init(seed: UInt64, at files: PolicyFiles) throws {
        var random = SeededGenerator(seed: seed, stream: "weights")
        let tensors = NewNetwork.perceptron([2, 4, 3], &random)
        weights = Safetensors.bytes(of: tensors)
        file = try files.weightsFile(for: weights)
        let network = try Network(tensors)
        sidecar = try PolicySidecar(
            name: files.name, network: network, history: 0,
            weights: .init(file: file, digest: Digest(of: weights)), features: nil, normaliser: nil, timeframe: nil,
            training: nil,
            provenance: .init(
                source: "a test", digest: Digest(of: weights), format: .safetensors, notes: [], version: "1"),
            golden: try GoldenVector.record(try Evaluator(network))
        ).json.utf8
    }

    func write(to files: PolicyFiles) throws { try files.write(sidecar: sidecar, weights: weights, in: file) }
}

@Suite("Putting a policy in the place of another")
struct PolicyWritingTests {
    private let folder: TemporaryFolder
    private let files: PolicyFiles

    init() throws {
        folder = try TemporaryFolder("takt-policy")
        files = PolicyFiles(sidecar: folder.path("net" + PolicyFiles.sidecarSuffix))
    }

    private func weightsOnDisk() throws -> [UInt8] { try files.read().weights }

    private var names: [String] { FileWriting.names(in: folder.url.path).filter { $0.hasPrefix("net") } }

    @Test("Between any two writes one policy is whole: the old one until the sidecar is renamed, then the new one")
    func oneIsWhole() throws {
        let first = try Made(seed: 1, at: files)
        #expect(first.file == "net.safetensors")
        try first.write(to: files)
        for seed in UInt64(2)...5 {
            let before = try weightsOnDisk()
            let next = try Made(seed: seed, at: files)
            // As a process that dies after the weights leaves it.
            try FileWriting.replace(folder.path(next.file), with: next.weights)
            #expect(try weightsOnDisk() == before)
            try next.write(to: files)
            #expect(try weightsOnDisk() == next.weights)
        }
    }

    @Test("The weights of the policy before go, and nothing else does")
    func leavesNoOthers() throws {
        try Made(seed: 1, at: files).write(to: files)
        let strangers = [
            "net-challenger.safetensors", "net-0123456789AB.safetensors", "network.safetensors", "net.svg",
        ]
        for name in strangers { try FileWriting.replace(folder.path(name), with: [1]) }
        let second = try Made(seed: 2, at: files)
        // A policy of its own, whose name looks like one of ours.
        let other = PolicyFiles(sidecar: folder.path("net-202611201430.policy.json"))
        try Made(seed: 9, at: other).write(to: other)
        try second.write(to: files)
        #expect(try other.read().policy.sidecar.name == "net-202611201430")
        #expect(second.file == "net-\(Digest(of: second.weights).hex.prefix(12)).safetensors")
        FileWriting.remove(other.sidecar)
        FileWriting.remove(folder.path("net-202611201430.safetensors"))
        #expect(Set(names) == Set(strangers + [second.file, "net.policy.json"]))
        let third = try Made(seed: 3, at: files)
        try third.write(to: files)
        #expect(Set(names) == Set(strangers + ["net.safetensors", "net.policy.json"]))
    }

    @Test("The same policy again is what lies there, whatever its weights are called")
    func same() throws {
        for seed in [UInt64(1), 2] { try Made(seed: seed, at: files).write(to: files) }
        let again = try Made(seed: 2, at: files)
        #expect(try files.hold(sidecar: again.sidecar, weights: again.weights, in: again.file))
        let other = try Made(seed: 3, at: files)
        #expect(try !files.hold(sidecar: other.sidecar, weights: other.weights, in: other.file))
    }
}
