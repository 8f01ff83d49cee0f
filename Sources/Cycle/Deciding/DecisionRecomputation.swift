public import Core
internal import Decision
internal import MarketData
public import Store

extension DecisionEvidence {
    /// One decision made again.
    public struct Recomputation: Sendable {
        public enum Outcome: Hashable, Sendable {
            /// The audit trail's digest of the decision document is met to the byte.
            case same
            /// It is not met, or nothing is left to make the decision from: why.
            case different(String)
            /// `db prune` has taken bars away that the decision was made from: it stands in the record and cannot be made
            /// again.
            case beyondRetention
        }

        public let key: StoredDecision.Key
        public let outcome: Outcome
        public var cycle: CycleID { key.cycle }
        public var symbol: Symbol { key.symbol }
        public var agrees: Bool { outcome == .same }
    }

    /// Makes the decisions of a cycle, or of all, again from their evidence and compares them with the audit trail.
    ///
    /// The audit trail says what has to be there: a decision whose evidence or whose row is gone differs, and so does one
    /// that the trail does not know. Whatever was changed by hand is an outcome, never an error, so that one bad cycle does
    /// not hide the others.
    public static func recompute(_ cycle: CycleID? = nil, in reader: StoreReader) throws -> [Recomputation] {
        let entries = try reader.auditEntries(kind: auditKind, partsOf: cycle?.description).compactMap(Recorded.init)
        let rows = try cycle.map { try reader.decisions(cycle: $0) } ?? reader.decisions()
        let stored = Dictionary(rows.map { ($0.key, $0) }) { first, _ in first }
        // A step that was run again has several entries for one row, which stays the first one's.
        let known = Dictionary(grouping: entries, by: \.key).mapValues { Set($0.map(\.input)) }
        // The symbols of a cycle share their evidence and follow each other in the trail.
        var last: (cycle: CycleID, input: Digest, made: Made)?
        var results: [Recomputation] = []
        for entry in entries {
            let outcome: Recomputation.Outcome
            if let input = entry.input {
                if last?.cycle != entry.cycle || last?.input != input {
                    last = (entry.cycle, input, try make(entry.cycle, from: input, in: reader))
                }
                outcome = try compare(entry, last?.made, row: stored[entry.key], known[entry.key] ?? [], in: reader)
            } else {
                outcome = .different("its entry in the audit trail names no evidence")
            }
            results.append(Recomputation(key: entry.key, outcome: outcome))
        }
        results += rows.filter { known[$0.key] == nil }.map {
            Recomputation(key: $0.key, outcome: .different("the audit trail does not know it"))
        }
        return results
    }

    /// What the audit trail says of a decision.
    private struct Recorded {
        /// Of its row.
        let key: StoredDecision.Key
        let input: Digest?
        let output: Digest?
        var cycle: CycleID { key.cycle }

        init?(_ entry: AuditEntry) {
            guard let key = StoredDecision.Key(entry.subject) else { return nil }
            func digest(_ key: String) -> Digest? { entry.payload[key]?.stringValue.flatMap { Digest(hex: $0) } }
            self.key = key
            input = digest("input")
            output = digest("output")
        }
    }

    /// What came of making the decisions of a cycle again.
    private enum Made {
        case decisions([Symbol: SymbolDecision])
        case impossible(Recomputation.Outcome)
    }

    /// - Parameter row: `nil` if there is none.
    private static func compare(
        _ entry: Recorded, _ made: Made?, row: StoredDecision?, _ known: Set<Digest?>, in reader: StoreReader
    ) throws -> Recomputation.Outcome {
        guard let row else { return .different("its row in the table decisions is gone") }
        guard known.contains(row.inputDigest) else {
            return .different("its row in the table decisions names other evidence than the audit trail")
        }
        switch made {
        case .impossible(let outcome)?: return outcome
        case .decisions(let decisions)?:
            guard let decision = decisions[entry.key.symbol], decision.json.digest == entry.output else {
                return .different("made again from its evidence, it comes out different")
            }
            // Of several entries for one row, the row is that of the first.
            guard row.inputDigest == entry.input else { return .same }
            return try row.difference(from: decision, in: reader).map { .different($0) } ?? .same
        case nil: return .different("its evidence is gone")
        }
    }

