public import Broker
public import Core

/// A split in an account.
public struct AccountSplit: Hashable, Sendable {
    public let symbol: Symbol
    /// What was executed before is of the old scale.
    public let at: Instant
    public let new: Int
    public let old: Int

    public init(symbol: Symbol, at: Instant, new: Int, old: Int) {
        self.symbol = symbol
        self.at = at
        self.new = new
        self.old = old
    }

    func scaled(_ amount: FixedPoint) throws(ArithmeticError) -> FixedPoint {
        guard old > 0 else { return amount }
        return try amount.scaled(by: FixedPoint(new), over: FixedPoint(old), rounding: .halfEven)
    }
}

/// What an order has executed, on the scale of its time.
public struct ExecutedPart: Hashable, Sendable {
    public let at: Instant
    public let quantity: Quantity
    /// Whether it is a fill on our books.
    public let isBooked: Bool

    public init(at: Instant, quantity: Quantity, isBooked: Bool) {
        self.at = at
        self.quantity = quantity
        self.isBooked = isBooked
    }
}

/// An order of ours beside the terms that its broker lists: they may be changed there by hand, and a split changes those of
/// an order that stands through it. What takt changes itself (`orders revise`) is kept apart while a list may lag behind it.
///
/// Our fills keep the scale that they were made on. Some brokers restate what an order has executed together with what was
/// ordered, some do not; which one a broker does shows in what it counts as executed. Everything is derived anew from the
/// executions, the splits and the list each time, so a split that the account posts days after the list has shown it, and
/// one that is corrected, come out the same as one that was known at once.
public struct OrderRestatement: Sendable {
    private let order: ManagedOrder
    private let listed: BrokerOrder
    /// What a foreign order had executed when the account was opened in our books.
    private let before: Quantity
    /// Ascending by time.
    private let parts: [ExecutedPart]
    /// Of its symbol, after it was placed, ascending.
    private let splits: [AccountSplit]

    /// - Parameters:
    ///   - before: What it had executed by the account's opening.
    ///   - parts: Its executions since, each once, none that was taken back.
    ///   - splits: Of its account, each once.
    public init(
        _ order: ManagedOrder, as listed: BrokerOrder, before: Quantity = .zero, parts: [ExecutedPart],
        splits: [AccountSplit]
    ) {
        self.order = order
        self.listed = listed
        self.before = before
        self.parts = parts.sorted { $0.at < $1.at }
        self.splits = splits.filter { $0.symbol == order.symbol && $0.at > order.submittedAt }.sorted { $0.at < $1.at }
    }

    /// The order with the listed terms, and with what it has executed on the scale that the broker counts in.
    ///
    /// The quantity of one that ends is followed upwards only, or with a split: some brokers list a cancelled order with what
    /// it had executed, and that would make it a filled one. One that has ended on our books stays as it ended, unless it is
    /// listed alive: some brokers restate old orders after a split. One that is listed alive is not made a filled one by its
    /// terms, and none by what an earlier list looked like. And where both terms and executed quantity have changed as a split
    /// would change them, and the account has posted none, the order stays on the scale of the books.
    public func restated() throws(ArithmeticError) -> ManagedOrder {
        let isLive = [.working, .partiallyFilled, .inactive].contains(listed.status)
        let isLarger = listed.quantity > order.quantity && !order.state.isFinal
        let count = try count()
        let isExplained = try isExplained()
        let isSplit = (count.splits ?? 0) > 0 || isExplained || order.filledBefore != before
        guard listed.quantity.isPositive, isLive || isLarger || !order.isOurs || (isSplit && !order.state.isFinal)
        else { return order }
        guard try !isUnposted(count, isExplained: isExplained) else { return order }
        var changed = order
        if listed.tellsType { changed.type = listed.type }
        if listed.tellsTimeInForce { changed.timeInForce = listed.timeInForce }
        if isLive || isLarger || !order.isOurs || isExplained { changed.quantity = listed.quantity }
        // A list that lags behind what is booked says nothing of the scale: what was known of it stays, unless it would fill the
        // order.
        let known = try order.filledBefore.value + executed(splits: 0) - before.value
        if !splits.isEmpty,
            count.isUnderstood || changed.quantity != order.quantity || known >= changed.quantity.value
        {
            changed.filledBefore = Quantity(try count.executed - executed(splits: 0) + before.value)
        }
        let executed = try changed.filledBefore.value + executed(splits: 0) - before.value
        return isLive && executed >= listed.quantity.value ? order : changed
    }

