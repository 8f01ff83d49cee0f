internal import Core

/// Which subscriptions there are, are wanted and have room. Pure: it says what to ask for and what to give up next, one at a
/// time, and what an error of the gateway's means for one of them.
///
/// The more important go first; where there is no room, a less important one gives way, never an equal. IB acknowledges
/// nothing: what was not refused within ``Limits/answer`` counts as taken, but for bars that are kept up to date, which begin
/// with an answer.
struct SubscriptionBook: Sendable {
    struct Limits: Hashable, Sendable {
        /// Quotes and bars of five seconds together; IB gives 100 to an account without more, to all programs and windows.
        var lines = 100
        /// Bars that are kept up to date are open requests, of which IB allows 50.
        var histories = 40
        var answer = Duration.seconds(10)
        /// For bars that are kept up to date.
        var history = Duration.seconds(60)
        /// 15, 30, 60 … 300 s.
        var firstRest = Duration.seconds(15)
        var longestRest = Duration.seconds(300)
        /// After that a budget that was found too large is tried again: a window of TWS may have been closed.
        var budgetRest = Duration.seconds(300)
        /// More than anybody can have.
        var wanted = 2000
    }

    enum Command: Hashable, Sendable {
        case ask(IBWantedSubscription, feed: IBFeed)
        case cancel(IBSubscription, id: Int64)
    }

    enum State: Hashable, Sendable {
        case waiting
        /// Being looked up, or waiting for its turn to be sent.
        case beingAsked
        case asked(id: Int64, until: Duration)
        case active(id: Int64)
        /// May be asked for again from then on.
        case resting(until: Duration)
        /// For good, until it is wanted anew.
        case refused(code: Int)
    }

    struct Entry: Sendable {
        var wanted: IBWantedSubscription
        var order: Int
        var feed: IBFeed
        var state = State.waiting
        /// In a row.
        var failures = 0
        /// It may stand at the gateway under that id, and brings nothing.
        var isDoubtful = false

        var id: Int64? {
            switch state {
            case .asked(let id, _), .active(let id): id
            case .waiting, .beingAsked, .resting, .refused: nil
            }
        }
        var holdsRoom: Bool {
            switch state {
            case .beingAsked, .asked, .active: true
            case .waiting, .resting, .refused: false
            }
        }
    }

    let limits: Limits
    private(set) var budget: Int
    private var budgetUntil: Duration?
    private var entries: [IBSubscription: Entry] = [:]
    private var byID: [Int64: IBSubscription] = [:]
    private var cancellations: [(IBSubscription, Int64)] = []

    init(limits: Limits = Limits()) {
        self.limits = limits
        budget = limits.lines
    }

    // MARK: Looking

    func subscription(_ id: Int64) -> IBSubscription? { byID[id] }
    func entry(_ subscription: IBSubscription) -> Entry? { entries[subscription] }
    var active: [IBSubscription] { sorted { if case .active = $0.state { true } else { false } } }
    /// Asked for, and not heard of yet.
    var asking: [IBSubscription] { sorted { if case .asked = $0.state { true } else { false } } }
    /// Wanted, and without room.
    var unserved: [IBSubscription] { sorted { $0.state == .waiting } }

    private func sorted(_ isMeant: (Entry) -> Bool) -> [IBSubscription] {
        entries.filter { isMeant($0.value) }
            .sorted { ($0.value.wanted.priority, $0.value.order) < ($1.value.wanted.priority, $1.value.order) }
            .map(\.key)
    }

    // MARK: Wishes

    /// Replaces what is wanted. Among equals, what is named first goes first; beyond ``Limits/wanted`` nothing is taken.
    mutating func want(_ wanted: [IBWantedSubscription]) {
        var next: [IBSubscription: Entry] = [:]
        for (order, item) in wanted.prefix(limits.wanted).enumerated() where next[item.subscription] == nil {
            var entry = Entry(wanted: item, order: order, feed: item.feed)
            if let old = entries[item.subscription], old.wanted.feed == item.feed {
                (entry.state, entry.failures, entry.feed, entry.isDoubtful) = (
                    old.state, old.failures, old.feed, old.isDoubtful
                )
                if case .refused = old.state { entry.state = .waiting }
            }
            next[item.subscription] = entry
        }
        for (subscription, old) in entries where next[subscription]?.id != old.id { release(subscription, old) }
        entries = next
    }

