public import Core
public import Indicators

/// Where a bar stands among the bars of its session.
public struct SessionPlace: Hashable, Sendable {
    /// 0 for the session's first bar.
    public let index: Int
    /// How many bars the session has, half days and short last bars as the calendar has them.
    public let count: Int

    /// `nil` where the index is no place among so many bars.
    public init?(index: Int, of count: Int) {
        guard (0..<max(0, count)).contains(index) else { return nil }
        (self.index, self.count) = (index, count)
    }

    /// The share of the session's bars that have closed.
    var fraction: Double { Double(index + 1) / Double(count) }
}

/// What is held of the symbol, and how the portfolio has gone, at the close of a bar.
public struct FeatureHolding: Hashable, Sendable {
    /// −1 short, 0 flat, 1 long.
    public var side: Int
    /// Average cost in points of price; not asked for when flat.
    public var entryPrice: Double
    /// 0 when flat. (The original system's enhanced environment goes on showing the last count behind a stop.)
    public var barsHeld: Int
    /// See the terms of ``FeatureTerm/HoldingTerm``; NaN where it is not known.
    public var portfolioReturn: Double
    public var totalReturn: Double
    public var drawdown: Double
    public var winningShare: Double
    public var fillsPerStep: Double
    public var deviation: Double

    public init(
        side: Int, entryPrice: Double = .nan, barsHeld: Int = 0, portfolioReturn: Double = 0, totalReturn: Double = 0,
        drawdown: Double = 0, winningShare: Double = 0, fillsPerStep: Double = 0, deviation: Double = 0
    ) {
        (self.side, self.entryPrice, self.barsHeld) = (side.signum(), entryPrice, barsHeld)
        (self.portfolioReturn, self.totalReturn, self.drawdown) = (portfolioReturn, totalReturn, drawdown)
        (self.winningShare, self.fillsPerStep, self.deviation) = (winningShare, fillsPerStep, deviation)
    }

    /// Nothing held, nothing traded, equity as at the start: what research begins with.
    public static let none = FeatureHolding(side: 0)

    func value(of term: FeatureTerm.HoldingTerm, close: Double) -> Double {
        switch term {
        case .position: Double(side)
        case .unrealised: side == 0 ? 0 : Double(side) * (close - entryPrice)
        case .entryGap: side == 0 ? 0 : entryPrice / close - 1
        case .barsHeld: Double(barsHeld)
        case .portfolioReturn: portfolioReturn
        case .totalReturn: totalReturn
        case .drawdown: drawdown
        case .winningShare: winningShare
        case .fillsPerStep: fillsPerStep
        case .deviation: deviation
        }
    }
}

/// The bars up to the one whose features are wanted, with what else they depend on.
///
/// More bars than the list's window may stand here: the oldest are not looked at.
public struct FeatureWindow: Equatable, Sendable {
    /// Ascending; the last one is the bar of the vector.
    public let bars: BarColumns
    /// `nil` where it is not known: then the terms of the session have no value.
    public let place: SessionPlace?
    public let holding: FeatureHolding

    public init(_ bars: BarColumns, place: SessionPlace? = nil, holding: FeatureHolding = .none) {
        (self.bars, self.place, self.holding) = (bars, place, holding)
    }

    /// - Parameter sessionStarts: the indices of the bars that begin a session; `nil` where that is not known.
    public init(
        _ bars: [Bar], sessionStarts: [Int]? = nil, place: SessionPlace? = nil, holding: FeatureHolding = .none
    ) {
        self.init(BarColumns(bars, sessionStarts: sessionStarts), place: place, holding: holding)
    }
}

/// The features of one bar, in the order of their list.
public struct FeatureVector: Hashable, Sendable {
    public enum Form: String, Hashable, Sendable {
        /// As computed, not normalised in any way.
        case raw
        /// As a policy sees it.
        case normalised
    }

    /// Of the list it was computed from.
    public let schemaHash: Digest
    public let form: Form
    /// NaN where there is none.
    public internal(set) var values: [Double]
    /// How many bars more there must be for a complete vector.
    public let missingBars: Int

    /// Whether every feature has a value.
    public var isReady: Bool { missingBars == 0 && values.allSatisfy(\.isFinite) }

    /// The places of the features without a value.
    public var missing: [Int] { values.indices.filter { !values[$0].isFinite } }
}
