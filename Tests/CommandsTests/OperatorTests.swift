import Core
import Foundation
import TestSupport
import Testing

struct OperatorTests {
    @Test("A halt refuses entries with exit 10 until it is resumed")
    func halt() throws {
        let desk = try Desk()
        _ = try desk.takt("cycle", "--until", "decide")
        let halted = try desk.takt("halt", "--reason", "earnings tonight")
        #expect(halted.code == 0)
        #expect(try halted.document()["new"] == true)
        #expect(try desk.takt("halt", "--reason", "earnings tonight").document()["new"] == false)

        let check = try desk.takt("risk-check")
        #expect(check.code == 10)
        let items = try check.document()["items"]?.arrayValue ?? []
        #expect(items.count == 2)
        for item in items {
            #expect(item["state"]?.stringValue == "rejected")
            #expect(item["reasons"]?.arrayValue?.first?["code"]?.stringValue == "trading-halted")
        }
        #expect(try desk.takt("submit").document()["status"]?.stringValue == "skipped")
        #expect(try desk.list("paper", "orders").isEmpty)
        #expect(try desk.takt("status").document()["halts"]?.arrayValue?.first?["message"] == "earnings tonight")
        #expect(try desk.takt("cycle", at: Desk.nextBeat).code == 10)
        #expect(try desk.list("orders").isEmpty)

        let resumed = try desk.takt("resume", "--reason", "they were fine", at: Desk.nextBeat)
        #expect(try resumed.document()["lifted"]?.intValue == 1)
        #expect(try desk.takt("resume", "--reason", "again", at: Desk.nextBeat).document()["lifted"]?.intValue == 0)
        #expect(try desk.takt("cycle", at: "2026-11-24T15:50:05Z").code == 0)
        #expect(try desk.list("orders").count == 2)
    }

    @Test("A halt of one symbol lets the others trade")
    func haltOfOne() throws {
        let desk = try Desk()
        _ = try desk.takt("init")
        _ = try desk.takt("halt", "--symbol", "NVDA", "--reason", "earnings tonight")
        _ = try desk.takt("cycle")
        #expect(try desk.list("orders").compactMap { $0["symbol"]?.stringValue } == ["PLTR"])
    }

    @Test(
        "A symbol or profile that does not exist is refused: a misspelt halt halts nothing",
        arguments: [
            ["halt", "--symbol", "NVDIA"], ["halt", "--only-profile", "us-5"], ["flatten", "--symbol", "NVDIA"],
            ["resume", "--symbol", "NVDIA"],
        ])
    func misspelt(call: [String]) throws {
        let desk = try Desk.traded()
        let digest = try desk.digest()
        let run = try desk.call(call + ["--reason", "test"])
        #expect(run.code == 64)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains(call[2]) && (run.errors.contains("NVDA") || run.errors.contains("us-5m")))
        #expect(try desk.digest() == digest)
    }

    @Test(
        "An operator's order needs a reason that says something",
        arguments: ["halt", "resume", "flatten", "orders cancel"])
    func reason(command: String) throws {
        let desk = try Desk.withOpenOrders()
        let digest = try desk.digest()
        let order = command == "orders cancel" ? [try openOrder(desk)] : []
        for reason in [[], ["--reason", ""], ["--reason", "  "]] {
            let run = try desk.call(command.split(separator: " ").map(String.init) + order + reason)
            #expect(run.code == 64)
            #expect(run.output.isEmpty)
        }
        #expect(try desk.digest() == digest)
    }

    @Test("Flatten closes every position and halts; the exchange agrees")
    func flatten() throws {
        let desk = try Desk.traded()
        #expect(try desk.list("positions").count == 2)
        let dry = try desk.files()
        _ = try desk.takt("flatten", "--reason", "holiday", "--dry-run", at: Desk.nextBeat)
        #expect(try desk.changes(since: dry) == [])
        _ = try desk.takt("flatten", "--reason", "holiday", at: Desk.nextBeat)
        for _ in 0..<2 {
            let run = try desk.takt("flatten", "--reason", "holiday", at: Desk.nextBeat)
            #expect(run.code == 0)
            #expect(try run.document()["schema"]?.stringValue == "takt.flatten/1")
            #expect(try run.document()["pending"] == false)
        }
        #expect(try desk.list("positions", at: Desk.nextBeat).isEmpty)
        #expect(try desk.list("paper", "positions", at: Desk.nextBeat).isEmpty)
        #expect(try desk.list("orders", at: Desk.nextBeat).count == 4)
        #expect(try desk.takt("cycle", at: "2026-11-24T15:50:05Z").code == 10)
        #expect(try desk.takt("status").document()["halts"]?.arrayValue?.first?["code"] == "flatten")
    }

