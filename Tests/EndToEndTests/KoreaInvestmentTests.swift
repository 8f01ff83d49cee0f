import Core
import Foundation
import TestSupport
import Testing

/// The program at a stand-in for Korea Investment that runs as a process of its own.
@Suite("Korea Investment, over real sockets")
struct KoreaInvestmentTests {
    @Test("Answers lost after the order was taken, kills between send and answer: no order twice, no execution lost")
    func smoke() async throws {
        let folder = try TemporaryFolder("takt-kis-soak")
        let ending = try await TaktProcess.run(
            ["--takt", try TaktProcess.binary(), "--rehearsal", try StandIn.binary(), "--smoke", "--seed", "3"],
            program: StandIn.script("soak_kis.py"), scratch: folder.path)
        #expect(ending.exitCode == 0, "\(ending.output)\n\(ending.complaint)")
        #expect(ending.output.contains(" 0 violations"), "\(ending.output)")
    }

    /// The stand-in, running, and the environment of whoever trades there on its virtual account.
    private final class Stand {
        private let process: StandIn
        var address: JSONValue { process.address }

        init(_ folder: TemporaryFolder, _ options: [String] = ["--speed", "60"]) async throws {
            process = try await StandIn("kis", folder, options)
        }

        func text(_ key: String, of environment: String = "virtual") throws -> String {
            try #require(address[environment]?[key]?.stringValue, "\(key) is not told")
        }

        func environment(home: String) throws -> [String: String] {
            let account = try #require(address["virtual"]?["accounts"]?.arrayValue?.first?.stringValue)
            return [
                "TAKT_HOME": home, "KIS_ENVIRONMENT": "virtual", "KIS_APP_KEY": try text("app_key"),
                "KIS_APP_SECRET": try text("app_secret"), "KIS_HTS_ID": try text("hts_id"),
                "KIS_ACCOUNT_NO": account, "KIS_BASE_URL": try text("rest"), "KIS_WS_URL": try text("websocket"),
            ]
        }

