internal import Broker
public import Core
internal import Execution
internal import Risk
internal import Sessions
internal import Settings
internal import Store

/// Gives a working order new prices: judged like a new order, written ahead, sent once, and believed when the broker lists it.
///
/// Only prices change. Another quantity, side or time is another order: cancel this one and propose it (`takt propose`). A
/// revision is not kept for later: what cannot be sent now was for the prices of now.
public struct RevisionDesk {
    private let context: CycleContext
    private let actor: String
    private let reason: String

    public enum Outcome: Hashable, Sendable {
        /// It stands at these prices already.
        case unchanged
        /// A dry run found nothing against it.
        case wouldSend
        /// The same revision has left and the broker's lists have not shown what became of it.
        case underWay
        /// The broker took it; its lists will show the new prices, or that the order was filled before.
        case accepted
        case refused(code: String, message: String)
        case notSent(detail: String)
        /// Nobody knows. It is not sent again; reconcile tells.
        case unknown(detail: String)

        /// As it stands in documents.
        public var name: String {
            switch self {
            case .unchanged: "unchanged"
            case .wouldSend: "would-send"
            case .underWay: "under-way"
            case .accepted: "accepted"
            case .refused: "refused"
            case .notSent: "not-sent"
            case .unknown: "unknown"
            }
        }

        public var detail: String? {
            switch self {
            case .unchanged, .wouldSend, .underWay, .accepted: nil
            case .refused(let code, let message): "\(code): \(message)"
            case .notSent(let detail), .unknown(let detail): detail
            }
        }
    }

    public init(context: CycleContext, actor: String, reason: String) {
        self.context = context
        self.actor = actor
        self.reason = reason
    }

    /// - Parameter isDryRun: Whether it is only looked whether the revision would be sent.
    public func revise(_ id: ClientOrderID, to type: OrderType, isDryRun: Bool = false) async throws -> Outcome {
        let order = try context.store.read { try revisable(id, to: type, $0) }
        if isDryRun {
            return try context.store.read { try look(id, to: type, $0) } ?? .wouldSend
        }
        guard let profile = order.profile else { throw refusal(id, "it belongs to no profile") }
        // Whoever sends for the profile holds this lock.
        let holder = "process \(context.process.pid) revising \(id)"
        let lock = try await StepLock.acquire(path: context.submitLockPath(profile), holder: holder, tries: 40)
        guard case .acquired(let held) = lock else {
            throw StepFailure(
                code: "busy", message: "Orders of profile '\(profile)' are being sent right now.",
                hint: "Nothing was sent. Run the same command again in a moment.", isRetryable: true, exitCode: .busy)
        }
        defer { held.release() }
        guard let broker = context.brokers[order.broker], let number = order.brokerOrderID else {
            throw refusal(id, "broker \(order.broker) is not enabled")
        }
        let (instrument, _) = try context.listing(of: order.symbol)
        if let outcome = try writeAhead(id, to: type) { return outcome }
        context.failpoints.hit(.reviseAfterWriteAhead)
        let outcome = await broker.revise(
            RevisionRequest(
                clientOrderID: id, brokerOrderID: number, instrument: instrument, side: order.side, type: type,
                timeInForce: order.timeInForce))
        context.failpoints.hit(.reviseAfterSend)
        try record(outcome, of: id)
        context.failpoints.hit(.reviseAfterRecord)
        context.log.order("revision \(Self.outcome(outcome).name)", order)
        return Self.outcome(outcome)
    }

    // MARK: Before the send

    /// Puts the revision on record. An outcome where there is nothing to send.
    private func writeAhead(_ id: ClientOrderID, to type: OrderType) throws -> Outcome? {
        let now = context.clock.now()
        return try context.store.write(durable: true) { writer -> Outcome? in
            if let outcome = try look(id, to: type, writer) { return outcome }
            let order = try revisable(id, to: type, writer)
            try writer.addRevision(of: id, to: type, reason: reason, by: actor, at: now)
            let terms = Self.terms(type)
            try writer.appendOrderMessage(
                id, attempt: order.attempt, direction: .request, at: now, body: ["action": "revise", "terms": terms])
            try writer.appendAudit(
                at: now, actor: actor, kind: "revision.submitting", subject: id.text,
                payload: ["before": Self.terms(order.type), "after": terms, "reason": .string(reason)])
            return nil
        }
    }

    /// What is known without sending anything; `nil` if the revision is to be sent. Throws where it must not be.
    private func look(_ id: ClientOrderID, to type: OrderType, _ reader: StoreReader) throws -> Outcome? {
        let order = try revisable(id, to: type, reader)
        if let pending = try reader.pendingOperatorOrders(kind: .revise).first(where: { $0.scope == id.text }) {
            guard pending.revision?.type == type else {
                throw refusal(id, "a revision of \(pending.createdAt) is under way; run `takt reconcile --again` first")
            }
            return .underWay
        }
        guard order.type != type else { return .unchanged }
        try judge(order, as: type, reader)
        return nil
    }

