public import Broker
public import Core

/// Something that happened to an order.
public enum OrderEvent: Hashable, Sendable {
    /// The broker took the order and numbered it.
    case acknowledged(BrokerOrderID, at: Instant)
    /// The broker refused it. Final.
    case refused(Reason)
    /// It provably never left this machine, or the broker's door turned it away.
    case notSent(Reason)
    /// Nobody can say yet whether it arrived: the connection broke, the answer made no sense, or the process died.
    case outcomeUnknown(Reason)
    /// The broker lists it.
    case listed(BrokerOrder)
    /// One complete list, read late enough and well after the last that said so, does not show it.
    case absent
    /// A cancellation is on record and about to be sent.
    case cancelRequested
    case cancelUnknown(Reason)
    /// The broker would not cancel; its list will show why, and until then nothing is sent again.
    case cancelRefused(Reason)
    /// The cancellation provably never left this machine.
    case cancelNotSent(Reason)
    /// A list read long after the cancellation was sent shows the order alive: it did not arrive, or was taken in vain.
    case cancelWithoutEffect(Reason)
    /// It is over, and ended before the broker's lists begin; what it executed is on our books.
    case endedUnseen(Reason)
}

/// The life of an order as a pure function: state and event in, state out (design, section 3).
///
/// Fills are not events here: what was executed is always the sum over the recorded fills (``settle(_:fills:)``), so a fill
/// that is reported twice, late or out of order cannot change the result.
public enum OrderMachine {
    /// The reason of an order that ended so.
    public static let neverArrivedCode = "never-arrived"
    /// The reason of an order that provably never left this machine.
    public static let notSentCode = "not-sent"
    /// The reason of an order that the broker's door turned away.
    public static let turnedAwayCode = "turned-away"
    /// The reasons of an attempt that reached nobody.
    public static let unreachedCodes: Set<String> = [neverArrivedCode, notSentCode, turnedAwayCode]
    /// The reason of a numbered order that ended before the broker's lists begin. It arrived, so it is never sent again.
    public static let endedUnseenCode = "ended-unseen"
    /// The reason of an order of which a person said so. Its intent ends with it.
    public static let declaredAbsentCode = "absent-by-operator"
    /// No request is this much later than a list that is compared with it.
    private static let implausiblyLate: Duration = .seconds(600)

    /// The reason of an order that lives on because the broker refused to cancel it.
    public static let cancelRefusedCode = "cancel-refused"
    /// The reason of an order that lives on although its cancellation was sent.
    public static let cancelWithoutEffectCode = "cancel-without-effect"

    public static func apply(_ event: OrderEvent, to order: ManagedOrder, at now: Instant) -> ManagedOrder {
        var order = order
        switch event {
        case .acknowledged(let id, let at): acknowledge(&order, id, at)
        case .refused(let reason): finish(&order, .rejectedByBroker, reason, now)
        case .notSent(let reason): if order.state == .submitting { finish(&order, .expired, reason, now) }
        case .outcomeUnknown(let reason): doubt(&order, reason, now)
        case .listed(let listed): adopt(listed, into: &order, now)
        case .absent: countAbsence(&order, now)
        case .cancelRequested: requestCancel(&order, now)
        case .cancelUnknown(let reason):
            if order.state == .cancelling { order.state = .cancelInDoubt; note(&order, reason) }
        case .cancelRefused(let reason): if order.state == .cancelling { note(&order, reason) }
        case .cancelNotSent(let reason):
            if order.state == .cancelling { order.state = liveState(order); note(&order, reason) }
        case .cancelWithoutEffect(let reason):
            if isBeingCancelled(order) { order.state = liveState(order); note(&order, reason) }
        case .endedUnseen(let reason): if order.brokerOrderID != nil { finish(&order, .expired, reason, now) }
        }
        return order
    }

