/// What IB says an order is doing.
enum IBOrderStatusWord: Hashable, Sendable {
    /// In the gateway, and not sent on yet.
    case apiPending
    /// Sent, and not confirmed.
    case pendingSubmit
    /// Held by IB: a stop, a child, or an order outside its hours.
    case preSubmitted
    /// Working.
    case submitted
    case pendingCancel
    /// Also after a rejection.
    case cancelled
    /// Cancelled before it was confirmed.
    case apiCancelled
    case filled
    /// Not working: rejected, held for a locate, stopped by a precaution. It may become active again.
    case inactive
    /// One that takt does not know: to be taken for open.
    case other(String)

    private static let known: [IBOrderStatusWord] = [
        .submitted, .preSubmitted, .filled, .cancelled, .pendingSubmit, .pendingCancel, .apiPending, .apiCancelled,
        .inactive,
    ]
    private static let table = known.map { (word: packed(Array($0.text.utf8)), status: $0) }

    /// The letters of a short text as one number.
    @inline(__always)
    private static func packed(_ bytes: some Collection<UInt8>) -> UInt128 {
        var word: UInt128 = 0
        for byte in bytes { word = word &<< 8 | UInt128(byte) }
        return word
    }

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        if bytes.count <= 16 {
            let word = Self.packed(bytes)
            for entry in Self.table where entry.word == word {
                self = entry.status
                return
            }
        }
        self = .other(String(decoding: bytes, as: UTF8.self))
    }

    init(_ text: String) {
        var text = text
        self = text.withUTF8 { IBOrderStatusWord($0) }
    }

    /// As on the wire.
    var text: String {
        switch self {
        case .apiPending: "ApiPending"
        case .pendingSubmit: "PendingSubmit"
        case .preSubmitted: "PreSubmitted"
        case .submitted: "Submitted"
        case .pendingCancel: "PendingCancel"
        case .cancelled: "Cancelled"
        case .apiCancelled: "ApiCancelled"
        case .filled: "Filled"
        case .inactive: "Inactive"
        case .other(let text): text
        }
    }
}
