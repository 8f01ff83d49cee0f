import Core
import Foundation
import TestSupport
import Testing

/// `takt bars` beyond what is stored: longer bars, adjusted prices.
struct BarViewTests {
    /// A desk with four five-minute bars of Tuesday, the last two of Monday among them, and a split in between.
    private static func desk() throws -> Desk {
        let desk = try Desk()
        _ = try desk.takt("init")
        let path = try desk.folder.write(
            """
            ts,open,high,low,close,volume
            2026-11-23T20:45:00Z,400,404,398,402,10
            2026-11-23T20:50:00Z,402,404,401,404,20
            2026-11-23T20:55:00Z,404,408,400,400,30
            2026-11-24T14:30:00Z,100,101,99,100,400
            2026-11-24T14:35:00Z,100,103,100,102,100
            2026-11-24T14:40:00Z,102,102,98,99,100
            2026-11-24T14:50:00Z,99,100,97,98,50

            """, to: "XNAS.NVDA.5m.csv")
        _ = try desk.takt("import-bars", path)
        return desk
    }

    private static func act(_ desk: Desk, _ rows: String...) throws {
        let text = (["symbol,ex_date,kind,value"] + rows).joined(separator: "\n") + "\n"
        _ = try desk.takt("import-actions", try desk.folder.write(text, to: "actions.csv"))
    }

    private static func row(_ item: JSONValue) -> String {
        ["open_at", "open", "high", "low", "close", "volume", "source"].map { item[$0]?.stringValue ?? "?" }
            .joined(separator: " ")
    }

