import Core
import Ledger
import Testing

/// The twenty shared books. What does not end is compared at 10^-9 against the exact amounts (the fixture's rule); the
/// rounded amounts, whose grid is 10^-8, against half a step of that grid.
@Suite struct SharedCaseTests {
    @Test("The fixture is there and whole") func fixture() { #expect(SharedCase.all.count == 20) }

    @Test("Every shared book comes out as two independent programs computed it", arguments: SharedCase.all)
    func book(shared: SharedCase) throws {
        let ledger = try Ledger.fold(shared.entries())
        let marks = try shared.marks(ledger)
        try money(ledger, shared.expected)
        try positions(ledger, marks, shared.expected)
        try unified(ledger, marks, shared.expected)
        try base(ledger, marks, shared)
    }

    @Test("Entry by entry gives the same books as a fold over all", arguments: SharedCase.all)
    func incremental(shared: SharedCase) throws {
        let entries = try shared.entries()
        var ledger = Ledger()
        for entry in entries { try ledger.apply(entry) }
        #expect(try ledger == Ledger.fold(entries))
    }

    private func same(_ actual: PreciseAmount, _ expected: JSONValue?, _ what: String) throws {
        let difference = try picos(actual.description) - picos(text(expected))
        #expect(difference.magnitude <= 1000, "\(what): \(actual), expected \(text(expected))")
        let rounded = try picos(actual.rounded.description) - picos(text(expected))
        #expect(rounded.magnitude <= 5000, "\(what) rounded: \(actual.rounded), expected \(text(expected))")
    }

    private func money(_ ledger: Ledger, _ expected: JSONValue) throws {
        let tables: [(String, [Currency: PreciseAmount])] = [
            ("cash", try ledger.cashByCurrency()), ("fees", try ledger.fees()), ("taxes", try ledger.taxes()),
            ("dividends_net", try ledger.dividends()),
        ]
        for (name, table) in tables {
            let wanted = members(expected[name])
            #expect(table.count == wanted.count, "\(name)")
            for (code, amount) in wanted {
                try same(table[currency(.string(code))] ?? .zero, amount, "\(name) \(code)")
            }
        }
    }

    private func positions(_ ledger: Ledger, _ marks: Marks, _ expected: JSONValue) throws {
        let wanted = expected["positions"]?.arrayValue ?? []
        #expect(ledger.positions.count == wanted.count)
        for row in wanted {
            let symbol = Symbol(text(row["symbol"]))
            let broker = BrokerID(text(row["broker"]))
            let position = try #require(ledger.position(symbol, broker: broker, account: AccountID("1")))
            let price = try #require(marks.price(of: position)?.price)
            #expect(position.quantity.description == text(row["qty"]))
            #expect(price.description == text(row["last"]))
            #expect(position.currency.code == text(row["currency"]))
            try same(position.exactAverageCost, row["average"]?["avg_cost"], "average cost")
            try same(position.exactRealisedAverage, row["average"]?["realised"], "realised, average")
            try same(position.exactRealisedFIFO, row["fifo"]?["realised"], "realised, FIFO")
            try same(position.unrealised(at: price, .average), row["average"]?["unrealised"], "unrealised, average")
            try same(position.unrealised(at: price, .fifo), row["fifo"]?["unrealised"], "unrealised, FIFO")
            let lots = row["fifo"]?["lots"]?.arrayValue ?? []
            #expect(position.lots.map(\.quantity.description) == lots.map { text($0["qty"]) })
            #expect(position.lots.map(\.price.description) == lots.map { text($0["price"]) })
        }
    }

    private func unified(_ ledger: Ledger, _ marks: Marks, _ expected: JSONValue) throws {
        let rows = try ledger.unified
        let wanted = expected["unified"]?.arrayValue ?? []
        #expect(rows.map(\.symbol.text) == wanted.map { text($0["symbol"]) })
        for (row, wanted) in zip(rows, wanted) {
            let price = try #require(row.parts.first.flatMap { marks.price(of: $0) }?.price)
            #expect(row.quantity.description == text(wanted["qty"]))
            try same(row.marketValue(at: price), wanted["market_value"], "market value")
            try same(row.realisedAverage, wanted["realised_average"], "realised, average")
            try same(row.realisedFIFO, wanted["realised_fifo"], "realised, FIFO")
            try same(row.unrealised(at: price, .average), wanted["unrealised_average"], "unrealised, average")
            try same(row.unrealised(at: price, .fifo), wanted["unrealised_fifo"], "unrealised, FIFO")
        }
    }

    private func base(_ ledger: Ledger, _ marks: Marks, _ shared: SharedCase) throws {
        let wanted = try #require(shared.expected["base"])
        let portfolio = try Portfolio.value(ledger, marks)
        let totals = try BaseTotals(ledger, rates: shared.rates())
        #expect(portfolio.isComplete)
        try same(totals.realisedAverage, wanted["realised_average"], "realised, average")
        try same(totals.realisedFIFO, wanted["realised_fifo"], "realised, FIFO")
        try same(totals.feesAndTaxes, wanted["fees_and_taxes"], "fees and taxes")
        try same(totals.dividends, wanted["dividends_net"], "dividends")
        try same(totals.paidIn, wanted["paid_in"], "paid in")
        try near(portfolio.equity, wanted["equity"])
        try near(portfolio.unrealised, wanted["unrealised_average"])
        try near(portfolio.unrealisedFIFO, wanted["unrealised_fifo"])
        try near(totals.totalProfit(portfolio), wanted["total_pnl"])
    }

    private func near(_ actual: Money, _ expected: JSONValue?) throws {
        let difference = try picos(actual.amount.description) - picos(text(expected))
        #expect(difference.magnitude <= 5000, "\(actual), expected \(text(expected))")
    }
}

@Suite struct LedgerTests {
    @Test("A fill reported twice is booked once, and the first report counts")
    func duplicates() throws {
        let first = Entry.fill("a", .buy, "10", "100", at: 20, sequence: 1)
        let again = Entry.fill("a", .buy, "99", "7", at: 10, sequence: 2)
        let ledger = try Ledger.fold([again, first])
        #expect(ledger.positions.first?.quantity == Quantity(10))
        #expect(ledger.events.count == 1)
        var incremental = Ledger()
        try incremental.apply(again)
        try incremental.apply(first)
        #expect(incremental == ledger)
    }

