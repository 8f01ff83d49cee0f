/// One decision to trade one instrument once: stored before anything leaves the machine.
public struct OrderIntent: Hashable, Sendable {
    public let id: IntentID
    public let cycle: CycleID
    public let symbol: Symbol
    /// Distinguishes several intents of one cycle, instrument and purpose; 1 unless something is split.
    public let leg: Int
    public let purpose: OrderPurpose
    public let side: Side
    public let type: OrderType
    /// Positive, a multiple of the lot.
    public let quantity: Quantity
    public let timeInForce: TimeInForce
    public let handling: OrderHandling
    public var state: OrderState
    /// The broker the order is for; set when it is proposed, from the profile's route.
    public let broker: BrokerID
    /// The number of the next (or current) sending attempt, from 1.
    public var attempt: Int
    /// The close of the decision's bar in the instrument's currency: what sizes and price bands are measured against.
    public let referencePrice: Price
    public let createdAt: Instant
    /// After this instant the intent is no longer sent: a late command is a new decision.
    public let expiresAt: Instant
    /// Why it stands where it stands: refusals of risk, the broker's words. Stable code, then a sentence.
    public var reasons: [Reason]

    public init(
        cycle: CycleID, symbol: Symbol, leg: Int = 1, purpose: OrderPurpose, side: Side, type: OrderType,
        quantity: Quantity, timeInForce: TimeInForce, handling: OrderHandling = .plain, state: OrderState = .proposed,
        broker: BrokerID, attempt: Int = 1, referencePrice: Price, createdAt: Instant, expiresAt: Instant,
        reasons: [Reason] = []
    ) {
        id = IntentID(cycle: cycle, symbol: symbol, leg: leg, purpose: purpose)
        self.cycle = cycle
        self.symbol = symbol
        self.leg = leg
        self.purpose = purpose
        self.side = side
        self.type = type
        self.quantity = quantity
        self.timeInForce = timeInForce
        self.handling = handling
        self.state = state
        self.broker = broker
        self.attempt = attempt
        self.referencePrice = referencePrice
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.reasons = reasons
    }

    public var clientOrderID: ClientOrderID { ClientOrderID(intent: id, attempt: attempt) }
}

/// A refusal or remark as data: reports group by `code`, a person reads `message`.
public struct Reason: Hashable, Sendable, CustomStringConvertible {
    /// Stable, kebab-case: `max-daily-orders`.
    public let code: String
    /// One sentence with the numbers that led there.
    public let message: String
    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
    public var description: String { "\(code): \(message)" }
}

/// One sending attempt of an intent, or an order that somebody else placed in our account.
public struct ManagedOrder: Hashable, Sendable {
    public enum Origin: String, Hashable, Sendable {
        case takt
        /// Placed by hand or by another program: counts in risk, is never touched by us. So is, without an intent, an order of
        /// ours that a restore has lost (``ManagedOrder/isOurs``); that one can be withdrawn.
        case external
    }

    public let clientOrderID: ClientOrderID
    /// `nil` for external orders.
    public let intentID: IntentID?
    public let attempt: Int
    public let origin: Origin
    public let profile: ProfileName?
    public let broker: BrokerID
    public let account: AccountID
    public var brokerOrderID: BrokerOrderID?
    public let symbol: Symbol
    public let side: Side
    /// The terms as the broker listed them last; those that were sent, until it has. Takt never changes an order, but a hand at
    /// the broker may, and a split does.
    public var type: OrderType
    public var quantity: Quantity
    public var timeInForce: TimeInForce
    /// As it was sent: brokers do not list it.
    public let handling: OrderHandling
    public var state: OrderState
    /// What takt has booked of it.
    public var filledQuantity: Quantity
    /// What the broker counts as executed beyond our fills: what was executed before takt met the account, which is part of the
    /// opening balances and never booked, and the difference (also negative) where a broker restates executed shares with a
    /// split.
    public var filledBefore: Quantity
    /// Volume-weighted over the fills, rounded half to even at the eighth decimal; `nil` before the first.
    public var averageFillPrice: Price?
    /// When the write-ahead row was committed: the request left at or after this instant.
    public let submittedAt: Instant
    public var acknowledgedAt: Instant?
    public var finishedAt: Instant?
    /// When it was put on record that nobody knows whether the order arrived: it cannot have left later.
    public var doubtedAt: Instant?
    /// When the newest cancellation was put on record; whether it took effect shows in lists read well after.
    public var cancelRequestedAt: Instant?
    /// How many complete broker lists, read after the visibility delay and that delay apart, did not show the order.
    public var absenceProofs: Int
    /// When the list of the last of these proofs was read.
    public var lastAbsenceAt: Instant?
    public var reasons: [Reason]

