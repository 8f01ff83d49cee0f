import Core

/// Numbers with a name and a shape, row by row: the last index runs fastest.
public struct Tensor: Hashable, Sendable {
    public let name: String
    /// Empty for a single number.
    public let shape: [Int]
    public let values: [Float]

    public init(_ name: String, shape: [Int], values: [Float]) {
        precondition(values.count == shape.reduce(1, *), "\(name) does not have the shape it is given")
        (self.name, self.shape, self.values) = (name, shape, values)
    }

    /// How many numbers a shape has, or `nil` if that is more than a machine can count or a length is negative.
    static func count(of shape: [Int]) -> Int? {
        var count = 1
        for length in shape {
            let (product, overflows) = count.multipliedReportingOverflow(by: length)
            guard length >= 0, !overflows else { return nil }
            count = product
        }
        return count
    }

    /// `[128, 14]`.
    static func text(_ shape: [Int]) -> String { "[" + shape.map(String.init).joined(separator: ", ") + "]" }
}

/// Where a checkpoint came from and what stands in it: named tensors, and the plain numbers beside them.
public struct Checkpoint: Hashable, Sendable {
    public enum Format: String, Hashable, Sendable {
        case safetensors
        /// `torch.save` since PyTorch 1.6.
        case torch
    }

    public let format: Format
    /// In the order of the file.
    public let tensors: [Tensor]
    /// Scalar fields (`state_dim`, `gamma` …) or string metadata, as text, in the order of the file.
    public let notes: [Note]

    public struct Note: Hashable, Sendable {
        public let key: String
        public let text: String

        /// As it may be shown: it was written by nobody knows whom.
        public init(_ key: String, _ text: String) {
            (self.key, self.text) = (key.plain(limit: Self.limit), text.plain(limit: Self.limit))
        }

        private static let limit = 200
    }

    public init(_ format: Format, tensors: [Tensor], notes: [Note]) {
        (self.format, self.tensors, self.notes) = (format, tensors, notes)
    }

    public subscript(note key: String) -> String? { notes.first { $0.key == key }?.text }

    /// A file may be this long: the original's largest network with its optimizer has 87 MB.
    public static let sizeLimit = 512 * 1024 * 1024

    /// Reads either format, told by the first bytes. Nothing in a checkpoint is executed.
    ///
    /// Memory stays within a small multiple of the file's size, whatever the file claims.
    ///
    /// - Throws: ``PolicyError`` with the entry, opcode or tensor that is wrong, and where.
    public static func read(_ bytes: [UInt8]) throws(PolicyError) -> Checkpoint {
        guard bytes.count <= sizeLimit else {
            throw .tooLarge("the checkpoint", count: bytes.count, limit: sizeLimit, unit: "bytes")
        }
        if bytes.starts(with: [0x50, 0x4B]) { return try TorchCheckpoint.read(bytes) }
        if bytes.count > 8, bytes[8] == UInt8(ascii: "{") { return try Safetensors.read(bytes) }
        throw .notACheckpoint(Self.guess(bytes))
    }

    private static func guess(_ bytes: [UInt8]) -> String {
        if bytes.isEmpty { return "it is empty" }
        if bytes.starts(with: [0x80]) {
            return "it is a bare pickle, as PyTorch wrote before 1.6; save it again with a newer one"
        }
        if bytes.starts(with: [0x1F, 0x8B]) { return "it is compressed with gzip; unpack it first" }
        return "it begins neither like a zip archive nor like safetensors"
    }
}
