import Broker
import Core
import Rehearsal
import Synchronization
import TestSupport
import Testing

@testable import BrokerIB

@Suite("The gateway behind the commands")
struct IBGatewayTests {
    private static func instrument(_ symbol: String = "AAPL") throws -> Instrument {
        try Instrument(
            symbol: Symbol(symbol), name: symbol, exchange: ExchangeID("XNAS"), currency: .usd,
            ticks: try TickSchedule(.uniform(Price("0.01"))))
    }

    /// A gateway of its own for a test, and what is told of it.
    private static func run(
        role: IBClientRole = .orders, account: String? = nil,
        change: (inout IBGatewayTerms) -> Void = { _ in },
        _ test: (IBGateway, IBSimulator) async throws -> Void
    ) async throws {
        var configuration = IBSimulatorConfiguration(seed: 5, start: Rig.open.advanced(bySeconds: 3600))
        configuration.historySessions = 0
        let simulator = IBSimulator(configuration)
        let addresses = try await simulator.start()
        let clock = HurriedClock(simulator.now, hurry: 1)
        var terms = IBGatewayTerms(
            host: "127.0.0.1", port: addresses.gateway, base: 30, role: role, account: account.map { AccountID($0) },
            instruments: [try instrument()], clock: clock.both)
        terms.attempts = 1
        terms.connecting = .seconds(60)
        change(&terms)
        let gateway = IBGateway(terms)
        var failure: (any Error)?
        do { try await test(gateway, simulator) } catch { failure = error }
        await gateway.close()
        try await simulator.stop()
        if let failure { throw failure }
    }

    private static func clients(_ simulator: IBSimulator) -> [Int64] {
        (simulator.status["clients"]?.arrayValue ?? [])
            .compactMap { $0["client_id"]?.intValue }
    }

    @Test("Nobody is connected before somebody asks; whoever asks at the same time shares the connection")
    func lazy() async throws {
        try await Self.run { gateway, simulator in
            let broker = IBGatewayBroker(gateway, account: AccountID(Rig.account))
            #expect(broker.capabilities.listsClientOrderIDs && Self.clients(simulator).isEmpty)
            async let cash = broker.cash()
            async let positions = broker.positions()
            async let orders = broker.orders(since: simulator.now)
            let lists = try await (cash, positions, orders)
            #expect(lists.0.items == [Money(FixedPoint(1_000_000), .usd)] && lists.0.isComplete)
            #expect(lists.1.items.isEmpty && lists.2.isComplete)
            #expect(Self.clients(simulator) == [30])
            let desk = try await gateway.ready()
            #expect(desk.account == AccountID(Rig.account), "the login's only one")
        }
    }

    @Test("An entry and what protects it hang together; what protects nothing is not sent, nor is half a bracket")
    func bracket() async throws {
        try await Self.run { gateway, simulator in
            let broker = IBGatewayBroker(gateway, account: AccountID(Rig.account))
            let bracket = try #require(Bracket(takeProfit: Price(100_000), stopLoss: try Price("0.5")))
            func request(_ id: String, _ side: Side, _ type: OrderType, _ handling: OrderHandling) throws
                -> OrderRequest
            {
                OrderRequest(
                    clientOrderID: ClientOrderID(id), instrument: try Self.instrument(), side: side, type: type,
                    quantity: Quantity(1), timeInForce: .goodTillCancelled, handling: handling)
            }
            let entry = try request("E", .buy, .limit(Price(1)), OrderHandling(bracket: bracket))
            let exits = try bracket.legs.map {
                try request($0.purpose.rawValue, .sell, $0.type, OrderHandling(protects: IntentID("E")))
            }
            let outcomes = await broker.submit([entry] + exits)
            #expect(outcomes.allSatisfy { if case .acknowledged = $0 { true } else { false } }, "\(outcomes)")
            let orders = simulator.books["accounts"]?[Rig.account]?["orders"]?.arrayValue ?? []
            #expect(orders.map { $0["parent"] } == [.null, orders[0]["order_id"], orders[0]["order_id"]])
            #expect(orders.map { $0["oca_group"] } == ["", "E", "E"])
            for half in [[entry], [exits[0]], [entry, exits[1]]] {
                let refused = await broker.submit(half)
                #expect(refused.allSatisfy { if case .rejected("ib-half-bracket", _) = $0 { true } else { false } })
            }
            #expect(simulator.books["accounts"]?[Rig.account]?["orders"]?.arrayValue?.count == 3)
        }
    }

