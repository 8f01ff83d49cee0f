internal import Core

/// Why a row of an answer could not be understood: the field, and what stood in it.
enum KISRowProblem: Error, Hashable, Sendable, CustomStringConvertible {
    case missing(String)
    case notNumber(String, String)
    case notDate(String, String)
    case notTime(String, String)
    case unknownCode(String, String)
    case contradiction(String)

    var description: String {
        switch self {
        case .missing(let field): "\(field) is missing"
        case .notNumber(let field, let text): "\(field) '\(text)' is no number"
        case .notDate(let field, let text): "\(field) '\(text)' is no day"
        case .notTime(let field, let text): "\(field) '\(text)' is no time of day"
        case .unknownCode(let field, let text): "\(field) '\(text)' is not known"
        case .contradiction(let what): what
        }
    }
}

/// Members as values. Numbers are read exactly; what is wrong with them is thrown, never guessed.
extension KISRecord {
    func needed(_ key: String) throws(KISRowProblem) -> String {
        guard let text = text(key) else { throw .missing(key) }
        return text
    }

    func amount(_ key: String) throws(KISRowProblem) -> FixedPoint {
        guard let amount = try optionalAmount(key) else { throw .missing(key) }
        return amount
    }

    /// `nil` where the member is missing or blank.
    func optionalAmount(_ key: String) throws(KISRowProblem) -> FixedPoint? {
        guard let text = text(key) else { return nil }
        guard let amount = try? FixedPoint(text) else { throw .notNumber(key, text) }
        return amount
    }

    /// An average or a quotient: KIS may print more than eight decimals, and what is beyond them is cut off.
    func average(_ key: String) throws(KISRowProblem) -> FixedPoint? {
        guard let text = text(key) else { return nil }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return try optionalAmount(key) }
        let decimals = parts[1]
        guard decimals.utf8.allSatisfy({ (48...57).contains($0) }),
            let amount = try? FixedPoint("\(parts[0]).\(decimals.prefix(FixedPoint.fractionDigits))")
        else { throw .notNumber(key, text) }
        return amount
    }

    func price(_ key: String) throws(KISRowProblem) -> Price { Price(try amount(key)) }
    func quantity(_ key: String) throws(KISRowProblem) -> Quantity { Quantity(try amount(key)) }

    /// A quantity that is zero where the member is missing or blank.
    func quantityOrZero(_ key: String) throws(KISRowProblem) -> Quantity { Quantity(try optionalAmount(key) ?? .zero) }

    /// A price that is `nil` where it is missing, blank or zero: KIS writes zero where there is none.
    func optionalPrice(_ key: String) throws(KISRowProblem) -> Price? {
        guard let amount = try optionalAmount(key), !amount.isZero else { return nil }
        return Price(amount)
    }

    /// `YYYYMMDD`.
    func date(_ key: String) throws(KISRowProblem) -> CivilDate {
        let text = try needed(key)
        guard let date = CivilDate(compact: text) else { throw .notDate(key, text) }
        return date
    }

    /// `HHMMSS` as seconds of the day.
    func secondOfDay(_ key: String) throws(KISRowProblem) -> Int {
        let text = try needed(key)
        guard let second = KISClock.secondOfDay(text) else { throw .notTime(key, text) }
        return second
    }

    /// `01` sell, `02` buy.
    func side(_ key: String) throws(KISRowProblem) -> Side {
        switch try needed(key) {
        case "01": return .sell
        case "02": return .buy
        case let other: throw .unknownCode(key, other)
        }
    }

    func isYes(_ key: String) -> Bool { text(key)?.uppercased() == "Y" }

    /// Missing, blank or zero.
    func showsNothing(_ key: String) -> Bool { text(key).map { $0.allSatisfy { $0 == "0" || $0 == "." } } ?? true }

    /// `Y` or `N`, and nothing else.
    func isYesOrNo(_ key: String) throws(KISRowProblem) -> Bool {
        switch try needed(key).uppercased() {
        case "Y": return true
        case "N": return false
        case let other: throw .unknownCode(key, other)
        }
    }
}

/// Times of day as KIS writes them.
enum KISClock {
    /// Reads `HHMMSS`; `nil` for anything else.
    static func secondOfDay(_ text: String) -> Int? {
        guard text.utf8.count == 6, text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text) else {
            return nil
        }
        let (hour, minute, second) = (number / 10_000, number / 100 % 100, number % 100)
        guard hour < 24, minute < 60, second < 60 else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    static func text(_ secondOfDay: Int) -> String {
        [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60].map(twoDigits).joined()
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
