internal import Broker
internal import Core

/// Our orders in IB's terms, and back.
enum IBTerms {
    /// IB has no such order.
    struct Refusal: Error, Hashable {
        let code: String
        let message: String
    }

    static func order(
        _ request: OrderRequest, account: AccountID, for contract: IBListedContract
    ) throws(Refusal) -> IBOrder {
        guard contract.isTradable else {
            throw Refusal(
                code: "ib-index", message: "\(request.instrument.symbol) is an index: it has prices and no orders")
        }
        return try order(request, account: account, magnifier: contract.priceMagnifier)
    }

    /// - Parameter magnifier: IB quotes the prices in so many parts of the currency.
    static func order(
        _ request: OrderRequest, account: AccountID, magnifier: Int64
    ) throws(Refusal) -> IBOrder {
        func price(_ price: Price) throws(Refusal) -> Price {
            guard magnifier != 1 else { return price }
            do throws(ArithmeticError) {
                return Price(try price.value.multiplied(by: FixedPoint(Int(magnifier)), rounding: .halfEven))
            } catch { throw Refusal(code: "ib-price", message: "\(price) cannot be told in IB's unit of it") }
        }
        let type: IBOrderType
        switch (request.type, request.timeInForce) {
        case (.market, .atOpen): type = .marketOnOpen
        case (.market, .atClose): type = .marketOnClose
        case (.limit(let limit), .atOpen): type = .limitOnOpen(try price(limit))
        case (.limit(let limit), .atClose): type = .limitOnClose(try price(limit))
        case (.stop, .atOpen), (.stop, .atClose), (.stopLimit, .atOpen), (.stopLimit, .atClose):
            throw Refusal(
                code: "ib-auction-stop", message: "a \(request.type.name) order does not take part in an auction")
        case (.market, _): type = .market
        case (.limit(let limit), _): type = .limit(try price(limit))
        case (.stop(let stop), _): type = .stop(try price(stop))
        case (.stopLimit(let stop, let limit), _): type = .stopLimit(stop: try price(stop), limit: try price(limit))
        }
        let time: IBTimeInForce =
            switch request.timeInForce {
            case .day, .atOpen, .atClose: .day
            case .goodTillCancelled: .goodTillCancelled
            case .immediateOrCancel: .immediateOrCancel
            case .fillOrKill: .fillOrKill
            }
        return IBOrder(
            side: request.side, quantity: request.quantity, type: type, timeInForce: time, account: account.text,
            reference: request.clientOrderID.text)
    }

    /// The terms of a listed order; `nil` for one of a kind that takt never sends, or whose prices are not told.
    static func type(_ terms: IBOrderTerms, magnifier: Int64) -> OrderType? {
        func price(_ quoted: Price?) -> Price? {
            guard let quoted, !quoted.isZero else { return nil }
            return quoted.told(in: magnifier)
        }
        switch terms.type {
        case "MKT", "MOC": return .market
        case "LMT", "LOC": return price(terms.limitPrice).map { .limit($0) }
        case "STP": return price(terms.auxiliaryPrice).map { .stop($0) }
        case "STP LMT":
            guard let stop = price(terms.auxiliaryPrice), let limit = price(terms.limitPrice) else { return nil }
            return .stopLimit(stop: stop, limit: limit)
        default: return nil  // words of IB's, of which there are many
        }
    }

    /// `nil` for one that takt never sends.
    static func timeInForce(_ terms: IBOrderTerms) -> TimeInForce? {
        switch (terms.type, terms.timeInForce) {
        case ("MOC", _), ("LOC", _): .atClose
        case (_, "DAY"): .day
        case (_, "GTC"): .goodTillCancelled
        case (_, "IOC"): .immediateOrCancel
        case (_, "FOK"): .fillOrKill
        case (_, "OPG"): .atOpen
        default: nil  // words of IB's
        }
    }

    /// What an order is doing. What takt does not know, and what is only on its way, counts as open.
    static func status(_ word: IBOrderStatusWord, filled: Quantity) -> BrokerOrder.Status {
        switch word {
        case .apiPending, .pendingSubmit, .preSubmitted, .submitted, .pendingCancel, .other:
            filled.isPositive ? .partiallyFilled : .working
        case .cancelled, .apiCancelled: .cancelled
        case .filled: .filled
        // Rejected, held for a locate or stopped by a precaution: it may become active again.
        case .inactive: .inactive
        }
    }
}

extension IBTerms {
    /// How an order ended that is listed among those that are done, whatever its last word was: it does not come back.
    ///
    /// - Parameter words: IB's own of how it ended, which are free text.
    static func final(
        _ word: IBOrderStatusWord, words: String, filled: Quantity, of quantity: Quantity
    ) -> BrokerOrder.Status {
        let told = words.lowercased()
        let isWhole = quantity.isPositive && filled >= quantity
        switch word {
        case .filled: return .filled
        case .cancelled, .apiCancelled, .pendingCancel, .inactive, .apiPending, .pendingSubmit, .preSubmitted,
            .submitted,
            .other:
            if isWhole || told.hasPrefix("filled") { return .filled }
            // What has executed something was no rejected one, whatever became of the rest.
            if filled.isPositive { return .cancelled }
            if told.contains("reject") { return .rejected }
            if told.contains("expire") { return .expired }
            return word == .inactive && !told.contains("cancel") ? .rejected : .cancelled
        }
    }
}

extension Price {
    /// A price that IB quotes in parts of the currency, in the currency.
    func told(in magnifier: Int64) -> Price {
        guard magnifier != 1 else { return self }
        return (try? value.divided(by: FixedPoint(Int(magnifier)), rounding: .halfEven)).map { Price($0) } ?? self
    }
}
