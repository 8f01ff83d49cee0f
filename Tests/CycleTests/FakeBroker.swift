import Broker
import Core
import Synchronization
import TestSupport

/// A broker of one's own: a book in memory, and a script of what it answers.
final class FakeBroker: Broker {
    enum Answer: Sendable {
        case acknowledge
        /// Acknowledged, and executed whole at this price at once.
        case fill(Price)
        case reject
        case notSent
        /// Turned away at the door.
        case turnedAway
        /// Turned away at the door, and the order stands in the book all the same.
        case turnedAwayAndTaken
        /// No answer; the order stands in the book all the same.
        case unknownAccepted
        /// No answer; the order stands in the book, and the lists do not show it before `revealAll()`.
        case unknownHidden
        /// No answer; the order never arrived.
        case unknownLost
    }

    enum CancelAnswer: Sendable {
        case accept
        /// Accepted, and the order works on.
        case acceptInVain
        case refuse
        case notSent
        /// No answer; the order works on.
        case unknown
        /// No answer; the order was changed.
        case unknownButDone
    }

    enum List: Hashable, Sendable, CaseIterable { case orders, executions, positions, cash, activities }

    struct Book: Sendable {
        var orders: [BrokerOrder] = []
        var executions: [BrokerExecution] = []
        var positions: [Symbol: Quantity] = [:]
        var cash: FixedPoint
        var foreignCash: [Currency: FixedPoint] = [:]
        var activities: [AccountActivity] = []
        var hidden: Set<BrokerOrderID> = []
        var answers: [Symbol: [Answer]] = [:]
        var cancelAnswers: [Symbol: CancelAnswer] = [:]
        var incomplete: Set<List> = []
        /// From when on its orders and executions are listed.
        var beginsAt: Instant?
        var repeatsExecutions = false
        var namesCosts = true
        /// Cash pays this for each execution from now on, which is told without until then.
        var lateFee: (amount: FixedPoint, isTold: Bool)?
        /// Somebody trades: that many readings of the executions each show one more.
        var restlessReadings = 0
        var sent: [OrderRequest] = []
        var secondsToAnswer: Int64 = 0
        var previews: [Symbol: OrderPreview] = [:]
        var heldUntil: [Symbol: Instant] = [:]
        var unprepared: String?
        var previewed: [OrderRequest] = []
        var cancels: [CancelRequest] = []
        var revisions: [RevisionRequest] = []
        var fetchesUnderWay = 0
        var mostFetchesUnderWay = 0
    }

    let id: BrokerID
    let account = AccountID("A1")
    let capabilities: BrokerCapabilities
    private let clock: ManualClock
    private let book: Mutex<Book>
    private let interlude = Mutex<(@Sendable () async -> Void)?>(nil)

    init(
        _ id: BrokerID = .paper, clock: ManualClock, capabilities: BrokerCapabilities, cash: FixedPoint,
        positions: [Symbol: Quantity]
    ) {
        self.id = id
        self.clock = clock
        self.capabilities = capabilities
        book = Mutex(Book(positions: positions, cash: cash))
    }

    // MARK: The script

    func answer(_ symbol: Symbol, _ answer: Answer) { self.answer(symbol, [answer]) }
    /// One after the other; those after them are acknowledged.
    func answer(_ symbol: Symbol, _ answers: [Answer]) { book.withLock { $0.answers[symbol] = answers } }
    func answerCancel(_ symbol: Symbol, _ answer: CancelAnswer) { book.withLock { $0.cancelAnswers[symbol] = answer } }
    /// From now on the answer to orders comes so late.
    /// Takes orders for the symbol from then on only.
    func hold(_ symbol: Symbol, until instant: Instant?) { book.withLock { $0.heldUntil[symbol] = instant } }
    func preview(_ symbol: Symbol, _ preview: OrderPreview) { book.withLock { $0.previews[symbol] = preview } }
    /// Orders whose id has that in it cannot be made ready from now on.
    func cannotPrepare(_ part: String?) { book.withLock { $0.unprepared = part } }
    var previewed: [OrderRequest] { book.withLock { $0.previewed } }
    func takeSeconds(_ seconds: Int64) { book.withLock { $0.secondsToAnswer = seconds } }
    func list(from instant: Instant?) { book.withLock { $0.beginsAt = instant } }
    func setIncomplete(_ lists: Set<List>) { book.withLock { $0.incomplete = lists } }
    func setPosition(_ symbol: Symbol, _ quantity: Quantity) { book.withLock { $0.positions[symbol] = quantity } }
    /// Cash comes or goes and no list of the broker's says why.
    func moveCash(_ amount: FixedPoint) throws { try book.withLock { $0.cash = try $0.cash + amount } }
    /// Every execution costs so much, which the broker tells with ``tellFees()`` only.
    func chargeLate(_ fee: FixedPoint) { book.withLock { $0.lateFee = (fee, false) } }
    func tellFees() { book.withLock { $0.lateFee?.isTold = true } }
    func hideCosts() { book.withLock { $0.namesCosts = false } }
    func repeatExecutions() { book.withLock { $0.repeatsExecutions = true } }
    func revealAll() { book.withLock { $0.hidden = [] } }

