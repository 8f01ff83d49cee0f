public import Core
internal import Decision
public import Settings
public import Store

/// Consultations as documents for people and programs.
public enum ConsultationItems {
    /// The requests about the question that a decision rests on, in the order in which they were sent, with their bodies.
    ///
    /// - Parameter evidence: of the decision's input.
    public static func items(
        of symbol: Symbol, in evidence: JSONValue?, _ reader: StoreReader
    ) throws -> [JSONValue] {
        let input = evidence?["input"]?["symbols"]?.arrayValue?.first {
            $0["instrument"]?["symbol"]?.stringValue == symbol.text
        }
        guard let question = input?["consultation"]?["question"]?.stringValue.flatMap({ Digest(hex: $0) }) else {
            return []
        }
        return try reader.consultations(question: question).map { try item($0, reader) }
    }

    private static func item(_ stored: StoredConsultation, _ reader: StoreReader) throws -> JSONValue {
        let answer = stored.answer
        return [
            "question": JSONValue(stored.key.question), "attempt": .int(Int64(stored.key.attempt)),
            "cycle": JSONValue(stored.cycle), "symbol": JSONValue(stored.symbol), "model": .string(stored.model),
            "sent_at": JSONValue(stored.sentAt), "finished_at": JSONValue(answer?.finishedAt),
            "status": answer?.status.map { .int(Int64($0)) } ?? .null, "outcome": JSONValue(answer?.outcome),
            "advice": answer?.advice ?? .null, "cost_usd": JSONValue(stored.cost), "usage": answer?.usage ?? .null,
            "service_id": JSONValue(answer?.serviceID), "request_digest": JSONValue(stored.request),
            "answer_digest": JSONValue(answer?.answer), "request": try reader.evidence(stored.request)?.body ?? .null,
            "answer": try answer?.answer.flatMap { try reader.evidence($0)?.body } ?? .null,
        ]
    }

    /// `claude_calls_today` and `claude_usd_this_month`, each with what is used and what is allowed; empty where no agent
    /// listens to a consultant.
    public static func limits(_ settings: Settings, _ reader: StoreReader, at now: Instant) throws -> [JSONValue.Member]
    {
        guard settings.profiles.contains(where: { settings.agents.consults($0.agents) }) else { return [] }
        let usage = try ConsultationRecord.usage(reader, at: now)
        var members = [
            JSONValue.Member(
                "claude_calls_today",
                [
                    "used": .int(Int64(usage.callsToday)), "limit": .int(Int64(settings.risk.maxDailyClaudeCalls)),
                ])
        ]
        if let budget = settings.agents.claude.monthlyBudget {
            members.append(
                .init(
                    "claude_usd_this_month", ["used": JSONValue(usage.costThisMonth), "limit": JSONValue(budget)]))
        }
        return members
    }
}