    /// Everything is to be asked for anew.
    ///
    /// - Parameter isKnown: Whether the gateway may still know the old ones: not on a new connection, and not after 1101.
    mutating func restart(isKnown: Bool) {
        if !isKnown {
            cancellations = []
            byID = [:]
        }
        budget = limits.lines
        budgetUntil = nil
        for (subscription, entry) in entries {
            if entry.id != nil, isKnown { release(subscription, entry) }
            switch entry.state {
            case .asked, .active, .beingAsked: entries[subscription]?.state = .waiting
            case .waiting, .resting, .refused: break
            }
            entries[subscription]?.isDoubtful = false
        }
    }

    /// Those that bring nothing at present are asked for anew, the others go on.
    mutating func renewDoubtful() {
        for (subscription, entry) in entries where entry.isDoubtful {
            release(subscription, entry)
            entries[subscription]?.state = .waiting
            entries[subscription]?.isDoubtful = false
        }
    }

    private mutating func release(_ subscription: IBSubscription, _ entry: Entry) {
        guard let id = entry.id else { return }
        byID[id] = nil
        cancellations.append((subscription, id))
    }

    // MARK: Steps

    /// What to do next; `nil` for nothing at present. What is given up goes before what is asked for: it makes the room.
    mutating func next(at now: Duration) -> Command? {
        if let (subscription, id) = cancellations.first {
            cancellations.removeFirst()
            return .cancel(subscription, id: id)
        }
        age(at: now)
        for subscription in unserved {
            guard let entry = entries[subscription] else { continue }
            if hasRoom(subscription.room) {
                entries[subscription]?.state = .beingAsked
                return .ask(entry.wanted, feed: entry.feed)
            }
            if let command = makeRoom(for: entry) { return command }
        }
        return nil
    }

    private mutating func age(at now: Duration) {
        if let until = budgetUntil, now >= until {
            budget = limits.lines
            budgetUntil = nil
        }
        for (subscription, entry) in entries {
            switch entry.state {
            case .resting(let until) where now >= until: entries[subscription]?.state = .waiting
            case .asked(let id, let until) where now >= until:
                if subscription.room == .history {
                    release(subscription, entry)
                    rest(subscription, at: now)
                } else {
                    entries[subscription]?.state = .active(id: id)
                }
            case .waiting, .beingAsked, .asked, .active, .resting, .refused: break
            }
        }
    }

    private func hasRoom(_ room: IBSubscription.Room) -> Bool {
        guard let limit = limit(room) else { return true }
        return entries.count { $0.key.room == room && $0.value.holdsRoom } < limit
    }

    private func limit(_ room: IBSubscription.Room) -> Int? {
        switch room {
        case .line: budget
        case .history: limits.histories
        case .none: nil
        }
    }

    /// Gives up the least important of those that are less important.
    private mutating func makeRoom(for entry: Entry) -> Command? {
        let room = entry.wanted.subscription.room
        guard limit(room).map({ $0 > 0 }) ?? true else { return nil }
        let lesser = sorted { $0.id != nil && $0.wanted.priority > entry.wanted.priority }.filter { $0.room == room }
        guard let victim = lesser.last, let id = entries[victim]?.id else { return nil }
        byID[id] = nil
        entries[victim]?.state = .waiting
        return .cancel(victim, id: id)
    }

    /// The request is about to be handed to the connection under that id.
    ///
    /// - Returns: Whether it is still wanted.
    mutating func asked(_ subscription: IBSubscription, id: Int64, at now: Duration) -> Bool {
        guard entries[subscription]?.state == .beingAsked else { return false }
        let patience = subscription.room == .history ? limits.history : limits.answer
        entries[subscription]?.state = .asked(id: id, until: now + patience)
        byID[id] = subscription
        return true
    }

    /// It could not be asked for, and may be later.
    mutating func postpone(_ subscription: IBSubscription, for pause: Duration, at now: Duration) {
        guard let entry = entries[subscription] else { return }
        switch entry.state {
        case .asked(let id, _):
            // It was registered, and could not be sent after all.
            byID[id] = nil
        case .beingAsked: break
        case .waiting, .active, .resting, .refused: return
        }
        entries[subscription]?.state = .resting(until: now + pause)
    }

    /// It cannot be asked for at all.
    mutating func refuse(_ subscription: IBSubscription, code: Int) {
        guard let entry = entries[subscription] else { return }
        if let id = entry.id { byID[id] = nil }
        entries[subscription]?.state = .refused(code: code)
    }

    /// The gateway has ended it; it may be asked for again after that time.
    mutating func lost(_ subscription: IBSubscription, for pause: Duration, at now: Duration) {
        guard let id = entries[subscription]?.id else { return }
        byID[id] = nil
        entries[subscription]?.state = .resting(until: now + pause)
    }

