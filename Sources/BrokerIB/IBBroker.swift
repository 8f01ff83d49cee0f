public import Broker
public import Core
public import Sessions

/// Interactive Brokers behind the protocol that all brokers share.
///
/// IB keeps our order id (`orderRef`) and lists it again with open orders, completed orders and executions: that is how an order
/// in doubt is found. What is not known for certain is said so: a list that was cut off is incomplete, an order without an
/// answer is unknown.
public struct IBBroker: Broker {
    public let id: BrokerID
    public let account: AccountID
    public let capabilities: BrokerCapabilities
    let connection: IBConnection
    let contracts: IBContracts
    let names: IBNames
    let clock: IBClock
    /// Of the gateway's login, for times that name no zone.
    let loginZone: ZoneRules
    let trouble: @Sendable (String) -> Void

    /// The gateway has so long to say what it does with an order.
    static let orderTime = Duration.seconds(15)
    /// The costs of an execution come within that, and until then its cash may differ by them.
    static let costsTime = Duration.seconds(60)

    /// - Parameters:
    ///   - connection: Of the role that places orders: only its client can cancel them. It is opened and closed by whoever made
    ///     it.
    ///   - instruments: All that are configured: IB lists its own contracts.
    ///   - loginZone: The zone that the gateway was logged in with.
    ///   - allowsShort: Whether the account may sell short.
    ///   - trouble: Is told, in a sentence, of everything that kept a list from being complete.
    public init(
        _ connection: IBConnection, account: AccountID, contracts: IBContracts, instruments: [Instrument],
        loginZone: ZoneRules = ZoneRules.named("America/New_York") ?? .utc, allowsShort: Bool = false,
        id: BrokerID = .ib, trouble: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.id = id
        self.account = account
        self.connection = connection
        self.contracts = contracts
        self.loginZone = loginZone
        self.trouble = trouble
        clock = connection.clock
        names = IBNames(instruments, contracts: contracts)
        capabilities = BrokerCapabilities(
            // Orders may be on their way between gateway and server for some seconds.
            listsClientOrderIDs: true, visibilityDelay: .seconds(10), requestDeadline: Self.orderTime,
            clockTolerance: .seconds(5),
            orderTypes: [
                "market", "limit", "stop", "stop-limit", "market-to-limit", "trailing-stop", "trailing-stop-limit",
            ],
            timesInForce: [
                .day, .goodTillCancelled, .immediateOrCancel, .fillOrKill, .atOpen, .atClose, .goodTillDate,
            ],
            handling: [OrderHandling.outsideRegularHoursName, Bracket.name, "adaptive", "twap", "vwap"],
            allowsShort: allowsShort)
    }

    // MARK: Orders

    /// The order as it will be sent: its contract found, and its terms ones that IB has.
    public func prepared(_ request: OrderRequest) async -> PreparedOrder {
        do throws(IBFailure) {
            let contract = try await contracts.contract(of: request.instrument)
            do throws(IBTerms.Refusal) {
                _ = try IBTerms.order(request, account: account, for: contract)
            } catch { return .refused(code: error.code, message: error.message) }
            return .ready(request, note: nil)
        } catch {
            return error.isDefinite
                ? .refused(code: "ib-contract", message: "\(error)") : .notReady(detail: "\(error)")
        }
    }

    /// What IB says that the order would come to (a "what-if"): margins and equity behind it, and the commission at the most.
    public func preview(_ request: OrderRequest) async -> OrderPreview {
        do throws(IBFailure) {
            let contract = try await contracts.contract(of: request.instrument)
            var order: IBOrder
            do throws(IBTerms.Refusal) {
                order = try IBTerms.order(request, account: account, for: contract)
            } catch { return .refused(error.message) }
            order.isWhatIf = true
            if let obstacle = await obstacle() { return .unknown(obstacle) }
            guard let orderID = try await connection.reserveOrderIDs().first else {
                return .unknown("there is no order id")
            }
            let asked = PlaceOrderRequest(orderID: orderID, contract: contract.contract, order: order)
            switch await connection.preview(asked, within: Self.orderTime) {
            case .previewed(let state): return .told(state.preview)
            case .rejected(let code, let sentence): return .refused("\(code) \(sentence)")
            case .notSent(let detail), .unknown(let detail), .changeRefused(_, let detail), .parentMissing(let detail):
                return .unknown(detail)
            case .acknowledged, .cancelled: return .unknown("the gateway answered as to an order")
            }
        } catch { return error.isDefinite ? .refused("\(error)") : .unknown("\(error)") }
    }

    /// One message for each, in order, and never a second one. After an outcome that nobody knows, further orders for the same
    /// instrument are kept back; an entry and what protects it are sent together.
    public func submit(_ requests: [OrderRequest]) async -> [SubmitOutcome] {
        var outcomes: [SubmitOutcome] = []
        var doubtful: Set<Symbol> = []
        for group in requests.together {
            let symbol = group[0].instrument.symbol
            let detail = "an order for \(symbol) just before it is in doubt"
            let came =
                doubtful.contains(symbol)
                ? group.map { _ in SubmitOutcome.notSent(detail: detail) } : await submit(together: group)
            if came.contains(where: \.isUnknown) { doubtful.insert(symbol) }
            outcomes += came
        }
        return outcomes
    }