    @Test("A flatten that does not halt lets no entry through that was approved before it")
    func flattenKeepsTrading() throws {
        let desk = try Desk()
        _ = try desk.takt("cycle", "--until", "risk-check")
        let run = try desk.takt("flatten", "--keep-trading", "--reason", "start from nothing")
        #expect(run.code == 0)
        #expect(try run.document()["pending"] == false)
        #expect(try desk.takt("submit", "--again").code == 0)
        #expect(try desk.list("orders").isEmpty)
        #expect(try desk.takt("paper", "orders").document()["items"] == [])
        // The next bar is a new decision.
        #expect(try desk.takt("cycle", at: Desk.nextBeat).code == 0)
        #expect(try desk.list("positions", at: Desk.nextBeat).count == 2)
    }

    @Test("A cancelled order is cancelled once, here and at the exchange")
    func cancel() throws {
        let desk = try Desk.withOpenOrders()
        let id = try openOrder(desk)
        func states(_ run: Takt.Run) throws -> [String] {
            try run.document()["items"]?.arrayValue?.compactMap { $0["state"]?.stringValue } ?? []
        }
        let dry = try desk.files()
        _ = try desk.takt("orders", "cancel", id, "--reason", "wrong size", "--dry-run", at: Desk.nextBeat)
        #expect(try desk.changes(since: dry) == [])
        let first = try desk.takt("orders", "cancel", id, "--reason", "wrong size", at: Desk.nextBeat)
        #expect(first.code == 0)
        #expect(try states(first) == ["cancelling"])
        let second = try desk.takt("orders", "cancel", id, "--reason", "wrong size", at: Desk.nextBeat)
        #expect(try states(second) == ["cancelling"])
        _ = try desk.takt("reconcile", "--again", at: Desk.nextBeat)
        #expect(
            try desk.list("orders", "--state", "cancelled", at: Desk.nextBeat)
                .compactMap { $0["client_order_id"]?.stringValue } == [id])
        let listed = try desk.list("paper", "orders", at: Desk.nextBeat).first { $0["client_order_id"] == .string(id) }
        #expect(listed?["status"]?.stringValue == "cancelled")
        let late = try desk.takt("orders", "cancel", id, "--reason", "once more", at: Desk.nextBeat)
        #expect(late.code == 65)
        #expect(late.errors.contains(id) && late.errors.contains("already cancelled"))
        #expect(try desk.takt("orders", "cancel", "nobody", "--reason", "x", at: Desk.nextBeat).code == 65)
    }

    private func openOrder(_ desk: Desk) throws -> String {
        let order = try desk.list("orders").first { $0["state"]?.stringValue == "partially-filled" }
        return try #require(order?["client_order_id"]?.stringValue)
    }

    @Test("Who declares an order absent is told what speaks for its execution")
    func settleAgainstABreak() throws {
        let desk = try Desk.withOpenOrders()
        let order = try #require(try desk.list("orders").first { $0["symbol"] == "NVDA" })
        let id = try #require(order["client_order_id"]?.stringValue)
        try desk.meddle(
            "UPDATE orders SET state = 'in-doubt' WHERE client_order_id = '\(id)'",
            """
            INSERT INTO breaks
                (kind, broker, account, subject, symbol, ours, theirs, first_seen_at, last_seen_at, state)
            SELECT 'position', broker, account, symbol, symbol, '0', '100', 1, 1, 'open' FROM orders
            WHERE symbol IN ('NVDA', 'PLTR') AND attempt = 1
            """)
        let document = try desk.takt("orders", "settle", id, "--absent", "--reason", "not in the app").document()
        let warnings = (document["warnings"]?.arrayValue ?? []).compactMap(\.stringValue)
        #expect(warnings.count == 1 && warnings[0].contains("position NVDA: ours 0, theirs 100"))
    }

    @Test("Only an order in doubt can be settled by hand")
    func settle() throws {
        let desk = try Desk.traded()
        let filled = try #require(try desk.list("orders").first?["client_order_id"]?.stringValue)
        let digest = try desk.digest()
        for (id, verdict) in [("nobody", ["--absent"]), (filled, ["--absent"]), (filled, ["--bind", "0000000001"])] {
            let run = try desk.call(["orders", "settle", id, "--reason", "seen in the app"] + verdict)
            #expect(run.code == 65)
            #expect(run.output.isEmpty && run.errors.contains(id))
        }
        #expect(try desk.digest() == digest)
    }

    @Test("A verdict has no dry run, and says so before it looks at anything")
    func settleDryRun() throws {
        let folder = try TemporaryFolder()
        let run = try Takt.run(
            ["orders", "settle", "x", "--absent", "--reason", "y", "--dry-run"], in: folder.path)
        #expect(run.code == 64)
        #expect(run.errors.contains("no dry run"))
    }

    @Test("A damaged paper exchange is bad data with its own cure, not a defect")
    func damagedExchange() throws {
        let desk = try Desk.traded()
        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: desk.folder.path("state/paper.sqlite\(suffix)"))
        }
        try desk.folder.write("this is a letter, not a database\n", to: "state/paper.sqlite")
        let run = try desk.takt("paper", "orders")
        #expect(run.code == 65)
        #expect(run.errorLines.count == 1 && run.errors.hasPrefix("takt: the paper exchange's database"))
        #expect(run.errors.contains("is damaged") && run.errors.contains("backup"))
    }

    @Test("A break is closed by hand, once, with its reason on the audit trail; what still differs opens anew")
    func closeBreak() throws {
        let desk = try Desk.traded()
        #expect(try desk.takt("paper", "reset", "--yes").code == 0)
        #expect(try desk.takt("reconcile", "--again").code == 11)
        let first = try #require(try desk.list("breaks").first?["break_id"]?.stringValue)
        let close = ["breaks", "close", first, "--reason", "reset on purpose"]
        let digest = try desk.digest()
        #expect(try desk.call(close + ["--dry-run"]).document()["closed"] == false)
        let unknown = try desk.takt("breaks", "close", "4711", "--reason", "reset on purpose")
        #expect(unknown.code == 65)
        #expect(unknown.errors.contains("4711") && unknown.output.isEmpty)
        #expect(try desk.digest() == digest)

        #expect(try desk.call(close).document()["closed"] == true)
        #expect(try desk.call(close).code == 65)
        let trail = try desk.takt("audit", "export").lines.map { try JSONValue(parsing: $0) }
        let entry = try #require(trail.last { $0["kind"] == "break.closed" })
        #expect(entry["payload"]?["reason"] == "reset on purpose")
        #expect(entry["actor"]?.stringValue?.hasPrefix("operator ") == true)
        #expect(try desk.takt("reconcile", "--again").code == 11)
        let open = try desk.list("breaks", "--state", "open").compactMap { $0["break_id"]?.stringValue }
        #expect(!open.isEmpty && !open.contains(first))
    }

    @Test("What explains breaks is booked by hand, once; both sides agree from then on")
    func bookBreaks() throws {
        let desk = try Desk.traded()
        #expect(try desk.takt("paper", "reset", "--yes").code == 0)
        #expect(try desk.takt("reconcile", "--again").code == 11)
        let breaks = try desk.list("breaks", "--state", "open")
        #expect(Set(breaks.compactMap { $0["kind"]?.stringValue }) == ["position", "cash"])
        let digest = try desk.digest()
        for found in breaks {
            let id = try #require(found["break_id"]?.stringValue)
            let isCash = found["kind"] == "cash"
            let call = ["breaks", "book", id, "--reason", "reset on purpose", "--as"]
            let wrong = try desk.call(call + [isCash ? "transfer" : "deposit"])
            #expect(wrong.code == 65 && wrong.errors.contains("Nothing was changed"))
            let right = call + [isCash ? "deposit" : "transfer", "--dry-run"]
            #expect(try desk.call(right).document()["booked"] == false)
        }
        #expect(try desk.digest() == digest)
        for found in breaks {
            let id = try #require(found["break_id"]?.stringValue)
            let kind = found["kind"] == "cash" ? "deposit" : "transfer"
            let call = ["breaks", "book", id, "--reason", "reset on purpose", "--as", kind]
            let document = try desk.call(call).document()
            #expect(document["schema"] == "takt.break-book/1" && document["booked"] == true)
            #expect(try desk.call(call).code == 65)
        }
        #expect(try desk.takt("breaks", "book", "1", "--price", "-1", "--as", "transfer", "--reason", "x").code == 64)
        #expect(try desk.takt("reconcile", "--again").code == 0)
        #expect(try desk.list("positions").isEmpty)
    }

    @Test("explain walks from a fill over order, messages, verdict and votes to the bars, and makes the decision again")
    func explain() throws {
        let desk = try Desk.traded()
        let fill = try #require(try desk.list("fills").first)
        let order = try #require(fill["client_order_id"]?.stringValue)
        let tail = try #require(order.split(separator: "-").last.map(String.init))
        #expect(try desk.takt("explain", tail).document()["intent"]?["intent_id"] == fill["intent_id"])
        #expect(try desk.takt("explain", "nothing-of-ours").code == 65)
        let ids = ["fill_id", "execution_id", "client_order_id", "intent_id"].compactMap { fill[$0]?.stringValue }
        #expect(ids.count == 4)
        for id in ids {
            let run = try desk.takt("explain", id)
            #expect(run.code == 0, "\(id)")
            let story = try run.document()
            #expect(story["orders"]?.arrayValue?.first?["client_order_id"]?.stringValue == order)
            #expect(story["fills"]?.arrayValue?.contains(fill) == true)
            #expect(
                story["messages"]?.arrayValue?.compactMap { $0["direction"]?.stringValue } == ["request", "answer"])
            #expect(story["risk"]?["verdict"]?.stringValue == "approved")
            #expect(story["decision"]?["votes"]?.arrayValue?.first?["agent"]?.stringValue == "buy-and-hold")
            #expect(story["evidence"]?["recomputed"] == true)
            let bars = story["bars"]?.arrayValue ?? []
            #expect(!bars.isEmpty && bars.last?["open_at"]?.stringValue == "2026-11-24T15:35:00Z")
            #expect(bars.allSatisfy { $0["symbol"] == fill["symbol"] })
        }
        let text = try desk.takt("explain", order, "--format", "table").output
        for heading in ["Fills", "Orders", "Messages", "Risk", "Decision", "Evidence", "Bars"] {
            #expect(text.contains(heading))
        }
        let unknown = try desk.takt("explain", "nobody")
        #expect(unknown.code == 65)
        #expect(unknown.output.isEmpty && unknown.errors.contains("nobody"))
    }

    @Test(
        "A reset of the exchange is no deposit: equity does not grow by it, and nothing is opened where the books differ"
    )
    func paperReset() throws {
        let desk = try Desk.traded()
        let before = try desk.takt("portfolio").document()["equity"]
        #expect(try desk.takt("paper", "reset", "--yes").code == 0)
        #expect(try desk.takt("reconcile", "--again").code == 11)
        #expect(try desk.takt("portfolio").document()["equity"] == before)
        let kinds = try desk.list("breaks", "--state", "open").compactMap { $0["kind"]?.stringValue }
        #expect(Set(kinds).isSuperset(of: ["position", "cash"]))
    }

    @Test(
        "A dry run of an operator's order writes nothing",
        arguments: ["halt", "resume", "flatten", "paper reset --yes"])
    func dryRun(command: String) throws {
        let desk = try Desk.traded()
        let before = try desk.files()
        let reason = command.hasPrefix("paper") ? [] : ["--reason", "rehearsal"]
        let run = try desk.call(command.split(separator: " ").map(String.init) + reason + ["--dry-run"])
        #expect(run.code == 0, "\(run.errors)")
        #expect(try desk.changes(since: before) == [])
    }

    @Test("An alert goes out once; its id is a string, as all ids are")
    func alertOnce() throws {
        let desk = try Desk.traded()
        _ = try desk.takt("halt", "--reason", "삼성 <earnings> & more", at: Desk.nextBeat)
        let items = try desk.takt("alert", at: Desk.nextBeat).document()["items"]?.arrayValue ?? []
        #expect(items.count == 1)
        #expect(items.first?["alert_id"]?.stringValue != nil)
        #expect(items.first?["channel"]?.stringValue == "log")
        let listed = try desk.list("alerts", at: Desk.nextBeat)
        #expect(listed.compactMap { $0["body"]?.stringValue } == ["삼성 <earnings> & more"])
        #expect(listed.first?["deliveries"]?.arrayValue?.first?["state"]?.stringValue == "sent")
        let again = try desk.takt("alert", "--again", at: Desk.nextBeat).document()
        #expect(again["items"] == [])
    }

    @Test("alert test without channels reaches the log; with one that is away it ends with 69")
    func alertTest() throws {
        let desk = try Desk()
        #expect(try desk.takt("alert", "test", "--quiet").code == 0)
        let run = try desk.takt(
            "alert", "test", "--quiet", environment: ["SLACK_WEBHOOK_URL": "http://127.0.0.1:9/hook/hush"])
        #expect(run.code == 69)
        #expect(try run.document()["failed"]?.intValue == 3)
        #expect(!run.output.contains("hush") && !run.errors.contains("hush"))
    }
}
