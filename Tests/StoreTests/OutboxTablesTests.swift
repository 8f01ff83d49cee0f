import Core
import Testing

@testable import Store

@Suite("Outbox")
struct OutboxTablesTests {
    private func later(_ seconds: Int64) -> Instant { .fixture.advanced(bySeconds: seconds) }

    private func enqueue(_ writer: StoreWriter, at: Instant, key: String = "stale") throws -> Int64? {
        try writer.enqueueAlert(
            key: key, severity: .warning, kind: "data", title: "t", body: "b", fields: ["symbol": "NVDA"], at: at,
            dedupeWindowSeconds: 600)
    }

    @Test("Alerts of one key within the window are counted, not queued")
    func dedupe() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: false) { writer throws in
            #expect(try enqueue(writer, at: .fixture) == 1)
            #expect(try enqueue(writer, at: later(599)) == nil)
            #expect(try enqueue(writer, at: later(10), key: "other") == 2)
            #expect(try enqueue(writer, at: later(600)) == 3)
            #expect(try writer.alerts().map(\.suppressedCount) == [1, 0, 0])
            #expect(try writer.alerts(ListFilter(states: ["critical"])) == [])
        }
    }

    @Test("Each channel gets each alert once: failures come back when they are due, sent and dead ones never")
    func deliveries() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let channels = ["email", "slack"]
        try database.write(durable: true) { writer throws in
            #expect(try !writer.hasDueAlerts(now: .fixture, channels: channels))
            let id = try #require(try enqueue(writer, at: .fixture))
            #expect(try writer.hasDueAlerts(now: .fixture, channels: channels))
            #expect(try !writer.hasDueAlerts(now: .fixture, channels: []))
            #expect(try writer.ensureDeliveries(channels: channels, now: .fixture) == 2)
            #expect(try writer.ensureDeliveries(channels: channels, now: .fixture) == 0)
            #expect(try writer.dueDeliveries(now: .fixture, channels: channels).map(\.channel) == channels)
            try writer.recordDelivery(id, channel: "email", .sent, at: .fixture)
            let retry = DeliveryOutcome.failed(error: "503", nextAttempt: later(60))
            try writer.recordDelivery(id, channel: "slack", retry, at: .fixture)
            #expect(try !writer.hasDueAlerts(now: later(59), channels: channels))
            #expect(try writer.dueDeliveries(now: later(60), channels: channels).map(\.attempts) == [1])
            try writer.recordDelivery(id, channel: "slack", .dead(error: "404"), at: later(60))
            #expect(try !writer.hasDueAlerts(now: later(9999), channels: channels))
            #expect(try writer.deliveries(alert: id).map(\.state) == [.sent, .dead])
            #expect(throws: StoreError.self) {
                try writer.recordDelivery(id, channel: "email", .sent, at: .fixture)
            }
        }
    }

    @Test("A channel added today does not replay old alerts")
    func newChannel() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let muchLater = later(10 * 86_400)
        try database.write(durable: true) { writer throws in
            _ = try enqueue(writer, at: .fixture)
            #expect(try !writer.hasDueAlerts(now: muchLater, channels: ["slack"]))
            #expect(try writer.ensureDeliveries(channels: ["slack"], now: muchLater) == 0)
        }
    }
}
