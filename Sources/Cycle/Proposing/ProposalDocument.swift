public import Core
internal import Settings
internal import Store

/// What `takt propose` prints (`takt.propose/1`), and the code its process ends with.
public struct ProposalDocument: Sendable {
    public let json: JSONValue
    public let exitCode: ExitCode

    init(
        _ beat: Beat, _ answers: [ProposalAnswer], warnings: [String] = [], failure trouble: StepFailure? = nil
    ) {
        let refused = answers.filter { $0.decision == nil }
        let failure = trouble ?? Self.failure(refused: refused.count, of: answers.count)
        let repeated = answers.count { if case .repeated = $0.outcome { true } else { false } }
        let decisions = Set(answers.compactMap(\.decision))
        let status: StepStatus =
            if failure == nil {
                answers.isEmpty ? .skipped : .succeeded
            } else {
                decisions.isEmpty ? .failed : .partial
            }
        let finished = beat.context.clock.now()
        let elapsed = finished.duration(since: beat.now).wholeMicroseconds
        var members: [JSONValue.Member] = [
            .init("schema", "takt.propose/1"), .init("cycle", JSONValue(beat.cycle)),
            .init("profile", JSONValue(beat.profile.name)), .init("mode", .string(beat.context.settings.mode.rawValue)),
            .init("dry_run", .bool(beat.isDryRun)), .init("status", .string(status.rawValue)),
        ]
        if status == .skipped { members.append(.init("reason", .string(SkipReason.nothingToDo.rawValue))) }
        members += [
            .init("replayed", .bool(repeated > 0 && repeated == answers.count)),
            .init("started_at", JSONValue(beat.now)), .init("finished_at", JSONValue(finished)),
            .init("duration_ms", .double(Double(elapsed) / 1000)),
            .init(
                "summary",
                [
                    "taken": .int(Int64(answers.count - refused.count - repeated)), "repeated": .int(Int64(repeated)),
                    "refused": .int(Int64(refused.count)),
                    "intents": .int(Int64(decisions.count { $0.intentID != nil })),
                ]),
            .init("items", .array(answers.map(\.json))), .init("warnings", .array(warnings.map { .string($0) })),
            .init("error", failure?.json ?? .null),
        ]
        json = .object(members)
        exitCode = failure?.exitCode ?? .success
    }

    private static func failure(refused: Int, of all: Int) -> StepFailure? {
        guard refused > 0 else { return nil }
        return StepFailure(
            code: "lines-refused", message: "\(refused) of \(all) line(s) were refused; each item says why.",
            hint: "The others stand. Correct the refused ones and hand them in again, alone or with the rest.",
            isRetryable: false, exitCode: .badInput)
    }
}

extension ProposalAnswer {
    var json: JSONValue {
        let head: [JSONValue.Member] = [.init("line", .int(Int64(line)))]
        switch outcome {
        case .taken(let decision): return Self.item(head, "taken", decision)
        case .repeated(let decision): return Self.item(head, "repeated", decision)
        case .refused(let code, let key, let reason):
            var members = head + [.init("status", "refused")]
            if let symbol { members.append(.init("symbol", .string(symbol.text.plain(limit: 40)))) }
            members.append(.init("code", .string(code)))
            if let key { members.append(.init("key", .string(key))) }
            return .object(members + [.init("reason", .string(reason))])
        }
    }

    private static func item(_ head: [JSONValue.Member], _ status: String, _ decision: StoredDecision) -> JSONValue {
        guard case .object(let members) = DocumentItems.decision(decision) else { return .object(head) }
        return .object(head + [.init("status", .string(status))] + members)
    }
}
