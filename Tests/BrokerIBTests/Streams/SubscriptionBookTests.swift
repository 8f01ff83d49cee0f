import Core
import Sessions
import TestSupport
import Testing

@testable import BrokerIB

@Suite("Which subscriptions have room")
struct SubscriptionBookTests {
    private func instrument(_ name: String) throws -> Instrument { try .fixture(symbol: Symbol(name)) }

    private func quotes(
        _ name: String, _ priority: IBSubscriptionPriority = .traded, allowsDelayed: Bool = false
    ) throws -> IBWantedSubscription {
        .quotes(of: try instrument(name), priority, allowsDelayed: allowsDelayed)
    }

    /// Carries out what the book says, until it says nothing more.
    private func settle(_ book: inout SubscriptionBook, at now: Duration = .zero) -> [String] {
        var log: [String] = []
        while let command = book.next(at: now) {
            switch command {
            case .ask(let wanted, let feed):
                let subscription = wanted.subscription
                ids += 1
                let isWanted = book.asked(subscription, id: ids, at: now)
                #expect(isWanted)
                log.append("ask \(subscription.symbol?.text ?? "account") \(feed.rawValue) #\(ids)")
            case .cancel(_, let id): log.append("cancel #\(id)")
            }
        }
        return log
    }

    private var ids: Int64 {
        get { counter.value }
        nonmutating set { counter.value = newValue }
    }
    private let counter = Counter()
    private final class Counter { var value: Int64 = 0 }

    private func refuse(
        _ book: inout SubscriptionBook, _ id: Int64, _ code: Int, _ words: String = "", at now: Duration = .zero
    ) throws -> SubscriptionBook.Outcome? {
        let notice = try Frames.error(1_000_000_000 + id, code, words)
        return book.refused(id, notice, IBReaction.to(notice, about: .request), at: now)
    }

    @Test("The more important go first; without room they take the place of the less important, never of an equal")
    func room() throws {
        var limits = SubscriptionBook.Limits()
        limits.lines = 2
        var book = SubscriptionBook(limits: limits)
        book.want([try quotes("A", .watched), try quotes("B"), try quotes("C")])
        #expect(settle(&book) == ["ask B live #1", "ask C live #2"])
        #expect(book.unserved == [.quotes(Symbol("A"))])
        book.want([
            try quotes("A", .watched), try quotes("B"), try quotes("C"), try quotes("D"), try quotes("E", .held),
        ])
        #expect(settle(&book) == ["cancel #2", "ask E live #3"])
        #expect(book.unserved.map(\.symbol?.text) == ["C", "D", "A"])
        // What is wanted no more makes room.
        book.want([try quotes("A", .watched), try quotes("D"), try quotes("E", .held)])
        #expect(settle(&book) == ["cancel #1", "ask D live #4"])
    }

    @Test("Bars that are kept up to date and quotes have room of their own; what is of an account needs none")
    func kinds() throws {
        var limits = SubscriptionBook.Limits()
        (limits.lines, limits.histories) = (1, 1)
        var book = SubscriptionBook(limits: limits)
        let kept = try #require(IBWantedSubscription.keptBars(of: try instrument("A"), .fiveMinutes))
        let other = try #require(IBWantedSubscription.keptBars(of: try instrument("A"), .fifteenMinutes))
        let daily = IBWantedSubscription.keptBars(of: try instrument("A"), .oneDay)
        #expect(daily == nil)
        book.want([
            kept, other, try quotes("A"), .bars(of: try instrument("A")), .account(AccountID("DU1")),
            .profit(of: AccountID("DU1")),
        ])
        #expect(settle(&book).count == 4 && book.unserved == [other.subscription, .bars(Symbol("A"))])
    }

    @Test("After a new connection and 1101 everything is asked for under new ids, and nothing is cancelled")
    func restart() throws {
        var book = SubscriptionBook()
        book.want([try quotes("A"), try quotes("B")])
        _ = settle(&book)
        #expect(try refuse(&book, 2, 200) == .refused)
        book.restart(isKnown: false)
        // An answer to the old request means nothing now.
        #expect(try refuse(&book, 1, 200) == nil)
        #expect(settle(&book) == ["ask A live #3"])
        // What was refused is asked for again when somebody wants it anew.
        book.want([try quotes("A"), try quotes("B")])
        #expect(settle(&book) == ["ask B live #4"])
    }