    /// It brings something.
    ///
    /// - Returns: Whether that is new.
    mutating func heard(_ subscription: IBSubscription) -> Bool {
        guard let entry = entries[subscription] else { return false }
        if entry.isDoubtful { entries[subscription]?.isDoubtful = false }
        guard case .asked(let id, _) = entry.state else { return false }
        entries[subscription]?.state = .active(id: id)
        entries[subscription]?.failures = 0
        return true
    }

    // MARK: Refusals

    /// What an error frame meant for a subscription.
    enum Outcome: Hashable, Sendable {
        /// It goes on.
        case goesOn
        /// What it brings is delayed.
        case delayed
        /// Delayed prices are asked for instead.
        case delayedInstead
        /// It is asked for again, in a while.
        case postponed(Duration)
        case refused
        /// It stands, and brings nothing at present.
        case silent
        /// There are fewer lines than was thought.
        case budget(Int)
    }

    mutating func refused(_ id: Int64, _ notice: IBErrorNotice, _ reaction: IBReaction, at now: Duration) -> Outcome? {
        guard let subscription = byID[id], let entry = entries[subscription] else { return nil }
        switch reaction.kind {
        case .competingSession:
            entries[subscription]?.isDoubtful = true
            return .silent
        case .linesUsedUp:
            byID[id] = nil
            entries[subscription]?.state = .waiting
            budget = max(0, entries.count { $0.key.room == .line && $0.value.holdsRoom })
            budgetUntil = now + limits.budgetRest
            return .budget(budget)
        case .noLiveData where entry.wanted.allowsDelayed && !entry.feed.isDelayed && subscription.isQuotes:
            byID[id] = nil
            entries[subscription]?.feed = .delayed
            entries[subscription]?.state = .waiting
            return .delayedInstead
        case .tooFast where notice.isAboutPermissions:
            refuse(subscription, code: notice.code)
            return .refused
        case .subscriptionDead:
            release(subscription, entry)
            entries[subscription]?.state = .waiting
            return .postponed(.zero)
        case .ourMistake:
            byID[id] = nil
            return .postponed(rest(subscription, at: now))
        case nil where reaction.outcome == .failed:
            // A code that nobody has listed: it may stand all the same, and must not take up a line.
            release(subscription, entry)
            entries[subscription]?.state = .refused(code: notice.code)
            return .refused
        case .notice, .silence, .orderNotice, .orderRefused, .orderRejected, .orderCancelled, .lookUp, .retryChild,
            .orderIDTaken, .contractUnknown, .historical, .tooFast, .invalidRequest, .clientIDInUse, .noLiveData,
            .delayedData, .accountUpdatesLost, .linkLost, .linkRestoredWithoutData, .linkRestored, .farmBroken,
            .farmSound, .farmResting, .portChanged, .configuration, .local, nil:
            return settle(subscription, id, notice, reaction.outcome, at: now)
        }
    }

    private mutating func settle(
        _ subscription: IBSubscription, _ id: Int64, _ notice: IBErrorNotice, _ outcome: IBReaction.Outcome,
        at now: Duration
    ) -> Outcome {
        switch outcome {
        case .nothing: return .goesOn
        case .delayedData: return .delayed
        case .retryLater, .empty:
            byID[id] = nil
            return .postponed(rest(subscription, at: now))
        case .subscribeAnew:
            byID[id] = nil
            entries[subscription]?.state = .waiting
            return .postponed(.zero)
        case .failed, .noLiveData, .rejected, .cancelled, .changeRefused, .lookUp, .retryChild, .orderIDTaken:
            refuse(subscription, code: notice.code)
            return .refused
        }
    }

    /// - Returns: For how long.
    @discardableResult
    private mutating func rest(_ subscription: IBSubscription, at now: Duration) -> Duration {
        let failures = entries[subscription]?.failures ?? 0
        let pause = min(limits.firstRest * (1 << min(failures, 10)), limits.longestRest)
        entries[subscription]?.failures = failures + 1
        entries[subscription]?.state = .resting(until: now + pause)
        return pause
    }
}

extension IBSubscription {
    fileprivate var isQuotes: Bool { if case .quotes = self { true } else { false } }
}

extension IBErrorNotice {
    /// 420 stands for too many requests as well as for missing permissions; its words tell which.
    fileprivate var isAboutPermissions: Bool { message.lowercased().contains("permission") }
}
