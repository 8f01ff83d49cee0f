/// What can go wrong with a long-lived connection. The texts hold the address, never a header or a message.
public enum SocketError: Error, Hashable, Sendable {
    /// Not of the form that a WebSocket is served at here: `ws://host[:port][/path]`.
    case badAddress(String)
    /// No connection came about: nobody listens, the name is unknown, no route.
    case unreachable(address: String, detail: String)
    case timedOut(SocketStage, address: String)
    /// The server answered, but not with a WebSocket.
    case upgradeRefused(address: String)
    /// Nothing can be sent any more.
    case notConnected(address: String)
    /// The calling task was cancelled.
    case cancelled
}

/// What a deadline stood over.
public enum SocketStage: String, Hashable, Sendable {
    case connecting, sending, closing
}

extension SocketError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badAddress(let text): "'\(text)' is no address of a WebSocket: ws://host[:port][/path]"
        case .unreachable(let address, let detail): "\(address) cannot be reached: \(detail)"
        case .timedOut(let stage, let address): "\(address): the time for \(stage.rawValue) is over"
        case .upgradeRefused(let address): "\(address) answered, but not as a WebSocket"
        case .notConnected(let address): "\(address): the connection is gone"
        case .cancelled: "cancelled"
        }
    }
}
