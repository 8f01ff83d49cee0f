import Core

/// Which of our own orders a decision takes back: those that would open again what it closes, or enlarge what it wants to be
/// smaller. An order that closes something is among them only where an exit takes its place, whoever votes against it: it may be
/// a stop-loss.
struct Withdrawal {
    let wish: Wish
    let votes: [Vote]
    let symbol: SymbolInput
    let input: DecisionInput
    /// `nil` for a decision to hold.
    let proposal: Proposal?

    /// - Parameter filters: the verdicts on the proposal of the same decision; empty for a decision to hold.
    func orders(_ filters: [FilterVerdict]) -> [WorkingOrder] {
        guard input.rules != .first, isHeard(filters) else { return [] }
        let unwanted = symbol.workingOrders.filter { enlarges($0.side) && isUnwanted($0.side) }
        return (unwanted + displaced(filters)).filter { $0.clientOrderID != nil }
    }

    /// What protects the position, where nothing but that holds up its exit.
    private func displaced(_ filters: [FilterVerdict]) -> [WorkingOrder] {
        guard let proposal, filters.allSatisfy({ $0.passed || $0.name == Filter.pendingOrderName }),
            !symbol.workingOrders.contains(where: \.isInDoubt)
        else { return [] }
        return symbol.protection(before: proposal)
    }

    /// What is too weak to order anything, or is made of old bars, takes nothing back either. A consultant is not asked.
    private func isHeard(_ filters: [FilterVerdict]) -> Bool {
        if wish.restraint == .exit { return true }
        if wish.action == .hold {
            let strongest = votes.map(\.confidence).max() ?? 0
            return strongest >= input.settings.minimumConfidence.doubleValue
        }
        return filters.filter { Self.gates.contains($0.name) }.allSatisfy(\.passed)
    }

    private static let gates = ["stale", "minimum-confidence"]

    /// Whether an order on that side leads away from zero.
    private func enlarges(_ side: Side) -> Bool {
        let position = symbol.positionQuantity
        return side == .buy ? !position.isNegative : !position.isPositive
    }

    private func isUnwanted(_ side: Side) -> Bool {
        if wish.restraint == .exit { return true }
        switch wish.action {
        case .buy: return side == .sell
        case .sell: return side == .buy
        case .hold:
            // A target that is met already would be left again.
            guard let target = symbol.terms?.target else { return false }
            return side == .buy ? target <= symbol.positionQuantity : target >= symbol.positionQuantity
        }
    }
}

extension SymbolInput {
    /// The orders that protect the position and stand in the way of its exit.
    func protection(before proposal: Proposal) -> [WorkingOrder] {
        guard proposal.displacesProtection, proposal.quantity.isPositive else { return [] }
        return workingOrders.filter { $0.isProtection && $0.side == proposal.side }
    }

    /// Whether an order closes what is held should the market touch its price, or waits for that to be held.
    func isProtected(by order: WorkingOrder) -> Bool {
        let closing: Side = positionQuantity.isNegative ? .buy : .sell
        return order.isProtection && (order.open.isZero || (!positionQuantity.isZero && order.side == closing))
    }
}
