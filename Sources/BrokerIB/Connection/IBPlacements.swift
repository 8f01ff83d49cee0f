internal import Core

/// What becomes of orders and cancellations that have been sent and not been answered. No socket and no clock.
///
/// An order is acknowledged when IB says that it has it: a status that is one, with a number of IB's. `ApiPending` and
/// `PendingSubmit` say only that the gateway has it, and `Inactive` and `Cancelled` may be the beginning of a rejection whose
/// reason follows, so these are waited out.
///
/// A client's ids can come to be used a second time. What the gateway says of an order therefore counts only as long as it shows
/// none under the id that has another reference than ours.
struct IBPlacements: Sendable {
    enum Fate: Hashable, Sendable {
        /// IB has it, under its own number.
        case acknowledged(permanentID: Int64, IBOrderStatusWord)
        /// For good, with the gateway's own code.
        case rejected(code: Int, sentence: String)
        /// A cancellation or a change was refused: the order is done, or not known. It is to be looked up.
        case changeRefused(code: Int, sentence: String)
        /// A cancellation was taken, or the order is cancelled.
        case cancelled
        /// What a question without an order would come to.
        case previewed(IBOrderState)
        /// It never left this machine.
        case notSent(String)
        /// It came before the order that it belongs to, and was not taken.
        case parentMissing(String)
        /// It may have arrived or not.
        case unknown(String)

        /// The gateway has not got it, or will not have it.
        var isRefusal: Bool {
            switch self {
            case .rejected, .notSent, .parentMissing: true
            case .acknowledged, .changeRefused, .cancelled, .previewed, .unknown: false
            }
        }
    }

    /// The prices that an order was given.
    struct Prices: Hashable, Sendable {
        let limit: Price?
        let auxiliary: Price?
    }

    private enum Purpose: Hashable {
        case order
        /// New prices. The order stands already, so only its own listing of them says that they were taken.
        case change(Prices)
        case cancellation
        /// Only a question; nothing is placed.
        case preview

        var subject: IBReaction.Subject {
            switch self {
            case .order, .preview: .newOrder
            case .change: .modification
            case .cancellation: .cancellation
            }
        }
    }

    private struct Waiting {
        let purpose: Purpose
        let deadline: Duration
        /// Our key in the order; `nil` where only the id is known.
        var reference: String?
        var wasSent = false
        /// What IB said last that settles nothing by itself.
        var permanentID: Int64 = 0
        var status: IBOrderStatusWord?
        /// What an error frame said that settles nothing by itself.
        var words: String?
    }

    private var waiting: [Int64: Waiting] = [:]

    func isWaiting(_ orderID: Int64) -> Bool { waiting[orderID] != nil }

    mutating func place(_ orderID: Int64, reference: String? = nil, deadline: Duration) {
        waiting[orderID] = Waiting(purpose: .order, deadline: deadline, reference: reference)
    }

    mutating func change(_ orderID: Int64, to prices: Prices, reference: String? = nil, deadline: Duration) {
        waiting[orderID] = Waiting(purpose: .change(prices), deadline: deadline, reference: reference)
    }

    mutating func cancel(_ orderID: Int64, reference: String? = nil, deadline: Duration) {
        waiting[orderID] = Waiting(purpose: .cancellation, deadline: deadline, reference: reference)
    }

    mutating func preview(_ orderID: Int64, deadline: Duration) {
        waiting[orderID] = Waiting(purpose: .preview, deadline: deadline)
    }

    /// The bytes are being handed to the system.
    mutating func sent(_ orderID: Int64) { waiting[orderID]?.wasSent = true }

    /// - Parameter clientID: Ours: ids of other clients' orders overlap with ours.
    mutating func received(_ message: IBMessage, clientID: Int64) -> (Int64, Fate)? {
        if case .openOrder(let order) = message, order.clientID == clientID, order.isWhatIf,
            waiting[order.orderID]?.purpose == .preview
        {
            waiting[order.orderID] = nil
            return (order.orderID, .previewed(order.state))
        }
        // Nothing else speaks of an order.
        if case .openOrder(let order) = message, order.clientID == clientID, !order.isWhatIf {
            if let stranger = stranger(order.orderID, order.terms.reference) { return stranger }
            let prices = Prices(limit: order.terms.limitPrice, auxiliary: order.terms.auxiliaryPrice)
            return heard(order.orderID, order.terms.permanentID, order.state.status, at: prices)
        }
        if case .orderStatus(let status) = message, status.clientID == clientID {
            return heard(status.orderID, status.permanentID, status.status)
        }
        if case .execution(let execution) = message, execution.clientID == clientID, let id = execution.orderID,
            let waiter = waiting[id], waiter.purpose == .order
        {
            // Only one that is told as it happens: a list tells of earlier orders under the same id too.
            let isOurs = waiter.reference.map { $0 == execution.orderReference } ?? (execution.requestID == nil)
            let number = execution.permanentID != 0 ? execution.permanentID : waiter.permanentID
            guard isOurs, number != 0 else { return nil }
            waiting[id] = nil
            return (id, .acknowledged(permanentID: number, .submitted))
        }
        if case .error(let notice) = message, let id = notice.id { return refused(id, notice) }
        return nil
    }

