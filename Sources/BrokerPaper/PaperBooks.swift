public import Broker
public import Core
internal import GRDB

/// The exchange's own books as values: the independent witness against which takt's books are checked.
public struct PaperBooks: Hashable, Sendable {
    public struct Order: Hashable, Sendable {
        public let order: BrokerOrder
        /// Volume-weighted over the executions, rounded half to even at the eighth decimal; `nil` before the first.
        public let averageFillPrice: Price?
        public let updatedAt: Instant
        /// `nil`: good till cancelled.
        public let expiresAt: Instant?
        public let finishedAt: Instant?
    }

    public struct Execution: Hashable, Sendable {
        public let execution: BrokerExecution
        public let recordedAt: Instant
    }

    public struct Cash: Hashable, Sendable {
        public let currency: Currency
        public let balance: FixedPoint
        /// What open orders and short positions do not hold.
        public let available: FixedPoint
        /// All fees and taxes paid since the books were opened.
        public let fees: FixedPoint
        public let taxes: FixedPoint
    }

    public let account: AccountID
    public let openedAt: Instant
    public let takenAt: Instant
    /// Counts the transactions that changed the books.
    public let revision: Int
    /// Ascending by number, finished ones included.
    public let orders: [Order]
    public let executions: [Execution]
    public let positions: [BrokerPosition]
    public let cash: [Cash]
    public let activities: [AccountActivity]
}

extension PaperBooks {
    init(_ state: PaperState, _ engine: PaperEngine, takenAt: Instant, _ db: Database) throws {
        let fills = try Row.fetchAll(db, sql: "SELECT * FROM executions ORDER BY number").map(PaperRows.fill)
        let byOrder = Dictionary(grouping: fills, by: \.order)
        account = AccountID(try String.fetchOne(db, sql: "SELECT account FROM account") ?? "")
        openedAt = state.openedAt
        self.takenAt = takenAt
        revision = try Int.fetchOne(db, sql: "SELECT revision FROM account") ?? 0
        orders = try Row.fetchAll(db, sql: "SELECT * FROM orders ORDER BY number").map { row in
            let order = try PaperRows.order(row)
            return Order(
                order: order.listed, averageFillPrice: try Self.average(byOrder[order.number] ?? []),
                updatedAt: order.updatedAt, expiresAt: order.expiresAt, finishedAt: order.finishedAt)
        }
        executions = fills.map { Execution(execution: $0.listed, recordedAt: $0.recordedAt) }
        positions = state.listedPositions
        cash = try state.cash.sorted { $0.key < $1.key }.map { currency, balance in
            let own = fills.filter { $0.currency == currency }
            return Cash(
                currency: currency, balance: balance, available: try engine.buyingPower(currency),
                fees: try Self.sum(own.map(\.fee)), taxes: try Self.sum(own.map(\.tax)))
        }
        activities = try Row.fetchAll(db, sql: "SELECT * FROM activities ORDER BY number")
            .map { try PaperRows.activity($0).listed }
    }

    private static func sum(_ amounts: [FixedPoint]) throws(ArithmeticError) -> FixedPoint {
        var total = FixedPoint.zero
        for amount in amounts { total = try total + amount }
        return total
    }

    private static func average(_ fills: [PaperFill]) throws(ArithmeticError) -> Price? {
        guard !fills.isEmpty else { return nil }
        var (value, quantity) = (FixedPoint.zero, FixedPoint.zero)
        for fill in fills {
            value = try value + fill.price.value.multiplied(by: fill.quantity.value, rounding: .halfEven)
            quantity = try quantity + fill.quantity.value
        }
        return Price(try value.divided(by: quantity, rounding: .halfEven))
    }
}

// MARK: As a broker lists it

extension PaperOrder {
    var listed: BrokerOrder {
        BrokerOrder(
            brokerOrderID: id, clientOrderID: clientOrderID, symbol: symbol, side: side, type: type, quantity: quantity,
            filledQuantity: filled, timeInForce: timeInForce, status: status, placedAt: placedAt, message: message)
    }
}

extension PaperFill {
    var listed: BrokerExecution {
        BrokerExecution(
            executionID: PaperNumber.execution(number), brokerOrderID: PaperNumber.order(order),
            clientOrderID: clientOrderID, symbol: symbol, side: side, quantity: quantity, price: price, fee: fee,
            tax: tax,
            currency: currency, filledAt: filledAt)
    }
}

extension PaperActivity {
    var listed: AccountActivity { AccountActivity(id: PaperNumber.activity(number), at: at, kind: kind) }
}

extension PaperState {
    /// Positions that are not flat, by symbol.
    var listedPositions: [BrokerPosition] {
        positions.filter { !$0.value.quantity.isZero }.sorted { $0.key < $1.key }.map { symbol, position in
            BrokerPosition(
                symbol: symbol, quantity: position.quantity, averageCost: position.averageCost,
                currency: position.currency)
        }
    }
}
