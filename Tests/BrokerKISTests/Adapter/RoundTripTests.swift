import Broker
import Core
import Execution
import TestSupport
import Testing

@testable import BrokerKIS

/// Our order → body → what KIS would list of it → the order as the protocol lists it. The middle is written here from
/// the fact sheet: the body's members are copied into the row's, as a broker does that keeps what it was sent.
@Suite("An order comes back from the lists with the terms it was sent with")
struct RoundTripTests {
    private struct Draw {
        let request: OrderRequest
        let environmentIsReal: Bool
    }

    private func draw(_ random: inout SeededGenerator) throws -> Draw {
        let isReal = random.chance(0.5)
        let isKorean = random.chance(0.5)
        let instrument =
            isKorean
            ? try Instrument.korean(random.pick(["005930", "000660", "Q500001"]))
            : try Instrument.american(
                random.pick(["AAPL", "MSFT", "BRK/B"]), exchange: random.pick(["XNAS", "XNYS", "ARCX"]))
        let side = random.pick([Side.buy, .sell])
        var types: [(OrderType, TimeInForce)] = []
        if isKorean {
            let rule = TickSchedule.krxStock.rule(on: .day("2031-03-04"))
            let limit = try rule.rounded(Price(random.int(1000...900_000)), .down)
            let stop = try rule.rounded(Price(random.int(1000...900_000)), .down)
            types = [
                (.market, .day), (.limit(limit), .day), (.marketToLimit, .day), (.conditionalLimit(limit), .day),
                (.bestOwnSide, .day),
            ]
            if isReal {
                types += [
                    (.market, .immediateOrCancel), (.limit(limit), .immediateOrCancel), (.market, .fillOrKill),
                    (.limit(limit), .fillOrKill), (.marketToLimit, .immediateOrCancel), (.marketToLimit, .fillOrKill),
                    (.stopLimit(stop: stop, limit: limit), .day),
                ]
            }
        } else {
            let limit = OrderType.limit(Price.cents(random.int(1...90_000)))
            types = [(limit, .day), (.market, .day)]
            if isReal { types += [(limit, .atOpen), (limit, .atClose)] }
            if isReal, side == .sell { types += [(.market, .atOpen), (.market, .atClose)] }
        }
        let (type, timeInForce) = random.pick(types)
        let request = OrderRequest(
            clientOrderID: ClientOrderID("c"), instrument: instrument, side: side, type: type,
            quantity: Quantity(random.int(1...5000)), timeInForce: timeInForce)
        return Draw(request: request, environmentIsReal: isReal)
    }

    /// What the order desk would list of a body.
    private func row(_ call: ScriptedCaller.Call, side: Side) -> KISRecord? {
        let code = side == .buy ? "02" : "01"
        let members: [(String, String)]
        if call.endpoint.path.contains("domestic") {
            members = [
                ("ord_dt", "20310304"), ("ord_gno_brno", "06010"), ("odno", "0000123401"), ("orgn_odno", ""),
                ("sll_buy_dvsn_cd", code), ("pdno", call["PDNO"] ?? ""), ("ord_qty", call["ORD_QTY"] ?? ""),
                ("ord_unpr", call["ORD_UNPR"] ?? ""), ("ord_tmd", "100140"), ("tot_ccld_qty", "0"),
                ("tot_ccld_amt", "0"), ("ord_dvsn_cd", call["ORD_DVSN"] ?? ""), ("cncl_cfrm_qty", "0"),
                ("rmn_qty", call["ORD_QTY"] ?? ""), ("rjct_qty", "0"), ("stpm_cndt_pric", call["CNDT_PRIC"] ?? "0"),
            ]
        } else {
            members = [
                ("ord_dt", "20310303"), ("odno", "0030001201"), ("orgn_odno", ""), ("sll_buy_dvsn_cd", code),
                ("rvse_cncl_dvsn", "00"), ("pdno", call["PDNO"] ?? ""), ("ft_ord_qty", call["ORD_QTY"] ?? ""),
                (
                    "ft_ord_unpr3",
                    (call["OVRS_ORD_UNPR"] ?? "") + (call["OVRS_ORD_UNPR"]?.contains(".") == true ? "000" : "")
                ),
                ("ft_ccld_qty", "0"), ("nccs_qty", call["ORD_QTY"] ?? ""), ("ord_tmd", "100140"),
                ("ovrs_excg_cd", call["OVRS_EXCG_CD"] ?? ""), ("mdia_dvsn_name", "OpenAPI"),
            ]
        }
        return KISRecord(.object(members.map { .init($0.0, .string($0.1)) }))
    }

