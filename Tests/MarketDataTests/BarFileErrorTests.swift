import Core
import MarketData
import Sessions
import Testing

/// A file that must be refused, and the sentence the operator reads.
struct BrokenFile: Sendable, CustomTestStringConvertible {
    let name: String
    let path: String
    let content: String
    let layout: BarLayout
    let message: String

    init(
        _ name: String, _ content: String, _ message: String, path: String = "XNAS.A.5m.csv", layout: BarLayout = .auto
    ) {
        self.name = name
        self.path = path
        self.content = content
        self.layout = layout
        self.message = message
    }

    var testDescription: String { name }

    static let header = "ts,open,high,low,close,volume\n"
    static let row = "2025-11-28T14:30:00Z,1,2,1,1,10\n"
    static let none = "; nothing of this file was imported."
    static let headers =
        " Expected 'ts,open,high,low,close,volume' (takt) or 'Date,Open,High,Low,Close,Adj Close,Volume' in any order "
        + "(yahoo), or another layout that `takt import-bars --help` names."
    static let layoutCure = " Leave --layout out, or give the right one."
    static let stamps = " Expected the bar's start with its offset, such as 2025-11-28T14:30:00Z."
    static let dates = " Expected a date such as 2025-11-28, or the session's open such as 2025-11-28T14:30:00Z."
    static let number = " Write a plain decimal number such as 184.25."
    static let repair = " Repair the line; numbers carry no thousands separators."

