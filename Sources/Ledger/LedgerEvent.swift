public import Core

/// What one ledger entry did to one currency of one account: the booked side of a ``Core/LedgerEntry``.
///
/// Every amount of the ledger is a sum over these, so a cash bridge, the profit of a day or the value in another
/// currency at the rates of the time can be made from them.
public struct LedgerEvent: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case fill, deposit, dividend, conversion, transfer, adjustment, valuation
        case openingPosition = "opening-position"
        case cashInLieu = "cash-in-lieu"
    }

    public let kind: Kind
    public let at: Instant
    public let sequence: Int
    public let broker: BrokerID
    public let account: AccountID
    /// `nil` for deposits, conversions and adjustments.
    public let symbol: Symbol?
    public let currency: Currency
    /// The change of cash, fees and taxes included.
    public internal(set) var cash = PreciseAmount.zero
    /// Positive when paid.
    public internal(set) var fee = FixedPoint.zero
    /// Positive when paid; tax withheld from a dividend is not in it but in ``withheld``.
    public internal(set) var tax = FixedPoint.zero
    /// What a dividend brought after tax; negative on a short.
    public internal(set) var dividend = PreciseAmount.zero
    public internal(set) var withheld = PreciseAmount.zero
    /// Deposits, and what positions were worth that were there when the account was first met or were moved in later.
    public internal(set) var paidIn = PreciseAmount.zero
    public internal(set) var realisedAverage = PreciseAmount.zero
    public internal(set) var realisedFIFO = PreciseAmount.zero

    init(_ kind: Kind, _ entry: LedgerEntry, symbol: Symbol?, currency: Currency) {
        self.kind = kind
        at = entry.at
        sequence = entry.sequence
        broker = entry.broker
        account = entry.account
        self.symbol = symbol
        self.currency = currency
    }
}

/// One account at one broker.
public struct AccountKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let broker: BrokerID
    public let account: AccountID
    public init(_ broker: BrokerID, _ account: AccountID) {
        self.broker = broker
        self.account = account
    }
    public var description: String { "\(broker):\(account)" }
    public static func < (left: AccountKey, right: AccountKey) -> Bool {
        (left.broker, left.account) < (right.broker, right.account)
    }
}

/// How realised profit is measured. The ledger always keeps both.
public enum CostMethod: String, Hashable, Sendable, CaseIterable {
    case average, fifo
}

/// Accounts are named by their index in the ledger's table.
struct PositionKey: Hashable, Sendable {
    let account: Int
    let symbol: Symbol
}

struct ExecutionKey: Hashable, Sendable {
    let account: Int
    let execution: ExecutionID
}

/// The totals of one currency in one account.
struct CashBook: Hashable, Sendable {
    let account: Int
    let currency: Currency
    var cash = PreciseAmount.zero
    var fees = PreciseAmount.zero
    var taxes = PreciseAmount.zero
    var dividends = PreciseAmount.zero
    var withheld = PreciseAmount.zero
    var paidIn = PreciseAmount.zero
    var hasFills = false
    var hasDividends = false

    init(account: Int, currency: Currency) {
        self.account = account
        self.currency = currency
    }

    mutating func add(_ event: LedgerEvent) throws(ArithmeticError) {
        cash = try cash + event.cash
        paidIn = try paidIn + event.paidIn
        switch event.kind {
        case .fill:
            fees = try fees + PreciseAmount(event.fee)
            taxes = try taxes + PreciseAmount(event.tax)
            hasFills = true
        case .dividend:
            dividends = try dividends + event.dividend
            withheld = try withheld + event.withheld
            hasDividends = true
        case .deposit, .conversion, .openingPosition, .transfer, .cashInLieu, .adjustment, .valuation: break
        }
    }
}
