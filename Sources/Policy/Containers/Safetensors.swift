internal import Core

/// The container of Hugging Face's safetensors: the header's length (8 bytes, little-endian), a JSON header, the numbers.
///
/// Format: https://github.com/huggingface/safetensors, section *Format*. The numbers are covered by the tensors without
/// holes and overlaps; names are unique; no code, no strides.
public enum Safetensors {
    /// Some 8,000 tensors; JSON of that length takes tens of times as much memory while it is read.
    public static let headerLimit = 1024 * 1024
    private static let dimensionLimit = 8

    static func read(_ bytes: [UInt8]) throws(PolicyError) -> Checkpoint {
        let (header, start) = try header(bytes)
        guard case .object(let members) = header else { throw .header(offset: 8, problem: "it is no JSON object") }
        var notes: [Checkpoint.Note] = []
        var entries: [Entry] = []
        for member in members {
            if member.key == "__metadata__" {
                notes = try metadata(member.value)
            } else {
                entries.append(try Entry(member, available: bytes.count - start))
            }
        }
        try requireCover(entries, of: bytes.count - start)
        let tensors = bytes.withUnsafeBytes { all in
            let data = UnsafeRawBufferPointer(rebasing: all[start...])
            return entries.map { $0.tensor(in: data) }
        }
        return Checkpoint(.safetensors, tensors: tensors, notes: notes)
    }

    private static func header(_ bytes: [UInt8]) throws(PolicyError) -> (JSONValue, start: Int) {
        guard bytes.count >= 8 else { throw .header(offset: 0, problem: "the file is cut off") }
        let length = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length <= headerLimit else {
            throw .header(offset: 0, problem: "it claims \(length) bytes, \(headerLimit) are the most")
        }
        let start = 8 + Int(length)
        guard start <= bytes.count else {
            throw .header(offset: 0, problem: "it claims \(length) bytes, and \(bytes.count - 8) follow")
        }
        do { return (try JSONValue(parsing: Array(bytes[8..<start])), start) } catch {
            throw .header(offset: 8 + error.offset, problem: error.message)
        }
    }

    private static func metadata(_ value: JSONValue) throws(PolicyError) -> [Checkpoint.Note] {
        guard case .object(let members) = value else {
            throw .header(offset: 8, problem: "__metadata__ is no object")
        }
        var notes: [Checkpoint.Note] = []
        for member in members {
            guard let text = member.value.stringValue else {
                throw .header(offset: 8, problem: "__metadata__.\(member.key) is no string")
            }
            notes.append(Checkpoint.Note(member.key, text))
        }
        return notes
    }

    /// Every byte belongs to exactly one tensor.
    private static func requireCover(_ entries: [Entry], of count: Int) throws(PolicyError) {
        var end = 0
        var last: String?
        for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
            if entry.begin < end {
                throw .tensor(
                    entry.name, problem: "overlaps '\(last ?? "")': it begins at byte \(entry.begin) of the data")
            }
            if entry.begin > end {
                throw .tensor(entry.name, problem: "leaves a hole of \(entry.begin - end) bytes in front of it")
            }
            (end, last) = (entry.end, entry.name)
        }
        guard end == count else {
            throw .header(offset: 8, problem: "\(count - end) bytes behind the last tensor belong to none")
        }
    }

    private struct Entry {
        let name: String
        let type: TensorType
        let shape: [Int]
        let count: Int
        let begin: Int
        let end: Int

        init(_ member: JSONValue.Member, available: Int) throws(PolicyError) {
            let name = member.key
            func wrong(_ problem: String) -> PolicyError { .tensor(name, problem: problem) }
            func numbers(_ key: String) throws(PolicyError) -> [Int] {
                guard let items = member.value[key]?.arrayValue else { throw wrong("has no list '\(key)'") }
                let numbers = items.compactMap(\.intValue).map { Int($0) }
                guard numbers.count == items.count, numbers.allSatisfy({ $0 >= 0 }) else {
                    throw wrong("has something else than whole numbers in '\(key)'")
                }
                return numbers
            }
            guard let dtype = member.value["dtype"]?.stringValue else { throw wrong("has no 'dtype'") }
            guard let type = TensorType(rawValue: dtype) else {
                let known = TensorType.allCases.map(\.rawValue).joined(separator: ", ")
                throw wrong("has the unknown dtype '\(dtype)'; known are \(known)")
            }
            let shape = try numbers("shape")
            let offsets = try numbers("data_offsets")
            guard shape.count <= Safetensors.dimensionLimit else {
                throw wrong("has \(shape.count) dimensions, \(Safetensors.dimensionLimit) are the most")
            }
            guard offsets.count == 2, offsets[0] <= offsets[1] else { throw wrong("has no sound 'data_offsets'") }
            guard offsets[1] <= available else {
                throw wrong("ends at byte \(offsets[1]) of the data, and there are \(available): the file is cut off")
            }
            guard offsets[0].isMultiple(of: type.width) else {
                throw wrong(
                    "begins at byte \(offsets[0]) of the data, which is no multiple of its \(type.width)-byte numbers")
            }
            let found = offsets[1] - offsets[0]
            guard let count = Tensor.count(of: shape), count <= available, count * type.width == found else {
                throw wrong("has \(found) bytes, which is not what the shape \(Tensor.text(shape)) in \(dtype) takes")
            }
            (self.name, self.type, self.shape, self.count) = (name, type, shape, count)
            (begin, end) = (offsets[0], offsets[1])
        }

        func tensor(in data: UnsafeRawBufferPointer) -> Tensor {
            let values = [Float](unsafeUninitializedCapacity: count) { target, filled in
                for index in 0..<count {
                    target.initializeElement(at: index, to: type.value(in: data, at: begin + index * type.width))
                }
                filled = count
            }
            return Tensor(name, shape: shape, values: values)
        }
    }

    /// The tensors as 32-bit floats, in their order: the same tensors and notes give the same bytes.
    public static func bytes(of tensors: [Tensor], notes: [Checkpoint.Note] = []) -> [UInt8] {
        var members: [JSONValue.Member] = []
        if !notes.isEmpty {
            members.append(.init("__metadata__", .object(notes.map { .init($0.key, .string($0.text)) })))
        }
        var offset = 0
        for tensor in tensors {
            let end = offset + tensor.values.count * TensorType.float32.width
            let entry: JSONValue = [
                "dtype": .string(TensorType.float32.rawValue),
                "shape": .array(tensor.shape.map { .int(Int64($0)) }),
                "data_offsets": [.int(Int64(offset)), .int(Int64(end))],
            ]
            members.append(.init(tensor.name, entry))
            offset = end
        }
        var header = JSONValue.object(members).utf8
        // The numbers begin at a multiple of eight, as other readers map them into memory.
        header += Array(repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + header.count + offset)
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes += $0 }
        bytes += header
        for tensor in tensors {
            tensor.values.map(\.bitPattern.littleEndian).withUnsafeBytes { bytes += $0 }
        }
        return bytes
    }
}
