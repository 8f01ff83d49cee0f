import Core
import Foundation
import TestSupport
import Testing

/// The program at a stand-in for TWS and IB Gateway that runs as a process of its own.
@Suite("Interactive Brokers, over real sockets", .serialized)
struct InteractiveBrokersTests {
    private static func day(_ options: [String]) async throws -> Ending {
        let folder = try TemporaryFolder("takt-ib-day")
        return try await TaktProcess.run(
            ["--takt", try TaktProcess.binary(), "--rehearsal", try StandIn.binary(), "--home", folder.path("home")]
                + options, program: StandIn.script("ib_day.py"), scratch: folder.path)
    }

    @Test("Agents trade a morning, a process a beat: books, executions, costs and cash are the gateway's own")
    func morning() async throws {
        let ending = try await Self.day(["--beats", "8", "--seed", "3"])
        #expect(ending.exitCode == 0, "\(ending.output)\n\(ending.complaint)")
        #expect(
            ending.output.contains("8 beats, 0 with trouble")
                && ending.output.contains("books and the stand-in's agree"))
        #expect(!ending.output.contains("\n0 orders"), "somebody has to trade: \(ending.output)")
    }

    @Test("A person proposes, revises, cancels and flattens, and an order whose answer was lost is found again")
    func person() async throws {
        let ending = try await Self.day(["--operator"])
        #expect(ending.exitCode == 0, "\(ending.output)\n\(ending.complaint)")
        #expect(ending.output.contains("3 orders, 2 executions"), "\(ending.output)")
    }

    private static func soak(_ options: [String]) async throws -> Ending {
        let folder = try TemporaryFolder("takt-ib-soak")
        return try await TaktProcess.run(
            ["--takt", try TaktProcess.binary(), "--rehearsal", try StandIn.binary(), "--seed", "3"] + options,
            program: StandIn.script("soak_ib.py"), scratch: folder.path)
    }

    @Test("Answers lost after the order was accepted, kills between send and answer: no order twice, no execution lost")
    func smoke() async throws {
        let ending = try await Self.soak(["--smoke"])
        #expect(ending.exitCode == 0, "\(ending.output)\n\(ending.complaint)")
        #expect(ending.output.contains(" 0 violations"), "\(ending.output)")
    }

    @Test("The judge of such days notices books that were falsified, whichever of them and in whatever way")
    func judge() async throws {
        let ending = try await Self.soak(["--self-test"])
        #expect(ending.exitCode == 0, "\(ending.output)\n\(ending.complaint)")
        #expect(ending.output.contains("the books as they are: agree"), "\(ending.output)")
        #expect(ending.output.contains(" falsifications, 0 not noticed"), "\(ending.output)")
    }

    /// A working folder whose profile trades at IB, and the gateway it does so at.
    private final class Desk: Sendable {
        let folder: TemporaryFolder
        let stand: StandIn
        private let keys: String

        /// - Parameters:
        ///   - keys: Of `brokers.ib`, besides those that every test has.
        ///   - options: Of the gateway.
        init(_ keys: String = "", _ options: [String] = [], broker: String = "ib") async throws {
            folder = try TemporaryFolder("takt-ib-desk")
            stand = try await StandIn("ib", folder, ["--history", "10"] + options)
            self.keys = keys
            try folder.write(
                "brokers: {ib: {enabled: true, visibility_delay_seconds: 0, max_retries: 0, timeout: 2, connect_seconds: 3\(keys)}}\n",
                to: "config/brokers.yaml")
            try folder.write(
                """
                trading: {base_currency: USD, profiles: {us-5m: {symbols: [NVDA], broker: \(broker), bars: ib, agents: [sma-cross]}}}
                decision: {buffer_bars: 30}
                """, to: "config/trading.yaml")
        }

        var port: Int { stand.address["port"]?.intValue.map { Int($0) } ?? 0 }

        /// Runs takt at the gateway's own time, which stands still unless it was told to go.
        func takt(
            _ arguments: String..., environment: [String: String] = [:],
            meanwhile: @escaping @Sendable (pid_t) -> Void = { _ in }
        ) async throws -> Ending {
            let now = stand.address["now"]?.stringValue ?? ""
            let own = ["TAKT_HOME": folder.path, "IB_PORT": "\(port)", "IB_CLIENT_ID": "21", "TAKT_NOW": now]
            return try await TaktProcess.run(
                arguments + ["--format", "json"], scratch: folder.path, environment: own.merging(environment) { $1 },
                meanwhile: meanwhile)
        }

        func migrate() async throws { _ = try await takt("db", "migrate") }

        /// Hands `lines.ndjson` to `takt propose`.
        func propose() async throws -> Ending {
            let own = [
                "TAKT_HOME": folder.path, "IB_PORT": "\(port)", "IB_CLIENT_ID": "21",
                "TAKT_NOW": stand.address["now"]?.stringValue ?? "",
            ]
            return try await TaktProcess.run(
                [
                    "-c", "exec \"$0\" propose --format json < \"$1\"", try TaktProcess.binary(),
                    folder.path("lines.ndjson"),
                ], program: "/bin/sh", scratch: folder.path, environment: own)
        }
    }

    @Test("The stream prints prices and bars as they come, ends after its time, and says what it cannot bring")
    func stream() async throws {
        let desk = try await Desk("", ["--speed", "1"])
        try await desk.migrate()
        let ending = try await desk.takt("stream", "--broker", "ib", "--symbols", "NVDA", "--bars", "--for", "14s")
        #expect(ending.exitCode == 0, "\(ending.complaint)")
        let events = try ending.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        let names = events.compactMap { $0["event"]?.stringValue }
        #expect(names.first == "connected" && names.filter { $0 == "subscribed" }.count == 2, "\(names)")
        let quotes = events.filter { $0["event"] == "quote" && $0["bid"] != .null && $0["ask"] != .null }
        #expect(!quotes.isEmpty && quotes.allSatisfy { $0["symbol"] == "NVDA" && $0["delayed"] == false }, "\(names)")
        #expect(names.contains("five-seconds"), "\(names)")
        // Without live data there is none, unless delayed data is asked for, which says so.
        let poor = try await Desk("", ["--speed", "1", "--delayed", "NVDA"])
        try await poor.migrate()
        let none = try await poor.takt("stream", "--broker", "ib", "--symbols", "NVDA", "--for", "3s")
        #expect(none.exitCode == 69 && none.complaint.contains("10089"), "\(none.output)\(none.complaint)")
        let late = try await poor.takt("stream", "--broker", "ib", "--symbols", "NVDA", "--delayed", "--for", "6s")
        let delayed = try late.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
            .filter { $0["event"] == "trade" }
        #expect(!delayed.isEmpty && delayed.allSatisfy { $0["delayed"] == true }, "\(late.output)")
        let unknown = try await desk.takt("stream", "--broker", "ib", "--symbols", "NOBODY", "--for", "1s")
        #expect(unknown.exitCode == 64)
        let books = try await desk.takt("stream", "--broker", "ib", "--symbols", "NVDA", "--books", "--for", "1s")
        #expect(books.exitCode == 64 && books.complaint.contains("--books"))
    }

    @Test("Asked before, IB says what an entry would come to; what it would refuse goes no further")
    func whatIf() async throws {
        for (keys, options, state) in [
            (", what_if: true", [], "approved"),
            (
                ", what_if: true",
                ["--faults", #"{"rules":[{"fault":"rejected","endpoint":"placeOrder","calls":[1]}]}"#], "rejected"
            ),
        ] {
            let desk = try await Desk(keys, options)
            try await desk.migrate()
            let fetched = try await desk.takt("fetch-bars")
            #expect(fetched.exitCode == 0, "\(fetched.complaint)")
            try desk.folder.write(#"{"symbol":"NVDA","target":"5"}"# + "\n", to: "lines.ndjson")
            let proposed = try await desk.propose()
            #expect(try proposed.json()["summary"]?["intents"] == 1, "\(proposed.output)")
            let checked = try await desk.takt("risk-check")
            let intent = try #require(try checked.json()["items"]?.arrayValue?.first)
            #expect(intent["state"] == .string(state), "\(checked.output)")
            if state == "rejected" {
                #expect(intent["reasons"]?.arrayValue?.first?["code"] == "broker-preview")
            }
            // A question is no order.
            let orders = try await desk.takt("broker", "orders", "--broker", "ib")
            #expect(try orders.json()["items"]?.arrayValue?.isEmpty == true, "\(orders.output)")
        }
    }

    @Test("What the broker says itself: prices, what can be bought, cash, days, bars and costs; and what it cannot say")
    func inquiries() async throws {
        let desk = try await Desk("", ["--delayed", "PLTR,MSFT"])
        try await desk.migrate()
        func ask(_ arguments: String...) async throws -> Ending {
            try await TaktProcess.run(
                ["broker"] + arguments + ["--broker", "ib", "--format", "json"], scratch: desk.folder.path,
                environment: [
                    "TAKT_HOME": desk.folder.path, "IB_PORT": "\(desk.port)",
                    "TAKT_NOW": desk.stand.address["now"]?.stringValue ?? "",
                ])
        }
        func number(_ key: String, _ value: JSONValue?) -> Double {
            value?[key]?.stringValue.flatMap(Double.init) ?? -1
        }
        let check = try await ask("check")
        #expect(check.exitCode == 0, "\(check.complaint)")
        #expect(try check.json()["count"] == 4)
        #expect(check.output.contains("speaks protocol 178 and has let takt in as client 3"), "\(check.output)")
        let quote = try await ask("quote", "NVDA", "--depth", "--buying-power")
        #expect(quote.exitCode == 0, "\(quote.complaint)")
        let item = try #require(try quote.json()["items"]?.arrayValue?.first)
        #expect(number("low", item) <= number("last", item) && number("last", item) <= number("high", item))
        #expect(number("price", item["bids"]?.arrayValue?.first) < number("price", item["asks"]?.arrayValue?.first))
        // A million dollars, at the best price that is asked.
        let asked = number("price", item["asks"]?.arrayValue?.first)
        #expect(number("buyable", item["buying_power"]) == (1_000_000 / asked).rounded(.down))
        #expect(number("sellable", item["buying_power"]) == 0)
        let cash = try await ask("cash").json()["items"]?.arrayValue?.first
        #expect(number("booked", cash) == 1_000_000 && number("settled", cash) == 1_000_000)
        for list in ["positions", "orders", "costs"] {
            let ending = try await ask(list)
            #expect(ending.exitCode == 0, "\(list): \(ending.complaint)")
            #expect(try ending.json()["count"] == 0)
        }
        let days = try await ask("calendar", "XNAS", "--through", "2026-11-24")
        #expect(days.exitCode == 0, "\(days.output)\(days.complaint)")
        #expect(try days.json()["compared"] == 5)
        let foreign = try await ask("calendar", "XTKS")
        #expect(foreign.exitCode == 69 && foreign.complaint.contains("no instrument of XTKS"), "\(foreign.complaint)")
        let past = try await ask("costs", "--day", "2026-11-18")
        #expect(past.exitCode == 78 && past.complaint.contains("of today (2026-11-20) only"), "\(past.complaint)")
        let bars = try await ask("bars", "NVDA", "--csv")
        #expect(bars.output.split(separator: "\n").count > 8, "\(bars.complaint)")
        try desk.folder.write(bars.output, to: "XNAS.NVDA.1d.csv")
        let imported = try await desk.takt("import-bars", desk.folder.path("XNAS.NVDA.1d.csv"))
        #expect(imported.exitCode == 0, "\(imported.complaint)")
    }

    @Test("Prices that are not live say so")
    func delayed() async throws {
        let desk = try await Desk("", ["--delayed", "NVDA"])
        try await desk.migrate()
        let quote = try await desk.takt("broker", "quote", "NVDA", "--broker", "ib")
        let notes = try quote.json()["items"]?.arrayValue?.first?["notes"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(notes.contains { $0.hasPrefix("delayed by some 15 minutes") }, "\(quote.output)\(quote.complaint)")
    }

    @Test("No gateway, one that says nothing, one without the account: each is said in a sentence, with what to do")
    func refusals() async throws {
        let desk = try await Desk()
        try await desk.migrate()
        func check(_ environment: [String: String]) async throws -> Ending {
            try await desk.takt("broker", "check", "--broker", "ib", environment: environment)
        }
        let absent = try await check(["IB_PORT": "1"])
        #expect(absent.exitCode == 69 && absent.complaint.contains("Start TWS or IB Gateway"), "\(absent.complaint)")
        let other = try await check(["IB_ACCOUNT": "DU7654321"])
        #expect(
            other.exitCode == 77 && other.complaint.contains("has not the account DU…21, but DU…67"),
            "\(other.complaint)")
        #expect(other.complaint.contains("correct brokers.ib.account") && !other.complaint.contains("7654321"))
        let live = try await check(["IB_ACCOUNT": "U1234567"])
        #expect(
            live.exitCode == 78 && live.complaint.contains("a live account is refused in paper mode"),
            "\(live.complaint)")
        let away = try await check(["IB_HOST": "192.0.2.1"])
        #expect(
            away.exitCode == 64 && away.complaint.contains("--now (TAKT_NOW) sets the clock by hand"),
            "\(away.complaint)")
        // It listens, and nobody ever reads: a window of the gateway's that asks whether to accept.
        let deaf = try Listener()
        let silent = try await check(["IB_PORT": "\(deaf.port)", "TAKT_NOW": ""])
        #expect(silent.exitCode == 69 && silent.complaint.contains("trusted addresses"), "\(silent.complaint)")
    }

    @Test("A login with live money is refused in paper mode, and one with several accounts has to be told which")
    func logins() async throws {
        for (codes, expected) in [
            ("U7654321", "it is a live one, and takt runs in paper mode"),
            ("DU1234567,DU7654321", "the gateway's login has 2 accounts (DU…67, DU…21). Name one: brokers.ib.account"),
        ] {
            let desk = try await Desk("", ["--account-codes", codes])
            let beat = try await desk.takt("cycle")
            #expect(beat.exitCode == 77 && beat.complaint.contains(expected), "\(codes): \(beat.complaint)")
            if codes.contains(",") {
                let named = try await desk.takt("fetch-bars", environment: ["IB_ACCOUNT": "DU7654321"])
                #expect(named.exitCode == 0, "\(named.complaint)")
                // From here on the books know it, and it need not be named.
                let again = try await desk.takt("cycle")
                #expect(again.exitCode == 0, "\(again.complaint)")
            }
        }
    }

    @Test("A gateway that takes no orders says so once it is asked for them, and serves bars to whom wants no more")
    func readOnly() async throws {
        let desk = try await Desk("", ["--read-only", "yes"])
        let beat = try await desk.takt("cycle")
        #expect(beat.exitCode == 77 && beat.complaint.contains("clear 'Read-Only API'"), "\(beat.complaint)")
        #expect(beat.complaint.contains("brokers.ib.read_only: true"))
        let reader = try await Desk(", read_only: true", ["--read-only", "yes"], broker: "paper")
        let cycle = try await reader.takt("cycle")
        #expect(cycle.exitCode == 0, "\(cycle.complaint)")
        let stored = try await reader.takt("bars", "--symbol", "NVDA", "--timeframe", "5m")
        #expect(stored.output.contains("\"source\":\"ib\""), "\(stored.output)\(stored.complaint)")
        let check = try await reader.takt("broker", "check", "--broker", "ib")
        #expect(check.exitCode == 0 && check.output.contains("brokers.ib.read_only"), "\(check.complaint)")
    }

    @Test("Two processes that place orders wait for each other; who only reads takes another number")
    func clientIDs() async throws {
        // Left to `auto`, shares of the US go to IB.
        let desk = try await Desk(", client_id: 21", broker: "auto")
        let first = try await desk.takt("cycle")
        #expect(first.exitCode == 0, "\(first.complaint)")
        #expect(first.output.contains("account DU1234567 at ib opened in the books"), "\(first.output)")
        async let one = desk.takt("broker", "costs", "--broker", "ib")
        async let two = desk.takt("broker", "costs", "--broker", "ib")
        async let three = desk.takt("broker", "cash", "--broker", "ib")
        for ending in try await [one, two, three] { #expect(ending.exitCode == 0, "\(ending.complaint)") }
        // Somebody who does not let go of it.
        let holder = try GatewayClient(port: desk.port, clientID: 21)
        let refused = try await desk.takt("broker", "costs", "--broker", "ib")
        #expect(refused.exitCode == 69, "\(refused.complaint)")
        #expect(
            refused.complaint.contains("client id 21") && refused.complaint.contains("in use"), "\(refused.complaint)")
        let reading = try await desk.takt("broker", "cash", "--broker", "ib")
        #expect(reading.exitCode == 0, "\(reading.complaint)")
        holder.close()
        let after = try await desk.takt("broker", "costs", "--broker", "ib")
        #expect(after.exitCode == 0, "\(after.complaint)")
    }

    @Test("SIGTERM while a beat waits for a gateway that says nothing ends it within seconds, and the books are sound")
    func signal() async throws {
        let desk = try await Desk(", account: DU1234567, bars_timeout: 60")
        try await desk.migrate()
        let deaf = try Listener()
        let began = ContinuousClock.now
        let ending = try await desk.takt(
            "cycle", environment: ["IB_PORT": "\(deaf.port)"],
            meanwhile: { pid in
                usleep(1_500_000)
                kill(pid, SIGTERM)
            })
        #expect(ContinuousClock.now - began < .seconds(8))
        #expect([143, 69].contains(ending.exitCode), "\(ending)")
        let checked = try await desk.takt("db", "check")
        #expect(checked.exitCode == 0, "\(checked.complaint)")
    }
}

/// A port that takes connections and never reads them.
private final class Listener: Sendable {
    let port: Int
    private let descriptor: Int32

    init() throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        descriptor = socket
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(socket, $0, size) }
        }
        var length = size
        let named = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
        }
        try #require(bound == 0 && named == 0 && listen(socket, 16) == 0, "no port to listen on")
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
}

/// A program of somebody else's that is connected under a client id.
private final class GatewayClient: Sendable {
    private let descriptor: Int32

    init(port: Int, clientID: Int) throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        descriptor = socket
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0, "the gateway is not there")
        func say(_ bytes: [UInt8]) { _ = send(socket, bytes, bytes.count, 0) }
        func hear() { var buffer = [UInt8](repeating: 0, count: 4096); _ = recv(socket, &buffer, buffer.count, 0) }
        say(Array("API\0".utf8) + [0, 0, 0, 9] + Array("v157..178".utf8))
        hear()
        let body = Array("71\u{0}2\u{0}\(clientID)\u{0}\u{0}".utf8)
        say([0, 0, 0, UInt8(body.count)] + body)
        hear()
    }

    func close() { _ = Glibc.close(descriptor) }
}