    @Test(
        "No live data: refused where it is traded on, delayed where that is allowed",
        arguments: [354, 10089, 10168, 10186])
    func delayed(code: Int) throws {
        var book = SubscriptionBook()
        book.want([try quotes("A"), try quotes("B", allowsDelayed: true)])
        #expect(settle(&book) == ["ask A live #1", "ask B live #2"])
        #expect(try refuse(&book, 1, code) == .refused)
        #expect(try refuse(&book, 2, code) == .delayedInstead)
        #expect(settle(&book) == ["ask B delayed #3"])
        #expect(try refuse(&book, 3, 10167) == .delayed)
        #expect(try refuse(&book, 3, code) == .refused)
        #expect(settle(&book).isEmpty)
    }

    @Test("101: there are as many lines as stand, and after five minutes it is tried again")
    func linesUsedUp() throws {
        var book = SubscriptionBook()
        book.want([try quotes("A"), try quotes("B"), try quotes("C")])
        _ = settle(&book)
        #expect(try refuse(&book, 3, 101) == .budget(2))
        #expect(settle(&book, at: .seconds(299)).isEmpty)
        #expect(book.unserved == [.quotes(Symbol("C"))])
        #expect(settle(&book, at: .seconds(300)) == ["ask C live #4"])
    }

    @Test("10197 leaves the lines; when data is to be asked for again, the old ones are given up first")
    func competing() throws {
        var book = SubscriptionBook()
        book.want([try quotes("A"), try quotes("B")])
        _ = settle(&book)
        #expect(try refuse(&book, 1, 10197) == .silent)
        book.renewDoubtful()
        #expect(settle(&book) == ["cancel #1", "ask A live #3"])
    }

    @Test("10225 cancels and subscribes anew at once")
    func bust() throws {
        var book = SubscriptionBook()
        book.want([.bars(of: try instrument("A"))])
        _ = settle(&book)
        #expect(try refuse(&book, 1, 10225) == .postponed(.zero))
        #expect(settle(&book) == ["cancel #1", "ask A live #2"])
    }

    @Test("420 for too much is waited out, longer each time; 420 for missing permissions is final")
    func pacing() throws {
        var book = SubscriptionBook()
        book.want([.bars(of: try instrument("A"))])
        var now = Duration.zero
        for (attempt, pause) in [15, 30, 60, 120, 240, 300, 300].enumerated() {
            #expect(settle(&book, at: now) == ["ask A live #\(attempt + 1)"])
            let outcome = try refuse(
                &book, Int64(attempt) + 1, 420, "Invalid Real-time Query: pacing violation", at: now)
            #expect(outcome == .postponed(.seconds(pause)))
            #expect(settle(&book, at: now + .seconds(pause) - .milliseconds(1)).isEmpty)
            now += .seconds(pause)
        }
        _ = settle(&book, at: now)
        let outcome = try refuse(&book, ids, 420, "Invalid Real-time Query:No market data permissions for A", at: now)
        #expect(outcome == .refused && settle(&book, at: now + .seconds(900)).isEmpty)
    }

    @Test("What is not refused counts as taken; bars that are kept up to date have to answer, or are asked for anew")
    func silence() throws {
        var book = SubscriptionBook()
        let kept = try #require(IBWantedSubscription.keptBars(of: try instrument("B"), .fiveMinutes))
        book.want([try quotes("A"), kept])
        _ = settle(&book)
        #expect(book.active.isEmpty && settle(&book, at: .seconds(10)).isEmpty)
        #expect(book.active == [.quotes(Symbol("A"))])
        #expect(settle(&book, at: .seconds(60)).isEmpty && settle(&book, at: .seconds(60)) == ["cancel #2"])
        #expect(settle(&book, at: .seconds(74)).isEmpty)
        #expect(settle(&book, at: .seconds(75)) == ["ask B live #3"])
        let (first, second) = (book.heard(kept.subscription), book.heard(kept.subscription))
        #expect(first && !second)
    }

