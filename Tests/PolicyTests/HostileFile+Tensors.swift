import Policy
import TestSupport

extension HostileFile {
    private typealias Tensor = ForgedCheckpoint.Tensor

    /// Views that reach beyond their storage, and weights that are no network.
    static let tensors: [HostileFile] = [
        HostileFile(
            "a storage that is not there", "'policy.0.bias' has no storage", changing: { $0.tensors[1].key = "77" }),
        HostileFile(
            "a storage of another length", "'policy.0.weight' has a storage of 16 bytes",
            changing: {
                $0.tensors[0].announced = 5
            }),
        HostileFile(
            "a storage beyond all limits", "no reference to a storage",
            changing: {
                $0.tensors[0].announced = 1 << 40
            }),
        HostileFile("a negative storage", "no reference to a storage", changing: { $0.tensors[0].announced = -4 }),
        HostileFile(
            "a shape larger than its storage", "makes a tensor [9, 9]", changing: { $0.tensors[0].shape = [9, 9] }),
        HostileFile(
            "a shape beyond counting", "makes a tensor [500000000, 500000000",
            changing: {
                $0.tensors[0].shape = [500_000_000, 500_000_000, 500_000_000]
                $0.tensors[0].strides = [1, 1, 1]
            }),
        HostileFile(
            "one number, a billion times", "makes a tensor [100000, 10000]",
            changing: {
                ($0.tensors[0].shape, $0.tensors[0].strides) = ([100_000, 10_000], [0, 0])
            }),
        HostileFile("a negative length", "describe no tensor", changing: { $0.tensors[0].shape = [-2, -2] }),
        HostileFile(
            "strides beyond the end", "reaches number 12 of a storage that has 4",
            changing: {
                $0.tensors[0].strides = [10, 1]
            }),
        HostileFile("an offset beyond the end", "the opcode REDUCE", changing: { $0.tensors[0].offset = .max }),
        HostileFile("a negative offset", "the opcode REDUCE", changing: { $0.tensors[0].offset = -1 }),
        HostileFile(
            "twenty dimensions", "20 dimensions",
            changing: {
                let ones = [Int](repeating: 1, count: 20)
                ($0.tensors[0].shape, $0.tensors[0].strides) = (ones, ones)
            }),
        HostileFile("fewer strides than lengths", "describe no tensor", changing: { $0.tensors[0].strides = [1] }),
        HostileFile(
            "complex numbers", "'torch.ComplexFloatStorage'",
            changing: {
                $0.tensors[0].storageClass = "torch\nComplexFloatStorage\n"
            }),
        HostileFile(
            "a storage shared a thousand times", "is one view too many",
            changing: { checkpoint in
                let big = Tensor("big", [4096], [Float](repeating: 1, count: 4096))
                checkpoint.tensors.append(big)
                let place = "\(checkpoint.tensors.count - 1)"
                for number in 0..<1000 {
                    var copy = big
                    (copy.name, copy.key) = ("copy\(number)", place)
                    checkpoint.tensors.append(copy)
                }
            }),
        HostileFile(
            "a tensor twice", "'policy.0.bias' stands there twice",
            changing: {
                $0.tensors.append($0.tensors[1])
            }),
        HostileFile(
            "not a number", "'policy.2.weight' holds nan as its number 4",
            changing: {
                $0.tensors[2].values[3] = .nan
            }),
        HostileFile(
            "infinity", "'policy.2.bias' holds -inf as its number 3",
            changing: {
                $0.tensors[3].values[2] = -.infinity
            }),
        HostileFile(
            "a bias of another length", "'policy.0.bias' has the shape [3], not [2]",
            changing: {
                $0.tensors[1] = Tensor("policy.0.bias", [3], [0, 0, 0])
            }),
        HostileFile(
            "layers that do not meet", "'policy.2.weight' has the shape [3, 3], not [3, 2]",
            changing: {
                $0.tensors[2] = Tensor("policy.2.weight", [3, 3], [Float](repeating: 0, count: 9))
            }),
        HostileFile(
            "a weight without dimensions", "'policy.0.weight' has the shape []",
            changing: {
                $0.tensors[0] = Tensor("policy.0.weight", [], [1])
            }),
        HostileFile("a missing bias", "'policy.2.bias' is missing", changing: { $0.tensors.removeLast() }),
        HostileFile(
            "a tensor of nobody", "'policy.back_door' belongs to no perceptron",
            changing: {
                $0.tensors.append(Tensor("policy.back_door", [1], [1]))
            }),
        HostileFile(
            "another network", "no network of a known kind has a tensor 'conv.weight'",
            changing: {
                $0.tensors = [Tensor("conv.weight", [1, 1, 1], [1])]
            }),
        HostileFile(
            "sixteen thousand actions", "the network has 16000 actions",
            changing: {
                $0.tensors[2] = Tensor("policy.2.weight", [16_000, 2], [Float](repeating: 0, count: 32_000))
                $0.tensors[3] = Tensor("policy.2.bias", [16_000], [Float](repeating: 0, count: 16_000))
            }),
        HostileFile("no tensors", "there is no tensor in it", changing: { $0.tensors = [] }),
        HostileFile(
            "a critic of other inputs", "'q_estimator.0.weight' has the shape [2, 2], not [2, 5]",
            changing: {
                $0.tensors.append(Tensor("q_estimator.0.weight", [2, 2], [0, 0, 0, 0]))
                $0.tensors.append(Tensor("q_estimator.0.bias", [2], [0, 0]))
            }),
    ]

