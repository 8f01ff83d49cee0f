/// What can go wrong when an indicator is named, configured, fed or restored.
public enum IndicatorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No indicator has this name; the nearest names, best first, may be empty.
    case unknownName(String, nearest: [String])
    /// The text is not of the form `NAME[:P,…][.column]`.
    case malformedSpec(String, reason: String)
    /// More parameters than the indicator has.
    case parameterCount(name: String, given: Int, allowed: [String])
    /// One parameter lies outside its range.
    case parameterOutOfRange(name: String, parameter: String, given: String, allowed: String)
    /// Parameters that must rise do not.
    case parameterOrder(name: String, parameters: [String], given: [Int])
    /// The indicator has no output column of this name.
    case unknownColumn(name: String, column: String, columns: [String])
    /// The columns of one table differ in length; the text lists them.
    case columnLengths(String)
    /// A stored state was written by a newer or unknown version of this code.
    case stateVersion(spec: String, version: Int, known: Int)
    /// A stored state does not fit the indicator it claims to belong to.
    case damagedState(spec: String, reason: String)

    public var description: String {
        switch self {
        case .unknownName(let name, let nearest):
            "no indicator is called '\(name)'; "
                + (nearest.isEmpty
                    ? "the catalogue lists the names there are" : "did you mean \(Self.choice(nearest))?")
        case .malformedSpec(let text, let reason):
            "cannot read the indicator '\(text)': \(reason); write NAME, NAME:P or NAME:P,P,… such as RSI:14"
        case .parameterCount(let name, let given, let allowed):
            "\(name) was given \(given) parameters, it has "
                + (allowed.isEmpty
                    ? "none; write \(name) alone" : "\(allowed.count): \(allowed.joined(separator: ", "))")
        case .parameterOutOfRange(let name, let parameter, let given, let allowed):
            "\(name): \(parameter) is \(given), which is out of range; give \(allowed)"
        case .parameterOrder(let name, let parameters, let given):
            "\(name): \(parameters.joined(separator: ", ")) must rise, they are "
                + "\(given.map(String.init).joined(separator: ", ")); give them from short to long"
        case .unknownColumn(let name, let column, let columns):
            "\(name) has no column '\(column)'; "
                + (columns.isEmpty ? "it has one, write \(name) alone" : "choose \(Self.choice(columns))")
        case .columnLengths(let lengths):
            "the columns of a table of bars differ in length (\(lengths)); give one value, or NaN, per bar in each"
        case .stateVersion(let spec, let version, let known):
            "the stored state of \(spec) has version \(version), this program reads version \(known); "
                + "compute it anew from the bars"
        case .damagedState(let spec, let reason):
            "the stored state of \(spec) is damaged: \(reason); compute it anew from the bars"
        }
    }

    private static func choice(_ names: [String]) -> String {
        guard names.count > 1, let last = names.last else { return names.joined() }
        return names.dropLast().joined(separator: ", ") + " or " + last
    }
}
