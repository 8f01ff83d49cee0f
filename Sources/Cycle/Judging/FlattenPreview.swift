public import Core
internal import Risk
internal import Settings
internal import Store

/// What a flatten would come to if it were ordered now: the account check with the order supposed, nothing recorded.
public struct FlattenPreview: Sendable {
    public struct Exit: Sendable {
        public enum Fate: String, Sendable {
            case now
            /// Its exchange takes no orders at this hour; it goes out with the first beat of the session.
            case whenOpen = "when-open"
            /// Risk would refuse it; the reasons say why.
            case refused
        }

        public let symbol: Symbol
        public let broker: BrokerID
        public let side: Side
        public let quantity: Quantity
        public let purpose: OrderPurpose
        public let fate: Fate
        /// Why it is asked for, then why it would be refused.
        public let reasons: [Reason]

        fileprivate init(_ exit: ProtectiveExit, _ fate: Fate, refusal: [Reason] = []) {
            symbol = exit.symbol
            broker = exit.broker
            side = exit.side
            quantity = exit.quantity
            purpose = exit.purpose
            self.fate = fate
            reasons = [exit.reason] + refusal
        }

        public var json: JSONValue {
            [
                "symbol": JSONValue(symbol), "broker": JSONValue(broker), "side": .string(side.rawValue),
                "quantity": JSONValue(quantity), "purpose": .string(purpose.rawValue), "when": .string(fate.rawValue),
                "reasons": DocumentItems.reasons(reasons),
            ]
        }
    }

    /// Everything that the next risk check would close, also for other reasons than the flatten, ordered by symbol and
    /// broker.
    public let exits: [Exit]
    public let cancelOrders: [ClientOrderID]
    /// What cannot be closed, and all that the account check warns of besides.
    public let warnings: [Reason]
    /// Nothing is held and no order of ours may be live in its scope: the flatten would be done at once.
    public let isFlat: Bool

    /// The number of a flatten that is not on record; those on record count from 1.
    private static let unrecorded: Int64 = 0

    /// - Parameter symbol: Only this symbol; `nil` is everything.
    public init(
        of symbol: Symbol?, reason: String, by actor: String, _ context: CycleContext, at now: Instant
    ) throws {
        let scope = symbol.map { FlattenRequest.Scope.symbol($0) } ?? .all
        let request = FlattenRequest(id: Self.unrecorded, scope: scope, orderedBy: actor, reason: reason)
        let profile = context.settings.profiles[0]
        let beat = Beat(
            context: context, cycle: try context.lastClosedCycle(of: profile, at: now), profile: profile, now: now,
            isDryRun: true)
        (exits, cancelOrders, warnings, isFlat) = try context.store.read { reader in
            let check = try RiskView(beat, reader, supposing: [request]).check([])
            let account = check.account()
            let intents = try ProtectiveIntents(beat: beat, reader: reader).make(account.protectiveExits)
            return (
                Self.exits(account, intents, check.intents(intents)), account.cancelOrders, account.warnings,
                account.finishedFlattens.contains(Self.unrecorded)
            )
        }
    }

    private static func exits(
        _ account: AccountVerdict, _ intents: [OrderIntent], _ verdicts: [IntentVerdict]
    ) -> [Exit] {
        let said = Dictionary(verdicts.map { ($0.intentID, $0) }, uniquingKeysWith: { first, _ in first })
        let sent = account.protectiveExits.compactMap { exit -> Exit? in
            // No intent: the cycle has an open one for it already.
            guard let intent = intents.first(where: { $0.symbol == exit.symbol && $0.broker == exit.broker }),
                let verdict = said[intent.id]
            else { return nil }
            return Exit(exit, verdict.isApproved ? .now : .refused, refusal: verdict.reasons)
        }
        return (sent + account.deferredExits.map { Exit($0, .whenOpen) })
            .sorted { ($0.symbol, $0.broker) < ($1.symbol, $1.broker) }
    }
}
