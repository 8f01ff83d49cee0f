/// What a session says about itself, for the log and for the operator.
enum IBSessionNews: Hashable, Sendable {
    /// The gateway is there and knows us.
    case ready(IBWelcome)
    /// It is tried again after that time. Alerted when it has happened a few times, and nobody is resting.
    case disconnected(detail: String, retryAfter: Duration, failures: Int)
    /// The gateway is gone at a time when it may be.
    case resting(RestCalendar.Rest, retryAfter: Duration)
    /// Sunday noon, and nobody has logged in.
    case loginMissing(detail: String, retryAfter: Duration)
    /// Another program has our client id, or the gateway has not let go of a connection that broke.
    case clientIDInUse(Int, retryAfter: Duration, attempt: Int)
    case linkLost(String, rest: RestCalendar.Rest?)
    case linkStillLost(for: Duration)
    case linkRestored(String, after: Duration?)
    case farmBroken(String, String)
    case farmStillBroken(String, for: Duration)
    case farmSound(String)
    case competingSession(String, retryAfter: Duration)
    case accountUpdatesLost(String)
    case readOnly(String)
    case tooFast(String)
    /// Our clock and the gateway's differ by so much; positive if ours is ahead.
    case clocksDiffer(Duration)
    /// The last one.
    case stopped(IBSessionStop)
}

/// What the gateway said when it let us in.
struct IBWelcome: Hashable, Sendable {
    let version: ServerVersion
    let accounts: [String]
    /// The first id that this client may give to an order.
    let nextOrderID: Int64
}

/// Why a session does not go on.
enum IBSessionStop: Hashable, Sendable {
    case cancelled
    /// So many connections in a row came to nothing.
    case attemptsExhausted(Int, detail: String)
    case clientIDInUse(Int)
    /// 506.
    case versionNotSpoken(ServerVersion)
    case redirected(to: String)
    /// 1300.
    case portChanged(String)
}

extension IBSessionNews {
    var weight: IBReaction.Weight {
        switch self {
        case .ready, .resting, .farmSound, .linkRestored: .log
        case .disconnected(_, _, let failures): failures >= IBSession.Limits.alertAfter ? .alert : .warning
        case .linkLost(_, let rest): rest == nil ? .alert : .log
        case .farmBroken, .clientIDInUse, .accountUpdatesLost, .tooFast, .clocksDiffer: .warning
        case .loginMissing, .linkStillLost, .farmStillBroken, .competingSession, .readOnly: .alert
        case .stopped(let reason): reason == .cancelled ? .log : .alert
        }
    }

    /// What happened, how things stand, and what to do.
    var sentence: String {
        switch self {
        case .ready(let welcome):
            "connected to the gateway (protocol \(welcome.version), accounts: \(welcome.accounts.count))"
        case .disconnected(let detail, let wait, let failures):
            "the gateway is not connected: \(detail). Nothing is sent; takt tries again in \(wait.inWords) "
                + "(attempt \(failures + 1)). Start TWS or IB Gateway, and check brokers.ib.host and brokers.ib.port"
        case .resting(let rest, let wait): "\(rest.inWords); takt looks again in \(wait.inWords). Nothing to do"
        case .loginMissing(let detail, let wait):
            "the gateway is not there: \(detail). It is Sunday, and its weekly login may be missing: log in with the second "
                + "factor. takt tries again in \(wait.inWords)"
        case .clientIDInUse(let id, let wait, let attempt):
            "client id \(id) is in use, or the gateway has not let go of a connection that broke. takt tries the same id again "
                + "in \(wait.inWords) (attempt \(attempt)). If another program uses it, set brokers.ib.client_id to one of its own"
        case .linkLost(let sentence, let rest): rest.map { "\(sentence). \($0.inWords)" } ?? sentence
        case .linkStillLost(let lasted):
            "the gateway has been without IB's servers for \(lasted.inWords). No new orders are sent; those at IB live on. See "
                + "IB's system status page"
        case .linkRestored(let sentence, let lasted): sentence + (lasted.map { " (after \($0.inWords))" } ?? "")
        case .farmBroken(_, let sentence), .competingSession(let sentence, _), .accountUpdatesLost(let sentence),
            .readOnly(let sentence), .tooFast(let sentence):
            sentence
        case .farmStillBroken(let farm, let lasted):
            "the data farm \(farm) has not been reached for \(lasted.inWords). Nothing is decided on its data. See IB's system "
                + "status page"
        case .farmSound(let farm): "the data farm \(farm) is reached again"
        case .clocksDiffer(let difference):
            "this machine's clock and the gateway's differ by \(difference.inWords). Times of executions are IB's; set both "
                + "clocks by NTP"
        case .stopped(let reason): reason.sentence
        }
    }
}

extension IBSessionStop {
    var sentence: String {
        switch self {
        case .cancelled: "the connection was closed"
        case .attemptsExhausted(let count, let detail):
            "the gateway could not be reached \(count) times in a row: \(detail). Nothing was sent. Start TWS or IB Gateway, and "
                + "check brokers.ib.host and brokers.ib.port"
        case .clientIDInUse(let id):
            "client id \(id) stays in use. No order is sent under another one, since it could not be changed or cancelled. Stop "
                + "the other program, or restart the gateway"
        case .versionNotSpoken(let version):
            "506: the gateway speaks version \(version) of the protocol; takt speaks \(ServerVersion.oldest) to "
                + "\(ServerVersion.newest). The connection is closed. Update TWS or IB Gateway"
        case .redirected(let address):
            "the gateway sends its clients to another address, and takt does not follow. If \(address) is yours, set "
                + "brokers.ib.host and brokers.ib.port to it"
        case .portChanged(let sentence): sentence
        }
    }
}

extension RestCalendar.Rest {
    var inWords: String {
        switch self {
        case .nightlyReset: "IB's servers reset at this time of the night"
        case .dailyRestart: "the gateway restarts at this time of the day"
        case .weeklyLogin: "the gateway waits for its weekly login"
        }
    }
}

extension Duration {
    /// `45 s`, `5 min`; to the second.
    fileprivate var inWords: String {
        let seconds = components.seconds
        return abs(seconds) < 120 ? "\(seconds) s" : "\(seconds / 60) min"
    }
}
