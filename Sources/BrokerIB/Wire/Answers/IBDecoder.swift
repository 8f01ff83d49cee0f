/// Why a message brought nothing. Only that one message is lost; the connection goes on.
///
/// A list in which a message was lost is not complete: whoever collects one has to look at ``message``.
package struct IBMessageFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The number of the message; `nil` where not even that could be read.
    package let message: Int64?
    /// The field that could not be read, counted from 0 for the number of the message.
    let field: Int
    let reason: FieldFault
    /// Of the body. The bytes themselves are not kept: accounts and holdings stand in them.
    let length: Int

    package var description: String {
        let what =
            switch reason {
            case .missing: "ends before it"
            case .notWhole: "has no whole number there"
            case .notDecimal: "has no decimal number there, or one beyond ±10^18"
            case .notBoolean: "has neither 0 nor 1 there"
            case .impossibleCount: "has a count there that its length does not allow"
            case .unknownEntry: "has an entry there whose length is not known"
            case .unset: "has nothing there, and means nothing without it"
            case .notATime: "has no time there"
            }
        return "message \(message.map(String.init) ?? "?") of \(length) bytes, field \(field): it \(what)"
    }
}

/// How the messages of a connection fared.
package struct IBDecoderCounters: Hashable, Sendable {
    package internal(set) var decoded = 0
    /// Messages that nothing here reads.
    package internal(set) var unknown = 0
    package internal(set) var faults = 0
}

/// Reads the bodies of frames: bytes in, values out. It holds no socket and no clock, and whatever the bytes are, it answers.
///
/// Fields are read by position; what a frame has beyond them is from a later version and left alone.
package struct IBDecoder {
    package let version: ServerVersion
    package private(set) var counters = IBDecoderCounters()

    /// - Parameter version: What the gateway answered at the beginning.
    package init(version: ServerVersion) { self.version = version }

    /// The message of a body.
    ///
    /// - Throws: ``IBMessageFault`` where a field that is needed is not there, or is no such field. It is counted.
    package mutating func decode(_ body: UnsafeBufferPointer<UInt8>) throws(IBMessageFault) -> IBMessage {
        guard var fields = FieldReader(body, version: version) else {
            counters.faults &+= 1
            throw IBMessageFault(message: nil, field: 0, reason: .missing, length: 0)
        }
        let number = fields.number()
        if let fault = fields.fault { throw count(fault, nil, body.count) }
        guard let answer = AnswerNumber(rawValue: number) else {
            counters.unknown &+= 1
            return .unknown(number)
        }
        let message = Self.read(answer, &fields)
        if let fault = fields.fault { throw count(fault, number, body.count) }
        counters.decoded &+= 1
        return message
    }

    private mutating func count(
        _ fault: (index: Int, reason: FieldFault), _ message: Int64?, _ length: Int
    ) -> IBMessageFault {
        counters.faults &+= 1
        return IBMessageFault(message: message, field: fault.index, reason: fault.reason, length: length)
    }

    @inline(__always)
    private static func read(_ answer: AnswerNumber, _ fields: inout FieldReader) -> IBMessage {
        switch answer {
        case .tickPrice: return .tickPrice(IBTickPrice(&fields))
        case .tickSize: return .tickSize(IBTickSize(&fields))
        case .tickGeneric: return .tickGeneric(IBTickGeneric(&fields))
        case .tickString: return .tickString(IBTickString(&fields))
        case .tickOption: return .tickOption(IBTickOption(&fields))
        case .tickParameters: return .tickParameters(IBTickParameters(&fields))
        case .tickSnapshotEnd: return .tickSnapshotEnd(IBRequestEnd(&fields))
        case .marketDataType: return .marketDataType(IBMarketDataTypeNotice(&fields))
        case .realTimeBar: return .realTimeBar(IBRealTimeBar(&fields))
        case .historicalData: return .historicalData(IBHistoricalData(&fields))
        case .historicalDataUpdate: return .historicalDataUpdate(IBHistoricalDataUpdate(&fields))
        case .managedAccounts: return .managedAccounts(IBManagedAccounts(&fields))
        case .nextValidID: return .nextValidID(IBNextValidID(&fields))
        case .currentTime: return .currentTime(IBCurrentTime(&fields))
        case .error: return .error(IBErrorNotice(&fields))
        case .accountValue: return .accountValue(IBAccountValue(&fields))
        case .portfolioValue: return .portfolioValue(IBPortfolioValue(&fields))
        case .accountUpdateTime: return .accountUpdateTime(IBAccountUpdateTime(&fields))
        case .accountDownloadEnd: return .accountDownloadEnd(IBAccountDownloadEnd(&fields))
        case .accountSummary: return .accountSummary(IBAccountSummary(&fields))
        case .accountSummaryEnd: return .accountSummaryEnd(IBRequestEnd(&fields))
        case .position: return .position(IBPosition(&fields))
        case .positionEnd: return .positionEnd
        case .profitAndLoss: return .profitAndLoss(IBProfitAndLoss(&fields))
        case .singleProfitAndLoss: return .singleProfitAndLoss(IBSingleProfitAndLoss(&fields))
        case .contractDetails: return .contractDetails(IBContractDetails(&fields))
        case .contractDetailsEnd: return .contractDetailsEnd(IBRequestEnd(&fields))
        case .orderStatus: return .orderStatus(IBOrderStatus(&fields))
        case .openOrder: return .openOrder(IBOpenOrder(&fields))
        case .openOrderEnd: return .openOrderEnd
        case .execution: return .execution(IBExecution(&fields))
        case .executionsEnd: return .executionsEnd(IBRequestEnd(&fields))
        case .commission: return .commission(IBCommission(&fields))
        case .completedOrder: return .completedOrder(IBCompletedOrder(&fields))
        case .completedOrdersEnd: return .completedOrdersEnd
        case .orderBound: return .orderBound(IBOrderBound(&fields))
        }
    }
}
