import Core
import MarketData
import Sessions
import Testing

@Suite("Vendors' layouts, on samples of our own")
struct BarLayoutTests {
    private func read(
        _ text: String, _ path: String, _ options: BarFileReader.Options = .init()
    ) throws(BarFileError) -> ParsedBars {
        try BarFileReader(calendars: .embedded).read(Array(text.utf8), path: path, options: options)
    }

    private func opens(_ parsed: ParsedBars) -> [String] { parsed.rows.map(\.openAt.description) }

    private func bars(_ parsed: ParsedBars) -> [[String]] {
        parsed.rows.map { row in
            let bar = row.bar(source: .imported)
            return [bar.open, bar.high, bar.low, bar.close].map(\.description) + [bar.volume.description]
        }
    }

    @Test("Local times follow the exchange's clocks, on both sides of the change")
    func localTime() throws {
        let rows =
            "datetime,close,high,low,open,volume\n2025-10-31 09:30:00,1.25,2,1,1.1,7\n2025-11-03 09:30:00,1,1,1,1,1\n"
        let parsed = try read(rows, "XNAS.A.5m.csv")
        #expect(parsed.layout == .localTime)
        #expect(opens(parsed) == ["2025-10-31T13:30:00Z", "2025-11-03T14:30:00Z"])
        #expect(bars(parsed).first == ["1.1", "2", "1", "1.25", "7"])
        #expect(opens(try read(rows, "XTKS.A.5m.csv")) == ["2025-10-31T00:30:00Z", "2025-11-03T00:30:00Z"])
    }

    @Test(
        "A local time that clocks skip or show twice is refused by its line",
        arguments: [
            ("XNAS.A.5m.csv", "2026-03-08 02:30:00", "clocks in America/New_York never show '2026-03-08 02:30:00'"),
            ("XNAS.A.5m.csv", "2025-11-02 01:30:00", "clocks in America/New_York show '2025-11-02 01:30:00' twice"),
            ("XLON.A.5m.csv", "2026-03-29 01:00:00", "clocks in Europe/London never show '2026-03-29 01:00:00'"),
            ("XETR.A.5m.csv", "2025-10-26 02:55:00", "clocks in Europe/Berlin show '2025-10-26 02:55:00' twice"),
        ])
    func clockChanges(path: String, time: String, says: String) {
        let text = "datetime,open,high,low,close,volume\n2025-10-20 12:00:00,1,1,1,1,1\n\(time),1,1,1,1,1\n"
        do throws(BarFileError) {
            _ = try read(text, path)
            Issue.record("read")
        } catch {
            #expect(error.description.hasPrefix("\(path):3: column 'datetime': \(says)"))
        }
    }

