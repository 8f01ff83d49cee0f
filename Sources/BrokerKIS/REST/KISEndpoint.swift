/// One call of the KIS Open API: where it goes, which transaction id it carries on which host, and what kind of thing it does.
///
/// The instances are tables, one file per group of endpoints, so that a changed id is one line.
struct KISEndpoint: Hashable, Sendable {
    enum Method: Hashable, Sendable { case get, post }

    /// What the call may do to the account, and how urgent it is: orders go before inquiries, inquiries before market data.
    enum Kind: Int, Hashable, Sendable, Comparable {
        /// Creates, revises or cancels an order. Sent once; never repeated by anything below the order state machine.
        case order
        /// Reads the account.
        case inquiry
        /// Prices, bars, holidays: goes out under the quote credentials.
        case marketData

        static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
    }

    /// For errors and logs: `order-cash`, `inquire-balance`.
    let name: String
    let method: Method
    let path: String
    let kind: Kind
    /// `tr_id` on the real host.
    let realID: String
    /// `tr_id` on the virtual (paper) host; `nil` where that host has no such call.
    let virtualID: String?

    init(_ name: String, _ method: Method, _ path: String, _ kind: Kind, real: String, virtual: String?) {
        self.name = name
        self.method = method
        self.path = path
        self.kind = kind
        realID = real
        virtualID = virtual
    }
}
