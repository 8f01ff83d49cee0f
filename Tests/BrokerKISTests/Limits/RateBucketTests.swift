import Core
import Testing

@testable import BrokerKIS

@Suite("The bucket of calls")
struct RateBucketTests {
    private let start = Instant(epochSeconds: 1_930_000_000)
    private let rate = CallRate(interval: .milliseconds(100))

    private func at(_ milliseconds: Int) -> Instant { start.advanced(by: .milliseconds(milliseconds)) }

    private func ask(
        _ bucket: inout RateBucket, _ kind: KISEndpoint.Kind, _ id: String, since: Int? = nil, at time: Int
    ) -> RateBucket.Verdict {
        bucket.ask(kind, id: id, since: at(since ?? time), now: at(time), rate: rate)
    }

    @Test("A fresh bucket lets one call through, one that lay for an hour lets one through, and the next waits")
    func noBurst() {
        var bucket = RateBucket(now: start)
        #expect(ask(&bucket, .order, "a", at: 0) == .go)
        #expect(ask(&bucket, .order, "b", at: 0) == .wait(.milliseconds(100)))
        #expect(ask(&bucket, .order, "b", at: 3_600_000) == .go)
        #expect(ask(&bucket, .order, "c", at: 3_600_000) == .wait(.milliseconds(100)))
    }

    @Test("An order that comes last goes first, and market data does not take the call it waits for")
    func priorities() {
        var bucket = RateBucket(now: start)
        #expect(ask(&bucket, .marketData, "a", at: 0) == .go)
        #expect(ask(&bucket, .marketData, "b", at: 10) == .wait(.milliseconds(90)))
        #expect(ask(&bucket, .inquiry, "c", at: 20) == .wait(.milliseconds(80)))
        #expect(ask(&bucket, .order, "d", at: 30) == .wait(.milliseconds(70)))
        #expect(ask(&bucket, .marketData, "b", since: 10, at: 100) == .wait(.milliseconds(200)))
        #expect(ask(&bucket, .inquiry, "c", since: 20, at: 100) == .wait(.milliseconds(100)))
        #expect(ask(&bucket, .order, "d", since: 30, at: 100) == .go)
        #expect(ask(&bucket, .inquiry, "c", since: 20, at: 200) == .go)
        #expect(ask(&bucket, .marketData, "b", since: 10, at: 300) == .go)
    }

    @Test("A waiter that is killed keeps its place for its wait and 300 ms, no longer")
    func deadWaiter() {
        var bucket = RateBucket(now: start)
        #expect(ask(&bucket, .marketData, "a", at: 0) == .go)
        #expect(ask(&bucket, .order, "dead", at: 0) == .wait(.milliseconds(100)))
        #expect(ask(&bucket, .marketData, "b", at: 350) != .go)
        #expect(ask(&bucket, .marketData, "b", since: 350, at: 401) == .go)
    }

    @Test("Market data that has waited for two seconds stands with the inquiries by age, and never before an order")
    func patience() {
        var bucket = RateBucket(now: start)
        #expect(ask(&bucket, .inquiry, "x", at: 1990) == .go)
        #expect(ask(&bucket, .marketData, "old", since: 0, at: 1990) != .go)
        #expect(ask(&bucket, .inquiry, "young", since: 1995, at: 1995) != .go)
        #expect(ask(&bucket, .order, "order", since: 1999, at: 1999) != .go)
        #expect(ask(&bucket, .marketData, "old", since: 0, at: 2090) != .go)
        #expect(ask(&bucket, .order, "order", since: 1999, at: 2090) == .go)
        #expect(ask(&bucket, .inquiry, "young", since: 1995, at: 2190) != .go)
        #expect(ask(&bucket, .marketData, "old", since: 0, at: 2190) == .go)
    }

    @Test("Refusals for too many calls make a pause for everybody that doubles; those under way count once")
    func pauses() {
        var bucket = RateBucket(now: start)
        #expect(ask(&bucket, .order, "a", at: 0) == .go)
        bucket.refused(sentAt: at(0), now: at(50), rate: rate)
        #expect(ask(&bucket, .order, "b", at: 50) == .wait(.seconds(1)))
        // Sent before the pause began: part of the same overload.
        bucket.refused(sentAt: at(40), now: at(60), rate: rate)
        #expect(bucket.pausedUntil == at(1050))
        var pauses: [Duration] = []
        var time = 1100
        for _ in 0..<7 {
            bucket.refused(sentAt: at(time), now: at(time + 1), rate: rate)
            let until = bucket.pausedUntil ?? start
            pauses.append(until.duration(since: at(time + 1)))
            time += Int(pauses.last.map { $0 / .milliseconds(1) } ?? 0) + 2
        }
        #expect(pauses == [2, 4, 8, 16, 32, 32, 32].map { .seconds($0) })
        // A quiet minute forgives.
        bucket.refused(sentAt: at(time + 70_000), now: at(time + 70_001), rate: rate)
        #expect(bucket.pausedUntil == at(time + 71_001))
    }

    @Test("A clock set back by a year stalls nobody for more than one interval, or the longest pause")
    func clockSetBack() {
        var bucket = RateBucket(now: start)
        #expect(ask(&bucket, .order, "a", at: 0) == .go)
        #expect(ask(&bucket, .order, "stale", at: 0) != .go)
        let year = -365 * 86_400_000
        #expect(ask(&bucket, .marketData, "b", at: year) == .wait(.milliseconds(100)))
        #expect(ask(&bucket, .marketData, "b", since: year, at: year + 100) == .go)
        bucket.refused(sentAt: at(0), now: at(0), rate: rate)
        #expect(ask(&bucket, .order, "c", at: year) == .wait(rate.longestPause))
        #expect(ask(&bucket, .order, "c", since: year, at: year + 32_000) == .go)
    }

    @Test("The file holds what the bucket holds, and what is damaged is none")
    func file() {
        var bucket = RateBucket(now: start)
        _ = ask(&bucket, .order, "a", at: 0)
        _ = ask(&bucket, .marketData, "b", at: 1)
        _ = ask(&bucket, .inquiry, "c\"\\", at: 2)
        bucket.refused(sentAt: at(0), now: at(5), rate: rate)
        let bytes = bucket.file
        #expect(RateBucket(file: bytes) == bucket)
        for length in 0..<bytes.count { #expect(RateBucket(file: Array(bytes.prefix(length))) == nil) }
        #expect(RateBucket(file: Array("{}".utf8)) == nil)
    }

    @Test("The line is bounded")
    func bounded() {
        var bucket = RateBucket(now: start)
        _ = ask(&bucket, .order, "a", at: 0)
        for number in 0..<1000 { _ = ask(&bucket, .marketData, "\(number)", at: 1) }
        #expect(bucket.waiters.count == RateBucket.waiterLimit)
    }
}
