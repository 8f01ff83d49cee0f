public import Broker
public import Core

extension KISBroker {
    /// Korea: asked with the division that takt would send, a limit at `price` or the market; a market order counts at the
    /// day's upper limit, and for one at a limit KIS leaves out the share's margin rate. Abroad a market order goes out as
    /// a limit that lies a collar beyond the last price at most: that is what it is asked with.
    public func buyingPower(for instrument: Instrument, at price: Price?) async throws(BrokerError) -> BuyingPower? {
        guard let ticker = shares(instrument) else { return nil }
        do throws(KISError) {
            let known =
                try await ticker.market == .krx
                ? koreanBuyingPower(ticker, at: price) : foreignBuyingPower(instrument, ticker, at: price)
            guard var power = known else { return nil }
            await takeSellable(of: ticker, into: &power)
            return power
        } catch { throw wrap(error) }
    }

    private func koreanBuyingPower(_ ticker: KISTicker, at price: Price?) async throws(KISError) -> BuyingPower? {
        let source = DomesticBuyable(
            account: accountNumber, code: ticker.code, division: price == nil ? .market : .limit, price: price)
        guard let amount = try await source.read(from: caller) else { return nil }
        return BuyingPower(
            currency: .krw, cash: amount.cash, amount: amount.amount, buyable: amount.quantity, price: amount.price,
            readAt: amount.readAt)
    }

    private func foreignBuyingPower(
        _ instrument: Instrument, _ ticker: KISTicker, at price: Price?
    ) async throws(KISError) -> BuyingPower? {
        guard let limit = try await limit(price, instrument, ticker) else { return nil }
        let source = OverseasBuyable(
            account: accountNumber, market: ticker.market, code: ticker.code, price: limit)
        let amount: OverseasBuyable.Amount
        do throws(KISError) {
            amount = try await source.read(from: caller)
        } catch {
            // KIS has no code of its own for a symbol that it does not know; its price has a sign for it.
            guard case .refused = error,
                try await OverseasPrice(market: ticker.market, code: ticker.code).read(from: caller) == nil
            else { throw error }
            return nil
        }
        var power = BuyingPower(
            currency: amount.currency, cash: amount.freeCash, amount: amount.amount, buyable: amount.quantity,
            price: limit, readAt: amount.readAt)
        power.buyableWithExchange = amount.quantityWithExchange
        if amount.fromSales.isPositive {
            power.notes.append("\(amount.fromSales) \(amount.currency) of sales that are not settled are counted apart")
        }
        return power
    }

    /// `nil` for a symbol that KIS does not know.
    private func limit(
        _ price: Price?, _ instrument: Instrument, _ ticker: KISTicker
    ) async throws(KISError) -> Price? {
        if let price { return price }
        guard let last = try await OverseasPrice(market: ticker.market, code: ticker.code).read(from: caller)?.last
        else {
            return nil
        }
        let ticks = instrument.ticks.rule(on: ticker.market.zone.date(clock.now()))
        return (try? MarketableLimit(.buy, best: nil, last: last, collar: rules.collar, ticks: ticks))?.price ?? last
    }

    // MARK: Sellable

    /// The real host is asked for the Korean share itself; else, and where it has no answer, the list of holdings tells.
    /// Without either it is not known, and what can be bought still is.
    private func takeSellable(of ticker: KISTicker, into power: inout BuyingPower) async {
        do throws(KISError) {
            if ticker.market == .krx, rules.isReal {
                do throws(KISError) {
                    power.sellable = try await DomesticSellable(account: accountNumber, code: ticker.code).read(
                        from: caller)
                    return
                } catch {
                    // Also what it says of a share that is not held.
                    guard case .refused = error else { throw error }
                }
            }
            let holdings = try await holdings(at: ticker.market)
            let sum = Self.sellable(ticker, holdings.items)
            if let sum, holdings.isComplete {
                power.sellable = sum
            } else {
                power.notes.append(
                    "what can be sold is not known: \(holdings.problems.first ?? "the holdings do not add up")")
            }
        } catch { power.notes.append("what can be sold is not known: \(KISFailure(error))") }
    }

    private func holdings(at market: KISMarket) async throws(KISError) -> KISListing<KISHolding> {
        guard let asked = OverseasBalance.markets([market], isReal: rules.isReal).first else {
            return try await DomesticBalance(account: accountNumber, environment: rules.environment).holdings(pager)
        }
        return try await OverseasBalance(account: accountNumber, market: asked).read(pager)
    }

    /// Over all rows of a share: it may be held for cash and on credit. A US share may be listed under another exchange of
    /// the country.
    private static func sellable(_ ticker: KISTicker, _ holdings: [KISHolding]) -> Quantity? {
        var sum = Quantity.zero
        for row in holdings
        where row.ticker.code == ticker.code && row.ticker.market.nation == ticker.market.nation {
            guard let next = try? sum + row.sellable else { return nil }
            sum = next
        }
        return sum
    }
}