    /// The order with its cumulative quantity, average price and state taken from its fills; busted fills do not count.
    /// Fills are welcome in every state: a dead order that turns out to be filled completely becomes `filled`. An execution
    /// counts once however often it stands in `fills`, and not at all once one of its reports is busted.
    public static func settle(_ order: ManagedOrder, fills: [Fill], at now: Instant) throws(ArithmeticError)
        -> ManagedOrder
    {
        var order = order
        var cumulative = FixedPoint.zero
        var paid = FixedPoint.zero
        let busted = Set(fills.filter(\.isBusted).map(\.executionID))
        var counted: Set<ExecutionID> = []
        var lastFillAt: Instant?
        for fill in fills where !busted.contains(fill.executionID) && counted.insert(fill.executionID).inserted {
            lastFillAt = max(lastFillAt ?? fill.filledAt, fill.filledAt)
            cumulative = try cumulative + fill.quantity.value
            paid = try paid + fill.price.value.multiplied(by: fill.quantity.value, rounding: .halfEven)
        }
        order.filledQuantity = Quantity(cumulative)
        order.averageFillPrice = cumulative.isZero ? nil : Price(try paid.divided(by: cumulative, rounding: .halfEven))
        if try order.filledBefore + order.filledQuantity >= order.quantity {
            order.state = .filled
            order.finishedAt = order.finishedAt ?? lastFillAt ?? now
        } else if order.state == .filled {
            order.state = liveState(order)
            order.finishedAt = nil
        } else if order.filledQuantity.isPositive,
            [.submitting, .inDoubt, .acknowledged, .working].contains(order.state)
        {
            order.state = .partiallyFilled
        } else if order.filledQuantity.isZero, order.state == .partiallyFilled {
            order.state = .working
        }
        return order
    }

    /// The order, alive again if the list shows that its cancellation was lost or taken in vain: it stands there long after
    /// the request must have arrived and become visible. A list read earlier changes nothing.
    public static func withoutLostCancel(
        _ order: ManagedOrder, _ listed: BrokerOrder, in list: Snapshot<BrokerOrder>,
        _ capabilities: BrokerCapabilities,
        at now: Instant
    ) -> ManagedOrder {
        guard isBeingCancelled(order), [.working, .partiallyFilled, .inactive].contains(listed.status) else {
            return order
        }
        let requestedAt = order.cancelRequestedAt ?? order.submittedAt
        guard requestedAt <= list.takenAt.advanced(by: implausiblyLate) else {
            // Noted by a clock that ran ahead: counted from here it costs one delay more, else the order waits for that hour.
            var order = order
            order.cancelRequestedAt = list.takenAt
            return order
        }
        let shownFrom = requestedAt.advanced(by: capabilities.requestDeadline + capabilities.visibilityDelay)
        guard list.takenAt >= shownFrom else { return order }
        let reason = Reason(
            code: cancelWithoutEffectCode,
            message: "\(order.broker) still lists it as \(listed.status.rawValue) after it was to be cancelled")
        return apply(.cancelWithoutEffect(reason), to: order, at: now)
    }

    private static func acknowledge(_ order: inout ManagedOrder, _ id: BrokerOrderID, _ at: Instant) {
        order = order.withoutAbsences
        order.brokerOrderID = id
        order.acknowledgedAt = order.acknowledgedAt ?? at
        if order.state == .submitting || order.state == .inDoubt { order.state = .acknowledged }
    }

    private static func doubt(_ order: inout ManagedOrder, _ reason: Reason, _ now: Instant) {
        guard order.state == .submitting else { return }
        order.state = .inDoubt
        order.doubtedAt = now
        order.reasons.append(reason)
    }

    /// A cancellation that is under way is not sent again before a list has shown what became of it.
    private static func requestCancel(_ order: inout ManagedOrder, _ now: Instant) {
        guard order.state.mayBeLive, !isInDoubt(order), !isBeingCancelled(order) else { return }
        order.state = .cancelling
        order.cancelRequestedAt = now
    }

    /// What repeats beat by beat is kept once, as the newest.
    private static func note(_ order: inout ManagedOrder, _ reason: Reason) {
        order.reasons.removeAll { $0 == reason }
        order.reasons.append(reason)
    }

