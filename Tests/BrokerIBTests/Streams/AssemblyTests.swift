import Core
import Sessions
import Testing

@testable import BrokerIB

@Suite("Quotes and trades out of ticks")
struct QuoteLineTests {
    private func run(_ frames: [String], magnifier: Int64 = 1, asked: IBFeed = .live) throws -> [IBStreamEvent] {
        var line = QuoteLine(Symbol("AAPL"), magnifier: magnifier, asked: asked)
        let now = Rig.open
        return try frames.compactMap { frame in
            switch try Frames.message(frame) {
            case .tickPrice(let tick): line.take(tick, at: now)
            case .tickSize(let tick): line.take(tick, at: now)
            case .tickString(let tick): line.take(tick, at: now)
            case .tickGeneric(let tick): line.take(tick, at: now)
            case .marketDataType(let notice): line.told(IBFeed(notice.type)) == nil ? nil : nil
            default: throw Frames.Unexpected()  // of a hundred kinds of messages
            }
        }
    }

    @Test("A trade is told once, with its time, though its size comes twice; the same size once more is another trade")
    func trades() throws {
        let events = try run([
            "46|6|5|45|1795185003|", "1|6|5|4|200.25|100|0|", "2|6|5|5|100|", "2|6|5|8|5000|", "2|6|5|5|100|",
            "46|6|5|45|1795185004|", "2|6|5|5|30|",
        ])
        let trades = events.compactMap { if case .trade(let trade) = $0 { trade } else { nil } }
        #expect(trades.count == 3 && events.count == 3)
        #expect(trades.map(\.quantity) == [Quantity(100), Quantity(100), Quantity(30)])
        #expect(trades.map(\.at?.epochSeconds) == [1_795_185_003, 1_795_185_003, 1_795_185_004])
        #expect(trades.allSatisfy { $0.price == Price.of("200.25") && $0.feed == .live && !$0.isDelayed })
    }

    @Test("A quote is told when it changes, and −1 with no size is no quote")
    func quotes() throws {
        let events = try run([
            "1|6|5|1|200.24|300|1|", "2|6|5|0|300|", "1|6|5|2|200.26|200|1|", "2|6|5|3|200|", "1|6|5|1|200.24|300|1|",
            "2|6|5|0|500|", "1|6|5|2|-1|0|1|",
        ])
        let quotes = events.compactMap { if case .quote(let quote) = $0 { quote } else { nil } }
        #expect(quotes.count == 4 && events.count == 4)
        #expect(quotes.map(\.bidQuantity) == [300, 300, 500, 500].map { Quantity($0) })
        #expect(quotes.map(\.ask) == [nil, Price.of("200.26"), Price.of("200.26"), nil])
        #expect(quotes.last?.askQuantity == nil)
    }

