import Core
import Testing

@testable import Alerting

@Suite("Delivery policy and throttle")
struct DeliveryPolicyTests {
    let now = AlertMessage.time

    @Test(
        "Waits double from 30 s up to an hour",
        arguments: [
            (1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (9, 3600), (23, 3600), (500, 3600),
        ])
    func schedule(attempt: Int, seconds: Int) {
        let policy = DeliveryPolicy(jitter: 0)
        #expect(policy.wait(attempt: attempt, alert: 1, channel: "slack") == .seconds(seconds))
    }

    @Test("Jitter stays within its share and the cap, and is the same on every run", arguments: Int64(1)...50)
    func jitter(alert: Int64) {
        let policy = DeliveryPolicy.standard
        for attempt in 1...10 {
            let plain = DeliveryPolicy(jitter: 0).wait(attempt: attempt, alert: alert, channel: "slack")
            let wait = policy.wait(attempt: attempt, alert: alert, channel: "slack")
            #expect(wait >= plain * 0.9 && wait <= min(plain * 1.1, policy.cap))
            #expect(wait == policy.wait(attempt: attempt, alert: alert, channel: "slack"))
        }
    }

    @Test("Alerts of one outage do not come back at the same moment")
    func spread() {
        let waits = Set((1...100).map { DeliveryPolicy.standard.wait(attempt: 3, alert: $0, channel: "slack") })
        #expect(waits.count > 90)
    }

    func next(_ outcome: DeliveryOutcome, attempt: Int) -> DeliveryPolicy.Next {
        DeliveryPolicy(jitter: 0, maxAttempts: 3)
            .next(after: outcome, attempt: attempt, alert: 1, channel: "slack", now: now)
    }

    @Test("Neither a refusal nor a failure is final before the last attempt: a webhook can be renewed")
    func outcomes() {
        #expect(next(.delivered, attempt: 1) == .done)
        #expect(next(.refused(detail: "no"), attempt: 1) == .retry(at: now.advanced(bySeconds: 30), detail: "no"))
        #expect(
            next(.refused(detail: "no"), attempt: 3) == .dead(detail: "given up after 3 attempts; the last one: no"))
        let failure = DeliveryOutcome.retry(after: nil, detail: "away")
        #expect(next(failure, attempt: 1) == .retry(at: now.advanced(bySeconds: 30), detail: "away"))
        #expect(next(failure, attempt: 2) == .retry(at: now.advanced(bySeconds: 60), detail: "away"))
        #expect(next(failure, attempt: 3) == .dead(detail: "given up after 3 attempts; the last one: away"))
    }

    @Test("Retry-After lengthens the wait, never shortens it, and not without end")
    func retryAfter() {
        func wait(_ seconds: Int) -> DeliveryPolicy.Next {
            next(.retry(after: .seconds(seconds), detail: ""), attempt: 1)
        }
        #expect(wait(5) == .retry(at: now.advanced(bySeconds: 30), detail: ""))
        #expect(wait(90) == .retry(at: now.advanced(bySeconds: 90), detail: ""))
        #expect(wait(1_000_000) == .retry(at: now.advanced(bySeconds: 6 * 3600), detail: ""))
    }

    @Test("Within the window only what is worse gets through; after it the count is told")
    func throttle() {
        let throttle = AlertThrottle(window: .seconds(900))
        let history = AlertThrottle.History(lastSentAt: now, lastSeverity: .warning, suppressed: 4)
        #expect(throttle.judge(.info, history: nil, now: now) == .send(suppressed: 0))
        #expect(throttle.judge(.warning, history: history, now: now.advanced(bySeconds: 899)) == .hold)
        #expect(throttle.judge(.error, history: history, now: now.advanced(bySeconds: 1)) == .send(suppressed: 4))
        #expect(throttle.judge(.warning, history: history, now: now.advanced(bySeconds: 900)) == .send(suppressed: 4))
        #expect(throttle.judge(.warning, history: history, now: now.advanced(bySeconds: -1)) == .send(suppressed: 4))
    }
}
