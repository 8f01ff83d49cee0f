public import Core
internal import Ledger
internal import Sessions
internal import Settings
internal import Store

/// What an operator says that a unit of a holding is worth, where no market tells: a halted share, a right, a fund without
/// bars. It stands until the market tells a price that is newer than the one it was said over, and once that has been told of
/// it is over for good.
///
/// It values the account, so that its limits are judged again. It is no price that somebody could trade at, and no stop-loss
/// and no order acts on it.
struct StatedPrice {
    /// On the scale of what was held at the time.
    let price: Price
    let at: Instant
    /// When the market's last price arose that it was said over, the open of the newest session at the earliest: bars of before
    /// that come in afterwards are no news.
    let over: Instant
    /// How far the books had come.
    let sequence: Int
    /// Whether an opening was settled by it, so that its error would be one of the capital.
    var settlesOpening = false
    /// When somebody was told that it is over.
    var endedAt: Instant?

    static func key(_ position: LedgerPosition) -> String {
        "stated-price:\(position.symbol):\(position.broker):\(position.account)"
    }

    /// Takes it down, with who says so and why.
    func keep(
        of position: LedgerPosition, quantity: Quantity, by actor: String, reason: String,
        in writer: StoreWriter
    ) throws {
        try writer.setMeta(Self.key(position), text)
        try writer.appendAudit(
            at: at, actor: actor, kind: "price.stated",
            subject: "\(position.broker):\(position.account):\(position.symbol)",
            payload: [
                "price": JSONValue(price), "currency": JSONValue(position.currency),
                "quantity": JSONValue(quantity),
                "reason": .string(reason),
            ])
    }

    init(_ price: Price, at: Instant, over: Instant, sequence: Int) {
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
        self.init(price, at: at, over: over ?? at, sequence: Int(sequence))
        settlesOpening = json["settles_opening"] == .bool(true)
        endedAt = json["ended"]?.stringValue.flatMap { Instant(rfc3339: $0) }
    }

    var text: String {
        let json: JSONValue = [
            "price": JSONValue(price), "at": JSONValue(at), "over": JSONValue(over), "sequence": .int(Int64(sequence)),
            "settles_opening": .bool(settlesOpening), "ended": JSONValue(endedAt),
        ]
        return json.text
    }

    /// What ends it.
    enum End: Hashable {
        case bar(Marks.PriceMark)
        case fill(Marks.PriceMark)

        /// What the position is valued at instead.
        var mark: Marks.PriceMark {
            switch self {
            case .bar(let mark), .fill(let mark): mark
            }
        }

        var text: String {
            switch self {
            case .bar(let mark): "the bar of \(mark.asOf) tells a price of the market, \(mark.price)"
            case .fill(let mark): "a fill of \(mark.asOf) is a price that somebody traded at, \(mark.price)"
            }
        }
    }

    /// What has ended it, beside the market's last price and that of the last fill of the position where it is believed: one that
    /// is not would leave the position with the price of before. A fill of before that is only booked late tells nothing new.
    func end(beside market: Marks.PriceMark?, lastTrade: Marks.PriceMark?) -> End? {
        if let lastTrade, lastTrade.asOf > at { return .fill(lastTrade) }
        return market.flatMap { $0.asOf > over ? .bar($0) : nil }
    }

    /// Whether it counts at a moment unless something has ended it.
    ///
    /// - Parameter past: What was said by then counts; `nil` for all that is on record. A step's moment is that of its beginning, and
    ///   what is said and booked while it runs is in the books that it reads: the price of their scale belongs to them.
    func counts(at now: Instant, saidBy past: Instant?) -> Bool {
        past.map { at <= $0 } ?? true && endedAt.map { now < $0 } ?? true
    }

    /// How many times what is known a price, or the worth of a holding, may be, up or down, before it is taken for a slip.
    static let plausibleFactor = FixedPoint(5)

