import Core
import Foundation
import TestSupport
import Testing

/// A bar file that must be refused, and what is said about it.
struct BrokenBarFile: CustomTestStringConvertible, Sendable {
    let name: String
    let text: String
    let arguments: [String]
    let says: String

    init(
        _ name: String = "XNAS.NVDA.5m.csv", rows: String? = nil, text: String? = nil, arguments: [String] = [],
        says: String
    ) {
        self.name = name
        self.text = text ?? "ts,open,high,low,close,volume\n" + (rows ?? "2026-11-20T14:30:00Z,100,101,99,100,5\n")
        self.arguments = arguments
        self.says = says
    }

    var testDescription: String { says }

    static let all = [
        BrokenBarFile(text: "", says: "the file is empty"),
        BrokenBarFile(rows: "", says: "not one bar"),
        BrokenBarFile(text: "<html><body>404 Not Found</body></html>\n", says: ".csv:1: the first line '<html>"),
        BrokenBarFile(text: "ts,close\n2026-11-20T14:30:00Z,100\n", says: ".csv:1: the header lacks the column 'open'"),
        BrokenBarFile(text: "{\"error\": \"quota\"}\n", says: "there is no list 'output2'"),
        BrokenBarFile("NVDA.1d.json", text: "{\"output2\": [", says: ".json:1: this is no whole JSON text"),
        BrokenBarFile(text: "PK\u{3}\u{4}rubbish", says: "archive"),
        BrokenBarFile(rows: "2026-11-20T14:30:00Z,100,101,99,100\n", says: ".csv:2: 5 columns"),
        BrokenBarFile(rows: "2026-11-20T14:30:00Z,100,101,99,100,5,6\n", says: ".csv:2: 7 columns"),
        BrokenBarFile(rows: "2026-11-20T14:30:00Z;100;101;99;100;5\n", says: ".csv:2: 1 columns"),
        BrokenBarFile(rows: "2026-11-20T14:30:00Z,\"1,100\",101,99,100,5\n", says: ".csv:2:"),
        BrokenBarFile(rows: "2026-11-20T14:30:00Z,abc,101,99,100,5\n", says: ".csv:2: column 'open': 'abc'"),
        BrokenBarFile(rows: "2026-11-20T14:30:00Z,100,101,NaN,100,5\n", says: ".csv:2: column 'low': 'NaN'"),
        BrokenBarFile(rows: "2026-11-20T14:30:00Z,100,101,99,1e309,5\n", says: "column 'close': '1e309'"),
        BrokenBarFile(
            rows: "2026-11-20T14:30:00Z,100,101,99,100,5\n2026-13-20T14:35:00Z,100,101,99,100,5\n",
            says: ".csv:3: column 'ts': '2026-13-20T14:35:00Z'"),
        BrokenBarFile(rows: "2026-11-20T14:30:00,100,101,99,100,5\n", says: "with its offset"),
        BrokenBarFile("XNAS.NOPE.5m.csv", says: "'NOPE' is not in symbols.yaml"),
        BrokenBarFile("bars.csv", says: "which symbol"),
        BrokenBarFile("bars.csv", arguments: ["--symbol", "NVDA"], says: "how long a bar is"),
        BrokenBarFile(arguments: ["--layout", "lean"], says: ".zip"),
        BrokenBarFile(rows: "2026-11-20T14:30:00Z,100,101,99,100,-5\n", says: "volume is -5"),
        BrokenBarFile(rows: "2026-11-20T14:30:00Z,100,90,99,100,5\n", says: "ohlc-inconsistent"),
        BrokenBarFile(rows: "2026-11-20T14:31:00Z,100,101,99,100,5\n", says: "off-grid"),
        BrokenBarFile(rows: "2026-11-21T14:30:00Z,100,101,99,100,5\n", says: "outside-session"),
        BrokenBarFile(rows: "2026-11-20T14:30:00Z,0,0,0,0,5\n", says: "zero-price"),
        BrokenBarFile(
            rows: "2026-11-20T14:30:00Z,100,101,99,100,5\n2099-11-20T14:30:00Z,100,101,99,100,5\n",
            says: ".csv:3: the bar of 2099-11-20T14:30:00Z lies in the future"),
    ]
}

