import Broker
import BrokerPaper
import Core
import Testing

@Suite("Which orders the exchange takes")
struct PaperAdmissionTests {
    @Test("Each refusal has its code, and a refused order leaves no trace")
    func codes() async throws {
        let lots = try instrument("LOTS", lot: 10)
        let future = try instrument(
            "ES", kind: .future(expiry: try #require(CivilDate(iso: "2026-12-18"))))
        let silent = try instrument("QUIET")
        let bench = try Bench(instruments: [lots, future, silent])
        let stranger = try instrument("GHOST")
        #expect(code(await bench.submit(.buy, 1, of: stranger)) == "unknown-symbol")
        #expect(code(await bench.submit(.buy, 1, of: future)) == "unsupported")
        #expect(code(await bench.submit(.buy, 1, try stop("101"), .immediateOrCancel)) == "unsupported")
        #expect(code(await bench.submit(.buy, 0)) == "quantity-not-positive")
        #expect(code(await bench.submit(.buy, -5)) == "quantity-not-positive")
        #expect(code(await bench.submit(.buy, 15, of: lots)) == "off-lot")
        #expect(code(await bench.submit(.buy, 1, try limit("100.005"))) == "off-tick")
        #expect(code(await bench.submit(.buy, 1, try limit("0"))) == "off-tick")
        #expect(code(await bench.submit(.buy, 1, try stopLimit("101.001", "102"))) == "off-tick")
        #expect(code(await bench.submit(.buy, 1, of: silent)) == "no-price")
        #expect(code(await bench.submit(.sell, 1)) == "short-not-allowed")
        #expect(code(await bench.submit(.buy, 10_000)) == "insufficient-cash")
        bench.clock.set(try at("21:00:00"))
        #expect(code(await bench.submit(.buy, 1)) == "market-closed")
        let books = try await bench.exchange.books()
        #expect(books.orders.isEmpty && books.executions.isEmpty)
    }

    @Test("The Korean tick table of the day decides")
    func koreanTicks() async throws {
        let samsung = try instrument("005930", exchange: "XKRX", currency: .krw, ticks: .krxStock)
        let bench = try Bench(
            [samsung.symbol: try Bench.bars()], cash: [Money(FixedPoint(100_000_000), .krw)], instruments: [samsung])
        #expect(code(await bench.submit(.buy, 1, try limit("53750"), of: samsung)) == "off-tick")
        #expect(code(await bench.submit(.buy, 1, try limit("53700"), of: samsung)) == "acknowledged")
    }

    @Test("Open buys hold their value and fees against the cash until they end")
    func buyingPower() async throws {
        // 10,000 USD: 60 × 100 + 1.00 fee are held; 3,999 stay free.
        let bench = try Bench(cash: [Money(FixedPoint(10_000), .usd)], change: { $0.fees = .auto })
        #expect(code(await bench.submit(.buy, 60, try limit("99"))) == "acknowledged")
        #expect(try await bench.exchange.books().cash[0].available.description == "4059")
        // 41 × 99 = 4,059 but for the fee.
        #expect(code(await bench.submit(.buy, 41, try limit("99"))) == "insufficient-cash")
        #expect(code(await bench.submit(.buy, 40, try limit("99"))) == "acknowledged")
        _ = await bench.exchange.cancel(
            CancelRequest(
                clientOrderID: ClientOrderID("c"), brokerOrderID: BrokerOrderID("0000000001"), symbol: bench.nvda.symbol
            ))
        #expect(code(await bench.submit(.buy, 41, try limit("99"))) == "acknowledged")
    }

    @Test("Currencies do not help each other out")
    func currencies() async throws {
        let samsung = try instrument("005930", exchange: "XKRX", currency: .krw, ticks: .krxStock)
        let bench = try Bench(
            [samsung.symbol: [try bar("14:30", "50000", "50000", "50000", "50000", 10_000)]], now: "14:31:00",
            cash: [Money(FixedPoint(1_000_000), .usd), Money(FixedPoint(100_000), .krw)], instruments: [samsung],
            change: { $0.fees = .auto })
        #expect(code(await bench.submit(.buy, 2, try limit("50000"), of: samsung)) == "insufficient-cash")
        #expect(code(await bench.submit(.buy, 1, try limit("50000"), of: samsung)) == "acknowledged")
        _ = try await bench.fills(by: "14:36:00")
        // 50,000 + 7 won; the dollars are untouched.
        let cash = try await bench.exchange.cash().items.map(\.description)
        #expect(cash == ["49993 KRW", "1000000 USD"])
    }

    @Test("Open sells count against what is held")
    func openSells() async throws {
        let bench = try Bench()
        await bench.submit(.buy, 100)
        #expect(code(await bench.submit(.sell, 60, try limit("150"))) == "acknowledged")
        #expect(code(await bench.submit(.sell, 41, try limit("150"))) == "short-not-allowed")
        #expect(code(await bench.submit(.sell, 40, try limit("150"))) == "acknowledged")
    }

    @Test("A short sale needs its value as collateral, and covering it needs none")
    func shorts() async throws {
        let bench = try Bench(cash: [Money(FixedPoint(10_050), .usd)], change: { $0.allowShort = true })
        #expect(code(await bench.submit(.sell, 101)) == "insufficient-cash")
        #expect(code(await bench.submit(.sell, 100)) == "acknowledged")
        #expect(try await bench.exchange.positions().items.map(\.quantity) == [Quantity(-100)])
        #expect(try await bench.exchange.books().cash[0].available.description == "0")
        #expect(code(await bench.submit(.sell, 1)) == "insufficient-cash")
        #expect(code(await bench.submit(.buy, 100)) == "acknowledged")
        #expect(try await bench.exchange.positions().items.isEmpty)
    }

    @Test("Within a batch an earlier sale pays for a later purchase")
    func batchOrder() async throws {
        let bench = try Bench(cash: [Money(FixedPoint(10_050), .usd)])
        await bench.submit(.buy, 100)
        let outcomes = await bench.exchange.submit([
            bench.request(.buy, 50), bench.request(.sell, 50), bench.request(.buy, 50),
        ])
        #expect(outcomes.map(code) == ["insufficient-cash", "acknowledged", "acknowledged"])
    }

    @Test("Closed markets refuse, or keep orders for the next session when told to")
    func closedMarkets() async throws {
        let bench = try Bench(now: "21:05:00", change: { $0.closedMarket = .queue })
        #expect(code(await bench.submit(.buy, 1, try limit("90"))) == "acknowledged")
        #expect(code(await bench.submit(.buy, 1, .market, .immediateOrCancel)) == "market-closed")
        #expect(try await bench.exchange.books().orders[0].expiresAt == (try at("2026-11-23 21:00")))
    }
}
