public import Broker
internal import Core

extension KISBroker {
    /// Reads the order first: its organisation number, the number of its last revision and what is left of it stand
    /// only in the list. Then asks once.
    public func cancel(_ request: CancelRequest) async -> ChangeOutcome {
        guard let number = KISOrderNumber(request.brokerOrderID) else {
            return .refused(code: "kis-order-id", message: "\(request.brokerOrderID) is no order id of this broker")
        }
        await desk.enter()
        let outcome = await cancel(request, number)
        await desk.leave()
        return outcome
    }

    private func cancel(_ request: CancelRequest, _ number: KISOrderNumber) async -> ChangeOutcome {
        let listed: KISListedOrder?
        do throws(KISError) { listed = try await find(number) } catch {
            return .notSent(detail: "its list could not be read: \(wrap(error))")
        }
        if let listed, !listed.remaining.isPositive {
            return .refused(
                code: "kis-nothing-open",
                message: "KIS lists \(number.padded) as \(listed.order.status.rawValue): \(listed.order.message ?? "")")
        }
        guard let call = await call(request, number, listed) else {
            return .notSent(detail: "KIS does not list order \(number.padded) yet, and its organisation is not known")
        }
        do throws(KISError) {
            _ = try await caller.call(call.endpoint, call.fields)
            return .accepted
        } catch { return Self.changeOutcome(error) }
    }

    /// The order in the list of its day; `nil` while the list lags behind.
    func find(_ number: KISOrderNumber) async throws(KISError) -> KISListedOrder? {
        let rows: KISListing<KISOrderRow>
        switch number.desk {
        case .domestic: rows = try await domesticRows(from: number.date, through: number.date)
        case .overseas:
            rows = try await overseasRows(
                from: number.date.advanced(byDays: -1), through: number.date.advanced(byDays: 1))
        }
        return OrderFolding.orders(rows.items, directory, at: clock.now()).orders
            .first { $0.order.brokerOrderID == number.id }
    }

    private func call(
        _ request: CancelRequest, _ number: KISOrderNumber, _ listed: KISListedOrder?
    ) async -> (endpoint: KISEndpoint, fields: [KISField])? {
        let remembered = await organisations[number]
        switch number.desk {
        case .domestic:
            guard let organisation = listed?.organisation ?? remembered?.organisation else { return nil }
            let change = DomesticChange(
                account: accountNumber, kind: .cancel, organisation: organisation,
                number: listed?.liveNumber ?? remembered?.number ?? number.padded, quantity: nil,
                venue: rules.isReal ? .krx : nil)
            return (.domesticChange, change.fields)
        case .overseas:
            // What is to be cancelled has to be said here: without the list it is not known.
            guard let listed else { return nil }
            let change = OverseasChange(
                account: accountNumber, kind: .cancel, market: listed.ticker.market, code: listed.ticker.code,
                number: listed.liveNumber, quantity: listed.remaining)
            return change.endpoint.map { ($0, change.fields) }
        }
    }

    static func changeOutcome(_ error: KISError) -> ChangeOutcome {
        switch outcome(error) {
        case .rejected(let code, let message): .refused(code: code, message: message)
        case .notSent(let detail), .turnedAway(let detail): .notSent(detail: detail)
        case .unknown(let detail): .unknown(detail: detail)
        case .acknowledged: .accepted
        }
    }
}