struct ImportBarsTests {
    private static let good = "2026-11-20T14:30:00Z,100,101,99,100,5\n2026-11-20T14:35:00Z,100,102,100,101,6\n"
    private static let header = "ts,open,high,low,close,volume\n"

    @Test(
        "A broken bar file ends with 65 and one line that names it; the database is as before",
        arguments: BrokenBarFile.all)
    func broken(file: BrokenBarFile) throws {
        let desk = try Desk()
        _ = try desk.takt("init")
        let good = try desk.folder.write(Self.header + Self.good, to: "good/XNAS.PLTR.5m.csv")
        let path = try desk.folder.write(file.text, to: "bars/\(file.name)")
        let digest = try desk.digest()
        // With a sound file before it: one broken file leaves nothing half done.
        let run = try desk.call(["import-bars"] + (file.arguments.isEmpty ? [good] : []) + [path] + file.arguments)
        #expect(run.code == 65, "\(run.output)")
        #expect(run.output.isEmpty)
        #expect(run.errorLines.count == 1, "\(run.errors)")
        #expect(run.errors.contains(file.name) && run.errors.contains(file.says), "\(run.errors)")
        #expect(try desk.digest() == digest)
    }

    @Test("Importing a file again changes nothing; a dry run neither")
    func twice() throws {
        let desk = try Desk()
        _ = try desk.takt("init")
        let path = try desk.folder.write(Self.header + Self.good, to: "XNAS.NVDA.5m.csv")
        let empty = try desk.digest()
        let rehearsal = try desk.takt("import-bars", path, "--dry-run")
        #expect(rehearsal.code == 0)
        // It says what it would do.
        let foretold = try rehearsal.document()["items"]?.arrayValue?.first
        #expect(foretold?["inserted"]?.intValue == 2)
        #expect(try desk.digest() == empty)
        let first = try desk.takt("import-bars", path).document()["items"]?.arrayValue?.first
        #expect(first?["inserted"]?.intValue == 2)
        let digest = try desk.digest()
        let second = try desk.takt("import-bars", path).document()["items"]?.arrayValue?.first
        #expect(second?["inserted"]?.intValue == 0 && second?["unchanged"]?.intValue == 2)
        #expect(try desk.digest() == digest)
    }

    @Test("A changed bar takes the old one's place, and the old one is listed with --revisions")
    func revised() throws {
        let desk = try Desk()
        _ = try desk.takt("init")
        let path = try desk.folder.write(Self.header + Self.good, to: "XNAS.NVDA.5m.csv")
        _ = try desk.takt("import-bars", path)
        #expect(try desk.takt("bars", "--revisions").document()["count"]?.intValue == 0)
        let before = try desk.takt("bars").document()["items"]?.arrayValue ?? []
        let changed = Self.good.replacing(",100,5\n", with: ",100,6\n", maxReplacements: 1)
        _ = try desk.folder.write(Self.header + changed, to: "XNAS.NVDA.5m.csv")
        let again = try desk.takt("import-bars", path).document()["items"]?.arrayValue?.first
        #expect(again?["revised"]?.intValue == 1, "\(Self.good)")
        let old = try desk.takt("bars", "--revisions").document()["items"]?.arrayValue ?? []
        #expect(old.map { $0["volume"] } == [before.first?["volume"]])
        #expect(old.first?["revision"]?.intValue == 1)
        #expect(try desk.takt("bars", "--revisions", "--gaps").code == 64)
    }

    @Test("A bar that makes no sense is left out and named; the others are kept")
    func partly() throws {
        let desk = try Desk()
        _ = try desk.takt("init")
        let rows = Self.good + "2026-11-20T14:40:00Z,100,90,99,100,5\n"
        let path = try desk.folder.write(Self.header + rows, to: "XNAS.NVDA.5m.csv")
        let run = try desk.takt("import-bars", path)
        #expect(run.code == 0)
        #expect(try run.document()["rejected"]?.intValue == 1)
        #expect(run.output.contains("line 4") && run.output.contains("ohlc-inconsistent"))
        #expect(try desk.list("bars").count == 2)
        let rejected = try desk.list("bars", "--rejected")
        #expect(rejected.first?["code"]?.stringValue == "ohlc-inconsistent")
        #expect(rejected.first?["line"]?.intValue == 4)
    }

