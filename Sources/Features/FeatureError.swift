public import Core
public import Indicators

/// What can go wrong when features are declared, computed or normalised.
public enum FeatureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Neither a term nor an indicator has this name.
    case unknownTerm(String, nearest: String?)
    /// The text is no feature, expression or term.
    case malformed(String, reason: String)
    /// An indicator is written wrongly.
    case indicator(IndicatorError)
    /// A feature is one number, and the indicator has several columns.
    case severalColumns(String, columns: [String])
    /// The indicator depends on its first bar for ever, and nothing says which one that is.
    case anchorMissing(String)
    /// An anchor where the indicator forgets its first bar anyway.
    case anchorNeedless(String)
    case unknownNormalisation(String, nearest: String?)
    /// The normalisation makes no sense for the feature.
    case cannotNormalise(feature: String, by: String, reason: String)
    case unknownPreset(String, nearest: String?)
    case noFeatures
    case tooManyFeatures(Int, limit: Int)
    case nameTwice(String)
    /// The feature needs more bars than a window has.
    case windowTooShort(feature: String, needed: Int, window: Int)
    case window(Int, allowed: ClosedRange<Int>)
    /// A normaliser was fitted on another list of features.
    case schemaDiffers(String)
    /// Features that need a fitted normaliser, and none is there.
    case notFitted([String])
    /// A normaliser was fitted on bars of another length or of other hours.
    case fittedOnOtherBars(fitted: String, used: String)
    /// Symbols of a fit that have no complete vector in the span.
    case symbolsWithoutVectors([Symbol])
    /// Some bars of a training span are generated, the others are not.
    case mixedSpan
    /// Too few vectors to fit a normaliser on.
    case tooFewVectors(Int, least: Int)
    /// A stored normaliser that cannot be read.
    case evidence(path: String, problem: String)

    public var description: String {
        switch self {
        case .unknownTerm(let name, let nearest):
            "no feature term or indicator is called '\(name)'" + (nearest.map { "; did you mean \($0)?" } ?? "")
        case .malformed(let text, let reason): "cannot read '\(text)': \(reason)"
        case .indicator(let error): "\(error)"
        case .severalColumns(let spec, let columns):
            "\(spec) has several columns and a feature is one number; choose \(columns.joined(separator: ", "))"
        case .anchorMissing(let spec):
            "\(spec) counts from its first bar for ever, so its value would depend on where the window begins; "
                + "write \(spec)@session to begin with the session, or \(spec)@window if that is what you mean"
        case .anchorNeedless(let spec): "\(spec) forgets its first bar by itself; leave out the @"
        case .unknownNormalisation(let name, let nearest):
            "no normalisation is called '\(name)'; "
                + (nearest.map { "did you mean \($0)? " } ?? "")
                + "there are \(Normalisation.names.joined(separator: ", "))"
        case .cannotNormalise(let feature, let method, let reason):
            "\(feature) cannot be normalised by \(method): \(reason)"
        case .unknownPreset(let name, let nearest):
            "no preset is called '\(name)'; " + (nearest.map { "did you mean \($0)? " } ?? "")
                + "there are \(FeaturePreset.allCases.map(\.rawValue).joined(separator: ", "))"
        case .noFeatures: "the list has no feature"
        case .tooManyFeatures(let count, let limit): "\(count) features are listed, \(limit) are the most"
        case .nameTwice(let name): "two features are called '\(name)'; write another name before one of them: name = …"
        case .windowTooShort(let feature, let needed, let window):
            "\(feature) needs \(needed) bars and a window has \(window); raise decision.buffer_bars to \(needed) or more"
        case .window(let bars, let allowed):
            "a window of \(bars) bars is out of range; allowed is \(allowed.lowerBound) to \(allowed.upperBound)"
        case .schemaDiffers(let difference):
            "the normaliser was fitted on other features: \(difference); fit one on these with `takt features fit`"
        case .notFitted(let names):
            "no normaliser is there for \(names.joined(separator: ", ")); fit one with `takt features fit`"
        case .fittedOnOtherBars(let fitted, let used):
            "the normaliser was fitted on \(fitted) bars, and these are \(used); fit one on them with `takt features fit`"
        case .symbolsWithoutVectors(let symbols):
            "\(symbols.map(\.text).joined(separator: ", ")) has no complete vector in the span; bring its bars, or name the "
                + "other symbols with --symbol"
        case .mixedSpan:
            "some bars of the span are generated, the others are not; fit on the one kind, in a folder or over a span of its own"
        case .tooFewVectors(let count, let least):
            "\(count) complete feature vectors lie in the span, and a normaliser needs \(least) or more; "
                + "widen the span or bring more bars"
        case .evidence(let path, let problem): "\(path) \(problem)"
        }
    }
}

extension FeatureError: EvidenceFailure {}