    /// Whether the list counts as executed just what is on our books, on one scale or the other.
    public func isWithoutNews() throws(ArithmeticError) -> Bool {
        let booked = OrderRestatement(
            order, as: listed, before: before, parts: parts.filter(\.isBooked), splits: splits)
        return try booked.understood(without: .nothing) != nil
    }

    /// The order while there are executions of it that are not known here: once a split is posted, with the listed quantity, whatever
    /// makes it (some brokers split all of an order, some only what is left of it), and the smallest count of those that are known,
    /// if that leaves more open than the order as it is.
    public func leavingMost() throws(ArithmeticError) -> ManagedOrder {
        guard [.working, .partiallyFilled, .inactive].contains(listed.status), !splits.isEmpty else { return order }
        let all = try executed(splits: 0)
        var changed = order
        if listed.tellsType { changed.type = listed.type }
        if listed.tellsTimeInForce { changed.timeInForce = listed.timeInForce }
        changed.quantity = listed.quantity
        changed.filledBefore = Quantity(try leastExecuted() - all + before.value)
        return try changed.quantity - changed.filledBefore > order.quantity - order.filledBefore ? changed : order
    }

    /// What an order has executed in all by its executions.
    private struct Count {
        let executed: FixedPoint
        /// How many of the splits the list is seen to include; `nil` where what it counts is not understood.
        let splits: Int?
        /// Whether it is understood only if the list lacks some of the executions.
        let isLate: Bool

        var isUnderstood: Bool { splits != nil }
    }

    /// The count of all executions on the scale of the list. The list may have been read a moment before the last of those that
    /// are news, or lag behind some that are booked. Where it cannot be told which scale it is, the smallest count is taken: more
    /// is then open, and an exit leaves it alone.
    private func count() throws(ArithmeticError) -> Count {
        for late in lates {
            guard let splits = try understood(without: late) else { continue }
            // What the broker has rounded to shares stays as it counts it: it calls the order filled or ended by that.
            let rounding = try listed.filledQuantity.value - executed(without: late, splits: splits)
            return Count(executed: try executed(splits: splits) + rounding, splits: splits, isLate: !late.isNothing)
        }
        return Count(executed: try leastExecuted(), splits: nil, isLate: true)
    }

    private func leastExecuted() throws(ArithmeticError) -> FixedPoint {
        var least = try executed(splits: 0)
        for applied in splits.indices { least = min(least, try executed(splits: applied + 1)) }
        return least
    }

    /// Executions that a list lacks: those from a place on, all of them or the news among them.
    private struct Late {
        var first: Int
        var isOfNews: Bool
        var isNothing = false

        static let nothing = Late(first: 0, isOfNews: true, isNothing: true)

        func contains(_ index: Int, of parts: [ExecutedPart]) -> Bool {
            !isNothing && index >= first && !(isOfNews && parts[index].isBooked)
        }
    }

    /// What the list may lack: nothing, the newest of the news, the newest of all. In this order, so that of an order with many
    /// executions no more is counted than it takes.
    private var lates: [Late] {
        let news = parts.indices.filter { !parts[$0].isBooked }
        return [.nothing] + news.reversed().map { Late(first: $0, isOfNews: true) }
            + parts.indices.reversed().map { Late(first: $0, isOfNews: false) }
    }

    /// How many splits, in the order in which they came, make what was executed, but for what is late, what the list counts; `nil`
    /// if none do. A restated count is rounded to shares.
    private func understood(without late: Late) throws(ArithmeticError) -> Int? {
        if try executed(without: late, splits: 0) == listed.filledQuantity.value { return 0 }
        // A list that lags behind what is booked is believed only to the digit.
        let isBookedLate = !late.isOfNews && parts[late.first...].contains(where: \.isBooked)
        for applied in stride(from: splits.count, to: 0, by: -1) {
            let restated = try restated(without: late, splits: applied)
            let isNear = try restated.isNear(listed.filledQuantity.value)
            if isBookedLate ? restated.exact == listed.filledQuantity.value : isNear { return applied }
        }
        return nil
    }

    /// What the executions, but for what is late, come to after the first so many splits.
    private func executed(without late: Late = .nothing, splits applied: Int) throws(ArithmeticError) -> FixedPoint {
        try restated(without: late, splits: applied).exact
    }

