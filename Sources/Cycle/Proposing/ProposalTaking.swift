internal import Broker
internal import Core
internal import Decision
internal import Ledger
internal import Settings
internal import Store

/// Looks at proposals inside one transaction.
struct ProposalTaking {
    private let beat: Beat
    private let lines: [ProposalLine]
    private let reader: StoreReader
    /// Of this cycle, by symbol.
    private let earlier: [Symbol: StoredDecision]
    private let intents: [Symbol: OrderIntent]

    init(_ beat: Beat, _ lines: [ProposalLine], _ reader: StoreReader) throws {
        self.beat = beat
        self.lines = lines
        self.reader = reader
        let proposals = try reader.decisions(cycle: beat.cycle, origin: .propose)
        earlier = Dictionary(proposals.map { ($0.symbol, $0) }) { first, _ in first }
        let decided = try reader.intents(cycle: beat.cycle).filter { $0.handling.protects == nil }
        intents = Dictionary(decided.map { ($0.symbol, $0) }) { first, _ in first }
    }

    /// What is there for each line already; `nil` where nothing is.
    func standing() -> [ProposalAnswer?] { lines.map(standing) }

    private func standing(_ line: ProposalLine) -> ProposalAnswer? {
        guard case .success(let proposal) = line.content else { return line.refused }
        guard let made = earlier[proposal.symbol] else { return nil }
        if proposal.isSource(of: made.votes) {
            return ProposalAnswer(line: line.number, symbol: made.symbol, .repeated(made))
        }
        let there = made.votes.arrayValue?.first?["detail"]?["proposal"]?.text ?? "another one"
        let order = made.intentID.map { " with the intent \($0)" } ?? " without an order"
        return line.refused("proposed-otherwise", "has another proposal in this cycle\(order): \(there)")
    }

    /// What is taken now, and what is to be kept of it.
    struct Taken {
        let answers: [ProposalAnswer]
        let decisions: [(decision: SymbolDecision, row: StoredDecision)]
        let evidence: JSONValue
    }

    func decide(_ readiness: DecisionReadiness) throws -> Taken {
        var answers: [Int: ProposalAnswer] = [:]
        var wanted: [Symbol: (line: ProposalLine, proposal: OutsideProposal)] = [:]
        var later: [(line: ProposalLine, proposal: OutsideProposal)] = []
        let books = try Books.load(
            reader, settings: beat.context.settings, calendars: beat.context.calendars, at: beat.now)
        let readiness = readiness.without(books.doubts(beat.context))
        for line in lines {
            if let told = standing(line) {
                answers[line.number] = told
            } else if case .success(let proposal) = line.content {
                if wanted[proposal.symbol] != nil {
                    later.append((line, proposal))
                } else if let (code, reason) = hindrance(proposal.symbol, readiness) {
                    answers[line.number] = line.refused(code, reason)
                } else {
                    wanted[proposal.symbol] = (line, proposal)
                }
            }
        }
        let made = try make(wanted.mapValues(\.proposal), readiness, books)
        let rows = Dictionary(made.decisions.map { ($0.row.symbol, $0.row) }) { first, _ in first }
        for (symbol, first) in wanted {
            guard let row = rows[symbol] else { continue }
            let number = first.line.number
            answers[number] = ProposalAnswer(line: number, symbol: symbol, .taken(row))
            for (line, proposal) in later where proposal.symbol == symbol {
                answers[line.number] =
                    proposal.isSameWish(as: first.proposal)
                    ? ProposalAnswer(line: line.number, symbol: symbol, .repeated(row))
                    : line.refused(
                        "proposed-otherwise", "has another proposal in line \(number): \(first.proposal.json.text)")
            }
        }
        return Taken(
            answers: lines.map { answers[$0.number] ?? $0.refused }, decisions: made.decisions, evidence: made.evidence)
    }

