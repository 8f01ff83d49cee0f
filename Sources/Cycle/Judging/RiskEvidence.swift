public import Core
internal import Risk
internal import Settings
public import Store

/// What is kept of a risk check: everything it looked at, twice (the account first, then the intents with the exits and halts
/// that the first look asked for), and the digests of what it said. So a refusal can be made again to the byte.
public enum RiskEvidence {
    static let schema = "takt.risk-evidence/1"
    /// The audit entry that ties a cycle to its evidence.
    static let auditKind = "risk.checked"

    /// - Returns: The address of the evidence.
    static func record(
        account: (input: RiskCheck, verdict: AccountVerdict),
        verdicts: (input: RiskCheck, intents: [OrderIntent], said: [IntentVerdict]), _ beat: Beat,
        in writer: StoreWriter
    ) throws -> Digest {
        let (first, second) = (account.input.json, verdicts.input.json)
        let digest = try writer.putEvidence(
            "risk-input",
            [
                "schema": .string(schema), "version": .string(beat.context.version),
                "config": JSONValue(beat.context.settings.configDigest), "profile": JSONValue(beat.profile.name),
                "account": first,
                // Mostly nothing has changed between the two looks.
                "intents_input": second == first ? .null : second,
                "intents": .array(verdicts.intents.map(\.evidence)),
            ])
        try writer.appendAudit(
            at: beat.now, actor: "risk-check", kind: auditKind, subject: beat.cycle.description,
            payload: [
                "input": JSONValue(digest), "account": JSONValue(account.verdict.json.digest),
                "verdicts": JSONValue(JSONValue.array(verdicts.said.map(\.json)).digest),
            ])
        return digest
    }

    /// One risk check made again.
    public struct Recomputation: Sendable {
        /// The cycle.
        public let subject: String
        /// The entry of the audit trail.
        public let sequence: Int64
        /// Whether the audit trail's digests of the account's and of the intents' verdicts are met to the byte.
        public let agrees: Bool
    }

    /// Makes the risk checks of a cycle, or of all, again from their evidence and compares them with the audit trail.
    public static func recompute(_ cycle: CycleID? = nil, in reader: StoreReader) throws -> [Recomputation] {
        try reader.auditEntries(kind: auditKind, subject: cycle?.description).map { entry in
            Recomputation(
                subject: entry.subject, sequence: entry.sequence, agrees: try agrees(entry.payload, in: reader))
        }
    }

    /// Evidence that is not there, or cannot be read, agrees with nothing.
    private static func agrees(_ payload: JSONValue, in reader: StoreReader) throws -> Bool {
        guard let digest = payload["input"]?.stringValue.flatMap({ Digest(hex: $0) }),
            let body = try reader.evidence(digest)?.body, body.digest == digest
        else { return false }
        let said: (account: JSONValue, verdicts: JSONValue)
        do { said = try judge(body) } catch { return false }
        return payload["account"]?.stringValue == said.account.digest.hex
            && payload["verdicts"]?.stringValue == said.verdicts.digest.hex
    }

    private static func judge(_ body: JSONValue) throws(RiskError) -> (account: JSONValue, verdicts: JSONValue) {
        let evidence = try EvidenceReader<RiskError>(body, path: "evidence")
        let first = try RiskCheck(json: try evidence.member("account"))
        let changed = try evidence.member("intents_input")
        let second = changed == .null ? first : try RiskCheck(json: changed)
        var intents: [OrderIntent] = []
        for item in try evidence.objects("intents") { intents.append(try OrderIntent(item)) }
        return (first.account().json, .array(second.intents(intents).map(\.json)))
    }
}
