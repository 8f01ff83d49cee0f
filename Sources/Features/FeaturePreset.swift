internal import Core

/// Lists of features with a name.
public enum FeaturePreset: String, Hashable, Sendable, CaseIterable {
    /// Sixteen numbers that are comparable between instruments and years as they stand, with time and position.
    case takt16 = "takt-16"
    /// The state vector of the original system's standard environment, in its order and with its names.
    case legacy14 = "legacy-14"
    /// That of its enhanced environment.
    case legacy20 = "legacy-20"

    /// - Throws: ``FeatureError/unknownPreset(_:nearest:)``.
    public init(named name: String) throws(FeatureError) {
        guard let preset = FeaturePreset(rawValue: name) else {
            throw .unknownPreset(name, nearest: Nearest.match(name, in: Self.allCases.map(\.rawValue)))
        }
        self = preset
    }

    /// The features as they would be written in a list.
    public var texts: [String] {
        switch self {
        case .takt16: Self.stationary
        case .legacy14: Self.originalIndicators + ["position | none", "portfolio_return | none"]
        case .legacy20: Self.originalIndicators + Self.enhancedPosition
        }
    }

    /// - Parameter standard: the normalisation of the features that the preset leaves open: those of the market in
    ///   `takt-16`, none in the others.
    public func spec(
        window: Int = FeatureSpec.standardWindow, normalisation standard: Normalisation = .none
    ) throws(FeatureError) -> FeatureSpec {
        var features: [Feature] = []
        for text in texts { features.append(try Feature(text, normalisation: standard)) }
        return try FeatureSpec(features, window: window)
    }

    /// Distances in units of the average true range, oscillators as shares of one.
    private static let stationary = [
        "return_1 = log_return:1",
        "return_12 = log_return:12",
        "trend_20 = (close - SMA:20) / ATR:14",
        "trend_50 = (close - SMA:50) / ATR:14",
        "macd = MACD:12,26,9.hist / ATR:14",
        "rsi = RSI:14 / 100",
        "adx = ADX:14 / 100",
        "band = (close - BBANDS:20,2,2.lower) / (BBANDS:20,2,2.upper - BBANDS:20,2,2.lower)",
        "range = ATR:14 / close",
        "volatility = volatility:20",
        "volume = volume_ratio:20",
        "session_sin | none",
        "session_cos | none",
        "position | none",
        "unrealised = unrealised / ATR:14 | none",
        "held = bars_held / 100 | none",
    ]

    /// The original's table order. `OBV` counts from the first bar of whatever table it is given: here, of the window.
    private static let originalIndicators = [
        "RSI", "ForceIndex2", "%K", "%D", "MACD", "MACDSignal", "BBWidth", "ATR", "VPT", "VPT_MA", "OBV", "ROC",
    ].map { "\($0)_norm = ORIGINAL.\($0)\($0 == "OBV" ? "@window" : "") | zscore-original" }

    private static let enhancedPosition = [
        "position | none", "bars_held | none", "entry_gap | none", "portfolio_total_return | none",
        "portfolio_drawdown | none", "portfolio_winning_share | none", "portfolio_fills_per_step | none",
        "portfolio_deviation | none",
    ]
}
