import Core
import Risk
import Testing

@Suite("The account check")
struct AccountCheckTests {
    @Test(
        "The loss of the day halts at its limit, not below",
        arguments: [
            ("95000.00000001", false), ("95000", true), ("94999.99", true), ("110000", false),
        ])
    func dailyLoss(equity: String, halts: Bool) throws {
        var scene = try Scene()
        scene.equity = try usd(equity)
        let verdict = scene.check(try RiskLimits()).account()
        #expect(verdict.newHalts.map(\.code) == (halts ? ["daily-loss"] : []))
        #expect(!verdict.cancelAll)
        #expect(verdict.protectiveExits.isEmpty)
    }

    @Test("A limit with a product beyond eight decimals is compared exactly")
    func exactProduct() throws {
        // 5 % of 0.00000003 is 0.0000000015: a loss of 0.00000001 reaches it, none does not.
        var scene = try Scene()
        scene.initial = nil
        scene.dayStart = try usd("0.00000003")
        scene.equity = try usd("0.00000002")
        #expect(scene.check(try RiskLimits()).account().newHalts.count == 1)
        scene.equity = scene.dayStart
        #expect(scene.check(try RiskLimits()).account().newHalts.isEmpty)
    }

    @Test("A halt in force is not ordered again")
    func haltOnce() throws {
        var scene = try Scene()
        scene.equity = try usd("94000")
        scene.halts = [HaltView(scope: .all, code: "daily-loss")]
        #expect(scene.check(try RiskLimits()).account().newHalts.isEmpty)
    }

    @Test(
        "From half and from three quarters of the daily limit on it warns",
        arguments: [
            ("97500.01", []), ("97500", ["daily-loss-50"]), ("96250.01", ["daily-loss-50"]),
            ("96250", ["daily-loss-75"]),
            ("95000", []),
        ])
    func warnings(equity: String, codes: [String]) throws {
        var scene = try Scene()
        scene.equity = try usd(equity)
        #expect(scene.check(try RiskLimits()).account().warnings.map(\.code) == codes)
    }

    @Test("At a total loss of 10 % everything is cancelled and closed, and a durable halt is ordered")
    func emergency() throws {
        var scene = try Scene()
        scene.equity = try usd("90000")
        scene.dayStart = scene.equity
        scene.positions = [try .fixture(pltr, -5), try .fixture(nvda, 10)]
        scene.live = [
            .fixture("entry", nvda, .buy, 1), .fixture("hand", nvda, .buy, 1, origin: .external),
            .fixture("doubt", pltr, .sell, 1, state: .inDoubt),
        ]
        let verdict = scene.check(try RiskLimits()).account()
        #expect(verdict.newHalts.map(\.code) == ["emergency-shutdown"])
        #expect(verdict.newHalts[0].isEmergency)
        #expect(verdict.cancelAll)
        #expect(verdict.cancelOrders.map(\.text) == ["entry"])
        #expect(verdict.protectiveExits.map(\.symbol) == [nvda, pltr])
        #expect(verdict.protectiveExits.map(\.side) == [.sell, .buy])
        #expect(verdict.protectiveExits.map(\.quantity) == [Quantity(10), Quantity(5)])
        #expect(verdict.protectiveExits.allSatisfy { $0.purpose == .flatten })
    }

    @Test(
        "What an emergency leaves alone by configuration stays, and the halt is ordered all the same",
        arguments: [(true, false), (false, true), (false, false)])
    func emergencyActions(cancels: Bool, closes: Bool) throws {
        var scene = try Scene()
        scene.equity = try usd("90000")
        scene.dayStart = scene.equity
        scene.positions = [try .fixture(nvda, 10)]
        scene.live = [.fixture("entry", pltr, .buy, 1)]
        let limits = try RiskLimits(emergencyCancelsOrders: cancels, emergencyClosesPositions: closes)
        let verdict = scene.check(limits).account()
        #expect(verdict.newHalts.map(\.code) == ["emergency-shutdown"])
        #expect(verdict.cancelOrders.map(\.text) == (cancels ? ["entry"] : []))
        #expect(verdict.cancelAll == cancels)
        #expect(verdict.protectiveExits.map(\.quantity) == (closes ? [Quantity(10)] : []))
        #expect(scene.codes(try .fixture(pltr), limits) == ["emergency"])
    }

    @Test("A position that an emergency leaves alone keeps its stop-loss")
    func emergencyKeepsStops() throws {
        var scene = try Scene()
        scene.equity = try usd("90000")
        scene.dayStart = scene.equity
        scene.positions = [try .fixture(nvda, 10, cost: "110")]
        let verdict = scene.check(try RiskLimits(emergencyClosesPositions: false)).account()
        #expect(verdict.protectiveExits.map(\.purpose) == [.stopLoss])
    }