    @Test("Let go, the client id is another process's; the next question connects again")
    func release() async throws {
        try await Self.run { gateway, simulator in
            let broker = IBGatewayBroker(gateway, account: AccountID(Rig.account))
            _ = try await broker.cash()
            #expect(Self.clients(simulator) == [30])
            await broker.release()
            #expect(try await eventually { Self.clients(simulator).isEmpty })
            _ = try await broker.cash()
            #expect(Self.clients(simulator) == [30])
        }
    }

    @Test("Without a gateway nothing is sent, and a second question does not wait as long again")
    func absent() async throws {
        try await Self.run(change: { $0.port = 1 }) { gateway, _ in
            let broker = IBGatewayBroker(gateway, account: AccountID(Rig.account))
            await #expect(throws: BrokerError.self) { try await broker.cash() }
            let request = OrderRequest(
                clientOrderID: ClientOrderID("AAPL-1"), instrument: try Self.instrument(), side: .buy, type: .market,
                quantity: Quantity(1), timeInForce: .day)
            let began = ContinuousClock.now
            guard case .notReady(let detail) = await broker.prepared(request) else {
                Issue.record("an order cannot be ready without a gateway")
                return
            }
            #expect(detail.contains("Start TWS or IB Gateway"))
            let outcomes = await broker.submit([request, request])
            #expect(outcomes == [.notSent(detail: detail), .notSent(detail: detail)])
            #expect(ContinuousClock.now - began < .seconds(1))
        }
    }

