import Core
import TestSupport
import Testing

@testable import Rehearsal

@Suite("What holds of the simulator's books whatever is done")
struct BookPropertyTests {
    /// Orders, cancellations and revisions at random through a day, in a drawn market.
    func play(_ seed: UInt64) -> SimulatedExchange {
        var configuration = KISSimulatorConfiguration(seed: seed, start: Market.nine)
        configuration.historySessions = 1
        configuration.symbols = Array(KISSimulatorConfiguration.standardSymbols.prefix(3))
        var exchange = SimulatedKIS(configuration).exchange
        var random = SeededGenerator(seed: seed, stream: "books")
        let account = "5001234501"
        for _ in 0..<250 {
            exchange.advance(to: exchange.now.advanced(bySeconds: Int64(random.int(1...120))))
            let tape = random.pick(exchange.tapes)
            let quote = exchange.quote(tape)
            let tick = tape.symbol.venue.tick(at: quote.last)
            let price = quote.last.plus(tick.times(random.int(-4...4)))
            switch random.int(0...5) {
            case 0: try? cancel(&exchange, &random, account)
            case 1: try? revise(&exchange, &random, account, price)
            default:
                let ticket = OrderTicket(
                    account: account, venue: .krx, code: tape.symbol.code, isBuy: random.chance(0.6),
                    type: random.pick(["00", "00", "00", "01", "02", "03", "04", "11", "12", "13"]),
                    quantity: random.int(1...400), price: price)
                _ = try? exchange.place(ticket, in: .real)
            }
        }
        return exchange
    }

    func cancel(_ exchange: inout SimulatedExchange, _ random: inout SeededGenerator, _ account: String) throws {
        guard let order = exchange.orders.filter({ $0.remaining > 0 }).randomElement(using: &random) else { return }
        _ = try exchange.cancel(
            order.number, account: account, venue: .krx, quantity: random.chance(0.5) ? nil : 1, in: .real)
    }

    func revise(
        _ exchange: inout SimulatedExchange, _ random: inout SeededGenerator, _ account: String, _ price: FixedPoint
    ) throws {
        guard let order = exchange.orders.filter({ $0.remaining > 0 }).randomElement(using: &random) else { return }
        _ = try exchange.revise(
            order.number, account: account, venue: .krx, quantity: nil, type: "00", price: price, in: .real)
    }

    @Test(
        "Every share of an order is somewhere, cash and holdings are what the fills say, and neither is overdrawn",
        arguments: [1, 2, 3, 5])
    func books(_ seed: UInt64) throws {
        let exchange = play(seed)
        #expect(exchange.fills.count > 30)
        for order in exchange.orders where order.kind != .cancellation {
            let sum = order.filled + order.cancelled + order.moved + order.refused + order.remaining
            #expect(sum == order.ticket.quantity)
            let fills = exchange.fills.filter { $0.order == order.number }
            #expect(fills.reduce(0) { $0 + $1.quantity } == order.filled)
            for fill in fills {
                guard let limit = order.limit, order.terms.pricing == .limit, !order.terms.marketAtClose else {
                    continue
                }
                #expect(order.ticket.isBuy ? fill.price <= limit : fill.price >= limit)
            }
        }
        // Reckoned from the fills alone: won as whole numbers, the commission order by order, the tax of sales.
        var (cash, shares) = (100_000_000, [String: Int]())
        var commissions: [Int: (value: Int, isBuy: Bool)] = [:]
        for fill in exchange.fills {
            let value = fill.price.whole * fill.quantity
            cash += fill.isBuy ? -value : value
            shares[fill.code, default: 0] += fill.isBuy ? fill.quantity : -fill.quantity
            #expect((shares[fill.code] ?? 0) >= 0)
            commissions[fill.order, default: (0, fill.isBuy)].value += value
        }
        for (value, isBuy) in commissions.values {
            cash -= value * 14_053 / 100_000_000 + (isBuy ? 0 : value * 2 / 1000)
        }
        let account = try #require(exchange.accounts["5001234501"])
        #expect(account.cash("KRW") == FixedPoint(cash))
        #expect(cash >= 0 && exchange.buyingPower("5001234501", "KRW") >= .zero)
        #expect(account.positions.mapValues(\.quantity).filter { $0.value > 0 } == shares.filter { $0.value > 0 })
    }

    struct Abroad: Sendable {
        let venue: SimulatedVenue
        let code: String
        let buy: String
        let implied: String
        let opening: Int64
    }

    @Test(
        "Other markets trade by the same tables",
        arguments: [
            // Half past ten in Hong Kong's zone of Korea, nine in Tokyo's, half past ten in Shanghai's.
            Abroad(venue: .hongKong, code: "SEHK", buy: "TTTS1002U", implied: "000100000", opening: 5400),
            Abroad(venue: .tokyo, code: "TKSE", buy: "TTTS0308U", implied: "000001000", opening: 0),
            Abroad(venue: .shanghai, code: "SHAA", buy: "TTTS0202U", implied: "000100000", opening: 5400),
        ], KISEnvironment.allCases)
    func abroad(_ market: Abroad, _ environment: KISEnvironment) throws {
        let opening = Market.nine.advanced(bySeconds: market.opening)
        var stand = Market(environment: environment, start: opening) {
            $0.symbols = [
                SimulatedSymbol(
                    code: "0001", name: "SYNTH C", venue: market.venue, basePrice: FixedPoint(100), depth: 100,
                    bars: [Market.bar(opening, 100, 100, 100, 100, 400)])
            ]
            $0.accounts = KISEnvironment.allCases.map {
                SimulatedAccountSpec(
                    environment: $0, number: $0 == .real ? "50012345" : "50123456",
                    cash: [market.venue.currency: FixedPoint(10_000)])
            }
        }
        let id = environment == .real ? market.buy : "V" + market.buy.dropFirst()
        let account = stand.account
        let answer = try stand.call(
            "POST", "/uapi/overseas-stock/v1/trading/order", id,
            [
                "CANO": String(account.prefix(8)), "ACNT_PRDT_CD": "01", "OVRS_EXCG_CD": market.code, "PDNO": "0001",
                "ORD_QTY": "10", "OVRS_ORD_UNPR": "100", "ORD_SVR_DVSN_CD": "0", "ORD_DVSN": "00",
            ]
        ).json
        #expect(answer["rt_cd"] == "0", "\(answer.text)")
        // 1,000 and a quarter per cent; yen are whole.
        let left = try FixedPoint(market.venue == .tokyo ? "8997" : "8997.5")
        #expect(stand.kis.exchange.accounts[account]?.cash(market.venue.currency) == left)
        let order = try #require(stand.kis.exchange.orders.first)
        let notice = StreamRecords(edition: .third).overseasNotice(
            SimulatedNotice(
                kind: .fill(quantity: 10, price: FixedPoint(100)), order: order, name: "", at: opening),
            try #require(stand.kis.exchange.accounts[account]))
        #expect(notice[9] == market.implied && notice[18] == market.venue.noticeCode)
    }
}
