import Core
import GRDB
import Synchronization
import Testing

@testable import Store

@Suite("Fills and ledger events")
struct FillsTableTests {
    private let account = AccountID("A1")

    @Test("A fill reported twice is booked once, also when the second report rounds its time")
    func twice() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { writer throws in
            #expect(try writer.insertFill(.fixture()))
            #expect(try !writer.insertFill(.fixture()))
            #expect(try !writer.insertFill(.fixture(at: 1)))
            #expect(try writer.fills() == [.fixture()])
            #expect(try writer.currentSequence() == 1)
        }
    }

    @Test("A known fill with another price is a conflict; the first report stays")
    func conflict() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { try $0.insertFill(.fixture(price: 100)) }
        #expect(throws: StoreError.self) {
            try database.write(durable: true) { try $0.insertFill(.fixture(price: 101)) }
        }
        #expect(try database.read { try $0.fills().map(\.price) } == [Price(100)])
    }

    @Test("Costs are added to a fill that has none, once, and reach the ledger")
    func lateCosts() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        func book(_ fee: Int, _ writer: StoreWriter, _ id: String = "E1") throws -> Bool {
            try writer.bookCosts(
                broker: .paper, account: account, executionID: ExecutionID(id), fee: FixedPoint(fee), tax: .one)
        }
        try database.write(durable: true) { writer throws in
            let costless = Fill.fixture(fee: .zero)
            try writer.insertFill(costless)
            #expect(try book(2, writer))
            #expect(try !book(3, writer))
            let fill = try #require(try writer.fills().first)
            #expect((fill.fee, fill.tax) == (FixedPoint(2), .one))
            guard case .fill(_, _, _, _, _, _, let fee, let tax, _)? = try writer.ledgerEntries().first?.fact else {
                Issue.record("no fill in the ledger")
                return
            }
            #expect((fee, tax) == (FixedPoint(2), .one))
            #expect(throws: StoreError.self) { try book(2, writer, "E9") }
        }
    }

    @Test("A busted fill stays on record but leaves the ledger")
    func bust() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { writer throws in
            try writer.insertFill(.fixture())
            #expect(try writer.ledgerEntries().count == 1)
            #expect(try writer.insertFill(.fixture(price: 1, isBusted: true)))
            #expect(try !writer.bustFill(broker: .paper, account: account, executionID: ExecutionID("E1")))
            #expect(try !writer.insertFill(.fixture()))
            #expect(try writer.ledgerEntries() == [])
            #expect(try writer.fills(ListFilter(states: ["busted"])).count == 1)
            #expect(try writer.fills(ListFilter(states: ["booked"])) == [])
            #expect(throws: StoreError.self) {
                try writer.bustFill(broker: .paper, account: account, executionID: ExecutionID("E9"))
            }
        }
    }

    @Test("A symbol was last traded by its newest fill that stands")
    func lastTrade() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { writer throws in
            #expect(try writer.lastTradeAt(.nvda) == nil)
            try writer.insertFill(.fixture("E1", at: 0))
            try writer.insertFill(.fixture("E2", at: 60, isBusted: true))
            #expect(try writer.lastTradeAt(.nvda) == .fixture)
            try writer.insertFill(.fixture("E3", at: 30))
            #expect(try writer.lastTradeAt(.nvda) == Instant.fixture.advanced(bySeconds: 30))
            #expect(try writer.lastTradeAt(Symbol("PLTR")) == nil)
        }
    }

    @Test("The ledger's entries come by time, then by arrival, with the instrument's multiplier")
    func entries() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { writer throws in
            #expect(try !writer.hasAccount(.paper, account))
            try writer.insertFill(.fixture("E2", at: 60), multiplier: FixedPoint(50))
            try writer.insertFill(.fixture("E1", at: 0))
            #expect(
                try writer.appendLedgerEvent(
                    broker: .paper, account: account, at: .fixture, fact: .deposit(Money(.one, .usd)), externalID: "d"))
            #expect(try writer.hasAccount(.paper, account))
            let entries = try writer.ledgerEntries()
            #expect(entries.map(\.sequence) == [2, 3, 1])
            guard case .fill(let id, .nvda, .buy, _, _, let multiplier, _, _, .usd) = entries[2].fact else {
                Issue.record("no fill")
                return
            }
            #expect(id.text == "E2")
            #expect(multiplier == FixedPoint(50))
            #expect(try writer.ledgerEntries(broker: BrokerID("kis")) == [])
        }
    }

    private static let facts: [LedgerEntry.Fact] = [
        .deposit(Money(FixedPoint(-5), .krw)),
        .openingPosition(
            .nvda, Quantity(-3), averageCost: Price(7), paidIn: Price(7), multiplier: FixedPoint(50), .usd),
        .dividend(
            .nvda, perShare: FixedPoint(int64Units: 1_000_000), taxRate: Fraction(FixedPoint(int64Units: 15)), .usd),
        .split(.nvda, new: 10, old: 1, cashInLieuPrice: nil),
        .split(.nvda, new: 1, old: 3, cashInLieuPrice: Price(9)),
        .conversion(from: Money(.one, .usd), to: Money(FixedPoint(1300), .krw)),
        .transfer(.nvda, Quantity(20), averageCost: Price(11), paidIn: .zero, multiplier: .one, .usd),
        .adjustment(Money(FixedPoint(-7), .usd)),
        .valuation(.nvda, Money(FixedPoint(-3), .usd)),
    ]

    @Test("Every event comes back as it was booked, once per external id", arguments: facts)
    func events(fact: LedgerEntry.Fact) throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { writer throws in
            func append(_ fact: LedgerEntry.Fact) throws -> Bool {
                try writer.appendLedgerEvent(
                    broker: .paper, account: account, at: .fixture, fact: fact, externalID: "x")
            }
            #expect(try append(fact))
            #expect(try !append(fact))
            #expect(try writer.ledgerEntries().map(\.fact) == [fact])
            #expect(throws: StoreError.self) { try append(.deposit(Money(FixedPoint(99), .usd))) }
            #expect(throws: StoreError.self) { try append(.bust(ExecutionID("E1"))) }
        }
    }

    @Test("The last fill of a symbol is found by its index, without reading the others")
    func lastOfSymbol() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { writer throws in
            for number in 0..<50 { try writer.insertFill(.fixture("E\(number)", at: Int64(number))) }
        }
        let asked = Mutex<[String]>([])
        let plan = try database.read { reader throws in
            reader.db.trace { event in asked.withLock { $0.append("\(event.expandedDescription)") } }
            #expect(try reader.fills(ListFilter(symbol: .nvda, limit: 1)).map(\.executionID) == [ExecutionID("E49")])
            reader.db.trace()
            let query = try #require(asked.withLock { $0.last { $0.hasPrefix("SELECT * FROM fills") } })
            return try Row.fetchAll(reader.db, sql: "EXPLAIN QUERY PLAN " + query).map { $0["detail"] as String }
        }
        #expect(plan.first == "SEARCH fills USING INDEX fills_by_symbol (symbol=?)", "\(plan)")
        #expect(!plan.contains { $0.hasPrefix("SCAN") || $0 == "USE TEMP B-TREE FOR ORDER BY" }, "\(plan)")
    }
}