    /// What happens once, right after the orders have been read and before whoever asked has got the list.
    func afterNextOrders(_ body: @escaping @Sendable () async -> Void) { interlude.withLock { $0 = body } }

    func setRestless(readings: Int) { book.withLock { $0.restlessReadings = readings } }
    func setActivities(_ activities: [AccountActivity]) { book.withLock { $0.activities = activities } }
    /// An order that is lost at the broker: it is in no list any more.
    func lose(_ number: BrokerOrderID) { book.withLock { $0.orders.removeAll { $0.brokerOrderID == number } } }

    /// Money comes in (negative: goes out), and the broker lists it among the account's activities.
    func pay(_ money: Money, id: String, at: Instant) throws {
        try book.withLock { book in
            if money.currency == .usd {
                book.cash = try book.cash + money.amount
            } else {
                book.foreignCash[money.currency] = try (book.foreignCash[money.currency] ?? .zero) + money.amount
            }
            book.activities.append(AccountActivity(id: id, at: at, kind: .deposit(money)))
        }
    }

    /// An order of the book is changed, by hand or by a split.
    func amend(_ number: BrokerOrderID, quantity: Quantity, type: OrderType) {
        book.withLock { Self.replace(number, in: &$0) { $0.with(quantity: quantity, type: type) } }
    }

    func close(_ number: BrokerOrderID, as status: BrokerOrder.Status, filled: Quantity) {
        book.withLock { Self.replace(number, in: &$0) { $0.with(status: status, filledQuantity: filled) } }
    }

    /// Somebody else's order.
    func place(_ order: BrokerOrder) { book.withLock { $0.orders.append(order) } }

    /// An execution; the order need not be listed.
    func execute(_ execution: BrokerExecution) throws { try book.withLock { try Self.execute(execution, in: &$0) } }

    /// Executes an order of the book whole.
    func fill(_ number: BrokerOrderID, at price: Price) throws {
        let now = clock.now()
        try book.withLock { book in
            guard let order = book.orders.first(where: { $0.brokerOrderID == number }) else { return }
            try Self.fill(order, price, now, in: &book)
        }
    }

    /// The exchange corrects the price of an execution.
    func correct(_ id: String, by correction: String, at price: Price) throws {
        try book.withLock { book in
            guard let index = book.executions.firstIndex(where: { $0.executionID.text == id }) else { return }
            let old = book.executions[index]
            book.executions[index] = old.busted()
            book.executions.append(
                BrokerExecution(
                    executionID: ExecutionID(correction), brokerOrderID: old.brokerOrderID,
                    clientOrderID: old.clientOrderID, symbol: old.symbol, side: old.side, quantity: old.quantity,
                    price: price, fee: old.fee, tax: old.tax, currency: old.currency, filledAt: old.filledAt,
                    replaces: [old.executionID]))
            let dearer = try (price - old.price).value.multiplied(
                by: old.side.signed(old.quantity).value, rounding: .halfEven)
            book.cash = try book.cash - dearer
        }
    }

    /// The exchange takes every execution back, and the orders are cancelled.
    func bustAll() throws {
        try book.withLock { book in
            for execution in book.executions {
                let signed = execution.side.signed(execution.quantity)
                book.positions[execution.symbol] = try (book.positions[execution.symbol] ?? .zero) - signed
                book.cash = try book.cash + execution.price.value.multiplied(by: signed.value, rounding: .halfEven)
            }
            book.executions = book.executions.map { $0.busted() }
            book.orders = book.orders.map { $0.with(status: .cancelled, filledQuantity: .zero) }
        }
    }

    var sent: [OrderRequest] { book.withLock { $0.sent } }
    /// Counts from here how many comparisons read the lists at a time, each from its orders to its cash.
    func countFetches() {
        book.withLock { book in
            book.fetchesUnderWay = 0
            book.mostFetchesUnderWay = 0
        }
    }

    var cancels: [CancelRequest] { book.withLock { $0.cancels } }
    var revisions: [RevisionRequest] { book.withLock { $0.revisions } }
    var mostFetchesUnderWay: Int { book.withLock { $0.mostFetchesUnderWay } }
    func number(of symbol: Symbol) -> BrokerOrderID? {
        book.withLock { $0.orders.last { $0.symbol == symbol }?.brokerOrderID }
    }

    // MARK: Broker

