public import Core
internal import Decision
public import Store
internal import Settings

/// What is kept of a decision's input, and the proof that it gives the same decisions again.
///
/// Bars are kept once, in their own table with all their revisions; the document holds their count, span and digest and the
/// sequence number as of which they were read. So a later correction of a bar does not change what an old decision saw.
public enum DecisionEvidence {
    static let schema = "takt.decision-evidence/1"

    static func document(_ input: DecisionInput, _ beat: Beat, in reader: StoreReader) throws -> JSONValue {
        [
            "schema": .string(schema), "version": .string(beat.context.version),
            "config": JSONValue(beat.context.settings.configDigest), "profile": JSONValue(beat.profile.name),
            "bars_as_of": .int(Int64(try reader.currentSequence())), "input": input.json(bars: .byDigest),
        ]
    }

    /// One decision made again.
    public struct Recomputation: Sendable {
        public let symbol: Symbol
        /// Whether the audit trail's digest of the decision document is met to the byte.
        public let agrees: Bool
        public let recorded: Digest?
        public let recomputed: Digest
    }

    /// Whether `db prune` has taken bars away that the decisions of a cycle were made from: then they stand in the record and
    /// cannot be made again.
    public static func isBeyondRetention(_ cycle: CycleID, in reader: StoreReader) throws -> Bool {
        try inputs(of: cycle, reader).contains { digest in
            guard let input = try reader.evidence(digest)?.body["input"],
                let timeframe = input["timeframe"]?.stringValue.flatMap({ Timeframe($0) }),
                let horizon = try reader.prunedBefore(timeframe)
            else { return false }
            let firsts = (input["symbols"]?.arrayValue ?? []).compactMap { symbol in
                symbol["bars"]?["first_open_at"]?.stringValue.flatMap { Instant(rfc3339: $0) }
            }
            return firsts.contains { $0 < horizon }
        }
    }

    /// The addresses of what the cycle's decisions were made from: one, and another for each run that decided late bars.
    private static func inputs(of cycle: CycleID, _ reader: StoreReader) throws -> [Digest] {
        var digests: [Digest] = []
        for digest in try reader.decisions(cycle: cycle).compactMap(\.inputDigest) where !digests.contains(digest) {
            digests.append(digest)
        }
        return digests
    }

    /// Makes the decisions of a cycle again from their evidence and compares them with the audit trail. Ask
    /// ``isBeyondRetention(_:in:)`` first.
    public static func recompute(_ cycle: CycleID, in reader: StoreReader) throws -> [Recomputation] {
        try inputs(of: cycle, reader).flatMap { try recompute(cycle, from: $0, in: reader) }
            .sorted { $0.symbol < $1.symbol }
    }

    private static func recompute(
        _ cycle: CycleID, from digest: Digest, in reader: StoreReader
    ) throws -> [Recomputation] {
        guard let body = try reader.evidence(digest)?.body, let document = body["input"],
            let asOf = body["bars_as_of"]?.intValue
        else { return [] }
        guard body.digest == digest else {
            throw StepFailure(
                code: "evidence-damaged",
                message: "The evidence of \(cycle) does not have the content its address names.",
                hint: "The database was changed by hand or is damaged: run `takt db check` and `takt audit verify`.",
                isRetryable: false, exitCode: .badInput)
        }
        let timeframe = document["timeframe"]?.stringValue.flatMap { Timeframe($0) } ?? .fiveMinutes
        var failure: (any Error)?
        let input = try DecisionInput(json: document) { symbol in
            do {
                return try reader.bars(
                    symbol, timeframe, from: Instant(epochSeconds: 0), until: cycle.barClose, asOf: Int(asOf))
            } catch {
                failure = error
                return []
            }
        }
        if let failure { throw failure }
        return try DecisionManager.decide(input).map { decision in
            let entry = try reader.auditEntries(kind: "decision", subject: "\(cycle)|\(decision.symbol)").last
            let recorded = entry?.payload["output"]?.stringValue.flatMap { Digest(hex: $0) }
            let recomputed = decision.json.digest
            return Recomputation(
                symbol: decision.symbol, agrees: recorded == recomputed, recorded: recorded, recomputed: recomputed)
        }
    }
}
