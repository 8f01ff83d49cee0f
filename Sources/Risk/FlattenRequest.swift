public import Core

/// "Close all positions", as an operator ordered it: on record, and part of every account check until it is done.
public struct FlattenRequest: Hashable, Sendable {
    /// The positions and orders of ours that it covers, whichever profile they are of and at whichever broker.
    public enum Scope: Hashable, Sendable, CustomStringConvertible {
        case all
        case symbol(Symbol)

        /// `all`, `symbol:NVDA`.
        public var description: String {
            switch self {
            case .all: HaltScope.all.description
            case .symbol(let symbol): HaltScope.symbol(symbol).description
            }
        }

        /// Reads the form of ``description``; `nil` for anything else.
        public init?(_ text: some StringProtocol) {
            switch HaltScope(text) {
            case .all: self = .all
            case .symbol(let symbol): self = .symbol(symbol)
            case .profile, .broker, nil: return nil
            }
        }

        public func covers(_ symbol: Symbol) -> Bool {
            switch self {
            case .all: true
            case .symbol(let own): symbol == own
            }
        }
    }

    /// The number under which it is on record.
    public let id: Int64
    public let scope: Scope
    /// Who ordered it, and why; told with every exit.
    public let orderedBy: String
    public let reason: String

    public init(id: Int64, scope: Scope, orderedBy: String, reason: String) {
        self.id = id
        self.scope = scope
        self.orderedBy = orderedBy
        self.reason = reason
    }
}
