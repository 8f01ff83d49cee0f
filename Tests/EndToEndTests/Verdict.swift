import Core
import TestSupport

/// What has to hold at the end of a day, whatever was killed in between. Empty means that everything holds.
struct Verdict: Sendable {
    private(set) var faults: [String] = []

    /// Compares our books with the exchange's own, both as the program lists them.
    static func judge(_ home: Home, at now: Instant) async throws -> Verdict {
        var verdict = Verdict()
        let time = ["--now", "\(now)"]
        let theirOrders = try await home.items(["paper", "orders"] + time)
        let ourOrders = try await home.items(["orders", "--limit", "100000"] + time)
        verdict.orders(ours: ourOrders, theirs: theirOrders)
        verdict.fills(
            ours: try await home.items(["fills", "--limit", "100000"] + time),
            theirs: try await home.items(["paper", "fills"] + time))
        verdict.equal(
            "positions", try await home.items(["positions"] + time),
            try await home.items(["paper", "positions"] + time)
        ) { ($0.text("symbol"), $0.text("quantity")) }
        let cash = try await home.items(["paper", "cash"] + time).map { money in
            money.setting("cash", money["balance"] ?? .null)
        }
        verdict.equal("cash", try await home.items(["portfolio"] + time), cash) {
            ($0.text("currency"), $0.text("cash"))
        }
        let breaks = try await home.items(["breaks"] + time).filter { $0.text("state") == "open" }
        verdict.expect(breaks.isEmpty, "open breaks: \(breaks.map(\.text))")
        let check = try await home.takt(["db", "check"])
        verdict.expect(check.exitCode == 0, "db check ended with \(check)")
        let audit = try await home.takt(["audit", "verify", "--decisions"])
        verdict.expect(audit.exitCode == 0, "audit verify ended with \(audit)")
        return verdict
    }

    private mutating func expect(_ holds: Bool, _ fault: @autoclosure () -> String) {
        if !holds { faults.append(fault()) }
    }

    private mutating func orders(ours: [JSONValue], theirs: [JSONValue]) {
        let doubtful = ours.filter {
            ["submitting", "in-doubt", "cancelling", "cancel-in-doubt"].contains($0.text("state"))
        }
        expect(doubtful.isEmpty, "in doubt: \(doubtful.map(\.text))")
        let foreign = ours.filter { $0.text("origin") != "takt" }
        expect(foreign.isEmpty, "our own orders taken for foreign ones: \(foreign.map(\.text))")
        let byNumber = Dictionary(grouping: ours, by: { $0.text("broker_order_id") })
        var sentPerIntent: [String: [String]] = [:]
        for order in theirs {
            let number = order.text("broker_order_id")
            guard let matched = byNumber[number], matched.count == 1, let own = matched.first else {
                faults.append("the exchange's order \(number) has \(byNumber[number]?.count ?? 0) rows in our books")
                continue
            }
            sentPerIntent[own.text("intent_id"), default: []].append(number)
            for key in ["symbol", "side", "quantity", "filled_quantity"] {
                expect(own.text(key) == order.text(key), "\(key) of \(number): \(own.text) is not \(order.text)")
            }
        }
        for (intent, numbers) in sentPerIntent where numbers.count > 1 {
            faults.append("intent \(intent) was sent \(numbers.count) times: \(numbers)")
        }
        let ids = theirs.map { $0.text("client_order_id") }.filter { !$0.isEmpty }
        expect(Set(ids).count == ids.count, "the exchange has seen a client order id twice: \(ids)")
        let known = Set(theirs.map { $0.text("broker_order_id") })
        for order in ours where !order.text("broker_order_id").isEmpty {
            expect(known.contains(order.text("broker_order_id")), "the exchange does not know \(order.text)")
        }
    }

    private mutating func fills(ours: [JSONValue], theirs: [JSONValue]) {
        func key(_ fill: JSONValue) -> String {
            ["execution_id", "symbol", "side", "quantity", "price", "fee", "tax", "currency"].map(fill.text)
                .joined(separator: " ")
        }
        let (booked, done) = (ours.map(key).sorted(), theirs.map(key).sorted())
        expect(booked == done, "fills: ours \(booked), the exchange's \(done)")
    }

    private mutating func equal(
        _ what: String, _ ours: [JSONValue], _ theirs: [JSONValue], by pair: (JSONValue) -> (String, String)
    ) {
        func map(_ items: [JSONValue]) -> [String: String] {
            Dictionary(items.map(pair), uniquingKeysWith: { "\($0) and \($1)" }).filter { $0.value != "0" }
        }
        expect(map(ours) == map(theirs), "\(what): ours \(map(ours)), the exchange's \(map(theirs))")
    }
}