    @Test("The same execution id in two accounts is two executions")
    func accounts() throws {
        let ledger = try Ledger.fold([
            Entry.fill("a", .buy, "10", "100", at: 1, sequence: 1, account: "1"),
            Entry.fill("a", .buy, "10", "100", at: 1, sequence: 2, account: "2"),
        ])
        #expect(ledger.positions.count == 2)
        #expect(ledger.accounts == [AccountKey(.paper, AccountID("1")), AccountKey(.paper, AccountID("2"))])
        #expect(
            try Portfolio.value(ledger, Entry.marks("120"), account: ledger.accounts[0]).grossExposure.amount
                == FixedPoint(1200))
    }

    @Test("A dividend that is taken back takes the tax withheld from it back too; who is short never had any")
    func dividendTakenBack() throws {
        for (side, first) in [(Side.buy, "40"), (.sell, "-50")] {
            let entries = [Entry.fill("a", side, "100", "10", at: 1, sequence: 1)]
            func dividend(_ perShare: String, _ sequence: Int) throws -> LedgerEntry {
                LedgerEntry(
                    broker: entries[0].broker, account: entries[0].account, at: entries[0].at.advanced(bySeconds: 60),
                    sequence: sequence,
                    fact: .dividend(
                        Symbol("NVDA"), perShare: try FixedPoint(perShare), taxRate: Fraction(try FixedPoint("0.2")),
                        .usd))
            }
            let paid = try Ledger.fold(entries + [dividend("0.5", 2)])
            #expect(try paid.dividends()[.usd]?.rounded == FixedPoint(first))
            let back = try Ledger.fold(entries + [dividend("0.5", 2), dividend("-0.5", 3)])
            #expect(try back.dividends()[.usd]?.rounded ?? .zero == .zero)
            #expect(try back.withheldTaxes()[.usd]?.rounded ?? .zero == .zero)
        }
    }

    @Test("A bust counts even when it arrives before its fill")
    func bustFirst() throws {
        let bust = Entry.bust("a", at: 1, sequence: 1)
        var ledger = Ledger()
        try ledger.apply(bust)
        try ledger.apply(Entry.fill("a", .buy, "10", "100", at: 2, sequence: 2))
        #expect(ledger.positions.isEmpty && ledger.events.isEmpty)
    }

    @Test("An overflow throws, names the entry and leaves the books as they were")
    func overflow() throws {
        var ledger = Ledger()
        try ledger.apply(Entry.fill("a", .buy, "10", "100", at: 1, sequence: 1))
        let before = ledger
        let huge = Entry.fill("b", .buy, "900000000000000000", "900000000000000000", at: 2, sequence: 2)
        #expect(throws: LedgerError.self) { try ledger.apply(huge) }
        #expect(ledger == before)
        #expect(throws: LedgerError.self) { try Ledger.fold([huge]) }
        let limit = Entry.fill("c", .sell, "1000000000000000000", "1", at: 3, sequence: 3)
        try ledger.apply(limit)
        let full = ledger
        let more = Entry.fill("d", .sell, "1000000000000000000", "1", at: 4, sequence: 4)
        #expect(throws: LedgerError.self) { try ledger.apply(more) }
        #expect(ledger == full)
    }

