import Core
import MarketData
import Sessions
import Testing

/// A vendor's file with bars of the same market from another source.
struct VendorFile: Sendable, CustomTestStringConvertible {
    let path: String
    let layout: BarLayout
    let symbol: String
    let exchange: String?
    /// The bars as they have to come out, in the normalised layout.
    let truth: String
    let rows: Int
    /// Rows outside every session, which validation leaves out.
    var outside = 0

    var testDescription: String { path }

    static let all = [
        VendorFile(
            path: "vendor/tiingo/NVDA_daily.csv", layout: .tiingo, symbol: "NVDA", exchange: "XNAS",
            truth: "bars/1d/XNAS.NVDA.1d.raw.csv", rows: 502),
        VendorFile(
            path: "vendor/local_time/SPY_5m_newyork_extended.csv", layout: .localTime, symbol: "SPY", exchange: "ARCX",
            truth: "bars/5m/ARCX.SPY.5m.csv", rows: 3796, outside: 514),
        VendorFile(
            path: "vendor/dukascopy/EURUSD_1h_ask.csv", layout: .dukascopy, symbol: "EURUSD", exchange: nil,
            truth: "bars/1h/FX.EURUSD.1h.csv", rows: 550),
        VendorFile(
            path: "vendor/korean/000660_daily_bom_quoted_noheader.csv", layout: .korean, symbol: "000660",
            exchange: "XKRX", truth: "bars/1d/XKRX.000660.1d.raw.csv", rows: 500),
        VendorFile(
            path: "vendor/kis/domestic_minute_900001_20251113_100000.json", layout: .kis, symbol: "900001",
            exchange: "XKRX", truth: "vendor/kis/domestic_minute_truth_1m.csv", rows: 1),
        VendorFile(
            path: "vendor/kis/domestic_minute_900001_20251113_103000.json", layout: .kis, symbol: "900001",
            exchange: "XKRX", truth: "vendor/kis/domestic_minute_truth_1m.csv", rows: 30),
        VendorFile(
            path: "vendor/kis/domestic_minute_900001_20251113_162900.json", layout: .kis, symbol: "900001",
            exchange: "XKRX", truth: "vendor/kis/domestic_minute_truth_1m.csv", rows: 30),
        VendorFile(
            path: "vendor/kis/domestic_daily_900001.json", layout: .kis, symbol: "900001", exchange: "XKRX",
            truth: "vendor/kis/domestic_daily_truth.csv", rows: 81),
        VendorFile(
            path: "vendor/kis/overseas_minute_DEMO_5m.json", layout: .kis, symbol: "DEMO", exchange: "XNAS",
            truth: "vendor/kis/overseas_minute_truth_5m.csv", rows: 120),
    ]
}

@Suite("Vendors' files", .enabled(if: TestData.hasShared, "the shared folder is not there"))
struct VendorFileTests {
    private func read(_ path: String, _ exchange: String?, _ layout: BarLayout = .auto) throws -> ParsedBars {
        let bytes = try TestData.bytes(shared: path)
        guard let exchange else {
            return try BarFileReader(calendars: .embedded).read(bytes, path: path, options: .init(layout: layout))
        }
        let reader = BarFileReader(calendars: .embedded) { try? TestData.instrument($0.text, exchange) }
        return try reader.read(bytes, path: path, options: .init(layout: layout))
    }

    @Test("Every row is a bar of the truth, told from the content and by name alike", arguments: VendorFile.all)
    func truth(file: VendorFile) throws {
        let parsed = try read(file.path, file.exchange)
        #expect(parsed.layout == file.layout && parsed.symbol == Symbol(file.symbol))
        #expect(parsed.rows.count == file.rows)
        #expect(try read(file.path, file.exchange, file.layout).rows == parsed.rows)

        let calendar = try file.exchange.map { try TestData.calendar($0) }
        let validation = BarValidator(
            timeframe: parsed.timeframe, calendar: calendar, instrument: parsed.instrument
        ).validate(parsed.rows)
        #expect(validation.rejected.filter { $0.code != "outside-session" }.isEmpty)
        #expect(validation.rejected.count == file.outside)

        let truth = try BarFileReader(calendars: .embedded).read(
            TestData.bytes(shared: file.truth), path: file.truth,
            options: .init(symbol: Symbol(file.symbol), timeframe: parsed.timeframe))
        let first = try #require(validation.accepted.first?.openAt)
        let last = try #require(validation.accepted.last?.openAt)
        let expected = truth.rows.map { $0.bar(source: .imported) }.filter { (first...last).contains($0.openAt) }
        #expect(validation.accepted == expected)
    }

    @Test("KIS' overseas days lie on New York's sessions, without a gap")
    func overseasDays() throws {
        let parsed = try read("vendor/kis/overseas_daily_DEMO.json", "XNAS")
        #expect(parsed.layout == .kis && parsed.timeframe == .oneDay && parsed.rows.count == 100)
        let validation = BarValidator(
            timeframe: .oneDay, calendar: try TestData.calendar("XNAS"), instrument: parsed.instrument
        ).validate(parsed.rows)
        #expect(validation.rejected.isEmpty && validation.gaps.isEmpty)
        let last = try #require(validation.accepted.last)
        #expect(last.openAt.description == "2025-12-31T14:30:00Z")
        #expect(last.close == (try Price("151.93")) && last.volume == Quantity(6_513_732))
    }

    @Test("Tiingo's splits and dividends are told by day, and are those of the table of actions")
    func tiingoActions() throws {
        let parsed = try read("vendor/tiingo/NVDA_daily.csv", "XNAS")
        let told = parsed.warnings.filter { $0.code == .corporateAction }.map(\.message)
        let table = try CorporateActionsReader.read(TestData.bytes(shared: "actions/actions.csv"), path: "actions.csv")
            .filter { $0.symbol == Symbol("NVDA") }
        #expect(told.count == table.count)
        for (message, action) in zip(told, table) {
            #expect(message.hasPrefix("\(action.exDate) has a \(action.isSplit ? "split" : "dividend") "))
            #expect(message.contains("takt import-actions vendor/tiingo/NVDA_daily.csv"))
        }
    }

    @Test(
        "Yahoo's and LEAN's files stay what they are",
        arguments: [
            ("yahoo/005930_5m_offset.csv", BarLayout.yahoo), ("yahoo/GOOGL_daily.csv", .yahoo),
            ("yahoo/SPX_daily_mdy.csv", .yahoo), ("yahoo/NVDA_5m_utc_close_first.csv", .yahoo),
            ("lean/equity/usa/daily/demo.zip", .lean), ("lean/equity/usa/minute/demo/20251201_trade.zip", .lean),
        ])
    func others(path: String, layout: BarLayout) throws {
        let parsed = try read("vendor/\(path)", path.contains("005930") ? "XKRX" : "XNAS")
        #expect(parsed.layout == layout)
        let validator = BarValidator(
            timeframe: parsed.timeframe, calendar: try TestData.calendar(parsed.instrument?.exchange.text ?? ""),
            instrument: parsed.instrument)
        #expect(validator.validate(parsed.rows).rejected.isEmpty)
    }

    @Test(
        "What holds no trades' bars is refused",
        arguments: [
            "lean/equity/usa/minute/demo/20251128_quote.zip", "lean/equity/usa/factor_files/demo.csv",
            "lean/equity/usa/map_files/demo.csv",
        ])
    func refused(path: String) {
        #expect(throws: BarFileError.self) { try read("vendor/\(path)", "XNAS") }
    }
}
