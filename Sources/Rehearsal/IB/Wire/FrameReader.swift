/// Takes a client's bytes apart: the greeting `API\0` and its version line, then frames.
///
/// A frame is a big-endian length of four bytes and a body of fields, each ended by a NUL. A length beyond
/// ``bodyLimit`` cannot be true, and what follows it cannot be found again.
struct FrameReader: Sendable {
    /// The client's bytes make no sense.
    enum Problem: Error, Hashable, Sendable {
        case noGreeting
        case badVersionLine(String)
        case tooLong(Int)
    }

    /// What has been read.
    enum Message: Hashable, Sendable {
        /// The versions that the client speaks.
        case hello(ClosedRange<Int>)
        case fields([String])
    }

    /// The largest body the official clients read, in bytes.
    static let bodyLimit = 0xFF_FFFF

    private var buffer: [UInt8] = []
    private var isGreeted = false
    private var isIntroduced = false

    mutating func append(_ bytes: some Sequence<UInt8>) { buffer += bytes }

    /// The next whole message, or `nil` until more bytes come.
    mutating func next() throws(Problem) -> Message? {
        if !isGreeted {
            let greeting: [UInt8] = [0x41, 0x50, 0x49, 0x00]
            guard buffer.starts(with: greeting.prefix(buffer.count)) else { throw .noGreeting }
            guard buffer.count >= greeting.count else { return nil }
            buffer.removeFirst(greeting.count)
            isGreeted = true
        }
        guard buffer.count >= 4 else { return nil }
        let length = buffer.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.bodyLimit else { throw .tooLong(length) }
        guard buffer.count >= 4 + length else { return nil }
        let body = buffer[4..<4 + length]
        defer { buffer.removeFirst(4 + length) }
        guard !isIntroduced else { return .fields(Self.fields(body)) }
        isIntroduced = true
        return .hello(try Self.versions(String(decoding: body, as: UTF8.self)))
    }

    /// What stands before each NUL.
    private static func fields(_ body: ArraySlice<UInt8>) -> [String] {
        var fields = body.split(separator: 0, omittingEmptySubsequences: false)
        if fields.last?.isEmpty == true { fields.removeLast() }
        return fields.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads `v157..178`; options may follow after a blank.
    private static func versions(_ line: String) throws(Problem) -> ClosedRange<Int> {
        let text = line.split(separator: " ").first ?? ""
        let parts = text.dropFirst().split(separator: ".", omittingEmptySubsequences: true).compactMap { Int($0) }
        guard text.first == "v", let low = parts.first, let high = parts.last, parts.count <= 2, low <= high else {
            throw .badVersionLine(String(line.prefix(40)))
        }
        return low...high
    }
}

/// A message on its way to a client.
struct GatewayAnswer: Hashable, Sendable {
    /// The sheet's name of it: what faults are planned for.
    let name: String
    var fields: [String]

    init(_ name: String, _ fields: [String]) {
        self.name = name
        self.fields = fields
    }

    /// The frame: length, then every field with its NUL.
    var frame: [UInt8] { Self.framed(fields.flatMap { Array($0.utf8) + [0] }) }

    static func framed(_ body: [UInt8]) -> [UInt8] {
        let length = UInt32(clamping: body.count)
        return [UInt8(length >> 24), UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF)] + body
    }
}
