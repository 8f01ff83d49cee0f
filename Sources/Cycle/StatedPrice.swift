public import Core
internal import Ledger
internal import Sessions
internal import Settings
internal import Store

/// What an operator says that a unit of a holding is worth, where no market tells: a halted share, a right, a fund without
/// bars. It stands until the market tells a price that is newer than the one it was said over.
///
/// It values the account, so that its limits are judged again. It is no price that somebody could trade at, and no stop-loss
/// and no order acts on it.
struct StatedPrice {
    /// On the scale of what was held at the time.
    let price: Price
    let at: Instant
    /// When the market's last price arose that it was said over; `nil` if there was none.
    let over: Instant?
    /// How far the books had come.
    let sequence: Int

    static func key(_ position: LedgerPosition) -> String {
        "stated-price:\(position.symbol):\(position.broker):\(position.account)"
    }

    init(_ price: Price, at: Instant, over: Instant?, sequence: Int) {
        self.price = price
        self.at = at
        self.over = over
        self.sequence = sequence
    }

    /// `nil` without one, and where the position was opened after it.
    init?(of position: LedgerPosition, _ reader: StoreReader) throws {
        guard let json = try reader.meta(Self.key(position)).flatMap({ try? JSONValue(parsing: $0) }),
            let at = json["at"]?.stringValue.flatMap({ Instant(rfc3339: $0) }),
            let price = json["price"]?.stringValue.flatMap({ try? Price($0) }),
            let sequence = json["sequence"]?.intValue, let openedAt = position.openedAt, openedAt <= at
        else { return nil }
        let over = json["over"]?.stringValue.flatMap { Instant(rfc3339: $0) }
        self.init(price, at: at, over: over, sequence: Int(sequence))
    }

    var text: String {
        let json: JSONValue = [
            "price": JSONValue(price), "at": JSONValue(at), "over": JSONValue(over), "sequence": .int(Int64(sequence)),
        ]
        return json.text
    }

    /// Whether it counts at a moment, beside the market's last price and the last fill of the position by then. A fill is a price
    /// that somebody traded at.
    func stands(at now: Instant, beside market: Marks.PriceMark?, lastFill: Int?) -> Bool {
        guard at <= now, lastFill.map({ $0 <= sequence }) ?? true else { return false }
        guard let market else { return true }
        return over.map { market.asOf <= $0 } ?? false
    }

    /// The price after the splits that the account has booked since, whatever day they are of.
    func price(after splits: [LedgerEntry]) throws(ArithmeticError) -> Price {
        var value = price.value
        for entry in splits where entry.sequence > sequence {
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
        if isDryRun { return Self.statement(try context.store.read { try position(symbol, broker, $0).0 }) }
        return try context.store.write(durable: true) { writer in
            let (position, market) = try position(symbol, broker, writer)
            let stated = StatedPrice(price, at: now, over: market?.asOf, sequence: try writer.currentSequence())
            try writer.setMeta(StatedPrice.key(position), stated.text)
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

    /// The position, and the market's last price of it.
    private func position(
        _ symbol: Symbol, _ broker: BrokerID?, _ reader: StoreReader
    ) throws -> (LedgerPosition, Marks.PriceMark?) {
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
        if reading.doubt == nil, let mark = reading.mark, let lastOpen, mark.asOf > lastOpen {
            throw refusal(
                "the market tells a price of \(symbol): \(mark.price) of \(mark.asOf)",
                "A stated price is for what has none in its newest session.")
        }
        return (position, reading.mark)
    }

    private func refusal(_ why: String, _ cure: String) -> StepFailure {
        StepFailure(
            code: "price-not-stated", message: "The price is not taken: \(why).", hint: "Nothing was changed. \(cure)",
            isRetryable: false, exitCode: .badInput)
    }
}