    private static func finish(_ order: inout ManagedOrder, _ state: OrderState, _ reason: Reason, _ now: Instant) {
        guard !order.state.isFinal else { return }
        order.state = state
        order.finishedAt = now
        order.reasons.append(reason)
    }

    /// An order in doubt is proven never to have arrived. One that the broker has numbered did arrive: however often it is
    /// missing, what became of it is for a person to say, and until then it counts.
    private static func countAbsence(_ order: inout ManagedOrder, _ now: Instant) {
        guard order.state.mayBeLive, order.state != .submitting, order.absenceProofs < ManagedOrder.proofsOfAbsence
        else { return }
        order.absenceProofs += 1
        guard order.state == .inDoubt, order.absenceProofs >= ManagedOrder.proofsOfAbsence else { return }
        let proof = "\(order.absenceProofs) complete lists of \(order.broker), read after its visibility delay, lack it"
        finish(&order, .expired, Reason(code: neverArrivedCode, message: proof), now)
    }

    private static func adopt(_ listed: BrokerOrder, into order: inout ManagedOrder, _ now: Instant) {
        order.brokerOrderID = listed.brokerOrderID
        order.acknowledgedAt = order.acknowledgedAt ?? listed.placedAt
        order = order.withoutAbsences
        switch listed.status {
        case .working, .partiallyFilled, .inactive:
            // Executions outweigh a list that lags behind them: only a bust takes `filled` back (`settle`).
            if order.state != .filled { keepAlive(&order) }
        case .filled: endShort(listed, &order, now)
        case .cancelled: close(&order, .cancelled, listed, now)
        case .expired: close(&order, .expired, listed, now)
        case .rejected:
            let words = listed.message ?? "no reason given"
            finish(&order, .rejectedByBroker, Reason(code: "rejected-by-broker", message: words), now)
        }
        if isInDoubt(order) { order.state = liveState(order) }
    }

    /// The broker calls the order finished: believed once every execution it counts is on our books, not before.
    private static func close(_ order: inout ManagedOrder, _ state: OrderState, _ listed: BrokerOrder, _ now: Instant) {
        let booked = (try? order.filledBefore + order.filledQuantity) ?? order.filledQuantity
        guard booked >= listed.filledQuantity else { return keepAlive(&order) }
        guard order.state != .filled, order.state != state else { return }
        order.state = state
        order.finishedAt = now
        if let message = listed.message { order.reasons.append(Reason(code: state.rawValue, message: message)) }
    }

    /// The broker calls it filled with less than we ordered: what is missing was taken back, and will not come again. Filled in
    /// full it is by its executions (``settle(_:fills:at:)``).
    private static func endShort(_ listed: BrokerOrder, _ order: inout ManagedOrder, _ now: Instant) {
        guard listed.filledQuantity < order.quantity, order.state != .filled, !order.state.isFinal,
            let booked = try? order.filledBefore + order.filledQuantity, booked.isPositive,
            booked >= listed.filledQuantity
        else { return }
        order.state = .cancelled
        order.finishedAt = now
        note(
            &order,
            Reason(
                code: "filled-short",
                message: "\(order.broker) calls it filled with \(listed.filledQuantity) of \(order.quantity)"))
    }

    /// A cancellation may still be on its way: that the order works in a list read right after says nothing yet.
    private static func keepAlive(_ order: inout ManagedOrder) {
        if !isBeingCancelled(order) { order.state = liveState(order) }
        order.finishedAt = nil
    }

    public static func isBeingCancelled(_ order: ManagedOrder) -> Bool {
        order.state == .cancelling || order.state == .cancelInDoubt
    }

    private static func isInDoubt(_ order: ManagedOrder) -> Bool {
        order.state == .inDoubt || order.state == .submitting
    }

    private static func liveState(_ order: ManagedOrder) -> OrderState {
        order.filledQuantity.isPositive ? .partiallyFilled : .working
    }
}

extension ManagedOrder {
    /// It has been seen: earlier absences prove nothing any more.
    var withoutAbsences: ManagedOrder {
        var order = self
        order.absenceProofs = 0
        order.lastAbsenceAt = nil
        return order
    }
}
