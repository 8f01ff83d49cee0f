public import Core

/// One declared feature: its name, what it is made of, and how it is normalised.
///
/// Written `[name =] expression [| normalisation]`: `RSI:14`, `trend = close / SMA:20 - 1 | zscore`.
public struct Feature: Hashable, Sendable, CustomStringConvertible {
    public let name: String
    public let expression: FeatureExpression
    public let normalisation: Normalisation

    /// - Parameter standard: the normalisation where the text names none. It is passed over where it makes no sense: what
    ///   is held is known in no training span.
    /// - Throws: ``FeatureError`` for anything that cannot be read, and for a normalisation that makes no sense.
    public init(_ text: String, normalisation standard: Normalisation = .none) throws(FeatureError) {
        let (left, written) = try Self.split(text, at: "|")
        let (before, after) = try Self.split(left, at: "=")
        expression = try FeatureExpression(after ?? before)
        name = after == nil ? expression.description : before
        if after != nil, !Self.isName(name) {
            throw .malformed(
                text, reason: "'\(name)' is no name; use letters, digits, _ and %, at most \(Self.nameLimit)")
        }
        guard let written else {
            let fits = Self.objection(to: standard, of: expression) == nil
            normalisation = fits ? standard : .none
            return
        }
        normalisation = try Normalisation(written)
        if let objection = Self.objection(to: normalisation, of: expression) {
            throw .cannotNormalise(feature: name, by: normalisation.description, reason: objection)
        }
    }

    private init(_ name: String, _ expression: FeatureExpression, _ normalisation: Normalisation) {
        (self.name, self.expression, self.normalisation) = (name, expression, normalisation)
    }

    private static let nameLimit = 40

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= nameLimit
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "%") }
    }

    /// Both sides of a mark that stands at most once, without blanks around them.
    private static func split(
        _ text: String, at mark: Character
    ) throws(FeatureError) -> (before: String, after: String?) {
        let parts = text.split(separator: mark, omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw .malformed(text, reason: "'\(mark)' stands there more than once") }
        return (trimmed(parts[0]), parts.count == 2 ? trimmed(parts[1]) : nil)
    }

    private static func trimmed(_ text: Substring) -> String {
        let head = text.drop { $0 == " " }
        return String(
            head.prefix((head.lastIndex { $0 != " " }).map { head.distance(from: head.startIndex, to: $0) + 1 } ?? 0))
    }

    /// Why a normalisation makes no sense for an expression, or `nil`.
    private static func objection(to method: Normalisation, of expression: FeatureExpression) -> String? {
        if method.isFitted, expression.terms.contains(where: \.isOfHolding) {
            return "what is held is known in no training span; write a fixed factor instead, such as bars_held / 100"
        }
        if case .rolling = method, expression.terms.contains(where: { !$0.isSeries }) {
            return "it is known for the last bar of a window only"
        }
        return nil
    }

    /// How many bars there must be for a value in a window of so many: all of them for what fades, see
    /// ``FeatureSpec/barsNeeded``.
    func barsNeeded(in window: Int) -> Int {
        expression.terms.contains(where: \.needsWholeWindow) ? window : leastBars
    }

    /// How many bars the window must have at least, those of a rolling normalisation included.
    var leastBars: Int {
        let own = expression.barsNeeded
        guard case .rolling(let bars?) = normalisation else { return own }
        return own + bars - 1
    }

    /// The same with the length of a rolling normalisation written out.
    func settled(window: Int) -> Feature {
        guard case .rolling(nil) = normalisation else { return self }
        return Feature(name, expression, .rolling(bars: max(2, window - expression.barsNeeded + 1)))
    }

    /// The canonical spelling. A name that says no more than the expression does is left out.
    public var description: String {
        let made = expression.description
        return (name == made ? made : "\(name) = \(made)") + " | \(normalisation)"
    }
}

extension FeatureTerm {
    var isOfHolding: Bool { if case .holding = self { true } else { false } }

    /// Whether it tells how a portfolio has gone.
    public var isOfPortfolio: Bool {
        guard case .holding(let term) = self else { return false }
        return switch term {
        case .position, .unrealised, .entryGap, .barsHeld: false
        case .portfolioReturn, .totalReturn, .drawdown, .winningShare, .fillsPerStep, .deviation: true
        }
    }
}

