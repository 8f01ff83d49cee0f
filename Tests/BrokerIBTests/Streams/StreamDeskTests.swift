import Core
import Sessions
import Testing

@testable import BrokerIB

/// What a stream makes of a connection's events, without a connection.
@Suite("The stream's desk")
struct StreamDeskTests {
    private struct Bench {
        let buffer = IBStreamBuffer(limit: 10_000)
        var desk: StreamDesk
        var now = StreamDesk.Moment(wall: Rig.open, uptime: .seconds(1000))
        var ids: Int64 = 1_000_000_000

        init(_ wanted: IBWantedSubscription...) {
            var rules = StreamDesk.Rules()
            rules.timeframes = [.fiveMinutes]
            rules.loginZone = ZoneRules.named("America/New_York") ?? .utc
            desk = StreamDesk(rules: rules, buffer: buffer)
            desk.want(wanted)
        }

        mutating func connect() {
            desk.told(.ready(IBWelcome(version: ServerVersion(178), accounts: ["DU1234567"], nextOrderID: 1)), at: now)
            desk.take(.subscribe, at: now)
            desk.take(.reconcile, at: now)
            ask()
        }

        /// Asks for all there is room for.
        mutating func ask() {
            while let command = desk.book.next(at: now.uptime) {
                switch command {
                case .ask(let wanted, let feed):
                    ids += 1
                    #expect(desk.asks(wanted, feed: feed, id: ids, at: now) == true)
                case .cancel(let subscription, let id): desk.cancelled(subscription, id: id)
                }
            }
        }

        mutating func pass(_ seconds: Int64) {
            now = StreamDesk.Moment(
                wall: now.wall.advanced(bySeconds: seconds), uptime: now.uptime + .seconds(seconds))
        }

        mutating func hear(_ text: String) throws {
            desk.take(.message(try Frames.message(text.replacing("#", with: "\(ids)"))), at: now)
        }

        /// What was told since.
        func told() -> [IBStreamEvent] {
            var events: [IBStreamEvent] = []
            while let event = buffer.takeNow() { events.append(event) }
            return events
        }
    }

    @Test("A frame for an id of an earlier connection is nobody's")
    func oldID() throws {
        var bench = Bench(.quotes(of: try stock("AAPL")))
        bench.connect()
        try bench.hear("1|6|#|1|200|10|1|")
        let old = bench.ids
        bench.desk.told(.disconnected(detail: "gone", retryAfter: .seconds(1), failures: 1), at: bench.now)
        bench.connect()
        _ = bench.told()
        try bench.hear("1|6|\(old)|1|201|10|1|")
        #expect(bench.told().isEmpty)
        try bench.hear("1|6|#|1|202|10|1|")
        let subscription = IBSubscription.quotes(Symbol("AAPL"))
        guard case .quote(let quote)? = bench.told().last else { return #expect(Bool(false)) }
        #expect(quote.bid == Price(202) && bench.desk.book.active == [subscription])
    }

    @Test("Executions are listed at once after an unreadable message, and not in a circle when the list has it too")
    func faults() throws {
        var bench = Bench()
        bench.connect()
        #expect(bench.desk.takesListing(at: bench.now.uptime) == true)
        bench.desk.listed([], isComplete: true, at: bench.now)
        let fault = IBMessageFault(message: 11, field: 3, reason: .missing, length: 20)
        var lists = 0
        for _ in 0..<300 {
            bench.pass(1)
            bench.desk.take(.fault(fault), at: bench.now)
            if bench.desk.takesListing(at: bench.now.uptime) {
                lists += 1
                bench.desk.take(.fault(fault), at: bench.now)
                bench.desk.listed([], isComplete: false, at: bench.now)
            }
        }
        #expect((55...60).contains(lists))
        #expect(bench.told().filter { if case .news(.messageRefused) = $0 { true } else { false } }.count == 1)
    }

    @Test(
        "A holding that appears after all were told was traded, and so was one that changes; one that repeats was not")
    func holdings() throws {
        var bench = Bench(.account(AccountID("DU1234567")))
        bench.connect()
        func holding(_ conID: Int, _ quantity: Int) -> String {
            "7|8|\(conID)|AAPL|STK||0|0||NASDAQ|USD|AAPL|NMS|\(quantity)|200|2000|190|100|0|DU1234567|"
        }
        func isListed() -> Bool {
            bench.pass(2)
            return bench.desk.takesListing(at: bench.now.uptime)
        }
        #expect(isListed())
        try bench.hear(holding(1, 10))
        #expect(!isListed())
        try bench.hear("54|1|DU1234567|")
        try bench.hear(holding(1, 10))
        #expect(!isListed())
        try bench.hear(holding(1, 20))
        #expect(isListed())
        try bench.hear(holding(2, 5))
        #expect(isListed())
    }

    @Test("Values are marked while the account is not ready")
    func reliability() throws {
        var bench = Bench(.account(AccountID("DU1234567")))
        bench.connect()
        for (key, value) in [
            ("AccountReady", "false"), ("NetLiquidation", "1"), ("AccountReady", "true"), ("NetLiquidation", "2"),
        ] {
            try bench.hear("6|2|\(key)|\(value)|USD|DU1234567|")
        }
        let values = bench.told().compactMap { if case .accountValue(let value) = $0 { value } else { nil } }
        #expect(values.map(\.isReliable) == [false, false, true, true])
    }

    @Test("The link's return makes the next five seconds doubtful, and its bar with it")
    func link() throws {
        var bench = Bench(.bars(of: try stock("AAPL")))
        bench.connect()
        bench.pass(20)
        func play(_ seconds: StrideTo<Int64>, drop: (Int64) -> Bool = { _ in false }) throws {
            for second in seconds {
                bench.pass(5)
                if second == 100 {
                    bench.desk.told(.linkLost("gone", rest: nil), at: bench.now)
                    bench.desk.told(.linkRestored("back", after: nil), at: bench.now)
                    bench.desk.take(.reconcile, at: bench.now)
                }
                try bench.hear("50|3|#|\(Rig.open.epochSeconds + second)|200|201|199|200|7|200|3|")
            }
        }
        try play(stride(from: 0, to: 600, by: 5))
        let bars = bench.told().compactMap { if case .bar(let bar) = $0 { bar } else { nil } }
        #expect(
            bars.map(\.standing) == [.incomplete(missing: [Rig.open.advanced(bySeconds: 60)]), .final])
        #expect(bars.map(\.bar.volume) == [Quantity(59 * 7), Quantity(60 * 7)])
    }