    private func restated(without late: Late, splits applied: Int) throws(ArithmeticError) -> RestatedAmount {
        var amount = RestatedAmount(before.value)
        var rest = parts.indices[...]
        func take(until end: Instant?) throws(ArithmeticError) {
            while let index = rest.first, end.map({ parts[index].at < $0 }) ?? true {
                rest.removeFirst()
                if !late.contains(index, of: parts) { try amount.add(parts[index].quantity.value) }
            }
        }
        for split in splits.prefix(applied) {
            try take(until: split.at)
            try amount.apply(split)
        }
        try take(until: nil)
        return amount
    }

    /// Whether the listed quantity is ours after one or several of the splits in a row, give or take the rounding of a share.
    private func isExplained() throws(ArithmeticError) -> Bool {
        guard listed.quantity != order.quantity else { return false }
        for first in splits.indices {
            var quantity = RestatedAmount(order.quantity.value)
            for split in splits[first...] {
                try quantity.apply(split)
                if try quantity.isNear(listed.quantity.value) { return true }
            }
        }
        return false
    }

    /// Whether the list shows a split that the account has not posted: what was ordered and what had been executed by some time
    /// are listed changed in the same proportion, which no hand does: it changes the one and keeps the other. An order that would
    /// be a filled one on the scale of the books is none.
    ///
    /// A count that is understood as it is was changed by no split. One that is understood only if the list lacks executions may
    /// be so by chance, with equal slices for one, and one that is not understood may be ahead of the executions. Where the
    /// listed order is as much smaller as a reverse split makes it, the larger one is believed meanwhile: more of it is then open.
    /// A list ahead of the executions by just what such a split took from the count stays a hand's until the split is posted.
    private func isUnposted(_ count: Count, isExplained: Bool) throws(ArithmeticError) -> Bool {
        guard listed.quantity != order.quantity, order.quantity.isPositive else { return false }
        var (booked, all) = (order.filledBefore.value, order.filledBefore.value)
        for part in parts {
            all = try all + part.quantity.value
            if part.isBooked { booked = try booked + part.quantity.value }
        }
        guard all < order.quantity.value else { return false }
        let isReverse = isExplained ? false : try isReverseSplit()
        if count.isUnderstood { return count.isLate && isReverse ? try isInProportion() : false }
        if isReverse, all.isPositive { return true }
        let told = listed.filledQuantity.value
        return told < booked || told > all ? try isInProportion() : false
    }

    /// Whether the listed quantity is ours after a reverse split: into one to four of so many, to the share.
    private func isReverseSplit() throws(ArithmeticError) -> Bool {
        guard listed.quantity < order.quantity else { return false }
        for new in 1...4 {
            let old = try order.quantity.value.scaled(
                by: FixedPoint(new), over: max(listed.quantity.value, .one), rounding: .halfEven
            ).rounded(toDigits: 0, .halfEven)
            guard old > FixedPoint(new) else { continue }
            let quantity = try order.quantity.value.scaled(by: FixedPoint(new), over: old, rounding: .halfEven)
            if try (quantity - listed.quantity.value).magnitude < .one { return true }
        }
        return false
    }

    /// Whether the listed count is what was executed by some time, changed as the quantity is, and so much since.
    private func isInProportion() throws(ArithmeticError) -> Bool {
        let told = listed.filledQuantity.value
        // So much before the change, the rest after it, the last of the news perhaps not in the list yet.
        var early = order.filledBefore.value
        for index in 0...parts.count {
            if index > 0 { early = try early + parts[index - 1].quantity.value }
            guard early.isPositive else { continue }
            var sum = try early.scaled(by: listed.quantity.value, over: order.quantity.value, rounding: .halfEven)
            if try (sum - told).magnitude < .one { return true }
            for part in parts[index...] {
                sum = try sum + part.quantity.value
                if try (sum - told).magnitude < .one { return true }
            }
        }
        return false
    }
}

/// An amount of shares through splits, and how far from it a broker may be that rounds it to shares at each of them.
private struct RestatedAmount {
    private(set) var exact: FixedPoint
    private var tolerance = FixedPoint.zero

    init(_ exact: FixedPoint) { self.exact = exact }

    mutating func add(_ more: FixedPoint) throws(ArithmeticError) { exact = try exact + more }

    mutating func apply(_ split: AccountSplit) throws(ArithmeticError) {
        exact = try split.scaled(exact)
        tolerance = try split.scaled(tolerance)
        // What comes to whole shares is not rounded.
        if try exact != exact.rounded(toDigits: 0, .towardZero) { tolerance = try tolerance + .one }
    }

    func isNear(_ told: FixedPoint) throws(ArithmeticError) -> Bool {
        let distance = try (exact - told).magnitude
        return distance.isZero || distance < tolerance
    }
}