    @Test("What has the same answer until somebody changes something is refused; only the rest may come later")
    func refusals() async throws {
        func isRefused(_ ask: (IBGatewayBroker) async throws(BrokerError) -> Void) async throws -> Bool? {
            let found = Mutex<Bool?>(nil)
            try await Self.run { gateway, _ in
                do throws(BrokerError) {
                    try await ask(IBGatewayBroker(gateway, account: AccountID(Rig.account)))
                } catch {
                    if case .refused(.ib, _) = error {
                        found.withLock { $0 = true }
                    } else {
                        found.withLock { $0 = false }
                    }
                }
            }
            return found.withLock { $0 }
        }
        let nowhere = try Instrument(
            symbol: Symbol("AAPL"), name: "AAPL", exchange: ExchangeID("XXXX"), currency: .usd,
            ticks: try TickSchedule(.uniform(Price("0.01"))))
        let apple = try Self.instrument()
        let past = try #require(CivilDate(year: 2020, month: 1, day: 2))
        #expect(
            try await isRefused { broker throws(BrokerError) in _ = try await broker.quote(of: nowhere, depth: false) }
                == true)
        #expect(
            try await isRefused { broker throws(BrokerError) in _ = try await broker.chargedCosts(on: past) } == true)
        #expect(
            try await isRefused { broker throws(BrokerError) in _ = try await broker.quote(of: apple, depth: false) }
                == nil)
    }

    @Test("An account that the login has not, or that may not be used, is refused for good")
    func accounts() async throws {
        func refusal(_ account: String?, _ objection: String? = nil) async throws -> IBGatewayTrouble? {
            let found = Mutex<IBGatewayTrouble?>(nil)
            try await Self.run(account: account, change: { $0.objection = { _ in objection } }) { gateway, _ in
                do throws(IBGatewayTrouble) { _ = try await gateway.ready() } catch {
                    found.withLock { $0 = error }
                }
            }
            return found.withLock { $0 }
        }
        #expect(try await refusal(Rig.account) == nil)
        let other = try #require(try await refusal("DU7654321"))
        #expect(!other.isRetryable && other.description.contains("has not the account DU…21, but DU…67"))
        let objected = try #require(try await refusal(nil, "it may not be used."))
        #expect(!objected.isRetryable && objected.description == "the account DU…67: it may not be used.")
        guard case .credentialsRefused(.ib, _) = objected.broker(.ib) else {
            Issue.record("a person has to do something")
            return
        }
    }

    @Test("A reader takes the first number that is free; who places orders has one, and waits for it")
    func numbers() async throws {
        try await Self.run(role: .data) { gateway, simulator in
            var terms = gateway.terms
            let first = IBGateway(terms)
            let second = IBGateway(terms)
            _ = try await first.ready()
            _ = try await second.ready()
            #expect(Self.clients(simulator).sorted() == [32, 33])
            terms.role = .orders
            let orders = IBGateway(terms)
            _ = try await orders.ready()
            let late = IBGateway(terms)
            async let waited = late.ready()
            try await Task.sleep(for: .milliseconds(300))
            await orders.close()
            _ = try await waited
            #expect(Self.clients(simulator).filter { $0 == 30 }.count == 1)
            for gateway in [first, second, late] { await gateway.close() }
        }
    }

    @Test("Told to stop, nobody waits for the gateway, and no order of a batch goes out")
    func stopping() async throws {
        let isStopping = Mutex(false)
        try await Self.run(change: { $0.isStopping = { isStopping.withLock { $0 } } }) { gateway, simulator in
            let broker = IBGatewayBroker(gateway, account: AccountID(Rig.account))
            _ = try await broker.cash()
            isStopping.withLock { $0 = true }
            let request = OrderRequest(
                clientOrderID: ClientOrderID("AAPL-1"), instrument: try Self.instrument(), side: .buy, type: .market,
                quantity: Quantity(1), timeInForce: .day)
            #expect(await broker.submit([request]) == [.notSent(detail: "takt was told to stop")])
            let orders = simulator.books["accounts"]?[Rig.account]?["orders"]
            #expect(orders?.arrayValue?.isEmpty == true)
        }
    }

    @Test("Markets go by country and by region, and one that is left out takes no orders")
    func markets() async throws {
        #expect(IBMarket.objection(ExchangeID("XNAS"), markets: ["US"]) == nil)
        #expect(IBMarket.objection(ExchangeID("XETR"), markets: ["EU"]) == nil)
        #expect(IBMarket.objection(ExchangeID("XETR"), markets: ["DE"]) == nil)
        #expect(IBMarket.objection(ExchangeID("XXXX"), markets: ["US"]) == nil, "the look-up says more of it")
        try await Self.run(change: { $0.markets = ["EU"] }) { gateway, simulator in
            let request = OrderRequest(
                clientOrderID: ClientOrderID("AAPL-1"), instrument: try Self.instrument(), side: .buy, type: .market,
                quantity: Quantity(1), timeInForce: .day)
            let prepared = await IBGatewayBroker(gateway, account: AccountID(Rig.account)).prepared(request)
            guard case .refused("ib-market", let message) = prepared else {
                Issue.record("\(prepared)")
                return
            }
            #expect(message.contains("XNAS is of the market US") && Self.clients(simulator).isEmpty)
        }
    }

    @Test("Hours as IB tells them: days that are open and closed, sessions over midnight, and what cannot be read")
    func hours() {
        func days(_ text: String) -> [String] { IBHours.days(text).map { "\($0.date) \($0.isOpen)" } }
        #expect(
            days("20261120:0930-20261120:1600;20261121:CLOSED;20261123:0930-20261123:1300")
                == ["2026-11-20 true", "2026-11-21 false", "2026-11-23 true"])
        // Futures open on Sunday evening for Monday, and pause in the afternoon.
        #expect(
            days("20261122:1700-20261123:1600;20261123:1700-20261124:1600") == ["2026-11-23 true", "2026-11-24 true"])
        #expect(days("20261120:0900-20261120:1130;20261120:1230-20261120:1500") == ["2026-11-20 true"])
        #expect(days("") == [] && days("CLOSED;2026112;x:CLOSED") == [])
    }

    @Test("What may be bought is the cash of the instrument's currency, in whole lots, without what IB lends")
    func power() throws {
        func row(_ tag: String, _ value: String, _ currency: String) -> IBAccountSummary? {
            let fields = ["63", "1", "7", Rig.account, tag, value, currency].joined(separator: "\u{0}") + "\u{0}"
            var decoder = IBDecoder(version: .newest)
            let decoded = Array(fields.utf8).withUnsafeBufferPointer { try? decoder.decode($0) }
            if case .accountSummary(let row)? = decoded { return row }
            return nil
        }
        let rows = [
            row("CashBalance", "10000.00", "USD"), row("CashBalance", "5000.00", "EUR"),
            row("CashBalance", "15400.00", "BASE"), row("AvailableFunds", "9000.00", "USD"),
            row("BuyingPower", "36000.00", "USD"),
        ].compactMap { $0 }
        #expect(rows.count == 5)
        let figures = IBFigures(rows, account: AccountID(Rig.account))
        let power = try #require(figures.power(try Self.instrument(), at: try Price("201"), Rig.open))
        // 9000 / 201 = 44.77…: open orders and margin leave 9,000 of the 10,000 free.
        #expect(power.buyable == Quantity(44) && power.amount == FixedPoint(9000) && power.cash == FixedPoint(10_000))
        #expect(power.notes.contains { $0.contains("36000") })
        #expect(IBFigures(rows, account: AccountID("DU1")).cash.isEmpty)
    }
}
