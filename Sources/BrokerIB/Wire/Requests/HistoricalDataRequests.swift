internal import Core

/// `20, reqId, C12, includeExpired, endDateTime, barSize, duration, useRTH, whatToShow, formatDate, keepUpToDate,
/// chartOptions`: bars of the past, without a version of its own.
///
/// Times are asked for as epoch seconds (`formatDate` 2), which depend on no zone; bars of a day and more come as
/// `yyyymmdd` all the same.
struct HistoricalDataRequest: IBRequest {
    var requestID: Int64
    var contract: IBContract
    /// `nil` for now.
    var end: Instant?
    var barSize: IBBarSize
    var span: IBBarSpan
    var regularHoursOnly: Bool
    var prices = IBPriceKind.trades
    var includesExpired = false
    /// The bar that is being made follows, and each one after it, until it is cancelled. Only to now.
    var keepsUpToDate = false

    func write(_ fields: inout FieldWriter) {
        if keepsUpToDate, end != nil {
            fields.fail(.contradiction("bars are kept up to date only where they are asked for up to now"))
        }
        if keepsUpToDate, barSize == .second1 {
            fields.fail(.contradiction("bars that are kept up to date are of five seconds or more"))
        }
        fields.begin(.historicalData)
        fields.number(requestID)
        fields.contract(contract)
        fields.bool(includesExpired)
        fields.text(end.map(IBTime.utc) ?? "")
        fields.text(barSize.rawValue)
        fields.text(span.description)
        fields.bool(regularHoursOnly)
        fields.text(prices.rawValue)
        fields.number(2)  // formatDate
        fields.bool(keepsUpToDate)
        fields.empty()  // chartOptions
    }
}

/// `25, 1, reqId`
struct CancelHistoricalDataRequest: IBRequest {
    var requestID: Int64

    func write(_ fields: inout FieldWriter) {
        fields.begin(.cancelHistoricalData, version: 1)
        fields.number(requestID)
    }
}
