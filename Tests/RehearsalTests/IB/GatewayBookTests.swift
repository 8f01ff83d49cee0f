import Core
import TestSupport
import Testing

@testable import Rehearsal

/// Laws of the books, on many random days.
@Suite("The simulated gateway's books")
struct GatewayBookTests {
    /// A day of random orders, changes and cancellations of two clients, played in steps of so many seconds.
    static func play(seed: UInt64, stepSeconds: Int64) throws -> GatewayDesk {
        var random = SeededGenerator(seed: seed, stream: "orders")
        func draw(_ below: UInt64) -> Int { Int(random.next() % below) }
        var desk = GatewayDesk { $0.seed = seed }
        let clients = [(try desk.ready(7), 7), (try desk.ready(8), 8)]
        var next = [7: 1, 8: 1]
        for _ in 0..<60 {
            let (connection, clientId) = clients[draw(2)]
            let isIBM = draw(2) == 0
            let price = isIBM ? 230 : 200
            let limit = "\(price - 3 + draw(6)).\(10 + draw(90))"
            let kinds = ["MKT", "LMT", "LMT", "STP", "STP LMT", "TRAIL", "MOC", "LOC"]
            let kind = kinds[draw(UInt64(kinds.count))]
            let tif = kind == "LMT" ? ["DAY", "GTC", "IOC", "FOK"][draw(4)] : "DAY"
            let (side, id) = (draw(2) == 0 ? "BUY" : "SELL", next[clientId] ?? 1)
            let group = draw(4) == 0 ? [23: "g\(draw(3))", 47: "\(1 + draw(3))"] : [:]
            let needsAux = ["STP", "STP LMT"].contains(kind)
            desk.place(
                connection, id, side, 1 + draw(300), kind,
                limit: ["LMT", "STP LMT", "LOC"].contains(kind) ? limit : "",
                aux: kind == "TRAIL" ? "0.\(10 + draw(80))" : needsAux ? limit : "", tif: tif,
                conId: isIBM ? 8314 : 265_598, changes: group)
            next[clientId] = id + 1
            if draw(5) == 0 { desk.send(connection, ["4", "1", "\(1 + draw(UInt64(id)))", ""]) }
            let seconds = Int64(draw(400))
            var left = seconds
            while left > 0 {
                desk.advance(min(left, stepSeconds))
                left -= stepSeconds
            }
        }
        desk.advance(86_400)
        return desk
    }

    @Test("Cash, positions and orders are what the executions make them", arguments: UInt64(1)...6)
    func fold(_ seed: UInt64) throws {
        let desk = try Self.play(seed: seed, stepSeconds: 1_000_000)
        let market = desk.gateway.market
        var (cash, positions) = (FixedPoint(1_000_000), [Int: FixedPoint]())
        var filled: [Int: FixedPoint] = [:]
        for fill in market.fills {
            let order = market.orders[fill.order]
            let value = try fill.price.multiplied(by: fill.quantity, rounding: .halfEven)
            cash = try (order.ticket.isBuy ? cash - value : cash + value) - fill.commission
            let signed = order.ticket.isBuy ? fill.quantity : -fill.quantity
            positions[order.contract.conId] = try (positions[order.contract.conId] ?? .zero) + signed
            filled[order.index] = try (filled[order.index] ?? .zero) + fill.quantity
            if let limit = order.ticket.limit, order.ticket.orderType != "TRAIL" {
                #expect(order.ticket.isBuy ? fill.price <= limit : fill.price >= limit)
            }
        }
        let account = try #require(market.accounts[GatewayDesk.account])
        #expect(account.cash["USD"] == cash && market.fills.count > 10)
        for (conId, quantity) in positions { #expect(account.positions[conId]?.quantity == quantity) }
        #expect(Set(market.fills.map(\.execId)).count == market.fills.count)
        for order in market.orders {
            #expect(order.filled == filled[order.index] ?? .zero && order.filled <= order.ticket.quantity)
            #expect((order.status == .filled) == (order.shownRemaining.isZero && order.filled.isPositive))
            #expect(order.isOpen ? order.ticket.tif == "GTC" : order.completedAt != nil)
        }
    }

    @Test("One step or thousands: the same executions at the same times", arguments: UInt64(1)...3)
    func steps(_ seed: UInt64) throws {
        let (one, many) = (
            try Self.play(seed: seed, stepSeconds: 1_000_000), try Self.play(seed: seed, stepSeconds: 7)
        )
        #expect(one.gateway.market.fills == many.gateway.market.fills)
        #expect(one.gateway.books == many.gateway.books)
    }
}
