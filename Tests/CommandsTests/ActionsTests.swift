import Core
import Foundation
import TestSupport
import Testing

struct ActionsTests {
    private static let rows = """
        symbol,ex_date,kind,value
        NVDA,2024-06-10,split,10
        NVDA,2024-06-11,dividend,0.01
        NVDA,2024-06-11,dividend,0.25
        005930,2018-05-04,split,50
        GONE,2020-01-02,split,2

        """

    private static func desk() throws -> Desk {
        let desk = try Desk()
        _ = try desk.takt("init")
        return desk
    }

    @Test("Actions are imported once, listed with their source, and a correction keeps what it replaces")
    func importing() throws {
        let desk = try Self.desk()
        let path = try desk.folder.write(Self.rows, to: "actions.csv")
        let first = try desk.takt("import-actions", path).document()
        #expect(first["schema"] == "takt.import-actions/1")
        #expect(first["read"] == 5 && first["new"] == 4 && first["replaced"] == 0 && first["unchanged"] == 0)
        #expect(first["left_out"] == ["GONE"])
        let digest = try desk.digest()
        let again = try desk.takt("import-actions", path).document()
        #expect(again["new"] == 0 && again["unchanged"] == 4 && again["items"] == [])
        #expect(try desk.digest() == digest)

        let listed = try desk.list("actions", "--symbol", "NVDA")
        #expect(listed.map { $0["kind"] } == ["split", "dividend", "dividend"])
        #expect(listed.map { $0["value"] } == ["10:1", "0.01", "0.25"])
        #expect(listed.map { $0["currency"] } == [.null, "USD", "USD"])
        #expect(listed.allSatisfy { $0["source"] == "actions.csv" && $0["state"] == "in-force" })

        let better = try desk.folder.write("symbol,ex_date,kind,value\nNVDA,2024-06-10,split,12:1\n", to: "better.csv")
        let corrected = try desk.takt("import-actions", better).document()
        #expect(corrected["new"] == 1 && corrected["replaced"] == 1)
        #expect(try desk.list("actions", "--until", "2024-06-10", "--symbol", "NVDA").map { $0["value"] } == ["12:1"])
        let old = try desk.list("actions", "--state", "replaced")
        #expect(old.map { $0["value"] } == ["10:1"] && old[0]["replaced_by"] == "better.csv")
        #expect(try desk.takt("audit", "verify").code == 0)
    }

    @Test("A dry run tells what would be recorded and writes nothing, with a database and without one")
    func dryRun() throws {
        let bare = try Desk()
        let path = try bare.folder.write(Self.rows, to: "actions.csv")
        #expect(try bare.takt("import-actions", path, "--dry-run").document()["new"] == 4)
        #expect(!FileManager.default.fileExists(atPath: bare.folder.path("state/takt.sqlite")))
        let desk = try Self.desk()
        let before = try desk.files()
        #expect(
            try desk.takt("import-actions", try bare.folder.write(Self.rows, to: "a.csv"), "--dry-run").document()[
                "new"] == 4)
        #expect(try desk.changes(since: before) == [])
        #expect(try desk.list("actions") == [])
    }

    @Test(
        "A broken file ends with 65, names file, line and column, and nothing of any file is recorded",
        arguments: [
            ("symbol,ex_date,kind,value\nNVDA,2024-06-31,split,10\n", "b.csv:2: column 'ex_date': '2024-06-31'"),
            ("symbol,ex_date,kind,value\nNVDA,2024-06-10,split,0\n", "b.csv:2: column 'value': '0'"),
            ("symbol,ex_date,kind,value\nNVDA,2024-06-10,merger,2\n", "b.csv:2: column 'kind': 'merger'"),
            ("symbol,ex_date,value\nNVDA,2024-06-10,2\n", "b.csv:1: the header lacks the column 'kind'"),
            ("symbol,ex_date,kind,value\nNVDA,2024-06-10,split,12\n", "contradicts"),
            ("", "the file is empty"),
        ])
    func broken(text: String, says: String) throws {
        let desk = try Self.desk()
        let good = try desk.folder.write(Self.rows, to: "a.csv")
        let bad = try desk.folder.write(text, to: "b.csv")
        let run = try desk.takt("import-actions", good, bad)
        #expect(run.code == 65)
        #expect(run.output.isEmpty)
        #expect(run.errorLines.count == 1 && run.errors.contains(says), "\(run.errors)")
        #expect(try desk.list("actions") == [])
    }

    @Test("A file without a single known symbol is a mistake, not an empty import")
    func foreign() throws {
        let desk = try Self.desk()
        let path = try desk.folder.write("symbol,ex_date,kind,value\nGONE,2020-01-02,split,2\n", to: "a.csv")
        let run = try desk.takt("import-actions", path)
        #expect(run.code == 65 && run.errors.contains("GONE"))
    }

    @Test("That a jump was no split, and that an action was wrong, is recorded with who and why")
    func operatorWords() throws {
        let desk = try Self.desk()
        let path = try desk.folder.write(Self.rows, to: "actions.csv")
        _ = try desk.takt("import-actions", path)
        #expect(try desk.takt("actions", "no-split", "NVDA", "2024-13-10", "--reason", "x").code == 64)
        #expect(try desk.takt("actions", "no-split", "NOPE", "2024-06-10", "--reason", "x").code == 64)
        let said = try desk.takt("actions", "no-split", "NVDA", "2024-06-10", "--reason", "it fell").document()
        #expect(said["new"] == true && said["replaced"] == 1)
        let listed = try desk.list("actions", "--since", "2024-06-10", "--until", "2024-06-10", "--symbol", "NVDA")
        #expect(listed.map { $0["kind"] } == ["no-split"])
        #expect(listed[0]["source"]?.stringValue?.hasSuffix(": it fell") == true)

        let dividend = try #require(
            try desk.list("actions", "--symbol", "NVDA").first { $0["value"] == "0.25" }?["action_id"]?.stringValue)
        #expect(try desk.takt("actions", "withdraw", dividend, "--reason", "cancelled").code == 0)
        #expect(try desk.takt("actions", "withdraw", dividend, "--reason", "cancelled").code == 65)
        #expect(try desk.list("actions", "--symbol", "NVDA").count == 2)
        let trail = try desk.takt("audit", "export", "--format", "ndjson").output
        #expect(
            trail.contains("action.no-split") && trail.contains("action.withdrawn")
                && trail.contains("actions.imported"))
    }
}
