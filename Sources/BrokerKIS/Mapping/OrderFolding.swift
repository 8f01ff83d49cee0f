internal import Broker
internal import Core

/// An order as KIS lists it, its revisions folded in, and what is needed to cancel it.
struct KISListedOrder: Hashable, Sendable {
    let order: BrokerOrder
    /// Money: what the executed shares came to so far.
    let filledAmount: FixedPoint
    let ticker: KISTicker
    /// The number that works now, as KIS wrote it: that of the last revision.
    let liveNumber: String
    let organisation: String?
    /// May still be executed.
    let remaining: Quantity
}

/// Rows → orders. A revision or cancellation is a row of its own at KIS; here it is something that happened to an
/// order, which keeps the number it was given first.
enum OrderFolding {
    /// Every order of the day is over by this time at its exchange: KRX's after-market, the last of them, ends at
    /// 20:00.
    static let dayEndSecond = 20 * 3600
    /// By then an order that is immediate or cancelled is one of the two.
    static let immediateDelay: Duration = .seconds(60)

    /// - Parameters:
    ///   - rows: Of one or several lists. Of two rows with one number the one that has executed more counts, and of
    ///     two equal ones the first.
    ///   - now: Orders are good for their day: one of a day that is over is not open, whatever is left of it.
    static func orders(
        _ rows: [KISOrderRow], _ directory: KISDirectory, at now: Instant
    ) -> (orders: [KISListedOrder], problems: [String]) {
        var problems: [String] = []
        var byNumber: [KISOrderNumber: KISOrderRow] = [:]
        var numbers: [KISOrderNumber] = []
        for row in rows {
            guard let known = byNumber[row.id] else {
                byNumber[row.id] = row
                numbers.append(row.id)
                continue
            }
            // Whether KIS gives a number twice, at two branches, is not known: two such orders are never taken for one.
            guard row.ticker == known.ticker, row.side == known.side else {
                problems.append("order \(row.id.id): two orders of different shares or sides have this number")
                continue
            }
            if row.filled > known.filled { byNumber[row.id] = row }
        }
        let changes = Dictionary(
            grouping: numbers.compactMap { byNumber[$0] }.filter { $0.original != nil }, by: \.original)
        var orders: [KISListedOrder] = []
        var told: Set<KISOrderNumber> = []
        for root in roots(numbers, byNumber) {
            let links = chain(root, byNumber, changes)
            guard !links.isEmpty else { continue }
            told.formUnion(links.map(\.id))
            do throws(KISRowProblem) {
                orders.append(try order(root, links, changes, directory, at: now))
            } catch { problems.append("order \(root.id): \(error)") }
        }
        for row in numbers.compactMap({ byNumber[$0] }) where changesOrder(row) && !told.contains(row.id) {
            problems.append("order \(row.id.id) revises what is no order")
        }
        return (orders, problems)
    }

    /// The numbers of orders as they were first given. Revisions whose order is not listed stand for it; a cancellation is
    /// never an order.
    private static func roots(
        _ numbers: [KISOrderNumber], _ rows: [KISOrderNumber: KISOrderRow]
    ) -> [KISOrderNumber] {
        var roots: [KISOrderNumber] = []
        var seen: Set<KISOrderNumber> = []
        for row in numbers.compactMap({ rows[$0] }) {
            switch (row.action, row.original) {
            case (.new, _): if seen.insert(row.id).inserted { roots.append(row.id) }
            case (.revision, let original?) where rows[original] == nil:
                if seen.insert(original).inserted { roots.append(original) }
            case (.revision, _), (.cancellation, _): break
            }
        }
        return roots
    }

    /// A revision that took effect. One that was refused changed nothing, unless something was executed of it all the same.
    private static func changesOrder(_ row: KISOrderRow) -> Bool {
        row.action == .revision && (!row.isRefused || row.filled.isPositive)
    }

