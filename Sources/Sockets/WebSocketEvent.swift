/// What a WebSocket brings.
public enum WebSocketEvent: Hashable, Sendable {
    /// A whole message, however many frames it came in. That the bytes are UTF-8 is for the reader to check: one bad byte
    /// in a name should not cost the connection.
    case text([UInt8])
    case binary([UInt8])
    case pong([UInt8])
    /// The last event.
    case ended(WebSocketEnd)
}

/// How a connection ended.
public enum WebSocketEnd: Hashable, Sendable {
    /// The server said goodbye.
    case closedByServer(code: UInt16?, reason: String)
    /// The stream ended, or the network failed, without a goodbye.
    case lost(detail: String)
    /// The server broke the rules of the protocol, or sent a message beyond the limit.
    case broken(detail: String)
    case closedHere
}

extension WebSocketEnd: CustomStringConvertible {
    public var description: String {
        switch self {
        case .closedByServer(let code, let reason):
            "closed by the server (\(code.map { String($0) } ?? "no code")\(reason.isEmpty ? "" : ", \(reason)"))"
        case .lost(let detail): "lost: \(detail)"
        case .broken(let detail): "broken: \(detail)"
        case .closedHere: "closed"
        }
    }
}

/// The bounds of a connection.
public struct WebSocketLimits: Hashable, Sendable {
    /// From the look-up of the name to the accepted upgrade.
    public var connecting: Duration = .seconds(10)
    /// Until a message has been handed to the system.
    public var sending: Duration = .seconds(10)
    /// How long the server may take to answer a goodbye.
    public var closing: Duration = .seconds(2)
    /// A longer message ends the connection before memory is taken for it.
    public var messageBytes = 1 << 20
    /// So many messages wait for the reader; then the socket is not read, and nothing is dropped.
    public var waitingMessages = 256

    public init() {}
}
