import Core
import Foundation
import TestSupport
import Testing

struct ListTests {
    struct Kind: CustomTestStringConvertible, Sendable {
        let command: String
        let count: Int
        let keys: Set<String>
        var testDescription: String { command }
    }

    static let kinds = [
        Kind(
            command: "orders", count: 2,
            keys: [
                "client_order_id", "intent_id", "broker", "broker_order_id", "symbol", "side", "type", "quantity",
                "filled_quantity", "average_fill_price", "state", "sent_at",
            ]),
        Kind(
            command: "fills", count: 2,
            keys: [
                "fill_id", "execution_id", "intent_id", "symbol", "side", "quantity", "price", "fee", "currency",
                "filled_at",
            ]),
        Kind(
            command: "positions", count: 2,
            keys: [
                "symbol", "broker", "quantity", "average_cost", "currency", "last_price", "market_value",
                "unrealised_pnl", "realised_pnl",
            ]),
        Kind(
            command: "bars", count: 200,
            keys: ["symbol", "timeframe", "open_at", "open", "high", "low", "close", "volume", "source"]),
        Kind(
            command: "decisions", count: 2, keys: ["symbol", "action", "confidence", "votes", "filters", "intent_id"]),
        Kind(command: "cycles", count: 7, keys: ["cycle", "step", "attempt", "status", "started_at", "finished_at"]),
        Kind(command: "breaks", count: 0, keys: []), Kind(command: "alerts", count: 0, keys: []),
    ]

    @Test("A list is one document with a count and the contract's items; NDJSON has one item a line", arguments: kinds)
    func list(kind: Kind) throws {
        let desk = try Desk.traded()
        let run = try desk.takt(kind.command)
        #expect(run.code == 0)
        #expect(run.errors.isEmpty)
        let document = try run.document()
        #expect(document["schema"]?.stringValue == "takt.\(kind.command)/1")
        #expect(document["count"]?.intValue == Int64(kind.count))
        let items = document["items"]?.arrayValue ?? []
        #expect(items.count == kind.count)
        for item in items { #expect(item.keys.isSuperset(of: kind.keys)) }
        let lines = try desk.takt(kind.command, "--format", "ndjson").lines
        #expect(lines.count == kind.count + 1)
        #expect(try JSONValue(parsing: lines[lines.count - 1]) == document.removing("items"))
    }

    @Test(
        "Tables fit a terminal of 100 columns",
        arguments: [
            "orders", "fills", "positions", "portfolio", "bars", "decisions", "cycles", "status", "paper orders",
            "paper fills", "calendar sessions XNYS",
        ])
    func width(command: String) throws {
        let desk = try Desk.traded()
        let run = try desk.call(command.split(separator: " ").map(String.init) + ["--format", "table"])
        #expect(run.code == 0)
        #expect(run.lines.filter { $0.count > 100 } == [])
    }

    @Test("Filters narrow a list")
    func filters() throws {
        let desk = try Desk.traded()
        #expect(try desk.list("fills", "--symbol", "NVDA").compactMap { $0["symbol"]?.stringValue } == ["NVDA"])
        #expect(try desk.list("fills", "--since", "2026-11-25").isEmpty)
        #expect(try desk.list("fills", "--until", "2026-11-24").count == 2)
        #expect(try desk.list("orders", "--state", "filled").count == 2)
        #expect(try desk.list("orders", "--state", "working").isEmpty)
        #expect(try desk.list("bars", "--symbol", "PLTR", "--timeframe", "5m", "--limit", "3").count == 3)
        #expect(try desk.list("cycles", "--state", "succeeded").count == 6)
    }

    @Test("Status holds what one screen shows, and changes nothing")
    func status() throws {
        let desk = try Desk.traded()
        let digest = try desk.digest()
        let status = try desk.takt("status").document()
        #expect(
            status.keys.isSuperset(of: [
                "schema", "at", "mode", "halts", "profiles", "equity", "currency", "positions", "limits", "in_doubt",
                "breaks", "open_orders", "pending_operator_orders",
            ]))
        #expect(status["halts"] == [] && status["in_doubt"] == [] && status["breaks"] == [])
        #expect(status["profiles"]?.arrayValue?.first?["last_cycle"]?.stringValue == Desk.cycle)
        let text = try desk.takt("status", "--format", "table").output
        #expect(text.contains("NVDA") && text.contains("no halt in force"))
        #expect(try desk.digest() == digest)
    }

    @Test("The exchange's own books agree with ours")
    func paper() throws {
        let desk = try Desk.traded()
        let pairs = { (items: [JSONValue]) in
            Set(items.map { "\($0["symbol"]?.stringValue ?? "") \($0["quantity"]?.stringValue ?? "")" })
        }
        #expect(pairs(try desk.list("positions")) == pairs(try desk.list("paper", "positions")))
        #expect(
            Set(try desk.list("fills").compactMap { $0["execution_id"]?.stringValue })
                == Set(try desk.list("paper", "fills").compactMap { $0["execution_id"]?.stringValue }))
        #expect(try desk.list("paper", "orders").allSatisfy { $0["status"]?.stringValue == "filled" })
        let cash = try desk.list("paper", "cash").first { $0["currency"]?.stringValue == "USD" }
        let ours = try desk.list("portfolio").first { $0["currency"]?.stringValue == "USD" }
        #expect(cash?["balance"] != nil && cash?["balance"] == ours?["cash"])
    }

    @Test("A report can be written for a day, a week and a period; its files are named and exist")
    func reports() throws {
        let desk = try Desk.traded()
        let calls = [
            ["--kind", "daily"], ["--kind", "weekly", "--date", "2026-11-24"],
            ["--kind", "period", "--from", "2026-11-20", "--through", "2026-11-24"],
        ]
        for call in calls {
            let run = try desk.call(["report"] + call)
            #expect(run.code == 0, "\(run.errors)")
            let paths = try run.document()["items"]?.arrayValue?.compactMap { $0["path"]?.stringValue } ?? []
            #expect(Set(paths.compactMap { $0.split(separator: ".").last }) == ["json", "md", "html"])
            for path in paths {
                #expect(FileManager.default.fileExists(atPath: desk.folder.path(path)), "\(path)")
            }
            let page = try desk.folder.text(paths.first { $0.hasSuffix("html") } ?? "")
            #expect(page.contains("<svg") && !page.contains("<script src"))
        }
    }

    @Test("Without a database a command that looks says so and creates nothing", arguments: kinds.map(\.command))
    func missing(command: String) throws {
        let folder = try TemporaryFolder()
        let run = try Takt.run([command], in: folder.path)
        #expect(run.code == 78)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("there is no state database") && run.errors.contains("takt init"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
}

@Suite("Looking changes nothing at the exchange")
struct PaperLookTests {
    @Test("Orders that could have filled since stay as they were when somebody looks", arguments: [["--dry-run"], []])
    func looks(options: [String]) throws {
        let desk = try Desk.withOpenOrders()
        func books() throws -> String {
            try Takt.shell("sqlite3 state/paper.sqlite .dump", in: desk.folder.path).output
        }
        let before = try books()
        for list in ["orders", "fills", "positions", "cash"] {
            #expect(try desk.call(["paper", list] + options, at: "2026-11-24T18:00:05Z").code == 0)
        }
        #expect(try books() == before)
        // The next reconcile is what moves it.
        _ = try desk.takt("reconcile", "--again", at: "2026-11-24T18:00:05Z")
        #expect(try books() != before)
    }
}
