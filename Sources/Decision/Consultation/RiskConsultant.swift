public import Core

/// A question as it would be asked, before anybody is.
public struct PreparedQuestion: Hashable, Sendable {
    /// Of the bytes that would be sent: of the question, the model and the prompts together. The same question at the same
    /// bar has the same address, so an answer on file need not be paid for again.
    public let digest: Digest
    /// What one request can cost at most, US dollars.
    public let worstCase: FixedPoint

    public init(digest: Digest, worstCase: FixedPoint) {
        self.digest = digest
        self.worstCase = worstCase
    }
}

/// Somebody who is asked for an opinion on one symbol at one bar. Whatever goes wrong is an advice without an opinion.
public protocol RiskConsultant: Sendable {
    /// Whether it is a stand-in on this very machine, which costs nothing: for rehearsals and tests.
    var isOfThisMachine: Bool { get }

    /// - Throws: where the question cannot be put at all, such as one that is too long.
    func prepare(_ question: MarketQuestion) throws -> PreparedQuestion

    /// Asks, and asks again where that may help; ends by the deadline, and tells the journal of every request before it is
    /// sent and of every answer.
    ///
    /// - Parameters:
    ///   - calls: requests that may be sent at most.
    ///   - deadline: the time left, if that is less than the consultant's own deadline.
    func consult(
        _ question: MarketQuestion, calls: Int, deadline: Duration?, journal: any ConsultationJournal
    ) async -> Consultation
}