    /// - Parameter links: The order and its revisions, at least one.
    private static func order(
        _ number: KISOrderNumber, _ links: [KISOrderRow], _ changes: [KISOrderNumber?: [KISOrderRow]],
        _ directory: KISDirectory, at now: Instant
    ) throws(KISRowProblem) -> KISListedOrder {
        let (root, last) = (links[0], links[links.count - 1])
        // Of an order that was revised in part, the rest of the older link may be all that still works.
        let live = links.last { $0.remaining.isPositive } ?? last
        let isCancelled = ([number] + links.map(\.id)).contains { link in
            (changes[link] ?? []).contains { $0.action == .cancellation && !$0.isRefused }
        }
        let sums = try Sums(links)
        let status = status(root, links, sums, isCancelled: isCancelled, at: now)
        let order = BrokerOrder(
            brokerOrderID: number.id, clientOrderID: nil,
            symbol: directory.symbol(root.ticker.market, root.ticker.code),
            side: root.side, type: last.type, quantity: sums.quantity, filledQuantity: sums.filled,
            timeInForce: last.timeInForce, status: status, placedAt: root.placedAt, message: last.words,
            isKnownForeign: !root.couldBeTakts, tellsTimeInForce: last.tellsTimeInForce)
        return KISListedOrder(
            order: order, filledAmount: sums.amount, ticker: root.ticker,
            liveNumber: live.number, organisation: live.organisation, remaining: live.remaining)
    }

    /// The order, where it is listed, and its revisions in the order in which they were made.
    private static func chain(
        _ number: KISOrderNumber, _ rows: [KISOrderNumber: KISOrderRow], _ changes: [KISOrderNumber?: [KISOrderRow]]
    ) -> [KISOrderRow] {
        let root = rows[number].map { [$0] } ?? []
        var revisions: [KISOrderRow] = []
        var waiting = [number]
        var seen: Set<KISOrderNumber> = [number]
        while let next = waiting.popLast() {
            for revision in (changes[next] ?? []).filter(changesOrder) where seen.insert(revision.id).inserted {
                revisions.append(revision)
                waiting.append(revision.id)
            }
        }
        return root + revisions.sorted { $0.id < $1.id }
    }

    /// What a chain comes to: what its earlier links have executed or still work, and all that the last one is for.
    private struct Sums {
        var quantity = Quantity.zero
        var filled = Quantity.zero
        var remaining = Quantity.zero
        var amount = FixedPoint.zero

        init(_ links: [KISOrderRow]) throws(KISRowProblem) {
            do {
                for (index, link) in links.enumerated() {
                    let active = try link.filled + link.remaining
                    let isLast = index == links.count - 1
                    quantity = try quantity + (isLast ? max(link.quantity, active) : active)
                    filled = try filled + link.filled
                    remaining = try remaining + link.remaining
                    amount = try amount + link.filledAmount
                }
            } catch { throw .contradiction("\(error)") }
        }
    }

    private static func status(
        _ root: KISOrderRow, _ links: [KISOrderRow], _ sums: Sums, isCancelled: Bool, at now: Instant
    ) -> BrokerOrder.Status {
        let isOver = now >= dayEnd(placedAt: root.placedAt, root.ticker.market)
        if sums.filled.isZero, links.allSatisfy(\.isRefused) { return .rejected }
        if sums.filled >= sums.quantity { return .filled }
        if sums.remaining.isPositive {
            guard !isOver else { return .expired }
            return sums.filled.isPositive ? .partiallyFilled : .working
        }
        let isImmediate =
            [.immediateOrCancel, .fillOrKill].contains(root.timeInForce)
            && now >= root.placedAt.advanced(by: immediateDelay)
        let isEnded =
            isCancelled || isImmediate || links.contains { $0.cancelled.isPositive || $0.isDone || $0.isRefused }
        // Nothing left, not all executed and no reason given: it may be on its way to the exchange.
        return isEnded ? .cancelled : isOver ? .expired : .inactive
    }

    /// When an order of that time is over: in the evening of its day, at the latest. One that is placed later, by day
    /// in Korea for the US, is for the day after.
    static func dayEnd(placedAt: Instant, _ market: KISMarket) -> Instant {
        let (date, second) = market.zone.local(placedAt)
        return market.zone.instant(
            of: second < dayEndSecond ? date : date.advanced(byDays: 1), secondOfDay: dayEndSecond)
    }
}
