import Core
import Foundation
import TestSupport
import Testing

/// What was changed by hand is found, named, and hides nothing else.
struct AuditTests {
    private static let subjects = ["NVDA", "PLTR"].map { "\(Desk.cycle)|\($0)" }

    private func verify(_ desk: Desk) throws -> (run: Takt.Run, differing: [String]) {
        let run = try desk.takt("audit", "verify", "--decisions")
        return (run, try run.document()["differing"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    }

    private func story(_ desk: Desk, format: String = "json") throws -> Takt.Run {
        let order = try desk.list("orders").first?["client_order_id"]?.stringValue
        return try desk.takt("explain", try #require(order), "--format", format)
    }

    @Test(
        "Decisions whose evidence, rows or bars are gone or changed differ: 65, each named with its reason",
        arguments: [
            ["DROP TRIGGER evidence_is_never_deleted", "DELETE FROM evidence WHERE kind = 'decision-input'"],
            ["DELETE FROM decisions"], ["DELETE FROM bars"], ["UPDATE bars SET volume = volume + 100000000"],
            ["DELETE FROM bars", "INSERT INTO meta VALUES ('pruned-before:5m', '2030-01-01T00:00:00Z')"],
        ])
    func differing(statements: [String]) throws {
        let desk = try Desk.traded()
        for statement in statements { try desk.meddle(statement) }
        let (run, differing) = try verify(desk)
        #expect(run.code == 65, "\(run.errors)")
        #expect(differing.sorted() == Self.subjects)
        let document = try run.document()
        #expect(document["intact"] == true && document["beyond_retention"]?.intValue == 0)
        #expect(document["items"]?.arrayValue?.allSatisfy { $0["reason"]?.stringValue != nil } == true)
    }

    @Test("explain tells the whole story though a decision cannot be made again, and says why")
    func explainsChangedBars() throws {
        for statement in ["UPDATE bars SET volume = volume + 100000000", "DELETE FROM bars"] {
            let desk = try Desk.traded()
            try desk.meddle(statement)
            let run = try story(desk)
            #expect(run.code == 0, "\(run.errors)")
            let evidence = try run.document()["evidence"]
            #expect(evidence?["recomputed"] == false && evidence?["beyond_retention"] == false)
            #expect(evidence?["reason"]?.stringValue?.contains("cannot be made again") == true)
            let text = try story(desk, format: "table").output
            #expect(text.contains("not as recorded") && !text.contains("db prune"))
        }
    }

    @Test("explain says that a risk check no longer agrees, and that evidence is gone")
    func explainsLostEvidence() throws {
        let desk = try Desk.traded()
        #expect(try story(desk, format: "table").output.contains("made again from its evidence, it says the same"))
        try desk.meddle("DROP TRIGGER evidence_is_never_deleted", "DELETE FROM evidence")
        let text = try story(desk, format: "table").output
        #expect(text.contains("it no longer says the same"))
        #expect(text.contains("its evidence is gone") && !text.contains("db prune"))
        #expect(try story(desk).document()["risk"]?["recomputed"] == false)
    }

    @Test("explain lists every entry of the audit trail once")
    func explainsOnce() throws {
        let entries = try story(try Desk.traded()).document()["audit"]?.arrayValue?.compactMap { $0["seq"]?.intValue }
        let numbers = try #require(entries)
        #expect(numbers.count > 3)
        #expect(Set(numbers).count == numbers.count)
    }

    @Test("A time of pruning that only meta names is a finding of audit verify and of db check")
    func forgedHorizon() throws {
        let desk = try Desk.traded()
        try desk.meddle("INSERT INTO meta VALUES ('pruned-before:5m', '2030-01-01T00:00:00Z')")
        let (run, differing) = try verify(desk)
        #expect(run.code == 65 && differing.isEmpty)
        #expect(try run.document()["findings"]?.arrayValue?.first?.stringValue?.contains("2030-01-01") == true)
        #expect(try desk.takt("db", "check").code == 65)
    }
}
