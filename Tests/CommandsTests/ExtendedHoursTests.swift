import Core
import Foundation
import GRDB
import TestSupport
import Testing

/// A profile that sees the pre-market and the after-market, and trades in regular hours.
struct ExtendedHoursTests {
    private static func configure(_ desk: Desk, session: String) throws {
        try desk.folder.write(
            """
            trading:
              profiles:
                us-5m: {symbols: [NVDA], broker: paper, agents: [buy-and-hold], bars: imported, session: \(session)}
            decision: {buffer_bars: 10}
            orders:
              position_sizing: {method: fixed, quantity: 10}

            """, to: "config/trading.yaml")
    }

    /// Bars of five minutes from one time to another, of 2026-11-24.
    private static func file(_ desk: Desk, from: String, until: String) throws -> String {
        var at = try #require(Instant(rfc3339: "2026-11-24T\(from):00Z"))
        let end = try #require(Instant(rfc3339: "2026-11-24T\(until):00Z"))
        var rows = "ts,open,high,low,close,volume\n"
        var number = 0
        while at < end {
            rows += "\(at),100,10\(number % 7 + 1),99,100,\(1_000_000 + number)\n"
            at = at.advanced(bySeconds: 300)
            number += 1
        }
        return try desk.folder.write(rows, to: "XNAS.NVDA.5m.csv")
    }

    private static func step(_ run: Takt.Run, _ name: String) throws -> JSONValue {
        try #require(run.document()["items"]?.arrayValue?.first { $0["step"]?.stringValue == name })
    }

    @Test("Bars of the pre-market make cycles and decisions; orders wait for the regular session")
    func preMarket() throws {
        let desk = try Desk()
        try Self.configure(desk, session: "extended")
        _ = try desk.takt("init")
        let imported = try desk.takt("import-bars", Self.file(desk, from: "09:00", until: "15:40")).document()
        #expect(imported["rejected"] == 0 && imported["items"]?.arrayValue?.first?["accepted"] == 80)

        let early = try desk.takt("cycle", at: "2026-11-24T12:05:05Z")
        #expect(try Self.step(early, "fetch-bars")["status"] == "succeeded", "\(early.output)")
        #expect(try early.document()["cycle"] == "us-5m/2026-11-24T12:05:00Z")
        let decision = try #require(try desk.list("decisions").first)
        #expect(decision["action"] == "buy" && decision["intent_id"]?.stringValue == nil, "\(decision.text)")
        let filter = decision["filters"]?.arrayValue?.first { $0["passed"] == false }
        #expect(filter?["name"] == "market-open")
        #expect(try desk.list("orders") == [])

        let later = try desk.takt("cycle", at: "2026-11-24T15:40:05Z")
        #expect(try Self.step(later, "submit")["summary"]?["sent"] == 1, "\(later.output)")
        #expect(try desk.takt("audit", "verify", "--decisions").code == 0)
    }

    @Test("Back in regular hours the bars around them are passed over, and every decision can still be made again")
    func backToRegular() throws {
        let desk = try Desk()
        try Self.configure(desk, session: "extended")
        _ = try desk.takt("init")
        _ = try desk.takt("import-bars", try Self.file(desk, from: "09:00", until: "15:40"))
        try Self.configure(desk, session: "regular")
        let run = try desk.takt("cycle", at: "2026-11-24T15:00:05Z")
        #expect(try Self.step(run, "submit")["summary"]?["sent"] == 1, "\(run.output)")
        let export = try desk.takt("audit", "verify", "--decisions", "--format", "json")
        #expect(export.code == 0, "\(export.output)")
        // A file of the pre-market is none of a regular profile's.
        let again = try desk.takt("import-bars", try Self.file(desk, from: "09:00", until: "10:00"))
        #expect(again.code == 65 && again.errors.contains("outside-session"))
        // Six regular bars by then: the evidence counts those and no others.
        let bars = try #require(try desk.evidence("decision-input")?["input"]?["symbols"]?.arrayValue?.first?["bars"])
        #expect(bars["count"] == 6 && bars["first_open_at"] == "2026-11-24T14:30:00Z")
    }

    @Test("Outside all hours and in markets without extended hours nothing changes")
    func elsewhere() throws {
        let desk = try Desk()
        let bars = try desk.takt("calendar", "bars", "XNAS", "2026-11-27", "--extended").document()
        #expect(bars["count"] == 156)
        #expect(bars["items"]?.arrayValue?.first?["open_at"] == "2026-11-27T09:00:00Z")
        let sessions = try desk.list(
            "calendar", "sessions", "XNAS", "--from", "2026-11-27", "--through", "2026-11-27", "--extended")
        #expect(sessions.map { $0["close"] } == ["2026-11-27T22:00:00Z"])
        let run = try desk.takt("calendar", "bars", "XKRX", "2026-11-27", "--extended")
        #expect(run.code == 64 && run.errors.contains("No extended hours of XKRX are known"))
    }
}

extension Desk {
    /// The only evidence of a kind.
    fileprivate func evidence(_ kind: String) throws -> JSONValue? {
        let queue = try DatabaseQueue(path: folder.path("state/takt.sqlite"))
        defer { try? queue.close() }
        let text = try queue.read {
            try String.fetchOne($0, sql: "SELECT body FROM evidence WHERE kind = ?", arguments: [kind])
        }
        return try text.map { try JSONValue(parsing: $0) }
    }
}
