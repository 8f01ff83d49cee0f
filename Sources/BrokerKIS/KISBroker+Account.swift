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
    /// the deposit less what was bought and plus what was sold without being settled. On the virtual host, deposits as
    /// far as it gives them; unless it says that nothing is unsettled, that is no booked cash, and the answer is
    /// incomplete.
    public func cash() async throws(BrokerError) -> Snapshot<Money> {
        var listing = KISListing<Money>(takenAt: clock.now())
        do throws(KISError) {
            if rules.tradesKorea {
                let balance = DomesticBalance(account: accountNumber, environment: rules.environment)
                listing.items.append(Money(try await balance.cash(from: caller).cash.afterSettlement, .krw))
            }
            let currencies = Set(rules.overseasMarkets.compactMap(\.currency)).sorted()
            if !currencies.isEmpty {
                if rules.isReal {
                    try await takeMargin(currencies, &listing)
                } else {
                    try await takeDeposits(currencies, &listing)
                }
            }
        } catch { throw wrap(error) }
        return snapshot(listing)
    }

    private func takeMargin(_ currencies: [Currency], _ listing: inout KISListing<Money>) async throws(KISError) {
        let margin = try await ForeignMargin(account: accountNumber, clock: clock).read(from: caller)
        listing.problems += margin.problems
        for currency in currencies {
            // A currency that the account has never held is not listed.
            guard let cash = margin.items.first(where: { $0.currency == currency }) else { continue }
            do throws(KISRowProblem) {
                listing.items.append(Money(try cash.booked(), currency))
            } catch { listing.problems.append("foreign-margin: \(error)") }
        }
    }

    private func takeDeposits(_ currencies: [Currency], _ listing: inout KISListing<Money>) async throws(KISError) {
        let deposits = try await PresentBalance(account: accountNumber, clock: clock).deposits(from: caller)
        if deposits.hasUnsettled != false {
            listing.problems.append(
                "inquire-present-balance: trades abroad may wait for settlement, by currency it does not say")
        }
        for currency in currencies {
            if let amount = deposits.byCurrency[currency] {
                listing.items.append(Money(amount, currency))
            } else {
                listing.problems.append(
                    "inquire-present-balance: no \(currency); the virtual host gives sums in won only")
            }
        }
    }
}
