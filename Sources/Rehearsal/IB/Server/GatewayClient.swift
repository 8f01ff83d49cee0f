internal import Core

/// What the gateway does on a connection.
struct GatewayDelivery: Hashable, Sendable {
    enum Action: Hashable, Sendable {
        case bytes([UInt8])
        /// Bytes that go out so much later, by the watch.
        case later(milliseconds: Int, [UInt8])
        case close
    }

    let connection: Int
    let action: Action
}

/// One connection to the simulated gateway, and what it has asked to be told.
struct GatewayClient: Sendable {
    /// A market-data line.
    struct DataLine: Hashable, Sendable {
        let place: Int
        let isDelayed: Bool
        /// Ticks that are not yet old enough to be told; the oldest is dropped beyond ``delayedLimit``.
        var waiting: [WaitingTick] = []

        struct WaitingTick: Hashable, Sendable {
            let due: Instant
            let trade: SimulatedTrade
            let volume: Int
        }

        static let delayedLimit = 20_000
        static let delaySeconds: Int64 = 900
    }

    /// Bars of five seconds, gathered.
    struct BarLine: Hashable, Sendable {
        let place: Int
        let what: String
        var openAt: Instant
        var bar: SimulatedBar?
        var count = 0
        /// A bust event has ended it; only cancelling takes it away.
        var isDead = false
    }

    /// Historical bars that go on.
    struct HistoryLine: Hashable, Sendable {
        let place: Int
        let size: BarSize
        let query: GatewayRequest.HistoricalQuery
        /// The bar that was told last.
        var toldAt: Instant
    }

    let connection: Int
    var reader = FrameReader()
    var version: Int?
    var clientId: Int?
    /// Nothing more is said to it.
    var isMute = false
    /// Answers to the request under way come so much later.
    var delayMilliseconds = 0
    var marketDataType = 1
    var lines: [Int: DataLine] = [:]
    var barLines: [Int: BarLine] = [:]
    var histories: [Int: HistoryLine] = [:]
    var wantsPositions = false
    /// Tags of the account summaries, by request, and when they are told again.
    var summaries: [Int: [String]] = [:]
    var updatedAccount: String?
    var multiAccounts: [Int: String] = [:]
    var pnls: [Int: String] = [:]
    var singlePnls: [Int: (account: String, conId: Int)] = [:]
    /// Orders made by hand are bound to it.
    var bindsOrders = false
    /// Nanoseconds of the watch at which its latest messages came, at most the cut's number.
    var messageTimes: [Int64] = []

    var layout: Int { version ?? Gate.highest }
    var isReady: Bool { clientId != nil }
}
