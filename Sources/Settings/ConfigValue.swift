internal import Core

/// A value after its type was checked.
enum ConfigValue: Hashable, Sendable {
    case bool(Bool)
    case integer(Int)
    case decimal(FixedPoint)
    /// Texts, choices, symbols, dates: in the form in which the types of Core read them.
    case text(String)
    case list([ConfigValue])
    /// An uninterpreted block, flattened.
    case flat([String: String])

    /// As one would write it in YAML.
    var description: String {
        switch self {
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .decimal(let value): "\(value)"
        case .text(let value): value
        case .list(let items): "[" + items.map(\.description).joined(separator: ", ") + "]"
        case .flat(let texts): texts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
        }
    }
}

/// The names that only other rooms know: exchanges with a calendar, time zones with rules.
struct KnownNames: Sendable {
    let exchanges: Set<String>
    let zones: Set<String>
    /// Exchanges whose extended hours are known.
    let extended: Set<String>

    /// The names by which people call an exchange, and its ISO 10383 code.
    static let exchangeNames = ["NASDAQ", "NYSE", "AMEX", "ARCA", "NYSEARCA", "KOSPI", "KOSDAQ", "KRX"]

    static func exchangeCode(_ name: String) -> String? {
        switch name {
        case "NASDAQ": "XNAS"
        case "NYSE": "XNYS"
        case "AMEX": "XASE"
        case "ARCA", "NYSEARCA": "ARCX"
        case "KOSPI", "KOSDAQ", "KRX": "XKRX"
        default: nil
        }
    }
}

/// Why a text is no value of its type.
struct ValueProblem: Error, Hashable {
    let message: String
    let hint: String?

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}

/// Reads one text as a value of a type.
struct ValueReader: Sendable {
    let known: KnownNames

    /// - Parameters:
    ///   - isPlain: written without quotes; only then may it be a truth value.
    ///   - isQuotable: whether a message may repeat the text. False for anything that came out of a variable.
    func read(
        _ text: String, isPlain: Bool, as type: ValueType, isQuotable: Bool = true
    ) throws(ValueProblem) -> ConfigValue {
        let shown = isQuotable && !type.isSecret ? "'\(text)'" : "the value"
        switch type {
        case .bool: return .bool(try bool(text, isPlain: isPlain, shown))
        case .integer(let range): return .integer(try integer(text, in: range, shown))
        case .decimal(let low, let high): return .decimal(try decimal(text, low, high, isFraction: false, shown))
        case .fraction(let low, let high): return .decimal(try decimal(text, low, high, isFraction: true, shown))
        case .text, .secret, .account: return .text(text)
        case .choice(let words): return .text(try choice(text, of: words, shown))
        case .webhook: return .text(try webhook(text))
        case .mailServer: return .text(try mailServer(text))
        case .address: return .text(try address(text))
        case .mail: return .text(try mail(text, shown))
        case .mails: return .text(try mails(text, shown))
        case .market: return .text(try market(text, shown))
        case .pattern: return .text(try pattern(text, shown))
        case .symbol: return .text(try symbol(text, shown))
        case .currency: return .text(try currency(text, shown))
        case .exchange: return .text(try exchange(text, shown))
        case .zone: return .text(try zone(text, shown))
        case .timeframe: return .text(try timeframe(text, shown))
        case .date: return .text(try date(text, shown))
        case .clock: return .integer(try clock(text, shown))
        case .instant: return .text(try instant(text, shown))
        case .list(let item): return .list(try list(text, of: item))
        case .anything, .nothing: return .flat(["": text])
        }
    }

    /// `[a, b]` in one text: the notation of the table's own defaults.
    private func list(_ text: String, of type: ValueType) throws(ValueProblem) -> [ConfigValue] {
        guard text.hasPrefix("["), text.hasSuffix("]") else {
            throw ValueProblem("a list is wanted", hint: "write [first, second]")
        }
        var items: [ConfigValue] = []
        for part in text.dropFirst().dropLast().split(separator: ",") {
            items.append(try read(String(part.drop { $0 == " " }), isPlain: true, as: type))
        }
        return items
    }

    private func bool(_ text: String, isPlain: Bool, _ shown: String) throws(ValueProblem) -> Bool {
        switch text.lowercased() {
        case "true", "yes", "on":
            guard isPlain else { break }
            return true
        case "false", "no", "off":
            guard isPlain else { break }
            return false
        default: throw ValueProblem("\(shown) is neither true nor false")
        }
        throw ValueProblem("\(shown) is a text in quotes, true or false is wanted", hint: "write it without quotes")
    }

    private func integer(_ text: String, in range: ClosedRange<Int>, _ shown: String) throws(ValueProblem) -> Int {
        let isNumber = text.utf8.allSatisfy { (48...57).contains($0) || $0 == 45 || $0 == 43 }
        guard isNumber, let value = Int(text) else {
            throw ValueProblem("\(shown) is not a whole number")
        }
        guard range.contains(value) else {
            let upper = range.upperBound == Int.max ? "" : " to \(range.upperBound)"
            throw ValueProblem("\(shown) is out of range", hint: "allowed is \(range.lowerBound)\(upper)")
        }
        return value
    }

