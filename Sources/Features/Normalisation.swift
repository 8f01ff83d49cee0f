internal import Core

/// How a feature is brought to a common scale.
///
/// All but `none` and `rolling` have parameters that are fitted on a training span, see ``FittedNormaliser``.
public enum Normalisation: Hashable, Sendable, CustomStringConvertible {
    case none
    /// (x − mean) / deviation of the sample.
    case zscore
    /// The original system's: (x − mean) / (deviation + 1e-9).
    case zscoreOriginal
    /// (x − lowest) / (highest − lowest): 0 to 1 within the training span.
    case minmax
    /// (x − median) / (third quartile − first quartile).
    case robust
    /// tanh((x − mean) / (2 · deviation)).
    case tanh
    /// ln(1 + x + offset); the offset brings the lowest of the training span to 2, and what lies 2 below that has no value.
    case log
    /// (x − mean) / deviation of the sample, over the feature's own last values, this one included; 0 where they are all
    /// the same. A function of the window like the feature itself, so nothing is fitted. `nil` for as many values as the
    /// window holds behind the warm-up.
    case rolling(bars: Int?)

    static let names = ["none", "zscore", "zscore-original", "minmax", "robust", "tanh", "log", "rolling", "rolling:N"]

    /// - Throws: ``FeatureError/unknownNormalisation(_:nearest:)``.
    public init(_ text: String) throws(FeatureError) {
        switch text {
        case "none": self = .none
        case "zscore": self = .zscore
        case "zscore-original": self = .zscoreOriginal
        case "minmax": self = .minmax
        case "robust": self = .robust
        case "tanh": self = .tanh
        case "log": self = .log
        case "rolling": self = .rolling(bars: nil)
        case _ where text.hasPrefix("rolling:"):
            guard let bars = Int(text.dropFirst(8)), bars >= 2, String(bars) == text.dropFirst(8) else {
                throw .malformed(text, reason: "rolling takes a number of bars from 2; write rolling:50")
            }
            self = .rolling(bars: bars)
        default: throw .unknownNormalisation(text, nearest: Nearest.match(text, in: Self.names))
        }
    }

    public var description: String {
        switch self {
        case .none: "none"
        case .zscore: "zscore"
        case .zscoreOriginal: "zscore-original"
        case .minmax: "minmax"
        case .robust: "robust"
        case .tanh: "tanh"
        case .log: "log"
        case .rolling(let bars): bars.map { "rolling:\($0)" } ?? "rolling"
        }
    }

    /// Whether its parameters come from a training span.
    public var isFitted: Bool {
        switch self {
        case .none, .rolling: false
        case .zscore, .zscoreOriginal, .minmax, .robust, .tanh, .log: true
        }
    }
}
