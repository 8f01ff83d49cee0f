/// What a halt stops.
public enum HaltScope: Hashable, Sendable, CustomStringConvertible {
    case all
    case profile(ProfileName)
    case broker(BrokerID)
    case symbol(Symbol)

    /// `all`, `profile:us-5m`, `broker:kis`, `symbol:NVDA`.
    public var description: String {
        switch self {
        case .all: "all"
        case .profile(let name): "profile:\(name)"
        case .broker(let id): "broker:\(id)"
        case .symbol(let symbol): "symbol:\(symbol)"
        }
    }

    /// Reads the form of ``description``; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        if text == "all" {
            self = .all
            return
        }
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let name = String(text[text.index(after: colon)...])
        guard !name.isEmpty else { return nil }
        switch String(text[..<colon]) {
        case "profile": self = .profile(ProfileName(name))
        case "broker": self = .broker(BrokerID(name))
        case "symbol": self = .symbol(Symbol(name))
        default: return nil
        }
    }
}
