internal import Core

/// When the next request for historical data may go. IB's rules, which it enforces for bars of half a minute and less, and
/// slows who breaks them with longer ones:
///
/// - no identical request within 15 s;
/// - fewer than six for one contract, exchange and kind of price in 2 s;
/// - sixty in ten minutes, where bid-and-ask counts twice, and subscriptions to real-time bars count too;
/// - fifty open at a time.
struct HistoricalPacing: Hashable, Sendable {
    /// What makes two requests identical, and two requests alike.
    struct Key: Hashable, Sendable {
        /// Contract, exchange and kind of price.
        var group: String
        /// The whole request but its id.
        var request: String
        /// What it counts: 2 for bid and ask.
        var weight = 1

        init(_ request: HistoricalDataRequest) {
            let contract = request.contract
            let terms = [
                "\(contract.conID)", contract.symbol, contract.type.code, contract.lastTradeDateOrMonth,
                contract.strike?.description ?? "", contract.right?.ibLetter ?? "", contract.exchange,
                contract.primaryExchange, contract.currency, contract.localSymbol, request.prices.rawValue,
            ]
            group = terms.joined(separator: "|")
            self.request =
                group
                + "|\(request.end?.description ?? "now")|\(request.barSize.rawValue)|\(request.span)"
                + "|\(request.regularHoursOnly)|\(request.keepsUpToDate)"
            weight = request.prices == .bidAndAsk ? 2 : 1
        }

        init(_ request: RealTimeBarsRequest) {
            group =
                "\(request.contract.conID)|\(request.contract.symbol)|\(request.contract.exchange)|\(request.prices.rawValue)"
            self.request = group + "|real time|\(request.regularHoursOnly)"
        }
    }

    struct Limits: Hashable, Sendable {
        /// IB's own limits, with a little room.
        var identical = Duration.seconds(16)
        var alike = 5
        var alikeWindow = Duration.seconds(2)
        var total = 58
        var totalWindow = Duration.seconds(600)
        /// IB's own limit is 50.
        var open = 40
        /// A request without an answer is cancelled after that.
        var patience = Duration.seconds(60)
        /// After a pacing violation everybody keeps still for so long, twice as long each time in a row.
        var firstPause = Duration.seconds(15)
        var longestPause = Duration.seconds(300)
    }

    private struct Past: Hashable, Sendable {
        let at: Duration
        let key: Key
    }

    let limits: Limits
    /// What was sent in the last ten minutes, the oldest first: as many as ``Limits/total`` at most.
    private var past: [Past] = []
    /// When each open request was sent, by its id.
    private var open: [Int64: Duration] = [:]
    private var pausedUntil: Duration?
    private var violations = 0

    init(limits: Limits = Limits()) { self.limits = limits }

    enum Verdict: Hashable, Sendable {
        case go
        /// Ask again after that long.
        case wait(Duration)
        /// Ask again when one of the open requests has its answer.
        case full
    }

    /// Whether a request may go now. Times are those of a clock that is never set.
    func ask(_ key: Key, at now: Duration) -> Verdict {
        if open.count >= limits.open { return .full }
        var free = pausedUntil ?? now
        if let same = past.last(where: { $0.key.request == key.request }) {
            free = max(free, same.at + limits.identical)
        }
        let alike = past.filter { $0.key.group == key.group }
        if alike.count >= limits.alike { free = max(free, alike[alike.count - limits.alike].at + limits.alikeWindow) }
        free = max(free, roomForTotal(key.weight))
        return free > now ? .wait(free - now) : .go
    }

    /// When so much of the weight of the last ten minutes is over that the request has room.
    private func roomForTotal(_ weight: Int) -> Duration {
        var room = limits.total - past.reduce(0) { $0 + $1.key.weight }
        for entry in past {
            if room >= weight { break }
            room += entry.key.weight
            if room >= weight { return entry.at + limits.totalWindow }
        }
        return .zero
    }

    /// A request goes; ``ask(_:at:)`` said so.
    mutating func sent(_ key: Key, id: Int64, at now: Duration) {
        past.removeAll { now - $0.at >= limits.totalWindow }
        past.append(Past(at: now, key: key))
        open[id] = now
    }

    /// It has its answer, an error, or was cancelled.
    mutating func done(_ id: Int64) { open[id] = nil }

    /// The open requests that have waited too long, the longest first: they are to be cancelled.
    func overdue(at now: Duration) -> [Int64] {
        open.filter { now - $0.value >= limits.patience }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
    }

    /// IB says that the rules were broken.
    mutating func violated(at now: Duration) {
        if let pausedUntil, now - pausedUntil > limits.totalWindow { violations = 0 }
        pausedUntil = now + min(limits.firstPause * (1 << min(violations, 10)), limits.longestPause)
        violations += 1
    }

    /// A new connection: nothing is open there; what was sent still counts.
    mutating func reconnected() { open.removeAll() }
}
