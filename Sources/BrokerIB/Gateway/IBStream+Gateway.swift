extension IBStream {
    /// A stream over a connection of its own, as the terms describe it. A gateway that goes away is tried until it is back: it
    /// restarts every day.
    ///
    /// Nothing is asked of the account here: whoever makes it has seen to it that the login's is the right one.
    public convenience init(_ terms: IBGatewayTerms, wanted: [IBWantedSubscription]) {
        var configuration = IBStreamConfiguration()
        configuration.loginZone = terms.loginZone
        configuration.calendars = terms.calendars
        var link = terms.configuration(clientID: terms.clientIDs[0])
        link.attempts = nil
        let connection = IBConnection(link, clock: terms.clock, tell: terms.tell)
        self.init(connection, wanted: wanted, configuration: configuration)
    }
}