    @Test("A symbol that contradicts the file's name is refused")
    func contradiction() throws {
        let desk = try Desk()
        _ = try desk.takt("init")
        let path = try desk.folder.write(Self.header + Self.good, to: "XNAS.NVDA.5m.csv")
        let run = try desk.takt("import-bars", path, "--symbol", "AAPL")
        #expect(run.code == 65)
        #expect(run.errors.contains("NVDA") && run.errors.contains("AAPL"))
    }

    @Test("Real bars import whole: New York and Seoul", .enabled(if: SharedFolder.exists))
    func real() throws {
        let desk = try Desk()
        _ = try desk.takt("init")
        let bars = SharedFolder.url.appendingPathComponent("data/bars/5m").path
        let run = try desk.takt("import-bars", "\(bars)/XNAS.NVDA.5m.csv", "\(bars)/XKRX.005930.5m.csv")
        #expect(run.code == 0)
        let items = try run.document()["items"]?.arrayValue ?? []
        #expect(items.compactMap { $0["symbol"]?.stringValue } == ["NVDA", "005930"])
        for item in items {
            #expect(item["read"]?.intValue ?? 0 > 3000)
            #expect(item["accepted"] == item["inserted"])
        }
    }

    @Test("Tiingo's splits are told at the import of the bars, and brought from the same file")
    func tiingo() throws {
        let desk = try Desk()
        _ = try desk.takt("init")
        let path = try desk.folder.write(
            """
            date,close,high,low,open,volume,adjClose,divCash,splitFactor
            2026-11-19,100,101,99,100,10,10,0.0,1.0
            2026-11-20,10,10.1,9.9,10,100,10,0.0,10.0

            """, to: "NVDA_daily.csv")
        let run = try desk.takt("import-bars", path)
        #expect(run.code == 0)
        let item = try #require(try run.document()["items"]?.arrayValue?.first)
        #expect(item["layout"] == "tiingo")
        let told = (item["warnings"]?.arrayValue ?? []).compactMap(\.stringValue)
        #expect(told.contains { $0.hasPrefix("corporate-action: 2026-11-20 has a split") && $0.contains(path) })
        let actions = try desk.takt("import-actions", path)
        #expect(actions.code == 0, "\(actions.errors)")
        let brought = try actions.document()["items"]?.arrayValue ?? []
        #expect(brought.map { $0["symbol"] } == ["NVDA"] && brought.map { $0["ex_date"] } == ["2026-11-20"])
        #expect(brought.map { $0["value"] } == ["10:1"])
    }

    @Test("What fits two layouts is refused with both named, and read once --layout says which")
    func ambiguous() throws {
        let desk = try Desk()
        _ = try desk.takt("init")
        let path = try desk.folder.write(
            "date,open,high,low,close,volume\n2026-11-20 00:00:00,100,101,99,100,5\n", to: "bars.csv")
        let run = try desk.takt("import-bars", path, "--symbol", "NVDA")
        #expect(run.code == 65)
        #expect(run.errors.contains("the content fits several layouts: yahoo, local_time"), "\(run.errors)")
        let told = try desk.takt("import-bars", path, "--symbol", "NVDA", "--layout", "yahoo")
        #expect(told.code == 0, "\(told.errors)")
        #expect(try told.document()["items"]?.arrayValue?.first?["timeframe"] == "1d")
        #expect(try desk.takt("import-bars", path, "--layout", "csv").code == 64)
    }

    // MARK: The series

    /// Five-minute bars from 14:30, one for each close.
    private static func rows(_ day: String, from minute: Int = 0, closes: [Int], volume: Int = 10) -> String {
        closes.enumerated().map { index, close in
            let at = 14 * 60 + 30 + minute + 5 * index
            let clock = "\(at / 60):\(at % 60 < 10 ? "0" : "")\(at % 60)"
            return "\(day)T\(clock):00Z,\(close),\(close + 1),\(close - 1),\(close),\(volume + index)\n"
        }.joined()
    }

    private static func desk(_ rows: String, to name: String = "XNAS.NVDA.5m.csv") throws -> (Desk, Takt.Run) {
        let desk = try Desk()
        _ = try desk.takt("init")
        let path = try desk.folder.write(header + rows, to: name)
        return (desk, try desk.takt("import-bars", path))
    }

