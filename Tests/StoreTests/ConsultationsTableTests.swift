import Core
import TestSupport
import Testing

@testable import Store

@Suite("Consultations")
struct ConsultationsTableTests {
    private func request(
        _ attempt: Int = 1, question: String = "q", at: Instant = .fixture, cost: String = "0.05"
    ) throws -> StoredConsultation {
        StoredConsultation(
            key: StoredConsultation.Key(question: Digest(of: question), attempt: attempt), cycle: .fixture,
            symbol: Symbol("NVDA"), model: "m", request: Digest(of: "request"), sentAt: at,
            cost: try FixedPoint(cost))
    }

    private func answered(_ request: StoredConsultation, _ answer: StoredConsultation.Answer, cost: String) throws
        -> StoredConsultation
    {
        StoredConsultation(
            key: request.key, cycle: request.cycle, symbol: request.symbol, model: request.model,
            request: request.request, sentAt: request.sentAt, cost: try FixedPoint(cost), answer: answer)
    }

    @Test("A request is there before its answer, with the most it can cost, and is answered once")
    func once() throws {
        let folder = try TemporaryFolder("takt-store")
        let store = try StateDatabase.open(at: folder.path("a.sqlite"), now: .fixture)
        let (first, second) = (try request(), try request(2, at: Instant.fixture.advanced(bySeconds: 9)))
        try store.write(durable: true) { writer in
            try writer.insertConsultation(first)
            try writer.insertConsultation(second)
        }
        #expect(try store.read { try $0.consultations(question: first.key.question) } == [first, second])
        let answer = StoredConsultation.Answer(
            finishedAt: Instant.fixture.advanced(bySeconds: 3), status: 200, outcome: "opinion",
            advice: ["opinion": [:]], answer: Digest(of: "answer"), serviceID: "req_1", usage: ["input_tokens": 7])
        try store.write(durable: false) { try $0.answerConsultation(first.key, answer, cost: try FixedPoint("0.0123")) }
        let stored = try answered(first, answer, cost: "0.0123")
        #expect(try store.read { try $0.consultations(cycle: .fixture) } == [stored, second])
        #expect(try store.read { try $0.consultations(ListFilter(states: ["opinion"])) } == [stored])
        #expect(throws: StoreError.self) {
            try store.write(durable: false) { try $0.answerConsultation(first.key, answer, cost: .zero) }
        }
        #expect(throws: (any Error).self) {
            try store.write(durable: false) { try $0.insertConsultation(first) }
        }
        let costs = try store.read { try $0.consultationCosts(since: Instant.fixture.advanced(bySeconds: 1)) }
        #expect(try costs.map(\.cost) == [FixedPoint("0.05")])
    }

    @Test("The memory of a symbol is its profile's own, and the last one stays")
    func states() throws {
        let folder = try TemporaryFolder("takt-store")
        let store = try StateDatabase.open(at: folder.path("a.sqlite"), now: .fixture)
        let (profile, symbol) = (ProfileName("us-5m"), Symbol("NVDA"))
        try store.write(durable: false) { writer in
            try writer.putConsultationState(profile, symbol, ["decisions": 1])
            try writer.putConsultationState(profile, symbol, ["decisions": 2])
        }
        #expect(try store.read { try $0.consultationState(profile, symbol) } == ["decisions": 2])
        #expect(try store.read { try $0.consultationState(ProfileName("other"), symbol) } == nil)
    }
}
