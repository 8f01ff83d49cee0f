public import Core
public import Store

/// After a backup has been put back, the database does not know what was sent since. Nothing is decided on it or sent from it
/// before every broker has been reconciled.
public enum RestoreGuard {
    static let key = "restored-at"

    /// Prepares a restored database before it takes the old one's place: what was about to be sent is no longer, and a halt
    /// stands until a person has looked.
    public static func prepare(_ writer: StoreWriter, from file: String, by actor: String, at now: Instant) throws {
        let reason = Reason(code: "restored", message: "the database was restored from \(file)")
        for intent in try writer.intents(states: [.proposed, .approved]) {
            try IntentExpiry.expire(intent, reason, by: actor, at: now, in: writer)
        }
        _ = try writer.setHalt(scope: "all", code: "restored", message: reason.message, at: now, by: actor)
        try writer.setMeta(key, now.description)
        _ = try writer.appendAudit(
            at: now, actor: actor, kind: "database.restored", subject: file, payload: ["at": JSONValue(now)])
    }

    /// Why a step has to wait, or `nil`.
    static func wait(_ beat: Beat) throws -> StepResult? {
        try beat.context.store.read { reader in
            guard let restored = try reader.meta(key).flatMap({ Instant(rfc3339: $0) }) else { return nil }
            for broker in beat.context.brokers.values {
                let seen = try reader.meta(ReconciliationWriter.watermarkKey(broker)).flatMap { Instant(rfc3339: $0) }
                guard let seen, seen >= restored else {
                    return .skipped(
                        .notReady,
                        "the database was restored at \(restored); run `takt reconcile --again` before anything is sent",
                        exitCode: .halted)
                }
            }
            return nil
        }
    }
}
