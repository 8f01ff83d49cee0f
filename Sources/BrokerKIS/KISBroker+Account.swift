public import Broker
public import Core

extension KISBroker {
    /// Shares at home and abroad. Rows of one share, held for cash and on credit, add up; the average cost is theirs,
    /// weighted.
    public func positions() async throws(BrokerError) -> Snapshot<BrokerPosition> {
        var holdings = KISListing<KISHolding>(takenAt: clock.now())
        do throws(KISError) {
            if rules.tradesKorea {
                let korean = try await DomesticBalance(account: accountNumber, environment: rules.environment).holdings(
                    pager)
                holdings.items += korean.items
                holdings.problems += korean.problems
            }
            for market in OverseasBalance.markets(rules.markets, isReal: rules.isReal) {
                let foreign = try await OverseasBalance(account: accountNumber, market: market).read(pager)
                holdings.items += foreign.items
                holdings.problems += foreign.problems
            }
        } catch { throw wrap(error) }
        return snapshot(sums(holdings))
    }

    private func sums(_ holdings: KISListing<KISHolding>) -> KISListing<BrokerPosition> {
        var listing = KISListing<BrokerPosition>(problems: holdings.problems, takenAt: holdings.takenAt)
        let bySymbol = Dictionary(grouping: holdings.items) { directory.symbol($0.ticker.market, $0.ticker.code) }
        for (symbol, rows) in bySymbol.sorted(by: { $0.key < $1.key }) {
            do {
                listing.items.append(try Self.position(symbol, rows))
            } catch { listing.problems.append("the position in \(symbol) does not add up: \(error)") }
        }
        return listing
    }

    private static func position(_ symbol: Symbol, _ rows: [KISHolding]) throws(ArithmeticError) -> BrokerPosition {
        var quantity = Quantity.zero
        var cost: FixedPoint? = .zero
        let currency = rows[0].currency
        for row in rows {
            guard row.currency == currency else { throw .currencyMismatch(currency, row.currency) }
            quantity = try quantity + row.quantity
            if let sum = cost, let average = row.averageCost {
                cost = try sum + average.value.multiplied(by: row.quantity.value, rounding: .halfEven)
            } else {
                cost = nil
            }
        }
        let average =
            rows.count == 1 ? rows[0].averageCost?.value : try cost?.divided(by: quantity.value, rounding: .halfEven)
        return BrokerPosition(
            symbol: symbol, quantity: quantity, averageCost: average.map { Price($0) }, currency: currency)
    }

    /// Cash by currency, every trade booked at once.
    ///
    /// Won: what will be there in two days, when all that was traded until now is settled. Abroad, on the real host:
    /// the deposit less what was bought and plus what was sold without being settled. The virtual host does not list
    /// that, nor any deposit by currency; what can be spent is the cash there, as long as no open order blocks a part
    /// of it. An amount that is not known is left out, and the answer is incomplete.
    public func cash() async throws(BrokerError) -> Snapshot<Money> {
        var listing = KISListing<Money>(takenAt: clock.now())
        do throws(KISError) {
            if rules.tradesKorea {
                let balance = DomesticBalance(account: accountNumber, environment: rules.environment)
                listing.items.append(Money(try await balance.cash(from: caller).cash.afterSettlement, .krw))
            }
            let currencies = Set(rules.overseasMarkets.compactMap(\.currency)).sorted()
            if !currencies.isEmpty, try await !takeMargin(currencies, &listing) {
                try await takeBuyingPower(currencies, &listing)
            }
        } catch { throw wrap(error) }
        return snapshot(listing)
    }

    /// - Returns: Whether the host has the list.
    private func takeMargin(
        _ currencies: [Currency], _ listing: inout KISListing<Money>
    ) async throws(KISError) -> Bool {
        guard let margin = try await foreignMargin(instead: "buying power") else { return false }
        listing.problems += margin.problems
        for currency in currencies {
            guard let cash = margin.cash(in: currency) else { continue }
            do throws(KISRowProblem) {
                listing.items.append(Money(try cash.booked(), currency))
            } catch { listing.problems.append("foreign-margin: \(error)") }
        }
        return true
    }

    /// The list of foreign cash; `nil` where the host does not have it or does not give it to this key.
    ///
    /// - Parameter other: What is taken in its place.
    func foreignMargin(instead other: String) async throws(KISError) -> KISListing<ForeignCash>? {
        guard rules.isReal else { return nil }
        do throws(KISError) {
            return try await ForeignMargin(account: accountNumber, clock: clock).read(from: caller)
        } catch {
            switch error {
            case .refused(let call, let code, let text), .configuration(let call, let code, let text, _):
                trouble("\(call): \(code) \(text); \(other) is taken instead")
                return nil
            case .unavailable, .notSent, .turnedAway, .outcomeUnknown, .credentialsRefused, .malformedAnswer:
                throw error
            }
        }
    }

    private func takeBuyingPower(
        _ currencies: [Currency], _ listing: inout KISListing<Money>
    ) async throws(KISError) {
        let (from, through) = Self.overseasDays(since: clock.now(), now: clock.now(), rules.overseasMarkets)
        let rows = try await overseasRows(from: from, through: through)
        let orders = OrderFolding.orders(rows.items, directory, at: clock.now())
        listing.problems += rows.problems + orders.problems
        for currency in currencies {
            // It takes a share to ask by. A currency in which none is configured is none that takt trades.
            guard let (instrument, ticker) = directory.example(of: currency, in: rules.overseasMarkets) else {
                continue
            }
            let isBlocked = orders.orders.contains { listed in
                listed.order.side == .buy && [.working, .partiallyFilled].contains(listed.order.status)
                    && listed.ticker.market.currency == currency
            }
            let price = try await OverseasPrice(market: ticker.market, code: ticker.code).read(from: caller)
            guard !isBlocked, let last = price?.last else {
                let why = isBlocked ? "open orders block a part of it" : "\(instrument.symbol), to ask by, has no price"
                listing.problems.append("inquire-psamount: how much \(currency) there is is not known: \(why)")
                continue
            }
            let buyable = try await OverseasBuyable(
                account: accountNumber, market: ticker.market, code: ticker.code, price: last
            ).read(from: caller)
            guard buyable.currency == currency, buyable.fromSales.isZero else {
                listing.problems.append("inquire-psamount: \(currency) of sales is counted apart until it is settled")
                continue
            }
            listing.items.append(Money(buyable.freeCash, currency))
        }
    }
}

extension KISListing<ForeignCash> {
    /// A currency that the account has never held is not listed; one listed with two amounts is not known.
    func cash(in currency: Currency) -> ForeignCash? {
        let rows = Set(items.filter { $0.currency == currency })
        return rows.count == 1 ? rows.first : nil
    }
}
