/// What the stream says about itself. Who acts on orders reads it: while notices are down, only inquiry tells of fills.
public enum KISStreamNews: Hashable, Sendable {
    case connected
    /// It is tried again after that time.
    case disconnected(detail: String, retryAfter: Duration)
    case registered(KISRegistration)
    /// Given up in favour of a more important one, or no longer wanted.
    case unregistered(KISRegistration)
    /// Cannot be had: the configuration is wrong, or KIS gave no answer three times.
    case refused(KISRegistration, code: String, message: String)
    /// KIS ended the connection on this registration, more than once: it does so where the HTS id is wrong. The others go on
    /// without it in the meantime.
    case hungUpOn(KISRegistration, retryAfter: Duration)
    /// KIS takes so many and no more; the least important go without.
    case budgetLowered(Int)
    /// Wanted, and without room: these bring nothing until something else goes. Told when they change; empty when all have
    /// found room.
    case withoutRoom([KISRegistration])
    /// Another session holds the app key. Alert: two programs must not share one.
    case keyInUse(retryAfter: Duration)
    /// KIS does not know the approval key; a new one is asked for, once.
    case approvalKeyRefused(code: String, message: String)
    /// A message about the connection that is not understood. It is only told.
    case unknownAnswer(code: String, message: String)
    /// A stream has grown, as KIS does; what is known is still read.
    case widthChanged(KISStreamKind, known: Int, now: Int)
    /// A frame was refused. For notices: a fill may be hidden in it, so ask for the orders.
    case frameRefused(KISFrameFault)
    /// The reader was too slow: so many trades and books were dropped, the oldest first.
    case dataDropped(Int)
    /// Even order notices were dropped; reconcile.
    case noticesDropped(Int)
    /// The last one.
    case stopped(KISStreamStop)
}

/// Why a stream does not go on.
public enum KISStreamStop: Hashable, Sendable {
    case cancelled
    /// So many connections in a row came to nothing.
    case attemptsExhausted(Int)
    /// KIS refused a fresh approval key as well: app key, app secret or host do not belong together.
    case approvalKeyRefused(code: String, message: String)
}
