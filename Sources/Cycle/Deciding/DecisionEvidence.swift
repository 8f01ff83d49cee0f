public import Core
internal import Decision
internal import Settings
internal import Store

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
}
