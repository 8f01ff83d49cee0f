/// `9, 8, reqId, C12, includeExpired, secIdType, secId, issuerId`: all contracts that the description fits.
struct ContractDetailsRequest: IBRequest {
    var requestID: Int64
    var contract: IBContract
    /// Futures that have ended too.
    var includesExpired = false

    func write(_ fields: inout FieldWriter) {
        fields.begin(.contractDetails, version: 8)
        fields.number(requestID)
        fields.contract(contract)
        fields.bool(includesExpired)
        fields.empty(2)  // secIdType, secId
        if fields.version >= .issuerID { fields.empty() }
    }
}
