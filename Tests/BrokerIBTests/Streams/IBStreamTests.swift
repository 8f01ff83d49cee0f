import Core
import Rehearsal
import Testing

@testable import BrokerIB

/// Prices and bars over real sockets, against the simulated gateway, which knows nothing of our codec or our bars.
@Suite("The stream: prices and bars", .serialized, .timeLimit(.minutes(3)))
struct IBStreamTests {
    private static let nvidia = Symbol("NVDA")

    private static func closes(_ bars: [IBStreamBar], _ timeframe: Timeframe) -> [IBStreamBar] {
        bars.filter { $0.timeframe == timeframe && $0.standing != .forming }
    }

    @Test("Bars made of live five seconds are those that IB lists afterwards, with their volume, and final")
    func asThePast() async throws {
        let wanted = IBWantedSubscription.bars(of: try stock("NVDA"))
        let early = Rig.open.advanced(bySeconds: -60)
        try await StreamRig.run([wanted], hurry: 20, change: { $0.start = early }) { desk in
            desk.rig.clock.set(early)
            try await eventuallyAsked(desk, "reqRealTimeBars", 1)
            try await desk.rig.clock.sleep(for: .seconds(10))
            try await desk.play(60)
            try await desk.play(1800, hearing: Self.nvidia)
            let bars = desk.bars
            #expect(Self.closes(bars, .fiveMinutes).count == 6 && Self.closes(bars, .fifteenMinutes).count == 2)
            #expect(bars.allSatisfy { $0.standing == .final && $0.making == .fiveSeconds })
            // The past, by another request and another book of the gateway's, over another connection.
            let other = try await desk.rig.ready(base: 20)
            let past = IBBars(other, contracts: IBContracts(other))
            for (timeframe, minutes) in [(Timeframe.fiveMinutes, 5), (.fifteenMinutes, 15)] {
                let listed = try #require(
                    try await past.bars(of: try stock("NVDA"), minutes: minutes, since: Rig.open))
                var live = Self.closes(bars, timeframe).map(\.bar)
                for index in live.indices { live[index].source = .ib }
                #expect(live.map(\.openAt) == listed.bars.map(\.openAt) && !live.isEmpty)
                for (live, listed) in zip(live, listed.bars) { #expect(live == listed) }
            }
        }
    }