    @Test(
        "Whatever is wanted and refused, there are never more lines than the budget, and ids are of one thing each",
        arguments: propertySeeds)
    func budget(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "book")
        var limits = SubscriptionBook.Limits()
        limits.lines = random.int(1...8)
        var book = SubscriptionBook(limits: limits)
        var standing: [Int64: IBSubscription] = [:]
        var now = Duration.zero
        let codes = [101, 102, 200, 354, 420, 10197, 10225, 10167]
        for step in 0..<400 {
            now += .seconds(random.int(0...40))
            if random.chance(0.1) {
                var wanted: [IBWantedSubscription] = []
                for name in "ABCDEFGHIJ" where random.chance(0.6) {
                    let priority: IBSubscriptionPriority = random.chance(0.3) ? .held : .watched
                    wanted.append(
                        random.chance(0.5)
                            ? try quotes("\(name)", priority, allowsDelayed: random.chance(0.5))
                            : .bars(of: try instrument("\(name)"), priority))
                }
                book.want(wanted)
            }
            if random.chance(0.05) {
                book.restart(isKnown: false)
                standing = [:]
            }
            if random.chance(0.1) { book.renewDoubtful() }
            var left = 100
            while left > 0, let command = book.next(at: now) {
                left -= 1
                switch command {
                case .cancel(let subscription, let id):
                    let stood = standing.removeValue(forKey: id)
                    #expect(stood == subscription)
                case .ask(let wanted, _):
                    ids += 1
                    let isWanted = book.asked(wanted.subscription, id: ids, at: now)
                    #expect(isWanted)
                    standing[ids] = wanted.subscription
                }
            }
            #expect(left > 0 && standing.count <= limits.lines, "seed \(seed), step \(step)")
            if random.chance(0.5), let id = standing.keys.sorted().randomElement(using: &random) {
                let code = codes[random.int(0...codes.count - 1)]
                // Those the gateway gives up with its error.
                if ![10197, 10225, 10167].contains(code) { standing[id] = nil }
                _ = try refuse(&book, id, code, at: now)
            }
        }
    }
}

@Suite("What waits for a stream's reader")
struct IBStreamBufferTests {
    private func trade(_ number: Int) -> IBStreamEvent {
        .trade(
            IBStreamTrade(
                symbol: Symbol("A"), price: Price(number), quantity: nil, at: nil, feed: .live, receivedAt: Rig.open))
    }

    private func execution(_ number: Int) throws -> IBStreamEvent {
        var book = ExecutionBook(loginZone: .utc)
        let told = book.executed(
            try Frames.execution("0000e.\(number).01"), symbol: nil, magnifier: 1, at: Rig.open)
        return .execution(try #require(told))
    }

    private func drain(_ buffer: IBStreamBuffer) -> [IBStreamEvent] {
        var events: [IBStreamEvent] = []
        while let event = buffer.takeNow() { events.append(event) }
        return events
    }

    @Test("Of trades the oldest go, and it is told; executions and news keep their place, and none is lost")
    func overflow() throws {
        let buffer = IBStreamBuffer(limit: 10)
        var executions: [IBStreamEvent] = []
        for number in 1...5000 {
            buffer.put(trade(number))
            if number % 10 == 0 {
                executions.append(try execution(number))
                #expect(buffer.put(executions[executions.count - 1]))
            }
            if number <= 4 { buffer.put(.news(.budgetLowered(number))) }
        }
        let events = drain(buffer)
        #expect(events.first == .news(.dataDropped(4990)))
        #expect(events.filter { if case .execution = $0 { true } else { false } } == executions)
        #expect(events.filter { if case .trade = $0 { true } else { false } } == (4991...5000).map { trade($0) })
        #expect(events[1...4] == (1...4).map { IBStreamEvent.news(.budgetLowered($0)) }[...])
        #expect(events.last == executions.last)
    }

    @Test("Of news the newest go, so that what is there has no hole")
    func notices() {
        let buffer = IBStreamBuffer(limit: 3)
        for number in 1...8 { buffer.put(.news(.budgetLowered(number))) }
        #expect(
            drain(buffer) == [.news(.noticesDropped(5))] + (1...3).map { .news(.budgetLowered($0)) })
    }

    @Test("An execution too many is refused, so that the stream ends rather than lose one")
    func executions() throws {
        let buffer = IBStreamBuffer(limit: 3, executionLimit: 2)
        let all = try (1...3).map { try execution($0) }
        #expect(buffer.put(all[0]) && buffer.put(all[1]) && !buffer.put(all[2]))
        buffer.finish(.news(.stopped(.unread(executions: 2))))
        #expect(drain(buffer).count == 3)
    }

    @Test("A reader that waits gets ticks when a piece is over, news at once, and the end after all the rest")
    func waking() async throws {
        let buffer = IBStreamBuffer(limit: 100)
        let reader = Task {
            var seen: [IBStreamEvent] = []
            for await event in IBStreamEvents(buffer: buffer) { seen.append(event) }
            return seen
        }
        buffer.put(trade(1))
        buffer.flush()
        buffer.put(.news(.connected))
        buffer.put(trade(2))
        buffer.finish(.news(.stopped(.cancelled)))
        #expect(await reader.value == [trade(1), .news(.connected), trade(2), .news(.stopped(.cancelled))])
    }

    @Test("A reader whose task is cancelled stops waiting")
    func cancelled() async {
        let buffer = IBStreamBuffer(limit: 100)
        let reader = Task { await buffer.next() }
        reader.cancel()
        #expect(await reader.value == nil)
    }
}