    public init(
        clientOrderID: ClientOrderID, intentID: IntentID?, attempt: Int, origin: Origin, profile: ProfileName?,
        broker: BrokerID, account: AccountID, brokerOrderID: BrokerOrderID?, symbol: Symbol, side: Side,
        type: OrderType,
        quantity: Quantity, timeInForce: TimeInForce, handling: OrderHandling = .plain, state: OrderState,
        filledQuantity: Quantity = .zero,
        filledBefore: Quantity = .zero, averageFillPrice: Price? = nil, submittedAt: Instant,
        acknowledgedAt: Instant? = nil,
        finishedAt: Instant? = nil,
        doubtedAt: Instant? = nil, cancelRequestedAt: Instant? = nil, absenceProofs: Int = 0,
        lastAbsenceAt: Instant? = nil, reasons: [Reason] = []
    ) {
        self.clientOrderID = clientOrderID
        self.intentID = intentID
        self.attempt = attempt
        self.origin = origin
        self.profile = profile
        self.broker = broker
        self.account = account
        self.brokerOrderID = brokerOrderID
        self.symbol = symbol
        self.side = side
        self.type = type
        self.quantity = quantity
        self.timeInForce = timeInForce
        self.handling = handling
        self.state = state
        self.filledQuantity = filledQuantity
        self.filledBefore = filledBefore
        self.averageFillPrice = averageFillPrice
        self.submittedAt = submittedAt
        self.acknowledgedAt = acknowledgedAt
        self.finishedAt = finishedAt
        self.doubtedAt = doubtedAt
        self.cancelRequestedAt = cancelRequestedAt
        self.absenceProofs = absenceProofs
        self.lastAbsenceAt = lastAbsenceAt
        self.reasons = reasons
    }

    /// Complete lists without the order, read late enough and a visibility delay apart, that prove what they lack: that an order
    /// in doubt never arrived, or that one the broker had numbered is missing.
    public static let proofsOfAbsence = 2

    /// It stood at the broker, and complete lists, often enough and well apart, lack it.
    public var isMissing: Bool {
        state.mayBeLive && brokerOrderID != nil && absenceProofs >= Self.proofsOfAbsence
    }

    /// Placed by takt: known to be, or found at the broker under an id of ours after a restore had lost its row. The latter has
    /// no intent, and its origin is external.
    public var isOurs: Bool { origin == .takt || clientOrderID.hasForm(of: symbol) }

    /// Ours, known to stand at the broker, and not being cancelled already.
    public var isCancellable: Bool {
        guard isOurs else { return false }
        switch state {
        case .acknowledged, .working, .partiallyFilled: return true
        case .proposed, .approved, .rejected, .submitting, .inDoubt, .filled, .cancelling, .cancelInDoubt, .cancelled,
            .expired, .rejectedByBroker:
            return false
        }
    }

    /// What may still be executed: quantity less cumulative quantity, zero once the order is final.
    public var leavesQuantity: Quantity {
        guard !state.isFinal, let rest = try? quantity - filledBefore - filledQuantity, rest.isPositive else {
            return .zero
        }
        return rest
    }
}

/// A fill of an order, booked once whatever the number of times it is reported.
public struct Fill: Hashable, Sendable {
    /// `broker:account:execution-id`, unique.
    public var id: String { "\(broker):\(account):\(executionID)" }
    public let broker: BrokerID
    public let account: AccountID
    public let executionID: ExecutionID
    public let brokerOrderID: BrokerOrderID
    /// The order it belongs to, ours or external.
    public let clientOrderID: ClientOrderID
    public let intentID: IntentID?
    public let symbol: Symbol
    public let side: Side
    public let quantity: Quantity
    public let price: Price
    /// Commissions and exchange fees, positive when paid.
    public let fee: FixedPoint
    /// Taxes on the trade, positive when paid.
    public let tax: FixedPoint
    public let currency: Currency
    public let filledAt: Instant
    public let recordedAt: Instant
    public let isBusted: Bool

    public init(
        broker: BrokerID, account: AccountID, executionID: ExecutionID, brokerOrderID: BrokerOrderID,
        clientOrderID: ClientOrderID, intentID: IntentID?, symbol: Symbol, side: Side, quantity: Quantity, price: Price,
        fee: FixedPoint, tax: FixedPoint, currency: Currency, filledAt: Instant, recordedAt: Instant,
        isBusted: Bool = false
    ) {
        self.broker = broker
        self.account = account
        self.executionID = executionID
        self.brokerOrderID = brokerOrderID
        self.clientOrderID = clientOrderID
        self.intentID = intentID
        self.symbol = symbol
        self.side = side
        self.quantity = quantity
        self.price = price
        self.fee = fee
        self.tax = tax
        self.currency = currency
        self.filledAt = filledAt
        self.recordedAt = recordedAt
        self.isBusted = isBusted
    }
}
