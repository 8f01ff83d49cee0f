import Core
import MarketData
import Testing

@Suite("Splits and dividends of Tiingo's files")
struct TiingoActionsTests {
    private static let header = "date,close,high,low,open,volume,adjClose,divCash,splitFactor\n"

    private func read(_ text: String, _ path: String = "XNAS.A.1d.csv") throws(CorporateActionsError)
        -> [CorporateAction]
    {
        try CorporateActionsReader.read(Array(text.utf8), path: path)
    }

    @Test("Ordinary days hold nothing; a split and a dividend of one day are two actions")
    func actions() throws {
        let text =
            Self.header
            + "2025-11-12T00:00:00.000Z,1,1,1,1,1,1,0.0,1.0\r\n2025-11-13 00:00:00+00:00,1,1,1,1,1,1,0.25,10.0\n"
            + "2025-11-14,1,1,1,1,1,1,0.0,0.125\n"
        let expected = try CorporateActionsReader.read(
            Array(
                "symbol,ex_date,kind,value\nA,2025-11-13,dividend,0.25\nA,2025-11-13,split,10\nA,2025-11-14,split,1:8\n"
                    .utf8),
            path: "actions.csv")
        #expect(try read(text) == expected)
        #expect(expected.count == 3)
        #expect(try read(Self.header + "2025-11-12,1,1,1,1,1,1,0,1\n").isEmpty)
    }

    @Test(
        "What cannot be read is named by line and column; nothing of the file is used",
        arguments: [
            ("2025-02-30,1,1,1,1,1,1,0,1\n", "A.1d.csv:2: column 'date': '2025-02-30' is not allowed"),
            ("2025-11-12,1,1,1,1,1,1,0\n", "A.1d.csv:2: 8 columns where the header has 9"),
            ("2025-11-12,1,1,1,1,1,1,,1\n", "A.1d.csv:2: column 'divCash': '' is not allowed"),
            ("2025-11-12,1,1,1,1,1,1,-1,1\n", "A.1d.csv:2: column 'divCash': '-1' is not allowed"),
            ("2025-11-12,1,1,1,1,1,1,0,\n", "A.1d.csv:2: column 'splitFactor': '' is not allowed"),
            ("2025-11-12,1,1,1,1,1,1,0,0\n", "A.1d.csv:2: column 'splitFactor': '0' is not allowed"),
            ("2025-11-12,1,1,1,1,1,1,0,0.33333333\n", "A.1d.csv:2: column 'splitFactor': '0.33333333' is not allowed"),
            (
                "2025-11-12,1,1,1,1,1,1,0,2\n2025-11-12,1,1,1,1,1,1,0,2\n",
                "A.1d.csv:3: A 2025-11-12 split 2:1 stands in line 2 already"
            ),
        ])
    func broken(rows: String, says: String) {
        let error = #expect(throws: CorporateActionsError.self) { try read(Self.header + rows, "A.1d.csv") }
        #expect(error?.description.hasPrefix(says) == true, "\(error?.description ?? "")")
    }

    @Test("A name without a symbol and a header without one of the columns are refused")
    func headers() {
        #expect(throws: CorporateActionsError.unknownSymbol(.init("bars.csv"))) { try read(Self.header, "bars.csv") }
        #expect(throws: CorporateActionsError.missingColumn(.init("A.1d.csv", line: 1), column: "splitFactor")) {
            try read("date,close,divCash\n2025-11-12,1,0\n", "A.1d.csv")
        }
    }

    @Test(
        "Tiingo's file of NVIDIA gives the actions of the table",
        .enabled(if: TestData.hasShared, "the shared folder is not there"))
    func nvidia() throws {
        let table = try CorporateActionsReader.read(TestData.bytes(shared: "actions/actions.csv"), path: "actions.csv")
        let path = "vendor/tiingo/NVDA_daily.csv"
        let found = try CorporateActionsReader.read(TestData.bytes(shared: path), path: path)
        #expect(found == table.filter { $0.symbol == Symbol("NVDA") } && found.count == 9)
    }
}
