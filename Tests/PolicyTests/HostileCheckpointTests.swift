import Core
import Policy
import TestSupport
import Testing

struct HostileCheckpointTests {
    private func read(_ bytes: [UInt8]) throws(PolicyError) -> Network {
        try Network(try Checkpoint.read(bytes).tensors, heads: 1)
    }

    @Test("What the forger writes without a lie is read")
    func sound() throws {
        let checkpoint = try Checkpoint.read(ForgedCheckpoint.perceptron.bytes)
        #expect(checkpoint.tensors.map(\.values) == ForgedCheckpoint.perceptron.tensors.map(\.values))
        #expect(try Network(checkpoint.tensors).text == "2-2-3")
    }

    @Test("Entries that are deflated are read too")
    func deflated() throws {
        var zip = ForgedCheckpoint.perceptron.zip
        for name in zip.entries.map(\.name) {
            let content = zip[name].content
            (zip[name].method, zip[name].size, zip[name].checksum) = (8, content.count, ForgedZip.checksum(content))
            zip[name].content = ForgedZip.deflated(content)
        }
        #expect(try Checkpoint.read(zip.bytes) == Checkpoint.read(ForgedCheckpoint.perceptron.bytes))
    }

    @Test("A view with strides and an offset is read as the tensor that it shows")
    func views() throws {
        var forged = ForgedCheckpoint([
            .init("transposed", [2, 3], [1, 2, 3, 4, 5, 6]), .init("tail", [2], [9, 8, 7]), .init("one", [], [4]),
            .init("none", [0, 3], []),
        ])
        forged.tensors[0].strides = [1, 2]
        forged.tensors[1].offset = 1
        let tensors = try Checkpoint.read(forged.bytes).tensors
        #expect(tensors.map(\.values) == [[1, 3, 5, 2, 4, 6], [8, 7], [4], []])
        #expect(tensors.map(\.shape) == [[2, 3], [2], [], [0, 3]])
    }

    @Test("What a file says about itself is kept without what could steer a terminal, and not at any length")
    func notes() throws {
        let header =
            #"{"__metadata__":{"a\u001b[2J":"b\u0007\u009bc","long":"\#(String(repeating: "x", count: 900))"}}"#
        let bytes = ForgedZip.number(header.utf8.count, 8) + Array(header.utf8)
        let notes = try Checkpoint.read(bytes).notes
        #expect(notes.map(\.key) == ["a?[2J", "long"])
        #expect(notes.map(\.text) == ["b??c", String(repeating: "x", count: 200)])
    }

    @Test("A hostile container is refused by what is wrong with it", arguments: HostileFile.containers)
    func containers(file: HostileFile) { check(file) }

    @Test(
        "A hostile pickle is refused by its opcode or name, and nothing is called",
        arguments: HostileFile.calls + HostileFile.oddities)
    func pickles(file: HostileFile) { check(file) }

    @Test("Hostile tensors are refused by their name", arguments: HostileFile.tensors)
    func tensors(file: HostileFile) { check(file) }

    @Test("Hostile safetensors are refused by what is wrong with them", arguments: HostileFile.safetensors)
    func safetensors(file: HostileFile) { check(file) }

    private func check(_ file: HostileFile) {
        let error = #expect(throws: PolicyError.self) { try read(file.bytes()) }
        #expect(error?.description.contains(file.names) == true, "\(String(describing: error))")
    }

    @Test("Cut off at any byte, both containers are refused")
    func truncation() throws {
        let torch = ForgedCheckpoint.perceptron.bytes
        for bytes in [torch, Safetensors.bytes(of: SmallPolicy.tensors())] {
            for length in bytes.indices {
                #expect(throws: PolicyError.self, "\(length)") { try read(Array(bytes[..<length])) }
            }
        }
    }

    @Test("Spoilt at random, a file is read or refused, and never brings the program down", arguments: [1, 2, 3])
    func mutation(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "mutations")
        let sources = [ForgedCheckpoint.perceptron.bytes, Safetensors.bytes(of: SmallPolicy.tensors())]
        var refused = 0
        for round in 0..<600 {
            var bytes = sources[round % 2]
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 1: bytes[place] = [0, 0xFF, 0x7F, 0x80].randomElement(using: &random) ?? 0
                case 2: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
            }
            do throws(PolicyError) { _ = try read(bytes) } catch { refused += 1 }
        }
        // Whatever lies in a checksum or the header is noticed; a date or a comment is not.
        #expect(refused > 450, "\(refused)")
    }

    @Test(
        "A spoilt pickle behind a right checksum is read or refused, and never brings the program down",
        arguments: [1, 2])
    func pickleMutation(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "pickle mutations")
        let original = ForgedCheckpoint.perceptron.zip["net/data.pkl"].content
        for _ in 0..<600 {
            var zip = ForgedCheckpoint.perceptron.zip
            var pickle = original
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                pickle[Int.random(in: pickle.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            zip["net/data.pkl"].content = pickle
            do throws(PolicyError) { _ = try read(zip.bytes) } catch { continue }
        }
    }

    @Test("There are more than a hundred kinds of them")
    func count() {
        let all =
            HostileFile.containers + HostileFile.calls + HostileFile.oddities + HostileFile.tensors
            + HostileFile.safetensors
        #expect(all.count > 100)
    }
}
