extension IBStream {
    /// A stream over a connection of its own, as the terms describe it. A gateway that is not there is tried as often as they say.
    public convenience init(_ terms: IBGatewayTerms, wanted: [IBWantedSubscription]) {
        var configuration = IBStreamConfiguration()
        configuration.loginZone = terms.loginZone
        configuration.calendars = terms.calendars
        let connection = IBConnection(
            terms.configuration(clientID: terms.clientIDs[0]), clock: terms.clock, tell: terms.tell)
        self.init(connection, wanted: wanted, configuration: configuration)
    }
}
