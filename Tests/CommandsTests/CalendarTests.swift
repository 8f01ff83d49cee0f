import Core
import Foundation
import TestSupport
import Testing

struct CalendarTests {
    @Test(
        "The golden cases of all ten exchanges come out through `calendar at --stdin`",
        .enabled(if: SharedFolder.exists))
    func goldens() throws {
        let rows = try SharedFolder.text("fixtures/calendar/golden_300.csv").split(separator: "\n").dropFirst()
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        #expect(rows.count == 300)
        #expect(Set(rows.map { $0[1] }).count == 10)
        let questions = rows.map { #"{"exchange":"\#($0[1])","at":"\#(seconds($0[2]))"}"# }
        let folder = try TemporaryFolder()
        let run = try Takt.run(
            ["calendar", "at", "--stdin"], in: folder.path, input: questions.joined(separator: "\n") + "\n")
        #expect(run.code == 0)
        #expect(run.errors.isEmpty)
        let answers = try run.lines.map { try JSONValue(parsing: $0) }
        #expect(answers.count == rows.count)
        for (row, answer) in zip(rows, answers) {
            #expect(answer["exchange"]?.stringValue == row[1], "case \(row[0])")
            #expect(answer["at"]?.stringValue == seconds(row[2]), "case \(row[0])")
            #expect(answer["is_open"]?.boolValue == (row[3] == "true"), "case \(row[0])")
            #expect(answer["state"]?.stringValue == row[4], "case \(row[0])")
            #expect(answer["next_open"]?.stringValue == seconds(row[5]), "case \(row[0])")
            #expect(answer["next_close"]?.stringValue == seconds(row[6]), "case \(row[0])")
        }
    }

    /// The goldens write whole minutes.
    private func seconds(_ minute: String) -> String { String(minute.dropLast()) + ":00Z" }

    @Test("One question is answered with the session and the next open and close")
    func at() throws {
        let folder = try TemporaryFolder()
        let run = try Takt.run(["calendar", "at", "XNYS", "2026-11-27T17:59:59Z"], in: folder.path)
        #expect(run.code == 0)
        let answer = try run.document()
        #expect(answer.keys.isSuperset(of: ["exchange", "at", "is_open", "session", "next_open", "next_close"]))
        #expect(answer["is_open"] == true)
        #expect(answer["session"]?["close"]?.stringValue == "2026-11-27T18:00:00Z")
        #expect(answer["next_open"]?.stringValue == "2026-11-30T14:30:00Z")
    }

    @Test(
        "The bars of a day begin and end where the exchange does",
        arguments: [
            ("XNYS", "2026-11-27", "1h", ["14:30-15:30", "15:30-16:30", "16:30-17:30", "17:30-18:00 short"]),
            (
                "XTKS", "2026-11-24", "1h",
                [
                    "00:00-01:00", "01:00-02:00", "02:00-02:30 short", "03:30-04:30", "04:30-05:30", "05:30-06:30",
                ]
            ),
            ("XLON", "2026-12-24", "1d", ["08:00-12:30 short"]),
            ("XNYS", "2026-11-26", "5m", []),
        ])
    func bars(exchange: String, day: String, timeframe: String, expected: [String]) throws {
        let folder = try TemporaryFolder()
        let run = try Takt.run(["calendar", "bars", exchange, day, "--timeframe", timeframe], in: folder.path)
        #expect(run.code == 0)
        let document = try run.document()
        let bars = (document["items"]?.arrayValue ?? []).map { item in
            let clocks = ["open_at", "close_at"].map { (item[$0]?.stringValue ?? "").dropFirst(11).prefix(5) }
            return "\(clocks[0])-\(clocks[1])" + (item["short"] == true ? " short" : "")
        }
        #expect(bars == expected)
        #expect(document["holiday"]?.stringValue == (expected.isEmpty ? "Thanksgiving Day" : nil))
    }

    @Test("Beyond a calendar's end nothing is guessed: the answer carries a warning, a step is refused by that name")
    func beyondCoverage() throws {
        let folder = try TemporaryFolder()
        let answer = try Takt.run(["calendar", "at", "XNYS", "2031-11-26T15:00:00Z"], in: folder.path).document()
        #expect(answer["next_open"] == .null)
        #expect(answer["is_open"] == .null && answer["is_trading_day"] == .null && answer["state"] == .null)
        #expect(answer["warnings"]?.arrayValue?.first?.stringValue?.contains("2027-12-31") == true)
        let desk = try Desk()
        _ = try desk.takt("init")
        let run = try desk.takt("fetch-bars", "--profile", "us-5m", at: "2028-01-05T15:00:00Z")
        #expect(run.code == 65)
        #expect(run.errors.contains("ends on 2027-12-31") && run.errors.contains("update takt"), "\(run.errors)")
    }

    @Test("The Korean exam day opens and closes an hour later, and a session's kind is spelt in kebab case")
    func examDay() throws {
        let folder = try TemporaryFolder()
        let run = try Takt.run(
            ["calendar", "sessions", "XKRX", "--from", "2026-11-18", "--through", "2026-11-20"], in: folder.path)
        let items = try run.document()["items"]?.arrayValue ?? []
        #expect(items.compactMap { $0["open"]?.stringValue?.suffix(9) } == ["00:00:00Z", "01:00:00Z", "00:00:00Z"])
        #expect(items.compactMap { $0["close"]?.stringValue?.suffix(9) } == ["06:30:00Z", "07:30:00Z", "06:30:00Z"])
        for item in items {
            let kind = item["kind"]?.stringValue ?? ""
            #expect(kind == kind.lowercased() && !kind.isEmpty)
        }
    }

    @Test("A line that asks for an unknown exchange is named; an exchange beside --stdin is refused")
    func unknownExchange() throws {
        let folder = try TemporaryFolder()
        let lines = ["XNYS", "XXXX"].map { #"{"exchange":"\#($0)","at":"2026-11-20T15:35:00Z"}"# }
        let run = try Takt.run(
            ["calendar", "at", "--stdin"], in: folder.path, input: lines.joined(separator: "\n") + "\n")
        #expect(run.code == 65)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("Line 2") && run.errors.contains("'XXXX'"))
        #expect(run.errors.contains("Nothing was answered"))
        let both = try Takt.run(["calendar", "at", "XNYS", "--stdin"], in: folder.path, input: lines[0] + "\n")
        #expect(both.code == 64 && both.output.isEmpty)
    }

    @Test("A line on stdin that is no question is refused by its number, and nothing is answered")
    func badQuestion() throws {
        let folder = try TemporaryFolder()
        let good = #"{"exchange":"XNYS","at":"2026-11-20T15:35:00Z"}"#
        for bad in ["xx", "{}", #"{"exchange":"XNYS"}"#, #"{"exchange":"XNYS","at":"yesterday"}"#] {
            let run = try Takt.run(["calendar", "at", "--stdin"], in: folder.path, input: "\(good)\n\(bad)\n")
            #expect(run.code == 65)
            #expect(run.output.isEmpty)
            #expect(run.errors.contains("Line 2"))
        }
    }
}