    /// Whether what is said is so far from what is known. Nothing is a price that is meant.
    static func isFar(_ said: FixedPoint, from known: FixedPoint) throws(ArithmeticError) -> Bool {
        guard said.isPositive, known.isPositive else { return false }
        let most = try known.multiplied(by: plausibleFactor, rounding: .halfEven)
        let reach = try said.multiplied(by: plausibleFactor, rounding: .halfEven)
        return said > most || known > reach
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

    /// What an operator says beyond the price.
    public struct Saying: Sendable {
        public var price: Price
        public var reason: String
        /// Whether a price is meant that is far from what was known.
        public var isForced: Bool
        /// Whether the price that stands was a mistake: an opening that it settled is settled anew. What else it had made of the account
        /// is taken back as a gain or a loss of now.
        public var isCorrection: Bool

        public init(price: Price, reason: String, isForced: Bool = false, isCorrection: Bool = false) {
            self.price = price
            self.reason = reason
            self.isForced = isForced
            self.isCorrection = isCorrection
        }
    }

    /// - Parameter broker: Needed where several accounts hold the symbol.
    /// - Returns: What it is said of.
    /// - Throws: ``StepFailure`` where nothing of the symbol is held, or in several accounts, where the market tells a price of
    ///   today, where the price is far from what was known, and where there is nothing to correct.
    public func state(_ saying: Saying, of symbol: Symbol, broker: BrokerID?) throws -> Statement {
        if isDryRun { return Self.statement(try context.store.read { try plan(saying, symbol, broker, $0).0 }) }
        return try context.store.write(durable: true) { writer in
            let (position, stated) = try plan(saying, symbol, broker, writer)
            try stated.keep(of: position, quantity: position.quantity, by: actor, reason: saying.reason, in: writer)
            if stated.settlesOpening {
                try OpeningValuation.settleAnew(position, context, at: now, in: writer)
            }
            return Self.statement(position)
        }
    }

    private static func statement(_ position: LedgerPosition) -> Statement {
        Statement(
            broker: position.broker, account: position.account, quantity: position.quantity,
            currency: position.currency)
    }

    private func plan(
        _ saying: Saying, _ symbol: Symbol, _ broker: BrokerID?, _ reader: StoreReader
    ) throws -> (LedgerPosition, StatedPrice) {
        let ledger = try Ledger.fold(try reader.ledgerEntries())
        let position = try position(symbol, broker, ledger)
        let watch = PriceWatch(reader, context.settings, context.calendars, ledger, at: now)
        let reading = try watch.reading(of: position)
        let calendar = try watch.newest(of: symbol)?.calendar ?? (try? context.listing(of: symbol))?.1
        let lastOpen = calendar.flatMap { $0.session(at: now) ?? $0.previousSession(before: now) }?.open
        if reading.doubt == nil, let mark = reading.mark, let lastOpen, mark.asOf > lastOpen {
            throw refusal(
                "the market tells a price of \(symbol): \(mark.price) of \(mark.asOf)",
                "A stated price is for what has none in its newest session.")
        }
        if saying.isCorrection, reading.stated == nil {
            throw refusal("no stated price of \(symbol) stands that could be corrected", "Leave --correct out.")
        }
        try refuseSlip(saying, position, reading)
        let over = [reading.mark?.asOf, lastOpen].compactMap(\.self).max() ?? now
        var stated = StatedPrice(saying.price, at: now, over: over, sequence: try reader.currentSequence())
        if saying.isCorrection {
            stated.settlesOpening = try StatedPrice(of: position, reader)?.settlesOpening ?? false
        }
        return (position, stated)
    }

    /// A slip of the keyboard would be capital at the next beat, and its correction a loss.
    private func refuseSlip(_ saying: Saying, _ position: LedgerPosition, _ reading: PriceWatch.Reading) throws {
        guard !saying.isForced else { return }
        let stated = saying.isCorrection ? nil : reading.stated.map { ("its stated price", $0.price) }
        let last = reading.mark.map { ("its last price", $0.price) }
        let (what, known) = stated ?? last ?? ("its average cost", position.averageCost)
        guard try StatedPrice.isFar(saying.price.value, from: known.value) else { return }
        throw refusal(
            "\(saying.price) is more than \(StatedPrice.plausibleFactor) times away from what is known of \(position.symbol), "
                + "\(known) (\(what))",
            "Give --force if it is meant so"
                + (stated == nil ? "." : ", or --correct if the stated price was a mistake."))
    }

    private func position(_ symbol: Symbol, _ broker: BrokerID?, _ ledger: Ledger) throws -> LedgerPosition {
        let held = ledger.openPositions.filter { $0.symbol == symbol && (broker == nil || $0.broker == broker) }
        guard let position = held.first else {
            throw refusal("nothing of \(symbol) is held\(broker.map { " at \($0)" } ?? "")", "See `takt positions`.")
        }
        guard held.count == 1 else {
            let owners = held.map { "\($0.broker) (account \($0.account))" }.joined(separator: ", ")
            throw refusal("\(symbol) is held at \(owners)", "Say which one with --broker.")
        }
        return position
    }

    private func refusal(_ why: String, _ cure: String) -> StepFailure {
        StepFailure(
            code: "price-not-stated", message: "The price is not taken: \(why).", hint: "Nothing was changed. \(cure)",
            isRetryable: false, exitCode: .badInput)
    }
}