    static let all: [BrokenFile] = [
        BrokenFile("empty", "", "XNAS.A.5m.csv: the file is empty\(none) Download it again."),
        BrokenFile(
            "header alone", header,
            "XNAS.A.5m.csv: there is a header but not one bar\(none) Download it again, or leave the file out."),
        BrokenFile(
            "no header", row,
            "XNAS.A.5m.csv:1: the first line '2025-11-28T14:30:00Z,1,2,1,1,10' is no header that takt knows\(none)"
                + headers),
        BrokenFile(
            "web page", "<!DOCTYPE html>\n<html>\n",
            "XNAS.A.5m.csv:1: the first line '<!DOCTYPE html>' is no header that takt knows\(none)" + headers),
        BrokenFile(
            "yahoo asked, takt found", header + row,
            "XNAS.A.5m.csv:1: this is the layout takt, not yahoo\(none)" + layoutCure, layout: .yahoo),
        BrokenFile(
            "takt asked, yahoo found", "Date,Open,High,Low,Close,Volume\n2025-11-28,1,1,1,1,1\n",
            "XNAS.A.5m.csv:1: this is the layout yahoo, not takt\(none)" + layoutCure, layout: .takt),
        BrokenFile(
            "missing column", "ts,open,high,low,close\n2025-11-28T14:30:00Z,1,2,1,1\n",
            "XNAS.A.5m.csv:1: the header lacks the column 'volume'\(none) Add the column."),
        BrokenFile(
            "column twice", "ts,open,high,low,close,close,volume\n",
            "XNAS.A.5m.csv:1: the header names the column 'close' twice\(none) Remove one of the two columns."),
        BrokenFile(
            "unknown column", "ts,open,high,low,close,volume,vwap\n",
            "XNAS.A.5m.csv:1: the header names the unknown column 'vwap'\(none) Remove the column, or rename it."),
        BrokenFile(
            "too few columns", header + row + "2025-11-28T14:35:00Z,1,2,1\n",
            "XNAS.A.5m.csv:3: 4 columns where the header has 6\(none)" + repair),
        BrokenFile(
            "too many columns", header + row + row + "2025-11-28T14:40:00Z,1,2,1,1,10,7\n",
            "XNAS.A.5m.csv:4: 7 columns where the header has 6\(none)" + repair),
        BrokenFile(
            "cut off in the last line", header + row + "2025-11-28T14:35",
            "XNAS.A.5m.csv:3: 1 columns where the header has 6\(none)" + repair),
        BrokenFile(
            "thousands separator", header + "2025-11-28T14:30:00Z,1,2,1,1,\"1,000\"\n",
            "XNAS.A.5m.csv:2: 7 columns where the header has 6\(none)" + repair),
        BrokenFile(
            "word for a number", header + row + "2025-11-28T14:35:00Z,1,2,one,1,10\n",
            "XNAS.A.5m.csv:3: column 'low': 'one' is not a number\(none)" + number),
        BrokenFile(
            "exponent", header + "2025-11-28T14:30:00Z,1,2,1,1,1e6\n",
            "XNAS.A.5m.csv:2: column 'volume': '1e6' is not a number\(none)" + number),
        BrokenFile(
            "blank inside", header + "2025-11-28T14:30:00Z,1, 2,1,1,1\n",
            "XNAS.A.5m.csv:2: column 'high': ' 2' is not a number\(none)" + number),
        BrokenFile(
            "two points", header + "2025-11-28T14:30:00Z,1.2.3,2,1,1,1\n",
            "XNAS.A.5m.csv:2: column 'open': '1.2.3' is not a number\(none)" + number),
        BrokenFile(
            "a sign alone", header + "2025-11-28T14:30:00Z,-,2,1,1,1\n",
            "XNAS.A.5m.csv:2: column 'open': '-' is not a number\(none)" + number),
        BrokenFile(
            "null in the takt layout", header + "2025-11-28T14:30:00Z,1,2,1,null,1\n",
            "XNAS.A.5m.csv:2: column 'close': 'null' is not a number\(none)" + number),
        BrokenFile(
            "nine decimals", header + "2025-11-28T14:30:00Z,1,2,1,1.123456789,1\n",
            "XNAS.A.5m.csv:2: column 'close': '1.123456789' has more than eight decimals\(none) Round the numbers."),
        BrokenFile(
            "time without an offset", header + "2025-11-28T14:30:00,1,2,1,1,1\n",
            "XNAS.A.5m.csv:2: column 'ts': '2025-11-28T14:30:00' is no time that takt can read\(none)" + stamps),
        BrokenFile(
            "a day that does not exist", header + row + "2025-02-29T14:30:00Z,1,2,1,1,1\n",
            "XNAS.A.5m.csv:3: column 'ts': '2025-02-29T14:30:00Z' is no time that takt can read\(none)" + stamps),
        BrokenFile(
            "epoch seconds", header + "1764340200,1,2,1,1,1\n",
            "XNAS.A.5m.csv:2: column 'ts': '1764340200' is no time that takt can read\(none)" + stamps),
        BrokenFile(
            "empty time", header + ",1,2,1,1,1\n",
            "XNAS.A.5m.csv:2: column 'ts': '' is no time that takt can read\(none)" + stamps),
        BrokenFile(
            "date in an intraday file", "Date,Open,High,Low,Close,Volume\n2025-11-28,1,1,1,1,1\n",
            "XNAS.A.5m.csv:2: column 'Date': '2025-11-28' is no time that takt can read\(none)" + stamps),
        BrokenFile(
            "day before month", "Date,Open,High,Low,Close,Volume\n28.11.2025,1,1,1,1,1\n",
            "XNAS.A.1d.csv:2: column 'Date': '28.11.2025' is no time that takt can read\(none)" + dates,
            path: "XNAS.A.1d.csv"),
        BrokenFile(
            "binary", header + row + "\u{0}\u{1}\u{2}",
            "XNAS.A.5m.csv:3: this is binary data, not a CSV file in UTF-8\(none) Unpack or convert it to UTF-8 text "
                + "first."),
        BrokenFile(
            "zip under a CSV name, layout given", "PK\u{3}\u{4}abc",
            "XNAS.A.5m.csv: this is a zip archive, not a CSV file in UTF-8\(none) Unpack or convert it to UTF-8 text "
                + "first.", layout: .takt),
        BrokenFile(
            "no symbol", header + row,
            "bars.csv: the name does not say which symbol it holds\(none) Name it like XNAS.NVDA.5m.csv, or give "
                + "--symbol.", path: "bars.csv"),
        BrokenFile(
            "a name of another form", header + row,
            "NVDA_all.csv: the name does not say which symbol it holds\(none) Name it like XNAS.NVDA.5m.csv, or give "
                + "--symbol.", path: "NVDA_all.csv"),
        BrokenFile(
            "quotes of LEAN", "PK",
            "equity/usa/minute/demo/20251128_quote.zip: this LEAN archive holds quotes, not trades\(none) Import the "
                + "*_trade.zip beside it.", path: "equity/usa/minute/demo/20251128_quote.zip"),
        BrokenFile(
            "zip cut off", "PK\u{3}\u{4}",
            "equity/usa/minute/demo/20251128_trade.zip: the zip archive is broken: it is cut off\(none) Download it "
                + "again.", path: "equity/usa/minute/demo/20251128_trade.zip"),
        BrokenFile(
            "LEAN ticks", "PK",
            "equity/usa/tick/demo/20251128_trade.zip: the resolution 'tick' is not supported\(none) takt reads LEAN's "
                + "equity/usa minute, hour and daily trade archives.", path: "equity/usa/tick/demo/20251128_trade.zip"),
        BrokenFile(
            "LEAN crypto", "PK",
            "crypto/coinbase/minute/btcusd/20251128_trade.zip: the market 'coinbase' is not supported\(none) takt reads "
                + "LEAN's equity/usa minute, hour and daily trade archives.",
            path: "crypto/coinbase/minute/btcusd/20251128_trade.zip"),
    ]
}

