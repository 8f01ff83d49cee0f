/// An indicator, or a part of one, with parameters that a stored state carries along.
protocol Configured {
    /// The parameters that a stored state must share with its spec, in any fixed order.
    var configuration: [Double] { get }
}

/// The bounds all indicators share, and their one way of refusing a parameter.
enum Parameters {
    /// The longest period: a window of it takes some 800 kB.
    static let periodLimit = 100_000

    static func period(
        _ value: Int, _ parameter: String = "timeperiod", of name: String, from least: Int = 2
    ) throws(IndicatorError) -> Int {
        guard value >= least, value <= periodLimit else {
            throw .parameterOutOfRange(
                name: name, parameter: parameter, given: "\(value)",
                allowed: "a whole number from \(least) to \(periodLimit)")
        }
        return value
    }

    static func number(
        _ value: Double, _ parameter: String, of name: String, in range: ClosedRange<Double>
    ) throws(IndicatorError) -> Double {
        guard range.contains(value) else {
            throw .parameterOutOfRange(
                name: name, parameter: parameter, given: "\(value)",
                allowed: "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    static func rising(_ values: [Int], _ parameters: [String], of name: String) throws(IndicatorError) {
        guard zip(values, values.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw .parameterOrder(name: name, parameters: parameters, given: values)
        }
    }
}