    @Test(
        "A link that was lost on an earlier connection comes back: what was asked for since then is given up before it is asked for anew"
    )
    func rememberedLink() throws {
        var bench = Bench(.quotes(of: try stock("AAPL")))
        bench.connect()
        let id = bench.ids
        bench.desk.told(.linkRestored("back", after: nil), at: bench.now)
        bench.desk.take(.subscribe, at: bench.now)
        #expect(bench.desk.book.next(at: bench.now.uptime) == .cancel(.quotes(Symbol("AAPL")), id: id))
        bench.ask()
        #expect(bench.ids == id + 1)
        // Lost and found on this connection, the gateway has forgotten it by itself.
        bench.desk.told(.linkLost("gone", rest: nil), at: bench.now)
        bench.desk.told(.linkRestored("back", after: nil), at: bench.now)
        bench.desk.take(.subscribe, at: bench.now)
        guard case .ask? = bench.desk.book.next(at: bench.now.uptime) else { return #expect(Bool(false)) }
    }

    @Test("A code that nobody has listed ends a subscription, and gives its line back")
    func unlisted() throws {
        var bench = Bench(.quotes(of: try stock("AAPL")))
        bench.connect()
        let id = bench.ids
        try bench.hear("4|2|#|10090|Part of requested market data is not subscribed.||")
        #expect(bench.desk.book.next(at: bench.now.uptime) == .cancel(.quotes(Symbol("AAPL")), id: id))
        #expect(bench.told().contains { if case .news(.refused(_, 10090, _)) = $0 { true } else { false } })
    }

    @Test("Every event is a line of its own that names itself, and no account is told in full")
    func lines() throws {
        let account = AccountID("DU1234567")
        var bench = Bench(
            .quotes(of: try stock("AAPL")), .bars(of: try stock("AAPL")), .account(account), .profit(of: account),
            try #require(.keptBars(of: try stock("AAPL"), .fiveMinutes)))
        bench.connect()
        let first = bench.ids - 4
        // In the order of their importance: the account, its profit, then prices.
        let frames = [
            "6|2|AccountCode|DU1234567||DU1234567|", "6|2|NetLiquidation|1000000|USD|DU1234567|",
            "7|8|265598|AAPL|STK||0|0||NASDAQ|USD|AAPL|NMS|10|200|2000|190|100|0|DU1234567|", "54|1|DU1234567|",
            "94|\(first + 1)|1|2|3|", "1|6|\(first + 2)|1|200|10|1|", "1|6|\(first + 2)|4|200|10|1|",
            "1|6|\(first + 2)|6|201|0|1|", "58|1|\(first + 2)|3|",
            "17|\(first + 4)|a|b|2|1795185000|1|1|1|1|1|1|1|1795185300|1|1|1|1|1|1|1|",
            "3|7|Submitted|0|10|0|600745656|0|0|1||0|", "4|2|7|399|a note||", "4|2|-1|10285|an old gateway||",
            "11|-1|7|265598|AAPL|STK||0|?||ISLAND|USD|AAPL|NMS|0000e.01.01|20260120  09:30:05|DU1234567|ISLAND|BOT|10|1|6|7|0|10|1|tk||||"
                + "|0|",
        ]
        for frame in frames { try bench.hear(frame) }
        bench.pass(20)
        try bench.hear("50|3|\(first + 3)|\(Rig.open.epochSeconds)|200|201|199|200|7|200|3|")
        bench.pass(600)
        bench.desk.tick(at: bench.now)
        let events = bench.told()
        var names: Set<String> = []
        for event in events {
            let text = event.json.text
            #expect(!text.contains("DU1234567") && !text.contains("\n"))
            names.insert(try #require(event.json["event"]?.stringValue))
        }
        #expect(
            names.isSuperset(of: [
                "account-value", "holding", "account-told", "profit", "quote", "trade", "day", "feed-changed", "bar",
                "order", "order-message", "notice", "execution", "five-seconds", "no-bar", "connected", "reconcile",
                "subscribed",
            ]))
        let trade = try #require(events.compactMap { if case .trade(let trade) = $0 { trade } else { nil } }.first)
        #expect(
            IBStreamEvent.trade(trade).json.text
                == #"{"event":"trade","stream":"quotes","symbol":"AAPL","at":null,"price":"200","quantity":"10","feed":"live","#
                + #""delayed":false,"received_at":"2026-11-20T14:30:00Z"}"#)
    }
}
