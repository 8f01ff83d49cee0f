import Core
import TestSupport
import Testing
import TransportServers

/// Two independent clients trade at the simulated gateway: what the three have in common is the TWS protocol.
@Suite(
    "ib_async and IBKR's own client trade at the simulated gateway", .serialized, .timeLimit(.minutes(4)),
    .enabled(if: TestServers.hasPreparedPython, "TAKT_TEST_PYTHON is not set; scripts/test sets it"))
struct PythonGatewayTests {
    @discardableResult
    func check(_ script: String, _ options: [String] = [], atLeast count: Int) throws -> [JSONValue] {
        let simulator = try RehearsalProcess(["--seed", "7"] + options, standIn: "ib")
        let python = try #require(TestServers.preparedPython)
        let results = try RehearsalProcess.run(python: python, script, [simulator.text])
        for result in results {
            #expect(result["passed"] == true, "\(result["name"]?.stringValue ?? ""): \(result["seen"]?.text ?? "")")
        }
        #expect(results.count >= count)
        return results
    }

    @Test(
        "ib_async: every kind of order, brackets, what-if, refusals, two clients, reconnection; and the books agree",
        arguments: [178, 163])
    func orders(_ version: Int) throws {
        let results = try check("gateway_orders.py", ["--server-version", "\(version)"], atLeast: 64)
        let facts = try #require(results.first { $0["name"] == "facts" })
        let books = try #require(facts["books"])
        let own = Dictionary(
            uniqueKeysWithValues: (books["fills"]?.arrayValue ?? []).map { ($0["exec_id"]?.stringValue ?? "", $0) })
        let seen = facts["executions"]?.arrayValue ?? []
        #expect(seen.count == own.count && seen.count >= 6)
        for execution in seen {
            let fill = try #require(own[execution["exec_id"]?.stringValue ?? ""])
            #expect(try amount(execution["quantity"]) == amount(fill["quantity"]))
            #expect(try amount(execution["price"]) == amount(fill["price"]))
            let commission = try amount(fill["commission"])
            #expect(execution["commission"]?.doubleValue == commission.doubleValue)
        }
        let positions = facts["positions"]?.arrayValue ?? []
        let held = try #require(books["positions"]?.arrayValue)
        #expect(positions.count == held.count && held.count == 1)
        #expect(try positions.first?["quantity"]?.doubleValue == amount(held.first?["quantity"]).doubleValue)
        // What was bought and sold is what is held, and paid for.
        var (quantity, cash) = (FixedPoint.zero, FixedPoint(1_000_000))
        for fill in own.values {
            let (count, price) = (try amount(fill["quantity"]), try amount(fill["price"]))
            let value = try count.multiplied(by: price, rounding: .halfEven)
            let isBuy = fill["side"] == "BOT"
            quantity = try isBuy ? quantity + count : quantity - count
            cash = try (isBuy ? cash - value : cash + value) - amount(fill["commission"])
        }
        #expect(try quantity == amount(held.first?["quantity"]))
        #expect(try cash == amount(books["cash"]?["USD"]))
    }

    private func amount(_ json: JSONValue?) throws -> FixedPoint { try FixedPoint(try #require(json?.stringValue)) }

    @Test("ib_async: contracts, history of all sizes, ticks, five-second bars, delayed data, a hundred lines")
    func data() throws { try check("gateway_data.py", ["--delayed", "MSFT"], atLeast: 50) }

    @Test("ib_async: two accounts, three currencies, margins, profit")
    func account() throws { try check("gateway_account.py", ["--accounts", "2"], atLeast: 28) }

    @Test("IBKR's own client, at server version 157: contracts, data, orders, account")
    func official() throws { try check("gateway_ibapi.py", atLeast: 35) }

    @Test("ib_async lives through what goes wrong")
    func faults() throws { try check("gateway_faults.py", atLeast: 20) }
}
