import Core
internal import CZlib
internal import Core

/// The entries of a zip archive in memory. Stored ones are handed out without a copy, deflated ones are unpacked within
/// limits; every checksum is verified.
///
/// Format: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end). Sizes,
/// offsets and checksums come from the central directory: `torch.save` leaves zeros in the local headers.
///
/// Nothing is written and no name is looked up. Entries have plain names, each its own, and share no bytes; what they unpack
/// to is bounded before it is unpacked.
public struct ZipArchive: Sendable {
    public struct Entry: Sendable {
        public let name: String
        /// Bytes when unpacked.
        public let size: Int
        /// Where its bytes lie in the archive.
        public let packed: Range<Int>
        let isDeflated: Bool
        let checksum: UInt32
    }

    /// What an archive of one kind may hold.
    public struct Limits: Sendable {
        let entries: Int
        let contentBytes: Int
        let expansion: Int?

        /// - Parameters:
        ///   - contentBytes: of all entries together when unpacked.
        ///   - expansion: how many times its size an entry, or the archive, may unpack to, beside a small allowance; a bomb
        ///     unpacks to a thousand times its own. `nil` where only `contentBytes` bounds it.
        public init(entries: Int, contentBytes: Int, expansion: Int? = nil) {
            (self.entries, self.contentBytes, self.expansion) = (entries, contentBytes, expansion)
        }

        /// The most that so many packed bytes may unpack to.
        func unpacked(from packed: Int) -> Int {
            guard let expansion else { return contentBytes }
            let (product, overflows) = packed.multipliedReportingOverflow(by: expansion)
            return overflows ? contentBytes : min(product + Self.allowance, contentBytes)
        }

        /// Bytes; a file of few bytes may shrink to almost nothing.
        private static let allowance = 64 * 1024
    }

    public let entries: [Entry]
    private let limits: Limits
    private let bytes: [UInt8]
    private static let nameLimit = 512

    /// Reads the directory. Nothing is unpacked yet.
    public init(_ bytes: [UInt8], limits: Limits) throws(ZipError) {
        (self.bytes, self.limits) = (bytes, limits)
        let end = try Self.endOfDirectory(bytes)
        let count = Self.number(bytes, end + 10, 2)
        guard count <= limits.entries else {
            throw .tooLarge("the zip archive", count: count, limit: limits.entries, unit: "entries")
        }
        let directory = Self.number(bytes, end + 16, 4)
        guard directory <= end, Self.number(bytes, end + 4, 4) == 0 else {
            throw .damaged(entry: nil, offset: end, problem: "it is of several parts, or its directory lies elsewhere")
        }
        var at = directory
        var entries: [Entry] = []
        for _ in 0..<count {
            let (entry, next) = try Self.entry(bytes, at: at, before: end, directory, limits)
            entries.append(entry)
            at = next
        }
        self.entries = entries
        try requireSound()
    }

