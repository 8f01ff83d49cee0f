import Core
import MarketData
import Sessions
import Testing

@Suite("Bars from KIS' chart answers")
struct KISChartTests {
    private func read(
        _ text: String, _ path: String, _ options: BarFileReader.Options = .init(), kis symbol: String? = nil
    ) throws -> ParsedBars {
        let reader = BarFileReader(calendars: .embedded) { wanted in
            try? Instrument(
                symbol: wanted, name: "A", exchange: ExchangeID(wanted.text.first == "9" ? "XKRX" : "XNAS"),
                currency: wanted.text.first == "9" ? .krw : .usd, ticks: .usEquity,
                brokerSymbols: symbol.map { [BrokerID("kis"): $0] } ?? [:])
        }
        return try reader.read(Array(text.utf8), path: path, options: options)
    }

    private static func answer(_ rows: String..., head: String = "{}") -> String {
        "{\n \"output1\": \(head),\n \"output2\": [\n  \(rows.joined(separator: ",\n  "))\n ],\n \"rt_cd\": \"0\"\n}\n"
    }

    private static func minute(_ time: String, _ close: String = "\"71100\"", day: String = "20251113") -> String {
        """
        {"stck_bsop_date": "\(day)", "stck_cntg_hour": "\(time)", "stck_prpr": \(close),
           "stck_oprc": "71000", "stck_hgpr": "71200", "stck_lwpr": "70900", "cntg_vol": "30572", "acml_tr_pbmn": "1"}
        """
    }

    private static func day(_ day: String) -> String {
        """
        {"stck_bsop_date": "\(day)", "stck_clpr": "3", "stck_oprc": "2", "stck_hgpr": "4", "stck_lwpr": "1", \
        "acml_vol": "12"}
        """
    }

    private static func overseas(_ day: String, _ time: String, _ koreanDay: String, _ korean: String) -> String {
        """
        {"tymd": "\(day)", "xymd": "\(day)", "xhms": "\(time)", "kymd": "\(koreanDay)", "khms": "\(korean)",
           "open": "57.6800", "high": "57.8100", "low": "57.4000", "last": "57.4000", "evol": "147982", "eamt": "8494166"}
        """
    }

    private static let name = "domestic_minute_900001_20251113_100000.json"

