public import Core
internal import Decision
internal import Features
internal import Policy
internal import Sessions
internal import Settings
internal import Store

/// What a learned policy says of a profile's symbols at the bar of a cycle.
///
/// It sees the features that `takt features` prints, on the scale that was frozen when it was trained. What it says is kept
/// with the decision's input, together with what it saw and whose weights they were, so the decision can be made again without
/// them, and the answer checked with them.
struct PolicyVotes: Sendable {
    private let beat: Beat
    private let agent: AgentName
    private let policy: Policy
    /// Of the policy's sidecar.
    private let sidecar: Digest
    private let desk: FeatureDesk

    /// - Throws: ``StepFailure`` where the policy's files are damaged, or it was made for something else than what runs.
    init(_ agent: AgentName, _ named: AgentSettings.Policy, _ beat: Beat) throws {
        let files = try PolicyFiles(named, beat.context.settings)
        self.agent = agent
        self.beat = beat
        policy = try files.load()
        sidecar = policy.sidecar.digest
        for (name, wanted, found) in [
            ("state_dim", named.inputs, policy.network.inputs), ("action_dim", named.actions, policy.network.actions),
        ] {
            if let wanted, wanted != found {
                throw Self.refusal(agent, files, "\(name) is \(wanted), and the policy has \(found)")
            }
        }
        do {
            _ = try policy.evaluator()
            try policy.sidecar.require(
                try PolicyUse(running: beat.context.settings, beat.profile, for: .decision))
        } catch let error as PolicyError { throw Self.refusal(agent, files, "\(error)") }
        guard let spec = policy.sidecar.features else { throw Self.refusal(agent, files, "it names no features") }
        do {
            desk = try FeatureDesk(
                beat.context, profile: beat.profile,
                computer: try FeatureComputer(spec, normaliser: policy.sidecar.normaliser), form: .normalised,
                now: beat.now)
        } catch { throw Self.refusal(agent, files, "\(error)") }
    }

    private static func refusal(_ agent: AgentName, _ files: PolicyFiles, _ why: String) -> StepFailure {
        StepFailure(
            code: "policy-differs", message: "The policy of agent '\(agent)' (\(files.sidecar)) does not fit: \(why).",
            hint: "Nothing was decided. `takt policy check` says all that differs; name another policy in `agents:` of "
                + "trading.yaml, or change what runs.", isRetryable: false, exitCode: .configuration)
    }

    /// Bars of history that it takes.
    private var history: Int { policy.sidecar.history }

    // MARK: What it is asked

    /// A symbol with what there is to see of it, read and not yet computed.
    struct Question: Sendable {
        let record: FeatureRecord
        /// `nil` where none is needed, or there is no bar of it.
        let before: FeatureHistory?
    }

    /// One question per symbol whose exchange has a bar that closes with the cycle.
    func questions(on symbols: Set<Symbol>, in reader: StoreReader) throws -> [Question] {
        let holdings = try desk.holdings(in: reader)
        let records = try desk.records(of: beat.cycle, symbols: symbols, holdings, in: reader)
        guard history > 0 else { return records.map { Question(record: $0, before: nil) } }
        let ready = Set(records.filter(\.isReady).map(\.symbol))
        let wanted = try beat.sessionMembers().filter { ready.contains($0.instrument.symbol) }.map { member in
            // Of the sessions alone: bars of other hours may stand among them in the table.
            let bars = try SessionBars(member, count: history + 1, beat, reader).bars
            let bar = member.slot.openAt
            return (symbol: member.instrument.symbol, since: bars.first?.openAt ?? bar, until: bar)
        }
        let histories = try desk.histories(of: wanted, holdings, in: reader)
        return records.map { Question(record: $0, before: histories[$0.symbol]) }
    }

    // MARK: What it answers

    /// One vote per question. A history takes as long to compute as everything else of a beat, and no symbol waits for
    /// another: the processor's cores share them, and each vote is the same whoever makes it.
    func votes(on questions: [Question]) async throws -> [Symbol: Vote] {
        let size = history > 0 ? Self.symbolsPerTask : max(1, questions.count)
        return try await withThrowingTaskGroup(of: [(Symbol, Vote)].self) { group in
            for start in stride(from: 0, to: questions.count, by: size) {
                let part = questions[start..<min(start + size, questions.count)]
                group.addTask {
                    let evaluator = try policy.evaluator()
                    return try part.map { ($0.record.symbol, try vote($0, evaluator)) }
                }
            }
            return try await group.reduce(into: [:]) { votes, part in
                for (symbol, vote) in part { votes[symbol] = vote }
            }
        }
    }

