import Core
import Reporting
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Golden values made with empyrical-reloaded 0.7.1 and pandas (see `Fixtures`), relative tolerance 10^-9.
@Suite struct StatisticsTests {
    struct Golden {
        let days: [CivilDate]
        let columns: [String: [Double]]
        let expected: JSONValue

        init(_ name: String) throws {
            let lines = String(decoding: try readFile(fixture("aapl_spx_returns.csv")), as: UTF8.self).split(
                separator: "\n")
            let heads = lines[0].split(separator: ",").map(String.init)
            let rows = lines.dropFirst().map { $0.split(separator: ",") }
            days = rows.compactMap { CivilDate(iso: $0[0]) }
            columns = Dictionary(
                uniqueKeysWithValues: heads.indices.dropFirst().map { index in
                    (heads[index], rows.compactMap { Double($0[index]) })
                })
            let json = try JSONValue(parsing: readFile(fixture("aapl_spx_golden.json")))
            expected = try #require(json["results"]?[name]?["expected"])
        }

        func same(_ actual: Double?, _ key: String) throws {
            let wanted = try #require(expected[key]?.doubleValue, "\(key)")
            let value = try #require(actual, "\(key)")
            #expect(abs(value - wanted) <= 1e-9 * max(abs(wanted), 1e-6), "\(key): \(value), expected \(wanted)")
        }
    }

    @Test("Every statistic equals the golden value", arguments: ["asset", "strategy"])
    func golden(name: String) throws {
        let golden = try Golden(name)
        let returns = try #require(golden.columns[name])
        let values = PerformanceStatistics(returns: returns)
        #expect(values.days == 1509)
        try golden.same(values.totalReturn, "total_return")
        try golden.same(values.annualReturn, "cagr_252")
        try golden.same(values.annualVolatility, "annual_volatility")
        try golden.same(values.sharpe, "sharpe")
        try golden.same(values.downsideDeviation, "downside_deviation_annual")
        try golden.same(values.sortino, "sortino")
        try golden.same(values.calmar, "calmar_cagr_252")
        try golden.same(values.valueAtRisk95, "var_95_historical")
        try golden.same(values.conditionalValueAtRisk95, "cvar_95_empyrical")
        try golden.same(values.skew, "skew_population")
        try golden.same(values.excessKurtosis, "excess_kurtosis_population")
        try golden.same(values.tailRatio, "tail_ratio")
        try golden.same(values.winRate, "win_rate_of_nonzero_days")
        try golden.same(values.profitFactor, "profit_factor")
        try golden.same(values.averageWin, "average_win")
        try golden.same(values.averageLoss, "average_loss")
        try golden.same(values.payoffRatio, "payoff_ratio")
        try golden.same(values.exposure, "exposure_nonzero_days")
        try golden.same(values.bestDay, "best_day")
        try golden.same(values.worstDay, "worst_day")
        try golden.same(Double(values.longestLosingRun), "longest_losing_run")
    }

    @Test("The deepest fall has the golden depth and dates", arguments: ["asset", "strategy"])
    func drawdown(name: String) throws {
        let golden = try Golden(name)
        let fall = try #require(PerformanceStatistics(returns: golden.columns[name] ?? []).maximumDrawdown)
        try golden.same(fall.depth, "max_drawdown")
        #expect(golden.days[fall.peak].description == golden.expected["max_drawdown_peak_date"]?.stringValue)
        #expect(golden.days[fall.trough].description == golden.expected["max_drawdown_trough_date"]?.stringValue)
        let recovered = fall.recovery.map { golden.days[$0].description }
        #expect(recovered == golden.expected["max_drawdown_recovery_date"]?.stringValue)
    }

    @Test("Against a benchmark, every statistic equals the golden value", arguments: ["asset", "strategy"])
    func benchmark(name: String) throws {
        let golden = try Golden(name)
        let values = BenchmarkStatistics(
            returns: golden.columns[name] ?? [], benchmark: golden.columns["benchmark"] ?? [])
        try golden.same(values.beta, "beta")
        try golden.same(values.alphaDaily, "alpha_daily")
        try golden.same(values.alphaAnnual, "alpha_annual_compounded")
        try golden.same(values.correlation, "correlation")
        try golden.same(values.informationRatioDaily, "information_ratio_daily")
        try golden.same(values.trackingErrorAnnual, "tracking_error_annual")
    }

    @Test("Years and months are compounded", arguments: ["asset", "strategy"])
    func calendar(name: String) throws {
        let golden = try Golden(name)
        let series = zip(golden.days, golden.columns[name] ?? []).map { DayReturn(day: $0, value: $1) }
        let months = DayReturn.monthly(series).map(\.value)
        try golden.same(months.max(), "best_month")
        try golden.same(months.min(), "worst_month")
        for year in DayReturn.yearly(series) {
            let wanted = try #require(golden.expected["yearly_returns"]?["\(year.year)"]?.doubleValue)
            #expect(abs(year.value - wanted) <= 1e-9 * abs(wanted))
        }
    }

    @Test("What is not defined is absent, not a number", arguments: [[], [0.01], [0, 0, 0]])
    func undefined(returns: [Double]) {
        let values = PerformanceStatistics(returns: returns)
        #expect(values.sharpe == nil && values.profitFactor == nil && values.calmar == nil)
        #expect(values.maximumDrawdown == nil && values.payoffRatio == nil)
        #expect(BenchmarkStatistics(returns: returns, benchmark: returns).beta == nil)
    }

    @Test("A curve that falls from its start has its high before the first day")
    func startHigh() throws {
        let fall = try #require(PerformanceStatistics(returns: [-0.5, 1.0, 0.1]).maximumDrawdown)
        #expect(fall.peak == -1 && fall.trough == 0 && fall.recovery == 1 && fall.depth == -0.5)
    }
}

struct FixtureProblem: Error { let what: String }

func fixture(_ name: String, beside file: String = #filePath) -> String {
    file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/Fixtures/" + name
}

func readFile(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw FixtureProblem(what: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
    return bytes
}