    @Test("The newest row comes first and the times are Seoul's starts of bars; padding is left out")
    func domesticMinutes() throws {
        let parsed = try read(Self.answer(Self.minute("100100"), "{}", Self.minute("100000")), Self.name)
        #expect(parsed.layout == .kis && parsed.symbol == Symbol("900001") && parsed.timeframe == .oneMinute)
        #expect(parsed.rows.map(\.openAt.description) == ["2025-11-13T01:00:00Z", "2025-11-13T01:01:00Z"])
        #expect(parsed.rows.map(\.line) == [7, 4])
        let bar = try #require(parsed.rows.first).bar(source: .imported)
        #expect(
            [bar.open, bar.high, bar.low, bar.close] == [Price(71_000), Price(71_200), Price(70_900), Price(71_100)])
        #expect(bar.volume == Quantity(30_572))
    }

    @Test("Days open with their session, and the answer itself names the stock")
    func domesticDays() throws {
        let text = Self.answer(
            Self.day("20251114"), Self.day("20251113"), head: "{\"stck_shrn_iscd\": \"900001\"}")
        let parsed = try read(text, "answer.json")
        #expect(parsed.symbol == Symbol("900001") && parsed.timeframe == .oneDay)
        #expect(parsed.rows.map(\.openAt.description) == ["2025-11-13T01:00:00Z", "2025-11-14T00:00:00Z"])
    }

    @Test("Overseas minutes: New York's time and Korea's name one instant, also in the hour that New York repeats")
    func overseasMinutes() throws {
        let text = Self.answer(
            Self.overseas("20251126", "093500", "20251126", "233500"),
            Self.overseas("20251102", "013000", "20251102", "153000"),
            Self.overseas("20251102", "013000", "20251102", "143000"), head: "{\"rsym\": \"DNASDEMO\"}")
        let parsed = try read(text, "overseas_minute_DEMO_5m.json")
        #expect(parsed.symbol == Symbol("DEMO") && parsed.timeframe == .fiveMinutes)
        #expect(
            parsed.rows.map(\.openAt.description)
                == ["2025-11-02T05:30:00Z", "2025-11-02T06:30:00Z", "2025-11-26T14:35:00Z"])
        #expect(parsed.rows[0].bar(source: .imported).open == (try Price("57.68")))
    }

    @Test("The name of a saved answer says symbol and length, as far as the call has one")
    func fileNames() {
        let expected: [(String, String?, String?)] = [
            ("domestic_minute_005930_20251113_100000.json", "005930", "1m"),
            ("a/domestic_daily_005930.json", "005930", "1d"), ("overseas_daily_BRK.B.json", "BRK.B", "1d"),
            ("overseas_minute_NVDA_15m.json", "NVDA", "15m"), ("overseas_minute_NVDA.json", "NVDA", nil),
            ("XKRX.005930.1m.json", "005930", "1m"), ("answer.json", nil, nil),
        ]
        for (path, symbol, timeframe) in expected {
            let name = BarFileName(path: path, calendars: .embedded)
            #expect(name.symbol?.text == symbol && name.timeframe?.description == timeframe, "\(path)")
        }
    }

    @Test("KIS' own name of a stock is the symbol whose broker symbol it is, and no other")
    func names() throws {
        let text = Self.answer(
            Self.overseas("20251126", "093500", "20251126", "233500"), head: "{\"rsym\": \"DNYSBRK/B\"}")
        let options = BarFileReader.Options(symbol: Symbol("BRK.B"), timeframe: .fiveMinutes)
        #expect(try read(text, "answer.json", options, kis: "BRK/B").symbol == Symbol("BRK.B"))
        #expect(throws: BarFileError.symbolMismatch(.init("answer.json"), inFile: "BRK/B", given: Symbol("BRK.B"))) {
            try read(text, "answer.json", options)
        }
    }

    @Test("The line, the row and the field of what cannot be read are named, and the file is refused whole")
    func broken() {
        func message(_ text: String, _ path: String = Self.name, _ options: BarFileReader.Options = .init()) -> String {
            do {
                _ = try read(text, path, options)
                return "read"
            } catch { return "\(error)" }
        }
        let none = BrokenFile.none
        let whole = " takt reads KIS' answers of domestic and overseas charts of minutes and days, as they were sent."
        let cases: [(String, String)] = [
            (
                message(Self.answer(Self.minute("100100"), Self.minute("100000", "\"71,100\""))),
                "\(Self.name):6: column 'output2[1].stck_prpr': '71,100' is not a number\(none)" + BrokenFile.number
            ),
            (
                message(Self.answer(Self.minute("100000", "71100"))),
                "\(Self.name):4: column 'output2[0].stck_prpr': '71100, without quotation marks,' is not a number\(none)"
                    + BrokenFile.number
            ),
            (
                message(Self.answer(Self.minute("246000"))),
                "\(Self.name):4: column 'output2[0].stck_cntg_hour': '246000' is no time that takt can read\(none) Expected "
                    + "a time of the day, HHMMSS, such as 093000."
            ),
            (
                message(Self.answer(Self.minute("100000", day: "20251131"))),
                "\(Self.name):4: column 'output2[0].stck_bsop_date': '20251131' is no time that takt can read\(none) "
                    + "Expected a day that exists, YYYYMMDD."
            ),
            (
                message(Self.answer(Self.minute("100100"), "{\"stck_bsop_date\": \"20251113\"}")),
                "\(Self.name):6: output2[1].stck_cntg_hour is missing\(none)" + whole
            ),
            (
                message(Self.answer(Self.minute("100000")), Self.name, .init(timeframe: .fiveMinutes)),
                "\(Self.name): the bars are 1m, not 5m\(none) Leave --timeframe out, or give the right one."
            ),
            (message(Self.answer("{}")), "\(Self.name): the answer holds no rows of bars\(none)" + whole),
            (
                message("{\"rt_cd\": \"1\", \"msg_cd\": \"EGW00201\", \"msg1\": \"초당 거래건수를 초과하였습니다.\"}"),
                "\(Self.name): KIS answered with an error: EGW00201 초당 거래건수를 초과하였습니다.\(none)" + whole
            ),
            (
                message("{\n\"output2\": [\n {\"a\": }\n]}"),
                "\(Self.name):3: this is no whole JSON text: not a number\(none) Download it again."
            ),
            (
                message(Self.answer("{\"a\": \"1\"}")),
                "\(Self.name):4: the rows of output2 fit none of the charts that takt knows\(none)" + whole
            ),
            (
                message(Self.answer(Self.day("20251128"), Self.day("20251121"), Self.day("20251114")), "9.1d.json"),
                "9.1d.json:6: no two rows are closer than four days, so these are weeks or months, or dates with the day first"
                    + "\(none) Bring daily bars, with dates such as 2025-11-28."
            ),
        ]
        for (found, expected) in cases { #expect(found == expected) }
    }

    @Test("A row whose two clocks disagree is refused")
    func clocks() throws {
        let text = Self.answer(
            Self.overseas("20251126", "093500", "20251126", "223500"), head: "{\"rsym\": \"DNASDEMO\"}")
        let error = #expect(throws: BarFileError.self) { try read(text, "overseas_minute_DEMO_5m.json") }
        #expect(
            error?.description
                == "overseas_minute_DEMO_5m.json:4: column 'output2[0].xhms': 20251126 093500 America/New_York is another "
                + "instant than 20251126 223500 Asia/Seoul in the same row\(BrokenFile.none) Download it again; nobody can "
                + "tell which of the two holds.")
    }

    @Test("Any bytes give bars or an error, never a crash", arguments: 0..<60)
    func fuzz(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed), stream: "kis")
        var bytes = Array(
            Self.answer(
                Self.overseas("20251126", "093500", "20251126", "233500"), "{}", head: "{\"rsym\": \"DNASDEMO\"}"
            ).utf8)
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let index = Int.random(in: bytes.indices, using: &random)
            switch seed % 3 {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: index)
            default: bytes.insert(Array("0123456789-+.,:\"{}[]\\".utf8).randomElement(using: &random) ?? 0, at: index)
            }
        }
        do throws(BarFileError) {
            _ = try BarFileReader(calendars: .embedded).read(bytes, path: "overseas_minute_DEMO_5m.json")
        } catch {
            #expect(error.description.hasPrefix("overseas_minute_DEMO_5m.json"), "seed \(seed)")
        }
    }
}
