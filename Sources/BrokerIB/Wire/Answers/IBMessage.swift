/// A message of the gateway's, decoded. What is longer than a tick is kept apart: a message is copied a few times on its way, and
/// carrying two hundred bytes for each would cost a third of the time.
package enum IBMessage: Sendable {
    case tickPrice(IBTickPrice)
    case tickSize(IBTickSize)
    case tickGeneric(IBTickGeneric)
    case tickString(IBTickString)
    indirect case tickOption(IBTickOption)
    indirect case tickParameters(IBTickParameters)
    case tickSnapshotEnd(IBRequestEnd)
    case marketDataType(IBMarketDataTypeNotice)
    indirect case realTimeBar(IBRealTimeBar)
    indirect case historicalData(IBHistoricalData)
    indirect case historicalDataUpdate(IBHistoricalDataUpdate)

    case managedAccounts(IBManagedAccounts)
    case nextValidID(IBNextValidID)
    case currentTime(IBCurrentTime)
    indirect case error(IBErrorNotice)

    indirect case accountValue(IBAccountValue)
    indirect case portfolioValue(IBPortfolioValue)
    case accountUpdateTime(IBAccountUpdateTime)
    case accountDownloadEnd(IBAccountDownloadEnd)
    indirect case accountSummary(IBAccountSummary)
    case accountSummaryEnd(IBRequestEnd)
    indirect case position(IBPosition)
    case positionEnd
    indirect case profitAndLoss(IBProfitAndLoss)
    indirect case singleProfitAndLoss(IBSingleProfitAndLoss)
    indirect case contractDetails(IBContractDetails)
    case contractDetailsEnd(IBRequestEnd)

    indirect case orderStatus(IBOrderStatus)
    indirect case openOrder(IBOpenOrder)
    case openOrderEnd
    indirect case execution(IBExecution)
    case executionsEnd(IBRequestEnd)
    indirect case commission(IBCommission)
    indirect case completedOrder(IBCompletedOrder)
    case completedOrdersEnd
    case orderBound(IBOrderBound)

    /// A message that nothing here reads, by its number.
    case unknown(Int64)
}

/// The numbers of the gateway's messages that are read.
enum AnswerNumber: Int64, CaseIterable {
    case tickPrice = 1, tickSize = 2, orderStatus = 3, error = 4, openOrder = 5, accountValue = 6, portfolioValue = 7
    case accountUpdateTime = 8, nextValidID = 9, contractDetails = 10, execution = 11, managedAccounts = 15
    case historicalData = 17, tickOption = 21, tickGeneric = 45, tickString = 46, currentTime = 49, realTimeBar = 50
    case contractDetailsEnd = 52, openOrderEnd = 53, accountDownloadEnd = 54, executionsEnd = 55, tickSnapshotEnd = 57
    case marketDataType = 58, commission = 59, position = 61, positionEnd = 62, accountSummary = 63
    case accountSummaryEnd = 64, tickParameters = 81, historicalDataUpdate = 90, profitAndLoss = 94
    case singleProfitAndLoss = 95, orderBound = 100, completedOrder = 101, completedOrdersEnd = 102
}
