public import Core
internal import GRDB

/// What the risk check said of an intent, with the numbers it went by.
public struct RiskVerdict: Hashable, Sendable {
    public enum Verdict: String, Hashable, Sendable, CaseIterable { case approved, rejected }

    public let intentID: IntentID
    public let cycle: CycleID
    public let verdict: Verdict
    public let reasons: [Reason]
    public let numbers: JSONValue
    public let decidedAt: Instant

    public init(
        intentID: IntentID, cycle: CycleID, verdict: Verdict, reasons: [Reason], numbers: JSONValue, decidedAt: Instant
    ) {
        self.intentID = intentID
        self.cycle = cycle
        self.verdict = verdict
        self.reasons = reasons
        self.numbers = numbers
        self.decidedAt = decidedAt
    }
}

extension StoreReader {
    public func riskVerdict(_ intent: IntentID) throws -> RiskVerdict? {
        try firstRow("SELECT * FROM risk_verdicts WHERE intent_id = ?", [intent.text], table: "risk_verdicts", verdict)
    }

    public func riskVerdicts(cycle: CycleID) throws -> [RiskVerdict] {
        let sql = "SELECT * FROM risk_verdicts WHERE profile = ? AND cycle_close_at = ? ORDER BY intent_id"
        return try rows(sql, [cycle.profile.text, cycle.barClose.microseconds], table: "risk_verdicts", verdict)
    }

    /// Verdicts by their time. `states` of the filter are `approved` and `rejected`.
    public func riskVerdicts(_ filter: ListFilter = .all) throws -> [RiskVerdict] {
        let conditions = Conditions(filter, time: "decided_at", state: "verdict", profile: "profile")
        let order = ["decided_at", "intent_id"]
        return try list("SELECT * FROM risk_verdicts", conditions, order: order, table: "risk_verdicts", verdict)
    }

    private func verdict(_ fields: Fields) throws -> RiskVerdict {
        RiskVerdict(
            intentID: try fields.id("intent_id"), cycle: try fields.cycle(), verdict: try fields.choice("verdict"),
            reasons: try fields.reasons("reasons"), numbers: try fields.json("numbers"),
            decidedAt: try fields.instant("decided_at"))
    }
}

extension StoreWriter {
    /// Stores the verdict, in place of an earlier one on the same intent (a later attempt is judged anew).
    public func putRiskVerdict(_ verdict: RiskVerdict) throws {
        try run(
            """
            INSERT OR REPLACE INTO risk_verdicts
                (intent_id, profile, cycle_close_at, verdict, reasons, numbers, decided_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                verdict.intentID.text, verdict.cycle.profile.text, verdict.cycle.barClose.microseconds,
                verdict.verdict.rawValue, verdict.reasons.json.text, verdict.numbers.text,
                verdict.decidedAt.microseconds,
            ])
    }
}
