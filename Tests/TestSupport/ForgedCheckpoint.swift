/// Writes checkpoints as `torch.save` does: a pickle of views and an entry per storage. The instructions are written out
/// here, so that any of them can be replaced by one that should not be there.
public struct ForgedCheckpoint: Sendable {
    public struct Tensor: Sendable {
        public var name: String
        public var shape: [Int]
        public var values: [Float]
        public var strides: [Int]
        public var offset = 0
        /// What the pickle says about the storage; `nil` for the truth.
        public var announced: Int?
        public var storageClass = "torch\nFloatStorage\n"
        /// Of the entry `data/KEY`.
        public var key: String?

        public init(_ name: String, _ shape: [Int], _ values: [Float]) {
            (self.name, self.shape, self.values) = (name, shape, values)
            strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
        }
    }

    public var tensors: [Tensor]
    /// What stands in the place of the whole pickle.
    public var pickle: [UInt8]?
    /// What stands between the pickle's beginning and its dictionary.
    public var prelude: [UInt8] = []

    public init(_ tensors: [Tensor]) { self.tensors = tensors }

    /// A perceptron of two inputs, one hidden layer and three actions.
    public static let perceptron = ForgedCheckpoint([
        Tensor("policy.0.weight", [2, 2], [1, -1, 0.5, 2]), Tensor("policy.0.bias", [2], [0, 0.25]),
        Tensor("policy.2.weight", [3, 2], [0, 0, 1, 0, 0, 1]), Tensor("policy.2.bias", [3], [0.5, 0, 0]),
    ])

    public var zip: ForgedZip {
        var entries = [ForgedZip.Entry("net/data.pkl", pickle ?? stateDictionary)]
        entries.append(.init("net/byteorder", Array("little".utf8)))
        for (index, tensor) in tensors.enumerated() where tensor.key == nil {
            let content = tensor.values.flatMap { ForgedZip.number(Int($0.bitPattern), 4) }
            entries.append(.init("net/data/\(index)", content))
        }
        return ForgedZip(entries)
    }

    public var bytes: [UInt8] { zip.bytes }

    /// Protocol 2, a dictionary `network_state_dict` of tensors.
    private var stateDictionary: [UInt8] {
        var code: [UInt8] = [0x80, 2] + prelude + Pickle.emptyDict + Pickle.text("network_state_dict")
        code += Pickle.global("collections\nOrderedDict\n") + Pickle.emptyTuple + Pickle.reduce + Pickle.mark
        for (index, tensor) in tensors.enumerated() { code += Pickle.text(tensor.name) + view(tensor, index) }
        return code + Pickle.setitems + Pickle.setitem + Pickle.stop
    }

    private func view(_ tensor: Tensor, _ index: Int) -> [UInt8] {
        var code = Pickle.global("torch._utils\n_rebuild_tensor_v2\n") + Pickle.mark + Pickle.mark
        code += Pickle.text("storage") + Pickle.global(tensor.storageClass) + Pickle.text(tensor.key ?? "\(index)")
        code += Pickle.text("cpu") + Pickle.int(tensor.announced ?? tensor.values.count) + Pickle.tuple
        code +=
            Pickle.persistent + Pickle.int(tensor.offset) + Pickle.tuple(tensor.shape) + Pickle.tuple(tensor.strides)
        code += Pickle.no + Pickle.global("collections\nOrderedDict\n") + Pickle.emptyTuple + Pickle.reduce
        return code + Pickle.tuple + Pickle.reduce
    }
}

/// Instructions of Python's pickle, by the codes of CPython's `Lib/pickle.py`.
public enum Pickle {
    public static let mark = Array("(".utf8)
    public static let stop = Array(".".utf8)
    public static let reduce = Array("R".utf8)
    public static let build = Array("b".utf8)
    public static let tuple = Array("t".utf8)
    public static let emptyTuple = Array(")".utf8)
    public static let emptyList = Array("]".utf8)
    public static let emptyDict = Array("}".utf8)
    public static let setitem = Array("s".utf8)
    public static let setitems = Array("u".utf8)
    public static let append = Array("a".utf8)
    public static let persistent = Array("Q".utf8)
    public static let none = Array("N".utf8)
    public static let no: [UInt8] = [0x89]

    /// `MODULE\nNAME\n`.
    public static func global(_ lines: String) -> [UInt8] { Array("c\(lines)".utf8) }

    public static func text(_ text: String) -> [UInt8] {
        Array("X".utf8) + ForgedZip.number(text.utf8.count, 4) + Array(text.utf8)
    }

    /// As `LONG1`, which holds any.
    public static func int(_ value: Int) -> [UInt8] { [0x8A, 8] + ForgedZip.number(value, 8) }

    public static func tuple(_ values: [Int]) -> [UInt8] { mark + values.flatMap(int) + tuple }
}