    @Test("Bars of a length that is not stored are made of shorter ones, with what is missing counted")
    func longer() throws {
        let desk = try Self.desk()
        let expected = [
            "2026-11-23T20:45:00Z 400 408 398 400 60 resampled",
            "2026-11-24T14:30:00Z 100 103 98 99 600 resampled",
            "2026-11-24T14:45:00Z 99 100 97 98 50 resampled",
        ]
        let made = try desk.list("bars", "--symbol", "NVDA", "--timeframe", "15m")
        #expect(made.map(Self.row) == expected)
        #expect(made.map { $0["missing"] } == [0, 0, 2])
        #expect(made.allSatisfy { $0["timeframe"] == "15m" })
        #expect(try desk.list("bars", "--symbol", "NVDA", "--resample", "15m") == made)
        #expect(try desk.list("bars", "--symbol", "NVDA", "--timeframe", "15m", "--limit", "2") == made.suffix(2))
        // A filter that begins inside a bar's parts does not cut the bar.
        let since = ["--since", "2026-11-24T14:45:00Z"]
        #expect(try desk.call(["bars", "--timeframe", "15m"] + since).document()["items"] == .array(made.suffix(1)))
        // The same for one that ends there, with and without a number of bars.
        let until = ["--until", "2026-11-24T14:35:00Z"]
        let cut = try desk.call(["bars", "--timeframe", "15m"] + until).document()["items"]
        #expect(cut == .array(Array(made.prefix(2))))
        #expect(try desk.call(["bars", "--timeframe", "15m", "--limit", "5"] + until).document()["items"] == cut)
        // The bar still forming is not shown.
        let before = try desk.list("bars", "--timeframe", "15m", at: "2026-11-24T14:59:59Z")
        #expect(before == made.dropLast())
        #expect(try desk.list("bars", "--timeframe", "15m", at: "2026-11-24T15:00:00Z") == made)
        let days = try desk.list("bars", "--timeframe", "1d", at: "2026-11-24T21:00:00Z")
        #expect(
            days.map(Self.row).map { String($0.prefix(40)) } == [
                "2026-11-23T14:30:00Z 400 408 398 400 60 ", "2026-11-24T14:30:00Z 100 103 97 98 650 r",
            ])
        #expect(days.map { $0["missing"] } == [75, 74])
    }

    @Test("Stored bars of the length asked for are shown as they are, and resampled only on request")
    func storedFirst() throws {
        let desk = try Self.desk()
        let path = try desk.folder.write(
            "ts,open,high,low,close,volume\n2026-11-24T14:30:00Z,7,7,7,7,7\n", to: "XNAS.NVDA.15m.csv")
        _ = try desk.takt("import-bars", path)
        #expect(try desk.list("bars", "--timeframe", "15m").map { $0["source"] } == ["imported"])
        #expect(try desk.list("bars", "--resample", "15m", "--timeframe", "5m").count == 3)
        #expect(try desk.list("bars", "--timeframe", "1m") == [])
        // A symbol that symbols.yaml does not name has no sessions, so no longer bars: told when asked for.
        try desk.meddle("UPDATE bars SET symbol = 'GONE'")
        #expect(try desk.list("bars", "--timeframe", "1h") == [])
        let run = try desk.takt("bars", "--timeframe", "1h", "--symbol", "GONE")
        #expect(run.code == 65 && run.errors.contains("GONE is not in symbols.yaml"))
    }

    @Test("Adjusted bars are on the scale of the last one, stored bars stay as they are")
    func adjusted() throws {
        let desk = try Self.desk()
        let raw = try desk.list("bars", "--symbol", "NVDA")
        try Self.act(desk, "NVDA,2026-11-24,split,4", "NVDA,2026-11-24,dividend,5", "NVDA,2026-12-24,split,3")
        let splits = try desk.list("bars", "--symbol", "NVDA", "--split-adjusted")
        #expect(splits.map(Self.row).prefix(1) == ["2026-11-23T20:45:00Z 100 101 99.5 100.5 40 imported"])
        #expect(splits.allSatisfy { $0["adjusted"] == "splits" })
        // 400 is 100 new, of which 5 are paid: 0.95 of the split-adjusted price.
        let both = try desk.list("bars", "--symbol", "NVDA", "--adjusted")
        #expect(both.map(Self.row).prefix(1) == ["2026-11-23T20:45:00Z 95 95.95 94.525 95.475 40 imported"])
        #expect(both.suffix(4).map(Self.row) == raw.suffix(4).map(Self.row))
        #expect(try desk.list("bars", "--symbol", "NVDA") == raw)
        let longer = try desk.list("bars", "--timeframe", "15m", "--adjusted")
        #expect(longer.map(Self.row).prefix(1) == ["2026-11-23T20:45:00Z 95 96.9 94.525 95 240 resampled"])
    }

    @Test(
        "Indicators over stored bars see what decisions see: closed bars on the scale of the last; --raw as they traded"
    )
    func indicators() throws {
        let desk = try Self.desk()
        try Self.act(desk, "NVDA,2026-11-24,split,4")
        let call = ["indicators", "SMA:2", "--symbol", "NVDA"]
        func column(_ more: [String] = [], at now: String = Desk.morning) throws -> [String] {
            try desk.call(call + more, at: now).lines.dropFirst().compactMap {
                $0.split(separator: ",", omittingEmptySubsequences: false).last.map(String.init)
            }
        }
        #expect(try column().prefix(4) == ["", "100.75", "100.5", "100"])
        #expect(try column(["--raw"]).prefix(4) == ["", "403", "402", "250"])
        #expect(try column().count == 7)
        #expect(try column(at: "2026-11-24T14:44:59Z").count == 5)
    }

    @Test("A gap is accepted once, with a reason, and missed no more")
    func acceptGap() throws {
        let desk = try Self.desk()
        let gap = try #require(try desk.list("bars", "--gaps").last)
        #expect(gap["from"] == "2026-11-24T14:45:00Z" && gap["state"] == "open")
        let call = [
            "bars", "accept-gap", "NVDA", "5m", "2026-11-24T14:45:00Z", "--reason", "trading halt",
        ]
        #expect(try desk.call(call + ["--dry-run"]).document()["accepted"] == false)
        #expect(try desk.call(call).document()["missing"] == 1)
        #expect(try desk.call(call).code == 65)
        #expect(try desk.list("bars", "--gaps").last?["state"] == "accepted")
        #expect(try desk.takt("import-bars", desk.folder.path("XNAS.NVDA.5m.csv")).code == 0)
        #expect(try desk.list("bars", "--gaps").filter { $0["state"] == "open" }.isEmpty)
        let trail = try desk.takt("audit", "export").lines.map { try JSONValue(parsing: $0) }
        #expect(trail.last { $0["kind"] == "gap.accepted" }?["payload"]?["reason"] == "trading halt")
    }

    @Test("A dividend whose close is missing is told, unless the daily bar has it")
    func missingClose() throws {
        let desk = try Self.desk()
        try desk.meddle("DELETE FROM bars WHERE open_at = 1795467300000000")
        try Self.act(desk, "NVDA,2026-11-24,dividend,5")
        let run = try desk.takt("bars", "--adjusted")
        #expect(run.code == 65)
        #expect(run.errors.contains("the close of the session before it is not stored"), "\(run.errors)")
        #expect(try desk.takt("bars", "--split-adjusted").code == 0)
        let path = try desk.folder.write(
            "ts,open,high,low,close,volume\n2026-11-23T14:30:00Z,400,408,398,400,60\n", to: "XNAS.NVDA.1d.csv")
        _ = try desk.takt("import-bars", path)
        let items = try desk.list("bars", "--adjusted", "--timeframe", "5m")
        #expect(items.first?["open"] == "395")
    }

    @Test(
        "Views that make no sense end with 64",
        arguments: [
            "--adjusted --split-adjusted", "--adjusted --gaps", "--resample 7q", "--resample 5m --timeframe 15m",
            "--resample 1d --timeframe 1d",
        ])
    func usage(flags: String) throws {
        let desk = try Self.desk()
        #expect(try desk.call(["bars"] + flags.split(separator: " ").map(String.init)).code == 64)
    }
}
