/// Where a WebSocket is served: `ws://host[:port][/path]`, without encryption.
public struct WebSocketAddress: Hashable, Sendable, CustomStringConvertible {
    public let host: String
    public let port: Int
    /// With its leading slash, and the query if there is one.
    public let path: String

    public init(_ text: String) throws(SocketError) {
        let scheme = "ws://"
        guard text.lowercased().hasPrefix(scheme), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw .badAddress(text)
        }
        let rest = text.dropFirst(scheme.count)
        let place = rest.prefix { $0 != "/" && $0 != "?" }
        let tail = rest.dropFirst(place.count)
        guard let (host, port) = Self.split(place), !tail.contains("#") else { throw .badAddress(text) }
        self.host = host
        self.port = port
        path = tail.hasPrefix("/") ? String(tail) : "/" + tail
    }

    /// `host`, `host:port`, `[::1]:port`. A user's name is refused: it would go nowhere.
    private static func split(_ place: Substring) -> (host: String, port: Int)? {
        guard !place.contains("@") else { return nil }
        var host = place
        var port = Int?(80)
        if place.hasPrefix("[") {
            guard let end = place.firstIndex(of: "]") else { return nil }
            host = place[place.index(after: place.startIndex)..<end]
            let behind = place[place.index(after: end)...]
            if !behind.isEmpty { port = behind.hasPrefix(":") ? number(behind.dropFirst()) : nil }
        } else if let colon = place.firstIndex(of: ":") {
            host = place[..<colon]
            port = number(place[place.index(after: colon)...])
        }
        guard let port, (1...65_535).contains(port), !host.isEmpty else { return nil }
        return (String(host), port)
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }

    /// The value of the `Host` header.
    var hostHeader: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == 80 ? name : "\(name):\(port)"
    }

    public var description: String { "ws://\(hostHeader)\(path)" }
}
