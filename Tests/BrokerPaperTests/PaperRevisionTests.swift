import Broker
import Core
import Testing

@testable import BrokerPaper

@Suite("New prices on the paper exchange")
struct PaperRevisionTests {
    private func revise(_ bench: Bench, _ number: Int64, _ type: OrderType) async -> ChangeOutcome {
        await bench.exchange.revise(
            RevisionRequest(
                clientOrderID: ClientOrderID("c"), brokerOrderID: PaperNumber.order(number), instrument: bench.nvda,
                side: .buy, type: type, timeInForce: .day))
    }

    private func code(_ outcome: ChangeOutcome) -> String {
        switch outcome {
        case .accepted: "accepted"
        case .refused(let code, _): code
        case .notSent: "not-sent"
        case .unknown: "unknown"
        }
    }

    @Test("The order keeps its number, is listed at its new limit, and is executed there")
    func executed() async throws {
        let bench = try Bench()
        await bench.submit(.buy, 100, try limit("95"))
        #expect(await revise(bench, 1, try limit("99.7")) == .accepted)
        let listed = try await bench.exchange.orders(since: try at("14:00:00")).items
        #expect(listed.map(\.type) == [try limit("99.7")] && listed.map(\.brokerOrderID) == [PaperNumber.order(1)])
        // The bar from 14:35 reaches down to 99.5.
        #expect(try await bench.fills(by: "14:40:01") == ["100@99.7 14:39:59"])
        #expect(code(await revise(bench, 1, try limit("99"))) == "too-late")
    }

    @Test("The cash that the order holds is free for its new price, and no more than there is")
    func funds() async throws {
        let bench = try Bench(cash: [Money(FixedPoint(10_000), .usd)])
        await bench.submit(.buy, 100, try limit("95"))
        #expect(code(await revise(bench, 1, try limit("100.01"))) == "insufficient-cash")
        #expect(code(await revise(bench, 1, try limit("100"))) == "accepted")
        #expect(try await bench.exchange.orders(since: try at("14:00:00")).items.map(\.type) == [try limit("100")])
    }

    @Test("Another kind of order, a price off the grid and an order nobody knows are refused and change nothing")
    func refusals() async throws {
        let bench = try Bench()
        await bench.submit(.buy, 100, try limit("95"))
        let before = try await bench.exchange.books()
        #expect(code(await revise(bench, 1, try stop("105"))) == "unsupported")
        #expect(code(await revise(bench, 1, try limit("95.005"))) == "off-tick")
        #expect(code(await revise(bench, 7, try limit("96"))) == "unknown-order")
        #expect(try await bench.exchange.books() == before)
    }
}
