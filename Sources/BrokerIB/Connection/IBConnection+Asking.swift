internal import Core

extension IBConnection {
    /// Asks, and waits for the end of the answer.
    ///
    /// - Parameters:
    ///   - limit: `nil` for the usual one.
    ///   - request: With the question's id, where it has one.
    /// - Throws: Only where nothing was sent. An answer that was cut off is returned with what had come.
    func ask(
        _ question: IBQuestion, within limit: Duration? = nil, _ request: some IBRequest
    ) async throws(IBFailure) -> IBAnswer {
        while correlator.isWaiting(question) {
            await withCheckedContinuation { turns[question, default: []].append($0) }
        }
        let bytes = try frame(request, question.request)
        let limits = configuration.limits
        let now = clock.uptime()
        let time = limit ?? limits.answer
        try enqueue(bytes, question.urgency, deadline: now + time, for: .question(question), question.request)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                correlator.ask(
                    question, limit: limits.answerMessages, at: now, within: time,
                    hasLink: session.mayTrustLists(at: clock.moment))
                answers[question] = continuation
                if question.id == nil { asked[question] = bytes }
            }
        } onCancel: {
            // The handler cannot wait for the actor; the task does one call and is over.
            Task { await self.cancel(question) }
        }
    }

    /// Sends what has no answer of its own: a cancellation, the end of a subscription.
    func send(_ request: some IBRequest, _ name: String) throws(IBFailure) {
        let deadline = clock.uptime() + configuration.limits.answer
        try enqueue(try frame(request, name), .inquiry, deadline: deadline, for: nil, name)
    }

    /// Sends an order, or the orders of a bracket one right behind the other, and waits for what becomes of each.
    ///
    /// Of a bracket all but the last hold themselves in the gateway until that has come. Where one of them is refused, or was not
    /// sent, the others are withdrawn: half a bracket is not wanted.
    ///
    /// - Parameters:
    ///   - requests: The parent first.
    ///   - sendBy: None is sent from then on, on the clock that is never set.
    ///   - limit: How long the gateway has to say what it does with them.
    func place(
        _ requests: [PlaceOrderRequest], sendBy: Duration? = nil, within limit: Duration
    ) async -> [IBPlacements.Fate] {
        let deadline = clock.uptime() + limit
        var frames: [[UInt8]] = []
        do throws(IBFailure) {
            for request in requests { frames.append(try frame(request, "placeOrder")) }
        } catch { return requests.map { _ in .notSent("\(error)") } }
        let (told, teller) = AsyncStream.makeStream(of: (Int, IBPlacements.Fate).self)
        for (index, request) in requests.enumerated() {
            place(frames[index], request, sendBy: sendBy, deadline: deadline) { teller.yield((index, $0)) }
        }
        var fates = requests.map { _ in IBPlacements.Fate.unknown("its fate was not told") }
        var left = requests.count
        var isWithdrawn = false
        for await (index, fate) in told {
            fates[index] = fate
            left -= 1
            if !isWithdrawn, requests.count > 1, fate.isRefusal {
                isWithdrawn = true
                // With their parent the children go; without one they are asked for by themselves.
                for other in index > 0 ? requests[..<1] : requests[1...] { withdraw(other.orderID, deadline: deadline) }
            }
            if left == 0 { break }
        }
        return fates
    }

    private func place(
        _ frame: [UInt8], _ request: PlaceOrderRequest, sendBy: Duration?, deadline: Duration,
        telling tell: @escaping @Sendable (IBPlacements.Fate) -> Void
    ) {
        do throws(IBFailure) {
            try enqueue(
                frame, .order, deadline: min(sendBy ?? deadline, deadline), for: .order(request.orderID), "placeOrder")
        } catch { return tell(.notSent("\(error)")) }
        fates[request.orderID] = tell
        placements.place(request.orderID, reference: request.order.reference, deadline: deadline)
    }

    /// What becomes of an order that was sent, as soon as it is known.
    private func fate(of orderID: Int64) async -> IBPlacements.Fate {
        await withCheckedContinuation { continuation in fates[orderID] = { continuation.resume(returning: $0) } }
    }

    /// Cancels an order whose own fate is waited for.
    private func withdraw(_ orderID: Int64, deadline: Duration) {
        do throws(IBFailure) {
            let bytes = try frame(CancelOrderRequest(orderID: orderID), "cancelOrder")
            try enqueue(bytes, .order, deadline: deadline, for: nil, "cancelOrder")
        } catch {}  // what it has come to, the lists tell
    }

    /// Asks what an order would come to, and waits for it; nothing is placed.
    ///
    /// - Parameter request: Of an order that only asks (``IBOrder/isWhatIf``), under an id of its own.
    func preview(_ request: PlaceOrderRequest, within limit: Duration) async -> IBPlacements.Fate {
        let deadline = clock.uptime() + limit
        do throws(IBFailure) {
            let bytes = try frame(request, "placeOrder")
            try enqueue(bytes, .inquiry, deadline: deadline, for: .order(request.orderID), "placeOrder")
        } catch { return .notSent("\(error)") }
        placements.preview(request.orderID, deadline: deadline)
        return await fate(of: request.orderID)
    }

    /// Sends an open order again with other prices, and waits until IB lists it with them.
    ///
    /// - Parameter sendBy: Not sent from then on, on the clock that is never set.
    func change(
        _ request: PlaceOrderRequest, sendBy: Duration? = nil, within limit: Duration
    ) async -> IBPlacements.Fate {
        let id = request.orderID
        guard !placements.isWaiting(id) else { return .notSent("something else about the order is under way") }
        let deadline = clock.uptime() + limit
        do throws(IBFailure) {
            let bytes = try frame(request, "placeOrder")
            try enqueue(
                bytes, .order, deadline: min(sendBy ?? deadline, deadline), for: .order(id), "placeOrder")
        } catch { return .notSent("\(error)") }
        let type = request.order.type
        placements.change(
            id, to: IBPlacements.Prices(limit: type.limitPrice, auxiliary: type.auxiliaryPrice),
            reference: request.order.reference, deadline: deadline)
        return await fate(of: id)
    }

    /// Asks for the cancellation of an order and waits for what the gateway says.
    ///
    /// - Parameters:
    ///   - reference: The key that the order was placed with; `nil` where it is not known.
    ///   - sendBy: Not sent from then on, on the clock that is never set.
    func cancel(
        orderID: Int64, reference: String? = nil, sendBy: Duration? = nil, within limit: Duration
    ) async -> IBPlacements.Fate {
        guard !placements.isWaiting(orderID) else { return .notSent("something else about the order is under way") }
        let deadline = clock.uptime() + limit
        do throws(IBFailure) {
            let bytes = try frame(CancelOrderRequest(orderID: orderID), "cancelOrder")
            try enqueue(
                bytes, .order, deadline: min(sendBy ?? deadline, deadline), for: .order(orderID), "cancelOrder")
        } catch { return .notSent("\(error)") }
        placements.cancel(orderID, reference: reference, deadline: deadline)
        return await fate(of: orderID)
    }

    private func enqueue(
        _ frame: [UInt8], _ urgency: OutgoingQueue.Urgency, deadline: Duration, for purpose: Purpose?, _ name: String
    ) throws(IBFailure) {
        do throws(OutgoingQueue.Full) {
            try enqueue(frame, urgency, deadline: deadline, for: purpose)
        } catch {
            throw .notAsked(request: name, detail: "\(OutgoingQueue.capacity) requests wait to be sent already")
        }
    }

    private func frame(_ request: some IBRequest, _ name: String) throws(IBFailure) -> [UInt8] {
        guard let welcome = session.welcome else { throw .notConnected(detail: trouble) }
        do throws(IBEncodingError) { return try request.frame(for: welcome.version) } catch {
            throw .notAsked(request: name, detail: "\(error)")
        }
    }

    func finish(_ finished: [IBCorrelator.Finished]) {
        for (question, answer) in finished {
            asked[question] = nil
            answers.removeValue(forKey: question)?.resume(returning: answer)
            // They look again, one after the other: the first one asks, the rest wait anew.
            for waiter in turns.removeValue(forKey: question) ?? [] { waiter.resume() }
        }
    }

    /// Sends once more what the correlator wants repeated.
    func repeatQuestions() {
        for question in correlator.takeRepeats() {
            guard let bytes = asked[question] else { continue }
            let deadline = clock.uptime() + configuration.limits.answer
            do throws(IBFailure) {
                try enqueue(bytes, question.urgency, deadline: deadline, for: .question(question), question.request)
            } catch {}  // so many requests wait that the answer runs out of time, and is told to be incomplete
        }
    }

    private func cancel(_ question: IBQuestion) { finish(correlator.cancel(question)) }

    func nextRequestID() -> Int64 { requestIDs.next() }

    /// As many ids in a row for orders; `nil` before the gateway has told the first, and when the range is used up.
    func takeOrderIDs(_ count: Int = 1) -> [Int64]? { orderIDs?.take(count) }

    /// The same, greater than any that was ever used by this client, and on record before anything can be sent under them.
    ///
    /// - Throws: ``IBFailure/notAsked(request:detail:)`` where there are none, or no record can be made of them.
    func reserveOrderIDs(_ count: Int = 1) async throws(IBFailure) -> [Int64] {
        let client = configuration.clientID
        let ids: [Int64]?
        do throws(IBMemoryFailure) {
            if let used = try await configuration.orderIDs?.usedOrderID(client: client) { orderIDs?.used(used) }
            ids = takeOrderIDs(count)
            if let last = ids?.last { try await configuration.orderIDs?.use(last, client: client) }
        } catch {
            throw .notAsked(request: "placeOrder", detail: "the order id cannot be put on record: \(error)")
        }
        guard let ids else { throw .notAsked(request: "placeOrder", detail: "there is no order id: \(trouble)") }
        return ids
    }

    func commission(of executionID: String) -> IBCommission? { commissions[executionID] }
}
