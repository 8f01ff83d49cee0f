/// What a connection brings that answers no request.
enum IBEvent: Sendable {
    /// Ticks, fills, states of orders, notices.
    case message(IBMessage)
    /// A message was lost because it could not be read; a list that it was of is told so by itself.
    case fault(IBMessageFault)
    /// Subscribe to everything that is wanted: the gateway knows of none.
    case subscribe
    case subscribeAccountValues
    /// Compare orders, executions and positions with the books.
    case reconcile
    /// Nobody took events for so long that these many were lost: as ``reconcile``.
    case missed(Int)
}

/// Something a connection says about itself.
public struct IBNotice: Hashable, Sendable {
    public enum Weight: Hashable, Sendable { case log, warning, alert }

    public let weight: Weight
    public let sentence: String

    init(_ news: IBSessionNews) {
        sentence = news.sentence
        weight =
            switch news.weight {
            case .silence, .log: .log
            case .warning: .warning
            case .alert: .alert
            }
    }
}

/// How the messages of a connection fared, since it was made.
public struct IBTraffic: Hashable, Sendable {
    public internal(set) var decoded = 0
    /// Messages of kinds that nothing here reads.
    public internal(set) var unknown = 0
    /// Messages that could not be read.
    public internal(set) var faults = 0
    public internal(set) var sent = 0
    public internal(set) var missedEvents = 0
    public internal(set) var connections = 0
}
