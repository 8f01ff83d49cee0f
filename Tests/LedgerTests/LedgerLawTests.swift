import Core
import Ledger
import Testing

/// Builders with defaults, and random books.
enum Entry {
    static let symbol = Symbol("NVDA")

    static func fill(
        _ execution: String, _ side: Side, _ quantity: String, _ price: String, at second: Int64, sequence: Int,
        symbol: Symbol = Entry.symbol, account: String = "1", fee: String = "0", tax: String = "0",
        multiplier: String = "1"
    ) -> LedgerEntry {
        func value(_ text: String) -> FixedPoint { (try? FixedPoint(text)) ?? .zero }
        return LedgerEntry(
            broker: .paper, account: AccountID(account), at: Instant(epochSeconds: second), sequence: sequence,
            fact: .fill(
                ExecutionID(execution), symbol, side, quantity: Quantity(value(quantity)), price: Price(value(price)),
                multiplier: value(multiplier), fee: value(fee), tax: value(tax), .usd))
    }

    static func bust(_ execution: String, at second: Int64, sequence: Int) -> LedgerEntry {
        LedgerEntry(
            broker: .paper, account: AccountID("1"), at: Instant(epochSeconds: second), sequence: sequence,
            fact: .bust(ExecutionID(execution)))
    }

    static func deposit(_ amount: String, at second: Int64, sequence: Int) -> LedgerEntry {
        LedgerEntry(
            broker: .paper, account: AccountID("1"), at: Instant(epochSeconds: second), sequence: sequence,
            fact: .deposit(Money((try? FixedPoint(amount)) ?? .zero, .usd)))
    }

    static func marks(_ price: String) throws -> Marks {
        var marks = Marks(base: .usd)
        marks.set(symbol, price: try Price(price), asOf: Instant(epochSeconds: 0))
        return marks
    }

    /// Fills of three symbols in two accounts, with a few splits, dividends, duplicates and busts.
    static func random(count: Int, seed: UInt64) -> [LedgerEntry] {
        var random = SeededGenerator(seed: seed)
        var entries: [LedgerEntry] = []
        for index in 0..<count {
            let symbol = Symbol(["NVDA", "005930", "SPY"][Int.random(in: 0..<3, using: &random)])
            let account = ["1", "2"][Int.random(in: 0..<2, using: &random)]
            let second = Int64(index / 2)
            let roll = Int.random(in: 0..<200, using: &random)
            let duplicate = roll == 0 && index > 0
            let execution = duplicate ? "x\(Int.random(in: 0..<index, using: &random))" : "x\(index)"
            func decimal(_ range: ClosedRange<Int>) -> String {
                (try? FixedPoint(units: Int128(Int.random(in: range, using: &random)) * 10_000))?.description ?? "1"
            }
            let key = (BrokerID.paper, AccountID(account), Instant(epochSeconds: second))
            let fact: LedgerEntry.Fact? =
                switch roll {
                case 1: .split(symbol, new: 2, old: 1, cashInLieuPrice: nil)
                case 2: .split(symbol, new: 1, old: 2, cashInLieuPrice: Price(50))
                case 3: .dividend(symbol, perShare: .one, taxRate: Fraction(.zero), .usd)
                case 4: .bust(ExecutionID("x\(Int.random(in: 0...index, using: &random))"))
                default: nil
                }
            if let fact {
                entries.append(LedgerEntry(broker: key.0, account: key.1, at: key.2, sequence: index, fact: fact))
            } else {
                entries.append(
                    fill(
                        execution, Bool.random(using: &random) ? .buy : .sell, decimal(1...1_000_000),
                        decimal(100_000...3_000_000), at: second, sequence: index, symbol: symbol, account: account,
                        fee: decimal(0...9999)))
            }
        }
        return entries
    }
}

@Suite struct LedgerLawTests {
    @Test("The order in which entries arrive does not change the books", arguments: 0..<20 as Range<UInt64>)
    func permutation(seed: UInt64) throws {
        let entries = Entry.random(count: 300, seed: seed)
        var random = SeededGenerator(seed: seed, stream: "shuffle")
        let ledger = try Ledger.fold(entries)
        #expect(try Ledger.fold(entries.shuffled(using: &random)) == ledger, "seed \(seed)")
        var incremental = Ledger()
        for entry in entries.shuffled(using: &random).prefix(120) { try incremental.apply(entry) }
        try incremental.apply(contentsOf: entries)
        // The 120 came twice; duplicates of deposits or splits would count twice, so compare with the same multiset.
        #expect(try incremental == Ledger.fold(incremental.entries.shuffled(using: &random)), "seed \(seed)")
    }

