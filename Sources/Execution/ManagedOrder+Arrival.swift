public import Core

extension ManagedOrder {
    /// Proven or declared absent, or turned away, and without a number of the broker's: it never stood there, as far as
    /// anybody knows.
    public var isThoughtNeverArrived: Bool {
        guard state == .expired, brokerOrderID == nil, let code = reasons.last?.code else { return false }
        return [OrderMachine.neverArrivedCode, OrderMachine.declaredAbsentCode, OrderMachine.turnedAwayCode]
            .contains(code)
    }

    /// Its attempt reached nobody and was not declared over by a person: the intent may be tried again.
    public var neverReachedItsBroker: Bool {
        guard state == .expired, brokerOrderID == nil, let code = reasons.last?.code else { return false }
        return OrderMachine.unreachedCodes.contains(code)
    }
}