    /// Some milliseconds of work each, so that the cores finish together.
    private static let symbolsPerTask = 8

    private func vote(_ question: Question, _ evaluator: Evaluator) throws -> Vote {
        let record = question.record
        guard record.isReady else { return noOpinion(record) }
        let state = record.vector.values.map { Float($0) }
        let rows: [Float]
        switch try self.rows(question) {
        case .complete(let complete): rows = complete
        case .gap(let lacking): return noOpinion(lacking)
        case .tooFew(let count): return tooFew(count, record)
        }
        do { try evaluator.evaluate(state, history: rows) } catch {
            return .none(agent, reason: "not-computable", message: "\(error)")
        }
        return Vote(
            agent: agent, outputs: evaluator.probabilities, meaning: policy.sidecar.actions,
            detail: [
                "policy": .string(policy.sidecar.name), "sidecar": JSONValue(sidecar),
                "weights": JSONValue(policy.sidecar.weights.digest),
                "schema_hash": JSONValue(record.vector.schemaHash), "state": .array(state.map { .shortest($0) }),
                "history": .int(Int64(history)), "history_digest": JSONValue(HistoryRows.digest(rows)),
                "logits": .array(evaluator.logits.map { .shortest($0) }),
            ])
    }

    private enum History {
        case complete([Float])
        case gap(FeatureRecord)
        /// So many rows.
        case tooFew(Int)
    }

    /// The states of the bars before, oldest first, each as it was told at its bar. All of them, or none: rows of zeros would
    /// pass for a market that stood still.
    private func rows(_ question: Question) throws -> History {
        guard history > 0 else { return .complete([]) }
        let told = try question.before?.records(last: history) ?? []
        guard told.count == history else { return .tooFew(told.count) }
        if let gap = told.last(where: { !$0.isReady }) { return .gap(gap) }
        return .complete(told.flatMap { $0.vector.values.map { Float($0) } })
    }

    private func noOpinion(_ record: FeatureRecord) -> Vote {
        let missing = record.vector.missing.map { record.names[$0] }.joined(separator: ", ")
        let lacking = record.vector.missingBars > 0 ? "\(record.vector.missingBars) bar(s) are missing" : missing
        return .none(
            agent, reason: record.gap?.code ?? "warming-up",
            message: "\(policy.sidecar.name) at the bar of \(record.bar): \(record.gap?.detail ?? lacking)")
    }

    private func tooFew(_ count: Int, _ record: FeatureRecord) -> Vote {
        .none(
            agent, reason: "warming-up",
            message:
                "\(policy.sidecar.name) at the bar of \(record.bar): \(count) of the \(history) rows before it "
                + "are there")
    }

}

/// What a policy saw before the bar of its decision.
public enum HistoryRows {
    /// As the vote keeps it.
    public static func digest(_ rows: [Float]) -> Digest {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(rows.count * 4)
        for value in rows { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
        return Digest(of: bytes)
    }
}

extension Vote {
    /// A network's vote: its most likely action. Its confidence is `(n·p − 1) / (n − 1)` for probability p of n actions, so
    /// that all alike is 0 and certainty 1, as ``Probabilities/rule(_:confidence:)`` has it.
    fileprivate init(agent: AgentName, outputs: [Float], meaning: [String], detail: JSONValue) {
        var likely: [Action: Double] = [:]
        for (name, probability) in zip(meaning, outputs) {
            if let action = Action(rawValue: name) { likely[action] = Double(probability) }
        }
        let best = ActionChoice.best.index(of: outputs)
        let count = Double(outputs.count)
        let confidence = count > 1 ? max(0, (count * Double(outputs[best]) - 1) / (count - 1)) : 1
        self.init(
            agent: agent, action: Action(rawValue: meaning[best]) ?? .hold,
            probabilities: Probabilities(
                hold: likely[.hold] ?? 0, buy: likely[.buy] ?? 0, sell: likely[.sell] ?? 0),
            confidence: confidence, detail: detail)
    }
}
