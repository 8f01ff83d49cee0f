import Core
import Risk
import Testing

extension FlattenRequest {
    static func fixture(_ id: Int64 = 7, _ scope: Scope = .all) -> FlattenRequest {
        FlattenRequest(id: id, scope: scope, orderedBy: "operator kim", reason: "holiday")
    }
}

@Suite("Flattens on record")
struct FlattenTests {
    private let kis = BrokerID("kis")

    private func verdict(_ change: (inout Scene) throws -> Void) throws -> AccountVerdict {
        var scene = try Scene()
        scene.flattens = [.fixture()]
        try change(&scene)
        return scene.check(try RiskLimits()).account()
    }

    // MARK: What is closed

    @Test("Every position in scope is closed towards zero, whole lots, with the operator's words as the reason")
    func closes() throws {
        let verdict = try verdict { scene in
            scene.positions = [try .fixture(nvda, 205), try .fixture(pltr, -5)]
            scene.markets[nvda] = try .fixture(nvda, lot: 10)
        }
        #expect(verdict.protectiveExits.map(\.symbol) == [nvda, pltr])
        #expect(verdict.protectiveExits.map(\.side) == [.sell, .buy])
        #expect(verdict.protectiveExits.map(\.quantity) == [Quantity(200), Quantity(5)])
        #expect(verdict.protectiveExits.allSatisfy { $0.purpose == .flatten })
        #expect(
            verdict.protectiveExits.map(\.reason.description)
                == Array(repeating: "flatten: ordered by operator kim: holiday", count: 2))
        #expect(verdict.warnings.map(\.code) == ["odd-lot"])
        #expect(verdict.finishedFlattens.isEmpty)
    }

    @Test("Out of scope nothing is closed or cancelled")
    func scope() throws {
        let verdict = try verdict { scene in
            scene.flattens = [.fixture(7, .symbol(nvda))]
            scene.positions = [try .fixture(nvda, 10), try .fixture(pltr, 10)]
            scene.live = [.fixture("a", nvda), .fixture("b", pltr, type: .limit(try at("90")))]
        }
        #expect(verdict.protectiveExits.map(\.symbol) == [nvda])
        #expect(verdict.cancelOrders.map(\.text) == ["a"])
    }

    @Test("Without any price or bar the exit goes out at the average cost; with an old mark, at that")
    func noPrice() throws {
        for (last, reference) in [(nil, "250"), ("240", "240")] as [(String?, String)] {
            let verdict = try verdict { scene in
                scene.positions = [try .fixture(nvda, 10, cost: "250", last: last)]
                scene.markets[nvda] = try .fixture(nvda, hasPrice: false)
            }
            #expect(verdict.protectiveExits.map(\.referencePrice) == [try at(reference)])
            #expect(verdict.protectiveExits.map(\.quantity) == [Quantity(10)])
        }
    }

    @Test("A flatten goes before a stop-loss, an emergency before a flatten; each position is closed once")
    func precedence() throws {
        func reasons(_ change: (inout Scene) throws -> Void) throws -> [String] {
            let verdict = try verdict { scene in
                scene.positions = [try .fixture(nvda, 10, cost: "110")]
                try change(&scene)
            }
            return verdict.protectiveExits.map(\.reason.code)
        }
        #expect(try reasons { $0.flattens = [] } == ["stop-loss"])
        #expect(try reasons { _ in } == ["flatten"])
        #expect(try reasons { $0.flattens = [.fixture(1), .fixture(2, .symbol(nvda))] } == ["flatten"])
        #expect(
            try reasons { $0.halts = [HaltView(scope: .all, code: "emergency-shutdown")] } == ["emergency-shutdown"])
    }

    @Test("A position that an emergency would leave alone is closed when it was ordered")
    func emergencyLeavesPositions() throws {
        var scene = try Scene()
        scene.flattens = [.fixture(7, .symbol(nvda))]
        scene.halts = [HaltView(scope: .all, code: "emergency-shutdown")]
        scene.positions = [try .fixture(nvda, 10), try .fixture(pltr, 10)]
        let verdict = scene.check(try RiskLimits(emergencyClosesPositions: false)).account()
        #expect(verdict.protectiveExits.map(\.symbol) == [nvda])
    }

    @Test("Two accounts at one broker are one holding and get one exit")
    func oneHolding() throws {
        let verdict = try verdict { $0.positions = [try .fixture(nvda, 10), try .fixture(nvda, 4)] }
        #expect(verdict.protectiveExits.map(\.quantity) == [Quantity(14)])
    }

    @Test("At a closed exchange the exit is kept for the session, which is no reason for a warning")
    func closedExchange() throws {
        let verdict = try verdict { scene in
            scene.positions = [try .fixture(nvda, 10)]
            scene.markets[nvda] = try .fixture(nvda, isOpen: false)
        }
        #expect(verdict.protectiveExits.isEmpty)
        #expect(verdict.deferredExits.map(\.purpose) == [.flatten])
        #expect(verdict.deferredExits.map(\.exchange) == [ExchangeID("XNAS")])
        #expect(verdict.warnings.isEmpty)
    }

    // MARK: What is cancelled

    @Test(
        "Orders of ours that stand at the broker are cancelled, with or without a position",
        arguments: [
            (OrderState.acknowledged, true), (.working, true), (.partiallyFilled, true), (.submitting, false),
            (.inDoubt, false), (.cancelling, false), (.cancelInDoubt, false),
        ])
    func cancels(state: OrderState, isCancelled: Bool) throws {
        for held in [0, 10] {
            let verdict = try verdict { scene in
                scene.positions = [try .fixture(nvda, held)]
                scene.live = [.fixture("entry", nvda, .buy, 3, state: state)]
            }
            #expect(verdict.cancelOrders.map(\.text) == (isCancelled ? ["entry"] : []), "\(held)")
            #expect(!verdict.cancelAll)
        }
    }

    @Test("Exits at the market and foreign orders are left alone")
    func leaves() throws {
        let verdict = try verdict { scene in
            scene.positions = [try .fixture(nvda, 10)]
            scene.live = [
                .fixture("out", nvda, .sell, 4), .fixture("hand", nvda, .buy, 1, origin: .external),
                .fixture("hand-out", nvda, .sell, 1, type: .limit(try at("120")), origin: .external),
            ]
        }
        #expect(verdict.cancelOrders.isEmpty)
        #expect(verdict.protectiveExits.map(\.quantity) == [Quantity(5)])
    }

    // MARK: When it is done

    @Test(
        "It is done when nothing is held in its scope and no order of ours there may be live",
        arguments: [
            (0, nil, ManagedOrder.Origin.takt, true), (10, nil, .takt, false), (-1, nil, .takt, false),
            (0, .working, .takt, false), (0, .inDoubt, .takt, false), (0, .submitting, .takt, false),
            (0, .cancelInDoubt, .takt, false), (0, .cancelled, .takt, true), (0, .working, .external, true),
        ] as [(Int, OrderState?, ManagedOrder.Origin, Bool)])
    func done(held: Int, state: OrderState?, origin: ManagedOrder.Origin, isDone: Bool) throws {
        let verdict = try verdict { scene in
            scene.flattens = [.fixture(3), .fixture(4, .symbol(nvda)), .fixture(5, .symbol(pltr))]
            scene.positions = [try .fixture(nvda, held)]
            scene.live = state.map { [.fixture("order", nvda, .buy, 1, state: $0, origin: origin)] } ?? []
        }
        #expect(verdict.finishedFlattens == (isDone ? [3, 4, 5] : [5]))
    }

    // MARK: What cannot be closed is told

    private func warnings(_ change: (inout Scene) throws -> Void) throws -> [Reason] {
        let verdict = try verdict { scene in
            scene.positions = [try .fixture(nvda, 10)]
            try change(&scene)
        }
        #expect(verdict.protectiveExits.isEmpty && verdict.deferredExits.isEmpty)
        #expect(verdict.finishedFlattens.isEmpty)
        return verdict.warnings
    }

    @Test("A symbol that is not configured, and a broker that is not enabled")
    func impossible() throws {
        let unlisted = try warnings { $0.markets[nvda] = nil }
        #expect(unlisted.map(\.code) == ["exit-impossible"])
        #expect(unlisted.first?.message.contains("symbols.yaml") == true)
        let away = try warnings { $0.positions = [try .fixture(nvda, 10, broker: kis)] }
        #expect(away.map(\.code) == ["exit-impossible"])
        #expect(away.first?.message.contains("brokers.yaml") == true)
    }

    @Test("Less than a lot")
    func lessThanALot() throws {
        let warnings = try warnings { $0.markets[nvda] = try .fixture(nvda, lot: 100) }
        #expect(warnings.map(\.code) == ["odd-lot"])
        #expect(warnings.first?.message.contains("10 of 10 are less than the lot of 100") == true)
    }

    @Test(
        "Everything tied up by orders that are foreign or in doubt",
        arguments: [
            (OrderState.working, ManagedOrder.Origin.external), (.inDoubt, .takt), (.cancelInDoubt, .takt),
        ])
    func blocked(state: OrderState, origin: ManagedOrder.Origin) throws {
        let warnings = try warnings {
            $0.live = [.fixture("X1", nvda, .sell, 10, type: .limit(try at("120")), state: state, origin: origin)]
        }
        #expect(warnings.map(\.code) == ["exit-blocked"])
        #expect(warnings.first?.message.contains("X1") == true)
    }

    @Test("Tied up by an order that the broker no longer lists")
    func blockedByMissing() throws {
        var order = ManagedOrder.fixture("gone", nvda, .sell, 10, type: .limit(try at("120")))
        order.brokerOrderID = BrokerOrderID("B9")
        order.absenceProofs = 1
        #expect(try warnings { $0.live = [order] }.isEmpty)
        order.absenceProofs = 2
        let warnings = try warnings { $0.live = [order] }
        #expect(warnings.map(\.code) == ["exit-blocked"])
        #expect(warnings.first?.message.contains("B9") == true)
        #expect(warnings.first?.message.contains("takt orders settle") == true)
    }

    @Test("No warning while an exit of ours is on its way, or the order in its way is being withdrawn")
    func underWay() throws {
        #expect(try warnings { $0.live = [.fixture("out", nvda, .sell, 10)] }.isEmpty)
        #expect(try warnings { $0.live = [.fixture("out", nvda, .sell, 10, state: .submitting)] }.isEmpty)
        #expect(try warnings { $0.approved = [try .fixture(nvda, .sell, "10", purpose: .stopLoss)] }.isEmpty)
        for state in [OrderState.working, .cancelling] {
            let limit = OrderType.limit(try at("120"))
            #expect(try warnings { $0.live = [.fixture("profit", nvda, .sell, 10, type: limit, state: state)] }.isEmpty)
        }
        let mixed = try warnings {
            $0.live = [.fixture("out", nvda, .sell, 4), .fixture("hand", nvda, .sell, 6, origin: .external)]
        }
        #expect(mixed.isEmpty)
    }

    @Test("A stop-loss that nothing can carry out is told the same way")
    func stopLoss() throws {
        let warnings = try warnings { scene in
            scene.flattens = [.fixture(1, .symbol(pltr))]
            scene.positions = [try .fixture(nvda, 10, cost: "110"), try .fixture(pltr, 100, broker: kis)]
            scene.live = [.fixture("hand", nvda, .sell, 10, origin: .external)]
        }
        #expect(warnings.map(\.code) == ["exit-blocked", "exit-impossible"])
    }

    @Test("An account that cannot be calculated says that nothing is closed")
    func notCalculable() throws {
        let verdict = try verdict { scene in
            scene.halts = [HaltView(scope: .all, code: "not-calculable")]
            scene.positions = [
                RiskPosition(
                    symbol: nvda, broker: paper, quantity: try Quantity("900000000000000000"), averageCost: try at("1"),
                    lastPrice: nil, currency: .usd)
            ]
        }
        #expect(verdict.warnings.map(\.code) == ["not-calculable"])
        #expect(verdict.finishedFlattens.isEmpty)
    }

    @Test("The verdict's document names exits, cancellations and what is done")
    func document() throws {
        let json = try verdict { scene in
            scene.flattens = [.fixture(3, .symbol(pltr)), .fixture(4)]
            scene.positions = [try .fixture(nvda, 10)]
            scene.live = [.fixture("entry", nvda, .buy, 3)]
        }.json
        #expect(json["finished_flattens"] == [3])
        #expect(json["cancel_orders"] == ["entry"])
        #expect(json["protective_exits"]?.arrayValue?.first?["purpose"] == "flatten")
    }

    @Test("A scope is written and read back; anything else means nothing", arguments: ["all", "symbol:NVDA"])
    func scopes(text: String) {
        #expect(FlattenRequest.Scope(text)?.description == text)
        for other in ["", "ALL", "symbol:", "profile:us-5m", "broker:kis", "NVDA"] {
            #expect(FlattenRequest.Scope(other) == nil)
        }
    }
}
