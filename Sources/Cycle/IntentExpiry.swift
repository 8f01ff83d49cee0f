internal import Core
internal import Store

/// A late command is a new decision: intents whose window has closed are neither judged nor sent, and must not keep anything
/// blocked either. An exit that nobody sent would otherwise count as "on its way" and keep every later stop-loss from going
/// out; an entry of a beat long gone would occupy cash and limits.
enum IntentExpiry {
    static func sweep(at now: Instant, in writer: StoreWriter) throws {
        for intent in try writer.intents(states: [.proposed, .approved]) where now >= intent.expiresAt {
            let reason = Reason(code: "expired", message: "its window ended at \(intent.expiresAt), before it was sent")
            try writer.updateIntent(
                intent.id, expecting: intent.state, state: .expired, attempt: intent.attempt,
                reasons: intent.reasons + [reason])
            try writer.appendAudit(
                at: now, actor: "takt", kind: "intent.expired", subject: intent.id.text,
                payload: ["code": .string(reason.code), "message": .string(reason.message)])
            if intent.wasTried { try UnsentOrders.alert(intent, at: now, in: writer) }
        }
    }
}

extension OrderIntent {
    /// Whether an earlier attempt was made and reached nobody: only then is an intent that waits to be sent past its first.
    var wasTried: Bool { attempt > 1 }
}
