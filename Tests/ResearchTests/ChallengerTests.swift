import Core
import Cycle
import Foundation
import Learning
import Policy
import TestSupport
import Testing

@testable import Research

/// A folder with a champion, and what he has lived through.
private struct Ring {
    let folder: TemporaryFolder
    let champion: PolicyFiles
    static let profile = ProfileName("us")

    init() throws {
        folder = try TemporaryFolder("takt-ring")
        champion = PolicyFiles(sidecar: folder.path("net" + PolicyFiles.sidecarSuffix))
        var random = SeededGenerator(seed: 3, stream: "weights")
        let tensors = NewNetwork.perceptron([2, 8, 3], &random)
        let weights = Safetensors.bytes(of: tensors)
        let network = try Network(tensors)
        let sidecar = try PolicySidecar(
            name: "net", network: network, history: 0,
            weights: .init(file: "net.safetensors", digest: Digest(of: weights)), features: nil, normaliser: nil,
            timeframe: nil, training: nil,
            provenance: .init(
                source: "a test", digest: Digest(of: weights), format: .safetensors, notes: [], version: "1"),
            golden: try GoldenVector.record(try Evaluator(network)))
        try FileWriting.replace(champion.weights, with: weights)
        try FileWriting.replace(champion.sidecar, with: Array(sidecar.json.utf8))
    }

    func challenger(
        for profile: ProfileName = Ring.profile, agent: String = "grpo",
        _ change: (inout TrainingSettings) -> Void = { _ in }
    ) throws -> Challenger {
        var settings = TrainingSettings()
        (settings.batch, settings.epochs, settings.learningRate) = (16, 1, .constant(1e-3))
        change(&settings)
        return try Challenger(of: champion, for: profile, AgentName(agent), settings: settings, version: "1")
    }

    /// So many decisions, a bar apart.
    func experience(_ count: Int) -> LiveExperience {
        LiveExperience(
            (0..<count).map { index in
                let cycle = CycleID(
                    profile: Self.profile, barClose: Instant.fixture.advanced(bySeconds: Int64(index) * 300))
                return LiveExperience.Item(
                    cycle: cycle, known: cycle,
                    experience: Experience(
                        state: [Float(index % 5) - 2, 0.5], action: index % 3, logits: [0.1, 0, -0.1],
                        reward: [0, 0.01, -0.01][index % 3]))
            })
    }

    func bytes(_ name: String) throws -> [UInt8] { try FileWriting.read(folder.path(name)) }
}

extension Challenger.Outcome {
    fileprivate var name: String {
        switch self {
        case .learned: "learned"
        case .restarted: "restarted"
        case .finished: "finished"
        case .atBound: "at-bound"
        case .nothing: "nothing"
        }
    }
}

struct ChallengerTests {
    private static let names = ["net-challenger.policy.json", "net-challenger.safetensors"]

    @Test("An update that was killed before its policy was written is finished, and learning goes on")
    func killed() throws {
        let ring = try Ring()
        let challenger = try ring.challenger()
        #expect(try challenger.update(ring.experience(20)).name == "learned")
        let before = try Self.names.map(ring.bytes)
        #expect(try challenger.update(ring.experience(40)).name == "learned")
        let (after, weights) = (try ring.bytes(Self.names[0]), try challenger.files.read().weights)
        // The state is that of the second update, the policy that of the first.
        for (name, bytes) in zip(Self.names, before) { try FileWriting.replace(ring.folder.path(name), with: bytes) }
        #expect(try challenger.files.read().weights == before[1])
        #expect(try challenger.standing().updates == 1)
        #expect(try challenger.update(ring.experience(40)).name == "finished")
        #expect(try ring.bytes(Self.names[0]) == after && challenger.files.read().weights == weights)
        #expect(try challenger.files.load().sidecar.provenance.source == "takt learn")
        #expect(try challenger.standing().updates == 2)
        #expect(try challenger.update(ring.experience(60)).name == "learned")
    }

    @Test("With other settings, or where its state is gone, a challenger begins anew from its champion, and says so")
    func restarts() throws {
        let ring = try Ring()
        for count in [20, 40] { #expect(try ring.challenger().update(ring.experience(count)).name == "learned") }
        let slower = try ring.challenger { $0.clip = 0.1 }
        #expect(try slower.standing() == Challenger.Standing(updates: 0, through: nil))
        #expect(try slower.update(ring.experience(40)).name == "restarted")
        #expect(try slower.standing().updates == 1)
        #expect(try slower.update(ring.experience(60)).name == "learned")
        FileWriting.remove(ring.folder.path("net-challenger.learning.safetensors"))
        #expect(try slower.update(ring.experience(60)).name == "restarted")
        #expect(try slower.standing().updates == 1)
    }

    @Test("What an agent asks is not learned on: neither by its name, nor by a link, nor by its weights alone")
    func inUse() throws {
        let ring = try Ring()
        let challenger = try ring.challenger()
        let agent = AgentName("deepseek")
        _ = try challenger.update(ring.experience(20))
        func refusal(_ files: PolicyFiles) -> ChallengerRefusal? {
            do { try challenger.requireFree(of: [AgentName("grpo"): ring.champion, agent: files]) } catch {
                return error as? ChallengerRefusal
            }
            return nil
        }
        let inUse = ChallengerRefusal.inUse(challenger.files.sidecar, by: agent)
        #expect(refusal(challenger.files) == inUse)
        let link = ring.folder.path("link" + PolicyFiles.sidecarSuffix)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: challenger.files.sidecar)
        #expect(refusal(PolicyFiles(sidecar: link)) == inUse)
        let copy = ring.folder.path("copy" + PolicyFiles.sidecarSuffix)
        try FileManager.default.copyItem(atPath: challenger.files.sidecar, toPath: copy)
        #expect(refusal(PolicyFiles(sidecar: copy)) == inUse, "the copy names the challenger's weights")
        // Both files in a folder of their own are free.
        for path in [challenger.files.sidecar, challenger.files.weights] {
            try FileWriting.replace(
                ring.folder.path("mine/\(PolicyFiles.last(path))"), with: try FileWriting.read(path))
        }
        #expect(refusal(PolicyFiles(sidecar: ring.folder.path("mine/net-challenger.policy.json"))) == nil)
        #expect(refusal(ring.champion) == nil)
    }

    @Test("Two do not learn on one challenger: not at the same time, and not from two profiles or agents")
    func alone() throws {
        let ring = try Ring()
        let challenger = try ring.challenger()
        let lock = try challenger.lock("process 1")
        #expect(throws: ChallengerRefusal.busy(challenger.files.sidecar, holder: "process 1")) {
            _ = try challenger.lock("process 2")
        }
        lock.release()
        try challenger.lock("process 2").release()
        _ = try challenger.update(ring.experience(20))
        for (profile, agent) in [("kr", "grpo"), ("us", "deepseek")] {
            let other = try ring.challenger(for: ProfileName(profile), agent: agent)
            #expect(try other.standing() == Challenger.Standing(updates: 0, through: nil))
            #expect(
                throws: ChallengerRefusal.ofAnother(
                    challenger.files.sidecar, profile: Ring.profile, agent: AgentName("grpo"))
            ) { try other.requireFree(of: [:]) }
        }
        try challenger.requireFree(of: [:])
    }
}
