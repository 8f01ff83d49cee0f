import Core
import MarketData
import Sessions
import Testing

@Suite("Reading bar files")
struct BarFileReaderTests {
    let reader = BarFileReader(calendars: .embedded)

    private func read(
        _ text: String, _ path: String, _ options: BarFileReader.Options = .init()
    ) throws(BarFileError) -> ParsedBars {
        try reader.read(Array(text.utf8), path: path, options: options)
    }

    @Test("The takt layout is read exactly, with BOM and CRLF, with and without a last line end")
    func takt() throws {
        let lines = [
            "ts,open,high,low,close,volume", "2025-11-28T14:30:00Z,184.07,184.12345678,183.5,184,1000.5",
            "2025-11-28T09:35:00-05:00,184,184,184,184,0",
        ]
        for text in [
            lines.joined(separator: "\n"), lines.joined(separator: "\n") + "\n",
            "\u{FEFF}" + lines.joined(separator: "\r\n") + "\r\n", lines.joined(separator: "\n") + "\n\n",
        ] {
            let parsed = try read(text, "data/XNAS.NVDA.5m.csv")
            #expect(parsed.symbol == Symbol("NVDA"))
            #expect(parsed.exchange == ExchangeID("XNAS"))
            #expect(parsed.timeframe == .fiveMinutes)
            #expect(parsed.layout == .takt)
            #expect(parsed.rows.map(\.line) == [2, 3])
            #expect(parsed.rows.map(\.openAt.description) == ["2025-11-28T14:30:00Z", "2025-11-28T14:35:00Z"])
            let bar = try #require(parsed.rows.first).bar(source: .imported)
            #expect(bar.open == (try Price("184.07")))
            #expect(bar.high == (try Price("184.12345678")))
            #expect(bar.volume == (try Quantity("1000.5")))
        }
    }

    @Test("Yahoo's columns are found in any order, adjusted closes are left alone, floats move to their tick")
    func yahoo() throws {
        let instrument = try TestData.instrument("NVDA", "XNAS")
        let reader = BarFileReader(calendars: .embedded) { $0 == Symbol("NVDA") ? instrument : nil }
        let text = """
            Datetime,Close,High,Adj Close,Low,Open,Volume
            2025-12-23 14:30:00+00:00,184.0749969482422,184.63999938964844,1.5,183.50999450683594,184.39480590820312,7154307
            2025-12-23 09:35:00-05:00,184.0,null,1.5,183.5,184.0,7154307

            """
        let parsed = try reader.read(Array(text.utf8), path: "NVDA_5m_utc_close_first.csv")
        #expect(parsed.layout == .yahoo)
        #expect(parsed.instrument == instrument)
        let bar = try #require(parsed.rows.first).bar(source: .imported)
        #expect(bar.open == (try Price("184.39480591")))
        #expect(bar.high == (try Price("184.64")))
        #expect(bar.low == (try Price("183.51")))
        #expect(bar.close == (try Price("184.07499695")))
        #expect(parsed.rows[1].openAt.description == "2025-12-23T14:35:00Z")
        #expect(parsed.rows[1].empty == .high)
        #expect(parsed.warnings.map(\.code) == [.roundedToTick, .roundedTo8Decimals])
        #expect(parsed.warnings.map(\.count) == [2, 4])
    }