    /// - Parameter requests: An order by itself, or an entry with what protects it.
    private func submit(together requests: [OrderRequest]) async -> [SubmitOutcome] {
        func all(_ outcome: SubmitOutcome) -> [SubmitOutcome] { requests.map { _ in outcome } }
        let (request, exits) = (requests[0], Array(requests.dropFirst()))
        // By itself it would open what it is to close.
        guard request.handling.protects == nil, exits.count == request.handling.bracket?.legs.count ?? 0 else {
            return all(.rejected(code: "ib-half-bracket", message: "an entry and what protects it go together"))
        }
        var placing: [PlaceOrderRequest] = []
        do throws(IBFailure) {
            let contract = try await contracts.contract(of: request.instrument)
            let orders: [IBOrder]
            do throws(IBTerms.Refusal) {
                orders = try IBTerms.orders(request, protectedBy: exits, account: account, for: contract)
            } catch { return all(.rejected(code: error.code, message: error.message)) }
            if let obstacle = await obstacle() { return all(.notSent(detail: obstacle)) }
            let ids = try await connection.reserveOrderIDs(orders.count)
            guard let first = ids.first, ids.count == orders.count else {
                return all(.notSent(detail: "there is no order id"))
            }
            for (id, order) in zip(ids, orders) {
                var order = order
                if id != first { order.parentID = first }
                placing.append(PlaceOrderRequest(orderID: id, contract: contract.contract, order: order))
            }
        } catch {
            return all(
                error.isDefinite
                    ? .rejected(code: "ib-contract", message: "\(error)") : .notSent(detail: "\(error)"))
        }
        let sendBy = request.expiresAt.map { clock.uptime() + $0.duration(since: clock.wall.now()) }
        let fates = await connection.place(placing, sendBy: sendBy, within: Self.orderTime)
        let cause = fates.first { $0.isRefusal && !$0.isWithdrawal }
        return fates.map { fate in
            // What was withdrawn ended for the reason for which another one of them was not taken.
            guard fate.isWithdrawal, let cause else { return outcome(of: fate) }
            switch outcome(of: cause) {
            case .notSent(let detail): return .notSent(detail: "withdrawn with the rest of its bracket: \(detail)")
            case .rejected(let code, let message):
                return .rejected(code: code, message: "withdrawn with the rest of its bracket: \(message)")
            case .acknowledged, .turnedAway, .unknown: return outcome(of: fate)
            }
        }
    }

    /// Why no order is sent, changed or cancelled now.
    func obstacle() async -> String? {
        guard await connection.mayPlaceOrders else { return await connection.whyNoOrders }
        return await strangeness()
    }

    /// What is wrong with the login, if it has not our account: its lists would be empty, and mean nothing.
    private func strangeness() async -> String? {
        let accounts = await connection.accounts
        return accounts.contains(account.text)
            ? nil
            : "the gateway's login has not the account that is configured, but \(accounts.count) others. Log in with its user, or "
                + "correct brokers.ib.account"
    }

    /// - Throws: Where a list of ours would be one of somebody else's.
    func checkLogin() async throws(IBFailure) {
        guard await connection.isReady else { throw .notConnected(detail: await connection.trouble) }
        if let detail = await strangeness() { throw .notAsked(request: "the account's lists", detail: detail) }
    }

    private func outcome(of fate: IBPlacements.Fate) -> SubmitOutcome {
        switch fate {
        case .acknowledged(let number, _): .acknowledged(BrokerOrderID("\(number)"), at: clock.wall.now())
        case .rejected(let code, let sentence): .rejected(code: "\(code)", message: sentence)
        case .notSent(let detail): .notSent(detail: detail)
        case .unknown(let detail), .changeRefused(_, let detail): .unknown(detail: detail)
        case .cancelled: .unknown(detail: "the order was cancelled before it was acknowledged")
        case .previewed: .unknown(detail: "the gateway answered as to a question")
        // Whole and under ids of its own the bracket may go again.
        case .parentMissing(let sentence): .notSent(detail: sentence)
        }
    }

    /// A read's failure in the words of the protocol.
    func wrap(_ error: IBFailure) -> BrokerError {
        switch error {
        case .malformed(let request, let detail): .malformedAnswer(broker: id, detail: "\(request): \(detail)")
        case .refused, .contractUnknown, .contractAmbiguous, .contractDiffers, .contractNotServed:
            .refused(broker: id, detail: "\(error)")
        case .notConnected, .notAsked, .connectionLost, .timedOut, .tooFast, .tooMuch, .cancelled:
            .unavailable(broker: id, detail: "\(error)")
        }
    }
}

extension IBOrderState {
    fileprivate var preview: OrderPreview.Terms {
        let most = (maximumCommission ?? commission).flatMap { amount in
            Currency(commissionCurrency).map { Money(amount, $0) }
        }
        return OrderPreview.Terms(
            initialMargin: after.initial, initialMarginChange: change.initial, maintenanceMargin: after.maintenance,
            equityWithLoan: after.equityWithLoan,
            commission: most, warning: warning.isEmpty ? nil : warning)
    }
}

extension IBPlacements.Fate {
    /// It was cancelled before IB had it. 202 says so in the gateway's table of codes.
    fileprivate var isWithdrawal: Bool {
        if case .rejected(code: 202, _) = self { true } else { false }
    }
}

extension SubmitOutcome {
    var isUnknown: Bool {
        if case .unknown = self { true } else { false }
    }
}
