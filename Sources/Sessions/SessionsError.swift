public import Core

/// What can be wrong with exchange calendars and the operator's changes to them.
public enum SessionsError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownExchange(ExchangeID, known: [ExchangeID])
    /// The day lies outside what the calendar of the exchange covers.
    case outsideCoverage(ExchangeID, CivilDate, coverage: ClosedRange<CivilDate>)
    /// The hours are no half-open interval within one local day.
    case impossibleHours(ExchangeID, CivilDate, openSecondOfDay: Int, closeSecondOfDay: Int)
    case overriddenTwice(ExchangeID, CivilDate)
    /// A line of a calendar table does not follow the format.
    case malformedTable(ExchangeID, line: Int, text: String)

    public var description: String {
        switch self {
        case .unknownExchange(let exchange, let known):
            "there is no calendar for the exchange '\(exchange)'; use one of "
                + known.map(\.text).joined(separator: ", ")
        case .outsideCoverage(let exchange, let date, let coverage):
            "\(exchange) \(date) cannot be overridden: the calendar covers \(coverage.lowerBound) to "
                + "\(coverage.upperBound); remove the override or update takt"
        case .impossibleHours(let exchange, let date, let open, let close):
            "\(exchange) \(date): a session from \(Self.clock(open)) to \(Self.clock(close)) is impossible; "
                + "give an open before the close, both between 00:00 and 24:00 local time"
        case .overriddenTwice(let exchange, let date):
            "\(exchange) \(date) is overridden twice; keep one of the two overrides"
        case .malformedTable(let exchange, let line, let text):
            "the calendar table of \(exchange) is malformed in line \(line): '\(text)'"
        }
    }

    private static func clock(_ secondOfDay: Int) -> String {
        func two(_ number: Int) -> String { number < 10 && number >= 0 ? "0\(number)" : "\(number)" }
        return "\(two(secondOfDay / 3600)):\(two(secondOfDay / 60 % 60))"
    }
}
