/// One fact that changes the books. The ledger is a pure fold over these.
///
/// Entries take effect in order of `at`; of the same instant, splits and dividends before everything else, then in order of
/// `sequence` (their arrival).
public struct LedgerEntry: Hashable, Sendable {
    public enum Fact: Hashable, Sendable {
        /// `multiplier` is the instrument's; fee and tax are positive when paid and never enter cost.
        case fill(
            ExecutionID, Symbol, Side, quantity: Quantity, price: Price, multiplier: FixedPoint, fee: FixedPoint,
            tax: FixedPoint, Currency)
        /// The execution counts as if it had never been, wherever it stands.
        case bust(ExecutionID)
        /// Cash paid in (negative: taken out). The account's opening balance is its first deposit.
        case deposit(Money)
        /// A position that existed when takt first met the account. What a unit cost is one thing, what it was worth by then
        /// another: the latter counts as paid in, for no profit or loss of before is made or lost here.
        case openingPosition(
            Symbol, Quantity, averageCost: Price, paidIn: Price, multiplier: FixedPoint, Currency)
        /// A position that came into the account (negative: left it) without an execution: a transfer, a spin-off. What comes is
        /// held, and what leaves is sold, at `averageCost`. `paidIn` is what a unit counts as capital: its market price where it
        /// was moved in or out, zero where it is profit or loss.
        case transfer(Symbol, Quantity, averageCost: Price, paidIn: Price, multiplier: FixedPoint, Currency)
        case dividend(Symbol, perShare: FixedPoint, taxRate: Fraction, Currency)
        /// `new` shares for `old` ones. `cashInLieuPrice` is a price after the split.
        case split(Symbol, new: Int, old: Int, cashInLieuPrice: Price?)
        case conversion(from: Money, to: Money)
        /// What a position that was there when takt first met the account was worth beyond (negative: below) what it counted as paid
        /// in: known with its first price. It changes what was paid in, and nothing else.
        case valuation(Symbol, Money)
        /// Cash that came or went and is profit or loss, not capital: interest, fees of the account, corrections.
        case adjustment(Money)

        /// Whether it takes effect ahead of the trades of its instant: an exchange splits before it opens.
        public var isCorporateAction: Bool {
            switch self {
            case .split, .dividend: true
            case .fill, .bust, .deposit, .openingPosition, .transfer, .conversion, .valuation, .adjustment: false
            }
        }
    }

    public let broker: BrokerID
    public let account: AccountID
    public let at: Instant
    public let sequence: Int
    public let fact: Fact

    public init(broker: BrokerID, account: AccountID, at: Instant, sequence: Int, fact: Fact) {
        self.broker = broker
        self.account = account
        self.at = at
        self.sequence = sequence
        self.fact = fact
    }
}
