public import Core
internal import Ledger
internal import Sessions
internal import Settings
internal import Store

/// What an operator says that a unit of a holding is worth, where no market tells: a halted share, a right, a fund without
/// bars. It stands until a bar is newer than it.
///
/// It values the account, so that its limits are judged again. It is no price that somebody could trade at: it keeps the age
/// of the market's last one, which keeps stop-losses and new orders off it.
struct StatedPrice {
    /// On the scale of what was held at the time.
    let price: Price
    let at: Instant

    /// The age of a price that no market ever told.
    static let never = Instant(epochSeconds: 0)

    static func key(_ position: LedgerPosition) -> String {
        "stated-price:\(position.symbol):\(position.broker):\(position.account)"
    }

    init(_ price: Price, at: Instant) {
        self.price = price
        self.at = at
    }

    /// `nil` without one, and where the position was opened after it.
    init?(of position: LedgerPosition, _ reader: StoreReader) throws {
        guard let json = try reader.meta(Self.key(position)).flatMap({ try? JSONValue(parsing: $0) }),
            let at = json["at"]?.stringValue.flatMap({ Instant(rfc3339: $0) }),
            let price = json["price"]?.stringValue.flatMap({ try? Price($0) }),
            let openedAt = position.openedAt, openedAt <= at
        else { return nil }
        self.init(price, at: at)
    }

    var text: String { (["price": JSONValue(price), "at": JSONValue(at)] as JSONValue).text }

    /// The price after the splits that the account has booked since.
    func price(after splits: [LedgerEntry]) throws(ArithmeticError) -> Price {
        var value = price.value
        for entry in splits where entry.at > at {
            guard case .split(_, let new, let old, _) = entry.fact else { continue }
            value = try value.scaled(by: FixedPoint(old), over: FixedPoint(new), rounding: .halfEven)
        }
        return Price(value)
    }
}

/// Takes down what an operator says that a holding is worth.
public struct PriceDesk {
    private let context: CycleContext
    private let now: Instant
    private let actor: String
    private let isDryRun: Bool

    public init(context: CycleContext, now: Instant, actor: String, isDryRun: Bool) {
        self.context = context
        self.now = now
        self.actor = actor
        self.isDryRun = isDryRun
    }

    public struct Statement: Sendable {
        public let broker: BrokerID
        public let account: AccountID
        public let quantity: Quantity
        public let currency: Currency
    }

    /// - Parameter broker: Needed where several accounts hold the symbol.
    /// - Returns: What it is said of.
    /// - Throws: ``StepFailure`` where nothing of the symbol is held, or in several accounts, and where the market tells a
    ///   price of today.
    public func state(_ price: Price, of symbol: Symbol, broker: BrokerID?, reason: String) throws -> Statement {
        if isDryRun { return Self.statement(try context.store.read { try position(symbol, broker, $0) }) }
        return try context.store.write(durable: true) { writer in
            let position = try position(symbol, broker, writer)
            try writer.setMeta(StatedPrice.key(position), StatedPrice(price, at: now).text)
            try writer.appendAudit(
                at: now, actor: actor, kind: "price.stated",
                subject: "\(position.broker):\(position.account):\(symbol)",
                payload: [
                    "price": JSONValue(price), "currency": JSONValue(position.currency),
                    "quantity": JSONValue(position.quantity), "reason": .string(reason),
                ])
            return Self.statement(position)
        }
    }

    private static func statement(_ position: LedgerPosition) -> Statement {
        Statement(
            broker: position.broker, account: position.account, quantity: position.quantity,
            currency: position.currency)
    }

    private func position(_ symbol: Symbol, _ broker: BrokerID?, _ reader: StoreReader) throws -> LedgerPosition {
        let ledger = try Ledger.fold(try reader.ledgerEntries())
        let held = ledger.openPositions.filter { $0.symbol == symbol && (broker == nil || $0.broker == broker) }
        guard let position = held.first else {
            throw refusal("nothing of \(symbol) is held\(broker.map { " at \($0)" } ?? "")", "See `takt positions`.")
        }
        guard held.count == 1 else {
            let owners = held.map { "\($0.broker) (account \($0.account))" }.joined(separator: ", ")
            throw refusal("\(symbol) is held at \(owners)", "Say which one with --broker.")
        }
        let watch = PriceWatch(reader, context.settings, context.calendars, ledger, at: now)
        let reading = try watch.reading(of: position)
        let calendar = try watch.newest(of: symbol)?.calendar
        let lastOpen = calendar.flatMap { $0.session(at: now) ?? $0.previousSession(before: now) }?.open
        if reading.doubt == nil, !reading.isStated, let mark = reading.mark, let lastOpen, mark.asOf > lastOpen {
            throw refusal(
                "the market tells a price of \(symbol): \(mark.price) of \(mark.asOf)",
                "A stated price is for what has none in its newest session.")
        }
        return position
    }

    private func refusal(_ why: String, _ cure: String) -> StepFailure {
        StepFailure(
            code: "price-not-stated", message: "The price is not taken: \(why).", hint: "Nothing was changed. \(cure)",
            isRetryable: false, exitCode: .badInput)
    }
}
