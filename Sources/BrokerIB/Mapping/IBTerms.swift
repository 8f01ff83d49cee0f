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
        let type = try type(request, price)
        return IBOrder(
            side: request.side, quantity: request.quantity, type: type, timeInForce: try time(request),
            account: account.text, reference: request.clientOrderID.text,
            outsideRegularHours: request.handling.outsideRegularHours,
            algorithm: try algorithm(request, for: type))
    }

    /// An entry with what protects it: all are held in the gateway until the last has come, and of the exits one that is executed
    /// makes the other smaller by as much, so that what is still held stays protected.
    static func orders(
        _ request: OrderRequest, protectedBy exits: [OrderRequest], account: AccountID, for contract: IBListedContract
    ) throws(Refusal) -> [IBOrder] {
        var orders = [try order(request, account: account, for: contract)]
        for exit in exits {
            var order = try order(exit, account: account, for: contract)
            order.oneCancelsAll = IBOneCancelsAll(group: request.clientOrderID.text, kind: .reduceWithBlock)
            orders.append(order)
        }
        for index in orders.indices.dropLast() { orders[index].transmit = false }
        return orders
    }

    private static func type(
        _ request: OrderRequest, _ price: (Price) throws(Refusal) -> Price
    ) throws(Refusal) -> IBOrderType {
        let (kind, time) = (request.type, request.timeInForce)
        if time == .atOpen || time == .atClose {
            switch (kind, time == .atOpen) {
            case (.market, true): return .marketOnOpen
            case (.market, false): return .marketOnClose
            case (.limit(let limit), true): return .limitOnOpen(try price(limit))
            case (.limit(let limit), false): return .limitOnClose(try price(limit))
            case (.stop, _), (.stopLimit, _), (.marketToLimit, _), (.conditionalLimit, _), (.bestOwnSide, _),
                (.trailingStop, _), (.trailingStopLimit, _):
                throw Refusal(
                    code: "ib-auction-type", message: "a \(kind.name) order does not take part in an auction by itself")
            }
        }
        switch kind {
        case .market: return .market
        case .limit(let limit): return .limit(try price(limit))
        case .stop(let stop): return .stop(try price(stop))
        case .stopLimit(let stop, let limit): return .stopLimit(stop: try price(stop), limit: try price(limit))
        case .marketToLimit: return .marketToLimit
        case .trailingStop(let by): return .trailing(try trail(by, price), firstStop: nil)
        case .trailingStopLimit(let by, let first, let offset):
            return .trailingLimit(try trail(by, price), firstStop: try price(first), limitOffset: try price(offset))
        case .conditionalLimit, .bestOwnSide:
            throw Refusal(code: "ib-order-type", message: "IB has no \(kind.name) orders")
        }
    }

    private static func trail(
        _ trail: Trail, _ price: (Price) throws(Refusal) -> Price
    ) throws(Refusal) -> IBTrail {
        switch trail {
        case .amount(let amount): return .amount(try price(amount))
        case .share(let share):
            do throws(ArithmeticError) {
                return .percent(try share.value.multiplied(by: FixedPoint(100), rounding: .halfEven))
            } catch { throw Refusal(code: "ib-price", message: "\(share) cannot be told in per cent") }
        }
    }

    private static func time(_ request: OrderRequest) throws(Refusal) -> IBTimeInForce {
        switch request.timeInForce {
        case .day, .atOpen, .atClose: return .day
        case .goodTillCancelled: return .goodTillCancelled
        case .immediateOrCancel: return .immediateOrCancel
        case .fillOrKill: return .fillOrKill
        case .goodTillDate:
            guard let until = request.handling.goodUntil else {
                throw Refusal(code: "ib-good-until", message: "an order good till a date names none")
            }
            return .goodTill(until)
        }
    }

    /// What IB works itself takes market orders and limits.
    private static func algorithm(
        _ request: OrderRequest, for type: IBOrderType
    ) throws(Refusal) -> IBAlgorithm? {
        guard let algorithm = request.handling.algorithm else { return nil }
        switch type {
        case .market, .limit: break
        case .stop, .stopLimit, .trailing, .trailingLimit, .marketToLimit, .marketOnOpen, .limitOnOpen, .marketOnClose,
            .limitOnClose:
            throw Refusal(
                code: "ib-algorithm", message: "\(algorithm.name) works market and limit orders, no \(type.code)")
        }
        switch algorithm {
        case .adaptive(.patient): return .adaptive(.patient)
        case .adaptive(.normal): return .adaptive(.normal)
        case .adaptive(.urgent): return .adaptive(.urgent)
        case .timeWeighted(let from, let until): return .twap(start: from, end: until, mayGoOn: false)
        case .volumeWeighted(let share, let from, let until):
            // The page "IB Algorithms" of the TWS API guide takes 1 to 50 per cent, and needs one.
            let most = share ?? Self.greatestShare
            guard most <= Self.greatestShare, most >= Self.leastShare else {
                throw Refusal(
                    code: "ib-algorithm",
                    message: "vwap takes \(leastShare) to \(greatestShare) of the volume, not \(most)")
            }
            return .vwap(maximumShare: most, start: from, end: until, mayGoOn: false)
        }
    }

    private static let leastShare = Fraction(FixedPoint(int64Units: 1_000_000))
    private static let greatestShare = Fraction(FixedPoint(int64Units: 50_000_000))

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
        case "MTL": return .marketToLimit
        case "TRAIL": return trail(terms, price).map { .trailingStop($0) }
        case "TRAIL LIMIT":
            guard let trail = trail(terms, price), let stop = price(terms.trailingStop),
                let offset = price(terms.limitOffset)
            else { return nil }
            return .trailingStopLimit(trail, firstStop: stop, limitOffset: offset)
        default: return nil  // words of IB's, of which there are many
        }
    }

    private static func trail(_ terms: IBOrderTerms, _ price: (Price?) -> Price?) -> Trail? {
        guard let percent = terms.trailingPercent, percent.isPositive else {
            return price(terms.auxiliaryPrice).map { .amount($0) }
        }
        return (try? percent.divided(by: FixedPoint(100), rounding: .halfEven)).map { .share(Fraction($0)) }
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
        case (_, "GTD"): .goodTillDate
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
