internal import Core
internal import Ledger
internal import Risk
internal import Settings
internal import Store

/// Writes what the risk check decided.
struct RiskRecord {
    let beat: Beat
    let writer: StoreWriter

    private var alerts: AlertDesk { AlertDesk(context: beat.context, now: beat.now) }

    func halts(_ orders: [HaltOrder]) throws {
        for order in orders {
            let id = try writer.setHalt(
                scope: order.scope, code: order.code, message: order.message, at: beat.now, by: "risk-check")
            guard let id else { continue }
            try writer.appendAudit(
                at: beat.now, actor: "risk-check", kind: "halt.set", subject: order.scope.description,
                payload: ["code": .string(order.code), "message": .string(order.message)])
            try alerts.raise(
                key: "halt:\(id)", severity: .critical, kind: order.code,
                title: order.isEmergency ? "EMERGENCY SHUTDOWN" : "Trading halted: \(order.code)", body: order.message,
                in: writer)
        }
    }

    func cancellations(_ orders: [ClientOrderID]) throws {
        try writer.wishCancelled(
            orders, because: "in the way of an emergency, a flatten or a protective exit", by: "risk-check",
            at: beat.now)
    }

    /// Once a day: nothing watches the position until somebody has looked.
    func doubts(_ doubts: [ScaleDoubt]) throws {
        for doubt in doubts {
            let subject = "\(doubt.symbol):\(doubt.broker?.text ?? "any"):\(doubt.date)"
            try alerts.raise(
                key: "scale:\(doubt.code):\(subject):\(beat.now.utcDate)", severity: .error, kind: doubt.code,
                title: "\(doubt.symbol) is held and its price is not believed", body: doubt.warning,
                fields: ["symbol": JSONValue(doubt.symbol), "date": JSONValue(doubt.date)], dedupeSeconds: 86_400,
                in: writer)
        }
    }

    /// The word of an operator is over: what it kept from the limits, they judge from now on.
    func endedStatements(_ readings: [PriceWatch.HeldReading]) throws {
        for held in readings {
            guard let (stated, end) = held.reading.ended else { continue }
            let position = held.position
            var over = stated
            over.endedAt = beat.now
            try writer.setMeta(StatedPrice.key(position), over.text)
            try alerts.raise(
                key: "stated-price-ended:\(position.symbol):\(position.broker):\(position.account):\(stated.at)",
                severity: .warning, kind: "stated-price-ended",
                title: "The price that was stated of \(position.symbol) is over",
                body:
                    "\(position.symbol) at \(position.broker) was valued at \(stated.price) as stated at \(stated.at). It is "
                    + "over: \(end.text). The limits judge it by the market again: its last price is \(end.mark.price) of "
                    + "\(end.mark.asOf). Where no bar of its newest session tells a price, one can be stated with `takt positions price "
                    + "\(position.symbol)`.",
                fields: ["symbol": JSONValue(position.symbol), "broker": JSONValue(position.broker)], in: writer)
        }
    }

    func warnings(_ warnings: [Reason]) throws {
        for warning in warnings {
            // The first words name the subject; the numbers behind them change with every beat.
            let subject = warning.message.split(separator: " ").prefix(6).joined(separator: " ")
            try alerts.raise(
                key: "risk:\(warning.code):\(beat.now.utcDate):\(subject)", severity: Self.severity(warning),
                kind: warning.code, title: "Risk: \(warning.code)", body: warning.message, in: writer)
        }
    }

    /// Without equity no loss limit is judged, and what cannot be closed is not protected: that is worse than a limit half
    /// used.
    private static func severity(_ warning: Reason) -> AlertSeverity {
        let grave = [
            "equity-unknown", "exit-impossible", "exit-blocked", "exit-capped", "stop-unwatched",
            RiskCode.notCalculable.rawValue,
        ]
        return grave.contains(warning.code) ? .error : .warning
    }

    func verdict(_ verdict: IntentVerdict, on intent: OrderIntent) throws {
        let state: OrderState = verdict.isApproved ? .approved : .rejected
        let reasons = intent.reasons + verdict.reasons
        try writer.updateIntent(
            intent.id, expecting: .proposed, state: state, attempt: intent.attempt, reasons: reasons)
        try writer.putRiskVerdict(
            RiskVerdict(
                intentID: intent.id, cycle: beat.cycle, verdict: verdict.isApproved ? .approved : .rejected,
                reasons: verdict.reasons, numbers: verdict.json, decidedAt: beat.now))
        try writer.appendAudit(
            at: beat.now, actor: "risk-check", kind: "intent.\(state.rawValue)", subject: intent.id.text,
            payload: ["reasons": DocumentItems.reasons(verdict.reasons)])
        if !verdict.isApproved, intent.purpose.isProtective { try refused(intent, verdict.reasons) }
    }

    /// The account wants a position closed and its own rules do not let it: somebody has to look, once a day for the same
    /// cause, however often the beat tries again.
    private func refused(_ intent: OrderIntent, _ reasons: [Reason]) throws {
        let what = "\(intent.side.rawValue) \(intent.quantity) \(intent.symbol) at \(intent.broker)"
        let codes = reasons.map(\.code).joined(separator: ",")
        let why = reasons.map(\.description).joined(separator: " ")
        try alerts.raise(
            key: "exit-refused:\(intent.symbol):\(intent.broker):\(codes):\(beat.now.utcDate)", severity: .critical,
            kind: "exit-refused", title: "Protective exit refused: \(what)",
            body: "The \(intent.purpose.rawValue) order was not sent, the position stays. \(why)",
            fields: [
                "symbol": JSONValue(intent.symbol), "broker": JSONValue(intent.broker),
                "intent_id": JSONValue(intent.id), "codes": .string(codes),
            ], dedupeSeconds: 86_400, in: writer)
    }

    func finished(_ ids: [Int64], of flattens: [FlattenRequest]) throws {
        for request in flattens where ids.contains(request.id) {
            try writer.completeOperatorOrder(request.id, at: beat.now)
            try writer.appendAudit(
                at: beat.now, actor: "risk-check", kind: "flatten.done", subject: request.scope.description,
                payload: ["id": .int(request.id)])
        }
    }
}
