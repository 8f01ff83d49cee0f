internal import Core

extension IBConnection {
    /// The bars of one request, sent when IB's rules allow it. No data is an answer without bars.
    ///
    /// - Throws: ``IBFailure/tooFast(request:code:sentence:)`` after a pacing violation; everybody waits longer from then on. A
    ///   request without an answer is cancelled, so that it does not count as open.
    func historicalBars(_ request: HistoricalDataRequest) async throws(IBFailure) -> [IBHistoricalBar] {
        let question = IBQuestion.historicalData(request.requestID)
        let key = HistoricalPacing.Key(request)
        try await takeTurn(key, request.requestID)
        defer { historicalPacing.done(request.requestID) }
        let answer = try await ask(question, within: configuration.limits.bars, request)
        switch answer.failure {
        case .tooFast: historicalPacing.violated(at: clock.uptime())
        case .timedOut, .cancelled:
            try? send(CancelHistoricalDataRequest(requestID: request.requestID), "cancelHistoricalData")
        case .notConnected, .notAsked, .connectionLost, .refused, .tooMuch, .malformed, .contractUnknown,
            .contractAmbiguous, .contractDiffers, .contractNotServed, nil:
            break
        }
        return try answer.whole().flatMap { message -> [IBHistoricalBar] in
            if case .historicalData(let data) = message { data.bars } else { [] }
        }
    }

    /// Waits until the rules let a request go, and counts it. The waits are those of the rules, which end; the longest is ten minutes.
    private func takeTurn(_ key: HistoricalPacing.Key, _ id: Int64) async throws(IBFailure) {
        while true {
            guard isReady else { throw .notConnected(detail: trouble) }
            let pause: Duration
            switch historicalPacing.ask(key, at: clock.uptime()) {
            case .go: return historicalPacing.sent(key, id: id, at: clock.uptime())
            case .wait(let time): pause = time
            case .full: pause = configuration.limits.tick
            }
            guard await clock.sleep(pause) else { throw .cancelled }
        }
    }
}
