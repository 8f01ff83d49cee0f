internal import Indicators

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

extension FeatureTerm.Transform {
    /// NaN with fewer bars than it needs.
    func value(_ bars: BarColumns, at index: Int, _ count: Int) -> Double {
        switch self {
        case .simpleReturn: index < count ? .nan : bars.close[index] / bars.close[index - count] - 1
        case .logReturn: index < count ? .nan : log(bars.close[index] / bars.close[index - count])
        case .volatility:
            index < count
                ? .nan
                : Moments((index - count + 1...index).map { log(bars.close[$0] / bars.close[$0 - 1]) }).deviation
        case .volumeRatio:
            index + 1 < count
                ? .nan
                : bars.volume[index] / (bars.volume[index + 1 - count...index].reduce(0, +) / Double(count))
        }
    }
}

extension FeatureTerm.SessionTerm {
    func value(_ place: SessionPlace) -> Double {
        switch self {
        case .fraction: place.fraction
        case .sine: sin(2 * .pi * place.fraction)
        case .cosine: cos(2 * .pi * place.fraction)
        case .barsSinceOpen: Double(place.index)
        case .barsToClose: Double(place.count - 1 - place.index)
        }
    }
}

/// Mean and deviation of the sample, in two passes: the second sums small differences only.
struct Moments: Hashable, Sendable {
    let mean: Double
    /// Divisor n − 1; NaN for fewer than two values.
    let deviation: Double

    init(_ values: [Double]) {
        // Values that are all alike have no deviation, though their rounded mean may differ from each of them.
        if let low = values.min(), let high = values.max(), values.count > 1, Self.isNoise(high - low, of: values) {
            (mean, deviation) = (low, 0)
            return
        }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.mean = mean
        deviation = (squares / Double(values.count - 1)).squareRoot()
    }
}

extension Moments {
    /// Whether a difference between some of the values is no more than what computing them leaves behind. Many features are
    /// ratios less one: zero in truth, and 4e-16 or so after rounding, which is why the size of the values alone is no measure.
    static func isNoise(_ difference: Double, of values: [Double]) -> Bool {
        let size = values.reduce(1) { max($0, abs($1)) }
        return difference <= noise * size
    }

    private static let noise = 1e-13
}

enum Rolling {
    /// The last of so many values in deviations from their mean; NaN if any of them is missing.
    static func score(_ values: [Double], of count: Int) -> Double {
        guard values.count == count, let last = values.last else { return .nan }
        let moments = Moments(values)
        return moments.deviation == 0 ? 0 : (last - moments.mean) / moments.deviation
    }
}

enum Quantile {
    /// By linear interpolation between the two nearest of values in ascending order.
    static func of(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        guard below + 1 < sorted.count else { return sorted[below] }
        return sorted[below] + (sorted[below + 1] - sorted[below]) * (place - Double(below))
    }
}

extension FittedNormaliser.Scale {
    /// NaN for a missing value.
    func callAsFunction(_ value: Double) -> Double {
        switch self {
        case .none: value
        case .zscore(let mean, let deviation): (value - mean) / (deviation == 0 ? 1 : deviation)
        case .zscoreOriginal(let mean, let deviation): (value - mean) / (deviation + 1e-9)
        case .minmax(let low, let high):
            // A constant span is widened by a half on both sides, so that its value comes out as a half.
            low == high ? value - (low - 0.5) : (value - low) / (high - low)
        case .robust(let median, let lower, let upper):
            (value - median) / (upper == lower ? 1 : upper - lower)
        case .tanh(let mean, let deviation):
            Self.hyperbolic((value - mean) / (2 * (deviation == 0 ? 1 : deviation)))
        case .log(let offset): Self.logarithm(value + offset)
        }
    }

    private static func hyperbolic(_ value: Double) -> Double { Glibc.tanh(value) }
    private static func logarithm(_ value: Double) -> Double { log1p(value) }
}
