/// Parabolic stop and reverse (Wilder 1978): a stop that follows the trend faster the longer it lasts.
///
/// TA-Lib `SAR`; first value at bar 1. The first trend is down only if the first bar's fall of the low is positive and
/// exceeds the rise of the high; the first stop is the previous bar's opposite extreme. On a turn the stop is the old
/// extreme point. A stop never lies within the last two bars.
public struct ParabolicSAR: Indicator {
    @Exact private var acceleration: Double
    @Exact private var maximum: Double
    private var isLong = true
    @Exact private var factor: Double
    @Exact private var stop = Double.nan
    /// The highest high of a rise, the lowest low of a fall.
    @Exact private var extreme = Double.nan
    @Exact private var high = Double.nan
    @Exact private var low = Double.nan

    /// - Parameters:
    ///   - acceleration: the first factor and its step, from 0 to the maximum.
    ///   - maximum: where the factor stops growing, at most 1: with more the stop would run ahead of the price.
    public init(acceleration: Double = 0.02, maximum: Double = 0.2) throws(IndicatorError) {
        self.maximum = try Parameters.number(maximum, "maximum", of: "SAR", in: 0...1)
        self.acceleration = try Parameters.number(acceleration, "acceleration", of: "SAR", in: 0...maximum)
        factor = acceleration
    }

    @inlinable
    public static var inputs: BarInputs { .highLow }
    public var warmUp: Int { 1 }
    /// A stop depends on where its trend began, and that on the trend before.
    public var memory: IndicatorMemory { .anchored }

    public mutating func advance(_ bar: BarValues) -> Double {
        if high.isNaN {
            (high, low) = (bar.high, bar.low)
            return .nan
        }
        if stop.isNaN { begin(bar) }
        let shown = isLong ? follow(up: bar) : follow(down: bar)
        (high, low) = (bar.high, bar.low)
        return shown
    }

    private mutating func begin(_ bar: BarValues) {
        let fall = low - bar.low
        isLong = !(fall > 0 && fall > bar.high - high)
        extreme = isLong ? bar.high : bar.low
        stop = isLong ? low : high
        // The first bar is compared with itself only.
        (high, low) = (bar.high, bar.low)
    }

    private mutating func follow(up bar: BarValues) -> Double {
        guard bar.low > stop else {
            isLong = false
            let turned = max(extreme, high, bar.high)
            factor = acceleration
            extreme = bar.low
            stop = max(turned + factor * (extreme - turned), high, bar.high)
            return turned
        }
        let shown = stop
        if bar.high > extreme {
            extreme = bar.high
            factor = min(factor + acceleration, maximum)
        }
        stop = min(stop + factor * (extreme - stop), low, bar.low)
        return shown
    }

    private mutating func follow(down bar: BarValues) -> Double {
        guard bar.high < stop else {
            isLong = true
            let turned = min(extreme, low, bar.low)
            factor = acceleration
            extreme = bar.high
            stop = min(turned + factor * (extreme - turned), low, bar.low)
            return turned
        }
        let shown = stop
        if bar.low < extreme {
            extreme = bar.low
            factor = min(factor + acceleration, maximum)
        }
        stop = max(stop + factor * (extreme - stop), high, bar.high)
        return shown
    }
}

extension ParabolicSAR: Configured {
    var configuration: [Double] { [acceleration, maximum] }
}