    /// What keeps a symbol from being decided on: a stable code, and what goes on from the symbol.
    private func hindrance(_ symbol: Symbol, _ readiness: DecisionReadiness) -> (code: String, reason: String)? {
        let own = beat.profile.symbols
        guard own.contains(symbol) else {
            let nearest = Nearest.match(symbol.text, in: own.map(\.text)).map { "; did you mean \($0)?" } ?? ""
            return ("unknown-symbol", "is not traded by the profile '\(beat.profile.name)'\(nearest)")
        }
        if let intent = intents[symbol] {
            return (
                "decided",
                "has an order in this cycle already: \(intent.side.rawValue) \(intent.quantity) (\(intent.id), "
                    + "\(intent.state.rawValue))"
            )
        }
        if let reason = readiness.reasons[symbol] { return ("not-ready", reason) }
        guard readiness.ready.contains(where: { $0.instrument.symbol == symbol }) else {
            return ("market-closed", "has no bar that closes at \(beat.cycle.barClose)")
        }
        if let skip = readiness.skip { return ("not-ready", "is not-ready: \(skip.warnings.joined(separator: "; "))") }
        return nil
    }

    /// One decision for all of them, by the proposals alone.
    private func make(
        _ proposals: [Symbol: OutsideProposal], _ readiness: DecisionReadiness, _ books: Books
    ) throws -> (decisions: [(decision: SymbolDecision, row: StoredDecision)], evidence: JSONValue) {
        guard !proposals.isEmpty else { return ([], .null) }
        let members = readiness.ready.filter { proposals[$0.instrument.symbol] != nil }
        let outside = DecisionInputs.Outside(
            agents: [try AgentSpec(.outside, name: .propose)],
            votes: { symbol, held in proposals[symbol].map { [$0.vote(at: held)] } ?? [] },
            terms: proposals.mapValues(\.terms))
        let made = try DecisionInputs(beat: beat, reader: reader, books: books)
            .make(members.map { ($0, try beat.broker(for: $0.instrument)) }, outside)
        let evidence = try DecisionEvidence.document(made, beat, in: reader)
        let digest = evidence.digest
        let decisions = try DecisionManager.decide(made.input).map { decision in
            (decision, StoredDecision(decision, beat, digest: digest, origin: .propose))
        }
        return (decisions, evidence)
    }
}

extension ProposalTaking.Taken {
    func store(_ beat: Beat, in writer: StoreWriter) throws {
        guard !decisions.isEmpty else { return }
        try writer.put(decisions, from: evidence, beat, by: "propose")
    }
}

extension StoreWriter {
    /// Keeps decisions with what they were made from, their intents, the orders they take back and their entries in the audit
    /// trail.
    func put(
        _ decisions: [(decision: SymbolDecision, row: StoredDecision)], from evidence: JSONValue, _ beat: Beat,
        by actor: String
    ) throws {
        let digest = try putEvidence("decision-input", evidence)
        for (decision, row) in decisions {
            if let intent = decision.intent { _ = try insertIntent(intent) }
            _ = try insertDecision(row)
            try wishCancelled(
                decision.cancels, because: "against what was decided: \(row.key)", by: actor, at: beat.now)
            let payload: JSONValue = [
                "action": .string(decision.action.rawValue), "confidence": .double(decision.confidence),
                "intent_id": JSONValue(decision.intent?.id), "input": JSONValue(digest),
                "output": JSONValue(decision.json.digest),
            ]
            try appendAudit(
                at: beat.now, actor: actor, kind: DecisionEvidence.auditKind, subject: row.key.description,
                payload: decision.cancels.isEmpty
                    ? payload : payload.setting("cancels", .array(decision.cancels.map { JSONValue($0) })))
        }
    }
}

extension StoredDecision {
    init(_ decision: SymbolDecision, _ beat: Beat, digest: Digest, origin: Origin) {
        let json = decision.json
        self.init(
            cycle: beat.cycle, symbol: decision.symbol, action: Action(rawValue: decision.action.rawValue) ?? .hold,
            confidence: decision.confidence, votes: json["votes"] ?? [], filters: json["filters"] ?? [],
            intentID: decision.intent?.id, inputDigest: digest, createdAt: beat.now, origin: origin)
    }
}
