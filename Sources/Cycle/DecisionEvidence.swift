public import Core
internal import Decision
internal import MarketData
public import Store
internal import Settings

/// What is kept of a decision's input, and the proof that it gives the same decisions again.
///
/// Bars are kept once, in their own table with all their revisions; the document holds their count, span and digest and the
/// sequence number as of which they were read, and the splits that they were adjusted for. So neither a later correction of
/// a bar nor one of a split changes what an old decision saw.
public enum DecisionEvidence {
    static let schema = "takt.decision-evidence/1"

    static func document(_ made: DecisionInputs.Made, _ beat: Beat, in reader: StoreReader) throws -> JSONValue {
        let document: JSONValue = [
            "schema": .string(schema), "version": .string(beat.context.version),
            "config": JSONValue(beat.context.settings.configDigest), "profile": JSONValue(beat.profile.name),
            "bars_as_of": .int(Int64(try reader.currentSequence())), "input": made.input.json(bars: .byDigest),
        ]
        return AdjustmentEvidence.added(to: document, made)
    }

    /// Stored bars as the decision of that evidence saw them.
    ///
    /// - Throws: for evidence that takt did not write.
    public static func asSeen(_ raw: [Bar], of symbol: Symbol, in body: JSONValue?) throws -> [Bar] {
        try AdjustmentEvidence.asSeen(raw, of: symbol, in: body)
    }

    /// The audit entry that ties a decision to its evidence.
    static let auditKind = "decision"

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
        let inputs = Dictionary(rows.map { ($0.key, $0.inputDigest) }) { first, _ in first }
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
                outcome = compare(entry, last?.made, row: inputs[entry.key], known[entry.key] ?? [])
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
        case decisions([Symbol: Digest])
        case impossible(Recomputation.Outcome)
    }

    /// - Parameter row: the evidence that the row in the table names; the outer `nil` says that there is no row.
    private static func compare(
        _ entry: Recorded, _ made: Made?, row: Digest??, _ known: Set<Digest?>
    ) -> Recomputation.Outcome {
        guard let row else { return .different("its row in the table decisions is gone") }
        guard known.contains(row) else {
            return .different("its row in the table decisions names other evidence than the audit trail")
        }
        switch made {
        case .impossible(let outcome)?: return outcome
        case .decisions(let digests)?:
            guard let digest = digests[entry.key.symbol], digest == entry.output else {
                return .different("made again from its evidence, it comes out different")
            }
            return .same
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
            do {
                let raw = try reader.bars(
                    symbol, timeframe, from: Instant(epochSeconds: 0), until: cycle.barClose, asOf: Int(asOf))
                return try asSeen(raw, of: symbol, in: body)
            } catch {
                failure = error
                return []
            }
        }
        do {
            let decisions = try DecisionManager.decide(try DecisionInput(json: document, bars: stored))
            return .decisions(Dictionary(decisions.map { ($0.symbol, $0.json.digest) }) { first, _ in first })
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
        let seen = input["symbols"]?.arrayValue?.first { $0["instrument"]?["symbol"]?.stringValue == symbol.text }?[
            "bars"]
        guard let first = seen?["first_open_at"]?.stringValue.flatMap({ Instant(rfc3339: $0) }),
            let count = seen?["count"]?.intValue, let horizon = try reader.prunedBefore(timeframe), first < horizon
        else { return false }
        return found.count { $0.openAt >= first } < count
    }
}
