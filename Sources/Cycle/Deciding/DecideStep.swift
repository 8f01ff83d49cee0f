internal import Broker
internal import Core
internal import Decision
internal import Ledger
internal import MarketData
internal import Risk
internal import Sessions
internal import Settings
internal import Store

/// Bars → agents → decision manager → order intents. Everything that went in is kept by its content address, so that the
/// decision can be made again to the byte.
///
/// A symbol is decided once a cycle, when its bar is there. One whose bar comes late is decided by a later run, as long as
/// the cycle's window is open; what was decided before stays as it is.
struct DecideStep: Step {
    let name = StepName.decide

    func hasNewWork(_ beat: Beat) throws -> Bool {
        guard !beat.missedItsWindow else { return false }
        return try beat.context.store.read { reader in
            let settled = Set(
                try reader.decisions(cycle: beat.cycle).filter { $0.origin == .decide || $0.intentID != nil }
                    .map(\.symbol))
            let watch = try SplitWatch(beat, reader)
            return try beat.sessionMembers().contains { member in
                guard !settled.contains(member.instrument.symbol), try DecisionReadiness.hasBar(member, beat, reader)
                else { return false }
                let bars = try watch.window(member)
                return try SplitWatch.mixture(member, in: bars) == nil && watch.finding(member, in: bars) == nil
            }
        }
    }

    func run(_ beat: Beat) async throws -> StepResult {
        let (made, proposed) = try beat.context.store.read { reader in
            let made = try reader.decisions(cycle: beat.cycle, origin: .decide)
            let settled = Set(made.map(\.symbol))
            return (made, try Self.proposed(beat, reader).filter { !settled.contains($0.symbol) })
        }
        let hindrance = try DecisionReadiness.hindrance(beat)
        if made.isEmpty, let hindrance { return hindrance }
        // What is held has to be on the scale of the bars: a split of this morning is booked before anything is sized.
        let notes = beat.isDryRun || hindrance != nil ? [] : try await ActivityBooking.bringUpToDate(beat)
        var readiness = try DecisionReadiness(beat, besides: Set((made + proposed).map(\.symbol)))
        let leftOut = proposed.map { "\($0.symbol) \(DecisionReadiness.proposed($0))" }
        if made.isEmpty, !leftOut.isEmpty, readiness.ready.isEmpty, readiness.reasons.isEmpty {
            return StepResult(.skipped, reason: .nothingToDo, warnings: notes + leftOut)
        }
        readiness.warnings = notes + leftOut + readiness.warnings
        if !beat.isDryRun { try SplitWatch.alert(readiness.suspicions, beat) }
        if let skip = hindrance ?? readiness.skip { return made.isEmpty ? skip : Self.told(made, readiness, skip) }
        let (heard, takesTime) = try await hear(readiness.ready, beat)
        readiness.warnings += heard.votes.warnings + heard.consultations.warnings
        // Others take their time: what is decided is decided as of the moment at which they are done.
        let beat = takesTime ? beat.refreshed() : beat
        if takesTime, let late = try DecisionReadiness.hindrance(beat) {
            return made.isEmpty ? late : Self.told(made, readiness, late)
        }
        beat.context.failpoints.hit(.decideBeforeWrite)
        let result =
            beat.isDryRun
            ? try beat.context.store.read { try decide(beat, readiness, heard, besides: made, in: $0).result }
            : try beat.context.store.write(durable: false) { try store(beat, readiness, heard, besides: made, in: $0) }
        beat.context.failpoints.hit(.decideAfterWrite)
        return result
    }

    /// What was gathered outside before the decision.
    private struct Heard {
        let votes: OutsideVotes.Gathered
        let consultations: Consultations.Heard
    }

    private func hear(_ members: [Beat.SessionMember], _ beat: Beat) async throws -> (Heard, takesTime: Bool) {
        let outside = OutsideVotes(beat: beat)
        let votes = try await outside.gather(members)
        let asking = Consultations(beat: outside.isNeeded ? beat.refreshed() : beat)
        let heard = Heard(votes: votes, consultations: try await asking.gather(members, votes))
        return (heard, outside.isNeeded || asking.isNeeded)
    }

    /// What was proposed from outside and has an order: whoever comes first has the symbol for the cycle.
    private static func proposed(_ beat: Beat, _ reader: StoreReader) throws -> [StoredDecision] {
        try reader.decisions(cycle: beat.cycle, origin: .propose).filter { $0.intentID != nil }
    }

    /// The decisions that stand, when none can be added: an earlier attempt was killed between its one transaction and its
    /// journal row, or what is missing comes too late.
    private static func told(_ made: [StoredDecision], _ readiness: DecisionReadiness, _ skip: StepResult) -> StepResult
    {
        let why = skip.warnings.joined(separator: "; ")
        let late = readiness.ready.map { "\($0.instrument.symbol) is not decided: \(why)" }
        return result(made, warnings: readiness.warnings + late)
    }

    private struct Decided {
        let decisions: [(decision: SymbolDecision, row: StoredDecision)]
        let evidence: JSONValue
        let result: StepResult

        init(
            decisions: [(decision: SymbolDecision, row: StoredDecision)], evidence: JSONValue, result: StepResult
        ) {
            self.decisions = decisions
            self.evidence = evidence
            self.result = result
        }

