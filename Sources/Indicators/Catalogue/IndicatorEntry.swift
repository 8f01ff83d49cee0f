/// A number that an indicator is configured with.
public struct IndicatorParameter: Hashable, Sendable {
    /// TA-Lib's name where TA-Lib has the indicator.
    public let name: String
    public let defaultValue: Double
    public let range: ClosedRange<Double>
    /// Whether only whole numbers make sense, such as a number of bars.
    public let isWhole: Bool

    static func bars(_ name: String, _ defaultValue: Int, from least: Int = 2) -> IndicatorParameter {
        IndicatorParameter(
            name: name, defaultValue: Double(defaultValue), range: Double(least)...Double(Parameters.periodLimit),
            isWhole: true)
    }

    static func number(
        _ name: String, _ defaultValue: Double, _ range: ClosedRange<Double>
    ) -> IndicatorParameter {
        IndicatorParameter(name: name, defaultValue: defaultValue, range: range, isWhole: false)
    }

    /// The range in words: `a whole number from 2 to 100000`.
    public var rangeText: String {
        isWhole
            ? "a whole number from \(Int(range.lowerBound)) to \(Int(range.upperBound))"
            : "a number from \(range.lowerBound) to \(range.upperBound)"
    }

    /// How a value is written in a spec: whole numbers without a fraction.
    public static func text(_ value: Double) -> String {
        guard let whole = Int(exactly: value), whole.magnitude < 1_000_000_000 else { return "\(value)" }
        return "\(whole)"
    }
}

/// Checked parameters on their way into an initialiser, in the order of the entry.
struct Arguments: Sendable {
    let values: [Double]

    /// A whole number; the catalogue has checked that it is one and in range.
    func bars(_ index: Int) -> Int { values.indices.contains(index) ? Int(exactly: values[index]) ?? 0 : 0 }
    func number(_ index: Int) -> Double { values.indices.contains(index) ? values[index] : .nan }
}

/// One indicator of the catalogue: how it is called, configured and explained.
public struct IndicatorEntry: Sendable {
    /// Upper case: TA-Lib's name for TA-Lib's definition, a name of its own for a variant.
    public let name: String
    /// What it is, in one line.
    public let summary: String
    /// Where the definition comes from.
    public let source: String
    public let parameters: [IndicatorParameter]
    /// The names of the columns behind the dot, such as `macd`, `signal`, `hist`; empty for a single column.
    public let columns: [String]
    public let inputs: BarInputs

    let make: @Sendable (Arguments) throws(IndicatorError) -> any Indicator
    let restore: @Sendable (any Decoder) throws -> any Indicator

    init<Kind: Indicator>(
        _ name: String, _ summary: String, source: String = "TA-Lib", parameters: [IndicatorParameter] = [],
        columns: [String] = [], make: @escaping @Sendable (Arguments) throws(IndicatorError) -> Kind
    ) {
        self.name = name
        self.summary = summary
        self.source = source
        self.parameters = parameters
        self.columns = columns
        inputs = Kind.inputs
        // Written out: a closure's thrown type is not inferred.
        self.make = { (arguments: Arguments) throws(IndicatorError) -> any Indicator in try make(arguments) }
        restore = { try Kind(from: $0) }
    }

    /// The whole list of parameters: those given, then defaults.
    ///
    /// - Throws: ``IndicatorError/parameterCount(name:given:allowed:)`` for too many,
    ///   ``IndicatorError/parameterOutOfRange(name:parameter:given:allowed:)`` for a bad one.
    func complete(_ given: [Double]) throws(IndicatorError) -> [Double] {
        guard given.count <= parameters.count else {
            throw .parameterCount(name: name, given: given.count, allowed: parameters.map(\.name))
        }
        for (value, parameter) in zip(given, parameters) {
            let fits = parameter.range.contains(value) && (!parameter.isWhole || value == value.rounded())
            guard fits else {
                throw .parameterOutOfRange(
                    name: name, parameter: parameter.name, given: IndicatorParameter.text(value),
                    allowed: parameter.rangeText)
            }
        }
        return given + parameters.dropFirst(given.count).map(\.defaultValue)
    }
}
