/// How fresh the prices of a line are. Only ``live`` ones are there to be traded on.
public enum IBFeed: String, Hashable, Sendable, CaseIterable {
    case live
    /// What was last known when the market closed.
    case frozen
    /// Some 15 to 20 minutes old.
    case delayed
    case delayedFrozen = "delayed-frozen"
    /// The gateway has not said, or has said something that takt does not know.
    case unknown

    public var isDelayed: Bool {
        switch self {
        case .delayed, .delayedFrozen: true
        case .live, .frozen, .unknown: false
        }
    }

    /// - Parameter type: `nil` for a kind that nobody knows.
    init(_ type: IBMarketDataType?) {
        switch type {
        case .live?: self = .live
        case .frozen?: self = .frozen
        case .delayed?: self = .delayed
        case .delayedFrozen?: self = .delayedFrozen
        case nil: self = .unknown
        }
    }

    /// What is asked of the gateway for it; nobody can ask for ``unknown``, so the strictest is asked for.
    var type: IBMarketDataType {
        switch self {
        case .live, .unknown: .live
        case .frozen: .frozen
        case .delayed: .delayed
        case .delayedFrozen: .delayedFrozen
        }
    }
}
