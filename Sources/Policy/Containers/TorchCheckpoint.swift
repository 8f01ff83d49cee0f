internal import Zip

/// The container of `torch.save` since PyTorch 1.6: a zip archive with a pickle of views, and one entry of raw numbers for
/// each storage. The optimizer's tensors are checked and left where they are.
enum TorchCheckpoint {
    /// The key under which the original system's agents save their network; a bare state dictionary has none.
    private static let networkKey = "network_state_dict"
    private static let configurationKey = "model_config"

    static func read(_ bytes: [UInt8]) throws(PolicyError) -> Checkpoint {
        let archive = try CheckpointArchive(bytes)
        let (entry, root) = try pickle(archive)
        try requireLittleEndian(archive, root)
        var machine = try PickleMachine(try archive.content(of: entry))
        guard case .dictionary(let top) = try machine.run() else {
            throw .tensor("data.pkl", problem: "is no dictionary")
        }
        let fields = try named(machine.dictionaries[top])
        var views: [(name: String, view: PickleTensor)] = []
        let network = fields.first { $0.key == networkKey }?.value
        for (key, value) in try network.map({ value throws(PolicyError) in try members(value, machine) }) ?? fields {
            guard case .tensor(let index) = value else {
                if network == nil { continue }
                throw .tensor(key, problem: "is no tensor but \(value.kind)")
            }
            views.append((key, machine.tensors[index]))
        }
        let tensors = try Materials(archive, root: root, size: bytes.count).tensors(views)
        return Checkpoint(.torch, tensors: tensors, notes: try notes(fields, machine))
    }

    /// The one entry that holds the pickle, and the folder it stands in.
    private static func pickle(_ archive: CheckpointArchive) throws(PolicyError) -> (ZipArchive.Entry, root: String) {
        let found = archive.entries.filter { $0.name.hasSuffix("/data.pkl") || $0.name == "data.pkl" }
        guard let entry = found.first, found.count == 1 else {
            throw .archive(
                entry: nil, offset: 0, problem: "it holds \(found.count) entries 'data.pkl', and torch.save writes one")
        }
        return (entry, String(entry.name.dropLast("data.pkl".count)))
    }

    private static func requireLittleEndian(_ archive: CheckpointArchive, _ root: String) throws(PolicyError) {
        guard let entry = archive.entries.first(where: { $0.name == root + "byteorder" }) else { return }
        let order = String(decoding: try archive.content(of: entry).prefix(20), as: UTF8.self)
        guard order == "little" else {
            throw .archive(
                entry: entry.name, offset: entry.packed.lowerBound,
                problem: "says that the numbers are not little-endian")
        }
    }

    private static func members(
        _ value: PickleValue, _ machine: PickleMachine
    ) throws(PolicyError) -> [(key: String, value: PickleValue)] {
        guard case .dictionary(let index) = value else {
            throw .tensor(networkKey, problem: "is no dictionary of tensors but \(value.kind)")
        }
        return try named(machine.dictionaries[index])
    }

    /// Text keys, each once.
    private static func named(
        _ pairs: [(key: PickleValue, value: PickleValue)]
    ) throws(PolicyError) -> [(key: String, value: PickleValue)] {
        var seen: Set<String> = []
        var members: [(key: String, value: PickleValue)] = []
        for pair in pairs {
            guard case .text(let key) = pair.key else {
                throw .tensor("data.pkl", problem: "has \(pair.key.kind) as a key")
            }
            guard seen.insert(key).inserted else { throw .tensor(key, problem: "stands there twice") }
            members.append((key, pair.value))
        }
        return members
    }

    /// The numbers and texts of the top level, and those of the packager's `model_config`.
    private static func notes(
        _ fields: [(key: String, value: PickleValue)], _ machine: PickleMachine
    ) throws(PolicyError) -> [Checkpoint.Note] {
        var members = fields
        if let configuration = fields.first(where: { $0.key == configurationKey })?.value {
            members += try Self.members(configuration, machine)
        }
        var seen: Set<String> = []
        return members.filter { seen.insert($0.key).inserted }.compactMap { key, value in
            switch value {
            case .int(let number): Checkpoint.Note(key, "\(number)")
            case .float(let number): Checkpoint.Note(key, "\(number)")
            case .bool(let flag): Checkpoint.Note(key, "\(flag)")
            case .text(let text): Checkpoint.Note(key, text)
            case .none, .global, .tuple, .list, .dictionary, .storage, .tensor: nil
            }
        }
    }
}

/// Copies views out of their storages.
private struct Materials {
    private let archive: CheckpointArchive
    private let root: String
    private let limit: Int
    private let entries: [String: ZipArchive.Entry]

    init(_ archive: CheckpointArchive, root: String, size: Int) {
        self.archive = archive
        self.root = root
        entries = Dictionary(archive.entries.map { ($0.name, $0) }) { first, _ in first }
        // Two bytes are the least that a number takes, so honest views of one file are no more than that.
        limit = max(size, archive.entries.reduce(0) { $0 + $1.size }) / 2
    }

    func tensors(_ views: [(name: String, view: PickleTensor)]) throws(PolicyError) -> [Tensor] {
        var total = 0
        var verified: [String: ArraySlice<UInt8>] = [:]
        var tensors: [Tensor] = []
        for (name, view) in views {
            total += view.count
            guard total <= limit else {
                throw .tensor(name, problem: "is one view too many: the tensors have more numbers than the file")
            }
            let bytes: ArraySlice<UInt8>
            if let known = verified[view.storage.key] {
                bytes = known
            } else {
                bytes = try content(of: view.storage, for: name)
                verified[view.storage.key] = bytes
            }
            guard bytes.count == view.storage.count * view.storage.type.width else {
                throw .tensor(
                    name,
                    problem: "has a storage of \(bytes.count) bytes, and \(view.storage.count) numbers are announced")
            }
            tensors.append(Tensor(name, shape: view.shape, values: bytes.withUnsafeBytes { Self.values(view, in: $0) }))
        }
        return tensors
    }

    private func content(of storage: PickleStorage, for name: String) throws(PolicyError) -> ArraySlice<UInt8> {
        guard let entry = entries["\(root)data/\(storage.key)"] else {
            throw .tensor(name, problem: "has no storage: the archive lacks 'data/\(storage.key.prefix(40))'")
        }
        return try archive.content(of: entry)
    }

    private static func values(_ view: PickleTensor, in bytes: UnsafeRawBufferPointer) -> [Float] {
        let (type, isContiguous) = (view.storage.type, view.isContiguous)
        return [Float](unsafeUninitializedCapacity: view.count) { target, filled in
            var index = [Int](repeating: 0, count: view.shape.count)
            var place = view.offset
            for number in 0..<view.count {
                target.initializeElement(at: number, to: type.value(in: bytes, at: place * type.width))
                if isContiguous {
                    place += 1
                    continue
                }
                var axis = view.shape.count - 1
                while axis >= 0 {
                    index[axis] += 1
                    place += view.strides[axis]
                    if index[axis] < view.shape[axis] { break }
                    place -= view.strides[axis] * index[axis]
                    index[axis] = 0
                    axis -= 1
                }
            }
            filled = view.count
        }
    }
}
