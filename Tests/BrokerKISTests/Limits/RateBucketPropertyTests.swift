import Core
import Testing

@testable import BrokerKIS

/// Many processes at one bucket, played in simulated time: each asks, sleeps for as long as it is told (and sometimes longer),
/// and some are killed while they wait.
private struct Play {
    struct Call {
        let kind: KISEndpoint.Kind
        let arrival: Int64
        /// Killed then, if it still waits; `nil` for those who live.
        let death: Int64?
        var nextAsk: Int64
        var hasAsked = false
        var granted: Int64?
    }

    let rate: CallRate
    var calls: [Call]
    /// How far the wall clock is ahead of real time, microseconds, from which real time on.
    var steps: [(from: Int64, offset: Int64)] = []
    var oversleep: Int64 = 0
    private(set) var order: [Int] = []
    /// Orders that waited in good standing when somebody else was let through.
    private(set) var overtakenOrders: [String] = []

    init(rate: CallRate, calls: [Call]) {
        self.rate = rate
        self.calls = calls
    }

    private func wall(_ real: Int64) -> Instant {
        Instant(microseconds: 1_930_000_000_000_000 + real + (steps.last { $0.from <= real }?.offset ?? 0))
    }

    mutating func run(_ chance: inout SeededGenerator) {
        var bucket = RateBucket(now: wall(0))
        for turn in 0..<30_000 {
            guard let next = nextCall() else { return }
            let now = calls[next].nextAsk
            calls[next].hasAsked = true
            let verdict = bucket.ask(
                calls[next].kind, id: "\(next)", since: wall(calls[next].arrival), now: wall(now), rate: rate)
            // The file holds all there is to know.
            if turn.isMultiple(of: 64) { bucket = RateBucket(file: bucket.file) ?? RateBucket(now: wall(now)) }
            switch verdict {
            case .go:
                calls[next].granted = now
                order.append(next)
                noteOvertaken(by: next, at: now)
            case .wait(let wait):
                let late = oversleep == 0 ? 0 : Int64(chance.next() % UInt64(oversleep))
                calls[next].nextAsk =
                    now + wait.components.seconds * 1_000_000
                    + wait.components.attoseconds / 1_000_000_000_000 + late
            }
        }
    }

    private func nextCall() -> Int? {
        calls.indices.filter {
            calls[$0].granted == nil && (calls[$0].death.map { [ask = calls[$0].nextAsk] in ask < $0 } ?? true)
        }
        .min { (calls[$0].nextAsk, $0) < (calls[$1].nextAsk, $1) }
    }

    private mutating func noteOvertaken(by winner: Int, at now: Int64) {
        guard calls[winner].kind != .order else { return }
        for (index, call) in calls.enumerated()
        where call.kind == .order && call.hasAsked && call.granted == nil && (call.death.map { $0 > now } ?? true) {
            overtakenOrders.append("order \(index) by \(winner) at \(now)")
        }
    }

    var grants: [Int64] { order.compactMap { calls[$0].granted } }

    static func calls(_ count: Int, over span: Int64, killed share: Double, _ chance: inout SeededGenerator) -> [Call] {
        (0..<count).map { _ in
            let arrival = Int64(chance.next() % UInt64(span))
            let kind: KISEndpoint.Kind =
                switch chance.next() % 10 {
                case 0, 1: .order
                case 2...4: .inquiry
                default: .marketData
                }
            let death = chance.uniform() < share ? arrival + Int64(chance.next() % 2_000_000) : nil
            return Call(kind: kind, arrival: arrival, death: death, nextAsk: arrival)
        }
    }
}

@Suite("The bucket of calls, with many processes")
struct RateBucketPropertyTests {
    private static let seeds = Array(UInt64(1)...24)

    private static func rate(_ seed: UInt64) -> CallRate { seed.isMultiple(of: 2) ? .real : .virtual }
    /// Bursts of calls far beyond the rate.
    private static func span(_ rate: CallRate) -> Int64 { rate == .real ? 4_000_000 : 30_000_000 }

    @Test("In no window of any length are there more calls than rate times length plus one", arguments: seeds)
    func rate(seed: UInt64) {
        var chance = SeededGenerator(seed: seed, stream: "kis-bucket")
        let rate = Self.rate(seed)
        var play = Play(rate: rate, calls: Play.calls(100, over: Self.span(rate), killed: 0.3, &chance))
        play.oversleep = seed.isMultiple(of: 3) ? 500_000 : 0
        play.run(&chance)
        let interval =
            rate.interval.components.seconds * 1_000_000 + rate.interval.components.attoseconds / 1_000_000_000_000
        let grants = play.grants
        #expect(grants.count > 50)
        // Calls at least one interval apart are the same statement.
        for (earlier, later) in zip(grants, grants.dropFirst()) { #expect(later - earlier >= interval) }
    }

    @Test("Everybody who lives is let through, however many die in line", arguments: seeds)
    func liveness(seed: UInt64) {
        var chance = SeededGenerator(seed: seed, stream: "kis-bucket-liveness")
        let rate = Self.rate(seed)
        var play = Play(rate: rate, calls: Play.calls(80, over: Self.span(rate), killed: 0.3, &chance))
        play.oversleep = seed.isMultiple(of: 3) ? 500_000 : 0
        play.run(&chance)
        #expect(play.calls.allSatisfy { $0.granted != nil || $0.death != nil })
    }

    @Test("No order waits behind an inquiry or market data", arguments: seeds)
    func orders(seed: UInt64) {
        var chance = SeededGenerator(seed: seed, stream: "kis-bucket-orders")
        let rate = Self.rate(seed)
        var play = Play(rate: rate, calls: Play.calls(80, over: Self.span(rate), killed: 0.3, &chance))
        play.run(&chance)
        #expect(play.overtakenOrders == [])
        #expect(play.order.contains { play.calls[$0].kind == .order })
    }

    @Test(
        "A clock that jumps to and fro never lets two calls come closer, set back, and stalls nobody", arguments: seeds)
    func clockSteps(seed: UInt64) {
        var chance = SeededGenerator(seed: seed, stream: "kis-bucket-clock")
        let rate = Self.rate(seed)
        var play = Play(rate: rate, calls: Play.calls(60, over: Self.span(rate), killed: 0, &chance))
        var offset: Int64 = 0
        play.steps = (0..<5).map { _ in
            offset -= Int64(chance.next() % 100_000_000)
            return (Int64(chance.next() % UInt64(Self.span(rate))), offset)
        }.sorted { $0.0 < $1.0 }
        // Only backwards: sorted times with falling offsets.
        let offsets = play.steps.map(\.offset).sorted(by: >)
        play.steps = zip(play.steps, offsets).map { ($0.from, $1) }
        play.run(&chance)
        let interval =
            rate.interval.components.seconds * 1_000_000 + rate.interval.components.attoseconds / 1_000_000_000_000
        let grants = play.grants
        #expect(grants.count == 60)
        for (earlier, later) in zip(grants, grants.dropFirst()) { #expect(later - earlier >= interval) }
        // Each step costs one interval at most, beside what the waiters would have used anyway.
        let last = grants.last ?? 0
        #expect(last <= Self.span(rate) + (60 + 5 + 5) * interval + 2_000_000)
    }
}
