internal import Broker
internal import BrokerPaper
internal import Core
internal import Decision

/// A market order of an episode that is not filled yet.
struct WorkingOrder: Sendable {
    let intent: OrderIntent
    let placedAt: Instant
    /// An open before it executes the order all the same.
    var cancelledAt: Instant?
    private(set) var filled = Quantity.zero
    private(set) var basis = CommissionBasis()

    init(_ intent: OrderIntent, placedAt: Instant) { (self.intent, self.placedAt) = (intent, placedAt) }

    /// `filled` never exceeds the quantity, so the difference cannot fail.
    var leaves: Quantity { (try? intent.quantity - filled) ?? .zero }

    /// Charges one more execution.
    mutating func fill(
        _ quantity: Quantity, at price: Price, on day: CivilDate, _ instrument: Instrument, _ fees: FeeSchedule
    ) throws(ArithmeticError) -> TradeCosts {
        filled = try filled + quantity
        return try fees.costs(instrument, intent.side, quantity, at: price, on: day, basis: &basis)
    }

    /// As the decision manager sees it: one that is taken back already is not taken back again.
    var decisionView: Decision.WorkingOrder {
        Decision.WorkingOrder(
            side: intent.side, open: leaves, isInDoubt: false,
            clientOrderID: cancelledAt == nil ? intent.clientOrderID : nil)
    }

    /// As the risk check sees it.
    func managed(_ account: AccountID) -> ManagedOrder {
        ManagedOrder(
            clientOrderID: intent.clientOrderID, intentID: intent.id, attempt: intent.attempt, origin: .takt,
            profile: intent.cycle.profile, broker: intent.broker, account: account, brokerOrderID: nil,
            symbol: intent.symbol, side: intent.side, type: intent.type, quantity: intent.quantity,
            timeInForce: intent.timeInForce, state: filled.isZero ? .working : .partiallyFilled, filledQuantity: filled,
            submittedAt: placedAt, acknowledgedAt: placedAt)
    }
}
