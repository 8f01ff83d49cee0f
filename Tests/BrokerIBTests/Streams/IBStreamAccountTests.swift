import Core
import Rehearsal
import Testing

@testable import BrokerIB

/// What an account does, live, over real sockets.
@Suite("The stream: executions, orders and accounts", .serialized, .timeLimit(.minutes(3)))
struct IBStreamAccountTests {
    private static let account = AccountID(Rig.account)

    private func ready(_ desk: StreamRig) async throws {
        try #require(try await eventually { desk.news.contains(.executionsListed(isComplete: true, new: 0)) })
    }

    @Test("An order is followed to its end, and its execution ends up with its costs", arguments: [false, true])
    func order(commissionFirst: Bool) async throws {
        try await StreamRig.run([.quotes(of: try stock("AAPL"))], change: { $0.commissionsFirst = commissionFirst }) {
            desk in
            try await ready(desk)
            _ = try await desk.rig.place(desk.client, "ref-1")
            #expect(try await eventually { desk.executions.last?.commission != nil })
            #expect(desk.executions.map(\.occasion) == (commissionFirst ? [.new] : [.new, .commission]))
            let last = try #require(desk.executions.last)
            #expect(last.symbol == Symbol("AAPL") && last.clientOrderID == ClientOrderID("ref-1"))
            #expect(last.quantity == Quantity(10) && last.commission?.isPositive == true && last.at == Rig.open)
            let states = desk.events.compactMap { if case .order(let order) = $0 { order } else { nil } }
            #expect(states.last?.status == "Filled" && states.last?.isDone == true)
            #expect(states.last?.clientOrderID == ClientOrderID("ref-1"))
            #expect(states.last?.brokerOrderID == last.brokerOrderID)
        }
    }

    @Test("A correction takes the place of the execution, with its own costs")
    func correction() async throws {
        try await StreamRig.run([.quotes(of: try stock("AAPL"))]) { desk in
            try await ready(desk)
            desk.rig.faults(.init(.correction, at: "execDetails", .calls([1]), seconds: 5))
            _ = try await desk.rig.place(desk.client, "ref-1")
            #expect(try await eventually { desk.executions.count == 2 })
            let first = try #require(desk.executions.first)
            desk.rig.simulator.advance(bySeconds: 6)
            #expect(try await eventually { desk.executions.count == 4 })
            let last = desk.executions[2]
            #expect(last.occasion == .correction(of: first.executionID) && last.root == first.root)
            #expect(last.price > first.price && last.executionID != first.executionID)
            #expect(desk.executions[3].occasion == .commission)
        }
    }

    @Test(
        "An execution of another client's order is found without being told: by the holding, and after a lost connection"
    )
    func unseen() async throws {
        let wanted: [IBWantedSubscription] = [.account(Self.account), .quotes(of: try stock("AAPL"))]
        try await StreamRig.run(wanted, hurry: 5, configure: { $0.listing = .seconds(100_000) }) { desk in
            try await ready(desk)
            #expect(try await desk.has(.accountTold(Self.account)))
            let other = try await desk.rig.ready(base: 20)
            // The first one makes the holding, of which nothing had been told before.
            _ = try await desk.rig.place(other, "ref-1")
            desk.rig.simulator.advance(bySeconds: 1)
            _ = try await desk.rig.place(other, "ref-2")
            #expect(
                try await eventually { Set(desk.executions.map(\.clientOrderID?.text)) == ["ref-1", "ref-2"] })
            #expect(desk.executions.allSatisfy { $0.symbol == Symbol("AAPL") })
            // A fill while we are away.
            try await desk.rig.simulator.close()
            #expect(
                try await eventually { desk.count { if case .news(.disconnected) = $0 { true } else { false } } > 0 })
            try await desk.rig.simulator.reopen()
            let third = try await desk.rig.ready(base: 30)
            _ = try await desk.rig.place(third, "ref-3")
            #expect(try await eventually { desk.executions.contains { $0.clientOrderID?.text == "ref-3" } })
            // Told once each, though listed several times.
            #expect(desk.executions.filter { $0.occasion == .new }.count == 3)
        }
    }

    @Test("A message that cannot be read is told, and executions are listed: one may be hidden in it")
    func unreadable() async throws {
        try await StreamRig.run([.quotes(of: try stock("AAPL"))], configure: { $0.listing = .seconds(100_000) }) {
            desk in
            try await ready(desk)
            desk.rig.faults(.init(.shortFrame, at: "execDetails", .calls([1])))
            _ = try await desk.rig.place(desk.client, "ref-1")
            #expect(try await eventually { desk.executions.last?.commission != nil })
            #expect(desk.news.contains { if case .messageRefused = $0 { true } else { false } })
            #expect(desk.stream.counts.faults == 1)
        }
    }

    @Test("Values, holdings and profit of the account come as they change")
    func account() async throws {
        let apple = try stock("AAPL")
        let wanted: [IBWantedSubscription] = [
            .account(Self.account), .profit(of: Self.account), .profit(of: Self.account, in: apple),
        ]
        try await StreamRig.run(wanted) { desk in
            try await desk.subscribed(wanted[0], wanted[1], wanted[2])
            #expect(try await desk.has(.accountTold(Self.account)))
            func values(_ key: String) -> [IBStreamAccountValue] {
                desk.events.compactMap {
                    if case .accountValue(let value) = $0, value.key == key { value } else { nil }
                }
            }
            #expect(values("NetLiquidation").first?.value.hasPrefix("1000000") == true)
            #expect(values("NetLiquidation").first?.isReliable == true)
            _ = try await desk.rig.place(desk.client, "ref-1")
            #expect(
                try await eventually {
                    desk.count {
                        if case .holding(let holding) = $0 {
                            holding.symbol == apple.symbol && holding.quantity == Quantity(10)
                        } else {
                            false
                        }
                    } > 0
                })
            #expect(
                try await eventually {
                    desk.count {
                        if case .profit(let profit) = $0 {
                            profit.symbol == apple.symbol && profit.position == Quantity(10)
                        } else {
                            false
                        }
                    } > 0
                })
            #expect(desk.count { if case .profit(let profit) = $0 { profit.symbol == nil } else { false } } > 0)
        }
    }

    @Test("A rejection is told with the gateway's words")
    func rejection() async throws {
        try await StreamRig.run([]) { desk in
            try await ready(desk)
            _ = try await desk.rig.place(desk.client, "ref-1", .limit(Price(FixedPoint(int64Units: 100_000_001))))
            #expect(
                try await eventually {
                    desk.count { if case .orderMessage(let message) = $0 { message.code == 110 } else { false } } == 1
                })
        }
    }

    @Test("Where nobody listens, and not for ever is tried, the stream ends and says why")
    func nobody() async throws {
        try await Rig.run(hurry: 20) { rig in
            try await rig.simulator.close()
            let stream = IBStream(rig.client(attempts: 2), wanted: [])
            let running = Task { await stream.run() }
            var last: IBStreamEvent?
            for await event in stream.events { last = event }
            await running.value
            guard case .news(.stopped(.connection(let detail)))? = last else {
                Issue.record("\(String(describing: last))")
                return
            }
            #expect(detail.contains("2 times in a row"))
        }
    }
}
