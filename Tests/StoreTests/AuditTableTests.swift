import Core
import GRDB
import Testing

@testable import Store

@Suite("Audit trail and append-only tables")
struct AuditTableTests {
    private func trail(_ scratch: Scratch) throws {
        let database = try scratch.open()
        try database.write(durable: true) { writer throws in
            for index in 1...5 {
                try writer.appendAudit(
                    at: .fixture.advanced(bySeconds: Int64(index)), actor: "operator", kind: "halt", subject: "all",
                    payload: ["n": .int(Int64(index))])
            }
            try writer.putEvidence("x", [1])
            try writer.appendOrderMessage(ClientOrderID("c"), attempt: 1, direction: .request, at: .fixture, body: [])
            try writer.upsertBars(.nvda, .fiveMinutes, [.fixture(0)])
            try writer.upsertBars(.nvda, .fiveMinutes, [.fixture(0, close: 101)])
        }
        #expect(try database.check() == [])
        try database.close()
    }

    @Test("The first hash follows from the documented formula")
    func formula() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let hash = try database.write(durable: true) { writer throws in
            try writer.appendAudit(at: .fixture, actor: "a|b", kind: "k", subject: "s", payload: ["n": 1])
        }
        let zeros = String(repeating: "0", count: 64)
        let line = #"["\#(zeros)",1,1795620900000000,"a|b","k","s","{\"n\":1}"]"#
        #expect(hash == Digest(of: line))
        #expect(try database.read { try $0.verifyAudit() } == .intact(entries: 1, head: hash))
        #expect(try database.read { try $0.auditEntries(actor: "a|b").map(\.payload) } == [["n": 1]])
    }

    struct Tampering: Sendable, CustomTestStringConvertible {
        let sql: String
        let sequence: Int64
        var testDescription: String { sql }
    }

    private static let tamperings = [
        Tampering(sql: "UPDATE audit SET payload = '{\"n\":9}' WHERE seq = 3", sequence: 3),
        Tampering(sql: "UPDATE audit SET at = at + 1 WHERE seq = 2", sequence: 2),
        Tampering(sql: "UPDATE audit SET hash = replace(hash, 'a', 'b') WHERE seq = 4", sequence: 4),
        Tampering(sql: "DELETE FROM audit WHERE seq = 2", sequence: 2),
        Tampering(sql: "DELETE FROM audit WHERE seq = 5", sequence: 5),
        Tampering(sql: "DELETE FROM audit", sequence: 1),
    ]

    @Test("Tampering shows, and the verdict names the entry", arguments: tamperings)
    func tampering(_ tampering: Tampering) throws {
        let scratch = try Scratch()
        try trail(scratch)
        try scratch.raw("DROP TRIGGER audit_is_never_updated; DROP TRIGGER audit_is_never_deleted; \(tampering.sql)")
        let database = try scratch.open()
        guard case .broken(let sequence, _) = try database.read({ try $0.verifyAudit() }) else {
            Issue.record("not noticed")
            return
        }
        #expect(sequence == tampering.sequence)
        #expect(try database.check().count == 1)
    }

    @Test(
        "Append-only tables refuse every change", arguments: ["audit", "evidence", "order_messages", "bar_revisions"])
    func appendOnly(table: String) throws {
        let scratch = try Scratch()
        try trail(scratch)
        let column = try #require(try scratch.rawText("SELECT name FROM pragma_table_info('\(table)') WHERE pk = 0"))
        for sql in ["DELETE FROM \(table)", "UPDATE \(table) SET \(column) = \(column)"] {
            let error = #expect(throws: DatabaseError.self) { try scratch.raw(sql) }
            #expect(error?.message == "\(table) is append-only")
        }
    }
}
