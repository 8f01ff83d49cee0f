import Core

@testable import BrokerIB

/// A session with a clock that is set by hand. It begins on Friday, 2026-11-27, at noon in New York.
struct SessionScript {
    var session: IBSession
    private(set) var now: IBSession.Moment

    init(clientID: Int = 7, limits: IBSession.Limits = IBSession.Limits(), wall: Instant = SessionScript.noon) {
        session = IBSession(clientID: clientID, limits: limits)
        now = IBSession.Moment(uptime: .seconds(1000), wall: wall)
    }

    /// 2026-11-27T17:00:00Z
    static let noon = Instant(epochSeconds: 1_795_798_800)

    mutating func advance(_ duration: Duration) {
        now = IBSession.Moment(uptime: now.uptime + duration, wall: now.wall.advanced(by: duration))
    }

    mutating func after(_ duration: Duration) -> [IBSession.Action] {
        advance(duration)
        return session.tick(at: now)
    }

    mutating func hears(_ body: String) throws -> [IBSession.Action] {
        session.received(try IBDecoder.decode(body), at: now)
    }

    mutating func error(_ code: Int, _ message: String = "", id: Int64 = -1) throws -> [IBSession.Action] {
        try hears("4|2|\(id)|\(code)|\(message)||")
    }

    mutating func toGreeting() {
        _ = session.start(at: now)
        _ = session.connected(at: now)
    }

    mutating func toStarting() {
        toGreeting()
        _ = session.greeted(.version(.newest, clock: ""), at: now)
    }

    @discardableResult
    mutating func toReady() throws -> [IBSession.Action] {
        toStarting()
        _ = try hears("15|1|DU1,|")
        return try hears("9|1|42|")
    }

    static let welcome = IBWelcome(version: .newest, accounts: ["DU1"], nextOrderID: 42)
}

extension [IBSession.Action] {
    var news: [IBSessionNews] { compactMap { if case .tell(let news) = $0 { news } else { nil } } }
    /// Everything but news.
    var deeds: [IBSession.Action] { filter { if case .tell = $0 { false } else { true } } }
}
