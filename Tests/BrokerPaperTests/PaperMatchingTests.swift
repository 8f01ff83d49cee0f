import Broker
import BrokerPaper
import Core
import Testing

/// Worked by hand from the four bars of ``Bench/bars()``.
@Suite("Matching against bars")
struct PaperMatchingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var side: Side = .buy
        var quantity = 100
        let type: OrderType
        var tif: TimeInForce = .day
        let expected: [String]
        var testDescription: String { name }
    }

    static func cases() throws -> [Case] {
        [
            Case(name: "market: the open of the bar in progress", type: .market, expected: ["100@100.5 14:35:02"]),
            Case(
                name: "market: the rest at the next open", quantity: 1500, type: .market,
                expected: ["1000@100.5 14:35:02", "500@103 14:40:00"]),
            Case(name: "limit: the open when it is through", type: try limit("101"), expected: ["100@100.5 14:35:02"]),
            Case(name: "limit: itself when it is touched", type: try limit("100"), expected: ["100@100 14:39:59"]),
            Case(name: "limit: the low is enough", type: try limit("99.5"), expected: ["100@99.5 14:39:59"]),
            Case(
                name: "limit: a later open that is through", type: try limit("99.4"), tif: .goodTillCancelled,
                expected: ["100@98 14:45:00"]),
            Case(name: "limit: never touched", type: try limit("96.99"), expected: []),
            Case(name: "stop: itself when it is touched", type: try stop("101.5"), expected: ["100@101.5 14:39:59"]),
            Case(name: "stop: the high is enough", type: try stop("102"), expected: ["100@102 14:39:59"]),
            Case(name: "stop: the open when it jumps over", type: try stop("102.5"), expected: ["100@103 14:40:00"]),
            Case(
                name: "stop: below the open in progress it is touched at once", type: try stop("100.4"),
                expected: ["100@100.5 14:35:02"]),
            Case(
                name: "stop-limit: the stop when the limit allows it", type: try stopLimit("101.5", "101.6"),
                expected: ["100@101.5 14:39:59"]),
            Case(
                name: "stop-limit: waits behind a gap", type: try stopLimit("102.5", "102.8"),
                expected: ["100@102.8 14:44:59"]),
            Case(
                name: "stop-limit below its stop: the close proves it", type: try stopLimit("101.5", "101"),
                expected: ["100@101 14:39:59"]),
            Case(
                name: "stop-limit below its stop: without proof the next open", type: try stopLimit("101.5", "100.9"),
                expected: ["100@98 14:45:00"]),
            Case(
                name: "trailing stop: at its distance from the last price", type: .trailingStop(.amount(Price(1))),
                expected: ["100@101.5 14:39:59"]),
            Case(
                name: "trailing stop: never away from the market", type: .trailingStop(.amount(Price(2))),
                expected: ["100@103 14:40:00"]),
            Case(
                name: "ioc: the rest is cancelled", quantity: 1500, type: .market, tif: .immediateOrCancel,
                expected: ["1000@100.5 14:35:02"]),
            Case(
                name: "ioc: a limit out of reach is cancelled", type: try limit("100"), tif: .immediateOrCancel,
                expected: []),
        ]
    }

    @Test("A buy executes as worked by hand", arguments: try cases())
    func buys(_ example: Case) async throws {
        let bench = try Bench()
        #expect(code(await bench.submit(.buy, example.quantity, example.type, example.tif)) == "acknowledged")
        #expect(try await bench.fills(by: "14:50:00") == example.expected)
    }

    @Test(
        "A sell executes as worked by hand",
        arguments: try [
            (OrderType.market, "-100@103 14:40:02"), (limit("103.9"), "-100@103.9 14:44:59"),
            (limit("102"), "-100@103 14:40:02"), (stop("98.5"), "-100@98 14:45:00"),
            (stop("102.2"), "-100@102.2 14:44:59"), (stopLimit("102.2", "102.1"), "-100@102.2 14:44:59"),
            (stopLimit("98.5", "98.2"), "-100@98.2 14:49:59"),
            // It begins at 103, sees the close of its first bar, 103.5, and the open after it jumps over the stop.
            (.trailingStop(.amount(Price(1))), "-100@102 14:44:59"),
            (.trailingStop(.amount(Price("1.5"))), "-100@98 14:45:00"),
            (.trailingStop(.share(Fraction(FixedPoint(int64Units: 2_000_000)))), "-100@98 14:45:00"),
            // From 101.5 to 102, and its limit 3.5 behind that.
            (
                .trailingStopLimit(.amount(Price("1.5")), firstStop: Price("101.5"), limitOffset: Price("3.5")),
                "-100@98.5 14:49:59"
            ),
        ])
    func sells(_ type: OrderType, _ expected: String) async throws {
        let bench = try Bench()
        await bench.submit(.buy, 100)
        bench.clock.set(try at("14:40:02"))
        await bench.submit(.sell, 100, type)
        #expect(try await bench.fills(by: "14:50:00") == ["100@100.5 14:35:02", expected])
    }

    @Test("A stop that follows the market has seen the high of a bar behind it, and is remembered by the next process")
    func following() async throws {
        let bench = try Bench()
        await bench.submit(.buy, 100)
        bench.clock.set(try at("14:35:03"))
        await bench.submit(.sell, 100, .trailingStop(.amount(try Price("5.5"))), id: "d")
        _ = try await bench.fills(by: "14:45:00")
        // 104 less 5.5 is above the open of 98; the open of 103 less 5.5 is not.
        let later = try Bench(now: "14:45:01", path: bench.path)
        #expect(try await later.fills(by: "14:50:00").last == "-100@98 14:45:00")
    }

    @Test("An order good till a date ends then, inside a session or days later")
    func goodTillDate() async throws {
        for (until, expected) in [("14:44:00", []), ("2026-11-23 15:00", ["100@98 14:45:00"])] {
            let bench = try Bench()
            let plain = bench.request(.buy, 100, try limit("99.4"), .goodTillDate)
            let request = OrderRequest(
                clientOrderID: plain.clientOrderID, instrument: plain.instrument, side: .buy, type: plain.type,
                quantity: plain.quantity, timeInForce: .goodTillDate, handling: OrderHandling(goodUntil: try at(until)))
            #expect(code(await bench.exchange.submit([request])[0]) == "acknowledged")
            #expect(try await bench.fills(by: "14:50:00") == expected)
        }
        #expect(code(await (try Bench()).submit(.buy, 100, try limit("99.4"), .goodTillDate)) == "market-closed")
    }

    @Test("A feed that knows only closed bars gives the same executions, later")
    func lateFeed() async throws {
        let bench = try Bench(hidesProgress: true)
        await bench.submit(.buy, 1500)
        #expect(try await bench.fills(by: "14:39:59").isEmpty)
        #expect(try await bench.fills(by: "14:50:00") == ["1000@100.5 14:35:02", "500@103 14:40:00"])
    }

    @Test("The high and low of the bar in progress are not used before it closes")
    func noLookAhead() async throws {
        let bench = try Bench()
        await bench.submit(.buy, 100, try limit("100"))
        #expect(try await bench.fills(by: "14:39:59").isEmpty)
        #expect(try await bench.fills(by: "14:40:00") == ["100@100 14:39:59"])
    }

    @Test("A bar that opened before the bar of the acceptance is never matched")
    func notBefore() async throws {
        let bench = try Bench(now: "14:40:01")
        await bench.submit(.buy, 100, try limit("99.6"))
        #expect(try await bench.fills(by: "14:50:00") == ["100@98 14:45:00"])
    }

    @Test("Slippage counts against the taker and is rounded to the tick against him")
    func slippage() async throws {
        let bench = try Bench(change: { $0.slippage = Fraction(FixedPoint(int64Units: 50_000)) })
        await bench.submit(.buy, 100)  // 100.5 × 1.0005 = 100.55025
        await bench.submit(.sell, 50)  // 100.5 × 0.9995 = 100.44975
        await bench.submit(.sell, 50, try stop("99.6"))  // 99.6 × 0.9995 = 99.5502
        #expect(
            try await bench.fills(by: "14:50:00")
                == ["100@100.56 14:35:02", "-50@100.44 14:35:02", "-50@99.55 14:39:59"])
    }

    @Test("All orders on a symbol share the volume of a bar: better prices first, then earlier ones")
    func sharedVolume() async throws {
        let bench = try Bench(change: { $0.participation = Fraction(FixedPoint(int64Units: 5_000_000)) })
        // Five per cent of 20,000 are 1,000 shares over the bar of 14:35.
        _ = await bench.exchange.submit([
            bench.request(.buy, 800, try limit("99.9"), .goodTillCancelled, id: "a"),
            bench.request(.buy, 600, try limit("100"), .goodTillCancelled, id: "b"),
            bench.request(.buy, 600, try limit("100"), .goodTillCancelled, id: "c"),
        ])
        #expect(try await bench.fills(by: "14:40:00") == ["600@100 14:39:59", "400@100 14:39:59"])
        // At 14:45 the open is through all of them: 1,000 shares again, by price, then by number.
        #expect(try await bench.fills(by: "14:45:00").dropFirst(2) == ["200@98 14:45:00", "800@98 14:45:00"])
        let books = try await bench.exchange.books()
        #expect(books.executions.map(\.execution.brokerOrderID.text).map { $0.suffix(1) } == ["2", "3", "3", "1"])
    }

    @Test("What the open took is missing from the rest of the bar")
    func openAndRangeShare() async throws {
        let bench = try Bench()
        // 2,000 shares of the bar of 14:35 in all; 900 go at the open.
        await bench.submit(.buy, 900)
        await bench.submit(.buy, 1500, try limit("100"))
        #expect(try await bench.fills(by: "14:40:00") == ["900@100.5 14:35:02", "1100@100 14:39:59"])
    }

    @Test("When a bar touches both exits, the stop goes first")
    func bothExits() async throws {
        let bench = try Bench()
        await bench.submit(.buy, 200)
        await bench.submit(.sell, 100, try limit("101.8"))
        await bench.submit(.sell, 100, try stop("99.8"))
        #expect(
            try await bench.fills(by: "14:40:00").dropFirst() == ["-100@99.8 14:39:59", "-100@101.8 14:39:59"])
    }

    @Test("Partial fills are whole lots")
    func lots() async throws {
        let lots = try instrument("LOTS", lot: 300)
        let bench = try Bench([lots.symbol: try Bench.bars()], instruments: [lots])
        await bench.submit(.buy, 1500, of: lots)
        #expect(try await bench.fills(by: "14:40:00") == ["900@100.5 14:35:02", "600@103 14:40:00"])
    }

    @Test("A day order expires with its session, after the last bar was matched")
    func dayExpires() async throws {
        let last = try bar("20:55", "98", "98", "90", "95", 20_000)
        let bench = try Bench([Symbol("NVDA"): try Bench.bars() + [last]])
        await bench.submit(.buy, 100, try limit("91"))
        await bench.submit(.buy, 100, try limit("80"))
        #expect(try await bench.fills(by: "21:00:00") == ["100@91 20:59:59"])
        let books = try await bench.exchange.books()
        #expect(books.orders.map(\.order.status) == [.filled, .expired])
        #expect(books.orders[1].finishedAt == (try at("21:00")))
    }

    @Test("A day order waits a while for a late last bar, then expires all the same")
    func graceForLateBars() async throws {
        let bench = try Bench()
        await bench.submit(.buy, 100, try limit("80"))
        _ = try await bench.fills(by: "21:09:59")
        #expect(try await bench.exchange.books().orders[0].order.status == .working)
        _ = try await bench.fills(by: "21:10:00")
        #expect(try await bench.exchange.books().orders[0].order.status == .expired)
    }

    @Test("A good-till-cancelled order lives on over the weekend")
    func goodTillCancelled() async throws {
        let monday = try bar("2026-11-23 14:30", "79", "82", "78", "80", 20_000)
        let bench = try Bench([Symbol("NVDA"): try Bench.bars() + [monday]])
        await bench.submit(.buy, 100, try limit("80"), .goodTillCancelled)
        #expect(try await bench.fills(by: "2026-11-23 14:30:01") == ["100@79 14:30:00"])
    }

    @Test("On daily bars an order after the close trades at the next session's open and expires with it")
    func dailyBars() async throws {
        let bars = [
            try bar("2026-11-19 14:30", "90", "91", "89", "90", 10_000),
            try bar("2026-11-20 14:30", "95", "96", "94", "95", 10_000),
            try bar("2026-11-23 14:30", "97", "99", "96", "98", 10_000),
        ]
        let bench = try Bench([Symbol("NVDA"): bars], frame: .oneDay, now: "21:05:00")
        await bench.submit(.buy, 100)
        await bench.submit(.buy, 100, try limit("90"))
        #expect(try await bench.fills(by: "2026-11-23 14:31:00") == ["100@97 14:30:00"])
        _ = try await bench.fills(by: "2026-11-23 21:00:00")
        #expect(try await bench.exchange.books().orders[1].order.status == .expired)
    }

    @Test("A cancelled order trades no more, and a final one cannot be cancelled")
    func cancel() async throws {
        let bench = try Bench()
        await bench.submit(.buy, 100, try limit("100"))
        await bench.submit(.buy, 100)
        func cancel(_ number: String) async -> ChangeOutcome {
            await bench.exchange.cancel(
                CancelRequest(
                    clientOrderID: ClientOrderID("c"), brokerOrderID: BrokerOrderID(number), symbol: bench.nvda.symbol))
        }
        #expect(await cancel("0000000001") == .accepted)
        guard case .refused("too-late", _) = await cancel("0000000001") else { return #expect(Bool(false)) }
        guard case .refused("too-late", _) = await cancel("0000000002") else { return #expect(Bool(false)) }
        guard case .refused("unknown-order", _) = await cancel("0000000003") else { return #expect(Bool(false)) }
        #expect(try await bench.fills(by: "14:50:00") == ["100@100.5 14:35:02"])
    }
}