    var asksBeforeOrders: Bool { book.withLock { !$0.previews.isEmpty } }

    func preview(_ request: OrderRequest) async -> OrderPreview {
        clock.advance(seconds: book.withLock { $0.secondsToAnswer })
        return book.withLock { book in
            book.previewed.append(request)
            return book.previews[request.instrument.symbol] ?? .told(.init())
        }
    }

    func prepared(_ request: OrderRequest) async -> PreparedOrder {
        if let part = book.withLock({ $0.unprepared }), request.clientOrderID.text.contains(part) {
            return .notReady(detail: "the price cannot be read")
        }
        guard let until = book.withLock({ $0.heldUntil[request.instrument.symbol] }), clock.now() < until else {
            return .ready(request, note: nil)
        }
        return .waiting(until: until, detail: "the market takes none yet")
    }

    func submit(_ requests: [OrderRequest]) async -> [SubmitOutcome] {
        let now = clock.now()
        clock.advance(seconds: book.withLock { $0.secondsToAnswer })
        return book.withLock { book in requests.map { Self.take($0, now, capabilities, in: &book) } }
    }

    private static func take(
        _ request: OrderRequest, _ now: Instant, _ capabilities: BrokerCapabilities, in book: inout Book
    ) -> SubmitOutcome {
        book.sent.append(request)
        var answers = (book.answers.removeValue(forKey: request.instrument.symbol) ?? [])[...]
        let answer = answers.popFirst() ?? .acknowledge
        book.answers[request.instrument.symbol] = Array(answers)
        switch answer {
        case .reject: return .rejected(code: "R1", message: "not today")
        case .notSent: return .notSent(detail: "connection refused")
        case .turnedAway: return .turnedAway(detail: "too many calls")
        case .unknownLost: return .unknown(detail: "timed out")
        case .acknowledge, .fill, .unknownAccepted, .unknownHidden, .turnedAwayAndTaken: break
        }
        let number = BrokerOrderID("B\(book.orders.count + 1)")
        let order = BrokerOrder(
            brokerOrderID: number, clientOrderID: capabilities.listsClientOrderIDs ? request.clientOrderID : nil,
            symbol: request.instrument.symbol, side: request.side, type: request.type, quantity: request.quantity,
            filledQuantity: .zero, timeInForce: request.timeInForce, status: .working, placedAt: now, message: nil)
        book.orders.append(order)
        switch answer {
        case .unknownAccepted: return .unknown(detail: "timed out")
        case .turnedAwayAndTaken: return .turnedAway(detail: "too many calls")
        case .unknownHidden:
            book.hidden.insert(number)
            return .unknown(detail: "timed out")
        case .fill(let price):
            do { try fill(order, price, now, in: &book) } catch { return .unknown(detail: "\(error)") }
        case .acknowledge, .reject, .notSent, .turnedAway, .unknownLost: break
        }
        return .acknowledged(number, at: now)
    }

    func cancel(_ request: CancelRequest) async -> ChangeOutcome {
        book.withLock { book in
            book.cancels.append(request)
            switch book.cancelAnswers.removeValue(forKey: request.symbol) ?? .accept {
            case .accept:
                Self.replace(request.brokerOrderID, in: &book) { $0.with(status: .cancelled) }
                return .accepted
            case .acceptInVain: return .accepted
            case .refuse: return .refused(code: "too-late", message: "the order is final")
            case .notSent: return .notSent(detail: "connection refused")
            case .unknown: return .unknown(detail: "timed out")
            case .unknownButDone:
                Self.replace(request.brokerOrderID, in: &book) { $0.with(status: .cancelled) }
                return .unknown(detail: "timed out")
            }
        }
    }

    /// Answered as cancellations are.
    func revise(_ request: RevisionRequest) async -> ChangeOutcome {
        book.withLock { book in
            book.revisions.append(request)
            let answer = book.cancelAnswers.removeValue(forKey: request.instrument.symbol) ?? .accept
            switch answer {
            case .accept, .unknownButDone:
                Self.replace(request.brokerOrderID, in: &book) { $0.with(quantity: $0.quantity, type: request.type) }
                return answer == .accept ? .accepted : .unknown(detail: "timed out")
            case .acceptInVain: return .accepted
            case .refuse: return .refused(code: "too-late", message: "the order is final")
            case .notSent: return .notSent(detail: "connection refused")
            case .unknown: return .unknown(detail: "timed out")
            }
        }
    }

    func orders(since: Instant) async throws(BrokerError) -> Snapshot<BrokerOrder> {
        book.withLock { book in
            book.fetchesUnderWay += 1
            book.mostFetchesUnderWay = max(book.mostFetchesUnderWay, book.fetchesUnderWay)
        }
        await Task.yield()
        let orders = list(.orders) { book in
            book.orders.filter {
                !book.hidden.contains($0.brokerOrderID)
                    && ($0.placedAt >= since || [.working, .partiallyFilled].contains($0.status))
            }
        }
        let interlude = interlude.withLock { $0.take() }
        await interlude?()
        return orders
    }

