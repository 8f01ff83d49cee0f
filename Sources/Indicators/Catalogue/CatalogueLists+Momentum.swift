extension IndicatorCatalogue {
    static let momentum: [IndicatorEntry] = [
        IndicatorEntry(
            "MACD", "moving average convergence/divergence", parameters: macd, columns: macdColumns
        ) { a throws(IndicatorError) in try MACD(fast: a.bars(0), slow: a.bars(1), signal: a.bars(2)) },
        IndicatorEntry(
            "MACD_ADJUSTED", "the same of adjusted averages", source: "pandas ewm(adjust=True)", parameters: macd,
            columns: macdColumns
        ) { a throws(IndicatorError) in try AdjustedMACD(fast: a.bars(0), slow: a.bars(1), signal: a.bars(2)) },
        IndicatorEntry("RSI", "relative strength index, Wilder's", parameters: [.bars("timeperiod", 14)]) {
            a throws(IndicatorError) in try RSI(period: a.bars(0))
        },
        IndicatorEntry(
            "RSI_SIMPLE", "relative strength index of plain means", source: "Cutler",
            parameters: [.bars("timeperiod", 14)]
        ) { a throws(IndicatorError) in try SimpleRSI(period: a.bars(0)) },
        IndicatorEntry("CMO", "Chande momentum oscillator, Wilder's averages", parameters: [.bars("timeperiod", 14)]) {
            a throws(IndicatorError) in try CMO(period: a.bars(0))
        },
        IndicatorEntry("ROC", "rate of change in per cent", parameters: [.bars("timeperiod", 10, from: 1)]) {
            a throws(IndicatorError) in try RateOfChange(period: a.bars(0))
        },
        IndicatorEntry("MOM", "momentum, a difference", parameters: [.bars("timeperiod", 10, from: 1)]) {
            a throws(IndicatorError) in try Momentum(period: a.bars(0))
        },
        IndicatorEntry(
            "STOCH", "slow stochastic",
            parameters: [.bars("fastk_period", 5, from: 1), .bars("slowk_period", 3, from: 1), slowD],
            columns: ["slowk", "slowd"]
        ) { a throws(IndicatorError) in try Stochastic(fastK: a.bars(0), slowK: a.bars(1), slowD: a.bars(2)) },
        IndicatorEntry(
            "STOCHF", "fast stochastic", parameters: [.bars("fastk_period", 5, from: 1), fastD], columns: fastColumns
        ) { a throws(IndicatorError) in try FastStochastic(fastK: a.bars(0), fastD: a.bars(1)) },
        IndicatorEntry(
            "STOCHRSI", "fast stochastic of the RSI",
            parameters: [.bars("timeperiod", 14), .bars("fastk_period", 5, from: 1), fastD], columns: fastColumns
        ) { a throws(IndicatorError) in try StochasticRSI(period: a.bars(0), fastK: a.bars(1), fastD: a.bars(2)) },
        IndicatorEntry("WILLR", "Williams' %R", parameters: [.bars("timeperiod", 14)]) {
            a throws(IndicatorError) in try WilliamsR(period: a.bars(0))
        },
        IndicatorEntry("CCI", "commodity channel index", parameters: [.bars("timeperiod", 14)]) {
            a throws(IndicatorError) in try CCI(period: a.bars(0))
        },
        IndicatorEntry(
            "AROON", "how recent the extremes are", parameters: [.bars("timeperiod", 14)], columns: ["down", "up"]
        ) { a throws(IndicatorError) in try Aroon(period: a.bars(0)) },
        IndicatorEntry(
            "ULTOSC", "ultimate oscillator",
            parameters: [
                .bars("timeperiod1", 7, from: 1), .bars("timeperiod2", 14, from: 1), .bars("timeperiod3", 28, from: 1),
            ]
        ) {
            a throws(IndicatorError) in
            try UltimateOscillator(short: a.bars(0), middle: a.bars(1), long: a.bars(2))
        },
        IndicatorEntry("TRIX", "change of a triply smoothed average", parameters: [.bars("timeperiod", 30)]) {
            a throws(IndicatorError) in try TRIX(period: a.bars(0))
        },
    ]

    private static let macd: [IndicatorParameter] = [
        .bars("fastperiod", 12), .bars("slowperiod", 26), .bars("signalperiod", 9, from: 1),
    ]
    private static let macdColumns = ["macd", "signal", "hist"]
    private static let fastColumns = ["fastk", "fastd"]
    private static let fastD = IndicatorParameter.bars("fastd_period", 3, from: 1)
    private static let slowD = IndicatorParameter.bars("slowd_period", 3, from: 1)
}
