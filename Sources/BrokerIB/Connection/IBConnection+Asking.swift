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
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                correlator.ask(
                    question, limit: limits.answerMessages, at: clock.uptime(), within: limit ?? limits.answer,
                    hasLink: session.health.hasLink)
                answers[question] = continuation
                enqueue(Outgoing(bytes: bytes, question: question))
            }
        } onCancel: {
            // The handler cannot wait for the actor; the task does one call and is over.
            Task { await self.cancel(question) }
        }
    }

    /// Sends what has no answer of its own: a cancellation, the end of a subscription.
    func send(_ request: some IBRequest, _ name: String) throws(IBFailure) {
        enqueue(Outgoing(bytes: try frame(request, name)))
    }

    /// Sends an order and waits for what becomes of it.
    func place(_ request: PlaceOrderRequest, within limit: Duration) async -> IBPlacements.Fate {
        let bytes: [UInt8]
        do throws(IBFailure) { bytes = try frame(request, "placeOrder") } catch { return .notSent("\(error)") }
        return await withCheckedContinuation { continuation in
            placements.place(request.orderID, deadline: clock.uptime() + limit)
            fates[request.orderID] = continuation
            enqueue(Outgoing(bytes: bytes, orderID: request.orderID))
        }
    }

    /// Asks for the cancellation of an order and waits for what the gateway says.
    func cancel(orderID: Int64, within limit: Duration) async -> IBPlacements.Fate {
        let bytes: [UInt8]
        do throws(IBFailure) {
            bytes = try frame(CancelOrderRequest(orderID: orderID), "cancelOrder")
        } catch { return .notSent("\(error)") }
        guard !placements.isWaiting(orderID) else { return .notSent("something else about the order is under way") }
        return await withCheckedContinuation { continuation in
            placements.cancel(orderID, deadline: clock.uptime() + limit)
            fates[orderID] = continuation
            enqueue(Outgoing(bytes: bytes, orderID: orderID))
        }
    }

    private func frame(_ request: some IBRequest, _ name: String) throws(IBFailure) -> [UInt8] {
        guard let welcome = session.welcome else { throw .notConnected(detail: trouble) }
        guard outgoing.count < configuration.limits.outgoing else {
            throw .notAsked(request: name, detail: "\(outgoing.count) requests wait to be sent already")
        }
        do throws(IBEncodingError) { return try request.frame(for: welcome.version) } catch {
            throw .notAsked(request: name, detail: "\(error)")
        }
    }

    func finish(_ finished: [IBCorrelator.Finished]) {
        for (question, answer) in finished {
            answers.removeValue(forKey: question)?.resume(returning: answer)
            // They look again, one after the other: the first one asks, the rest wait anew.
            for waiter in turns.removeValue(forKey: question) ?? [] { waiter.resume() }
        }
    }

    private func cancel(_ question: IBQuestion) { finish(correlator.cancel(question)) }

    func nextRequestID() -> Int64 { requestIDs.next() }

    /// As many ids in a row for orders; `nil` before the gateway has told the first, and when the range is used up.
    func takeOrderIDs(_ count: Int = 1) -> [Int64]? { orderIDs?.take(count) }

    func commission(of executionID: String) -> IBCommission? { commissions[executionID] }
}