    @Test("A position never changes its currency, and its multiplier only when flat")
    func contradictions() throws {
        var ledger = try Ledger.fold([Entry.fill("a", .buy, "1", "100", at: 1, sequence: 1)])
        let won = LedgerEntry(
            broker: .paper, account: AccountID("1"), at: Instant(epochSeconds: 2), sequence: 2,
            fact: .openingPosition(
                Entry.symbol, Quantity(1), averageCost: Price(1), paidIn: Price(1), multiplier: .one, .krw))
        #expect(throws: LedgerError.currencyChanged(Entry.symbol, held: .usd, entry: .krw, sequence: 2)) {
            try ledger.apply(won)
        }
        let fifty = Entry.fill("b", .sell, "1", "100", at: 3, sequence: 3, multiplier: "50")
        #expect(throws: LedgerError.multiplierChanged(Entry.symbol, held: .one, entry: FixedPoint(50), sequence: 3)) {
            try ledger.apply(fifty)
        }
        try ledger.apply(Entry.fill("c", .sell, "1", "100", at: 4, sequence: 4))
        try ledger.apply(Entry.fill("d", .buy, "2", "100", at: 5, sequence: 5, multiplier: "50"))
        #expect(try ledger.positions[0].unrealised(at: Price(101), .average) == PreciseAmount(FixedPoint(100)))
    }

    @Test("A quantity that is not positive is refused") func badQuantity() {
        #expect(throws: LedgerError.self) { try Ledger.fold([Entry.fill("a", .buy, "0", "1", at: 1, sequence: 1)]) }
        #expect(throws: LedgerError.self) { try Ledger.fold([Entry.fill("a", .buy, "-1", "1", at: 1, sequence: 1)]) }
    }

    @Test("Realised profit can be asked for since an instant, and activity is a cash bridge")
    func since() throws {
        let ledger = try Ledger.fold([
            Entry.deposit("10000", at: 0, sequence: 0),
            Entry.fill("a", .buy, "10", "100", at: 10, sequence: 1, fee: "1"),
            Entry.fill("b", .sell, "5", "110", at: 20, sequence: 2, fee: "1", tax: "0.5"),
            Entry.fill("c", .sell, "5", "120", at: 30, sequence: 3),
        ])
        #expect(try ledger.realised(since: Instant(epochSeconds: 21))[.usd] == PreciseAmount(FixedPoint(100)))
        #expect(try ledger.realised(since: Instant(epochSeconds: 20))[.usd] == PreciseAmount(FixedPoint(150)))
        #expect(try ledger.realised(since: Instant(epochSeconds: 31)).isEmpty)
        let activity = try #require(try ledger.activity(from: Instant(epochSeconds: 10))[.usd])
        let bridge = try activity.trades - activity.fees - activity.taxes + activity.dividends + activity.conversions
        let start = try ledger.activity(from: nil, until: Instant(epochSeconds: 10))[.usd]?.deposits ?? .zero
        #expect(try start + bridge == ledger.cash(.usd))
        #expect(activity.fills == 3)
    }

    @Test("An opening position is a lot at its average cost and counts as paid in at what it was worth")
    func openingPosition() throws {
        let opening = LedgerEntry(
            broker: .paper, account: AccountID("1"), at: Instant(epochSeconds: 1), sequence: 1,
            fact: .openingPosition(
                Entry.symbol, Quantity(10), averageCost: Price(90), paidIn: Price(95), multiplier: .one, .usd))
        let ledger = try Ledger.fold([opening, Entry.fill("a", .sell, "4", "100", at: 2, sequence: 2)])
        let position = try #require(ledger.positions.first)
        #expect(position.quantity == Quantity(6) && position.averageCost == Price(90))
        #expect(position.realisedAverage == Money(FixedPoint(40), .usd))
        #expect(try ledger.paidIn()[.usd] == PreciseAmount(FixedPoint(950)))
        #expect(try ledger.cash(.usd) == PreciseAmount(FixedPoint(400)))
    }

    @Test("A reverse split that leaves thirds keeps lots, position and cost together")
    func thirds() throws {
        let split = LedgerEntry(
            broker: .paper, account: AccountID("1"), at: Instant(epochSeconds: 9), sequence: 9,
            fact: .split(Entry.symbol, new: 1, old: 3, cashInLieuPrice: nil))
        let ledger = try Ledger.fold([
            Entry.fill("a", .buy, "100", "1", at: 1, sequence: 1),
            Entry.fill("b", .buy, "100", "2", at: 2, sequence: 2), split,
        ])
        let position = try #require(ledger.positions.first)
        #expect(position.quantity.description == "66.66666667")
        let lots = try position.lots.reduce(Quantity.zero) { try $0 + $1.quantity }
        #expect(lots == position.quantity)
        #expect(position.cost == PreciseAmount(FixedPoint(300)) && position.costFIFO == position.cost)
    }

    @Test("Twenty-five thousand fills are folded without quadratic work") func speed() throws {
        let entries = Entry.random(count: 25_000, seed: 7)
        let clock = ContinuousClock()
        let elapsed = try clock.measure { _ = try Ledger.fold(entries) }
        // The release build needs some 20 ms; the bound only has to tell linear from quadratic in a debug build.
        #expect(elapsed < .seconds(10))
    }
}
