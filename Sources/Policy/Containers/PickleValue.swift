/// What a pickle may hold. Containers live in the machine's own lists and are named by their place there, so that a pickle
/// that refers to itself, or nests a million deep, costs nothing and breaks nothing.
enum PickleValue {
    case none
    case bool(Bool)
    case int(Int64)
    case float(Double)
    case text(String)
    case global(PickleGlobal)
    case tuple(Int)
    case list(Int)
    case dictionary(Int)
    case storage(Int)
    case tensor(Int)

    /// For messages.
    var kind: String {
        switch self {
        case .none: "None"
        case .bool: "a truth value"
        case .int: "a whole number"
        case .float: "a number"
        case .text: "a text"
        case .global: "a class"
        case .tuple: "a tuple"
        case .list: "a list"
        case .dictionary: "a dictionary"
        case .storage: "a storage"
        case .tensor: "a tensor"
        }
    }
}

/// Everything a pickle may name. None of it is looked up anywhere: the machine knows what each means.
enum PickleGlobal: Hashable {
    case orderedDictionary
    case rebuildTensor
    case storage(TensorType)

    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDictionary
        case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("torch", "FloatStorage"): self = .storage(.float32)
        case ("torch", "DoubleStorage"): self = .storage(.float64)
        case ("torch", "HalfStorage"): self = .storage(.float16)
        case ("torch", "BFloat16Storage"): self = .storage(.bfloat16)
        case ("torch", "LongStorage"): self = .storage(.int64)
        default: return nil
        }
    }
}

/// The raw numbers that tensors are views of.
struct PickleStorage {
    let type: TensorType
    /// The entry `data/KEY` of the archive.
    let key: String
    let count: Int
}

/// A view of a storage: element (i, j, …) is number offset + Σ i·stride.
struct PickleTensor {
    let storage: PickleStorage
    let offset: Int
    let shape: [Int]
    let strides: [Int]
    let count: Int
    /// Of the instruction that made it.
    let madeAt: Int

    var isContiguous: Bool {
        var expected = 1
        for (length, stride) in zip(shape, strides).reversed() where length != 1 {
            guard stride == expected else { return false }
            expected *= length
        }
        return true
    }
}
