import Broker
import BrokerPaper
import Core
import GRDB
import Synchronization
import Testing

@Suite("The exchange as a whole")
struct PaperExchangeTests {
    @Test("Orders are numbered with ten digits, and a whole batch is one commit")
    func batch() async throws {
        let bench = try Bench()
        let before = try await bench.exchange.books().revision
        let outcomes = await bench.exchange.submit((0..<100).map { _ in bench.request(.buy, 1, .market) })
        #expect(outcomes.first == .acknowledged(BrokerOrderID("0000000001"), at: try at("14:35:02")))
        #expect(outcomes.last == .acknowledged(BrokerOrderID("0000000100"), at: try at("14:35:02")))
        let books = try await bench.exchange.books()
        #expect(books.revision == before + 1)
        #expect(books.executions.count == 100)
    }

    @Test("Instances on one file submit at once: no order is lost, no number given twice")
    func concurrency() async throws {
        let first = try Bench()
        let others = try (0..<3).map { _ in try Bench(path: first.path) }
        let accepted = await withTaskGroup(of: [SubmitOutcome].self) { group in
            for bench in [first] + others {
                for _ in 0..<5 {
                    group.addTask {
                        await bench.exchange.submit(
                            (0..<4).map { _ in bench.request(.buy, 1, .market, .goodTillCancelled) })
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        let numbers = accepted.compactMap { outcome -> String? in
            if case .acknowledged(let id, _) = outcome { id.text } else { nil }
        }
        #expect(numbers.count == 80)
        let books = try await first.exchange.books()
        #expect(Set(numbers) == Set(books.orders.map(\.order.brokerOrderID.text)))
        #expect(Set(numbers).count == 80)
        #expect(books.executions.count == 80)
        #expect(Set(books.executions.map(\.execution.executionID)).count == 80)
        #expect(books.cash[0].balance.description == "991960")
    }

    @Test("Young orders and executions stay out of lists that call themselves complete")
    func visibilityDelay() async throws {
        let bench = try Bench(change: { $0.visibilityDelay = .seconds(3) })
        await bench.submit(.buy, 100)
        let early = try await bench.exchange.orders(since: try at("14:30"))
        #expect(early.items.isEmpty && early.isComplete)
        #expect(try await bench.exchange.executions(since: try at("14:30")).items.isEmpty)
        bench.clock.set(try at("14:35:05"))
        // Also to whoever asks for what is new since his last look, when they were still hidden.
        #expect(try await bench.exchange.orders(since: try at("14:35:04")).items.count == 1)
        #expect(try await bench.exchange.executions(since: try at("14:35:04")).items.count == 1)
        #expect(try await bench.exchange.executions(since: try at("14:35:06")).items.isEmpty)
    }

    @Test("An exchange that knows no client order ids neither lists nor stores them")
    func unknownClientIDs() async throws {
        let bench = try Bench(change: { $0.knowsClientOrderIDs = false })
        await bench.submit(.buy, 100, id: "secret-tag")
        #expect(try await bench.exchange.orders(since: try at("14:30")).items[0].clientOrderID == nil)
        #expect(try await bench.exchange.executions(since: try at("14:30")).items[0].clientOrderID == nil)
        let stored = try await DatabaseQueue(path: bench.path).read { db in
            try Int.fetchOne(db, sql: "SELECT count(client_order_id) FROM orders") ?? -1
        }
        #expect(stored == 0)
        let knowing = try Bench()
        await knowing.submit(.buy, 100, id: "tag")
        #expect(
            try await knowing.exchange.orders(since: try at("14:30")).items[0].clientOrderID == ClientOrderID("tag"))
        #expect(try await knowing.exchange.executions(since: try at("14:30")).items[0].clientOrderID?.text == "tag")
    }

    @Test("A clock that goes backwards changes nothing, and orders never precede what is booked")
    func clockBackwards() async throws {
        let bench = try Bench()
        await bench.submit(.buy, 1500)
        _ = try await bench.fills(by: "14:46:00")
        let books = try await bench.exchange.books()
        bench.clock.set(try at("14:31:00"))
        let later = try await bench.exchange.books()
        #expect(later.orders == books.orders && later.executions == books.executions && later.cash == books.cash)
        // The range of the bar that closed at 14:45 was the last thing to be booked.
        #expect(await bench.submit(.buy, 1) == .acknowledged(BrokerOrderID("0000000002"), at: try at("14:45:00")))
    }

    @Test("A list since a time holds what changed since then and what is open")
    func since() async throws {
        let bench = try Bench()
        await bench.submit(.buy, 100)
        await bench.submit(.buy, 100, try limit("90"))
        bench.clock.set(try at("14:41:00"))
        await bench.submit(.buy, 100)
        let orders = try await bench.exchange.orders(since: try at("14:40")).items
        #expect(orders.map(\.brokerOrderID.text) == ["0000000002", "0000000003"])
        #expect(orders.map(\.status) == [.working, .filled])
        #expect(try await bench.exchange.executions(since: try at("14:40")).items.count == 1)
    }

    @Test("A fill that a late bar brings is listed to whoever asks since his last look")
    func lateFillIsListed() async throws {
        let bench = try Bench(hidesProgress: true)
        await bench.submit(.buy, 100)
        bench.clock.set(try at("14:40:05"))
        let since = try at("14:38")
        #expect(try await bench.exchange.executions(since: since).items.map(\.filledAt) == [try at("14:35:02")])
        #expect(try await bench.exchange.orders(since: since).items.map(\.status) == [.filled])
    }

    @Test("Lost requests and lost answers are both unknown to the caller; only the second are on the book")
    func lostAnswers() async throws {
        let bench = try Bench(change: { $0.faults = [.dropBeforeAccept(1), .dropAfterAccept(3)] })
        let outcomes = await bench.exchange.submit((1...3).map { bench.request(.buy, $0) })
        #expect(outcomes.map(code) == ["unknown", "acknowledged", "unknown"])
        #expect(try await bench.exchange.books().orders.map(\.order.quantity) == [Quantity(2), Quantity(3)])
        // The count goes on in another instance.
        let next = try Bench(path: bench.path, change: { $0.faults = [.dropBeforeAccept(4)] })
        #expect(code(await next.submit(.buy, 4)) == "unknown")
    }

    @Test("Faulty lists say that they are incomplete, and executions may come twice")
    func faultyLists() async throws {
        let bench = try Bench(change: { $0.faults = [.incompleteSnapshot, .duplicateExecutions] })
        for _ in 0..<4 { await bench.submit(.buy, 1) }
        let orders = try await bench.exchange.orders(since: try at("14:30"))
        #expect(orders.items.count == 2 && !orders.isComplete)
        let executions = try await bench.exchange.executions(since: try at("14:30"))
        #expect(
            executions.items.map(\.executionID.text) == ["E0000000001", "E0000000001", "E0000000002", "E0000000002"])
    }

    @Test("Reset opens new books, and numbers go on")
    func reset() async throws {
        let bench = try Bench()
        await bench.submit(.buy, 100)
        try await bench.exchange.reset()
        let books = try await bench.exchange.books()
        #expect(books.orders.isEmpty && books.executions.isEmpty && books.positions.isEmpty)
        #expect(books.cash.map(\.balance.description) == ["1000000"])
        #expect(books.activities.map(\.kind) == [.deposit(Money(FixedPoint(1_000_000), .usd))])
        await bench.submit(.buy, 100)
        let after = try await bench.exchange.books()
        #expect(after.orders[0].order.brokerOrderID.text == "0000000002")
        #expect(after.executions[0].execution.executionID.text == "E0000000002")
        #expect(after.activities[0].id == "A0000000002")
    }

    @Test("Books that nobody has used open at an earlier clock; used ones do not")
    func replayOnFreshFile() async throws {
        let bench = try Bench(now: "2026-11-24 15:00")
        let replay = try Bench(path: bench.path)
        #expect(try await replay.exchange.books().openedAt == (try at("14:35:02")))
        await replay.submit(.buy, 100)
        #expect(try await Bench(now: "14:30:00", path: bench.path).exchange.books().openedAt == (try at("14:35:02")))
    }

    @Test("Several processes may create the file at the same moment")
    func creation() async throws {
        let path = try Bench().path + "-fresh"
        let balances = try await withThrowingTaskGroup(of: [Money].self) { group in
            for _ in 0..<8 { group.addTask { try await Bench(path: path).exchange.cash().items } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(balances == Array(repeating: [Money(FixedPoint(1_000_000), .usd)], count: 8))
    }

    @Test("A cancelled caller does not break a submission in two")
    func cancelledTask() async throws {
        let bench = try Bench()
        let outcomes = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await bench.exchange.submit([bench.request(.buy, 1), bench.request(.buy, 1)])
        }.value
        let count = try await bench.exchange.books().orders.count
        #expect(outcomes.map(code) == (count == 2 ? ["acknowledged", "acknowledged"] : ["not-sent", "not-sent"]))
    }

    @Test("The books survive the process")
    func persistence() async throws {
        let bench = try Bench()
        await bench.submit(.buy, 100)
        await bench.submit(.buy, 100, try stopLimit("102.5", "102.8"))
        bench.clock.set(try at("14:40:01"))
        let before = try await bench.exchange.books()
        let again = try await Bench(now: "14:40:01", path: bench.path).exchange.books()
        #expect(before == again)
        // The touched stop is remembered.
        #expect(try await Bench(path: bench.path).fills(by: "14:50:00").last == "100@102.8 14:44:59")
    }

    @Test("Books of the first version are brought to the second whole, and go on from there")
    func firstVersion() async throws {
        let bench = try Bench()
        await bench.submit(.buy, 1500, id: "a")
        await bench.submit(.buy, 100, try stopLimit("102.5", "102.8"), id: "b")
        bench.clock.set(try at("14:40:01"))
        let before = try await bench.exchange.books()
        var raw = Configuration()
        raw.foreignKeysEnabled = false
        // The tables as the first version had them.
        try await DatabaseQueue(path: bench.path, configuration: raw).write { db in
            try db.execute(
                sql: """
                    CREATE TABLE old (
                        number INTEGER PRIMARY KEY, client_order_id TEXT, symbol TEXT NOT NULL,
                        side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
                        type TEXT NOT NULL CHECK (type IN ('market', 'limit', 'stop', 'stop-limit')), limit_price TEXT,
                        stop_price TEXT, quantity TEXT NOT NULL, filled_quantity TEXT NOT NULL,
                        time_in_force TEXT NOT NULL CHECK (time_in_force IN ('day', 'gtc', 'ioc')), status TEXT NOT NULL,
                        placed_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, expires_at INTEGER,
                        finished_at INTEGER, is_triggered INTEGER NOT NULL CHECK (is_triggered IN (0, 1)),
                        reserve_price TEXT NOT NULL, fee_day INTEGER, fee_quantity TEXT NOT NULL,
                        fee_value TEXT NOT NULL, fee_charged TEXT NOT NULL, message TEXT
                    ) STRICT;
                    INSERT INTO old SELECT number, client_order_id, symbol, side, type, limit_price, stop_price, quantity,
                        filled_quantity, time_in_force, status, placed_at, updated_at, expires_at, finished_at,
                        is_triggered, reserve_price, fee_day, fee_quantity, fee_value, fee_charged, message FROM orders;
                    DROP TABLE orders;
                    ALTER TABLE old RENAME TO orders;
                    CREATE INDEX orders_open ON orders (symbol) WHERE status IN ('working', 'partially-filled');
                    CREATE INDEX orders_updated ON orders (updated_at);
                    PRAGMA user_version = 1;
                    """)
        }
        let after = try Bench(now: "14:40:01", path: bench.path)
        #expect(try await after.exchange.books() == before)
        #expect(before.executions.count == 2 && before.orders.count == 2)
        #expect(code(await after.submit(.sell, 10, .trailingStop(.amount(Price(1))), id: "c")) == "acknowledged")
        #expect(try await after.fills(by: "14:50:00").count == 4)
        let violations = try await DatabaseQueue(path: bench.path).read { db in
            try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count
        }
        #expect(violations == 0)
    }

    @Test("A second account and a newer file are refused")
    func wrongFiles() async throws {
        let bench = try Bench()
        #expect(
            throws: PaperError.otherAccount(path: bench.path, stored: AccountID("PAPER"), configured: AccountID("B"))
        ) {
            try Bench(path: bench.path, change: { $0.account = AccountID("B") })
        }
        try await DatabaseQueue(path: bench.path).write { db in try db.execute(sql: "PRAGMA user_version = 99") }
        #expect(throws: PaperError.newerDatabase(path: bench.path)) { try Bench(path: bench.path) }
        #expect(throws: PaperError.self) { try Bench(path: "/nowhere/at/all/paper.sqlite") }
    }

    @Test("Without bars nothing is sent and lists fail; the caller knows that nothing happened")
    func brokenFeed() async throws {
        let bench = try Bench()
        await bench.submit(.buy, 100, try limit("90"))
        let broken = PaperBroker(
            try PaperExchange(
                path: bench.path, configuration: bench.exchange.configuration, feed: BrokenFeed(),
                market: WeekdayMarket(),
                clock: bench.clock))
        #expect(code(await broken.submit([bench.request(.buy, 1)])[0]) == "not-sent")
        await #expect(throws: BrokerError.self) { try await broken.orders(since: try at("14:30")) }
        #expect(try await bench.exchange.books().orders.count == 1)
    }

    @Test("Failpoints stand before and after every commit")
    func failpoints() async throws {
        let hits = Mutex<[Failpoint]>([])
        let bench = try Bench(failpoints: Failpoints { point in hits.withLock { $0.append(point) } })
        await bench.submit(.buy, 1500)
        try await bench.exchange.advance(to: try at("14:40:00"))
        try await bench.exchange.advance(to: try at("14:40:00"))
        #expect(hits.withLock { $0 } == [.paperBeforeAccept, .paperAfterAccept, .paperBeforeMatch, .paperAfterMatch])
    }

    @Test("The broker states what the exchange can do")
    func capabilities() throws {
        let broker = PaperBroker(
            try Bench(change: {
                $0.knowsClientOrderIDs = false
                $0.visibilityDelay = .seconds(2)
            }).exchange)
        #expect(broker.id == .paper && broker.account == AccountID("PAPER"))
        #expect(!broker.capabilities.listsClientOrderIDs && !broker.capabilities.allowsShort)
        #expect(broker.capabilities.visibilityDelay == .seconds(2))
    }
}