    @Test("A stream that begins late, or loses the gateway, tells those bars as incomplete, and the next ones as final")
    func gaps() async throws {
        let wanted = IBWantedSubscription.bars(of: try stock("NVDA"))
        try await StreamRig.run([], hurry: 10) { desk in
            try await desk.play(130)
            desk.stream.want([wanted])
            try await eventuallyAsked(desk, "reqRealTimeBars", 1)
            try await desk.play(170 + 300 + 100, hearing: Self.nvidia)
            try await desk.rig.simulator.close()
            #expect(
                try await eventually {
                    desk.count { if case .news(.disconnected) = $0 { true } else { false } } > 0
                })
            // What is traded meanwhile nobody tells us.
            desk.rig.simulator.advance(bySeconds: 20)
            try await desk.rig.simulator.reopen()
            try await eventuallyAsked(desk, "reqRealTimeBars", 2)
            try await desk.play(180 + 600, hearing: Self.nvidia)
            let five = Self.closes(desk.bars, .fiveMinutes)
            #expect(five.map(\.bar.openAt) == [0, 300, 600, 900, 1200].map { Rig.open.advanced(bySeconds: $0) })
            #expect(five.map { $0.final != nil } == [false, true, false, true, true])
            #expect(Self.closes(desk.bars, .fifteenMinutes).map { $0.final != nil } == [false])
            #expect(desk.stream.subscribed == [wanted.subscription])
        }
    }

    @Test("The first five seconds after a subscription within the session may be a part, and are left out")
    func first() async throws {
        let wanted = IBWantedSubscription.bars(of: try stock("NVDA"))
        try await StreamRig.run([wanted], hurry: 5) { desk in
            try await eventuallyAsked(desk, "reqRealTimeBars", 1)
            try await desk.play(310, hearing: Self.nvidia)
            #expect(desk.slices.first?.openAt == Rig.open.advanced(bySeconds: 5))
            #expect(Self.closes(desk.bars, .fiveMinutes).map(\.standing) == [.incomplete(missing: [Rig.open])])
        }
    }

    @Test("After 1101 everything is subscribed anew, after 1102 nothing; executions are listed both times")
    func link() async throws {
        let wanted: [IBWantedSubscription] = [
            .quotes(of: try stock("NVDA")), .bars(of: try stock("NVDA")),
            try #require(.keptBars(of: try stock("NVDA"), .fiveMinutes)),
        ]
        let names = ["reqMktData", "reqRealTimeBars", "reqHistoricalData"]
        try await StreamRig.run(wanted, hurry: 20, change: { $0.historySessions = 2 }) { desk in
            for name in names { try await eventuallyAsked(desk, name, 1) }
            try await desk.play(60, hearing: Self.nvidia)
            desk.rig.simulator.lose()
            desk.rig.simulator.restore(keepsData: true)
            #expect(try await desk.has(.reconcile, times: 2))
            #expect(try await eventually { desk.requests("reqExecutions") >= 2 })
            try await desk.play(60, hearing: Self.nvidia)
            #expect(names.map { desk.requests($0) } == [1, 1, 1])
            desk.rig.simulator.lose()
            desk.rig.simulator.restore(keepsData: false)
            for name in names { try await eventuallyAsked(desk, name, 2) }
            #expect(try await desk.has(.reconcile, times: 3))
            // The gateway has forgotten the old ones: nothing is cancelled.
            #expect(desk.requests("cancelMktData") == 0 && desk.requests("cancelRealTimeBars") == 0)
            try await desk.play(60, hearing: Self.nvidia)
            #expect(desk.count { if case .news(.stale(1100, _)) = $0 { true } else { false } } == 2)
        }
    }

    @Test("Bars that IB keeps up to date are final when the next one appears, and then those of the past")
    func kept() async throws {
        let wanted = try #require(IBWantedSubscription.keptBars(of: try stock("NVDA"), .fiveMinutes))
        try await StreamRig.run([wanted], hurry: 10, change: { $0.historySessions = 2 }) { desk in
            try await desk.subscribed(wanted)
            let before = Self.closes(desk.bars, .fiveMinutes).count
            #expect(before == 0)
            try await desk.play(930)
            #expect(try await eventually { Self.closes(desk.bars, .fiveMinutes).count == before + 3 })
            let live = Self.closes(desk.bars, .fiveMinutes)
            #expect(live.allSatisfy { $0.standing == .final && $0.making == .keptUpToDate })
            #expect(Set(live.map(\.bar.openAt)).count == live.count)
            // Many times forming, each time under the same date.
            #expect(desk.bars.count { $0.standing == .forming && $0.bar.openAt == Rig.open } > 20)
            let other = try await desk.rig.ready(base: 20)
            let past = try #require(
                try await IBBars(other, contracts: IBContracts(other)).bars(
                    of: try stock("NVDA"), minutes: 5, since: Rig.open))
            #expect(live.suffix(3).map(\.bar) == past.bars)
        }
    }

    @Test("Quotes and trades come live, and are told to be")
    func quotes() async throws {
        let wanted = IBWantedSubscription.quotes(of: try stock("AAPL"))
        try await StreamRig.run([wanted]) { desk in
            try await desk.subscribed(wanted)
            try await desk.play(61)
            // 0, 20, 40, 59 and 60 s: by the tape that `Rig` writes by hand.
            #expect(
                try await eventually { desk.count { if case .trade = $0 { true } else { false } } >= 4 })
            let trades = desk.events.compactMap { if case .trade(let trade) = $0 { trade } else { nil } }
            #expect(Set(trades.map(\.price)).isSuperset(of: ["199.8", "200.5", "200.2"].map { Price.of($0) }))
            #expect(
                trades.allSatisfy { $0.feed == .live && $0.quantity == Quantity(100) && $0.symbol == Symbol("AAPL") })
            #expect(
                desk.count { if case .quote(let quote) = $0 { quote.bid != nil && quote.ask != nil } else { false } }
                    > 0)
            #expect(desk.requests("reqMarketDataType") == 0)
        }
    }

    @Test("Without live data a symbol is refused, or delayed where that is allowed; every event of it says so")
    func delayed() async throws {
        let refused = IBWantedSubscription.quotes(of: try stock("NVDA"))
        let allowed = IBWantedSubscription.quotes(of: try stock("MSFT"), allowsDelayed: true)
        let live = IBWantedSubscription.quotes(of: try stock("AAPL"))
        let bars = IBWantedSubscription.bars(of: try stock("NVDA"))
        try await StreamRig.run([refused, allowed, live, bars], change: { $0.delayedSymbols = ["NVDA", "MSFT"] }) {
            desk in
            try await desk.subscribed(live)
            #expect(
                try await eventually {
                    desk.news.contains { if case .refused(refused.subscription, 10089, _) = $0 { true } else { false } }
                        && desk.news.contains {
                            if case .refused(bars.subscription, 420, _) = $0 { true } else { false }
                        }
                })
            #expect(try await desk.has(.feedChanged(allowed.subscription, .delayed)))
            #expect(
                desk.news.contains {
                    if case .delayedInstead(allowed.subscription, 10089, _) = $0 { true } else { false }
                })
            try await desk.play(60)
            #expect(try await eventually { desk.count { if case .trade = $0 { true } else { false } } >= 4 })
            for event in desk.events {
                switch event {
                case .trade(let trade): #expect(trade.isDelayed == (trade.symbol == Symbol("MSFT")))
                case .quote(let quote): #expect(quote.isDelayed == (quote.symbol == Symbol("MSFT")))
                case .day(let day): #expect(day.isDelayed == (day.symbol == Symbol("MSFT")))
                case .slice, .bar, .slot, .execution, .order, .orderMessage, .profit, .accountValue, .holding, .news:
                    break
                }
            }
            // Delayed for one of them, and live again for whatever is asked for next.
            #expect(desk.requests("reqMarketDataType") >= 1)
        }
    }

    @Test("With too few lines the important ones are served; what is wanted no more is cancelled, and makes room")
    func lines() async throws {
        let names = ["NVDA", "MSFT", "AAPL"]
        let wanted = try names.map { IBWantedSubscription.quotes(of: try stock($0), $0 == "AAPL" ? .held : .watched) }
        try await StreamRig.run(wanted, hurry: 10, change: { $0.marketDataLines = 2 }) { desk in
            #expect(try await desk.has(.withoutRoom([wanted[1].subscription])))
            #expect(desk.news.contains(.budgetLowered(2)))
            #expect(Set(desk.stream.subscribed) == [wanted[0].subscription, wanted[2].subscription])
            desk.stream.want([wanted[1], wanted[2]])
            try await desk.subscribed(wanted[1])
            #expect(desk.requests("cancelMktData") == 1 && desk.news.contains(.unsubscribed(wanted[0].subscription)))
            desk.stream.want([])
            #expect(
                try await eventually {
                    desk.rig.simulator.status["clients"]?.arrayValue?.first?["lines"]?.intValue == 0
                })
        }
    }

    @Test("A bust event is answered by subscribing anew, and costs the bars it fell into")
    func bust() async throws {
        let wanted = IBWantedSubscription.bars(of: try stock("NVDA"))
        try await StreamRig.run([wanted], hurry: 10) { desk in
            try await eventuallyAsked(desk, "reqRealTimeBars", 1)
            try await desk.play(100, hearing: Self.nvidia)
            desk.rig.simulator.bust()
            desk.rig.simulator.advance(bySeconds: 20)
            try await eventuallyAsked(desk, "reqRealTimeBars", 2)
            #expect(desk.requests("cancelRealTimeBars") == 1)
            try await desk.play(480, hearing: Self.nvidia)
            #expect(Self.closes(desk.bars, .fiveMinutes).map { $0.final != nil } == [false, true])
        }
    }

    @Test("Another session of the user silences the lines, and they are asked for again by themselves")
    func competing() async throws {
        let wanted = IBWantedSubscription.quotes(of: try stock("NVDA"))
        try await StreamRig.run([wanted], hurry: 200) { desk in
            try await desk.subscribed(wanted)
            desk.rig.simulator.setCompeting(true)
            #expect(try await desk.has(.feedChanged(wanted.subscription, .unknown)))
            desk.rig.simulator.setCompeting(false)
            // After three minutes, which pass quickly here.
            try await eventuallyAsked(desk, "reqMktData", 2)
            #expect(desk.requests("cancelMktData") == 1)
            #expect(desk.news.contains { if case .stale(10197, _) = $0 { true } else { false } })
            // What it brings then says that it is over.
            #expect(
                try await eventually {
                    desk.news.contains { if case .sound(10197, _) = $0 { true } else { false } }
                })
        }
    }

    private func eventuallyAsked(_ desk: StreamRig, _ name: String, _ times: Int64) async throws {
        try #require(try await eventually { desk.requests(name) >= times }, "\(name): \(desk.news)")
    }
}