@Suite("Refused bar files")
struct BarFileErrorTests {
    @Test("A broken file is refused whole, with line, column, state and cure", arguments: BrokenFile.all)
    func refused(file: BrokenFile) {
        do throws(BarFileError) {
            let parsed = try BarFileReader(calendars: .embedded).read(
                Array(file.content.utf8), path: file.path, options: .init(layout: file.layout))
            Issue.record("read \(parsed.rows.count) rows")
        } catch {
            #expect(error.description == file.message)
        }
    }

    @Test("A symbol that is not configured, a missing timeframe and a wrong one are refused")
    func subjects() {
        func message(_ path: String, _ options: BarFileReader.Options) -> String {
            do throws(BarFileError) {
                _ = try BarFileReader(calendars: .embedded) { _ in nil }.read(
                    Array((BrokenFile.header + BrokenFile.row).utf8), path: path, options: options)
                return "read"
            } catch { return error.description }
        }
        #expect(
            message("XNAS.NVDA.5m.csv", .init())
                == "XNAS.NVDA.5m.csv: the symbol 'NVDA' is not in symbols.yaml; nothing of this file was imported. Add it "
                + "there, or give --symbol with a configured one.")
        #expect(
            message("x.csv", .init(symbol: Symbol("NVDA")))
                == "x.csv: the name does not say how long a bar is; nothing of this file was imported. Name it like "
                + "XNAS.NVDA.5m.csv, or give --timeframe.")
        #expect(
            message("equity/usa/minute/demo/20251128_trade.zip", .init(timeframe: .fiveMinutes))
                == "equity/usa/minute/demo/20251128_trade.zip: the bars are 1m, not 5m; nothing of this file was imported. "
                + "Leave --timeframe out, or give the right one.")
    }

    @Test("Text in UTF-16 and gzip data are named as such")
    func encodings() {
        for (bytes, kind) in [([UInt8]([0xFF, 0xFE, 0x74]), "UTF-16 text"), ([0x1F, 0x8B, 0x08], "gzip data")] {
            #expect(throws: BarFileError.notText(.init("XNAS.A.5m.csv"), kind: kind)) {
                try BarFileReader(calendars: .embedded).read(bytes, path: "XNAS.A.5m.csv")
            }
        }
    }
}
