/// What a connection begins with, before there is a version that messages could have.
enum Hello {
    /// `API`, NUL, and a frame with the range of versions that is offered, without a NUL at its end.
    static func ofClient(offering versions: ClosedRange<ServerVersion> = ServerVersion.offered) -> [UInt8] {
        let text = Array("v\(versions.lowerBound)..\(versions.upperBound)".utf8)
        return Array("API\0".utf8) + FieldWriter.lengthHeader(of: text.count) + text
    }

    /// `serverVersion, clock` or, with a negative version, `serverVersion, host:port`.
    enum OfServer: Hashable {
        /// The clock is the gateway's own, its zone in any words.
        case version(ServerVersion, clock: String)
        /// Go there instead.
        case redirect(to: String)

        /// `nil` for what is no hello: gateways have been seen to send other frames before it.
        init?(_ body: UnsafeBufferPointer<UInt8>) {
            guard body.count <= 256, body.last == 0 else { return nil }
            let fields = body.dropLast().split(separator: 0, omittingEmptySubsequences: false)
            guard fields.count == 2, let number = Int(String(decoding: fields[0], as: UTF8.self)) else { return nil }
            let text = String(decoding: fields[1], as: UTF8.self)
            self = number < 0 ? .redirect(to: text) : .version(ServerVersion(number), clock: text)
        }
    }
}
