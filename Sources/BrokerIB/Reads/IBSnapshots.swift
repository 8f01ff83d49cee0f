internal import Core

/// Prices of one moment, of one contract after the other. It is the only reader of its connection's events.
actor IBSnapshots {
    /// What came for one question.
    struct Ticks: Sendable {
        var prices: [IBTickType: Price] = [:]
        var sizes: [IBTickType: Quantity] = [:]
        var isHalted: Bool?
        /// What the prices are; `nil` where the gateway has not said it.
        var kind: IBMarketDataType?
        /// The gateway's own words, where it had some.
        var notes: [String] = []
        fileprivate var failure: IBFailure?
        fileprivate var isOver = false
    }

    private let connection: IBConnection
    private var reader: Task<Void, Never>?
    private var asked: [Int64: Ticks] = [:]

    /// A gateway ends a snapshot after about eleven seconds.
    private static let time = Duration.seconds(15)
    private static let glance = Duration.milliseconds(50)

    init(_ connection: IBConnection) { self.connection = connection }

    /// - Returns: What there is, also when the gateway has not ended its answer.
    /// - Throws: Where the gateway refuses, and when nothing came at all.
    func ticks(of contract: IBContract) async throws(IBFailure) -> Ticks {
        startReading()
        let id = await connection.nextRequestID()
        asked[id] = Ticks()
        defer { asked[id] = nil }
        // Delayed prices where there are no live ones; what comes is told with it.
        try await connection.send(MarketDataTypeRequest(type: .delayed), "reqMarketDataType")
        try await connection.send(
            MarketDataRequest(requestID: id, contract: contract, isSnapshot: true), "reqMktData")
        let deadline = connection.clock.uptime() + Self.time
        while connection.clock.uptime() < deadline, await connection.isReady {
            if let failure = asked[id]?.failure { throw failure }
            if let ticks = asked[id], ticks.isOver { return ticks }
            guard await connection.clock.sleep(Self.glance) else { throw .cancelled }
        }
        guard let ticks = asked[id], !ticks.prices.isEmpty else {
            throw .timedOut(request: "reqMktData", after: Self.time)
        }
        return ticks
    }

    /// It ends with the connection, whose events end then.
    private func startReading() {
        guard reader == nil else { return }
        let events = connection.events
        reader = Task { [weak self] in
            for await event in events {
                guard case .message(let message) = event else { continue }
                await self?.took(message)
            }
        }
    }

    private func took(_ message: IBMessage) {
        switch message {
        case .tickPrice(let tick):
            if let price = tick.quote { asked[tick.requestID]?.prices[tick.type] = price }
            if let size = tick.size, let type = tick.type.sizeType { asked[tick.requestID]?.sizes[type] = size }
        case .tickSize(let tick): asked[tick.requestID]?.sizes[tick.type] = tick.size
        case .tickGeneric(let tick):
            if tick.type == .halted, let value = tick.value { asked[tick.requestID]?.isHalted = value.isPositive }
        case .marketDataType(let notice): asked[notice.requestID]?.kind = notice.type
        case .tickSnapshotEnd(let end): asked[end.requestID]?.isOver = true
        case .error(let notice):
            guard let id = notice.id, asked[id] != nil else { return }
            noted(notice, IBReaction.to(notice, about: .request), of: id)
        case .tickString, .tickOption, .tickParameters, .realTimeBar, .historicalData, .historicalDataUpdate,
            .managedAccounts, .nextValidID, .currentTime, .accountValue, .portfolioValue, .accountUpdateTime,
            .accountDownloadEnd, .accountSummary, .accountSummaryEnd, .position, .positionEnd, .profitAndLoss,
            .singleProfitAndLoss, .contractDetails, .contractDetailsEnd, .orderStatus, .openOrder, .openOrderEnd,
            .execution, .executionsEnd, .commission, .completedOrder, .completedOrdersEnd, .orderBound, .unknown:
            break
        }
    }

    private func noted(_ notice: IBErrorNotice, _ reaction: IBReaction, of id: Int64) {
        switch reaction.outcome {
        case .nothing, .delayedData, .empty: asked[id]?.notes.append(reaction.sentence)
        case .retryLater:
            asked[id]?.failure = .tooFast(request: "reqMktData", code: notice.code, sentence: reaction.sentence)
        case .failed, .noLiveData, .rejected, .cancelled, .changeRefused, .lookUp, .retryChild, .orderIDTaken,
            .subscribeAnew:
            asked[id]?.failure = .refused(request: "reqMktData", code: notice.code, sentence: reaction.sentence)
        }
    }
}

extension IBTickType {
    static let delayedHigh = IBTickType(number: 72)
    static let delayedLow = IBTickType(number: 73)
    static let delayedVolume = IBTickType(number: 74)
    static let delayedClose = IBTickType(number: 75)
    static let delayedOpen = IBTickType(number: 76)
}