/// An ordered list of features over a window of so many bars: what a policy sees, and what it was trained on.
///
/// A vector is a function of the last ``window`` bars, the place of the last one in its session, and what is held; of
/// nothing else. Two lists are the same exactly if their ``schemaHash`` is.
public struct FeatureSpec: Hashable, Sendable {
    /// Version of what the terms mean. It changes when the same list would give other numbers.
    public static let version = 1
    public static let schema = "takt.features/\(version)"
    /// A vector is small by design: a network's input, not a data set.
    public static let featureLimit = 500
    /// The bars a window may have.
    public static let windowBars = 2...100_000
    /// The length that `decision.buffer_bars` has unless it is set.
    public static let standardWindow = 100

    public let features: [Feature]
    /// How many bars a vector depends on at most.
    public let window: Int
    /// SHA-256 of ``canonicalText``.
    public let schemaHash: Digest
    /// How many bars a complete vector needs. As many as a window has if anything fades (`EMA`, `RSI`, `MACD` …) or is
    /// anchored at the window: over fewer bars it would be another number, and a policy would meet at a series' beginning
    /// what it was never trained on.
    public let barsNeeded: Int

    /// - Throws: ``FeatureError`` for an empty or too long list, two features of one name, and one that needs more bars
    ///   than the window has.
    public init(_ features: [Feature], window: Int = standardWindow) throws(FeatureError) {
        guard Self.windowBars.contains(window) else { throw .window(window, allowed: Self.windowBars) }
        guard !features.isEmpty else { throw .noFeatures }
        guard features.count <= Self.featureLimit else {
            throw .tooManyFeatures(features.count, limit: Self.featureLimit)
        }
        var names: Set<String> = []
        for feature in features where !names.insert(feature.name).inserted { throw .nameTwice(feature.name) }
        let settled = features.map { $0.settled(window: window) }
        var barsNeeded = 1
        for feature in settled {
            let least = feature.leastBars
            guard least <= window else { throw .windowTooShort(feature: feature.name, needed: least, window: window) }
            barsNeeded = max(barsNeeded, feature.barsNeeded(in: window))
        }
        self.barsNeeded = barsNeeded
        self.features = settled
        self.window = window
        schemaHash = Digest(of: Self.text(settled, window))
    }

    public var names: [String] { features.map(\.name) }

    /// Whether somebody has to say where the last bar stands in its session.
    public var asksForPlace: Bool {
        features.contains { $0.expression.terms.contains { if case .session = $0 { true } else { false } } }
    }

    /// Whether somebody has to say which bars begin a session.
    public var asksForSessionStarts: Bool {
        features.contains { feature in
            feature.expression.terms.contains { term in
                if case .indicator(_, anchor: .session) = term { true } else { false }
            }
        }
    }

    /// Whether it depends on what is held.
    public var asksForHolding: Bool { features.contains { $0.expression.terms.contains(where: \.isOfHolding) } }

    /// Whether it depends on how equity has gone.
    public var asksForPortfolio: Bool { features.contains { $0.expression.terms.contains(where: \.isOfPortfolio) } }

    /// The features whose normalisation has to be fitted.
    public var fitted: [Feature] { features.filter(\.normalisation.isFitted) }

    /// One line for the version, one for the window, one for each feature in its canonical spelling.
    public var canonicalText: String { Self.text(features, window) }

    private static func text(_ features: [Feature], _ window: Int) -> String {
        ([schema, "window \(window)"] + features.map(\.description)).map { $0 + "\n" }.joined()
    }

    /// What is different in another list, in words; `nil` if nothing is.
    public func difference(from other: FeatureSpec) -> String? {
        for (index, (here, there)) in zip(features, other.features).enumerated() where here != there {
            return "feature \(index + 1) is '\(here)' here and '\(there)' there"
        }
        if features.count != other.features.count {
            let (longer, where_) =
                features.count > other.features.count ? (features, "here") : (other.features, "there")
            let odd = longer[min(features.count, other.features.count)]
            return
                "there are \(features.count) features here and \(other.features.count) there; '\(odd)' stands only \(where_)"
        }
        return window == other.window ? nil : "a window has \(window) bars here and \(other.window) there"
    }
}
