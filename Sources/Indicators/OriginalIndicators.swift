/// The fifteen columns of the original system, in its order; NaN where it has none.
public struct OriginalValues: IndicatorOutput {
    public internal(set) var rsi = Double.nan
    public internal(set) var forceIndex2 = Double.nan
    public internal(set) var percentK = Double.nan
    public internal(set) var percentD = Double.nan
    public internal(set) var macd = Double.nan
    public internal(set) var macdSignal = Double.nan
    public internal(set) var sma20 = Double.nan
    public internal(set) var upperBand = Double.nan
    public internal(set) var lowerBand = Double.nan
    public internal(set) var bandWidth = Double.nan
    public internal(set) var atr = Double.nan
    public internal(set) var vpt = Double.nan
    public internal(set) var vptMean = Double.nan
    public internal(set) var obv = Double.nan
    public internal(set) var roc = Double.nan

    /// The original's own column names.
    public static let columnNames = [
        "RSI", "ForceIndex2", "%K", "%D", "MACD", "MACDSignal", "SMA20", "BBUpper", "BBLower", "BBWidth", "ATR", "VPT",
        "VPT_MA", "OBV", "ROC",
    ]
    public static var width: Int { 15 }
    public static var none: OriginalValues { OriginalValues() }

    public subscript(column: Int) -> Double {
        switch column {
        case 0: rsi
        case 1: forceIndex2
        case 2: percentK
        case 3: percentD
        case 4: macd
        case 5: macdSignal
        case 6: sma20
        case 7: upperBand
        case 8: lowerBand
        case 9: bandWidth
        case 10: atr
        case 11: vpt
        case 12: vptMean
        case 13: obv
        case 14: roc
        default: .nan
        }
    }
}

/// The original system's fifteen indicators at once, with its definitions and its treatment of missing values.
///
/// Its rules are those of pandas. A window has a value only if all its values exist; an average that fades goes on over
/// a hole; "previous" means the row before, missing or not. In particular: a move across a hole counts as none in `RSI`
/// (bar 0 too), the true range is made of what is there, `OBV` skips a term that is missing. `RSI` and `%K` do not exist
/// in a flat window. Deviations are of the sample (N − 1), `RSI` and `ATR` plain means, `MACD` of adjusted averages.
///
/// The original drops rows in which any column is missing; ``IndicatorOutput/isComplete`` tells them. It can leave a
/// deviation of 1e-8 of the price in a constant window (pandas' own residue); here it is 0.
public struct OriginalIndicators: Indicator {
    static let window = 14
    static let bandWindow = 20

    private var gains = WindowSum(window)
    private var losses = WindowSum(window)
    private var range = HoledRange(window)
    private var percentD = WindowSum(3)
    private var fast = AdjustedAverage(12)
    private var slow = AdjustedAverage(26)
    private var signal = AdjustedAverage(9)
    private var bands = WindowMoments(bandWindow)
    private var bandSum = WindowSum(bandWindow)
    private var trueRanges = WindowSum(window)
    private var vptSum = WindowSum(window)
    private var lagTwo = WindowLag(2)
    private var lagTen = WindowLag(10)
    @Exact private var last = Double.nan
    @Exact private var obv = 0.0
    /// Rows so far, counted no further than the longest warm-up.
    private var rows = 0

    public init() {}

    @inlinable
    public static var inputs: BarInputs { .highLowCloseVolume }
    /// Row 19 is the first in which all fifteen columns exist.
    public var warmUp: Int { Self.bandWindow - 1 }
    /// Because of `OBV`; the averages of `MACD` fade, everything else needs 21 bars.
    public var memory: IndicatorMemory { .anchored }

    public func memory(ofColumn column: Int) -> IndicatorMemory {
        switch OriginalValues.columnNames[column] {
        case "OBV": .anchored
        // An average of 26 bars, and one of 9 over the difference of averages.
        case "MACD": .fading(perBar: 25.0 / 27, stages: 1)
        case "MACDSignal": .fading(perBar: 25.0 / 27, stages: 2)
        // The longest of the others are the bands, and VPT_MA with the bar before its window.
        default: .window(bars: Self.bandWindow)
        }
    }

