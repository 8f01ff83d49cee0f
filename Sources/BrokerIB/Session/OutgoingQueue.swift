/// What waits to be sent, under the pace of the connection: orders before inquiries before data, and within a kind in the order
/// in which they came.
///
/// What has missed its time is handed back and never sent: a late order is another decision. A part of every second is kept
/// for orders, so that no burst of subscriptions makes one wait.
struct OutgoingQueue {
    enum Urgency: Int, Hashable, Sendable, CaseIterable, Comparable {
        /// Orders, changes and cancellations; and the sign of life.
        case order
        /// Lists, balances, contracts.
        case inquiry
        /// Subscriptions and bars.
        case data

        static func < (left: Urgency, right: Urgency) -> Bool { left.rawValue < right.rawValue }
    }

    struct Entry: Hashable, Sendable {
        let ticket: Int
        let urgency: Urgency
        let frame: [UInt8]
        /// On the clock of ``OutgoingQueue/next(at:)``: not sent from then on.
        let deadline: Duration
    }

    enum Next: Hashable, Sendable {
        /// It has been taken out, and counts as sent.
        case send(Entry)
        /// Ask again after that long.
        case wait(Duration)
        case idle
    }

    /// There are too many; whoever asked is to wait, and nothing was taken.
    struct Full: Error, Hashable {}

    /// Of each kind. At forty a second, the last of them waits for half a minute.
    static let capacity = 1000
    /// So many messages of any second are left to orders.
    static let reserve = 8

    private(set) var pacing: MessagePacing
    private var waiting: [Urgency: [Entry]] = [:]
    private var nextTicket = 1

    init(pacing: MessagePacing = MessagePacing()) { self.pacing = pacing }

    var count: Int { waiting.values.reduce(0) { $0 + $1.count } }

    /// - Returns: The ticket by which it is known when it is sent, or handed back.
    mutating func add(_ frame: [UInt8], _ urgency: Urgency, deadline: Duration) throws(Full) -> Int {
        guard waiting[urgency, default: []].count < Self.capacity else { throw Full() }
        defer { nextTicket += 1 }
        waiting[urgency, default: []].append(
            Entry(ticket: nextTicket, urgency: urgency, frame: frame, deadline: deadline))
        return nextTicket
    }

    /// What has missed its time, taken out. To be asked before ``next(at:)``.
    mutating func expired(at now: Duration) -> [Entry] {
        var late: [Entry] = []
        for urgency in Urgency.allCases {
            late += waiting[urgency, default: []].filter { $0.deadline <= now }
            waiting[urgency]?.removeAll { $0.deadline <= now }
        }
        return late
    }

    /// What goes next. Nothing that is late is sent, even if nobody has asked for what is.
    mutating func next(at now: Duration) -> Next {
        var shortest: Duration?
        for urgency in Urgency.allCases {
            guard let place = waiting[urgency]?.firstIndex(where: { $0.deadline > now }),
                let entry = waiting[urgency]?[place]
            else { continue }
            let delay = pacing.delay(at: now, reserving: urgency == .order ? 0 : Self.reserve)
            guard delay > .zero else {
                waiting[urgency]?.remove(at: place)
                pacing.take(at: now)
                return .send(entry)
            }
            // Whoever is late by then need not be waited for, but has to be handed back then.
            shortest = min(shortest ?? delay, delay, entry.deadline - now)
        }
        return shortest.map { .wait($0) } ?? .idle
    }

    /// The gateway says that there were too many messages.
    mutating func refused(at now: Duration) { pacing.refused(at: now) }

    /// The connection is over: what has not been sent is handed back, and never goes.
    mutating func close() -> [Entry] {
        defer { waiting.removeAll() }
        return Urgency.allCases.flatMap { waiting[$0, default: []] }
    }
}
