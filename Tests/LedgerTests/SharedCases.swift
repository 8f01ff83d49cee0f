import Core
import Ledger
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One book of `Fixtures/cases_shared_20.json`.
struct SharedCase: CustomTestStringConvertible, Sendable {
    let json: JSONValue
    var testDescription: String { "\(text(json["id"])): \(text(json["title"]))" }

    static let all: [SharedCase] = {
        guard let items = try? JSONValue(parsing: readFile(fixture("cases_shared_20.json"))).arrayValue else {
            return []
        }
        return items.map(SharedCase.init)
    }()

    var base: Currency { get throws { try currency(json["base_currency"]) } }
    var expected: JSONValue { json["expected"] ?? .null }

    /// The entries of the book, one per broker where an event concerns all of them.
    func entries() throws -> [LedgerEntry] {
        let events = json["events"]?.arrayValue ?? []
        let brokers = Set(events.compactMap { $0["broker"]?.stringValue }).sorted()
        let brokerOfExecution = Dictionary(
            events.compactMap { event in event["exec_id"].map { (text($0), event["broker"].map(text) ?? "") } },
            uniquingKeysWith: { first, _ in first })
        var entries: [LedgerEntry] = []
        let opening = Instant(epochSeconds: 0)
        func add(_ broker: String, _ at: Instant, _ fact: LedgerEntry.Fact) {
            entries.append(
                LedgerEntry(
                    broker: BrokerID(broker), account: AccountID("1"), at: at, sequence: entries.count, fact: fact))
        }
        for (code, amount) in members(json["opening_cash"]) {
            add(brokers[0], opening, .deposit(Money(try number(amount), try currency(.string(code)))))
        }
        for event in events {
            let at = try instant(event["ts"])
            switch text(event["type"]) {
            case "fill": add(text(event["broker"]), at, try fill(event))
            case "bust":
                let execution = text(event["exec_id"])
                add(brokerOfExecution[execution] ?? "", at, .bust(ExecutionID(execution)))
            case "deposit":
                let money = Money(try number(event["amount"]), try currency(event["currency"]))
                add(brokers[0], at, .deposit(money))
            case "convert":
                let from = Money(try number(event["from_amount"]), try currency(event["from_currency"]))
                let to = Money(try number(event["to_amount"]), try currency(event["to_currency"]))
                add(brokers[0], at, .conversion(from: from, to: to))
            case "dividend":
                for broker in brokers { add(broker, at, try dividend(event)) }
            case "split":
                for broker in brokers { add(broker, at, try split(event)) }
            default: break
            }
        }
        return entries
    }

    private func fill(_ event: JSONValue) throws -> LedgerEntry.Fact {
        .fill(
            ExecutionID(text(event["exec_id"])), Symbol(text(event["symbol"])),
            text(event["side"]) == "buy" ? .buy : .sell, quantity: Quantity(try number(event["qty"])),
            price: Price(try number(event["price"])), multiplier: .one, fee: try number(event["fee"]),
            tax: try number(event["tax"]), try currency(event["currency"]))
    }

    private func dividend(_ event: JSONValue) throws -> LedgerEntry.Fact {
        .dividend(
            Symbol(text(event["symbol"])), perShare: try number(event["per_share"]),
            taxRate: Fraction(try number(event["tax_rate"])), try currency(event["currency"]))
    }

    private func split(_ event: JSONValue) throws -> LedgerEntry.Fact {
        .split(
            Symbol(text(event["symbol"])), new: Int(text(event["new"])) ?? 0, old: Int(text(event["old"])) ?? 0,
            cashInLieuPrice: try event["cash_in_lieu_price"].map { Price(try number($0)) })
    }

    func rates() throws -> RateHistory {
        var history = RateHistory(base: try base)
        for (code, rate) in members(json["opening_rates"]) {
            history.add(
                try currency(.string(code)), perBase: try number(rate), at: Instant(epochSeconds: -1), source: "case")
        }
        for event in json["events"]?.arrayValue ?? [] where text(event["type"]) == "rate" {
            history.add(
                try currency(event["currency"]), perBase: try number(event["rate"]), at: try instant(event["ts"]),
                source: "case")
        }
        return history
    }

    /// The last price of each symbol (by event or by fill) and the last rates.
    func marks(_ ledger: Ledger) throws -> Marks {
        var marks = Marks(base: try base)
        for event in json["events"]?.arrayValue ?? [] where text(event["type"]) == "price" {
            let symbol = Symbol(text(event["symbol"]))
            marks.set(symbol, price: Price(try number(event["price"])), asOf: try instant(event["ts"]))
        }
        marks = marks.withLastTrades(of: ledger.positions)
        let end = Instant(microseconds: .max)
        let history = try rates()
        for code in Set(ledger.cash.map(\.money.currency)) {
            guard let rate = history.rate(code, at: end) else { continue }
            marks.set(code, perBase: rate, asOf: end, source: "case")
        }
        return marks
    }
}

struct FixtureProblem: Error { let what: String }

func text(_ value: JSONValue?) -> String { value?.stringValue ?? "" }
func number(_ value: JSONValue?) throws -> FixedPoint { try FixedPoint(text(value)) }

/// A number with up to twelve decimals, in units of 10^-12.
func picos(_ text: String) throws -> Int128 {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let decimals = parts.count > 1 ? String(parts[1]) : ""
    let digits = parts[0] + decimals + String(repeating: "0", count: 12 - decimals.count)
    guard let number = Int128(digits) else { throw FixtureProblem(what: text) }
    return number
}

func currency(_ value: JSONValue?) throws -> Currency {
    guard let currency = Currency(text(value)) else { throw FixtureProblem(what: "currency \(text(value))") }
    return currency
}

func instant(_ value: JSONValue?) throws -> Instant {
    guard let instant = Instant(rfc3339: text(value)) else { throw FixtureProblem(what: "time \(text(value))") }
    return instant
}

func members(_ value: JSONValue?) -> [(String, JSONValue)] {
    guard case .object(let members) = value else { return [] }
    return members.map { ($0.key, $0.value) }
}

func fixture(_ name: String, beside file: String = #filePath) -> String {
    file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/Fixtures/" + name
}

func readFile(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw FixtureProblem(what: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
    return bytes
}
