import Core
import Foundation
import TestSupport
import Testing

struct IndicatorsCommandTests {
    private static let golden = "fixtures/indicators/aapl_daily_talib_default.csv"

    private func run(_ arguments: [String]) throws -> Takt.Run {
        let folder = try TemporaryFolder()
        return try Takt.run(["indicators"] + arguments, in: folder.path)
    }

    @Test(
        "Columns over a file are TA-Lib's, in 15 digits, and empty where there is no value yet",
        .enabled(if: SharedFolder.exists))
    func goldens() throws {
        let rows = try SharedFolder.text(Self.golden).split(separator: "\n", omittingEmptySubsequences: true)
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        let wanted = ["SMA", "RSI", "MACD.signal", "ADX", "OBV", "SAR"]
        let places = try wanted.map { try #require(rows[0].firstIndex(of: $0)) }
        let file = SharedFolder.url.appendingPathComponent("fixtures/indicators/aapl_daily_input.csv").path
        let answer = try run(["SMA:30", "RSI", "MACD.signal", "ADX", "OBV", "SAR", "--input", file])
        #expect(answer.code == 0, "\(answer.errors)")
        let lines = answer.lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        #expect(lines.count == rows.count)
        for (ours, theirs) in zip(lines.dropFirst(), rows.dropFirst()) {
            for (index, place) in places.enumerated() {
                let (left, right) = (ours[index + 1], theirs[place])
                #expect(left.isEmpty == right.isEmpty, "\(wanted[index]) at \(ours[0])")
                guard let value = Double(left), let golden = Double(right) else { continue }
                #expect(abs(value - golden) <= 1e-8 + 1e-9 * abs(golden), "\(wanted[index]) at \(ours[0])")
            }
        }
    }

    @Test(
        "Stored bars give the same numbers as NDJSON, null where nothing is ready, and --limit only cuts what is printed"
    )
    func stored() throws {
        let desk = try Desk.traded()
        let all = try desk.takt("indicators", "SMA:3", "RSI_SIMPLE:5", "--symbol", "NVDA", "--format", "ndjson")
        let items = try all.lines.dropLast().map { try JSONValue(parsing: $0) }
        #expect(items.count > 50)
        #expect(items.first?["SMA:3"] == .null)
        let cut = try desk.takt(
            "indicators", "SMA:3", "RSI_SIMPLE:5", "--symbol", "NVDA", "--format", "ndjson", "--limit", "2")
        #expect(try cut.lines.dropLast().map { try JSONValue(parsing: $0) } == Array(items.suffix(2)))
    }

    @Test(
        "What cannot be computed is refused by name",
        arguments: [
            (["SMMA:20", "--symbol", "NVDA"], 64, "SMMA"), (["RSI:0", "--symbol", "NVDA"], 64, "RSI"),
            (["SMA"], 64, "--input FILE or --symbol"), (["--symbol", "NVDA"], 64, "Name an indicator"),
            (["RSI", "SMA", "RSI:14", "--symbol", "NVDA"], 64, "RSI:14 is asked for twice"),
            (["MACD", "MACD.signal", "--symbol", "NVDA"], 64, "MACD:12,26,9.signal is asked for twice"),
            (["SMA", "--symbol", "QQQQ"], 64, "QQQQ"), (["SMA", "--input", "nowhere.csv"], 65, "nowhere.csv"),
        ])
    func refused(arguments: [String], code: Int32, says: String) throws {
        let answer = try run(arguments)
        #expect(answer.code == code, "\(answer.errors)")
        #expect(answer.errors.contains(says), "\(answer.errors)")
        #expect(answer.output.isEmpty)
    }

    /// Two days of hourly bars as a file; a bar of the second day is missing.
    private static let hours = """
        ts,open,high,low,close,volume
        2026-11-19T20:30:00Z,100,102,99,101,1000
        2026-11-20T14:30:00Z,200,202,199,201,2000
        2026-11-20T15:30:00Z,201,204,200,203,1000
        2026-11-20T17:30:00Z,203,205,202,204,1500

        """

    @Test("A header with commas in its names has as many fields as each of its lines")
    func quotedHeader() throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.hours, to: "hours.csv")
        let answer = try Takt.run(
            ["indicators", "BBANDS:3,2", "VWAP", "MACD.signal", "--input", "hours.csv", "--timeframe", "1h"],
            in: folder.path)
        #expect(answer.code == 0, "\(answer.errors)")
        let lines = answer.lines
        #expect(
            lines.first
                == #"ts,"BBANDS:3,2,2.upper","BBANDS:3,2,2.middle","BBANDS:3,2,2.lower",VWAP,"MACD:12,26,9.signal""#)
        // Commas outside quotes: every second piece between quotes is outside.
        let commas = lines.map { line in
            line.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset.isMultiple(of: 2) }.map { $0.element.filter { $0 == "," }.count }.reduce(0, +)
        }
        #expect(commas == [Int](repeating: 5, count: 5))
    }

    @Test("VWAP of bars without an exchange begins anew at midnight UTC and says so; other indicators say nothing")
    func vwapWithoutExchange() throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.hours, to: "hours.csv")
        func run(_ name: String) throws -> Takt.Run {
            try Takt.run(["indicators", name, "--input", "hours.csv", "--timeframe", "1h"], in: folder.path)
        }
        let vwap = try run("VWAP")
        // The typical price of the day's first bar alone: (202 + 199 + 201) / 3.
        #expect(vwap.lines.dropFirst(2).first == "2026-11-20T14:30:00Z,200.666666666667")
        #expect(vwap.errors.contains("midnight UTC") && vwap.errors.contains("XNAS."))
        #expect(try !run("SMA:2").errors.contains("midnight UTC"))
    }

    @Test("What is odd about a file is told on stderr, and the table is computed all the same")
    func oddFile() throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.hours, to: "XNAS.NVDA.1h.csv")
        let answer = try Takt.run(["indicators", "SMA:2", "--input", "XNAS.NVDA.1h.csv"], in: folder.path)
        #expect(answer.code == 0)
        #expect(answer.lines.count == 5)
        #expect(answer.errors.contains("missing"), "\(answer.errors)")
        #expect(!answer.output.contains("missing"))
        let quiet = try Takt.run(["indicators", "SMA:2", "--input", "XNAS.NVDA.1h.csv", "--quiet"], in: folder.path)
        #expect(quiet.errors.isEmpty && quiet.output == answer.output)
    }

    @Test("Without bars there is no table but a hint at the import; --profile and TAKT_FORMAT count")
    func profileAndFormat() throws {
        let desk = try Desk.traded()
        let none = try desk.takt("indicators", "SMA:3", "--symbol", "NVDA", "--timeframe", "15m")
        #expect(none.code == 65)
        #expect(none.output.isEmpty)
        #expect(none.errors.contains("no 15m bars of NVDA") && none.errors.contains("import-bars"))
        try desk.folder.write(
            """
            trading:
              profiles:
                us-5m: {symbols: [NVDA, PLTR], timeframe: 5m, broker: paper, bars: generator}
                us-15m: {symbols: [NVDA], timeframe: 15m, broker: paper, bars: generator}

            """, to: "config/trading.yaml")
        #expect(try desk.takt("indicators", "SMA:3", "--symbol", "NVDA").code == 0)
        let other = try desk.takt("indicators", "SMA:3", "--symbol", "NVDA", "--profile", "us-15m")
        #expect(other.code == 65 && other.errors.contains("no 15m bars"))
        let lines = try desk.takt(
            "indicators", "SMA:3", "--symbol", "NVDA", "--limit", "1", environment: ["TAKT_FORMAT": "ndjson"]
        ).lines
        #expect(try JSONValue(parsing: lines.first ?? "")["SMA:3"] != nil)
        let file = try desk.takt("indicators", "SMA:3", "--input", "x.csv", "--profile", "us-5m")
        #expect(file.code == 64)
    }

    @Test("The list names every indicator with its parameters")
    func list() throws {
        let items = try run(["--list", "--format", "json"]).document()["items"]?.arrayValue ?? []
        let names = Set(items.compactMap { $0["name"]?.stringValue })
        #expect(
            names.isSuperset(of: ["SMA", "EMA", "MACD", "RSI", "BBANDS", "ATR", "STOCH", "ADX", "OBV", "VWAP", "SAR"]))
    }
}
