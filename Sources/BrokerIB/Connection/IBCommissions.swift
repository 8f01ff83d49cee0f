/// Commissions by execution, since they come before or after it. The oldest go first.
struct IBCommissions: Sendable {
    private let limit: Int
    private var known: [String: IBCommission] = [:]
    private var order: [String] = []

    init(limit: Int = 1) { self.limit = max(1, limit) }

    mutating func add(_ commission: IBCommission) {
        // One that is not known yet must not take the place of one that is.
        if let old = known[commission.executionID], old.commission != nil, commission.commission == nil { return }
        if known.updateValue(commission, forKey: commission.executionID) == nil { order.append(commission.executionID) }
        guard order.count > limit else { return }
        let excess = order.count - limit / 2
        for id in order.prefix(excess) { known[id] = nil }
        order.removeFirst(excess)
    }

    subscript(executionID: String) -> IBCommission? { known[executionID] }
}