        /// What the stand-in says of itself, by a client that is not ours: `status`, `books`.
        func told(_ what: String, _ scratch: String) async throws -> JSONValue {
            let script = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())"
            return try await TaktProcess.run(
                ["-c", script, "\(try text("rest"))/_rehearsal/\(what)"], program: "/usr/bin/python3", scratch: scratch
            ).json()
        }
    }

    @Test("The stream prints registrations, then trades, and ends by itself after its time")
    func stream() async throws {
        let folder = try TemporaryFolder("takt-kis-stream")
        let stand = try await Stand(folder)
        try folder.write("brokers: {kis: {enabled: true, markets: [KR]}}\n", to: "config/brokers.yaml")
        let environment = try stand.environment(home: folder.path)
        let ending = try await TaktProcess.run(
            ["stream", "--symbols", "005930", "--notices", "--for", "6s"], scratch: folder.path,
            environment: environment)
        #expect(ending.exitCode == 0, "\(ending.complaint)")
        let events = try ending.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        let names = events.compactMap { $0["event"]?.stringValue }
        #expect(names.first == "connected" && names.filter { $0 == "registered" }.count == 3, "\(names)")
        let trades = events.filter { $0["event"] == "trade" }
        #expect(!trades.isEmpty && trades.allSatisfy { $0["symbol"] == "005930" }, "\(names)")
        for secret in ["KIS_APP_KEY", "KIS_APP_SECRET", "KIS_HTS_ID"] {
            #expect(
                !ending.output.contains(environment[secret] ?? "")
                    && !ending.complaint.contains(environment[secret] ?? ""))
        }
        let foreign = try await TaktProcess.run(
            ["stream", "--symbols", "NVDA", "--for", "1s"], scratch: folder.path, environment: environment)
        #expect(foreign.exitCode == 64 && foreign.complaint.contains("foreign ones stream on the real host only"))
    }

    @Test("Two working folders of a user ask KIS for one access token, and each shows it at state/tokens")
    func sharedToken() async throws {
        let folder = try TemporaryFolder("takt-kis-token")
        let stand = try await Stand(folder)
        for home in ["a", "b"] {
            try folder.write("brokers: {kis: {enabled: true, markets: [KR]}}\n", to: "\(home)/config/brokers.yaml")
            var environment = try stand.environment(home: folder.path(home))
            environment["XDG_STATE_HOME"] = folder.path("user")
            _ = try await TaktProcess.run(["db", "migrate"], scratch: folder.path, environment: environment)
            let ending = try await TaktProcess.run(
                ["broker", "check", "--broker", "kis"], scratch: folder.path, environment: environment)
            #expect(ending.exitCode == 0, "\(ending.complaint)")
            #expect(try ending.json()["items"]?.arrayValue?.count == 4)
            let link = try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("\(home)/state/tokens"))
            #expect(link == folder.path("user/takt/tokens"))
        }
        #expect(try await stand.told("status", folder.path)["tokens_issued"] == 1)
    }

    @Test("What a proposal says of its order reaches KIS: conditional, best and first limits at KRX")
    func proposedTypes() async throws {
        let folder = try TemporaryFolder("takt-kis-propose")
        let stand = try await Stand(folder, ["--start", "2026-11-20T01:00:03Z", "--calls-per-second", "1000"])
        try folder.write(
            "brokers: {kis: {enabled: true, markets: [KR], calls_per_second: 20, quotes: {base_url: \"\(try stand.text("rest", of: "real"))\"}}}\n",
            to: "config/brokers.yaml")
        try folder.write(
            """
            trading:
              base_currency: KRW
              profiles: {kr-5m: {symbols: ["005930", "000660", "069500"], timeframe: 5m, broker: kis, bars: kis, agents: [buy-and-hold]}}
            orders: {position_sizing: {method: percent-of-equity, percent: 0.2}}
            """, to: "config/trading.yaml")
        try folder.write(
            "symbols:\n"
                + ["005930", "000660", "069500"].map { "  \"\($0)\": {market: KR, exchange: XKRX, currency: KRW}\n" }
                .joined(),
            to: "config/symbols.yaml")
        var environment = try stand.environment(home: folder.path)
        environment["XDG_STATE_HOME"] = folder.path("user")
        environment["KIS_QUOTE_APP_KEY"] = try stand.text("app_key", of: "real")
        environment["KIS_QUOTE_APP_SECRET"] = try stand.text("app_secret", of: "real")
        environment["TAKT_NOW"] = "2026-11-20T01:00:03Z"
        func takt(_ arguments: String...) async throws -> Ending {
            try await TaktProcess.run(arguments + ["--format", "json"], scratch: folder.path, environment: environment)
        }
        _ = try await takt("db", "migrate")
        let fetched = try await takt("fetch-bars")
        #expect(fetched.exitCode == 0, "\(fetched.complaint)")
        try folder.write(
            """
            {"symbol":"005930","target":"10","order_type":"market-to-limit"}
            {"symbol":"000660","target":"3","order_type":"best-own-side"}
            {"symbol":"069500","target":"20","order_type":"conditional-limit","limit_price":"\(try await Self.bid("069500", takt))"}

            """, to: "lines.ndjson")
        let binary = try TaktProcess.binary()
        let proposed = try await TaktProcess.run(
            ["-c", "exec \"$0\" propose --format json < \"$1\"", binary, folder.path("lines.ndjson")],
            program: "/bin/sh",
            scratch: folder.path, environment: environment)
        #expect(try proposed.json()["summary"]?["intents"] == 3, "\(proposed.output)")
        let sent = try await takt("cycle", "--from", "risk-check", "--until", "reconcile")
        #expect(sent.exitCode == 0, "\(sent.output)\(sent.complaint)")
        let accounts = try #require(try await stand.told("books", folder.path)["accounts"])
        guard case .object(let members) = accounts else { return #expect(Bool(false), "no accounts") }
        let orders = members.flatMap { $0.value["orders"]?.arrayValue ?? [] }
        let divisions = Dictionary(
            uniqueKeysWithValues: orders.compactMap { order in
                order["symbol"]?.stringValue.map { ($0, order["type"]?.stringValue ?? "-") }
            })
        #expect(divisions == ["005930": "03", "000660": "04", "069500": "02"], "\(orders)")
        // Listed again, none of them is taken for another order.
        let listed = try await takt("orders")
        #expect(try listed.json()["items"]?.arrayValue?.count == 3)
        #expect(try await takt("breaks", "--state", "open").json()["items"]?.arrayValue?.isEmpty == true)
    }

    /// A price that rests: the best one of the buyers.
    private static func bid(_ symbol: String, _ takt: (String...) async throws -> Ending) async throws -> String {
        let quote = try await takt("broker", "quote", symbol, "--depth", "--broker", "kis").json()
        return try #require(quote["items"]?.arrayValue?.first?["bids"]?.arrayValue?.first?["price"]?.stringValue)
    }

    @Test(
        "What the broker says itself: prices with their limits, what can be bought, cash, days; and what it cannot say")
    func inquiries() async throws {
        let folder = try TemporaryFolder("takt-kis-broker")
        let stand = try await Stand(folder)
        try folder.write("brokers: {kis: {enabled: true, markets: [KR]}}\n", to: "config/brokers.yaml")
        let environment = try stand.environment(home: folder.path)
        func ask(_ arguments: String...) async throws -> Ending {
            try await TaktProcess.run(
                ["broker"] + arguments + ["--broker", "kis", "--format", "json"], scratch: folder.path,
                environment: environment)
        }
        _ = try await TaktProcess.run(["db", "migrate"], scratch: folder.path, environment: environment)
        let quote = try await ask("quote", "005930", "--depth", "--buying-power")
        #expect(quote.exitCode == 0, "\(quote.complaint)")
        let item = try #require(try quote.json()["items"]?.arrayValue?.first)
        func number(_ key: String, _ value: JSONValue?) -> Double {
            value?[key]?.stringValue.flatMap(Double.init) ?? -1
        }
        #expect(
            number("lower_limit", item) < number("last", item) && number("last", item) < number("upper_limit", item))
        #expect(item["asks"]?.arrayValue?.isEmpty == false && item["currency"] == "KRW")
        #expect(number("buyable", item["buying_power"]) > 0)
        let cash = try await ask("cash")
        let won = try cash.json()["items"]?.arrayValue?.first { $0["currency"] == "KRW" }
        #expect(number("booked", won) > 0 && number("settled", won) == number("booked", won), "nothing was traded")
        for list in ["positions", "orders", "costs"] {
            let ending = try await ask(list)
            #expect(ending.exitCode == 0, "\(list): \(ending.complaint)")
        }
        let bars = try await ask("bars", "005930", "--csv")
        let lines = bars.output.split(separator: "\n")
        #expect(lines.first == "date,open,high,low,close,volume" && lines.count > 3, "\(bars.complaint)")
        try folder.write(bars.output, to: "XKRX.005930.1d.raw.csv")
        let imported = try await TaktProcess.run(
            ["import-bars", folder.path("XKRX.005930.1d.raw.csv")], scratch: folder.path, environment: environment)
        #expect(imported.exitCode == 0, "\(imported.complaint)")
        // The virtual host announces no days, and nobody knows that symbol.
        let days = try await ask("calendar", "XKRX")
        #expect(days.exitCode == 77 && days.complaint.contains("quote"), "\(days.complaint)")
        let unknown = try await ask("quote", "NOBODY")
        #expect(unknown.exitCode == 64, "\(unknown.complaint)")
    }
}
