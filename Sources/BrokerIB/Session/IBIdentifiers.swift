/// The ids of requests: from a range that no order's id reaches, since both share the field of an error frame, and an error
/// must never be read as another thing's.
struct RequestIDs: Hashable, Sendable {
    static let first: Int64 = 1_000_000_000
    /// Ids stay below 2³¹ − 1, which stands for "none".
    private static let last: Int64 = 2_000_000_000
    private var nextID = RequestIDs.first

    /// Whether an id of an error frame is that of a request.
    static func contains(_ id: Int64) -> Bool { (first...last).contains(id) }

    /// One that this connection has not used; after a thousand million they begin anew.
    mutating func next() -> Int64 {
        defer { nextID = nextID == Self.last ? Self.first : nextID + 1 }
        return nextID
    }
}

/// The ids of orders. The gateway takes one only if it is greater than every id that this client has used, and than every id
/// that it has been shown, of other clients' orders too (103 otherwise).
struct OrderIDs: Hashable, Sendable {
    /// The next one.
    private(set) var nextID: Int64

    /// - Parameters:
    ///   - welcome: What the gateway said when it let us in; 1 at least.
    ///   - used: The greatest id on our own record for this client. The gateway's sequence can be reset in its settings.
    init(welcome: IBWelcome, used: Int64 = 0) { nextID = max(1, welcome.nextOrderID, used + 1) }

    /// An order with this id was shown, or `reqIds` was answered. Orders made by hand have ids below one.
    mutating func seen(_ id: Int64) {
        if id >= nextID, id < RequestIDs.first { nextID = id + 1 }
    }

    /// Our own records know that this one was used.
    mutating func used(_ id: Int64) { nextID = max(nextID, id + 1) }

    mutating func answered(_ answer: IBNextValidID) { nextID = max(nextID, answer.orderID) }

    /// As many ids in a row: the parent of a bracket, then its children. `nil` when the range of orders is used up.
    mutating func take(_ count: Int = 1) -> [Int64]? {
        guard count > 0, nextID <= RequestIDs.first - Int64(count) else { return nil }
        defer { nextID += Int64(count) }
        return (0..<Int64(count)).map { nextID + $0 }
    }
}

/// What a process of takt's does at the gateway. Each role has a client id of its own, the same after every crash: orders
/// belong to the id that placed them, and only it can change or cancel them. So whoever places orders cancels them too, and
/// a stream never keeps them waiting for their id.
public enum IBClientRole: Int, Hashable, Sendable, CaseIterable {
    /// Places, changes and cancels orders, and reads their lists.
    case orders = 0
    /// Holds the subscriptions.
    case stream = 1
    /// Fetches bars and contracts.
    case data = 2

    /// - Parameter base: `brokers.ib.client_id`. Client 0 takes over orders that were made by hand, so it is never used: a base
    ///   of 0 counts as 1.
    func clientID(base: Int) -> Int { max(1, base) + rawValue }
}
