import Core
import MarketData
import Testing

/// A file that must be refused, and the sentence the operator reads.
struct BrokenActions: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let content: String
    let message: String

    init(_ name: String, _ content: String, _ message: String) {
        testDescription = name
        self.content = content
        self.message = message
    }

    static let header = "symbol,ex_date,kind,value\n"
    static let row = "NVDA,2024-06-10,split,10\n"
    static let none = "; no corporate action of this file is used."
    static let splits =
        " Expected new shares per old share, positive and not one: 10, 0.1, 10:1, 1:10 or 3/2 (a third is written 1:3), "
        + "in whole numbers of at most 1000000."
    static let cash = " Expected cash per share, above zero, with at most eight decimals, such as 0.25."
    static let day = " Expected a day that exists, as YYYY-MM-DD, such as 2024-06-10."

    static let all: [BrokenActions] = [
        BrokenActions(
            "empty", "",
            "a.csv: the file is empty\(none) Write the header 'symbol,ex_date,kind,value', or leave the file out."),
        BrokenActions(
            "no header", row,
            "a.csv:1: the first line 'NVDA,2024-06-10,split,10' is no header of corporate actions\(none) Expected "
                + "'symbol,ex_date,kind,value'."),
        BrokenActions(
            "missing column", "symbol,ex_date,value\n",
            "a.csv:1: the header lacks the column 'kind'\(none) Add the column."
        ),
        BrokenActions(
            "column twice", "symbol,ex_date,kind,value,Value\n",
            "a.csv:1: the header names the column 'Value' twice\(none) Remove one of the two columns."),
        BrokenActions(
            "unknown column", "symbol,ex_date,kind,value,note\n",
            "a.csv:1: the header names the unknown column 'note'\(none) Remove the column, or rename it."),
        BrokenActions(
            "too few columns", header + row + "\nNVDA,2024-06-11,dividend\n",
            "a.csv:4: 3 columns where the header has 4\(none) Repair the line; numbers carry no thousands separators."),
        BrokenActions(
            "a day that does not exist", header + "NVDA,2023-02-29,split,10\n",
            "a.csv:2: column 'ex_date': '2023-02-29' is not allowed\(none)" + day),
        BrokenActions(
            "American day", header + "NVDA,06/10/2024,split,10\n",
            "a.csv:2: column 'ex_date': '06/10/2024' is not allowed\(none)" + day),
        BrokenActions(
            "unknown kind", header + "NVDA,2024-06-10,merger,10\n",
            "a.csv:2: column 'kind': 'merger' is not allowed\(none) Expected split or dividend."),
        BrokenActions(
            "blank before the symbol", header + " NVDA,2024-06-10,split,10\n",
            "a.csv:2: column 'symbol': ' NVDA' is not allowed\(none) Expected a symbol as in symbols.yaml, without "
                + "blanks and quotation marks, such as NVDA."),
        BrokenActions(
            "no symbol", header + ",2024-06-10,split,10\n",
            "a.csv:2: column 'symbol': '' is not allowed\(none) Expected a symbol as in symbols.yaml, without blanks and "
                + "quotation marks, such as NVDA."),
        BrokenActions(
            "negative dividend", header + "NVDA,2024-06-10,dividend,-0.01\n",
            "a.csv:2: column 'value': '-0.01' is not allowed\(none)" + cash),
        BrokenActions(
            "dividend of nine decimals", header + "NVDA,2024-06-10,dividend,0.123456789\n",
            "a.csv:2: column 'value': '0.123456789' is not allowed\(none)" + cash),
        BrokenActions(
            "the same line twice", header + row + "AAPL,2020-08-31,split,4\n" + row,
            "a.csv:4: NVDA 2024-06-10 split 10:1 stands in line 2 already\(none) Remove one of the two lines."),
        BrokenActions(
            "the same split, written otherwise", header + row + "NVDA,2024-06-10,split,20/2\n",
            "a.csv:3: NVDA 2024-06-10 split 10:1 stands in line 2 already\(none) Remove one of the two lines."),
        BrokenActions(
            "two splits of one day", header + row + "NVDA,2024-06-10,split,4\n",
            "a.csv:3: NVDA 2024-06-10 split 4:1 contradicts line 2: NVDA 2024-06-10 split 10:1\(none) A share is split "
                + "once a day: remove the wrong line, or write both as one ratio."),
        BrokenActions(
            "binary", header + "NVDA\u{0}\n",
            "a.csv:2: this is binary data, not a CSV file in UTF-8\(none) Unpack or convert it to UTF-8 text first."),
    ]
}

@Suite("Corporate actions from CSV")
struct CorporateActionsReaderTests {
    private func read(_ text: String) throws -> [String] {
        try CorporateActionsReader.read(Array(text.utf8), path: "a.csv").map(\.description)
    }

    @Test("A broken file is refused whole, with line, column, value, state and cure", arguments: BrokenActions.all)
    func refused(file: BrokenActions) {
        do throws(CorporateActionsError) {
            let actions = try CorporateActionsReader.read(Array(file.content.utf8), path: "a.csv")
            Issue.record("read \(actions.count) actions")
        } catch {
            #expect(error.description == file.message)
        }
    }

