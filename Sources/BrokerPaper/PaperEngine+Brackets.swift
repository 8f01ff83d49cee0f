internal import Broker
internal import Core

/// Entries that are given with the orders that protect them: these begin to work when the entry is filled, become smaller by what
/// one of them executes, and end with an entry that is over before.
extension PaperEngine {
    /// What becomes of the other orders of a bracket when one of it has executed something.
    mutating func tellBracket(
        of order: PaperOrder, executed quantity: Quantity, at instant: Instant
    ) throws(ArithmeticError) {
        guard let entry = order.entry else {
            guard order.status == .filled else { return }
            for index in protection(of: order.number) {
                state.orders[index].worksFrom = instant
                state.orders[index].updatedAt = now
            }
            return
        }
        for index in protection(of: entry) where state.orders[index].number != order.number {
            let rest = try state.orders[index].quantity - quantity
            guard rest > state.orders[index].filled else {
                finish(index, .cancelled, at: instant, "the other order of its bracket was executed")
                continue
            }
            state.orders[index].quantity = rest
            state.orders[index].updatedAt = now
        }
    }

    /// An entry that is over unfilled takes what was to protect it along.
    mutating func endProtection(of order: PaperOrder, at instant: Instant) {
        guard order.entry == nil, order.status != .filled else { return }
        for index in protection(of: order.number) {
            finish(index, .cancelled, at: instant, "its entry is over")
        }
    }

    /// Lets an order that was just taken follow what its entry has come to already.
    mutating func takeUp(_ index: Int) {
        guard let number = state.orders[index].entry,
            let entry = state.orders.first(where: { $0.number == number })
        else { return }
        if entry.status == .filled {
            state.orders[index].worksFrom = entry.finishedAt.map { max($0, now) } ?? now
        } else if !entry.isOpen {
            finish(index, .cancelled, at: now, "its entry is over")
        }
    }

    private func protection(of entry: Int64) -> [Int] {
        state.orders.indices.filter { state.orders[$0].isOpen && state.orders[$0].entry == entry }
    }

    /// What it claims of the shares that are held: one that protects an entry as much as that has opened, and of two that end
    /// each other one does.
    func claim(_ order: PaperOrder) -> Quantity {
        guard let entry = order.entry else { return order.leaves }
        guard protection(of: entry).first.map({ state.orders[$0].number }) == order.number else { return .zero }
        guard order.worksFrom == nil else { return order.leaves }
        return min(order.leaves, state.orders.first { $0.number == entry }?.filled ?? .zero)
    }
}
