extension IndicatorCatalogue {
    static let volume: [IndicatorEntry] = [
        IndicatorEntry("OBV", "on-balance volume") { _ throws(IndicatorError) in OBV() },
        IndicatorEntry("AD", "accumulation/distribution line") { _ throws(IndicatorError) in
            AccumulationDistribution()
        },
        IndicatorEntry(
            "ADOSC", "Chaikin oscillator", parameters: [.bars("fastperiod", 3), .bars("slowperiod", 10)]
        ) { a throws(IndicatorError) in try ChaikinOscillator(fast: a.bars(0), slow: a.bars(1)) },
        IndicatorEntry("MFI", "money flow index", parameters: [.bars("timeperiod", 14)]) {
            a throws(IndicatorError) in try MFI(period: a.bars(0))
        },
        IndicatorEntry("VWAP", "volume-weighted average price of the session", source: "common use") {
            _ throws(IndicatorError) in VWAP()
        },
        IndicatorEntry(
            "VWAP_ROLLING", "volume-weighted average price of N bars", source: "common use",
            parameters: [.bars("timeperiod", 14, from: 1)]
        ) { a throws(IndicatorError) in try RollingVWAP(period: a.bars(0)) },
        IndicatorEntry("VPT", "volume-price trend, added up", source: "common use") {
            _ throws(IndicatorError) in VPT()
        },
        IndicatorEntry("VPT_BAR", "volume times relative change, bar by bar", source: "original system") {
            _ throws(IndicatorError) in BarVPT()
        },
        IndicatorEntry(
            "FORCE", "Elder's force index", source: "Elder 1993", parameters: [.bars("timeperiod", 13, from: 1)]
        ) { a throws(IndicatorError) in try ForceIndex(period: a.bars(0)) },
        IndicatorEntry("FORCE2", "two-bar change times volume", source: "original system") {
            _ throws(IndicatorError) in TwoBarForce()
        },
    ]
}