    /// Takes in a row, which may lack any of its values.
    public mutating func update(_ bar: BarValues) -> OriginalValues { advance(bar) }

    public mutating func advance(_ bar: BarValues) -> OriginalValues {
        rows = min(rows + 1, Self.bandWindow)
        let close = bar.close
        let move = close - last
        var values = OriginalValues()
        values.forceIndex2 = (close - lagTwo.push(close)) * bar.volume
        let old = lagTen.push(close)
        values.roc = 100 * (close - old) / old
        strength(move, &values)
        oscillate(bar, &values)
        converge(close, &values)
        band(close, &values)
        measureRange(bar, &values)
        weighVolume(bar, move, &values)
        last = close
        return values
    }

    /// Row by row: a row with a hole is not left out.
    public func computeColumns(over bars: BarColumns) -> [[Double]] { replay(bars) }

    private mutating func strength(_ move: Double, _ values: inout OriginalValues) {
        let gain = gains.push(Branchless.positive(move))
        let loss = losses.push(Branchless.positive(-move))
        if rows >= Self.window { values.rsi = 100 - 100 / (1 + gain / loss) }
    }

    private mutating func oscillate(_ bar: BarValues, _ values: inout OriginalValues) {
        if let (highest, lowest) = range.push(high: bar.high, low: bar.low) {
            values.percentK = 100 * (bar.close - lowest) / (highest - lowest)
        }
        // A missing %K keeps %D missing for three rows, so the warm-up needs no count of its own.
        values.percentD = percentD.push(values.percentK) / 3
    }

    private mutating func converge(_ close: Double, _ values: inout OriginalValues) {
        values.macd = fast.push(close) - slow.push(close)
        values.macdSignal = signal.push(values.macd)
    }

    private mutating func band(_ close: Double, _ values: inout OriginalValues) {
        let squares = bands.push(close).squares
        let sum = bandSum.push(close)
        guard rows >= Self.bandWindow else { return }
        let mean = sum / Double(Self.bandWindow)
        let deviation = (squares / Double(Self.bandWindow - 1)).squareRoot()
        values.sma20 = mean
        values.upperBand = mean + 2 * deviation
        values.lowerBand = mean - 2 * deviation
        values.bandWidth = (values.upperBand - values.lowerBand) / mean
    }

    private mutating func measureRange(_ bar: BarValues, _ values: inout OriginalValues) {
        // The larger of two is the one that is there, if the other is missing.
        let jump = Double.maximum((bar.high - last).magnitude, (bar.low - last).magnitude)
        let widest = Double.maximum(bar.high - bar.low, jump)
        let sum = trueRanges.push(widest)
        if rows >= Self.window { values.atr = sum / Double(Self.window) }
    }

    private mutating func weighVolume(_ bar: BarValues, _ move: Double, _ values: inout OriginalValues) {
        values.vpt = last == 0 ? .nan : bar.volume * move / last
        // Row 0 has no previous close, so its term is missing and keeps the first fourteen sums missing.
        values.vptMean = vptSum.push(values.vpt) / Double(Self.window)
        let term = move > 0 ? bar.volume : move < 0 ? -bar.volume : move * bar.volume
        guard !term.isNaN else { return }
        obv += term
        values.obv = obv
    }
}

/// Highest high and lowest low of N rows, missing while any of them is.
struct HoledRange: Codable, Equatable, Sendable {
    private var range: PriceRange
    /// Rows since a high or a low was missing, counted no further than the period.
    private var whole = 0

    init(_ period: Int) { range = PriceRange(period) }

    mutating func push(high: Double, low: Double) -> (highest: Double, lowest: Double)? {
        let isWhole = !high.isNaN && !low.isNaN
        whole = isWhole ? min(whole + 1, range.period) : 0
        // A row with a hole enters with bounds that change nothing; no result is shown while it is in the window.
        let pushed = range.push(high: isWhole ? high : -.infinity, low: isWhole ? low : .infinity)
        return whole >= range.period ? pushed : nil
    }
}
