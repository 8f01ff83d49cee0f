import Core
import Policy
import TestSupport
import Testing

@Suite("Checkpoints of the original system", .enabled(if: DecisionFixtures.exists, DecisionFixtures.why))
struct CheckpointTests {
    @Test(
        "Every tensor of a .pth file is read in its order, bit for bit",
        arguments: ["grpo-seed1", "grpo-seed2", "deepseek-seed1", "deepseek-seed2"])
    func torch(name: String) throws {
        let checkpoint = try DecisionFixtures.checkpoint("\(name).pth")
        let golden = try DecisionFixtures.json("\(name).tensors.json")
        let expected = try golden.items("network_state_dict")
        #expect(checkpoint.format == .torch)
        #expect(try checkpoint.tensors.map(\.name) == expected.map { try $0.text("name") })
        for (tensor, entry) in zip(checkpoint.tensors, expected) {
            #expect(try tensor.shape.map(Double.init) == entry.member("shape").numbers, "\(tensor.name)")
            #expect(try tensor.digest.hex == entry.text("sha256_contiguous_le_bytes"), "\(tensor.name)")
        }
        guard case .object(let scalars) = try golden.member("scalars") else { return }
        for scalar in scalars {
            #expect(checkpoint[note: scalar.key].flatMap(Double.init) == scalar.value.doubleValue, "\(scalar.key)")
        }
    }

    @Test(
        "Safetensors written by its own library hold the same tensors as the .pth file",
        arguments: ["grpo-seed1", "deepseek-seed1"])
    func safetensors(name: String) throws {
        let found = try DecisionFixtures.checkpoint("\(name).safetensors")
        let torch = try DecisionFixtures.checkpoint("\(name).pth")
        #expect(found.format == .safetensors)
        #expect(!found.notes.isEmpty)
        let byName = Dictionary(uniqueKeysWithValues: found.tensors.map { ($0.name, $0) })
        #expect(byName.count == torch.tensors.count)
        for tensor in torch.tensors { #expect(byName[tensor.name] == tensor, "\(tensor.name)") }
    }

    @Test("What takt writes as safetensors is read back as it was, and is the same at every writing")
    func writing() throws {
        let torch = try DecisionFixtures.checkpoint("grpo-seed1.pth")
        let bytes = Safetensors.bytes(of: torch.tensors, notes: [.init("family", "mlp")])
        let back = try Checkpoint.read(bytes)
        #expect(back.tensors == torch.tensors)
        #expect(back.notes == [.init("family", "mlp")])
        #expect(Safetensors.bytes(of: back.tensors, notes: back.notes) == bytes)
    }

    @Test("The packager's file brings its model_config along")
    func packaged() throws {
        let checkpoint = try DecisionFixtures.checkpoint("packaged/grpo/seed1/model.pt")
        #expect(try checkpoint.tensors == DecisionFixtures.checkpoint("grpo-seed1.pth").tensors)
        #expect(checkpoint[note: "state_dim"] == "14" && checkpoint[note: "hidden_dim"] == "128")
    }
}
