/// What stands behind a gateway that answers: the link to IB, the data farms, and whose the market data is.
///
/// Each state is told once when it begins, once more when it has lasted, and when it ends; frames that repeat it say nothing.
struct GatewayHealth: Hashable, Sendable {
    struct Limits: Hashable, Sendable {
        /// A lost link alerts again after so long, unless it is the time for it.
        var link = Duration.seconds(300)
        /// A farm that is not reached alerts after so long: most come back by themselves.
        var farm = Duration.seconds(180)
        /// Market data is asked for again so long after another session took it.
        var competing = Duration.seconds(180)
        /// More farms than IB has.
        var farms = 64
    }

    private struct Trouble: Hashable, Sendable {
        let since: Duration
        var isAlerted = false
    }

    private let limits: Limits
    private var link: Trouble?
    private var farms: [String: Trouble] = [:]
    private var competing: Trouble?
    /// When market data was asked for again that another session had.
    private var askedAgainAt: Duration?
    private(set) var isReadOnly = false
    /// Since when a lost link is only remembered from the connection before; `nil` for one that was told on this one.
    private var rememberedSince: Duration?

    init(limits: Limits = Limits()) { self.limits = limits }

    /// Of a new connection to a gateway that had lost IB's servers, and may say so only once. The link is believed to be back when
    /// it says so, when it reaches a farm, or when it has said nothing of the kind for as long as an alert takes.
    init(limits: Limits, after earlier: GatewayHealth, at now: Duration) {
        self.limits = limits
        link = earlier.link
        rememberedSince = earlier.link.map { _ in now }
    }

    /// Whether IB's servers are reached. While they are not, lists may be incomplete.
    var hasLink: Bool { link == nil }
    /// Whether nothing is known that makes prices stale.
    var isDataSound: Bool { link == nil && farms.isEmpty && competing == nil }
    var brokenFarms: [String] { farms.keys.sorted() }

    /// An error frame of the gateway's.
    mutating func noted(
        _ notice: IBErrorNotice, _ reaction: IBReaction, at now: Duration, rest: RestCalendar.Rest?
    ) -> [IBSession.Action] {
        if IBReaction.isReadOnly(notice) {
            defer { isReadOnly = true }
            return isReadOnly ? [] : [.tell(.readOnly(reaction.sentence))]
        }
        switch reaction.kind {
        case .linkLost:
            rememberedSince = nil
            guard link == nil else { return [] }
            link = Trouble(since: now)
            return [.tell(.linkLost(reaction.sentence, rest: rest))]
        case .linkRestored: return restored(reaction, withData: true, at: now)
        case .linkRestoredWithoutData: return restored(reaction, withData: false, at: now)
        case .farmBroken:
            let farm = Self.farm(notice.message)
            guard farms[farm] == nil, farms.count < limits.farms else { return [] }
            farms[farm] = Trouble(since: now)
            return [.tell(.farmBroken(farm, reaction.sentence))]
        case .farmSound, .farmResting:
            // On one connection farms come back before the link is told to be; on a new one they are told because it is there.
            if rememberedSince != nil { return restored(reaction, withData: false, at: now) }
            guard farms.removeValue(forKey: Self.farm(notice.message)) != nil else { return [] }
            return [.tell(.farmSound(Self.farm(notice.message)))]
        case .competingSession:
            guard competing == nil else { return [] }
            // The same session still, after we have asked for the data again: nothing new to tell.
            let isStill = askedAgainAt.map { now - $0 < limits.competing } ?? false
            competing = Trouble(since: now)
            return isStill ? [] : [.tell(.competingSession(reaction.sentence, retryAfter: limits.competing))]
        case .accountUpdatesLost: return [.tell(.accountUpdatesLost(reaction.sentence)), .subscribeAccountValues]
        case .tooFast: return notice.code == 100 ? [.slowDown, .tell(.tooFast(reaction.sentence))] : []
        case .notice, .silence, .orderNotice, .orderRefused, .orderRejected, .orderCancelled, .lookUp, .retryChild,
            .orderIDTaken,
            .contractUnknown, .historical, .ourMistake, .invalidRequest, .clientIDInUse, .linesUsedUp, .noLiveData,
            .delayedData, .subscriptionDead, .portChanged, .configuration, .local, nil:
            return []
        }
    }

    private mutating func restored(_ reaction: IBReaction, withData: Bool, at now: Duration) -> [IBSession.Action] {
        let lasted = link.map { now - $0.since }
        link = nil
        rememberedSince = nil
        // Whoever had the data before has to be asked anew; what 1102 kept, goes on.
        if !withData { competing = nil }
        return [.tell(.linkRestored(reaction.sentence, after: lasted))] + (withData ? [] : [.subscribe]) + [.reconcile]
    }

    /// Time passes.
    mutating func tick(at now: Duration, rest: RestCalendar.Rest?) -> [IBSession.Action] {
        var actions: [IBSession.Action] = []
        if let since = rememberedSince, now - since >= limits.link {
            link = nil
            rememberedSince = nil
            actions.append(.reconcile)
        }
        if let trouble = link, !trouble.isAlerted, now - trouble.since >= limits.link, rest == nil {
            link?.isAlerted = true
            actions.append(.tell(.linkStillLost(for: now - trouble.since)))
        }
        for (farm, trouble) in farms.sorted(by: { $0.key < $1.key })
        where !trouble.isAlerted && now - trouble.since >= limits.farm && rest == nil {
            farms[farm]?.isAlerted = true
            actions.append(.tell(.farmStillBroken(farm, for: now - trouble.since)))
        }
        if let trouble = competing, now - trouble.since >= limits.competing {
            competing = nil
            askedAgainAt = now
            actions.append(.subscribe)
        }
        return actions
    }

    /// The name at the end of the notice: `Market data farm connection is OK:usfarm`.
    private static func farm(_ message: String) -> String {
        String(message.split(separator: ":").last ?? "").trimmed
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
