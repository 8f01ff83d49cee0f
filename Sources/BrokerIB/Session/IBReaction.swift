/// What an error frame means for whom it is about.
struct IBReaction: Hashable, Sendable {
    /// Whom the frame is about: whoever sent the request of this id knows.
    enum Subject: Hashable, Sendable, CaseIterable {
        /// No request, or one that is forgotten.
        case none
        /// Anything that is no order.
        case request
        case newOrder
        /// A change of an order that stands.
        case modification
        case cancellation
        /// An order that was sent before; nothing about it is under way.
        case standingOrder

        /// Whether an order stands behind the id.
        var isOrder: Bool {
            switch self {
            case .none, .request: false
            case .newOrder, .modification, .cancellation, .standingOrder: true
            }
        }
    }

    enum Outcome: Hashable, Sendable {
        /// Nothing changes.
        case nothing
        /// The order is rejected, for good.
        case rejected
        /// The order is cancelled, for good.
        case cancelled
        /// The order stands as it was before the change.
        case changeRefused
        /// What became of the order is to be looked up, and nothing sent before it is known.
        case lookUp
        /// The child was not taken, since its parent was not known yet: whole, its bracket may go again.
        case retryChild
        /// As ``lookUp``, and a new order id is asked for.
        case orderIDTaken
        /// The request has failed for good.
        case failed
        /// The request has an answer: there is nothing.
        case empty
        /// The request is asked again after a wait that grows.
        case retryLater
        /// The symbol has no live prices.
        case noLiveData
        /// What comes is delayed.
        case delayedData
        case subscribeAnew
    }

    enum Weight: Int, Hashable, Sendable, Comparable {
        case silence, log, warning, alert
        static func < (left: Weight, right: Weight) -> Bool { left.rawValue < right.rawValue }
    }

    let code: Int
    let kind: IBCode.Kind?
    let outcome: Outcome
    let weight: Weight
    /// IB's own words.
    let words: String
    let happened: String
    let stands: String
    let toDo: String

    /// `IB 201: Order rejected - reason: … (the order was rejected). It is not at the market. Read IB's own words.`
    var sentence: String {
        let head = "IB \(code): \(words.isEmpty ? happened : words + " (\(happened))")"
        return [head, stands, toDo].filter { !$0.isEmpty }.map { text in
            (text.first?.uppercased() ?? "") + text.dropFirst()
        }.joined(separator: ". ")
    }

    private init(_ notice: IBErrorNotice, _ row: IBCode, _ outcome: Outcome, _ weight: Weight) {
        self.init(
            notice, row.kind, outcome, weight, happened: row.happened, stands: row.stands, toDo: row.toDo)
    }

    private init(
        _ notice: IBErrorNotice, _ kind: IBCode.Kind?, _ outcome: Outcome, _ weight: Weight, happened: String,
        stands: String, toDo: String
    ) {
        code = notice.code
        self.kind = kind
        self.outcome = outcome
        self.weight = weight
        words = notice.message
        self.happened = happened
        self.stands = stands
        self.toDo = toDo
    }

    static func to(_ notice: IBErrorNotice, about subject: Subject) -> IBReaction {
        guard let row = IBCode.of(notice.code) else { return unlisted(notice, about: subject) }
        switch row.kind {
        case .historical: return historical(notice)
        case .invalidRequest: return invalid(notice, row, about: subject)
        case .orderRefused:
            let outcome: Outcome =
                switch subject {
                case .newOrder: .rejected
                case .modification: .changeRefused
                case .cancellation, .standingOrder: .lookUp
                case .none, .request: .failed
                }
            return IBReaction(notice, row, outcome, .alert)
        case .contractUnknown:
            return IBReaction(notice, row, subject == .newOrder ? .rejected : failed(subject), .alert)
        case .ourMistake: return IBReaction(notice, row, failed(subject), .alert)
        case .orderCancelled:
            // One that was asked for is no news.
            return IBReaction(notice, row, .cancelled, subject == .cancellation ? .log : .alert)
        case .noLiveData, .linesUsedUp: return IBReaction(notice, row, .noLiveData, .alert)
        case .notice, .silence, .orderNotice, .orderRejected, .lookUp, .retryChild, .orderIDTaken, .tooFast,
            .clientIDInUse,
            .delayedData, .competingSession, .subscriptionDead, .accountUpdatesLost, .linkLost,
            .linkRestoredWithoutData,
            .linkRestored, .farmBroken, .farmSound, .farmResting, .portChanged, .configuration, .local:
            let (outcome, weight) = plain(row.kind)
            return IBReaction(notice, row, outcome, weight)
        }
    }

