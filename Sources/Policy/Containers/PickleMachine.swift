import Core

/// Reads the pickle of a PyTorch checkpoint: numbers, texts, plain containers, and views of storages. It calls nothing: the
/// two functions that a state dictionary needs are done here, and every other instruction or name is refused.
///
/// The instructions are those of section *Opcodes* in CPython's `Lib/pickletools.py`.
struct PickleMachine {
    /// The pickle of the original's largest network has 60 KB.
    static let sizeLimit = 1024 * 1024
    private static let dimensionLimit = 8

    private let bytes: ArraySlice<UInt8>
    private var at: Int
    private var opcode: PickleOpcode?
    /// Where the instruction in hand begins.
    private var began = 0
    private var stack: [PickleValue] = []
    /// How high the stack was at each mark.
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private(set) var tuples: [[PickleValue]] = []
    private(set) var lists: [[PickleValue]] = []
    private(set) var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
    private(set) var storages: [PickleStorage] = []
    private(set) var tensors: [PickleTensor] = []

    init(_ bytes: ArraySlice<UInt8>) throws(PolicyError) {
        guard bytes.count <= Self.sizeLimit else {
            throw .tooLarge("data.pkl", count: bytes.count, limit: Self.sizeLimit, unit: "bytes")
        }
        self.bytes = bytes
        at = bytes.startIndex
    }

    /// Runs to the end and gives what was made.
    mutating func run() throws(PolicyError) -> PickleValue {
        while true {
            began = at - bytes.startIndex
            opcode = nil
            let code = try byte()
            guard let known = PickleOpcode(rawValue: code) else {
                throw .pickle(opcode: PickleOpcode.name(of: code), offset: began, problem: "does not exist")
            }
            opcode = known
            if known == .stop { break }
            try step(known)
        }
        let value = try pop()
        guard stack.isEmpty, marks.isEmpty else { throw wrong("leaves \(stack.count) values behind") }
        guard at == bytes.endIndex else { throw wrong("is followed by \(bytes.endIndex - at) more bytes") }
        return value
    }

    private mutating func step(_ opcode: PickleOpcode) throws(PolicyError) {
        switch opcode {
        case .proto: try proto()
        case .frame: _ = try number(8)
        case .mark: marks.append(stack.count)
        case .none, .newtrue, .newfalse, .binint, .binint1, .binint2, .long1, .binfloat, .binunicode, .shortBinunicode:
            stack.append(try constant(opcode))
        case .emptyDict, .emptyList, .emptyTuple, .tuple, .tuple1, .tuple2, .tuple3: try makeContainer(opcode)
        case .append, .appends, .setitem, .setitems: try fillContainer(opcode)
        case .binput: try remember(Int(try byte()))
        case .longBinput: try remember(try number(4))
        case .memoize: try remember(memo.count)
        case .binget: try recall(Int(try byte()))
        case .longBinget: try recall(try number(4))
        case .global: try global(module: try line(), name: try line())
        case .stackGlobal: try stackGlobal()
        case .binpersid: try persistent()
        case .reduce: try reduce()
        case .build: try build()
        case .stop, .pop, .popMark, .dup, .float, .int, .long, .persid, .string, .binstring, .shortBinstring, .unicode,
            .dict, .get, .inst, .list, .obj, .put, .binbytes, .shortBinbytes, .newobj, .ext1, .ext2, .ext4, .long4,
            .binunicode8, .binbytes8, .emptySet, .additems, .frozenset, .newobjEx, .bytearray8, .nextBuffer,
            .readonlyBuffer:
            throw wrong("is not allowed: tensors and plain containers do without it")
        }
    }

    // MARK: Constants

    private mutating func proto() throws(PolicyError) {
        let version = try byte()
        guard (2...5).contains(version) else { throw wrong("names the protocol \(version); 2 to 5 are read") }
    }

    private mutating func constant(_ opcode: PickleOpcode) throws(PolicyError) -> PickleValue {
        switch opcode {
        case .newtrue: return .bool(true)
        case .newfalse: return .bool(false)
        case .binint: return .int(Int64(Int32(truncatingIfNeeded: try number(4))))
        case .binint1: return .int(Int64(try byte()))
        case .binint2: return .int(Int64(try number(2)))
        case .long1: return .int(try long(Int(try byte())))
        case .binfloat: return .float(Double(bitPattern: try bigEndian()))
        case .binunicode: return .text(try text(try number(4)))
        case .shortBinunicode: return .text(try text(Int(try byte())))
        default: return .none
        }
    }

