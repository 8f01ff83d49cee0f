internal import Broker
public import Core

/// What is asked and sent over one connection, for one account.
public struct IBDesk: Sendable {
    public let account: AccountID
    public let broker: IBBroker
    public let bars: IBBars
    let connection: IBConnection
    let contracts: IBContracts
    let snapshots: IBSnapshots

    /// - Parameter memory: Of contracts, beyond the process; `nil` for none.
    init(
        _ connection: IBConnection, account: AccountID, _ terms: IBGatewayTerms, memory: (any IBContractMemory)? = nil
    ) {
        self.account = account
        self.connection = connection
        contracts = IBContracts(connection, memory: memory ?? IBContractTable(), trouble: terms.trouble)
        broker = IBBroker(
            connection, account: account, contracts: contracts, instruments: terms.instruments,
            loginZone: terms.loginZone, allowsShort: terms.allowsShort, trouble: terms.trouble)
        bars = IBBars(connection, contracts: contracts, calendars: terms.calendars)
        snapshots = IBSnapshots(connection)
    }
}
