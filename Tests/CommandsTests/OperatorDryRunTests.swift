import Core
import Foundation
import TestSupport
import Testing

/// A rehearsed order says what the real one would do, and leaves no trace.
struct OperatorDryRunTests {
    private func rehearse(_ desk: Desk, _ arguments: String..., format: String = "json") throws -> Takt.Run {
        let before = try desk.files()
        let run = try desk.call(
            arguments + ["--reason", "rehearsal", "--dry-run", "--format", format], at: Desk.nextBeat)
        #expect(run.code == 0, "\(run.errors)")
        #expect(try desk.changes(since: before) == [])
        return run
    }

    @Test("flatten --dry-run tells what would be closed, and that nothing is")
    func flatten() throws {
        let desk = try Desk.traded()
        let held = try desk.list("positions").compactMap { $0["quantity"]?.stringValue }
        let document = try rehearse(desk, "flatten").document()
        #expect(document["schema"] == "takt.flatten-preview/1")
        #expect(document["would_halt"] == true)
        let exits = document["items"]?.arrayValue ?? []
        #expect(exits.compactMap { $0["symbol"]?.stringValue } == ["NVDA", "PLTR"])
        #expect(exits.compactMap { $0["quantity"]?.stringValue } == held)
        #expect(exits.allSatisfy { $0["side"] == "sell" && $0["purpose"] == "flatten" && $0["when"] == "now" })
        #expect(document["cancel_orders"] == [])
        #expect(document["warnings"] == [])

        let text = try rehearse(desk, "flatten", format: "table").output
        #expect(!text.contains("Everything is flat"))
        #expect(text.contains("Would halt (all)"))
        for (symbol, quantity) in zip(["NVDA", "PLTR"], held) {
            #expect(text.contains("Would sell \(quantity) \(symbol) at paper"))
        }
        #expect(try desk.list("positions", at: Desk.nextBeat).count == 2)
    }

    @Test("flatten --dry-run of one symbol leaves the other out")
    func flattenOfOne() throws {
        let desk = try Desk.traded()
        let document = try rehearse(desk, "flatten", "--symbol", "PLTR", "--keep-trading").document()
        #expect(document["scope"] == "symbol:PLTR")
        #expect(document["would_halt"] == false)
        #expect(document["items"]?.arrayValue?.compactMap { $0["symbol"]?.stringValue } == ["PLTR"])
    }

    @Test("flatten --dry-run outside the session says what waits for the open")
    func flattenAtNight() throws {
        let desk = try Desk.traded()
        let night = "2026-11-24T22:00:05Z"
        let call = ["flatten", "--reason", "rehearsal", "--dry-run"]
        let exits = try desk.call(call, at: night).document()["items"]?.arrayValue ?? []
        #expect(exits.compactMap { $0["when"]?.stringValue } == ["when-open", "when-open"])
        let text = try desk.call(call + ["--format", "table"], at: night).output
        #expect(text.contains("when its exchange takes orders again"))
    }

    @Test("flatten --dry-run names the orders it would cancel; with nothing open or held it says so")
    func flattenOrders() throws {
        let desk = try Desk.withOpenOrders()
        let open = try desk.list("orders").filter { $0["state"]?.stringValue == "partially-filled" }
            .compactMap { $0["client_order_id"]?.stringValue }
        let document = try rehearse(desk, "flatten").document()
        #expect(document["cancel_orders"]?.arrayValue?.compactMap(\.stringValue) == open.sorted())
        let text = try rehearse(desk, "flatten", format: "table").output
        #expect(open.allSatisfy { text.contains("Would cancel \($0)") })

        let empty = try Desk()
        _ = try empty.takt("db", "migrate")
        #expect(try rehearse(empty, "flatten", format: "table").output.contains("Nothing is held or open"))
    }

    @Test("halt --dry-run tells a halt that would be new from one that is in force")
    func halt() throws {
        let desk = try Desk.traded()
        let first = try rehearse(desk, "halt").document()
        #expect(first["new"] == true && first["dry_run"] == true)
        #expect(try rehearse(desk, "halt", format: "table").output.hasPrefix("Would halt (all)"))
        _ = try desk.takt("halt", "--reason", "earnings")
        #expect(try rehearse(desk, "halt").document()["new"] == false)
        #expect(try rehearse(desk, "halt", format: "table").output.hasPrefix("Already halted (all)"))
        #expect(try rehearse(desk, "halt", "--symbol", "NVDA").document()["new"] == true)
    }

    @Test("resume --dry-run counts the halts it would lift, and the rest stays in force")
    func resume() throws {
        let desk = try Desk.traded()
        _ = try desk.takt("halt", "--reason", "earnings")
        _ = try desk.takt("halt", "--symbol", "NVDA", "--reason", "earnings")
        let document = try rehearse(desk, "resume", "--symbol", "NVDA").document()
        #expect(document["lifted"]?.intValue == 1 && document["remaining"]?.intValue == 1)
        #expect(document["dry_run"] == true)
        let text = try rehearse(desk, "resume", format: "table").output
        #expect(text.hasPrefix("Would lift 2 halt(s); no halt would be in force."))
        #expect(try desk.takt("status").document()["halts"]?.arrayValue?.count == 2)
    }

    @Test("flatten --withdraw --dry-run withdraws nothing and says so")
    func withdraw() throws {
        let desk = try Desk.withOpenOrders()
        _ = try desk.takt("flatten", "--reason", "holiday", at: Desk.nextBeat)
        let document = try rehearse(desk, "flatten", "--withdraw").document()
        #expect(document["withdrawn"]?.intValue == 1 && document["dry_run"] == true)
        let text = try rehearse(desk, "flatten", "--withdraw", format: "table").output
        #expect(text.hasPrefix("Would withdraw 1 pending flatten(s)"))
        let withdrawn = try desk.takt("flatten", "--withdraw", "--reason", "stay", at: Desk.nextBeat)
        #expect(try withdrawn.document()["withdrawn"]?.intValue == 1)
    }

    @Test("init, paper reset and alert test rehearse in the conditional, and their documents say dry_run")
    func wouldOnly() throws {
        let folder = try TemporaryFolder()
        let written = try Takt.run(["init", "--dry-run"], in: folder.path).document()
        #expect(written["dry_run"] == true)
        #expect(written["items"]?.arrayValue?.allSatisfy { $0["result"] == "would be written" } == true)
        let text = try Takt.run(["init", "--dry-run", "--format", "table"], in: folder.path).output
        #expect(text.contains("Dry run: nothing was written.") && !text.contains("Next:"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)

        let desk = try Desk.traded()
        #expect(try desk.takt("init", "--dry-run").document()["items"]?.arrayValue?.last?["result"] == "would be kept")
        let reset = try desk.takt("paper", "reset", "--yes", "--dry-run", "--format", "table")
        #expect(reset.output.hasPrefix("Would empty"))
        #expect(try desk.takt("paper", "reset", "--yes", "--dry-run").document()["dry_run"] == true)
        let alerts = try desk.takt("alert", "test", "--dry-run").document()
        #expect(alerts["dry_run"] == true && alerts["sent"] == 0)
        let items = alerts["items"]?.arrayValue ?? []
        #expect(!items.isEmpty && items.allSatisfy { $0["result"] == "would be sent" && $0["channel"] == "log" })
        #expect(try desk.takt("paper", "reset", "--yes").document()["dry_run"] == false)
    }
}
