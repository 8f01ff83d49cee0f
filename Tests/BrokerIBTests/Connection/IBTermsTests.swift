import Broker
import Core
import Sessions
import TestSupport
import Testing

@testable import BrokerIB

@Suite("Orders in IB's terms, and back")
struct IBTermsTests {
    private func request(_ type: OrderType, _ time: TimeInForce = .day) throws -> OrderRequest {
        OrderRequest(
            clientOrderID: ClientOrderID("a-1"), instrument: try .fixture(), side: .sell, type: type,
            quantity: Quantity(5), timeInForce: time)
    }

    private func order(_ type: OrderType, _ time: TimeInForce = .day, magnifier: Int64 = 1) throws -> IBOrder {
        try IBTerms.order(try request(type, time), account: AccountID("DU1"), magnifier: magnifier)
    }

    @Test("An order carries its account and our id, always")
    func keys() throws {
        let order = try order(.market)
        #expect(order.account == "DU1" && order.reference == "a-1" && order.side == .sell && order.transmit)
    }

    @Test(
        "Each type in each time in force is the order it says",
        arguments: [
            (OrderType.market, TimeInForce.day, "MKT", "DAY"), (.market, .immediateOrCancel, "MKT", "IOC"),
            (.limit(Price(1)), .goodTillCancelled, "LMT", "GTC"), (.stop(Price(1)), .day, "STP", "DAY"),
            (.stopLimit(stop: Price(1), limit: Price(2)), .day, "STP LMT", "DAY"), (.market, .atClose, "MOC", "DAY"),
            (.limit(Price(1)), .atClose, "LOC", "DAY"),
        ])
    func types(type: OrderType, time: TimeInForce, code: String, tif: String) throws {
        let order = try order(type, time)
        #expect(order.type.code == code && order.timeInForce.code == tif && !order.type.isAtTheOpen)
    }

    @Test(
        "For the opening auction there are a market order and a limit",
        arguments: [
            OrderType.market, .limit(Price(1)),
        ])
    func opening(type: OrderType) throws { #expect(try order(type, .atOpen).type.isAtTheOpen) }

    @Test("What London quotes in pence is sent in pence and read in pounds")
    func pence() throws {
        let (pounds, pence) = (try Price("0.725"), try Price("72.5"))
        let order = try order(.stopLimit(stop: pounds, limit: Price(1)), magnifier: 100)
        #expect(order.type == .stopLimit(stop: pence, limit: Price(100)))
        #expect(pence.told(in: 100) == pounds && pence.told(in: 1) == pence)
    }

    @Test("What takt does not know of an order's state counts as open; Inactive is not final")
    func states() {
        #expect(IBTerms.status(.other("Odd"), filled: .zero) == .working)
        #expect(IBTerms.status(.pendingCancel, filled: Quantity(1)) == .partiallyFilled)
        #expect(IBTerms.status(.inactive, filled: .zero) == .inactive)
        #expect(IBTerms.status(.apiCancelled, filled: Quantity(1)) == .cancelled)
    }

    @Test(
        "The same moment in the zones that gateways name",
        arguments: [
            "20261120 09:30:00 US/Eastern", "20261120 08:30:00 US/Central", "20261120 15:30:00 MET",
            "20261120 14:30:00 GB-Eire", "20261120 23:30:00 JST", "20261120 22:30:00 Hongkong", "20261120-14:30:00",
            "20261120  09:30:00", "20261120 09:30:00 America/New_York", "20261120 14:30:00 Greenwich Mean Time",
        ])
    func zones(text: String) throws {
        let newYork = try #require(ZoneRules.named("America/New_York"))
        #expect(IBTime.Stamp(text)?.instant(login: newYork) == Instant(epochSeconds: 1_795_185_000))
    }

    @Test("A zone that nobody has listed is not guessed")
    func unknownZone() { #expect(IBTime.Stamp("20261120 09:30:00 Mars/Base")?.instant(login: .utc) == nil) }

    @Test("A correction names those before it")
    func corrections() throws {
        func execution(_ id: String) throws -> IBExecution {
            guard
                case .execution(let execution) = try IBDecoder.decode(
                    "11|1|7|265598|AAPL|STK||0|?||SMART|USD|AAPL|NMS|\(id)|20261120 09:30:00 US/Eastern|DU1|NASDAQ|BOT|10|200"
                        + "|600745656|1|0|10|200|a-1||||1|0|")
            else { throw Unexpected() }
            return execution
        }
        #expect(try execution("0000e0d5.69.01.01").corrected == [])
        #expect(try execution("0000e0d5.69.01.03").corrected == ["0000e0d5.69.01.01", "0000e0d5.69.01.02"])
        #expect(try execution("plain").corrected == [])
        #expect(try execution("a.x").corrected == [])
        let last = IBExecution.last(of: [
            try execution("a.01"), try execution("b.01"), try execution("a.02"), try execution("a.01"),
        ])
        #expect(last.map(\.executionID) == ["a.02", "b.01"])
    }

    private struct Unexpected: Error {}
}
