import Core
import Synchronization
import Testing

@testable import Alerting

@Suite("Alert dispatcher", .timeLimit(.minutes(1)))
struct AlertDispatcherTests {
    let clock = FixedClock(AlertMessage.time)

    func due(_ count: Int, channel: String = "scripted", attempts: Int = 0) -> [PendingDelivery] {
        (1...count).map {
            PendingDelivery(message: .fixture(id: Int64($0)), channel: channel, attempts: attempts)
        }
    }

    func dispatcher(deadline: Duration = .seconds(20)) -> AlertDispatcher {
        AlertDispatcher(policy: DeliveryPolicy(jitter: 0, maxAttempts: 3), deadline: deadline, clock: clock)
    }

    @Test("Everything due is attempted once and recorded in order, four at a time")
    func width() async {
        let channel = ScriptedChannel { _ in
            try? await Task.sleep(for: .milliseconds(20))
            return .delivered
        }
        let records = await dispatcher().deliver(due: due(20), channels: [channel])
        #expect(records.map(\.pending.message.id) == Array(1...20))
        #expect(records.allSatisfy { $0.result == .attempted(.done) && $0.attempts == 1 })
        #expect(channel.seen.sorted() == Array(1...20))
        #expect(channel.mostAtOnce == 4)
    }

    @Test("Each record says what follows from the channel's answer")
    func outcomes() async {
        let channel = ScriptedChannel { message in
            switch message.id {
            case 1: .delivered
            case 2: .retry(after: .seconds(90), detail: "later")
            default: .refused(detail: "no")
            }
        }
        let records = await dispatcher().deliver(due: due(3), channels: [channel])
        #expect(
            records.map(\.result) == [
                .attempted(.done),
                .attempted(.retry(at: AlertMessage.time.advanced(bySeconds: 90), detail: "later")),
                .attempted(.retry(at: AlertMessage.time.advanced(bySeconds: 30), detail: "no")),
            ])
    }

    @Test("The last allowed attempt that fails makes the delivery dead")
    func dead() async {
        let channel = ScriptedChannel { _ in .retry(after: nil, detail: "away") }
        let records = await dispatcher().deliver(due: due(1, attempts: 2), channels: [channel])
        #expect(records.first?.attempts == 3)
        #expect(records.first?.result == .attempted(.dead(detail: "given up after 3 attempts; the last one: away")))
    }

    @Test("A channel that is not configured leaves its alerts due")
    func unknownChannel() async {
        let records = await dispatcher().deliver(due: due(1, channel: "pager", attempts: 5), channels: [])
        guard case .notAttempted(let detail) = records.first?.result else {
            Issue.record("attempted")
            return
        }
        #expect(detail.contains("pager") && records.first?.attempts == 5)
    }

    @Test("At the deadline what hangs is cut off and the rest stays due, and every alert has one record")
    func deadline() async {
        let channel = ScriptedChannel { message in
            guard message.id > 2 else { return .delivered }
            try? await Task.sleep(for: .seconds(60))
            return .retry(after: nil, detail: "cut off")
        }
        var records: [DeliveryRecord] = []
        let elapsed = await ContinuousClock().measure {
            records = await dispatcher(deadline: .milliseconds(300)).deliver(due: due(10), channels: [channel])
        }
        #expect(elapsed < .seconds(40))
        #expect(records.count == 10)
        #expect(records.prefix(2).allSatisfy { $0.result == .attempted(.done) })
        #expect(records[2...5].allSatisfy { $0.attempts == 1 })
        #expect(records[6...].allSatisfy { $0.attempts == 0 })
    }

    @Test("Records are handed out one by one as they come, each exactly once")
    func recording() async {
        var handed: [Int64] = []
        _ = await dispatcher().deliver(due: due(9), channels: [ScriptedChannel()]) {
            handed.append($0.pending.message.id)
        }
        #expect(handed.sorted() == Array(1...9))
    }

    @Test("The failpoints stand before and after every sending")
    func failpoints() async {
        let hits = Mutex<[Failpoint]>([])
        let dispatcher = AlertDispatcher(
            clock: clock, failpoints: Failpoints(onHit: { point in hits.withLock { $0.append(point) } }))
        _ = await dispatcher.deliver(due: due(1), channels: [ScriptedChannel()])
        #expect(hits.withLock { $0 } == [.alertBeforeSend, .alertAfterSend])
    }

    @Test("Nothing due is nothing done")
    func empty() async {
        #expect(await dispatcher().deliver(due: [], channels: [ScriptedChannel()]).isEmpty)
    }
}
