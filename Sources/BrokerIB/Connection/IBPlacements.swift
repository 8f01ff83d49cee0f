/// What becomes of orders and cancellations that have been sent and not been answered. No socket and no clock.
///
/// An order is acknowledged when IB says that it has it: a status that is one, with a number of IB's. `ApiPending` and
/// `PendingSubmit` say only that the gateway has it, and `Inactive` and `Cancelled` may be the beginning of a rejection whose
/// reason follows, so these are waited out.
struct IBPlacements: Sendable {
    enum Fate: Hashable, Sendable {
        /// IB has it, under its own number.
        case acknowledged(permanentID: Int64, IBOrderStatusWord)
        /// For good, with the gateway's own code.
        case rejected(code: Int, sentence: String)
        /// A cancellation was refused: the order is done, or not known. It is to be looked up.
        case cancelRefused(code: Int, sentence: String)
        /// A cancellation was taken, or the order is cancelled.
        case cancelled
        /// It never left this machine.
        case notSent(String)
        /// It may have arrived or not.
        case unknown(String)
    }

    private enum Purpose { case order, cancellation }

    private struct Waiting {
        let purpose: Purpose
        let deadline: Duration
        var wasSent = false
        /// What IB said last that settles nothing by itself.
        var permanentID: Int64 = 0
        var status: IBOrderStatusWord?
        /// What an error frame said that settles nothing by itself.
        var words: String?
    }

    private var waiting: [Int64: Waiting] = [:]

    func isWaiting(_ orderID: Int64) -> Bool { waiting[orderID] != nil }

    mutating func place(_ orderID: Int64, deadline: Duration) {
        waiting[orderID] = Waiting(purpose: .order, deadline: deadline)
    }

    mutating func cancel(_ orderID: Int64, deadline: Duration) {
        waiting[orderID] = Waiting(purpose: .cancellation, deadline: deadline)
    }

    /// The bytes are being handed to the system.
    mutating func sent(_ orderID: Int64) { waiting[orderID]?.wasSent = true }

    /// - Parameter clientID: Ours: ids of other clients' orders overlap with ours.
    mutating func received(_ message: IBMessage, clientID: Int64) -> (Int64, Fate)? {
        // Nothing else speaks of an order.
        if case .openOrder(let order) = message, order.clientID == clientID, !order.isWhatIf {
            return heard(order.orderID, order.terms.permanentID, order.state.status)
        }
        if case .orderStatus(let status) = message, status.clientID == clientID {
            return heard(status.orderID, status.permanentID, status.status)
        }
        if case .execution(let execution) = message, execution.clientID == clientID, let id = execution.orderID,
            waiting[id]?.purpose == .order
        {
            waiting[id] = nil
            return (id, .acknowledged(permanentID: execution.permanentID, .submitted))
        }
        if case .error(let notice) = message, let id = notice.id { return refused(id, notice) }
        return nil
    }

    private mutating func heard(_ id: Int64, _ permanentID: Int64, _ status: IBOrderStatusWord) -> (Int64, Fate)? {
        guard let waiter = waiting[id] else { return nil }
        let settles =
            switch (waiter.purpose, status) {
            case (.order, .preSubmitted), (.order, .submitted), (.order, .filled), (.order, .pendingCancel): true
            case (.order, .apiPending), (.order, .pendingSubmit), (.order, .cancelled), (.order, .apiCancelled),
                (.order, .inactive), (.order, .other):
                false
            case (.cancellation, .pendingCancel), (.cancellation, .cancelled), (.cancellation, .apiCancelled): true
            case (.cancellation, .apiPending), (.cancellation, .pendingSubmit), (.cancellation, .preSubmitted),
                (.cancellation, .submitted), (.cancellation, .filled), (.cancellation, .inactive),
                (.cancellation, .other):
                false
            }
        waiting[id]?.status = status
        if permanentID != 0 { waiting[id]?.permanentID = permanentID }
        guard settles else { return nil }
        if waiter.purpose == .cancellation {
            waiting[id] = nil
            return (id, .cancelled)
        }
        guard permanentID != 0 else { return nil }
        waiting[id] = nil
        return (id, .acknowledged(permanentID: permanentID, status))
    }

    private mutating func refused(_ id: Int64, _ notice: IBErrorNotice) -> (Int64, Fate)? {
        guard let waiter = waiting[id] else { return nil }
        let reaction = IBReaction.to(notice, about: waiter.purpose == .order ? .newOrder : .cancellation)
        let fate: Fate?
        switch reaction.outcome {
        case .rejected: fate = .rejected(code: notice.code, sentence: reaction.sentence)
        case .cancelled:
            // A new order that the server cancels at once was never one to work with; its own words say why.
            fate = waiter.purpose == .order ? .rejected(code: notice.code, sentence: reaction.sentence) : .cancelled
        case .orderIDTaken: fate = .unknown(reaction.sentence)
        case .lookUp, .failed, .changeRefused:
            fate =
                waiter.purpose == .cancellation
                ? .cancelRefused(code: notice.code, sentence: reaction.sentence) : .unknown(reaction.sentence)
        case .retryChild: fate = .unknown(reaction.sentence)
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
