internal import Core

/// The identity of an order at KIS, in one spelling: `20310304-K-0000123401`.
///
/// KIS begins its numbers anew every day and at each of its two desks, and the virtual host leaves out the zeros before
/// them. So day, desk and number together make the id, the number padded to ten digits. The day is that of the exchange
/// where the order stands: a US session lies on two days in Korea. The organisation number that a Korean cancellation
/// needs is not part of it: answers and lists have not been seen to agree on it, so it is read from the list when it is
/// needed.
struct KISOrderNumber: Hashable, Sendable, Comparable {
    private static let width = 10

    let date: CivilDate
    let desk: OrderDesk
    let number: UInt64

    init(date: CivilDate, desk: OrderDesk, number: UInt64) {
        self.date = date
        self.desk = desk
        self.number = number
    }

    /// `nil` unless KIS's number is one, above zero.
    init?(date: CivilDate, desk: OrderDesk, text: String) {
        guard let number = Self.number(text) else { return nil }
        self.init(date: date, desk: desk, number: number)
    }

    /// Reads the one spelling of an id, and no other.
    init?(_ id: BrokerOrderID) {
        let parts = id.text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let date = CivilDate(compact: parts[0]), parts[1].count == 1,
            let letter = parts[1].first,
            let desk = OrderDesk(rawValue: letter), let number = Self.number(String(parts[2]))
        else { return nil }
        self.init(date: date, desk: desk, number: number)
        guard self.id == id else { return nil }
    }

    /// A number as KIS writes it, zero-padded or not; `nil` for zero, which means "none".
    static func number(_ text: String) -> UInt64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt64(text), number > 0
        else { return nil }
        return number
    }

    /// Ten digits, as the real host writes them.
    var padded: String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, Self.width - digits.count)) + digits
    }

    var id: BrokerOrderID { BrokerOrderID("\(date.compact)-\(desk.rawValue)-\(padded)") }

    static func < (left: KISOrderNumber, right: KISOrderNumber) -> Bool { left.id < right.id }
}
