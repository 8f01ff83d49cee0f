internal import CZlib

/// Reads one file out of a zip archive: stored or deflated, without encryption, of bounded size, checksum checked.
///
/// Format: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end).
struct ZipArchive {
    struct Entry {
        let name: String
        let content: [UInt8]
    }

    /// A day of minute bars unpacks to 20 KB, twenty years of hourly bars to 2 MB.
    static let contentLimit = 64 * 1024 * 1024
    private static let entryLimit = 64

    private let bytes: [UInt8]
    private let path: String

    /// The one CSV file that LEAN's archives hold.
    static func onlyCSV(_ bytes: [UInt8], path: String) throws(BarFileError) -> Entry {
        let archive = ZipArchive(bytes: bytes, path: path)
        let records = try archive.directory().filter { $0.name.hasSuffix(".csv") }
        guard let record = records.first, records.count == 1 else {
            throw archive.broken("it holds \(records.count) CSV files, expected one")
        }
        return Entry(name: record.name, content: try archive.content(of: record))
    }

    private struct Record {
        let name: String
        let method: Int
        let flags: Int
        let checksum: UInt32
        let packedSize: Int
        let size: Int
        let offset: Int
    }

    /// Every entry the central directory lists.
    private func directory() throws(BarFileError) -> [Record] {
        let end = try endOfDirectory()
        let count = number(end + 10, 2)
        guard count <= Self.entryLimit else { throw broken("it lists \(count) files, more than \(Self.entryLimit)") }
        var at = number(end + 16, 4)
        var records: [Record] = []
        for _ in 0..<count {
            guard at + 46 <= end, number(at, 4) == 0x0201_4B50 else { throw broken("its directory is damaged") }
            let nameLength = number(at + 28, 2)
            let next = at + 46 + nameLength + number(at + 30, 2) + number(at + 32, 2)
            guard next <= end else { throw broken("its directory is damaged") }
            records.append(
                Record(
                    name: String(decoding: bytes[at + 46..<at + 46 + nameLength], as: UTF8.self),
                    method: number(at + 10, 2), flags: number(at + 8, 2), checksum: UInt32(number(at + 16, 4)),
                    packedSize: number(at + 20, 4), size: number(at + 24, 4), offset: number(at + 42, 4)))
            at = next
        }
        return records
    }

    /// The end record is the last thing in the file, but for a comment of at most 65,535 bytes.
    private func endOfDirectory() throws(BarFileError) -> Int {
        guard bytes.count >= 22 else { throw broken("it is cut off") }
        let lowest = max(0, bytes.count - 22 - 65_535)
        for at in (lowest...(bytes.count - 22)).reversed() where number(at, 4) == 0x0605_4B50 {
            if at + 22 + number(at + 20, 2) == bytes.count { return at }
        }
        throw broken("it is cut off, or not a zip archive")
    }

    private func content(of record: Record) throws(BarFileError) -> [UInt8] {
        guard record.flags & 1 == 0 else { throw broken("'\(record.name)' is encrypted") }
        guard record.size <= Self.contentLimit else {
            throw broken("'\(record.name)' unpacks to \(record.size) bytes, more than \(Self.contentLimit)")
        }
        let header = record.offset
        guard header + 30 <= bytes.count, number(header, 4) == 0x0403_4B50 else {
            throw broken("the header of '\(record.name)' is damaged")
        }
        let start = header + 30 + number(header + 26, 2) + number(header + 28, 2)
        guard start + record.packedSize <= bytes.count else { throw broken("'\(record.name)' is cut off") }
        let packed = bytes[start..<start + record.packedSize]
        let content: [UInt8]
        switch record.method {
        case 0: content = Array(packed)
        case 8: content = try inflated(packed, record)
        default: throw broken("'\(record.name)' uses the unsupported compression method \(record.method)")
        }
        let checksum = content.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
        guard content.count == record.size, UInt32(truncatingIfNeeded: checksum) == record.checksum else {
            throw broken("the checksum of '\(record.name)' does not match")
        }
        return content
    }

    private func inflated(_ packed: ArraySlice<UInt8>, _ record: Record) throws(BarFileError) -> [UInt8] {
        var input = Array(packed)
        // One byte more than promised, so that content that is too long shows.
        var output = [UInt8](repeating: 0, count: record.size + 1)
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
        guard status == Z_STREAM_END, written == record.size else {
            throw broken("'\(record.name)' does not unpack to the \(record.size) bytes it promises")
        }
        output.removeLast()
        return output
    }

    /// A little-endian number; bytes beyond the end read as zero.
    private func number(_ at: Int, _ width: Int) -> Int {
        var value = 0
        for index in (0..<width).reversed() {
            value = value << 8 | (at + index < bytes.count ? Int(bytes[at + index]) : 0)
        }
        return value
    }

    private func broken(_ what: String) -> BarFileError { .brokenZip(.init(path), what: what) }
}