    private func revisable(_ id: ClientOrderID, to type: OrderType, _ reader: StoreReader) throws -> ManagedOrder {
        guard let order = try reader.order(id) else { throw refusal(id, "there is no such order") }
        guard order.isOurs, let number = order.brokerOrderID, !number.text.isEmpty else {
            throw refusal(
                id, order.isOurs ? "the broker has not numbered it" : "it is not ours; change it where it was placed")
        }
        guard [.acknowledged, .working, .partiallyFilled].contains(order.state) else {
            throw refusal(id, "it is \(order.state.rawValue)")
        }
        guard let broker = context.brokers[order.broker], broker.account == order.account else {
            throw refusal(id, "it stands in account \(order.account) of \(order.broker), which is not open here")
        }
        if let entry = order.handling.protects {
            throw refusal(id, "it belongs to the bracket of \(entry); cancel it (`takt orders cancel`) to do without")
        }
        if let bracket = order.handling.bracket,
            let beside = [type.limitPrice, type.stopPrice].compactMap({ $0 })
                .first(where: { !bracket.encloses($0, order.side) })
        {
            throw refusal(id, "\(beside) does not lie between the prices of its bracket, \(bracket.json.text)")
        }
        guard order.type.trail == nil else { throw refusal(id, "its stop follows the market by itself") }
        guard order.type.name == type.name else {
            throw refusal(id, "it is a \(order.type.name) order, and a \(type.name) order would be another one")
        }
        let (instrument, calendar) = try context.listing(of: order.symbol)
        let rule = instrument.ticks.rule(on: calendar.localDate(of: context.clock.now()))
        for price in [type.limitPrice, type.stopPrice].compactMap({ $0 }) {
            guard price.isPositive, rule.isOnGrid(price) else {
                throw refusal(
                    id, "\(price) is no price of \(order.symbol), whose tick there is \(rule.tick(at: price))")
            }
        }
        if let reason = try movedProtection(order, type, reader) { throw refusal(id, reason) }
        if try reader.pendingOperatorOrders(kind: .cancel).contains(where: { $0.scope == id.text }) {
            throw refusal(id, "its cancellation is ordered")
        }
        return order
    }

    /// Why an order that guards a position must not be changed so: with its stop further from the market it guards less, and
    /// with a limit that asks for more it may not be filled when it is touched. No rule would say so.
    private func movedProtection(
        _ order: ManagedOrder, _ type: OrderType, _ reader: StoreReader
    ) throws -> String? {
        guard let old = order.type.stopPrice, let new = type.stopPrice,
            let intent = try order.intentID.flatMap({ try reader.intent($0) }), intent.purpose.reducesRisk
        else { return nil }
        if order.side == .sell ? new < old : new > old {
            return "its stop guards a position, and \(new) lies further away than \(old); cancel it to do without"
        }
        guard let limit = order.type.limitPrice, let asked = type.limitPrice,
            order.side == .sell ? asked > limit : asked < limit
        else { return nil }
        return
            "it guards a position, and at a limit of \(asked) instead of \(limit) it might not be filled; cancel it to do without"
    }

    /// A higher price binds more money: the rules see it as a new order in the place of this one.
    private func judge(_ order: ManagedOrder, as type: OrderType, _ reader: StoreReader) throws {
        guard let profile = context.settings.profiles.first(where: { $0.name == order.profile }),
            let intent = try order.intentID.flatMap({ try reader.intent($0) })
        else { throw refusal(order.clientOrderID, "its profile or its intent is not known any more") }
        let now = context.clock.now()
        let beat = Beat(
            context: context, cycle: try context.lastClosedCycle(of: profile, at: now), profile: profile, now: now)
        let check = try RiskView(beat, reader, without: order.clientOrderID).check([intent])
        let price = check.markets[intent.symbol]?.lastPrice?.price(
            at: now, maxAge: .seconds(2 * profile.timeframe.seconds))
        // What protects it stands already, and is no further order.
        var handling = intent.handling
        handling.bracket = nil
        let asked = OrderIntent(
            cycle: intent.cycle, symbol: intent.symbol, leg: intent.leg, purpose: intent.purpose, side: intent.side,
            type: type, quantity: order.leavesQuantity, timeInForce: intent.timeInForce, handling: handling,
            broker: intent.broker, referencePrice: price ?? intent.referencePrice, createdAt: now,
            expiresAt: now.advanced(bySeconds: 60))
        guard let verdict = check.intents([asked]).first, !verdict.isApproved else { return }
        throw StepFailure(
            code: "revision-rejected",
            message: "Order \(order.clientOrderID) does not get new prices, by the rules of risk: "
                + verdict.reasons.map { "\($0.code): \($0.message)" }.joined(separator: " "),
            hint: "Nothing was sent; it stands as it was. See `takt orders` and `takt status`.", isRetryable: false,
            exitCode: .badInput)
    }

    // MARK: After the send

    private func record(_ outcome: ChangeOutcome, of id: ClientOrderID) throws {
        let now = context.clock.now()
        try context.store.write(durable: true) { writer in
            guard let order = try writer.order(id) else { return }
            let told = Self.outcome(outcome)
            let words: JSONValue = ["outcome": .string(told.name), "detail": told.detail.map { .string($0) } ?? .null]
            try writer.appendOrderMessage(
                id, attempt: order.attempt, direction: .answer, at: now,
                body: words.setting("action", "revise"))
            let records = RevisionRecords(context: context, now: now)
            switch outcome {
            // What became of it is what the broker lists.
            case .accepted: break
            case .refused, .notSent: try records.end(id, as: told.name, in: writer)
            case .unknown(let detail): try records.alertDoubt(order, detail, in: writer)
            }
        }
    }

    private static func outcome(_ outcome: ChangeOutcome) -> Outcome {
        switch outcome {
        case .accepted: .accepted
        case .refused(let code, let message): .refused(code: code, message: message)
        case .notSent(let detail): .notSent(detail: detail)
        case .unknown(let detail): .unknown(detail: detail)
        }
    }

    private static func terms(_ type: OrderType) -> JSONValue {
        .object([.init("type", .string(type.name))] + DocumentItems.prices(type))
    }

    private func refusal(_ id: ClientOrderID, _ why: String) -> StepFailure {
        StepFailure(
            code: "not-revisable", message: "Order \(id) cannot be given new prices: \(why).",
            hint: "Nothing was sent; it stands as it was. See `takt orders`.", isRetryable: false, exitCode: .badInput)
    }
}