    private static let sound = #""policy.0.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}"#

    static let safetensors: [HostileFile] = [
        HostileFile("a header without an end", "claims 4611686018427387904 bytes") {
            ForgedZip.number(1 << 62, 8) + Array("{}".utf8)
        },
        HostileFile("a header longer than the file", "claims 500 bytes, and 2 follow") {
            ForgedZip.number(500, 8) + Array("{}".utf8)
        },
        HostileFile("no JSON", "damaged at byte 9", header: "{nope", data: 0),
        HostileFile("a JSON without an end", "damaged at byte", header: "{\(sound)", data: 16),
        HostileFile(
            "JSON nested without end", "nested too deeply", header: #"{"a":"# + String(repeating: "[", count: 9000),
            data: 0),
        HostileFile("a name twice", "the key 'policy.0.weight' stands twice", header: "{\(sound),\(sound)}", data: 16),
        HostileFile(
            "an unknown type", "has the unknown dtype 'F8_E4M3'",
            header: #"{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}"#, data: 1),
        HostileFile("no type", "'a' has no 'dtype'", header: #"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, data: 4),
        HostileFile(
            "overlapping tensors", "'b' overlaps 'a'",
            header: #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
                + #""b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, data: 12),
        HostileFile(
            "a hole", "'b' leaves a hole of 4 bytes",
            header: #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
                + #""b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#, data: 12),
        HostileFile("bytes of nobody", "4 bytes behind the last tensor", header: "{\(sound)}", data: 20),
        HostileFile("cut off", "ends at byte 16 of the data, and there are 15", header: "{\(sound)}", data: 15),
        HostileFile(
            "another length than its shape", "is not what the shape [3] in F32 takes",
            header: #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,16]}}"#, data: 16),
        HostileFile(
            "a shape beyond counting", "not what the shape [4611686018427387904, 4]",
            header: #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,16]}}"#, data: 16),
        HostileFile(
            "a negative length", "something else than whole numbers in 'shape'",
            header: #"{"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}"#, data: 16),
        HostileFile(
            "half a number", "something else than whole numbers in 'shape'",
            header: #"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,6]}}"#, data: 6),
        HostileFile(
            "offsets the wrong way round", "no sound 'data_offsets'",
            header: #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, data: 4),
        HostileFile(
            "off its alignment", "'b' begins at byte 2 of the data",
            header: #"{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"#
                + #""b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#, data: 6),
        HostileFile(
            "metadata that are no texts", "__metadata__.a is no string", header: #"{"__metadata__":{"a":1}}"#, data: 0),
        HostileFile("a header that is no object", "begins neither like", header: "[]", data: 0),
        HostileFile("half a tensor of NaN", "'policy.0.weight' holds nan") {
            let header =
                #"{"policy.0.weight":{"dtype":"F16","shape":[1,1],"data_offsets":[0,2]},"#
                + #""policy.0.bias":{"dtype":"F16","shape":[1],"data_offsets":[2,4]}}"#
            return ForgedZip.number(header.utf8.count, 8) + Array(header.utf8) + [0x00, 0x7E, 0, 0]
        },
    ]
}
