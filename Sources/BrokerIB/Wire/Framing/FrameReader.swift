/// Why the bytes of a connection are no frames. The stream is out of step: close it, there is nothing to go on with.
package enum FrameFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A frame of that many bytes, longer than any the protocol knows.
    case tooLong(Int)
    /// A frame without a message.
    case empty

    package var description: String {
        switch self {
        case .tooLong(let length): "a frame says it is \(length) bytes long; \(FrameReader.longestBody) are allowed"
        case .empty: "a frame says it is empty"
        }
    }
}

/// Cuts a stream of bytes into the bodies of its frames: `UInt32 length, body`, and again.
///
/// Bytes come in pieces of any size; a part of a frame is a normal state. Memory is taken for bytes that have arrived,
/// never for a length that somebody claims.
package struct FrameReader {
    /// The longest body the protocol knows.
    static let longestBody = 0xFF_FFFF
    /// What has been read is dropped when there is so much of it, or when it is all there is.
    private static let slack = 1 << 16

    private let limit: Int
    private var bytes: [UInt8] = []
    /// Where the frame that comes next begins.
    private var next = 0
    private var body = 0..<0
    private var fault: FrameFault?

    /// - Parameter limit: The longest body that is taken; below ``longestBody`` where only short messages make sense.
    package init(limit: Int = FrameReader.longestBody) { self.limit = min(limit, Self.longestBody) }

    /// How many bytes wait for the rest of their frame, or to be read.
    var pendingCount: Int { bytes.count - next }

    /// Takes what has arrived.
    package mutating func append(_ piece: UnsafeBufferPointer<UInt8>) {
        guard fault == nil else { return }
        body = 0..<0
        if next == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= Self.slack * 4)
            next = 0
        } else if next >= Self.slack {
            bytes.removeSubrange(..<next)
            next = 0
        }
        bytes.append(contentsOf: piece)
    }

    package mutating func append(_ piece: some Sequence<UInt8>) {
        if piece.withContiguousStorageIfAvailable({ append($0) }) == nil {
            let copy = Array(piece)
            copy.withUnsafeBufferPointer { append($0) }
        }
    }

    /// Goes to the next frame.
    ///
    /// - Returns: `false` while the rest of it has not arrived.
    /// - Throws: ``FrameFault``, and the same for ever after.
    package mutating func advance() throws(FrameFault) -> Bool {
        if let fault { throw fault }
        guard bytes.count &- next >= 4 else { return false }
        let length =
            Int(bytes[next]) &<< 24 | Int(bytes[next &+ 1]) &<< 16 | Int(bytes[next &+ 2]) &<< 8
            | Int(bytes[next &+ 3])
        guard length > 0, length <= limit else {
            let found: FrameFault = length == 0 ? .empty : .tooLong(length)
            fault = found
            bytes = []
            next = 0
            throw found
        }
        guard bytes.count &- next &- 4 >= length else { return false }
        body = next &+ 4..<next &+ 4 &+ length
        next = body.upperBound
        return true
    }

    /// The body of the frame that ``advance()`` went to, where it stands.
    package func withBody<Result, Failure>(
        _ read: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withUnsafeBufferPointer { (all) throws(Failure) -> Result in
            try read(UnsafeBufferPointer(rebasing: all[body]))
        }
    }
}
