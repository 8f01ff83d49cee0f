import Core
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

/// An order that provably never reached the broker and may not be sent any more: the trade that was wanted did not happen.
@Suite("Orders that expire unsent")
struct UnsentTests {
    private func house() async throws -> (House, OrderIntent) {
        let house = try House()
        try await house.openAccount()
        house.broker.answer(.nvda, .notSent)
        return (house, try house.put(house.intent()))
    }

    private func expectUnsent(_ document: StepDocument) {
        #expect(document.status == .partial)
        #expect(document.exitCode == .unavailable)
        #expect(document.json["error"]?["code"]?.stringValue == "expired-unsent")
        #expect(document.json["error"]?["retryable"] == false)
        #expect(document.json["error"]?["message"]?.stringValue?.contains("NVDA") == true)
    }

    @Test("While the window is open the order is told to be sendable again; nobody is alerted yet")
    func open() async throws {
        let (house, intent) = try await house()
        let document = try await house.run(.submit)
        #expect(document.exitCode == .unavailable)
        #expect(document.json["error"]?["code"]?.stringValue == "broker-unavailable")
        #expect(try house.alerts("order-expired-unsent").isEmpty)
        #expect(try house.intent(intent.id).state == .approved)
    }

    @Test("A rerun after the window is no success, and alerts once")
    func rerunTooLate() async throws {
        let (house, intent) = try await house()
        try await house.run(.submit)
        house.moveTo(300)
        for _ in 0..<2 { expectUnsent(try await house.run(.submit)) }
        #expect(try house.intent(intent.id).state == .expired)
        #expect(house.broker.sent.count == 1)
        #expect(try house.alerts("order-expired-unsent").map(\.severity) == [.error])
    }

    @Test("An answer that comes after the window is no success either")
    func answeredTooLate() async throws {
        let (house, intent) = try await house()
        house.moveTo(299)
        house.broker.takeSeconds(2)
        expectUnsent(try await house.run(.submit))
        #expect(try house.intent(intent.id).state == .expired)
        #expect(try house.alerts("order-expired-unsent").count == 1)
    }

    @Test("The next beat's sweep alerts as well, and the old cycle's submit says so when it is run again")
    func swept() async throws {
        let (house, intent) = try await house()
        try await house.run(.submit)
        house.moveTo(301)
        try house.putBar(.nvda, number: 1)
        try await house.run(.riskCheck, house.cycle(1))
        #expect(try house.intent(intent.id).state == .expired)
        #expect(try house.alerts("order-expired-unsent").count == 1)
        expectUnsent(try await house.run(.submit))
        #expect(try house.alerts("order-expired-unsent").count == 1)
        // Another cycle's missed order is not this one's.
        #expect(try await house.run(.submit, house.cycle(1)).exitCode == .success)
    }

    @Test("An order proven never to have arrived, whose window is over, is no success of submit")
    func neverArrived() async throws {
        let house = try House(visibilityDelay: .seconds(5))
        try await house.openAccount()
        house.broker.answer(.nvda, .unknownLost)
        let intent = try house.put(house.intent())
        #expect(try await house.run(.submit).exitCode == .ordersInDoubt)
        house.moveTo(400)
        try await house.run(.reconcile)
        #expect(try house.intent(intent.id).state == .expired)
        expectUnsent(try await house.run(.submit))
        #expect(try house.alerts("order-expired-unsent").count == 1)
    }

    @Test("An approval that was never tried expires quietly, with a warning")
    func neverTried() async throws {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.moveTo(300)
        let document = try await house.run(.submit)
        #expect(document.exitCode == .success)
        #expect(document.status == .skipped)
        let warnings = document.json["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(warnings.contains { $0.contains(intent.id.text) && $0.contains("expired") }, "\(warnings)")
        #expect(try house.alerts("order-expired-unsent").isEmpty)
    }

    @Test("A second attempt that arrived makes up for the first")
    func secondAttempt() async throws {
        let (house, _) = try await house()
        try await house.run(.submit)
        #expect(try await house.run(.submit).status == .succeeded)
        house.moveTo(301)
        #expect(try await house.run(.submit, isForced: true).status == .succeeded)
        #expect(try house.alerts("order-expired-unsent").isEmpty)
    }
}