    func executions(since: Instant) async throws(BrokerError) -> Snapshot<BrokerExecution> {
        let now = clock.now()
        book.withLock { book in
            guard book.restlessReadings > 0 else { return }
            book.restlessReadings -= 1
            let number = "R\(book.restlessReadings)"
            book.executions.append(.fixture("X-\(number)", order: number, symbol: Symbol("AAPL"), filledAt: now))
        }
        return list(.executions) { book in
            let shown = book.executions.filter { !book.hidden.contains($0.brokerOrderID) && $0.filledAt >= since }
            let told = book.lateFee.map { fee in shown.map { $0.costing(fee.isTold ? fee.amount : nil) } } ?? shown
            return book.repeatsExecutions ? told + told.reversed() : told
        }
    }

    func positions() async throws(BrokerError) -> Snapshot<BrokerPosition> {
        await Task.yield()
        return list(.positions) { book in
            book.positions.filter { !$0.value.isZero }.map {
                BrokerPosition(
                    symbol: $0.key, quantity: $0.value, averageCost: book.namesCosts ? Price(100) : nil, currency: .usd)
            }
        }
    }

    func cash() async throws(BrokerError) -> Snapshot<Money> {
        book.withLock { $0.fetchesUnderWay -= 1 }
        return list(.cash) { book in
            [Money(book.cash, .usd)] + book.foreignCash.map { Money($0.value, $0.key) }
        }
    }

    func activities(since: Instant) async throws(BrokerError) -> Snapshot<AccountActivity> {
        list(.activities) { $0.activities.filter { $0.at >= since } }
    }

    private func list<Item: Sendable>(_ name: List, _ items: (Book) -> [Item]) -> Snapshot<Item> {
        let now = clock.now()
        return book.withLock { book in
            Snapshot(
                items: items(book), isComplete: !book.incomplete.contains(name), takenAt: now,
                beginsAt: name == .orders || name == .executions ? book.beginsAt : nil)
        }
    }

    // MARK: The book

    private static func fill(_ order: BrokerOrder, _ price: Price, _ now: Instant, in book: inout Book) throws {
        try execute(
            .fixture(
                "E-\(order.brokerOrderID)", order: order.brokerOrderID.text, clientOrderID: order.clientOrderID,
                symbol: order.symbol, side: order.side, quantity: order.quantity, price: price, filledAt: now),
            in: &book)
        replace(order.brokerOrderID, in: &book) { $0.with(status: .filled, filledQuantity: order.quantity) }
    }

    private static func execute(_ execution: BrokerExecution, in book: inout Book) throws {
        let signed = execution.side.signed(execution.quantity)
        book.positions[execution.symbol] = try (book.positions[execution.symbol] ?? .zero) + signed
        book.cash = try book.cash - execution.price.value.multiplied(by: signed.value, rounding: .halfEven)
        book.executions.append(execution)
    }

    private static func replace(_ id: BrokerOrderID, in book: inout Book, _ change: (BrokerOrder) -> BrokerOrder) {
        book.orders = book.orders.map { $0.brokerOrderID == id ? change($0) : $0 }
    }
}

extension BrokerOrder {
    func with(
        status: Status? = nil, filledQuantity: Quantity? = nil, quantity: Quantity? = nil, type: OrderType? = nil
    ) -> BrokerOrder {
        BrokerOrder(
            brokerOrderID: brokerOrderID, clientOrderID: clientOrderID, symbol: symbol, side: side,
            type: type ?? self.type, quantity: quantity ?? self.quantity,
            filledQuantity: filledQuantity ?? self.filledQuantity, timeInForce: timeInForce,
            status: status ?? self.status, placedAt: placedAt, message: message)
    }
}

extension BrokerExecution {
    /// With a fee, or waiting for it.
    func costing(_ fee: FixedPoint?) -> BrokerExecution {
        BrokerExecution(
            executionID: executionID, brokerOrderID: brokerOrderID, clientOrderID: clientOrderID, symbol: symbol,
            side: side, quantity: quantity, price: price, fee: fee ?? .zero, tax: tax, currency: currency,
            filledAt: filledAt, isBusted: isBusted, awaitsCosts: fee == nil)
    }

    func busted() -> BrokerExecution {
        BrokerExecution(
            executionID: executionID, brokerOrderID: brokerOrderID, clientOrderID: clientOrderID, symbol: symbol,
            side: side, quantity: quantity, price: price, fee: fee, tax: tax, currency: currency, filledAt: filledAt,
            isBusted: true)
    }
}
