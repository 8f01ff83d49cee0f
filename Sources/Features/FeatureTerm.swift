public import Indicators

/// One number that a feature is made of: a price, an indicator, a transform, the time of the session, the position.
///
/// Each has one spelling, which is part of a feature list's hash.
public enum FeatureTerm: Hashable, Sendable, CustomStringConvertible {
    /// A field of the last bar: prices in the instrument's currency, volume in shares or contracts.
    public enum Field: String, Hashable, Sendable, CaseIterable {
        case open, high, low, close, volume
    }

    /// A function of the last N bars, written `NAME:N`. `C` are closes, `V` volumes.
    public enum Transform: String, Hashable, Sendable, CaseIterable {
        /// C(t) / C(t−N) − 1.
        case simpleReturn = "return"
        /// ln(C(t) / C(t−N)).
        case logReturn = "log_return"
        /// The sample deviation (divisor N − 1) of the last N one-bar log returns, not annualised.
        case volatility
        /// V(t) over the mean of the last N volumes, this bar's included; missing where nothing was traded in N bars.
        case volumeRatio = "volume_ratio"
    }

    /// Where the bar stands in its session, counted in bars, so that lunch breaks and half days need no rule of their own.
    public enum SessionTerm: String, Hashable, Sendable, CaseIterable {
        /// The share of the session's bars that have closed: 1 at its last bar.
        case fraction = "session_fraction"
        /// The sine and cosine of 2π times that share.
        case sine = "session_sin"
        case cosine = "session_cos"
        /// 0 for the session's first bar.
        case barsSinceOpen = "bars_since_open"
        /// 0 for the session's last bar.
        case barsToClose = "bars_to_close"
    }

    /// What is held and how it went, at the close of the bar.
    public enum HoldingTerm: String, Hashable, Sendable, CaseIterable {
        /// −1 short, 0 flat, 1 long.
        case position
        /// Profit per unit in points of price: close − average cost when long, the opposite when short, 0 when flat.
        case unrealised
        /// Average cost / close − 1, for both sides; 0 when flat. The original system's (inverted) ratio.
        case entryGap = "entry_gap"
        /// Bars since the position was opened; 0 when flat and in the bar of the entry.
        case barsHeld = "bars_held"
        /// Equity over that of one step before, − 1.
        case portfolioReturn = "portfolio_return"
        /// Equity over that of the first step, − 1.
        case totalReturn = "portfolio_total_return"
        /// How far equity lies below its highest, as a share of that.
        case drawdown = "portfolio_drawdown"
        /// The share of positive ones among the last 20 step returns, of those there are.
        case winningShare = "portfolio_winning_share"
        /// Fills so far per step so far.
        case fillsPerStep = "portfolio_fills_per_step"
        /// The deviation of the population of the last 20 step returns; 0 before there are 20.
        case deviation = "portfolio_deviation"
    }

    /// Where the sum of an indicator begins that would otherwise begin with whatever bar happens to be the first.
    public enum Anchor: String, Hashable, Sendable, CaseIterable {
        /// The first bar of the running session. Without it in the window, there is no value.
        case session
        /// The first bar of the window: the value moves with the window, and means no level.
        case window
    }

    case field(Field)
    case indicator(IndicatorSpec, anchor: Anchor?)
    case transform(Transform, bars: Int)
    case session(SessionTerm)
    case holding(HoldingTerm)

    /// The bars a transform may look back.
    static let transformBars = 1...10_000

    public var description: String {
        switch self {
        case .field(let field): field.rawValue
        case .indicator(let spec, let anchor): spec.description + (anchor.map { "@\($0.rawValue)" } ?? "")
        case .transform(let transform, let bars): "\(transform.rawValue):\(bars)"
        case .session(let term): term.rawValue
        case .holding(let term): term.rawValue
        }
    }