    private func broker(_ draw: Draw, _ caller: ScriptedCaller) throws -> KISBroker {
        try KISBroker.scripted(
            caller, real: draw.environmentIsReal, instruments: [draw.request.instrument],
            // Before the opening in New York: orders for it are taken by then.
            at: draw.request.timeInForce == .atOpen ? .kisFixture.advanced(bySeconds: 13 * 3600) : .kisFixture)
    }

    private static func script() -> ScriptedCaller {
        let accepted = ScriptedCaller.Reply.json(KISBrokerSubmitTests.accepted)
        return ScriptedCaller([
            "TTTC0012U": [accepted], "TTTC0011U": [accepted], "TTTT1002U": [accepted], "TTTT1006U": [accepted],
            "HHDFS00000300": [.json(#"{"output":{"last":"201.3000"}}"#)],
            "HHDFS76200100": [.json(#"{"output2":{"pbid1":"201.43","pask1":"201.45","vbid1":"1","vask1":"1"}}"#)],
        ])
    }

    @Test("For every type that takt sends, on either host", arguments: propertySeeds)
    func sameTerms(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let draw = try draw(&random)
            let sending = Self.script()
            let broker = try broker(draw, sending)
            guard case .ready(let ready, _) = await broker.prepared(draw.request) else {
                Issue.record("\(draw.request) is refused")
                return
            }
            let outcome = await broker.submit([ready])[0]
            guard case .acknowledged = outcome else {
                Issue.record("\(draw.request): \(outcome)")
                return
            }
            let sent = try #require(sending.calls.last)
            let record = try #require(row(sent, side: ready.side))
            let isKorean = sent.endpoint.path.contains("domestic")
            let listed = try isKorean ? DomesticOrderRows.daily(record) : OverseasOrderRows.read(record)
            let found = try #require(listed)
            let order = try #require(OrderFolding.orders([found], broker.directory, at: .kisFixture).orders.first)
            #expect(order.order.symbol == ready.instrument.symbol)
            #expect(order.order.side == ready.side)
            #expect(order.order.type == ready.type)
            #expect(order.order.quantity == ready.quantity)
            #expect(order.order.tellsTimeInForce == isKorean)
            if isKorean { #expect(order.order.timeInForce == ready.timeInForce) }
            #expect(order.order.status == .working)
            #expect(!order.order.isKnownForeign)
        }
    }

    @Test("A US market order in doubt is found again by the terms that were got ready, and stays in doubt by its own")
    func inDoubt() async throws {
        let sending = Self.script()
        let broker = try KISBroker.scripted(sending)
        let market = KISBrokerSubmitTests.request(try .american(), .market)
        guard case .ready(let ready, _) = await broker.prepared(market) else {
            Issue.record("not ready")
            return
        }
        _ = await broker.submit([ready])
        let sent = try #require(sending.calls.last)
        let record = try #require(row(sent, side: .buy))
        let listed = try #require(try OverseasOrderRows.read(record))
        let orders = OrderFolding.orders([listed], broker.directory, at: .kisFixture).orders.map(\.order)
        func resolution(_ type: OrderType) -> DoubtResolution? {
            let order = ManagedOrder.fixture(
                broker: broker.id, account: broker.account, symbol: Symbol("AAPL"), type: type, quantity: Quantity(10),
                state: .inDoubt, submittedAt: Instant.kisFixture.advanced(bySeconds: -2))
            let later = Instant.kisFixture.advanced(bySeconds: 60)
            return InDoubtMatcher(
                capabilities: broker.capabilities, orders: .fixture(orders, takenAt: later),
                executions: .fixture([], takenAt: later), claimed: []
            ).resolve([order])[order.clientOrderID]
        }
        #expect(resolution(ready.type) == .bound(orders[0]))
        #expect(resolution(.market) == .ambiguous([orders[0].brokerOrderID]), "safe, but only a person can settle it")
    }
}
