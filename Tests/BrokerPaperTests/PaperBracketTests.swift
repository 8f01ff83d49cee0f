import Broker
import Core
import Testing

@testable import BrokerPaper

@Suite("Brackets on the paper exchange")
struct PaperBracketTests {
    /// An entry for a hundred with its take-profit and stop-loss, in one go.
    private func submit(
        _ bench: Bench, _ type: OrderType = .market, _ time: TimeInForce = .day, profit: String? = "110",
        loss: String? = "90"
    ) async throws -> [SubmitOutcome] {
        let bracket = try #require(
            Bracket(takeProfit: try profit.map { try Price($0) }, stopLoss: try loss.map { try Price($0) }))
        let entry = OrderRequest(
            clientOrderID: ClientOrderID("e"), instrument: bench.nvda, side: .buy, type: type, quantity: Quantity(100),
            timeInForce: time, handling: OrderHandling(bracket: bracket))
        let exits = bracket.legs.map { leg in
            OrderRequest(
                clientOrderID: ClientOrderID(leg.purpose.rawValue), instrument: bench.nvda, side: .sell, type: leg.type,
                quantity: Quantity(100), timeInForce: .goodTillCancelled,
                handling: OrderHandling(protects: IntentID("e")))
        }
        return await bench.exchange.submit([entry] + exits)
    }

    private func states(_ bench: Bench) async throws -> [String] {
        try await bench.exchange.orders(since: try at("14:00:00")).items.sorted { $0.brokerOrderID < $1.brokerOrderID }
            .map { "\($0.status.rawValue) \($0.filledQuantity)/\($0.quantity)" }
    }

    private func codes(_ outcomes: [SubmitOutcome]) -> [String] {
        outcomes.map { outcome in
            switch outcome {
            case .acknowledged: "taken"
            case .rejected(let code, _): code
            case .notSent, .turnedAway, .unknown: "lost"
            }
        }
    }

    @Test("The take-profit is executed when the market comes to it, and the stop-loss ends")
    func profit() async throws {
        let bench = try Bench()
        // Bought at 100.5; the bar of 14:40 opens at 103.
        #expect(codes(try await submit(bench, profit: "102.5", loss: "99")) == ["taken", "taken", "taken"])
        #expect(try await bench.fills(by: "14:39:59") == ["100@100.5 14:35:02"])
        #expect(try await bench.fills(by: "14:50:01").last == "-100@103 14:40:00")
        #expect(try await states(bench) == ["filled 100/100", "filled 100/100", "cancelled 0/100"])
        let cash = try await bench.exchange.cash().items
        #expect(cash == [Money(FixedPoint(1_000_250), .usd)])
    }

    @Test("Of a bar that holds both, the stop-loss is executed: the worse of the two")
    func loss() async throws {
        let bench = try Bench()
        _ = try await submit(bench, profit: "101.5", loss: "99.6")
        #expect(try await bench.fills(by: "14:40:01").last == "-100@99.6 14:39:59")
        #expect(try await states(bench) == ["filled 100/100", "cancelled 0/100", "filled 100/100"])
        #expect(try await bench.exchange.positions().items.allSatisfy { $0.quantity.isZero })
    }

    @Test("While the entry waits nothing of its protection is executed; when it is cancelled they end")
    func waiting() async throws {
        let bench = try Bench()
        _ = try await submit(bench, try limit("97"), .goodTillCancelled, profit: "101", loss: "96.5")
        // 101 was traded, and nothing is held.
        #expect(try await bench.fills(by: "14:45:01").isEmpty)
        let outcome = await bench.exchange.cancel(
            CancelRequest(
                clientOrderID: ClientOrderID("e"), brokerOrderID: PaperNumber.order(1), symbol: bench.nvda.symbol))
        #expect(outcome == .accepted)
        #expect(try await states(bench) == ["cancelled 0/100", "cancelled 0/100", "cancelled 0/100"])
    }

    @Test("What a bar's volume lets one of them execute is taken off the other")
    func inParts() async throws {
        let bars = [
            try bar("14:30", "100", "101", "99", "100", 10_000), try bar("14:35", "100", "100", "100", "100", 10_000),
            // Ten per cent of the volume before are forty shares.
            try bar("14:40", "100", "100", "100", "100", 400), try bar("14:45", "105", "105", "105", "105", 400),
            try bar("14:50", "80", "80", "80", "80", 10_000), try bar("14:55", "80", "80", "80", "80", 10_000),
        ]
        let bench = try Bench([Symbol("NVDA"): bars])
        _ = try await submit(bench, profit: "104", loss: "90")
        _ = try await bench.fills(by: "14:45:01")
        #expect(try await states(bench) == ["filled 100/100", "partially-filled 40/100", "working 0/60"])
        // The rest goes at the stop; nothing is sold that is not held.
        #expect(
            try await bench.fills(by: "14:55:01").map { $0.prefix(8) } == [
                "100@100 ", "-40@105 ", "-40@80 1", "-20@80 1",
            ])
        #expect(try await bench.exchange.positions().items.allSatisfy { $0.quantity.isZero })
        #expect(try await states(bench).dropFirst() == ["cancelled 40/60", "filled 60/60"])
    }

    @Test("They hold neither cash nor shares twice: what is held can be sold beside them only once")
    func means() async throws {
        let bench = try Bench(cash: [Money(FixedPoint(10_300), .usd)])
        #expect(codes(try await submit(bench)) == ["taken", "taken", "taken"])
        _ = try await bench.fills(by: "14:35:03")
        #expect(codes([await bench.submit(.sell, 100, try limit("120"))]) == ["short-not-allowed"])
        let number = PaperNumber.order(2)
        _ = await bench.exchange.cancel(
            CancelRequest(clientOrderID: ClientOrderID("p"), brokerOrderID: number, symbol: bench.nvda.symbol))
        // The stop-loss alone still has them.
        #expect(codes([await bench.submit(.sell, 100, try limit("120"))]) == ["short-not-allowed"])
        #expect(codes([await bench.submit(.buy, 1)]) == ["taken"])
    }

    @Test("An entry that is refused takes its protection with it; protection without an entry is refused")
    func refused() async throws {
        let bench = try Bench(cash: [Money(FixedPoint(10), .usd)])
        #expect(codes(try await submit(bench)) == ["insufficient-cash", "insufficient-cash", "insufficient-cash"])
        let alone = OrderRequest(
            clientOrderID: ClientOrderID("s"), instrument: bench.nvda, side: .sell, type: try stop("90"),
            quantity: Quantity(1), timeInForce: .goodTillCancelled, handling: OrderHandling(protects: IntentID("e")))
        #expect(codes(await bench.exchange.submit([alone])) == ["no-entry"])
        #expect(try await states(bench).isEmpty)
    }

    @Test("Lost on its way, an entry takes its protection along; an answer that is lost does not")
    func lost() async throws {
        let before = try Bench { $0.faults = [.dropBeforeAccept(1)] }
        #expect(codes(try await submit(before)) == ["lost", "lost", "lost"])
        #expect(try await states(before).isEmpty)
        let after = try Bench { $0.faults = [.dropAfterAccept(1)] }
        #expect(codes(try await submit(after)) == ["lost", "taken", "taken"])
        #expect(try await states(after).count == 3)
    }

    @Test("A gap through both is the stop-loss's: the open, whenever the exchange was asked", arguments: [true, false])
    func gap(isAsked: Bool) async throws {
        let bars = [
            try bar("14:30", "100", "101", "99", "100", 100_000), try bar("14:35", "100", "100", "100", "100", 100_000),
            try bar("14:40", "93", "93.5", "92", "93", 100_000), try bar("14:45", "93", "95", "93", "95", 100_000),
        ]
        let bench = try Bench([Symbol("NVDA"): bars])
        _ = try await submit(bench, try limit("95"), profit: "96", loss: "94")
        if isAsked { _ = try await bench.fills(by: "14:42:00") }
        #expect(try await bench.fills(by: "14:50:01") == ["100@93 14:40:00", "-100@93 14:40:00"])
    }

    @Test("One of them that the exchange does not take takes all of them along")
    func half() async throws {
        let bench = try Bench()
        #expect(codes(try await submit(bench, loss: "90.005")) == ["off-tick", "off-tick", "off-tick"])
        #expect(try await states(bench).isEmpty)
        #expect(try await bench.exchange.books().executions.isEmpty)
    }

    @Test("Many small steps book what one large step books")
    func steps() async throws {
        let (small, large) = (try Bench(), try Bench())
        for bench in [small, large] { _ = try await submit(bench, try limit("100"), profit: "103.5", loss: "97.5") }
        for minute in 35..<50 { _ = try await small.fills(by: "14:\(minute):59") }
        let end = "14:50:01"
        #expect(try await small.fills(by: end) == large.fills(by: end))
        #expect(try await states(small) == states(large))
        #expect(try await large.fills(by: end).count == 2)
    }
}