    @Test(
        "A stop-loss withdraws an exit that waits for an auction or is worked over time; one at the market now it lets be"
    )
    func exitsThatWait() throws {
        func withdrawn(_ time: TimeInForce, _ handling: OrderHandling = .plain) throws -> [String] {
            var scene = try Scene()
            scene.positions = [try .fixture(nvda, 10, cost: "110")]
            scene.live = [.fixture("exit", nvda, .sell, 10, timeInForce: time, handling: handling)]
            return scene.check(try RiskLimits()).account().cancelOrders.map(\.text)
        }
        #expect(try withdrawn(.day).isEmpty && withdrawn(.immediateOrCancel).isEmpty)
        #expect(try withdrawn(.atClose) == ["exit"])
        #expect(try withdrawn(.atOpen) == ["exit"], "the session is open: the next opening is tomorrow's")
        #expect(try withdrawn(.day, OrderHandling(algorithm: .adaptive(.normal))) == ["exit"])
    }

    @Test("A gain uses nothing of a loss limit and is no drawdown")
    func gain() throws {
        var scene = try Scene()
        scene.equity = try usd("130000")
        let numbers = scene.check(try RiskLimits()).account().numbers
        #expect(numbers["daily_loss"]?["used"] == "0")
        #expect(numbers["total_loss"]?["used"] == "0")
    }

    @Test("While the emergency halt is in force, what is still held is closed")
    func emergencyGoesOn() throws {
        var scene = try Scene()
        scene.halts = [HaltView(scope: .all, code: "emergency-shutdown")]
        scene.positions = [try .fixture(nvda, 10)]
        scene.live = [.fixture("out", nvda, .sell, 4)]
        let verdict = scene.check(try RiskLimits()).account()
        #expect(verdict.newHalts.isEmpty)
        #expect(verdict.protectiveExits.map(\.quantity) == [Quantity(6)])
        #expect(verdict.cancelOrders.isEmpty)
    }

    @Test("A missing price never looks like a loss", arguments: [true, false])
    func missingPrice(isReported: Bool) throws {
        var scene = try Scene()
        scene.equity = try usd("50000")
        if isReported {
            scene.unpriced = [pltr]
        } else {
            scene.positions = [try .fixture(samsung, 10, last: nil, currency: .krw)]
        }
        let verdict = scene.check(try RiskLimits()).account()
        #expect(verdict.newHalts.isEmpty)
        #expect(!verdict.cancelAll)
        #expect(verdict.warnings.map(\.code).contains("equity-unknown"))
        #expect(verdict.numbers["equity"] == .null)
    }

    @Test("The use of each limit is told")
    func numbers() throws {
        var scene = try Scene()
        scene.equity = try usd("98000")
        scene.positions = [try .fixture(nvda, 98), try .fixture(pltr, 49)]
        scene.sentToday = 7
        let numbers = scene.check(try RiskLimits()).account().numbers
        #expect(numbers["daily_loss"]?["used"] == "0.02")
        #expect(numbers["daily_loss"]?["limit"] == "0.05")
        #expect(numbers["total_loss"]?["used"] == "0.02")
        #expect(numbers["position_size"]?["used"] == "0.1")
        #expect(numbers["leverage"]?["used"] == "0.15")
        #expect(numbers["positions"]?["used"] == "2")
        #expect(numbers["daily_orders"]?["used"] == "7")
    }

    @Test("Positions that have outgrown their limit are told")
    func outgrown() throws {
        var scene = try Scene()
        scene.positions = [try .fixture(nvda, 301), try .fixture(pltr, 700)]
        let codes = scene.check(try RiskLimits()).account().warnings.map(\.code)
        #expect(codes == ["position-over-limit", "position-over-limit", "leverage-over-limit"])
    }

    @Test("An account beyond the exact range is halted, not traded")
    func overflow() throws {
        var scene = try Scene()
        scene.positions = [
            RiskPosition(
                symbol: nvda, broker: paper, quantity: try Quantity("900000000000000000"), averageCost: try at("1"),
                lastPrice: nil, currency: .usd)
        ]
        #expect(scene.check(try RiskLimits()).account().newHalts.map(\.code) == ["not-calculable"])
        #expect(scene.codes(try .fixture(pltr), try RiskLimits()) == ["not-calculable"])
    }

    @Test("The verdict is written the same way every time")
    func evidence() throws {
        var scene = try Scene()
        scene.equity = try usd("89000")
        scene.positions = [try .fixture(nvda, 10)]
        let first = scene.check(try RiskLimits()).account().json.text
        #expect(first == scene.check(try RiskLimits()).account().json.text)
        #expect(first.contains(#""code":"emergency-shutdown""#))
    }
}

@Suite("Stop-losses")
struct StopLossTests {
    @Test(
        "A position is closed when its loss reaches 2 % of its cost",
        arguments: [
            (10, "98.01", false), (10, "98", true), (10, "97.99", true), (10, "120", false),
            (-10, "101.99", false), (-10, "102", true), (-10, "102.01", true), (-10, "80", false),
        ])
    func reached(quantity: Int, last: String, acts: Bool) throws {
        var scene = try Scene()
        scene.positions = [try .fixture(nvda, quantity, last: last)]
        scene.markets[nvda] = try .fixture(nvda, price: last)
        let exits = scene.check(try RiskLimits()).account().protectiveExits
        #expect(exits.count == (acts ? 1 : 0))
        #expect(exits.allSatisfy { $0.purpose == .stopLoss && $0.quantity == Quantity(10) })
        #expect(exits.allSatisfy { $0.side == (quantity > 0 ? .sell : .buy) })
    }