    /// The gateway shows an open order under our id that is not ours: what it says of the id is of nobody knows which.
    private mutating func stranger(_ id: Int64, _ reference: String) -> (Int64, Fate)? {
        guard let ours = waiting[id]?.reference, ours != reference else { return nil }
        waiting[id] = nil
        return (id, .unknown("the gateway shows another order under the id \(id), with the reference '\(reference)'"))
    }

    /// - Parameter prices: `nil` where the message tells none.
    private mutating func heard(
        _ id: Int64, _ permanentID: Int64, _ status: IBOrderStatusWord, at prices: Prices? = nil
    ) -> (Int64, Fate)? {
        guard let waiter = waiting[id] else { return nil }
        waiting[id]?.status = status
        if permanentID != 0 { waiting[id]?.permanentID = permanentID }
        let fate: Fate?
        switch waiter.purpose {
        case .order:
            fate = Self.hasIt(status) && permanentID != 0 ? .acknowledged(permanentID: permanentID, status) : nil
        case .change(let asked):
            let isTaken = prices.map { $0.agrees(with: asked) } ?? false
            fate = isTaken && Self.hasIt(status) ? .acknowledged(permanentID: permanentID, status) : nil
        case .cancellation: fate = Self.isCancelled(status) ? .cancelled : nil
        case .preview: fate = nil
        }
        guard let fate else { return nil }
        waiting[id] = nil
        return (id, fate)
    }

    private static func hasIt(_ status: IBOrderStatusWord) -> Bool {
        switch status {
        case .preSubmitted, .submitted, .filled, .pendingCancel: true
        case .apiPending, .pendingSubmit, .cancelled, .apiCancelled, .inactive, .other: false
        }
    }

    private static func isCancelled(_ status: IBOrderStatusWord) -> Bool {
        switch status {
        case .pendingCancel, .cancelled, .apiCancelled: true
        case .apiPending, .pendingSubmit, .preSubmitted, .submitted, .filled, .inactive, .other: false
        }
    }

    private mutating func refused(_ id: Int64, _ notice: IBErrorNotice) -> (Int64, Fate)? {
        guard let waiter = waiting[id] else { return nil }
        let reaction = IBReaction.to(notice, about: waiter.purpose.subject)
        let fate: Fate?
        switch reaction.outcome {
        case .rejected, .changeRefused: fate = .rejected(code: notice.code, sentence: reaction.sentence)
        case .cancelled:
            switch waiter.purpose {
            // One that IB has had, however shortly, is no rejected one: what is immediate or cancelled ends like this.
            case .order where waiter.permanentID != 0:
                fate = .acknowledged(permanentID: waiter.permanentID, .cancelled)
            case .order, .change, .preview: fate = .rejected(code: notice.code, sentence: reaction.sentence)
            case .cancellation: fate = .cancelled
            }
        case .lookUp, .failed:
            fate =
                waiter.purpose == .order || waiter.purpose == .preview
                ? .unknown(reaction.sentence) : .changeRefused(code: notice.code, sentence: reaction.sentence)
        case .retryChild:
            fate = waiter.purpose == .order ? .parentMissing(reaction.sentence) : .unknown(reaction.sentence)
        case .orderIDTaken: fate = .unknown(reaction.sentence)
        case .nothing, .empty, .retryLater, .noLiveData, .delayedData, .subscribeAnew:
            waiting[id]?.words = reaction.sentence
            fate = nil
        }
        guard let fate else { return nil }
        waiting[id] = nil
        return (id, fate)
    }

    // MARK: Ends

    mutating func expire(at now: Duration) -> [(Int64, Fate)] {
        end(waiting.filter { now >= $0.value.deadline }.map(\.key)) { waiter in
            // IB has it, whatever it does with it: its lists tell the rest.
            if waiter.purpose == .order, waiter.permanentID != 0, let status = waiter.status {
                return .acknowledged(permanentID: waiter.permanentID, status)
            }
            let heard = [waiter.status.map { "the gateway said \($0.text)" }, waiter.words].compactMap { $0 }
            return .unknown((["no answer in time"] + heard).joined(separator: "; "))
        }
    }

    /// It has waited for its turn for too long, and was never written.
    mutating func unsent(_ id: Int64) -> Fate? {
        waiting.removeValue(forKey: id).map { _ in .notSent("it waited too long for its turn to be sent") }
    }

    mutating func lost(_ detail: String) -> [(Int64, Fate)] {
        end(Array(waiting.keys)) { _ in .unknown("the connection ended: \(detail)") }
    }

    private mutating func end(_ ids: [Int64], _ fate: (Waiting) -> Fate) -> [(Int64, Fate)] {
        ids.sorted().compactMap { id in
            guard let waiter = waiting.removeValue(forKey: id) else { return nil }
            return (id, waiter.wasSent ? fate(waiter) : .notSent("it was not written before the connection ended"))
        }
    }
}

extension IBPlacements.Prices {
    /// IB tells 0 for a price that the order has not.
    fileprivate func agrees(with asked: IBPlacements.Prices) -> Bool {
        func isSame(_ told: Price?, _ asked: Price?) -> Bool { (told ?? .zero) == (asked ?? .zero) }
        return isSame(limit, asked.limit) && isSame(auxiliary, asked.auxiliary)
    }
}
