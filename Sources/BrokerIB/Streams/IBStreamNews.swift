public import Core

/// What a stream says about itself. Whoever acts on prices reads it: what is stale is no basis for a decision.
public enum IBStreamNews: Hashable, Sendable {
    /// The gateway has let us in; everything that is wanted is asked for.
    case connected
    /// The gateway is gone. It is tried again for as long as the connection allows.
    case disconnected(detail: String)
    case subscribed(IBSubscription)
    /// Given up, for a more important one or because nobody wants it.
    case unsubscribed(IBSubscription)
    /// It is asked for again after that time.
    case postponed(IBSubscription, retryAfter: Duration, detail: String)
    /// Cannot be had, until somebody does something.
    case refused(IBSubscription, code: Int, detail: String)
    /// What it brings is delayed, or not live for another reason; every event of it says so too.
    case feedChanged(IBSubscription, IBFeed)
    /// There is no live data, and delayed data was allowed: that is asked for instead.
    case delayedInstead(IBSubscription, code: Int, detail: String)
    /// It brings nothing while another session of the user has the market data.
    case silenced(IBSubscription, detail: String)
    /// So many lines there are and no more; the least important go without.
    case budgetLowered(Int)
    /// Wanted, and without room. Told when they change; empty when all have found room.
    case withoutRoom([IBSubscription])
    /// Prices do not come, or not from everywhere: the link to IB, a farm, another session.
    case stale(code: Int, detail: String)
    /// That is over.
    case sound(code: Int, detail: String)
    /// Compare orders, executions and positions with the books: something may have happened unseen.
    case reconcile
    /// The day's executions were listed. What had not been told is told before this.
    case executionsListed(isComplete: Bool, new: Int)
    /// All values and holdings of an account have been told once.
    case accountTold(AccountID)
    /// The account's values go to another program; they are asked for again after that time.
    case accountLost(retryAfter: Duration)
    /// A message of the gateway's could not be read. Where it may hide a fill, executions are listed.
    case messageRefused(detail: String)
    /// A frame about nothing that was asked for, with what it means.
    case notice(code: Int, detail: String)
    /// The reader was too slow: so many quotes, trades and values were dropped, the oldest first.
    case dataDropped(Int)
    /// So many bars, states of orders and news were dropped, the newest first: reconcile, and ask for the past.
    case noticesDropped(Int)
    /// The last one.
    case stopped(IBStreamStop)
}

/// Why a stream does not go on.
public enum IBStreamStop: Hashable, Sendable {
    case cancelled
    /// The connection gave up.
    case connection(detail: String)
    /// Nobody took events for so long that executions would have had to be dropped.
    case unread(executions: Int)
}

extension IBStreamStop: CustomStringConvertible {
    public var description: String {
        switch self {
        case .cancelled: "cancelled"
        case .connection(let detail): detail
        case .unread(let count): "nobody has taken the last \(count) executions, and none may be dropped"
        }
    }
}
