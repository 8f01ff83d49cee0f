/// The arithmetic of a feature: terms and numbers, `+ - * /` and parentheses.
///
/// `close / SMA:20 - 1`, `(close - SMA:20) / ATR:14`, `RSI:14`. The description is its one canonical spelling.
public indirect enum FeatureExpression: Hashable, Sendable, CustomStringConvertible {
    public enum Operator: String, Hashable, Sendable {
        case plus = "+"
        case minus = "-"
        case times = "*"
        case over = "/"

        var binding: Int {
            switch self {
            case .plus, .minus: 1
            case .times, .over: 2
            }
        }

        /// A division by zero has no finite result, and what is not finite is missing.
        func callAsFunction(_ left: Double, _ right: Double) -> Double {
            switch self {
            case .plus: left + right
            case .minus: left - right
            case .times: left * right
            case .over: left / right
            }
        }
    }

    case number(Double)
    case term(FeatureTerm)
    case operation(Operator, FeatureExpression, FeatureExpression)

    /// The longest text that is read: it bounds the depth of the expression too.
    static let lengthLimit = 200

    /// - Throws: ``FeatureError`` for what is no expression, and for one without any term.
    public init(_ text: String) throws(FeatureError) {
        guard text.utf8.count <= Self.lengthLimit else {
            throw .malformed(String(text.prefix(40)) + "…", reason: "it is longer than \(Self.lengthLimit) letters")
        }
        var parser = ExpressionParser(text)
        self = try parser.whole()
        guard !terms.isEmpty else { throw .malformed(text, reason: "it is a number and depends on no bar") }
    }

    /// The terms, from left to right, each as often as it stands there.
    public var terms: [FeatureTerm] {
        switch self {
        case .number: []
        case .term(let term): [term]
        case .operation(_, let left, let right): left.terms + right.terms
        }
    }

    /// How many bars there must be, the last one included, for a value.
    public var barsNeeded: Int { terms.reduce(1) { max($0, $1.barsNeeded) } }

    public var description: String {
        switch self {
        case .number(let value): Self.decimal(value)
        case .term(let term): term.description
        case .operation(let sign, let left, let right):
            "\(left.inParentheses(below: sign.binding)) \(sign.rawValue) \(right.inParentheses(below: sign.binding + 1))"
        }
    }

    /// The shortest digits that read back as the same number, without an exponent, which an expression does not know.
    private static func decimal(_ value: Double) -> String {
        if let whole = Int(exactly: value) { return String(whole) }
        let text = "\(value)"
        let parts = text.split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]) else { return text }
        let digits = parts[0].split(separator: ".")
        let fraction = digits.count == 2 && digits[1] != "0" ? String(digits[1]) : ""
        let all = digits[0] + fraction
        let point = digits[0].count + exponent
        if point <= 0 { return "0." + String(repeating: "0", count: -point) + all }
        if point >= all.count { return all + String(repeating: "0", count: point - all.count) }
        return all.prefix(point) + "." + all.dropFirst(point)
    }

    /// In parentheses if its operator binds less than asked for.
    private func inParentheses(below binding: Int) -> String {
        guard case .operation(let sign, _, _) = self, sign.binding < binding else { return description }
        return "(\(description))"
    }
}

/// Reads an expression by recursive descent.
private struct ExpressionParser {
    private let text: String
    private var rest: Substring

    init(_ text: String) {
        self.text = text
        rest = text[...]
    }

    mutating func whole() throws(FeatureError) -> FeatureExpression {
        let expression = try operation(binding: 1)
        guard let odd = peek() else { return expression }
        throw .malformed(text, reason: "'\(odd)' stands where an operator (+ - * /) or the end belongs")
    }

    /// The next character that is no blank.
    private mutating func peek() -> Character? {
        rest = rest.drop { $0 == " " }
        return rest.first
    }

    /// A chain of operators that bind as tightly as asked for, from left to right.
    private mutating func operation(binding: Int) throws(FeatureError) -> FeatureExpression {
        guard binding <= 2 else { return try operand() }
        var left = try operation(binding: binding + 1)
        while let letter = peek(), let sign = FeatureExpression.Operator(rawValue: String(letter)),
            sign.binding == binding
        {
            rest.removeFirst()
            left = .operation(sign, left, try operation(binding: binding + 1))
        }
        return left
    }

    private mutating func operand() throws(FeatureError) -> FeatureExpression {
        guard let letter = peek() else { throw .malformed(text, reason: "something is missing at its end") }
        if letter == "(" {
            rest.removeFirst()
            let inner = try operation(binding: 1)
            guard peek() == ")" else { throw .malformed(text, reason: "a closing parenthesis is missing") }
            rest.removeFirst()
            return inner
        }
        let word = rest.prefix(while: Self.belongsToWord)
        guard !word.isEmpty else {
            throw .malformed(text, reason: "'\(letter)' stands where a term or a number belongs")
        }
        rest = rest[word.endIndex...]
        guard letter.isNumber else { return .term(try FeatureTerm(String(word))) }
        guard let value = Double(word), value.isFinite else {
            throw .malformed(text, reason: "'\(word)' is not a number")
        }
        return .number(value)
    }

    private static func belongsToWord(_ letter: Character) -> Bool {
        letter.isASCII && (letter.isLetter || letter.isNumber || "_.:,%@".contains(letter))
    }
}
