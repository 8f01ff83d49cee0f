import Core
import Testing

@testable import BrokerKIS

@Suite("Prices of the Korea Exchange")
struct KRXPricesTests {
    /// The price steps of the fact sheet, by hand, at both sides of every border.
    @Test(
        "Price steps follow the exchange's table",
        arguments: [
            (1, 1), (1999, 1), (2000, 5), (4995, 5), (5000, 10), (19_990, 10), (20_000, 50), (49_950, 50),
            (50_000, 100),
            (199_900, 100), (200_000, 500), (499_500, 500), (500_000, 1000), (1_200_000, 1000),
        ])
    func steps(price: Int, tick: Int) {
        let rule = TickSchedule.krxStock.rule(on: .day("2031-03-04"))
        #expect(rule.tick(at: Price(price)) == Price(tick))
    }

    @Test(
        "The day's limits are 30 % from the base price, onto the steps, inwards",
        arguments: [
            (70_800, 49_600, 92_000),  // the fact sheet's example
            (1000, 700, 1300), (1999, 1400, 2595), (2000, 1400, 2600), (999_000, 700_000, 1_298_000),
        ])
    func limits(base: Int, lower: Int, upper: Int) throws {
        let rule = TickSchedule.krxStock.rule(on: .day("2031-03-04"))
        let limits = try KRXPrices.limits(base: Price(base), ticks: rule)
        #expect(limits.lower == Price(lower))
        #expect(limits.upper == Price(upper))
        #expect(rule.isOnGrid(limits.lower) && rule.isOnGrid(limits.upper))
    }
}

@Suite("The limit that stands in for a market order")
struct MarketableLimitTests {
    private let cents = TickSchedule.usEquity.rule(on: .day("2031-03-04"))

    @Test("It lies the collar beyond the best price of the other side, on the side of being executed")
    func fromTheBook() throws {
        let buy = try MarketableLimit(
            .buy, best: Price("201.45"), last: Price("201.30"), collar: Fraction("0.01"), ticks: cents)
        #expect(buy.price == (try Price("203.47")), "203.4645, and not less")
        #expect(buy.source == .book)
        let sell = try MarketableLimit(
            .sell, best: Price("201.43"), last: Price("201.30"), collar: Fraction("0.01"), ticks: cents)
        #expect(sell.price == (try Price("199.41")), "199.4157, and not more")
    }

    @Test("Without a book the last price has to do")
    func fromTheLast() throws {
        let buy = try MarketableLimit(.buy, best: nil, last: Price("10"), collar: Fraction("0.005"), ticks: cents)
        #expect(buy.price == (try Price("10.05")))
        #expect(buy.source == .last)
    }

    @Test("An empty book costs at most twice the collar from the last price")
    func emptyBook() throws {
        let buy = try MarketableLimit(
            .buy, best: Price(300), last: Price(200), collar: Fraction("0.01"), ticks: cents)
        #expect(buy.price == (try Price("204.02")))
        #expect(buy.source == .reach)
        let sell = try MarketableLimit(
            .sell, best: Price(1), last: Price(200), collar: Fraction("0.01"), ticks: cents)
        #expect(sell.price == (try Price("196.02")))
        let below = try MarketableLimit(
            .buy, best: Price(190), last: Price(200), collar: Fraction("0.01"), ticks: cents)
        #expect(below.price == (try Price("191.9")), "a better price is taken as it is")
    }

    @Test("It stays inside the day's limits, and above zero")
    func limits() throws {
        let yen = try TickRule.uniform(Price(1))
        let buy = try MarketableLimit(
            .buy, best: nil, last: Price(3000), collar: Fraction("0.3"), ticks: yen, lower: Price(2300),
            upper: Price(3700))
        #expect(buy.price == Price(3700))
        let sell = try MarketableLimit(
            .sell, best: nil, last: Price(3000), collar: Fraction("0.3"), ticks: yen, lower: Price(2300),
            upper: Price(3700))
        #expect(sell.price == Price(2300))
        let penny = try MarketableLimit(.sell, best: nil, last: Price("0.01"), collar: Fraction("0.5"), ticks: cents)
        #expect(penny.price == (try Price("0.01")))
    }
}