    private static func make(_ cycle: CycleID, from digest: Digest, in reader: StoreReader) throws -> Made {
        guard let body = try reader.evidence(digest)?.body else {
            return .impossible(.different("its evidence is gone"))
        }
        guard body.digest == digest else {
            return .impossible(.different("its evidence does not have the content that its address names"))
        }
        guard let document = body["input"], let asOf = body["bars_as_of"]?.intValue,
            let timeframe = document["timeframe"]?.stringValue.flatMap({ Timeframe($0) })
        else { return .impossible(.different("its evidence cannot be read")) }
        var failure: (any Error)?
        func stored(_ symbol: Symbol) -> [Bar] {
            // All of the history would be read for each cycle.
            guard let first = references(to: symbol, in: document).compactMap(\.firstOpenAt).min() else { return [] }
            do {
                let raw = try reader.bars(symbol, timeframe, from: first, until: cycle.barClose, asOf: Int(asOf))
                return try asSeen(raw, of: symbol, in: body)
            } catch {
                failure = error
                return []
            }
        }
        do {
            let decisions = try DecisionManager.decide(try DecisionInput(json: document, bars: stored))
            return .decisions(Dictionary(decisions.map { ($0.symbol, $0) }) { first, _ in first })
        } catch {
            switch failure {
            case nil: break
            case StoreError.damagedRow(let table, let detail)?:
                return .impossible(.different("the table \(table) holds a row that takt did not write (\(detail))"))
            case let failure? where failure is BarMakingError || failure is DecisionError:
                return .impossible(.different("its bars cannot be made again: \(failure)"))
            case let failure?: throw failure
            }
            if case DecisionError.barsChanged(let symbol, _, _) = error,
                try isPruned(symbol, document, timeframe, stored(symbol), in: reader)
            {
                return .impossible(.beyondRetention)
            }
            return .impossible(.different("it cannot be made again: \(error)"))
        }
    }

    /// Whether bars that a decision saw are gone, and the audit trail says that `db prune` has taken bars of that age away.
    private static func isPruned(
        _ symbol: Symbol, _ input: JSONValue, _ timeframe: Timeframe, _ found: [Bar], in reader: StoreReader
    ) throws -> Bool {
        guard let horizon = try reader.prunedBefore(timeframe) else { return false }
        return references(to: symbol, in: input).contains { seen in
            guard let first = seen.firstOpenAt, first < horizon else { return false }
            return found.count { $0.openAt >= first } < seen.count
        }
    }

    /// Where an input names bars of a symbol: of one that was decided on, or of a holding.
    private static func references(
        to symbol: Symbol, in input: JSONValue
    ) -> [(firstOpenAt: Instant?, count: Int64)] {
        let decided = (input["symbols"]?.arrayValue ?? []).filter {
            $0["instrument"]?["symbol"]?.stringValue == symbol.text
        }
        let held = (input["commitments"]?["held"]?.arrayValue ?? []).filter {
            $0["symbol"]?.stringValue == symbol.text
        }
        return (decided + held).compactMap { item in
            guard let bars = item["bars"], let count = bars["count"]?.intValue else { return nil }
            return (bars["first_open_at"]?.stringValue.flatMap { Instant(rfc3339: $0) }, count)
        }
    }
}

extension StoredDecision {
    /// What the row, or the intent that it names, says otherwise than the decision it was written from; `nil` for nothing.
    fileprivate func difference(from made: SymbolDecision, in reader: StoreReader) throws -> String? {
        let json = made.json
        var fields: [String] = []
        if action.rawValue != made.action.rawValue { fields.append("action") }
        if confidence != made.confidence { fields.append("confidence") }
        if votes.text != json["votes"]?.text { fields.append("votes") }
        if filters.text != json["filters"]?.text { fields.append("filters") }
        if intentID != made.intent?.id { fields.append("intent_id") }
        guard fields.isEmpty else {
            return "its row in the table decisions says otherwise: \(fields.joined(separator: ", "))"
        }
        guard let wanted = made.intent else { return nil }
        guard let found = try reader.intent(wanted.id) else { return "its intent \(wanted.id) is gone" }
        let terms = found.terms(otherThan: wanted)
        return terms.isEmpty ? nil : "its intent \(wanted.id) says otherwise: \(terms.joined(separator: ", "))"
    }
}

extension OrderIntent {
    /// What never changes of an intent, and differs. State, attempt and reasons move on; a split or a hand at the broker changes
    /// the order that was sent, never the intent; and the time of creation is that of the first who stored it.
    fileprivate func terms(otherThan wanted: OrderIntent) -> [String] {
        let pairs: [(name: String, isSame: Bool)] = [
            ("side", side == wanted.side), ("quantity", quantity == wanted.quantity), ("type", type == wanted.type),
            ("time_in_force", timeInForce == wanted.timeInForce), ("handling", handling == wanted.handling),
            ("broker", broker == wanted.broker),
            ("reference_price", referencePrice == wanted.referencePrice), ("expires_at", expiresAt == wanted.expiresAt),
        ]
        return pairs.filter { !$0.isSame }.map(\.name)
    }
}
