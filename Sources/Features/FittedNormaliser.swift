public import Core

/// What a normaliser was fitted on: the bars of the training span and nothing behind them.
public struct TrainingSpan: Hashable, Sendable {
    public let symbols: [Symbol]
    public let timeframe: Timeframe
    /// The opens of the first and the last bar whose vectors were used.
    public let first: Instant
    public let last: Instant
    /// Whether bars outside of the regular session were among them.
    public let isExtended: Bool

    public init(symbols: [Symbol], timeframe: Timeframe, first: Instant, last: Instant, isExtended: Bool = false) {
        self.symbols = symbols.sorted()
        (self.timeframe, self.first, self.last, self.isExtended) = (timeframe, first, last, isExtended)
    }

    /// - Throws: ``FeatureError/fittedOnOtherBars(fitted:used:)``.
    public func require(_ timeframe: Timeframe, isExtended: Bool) throws(FeatureError) {
        guard timeframe != self.timeframe || isExtended != self.isExtended else { return }
        func text(_ timeframe: Timeframe, _ isExtended: Bool) -> String {
            isExtended ? "\(timeframe) extended-hours" : "\(timeframe) regular-hours"
        }
        throw .fittedOnOtherBars(
            fitted: text(self.timeframe, self.isExtended), used: text(timeframe, isExtended))
    }
}

/// The parameters that bring the features of one list to a common scale, from a training span.
///
/// It belongs to the list it was fitted on and is refused by any other: a network trained on one must not be fed another.
public struct FittedNormaliser: Hashable, Sendable {
    /// One feature's parameters; see ``Normalisation`` for what is made of them.
    public enum Scale: Hashable, Sendable {
        case none
        case zscore(mean: Double, deviation: Double)
        case zscoreOriginal(mean: Double, deviation: Double)
        case minmax(low: Double, high: Double)
        case robust(median: Double, lowerQuartile: Double, upperQuartile: Double)
        case tanh(mean: Double, deviation: Double)
        case log(offset: Double)
    }

    /// Two vectors have a deviation, though not one worth having.
    public static let leastVectors = 2

    public let spec: FeatureSpec
    public let span: TrainingSpan
    /// How many vectors it was fitted on.
    public let count: Int
    /// One per feature.
    public let scales: [Scale]

    /// - Throws: ``FeatureError/evidence(path:problem:)`` if there is not one finite scale of its own kind per feature.
    public init(_ spec: FeatureSpec, span: TrainingSpan, count: Int, scales: [Scale]) throws(FeatureError) {
        guard scales.count == spec.features.count else {
            throw .evidence(
                path: "parameters", problem: "are of \(scales.count) features, there are \(spec.features.count)")
        }
        for (feature, scale) in zip(spec.features, scales) where !scale.fits(feature.normalisation) {
            throw .evidence(
                path: "parameters.\(feature.name)", problem: "are no finite parameters of \(feature.normalisation)")
        }
        (self.spec, self.span, self.count, self.scales) = (spec, span, count, scales)
    }

    /// Fits on raw vectors of the list; incomplete ones are left out.
    ///
    /// - Throws: ``FeatureError/tooFewVectors(_:least:)``; ``FeatureError/schemaDiffers(_:)`` for vectors of another list
    ///   and for normalised ones.
    public init(_ spec: FeatureSpec, fitting vectors: [FeatureVector], span: TrainingSpan) throws(FeatureError) {
        for vector in vectors { try Self.require(vector, spec) }
        let rows = vectors.filter(\.isReady)
        guard rows.count >= Self.leastVectors else { throw .tooFewVectors(rows.count, least: Self.leastVectors) }
        let scales = spec.features.enumerated().map { index, feature in
            Scale(feature.normalisation, fitting: rows.map { $0.values[index] })
        }
        try self.init(spec, span: span, count: rows.count, scales: scales)
    }

    /// - Throws: ``FeatureError/schemaDiffers(_:)`` with the first feature that differs.
    public func requireSchema(of other: FeatureSpec) throws(FeatureError) {
        guard other.schemaHash != spec.schemaHash else { return }
        throw .schemaDiffers(other.difference(from: spec) ?? "their hashes differ")
    }

    private static func require(_ vector: FeatureVector, _ spec: FeatureSpec) throws(FeatureError) {
        guard vector.schemaHash == spec.schemaHash else {
            throw .schemaDiffers("a vector has the schema \(vector.schemaHash), the list \(spec.schemaHash)")
        }
        guard vector.form == .raw else { throw .schemaDiffers("a vector is normalised already") }
    }

    /// For a vector whose list is known to be this one.
    func scaled(_ vector: FeatureVector) -> FeatureVector {
        let values = zip(vector.values, scales).map { value, scale in
            let result = scale(value)
            return result.isFinite ? result : .nan
        }
        return FeatureVector(
            schemaHash: vector.schemaHash, form: .normalised, values: values, missingBars: vector.missingBars)
    }
}

extension FittedNormaliser.Scale {
    /// - Parameter values: finite, two or more.
    init(_ method: Normalisation, fitting values: [Double]) {
        switch method {
        case .none, .rolling: self = .none
        case .zscore:
            let moments = Moments(values)
            self = .zscore(mean: moments.mean, deviation: moments.deviation)
        case .zscoreOriginal:
            let moments = Moments(values)
            self = .zscoreOriginal(mean: moments.mean, deviation: moments.deviation)
        case .tanh:
            let moments = Moments(values)
            self = .tanh(mean: moments.mean, deviation: moments.deviation)
        case .minmax:
            let (low, high) = (values.min() ?? 0, values.max() ?? 0)
            self =
                Moments.isNoise(high - low, of: values) ? .minmax(low: low, high: low) : .minmax(low: low, high: high)
        case .robust:
            let sorted = values.sorted()
            let median = Quantile.of(sorted, 0.5)
            let (lower, upper) = (Quantile.of(sorted, 0.25), Quantile.of(sorted, 0.75))
            self =
                Moments.isNoise(upper - lower, of: values)
                ? .robust(median: median, lowerQuartile: median, upperQuartile: median)
                : .robust(median: median, lowerQuartile: lower, upperQuartile: upper)
        case .log:
            let low = values.min() ?? 0
            self = .log(offset: low <= 0 ? low.magnitude + 1 : 0)
        }
    }

    /// Whether these are finite parameters of the method.
    func fits(_ method: Normalisation) -> Bool {
        switch (self, method) {
        case (.none, .none), (.none, .rolling): true
        case (.zscore(let mean, let deviation), .zscore), (.zscoreOriginal(let mean, let deviation), .zscoreOriginal),
            (.tanh(let mean, let deviation), .tanh):
            // A deviation too small to divide by makes every value a missing one.
            mean.isFinite && deviation.isFinite && (deviation == 0 || deviation >= 1e-300)
        case (.minmax(let low, let high), .minmax): low.isFinite && high.isFinite && low <= high
        case (.robust(let median, let lower, let upper), .robust):
            median.isFinite && lower.isFinite && upper.isFinite && lower <= median && median <= upper
        case (.log(let offset), .log): offset.isFinite && offset >= 0
        case (.none, _), (.zscore, _), (.zscoreOriginal, _), (.minmax, _), (.robust, _), (.tanh, _), (.log, _): false
        }
    }
}