    @Test("What is delayed says so: by the gateway's notice, and by the number of the tick alone")
    func delayed() throws {
        let told = try run(["58|1|5|3|", "1|6|5|68|199|10|0|"], asked: .delayed)
        let untold = try run(["1|6|5|66|199|10|0|", "46|6|5|88|1795184100|", "1|6|5|68|199.5|10|0|"])
        for case .trade(let trade) in told + untold { #expect(trade.isDelayed && trade.feed == .delayed) }
        guard case .quote(let quote)? = untold.first else { return #expect(Bool(false)) }
        #expect(quote.isDelayed && told.count == 1 && untold.count == 2)
        for (type, feed) in [(1, IBFeed.live), (2, .frozen), (3, .delayed), (4, .delayedFrozen), (9, .unknown)] {
            guard case .quote(let quote)? = try run(["58|1|5|\(type)|", "1|6|5|1|199|10|1|"]).first else {
                return #expect(Bool(false))
            }
            #expect(quote.feed == feed && quote.isDelayed == (type == 3 || type == 4))
        }
    }

    @Test("Frozen data that the gateway says nothing of is not taken for live")
    func frozen() throws {
        guard case .quote(let quote)? = try run(["1|6|5|1|199|10|1|"], asked: .frozen).first else {
            return #expect(Bool(false))
        }
        #expect(quote.feed == .unknown)
    }

    @Test("A halt is told when it begins and ends; prices in pence come in pounds")
    func haltAndPence() throws {
        let events = try run(
            ["1|6|5|1|7205.5|10|1|", "45|6|5|49|0|", "45|6|5|49|1|", "45|6|5|49|0|", "1|6|5|6|7300|0|0|"],
            magnifier: 100)
        #expect(events.count == 4)
        guard case .quote(let halted) = events[1], case .day(let day) = events[3] else { return #expect(Bool(false)) }
        #expect(halted.isHalted && halted.bid == Price.of("72.055") && day.high == Price(73))
    }
}

@Suite("Bars that IB keeps up to date")
struct KeptBarsTests {
    private func data(_ dates: Int64...) throws -> IBHistoricalData {
        let rows = dates.map { "\($0)|10|12|9|11|500|10.5|7|" }.joined()
        guard case .historicalData(let data) = try Frames.message("17|5|from|to|\(dates.count)|\(rows)") else {
            throw Frames.Unexpected()
        }
        return data
    }

    private func update(_ date: Int64, close: Int = 11, volume: Int = 600) throws -> IBHistoricalDataUpdate {
        guard
            case .historicalDataUpdate(let update) = try Frames.message(
                "90|5|9|\(date)|10|\(close)|13|9|10.5|\(volume)|")
        else { throw Frames.Unexpected() }
        return update
    }

    private func told(_ made: [KeptBars.Made]) -> [String] {
        made.map { bar, standing in
            let word =
                switch standing {
                case .forming: "forming"
                case .final: "final"
                case .incomplete: "incomplete"
                }
            return "\(bar.openAt.epochSeconds) \(word) \(bar.close) \(bar.volume)"
        }
    }

    @Test("The newest bar repeats and is forming; it is final when a later date appears, as it was told last")
    func repeats() throws {
        var bars = KeptBars(magnifier: 1)
        #expect(
            told(bars.take(try data(300, 600, 900))) == ["300 final 11 500", "600 final 11 500", "900 forming 11 500"])
        #expect(told(bars.take(try update(900, close: 12))) == ["900 forming 12 600"])
        #expect(told(bars.take(try update(900, close: 13, volume: 700))) == ["900 forming 13 700"])
        #expect(
            told(bars.take(try update(1200, close: 10, volume: 1))) == ["900 final 13 700", "1200 forming 10 1"])
        #expect(bars.take(try update(900)).isEmpty)
    }

    @Test("What ended within an interruption is incomplete; one more update of the same bar makes it whole")
    func interrupted() throws {
        var bars = KeptBars(magnifier: 1)
        _ = bars.take(try data(300, 600))
        bars.interrupted()
        #expect(told(bars.take(try update(900))) == ["600 incomplete 11 500", "900 forming 11 600"])
        bars.interrupted()
        _ = bars.take(try update(900, volume: 650))
        #expect(told(bars.take(try update(1200))).first == "900 final 11 650")
    }

    @Test("A new answer tells as final only what was not told so before, also what had been incomplete")
    func anew() throws {
        var bars = KeptBars(magnifier: 1)
        _ = bars.take(try data(300, 600))
        _ = bars.take(try update(900))
        bars.interrupted()
        _ = bars.take(try update(1200))
        #expect(
            told(bars.take(try data(300, 600, 900, 1200, 1500)))
                == ["900 final 11 500", "1200 final 11 500", "1500 forming 11 500"])
    }
}

@Suite("Executions and their costs")
struct ExecutionBookTests {
    private func book(_ limit: Int = 100) -> ExecutionBook {
        ExecutionBook(loginZone: ZoneRules.named("America/New_York") ?? .utc, limit: limit)
    }
    private let now = Rig.open

