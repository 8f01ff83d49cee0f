import Core
import Testing

@testable import Decision

@Suite("Filters")
struct FilterTests {
    @Test("A closed exchange stops entries and exits", arguments: ["0", "100"])
    func closed(position: String) throws {
        var scene = try Scene()
        scene.position = position
        scene.isOpen = false
        #expect(try scene.decide(position == "0" ? .buy : .sell, .fixture()).stoppers == ["market-open"])
    }

    @Test("Confidence at the minimum suffices, below it does not", arguments: [(0.3, true), (0.29999999, false)])
    func confidence(confidence: Double, passes: Bool) throws {
        let decision = try Scene().decide(.buy, .fixture(minimumConfidence: "0.3"), confidence: confidence)
        #expect(decision.stoppers == (passes ? [] : ["minimum-confidence"]))
    }

    @Test("A newest bar older than allowed is stale", arguments: [(0, 0, true), (300, 300, true), (300, 299, false)])
    func stale(age: Int64, allowed: Int, passes: Bool) throws {
        let settings = try DecisionSettings.fixture(staleAfter: .seconds(allowed))
        let input = try DecisionInput(
            cycle: testCycle, timeframe: .fiveMinutes, now: barClose, settings: settings, baseCurrency: .usd,
            equity: FixedPoint(100_000),
            symbols: [
                SymbolInput(
                    instrument: .fixture(), broker: .paper,
                    bars: bars(["100"], until: barClose.advanced(bySeconds: -age)), isOpen: true)
            ])
        let manager = DecisionManager(agents: [WeightedAgent(Parrot(.buy), weight: .one)])
        #expect(manager.decide(input)[0].stoppers == (passes ? [] : ["stale"]))
    }

    @Test("Near the close nothing is entered, and exits go on", arguments: [(901, true), (900, false), (0, false)])
    func nearClose(left: Int64, passes: Bool) throws {
        var scene = try Scene()
        scene.sessionClose = barClose.advanced(bySeconds: left)
        let settings = try DecisionSettings.fixture(noEntryBeforeClose: .seconds(900))
        #expect(try scene.decide(.buy, settings).stoppers == (passes ? [] : ["near-close"]))
        scene.position = "100"
        #expect(try scene.decide(.sell, settings).stoppers == [])
    }

    @Test(
        "After a fill so many bars have to pass before the next entry",
        arguments: [(600, false), (601, false), (900, true)])
    func cooldown(ago: Int64, passes: Bool) throws {
        var scene = try Scene()
        scene.closes = ["100", "100", "100", "100"]
        scene.lastTradeAt = barClose.advanced(bySeconds: -ago)
        let settings = try DecisionSettings.fixture(cooldownBars: 3)
        #expect(try scene.decide(.buy, settings).stoppers == (passes ? [] : ["cooldown"]))
        scene.position = "100"
        #expect(try scene.decide(.sell, settings).stoppers == [])
    }

    @Test("An order in doubt stops everything of its symbol", arguments: [Side.buy, .sell])
    func inDoubt(side: Side) throws {
        var scene = try Scene()
        scene.orders = [WorkingOrder(side: side, open: Quantity(1), isInDoubt: true)]
        #expect(try scene.decide(.buy, .fixture()).stoppers == ["pending-order"])
        scene.position = "100"
        #expect(try scene.decide(.sell, .fixture()).stoppers == ["pending-order"])
    }

    @Test("An order the other way stops an entry and not an exit")
    func otherWay() throws {
        var scene = try Scene()
        scene.orders = [WorkingOrder(side: .sell, open: Quantity(1), isInDoubt: false)]
        #expect(try scene.decide(.buy, .fixture()).stoppers == ["pending-order"])
        scene.position = "100"
        scene.orders = [WorkingOrder(side: .buy, open: Quantity(1), isInDoubt: false)]
        #expect(try scene.decide(.sell, .fixture()).stoppers == [])
    }

    @Test("A halt is noted and left to the risk check")
    func halted() throws {
        var scene = try Scene()
        scene.halts = ["operator"]
        let decision = try scene.decide(.buy, .fixture())
        #expect(decision.intent != nil)
        #expect(decision.filters.first { $0.name == "halted" }?.reason.contains("operator") == true)
    }

    @Test("An entry at the minimum value goes, below it does not", arguments: [("10000", true), ("10000.01", false)])
    func minimumValue(least: String, passes: Bool) throws {
        let decision = try Scene().decide(.buy, .fixture(minimumOrderValue: least))
        #expect(decision.stoppers == (passes ? [] : ["minimum-order-value"]))
    }

    @Test("All filters answer, in order, each with a sentence")
    func all() throws {
        var scene = try Scene()
        scene.isOpen = false
        scene.orders = [WorkingOrder(side: .buy, open: Quantity(100), isInDoubt: true)]
        let settings = try DecisionSettings.fixture(minimumConfidence: "0.5")
        let decision = try scene.decide(.buy, settings, confidence: 0.1)
        #expect(decision.stoppers == ["market-open", "minimum-confidence", "pending-order", "already-positioned"])
        #expect(decision.filters.count == Filter.table.count { $0.isOn(settings, .none) })
        #expect(decision.filters.allSatisfy { $0.reason.hasSuffix(".") })
    }

    @Test("An order that may be live counts with what is left of it", arguments: OrderState.allCases)
    func workingOrders(state: OrderState) {
        let order = ManagedOrder(
            clientOrderID: ClientOrderID("A"), intentID: nil, attempt: 1, origin: .takt, profile: nil, broker: .paper,
            account: AccountID("A"), brokerOrderID: nil, symbol: nvda, side: .buy, type: .market,
            quantity: Quantity(10), timeInForce: .day, state: state, filledQuantity: Quantity(4), submittedAt: barClose)
        let working = WorkingOrder(order, open: order.leavesQuantity)
        #expect(working?.open == (state.mayBeLive ? Quantity(6) : nil))
        #expect(
            working?.isInDoubt == (state.mayBeLive ? [.inDoubt, .cancelInDoubt, .submitting].contains(state) : nil))
    }
}
