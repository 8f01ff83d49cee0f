public import Core
public import Store

/// A late command is a new decision: intents whose window has closed, or whose ground has been taken away, are neither judged
/// nor sent, and must not keep anything blocked either. An exit that nobody sent would otherwise count as "on its way" and
/// keep every later stop-loss from going out; an entry of a beat long gone would occupy cash and limits.
public enum IntentExpiry {
    static func sweep(at now: Instant, in writer: StoreWriter) throws {
        for intent in try writer.intents(states: [.proposed, .approved]) where now >= intent.expiresAt {
            let message = "its window ended at \(intent.expiresAt), before it was sent"
            try expire(intent, Reason(code: "expired", message: message), by: "takt", at: now, in: writer)
            if intent.wasTried { try UnsentOrders.alert(intent, at: now, in: writer) }
        }
    }

    /// Lets what would open or enlarge a position, and has not been sent, expire: it was decided before the positions were to
    /// be closed.
    ///
    /// - Parameter symbol: Only this symbol; `nil` is everything.
    public static func withdrawEntries(
        of symbol: Symbol?, because reason: Reason, by actor: String, at now: Instant, in writer: StoreWriter
    ) throws {
        for intent in try writer.intents(states: [.proposed, .approved])
        where !intent.purpose.reducesRisk && (symbol == nil || intent.symbol == symbol) {
            try expire(intent, reason, by: actor, at: now, in: writer)
        }
    }

    static func expire(
        _ intent: OrderIntent, _ reason: Reason, by actor: String, at now: Instant, in writer: StoreWriter
    ) throws {
        try writer.updateIntent(
            intent.id, expecting: intent.state, state: .expired, attempt: intent.attempt,
            reasons: intent.reasons + [reason])
        try writer.appendAudit(
            at: now, actor: actor, kind: "intent.expired", subject: intent.id.text,
            payload: ["code": .string(reason.code), "message": .string(reason.message)])
    }
}

extension OrderIntent {
    /// Whether an earlier attempt was made and reached nobody: only then is an intent that waits to be sent past its first.
    var wasTried: Bool { attempt > 1 }
}
