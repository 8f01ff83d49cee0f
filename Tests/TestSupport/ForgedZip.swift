/// Writes zip archives as `torch.save` does, and with any lie that is asked for. Its own reading of PKWARE's note and its
/// own checksum: what it writes was not written by the code that reads it.
public struct ForgedZip: Sendable {
    public struct Entry: Sendable {
        public var name: String
        public var content: [UInt8]
        public var method = 0
        public var flags = 0x808
        /// What the directory says; `nil` for the truth.
        public var size: Int?
        public var packedSize: Int?
        public var checksum: UInt32?
        /// The name in the entry's own header.
        public var localName: String?
        /// Where the directory says that the entry's own header lies.
        public var offset: Int?

        public init(_ name: String, _ content: [UInt8]) { (self.name, self.content) = (name, content) }
    }

    public var entries: [Entry]
    /// What the end of the directory says; `nil` for the truth.
    public var count: Int?
    public var directoryOffset: Int?

    public init(_ entries: [Entry]) { self.entries = entries }

    /// The entry of that name, to be spoilt.
    public subscript(name: String) -> Entry {
        get { entries.first { $0.name == name } ?? Entry(name, []) }
        set {
            if let index = entries.firstIndex(where: { $0.name == name }) { entries[index] = newValue }
        }
    }

    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            let header = bytes.count
            let local = Array((entry.localName ?? entry.name).utf8)
            // Sizes and checksum are zero here, as torch leaves them.
            bytes += Self.number(0x0403_4B50, 4) + Self.number(20, 2) + Self.number(entry.flags, 2)
            bytes += Self.number(entry.method, 2) + [UInt8](repeating: 0, count: 16)
            bytes += Self.number(local.count, 2) + Self.number(0, 2) + local + entry.content
            let name = Array(entry.name.utf8)
            directory += Self.number(0x0201_4B50, 4) + Self.number(20, 2) + Self.number(20, 2)
            directory += Self.number(entry.flags, 2) + Self.number(entry.method, 2) + Self.number(0, 4)
            directory += Self.number(Int(entry.checksum ?? Self.checksum(entry.content)), 4)
            directory += Self.number(entry.packedSize ?? entry.content.count, 4)
            directory += Self.number(entry.size ?? entry.content.count, 4)
            directory += Self.number(name.count, 2) + [UInt8](repeating: 0, count: 12)
            directory += Self.number(entry.offset ?? header, 4) + name
        }
        let start = directoryOffset ?? bytes.count
        let entryCount = Self.number(count ?? entries.count, 2)
        let end = Self.number(0x0605_4B50, 4) + Self.number(0, 4) + entryCount + entryCount
        return bytes + directory + end + Self.number(directory.count, 4) + Self.number(start, 4) + Self.number(0, 2)
    }

    public static func number(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// CRC-32 bit by bit, polynomial 0xEDB88320.
    public static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
    }

    /// Deflate without compression: one stored block (RFC 1951, 3.2.4) of at most 65,535 bytes.
    public static func deflated(_ content: [UInt8]) -> [UInt8] {
        [1] + number(content.count, 2) + number(~content.count, 2) + content
    }
}