    @Test("The symbol's own stop-loss wins")
    func ownStop() throws {
        var scene = try Scene()
        scene.positions = [try .fixture(nvda, 10)]
        scene.markets[nvda] = try .fixture(nvda, price: "96")
        let limits = try RiskLimits(stopLossBySymbol: [nvda: fraction("0.05")])
        #expect(scene.check(limits).account().protectiveExits.isEmpty)
    }

    @Test(
        "An exit on its way is not doubled, in doubt or not",
        arguments: [
            OrderState.working, .inDoubt, .cancelInDoubt, .submitting, .cancelling, .partiallyFilled,
        ])
    func neverDoubled(state: OrderState) throws {
        var scene = try Scene()
        scene.positions = [try .fixture(nvda, 10)]
        scene.markets[nvda] = try .fixture(nvda, price: "90")
        scene.live = [.fixture("out", nvda, .sell, 12, filled: 2, state: state)]
        let verdict = scene.check(try RiskLimits()).account()
        #expect(verdict.protectiveExits.isEmpty)
        scene.live = [.fixture("out", nvda, .sell, 4, filled: 1, state: state)]
        #expect(scene.check(try RiskLimits()).account().protectiveExits.map(\.quantity) == [Quantity(7)])
    }

    @Test("A resting take-profit in the way is cancelled, and the exit waits for what it holds")
    func takeProfit() throws {
        var scene = try Scene()
        scene.positions = [try .fixture(nvda, 10)]
        scene.markets[nvda] = try .fixture(nvda, price: "90")
        scene.live = [.fixture("profit", nvda, .sell, 10, type: .limit(try at("105")))]
        let verdict = scene.check(try RiskLimits()).account()
        #expect(verdict.cancelOrders.map(\.text) == ["profit"])
        #expect(verdict.protectiveExits.isEmpty)
    }

    @Test("An approved exit that is not yet sent counts too")
    func approvedExit() throws {
        var scene = try Scene()
        scene.positions = [try .fixture(nvda, 10)]
        scene.markets[nvda] = try .fixture(nvda, price: "90")
        scene.approved = [try .fixture(nvda, .sell, "10", purpose: .stopLoss)]
        #expect(scene.check(try RiskLimits()).account().protectiveExits.isEmpty)
    }

    @Test("An old price moves no stop but warns while the exchange is open")
    func oldPrice() throws {
        var scene = try Scene()
        scene.positions = [try .fixture(nvda, 10, last: nil)]
        scene.markets[nvda] = try .fixture(nvda, price: "90", age: .seconds(1800))
        let verdict = scene.check(try RiskLimits()).account()
        #expect(verdict.protectiveExits.isEmpty)
        #expect(verdict.warnings.map(\.code) == ["stop-unwatched"])
        scene.markets[nvda] = try .fixture(nvda, price: "90", isOpen: false, age: .seconds(1800))
        #expect(scene.check(try RiskLimits()).account().warnings.isEmpty)
    }

    @Test("At a closed exchange the exit is kept for the next chance")
    func closedExchange() throws {
        var scene = try Scene()
        scene.positions = [try .fixture(nvda, 10)]
        scene.markets[nvda] = try .fixture(nvda, price: "90", isOpen: false)
        let verdict = scene.check(try RiskLimits()).account()
        #expect(verdict.protectiveExits.isEmpty)
        #expect(verdict.deferredExits.map(\.quantity) == [Quantity(10)])
    }

    @Test("A rest below the lot is left and told")
    func oddLot() throws {
        var scene = try Scene()
        scene.positions = [try .fixture(nvda, 15)]
        scene.markets[nvda] = try .fixture(nvda, price: "90", lot: 10)
        let verdict = scene.check(try RiskLimits()).account()
        #expect(verdict.protectiveExits.map(\.quantity) == [Quantity(10)])
        #expect(verdict.warnings.map(\.code) == ["odd-lot"])
    }

    @Test("The exits of one symbol at two brokers, in legs of their own, pass the check of intents")
    func twoBrokers() throws {
        var scene = try Scene()
        let kis = BrokerID("kis")
        scene.brokers = [paper, kis]
        scene.positions = [try .fixture(nvda, 10), try .fixture(nvda, 3, broker: kis)]
        scene.markets[nvda] = try .fixture(nvda, price: "90")
        let check = scene.check(try RiskLimits())
        let exits = check.account().protectiveExits
        let intents = exits.enumerated().map { index, exit in
            exit.intent(cycle: testCycle, leg: 1 + index, createdAt: noon, expiresAt: noon)
        }
        #expect(exits.map(\.broker) == [kis, paper])
        #expect(Set(intents.map(\.id)).count == 2)
        #expect(check.intents(intents).filter(\.isApproved).count == 2)
    }
}