    @Test("Commission before or after, the execution ends up with its costs and is told once without them at most")
    func order() throws {
        let (execution, commission) = (try Frames.execution("0000e.01.01"), try Frames.commission("0000e.01.01"))
        var after = book()
        let told = after.executed(execution, symbol: Symbol("AAPL"), magnifier: 1, at: now)
        let first = try #require(told)
        #expect(first.occasion == .new && first.commission == nil)
        #expect(first.at == Rig.open.advanced(bySeconds: 5) && first.clientOrderID == ClientOrderID("tk-0001"))
        let charged = after.charged(commission, at: now)
        let second = try #require(charged)
        #expect(second.occasion == .commission && second.commission == FixedPoint.of("1.05"))
        #expect(after.charged(commission, at: now) == nil)
        var before = book()
        #expect(before.charged(commission, at: now) == nil)
        let retold = before.executed(execution, symbol: nil, magnifier: 1, at: now)
        let joined = try #require(retold)
        #expect(joined.occasion == .new && joined.commission == second.commission && joined.realized == nil)
        #expect(before.executed(execution, symbol: nil, magnifier: 1, at: now) == nil)
    }

    @Test("A correction takes the place of what it corrects, and only the highest holds, in any order")
    func corrections() throws {
        var orders: [[Int]] = []
        for first in 1...3 {
            for second in 1...3 where second != first { orders.append([first, second, 6 - first - second]) }
        }
        for order in orders {
            var book = book()
            var held: [String: IBStreamExecution] = [:]
            for revision in order {
                let execution = try Frames.execution("0000e.01.0\(revision)", price: "10\(revision)")
                guard let told = book.executed(execution, symbol: nil, magnifier: 1, at: now) else { continue }
                if case .correction(let old) = told.occasion { #expect(held[told.root]?.executionID == old) }
                held[told.root] = told
            }
            #expect(held.count == 1 && held["0000e.01"]?.price == Price(103), "\(order)")
        }
    }

    @Test("A commission of a corrected execution is not charged to its correction")
    func oldCommission() throws {
        var book = book()
        _ = book.executed(try Frames.execution("0000e.01.01"), symbol: nil, magnifier: 1, at: now)
        _ = book.executed(try Frames.execution("0000e.01.02"), symbol: nil, magnifier: 1, at: now)
        #expect(book.charged(try Frames.commission("0000e.01.01"), at: now) == nil)
        #expect(
            book.charged(try Frames.commission("0000e.01.02", "-0.2"), at: now)?.commission == FixedPoint.of("-0.2"))
    }

    @Test("A commission that is not known yet, sent as −1, is none")
    func unknown() throws {
        var book = book()
        _ = book.executed(try Frames.execution("0000e.01.01"), symbol: nil, magnifier: 1, at: now)
        #expect(book.charged(try Frames.commission("0000e.01.01", "-1"), at: now) == nil)
        #expect(
            book.charged(try Frames.commission("0000e.01.01", "0.35"), at: now)?.commission == FixedPoint.of("0.35"))
        #expect(book.charged(try Frames.commission("0000e.01.01", "-1"), at: now) == nil)
    }
}

@Suite("What orders are doing")
struct OrderBookTests {
    private func run(_ states: [(String, Int)]) throws -> [String] {
        var book = OrderBook()
        return try states.compactMap { state, filled in
            book.told(try Frames.status(state, filled: filled, remaining: 10 - filled), at: Rig.open)?.status
        }
    }

    @Test("Each change is told once, repeats are not, and nothing leads back from an end")
    func once() throws {
        #expect(
            try run([
                ("PendingSubmit", 0), ("Submitted", 0), ("Submitted", 0), ("Submitted", 4), ("Filled", 10),
                ("Filled", 10), ("Submitted", 4),
            ]) == ["PendingSubmit", "Submitted", "Submitted", "Filled"])
    }

    @Test("A fill that won over a cancellation is believed; what is inactive may come back")
    func ends() throws {
        #expect(
            try run([("PendingCancel", 0), ("Cancelled", 0), ("Submitted", 0), ("Filled", 10), ("Cancelled", 0)])
                == ["PendingCancel", "Cancelled", "Filled"])
        #expect(try run([("Inactive", 0), ("Submitted", 0)]) == ["Inactive", "Submitted"])
    }

    @Test("The same id of two clients is two orders")
    func clients() throws {
        var book = OrderBook()
        #expect(book.told(try Frames.status("Filled", filled: 10, remaining: 0, client: 7), at: Rig.open) != nil)
        #expect(book.told(try Frames.status("Submitted", filled: 0, remaining: 10, client: 8), at: Rig.open) != nil)
    }
}
