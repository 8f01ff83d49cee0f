internal import Broker
internal import Core

/// An order on the exchange's book.
struct PaperOrder: Hashable, Sendable {
    /// The exchange's own number; also the time priority.
    let number: Int64
    let clientOrderID: ClientOrderID?
    let symbol: Symbol
    let side: Side
    var type: OrderType
    var quantity: Quantity
    var filled: Quantity = .zero
    let timeInForce: TimeInForce
    var status: BrokerOrder.Status = .working
    let placedAt: Instant
    /// When the exchange last changed the row: what `since` of a list is compared with.
    var updatedAt: Instant
    let expiresAt: Instant?
    var finishedAt: Instant?
    /// A stop that was touched: from then on a market or a limit order.
    var isTriggered = false
    /// Where a stop stands that follows the market; `nil` before it has seen a price.
    var trailedStop: Price?
    /// The price at which open quantity is held against the cash.
    var reservePrice: Price
    var basis = CommissionBasis()
    var message: String?
    /// The number of the entry that it protects, and was given with.
    var entry: Int64?
    /// Since when it works; `nil` while it waits for its entry.
    var worksFrom: Instant?

    var id: BrokerOrderID { PaperNumber.order(number) }
    var isOpen: Bool { status == .working || status == .partiallyFilled }
    /// What may still trade. `filled` never exceeds `quantity`, so the difference cannot fail.
    var leaves: Quantity { isOpen ? (try? quantity - filled) ?? .zero : .zero }
}

/// How the exchange writes its numbers: like KIS, ten digits with leading zeros.
enum PaperNumber {
    static func order(_ number: Int64) -> BrokerOrderID { BrokerOrderID(digits(number)) }
    static func execution(_ number: Int64) -> ExecutionID { ExecutionID("E" + digits(number)) }
    static func activity(_ number: Int64) -> String { "A" + digits(number) }

    /// The number in an order id, or `nil` for a text the exchange never wrote.
    static func parse(_ id: BrokerOrderID) -> Int64? {
        guard id.text.utf8.count >= 10, id.text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(id.text)
    }

    private static func digits(_ number: Int64) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 10 - text.count)) + text
    }
}

struct PaperFill: Hashable, Sendable {
    let number: Int64
    let order: Int64
    let clientOrderID: ClientOrderID?
    let symbol: Symbol
    let side: Side
    let quantity: Quantity
    let price: Price
    let fee: FixedPoint
    let tax: FixedPoint
    let currency: Currency
    let filledAt: Instant
    /// When the exchange worked it out: later than `filledAt` when the bar came late.
    let recordedAt: Instant
}

struct PaperActivity: Hashable, Sendable {
    let number: Int64
    let at: Instant
    let recordedAt: Instant
    let kind: AccountActivity.Kind
}

struct PaperPosition: Hashable, Sendable {
    var quantity: Quantity
    var averageCost: Price
    let currency: Currency
}

/// How far matching has come on one symbol.
struct PaperCursor: Hashable, Sendable {
    /// The open of the last bar whose range was matched.
    var closedThrough: Instant?
    /// The bar that `openUsed` and `used` speak of.
    var barAt: Instant?
    /// What our orders took at the open of that bar, of what the bar before allows.
    var openUsed: Quantity = .zero
    /// What our orders took of that bar in all.
    var used: Quantity = .zero

    mutating func enter(_ bar: Instant) {
        guard barAt != bar else { return }
        barAt = bar
        openUsed = .zero
        used = .zero
    }
}

/// The books as far as a transaction needs them: everything but finished orders and old executions.
struct PaperState: Hashable, Sendable {
    var openedAt: Instant
    /// The latest instant at which something was booked. A clock behind it has no effect.
    var bookedThrough: Instant
    var nextOrder: Int64
    var nextExecution: Int64
    var nextActivity: Int64
    /// Orders that were ever sent here, lost ones included; what faults count.
    var submissions: Int
    var cash: [Currency: FixedPoint]
    var positions: [Symbol: PaperPosition]
    /// Ascending by number.
    var orders: [PaperOrder]
    var cursors: [Symbol: PaperCursor]
    var appliedActions: Set<String>
    /// New since the state was loaded.
    var fills: [PaperFill] = []
    var activities: [PaperActivity] = []

    var openSymbols: Set<Symbol> { Set(orders.lazy.filter(\.isOpen).map(\.symbol)) }

    func held(_ symbol: Symbol) -> Quantity { positions[symbol]?.quantity ?? .zero }

    mutating func credit(_ amount: FixedPoint, _ currency: Currency) throws(ArithmeticError) {
        cash[currency] = try (cash[currency] ?? .zero) + amount
    }

    /// Books a trade at simple average cost: adding averages, reducing leaves the average alone, crossing zero starts
    /// anew.
    mutating func trade(
        _ instrument: Instrument, _ side: Side, _ quantity: Quantity, _ price: Price
    ) throws(ArithmeticError) {
        let change = side.signed(quantity)
        var position =
            positions[instrument.symbol]
            ?? PaperPosition(quantity: .zero, averageCost: .zero, currency: instrument.currency)
        let result = try position.quantity + change
        if position.quantity.isZero || position.quantity.isNegative == change.isNegative {
            let before = try position.averageCost.value.multiplied(by: position.quantity.value, rounding: .halfEven)
            let added = try price.value.multiplied(by: change.value, rounding: .halfEven)
            position.averageCost = Price(try (before + added).divided(by: result.value, rounding: .halfEven))
        } else if result.isZero {
            position.averageCost = .zero
        } else if result.isNegative != position.quantity.isNegative {
            position.averageCost = price
        }
        position.quantity = result
        positions[instrument.symbol] = position
    }
}
