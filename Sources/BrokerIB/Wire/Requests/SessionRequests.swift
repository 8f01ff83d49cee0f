/// `71, 2, clientId, ""`: the first message; says who is speaking.
struct StartAPIRequest: IBRequest {
    var clientID: Int

    func write(_ fields: inout FieldWriter) {
        fields.begin(.startAPI, version: 2)
        fields.number(clientID)
        fields.empty()  // optional capabilities
    }
}

/// `8, 1, 1`: asks for the next order id. The count is ignored.
struct IDsRequest: IBRequest {
    func write(_ fields: inout FieldWriter) {
        fields.begin(.ids, version: 1)
        fields.number(1)
    }
}

/// `17, 1`
struct ManagedAccountsRequest: IBRequest {
    func write(_ fields: inout FieldWriter) { fields.begin(.managedAccounts, version: 1) }
}

/// `49, 1`: the gateway's clock, and the only sign of life there is.
struct CurrentTimeRequest: IBRequest {
    func write(_ fields: inout FieldWriter) { fields.begin(.currentTime, version: 1) }
}

/// `14, 1, level`: how much the gateway writes into its own log.
struct ServerLogLevelRequest: IBRequest {
    enum Level: Int, Hashable, Sendable { case system = 1, error, warning, information, detail }

    var level: Level

    func write(_ fields: inout FieldWriter) {
        fields.begin(.serverLogLevel, version: 1)
        fields.number(level.rawValue)
    }
}