    /// What needs neither the subject nor the text.
    private static func plain(_ kind: IBCode.Kind) -> (Outcome, Weight) {
        switch kind {
        case .silence, .farmResting: (.nothing, .silence)
        case .notice, .farmSound, .local: (.nothing, .log)
        case .orderNotice: (.nothing, .warning)
        case .orderRejected: (.rejected, .alert)
        case .orderCancelled: (.cancelled, .alert)
        case .lookUp: (.lookUp, .log)
        case .retryChild: (.retryChild, .log)
        case .orderIDTaken: (.orderIDTaken, .warning)
        case .tooFast: (.retryLater, .warning)
        case .delayedData: (.delayedData, .warning)
        case .competingSession, .noLiveData, .linesUsedUp: (.noLiveData, .alert)
        case .subscriptionDead: (.subscribeAnew, .log)
        // The state of the connection decides what is told, and how often.
        case .linkLost, .linkRestoredWithoutData, .linkRestored, .farmBroken, .clientIDInUse, .accountUpdatesLost:
            (.nothing, .log)
        case .portChanged, .configuration: (.nothing, .alert)
        case .ourMistake, .invalidRequest, .orderRefused, .contractUnknown, .historical: (.failed, .alert)
        }
    }

    /// A request is over; of an order nobody can say it.
    private static func failed(_ subject: Subject) -> Outcome { subject.isOrder ? .lookUp : .failed }

    /// 162, by its words.
    private static func historical(_ notice: IBErrorNotice) -> IBReaction {
        let words = notice.message.lowercased()
        if words.contains("no data") {
            return IBReaction(
                notice, .historical, .empty, .log, happened: "IB has no data for that time", stands: "", toDo: "")
        }
        if words.contains("query cancelled") {
            return IBReaction(
                notice, .historical, .nothing, .silence, happened: "a request that takt cancelled is over", stands: "",
                toDo: "")
        }
        if words.contains("pacing violation") {
            return IBReaction(
                notice, .historical, .retryLater, .warning, happened: "too many requests for historical data",
                stands: "takt waits and asks again", toDo: "")
        }
        if words.contains("permission") {
            return IBReaction(
                notice, .historical, .failed, .alert, happened: "there are no permissions for the symbol's data",
                stands: "the symbol has no bars from IB",
                toDo: "subscribe to the exchange's data in IB's Account Management")
        }
        return IBReaction(
            notice, .historical, .failed, .warning, happened: "historical data failed",
            stands: "the request brought nothing", toDo: "read IB's own words")
    }

    /// Whether the words are those of a gateway that takes no orders.
    static func isReadOnly(_ notice: IBErrorNotice) -> Bool {
        notice.code == 321 && notice.message.lowercased().contains("read-only")
    }

    /// 320 and 321, by their words.
    private static func invalid(_ notice: IBErrorNotice, _ row: IBCode, about subject: Subject) -> IBReaction {
        let outcome: Outcome =
            switch subject {
            case .newOrder: .rejected
            case .modification: .changeRefused
            case .cancellation, .standingOrder: .lookUp
            case .none, .request: .failed
            }
        if isReadOnly(notice) {
            return IBReaction(
                notice, row.kind, outcome, .alert, happened: "the gateway is set to take no orders",
                stands: "prices can be read; no order is placed, changed or cancelled",
                toDo: "in TWS or IB Gateway, under Configuration, API, Settings, clear 'Read-Only API'")
        }
        return IBReaction(
            notice, row.kind, outcome, .alert, happened: row.happened,
            stands: subject == .modification ? "the order stands as it was" : "the request brought nothing",
            toDo: "read IB's own words; if they name no setting, this is an error of takt")
    }

    /// A code that nobody has listed: an order is never declared dead for it.
    private static func unlisted(_ notice: IBErrorNotice, about subject: Subject) -> IBReaction {
        if (2100...2199).contains(notice.code) {
            return IBReaction(
                notice, nil, .nothing, .log, happened: "a notice that takt does not know",
                stands: subject.isOrder ? "the order is alive" : "", toDo: "")
        }
        let stands =
            switch subject {
            case .none: ""
            case .request: "the request brought nothing"
            case .newOrder, .modification, .cancellation, .standingOrder: "takt looks the order up"
            }
        return IBReaction(
            notice, nil, subject == .none ? .nothing : failed(subject), subject.isOrder ? .alert : .warning,
            happened: "a code that takt does not know", stands: stands, toDo: "read IB's own words")
    }
}