    private func decimal(
        _ text: String, _ low: String, _ high: String, isFraction: Bool, _ shown: String
    ) throws(ValueProblem) -> FixedPoint {
        do {
            let value = try QuickRead.decimal(text)
            guard try value >= QuickRead.decimal(low), try value <= QuickRead.decimal(high) else {
                let isPercent = isFraction && value > .one && value <= FixedPoint(100)
                let percent = isPercent ? try? value.divided(by: FixedPoint(100), rounding: .halfEven) : nil
                let cure = percent.map { "; 1 is 100 %: for \(value) % write \($0)" } ?? ""
                throw ValueProblem("\(shown) is out of range", hint: "allowed is \(low) to \(high)\(cure)")
            }
            return value
        } catch let problem as ValueProblem {
            throw problem
        } catch ArithmeticError.tooPrecise {
            throw ValueProblem("\(shown) has more than eight decimals")
        } catch {
            let hint = isFraction ? "write a share of one, 0.05 for 5 %" : "write digits and at most one point"
            throw ValueProblem("\(shown) is not a plain number", hint: hint)
        }
    }

    private func choice(_ text: String, of words: [String], _ shown: String) throws(ValueProblem) -> String {
        if words.contains(text) { return text }
        let plain = String(text.lowercased().map { $0 == "_" ? "-" : $0 })
        if words.contains(plain) { return plain }
        let nearest = Nearest.match(plain, in: words).map { "did you mean \($0)? " } ?? ""
        throw ValueProblem(
            "\(shown) is not one of the words allowed", hint: "\(nearest)allowed: \(words.joined(separator: ", "))")
    }
}

extension ValueReader {
    private func symbol(_ text: String, _ shown: String) throws(ValueProblem) -> String {
        let isGood = text.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95: true
            default: false
            }
        }
        guard isGood, !text.isEmpty, text.utf8.count <= 40 else {
            throw ValueProblem("\(shown) is no symbol", hint: "letters, digits, '.', '-' and '_', at most 40")
        }
        return text
    }

    private func currency(_ text: String, _ shown: String) throws(ValueProblem) -> String {
        guard QuickRead.currency(text) != nil else {
            throw ValueProblem("\(shown) is no currency", hint: "write its three capital letters: USD, KRW")
        }
        return text
    }

    private func exchange(_ text: String, _ shown: String) throws(ValueProblem) -> String {
        let upper = text.uppercased()
        let code = KnownNames.exchangeCode(upper) ?? upper
        guard known.exchanges.contains(code) else {
            let names = known.exchanges.union(KnownNames.exchangeNames)
            let nearest = Nearest.match(upper, in: names).map { "did you mean \($0)? " } ?? ""
            let all = known.exchanges.sorted().joined(separator: ", ")
            throw ValueProblem("\(shown) is no exchange that takt knows", hint: "\(nearest)known: \(all)")
        }
        return code
    }

    private func zone(_ text: String, _ shown: String) throws(ValueProblem) -> String {
        guard known.zones.contains(text) else {
            let nearest = Nearest.match(text, in: known.zones)
            let hint = nearest.map { "did you mean \($0)?" } ?? "write an IANA name such as America/New_York or UTC"
            throw ValueProblem("\(shown) is no time zone that takt knows", hint: hint)
        }
        return text
    }

    private func timeframe(_ text: String, _ shown: String) throws(ValueProblem) -> String {
        guard let frame = QuickRead.timeframe(text) else {
            throw ValueProblem(
                "\(shown) is no timeframe", hint: "write minutes that divide an hour (1m, 5m, 15m, 30m) or 1h")
        }
        return frame.description
    }

    private func date(_ text: String, _ shown: String) throws(ValueProblem) -> String {
        guard let day = QuickRead.date(text) else {
            throw ValueProblem("\(shown) is no day of the calendar", hint: "write it as 2026-11-20")
        }
        return day.description
    }

    /// Seconds since midnight; 24:00 is the end of the day.
    private func clock(_ text: String, _ shown: String) throws(ValueProblem) -> Int {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ (1...2).contains($0.utf8.count) }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour >= 0, (0...59).contains(minute),
            hour * 60 + minute <= 1440
        else { throw ValueProblem("\(shown) is no time of day", hint: "write it as 09:30") }
        return hour * 3600 + minute * 60
    }

    private func instant(_ text: String, _ shown: String) throws(ValueProblem) -> String {
        guard Instant(rfc3339: text) != nil else {
            throw ValueProblem("\(shown) is no time", hint: "write it as 2026-11-20T15:35:00Z")
        }
        return text
    }
}
