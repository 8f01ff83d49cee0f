import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file that is no SQLite database.
enum Garbage {
    private static let bytes = [UInt8](repeating: 0x58, count: 8192)

    static func write(_ path: String) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }

    static func isIntact(_ path: String) throws -> Bool {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var read = [UInt8](repeating: 0, count: bytes.count + 1)
        return fread(&read, 1, read.count, file) == bytes.count && read.prefix(bytes.count).elementsEqual(bytes)
    }
}