    /// How many bars there must be, this one included, for a value.
    public var barsNeeded: Int {
        switch self {
        case .field, .session, .holding: 1
        case .indicator(let spec, _): ((try? AnyIndicator(spec))?.warmUp ?? 0) + 1
        case .transform(.volumeRatio, let bars): bars
        case .transform(_, let bars): bars + 1
        }
    }

    /// Whether it means the same only over windows of one length: an average that fades has another past in a shorter one,
    /// a sum that begins with the window another beginning.
    var needsWholeWindow: Bool {
        guard case .indicator(let spec, let anchor) = self, anchor != .session else { return false }
        if case .window? = (try? AnyIndicator(spec))?.memory { return false }
        return true
    }

    /// Whether it exists for every bar of a window; the others only for the last one.
    var isSeries: Bool {
        switch self {
        case .field, .indicator, .transform: true
        case .session, .holding: false
        }
    }
}

extension FeatureTerm {
    /// - Throws: ``FeatureError`` for an unknown name (with the nearest ones), a parameter out of range, an indicator of
    ///   several columns of which none is named, and one that counts from its first bar for ever without an anchor.
    public init(_ text: String) throws(FeatureError) {
        let (body, anchor) = try Self.splitAnchor(text)
        let parts = body.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let name = parts.first ?? ""
        if let term = Self.plain(name) {
            guard parts.count == 1, anchor == nil else {
                throw .malformed(text, reason: "\(name) takes no parameter; write it alone")
            }
            self = term
        } else if let transform = Transform(rawValue: name) {
            guard anchor == nil else { throw .malformed(text, reason: "\(name) has no anchor; leave out the @") }
            self = .transform(transform, bars: try Self.bars(of: transform, parts, text))
        } else {
            self = try Self.indicator(body, anchor, name)
        }
    }

    private static func splitAnchor(_ text: String) throws(FeatureError) -> (body: String, anchor: Anchor?) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1 else { return (text, nil) }
        guard parts.count == 2, let anchor = Anchor(rawValue: parts[1]) else {
            throw .malformed(text, reason: "behind @ stands session or window")
        }
        return (parts[0], anchor)
    }

    private static func plain(_ name: String) -> FeatureTerm? {
        if let field = Field(rawValue: name) { return .field(field) }
        if let term = SessionTerm(rawValue: name) { return .session(term) }
        return HoldingTerm(rawValue: name).map { .holding($0) }
    }

    private static func bars(
        of transform: Transform, _ parts: [String], _ text: String
    ) throws(FeatureError) -> Int {
        // One return has no deviation.
        let least = transform == .volatility ? 2 : transformBars.lowerBound
        guard parts.count == 2, let bars = Int(parts[1]), String(bars) == parts[1], bars >= least,
            bars <= transformBars.upperBound
        else {
            throw .malformed(
                text,
                reason: "\(transform.rawValue) takes a number of bars from \(least) to \(transformBars.upperBound); "
                    + "write \(transform.rawValue):20")
        }
        return bars
    }

    private static func indicator(
        _ text: String, _ anchor: Anchor?, _ name: String
    ) throws(FeatureError) -> FeatureTerm {
        let spec: IndicatorSpec
        let indicator: AnyIndicator
        do {
            spec = try IndicatorSpec(text)
            indicator = try AnyIndicator(spec)
        } catch .unknownName {
            throw .unknownTerm(name, nearest: nearest(to: name))
        } catch {
            throw .indicator(error)
        }
        guard indicator.columnNames.count == 1 else {
            throw .severalColumns(spec.description, columns: indicator.columnNames)
        }
        if indicator.memory == .anchored, anchor == nil { throw .anchorMissing(spec.description) }
        if indicator.memory != .anchored, anchor != nil { throw .anchorNeedless(spec.description) }
        return .indicator(spec, anchor: anchor)
    }

    /// All names but those of the indicators.
    static let plainNames: [String] =
        Field.allCases.map(\.rawValue) + Transform.allCases.map(\.rawValue) + SessionTerm.allCases.map(\.rawValue)
        + HoldingTerm.allCases.map(\.rawValue)
}