    @Test(
        "Splits in every notation become the same whole numbers",
        arguments: [
            ("10", "10:1"), ("10:1", "10:1"), ("10/1", "10:1"), ("10.0", "10:1"), ("0.1", "1:10"), ("1:10", "1:10"),
            ("1/10", "1:10"), ("3/2", "3:2"), ("1.5", "3:2"), ("1.05", "21:20"), ("0.02", "1:50"), ("1:3", "1:3"),
            ("50", "50:1"), ("6:4", "3:2"),
        ])
    func notations(value: String, ratio: String) throws {
        #expect(try read("symbol,ex_date,kind,value\nX,2024-06-10,split,\(value)\n") == ["X 2024-06-10 split \(ratio)"])
    }

    @Test(
        "A split that is none is refused",
        arguments: [
            "", "0", "1", "-2", "+2", "1:1", "2:2", "0:1", "1:0", "1:-2", "1:2:3", "2/", "/2", ":", "two", "2.5:1",
            "0.33333333", "1e1", "10 ", "10:1/2", "99999999999:1", "٣",
        ])
    func noSplit(value: String) {
        do throws(CorporateActionsError) {
            let text = "symbol,ex_date,kind,value\nX,2024-06-10,split,\(value)\n"
            let actions = try CorporateActionsReader.read(Array(text.utf8), path: "a.csv")
            Issue.record("read \(actions)")
        } catch {
            #expect(
                error.description == "a.csv:2: column 'value': '\(value)' is not allowed\(BrokenActions.none)"
                    + BrokenActions.splits)
        }
    }

    @Test("Byte order mark, CRLF, capitals, another order of columns, empty lines and a missing last line end are fine")
    func tolerance() throws {
        let plain = "symbol,ex_date,kind,value\nNVDA,2024-06-11,dividend,0.01\nNVDA,2024-06-10,split,10\n"
        let odd =
            "\u{FEFF}Value,KIND,Ex_Date,Symbol\r\n\r\n0.01,dividend,2024-06-11,NVDA\r\n\r\n10,split,2024-06-10,NVDA"
        #expect(try read(plain) == ["NVDA 2024-06-10 split 10:1", "NVDA 2024-06-11 dividend 0.01"])
        #expect(try read(odd) == (try read(plain)))
        #expect(try read("symbol,ex_date,kind,value\n").isEmpty)
    }

    @Test("An extra dividend beside the ordinary one of the same day is no duplicate")
    func extraDividend() throws {
        let text = "symbol,ex_date,kind,value\nX,2024-06-10,dividend,0.5\nX,2024-06-10,dividend,2\n"
        #expect(try read(text) == ["X 2024-06-10 dividend 0.5", "X 2024-06-10 dividend 2"])
    }

    @Test("Text in UTF-16, archives and files beyond the limit are named as such")
    func encodings() {
        let kinds: [([UInt8], String)] = [
            ([0xFF, 0xFE, 0x73], "UTF-16 text"), ([0x1F, 0x8B, 8], "gzip data"),
            ([0x50, 0x4B, 3, 4], "a zip archive"),
        ]
        for (bytes, kind) in kinds {
            #expect(throws: CorporateActionsError.notText(.init("a.csv"), kind: kind)) {
                try CorporateActionsReader.read(bytes, path: "a.csv")
            }
        }
        let limit = CorporateActionsReader.byteLimit
        #expect(throws: CorporateActionsError.tooLarge(.init("a.csv"), bytes: limit + 1, limit: limit)) {
            try CorporateActionsReader.read([UInt8](repeating: 65, count: limit + 1), path: "a.csv")
        }
    }

    @Test(
        "The shared table of real actions is read whole",
        .enabled(if: TestData.hasShared, "the shared folder is not there"))
    func sharedTable() throws {
        let actions = try CorporateActionsReader.read(
            TestData.bytes(shared: "actions/actions.csv"), path: "actions.csv")
        #expect(actions.count == 20)
        #expect(actions.first?.description == "AAPL 2000-06-21 split 2:1")
        #expect(actions.contains { $0.description == "005930 2018-05-04 split 50:1" })
        #expect(actions.contains { $0.description == "SPY 2024-06-21 dividend 1.759024" })
        #expect(zip(actions, actions.dropFirst()).allSatisfy { $0.exDate <= $1.exDate })
    }

    @Test("Whatever bytes come, the reader answers or names a place", arguments: [UInt64](1...6))
    func garbage(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("symbol,ex_date,kind,value\n\r,NVDA,2024-06-10,split,10:1/0.\u{FEFF}é\"".utf8)
        for _ in 0..<400 {
            var bytes = Array("symbol,ex_date,kind,value\nNVDA,2024-06-10,split,10\n".utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let at = Int.random(in: bytes.indices, using: &random)
                bytes[at] = alphabet[Int.random(in: alphabet.indices, using: &random)]
            }
            do throws(CorporateActionsError) {
                let actions = try CorporateActionsReader.read(bytes, path: "a.csv")
                #expect(actions.allSatisfy { $0.fault == nil }, "seed \(seed)")
            } catch {
                #expect(error.description.hasPrefix("a.csv"), "seed \(seed)")
            }
        }
    }
}
