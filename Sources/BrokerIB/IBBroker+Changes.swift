public import Broker
internal import Core

/// Cancellations and new prices. The order is looked for first: IB knows it by an id of the client's that is no order's name, and
/// takes changes only from the client that placed it.
///
/// Looking for it takes time, and what leaves later than ``BrokerCapabilities/requestDeadline`` would come when nobody reckons with
/// it any more: so all of it has the time of one request, and is not sent afterwards.
extension IBBroker {
    public func cancel(_ request: CancelRequest) async -> ChangeOutcome {
        let sendBy = clock.uptime() + Self.orderTime
        switch await find(request.brokerOrderID, request.clientOrderID) {
        case .absent(let outcome): return outcome
        case .open(let order):
            let fate = await connection.cancel(
                orderID: order.orderID, reference: order.terms.reference, sendBy: sendBy, within: Self.orderTime)
            switch fate {
            case .cancelled: return .accepted
            case .changeRefused(let code, let sentence), .rejected(let code, let sentence):
                return .refused(code: "\(code)", message: sentence)
            case .notSent(let detail): return .notSent(detail: detail)
            case .unknown(let detail): return .unknown(detail: detail)
            case .acknowledged, .previewed, .parentMissing:
                return .unknown(detail: "the gateway confirmed the order and not its cancellation")
            }
        }
    }

    /// IB changes an order that is sent again under its id, with all that it is: what takt does not know of an order, it would take
    /// away. So only orders are changed that have nothing of the kind.
    public func revise(_ request: RevisionRequest) async -> ChangeOutcome {
        let sendBy = clock.uptime() + Self.orderTime
        switch await find(request.brokerOrderID, request.clientOrderID) {
        case .absent(let outcome): return outcome
        case .open(let order):
            guard let quantity = order.terms.quantity, quantity.isPositive, order.terms.isPlain, order.parentID == 0
            else {
                return .refused(
                    code: "ib-not-plain",
                    message: "the order \(request.brokerOrderID) has terms that takt does not set; change it in TWS")
            }
            return await revise(order, quantity, request, sendBy: sendBy)
        }
    }

    private func revise(
        _ order: IBOpenOrder, _ quantity: Quantity, _ request: RevisionRequest, sendBy: Duration
    ) async -> ChangeOutcome {
        // How long the order is good for stays as it stands there, whatever our books say of it.
        guard let time = IBTerms.timeInForce(order.terms) else {
            return .refused(
                code: "ib-not-plain",
                message: "the order \(request.brokerOrderID) is good for a time that takt does not set: "
                    + "\(order.terms.timeInForce); change it in TWS")
        }
        let whole = OrderRequest(
            clientOrderID: ClientOrderID(order.terms.reference), instrument: request.instrument, side: order.terms.side,
            type: request.type, quantity: quantity, timeInForce: time)
        let contract: IBListedContract
        do throws(IBFailure) { contract = try await contracts.contract(of: request.instrument) } catch {
            return .notSent(detail: "\(error)")
        }
        let changed: IBOrder
        do throws(IBTerms.Refusal) {
            changed = try IBTerms.order(whole, account: account, for: contract)
        } catch { return .refused(code: error.code, message: error.message) }
        guard contract.conID == order.contract.conID, changed.type.code == order.terms.type else {
            return .refused(
                code: "ib-other-order",
                message: "the order \(request.brokerOrderID) is of another kind than its new terms")
        }
        let sent = PlaceOrderRequest(orderID: order.orderID, contract: contract.contract, order: changed)
        switch await connection.change(sent, sendBy: sendBy, within: Self.orderTime) {
        case .acknowledged: return .accepted
        case .changeRefused(let code, let sentence), .rejected(let code, let sentence):
            return .refused(code: "\(code)", message: sentence)
        case .notSent(let detail): return .notSent(detail: detail)
        case .unknown(let detail): return .unknown(detail: detail)
        case .cancelled, .previewed, .parentMissing:
            return .unknown(detail: "the order was cancelled meanwhile")
        }
    }

    private enum Found {
        case open(IBOpenOrder)
        case absent(ChangeOutcome)
    }

    private func find(_ number: BrokerOrderID, _ id: ClientOrderID) async -> Found {
        if let obstacle = await obstacle() { return .absent(.notSent(detail: obstacle)) }
        let list: IBList<IBListedOrder>
        do throws(IBFailure) { list = try await connection.openOrders() } catch {
            return .absent(.notSent(detail: "\(error)"))
        }
        let ours = list.items.map(\.order).filter { $0.terms.account == account.text }
        // By IB's own number first: it stands for one order only.
        let found =
            ours.first { "\($0.terms.permanentID)" == number.text } ?? ours.first { $0.terms.reference == id.text }
        guard let order = found else {
            guard list.isComplete else {
                return .absent(
                    .notSent(detail: "the order was not found: \(list.problems.joined(separator: "; "))"))
            }
            return .absent(
                .refused(code: "ib-not-open", message: "IB lists no open order \(number); it is looked up"))
        }
        guard order.clientID == Int64(connection.configuration.clientID) else {
            return .absent(
                .refused(
                    code: "ib-other-client",
                    message:
                        "the order \(number) belongs to client \(order.clientID), and only that one can change it; do it "
                        + "there, or in TWS"))
        }
        return .open(order)
    }
}

extension IBOrderTerms {
    /// Whether it has nothing that takt does not set.
    fileprivate var isPlain: Bool {
        !reference.isEmpty && oneCancelsAllGroup.isEmpty && algorithm.isEmpty && goodAfter.isEmpty && goodTill.isEmpty
            && !outsideRegularHours
    }
}
