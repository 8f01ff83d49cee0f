import Core
import Foundation
import MarketData
import Sessions
import Testing

@Suite("Validation of bars")
struct BarValidatorTests {
    @Test("Every planted fault of the committed file is found, and nothing else is rejected")
    func committedFaults() throws {
        let (parsed, result) = try TestData.validate(
            TestData.bytes(fixture: "XKRX.900001.5m.faulty.csv"), "XKRX.900001.5m.faulty.csv")
        #expect(parsed.variant == "faulty")
        let single = result.rejected.filter { $0.reason != .duplicateBar }.map { "\($0.openAtText) \($0.code)" }
        #expect(
            single == [
                "2025-11-19T05:35:00Z negative-volume", "2025-11-24T02:15:00Z ohlc-inconsistent",
                "2025-11-24T05:10:00Z outlier", "2025-11-24T05:50:00Z empty-field",
            ])
        let duplicates = result.rejected.filter { $0.reason == .duplicateBar }
        #expect(duplicates.count == 79)
        #expect(duplicates.count { $0.openAtText.hasPrefix("2025-12-09") } == 78)
        #expect(duplicates.contains { $0.openAtText == "2026-01-12T04:50:00Z" })
        #expect(result.warnings.map(\.code) == [.outOfOrder, .zeroVolumeFlat])
        #expect(result.warnings.map(\.openAtText) == ["2026-01-14T02:40:00Z", "2026-01-08T03:00:00Z"])
        #expect(result.gaps.contains { $0.from.description == "2025-11-07T01:45:00Z" && $0.missing == 6 })
    }

    @Test("A clean file passes whole: no rejection, no warning, gaps only for the days left out")
    func committedClean() throws {
        let (parsed, result) = try TestData.validate(TestData.bytes(fixture: "XNAS.SYNA.5m.csv"), "XNAS.SYNA.5m.csv")
        #expect(result.accepted.count == parsed.rows.count)
        #expect(result.rejected.isEmpty)
        #expect(result.warnings.isEmpty)
        #expect(result.gaps.isEmpty)
    }

    @Test(
        "Every planted fault in the shared files is found and nothing else",
        .enabled(if: TestData.hasShared, "the shared folder is not there"),
        arguments: ["XNAS.SYNA.5m", "XKRX.900001.5m"])
    func sharedFaults(name: String) throws {
        let truth = try Truth(TestData.bytes(shared: "synthetic/\(name).truth.json"))
        let (_, result) = try TestData.validate(
            TestData.bytes(shared: "synthetic/\(name).faulty.csv"), "\(name).faulty.csv")
        #expect(result.rejected.count == 5 + truth.repeatedBars)
        let codes = [
            "negative_volume": "negative-volume", "high_below_close": "ohlc-inconsistent", "spike_x10": "outlier",
            "empty_close": "empty-field", "duplicate": "duplicate-bar",
        ]
        for (fault, code) in codes {
            let at = try #require(truth.stamps[fault]?.first)
            #expect(result.rejected.contains { $0.openAtText == at && $0.code == code }, "\(fault)")
        }
        #expect(
            result.rejected.count { $0.openAtText.hasPrefix(truth.repeatedDate) && $0.reason == .duplicateBar }
                == truth.repeatedBars)
        #expect(result.warnings.count == 2)
        #expect(truth.stamps["out_of_order"]?.contains(result.warnings.first?.openAtText ?? "") == true)
        #expect(result.warnings.first?.code == .outOfOrder)
        #expect(result.warnings.last?.code == .zeroVolumeFlat)
        #expect(result.warnings.last?.openAtText == truth.stamps["zero_volume_flat"]?.first)
        // Four single rejections leave holes of their own, beside the planted hole and the halt.
        #expect(result.gaps.count == 6)
        #expect(result.gaps.contains { $0.from.description == truth.haltFrom && $0.missing == 6 })
        #expect(result.gaps.contains { $0.from.description == truth.stamps["missing"]?.first && $0.missing == 1 })
    }

    @Test(
        "Nothing is rejected in clean files, synthetic or real",
        .enabled(if: TestData.hasShared, "the shared folder is not there"),
        arguments: [
            "synthetic/XNAS.SYNA.5m.csv", "synthetic/XKRX.900001.5m.csv", "synthetic/XHKG.90001.15m.csv",
            "bars/5m/XNAS.NVDA.5m.csv", "bars/5m/XNAS.PLTR.5m.csv", "bars/5m/XNAS.AAPL.5m.csv",
            "bars/5m/ARCX.SPY.5m.csv", "bars/5m/XKRX.005930.5m.csv", "bars/5m/XKRX.000660.5m.csv",
            "bars/1m/XNAS.NVDA.1m.csv", "bars/1m/ARCX.SPY.1m.csv",
            "bars/1d/XNAS.AAPL.1d.raw.csv", "bars/1d/XNAS.GOOG.1d.raw.csv", "bars/1d/XNAS.NVDA.1d.adj.csv",
            "bars/1d/XNAS.AAPL.1d.adj.csv", "bars/1d/XNAS.NVDA.1d.raw.csv", "bars/1d/XNAS.NVDA.1d.adjdiv.csv",
            "bars/1d/XNAS.PLTR.1d.raw.csv", "bars/1d/ARCX.SPY.1d.raw.csv", "bars/1d/ARCX.SPY.1d.adjdiv.csv",
            "bars/1d/INDEX.SPX.1d.csv", "bars/1d/INDEX.KOSPI.1d.csv", "bars/1d/XKRX.005930.1d.raw.csv",
            "bars/1d/XKRX.005930.1d.adj.csv", "bars/1d/XKRX.000660.1d.raw.csv",
        ])
    func cleanFiles(path: String) throws {
        let (parsed, result) = try TestData.validate(TestData.bytes(shared: path), path)
        #expect(result.accepted.count == parsed.rows.count)
        #expect(result.rejected.isEmpty, "\(result.rejected.prefix(3))")
        let first = try #require(result.accepted.first)
        #expect(result.accepted.allSatisfy { $0.openAt >= first.openAt })
        if path.hasPrefix("bars/5m/XNAS") || path.hasPrefix("bars/5m/ARCX") || path.hasPrefix("synthetic") {
            #expect(result.gaps.isEmpty)
            #expect(result.warnings.filter { $0.code != .tickGrid }.isEmpty)
        }
    }

    @Test(
        "Korean halts and the vendor's early end of day are gaps, not faults",
        .enabled(if: TestData.hasShared, "the shared folder is not there"))
    func koreanGaps() throws {
        let path = "bars/5m/XKRX.005930.5m.csv"
        let (_, result) = try TestData.validate(TestData.bytes(shared: path), path)
        let calendar = try TestData.calendar("XKRX")
        #expect(result.rejected.isEmpty)
        let ends = result.gaps.filter { gap in
            calendar.slot(closingAt: gap.until, timeframe: .fiveMinutes)?.session.close == gap.until
        }
        #expect(ends.count == 41)
        for day in ["2020-03-13", "2020-03-19"] {
            #expect(
                result.gaps.contains { gap in
                    gap.from.description.hasPrefix(day) && !ends.contains(gap)
                }, "\(day)")
        }
    }

    @Test(
        "Bars of a currency pass without a calendar, but for volumes beyond what the database holds",
        .enabled(if: TestData.hasShared, "the shared folder is not there"))
    func currency() throws {
        let path = "bars/1h/FX.EURUSD.1h.csv"
        let (parsed, result) = try TestData.validate(TestData.bytes(shared: path), path)
        #expect(parsed.exchange == nil)
        #expect(result.accepted.count + result.rejected.count == 6225)
        #expect(result.rejected.allSatisfy { $0.reason == .tooLarge })
        #expect(result.rejected.first?.description.hasPrefix("line 4553, 2017-") == true)
    }

    @Test("Each unsound bar has its reason")
    func reasons() throws {
        let calendar = try TestData.calendar("XNAS")
        let at = try TestData.instant("2026-11-20T15:00:00Z")
        let bars: [(Bar, BarRejection.Reason)] = [
            (.fixture(at, low: -1), .negativePrice), (.fixture(at, low: 0), .zeroPrice),
            (.fixture(at, volume: -1), .negativeVolume), (.fixture(at, high: 100), .ohlcInconsistent),
            (.fixture(at, low: 101), .ohlcInconsistent), (.fixture(at.advanced(bySeconds: 60)), .offGrid),
            (.fixture(try TestData.instant("2026-11-20T14:25:00Z")), .outsideSession),
            (.fixture(try TestData.instant("2026-11-20T21:00:00Z")), .outsideSession),
            (.fixture(try TestData.instant("2026-11-26T15:00:00Z")), .outsideSession),
            (.fixture(try TestData.instant("2026-11-27T18:00:00Z")), .outsideSession),
        ]
        for (bar, reason) in bars {
            let result = BarValidator(timeframe: .fiveMinutes, calendar: calendar, instrument: nil).validate([bar])
            #expect(result.rejected.map(\.reason) == [reason], "\(bar)")
            #expect(result.accepted.isEmpty)
        }
        let holiday = BarValidator(timeframe: .fiveMinutes, calendar: calendar, instrument: nil).validate([bars[8].0])
        #expect(holiday.rejected.first?.message.contains("no session on 2026-11-26 (Thanksgiving") == true)
    }

    @Test("A later, different bar of the same open is named with both lines and the first is kept")
    func conflict() throws {
        let text = """
            ts,open,high,low,close,volume
            2026-11-20T15:00:00Z,10,11,9,10,100
            2026-11-20T15:00:00Z,10,12,9,10,100
            2026-11-20T15:00:00Z,10,11,9,10,100

            """
        let (_, result) = try TestData.validate(Array(text.utf8), "XNAS.DEMO.5m.csv")
        #expect(result.accepted.count == 1)
        #expect(
            result.rejected.map(\.description) == [
                "line 3, 2026-11-20T15:00:00Z: duplicate-bar: conflicts with line 2, which was kept: open 10, high 11, "
                    + "low 9, close 10 there, open 10, high 12, low 9, close 10 here",
                "line 4, 2026-11-20T15:00:00Z: duplicate-bar: the same bar as line 2",
            ])
    }

    @Test("A file with the newest bar first is sorted, with one warning")
    func newestFirst() throws {
        let at = try TestData.instant("2026-11-20T15:00:00Z")
        let bars = (0..<20).reversed().map { Bar.fixture(at.advanced(bySeconds: Int64($0) * 300)) }
        let validator = BarValidator(timeframe: .fiveMinutes, calendar: try TestData.calendar("XNAS"), instrument: nil)
        let result = validator.validate(bars)
        #expect(result.accepted == bars.reversed())
        #expect(result.warnings.map(\.code) == [.outOfOrder])
        #expect(result.warnings.first?.count == 19)
    }

    @Test("A crash that stays is no outlier, a misprint is", arguments: [true, false])
    func crash(stays: Bool) throws {
        let at = try TestData.instant("2026-11-20T14:30:00Z")
        var bars = (0..<20).map { Bar.fixture(at.advanced(bySeconds: Int64($0) * 300)) }
        for index in stays ? 10..<20 : 10..<11 {
            bars[index] = .fixture(bars[index].openAt, open: 46, high: 52, low: 45, close: 48)
        }
        let validator = BarValidator(timeframe: .fiveMinutes, calendar: try TestData.calendar("XNAS"), instrument: nil)
        #expect(validator.validate(bars).rejected.map(\.reason) == (stays ? [] : [.outlier]))
    }

    @Test("A future may trade below zero, a share may not")
    func negativeFuture() throws {
        let expiry = try #require(CivilDate(iso: "2026-12-18"))
        let future = try Instrument(
            symbol: Symbol("CL"), name: "Crude", kind: .future(expiry: expiry), exchange: ExchangeID("XNYM"),
            currency: .usd, ticks: .usEquity)
        let bar = Bar.fixture(try TestData.instant("2026-11-20T15:00:00Z"), open: -3, high: 1, low: -40, close: -37)
        #expect(
            BarValidator(timeframe: .fiveMinutes, calendar: nil, instrument: future).validate([bar]).rejected.isEmpty)
        #expect(BarValidator(timeframe: .fiveMinutes, calendar: nil, instrument: nil).validate([bar]).accepted.isEmpty)
    }

    @Test("What is accepted once is accepted again, whatever happened to the bars", arguments: 0..<40)
    func idempotent(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed), stream: "idempotent")
        let instrument = try TestData.instrument("MESS", "XNAS")
        let calendar = try TestData.calendar("XNAS")
        let from = try TestData.instant("2026-03-02T14:30:00Z")
        var bars = MarketGenerator(seed: UInt64(seed)).bars(
            instrument, calendar, .fiveMinutes, from: from, until: from.advanced(bySeconds: 5 * 86_400))
        for _ in 0..<40 {
            let index = Int.random(in: bars.indices, using: &random)
            let factor = [10, 3, 2][Int.random(in: 0..<3, using: &random)]
            switch Int.random(in: 0..<5, using: &random) {
            case 0:
                bars[index].high = try Price(bars[index].high.value.multiplied(by: FixedPoint(factor), rounding: .down))
            case 1: bars[index].low = try Price(bars[index].low.value.divided(by: FixedPoint(factor), rounding: .down))
            case 2: bars[index].close = bars[index].high
            case 3: bars.insert(bars[Int.random(in: bars.indices, using: &random)], at: index)
            default: bars.swapAt(index, Int.random(in: bars.indices, using: &random))
            }
        }
        let validator = BarValidator(timeframe: .fiveMinutes, calendar: calendar, instrument: instrument)
        let once = validator.validate(bars)
        let twice = validator.validate(once.accepted)
        #expect(twice.accepted == once.accepted, "seed \(seed)")
        #expect(twice.rejected.isEmpty, "seed \(seed)")
        #expect(once.accepted.count + once.rejected.count == bars.count, "seed \(seed)")
    }
}

/// The list of planted faults beside a synthetic file.
private struct Truth {
    var stamps: [String: [String]] = [:]
    var haltFrom = ""
    var repeatedDate = ""
    var repeatedBars = 0

    init(_ bytes: [UInt8]) throws {
        let json = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        for fault in json?["faults"] as? [[String: Any]] ?? [] {
            let name = fault["fault"] as? String ?? ""
            if let stamp = fault["ts"] as? String { stamps[name] = [stamp] }
            if let pair = fault["ts"] as? [String] { stamps[name] = pair }
            if name == "halt" { haltFrom = fault["from"] as? String ?? "" }
            if name == "session_repeated" {
                repeatedDate = fault["date"] as? String ?? ""
                repeatedBars = fault["bars"] as? Int ?? 0
            }
        }
    }
}
