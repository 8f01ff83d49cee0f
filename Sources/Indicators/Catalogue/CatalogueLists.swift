extension IndicatorCatalogue {
    static let averages: [IndicatorEntry] = [
        IndicatorEntry("SMA", "simple moving average", parameters: [.bars("timeperiod", 30)]) {
            a throws(IndicatorError) in try SMA(period: a.bars(0))
        },
        IndicatorEntry("EMA", "exponential moving average, seeded with a mean", parameters: [.bars("timeperiod", 30)]) {
            a throws(IndicatorError) in try EMA(period: a.bars(0))
        },
        IndicatorEntry(
            "EMA_ADJUSTED", "exponential moving average in the adjusted form", source: "pandas ewm(adjust=True)",
            parameters: [.bars("timeperiod", 30)]
        ) { a throws(IndicatorError) in try AdjustedEMA(period: a.bars(0)) },
        IndicatorEntry(
            "EMA_FIRST", "exponential moving average from the first close", source: "pandas ewm(adjust=False)",
            parameters: [.bars("timeperiod", 30)]
        ) { a throws(IndicatorError) in try FirstValueEMA(period: a.bars(0)) },
        IndicatorEntry("WMA", "linearly weighted moving average", parameters: [.bars("timeperiod", 30)]) {
            a throws(IndicatorError) in try WMA(period: a.bars(0))
        },
        IndicatorEntry("DEMA", "double exponential moving average", parameters: [.bars("timeperiod", 30)]) {
            a throws(IndicatorError) in try DEMA(period: a.bars(0))
        },
        IndicatorEntry("TEMA", "triple exponential moving average", parameters: [.bars("timeperiod", 30)]) {
            a throws(IndicatorError) in try TEMA(period: a.bars(0))
        },
        IndicatorEntry("KAMA", "Kaufman's adaptive moving average", parameters: [.bars("timeperiod", 30)]) {
            a throws(IndicatorError) in try KAMA(period: a.bars(0))
        },
    ]

    static let trend: [IndicatorEntry] = [
        IndicatorEntry("ADX", "average directional index", parameters: [.bars("timeperiod", 14)]) {
            a throws(IndicatorError) in try ADX(period: a.bars(0))
        },
        IndicatorEntry("PLUS_DI", "directional indicator, up", parameters: [.bars("timeperiod", 14)]) {
            a throws(IndicatorError) in try DirectionalIndicator(.up, period: a.bars(0))
        },
        IndicatorEntry("MINUS_DI", "directional indicator, down", parameters: [.bars("timeperiod", 14)]) {
            a throws(IndicatorError) in try DirectionalIndicator(.down, period: a.bars(0))
        },
        IndicatorEntry(
            "SAR", "parabolic stop and reverse",
            parameters: [.number("acceleration", 0.02, 0...1), .number("maximum", 0.2, 0...1)]
        ) { a throws(IndicatorError) in try ParabolicSAR(acceleration: a.number(0), maximum: a.number(1)) },
        IndicatorEntry(
            "LINEARREG_SLOPE", "slope of the least-squares line, per bar", parameters: [.bars("timeperiod", 14)]
        ) { a throws(IndicatorError) in try LinearRegressionSlope(period: a.bars(0)) },
    ]

    static let volatility: [IndicatorEntry] = [
        IndicatorEntry("TRANGE", "true range") { _ throws(IndicatorError) in TrueRange() },
        IndicatorEntry("ATR", "average true range, Wilder's", parameters: [.bars("timeperiod", 14, from: 1)]) {
            a throws(IndicatorError) in try ATR(period: a.bars(0))
        },
        IndicatorEntry(
            "ATR_SIMPLE", "average true range, plain mean", source: "plain mean",
            parameters: [.bars("timeperiod", 14, from: 1)]
        ) { a throws(IndicatorError) in try SimpleATR(period: a.bars(0)) },
        IndicatorEntry(
            "NATR", "average true range in per cent of the close", parameters: [.bars("timeperiod", 14, from: 1)]
        ) { a throws(IndicatorError) in try NATR(period: a.bars(0)) },
        IndicatorEntry("STDDEV", "standard deviation of the population", parameters: deviation) {
            a throws(IndicatorError) in try StandardDeviation(period: a.bars(0), factor: a.number(1))
        },
        IndicatorEntry("STDDEV_SAMPLE", "standard deviation of the sample", source: "pandas std", parameters: deviation)
        {
            a throws(IndicatorError) in
            try StandardDeviation(period: a.bars(0), factor: a.number(1), divisor: .sample)
        },
        IndicatorEntry("BBANDS", "Bollinger bands, population deviation", parameters: bands, columns: bandColumns) {
            a throws(IndicatorError) in
            try BollingerBands(period: a.bars(0), up: a.number(1), down: a.number(2))
        },
        IndicatorEntry(
            "BBANDS_SAMPLE", "Bollinger bands, sample deviation", source: "pandas std", parameters: bands,
            columns: bandColumns
        ) {
            a throws(IndicatorError) in
            try BollingerBands(period: a.bars(0), up: a.number(1), down: a.number(2), divisor: .sample)
        },
    ]

    static let presets: [IndicatorEntry] = [
        IndicatorEntry(
            "ORIGINAL", "the fifteen columns of the original system, with its treatment of missing values",
            source: "original system", columns: OriginalValues.columnNames
        ) { _ throws(IndicatorError) in OriginalIndicators() }
    ]

    private static let deviation: [IndicatorParameter] = [
        .bars("timeperiod", 5), .number("nbdev", 1, 0.01...1000),
    ]
    private static let bands: [IndicatorParameter] = [
        .bars("timeperiod", 5), .number("nbdevup", 2, 0.01...1000), .number("nbdevdn", 2, 0.01...1000),
    ]
    private static let bandColumns = ["upper", "middle", "lower"]
}
