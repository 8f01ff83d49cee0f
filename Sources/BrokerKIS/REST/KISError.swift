/// Why a call of the KIS API has no answer. The texts hold no key, no token and no account number.
enum KISError: Error, Hashable, Sendable {
    /// KIS cannot be reached, or did not answer a read in time and after its retries.
    case unavailable(call: String, detail: String)
    /// Provably nothing left this machine.
    case notSent(call: String, detail: String)
    /// The gateway answered that it did not pass an order on. KIS nowhere promises that this is always so.
    case turnedAway(call: String, detail: String)
    /// An order, revision or cancellation may have arrived or not.
    case outcomeUnknown(call: String, detail: String)
    /// KIS understood and said no, for good: `msg_cd` and `msg1`.
    case refused(call: String, code: String, message: String)
    /// Something in the configuration has to be put right: the account, the environment, a missing quote key.
    case configuration(call: String, code: String, detail: String, cure: String)
    case credentialsRefused(call: String, code: String, detail: String)
    /// The answer could not be understood.
    case malformedAnswer(call: String, detail: String)
}
