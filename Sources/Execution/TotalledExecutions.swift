public import Broker
public import Core

/// Executions at a broker that lists none, but tells for each order how much was executed and what it came to
/// (``BrokerCapabilities/listsExecutions``): what the totals have grown by since the last booking.
///
/// The sums are exact: the prices of what is booked come to the broker's amount to the last of eight decimals. A growth
/// whose price has more of them is told as two executions, a hundred-millionth apart. Ids are made of the order's number and
/// of the quantity after the execution, so the same growth has the same id whoever finds it; and since all that was booked
/// of an order counts, also by hand or from a stream, nothing is booked twice.
public enum TotalledExecutions {
    /// - Parameters:
    ///   - orders: one round of the broker's list.
    ///   - booked: all fills on record for these orders; those taken back do not count.
    ///   - before: what had been executed when the account was opened in the books, and what it came to; where only the
    ///     quantity is known, what is executed later has the order's average price.
    /// - Returns: oldest order first. Nothing of an order whose totals are not larger than what is booked: a shrinking one is
    ///   for the comparison of the books to show.
    public static func derive(
        from orders: Snapshot<BrokerOrder>, booked: [Fill], before: [BrokerOrderID: Quantity],
        _ totalsBefore: [BrokerOrderID: ExecutedTotals] = [:]
    ) throws(ArithmeticError) -> [BrokerExecution] {
        var byOrder: [BrokerOrderID: [Fill]] = [:]
        for fill in booked where !fill.isBusted { byOrder[fill.brokerOrderID, default: []].append(fill) }
        var executions: [BrokerExecution] = []
        for order in orders.items.sorted(by: { ($0.placedAt, $0.brokerOrderID) < ($1.placedAt, $1.brokerOrderID) }) {
            guard let totals = order.executed else { continue }
            var sums = try Sums(byOrder[order.brokerOrderID] ?? [])
            var before = before[order.brokerOrderID] ?? .zero
            if before.isPositive, let then = totalsBefore[order.brokerOrderID] {
                try sums.add(before, then)
                before = .zero
            }
            executions += try growth(of: order, totals, since: sums, before: before, at: orders.takenAt)
        }
        return executions
    }

    /// What is booked of one order.
    private struct Sums {
        var quantity = Quantity.zero
        var amount = FixedPoint.zero
        var fee = FixedPoint.zero
        var tax = FixedPoint.zero

        init(_ fills: [Fill]) throws(ArithmeticError) {
            for fill in fills {
                quantity = try quantity + fill.quantity
                amount = try amount + fill.price.value.multiplied(by: fill.quantity.value, rounding: .halfEven)
                fee = try fee + fill.fee
                tax = try tax + fill.tax
            }
        }

        mutating func add(_ executed: Quantity, _ totals: ExecutedTotals) throws(ArithmeticError) {
            quantity = try quantity + executed
            amount = try amount + totals.amount
            fee = try fee + totals.fee
            tax = try tax + totals.tax
        }
    }

    private static func growth(
        of order: BrokerOrder, _ totals: ExecutedTotals, since booked: Sums, before: Quantity, at seen: Instant
    ) throws(ArithmeticError) -> [BrokerExecution] {
        let grown = try order.filledQuantity - before - booked.quantity
        guard grown.isPositive else { return [] }
        var amount = try totals.amount - booked.amount
        if before.isPositive || !amount.isPositive {
            // What of the amount belongs to the time before is not told, or was told wrong.
            amount = try totals.amount.scaled(
                by: grown.value, over: order.filledQuantity.value, rounding: .halfEven)
        }
        var parts = try parts(of: grown, worth: amount)
        var cumulative = order.filledQuantity
        var executions: [BrokerExecution] = []
        // Fees go with the last part, so that they are whole.
        var (fee, tax) = (max(try totals.fee - booked.fee, .zero), max(try totals.tax - booked.tax, .zero))
        while let part = parts.popLast() {
            executions.append(
                BrokerExecution(
                    executionID: ExecutionID("\(order.brokerOrderID)#\(cumulative)"),
                    brokerOrderID: order.brokerOrderID, clientOrderID: order.clientOrderID, symbol: order.symbol,
                    side: order.side, quantity: part.quantity, price: part.price, fee: fee, tax: tax,
                    currency: totals.currency, filledAt: max(order.placedAt, seen)))
            cumulative = try cumulative - part.quantity
            (fee, tax) = (.zero, .zero)
        }
        return executions.reversed()
    }

    /// Of whole units the price is split so that the parts come to the amount exactly; of fractions it is rounded.
    private static func parts(
        of quantity: Quantity, worth amount: FixedPoint
    ) throws(ArithmeticError) -> [(quantity: Quantity, price: Price)] {
        let price = try amount.divided(by: quantity.value, rounding: .down)
        guard quantity.value.isMultiple(of: .one) else {
            return [(quantity, Price(try amount.divided(by: quantity.value, rounding: .halfEven)))]
        }
        let rest = try amount - price.multiplied(by: quantity.value, rounding: .halfEven)
        guard rest.isPositive else { return [(quantity, Price(price))] }
        // So many of the units cost a hundred-millionth more.
        let dearer = Quantity(try FixedPoint(units: rest.units * FixedPoint.unitsPerOne))
        return [
            (try quantity - dearer, Price(price)),
            (dearer, Price(try FixedPoint(units: price.units + 1))),
        ]
    }
}