    @Test("Late entries lead to the same books as timely ones", arguments: 0..<6 as Range<UInt64>)
    func late(seed: UInt64) throws {
        let entries = Entry.random(count: 120, seed: seed)
        var random = SeededGenerator(seed: seed, stream: "late")
        var ledger = Ledger()
        for entry in entries.shuffled(using: &random) { try ledger.apply(entry) }
        #expect(try ledger == Ledger.fold(entries), "seed \(seed)")
    }

    @Test(
        "Realised and unrealised add up to market value less what was paid, under both methods",
        arguments: 0..<40 as Range<UInt64>)
    func identity(seed: UInt64) throws {
        let ledger = try Ledger.fold(Entry.random(count: 400, seed: seed))
        var random = SeededGenerator(seed: seed, stream: "price")
        for position in ledger.positions {
            let price = Price(try FixedPoint(units: Int128(Int.random(in: 1...100_000_000_000, using: &random))))
            let expected = try position.marketValue(at: price) - position.netPaid
            let average = try position.exactRealisedAverage + position.unrealised(at: price, .average)
            let fifo = try position.exactRealisedFIFO + position.unrealised(at: price, .fifo)
            // Exact to the last of sixteen digits, for costs are only ever moved, never dropped.
            #expect(average == expected && fifo == expected, "seed \(seed), \(position.symbol)")
            let lots = try position.lots.reduce(PreciseAmount.zero) { try $0 + $1.cost }
            #expect(lots == position.costFIFO, "seed \(seed), \(position.symbol)")
        }
    }

    @Test("A fill and its bust are nothing", arguments: 0..<10 as Range<UInt64>)
    func bust(seed: UInt64) throws {
        let entries = Entry.random(count: 100, seed: seed)
        let ledger = try Ledger.fold(entries)
        let fill = Entry.fill("busted", .sell, "3.5", "77", at: 20, sequence: 40, fee: "2")
        let with = try Ledger.fold(entries + [fill, Entry.bust("busted", at: 60, sequence: 500)])
        #expect(with.positions == ledger.positions && with.events == ledger.events, "seed \(seed)")
        #expect(try with.cashByCurrency() == ledger.cashByCurrency(), "seed \(seed)")
        var incremental = ledger
        try incremental.apply(fill)
        #expect(incremental.events != ledger.events)
        try incremental.apply(Entry.bust("busted", at: 60, sequence: 500))
        #expect(incremental.positions == ledger.positions, "seed \(seed)")
    }

    @Test("A fill split into parts leaves the same books but for its lots", arguments: 0..<20 as Range<UInt64>)
    func parts(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "parts")
        var whole: [LedgerEntry] = []
        var parted: [LedgerEntry] = []
        for index in 0..<60 {
            let side: Side = Bool.random(using: &random) ? .buy : .sell
            let first = Int.random(in: 1...50, using: &random)
            let second = Int.random(in: 1...50, using: &random)
            let price = "\(Int.random(in: 90...110, using: &random)).\(Int.random(in: 10...99, using: &random))"
            let at = Int64(index)
            whole.append(
                Entry.fill("\(index)", side, "\(first + second)", price, at: at, sequence: 2 * index, fee: "2"))
            parted.append(Entry.fill("\(index)a", side, "\(first)", price, at: at, sequence: 2 * index, fee: "1"))
            parted.append(Entry.fill("\(index)b", side, "\(second)", price, at: at, sequence: 2 * index + 1, fee: "1"))
        }
        let one = try #require(Ledger.fold(whole).positions.first)
        let two = try #require(Ledger.fold(parted).positions.first)
        #expect(one.quantity == two.quantity && one.cost == two.cost && one.costFIFO == two.costFIFO, "seed \(seed)")
        #expect(one.exactRealisedAverage == two.exactRealisedAverage, "seed \(seed)")
        #expect(one.exactRealisedFIFO == two.exactRealisedFIFO, "seed \(seed)")
        #expect(one.exactAverageCost == two.exactAverageCost, "seed \(seed)")
        #expect(try Ledger.fold(whole).cashByCurrency() == Ledger.fold(parted).cashByCurrency(), "seed \(seed)")
    }
}
