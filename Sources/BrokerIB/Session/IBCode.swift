/// A row of the table of codes: what the gateway's error frames mean, and what is done about them.
///
/// Sources: fact sheet, section 11. Codes 2100 to 2199 are notices and never mean that an order died.
struct IBCode: Hashable, Sendable {
    /// What the code is for us to do. What else decides, ``IBReaction`` adds: whom the frame is about, and its text.
    enum Kind: Hashable, Sendable {
        /// Nothing to do. It is written to the log.
        case notice
        /// Nothing to do, not even a line in the log: it is the normal course of things.
        case silence
        /// An order's message; the order is alive.
        case orderNotice
        /// The order is not valid. A new one is rejected for good; where a change was refused, the order stands as it was.
        case orderRefused
        /// The order is rejected for good, whatever was asked.
        case orderRejected
        /// The order is cancelled for good.
        case orderCancelled
        /// What the order is doing has to be looked up.
        case lookUp
        /// The parent was not known yet: the child is sent once more.
        case retryChild
        /// The order id is taken or too low: a new one is needed, and the order has to be looked for first.
        case orderIDTaken
        /// The request has failed for good; an order with this id is rejected.
        case contractUnknown
        /// Historical data: the text decides.
        case historical
        /// Too many messages or requests.
        case tooFast
        /// A mistake of takt's.
        case ourMistake
        /// The request is not valid, or the gateway takes no orders: the text decides.
        case invalidRequest
        case clientIDInUse
        case linesUsedUp
        /// No live data for the symbol.
        case noLiveData
        /// Delayed data comes instead.
        case delayedData
        /// Another session of the same user gets the data.
        case competingSession
        /// The subscription is dead: cancel it and subscribe anew.
        case subscriptionDead
        /// The subscription of account values went to somebody else.
        case accountUpdatesLost
        case linkLost
        /// The link is back, the subscriptions are lost.
        case linkRestoredWithoutData
        /// The link is back, the subscriptions go on.
        case linkRestored
        case farmBroken
        case farmSound
        /// It rests until something is asked of it, which is no trouble.
        case farmResting
        case portChanged
        /// Something is set up wrongly.
        case configuration
        /// Made by client libraries, never on the wire; takt uses the same numbers in its own messages.
        case local
    }

    let codes: Set<Int>
    let kind: Kind
    /// For the operator: what happened, how things stand now, and what to do.
    let happened: String
    let stands: String
    let toDo: String

    private init(_ codes: Int..., is kind: Kind, _ happened: String, stands: String = "", toDo: String = "") {
        self.codes = Set(codes)
        self.kind = kind
        self.happened = happened
        self.stands = stands
        self.toDo = toDo
    }

    /// The row that has the code; `nil` for one that nobody has listed.
    static func of(_ code: Int) -> IBCode? { byCode[code] }

    private static let byCode: [Int: IBCode] = {
        var rows: [Int: IBCode] = [:]
        for row in table { for code in row.codes { rows[code] = row } }
        return rows
    }()

    private static let report = "nothing to do; report it, this should not happen"
    private static let lookedUp = "takt looks the order up; nothing is sent again before it is known"