    /// Two's complement, little-endian, as short as it goes.
    private mutating func long(_ width: Int) throws(PolicyError) -> Int64 {
        guard width <= 8 else { throw wrong("holds a number of \(width) bytes, 8 are the most") }
        let digits = try take(width)
        guard let last = digits.last else { return 0 }
        var value: Int64 = last >= 0x80 ? -1 : 0
        for digit in digits.reversed() { value = value << 8 | Int64(digit) }
        return value
    }

    private mutating func bigEndian() throws(PolicyError) -> UInt64 {
        try take(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func text(_ length: Int) throws(PolicyError) -> String {
        guard let text = String(validating: try take(length), as: UTF8.self) else { throw wrong("holds no UTF-8") }
        return text
    }

    // MARK: Containers

    private mutating func makeContainer(_ opcode: PickleOpcode) throws(PolicyError) {
        switch opcode {
        case .emptyDict:
            dictionaries.append([])
            stack.append(.dictionary(dictionaries.count - 1))
        case .emptyList:
            lists.append([])
            stack.append(.list(lists.count - 1))
        case .tuple: pushTuple(try sinceMark())
        case .tuple1: pushTuple(try popLast(1))
        case .tuple2: pushTuple(try popLast(2))
        case .tuple3: pushTuple(try popLast(3))
        default: pushTuple([])
        }
    }

    private mutating func pushTuple(_ items: [PickleValue]) {
        tuples.append(items)
        stack.append(.tuple(tuples.count - 1))
    }

    private mutating func fillContainer(_ opcode: PickleOpcode) throws(PolicyError) {
        let items: [PickleValue] =
            switch opcode {
            case .append: try popLast(1)
            case .setitem: try popLast(2)
            default: try sinceMark()
            }
        switch (opcode, stack.last) {
        case (.append, .list(let index)), (.appends, .list(let index)): lists[index] += items
        case (.setitem, .dictionary(let index)), (.setitems, .dictionary(let index)):
            guard items.count.isMultiple(of: 2) else { throw wrong("gives a key without a value") }
            for place in stride(from: 0, to: items.count, by: 2) {
                dictionaries[index].append((key: items[place], value: items[place + 1]))
            }
        default: throw wrong("has \(stack.last?.kind ?? "nothing") where its container should be")
        }
    }

    // MARK: Memory

    private mutating func remember(_ key: Int) throws(PolicyError) {
        guard let value = stack.last, stack.count > (marks.last ?? 0) else { throw wrong("has nothing to remember") }
        memo[key] = value
    }

    private mutating func recall(_ key: Int) throws(PolicyError) {
        guard let value = memo[key] else { throw wrong("recalls \(key), which was never remembered") }
        stack.append(value)
    }

    // MARK: What stands for a call

    private mutating func global(module: String, name: String) throws(PolicyError) {
        guard let global = PickleGlobal(module: module, name: name) else {
            throw .forbiddenGlobal("\(module).\(name)".plain(limit: Self.nameShown), offset: began)
        }
        stack.append(.global(global))
    }

    private mutating func stackGlobal() throws(PolicyError) {
        let parts = try popLast(2)
        guard case .text(let module) = parts[0], case .text(let name) = parts[1] else {
            throw wrong("has \(parts[0].kind) and \(parts[1].kind) for a name")
        }
        try global(module: module, name: name)
    }

    /// `('storage', class, key, location, count)`; where the tensor once lived is of no interest.
    private mutating func persistent() throws(PolicyError) {
        guard case .tuple(let index) = try pop() else { throw wrong("has no tuple") }
        let parts = tuples[index]
        guard parts.count == 5, case .text("storage") = parts[0], case .global(.storage(let type)) = parts[1],
            case .text(let key) = parts[2], case .text = parts[3], case .int(let count) = parts[4],
            (0...Int64(Checkpoint.sizeLimit)).contains(count)
        else { throw wrong("is no reference to a storage") }
        storages.append(PickleStorage(type: type, key: key, count: Int(count)))
        stack.append(.storage(storages.count - 1))
    }

    private mutating func reduce() throws(PolicyError) {
        guard case .tuple(let index) = try pop() else { throw wrong("has no tuple of arguments") }
        let callable = try pop()
        switch callable {
        case .global(.orderedDictionary):
            guard tuples[index].isEmpty else { throw wrong("gives arguments to OrderedDict") }
            try makeContainer(.emptyDict)
        case .global(.rebuildTensor):
            tensors.append(try tensor(tuples[index]))
            stack.append(.tensor(tensors.count - 1))
        default: throw wrong("would call \(callable.kind)")
        }
    }

    /// A state dictionary's `_metadata`, which says nothing about numbers.
    private mutating func build() throws(PolicyError) {
        _ = try pop()
        guard case .dictionary = stack.last else {
            throw wrong("would set the state of \(stack.last?.kind ?? "nothing")")
        }
    }

    /// `(storage, offset, shape, strides, requires_grad, hooks[, metadata])`.
    private func tensor(_ parts: [PickleValue]) throws(PolicyError) -> PickleTensor {
        guard (6...7).contains(parts.count), case .storage(let index) = parts[0], case .int(let offset) = parts[1],
            let shape = lengths(parts[2]), let strides = lengths(parts[3]), shape.count == strides.count
        else { throw wrong("gives arguments that describe no tensor") }
        guard shape.count <= Self.dimensionLimit else {
            throw wrong("makes a tensor of \(shape.count) dimensions, \(Self.dimensionLimit) are the most")
        }
        let storage = storages[index]
        guard let count = Tensor.count(of: shape), count <= storage.count, (0...Int64(storage.count)).contains(offset)
        else {
            throw wrong("makes a tensor \(Tensor.text(shape)) of a storage that has \(storage.count) numbers")
        }
        // Lengths, strides and the offset are all bounded, so nothing overflows here.
        let last = zip(shape, strides).reduce(Int(offset)) { $0 + max(0, $1.0 - 1) * $1.1 }
        guard count == 0 || last < storage.count else {
            throw wrong("makes a tensor that reaches number \(last + 1) of a storage that has \(storage.count)")
        }
        return PickleTensor(
            storage: storage, offset: Int(offset), shape: shape, strides: strides, count: count, madeAt: began)
    }

    /// Small whole numbers that are not negative.
    private func lengths(_ value: PickleValue) -> [Int]? {
        guard case .tuple(let index) = value else { return nil }
        var lengths: [Int] = []
        for item in tuples[index] {
            guard case .int(let length) = item, (0...Int64(Checkpoint.sizeLimit)).contains(length) else { return nil }
            lengths.append(Int(length))
        }
        return lengths
    }

    // MARK: Stack and bytes

    private mutating func pop() throws(PolicyError) -> PickleValue { try popLast(1)[0] }

    /// Never below the last mark.
    private mutating func popLast(_ count: Int) throws(PolicyError) -> [PickleValue] {
        guard stack.count - count >= (marks.last ?? 0) else { throw wrong("takes more than there is") }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func sinceMark() throws(PolicyError) -> [PickleValue] {
        guard let mark = marks.popLast() else { throw wrong("finds no mark") }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private mutating func take(_ count: Int) throws(PolicyError) -> ArraySlice<UInt8> {
        guard count <= bytes.endIndex - at else { throw wrong("needs \(count) bytes, and the pickle ends before") }
        defer { at += count }
        return bytes[at..<at + count]
    }

    private mutating func byte() throws(PolicyError) -> UInt8 {
        guard at < bytes.endIndex else { throw wrong("is where the pickle is cut off") }
        defer { at += 1 }
        return bytes[at]
    }

    /// Little-endian, without a sign.
    private mutating func number(_ width: Int) throws(PolicyError) -> Int {
        Int(truncatingIfNeeded: try take(width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    private mutating func line() throws(PolicyError) -> String {
        guard let end = bytes[at...].firstIndex(of: 0x0A) else { throw wrong("has a name without an end") }
        let text = try text(end - at)
        at += 1
        return text
    }

    private static let nameShown = 100

    private func wrong(_ problem: String) -> PolicyError {
        .pickle(opcode: opcode?.name ?? "none", offset: began, problem: problem)
    }
}
