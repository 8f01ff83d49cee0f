internal import Core
internal import Store
internal import Settings

/// The last look at an approved intent before it is put on record: pure, on values read in the same transaction.
struct SendGate {
    enum Verdict {
        case send
        /// Stays approved: something has to be settled first.
        case wait
        case drop(OrderState, Reason)
    }

    private let halts: [Halt]
    private let profile: ProfileName
    /// Instruments with an order of unknown fate, by broker. While there is one, nothing further is sent for it.
    private var blocked: Set<String>
    /// Instruments with an order whose prices are not known. It is known itself, so it hides no other one: exits go out.
    private let revised: Set<String>

    init(halts: [Halt], doubtful: [ManagedOrder], revised: [ManagedOrder], profile: ProfileName) {
        self.revised = Set(revised.map { Self.key($0.broker, $0.symbol) })
        self.halts = halts
        self.profile = profile
        blocked = Set(doubtful.map { Self.key($0.broker, $0.symbol) })
    }

    func admit(_ intent: OrderIntent, at now: Instant) -> Verdict {
        guard now < intent.expiresAt else {
            return .drop(.expired, Reason(code: "expired", message: "its window ended at \(intent.expiresAt)"))
        }
        if !intent.purpose.reducesRisk,
            let halt = halts.first(where: { $0.forbids(intent.symbol, profile, intent.broker) })
        {
            return .drop(
                .rejected, Reason(code: "trading-halted", message: "halt \(halt.code) (\(halt.scope)) is in force"))
        }
        let key = Self.key(intent.broker, intent.symbol)
        let isHeld = blocked.contains(key) || (revised.contains(key) && !intent.purpose.reducesRisk)
        return isHeld ? .wait : .send
    }

    /// One order in flight per instrument and broker and run keeps the elimination match decidable.
    mutating func note(_ order: ManagedOrder) { blocked.insert(Self.key(order.broker, order.symbol)) }

    private static func key(_ broker: BrokerID, _ symbol: Symbol) -> String { "\(broker)|\(symbol)" }
}

extension Halt {
    /// Whether the halt's scope covers an entry.
    func forbids(_ symbol: Symbol, _ profile: ProfileName, _ broker: BrokerID) -> Bool {
        scope == "all" || scope == "symbol:\(symbol)" || scope == "profile:\(profile)" || scope == "broker:\(broker)"
    }
}
