import Core
import Decision
import Synchronization

/// A consultant without a network: every question is answered as a test says, through the journal as the real one does.
final class FakeConsultant: RiskConsultant {
    private struct State {
        var answers: [Symbol: [Advice]] = [:]
        var questions: [MarketQuestion] = []
        var hangs = false
    }
    private let state = Mutex(State())
    let clock: any WallClock
    /// US dollars, of every request; the worst case is the double.
    let cost: FixedPoint

    init(clock: any WallClock, cost: FixedPoint = FixedPoint(1)) {
        self.clock = clock
        self.cost = cost
    }

    /// The next answers about a symbol; after them none is malformed any more than before: `unavailable`.
    func answer(_ symbol: Symbol, _ answers: Advice...) {
        state.withLock { $0.answers[symbol, default: []] += answers }
    }
    /// From now on answers never come.
    func hang() { state.withLock { $0.hangs = true } }
    let isOfThisMachine = true
    var questions: [MarketQuestion] { state.withLock { $0.questions } }

    func prepare(_ question: MarketQuestion) throws -> PreparedQuestion {
        PreparedQuestion(digest: Digest(of: Self.text(question)), worstCase: try cost + cost)
    }

    private static func text(_ question: MarketQuestion) -> String {
        let closes = question.bars.map(\.close.description).joined(separator: ",")
        return "\(question.instrument.symbol)|\(question.barClose)|\(question.position.quantity)|\(closes)"
    }

    func consult(
        _ question: MarketQuestion, calls: Int, deadline: Duration?, journal: any ConsultationJournal
    ) async -> Consultation {
        let advice: Advice = state.withLock { state in
            state.questions.append(question)
            guard let next = state.answers[question.instrument.symbol]?.first else {
                return .noOpinion(.unavailable, "nobody is there")
            }
            state.answers[question.instrument.symbol]?.removeFirst()
            return next
        }
        let body = Array("{\"question\":\"\(Self.text(question))\"}".utf8)
        do {
            let request = PlannedRequest(
                attempt: 1, at: clock.now(), model: "fake", digest: Digest(of: body), body: body,
                worstCase: try cost + cost)
            try await journal.willSend(request)
            if state.withLock({ $0.hangs }) { try await Task.sleep(for: .seconds(600)) }
            try await journal.received(
                ConsultationExchange(
                    request: request, duration: .seconds(1), status: 200, answer: Array("no JSON".utf8),
                    requestID: "req_1", usage: TokenUsage(input: 10, output: 5), cost: cost, advice: advice,
                    isRetried: false))
            return Consultation(
                advice: advice, calls: 1, cost: cost, requestDigest: request.digest, duration: .seconds(1))
        } catch {
            return Consultation(
                advice: .noOpinion(.unavailable, "\(error)"), calls: 0, cost: .zero, requestDigest: nil,
                duration: .zero)
        }
    }
}
