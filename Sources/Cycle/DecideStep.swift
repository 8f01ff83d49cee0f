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
            let decided = Set(try reader.decisions(cycle: beat.cycle).map(\.symbol))
            let watch = try SplitWatch(beat, reader)
            return try beat.sessionMembers().contains { member in
                guard try !decided.contains(member.instrument.symbol) && hasBar(member, beat, reader) else {
                    return false
                }
                let bars = try watch.window(member)
                return try SplitWatch.mixture(member, in: bars) == nil && watch.finding(member, in: bars) == nil
            }
        }
    }

    func run(_ beat: Beat) async throws -> StepResult {
        let made = try beat.context.store.read { try $0.decisions(cycle: beat.cycle) }
        let hindrance = try hindrance(beat)
        if made.isEmpty, let hindrance { return hindrance }
        // What is held has to be on the scale of the bars: a split of this morning is booked before anything is sized.
        let notes = beat.isDryRun || hindrance != nil ? [] : try await ActivityBooking.bringUpToDate(beat)
        var readiness = try readiness(beat, besides: Set(made.map(\.symbol)))
        readiness.warnings = notes + readiness.warnings
        if !beat.isDryRun { try SplitWatch.alert(readiness.suspicions, beat) }
        if let skip = hindrance ?? readiness.skip { return made.isEmpty ? skip : Self.told(made, readiness, skip) }
        let outside = OutsideVotes(beat: beat)
        let heard = try await outside.gather(readiness.ready)
        readiness.warnings += heard.warnings
        // Programs take their time: what is decided is decided as of the moment at which they are done.
        let beat = outside.isNeeded ? beat.refreshed() : beat
        if outside.isNeeded, let late = try self.hindrance(beat) {
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

    /// What keeps every symbol from being decided.
    private func hindrance(_ beat: Beat) throws -> StepResult? {
        if let wait = try RestoreGuard.wait(beat, forAll: true) { return wait }
        guard beat.missedItsWindow else { return nil }
        return .skipped(
            .nothingToDo, "the cycle's window ended at \(beat.expiresAt); a late decision is the next bar's business")
    }

    /// The decisions that stand, when none can be added: an earlier attempt was killed between its one transaction and its
    /// journal row, or what is missing comes too late.
    private static func told(_ made: [StoredDecision], _ readiness: Readiness, _ skip: StepResult) -> StepResult {
        let why = skip.warnings.joined(separator: "; ")
        let late = readiness.ready.map { "\($0.instrument.symbol) is not decided: \(why)" }
        return result(made, warnings: readiness.warnings + late)
    }

    private struct Readiness {
        /// Members that have their bar and no decision yet.
        var ready: [Beat.SessionMember] = []
        /// Jumps that keep their symbols from being decided.
        var suspicions: [SplitSuspicion.Finding] = []
        /// A bar is there and must not be decided on.
        var isHindered = false
        var warnings: [String] = []
        var skip: StepResult?

        func without(_ doubts: [ScaleDoubt]) -> Readiness {
            var rest = self
            for doubt in doubts {
                rest.ready.removeAll { $0.instrument.symbol == doubt.symbol }
                rest.warnings.append("\(doubt.symbol) is not-ready: \(doubt.code): \(doubt.text)")
            }
            return rest
        }
    }

    private func hasBar(_ member: Beat.SessionMember, _ beat: Beat, _ reader: StoreReader) throws -> Bool {
        let slot = member.slot
        let newest = try reader.lastBars(
            member.instrument.symbol, beat.profile.timeframe, count: 1, closedBefore: slot.openAt.advanced(bySeconds: 1)
        ).last
        return newest?.openAt == slot.openAt
    }

    private func readiness(_ beat: Beat, besides decided: Set<Symbol>) throws -> Readiness {
        var readiness = Readiness()
        let members = try beat.sessionMembers()
        guard !members.isEmpty else {
            readiness.skip = .skipped(
                .marketClosed, "no exchange of the profile has a bar that closes at \(beat.cycle.barClose)")
            return readiness
        }
        try beat.context.store.read { reader in
            let watch = try SplitWatch(beat, reader)
            for member in members where !decided.contains(member.instrument.symbol) {
                guard try hasBar(member, beat, reader) else {
                    readiness.warnings.append("\(member.instrument.symbol) has no bar for this cycle and is left out")
                    continue
                }
                let bars = try watch.window(member)
                if let mixture = SplitWatch.mixture(member, in: bars) {
                    readiness.isHindered = true
                    readiness.warnings.append("\(member.instrument.symbol) is not-ready: \(mixture)")
                } else if let finding = try watch.finding(member, in: bars) {
                    readiness.isHindered = true
                    readiness.suspicions.append(finding)
                    readiness.warnings.append("\(member.instrument.symbol) is not-ready: \(SplitWatch.text(finding))")
                } else {
                    readiness.ready.append(member)
                }
            }
            for id in Set(try readiness.ready.map { try beat.broker(for: $0.instrument).id })
            where try !reader.hasAccount(id, beat.context.brokers[id]?.account ?? AccountID("")) {
                readiness.skip = .skipped(
                    .notReady, "the account at \(id) is not open in the books; run `takt fetch-bars` first")
            }
        }
        guard readiness.ready.isEmpty else { return readiness }
        var skip = StepResult.skipped(
            .notReady, "no symbol has its bar yet; run `takt fetch-bars`, then `takt decide` again")
        if readiness.isHindered { skip.warnings = readiness.warnings }
        readiness.skip = skip
        return readiness
    }

    private struct Decided {
        let decisions: [SymbolDecision]
        let evidence: JSONValue
        let result: StepResult

        init(decisions: [SymbolDecision], evidence: JSONValue, result: StepResult) {
            self.decisions = decisions
            self.evidence = evidence
            self.result = result
        }

        /// Nothing can be added to what was decided before.
        init(nothing readiness: Readiness, _ earlier: [StoredDecision]) {
            let result =
                earlier.isEmpty
                ? StepResult(.skipped, reason: .notReady, warnings: readiness.warnings)
                : DecideStep.result(earlier, warnings: readiness.warnings)
            self.init(decisions: [], evidence: .null, result: result)
        }
    }

    private func decide(
        _ beat: Beat, _ readiness: Readiness, _ heard: OutsideVotes.Gathered, besides earlier: [StoredDecision],
        in reader: StoreReader
    ) throws -> Decided {
        let books = try Books.load(
            reader, settings: beat.context.settings, calendars: beat.context.calendars, at: beat.now)
        // What is held of a symbol, and the bars it would be sized by, have to be of one scale.
        let doubted = books.doubts(beat.context).filter { doubt in
            readiness.ready.contains { $0.instrument.symbol == doubt.symbol }
        }
        let readiness = readiness.without(doubted)
        guard !readiness.ready.isEmpty else { return Decided(nothing: readiness, earlier) }
        let made = try DecisionInputs(beat: beat, reader: reader, books: books)
            .make(readiness.ready.map { ($0, try beat.broker(for: $0.instrument)) }, opinions: heard.votes)
        let decisions = try DecisionManager.decide(made.input)
        let evidence = try DecisionEvidence.document(made, beat, in: reader)
        let rows = decisions.map { stored($0, beat, digest: evidence.digest) }
        var result = Self.result((earlier + rows).sorted { $0.symbol < $1.symbol }, warnings: readiness.warnings)
        result.inputDigest = evidence.digest
        return Decided(decisions: decisions, evidence: evidence, result: result)
    }

    private func store(
        _ beat: Beat, _ readiness: Readiness, _ heard: OutsideVotes.Gathered, besides made: [StoredDecision],
        in writer: StoreWriter
    ) throws -> StepResult {
        let decided = try decide(beat, readiness, heard, besides: made, in: writer)
        guard !decided.decisions.isEmpty else { return decided.result }
        let digest = try writer.putEvidence("decision-input", decided.evidence)
        for decision in decided.decisions {
            if let intent = decision.intent { _ = try writer.insertIntent(intent) }
            _ = try writer.insertDecision(stored(decision, beat, digest: digest))
            try writer.appendAudit(
                at: beat.now, actor: "decide", kind: "decision", subject: "\(beat.cycle)|\(decision.symbol)",
                payload: [
                    "action": .string(decision.action.rawValue), "confidence": .double(decision.confidence),
                    "intent_id": JSONValue(decision.intent?.id), "input": JSONValue(digest),
                    "output": JSONValue(decision.json.digest),
                ])
        }
        return decided.result
    }

    private func stored(_ decision: SymbolDecision, _ beat: Beat, digest: Digest) -> StoredDecision {
        let json = decision.json
        return StoredDecision(
            cycle: beat.cycle, symbol: decision.symbol,
            action: StoredDecision.Action(rawValue: decision.action.rawValue) ?? .hold, confidence: decision.confidence,
            votes: json["votes"] ?? [], filters: json["filters"] ?? [], intentID: decision.intent?.id,
            inputDigest: digest,
            createdAt: beat.now)
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
            for vote in decision.votes.arrayValue ?? [] {
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
        let lacking = (decision.votes.arrayValue ?? []).compactMap { vote -> (agent: String, missing: Int64)? in
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