    @Test("A newest price a hundred times off is held back by line and told, and taken once a later bar bears it out")
    func heldBack() throws {
        let (desk, run) = try Self.desk(Self.rows("2026-11-20", closes: [100, 101, 100, 150]))
        let item = try #require(try run.document()["items"]?.arrayValue?.first)
        #expect(item["held"] == 1 && item["accepted"] == 3 && item["inserted"] == 3 && item["rejected"] == 0)
        let told = item["rejections"]?.arrayValue?.first?.stringValue ?? ""
        #expect(told.hasPrefix("line 5, 2026-11-20T14:45:00Z: unconfirmed-jump") && told.hasSuffix("(held back)"))
        #expect(try desk.list("bars", "--symbol", "NVDA").count == 3)
        let rejected = try desk.list("bars", "--rejected")
        #expect(rejected.map { $0["code"] } == ["unconfirmed-jump"] && rejected.map { $0["line"] } == [5])

        // The same file again changes nothing; a file with the next bar brings it.
        let digest = try desk.digest()
        _ = try desk.takt("import-bars", desk.folder.path("XNAS.NVDA.5m.csv"))
        #expect(try desk.digest() == digest)
        let longer = try desk.folder.write(
            Self.header + Self.rows("2026-11-20", closes: [100, 101, 100, 150, 151]), to: "b/XNAS.NVDA.5m.csv")
        let dry = try desk.takt("import-bars", longer, "--dry-run").document()
        #expect(dry["items"]?.arrayValue?.first?["inserted"] == 2 && dry["held"] == 0)
        #expect(try desk.takt("import-bars", longer).document()["held"] == 0)
        #expect(try desk.list("bars", "--symbol", "NVDA").count == 5)
    }

    @Test("A session that repeats the one before, in the file or in the database, is held back")
    func repeated() throws {
        let closes = [100, 101, 103, 102, 104, 101, 100]
        let both = Self.rows("2026-11-19", closes: closes) + Self.rows("2026-11-20", closes: closes)
        let (_, run) = try Self.desk(both)
        #expect(try run.document()["held"] == 7)
        let (desk, _) = try Self.desk(Self.rows("2026-11-19", closes: closes))
        let path = try desk.folder.write(
            Self.header + Self.rows("2026-11-20", closes: closes), to: "b/XNAS.NVDA.5m.csv")
        let second = try desk.takt("import-bars", path)
        #expect(second.code == 0)
        #expect(try second.document()["held"] == 7)
        #expect(try desk.list("bars", "--symbol", "NVDA").count == 7)
    }

    @Test("A first bar that the file's other bars contradict is held back")
    func firstBar() throws {
        let (_, run) = try Self.desk(Self.rows("2026-11-20", closes: [10_000, 100, 101, 100, 100]))
        let item = try #require(try run.document()["items"]?.arrayValue?.first)
        #expect((item["held"]?.intValue ?? 0) + (item["rejected"]?.intValue ?? 0) == 1)
        #expect(item["first"] == "2026-11-20T14:35:00Z")
    }

    @Test("An import closes the gaps that it fills, whole or in part, and opens none for bars that are there")
    func fillsGaps() throws {
        let (desk, _) = try Self.desk(
            Self.rows("2026-11-20", closes: [100]) + Self.rows("2026-11-20", from: 30, closes: [100, 101]))
        func gaps() throws -> [String] {
            try desk.list("bars", "--gaps").map { gap in
                "\(gap["from"]?.stringValue?.dropFirst(11).prefix(5) ?? "") \(gap["missing"]?.intValue ?? 0) "
                    + (gap["state"]?.stringValue ?? "")
            }
        }
        #expect(try gaps() == ["14:35 5 open"])
        let middle = try desk.folder.write(
            Self.header + Self.rows("2026-11-20", from: 10, closes: [100, 101]), to: "b/XNAS.NVDA.5m.csv")
        _ = try desk.takt("import-bars", middle)
        #expect(try gaps() == ["14:35 1 open", "14:50 2 open"])
        let rest = try desk.folder.write(
            Self.header + Self.rows("2026-11-20", from: 5, closes: [100])
                + Self.rows("2026-11-20", from: 20, closes: [100, 101]),
            to: "c/XNAS.NVDA.5m.csv")
        _ = try desk.takt("import-bars", rest)
        #expect(try gaps() == ["14:35 1 filled", "14:50 2 filled"])
    }
}