    static let table: [IBCode] = [
        // Requests and their pace.
        .init(
            100, is: .tooFast, "too many messages a second",
            stands: "takt keeps still for a while; the gateway may cut the connection", toDo: report),
        .init(
            101, is: .linesUsedUp,
            "all lines of market data are used up, by takt, other programs and the windows of TWS",
            stands: "the symbol has no live prices",
            toDo: "close windows of TWS or other programs, or watch fewer symbols"),
        .init(
            102, 322, 386, is: .ourMistake, "the gateway refused a request as a duplicate or as one it cannot process",
            stands: "the request brought nothing", toDo: report),
        .init(162, is: .historical, "historical data failed"),
        .init(165, is: .notice, "a notice of the historical data service"),
        .init(
            200, is: .contractUnknown, "IB knows no such contract, or more than one",
            stands: "the request brought nothing; an order with it is rejected",
            toDo: "check the symbol's exchange, currency and IB name in symbols.yaml"),
        .init(300, 366, is: .silence, "a subscription that had ended already was cancelled"),
        .init(320, 321, is: .invalidRequest, "the gateway could not read a request, or does not allow it"),
        .init(
            326, is: .clientIDInUse, "the client id is in use",
            stands: "another program holds it, or the gateway has not let go of a connection that broke",
            toDo: "give every program an id of its own (brokers.ib.client_id)"),
        .init(
            327, is: .ourMistake, "only client 0 may do this", stands: "the request brought nothing", toDo: report),
        .init(
            420, is: .tooFast, "too many real-time requests in a short time", stands: "takt waits before it asks again"),
        .init(
            10285, is: .configuration, "the gateway asks for a newer version of the protocol",
            stands: "contracts with rules for fractional sizes cannot be used", toDo: "update TWS or IB Gateway"),

        // Orders.
        .init(
            103, is: .orderIDTaken, "the order id is taken, or lower than one that was used",
            stands: "the order was not taken under it", toDo: "takt asks for the next id and looks for the order first"),
        .init(
            104, 105, 2102, is: .lookUp, "an order that is filled, different or not confirmed yet was to be changed",
            stands: lookedUp),
        .init(
            107, 109, 110, 111, 163, 382, 383, 387, 388, 434, is: .orderRefused,
            "the order is not valid: its price step, size, time in force or type, or a limit of the gateway's own presets",
            stands: "a new order is rejected; an order that was to be changed stands as it was",
            toDo: "read IB's own words; the presets and precautions of TWS are under Global Configuration"),
        .init(
            10241, 10242, 10243, 10244, 10245, 10246, 10247, 10248, 10249, 10250, 10251, 10252, is: .orderRefused,
            "the order's size is no size that IB takes through the API",
            stands: "a new order is rejected; an order that was to be changed stands as it was",
            toDo: "set the instrument's lot_size in symbols.yaml to a whole number IB takes"),
        .init(
            135, 136, 161, is: .lookUp,
            "an order that is unknown, or in a state that allows it no more, was to be cancelled",
            stands: lookedUp),
        .init(
            201, is: .orderRejected, "the order was rejected", stands: "it is not at the market, and is not sent again",
            toDo: "read IB's own words"),
        .init(202, is: .orderCancelled, "the order was cancelled", stands: "what had been filled before is booked"),
        .init(
            203, is: .orderRejected, "the instrument may not be traded in this account",
            stands: "the order is not at the market", toDo: "check the account's trading permissions at IB"),
        .init(399, is: .orderNotice, "a message about an order", stands: "the order is alive"),
        .init(
            404, is: .orderNotice, "no shares are there to be sold short",
            stands: "the order is alive and held until some are found", toDo: "cancel it if it should not wait"),
        .init(
            10006, is: .retryChild, "an order came before its parent was known",
            stands: "the rest of its bracket is withdrawn, and it is sent again whole"),
        .init(
            10147, 10148, is: .lookUp, "an order that is not known, or done already, was to be cancelled",
            stands: "the cancellation is over; " + lookedUp),
        .init(
            10349, is: .orderNotice, "a preset of the gateway changed the order's time in force to DAY",
            stands: "the order is alive", toDo: "check the order presets of TWS"),
        .init(
            2109, is: .orderNotice, "the order's wish to work outside regular hours was ignored",
            stands: "the order is alive"),
        .init(2137, 2148, 2168, 2169, is: .orderNotice, "a warning about an order", stands: "the order is alive"),

        // Market data.
        .init(
            354, 10089, 10168, 10186, is: .noLiveData, "there is no subscription to live data for the symbol",
            stands: "it is not traded on prices that are not live",
            toDo: "subscribe to the exchange's data in IB's Account Management, and share it with the paper account"),
        .init(
            10167, is: .delayedData, "delayed data comes instead of live data",
            stands: "it is marked, and never traded on",
            toDo: "subscribe to the exchange's data in IB's Account Management"),
        .init(
            10197, is: .competingSession, "another session of the same user gets the market data",
            stands: "prices are stale, and nothing is decided on them",
            toDo: "log the other session out: a user has market data in one place at a time"),
        .init(10225, is: .subscriptionDead, "a subscription of bars died", stands: "takt subscribes anew"),
        .init(
            2100, 2101, is: .accountUpdatesLost, "the account's values go to another program",
            stands: "takt asks for them in another way",
            toDo: "let one program at a time subscribe to account updates of one account"),

        // The link behind the gateway.
        .init(
            1100, is: .linkLost, "the gateway has lost IB's servers",
            stands: "no new orders are sent; those at IB live on",
            toDo: "wait; if it lasts, see IB's system status page"),
        .init(
            2110, is: .linkLost, "the link between the gateway and IB is broken, and is being mended",
            stands: "no new orders are sent; those at IB live on",
            toDo: "wait; if it lasts, see IB's system status page"),
        .init(
            1101, is: .linkRestoredWithoutData, "the gateway has IB's servers again; subscriptions were lost",
            stands: "takt subscribes anew and compares orders, executions and positions"),
        .init(
            1102, is: .linkRestored, "the gateway has IB's servers again; subscriptions go on",
            stands: "takt compares orders, executions and positions"),
        .init(
            1300, is: .portChanged, "the gateway's port was changed", stands: "the connection is being closed",
            toDo: "set brokers.ib.port to the new port and start again"),
        .init(
            2103, 2105, 2157, is: .farmBroken, "a data farm of IB's is not reached",
            stands: "data from it is stale, and nothing is decided on it",
            toDo: "wait; if it lasts, see IB's system status page"),
        .init(2104, 2106, 2158, is: .farmSound, "a data farm of IB's is reached"),
        .init(2107, 2108, is: .farmResting, "a data farm rests until something is asked of it"),
        .init(2119, is: .silence, "a data farm is being reached"),

        // Never on the wire.
        .init(
            502, 504, is: .local, "takt cannot connect to the gateway, or is not connected",
            stands: "nothing is sent", toDo: "start TWS or IB Gateway, and check brokers.ib.host and brokers.ib.port"),
        .init(
            506, is: .local, "the gateway speaks no version of the protocol that takt speaks",
            stands: "the connection is closed", toDo: "update TWS or IB Gateway"),
        .init(
            507, 509, 520, is: .local, "the connection broke, or brought bytes that are no frames",
            stands: "the connection is closed, and made again"),
    ]
}
