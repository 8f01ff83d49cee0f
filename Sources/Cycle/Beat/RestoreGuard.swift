internal import Broker
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

    /// When the database was put back, `nil` if it never was.
    static func restoredAt(_ reader: StoreReader) throws -> Instant? {
        try reader.meta(key).flatMap { Instant(rfc3339: $0) }
    }

    /// The brokers whose books have not been compared with the restored ones yet: what is held there is not known.
    static func unknown(_ context: CycleContext, _ reader: StoreReader) throws -> Set<BrokerID> {
        guard let restored = try restoredAt(reader) else { return [] }
        var unknown: Set<BrokerID> = []
        for broker in context.brokers.values {
            let seen = try reader.meta(ReconciliationWriter.watermarkKey(broker)).flatMap { Instant(rfc3339: $0) }
            if seen.map({ $0 < restored }) ?? true { unknown.insert(broker.id) }
        }
        return unknown
    }

    /// Why a step has to wait, or `nil`. New decisions need to know every account; what protects one account does not wait for
    /// another's broker to come back.
    static func wait(_ beat: Beat, forAll: Bool) throws -> StepResult? {
        try beat.context.store.read { reader in
            let unknown = try unknown(beat.context, reader)
            guard !unknown.isEmpty, forAll || unknown.count == beat.context.brokers.count else { return nil }
            return .skipped(.notReady, try note(unknown, reader), exitCode: .halted)
        }
    }

    static func note(_ unknown: Set<BrokerID>, _ reader: StoreReader) throws -> String {
        let names = unknown.sorted().map(\.text).joined(separator: ", ")
        return
            "the database was restored at \(try restoredAt(reader)?.description ?? "?") and \(names) not reconciled since; "
            + "run `takt reconcile --again` before anything is sent there"
    }
}