        /// Nothing can be added to what was decided before.
        init(nothing readiness: DecisionReadiness, _ earlier: [StoredDecision]) {
            let result =
                earlier.isEmpty
                ? StepResult(.skipped, reason: .notReady, warnings: readiness.warnings)
                : DecideStep.result(earlier, warnings: readiness.warnings)
            self.init(decisions: [], evidence: .null, result: result)
        }
    }

    private func decide(
        _ beat: Beat, _ readiness: DecisionReadiness, _ heard: Heard, besides earlier: [StoredDecision],
        in reader: StoreReader
    ) throws -> Decided {
        let books = try Books.load(
            reader, settings: beat.context.settings, calendars: beat.context.calendars, at: beat.now)
        // What is held of a symbol, and the bars it would be sized by, have to be of one scale.
        let doubted = books.doubts(beat.context).filter { doubt in
            readiness.ready.contains { $0.instrument.symbol == doubt.symbol }
        }
        // A proposal may have come while others were asked.
        let proposed = try Self.proposed(beat, reader).filter { proposal in
            readiness.ready.contains { $0.instrument.symbol == proposal.symbol }
        }
        let readiness = readiness.without(doubted).without(proposed)
        guard !readiness.ready.isEmpty else { return Decided(nothing: readiness, earlier) }
        let made = try DecisionInputs(beat: beat, reader: reader, books: books)
            .make(
                readiness.ready.map { ($0, try beat.broker(for: $0.instrument)) },
                DecisionInputs.Outside(
                    votes: { symbol, _ in heard.votes.votes[symbol] ?? [] }, advice: heard.consultations.advice))
        let decisions = try DecisionManager.decide(made.input)
        let evidence = try DecisionEvidence.document(made, beat, in: reader)
        let digest = evidence.digest
        let rows = decisions.map { StoredDecision($0, beat, digest: digest, origin: .decide) }
        var result = Self.result((earlier + rows).sorted { $0.symbol < $1.symbol }, warnings: readiness.warnings)
        result.inputDigest = digest
        result.warnings += decisions.flatMap(\.remarks)
        return Decided(decisions: Array(zip(decisions, rows)), evidence: evidence, result: result)
    }

    private func store(
        _ beat: Beat, _ readiness: DecisionReadiness, _ heard: Heard, besides made: [StoredDecision],
        in writer: StoreWriter
    ) throws -> StepResult {
        let decided = try decide(beat, readiness, heard, besides: made, in: writer)
        guard !decided.decisions.isEmpty else { return decided.result }
        try writer.put(decided.decisions, from: decided.evidence, beat, by: "decide")
        for (decision, _) in decided.decisions {
            guard let state = heard.consultations.states[decision.symbol] else { continue }
            try writer.putConsultationState(beat.profile.name, decision.symbol, state.json)
        }
        return decided.result
    }

    private static func result(_ decisions: [StoredDecision], warnings: [String]) -> StepResult {
        func count(_ action: StoredDecision.Action) -> JSONValue {
            .int(Int64(decisions.filter { $0.action == action }.count))
        }
        return StepResult(
            .succeeded,
            summary: [
                .init("buy", count(.buy)), .init("sell", count(.sell)), .init("hold", count(.hold)),
                .init("intents", .int(Int64(decisions.filter { $0.intentID != nil }.count))),
            ],
            items: decisions.map(DocumentItems.decision),
            warnings: warnings + decisions.compactMap(notReady) + missingOpinions(decisions),
            inputDigest: decisions.first?.inputDigest)
    }

    /// Agents outside that had nothing to say, by what kept them from it.
    private static func missingOpinions(_ decisions: [StoredDecision]) -> [String] {
        var symbols: [String: [Symbol]] = [:]
        var causes: [(agent: String, message: String)] = []
        for decision in decisions {
            for vote in Vote.all(in: decision.votes) {
                guard let agent = vote["agent"]?.stringValue, let message = Vote.missingOpinion(vote) else { continue }
                if symbols["\(agent) \(message)"] == nil { causes.append((agent, message)) }
                symbols["\(agent) \(message)", default: []].append(decision.symbol)
            }
        }
        return causes.map { agent, message in
            let names = (symbols["\(agent) \(message)"] ?? []).map(\.text).joined(separator: ", ")
            return "agent '\(agent)' has no opinion on \(names): \(message)"
        }
    }

    /// A symbol of which an agent has fewer bars than it needs is said to be not ready, with what is missing.
    private static func notReady(_ decision: StoredDecision) -> String? {
        let lacking = Vote.all(in: decision.votes).compactMap { vote -> (agent: String, missing: Int64)? in
            guard vote["detail"]?["reason"]?.stringValue == "warming-up", let agent = vote["agent"]?.stringValue,
                let bars = vote["detail"]?["bars"]?.intValue, let needed = vote["detail"]?["needed"]?.intValue
            else { return nil }
            return (agent, needed - bars)
        }
        guard !lacking.isEmpty else { return nil }
        let agents = lacking.map { "\($0.agent) lacks \($0.missing) bar(s)" }
        return "\(decision.symbol) is not-ready: \(agents.joined(separator: ", "))"
    }
}
