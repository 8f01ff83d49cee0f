import Broker
import BrokerPaper
import Core
import Foundation
import Synchronization

/// A clock that tests set by hand.
final class HandClock: WallClock {
    private let microseconds: Mutex<Int64>
    init(_ instant: Instant) { microseconds = Mutex(instant.microseconds) }
    func now() -> Instant { Instant(microseconds: microseconds.withLock { $0 }) }
    func set(_ instant: Instant) { microseconds.withLock { $0 = instant.microseconds } }
    func sleep(for duration: Duration) async throws {}
}

/// Bars from memory. `hidesProgress` plays a source that knows a bar only once it is closed.
struct MemoryFeed: PaperFeed {
    var bars: [Symbol: [Bar]]
    var frame = Timeframe.fiveMinutes
    var clock: HandClock?

    func bars(_ symbol: Symbol, from: Instant, until: Instant) async throws -> [Bar] {
        (bars[symbol] ?? []).filter { bar in
            let isKnown = clock.map { bar.openAt.advanced(bySeconds: Int64(frame.seconds)) <= $0.now() } ?? true
            return isKnown && bar.openAt >= from && bar.openAt < until
        }
    }
    func timeframe(_ symbol: Symbol) -> Timeframe { frame }
}

struct BrokenFeed: PaperFeed {
    struct Outage: Error {}
    func bars(_ symbol: Symbol, from: Instant, until: Instant) async throws -> [Bar] { throw Outage() }
    func timeframe(_ symbol: Symbol) -> Timeframe { .fiveMinutes }
}

/// Monday to Friday, 14:30 to 21:00 UTC: New York in winter, without holidays.
struct WeekdayMarket: PaperMarket {
    func session(_ symbol: Symbol, on date: CivilDate) -> Range<Instant>? {
        guard date.isoWeekday < 6 else { return nil }
        return date.startUTC.advanced(bySeconds: 52_200)..<date.startUTC.advanced(bySeconds: 75_600)
    }
    func startOfDay(_ symbol: Symbol, _ date: CivilDate) -> Instant? { date.startUTC.advanced(bySeconds: 5 * 3600) }
    func isOpen(_ symbol: Symbol, at instant: Instant) -> Bool { sessionClose(symbol, containing: instant) != nil }
    func sessionClose(_ symbol: Symbol, containing instant: Instant) -> Instant? {
        guard let session = session(symbol, on: instant.utcDate), session.contains(instant) else { return nil }
        return session.upperBound
    }
    func nextSessionClose(_ symbol: Symbol, after instant: Instant) -> Instant? {
        (0...10).lazy.compactMap { session(symbol, on: instant.utcDate.advanced(byDays: $0))?.upperBound }
            .first { $0 > instant }
    }
}

struct Nonsense: Error { let text: String }

/// A time on Friday 2026-11-20 unless a day is named: `"14:35:02"`, `"2026-11-23 14:30"`.
func at(_ text: String) throws -> Instant {
    let full = text.contains("-") ? text : "2026-11-20 " + text
    guard let instant = Instant(rfc3339: full + "Z") else { throw Nonsense(text: text) }
    return instant
}

func bar(_ time: String, _ open: String, _ high: String, _ low: String, _ close: String, _ volume: Int) throws -> Bar {
    Bar(
        openAt: try at(time), open: try Price(open), high: try Price(high), low: try Price(low),
        close: try Price(close),
        volume: Quantity(volume), source: .generator)
}

func instrument(
    _ symbol: String, exchange: String = "XNAS", currency: Currency = .usd, kind: Instrument.Kind = .stock,
    lot: Int = 1,
    ticks: TickSchedule = .usEquity
) throws -> Instrument {
    try Instrument(
        symbol: Symbol(symbol), name: symbol, kind: kind, exchange: ExchangeID(exchange), currency: currency,
        lotSize: Quantity(lot), ticks: ticks)
}

/// One exchange on a file of its own, with hand-made bars of NVDA and a clock at 14:35:02.
struct Bench {
    let exchange: PaperExchange
    let clock: HandClock
    let path: String
    let nvda: Instrument

    /// At its opens: 100, 100.5, 103, 98. Ten per cent of the first bar's volume are 1,000 shares.
    static func bars() throws -> [Bar] {
        [
            try bar("14:30", "100", "101", "99", "100", 10_000),
            try bar("14:35", "100.5", "102", "99.5", "101", 20_000),
            try bar("14:40", "103", "104", "102", "103.5", 20_000),
            try bar("14:45", "98", "99", "97", "98.5", 20_000),
        ]
    }

    init(
        _ bars: [Symbol: [Bar]]? = nil, frame: Timeframe = .fiveMinutes, now: String = "14:35:02", cash: [Money]? = nil,
        instruments: [Instrument] = [], hidesProgress: Bool = false, path: String? = nil,
        failpoints: Failpoints = .none,
        change: (inout PaperConfiguration) -> Void = { _ in }
    ) throws {
        clock = HandClock(try at(now))
        nvda = try instrument("NVDA")
        let all = [nvda] + instruments
        var rules = PaperConfiguration(
            account: AccountID("PAPER"), initialCash: cash ?? [Money(FixedPoint(1_000_000), .usd)], fees: .none,
            instruments: Dictionary(uniqueKeysWithValues: all.map { ($0.symbol, $0) }), isDurable: false)
        change(&rules)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("paper-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.path = path ?? folder.appendingPathComponent("paper.sqlite").path
        let feed = MemoryFeed(
            bars: try bars ?? [nvda.symbol: Self.bars()], frame: frame, clock: hidesProgress ? clock : nil)
        exchange = try PaperExchange(
            path: self.path, configuration: rules, feed: feed, market: WeekdayMarket(), clock: clock,
            failpoints: failpoints)
    }

    func request(
        _ side: Side, _ quantity: Int, _ type: OrderType = .market, _ tif: TimeInForce = .day, id: String = "c",
        of instrument: Instrument? = nil
    ) -> OrderRequest {
        OrderRequest(
            clientOrderID: ClientOrderID(id), instrument: instrument ?? nvda, side: side, type: type,
            quantity: Quantity(quantity), timeInForce: tif)
    }

    @discardableResult
    func submit(
        _ side: Side, _ quantity: Int, _ type: OrderType = .market, _ tif: TimeInForce = .day, id: String = "c",
        of instrument: Instrument? = nil
    ) async -> SubmitOutcome {
        await exchange.submit([request(side, quantity, type, tif, id: id, of: instrument)])[0]
    }

    /// `"100@100.5 14:35:02"` for every execution so far, up to a time.
    func fills(by time: String) async throws -> [String] {
        clock.set(try at(time))
        return try await exchange.books().executions.map {
            let clockTime = "\($0.execution.filledAt)".dropFirst(11).dropLast()
            return "\($0.execution.side.signed($0.execution.quantity))@\($0.execution.price) \(clockTime)"
        }
    }
}

func limit(_ price: String) throws -> OrderType { .limit(try Price(price)) }
func stop(_ price: String) throws -> OrderType { .stop(try Price(price)) }
func stopLimit(_ stop: String, _ limit: String) throws -> OrderType {
    .stopLimit(stop: try Price(stop), limit: try Price(limit))
}

func code(_ outcome: SubmitOutcome) -> String {
    switch outcome {
    case .acknowledged: "acknowledged"
    case .rejected(let code, _): code
    case .notSent: "not-sent"
    case .turnedAway: "turned-away"
    case .unknown: "unknown"
    }
}
