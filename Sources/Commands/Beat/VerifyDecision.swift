internal import Core
internal import Cycle
internal import Store

/// Makes the decisions of one cycle again from what was stored, and prints whether they come out the same.
struct VerifyDecision {
    let context: CommandContext
    /// As typed behind `--cycle`; `nil` where it was left out.
    let cycle: String?

    func run() throws {
        let store = try context.openStoreForReading()
        let (_, id) = try CycleTarget(context: context, named: cycle).resolve(try context.cycleContext(store))
        let outcomes = try store.read { try DecisionEvidence.recompute(id, in: $0) }
        guard !outcomes.isEmpty else {
            throw StepFailure(
                code: "no-decision", message: "No decision of \(id) is recorded.",
                hint: "Nothing was made again. `takt decisions` lists what there is; --cycle names one of its cycles.",
                isRetryable: false, exitCode: .badInput)
        }
        let items = outcomes.map(Self.item)
        let differing = outcomes.count { if case .different = $0.outcome { true } else { false } }
        let document: JSONValue = [
            "schema": "takt.decision-verify/1", "cycle": JSONValue(id), "decisions": .int(Int64(outcomes.count)),
            "differing": .int(Int64(differing)), "items": .array(items),
        ]
        try context.output.emit(document) { items.map(Self.line).joined(separator: "\n") }
        try CommandEnd.check(differing == 0 ? .success : .badInput)
    }

    private static func item(_ outcome: DecisionEvidence.Recomputation) -> JSONValue {
        let (verdict, reason): (String, String?) =
            switch outcome.outcome {
            case .same: ("same", nil)
            case .different(let reason): ("different", reason)
            case .beyondRetention: ("beyond-retention", "db prune has taken its bars away")
            }
        return [
            "symbol": JSONValue(outcome.symbol), "origin": .string(outcome.key.origin.rawValue),
            "verdict": .string(verdict), "reason": JSONValue(reason),
        ]
    }

    private static func line(_ item: JSONValue) -> String {
        let head = ["symbol", "origin", "verdict"].map { item[$0]?.stringValue ?? "" }.joined(separator: " ")
        return item["reason"]?.stringValue.map { "\(head): \($0)" } ?? head
    }
}
