import Core
import TestSupport
import Testing

@testable import BrokerIB

@Suite("The pace of messages")
struct MessagePacingTests {
    @Test("No second has more than the limit, and nobody waits longer than it takes", arguments: propertySeeds)
    func anySecond(seed: UInt64) {
        var random = SeededGenerator(seed: seed, stream: "pacing")
        var pacing = MessagePacing()
        var now = Duration.zero
        var sent: [Duration] = []
        for _ in 0..<3000 {
            if random.chance(0.3) { now += .milliseconds(random.int(0...200)) }
            let delay = pacing.delay(at: now)
            // One more would have been one too many: the delay is not a nanosecond too long.
            if delay > .zero {
                let almost = now + delay - .nanoseconds(1)
                #expect(sent.suffix(100).count { almost - $0 < .seconds(1) } >= MessagePacing.perSecond)
            }
            now += delay
            #expect(pacing.delay(at: now) == .zero)
            pacing.take(at: now)
            sent.append(now)
        }
        for (first, oneTooMany) in zip(sent, sent.dropFirst(MessagePacing.perSecond)) {
            #expect(oneTooMany - first >= .seconds(1))
        }
    }

    @Test("After 100 everybody keeps still, twice as long each time in a row")
    func refused() {
        var pacing = MessagePacing()
        var now = Duration.seconds(5)
        for expected in [2, 4, 8, 16, 32, 60, 60] {
            pacing.refused(at: now)
            #expect(pacing.delay(at: now) == .seconds(expected))
            now += .seconds(expected)
            #expect(pacing.delay(at: now) == .zero)
        }
        pacing.refused(at: now + .seconds(300))
        #expect(pacing.delay(at: now + .seconds(300)) == .seconds(2))
    }
}

@Suite("The pace of historical requests")
struct HistoricalPacingTests {
    private func request(
        _ symbol: String = "AAPL", day: Int64 = 0, prices: IBPriceKind = .trades, id: Int64 = 1
    ) -> HistoricalDataRequest {
        HistoricalDataRequest(
            requestID: id, contract: IBContract(symbol: symbol, exchange: "SMART", currency: "USD"),
            end: Instant.fixture.advanced(bySeconds: day * 86_400), barSize: .minutes5,
            span: IBBarSpan(count: 1, unit: .days),
            regularHoursOnly: true, prices: prices)
    }

    @Test("IB's rules hold for any demand, and nothing waits when none of them asks for it", arguments: propertySeeds)
    func anyDemand(seed: UInt64) {
        var random = SeededGenerator(seed: seed, stream: "historical")
        var pacing = HistoricalPacing()
        var sent: [(at: Duration, key: HistoricalPacing.Key)] = []
        var open: [Int64] = []
        var now = Duration.zero
        for id in 0..<400 {
            let prices: IBPriceKind = random.chance(0.2) ? .bidAndAsk : .trades
            let key = HistoricalPacing.Key(
                request(
                    random.pick(["AAPL", "MSFT", "SPY"]), day: Int64(random.int(0...20)), prices: prices, id: Int64(id))
            )
            var asked = 0
            waiting: while asked < 20 {
                asked += 1
                switch pacing.ask(key, at: now) {
                case .go: break waiting
                case .wait(let wait):
                    #expect(wait > .zero)
                    now += wait
                case .full:
                    #expect(open.count == pacing.limits.open)
                    pacing.done(open.removeFirst())
                }
            }
            #expect(asked < 20)
            pacing.sent(key, id: Int64(id), at: now)
            sent.append((now, key))
            open.append(Int64(id))
            if random.chance(0.5) { pacing.done(open.removeFirst()) }
            if random.chance(0.5) { now += .milliseconds(random.int(0...3000)) }
        }
        for (index, first) in sent.enumerated() {
            let later = sent[(index + 1)...]
            #expect(!later.contains { $0.key.request == first.key.request && $0.at - first.at < .seconds(15) })
            #expect(later.count { $0.key.group == first.key.group && $0.at - first.at < .seconds(2) } + 1 < 6)
            let weight = later.filter { $0.at - first.at < .seconds(600) }.reduce(first.key.weight) {
                $0 + $1.key.weight
            }
            #expect(weight <= 60)
        }
    }

    @Test("What makes requests identical or alike")
    func keys() {
        let one = HistoricalPacing.Key(request())
        #expect(one == HistoricalPacing.Key(request(id: 99)), "the id does not")
        #expect(
            one.request != HistoricalPacing.Key(request(day: 1)).request
                && one.group == HistoricalPacing.Key(request(day: 1)).group)
        #expect(one.group != HistoricalPacing.Key(request(prices: .midpoint)).group)
        #expect(HistoricalPacing.Key(request(prices: .bidAndAsk)).weight == 2)
        // A fresh desk goes at once.
        #expect(HistoricalPacing().ask(one, at: .zero) == .go)
    }

    @Test("A request without an answer is overdue after a minute; a new connection has none open")
    func overdue() {
        var pacing = HistoricalPacing()
        pacing.sent(HistoricalPacing.Key(request()), id: 1, at: .zero)
        pacing.sent(HistoricalPacing.Key(request(day: 1)), id: 2, at: .seconds(1))
        #expect(pacing.overdue(at: .seconds(59)) == [] && pacing.overdue(at: .seconds(61)) == [1, 2])
        pacing.done(1)
        #expect(pacing.overdue(at: .seconds(61)) == [2])
        pacing.reconnected()
        #expect(pacing.overdue(at: .seconds(61)) == [])
        #expect(
            pacing.ask(HistoricalPacing.Key(request()), at: .seconds(5)) == .wait(.seconds(11)), "what was sent counts")
    }

    @Test("After a pacing violation everybody keeps still: 15 s, and longer each time")
    func violated() {
        var pacing = HistoricalPacing()
        let key = HistoricalPacing.Key(request())
        for wait in [15, 30, 60, 120, 240, 300] {
            pacing.violated(at: .zero)
            #expect(pacing.ask(key, at: .zero) == .wait(.seconds(wait)))
        }
        #expect(pacing.ask(key, at: .seconds(300)) == .go)
    }
}
