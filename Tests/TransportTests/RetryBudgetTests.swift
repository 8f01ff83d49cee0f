import Core
import Testing

@testable import Transport

@Suite("Retry budget")
struct RetryBudgetTests {
    @Test("The standard budget allows three attempts, waiting longer before the third", arguments: 0..<20)
    func standard(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var budget = RetryBudget.standard
        guard case .retry(let first) = budget.failed(using: &generator),
            case .retry(let second) = budget.failed(using: &generator)
        else {
            Issue.record("gave up too early")
            return
        }
        #expect(first >= .milliseconds(250) && first <= .milliseconds(500))
        #expect(second >= .milliseconds(500) && second <= .milliseconds(1000))
        #expect(budget.failed(using: &generator) == .giveUp)
        #expect(budget.failures == 3)
    }

    @Test("Retry-After is a lower bound, and too long a one ends the matter")
    func retryAfter() {
        var generator = SeededGenerator(seed: 1)
        var budget = RetryBudget.standard
        #expect(budget.failed(retryAfter: .seconds(5), using: &generator) == .retry(after: .seconds(5)))
        #expect(budget.failed(retryAfter: .seconds(16), using: &generator) == .giveUp)
    }

    @Test("The waits never exceed the total, whatever the numbers", arguments: 0..<50)
    func total(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var budget = RetryBudget(attempts: 100, base: .seconds(1), cap: .seconds(4), totalWait: .seconds(30))
        var sum: Duration = .zero
        while case .retry(let wait) = budget.failed(using: &generator) {
            #expect(wait <= .seconds(4))
            sum += wait
        }
        #expect(sum <= .seconds(30) && sum >= .seconds(26) && sum == budget.waited)
    }

    @Test("An empty budget gives up at the first failure")
    func none() {
        var generator = SeededGenerator(seed: 1)
        var budget = RetryBudget.none
        #expect(budget.failed(using: &generator) == .giveUp)
    }

    // The date is the example of RFC 9110, section 5.6.7.
    @Test(
        "Retry-After reads seconds and dates",
        arguments: [
            ("120", 120), (" 0 ", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("Sun, 06 Nov 1994 08:48:00 GMT", 0),
            ("soon", nil), ("-1", nil), ("1.5", nil), ("", nil), ("Sun, 06 Foo 1994 08:49:37 GMT", nil),
            ("99999999999999", nil),
        ] as [(String, Int?)])
    func parsing(text: String, seconds: Int?) throws {
        let now = try #require(Instant(rfc3339: "1994-11-06T08:49:00Z"))
        #expect(RetryAfter.parse(text, now: now) == seconds.map { .seconds($0) })
    }

    @Test("Durations print without needless digits and never round a positive one to nothing")
    func durations() {
        #expect(Duration.seconds(10).secondsText == "10")
        #expect(Duration.milliseconds(250).secondsText == "0.25")
        #expect(Duration.nanoseconds(1).wholeMilliseconds == 1)
        #expect(Duration.seconds(-1).wholeMilliseconds == 0)
        #expect(Duration.seconds(Int64.max).wholeMilliseconds == Int.max)
    }
}
