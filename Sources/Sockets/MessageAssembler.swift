/// Puts messages together from the frames that carry them (RFC 6455, section 5.4). No socket, no buffer of NIO's.
struct MessageAssembler {
    enum Kind { case continuation, text, binary, close, ping, pong, unknown }

    enum Output: Hashable {
        /// A part; the message goes on.
        case nothing
        case text([UInt8])
        case binary([UInt8])
        case ping([UInt8])
        case pong([UInt8])
        case close(code: UInt16?, reason: String)
    }

    enum Violation: Error, Hashable {
        case messageTooLarge
        case unexpectedContinuation
        case interruptedMessage
        case badControlFrame
        case unknownFrame

        /// The code that the close frame gives as the reason (RFC 6455, section 7.4.1).
        var closeCode: UInt16 { self == .messageTooLarge ? 1009 : 1002 }
    }

    let maximumBytes: Int
    private var parts: [UInt8] = []
    private var kind: Kind?

    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    mutating func take(_ kind: Kind, isFinal: Bool, _ bytes: [UInt8]) throws(Violation) -> Output {
        switch kind {
        case .text, .binary:
            guard self.kind == nil else { throw .interruptedMessage }
            self.kind = kind
            return try add(bytes, isFinal)
        case .continuation:
            guard self.kind != nil else { throw .unexpectedContinuation }
            return try add(bytes, isFinal)
        case .close, .ping, .pong:
            guard isFinal, bytes.count <= 125 else { throw .badControlFrame }
            return try control(kind, bytes)
        case .unknown: throw .unknownFrame
        }
    }

    private mutating func add(_ bytes: [UInt8], _ isFinal: Bool) throws(Violation) -> Output {
        guard bytes.count <= maximumBytes - parts.count else { throw .messageTooLarge }
        // A message of one frame, which nearly all are, is not copied.
        if parts.isEmpty { parts = bytes } else { parts += bytes }
        guard isFinal else { return .nothing }
        defer {
            parts = []
            kind = nil
        }
        return kind == .text ? .text(parts) : .binary(parts)
    }

    private func control(_ kind: Kind, _ bytes: [UInt8]) throws(Violation) -> Output {
        if kind == .ping { return .ping(bytes) }
        if kind == .pong { return .pong(bytes) }
        if bytes.isEmpty { return .close(code: nil, reason: "") }
        guard bytes.count >= 2 else { throw .badControlFrame }
        return .close(
            code: UInt16(bytes[0]) << 8 | UInt16(bytes[1]),
            reason: String(decoding: bytes[2...], as: UTF8.self))
    }
}
