public import Broker
internal import Core

extension KISBroker {
    /// Reads the order first, as a cancellation does: the number that works now and what is left stand only in the list. Then
    /// asks once, for all that is left. KIS gives the revision a number of its own; the order keeps its first one here.
    public func revise(_ request: RevisionRequest) async -> ChangeOutcome {
        guard let number = KISOrderNumber(request.brokerOrderID) else {
            return .refused(code: "kis-order-id", message: "\(request.brokerOrderID) is no order id of this broker")
        }
        await desk.enter()
        let outcome = await revise(request, number)
        await desk.leave()
        return outcome
    }

    private func revise(_ request: RevisionRequest, _ number: KISOrderNumber) async -> ChangeOutcome {
        // The list is read first. What is late by then does not leave: lists read a request's deadline after it was put on record
        // are believed.
        let end = clock.now().advanced(by: rules.requestDeadline / 2)
        let listed: KISListedOrder
        do throws(KISError) {
            guard let found = try await find(number) else {
                return .notSent(detail: "KIS does not list order \(number.padded) yet")
            }
            listed = found
        } catch { return .notSent(detail: "its list could not be read: \(wrap(error))") }
        guard listed.remaining.isPositive else {
            return .refused(
                code: "kis-nothing-open",
                message: "KIS lists \(number.padded) as \(listed.order.status.rawValue): \(listed.order.message ?? "")")
        }
        let call: (endpoint: KISEndpoint, fields: [KISField])
        let organisation = await organisations[number]?.organisation
        do throws(OrderRefusal) { call = try self.call(request, listed, listed.organisation ?? organisation) } catch {
            return .refused(code: error.code, message: error.message)
        }
        do throws(KISError) {
            _ = try await caller.send(call.endpoint, call.fields, notAfter: end)
            return .accepted
        } catch {
            // Nobody promises that it never got through, and a price that is thought unchanged would count as such.
            if case .turnedAway(_, let detail) = error { return .unknown(detail: detail) }
            return Self.changeOutcome(error)
        }
    }

    private func call(
        _ request: RevisionRequest, _ listed: KISListedOrder, _ organisation: String?
    ) throws(OrderRefusal) -> (endpoint: KISEndpoint, fields: [KISField]) {
        // The rules of a new order hold: price steps, decimals, and what the host and the market have.
        let terms = try KISTerms(
            OrderRequest(
                clientOrderID: request.clientOrderID, instrument: request.instrument, side: request.side,
                type: request.type, quantity: listed.remaining, timeInForce: request.timeInForce),
            directory, rules, on: listed.ticker.market.zone.date(clock.now()))
        switch terms.kind {
        case .domestic(let division, let price, let stop):
            guard let organisation else {
                throw .revision("KIS does not say which of its branches has the order")
            }
            let change = DomesticChange(
                account: accountNumber, kind: .revise(division, price: price, stop: stop), organisation: organisation,
                number: listed.liveNumber, quantity: nil, venue: rules.isReal ? .krx : nil)
            return (.domesticChange, change.fields)
        case .overseas(_, let price):
            guard let price else { throw .revision("an order abroad has a limit") }
            let change = OverseasChange(
                account: accountNumber, kind: .revise(price), market: listed.ticker.market, code: listed.ticker.code,
                number: listed.liveNumber, quantity: listed.remaining)
            guard let endpoint = change.endpoint else {
                throw .revision(
                    "\(listed.ticker.market.codes.order) only cancels: cancel it and propose another (`takt propose`)")
            }
            return (endpoint, change.fields)
        }
    }
}
