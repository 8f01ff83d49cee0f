import Broker
import BrokerPaper
import Core
import Testing

@Suite("Fees and taxes")
struct FeeScheduleTests {
    struct Case: Sendable {
        var symbol = "NVDA"
        var side = Side.buy
        let quantity: String
        let price: String
        let day: String
        let fee: String
        var tax = "0"
    }

    private func check(_ example: Case, _ instrument: Instrument, _ schedule: FeeSchedule = .auto) throws {
        let day = try #require(CivilDate(iso: example.day))
        let costs = try schedule.costs(
            instrument, example.side, try Quantity(example.quantity), at: try Price(example.price), on: day)
        #expect(costs.fee.description == example.fee)
        #expect(costs.tax.description == example.tax)
    }

    @Test(
        "Interactive Brokers' own examples of fixed pricing",
        arguments: [
            Case(quantity: "100", price: "25", day: "2026-11-20", fee: "1"),
            Case(quantity: "1000", price: "25", day: "2026-11-20", fee: "5"),
            // The maximum of one per cent.
            Case(quantity: "1000", price: "0.25", day: "2026-11-20", fee: "2.5"),
            // The maximum beats the minimum.
            Case(quantity: "10", price: "0.2", day: "2026-11-20", fee: "0.02"),
        ])
    func interactiveBrokers(_ example: Case) throws { try check(example, try instrument("NVDA")) }

    @Test(
        "US sales pay the SEC and FINRA by date, each rounded up to the cent",
        arguments: [
            // 100,000 USD: SEC 2.78, TAF 0.166 → 0.17, commission 5.
            Case(side: .sell, quantity: "1000", price: "100", day: "2024-05-22", fee: "7.95"),
            Case(side: .sell, quantity: "1000", price: "100", day: "2024-05-21", fee: "5.97"),
            Case(side: .sell, quantity: "1000", price: "100", day: "2025-05-13", fee: "7.95"),
            Case(side: .sell, quantity: "1000", price: "100", day: "2025-05-14", fee: "5.17"),
            // TAF 0.195 → 0.20 from 2026.
            Case(side: .sell, quantity: "1000", price: "100", day: "2026-01-02", fee: "5.2"),
            // SEC 20.60 per million again: 2.06.
            Case(side: .sell, quantity: "1000", price: "100", day: "2026-11-20", fee: "7.26"),
            // Caps of 8.30 and 9.79: 100,000 shares would pay 16.60 and 19.50; commission 500.
            Case(side: .sell, quantity: "100000", price: "1", day: "2025-06-02", fee: "508.3"),
            Case(side: .sell, quantity: "100000", price: "1", day: "2026-02-02", fee: "509.79"),
        ])
    func regulators(_ example: Case) throws { try check(example, try instrument("NVDA")) }

    @Test(
        "Korean sales pay the securities transaction tax of their day; buys do not",
        arguments: [
            // 10,000,000 won: 0.0140527 % = 1,405.27 → 1,405.
            Case(symbol: "005930", quantity: "100", price: "100000", day: "2026-11-20", fee: "1405"),
            Case(
                symbol: "005930", side: .sell, quantity: "100", price: "100000", day: "2026-11-20", fee: "1405",
                tax: "20000"),
            Case(
                symbol: "005930", side: .sell, quantity: "100", price: "100000", day: "2025-06-02", fee: "1405",
                tax: "15000"),
            Case(
                symbol: "005930", side: .sell, quantity: "100", price: "100000", day: "2024-12-26", fee: "1405",
                tax: "18000"),
            Case(
                symbol: "005930", side: .sell, quantity: "100", price: "100000", day: "2024-12-27", fee: "1405",
                tax: "15000"),
            Case(
                symbol: "005930", side: .sell, quantity: "100", price: "100000", day: "2023-06-01", fee: "1405",
                tax: "20000"),
            Case(
                symbol: "005930", side: .sell, quantity: "100", price: "100000", day: "2022-06-01", fee: "1405",
                tax: "23000"),
            Case(
                symbol: "005930", side: .sell, quantity: "100", price: "100000", day: "2020-06-01", fee: "1405",
                tax: "25000"),
            Case(
                symbol: "005930", side: .sell, quantity: "100", price: "100000", day: "2019-05-29", fee: "1405",
                tax: "30000"),
            // 53,700 won: 7.546 → 7 and 107.4 → 107.
            Case(symbol: "005930", side: .sell, quantity: "1", price: "53700", day: "2026-11-20", fee: "7", tax: "107"),
        ])
    func korea(_ example: Case) throws {
        try check(example, try instrument("005930", exchange: "XKRX", currency: .krw, ticks: .krxStock))
    }

    @Test("Korean funds are not taxed, and every other market pays a quarter per cent")
    func others() throws {
        let fund = try instrument("069500", exchange: "XKRX", currency: .krw, kind: .etf, ticks: .krxETF)
        try check(Case(side: .sell, quantity: "100", price: "100000", day: "2026-11-20", fee: "1405"), fund)
        let shell = try instrument("SHEL", exchange: "XLON")
        try check(Case(side: .sell, quantity: "100", price: "25", day: "2026-11-20", fee: "6.25"), shell)
        let share = try instrument("NVDA")
        let sale = Case(side: .sell, quantity: "100", price: "100", day: "2026-11-20", fee: "25.23")
        try check(sale, share, .koreaInvestment)  // 25 + SEC 0.206 → 0.21 + TAF 0.0195 → 0.02
        try check(Case(side: .sell, quantity: "100", price: "25", day: "2026-11-20", fee: "0"), share, .none)
    }

    @Test("Partial fills of one day share one minimum")
    func partialFills() async throws {
        // 1,000 and 500 shares: 5.00 for the first, 7.50 in all.
        let bench = try Bench(change: { $0.fees = .auto })
        await bench.submit(.buy, 1500)
        // 100 shares in two pieces of a thin bar: 1.00 in all.
        bench.clock.set(try at("14:50:00"))
        let fees = try await bench.exchange.books().executions.map(\.execution.fee.description)
        #expect(fees == ["5", "2.5"])
        let thin = try Bench(
            [
                Symbol("NVDA"): [
                    try bar("14:30", "100", "100", "100", "100", 600),
                    try bar("14:35", "100", "100", "100", "100", 600),
                    try bar("14:40", "100", "100", "100", "100", 600),
                ]
            ], change: { $0.fees = .auto })
        await thin.submit(.buy, 100)
        thin.clock.set(try at("14:45:00"))
        #expect(try await thin.exchange.books().executions.map(\.execution.fee.description) == ["1", "0"])
        #expect(try await thin.exchange.books().cash[0].balance.description == "989999")
    }
}