    @Test("Midnight without an offset is a day or a local time: the timeframe tells, else both are named")
    func ambiguous() throws {
        let text = "datetime,open,high,low,close,volume\n2025-11-03 00:00:00,1,1,1,1,1\n"
        #expect(try read(text, "XNAS.A.1d.csv").layout == .yahoo)
        #expect(try read(text, "XNAS.A.1h.csv").layout == .localTime)
        #expect(throws: BarFileError.ambiguousLayout(.init("bars.csv", line: 1), [.yahoo, .localTime])) {
            try read(text, "bars.csv", .init(symbol: Symbol("A")))
        }
        // Two time columns are no layout's: neither is guessed.
        let both = "Date,Time,Open,High,Low,Close,Volume"
        #expect(throws: BarFileError.unknownHeader(.init("XNAS.A.5m.csv", line: 1), found: both)) {
            try read(both + "\n2025-11-03,09:30,1,1,1,1,1\n", "XNAS.A.5m.csv")
        }
    }

    @Test(
        "Weeks, months and days before months do not pass for days",
        arguments: [
            "Date,Open,High,Low,Close,Volume\n2025-11-03,1,1,1,1,1\n2025-11-10,1,1,1,1,1\n2025-11-17,1,1,1,1,1\n",
            "Date,Open,High,Low,Close,Volume\n3/11/2025,1,1,1,1,1\n4/11/2025,1,1,1,1,1\n5/11/2025,1,1,1,1,1\n",
            "2025-09-01,\"1\",\"1\",\"1\",\"1\",\"1\"\n2025-10-01,\"1\",\"1\",\"1\",\"1\",\"1\"\n"
                + "2025-11-03,\"1\",\"1\",\"1\",\"1\",\"1\"\n",
        ])
    func notDaily(text: String) throws {
        let first = text.hasPrefix("Date") ? 2 : 1
        #expect(throws: BarFileError.notDaily(.init("XNAS.A.1d.csv", line: first))) { try read(text, "XNAS.A.1d.csv") }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let shorter = lines.prefix(first + 1).joined(separator: "\n")
        #expect(try read(shorter, "XNAS.A.1d.csv").rows.count == 2)
    }

    @Test("A bar that is still forming is told apart: by its length, the end of a short one, and the session of a day")
    func forming() throws {
        func opens(_ rows: String, _ name: String, at now: String) throws -> ([String], String?) {
            let parsed = try read("ts,open,high,low,close,volume\n" + rows, name)
            let calendar = try TestData.calendar("XNAS")
            let (closed, forming) = parsed.closed(by: try TestData.instant(now), calendar: calendar)
            return (closed.map(\.openAt.description), forming?.openAt.description)
        }
        let minutes = "2025-11-28T17:50:00Z,1,1,1,1,1\n2025-11-28T17:45:00Z,1,1,1,1,1\n"
        let (first, second) = ("2025-11-28T17:45:00Z", "2025-11-28T17:50:00Z")
        #expect(try opens(minutes, "XNAS.A.5m.csv", at: "2025-11-28T17:55:00Z") == ([second, first], nil))
        #expect(try opens(minutes, "XNAS.A.5m.csv", at: "2025-11-28T17:54:59Z") == ([first], second))
        // The last hour of a half day ends with it, at 13:00 in New York.
        let hour = "2025-11-28T17:30:00Z,1,1,1,1,1\n"
        #expect(try opens(hour, "XNAS.A.1h.csv", at: "2025-11-28T17:59:59Z") == ([], "2025-11-28T17:30:00Z"))
        #expect(try opens(hour, "XNAS.A.1h.csv", at: "2025-11-28T18:00:00Z") == (["2025-11-28T17:30:00Z"], nil))
        let day = "2025-11-28T14:30:00Z,1,1,1,1,1\n"
        #expect(try opens(day, "XNAS.A.1d.csv", at: "2025-11-28T17:59:59Z") == ([], "2025-11-28T14:30:00Z"))
        #expect(try opens(day, "XNAS.A.1d.csv", at: "2025-11-28T18:00:00Z") == (["2025-11-28T14:30:00Z"], nil))
    }

    @Test("Tiingo's raw prices are taken, the adjusted ones left out, splits and dividends told")
    func tiingo() throws {
        let text = """
            date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor
            2025-11-13T00:00:00.000Z,10.5,11,9,10,100,1.05,1.1,0.9,1.0,1000,0.0,1.0
            2025-11-14T00:00:00.000Z,2.1,2.2,2,2,500,2.1,2.2,2,2,500,0.25,5.0
            """
        let parsed = try read(text, "XNAS.A.1d.csv")
        #expect(parsed.layout == .tiingo)
        #expect(opens(parsed) == ["2025-11-13T14:30:00Z", "2025-11-14T14:30:00Z"])
        #expect(bars(parsed) == [["10", "11", "9", "10.5", "100"], ["2", "2.2", "2", "2.1", "500"]])
        #expect(
            parsed.warnings.map(\.description) == [
                "corporate-action: 2025-11-14 has a split (splitFactor 5.0), which is not part of the bars: bring it with "
                    + "`takt import-actions XNAS.A.1d.csv`",
                "corporate-action: 2025-11-14 has a dividend (divCash 0.25), which is not part of the bars: bring it with "
                    + "`takt import-actions XNAS.A.1d.csv`",
            ])
        #expect(parsed.warnings.map(\.line) == [3, 3])
    }

    @Test("Dukascopy's days come before the months, in UTC or with the offset that stands behind them")
    func dukascopy() throws {
        let text =
            "Gmt time,Open,High,Low,Close,Volume\n01.03.2017 22:00:00.000,1.05693,1.05695,1.05601,1.05628,7322.0898\n"
        let parsed = try read(text, "EURUSD_1h_ask.csv")
        #expect(parsed.layout == .dukascopy && parsed.timeframe == .oneHour)
        #expect(opens(parsed) == ["2017-03-01T22:00:00Z"])
        #expect(bars(parsed) == [["1.05693", "1.05695", "1.05601", "1.05628", "7322.0898"]])
        let local = "Local time,Open,High,Low,Close,Volume\n02.03.2017 00:00:00.000 GMT+0100,1,1,1,1,1\n"
        #expect(opens(try read(local, "EURUSD_1h_ask.csv")) == ["2017-03-01T23:00:00Z"])
    }

    @Test("The Korean layout: byte-order mark, CRLF, quoted thousands, days as sessions, the assumed columns told")
    func korean() throws {
        let text =
            "\u{FEFF}2025-11-12,\"28,100\",\"28,450\",28000,\"28,100\",\"3,481,523\"\r\n\r\n2025-11-13,\"1,234.5\",\"\",\"1\",\"2\",\"0\"\r\n"
        let parsed = try read(text, "XKRX.000660.1d.csv")
        #expect(parsed.layout == .korean && parsed.rows.map(\.line) == [1, 3])
        // The day of the university entrance exam opens an hour late.
        #expect(opens(parsed) == ["2025-11-12T00:00:00Z", "2025-11-13T01:00:00Z"])
        #expect(bars(parsed) == [["28100", "28450", "28000", "28100", "3481523"], ["1234.5", "0", "1", "2", "0"]])
        #expect(parsed.rows.map(\.empty) == [[], .high])
        #expect(parsed.warnings.map(\.code) == [.assumedColumns])
    }

    /// Malformed files of the layouts that are plain text.
    static let broken: [BrokenFile] = [
        BrokenFile(
            "offset among local times",
            "datetime,open,high,low,close,volume\n2025-11-03 09:30:00,1,1,1,1,1\n2025-11-03 09:35:00-05:00,1,1,1,1,1\n",
            "XNAS.A.5m.csv:3: column 'datetime': '2025-11-03 09:35:00-05:00' is no time that takt can read\(BrokenFile.none) "
                + "Expected the exchange's local time without an offset, such as 2025-11-28 09:30:00."),
        BrokenFile(
            "local times without an exchange", "datetime,open,high,low,close,volume\n2025-11-03 09:30:00,1,1,1,1,1\n",
            "A.5m.csv: there is no exchange calendar for A, and the times of this file are local ones\(BrokenFile.none) Give "
                + "--symbol with a symbol of symbols.yaml.", path: "A.5m.csv"),
        BrokenFile(
            "local time asked, yahoo found",
            "Datetime,Open,High,Low,Close,Volume\n2025-11-03 09:30:00-05:00,1,1,1,1,1\n",
            "XNAS.A.5m.csv:1: this is the layout yahoo, not local_time\(BrokenFile.none)" + BrokenFile.layoutCure,
            layout: .localTime),
        BrokenFile(
            "yahoo asked, tiingo found", "date,close,high,low,open,volume,divCash,splitFactor\n",
            "XNAS.A.5m.csv:1: this is the layout tiingo, not yahoo\(BrokenFile.none)" + BrokenFile.layoutCure,
            layout: .yahoo),
        BrokenFile(
            "tiingo without splits", "date,close,high,low,open,volume,adjOpen,divCash\n2025-11-03,1,1,1,1,1,1,0\n",
            "XNAS.A.1d.csv:1: the header lacks the column 'splitFactor'\(BrokenFile.none) Add the column.",
            path: "XNAS.A.1d.csv"),
        BrokenFile(
            "tiingo with an empty factor",
            "date,close,high,low,open,volume,divCash,splitFactor\n2025-11-03,1,1,1,1,1,0.0,\n",
            "XNAS.A.1d.csv:2: column 'splitFactor': '' is not a number\(BrokenFile.none)" + BrokenFile.number,
            path: "XNAS.A.1d.csv"),
        BrokenFile(
            "month before day in Dukascopy's layout",
            "Time,Open,High,Low,Close,Volume\n03.31.2017 00:00:00.000,1,1,1,1,1\n",
            "XNAS.A.1h.csv:2: column 'Time': '03.31.2017 00:00:00.000' is no time that takt can read\(BrokenFile.none) "
                + dukascopyTimes, path: "XNAS.A.1h.csv"),
        BrokenFile(
            "Dukascopy's local time without its offset",
            "Local time,Open,High,Low,Close,Volume\n31.03.2017 00:00:00.000,1,1,1,1,1\n",
            "XNAS.A.1h.csv:2: column 'Local time': '31.03.2017 00:00:00.000' is no time that takt can read\(BrokenFile.none) "
                + dukascopyTimes, path: "XNAS.A.1h.csv"),
        BrokenFile(
            "thousands out of place", "2016-01-13,\"28,100\",\"28,450\",\"28,000\",\"28,100\",\"3,48,523\"\n",
            "XKRX.A.1d.csv:1: column 'volume': '3,48,523' is not a number\(BrokenFile.none)" + BrokenFile.number,
            path: "XKRX.A.1d.csv", layout: .korean),
        BrokenFile(
            "a quotation mark that stays open",
            koreanRow + "2016-01-14,\"28,100\",\"28,450\",\"28,000\",\"28,100\",\"3,481\n",
            "XKRX.A.1d.csv:2: column 'volume': '3,481' is not a number\(BrokenFile.none)" + BrokenFile.number,
            path: "XKRX.A.1d.csv"),
        BrokenFile(
            "separators without marks", koreanRow + "2016-01-14,28,100,28,450,28,000\n",
            "XKRX.A.1d.csv:2: 7 columns where the header has 6\(BrokenFile.none)" + BrokenFile.repair,
            path: "XKRX.A.1d.csv"),
        BrokenFile(
            "a Korean day that does not exist", koreanRow + "2016-02-30,\"1\",\"1\",\"1\",\"1\",\"1\"\n",
            "XKRX.A.1d.csv:2: column 'date': '2016-02-30' is no time that takt can read\(BrokenFile.none) Expected a date such "
                + "as 2025-11-28.", path: "XKRX.A.1d.csv"),
        BrokenFile(
            "Korean days as minutes", koreanRow,
            "XKRX.A.5m.csv: the bars are 1d, not 5m\(BrokenFile.none) Leave --timeframe out, or give the right one.",
            path: "XKRX.A.5m.csv"),
    ]

    private static let koreanRow = "2016-01-13,\"28,100\",\"28,450\",\"28,000\",\"28,100\",\"3,481,523\"\n"
    private static let dukascopyTimes =
        "Expected DD.MM.YYYY HH:MM:SS.mmm, such as 01.03.2017 13:00:00.000 (UTC) or 01.03.2017 14:00:00.000 GMT+0100."

    @Test("A malformed file is refused whole, with line, column, state and cure", arguments: broken)
    func refused(file: BrokenFile) {
        do throws(BarFileError) {
            let parsed = try read(file.content, file.path, .init(layout: file.layout))
            Issue.record("read \(parsed.rows.count) rows")
        } catch {
            #expect(error.description == file.message)
        }
    }

    @Test("A header in CP949 is named as another encoding")
    func encoding() {
        // 일자,시가 in CP949.
        let bytes: [UInt8] = [0xC0, 0xCF, 0xC0, 0xDA, 0x2C, 0xBD, 0xC3, 0xB0, 0xA1, 0x0A]
        #expect(
            throws: BarFileError.notText(.init("XKRX.A.1d.csv", line: 1), kind: "text in another encoding (CP949?)")
        ) {
            try BarFileReader(calendars: .embedded).read(bytes, path: "XKRX.A.1d.csv")
        }
    }

    @Test("Any bytes give bars or an error, never a crash", arguments: 0..<90)
    func fuzz(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed), stream: "layouts")
        let samples = [
            Self.koreanRow + Self.koreanRow,
            "Time,Open,High,Low,Close,Volume\n01.03.2017 22:00:00.000,1.05,1.1,1,1,7\n",
            "datetime,open,high,low,close,volume\n2025-11-03 09:30:00,1,1,1,1,1\n",
            "date,close,high,low,open,volume,divCash,splitFactor\n2025-11-03,1,1,1,1,1,0.0,1.0\n",
        ]
        var bytes = Array(samples[seed % samples.count].utf8)
        for _ in 0..<Int.random(in: 1...10, using: &random) {
            let index = Int.random(in: bytes.indices, using: &random)
            switch seed % 3 {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: index)
            default: bytes.insert(Array("0123456789-+.,:\" \n\r".utf8).randomElement(using: &random) ?? 0, at: index)
            }
        }
        for path in ["XKRX.A.1d.csv", "XNAS.A.5m.csv"] {
            do throws(BarFileError) {
                _ = try BarFileReader(calendars: .embedded).read(bytes, path: path)
            } catch {
                #expect(error.description.hasPrefix(path), "seed \(seed)")
            }
        }
    }
}
