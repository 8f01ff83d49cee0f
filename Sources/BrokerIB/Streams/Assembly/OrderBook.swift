internal import Core

/// What orders are doing: each change once, and never back from an end. Pure.
///
/// The same state comes two or three times, and late ones come after the end. An order that is done stays so, but a fill that won
/// over a cancellation is believed.
struct OrderBook: Sendable {
    /// The client's own id, or IB's number for what was made by hand: ids of several clients overlap.
    private enum Key: Hashable {
        case own(client: Int64, order: Int64)
        case permanent(Int64)

        init(_ clientID: Int64, _ orderID: Int64, _ permanentID: Int64) {
            self = orderID > 0 ? .own(client: clientID, order: orderID) : .permanent(permanentID)
        }
    }

    private struct Entry {
        var status: IBOrderStatusWord?
        var filled: Quantity?
        var whyHeld = ""
        var permanentID: Int64 = 0
        var reference = ""
    }

    private let limit: Int
    private var entries: [Key: Entry] = [:]
    private var order: [Key] = []

    /// - Parameter limit: The oldest are forgotten beyond it.
    init(limit: Int = 20_000) { self.limit = max(2, limit) }

    /// The order itself was shown: from it come the key that it was placed with, and its number. What it is doing, its status says.
    mutating func shown(_ order: IBOpenOrder) {
        let key = Key(order.clientID, order.orderID, order.terms.permanentID)
        remember(key)
        entries[key]?.reference = order.terms.reference
        if order.terms.permanentID != 0 { entries[key]?.permanentID = order.terms.permanentID }
    }

    /// - Returns: The change; `nil` for what was told before, or comes after the end.
    mutating func told(_ status: IBOrderStatus, at now: Instant) -> IBStreamOrder? {
        let key = Key(status.clientID, status.orderID, status.permanentID)
        remember(key)
        guard var entry = entries[key] else { return nil }
        if let old = entry.status, old.isEnd {
            guard old != .filled, status.status == .filled else { return nil }
        }
        if status.permanentID != 0 { entry.permanentID = status.permanentID }
        let isSame = entry.status == status.status && entry.filled == status.filled && entry.whyHeld == status.whyHeld
        (entry.status, entry.filled, entry.whyHeld) = (status.status, status.filled, status.whyHeld)
        entries[key] = entry
        guard !isSame else { return nil }
        return IBStreamOrder(
            brokerOrderID: entry.permanentID == 0 ? nil : BrokerOrderID("\(entry.permanentID)"),
            orderID: status.orderID, clientID: status.clientID,
            clientOrderID: entry.reference.isEmpty ? nil : ClientOrderID(entry.reference),
            status: status.status.text, isDone: status.status.isEnd, filled: status.filled,
            remaining: status.remaining, averagePrice: status.averagePrice?.isZero == true ? nil : status.averagePrice,
            whyHeld: status.whyHeld.isEmpty ? nil : status.whyHeld, receivedAt: now)
    }

    private mutating func remember(_ key: Key) {
        guard entries[key] == nil else { return }
        entries[key] = Entry()
        order.append(key)
        guard order.count > limit else { return }
        let excess = order.count - limit / 2
        for key in order.prefix(excess) { entries[key] = nil }
        order.removeFirst(excess)
    }
}

extension IBOrderStatusWord {
    /// Nothing more becomes of it.
    var isEnd: Bool {
        switch self {
        case .filled, .cancelled, .apiCancelled: true
        case .apiPending, .pendingSubmit, .preSubmitted, .submitted, .pendingCancel, .inactive, .other: false
        }
    }
}
