/// An indicator as it is written: `NAME`, `NAME:P,…`, and behind a dot the one column that is meant.
///
/// `RSI:14`, `MACD:12,26,9`, `MACD:12,26,9.signal`, `BBANDS:20,2.5`, `OBV`. Parameters left out take their defaults; the
/// name may be written in lower case. The description is the full spelling, with all parameters.
public struct IndicatorSpec: Hashable, Sendable, CustomStringConvertible {
    /// The catalogue's name.
    public let name: String
    /// All parameters, defaults included.
    public let parameters: [Double]
    /// The single column that is meant, or `nil` for all.
    public let column: String?

    /// - Throws: ``IndicatorError``: the name is unknown (with the nearest names), the text malformed, a parameter out of
    ///   range or too many, or the column unknown.
    public init(_ text: String) throws(IndicatorError) {
        let (body, column) = Self.splitColumn(text)
        let parts = body.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty else { throw .malformedSpec(text, reason: "it has no name") }
        guard parts.count <= 2 else { throw .malformedSpec(text, reason: "it has more than one colon") }
        let entry = try IndicatorCatalogue.entry(String(name))
        var given: [Double] = []
        if parts.count == 2 {
            for part in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
                let trimmed = part.drop { $0 == " " }
                guard let value = Double(trimmed), value.isFinite else {
                    throw .malformedSpec(text, reason: "'\(part)' is not a number")
                }
                given.append(value)
            }
        }
        if let column, !entry.columns.contains(column) {
            throw .unknownColumn(name: entry.name, column: column, columns: entry.columns)
        }
        self.name = entry.name
        self.parameters = try entry.complete(given)
        self.column = column
    }

    public var description: String { base + (column.map { ".\($0)" } ?? "") }

    private init(name: String, parameters: [Double], column: String?) {
        (self.name, self.parameters, self.column) = (name, parameters, column)
    }

    /// The same indicator with all its columns.
    public var withoutColumn: IndicatorSpec { IndicatorSpec(name: name, parameters: parameters, column: nil) }

    /// Name and parameters, without the column.
    var base: String {
        guard !parameters.isEmpty else { return name }
        return name + ":" + parameters.map(IndicatorParameter.text).joined(separator: ",")
    }

    /// A dot followed by something that is no digit begins the column: `2.5` stays whole.
    private static func splitColumn(_ text: String) -> (body: String, column: String?) {
        guard let dot = text.lastIndex(of: ".") else { return (text, nil) }
        let column = text[text.index(after: dot)...]
        guard let first = column.first, !first.isNumber else { return (text, nil) }
        return (String(text[..<dot]), String(column))
    }
}
