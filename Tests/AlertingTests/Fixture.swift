import Core
import Synchronization

@testable import Alerting

extension AlertMessage {
    static let time = Instant(epochSeconds: 1_795_629_769)

    static func fixture(
        id: Int64 = 42, severity: Severity = .critical, kind: String = "order-in-doubt",
        title: String = "Order NVDA-entry-abc is in doubt", body: String = "It may be live. Run `takt reconcile`.",
        fields: [Field] = [Field("Symbol", "NVDA"), Field("Quantity", "10")], suppressedCount: Int = 0
    ) -> AlertMessage {
        AlertMessage(
            id: id, severity: severity, kind: kind, title: title, body: body, fields: fields, createdAt: time,
            suppressedCount: suppressedCount, cycle: CycleID("us-5m/2026-11-20T15:35:00Z"))
    }
}

extension AlertOrigin {
    static let fixture = AlertOrigin(host: "box-1", mode: "paper")
}

/// A channel that answers what it is told and remembers what it saw.
final class ScriptedChannel: AlertChannel {
    let name: String
    let levels: Set<Severity>
    private let answer: @Sendable (AlertMessage) async -> DeliveryOutcome
    private let state = Mutex((running: 0, most: 0, seen: [Int64]()))

    init(
        name: String = "scripted", levels: Set<Severity> = Set(Severity.allCases),
        answer: @escaping @Sendable (AlertMessage) async -> DeliveryOutcome = { _ in .delivered }
    ) {
        self.name = name
        self.levels = levels
        self.answer = answer
    }

    var seen: [Int64] { state.withLock { $0.seen } }
    var mostAtOnce: Int { state.withLock { $0.most } }

    func deliver(_ message: AlertMessage) async -> DeliveryOutcome {
        state.withLock {
            $0.running += 1
            $0.most = max($0.most, $0.running)
            $0.seen.append(message.id)
        }
        let outcome = await answer(message)
        state.withLock { $0.running -= 1 }
        return outcome
    }
}