    @Test("A daily date becomes the open of its session, late opens and daylight saving included")
    func dailyDates() throws {
        let text = "Date,Open,High,Low,Close,Adj Close,Volume\n2025-11-13,1,1,1,1,1,1\n11/14/2025,1,1,1,1,1,1\n"
        let korea = try read(text, "XKRX.005930.1d.csv")
        #expect(korea.timeframe == .oneDay)
        #expect(korea.rows.map(\.openAt.description) == ["2025-11-13T01:00:00Z", "2025-11-14T00:00:00Z"])
        let summer =
            "date,open,high,low,close,volume\n2025-07-03 00:00:00+00:00,1,1,1,1,1\n7/4/2025,1,1,1,1,1\n1/3/2000,1,1,1,1,1\n"
        let parsed = try read(summer, "XNAS.NVDA.1d.raw.csv")
        #expect(parsed.variant == "raw")
        // Independence Day has no session: its midnight, which validation then names.
        #expect(
            parsed.rows.map(\.openAt.description)
                == ["2025-07-03T13:30:00Z", "2025-07-04T04:00:00Z", "2000-01-03T14:30:00Z"])
        let validator = BarValidator(timeframe: .oneDay, calendar: try TestData.calendar("XNAS"), instrument: nil)
        let result = validator.validate(parsed.rows)
        #expect(result.rejected.map(\.code) == ["outside-session"])
        #expect(result.warnings.map(\.code).contains(.outsideCalendar))
    }

    @Test("A LEAN archive gives minute bars in UTC and in dollars, and stays one-minute")
    func lean() throws {
        let path = "lean/equity/usa/minute/demo/20251128_trade.zip"
        let parsed = try reader.read(TestData.bytes(fixture: path), path: path)
        #expect(parsed.symbol == Symbol("DEMO"))
        #expect(parsed.timeframe == .oneMinute)
        #expect(parsed.layout == .lean)
        #expect(parsed.rows.count == 210)
        let bar = try #require(parsed.rows.first).bar(source: .imported)
        #expect(bar.openAt.description == "2025-11-28T14:30:00Z")
        #expect(bar.open == (try Price("54.67")))
        #expect(bar.low == (try Price("54.55")))
        #expect(bar.volume == Quantity(19_163))
        let validator = BarValidator(timeframe: .oneMinute, calendar: try TestData.calendar("XNAS"), instrument: nil)
        #expect(validator.validate(parsed.rows).gaps.isEmpty)
    }

    @Test("An archive spoiled anywhere is refused or gives the same bars, never a crash", arguments: 0..<60)
    func spoiledZip(seed: Int) throws {
        let path = "lean/equity/usa/minute/demo/20251128_trade.zip"
        let good = try TestData.bytes(fixture: path)
        let expected = try reader.read(good, path: path).rows
        var random = SeededGenerator(seed: UInt64(seed), stream: "zip")
        var bytes = good
        if seed % 3 == 0 { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
        for _ in 0..<(seed % 3 == 0 ? 0 : 3) {
            bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        do throws(BarFileError) {
            #expect(try reader.read(bytes, path: path).rows == expected, "seed \(seed)")
        } catch {
            #expect(error.place.file.hasPrefix(path), "seed \(seed)")
        }
    }

    @Test(
        "Yahoo's and our own file of the same Korean bars agree",
        .enabled(if: TestData.hasShared, "the shared folder is not there"))
    func sameBars() throws {
        let instrument = try TestData.instrument("005930", "XKRX")
        let reader = BarFileReader(calendars: .embedded) { _ in instrument }
        let vendor = try reader.read(
            TestData.bytes(shared: "vendor/yahoo/005930_5m_offset.csv"), path: "005930_5m_offset.csv")
        let ours = try reader.read(TestData.bytes(shared: "bars/5m/XKRX.005930.5m.csv"), path: "XKRX.005930.5m.csv")
        let byOpen = Dictionary(uniqueKeysWithValues: ours.rows.map { ($0.openAt, $0.bar(source: .imported)) })
        let common = vendor.rows.filter { byOpen[$0.openAt] != nil }
        #expect(common.count > 700)
        #expect(common.allSatisfy { byOpen[$0.openAt] == $0.bar(source: .imported) })
    }

    @Test("What the name says gives way to what the caller says")
    func names() throws {
        let row = "ts,open,high,low,close,volume\n2025-11-28T14:30:00Z,1,1,1,1,1\n"
        let given = try read(row, "x.csv", .init(symbol: Symbol("AAPL"), timeframe: .oneMinute))
        #expect(given.symbol == Symbol("AAPL"))
        #expect(given.timeframe == .oneMinute)
        #expect(given.exchange == nil)
        let expected: [(String, String?, String?, String?, String?)] = [
            ("XNYS.BRK.B.1d.raw.csv", "XNYS", "BRK.B", "1d", "raw"), ("BRK.B.1d.csv", nil, "BRK.B", "1d", nil),
            ("INDEX.SPX.1d.csv", nil, "SPX", "1d", nil), ("a/b/005930.15m.csv", nil, "005930", "15m", nil),
            ("GOOGL_daily.csv", nil, "GOOGL", "1d", nil), ("bars.csv", nil, nil, nil, nil),
            ("XKRX.900001.5m.faulty.csv", "XKRX", "900001", "5m", "faulty"),
        ]
        for (path, exchange, symbol, frame, variant) in expected {
            let name = BarFileName(path: path, calendars: .embedded)
            #expect(name.exchange?.text == exchange, "\(path)")
            #expect(name.symbol?.text == symbol, "\(path)")
            #expect(name.timeframe?.description == frame, "\(path)")
            #expect(name.variant == variant, "\(path)")
        }
    }

    @Test("A name whose timeframe is none is refused by that word", arguments: ["7m", "5s", "2d", "1w", "90m"])
    func strangeTimeframe(text: String) throws {
        #expect(throws: BarFileError.unsupportedTimeframe(.init("XNAS.NVDA.\(text).csv"), text: text)) {
            _ = try read("ts,open,high,low,close,volume\n2025-11-28T14:30:00Z,1,1,1,1,1\n", "XNAS.NVDA.\(text).csv")
        }
    }

    @Test("A number is read to the eighth decimal, half to even beyond it, for any digits")
    func numbers() throws {
        var random = SeededGenerator(seed: 6, stream: "numbers")
        var rows = "Datetime,Open,High,Low,Close,Volume\n"
        var expected: [FixedPoint] = []
        for index in 0..<500 {
            let whole = Int.random(in: 0..<100_000_000, using: &random) % [1, 10, 1000, 100_000_000][index % 4]
            let digits = String(
                (0..<Int.random(in: 1...14, using: &random)).map { _ in
                    Character("\(Int.random(in: 0...9, using: &random))")
                })
            rows += "2025-11-28T14:30:00Z,\(whole).\(digits),1,1,1,1\n"
            let padded = Array((digits + String(repeating: "0", count: 14)).utf8.map { Int128($0 - 48) }.prefix(14))
            let all = padded.reduce(Int128(whole)) { $0 * 10 + $1 }
            let (quotient, rest) = all.quotientAndRemainder(dividingBy: 1_000_000)
            let up = rest > 500_000 || (rest == 500_000 && quotient % 2 == 1)
            expected.append(try FixedPoint(units: quotient + (up ? 1 : 0)))
        }
        let parsed = try read(rows, "XNAS.NVDA.5m.csv")
        #expect(parsed.rows.map { FixedPoint(int64Units: $0.openUnits) } == expected)
    }

    @Test("Any bytes give bars or an error, never a crash", arguments: 0..<60)
    func fuzz(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed), stream: "fuzz")
        var bytes = Array(
            "ts,open,high,low,close,volume\n2025-11-28T14:30:00Z,1.5,2,1,1,10\n2025-11-28T14:35:00Z,1,1,1,1,1\n".utf8)
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let index = Int.random(in: bytes.indices, using: &random)
            switch seed % 3 {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: index)
            default: bytes.insert(Array("0123456789-+.,:TZ\n\r\"".utf8).randomElement(using: &random) ?? 0, at: index)
            }
        }
        do throws(BarFileError) {
            _ = try reader.read(bytes, path: "XNAS.NVDA.5m.csv")
        } catch {
            #expect(error.description.hasPrefix("XNAS.NVDA.5m.csv"))
        }
    }

    @Test("Twenty thousand rows are read within seconds even in an unoptimised build")
    func fast() throws {
        var text = Array("ts,open,high,low,close,volume\n".utf8)
        let row = Array("2025-11-28T14:30:00Z,184.07,184.63,183.51,184.39,7154307\n".utf8)
        for _ in 0..<20_000 { text.append(contentsOf: row) }
        let clock = ContinuousClock()
        var count = 0
        let time = try clock.measure { count = try reader.read(text, path: "XNAS.NVDA.5m.csv").rows.count }
        print("csv: \(count) rows in \(time)")
        #expect(count == 20_000)
        #expect(time < .seconds(10))
    }
}