    /// The bytes of an entry of this archive.
    ///
    /// - Throws: ``ZipError/damaged(entry:offset:problem:)`` if the checksum does not match, or if it unpacks to another
    ///   length than it promises.
    public func content(of entry: Entry) throws(ZipError) -> ArraySlice<UInt8> {
        let content = entry.isDeflated ? try inflated(entry)[...] : bytes[entry.packed]
        let checksum = content.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) }
        guard UInt32(truncatingIfNeeded: checksum) == entry.checksum else {
            throw .damaged(entry: entry.name, offset: entry.packed.lowerBound, problem: "does not match its checksum")
        }
        return content
    }

    /// Names that are unique, bytes that are nobody else's, and all of it no more than it may unpack to.
    private func requireSound() throws(ZipError) {
        var names: Set<String> = []
        var total = 0
        for entry in entries {
            guard names.insert(entry.name).inserted else {
                throw .damaged(entry: entry.name, offset: entry.packed.lowerBound, problem: "stands there twice")
            }
            total += entry.size
        }
        let limit = limits.unpacked(from: bytes.count)
        guard total <= limit else {
            throw .tooLarge("the unpacked archive", count: total, limit: limit, unit: "bytes")
        }
        var last: Entry?
        for entry in entries.sorted(by: { $0.packed.lowerBound < $1.packed.lowerBound }) where !entry.packed.isEmpty {
            if let last, entry.packed.lowerBound < last.packed.upperBound {
                throw .damaged(
                    entry: entry.name, offset: entry.packed.lowerBound, problem: "lies on top of '\(last.name)'")
            }
            last = entry
        }
    }

    /// The end record is the last thing in the file, but for a comment of at most 65,535 bytes.
    private static func endOfDirectory(_ bytes: [UInt8]) throws(ZipError) -> Int {
        guard bytes.count >= 22 else { throw .damaged(entry: nil, offset: bytes.count, problem: "it is cut off") }
        let lowest = max(0, bytes.count - 22 - 65_535)
        for at in (lowest...(bytes.count - 22)).reversed() where number(bytes, at, 4) == 0x0605_4B50 {
            if at + 22 + number(bytes, at + 20, 2) == bytes.count { return at }
        }
        throw .damaged(entry: nil, offset: bytes.count, problem: "it is cut off: its directory is missing")
    }

    private static func entry(
        _ bytes: [UInt8], at: Int, before end: Int, _ directory: Int, _ limits: Limits
    ) throws(ZipError) -> (Entry, next: Int) {
        let broken = ZipError.damaged(entry: nil, offset: at, problem: "its directory is damaged")
        guard at + 46 <= end, number(bytes, at, 4) == 0x0201_4B50 else { throw broken }
        let nameLength = number(bytes, at + 28, 2)
        let next = at + 46 + nameLength + number(bytes, at + 30, 2) + number(bytes, at + 32, 2)
        guard next <= end, nameLength <= nameLimit else { throw broken }
        guard let name = String(validating: bytes[at + 46..<at + 46 + nameLength], as: UTF8.self) else { throw broken }
        func wrong(_ problem: String) -> ZipError { .damaged(entry: name, offset: at, problem: problem) }
        guard isPlain(name) else { throw wrong("has a name that is no plain path") }
        guard number(bytes, at + 8, 2) & 1 == 0 else { throw wrong("is encrypted") }
        let method = number(bytes, at + 10, 2)
        guard method == 0 || method == 8 else { throw wrong("uses the unsupported compression method \(method)") }
        let (packedSize, size) = (number(bytes, at + 20, 4), number(bytes, at + 24, 4))
        guard packedSize < UInt32.max, size < UInt32.max else { throw wrong("is larger than 4 GB") }
        guard method == 8 || packedSize == size else { throw wrong("is stored with two different sizes") }
        guard size <= limits.unpacked(from: packedSize) else {
            throw wrong("unpacks to \(size) bytes from \(packedSize), more than is believed of such a file")
        }
        let start = try dataStart(
            of: wrong, name: bytes[at + 46..<at + 46 + nameLength], bytes, number(bytes, at + 42, 4))
        guard start + packedSize <= directory else { throw wrong("is cut off") }
        let entry = Entry(
            name: name, size: size, packed: start..<start + packedSize, isDeflated: method == 8,
            checksum: UInt32(number(bytes, at + 16, 4)))
        return (entry, next)
    }

    /// Behind the local header, which has to be that of the same entry.
    private static func dataStart(
        of wrong: (String) -> ZipError, name: ArraySlice<UInt8>, _ bytes: [UInt8], _ header: Int
    ) throws(ZipError) -> Int {
        guard header + 30 + name.count <= bytes.count, number(bytes, header, 4) == 0x0403_4B50,
            number(bytes, header + 26, 2) == name.count,
            bytes[header + 30..<header + 30 + name.count].elementsEqual(name)
        else { throw wrong("has no header of its own at byte \(header)") }
        return header + 30 + name.count + number(bytes, header + 28, 2)
    }

    /// Nothing here is ever written to disk under its name; a name with such tricks was made by somebody who hopes so.
    private static func isPlain(_ name: String) -> Bool {
        guard !name.isEmpty, !name.hasPrefix("/"), !name.contains("\\"), name.isPlain else { return false }
        return !name.split(separator: "/", omittingEmptySubsequences: false).contains("..")
    }

    private func inflated(_ entry: Entry) throws(ZipError) -> [UInt8] {
        var input = Array(bytes[entry.packed])
        // One byte more than promised, so that content that is too long shows.
        var output = [UInt8](repeating: 0, count: entry.size + 1)
        var status = Z_OK
        var written = 0
        input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                var stream = z_stream()
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                status = inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
                guard status == Z_OK else { return }
                status = inflate(&stream, Z_FINISH)
                written = target.count - Int(stream.avail_out)
                inflateEnd(&stream)
            }
        }
        guard status == Z_STREAM_END, written == entry.size else {
            throw .damaged(
                entry: entry.name, offset: entry.packed.lowerBound,
                problem: "does not unpack to the \(entry.size) bytes it promises")
        }
        output.removeLast()
        return output
    }

    /// A little-endian number; bytes beyond the end read as zero.
    private static func number(_ bytes: [UInt8], _ at: Int, _ width: Int) -> Int {
        var value = 0
        for index in (0..<width).reversed() {
            value = value << 8 | (at + index < bytes.count ? Int(bytes[at + index]) : 0)
        }
        return value
    }
}
